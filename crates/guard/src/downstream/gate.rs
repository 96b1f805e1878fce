//! The gate: a socket that gives its reader nothing but what was checked. Time-outs of a client are here as well, because
//! here it is known what it owes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::framing::Passing;
use super::head::{self, is_token};
use super::limits::{
    BODY_IDLE_TIME_MAX, HEAD_BYTES_MAX, HEAD_TIME_MAX, IDLE_TIME_MAX, READ_BYTES, WRITE_IDLE_TIME_MAX,
};
use super::{Connection, Upgrade};
use crate::refusal::{Reason, Refusal};

/// What is read in place of a request that was refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";
/// How long what a refused client still sends is read, so that it gets to read the refusal.
const LINGER_TIME_MAX: Duration = Duration::from_secs(1);
/// How many bytes of it.
const LINGER_BYTES_MAX: usize = 1024 * 1024;

/// A socket before hyper.
pub(super) struct Gate {
    io: TcpStream,
    connection: Arc<Connection>,
    /// What was read: first what may pass, then what was not looked at.
    read: BytesMut,
    /// How much of it may pass.
    passable: usize,
    at: At,
    body_bytes_max: u64,
    wait: Option<(Wait, Pin<Box<Sleep>>)>,
    write_wait: Option<Pin<Box<Sleep>>>,
    lingered: usize,
}

enum At {
    /// In a head, of which so much was looked at.
    Head { looked_at: usize, skipped_line: bool },
    /// In a body.
    Body(Passing),
    /// Behind a request for a WebSocket, until the exchange says what became of it.
    Upgrade,
    /// No longer HTTP.
    Tunnel,
    /// Behind something that was refused: nothing more is read.
    Refused,
}

/// What a silent client is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    Idle,
    Head,
    Body,
    Linger,
}

impl Wait {
    fn time_max(self) -> Duration {
        match self {
            Self::Idle => IDLE_TIME_MAX,
            Self::Head => HEAD_TIME_MAX,
            Self::Body => BODY_IDLE_TIME_MAX,
            Self::Linger => LINGER_TIME_MAX,
        }
    }
}

/// What looking at the bytes came to.
enum Looked {
    /// More may pass, or something else comes next.
    On,
    /// More bytes are needed.
    More,
    /// The exchange must end first.
    Blocked,
}

const HEAD: At = At::Head { looked_at: 0, skipped_line: false };

impl Gate {
    pub(super) fn new(io: TcpStream, connection: Arc<Connection>, body_bytes_max: u64) -> Self {
        Self {
            io,
            connection,
            read: BytesMut::new(),
            passable: 0,
            at: HEAD,
            body_bytes_max,
            wait: None,
            write_wait: None,
            lingered: 0,
        }
    }

    /// Looks at what was read and not passed.
    fn look(&mut self, cx: &Context<'_>) -> Result<Looked, Refusal> {
        match &mut self.at {
            At::Head { .. } => Ok(self.look_at_head()),
            At::Body(passing) if passing.is_done() => {
                self.at = HEAD;
                Ok(Looked::On)
            }
            At::Body(_) if self.read.is_empty() => Ok(Looked::More),
            At::Body(passing) => {
                self.passable = passing.pass(&self.read)?;
                self.wait = None;
                Ok(Looked::On)
            }
            At::Upgrade => Ok(self.look_at_upgrade(cx)),
            At::Tunnel if self.read.is_empty() => Ok(Looked::More),
            At::Tunnel => {
                self.passable = self.read.len();
                Ok(Looked::On)
            }
            At::Refused => Ok(Looked::Blocked),
        }
    }

    fn look_at_upgrade(&mut self, cx: &Context<'_>) -> Looked {
        let decided = self.connection.with(|state| {
            state.waker = (state.upgrade == Upgrade::Undecided).then(|| cx.waker().clone());
            state.upgrade
        });
        self.at = match decided {
            Upgrade::Undecided => return Looked::Blocked,
            Upgrade::Accepted => At::Tunnel,
            Upgrade::Declined => HEAD,
        };
        Looked::On
    }

    fn look_at_head(&mut self) -> Looked {
        let end = match self.end_of_head() {
            Ok(Some(end)) => end,
            Ok(None) => return Looked::More,
            Err(refusal) => return self.refuse(refusal),
        };
        let head = self.read.get(..end).unwrap_or_default();
        let passing = head::read(head).and_then(|head| Ok((head, Passing::new(head.framing, self.body_bytes_max)?)));
        match passing {
            Ok((head, passing)) => {
                self.passable = end;
                self.wait = None;
                self.at = if head.is_websocket { At::Upgrade } else { At::Body(passing) };
                self.connection.arrived(Ok(head));
                Looked::On
            }
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// The length of the head, once all of it is there.
    fn end_of_head(&mut self) -> Result<Option<usize>, Refusal> {
        let At::Head { looked_at, skipped_line } = &mut self.at else {
            return Ok(None);
        };
        // One empty line before a request line is a habit of old clients (RFC 9112 section 2.2); it goes no further.
        if !*skipped_line && self.read.starts_with(b"\r\n") {
            self.read.advance(2);
            *skipped_line = true;
        }
        match self.read.first() {
            None => return Ok(None),
            Some(b'\r') if !*skipped_line && self.read.len() == 1 => return Ok(None),
            Some(byte) if !is_token(*byte) => {
                return Err(Refusal::new(Reason::RequestLine, "the first byte begins no method"));
            }
            Some(_) => {}
        }
        let unseen = self.read.get(*looked_at..).unwrap_or_default();
        for (index, _) in unseen.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            let line = self.read.get(..=*looked_at + index).unwrap_or_default();
            if !line.ends_with(b"\r\n") {
                return Err(Refusal::new(Reason::BareLineFeed, "LF without CR before it"));
            }
            if line.ends_with(b"\r\n\r\n") && line.len() <= HEAD_BYTES_MAX {
                return Ok(Some(line.len()));
            }
            if line.len() > HEAD_BYTES_MAX {
                break;
            }
        }
        *looked_at = self.read.len();
        if self.read.len() >= HEAD_BYTES_MAX {
            return Err(Refusal::new(Reason::HeadTooLarge, format!("more than {HEAD_BYTES_MAX} bytes")));
        }
        Ok(None)
    }

    /// Puts a plain request in the place of what was refused.
    fn refuse(&mut self, refusal: Refusal) -> Looked {
        self.read.clear();
        self.read.extend_from_slice(STAND_IN);
        self.passable = STAND_IN.len();
        self.at = At::Refused;
        self.wait = None;
        self.connection.arrived(Err(refusal));
        Looked::On
    }

    /// Reads from the socket, or tells that the client took too long.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            match self.io.poll_read_ready(cx) {
                Poll::Ready(done) => done?,
                Poll::Pending => {
                    ready!(self.poll_patience(cx));
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
            self.read.reserve(READ_BYTES);
            match self.io.try_read_buf(&mut (&mut self.read).limit(READ_BYTES)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    /// Ready when a silent client was waited for long enough.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_open = self.connection.with(|state| {
            state.waker = Some(cx.waker().clone());
            state.is_open
        });
        let wait = match &self.at {
            At::Head { .. } if is_open => return Poll::Pending,
            At::Head { .. } if self.read.is_empty() => Wait::Idle,
            At::Head { .. } => Wait::Head,
            At::Body(_) => Wait::Body,
            At::Refused => Wait::Linger,
            At::Upgrade | At::Tunnel => return Poll::Pending,
        };
        let waiting = self.wait.take().filter(|(known, _)| *known == wait);
        let (_, sleep) =
            self.wait.insert(waiting.unwrap_or_else(|| (wait, Box::pin(tokio::time::sleep(wait.time_max())))));
        sleep.as_mut().poll(cx)
    }

    /// What becomes of a client that was waited for long enough.
    fn out_of_patience(&mut self) -> io::Result<()> {
        match &self.at {
            At::Head { .. } if !self.read.is_empty() => {
                let _ = self.refuse(Refusal::new(Reason::HeadTooSlow, "the head did not end in time"));
                Ok(())
            }
            At::Body(_) => Err(self.body_refused(Refusal::new(Reason::BodyTooSlow, "the body did not go on in time"))),
            // Between two exchanges: as if the client had ended the connection.
            _ => Ok(()),
        }
    }

    fn body_refused(&mut self, refusal: Refusal) -> io::Error {
        self.at = At::Refused;
        self.read.clear();
        let reason = refusal.reason;
        self.connection.with(|state| state.body_refusal = Some(refusal));
        io::Error::new(io::ErrorKind::InvalidData, reason.name())
    }

    /// A client that takes nothing of the answer for too long is left.
    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.write_wait = None;
            return written;
        }
        let sleep = self.write_wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_IDLE_TIME_MAX)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Read for Gate {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        loop {
            let length = gate.passable.min(buf.remaining());
            if let Some(bytes) = gate.read.get(..length).filter(|bytes| !bytes.is_empty()) {
                buf.put_slice(bytes);
                gate.read.advance(length);
                gate.passable -= length;
                return Poll::Ready(Ok(()));
            }
            match gate.look(cx) {
                Ok(Looked::On) => continue,
                Ok(Looked::More) => {}
                Ok(Looked::Blocked) => return Poll::Pending,
                Err(refusal) => return Poll::Ready(Err(gate.body_refused(refusal))),
            }
            match ready!(gate.fill(cx)) {
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    gate.out_of_patience()?;
                    if !matches!(gate.at, At::Refused) {
                        return Poll::Ready(Ok(()));
                    }
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl Write for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Closes the writing side. A socket that is dropped with bytes unread is reset, and a reset takes the answer with it:
    /// after a refusal, what the client still sends is read for a moment.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = &mut *self;
        ready!(Pin::new(&mut gate.io).poll_shutdown(cx))?;
        while matches!(gate.at, At::Refused) && gate.lingered < LINGER_BYTES_MAX {
            gate.read.clear();
            match ready!(gate.fill(cx)) {
                Ok(0) | Err(_) => break,
                Ok(count) => gate.lingered += count,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }
}
