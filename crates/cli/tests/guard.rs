//! `doorward guard` as a process: what it refuses to start with, what it says, how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

const KEY: &str = "a key of thirty-two bytes or more, made for tests";
const POLICY: &str = "version = 1\n[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"GUARD_KEY\" }\n\
    [routes.\"GET /health\"]\naccess = \"public\"\n[routes.\"GET /me\"]\nallow = [{ identity = \"users\" }]\n";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(["--color", "never", "guard"]).args(arguments).stdin(Stdio::null()).env_remove("GUARD_KEY");
    command
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    assert_eq!((status.code(), stdout.len()), (Some(2), 0));
    String::from_utf8(stderr).unwrap()
}

#[test]
fn what_cannot_be_run_is_refused_with_every_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let upstream = ["--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0"];
    let with = |more: &[&str]| refused(&[&upstream, more].concat());
    assert_eq!(
        with(&["--mode", "enforce"]),
        "error: there is no policy to enforce\n\
         hint: `--policy FILE` names one, `--code PATH` derives one from the code of the application\n"
    );
    assert!(refused(&[]).contains("which application is behind the gateway is not said"));
    assert!(refused(&["--upstream", "localhost"]).contains("it does not begin with `http://`"));
    let ca = "[upstream.a]\nservers = [\"https://localhost\"]\ntls = { ca = \"nowhere.pem\" }";
    let untrusted = file("untrusted.toml", &POLICY.replacen("[identity", &format!("{ca}\n[identity"), 1));
    let told = refused(&["--mode", "report", "--policy", &untrusted]);
    assert!(told.contains("TLS to the application: `nowhere.pem`: No such file"), "{told}");
    let good = file("good.toml", POLICY);
    assert!(
        with(&["--policy", &good])
            .contains("`identity.users`: the key cannot be read: the variable `GUARD_KEY` is not set")
    );
    let wrong =
        file("wrong.toml", &POLICY.replace("public", "everybody").replace("HS256", "HS257").replace("keys", "key"));
    let told = with(&["--policy", &wrong]);
    assert!(told.contains("3 mistakes") || told.contains("4 mistakes"), "{told}");
    let more = file(
        "more.toml",
        &POLICY.replace("access = \"public\"", "access = \"public\"\nrequest = { unknown_fields = \"refuse\" }"),
    );
    let told = with(&["--policy", &more]);
    assert!(
        told.contains("`routes.\"GET /health\".request` is not enforced by this build") && told.contains("GUARD_KEY"),
        "{told}"
    );
}

/// An application that answers everything.
#[cfg(unix)]
fn application() -> String {
    let application = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = application.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in application.incoming().flatten() {
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while matches!(stream.read(&mut buffer), Ok(1..)) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                }
            });
        }
    });
    format!("http://{address}")
}

/// A gateway as a process of its own.
#[cfg(unix)]
struct Running {
    process: std::process::Child,
    said: BufReader<std::process::ChildStderr>,
    listening: String,
    first: String,
}

#[cfg(unix)]
impl Running {
    fn start(arguments: &[&str]) -> Self {
        let (guard, notes) = Self::after_notes(arguments);
        assert_eq!(notes, "");
        guard
    }

    /// The same where it says more before it serves: that, too.
    fn after_notes(arguments: &[&str]) -> (Self, String) {
        let mut command = command(&[&["--listen", "127.0.0.1:0"], arguments].concat());
        let spawned = command.env("GUARD_KEY", KEY).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = spawned.unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        let mut guard = Self { process, said, listening: String::new(), first: String::new() };
        let all = guard.says("guarding on ");
        let (notes, first) = all.split_at(all.find("guarding on ").unwrap());
        let listening = first.split("://").nth(1).and_then(|rest| rest.split(',').next());
        (guard.listening, guard.first) = (listening.unwrap().to_owned(), first.to_owned());
        (guard, notes.to_owned())
    }

    /// Reads what it says up to a line with this text.
    fn says(&mut self, text: &str) -> String {
        let mut all = String::new();
        while !all.contains(text) {
            assert_ne!(self.said.read_line(&mut all).unwrap(), 0, "no {text:?} in {all}");
        }
        all
    }

    fn status(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.listening).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.split(' ').nth(1).unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").arg(name).arg(self.process.id().to_string()).status().unwrap().success());
    }

    /// Ends it; what it said, and its records.
    fn stop(mut self) -> (String, String) {
        self.signal("-TERM");
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        let output = self.process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        (rest, String::from_utf8(output.stdout).unwrap())
    }
}

#[test]
#[cfg(unix)]
fn it_guards_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let guard = Running::start(&["--upstream", &application(), "--policy", policy.to_str().unwrap()]);
    assert!(guard.first.contains("2 routes, mode `enforce`"), "{}", guard.first);
    let statuses = ["/health", "/me", "/other"].map(|path| guard.status(path));
    assert_eq!(statuses, ["200", "401", "404"]);
    let (rest, records) = guard.stop();
    assert!(rest.ends_with("3 requests; refused: 1 by `endpoint`, 1 by `jwt`\n"), "{rest}");
    assert_eq!(records.lines().filter(|line| line.contains("\"record\":\"audit\"")).count(), 3, "{records}");
}

#[test]
#[cfg(unix)]
fn a_changed_policy_is_loaded_and_a_wrong_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let mut guard = Running::start(&["--upstream", &application(), "--policy", policy.to_str().unwrap()]);
    assert_eq!(guard.status("/other"), "404");
    // As editors do it: another file takes its name.
    let next = folder.path().join("next");
    fs::write(&next, format!("{POLICY}[routes.\"GET /other\"]\naccess = \"public\"\n")).unwrap();
    fs::rename(&next, &policy).unwrap();
    let told = guard.says("GET /other");
    assert!(told.contains("loaded revision ") && told.contains("opens GET /other: everybody is admitted"), "{told}");
    assert_eq!(guard.status("/other"), "200");
    fs::write(&policy, "version = 2\n").unwrap();
    let told = guard.says("stays in force");
    assert!(told.contains("version `2` is not known to this build"), "{told}");
    assert_eq!(guard.status("/other"), "200");
    let (_, records) = guard.stop();
    let reloads: Vec<&str> = records.lines().filter(|line| line.contains("\"record\":\"reload\"")).collect();
    assert_eq!(reloads.len(), 2, "{records}");
    assert!(reloads[1].contains("is not known to this build"), "{}", reloads[1]);
}

#[test]
#[cfg(unix)]
fn changes_are_told_up_to_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let mut guard = Running::start(&["--upstream", &application(), "--policy", policy.to_str().unwrap()]);
    let mut told = |count: usize| {
        let routes = (0..count).map(|index| format!("[routes.\"GET /r{index}\"]\naccess = \"public\"\n"));
        fs::write(&policy, format!("{POLICY}{}", routes.collect::<String>())).unwrap();
        guard.says("loaded revision")
    };
    assert!(told(20).contains(": 20 changes"));
    let behind = told(0);
    assert!(!behind.contains(" more:") && behind.matches("opens GET /r").count() == 20, "{behind}");
    assert!(told(21).contains(": 21 changes"));
    let behind = told(0);
    assert!(behind.contains("and 1 more:") && behind.matches("opens GET /r").count() == 20, "{behind}");
    guard.stop();
}

#[test]
#[cfg(unix)]
fn a_signal_loads_keys_and_code_again() {
    let folder = tempfile::tempdir().unwrap();
    let code = |routes: &str| {
        let text = format!("from fastapi import FastAPI\napp = FastAPI()\n{routes}");
        fs::write(folder.path().join("main.py"), text).unwrap();
    };
    code("@app.get('/a')\ndef a():\n    return 1\n");
    let (mut guard, _) =
        Running::after_notes(&["--upstream", &application(), "--code", folder.path().to_str().unwrap()]);
    assert_eq!((guard.status("/a").as_str(), guard.status("/b").as_str()), ("200", "404"));
    code("@app.get('/b')\ndef b():\n    return 1\n");
    let told = guard.says("closes GET /a");
    assert!(told.contains("opens GET /b: everybody is admitted"), "{told}");
    assert_eq!((guard.status("/a").as_str(), guard.status("/b").as_str()), ("404", "200"));
    guard.signal("-HUP");
    guard.says("nobody gains or loses anything");
    guard.stop();
}

#[test]
#[cfg(unix)]
fn tls_is_spoken_with_a_certificate_that_is_made_up_for_this_machine_alone() {
    let (guard, notes) = Running::after_notes(&["--upstream", &application(), "--tls", "self-signed"]);
    assert!(guard.first.starts_with("guarding on https://127.0.0.1:"), "{}", guard.first);
    let file = notes.split("curl --cacert ").nth(1).and_then(|rest| rest.split(',').next()).expect(&notes);
    assert!(fs::read_to_string(file).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(guard.status("/"), "400", "without TLS");
    fs::remove_file(file).unwrap();
    guard.stop();
    let refused = |more: &[&str]| refused(&[&["--upstream", "http://127.0.0.1:1"], more].concat());
    let told = refused(&["--listen", "0.0.0.0:0", "--tls", "self-signed"]);
    assert!(told.contains("`--tls self-signed` on 0.0.0.0:0, which others can reach"), "{told}");
    assert!(refused(&["--tls", "api.pem"]).contains("expected two files"));
    assert!(refused(&["--tls", "none.pem,none.key"]).contains("`none.pem` cannot be read"));
}

#[test]
#[cfg(unix)]
fn what_is_not_protected_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, format!("{POLICY}[identity.hook]\nkind = \"application\"\nheader = \"X-Signature\"\n")).unwrap();
    let upstream = application();
    let said = |arguments: &[&str]| {
        let guard = Running::start(&[&["--upstream", &upstream], arguments].concat());
        let (rest, _) = guard.stop();
        let lines = rest.lines().filter_map(|line| line.strip_prefix("not protected: ").map(str::to_owned));
        (rest.lines().next().unwrap_or_default().to_owned(), lines.collect::<Vec<_>>())
    };
    let policy = policy.to_str().unwrap();
    let (first, open) = said(&["--policy", policy]);
    let counts = "1 admit everybody, 1 the identified, 0 nobody; anything else is refused";
    assert!(first.starts_with("revision ") && first.ends_with(counts), "{first}");
    assert_eq!(open, ["against forged credentials of `hook`: the application verifies them"]);
    let (first, open) = said(&["--policy", policy, "--mode", "report"]);
    assert!(first.ends_with("anything else is reported"), "{first}");
    assert_eq!(open[0], "anything: mode `report` refuses nobody, it says whom it would");
    let (_, open) = said(&[]);
    assert_eq!(open, ["every endpoint: only what can be read in two ways is refused"]);
}

#[test]
#[cfg(unix)]
fn layers_and_routes_that_only_report_and_old_keys_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = file("key", KEY);
    let keys = format!("keys = {{ file = \"{key}\" }}\nkeys_since = 2001-01-01");
    let text =
        POLICY.replace("keys = { env = \"GUARD_KEY\" }", &keys).replace("access = \"public\"", "mode = \"report\"");
    let policy = file("policy.toml", &format!("{text}[layers.roles]\nmode = \"report\"\n"));
    let said = |more: &[&str]| {
        let (guard, notes) =
            Running::after_notes(&[&["--upstream", &application(), "--policy", &policy], more].concat());
        let (rest, _) = guard.stop();
        (notes, rest)
    };
    let (notes, rest) = said(&[]);
    assert!(notes.contains("note: `identity.users.keys`: the key is ") && notes.contains(" days old"), "{notes}");
    assert!(rest.contains("`identity.users.keys` is in use for "), "{rest}");
    let open = "not protected: what is refused by `roles`, `GET /health`: there it is only reported";
    assert!(rest.contains(open), "{rest}");
    // A flag that asks for a report counts for everything.
    let (_, rest) = said(&["--mode", "report"]);
    assert!(rest.contains("not protected: anything: mode `report` refuses nobody"), "{rest}");
}

#[test]
#[cfg(target_os = "linux")]
fn an_opened_socket_is_taken_over_and_readiness_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let notify = folder.path().join("notify");
    let told = std::os::unix::net::UnixDatagram::bind(&notify).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // As systemd does it: the socket is number 3, and the variables name the process that it is for.
    let mut shell = Command::new("sh");
    shell.args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" --color never guard --upstream \"$1\" 3<&0 0</dev/null"]);
    shell.arg(env!("CARGO_BIN_EXE_doorward")).arg(application()).env("NOTIFY_SOCKET", &notify);
    shell.stdin(Stdio::from(std::os::fd::OwnedFd::from(listener))).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = shell.spawn().unwrap();
    let said = BufReader::new(process.stderr.take().unwrap());
    let mut guard = Running { process, said, listening: address.clone(), first: String::new() };
    let first = guard.says("guarding on ");
    assert!(first.starts_with(&format!("guarding on http://{address}, ")), "{first}");
    let state = || {
        let mut buffer = [0; 64];
        let count = told.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    };
    assert_eq!((state().as_str(), guard.status("/").as_str()), ("READY=1", "200"));
    guard.stop();
    assert_eq!(state(), "STOPPING=1");
}

#[test]
fn refusals_are_explained() {
    for name in ["two-hosts", "urn:doorward:refusal:two-hosts"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_doorward")).args(["--color", "never", "explain", name]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("two-hosts\nThe request names two hosts: `doorward guard` answers 400\n"), "{text}");
    }
}

/// Asks again and again on one connection, and on a new one where an answer says that it ends; says how often.
#[cfg(unix)]
fn keeps_asking(address: &str, is_over: &std::sync::atomic::AtomicBool) -> usize {
    let (mut asked, mut connected) = (0, None);
    while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
        let mut stream = connected.take().unwrap_or_else(|| BufReader::new(TcpStream::connect(address).unwrap()));
        stream.get_mut().write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "request {asked} failed: {head:?}");
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        stream.read_exact(&mut [0; 5]).unwrap();
        asked += 1;
        connected = Some(stream).filter(|_| !head.contains("connection: close"));
    }
    asked
}

#[test]
#[cfg(unix)]
fn an_upgrade_takes_the_sockets_over_and_no_request_fails() {
    const UPGRADES: usize = 5;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (upstream, path, log, policy) = (application(), file("handover"), file("log"), file("policy.toml"));
    fs::write(&policy, POLICY).unwrap();
    let arguments =
        ["--upstream", &upstream, "--policy", &policy, "--handover", &path, "--log", &log, "--admin", "127.0.0.1:0"];
    let mut guard = Running::start(&arguments);
    let address = guard.listening.clone();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let asked: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(|| keeps_asking(&address, &is_over))).collect();
        for _ in 0..UPGRADES {
            let next = Running::start(&arguments);
            assert_eq!(next.listening, address, "the same socket, whatever `--listen` says");
            guard.says("another gateway serves the sockets from now on");
            let ended = guard.process.wait().unwrap();
            assert_eq!(ended.code(), Some(0));
            guard = next;
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    assert!(asked > UPGRADES, "{asked} requests");
    println!("{asked} requests beside {UPGRADES} upgrades, none failed");
    guard.stop();
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
#[cfg(unix)]
fn a_gateway_that_cannot_take_over_leaves_the_one_before_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (upstream, path, log) = (application(), file("handover"), file("log"));
    let mut guard = Running::start(&["--upstream", &upstream, "--handover", &path, "--log", &log]);
    let policy = file("wrong.toml");
    fs::write(&policy, "version = 2\n").unwrap();
    refused(&["--upstream", &upstream, "--policy", &policy, "--handover", &path]);
    assert!(guard.says("this one goes on").contains("it ended before it served"));
    assert_eq!(guard.status("/health"), "200");
    let nothing = file("no-socket");
    fs::write(&nothing, "").unwrap();
    assert!(refused(&["--upstream", &upstream, "--handover", &nothing]).contains("something else than a socket"));
    guard.stop();
}
