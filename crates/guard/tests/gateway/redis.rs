//! A real Redis on a free port, which a test stops, hangs and starts again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use crate::running::until;

/// A running server, ended when it is dropped.
pub(crate) struct Redis {
    pub(crate) port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
    /// Of its own: what another one has left in a file would be read at the start.
    folder: tempfile::TempDir,
}

/// A port that nobody listens on: below those that systems give to clients, and others in each process.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 997).unwrap() * 16;
    let next = || 15_000 + (own + NEXT.fetch_add(1, Ordering::Relaxed)) % 16_000;
    let mut ports = std::iter::repeat_with(next).take(1000);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}

impl Redis {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        // Between looking for a port and listening somebody else may take it.
        let mut started = (0..10).map(|_| Self::of(free_port(), arguments));
        started.find_map(|mut redis| redis.starts().then_some(redis)).expect("a port is free")
    }

    pub(crate) fn start_on(port: u16, arguments: &[&str]) -> Self {
        let mut redis = Self::of(port, arguments);
        redis.start_again();
        redis
    }

    fn of(port: u16, arguments: &[&str]) -> Self {
        Self {
            port,
            arguments: arguments.iter().map(|one| (*one).to_owned()).collect(),
            child: None,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts it on the port that it had, with nothing of what it knew.
    pub(crate) fn start_again(&mut self) {
        assert!(self.starts(), "the port {} was taken", self.port);
    }

    /// Whether it starts: the one that answers must be this one.
    fn starts(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", "", "--appendonly", "no"]);
        command.args(&self.arguments).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(self.folder.path());
        let told = "`redis-server` is needed: `apt-get install redis-server`, `brew install redis`; `cargo xtask test` says so, too";
        let child = self.child.insert(command.spawn().expect(told));
        let (address, mut has_ended) = (SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), false);
        until("the server answers", || {
            has_ended = child.try_wait().unwrap().is_some();
            // One that asks for a password says so.
            let answered = TcpStream::connect(address).ok().and_then(|stream| said(stream, "PING"));
            has_ended || answered.is_some_and(|line| line.starts_with("+PONG") || line.starts_with("-NOAUTH"))
        });
        // One that could not listen ends at once, while somebody else answers.
        std::thread::sleep(Duration::from_millis(20));
        !has_ended && child.try_wait().unwrap().is_none()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Sends a command, and gives the first line of the answer.
    pub(crate) fn command(&self, command: &str) -> String {
        said(TcpStream::connect(self.address()).unwrap(), command).unwrap()
    }

    /// The line of an answer that holds a word; nothing where none does.
    pub(crate) fn line_with(&self, command: &str, word: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let mut bytes = [0; 16 * 1024];
        let count = stream.read(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        text.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned()
    }

    /// Runs a script over a connection, and gives the numbers that it answers.
    pub(crate) fn run(stream: &mut BufReader<TcpStream>, script: &str, key: &str, arguments: &[String]) -> Vec<i64> {
        let head = ["EVAL", script, "1", key].map(str::to_owned);
        let all: Vec<&String> = head.iter().chain(arguments).collect();
        let begin = format!("*{}\r\n", all.len());
        let bytes = all.iter().fold(begin, |bytes, one| bytes + &format!("${}\r\n{one}\r\n", one.len()));
        stream.get_mut().write_all(bytes.as_bytes()).unwrap();
        let mut line = || {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let head = line();
        let count: usize = head.strip_prefix('*').unwrap_or_else(|| panic!("{head}")).parse().unwrap();
        (0..count).map(|_| line().strip_prefix(':').unwrap().parse().unwrap()).collect()
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// It takes connections, and answers nothing.
    pub(crate) fn hang(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
    }
}

/// Sentinels that look after a server, and name it `main`.
pub(crate) struct Sentinel {
    pub(crate) port: u16,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    pub(crate) fn start(of: &Redis) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let settings = folder.path().join("sentinel.conf");
        let lines = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {} 1\nsentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 2000\n",
            of.port
        );
        std::fs::write(&settings, lines).unwrap();
        let mut command = Command::new("redis-server");
        command.arg(&settings).arg("--sentinel").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        until("the sentinel answers", || TcpStream::connect(address).ok().and_then(|one| said(one, "PING")).is_some());
        Self { port, child, _folder: folder }
    }

    /// All of what it says to a question.
    pub(crate) fn asked(&self, command: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let mut bytes = [0; 16 * 1024];
        let count = stream.read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn said(mut stream: TcpStream, command: &str) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes).ok()?;
    String::from_utf8_lossy(&bytes[..count]).lines().next().map(str::to_owned)
}
