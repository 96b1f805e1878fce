//! A client that sends what it is told to, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// So that a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The end of the `type` of a problem.
    pub(crate) fn reason(&self) -> Option<String> {
        let problem: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        problem["type"].as_str()?.strip_prefix("urn:doorward:refusal:").map(str::to_owned)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What bytes go over.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// An open connection.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(Self::socket(address))
    }

    /// The socket of a client.
    pub(crate) fn socket(address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A client over a connection that stands.
    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), read: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // The other end may have refused already, and read no further.
        let _ = self.stream.write_all(bytes);
    }

    /// The next answer; nothing where the connection ends.
    pub(crate) fn answer(&mut self, is_head: bool) -> Option<Answer> {
        let end = loop {
            match self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.fill()?,
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer { status, head, body: Vec::new() };
        if is_head || matches!(status, 100..=199 | 204 | 304) {
            return Some(answer);
        }
        match (
            answer.field("content-length").and_then(|length| length.parse::<usize>().ok()),
            answer.field("transfer-encoding"),
        ) {
            (Some(length), _) => {
                while self.read.len() < length {
                    self.fill()?;
                }
                answer.body = self.read.drain(..length).collect();
            }
            (None, Some(_)) => answer.body = self.chunks()?,
            (None, None) => {
                while self.fill().is_some() {}
                answer.body = std::mem::take(&mut self.read);
            }
        }
        Some(answer)
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let end = loop {
                match self.read.windows(2).position(|window| window == b"\r\n") {
                    Some(at) => break at,
                    None => self.fill()?,
                }
            };
            let line: Vec<u8> = self.read.drain(..end + 2).collect();
            let size = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
            while self.read.len() < size + 2 {
                self.fill()?;
            }
            all.extend(self.read.drain(..size));
            self.read.drain(..2);
            if size == 0 {
                return Some(all);
            }
        }
    }

    /// Bytes of what is no longer HTTP.
    pub(crate) fn raw(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count && self.fill().is_some() {}
        self.read.drain(..count.min(self.read.len())).collect()
    }

    /// Whether the other end has closed.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.read.is_empty() && self.fill().is_none()
    }

    fn fill(&mut self) -> Option<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                Some(())
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                panic!("no answer within {PATIENCE:?}")
            }
            Err(_) => None,
        }
    }
}

/// One request on a connection of its own, and its answer.
pub(crate) fn ask(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut client = Client::connect(address);
    client.send(bytes);
    client.answer(bytes.starts_with(b"HEAD "))
}

/// A request without a body, with these fields.
pub(crate) fn get(address: SocketAddr, path: &str, fields: &str) -> Answer {
    ask(address, format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes()).unwrap()
}
