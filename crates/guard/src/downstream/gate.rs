//! The gate: a socket that gives its reader nothing but what was checked. Time-outs of a client are here as well, because
//! here it is known what it owes; and so is known when nobody is needed who reads.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Buf;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite as _;
use tokio::time::Sleep;

use super::codec::{Codec, Event, Owes};
use super::limits::{
    FIRST_BYTE_TIME_MAX, HEAD_READ_BYTES, HEAD_TIME_MAX, IDLE_TIME_MAX, LINGER_BYTES_MAX, LINGER_TIME_MAX, QUIET_TIME,
    READ_BYTES, WRITE_IDLE_TIME_MAX,
};
use super::patience::Patience;
use super::{Connection, Upgrade};
use crate::entrance::Place;
use crate::io::Io;
use crate::refusal::{Reason, Refusal};
use crate::timer::now;

/// What is read in place of a request that was refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";

/// What is waited for, and until when.
struct Wait {
    owes: Owes,
    time_max: Duration,
    sleep: Pin<Box<Sleep>>,
}

/// Whether nothing came for a while between two exchanges.
enum Quiet {
    /// Not that it is known.
    No,
    /// It is found out when the time has passed. That runs on from one exchange to the next: to set it for each costs more than to
    /// look once in a while whether something came in it.
    Asked { sleep: Pin<Box<Sleep>>, has_come: bool },
    /// Nothing did.
    Yes,
}

impl Quiet {
    /// Something came.
    fn came(&mut self) {
        match self {
            Self::Asked { has_come, .. } => *has_come = true,
            Self::No | Self::Yes => *self = Self::No,
        }
    }

    /// Ready when nothing came for a while.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self, Self::No) {
            *self = Self::Asked { sleep: Box::pin(tokio::time::sleep(QUIET_TIME)), has_come: false };
        }
        while let Self::Asked { sleep, has_come } = self {
            ready!(sleep.as_mut().poll(cx));
            if std::mem::take(has_come) {
                sleep.as_mut().reset(now() + QUIET_TIME);
            } else {
                *self = Self::Yes;
            }
        }
        Poll::Ready(())
    }
}

/// How far what was written has left. TLS takes more than its socket does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// All of it.
    All,
    /// Some may be kept back.
    Some,
    /// Nothing more will be written.
    Shut,
}

/// A socket before hyper.
pub(super) struct Gate {
    io: Io,
    connection: Arc<Connection>,
    codec: Codec,
    /// What is left to read of the stand-in for a request that was refused.
    stand_in: &'static [u8],
    wait: Option<Wait>,
    /// How long the body that arrives is still waited for.
    patience: Patience,
    /// Whether anything came yet.
    has_begun: bool,
    quiet: Quiet,
    write_wait: Option<Pin<Box<Sleep>>>,
    /// How far what was written has left.
    left: Left,
    /// Whether the other end speaks no HTTP, so that an answer is written to nobody.
    is_mute: bool,
    lingered: usize,
    /// What the connection holds of the gateway, whatever becomes of it: this lives as long as its socket.
    _place: Place,
}

impl Gate {
    pub(super) fn new(io: Io, connection: Arc<Connection>, body_bytes_max: u64, place: Place) -> Self {
        let codec = Codec::new(body_bytes_max);
        let (patience, has_begun, quiet) = (Patience::whole(), false, Quiet::No);
        let (wait, write_wait) = (None, None);
        let (stand_in, left, is_mute, lingered) = (&[][..], Left::All, false, 0);
        Self {
            io,
            connection,
            codec,
            stand_in,
            wait,
            patience,
            has_begun,
            quiet,
            write_wait,
            left,
            is_mute,
            lingered,
            _place: place,
        }
    }

    /// Puts a plain request in the place of what was refused.
    fn refuse(&mut self, refusal: Refusal) {
        self.codec.end();
        self.is_mute = refusal.reason == Reason::NotHttp;
        self.stand_in = STAND_IN;
        self.wait = None;
        self.connection.arrived(Err(refusal));
    }

    fn refuse_body(&mut self, refusal: Refusal) -> io::Error {
        self.codec.end();
        let reason = refusal.reason;
        self.connection.with(|state| state.body_refusal = Some(refusal));
        io::Error::new(io::ErrorKind::InvalidData, reason.name())
    }

    /// Goes on until something may pass; ready as well where more must be read from the socket.
    fn poll_passable(&mut self, cx: &Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if !self.stand_in.is_empty() || !self.codec.passable().is_empty() {
                return Poll::Ready(Ok(true));
            }
            match self.codec.advance() {
                Event::Head(head) => {
                    self.wait = None;
                    self.patience = Patience::whole();
                    self.connection.arrived(Ok(head));
                }
                Event::Refused(refusal) => self.refuse(refusal),
                Event::Data => self.wait = None,
                Event::BodyRefused(refusal) => return Poll::Ready(Err(self.refuse_body(refusal))),
                Event::More => return Poll::Ready(Ok(false)),
                Event::Blocked => match self.connection.upgrade(cx.waker()) {
                    Upgrade::Undecided => return Poll::Pending,
                    decided => self.codec.upgraded(decided == Upgrade::Accepted),
                },
                Event::Over => return Poll::Pending,
            }
        }
    }

    /// Reads from the socket; nothing where the client took too long.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<usize>>> {
        // A head is seldom long; what follows it may be.
        let room = if matches!(self.codec.owes(), Owes::Nothing | Owes::Head) { HEAD_READ_BYTES } else { READ_BYTES };
        match self.io.poll_fill(cx, self.codec.bytes(), room) {
            Poll::Ready(done) => {
                self.has_begun = true;
                self.quiet.came();
                self.came(*done.as_ref().unwrap_or(&0));
                Poll::Ready(done.map(Some))
            }
            Poll::Pending => self.poll_patience(cx).map(|()| Ok(None)),
        }
    }

    /// Bytes of a body shorten the wait for it, and earn some more.
    fn came(&mut self, bytes: usize) {
        if self.codec.owes() != Owes::Body {
            return;
        }
        let waited = self.wait.take().map_or(Duration::ZERO, |wait| {
            let left = wait.sleep.deadline().saturating_duration_since(now());
            wait.time_max.saturating_sub(left)
        });
        self.patience.came(bytes, waited);
    }

    /// Ready when a silent client was waited for long enough.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let owes = self.codec.owes();
        // While it waits for an answer it owes nothing, whatever it has begun to send already.
        let is_open = self.connection.is_open(cx.waker());
        let Some(time_max) = self.time_max(owes).filter(|_| !(is_open && matches!(owes, Owes::Nothing | Owes::Head)))
        else {
            return Poll::Pending;
        };
        if owes == Owes::Nothing && self.has_begun {
            ready!(self.quiet.poll(cx));
        }
        let begun = || Wait { owes, time_max, sleep: Box::pin(tokio::time::sleep(time_max)) };
        let waiting = self.wait.take().filter(|known| known.owes == owes);
        self.wait.insert(waiting.unwrap_or_else(begun)).sleep.as_mut().poll(cx)
    }

    /// Whether nobody who reads is needed for now: what was asked is answered, all of it has left, the connection goes on, and nothing came
    /// for a while.
    fn is_idle(&mut self) -> bool {
        let has_left = self.left == Left::All && self.write_wait.is_none();
        let is_idle =
            matches!(self.quiet, Quiet::Yes) && has_left && self.codec.is_between() && self.connection.is_idle();
        if is_idle {
            self.codec.let_go();
        }
        is_idle
    }

    /// An exchange ended, and nobody reads: from now on the client may owe something.
    fn sees_end(&mut self, cx: &mut Context<'_>) {
        // Between two requests there is nothing to do but to wait; what is in the midst of something is for who reads.
        let is_between = matches!(self.codec.owes(), Owes::Nothing | Owes::Head);
        if !is_between || self.poll_patience(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// How long the other end is waited for.
    fn time_max(&self, owes: Owes) -> Option<Duration> {
        match owes {
            Owes::Nothing if !self.has_begun => Some(FIRST_BYTE_TIME_MAX),
            Owes::Nothing => Some(IDLE_TIME_MAX.saturating_sub(QUIET_TIME)),
            Owes::Head => Some(HEAD_TIME_MAX),
            Owes::Body => Some(self.patience.left()),
            Owes::Over => Some(LINGER_TIME_MAX),
            Owes::Tunnel => None,
        }
    }

    /// A client that takes nothing of the answer for too long is left.
    fn poll_written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.left = Left::Some;
        if written.is_ready() {
            self.write_wait = None;
            return written;
        }
        let sleep = self.write_wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_IDLE_TIME_MAX)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if self.connection.is_cut() {
            self.io.reset();
        }
    }
}

impl Gate {
    /// Ready when something passes, or nothing will any more: which of them.
    fn poll_passing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if ready!(self.poll_passable(cx))? {
                return Poll::Ready(Ok(true));
            }
            let owes = self.codec.owes();
            match ready!(self.poll_fill(cx))? {
                Some(0) => return Poll::Ready(Ok(false)),
                Some(_) => {}
                None if owes == Owes::Head => {
                    self.refuse(Refusal::new(Reason::HeadTooSlow, "the head did not end in time"));
                }
                None if owes == Owes::Body => {
                    let refusal = Refusal::new(Reason::BodyTooSlow, "the body did not go on in time");
                    return Poll::Ready(Err(self.refuse_body(refusal)));
                }
                // Between two exchanges: as if the client had ended the connection.
                None => return Poll::Ready(Ok(false)),
            }
        }
    }
}

/// The gate of a connection, for whoever reads now and for whoever waits that somebody is needed.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Gate>>);

impl Shared {
    pub(super) fn new(gate: Gate) -> Self {
        Self(Arc::new(Mutex::new(gate)))
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        // Nothing of it can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a head, or a refusal in its place, is whole: whether one is.
    pub(super) async fn passes(&self) -> bool {
        matches!(poll_fn(|cx| self.gate().poll_passing(cx)).await, Ok(true))
    }

    /// Whether nobody who reads is needed for now.
    pub(super) fn is_idle(&self) -> bool {
        self.gate().is_idle()
    }

    /// An exchange ended, and nobody reads.
    pub(super) fn sees_end(&self, cx: &mut Context<'_>) {
        self.gate().sees_end(cx);
    }

    /// Closes the writing side. A client that takes nothing, or has gone, is not told.
    pub(super) async fn shut(&self) {
        let shut = poll_fn(|cx| Pin::new(&mut *self.gate()).poll_shutdown(cx));
        let _ = tokio::time::timeout(LINGER_TIME_MAX, shut).await;
    }
}

impl Read for Shared {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.gate()).poll_read(cx, buf)
    }
}

impl Write for Shared {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.gate()).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.gate()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.gate()).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.gate()).poll_write_vectored(cx, slices)
    }
}

impl Read for Gate {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        if !ready!(gate.poll_passing(cx))? {
            return Poll::Ready(Ok(()));
        }
        let bytes = if gate.stand_in.is_empty() { gate.codec.passable() } else { gate.stand_in };
        let bytes = bytes.get(..bytes.len().min(buf.remaining())).unwrap_or(bytes);
        buf.put_slice(bytes);
        let count = bytes.len();
        if gate.stand_in.is_empty() {
            gate.codec.passed(count);
        } else {
            gate.stand_in.advance(count);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_mute {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.poll_written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.io).poll_flush(cx));
        if self.left == Left::Some {
            self.left = Left::All;
        }
        Poll::Ready(flushed)
    }

    /// Closes the writing side. A socket that is dropped with bytes unread is reset, and a reset takes the answer with it:
    /// after a refusal, what the client still sends is read for a moment.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = &mut *self;
        gate.left = Left::Shut;
        ready!(Pin::new(&mut gate.io).poll_shutdown(cx))?;
        while gate.codec.owes() == Owes::Over && gate.lingered < LINGER_BYTES_MAX {
            gate.codec.end();
            match ready!(gate.poll_fill(cx)) {
                Ok(Some(count @ 1..)) => gate.lingered += count,
                _ => break,
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
        if self.is_mute {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.poll_written(cx, written)
    }
}
