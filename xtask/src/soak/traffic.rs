//! What clients do to the gateway: ask rightly, ask wrongly, and go away in every state.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// So that a client that waits for ever is a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pauses in milliseconds around the time after which servers end idle connections: gunicorn after two seconds, uvicorn after five.
const PAUSES_MS: &[u64] =
    &[3, 1900, 1990, 2000, 2010, 2100, 3900, 3990, 4000, 4010, 4100, 4500, 4900, 4990, 5000, 5010, 5100, 5500, 6000];

/// What one client does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asks on one connection.
    Kept,
    /// Asks on a new connection each time.
    New,
    /// Sends and gets large bodies.
    Large,
    /// Asks with pauses.
    Paused,
    /// Asks what the application does not answer rightly.
    Broken,
    /// Asks what is refused.
    Dirty,
    /// Goes away before anything is said.
    LeavesAtOnce,
    /// Goes away within a head.
    LeavesInHead,
    /// Goes away within a body.
    LeavesInBody,
    /// Goes away before the answer.
    LeavesBeforeAnswer,
    /// Goes away within an answer.
    LeavesInAnswer,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: &'static [Self] = &[
        Self::Kept,
        Self::Kept,
        Self::New,
        Self::Large,
        Self::Paused,
        Self::Paused,
        Self::Broken,
        Self::Dirty,
        Self::LeavesAtOnce,
        Self::LeavesInHead,
        Self::LeavesInBody,
        Self::LeavesBeforeAnswer,
        Self::LeavesInAnswer,
    ];
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Counts {
    right: AtomicU64,
    failed: AtomicU64,
    left: AtomicU64,
}

impl Counts {
    #[cfg(test)]
    pub(super) fn of(right: u64, failed: u64) -> Self {
        Self { right: right.into(), failed: failed.into(), left: 0.into() }
    }

    /// Requests that were answered as they must be.
    pub(super) fn right(&self) -> u64 {
        self.right.load(Ordering::Relaxed)
    }

    /// Requests that were not.
    pub(super) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let left = self.left.load(Ordering::Relaxed);
        write!(
            f,
            "{} answered as they must be, {} failed, {left} connections left in some state",
            self.right(),
            self.failed()
        )
    }
}

/// Lets a client of each kind go on for so long, or until it is over.
pub(super) fn run(gateway: SocketAddr, kinds: &[Kind], time: Duration, is_over: &AtomicBool) -> Counts {
    let counts = Counts::default();
    let end = Instant::now() + time;
    thread::scope(|scope| {
        for (index, kind) in kinds.iter().enumerate() {
            let counts = &counts;
            scope.spawn(move || {
                let mut client = Client { gateway, kept: None, turn: index };
                while Instant::now() < end && !is_over.load(Ordering::Relaxed) {
                    client.go(*kind, counts);
                }
            });
        }
    });
    counts
}

/// A client.
struct Client {
    gateway: SocketAddr,
    kept: Option<BufReader<TcpStream>>,
    turn: usize,
}

impl Client {
    /// One turn.
    fn go(&mut self, kind: Kind, counts: &Counts) {
        self.turn += 1;
        let done = match kind {
            Kind::Kept => self.asks("GET", "/", b"", &[200]),
            Kind::New => {
                self.kept = None;
                self.asks("GET", "/chunks", b"", &[200])
            }
            Kind::Large => match self.turn % 2 {
                0 => self.asks("GET", "/large", b"", &[200]),
                _ => self.asks("POST", "/", &vec![b'a'; 300_000], &[200]),
            },
            Kind::Paused => {
                thread::sleep(Duration::from_millis(PAUSES_MS[self.turn % PAUSES_MS.len()]));
                self.asks("GET", "/", b"", &[200])
            }
            Kind::Broken => {
                let paths = ["/half-a-head", "/nothing", "/nonsense"];
                self.asks("POST", paths[self.turn % paths.len()], b"abc", &[502])
            }
            Kind::Dirty => self.is_refused(),
            _ => {
                self.leaves(kind);
                counts.left.fetch_add(1, Ordering::Relaxed);
                return;
            }
        };
        match done {
            Ok(()) => _ = counts.right.fetch_add(1, Ordering::Relaxed),
            Err(error) => {
                self.kept = None;
                counts.failed.fetch_add(1, Ordering::Relaxed);
                eprintln!("{kind:?}: {error:#}");
            }
        }
    }

    fn connected(&self) -> Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.gateway).context("connecting")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }

    /// Asks, and must get one of these statuses and a whole answer.
    fn asks(&mut self, method: &str, path: &str, body: &[u8], statuses: &[u16]) -> Result<()> {
        let mut stream = match self.kept.take() {
            Some(kept) => kept,
            None => self.connected()?,
        };
        let head = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
        stream
            .get_mut()
            .write_all(&[head.as_bytes(), body].concat())
            .with_context(|| format!("sending {method} {path}"))?;
        let (status, closes) = answer(&mut stream).with_context(|| format!("the answer to {method} {path}"))?;
        ensure!(statuses.contains(&status), "{method} {path} was answered {status}");
        self.kept = Some(stream).filter(|_| !closes);
        Ok(())
    }

    fn is_refused(&mut self) -> Result<()> {
        let dirty: [&[u8]; 4] = [
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        ];
        let mut stream = self.connected()?;
        // It may be refused before all of it was sent.
        let _ = stream.get_mut().write_all(dirty[self.turn % dirty.len()]);
        let (status, _) = answer(&mut stream)?;
        ensure!(status == 400, "a dirty request was answered {status}");
        Ok(())
    }

    /// Goes away in a state, with a reset where bytes were not read.
    fn leaves(&mut self, kind: Kind) {
        let Ok(mut stream) = self.connected() else { return };
        let sent: &[u8] = match kind {
            Kind::LeavesInHead => b"GET / HTTP/1.1\r\nHost: a\r\nX-",
            Kind::LeavesInBody => b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
            Kind::LeavesBeforeAnswer => b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n",
            Kind::LeavesInAnswer => b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
            _ => b"",
        };
        let _ = stream.get_mut().write_all(sent);
        if kind == Kind::LeavesInAnswer {
            let _ = stream.get_mut().read(&mut [0; 100]);
        } else if self.turn.is_multiple_of(3) {
            thread::sleep(Duration::from_millis(5));
        }
        // Dropped with bytes unread, a socket is reset; else it ends.
        drop(stream);
        thread::sleep(Duration::from_millis(2));
    }
}

/// Reads one answer whole: its status, and whether the connection ends with it.
fn answer(stream: &mut BufReader<TcpStream>) -> Result<(u16, bool)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let count = stream.read_line(&mut head).context("reading a head")?;
        ensure!(count > 0, "the connection ended after {head:?}");
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let lower = head.to_ascii_lowercase();
    let field = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if let Some(length) = field("content-length:") {
        let length: u64 = length.parse()?;
        let read = std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).context("reading a body")?;
        ensure!(read == length, "{read} of {length} bytes");
    } else {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim(), 16).context("the size of a chunk")?;
            std::io::copy(&mut stream.by_ref().take(size + 2), &mut std::io::sink())?;
            if size == 0 {
                break;
            }
        }
    }
    Ok((status, field("connection:") == Some("close")))
}
