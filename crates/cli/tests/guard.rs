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
    assert!(refused(&["--upstream", "https://localhost"]).contains("without TLS alone"));
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
        &POLICY
            .replace("access = \"public\"", "access = \"public\"\nlimits = [\"all\"]")
            .replace("[identity", "[limits.all]\nquota = 1\nwindow_s = 1\nby = [\"address\"]\n[identity"),
    );
    let told = with(&["--policy", &more]);
    assert!(
        told.contains("`routes.\"GET /health\".limits` is not enforced by this build") && told.contains("GUARD_KEY"),
        "{told}"
    );
}

#[test]
#[cfg(unix)]
fn it_guards_until_it_is_told_to_stop() {
    let application = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = application.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in application.incoming().flatten() {
            let mut buffer = [0; 4096];
            while matches!(stream.read(&mut buffer), Ok(1..)) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let upstream = format!("http://{address}");
    let mut command =
        command(&["--upstream", &upstream, "--listen", "127.0.0.1:0", "--policy", policy.to_str().unwrap()]);
    let mut guard = command.env("GUARD_KEY", KEY).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(guard.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let listening =
        line.strip_prefix("guarding on http://").and_then(|rest| rest.split(',').next()).unwrap().to_owned();
    assert!(line.contains("2 routes, mode `enforce`"), "{line}");
    let status = |path: &str| {
        let mut stream = TcpStream::connect(&listening).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!((status("/health").as_str(), status("/me").as_str(), status("/other").as_str()), ("200", "401", "404"));
    assert!(Command::new("kill").arg("-TERM").arg(guard.id().to_string()).status().unwrap().success());
    let output = guard.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("3 requests; refused: 1 by `endpoint`, 1 by `jwt`\n"), "{rest}");
    let records = String::from_utf8(output.stdout).unwrap();
    assert_eq!(records.lines().filter(|line| line.contains("\"record\":\"audit\"")).count(), 3, "{records}");
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
