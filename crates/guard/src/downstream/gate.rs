//! The connection of a client of HTTP/1.1: what it sends is read strictly ([`super::codec`]), and waited for no longer than its
//! bounds say. Shared by what serves the connection and by the body that an exchange reads.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::codec::{Codec, Event, Owes};
use super::head::RequestHead;
use super::limits::{
    AHEAD_BYTES_MAX, FIRST_BYTE_TIME_MAX, HEAD_READ_BYTES, HEAD_TIME_MAX, IDLE_TIME_MAX, LINGER_BYTES_MAX,
    LINGER_TIME_MAX, LINGER_TIMES_MAX, READ_BYTES, WRITE_IDLE_TIME_MAX,
};
use super::patience::Patience;
use crate::body::BodyError;
use crate::entrance::Place;
use crate::io::Io;
use crate::refusal::{Reason, Refusal};
use crate::timer::{Timer, now};

/// Leave to send a body (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What is waited for, since when, and until when.
#[derive(Debug, Clone, Copy)]
struct Wait {
    owes: Owes,
    since: Instant,
    until: Instant,
}

/// Leave to send a body, for clients that wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// Nobody waits for it.
    Unasked,
    /// It is given when somebody asks for the body.
    Asked,
    /// So much of it is still to be sent.
    Given(&'static [u8]),
    /// So much of it is still to be sent before the answer.
    Behind(&'static [u8]),
}

/// A connection.
struct Gate {
    io: Io,
    codec: Codec,
    /// Which exchange is under way, counted from one.
    exchange: u32,
    /// Who waits for more of the body, and who for the client to go once that has come: they may be tasks of their own.
    reader: Option<Waker>,
    watcher: Option<Waker>,
    wait: Option<Wait>,
    timer: Timer,
    /// How long the body that arrives is still waited for.
    patience: Patience,
    /// Whether anything came yet.
    has_begun: bool,
    /// The exchange whose body nobody reads any more; none before the first one.
    unread: u32,
    leave: Leave,
    /// Until when the client may take nothing of what is written.
    written_until: Option<Instant>,
    write_timer: Timer,
    /// Whether what was written has left: TLS takes more than its socket does.
    is_flushed: bool,
    /// Whether its end would look like the end of an answer that is not whole.
    is_cut_by_end: bool,
    /// What the connection holds of the gateway, as long as its socket.
    _place: Place,
}

impl Gate {
    /// Reads from the socket; nothing where the client took too long.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<usize>>> {
        // A head is seldom long; what follows it may be.
        let room = if self.codec.owes() == Owes::Body { READ_BYTES } else { HEAD_READ_BYTES };
        match self.io.poll_fill(cx, self.codec.bytes(), room) {
            Poll::Ready(done) => {
                self.has_begun = true;
                self.came(*done.as_ref().unwrap_or(&0));
                Poll::Ready(done.map(Some))
            }
            Poll::Pending => self.poll_patience(cx).map(|()| Ok(None)),
        }
    }

    /// Bytes of a body shorten the wait for it, and earn some more.
    fn came(&mut self, bytes: usize) {
        let wait = self.wait.take_if(|wait| wait.owes == Owes::Body);
        if self.codec.owes() == Owes::Body {
            let waited = wait.map_or(Duration::ZERO, |wait| now().saturating_duration_since(wait.since));
            self.patience.came(bytes, waited);
        }
    }

    /// Ready when a silent client was waited for long enough.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let owes = self.codec.owes();
        let known = self.wait.filter(|wait| wait.owes == owes);
        let Some(wait) = known.or_else(|| {
            let since = now();
            Some(Wait { owes, since, until: since + self.time_max(owes)? })
        }) else {
            return Poll::Pending;
        };
        self.wait = Some(wait);
        self.timer.poll(cx, wait.until)
    }

    /// How long the other end is waited for.
    fn time_max(&self, owes: Owes) -> Option<Duration> {
        match owes {
            Owes::Nothing if !self.has_begun => Some(FIRST_BYTE_TIME_MAX),
            Owes::Nothing => Some(IDLE_TIME_MAX),
            Owes::Head => Some(HEAD_TIME_MAX),
            Owes::Body => Some(self.patience.left()),
            Owes::Over => Some(LINGER_TIME_MAX),
            Owes::Upgrade => None,
        }
    }

    /// The next head, or why it is refused; nothing where no more is asked.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<RequestHead, Refusal>>> {
        loop {
            match self.codec.advance() {
                Event::Head(read) => {
                    self.begin(read.waits_for_leave);
                    return Poll::Ready(Some(Ok(*read)));
                }
                Event::Refused(refusal) => {
                    self.begin(false);
                    return Poll::Ready(Some(Err(refusal)));
                }
                Event::More => {}
                _ => return Poll::Ready(None),
            }
            let owes = self.codec.owes();
            if owes == Owes::Nothing {
                self.codec.let_go();
            }
            match ready!(self.poll_fill(cx)) {
                Ok(Some(1..)) => {}
                Ok(None) if owes == Owes::Head => {
                    self.codec.end();
                    self.begin(false);
                    let refusal = Refusal::new(Reason::HeadTooSlow, "the head did not end in time");
                    return Poll::Ready(Some(Err(refusal)));
                }
                // Between two exchanges it may be silent for too long: that is as if it had ended the connection.
                Ok(Some(0) | None) | Err(_) => return Poll::Ready(None),
            }
        }
    }

    /// An exchange begins.
    fn begin(&mut self, waits_for_leave: bool) {
        self.exchange = self.exchange.wrapping_add(1);
        self.wait = None;
        self.patience = Patience::whole();
        self.leave = if waits_for_leave { Leave::Asked } else { Leave::Unasked };
    }

    /// The next part of the body that arrives.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let part = self.poll_part(cx);
        if part.is_pending() {
            self.reader = Some(cx.waker().clone());
        }
        // Who looks whether the client has gone does so itself from now on.
        if self.codec.is_body_over()
            && let Some(watcher) = self.watcher.take()
            && !watcher.will_wake(cx.waker())
        {
            watcher.wake();
        }
        part
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if self.codec.is_body_over() {
                return Poll::Ready(None);
            }
            match self.codec.advance() {
                Event::Data(data) => {
                    // Who sends it has waited for nothing.
                    if self.leave == Leave::Asked {
                        self.leave = Leave::Unasked;
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Event::Trailers(fields) if fields.is_empty() => return Poll::Ready(None),
                Event::Trailers(fields) => return Poll::Ready(Some(Ok(Frame::trailers(fields)))),
                Event::BodyRefused(refusal) => return refused(refusal),
                Event::More => {}
                _ => return ended(),
            }
            if self.leave == Leave::Asked {
                self.leave = Leave::Given(CONTINUE);
            }
            if matches!(self.leave, Leave::Given(_))
                && let Poll::Ready(Err(_)) = self.poll_leave(cx)
            {
                return ended();
            }
            match ready!(self.poll_fill(cx)) {
                Ok(Some(1..)) => {}
                Ok(None) => {
                    self.codec.end();
                    return refused(Refusal::new(Reason::BodyTooSlow, "the body did not go on in time"));
                }
                Ok(Some(0)) | Err(_) => {
                    self.codec.end();
                    return ended();
                }
            }
        }
    }

    /// Sends what is to be sent of the leave for a body.
    fn poll_leave(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Leave::Given(left) | Leave::Behind(left) = &mut self.leave
            && !left.is_empty()
        {
            let written = Pin::new(&mut self.io).poll_write(cx, left);
            if let Poll::Ready(Ok(count @ 1..)) = written {
                *left = left.get(count..).unwrap_or_default();
                self.is_flushed = false;
            }
            if ready!(self.poll_taken(cx, written))? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        ready!(self.poll_flushed(cx))?;
        self.leave = Leave::Unasked;
        Poll::Ready(Ok(()))
    }

    /// Ready when the client has gone while its request is under way. While somebody reads its body that is seen there; behind what it
    /// sends meanwhile it is seen up to a bound.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.codec.is_body_over() && self.unread != self.exchange {
            self.watcher = Some(cx.waker().clone());
            return Poll::Pending;
        }
        while self.codec.bytes().len() < AHEAD_BYTES_MAX {
            match ready!(self.io.poll_fill(cx, self.codec.bytes(), HEAD_READ_BYTES)) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    /// Nobody reads the body any more: who looks whether the client has gone does so itself from now on.
    fn left_unread(&mut self) {
        self.unread = self.exchange;
        if let Some(watcher) = self.watcher.take() {
            watcher.wake();
        }
    }

    /// Writes some of this.
    fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if matches!(self.leave, Leave::Behind(_)) {
            ready!(self.poll_leave(cx))?;
        }
        self.is_flushed = false;
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.poll_taken(cx, written)
    }

    /// Ready when what was written has left.
    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_flushed {
            let flushed = Pin::new(&mut self.io).poll_flush(cx);
            ready!(self.poll_taken(cx, flushed))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }

    /// A client that takes nothing of what is written for too long is left.
    fn poll_taken<T>(&mut self, cx: &mut Context<'_>, taken: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if taken.is_ready() {
            self.written_until = None;
            return taken;
        }
        // While it takes nothing nobody asks for its body: how long that took to come says nothing of it.
        self.wait.take_if(|wait| wait.owes == Owes::Body);
        let until = *self.written_until.get_or_insert_with(|| now() + WRITE_IDLE_TIME_MAX);
        ready!(self.write_timer.poll(cx, until));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Nothing more is read for anybody.
    fn end(&mut self) {
        self.codec.end();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }

    /// Closes the writing side. A socket that is closed with bytes unread is reset, and a reset takes the answer with it: where a
    /// client owes something, or has sent something, what it still sends is read for a moment.
    /// Ready when that is over; or, so that is true, when so much came that more may.
    fn poll_shut(&mut self, cx: &mut Context<'_>, lingering: &mut Lingering) -> Poll<io::Result<bool>> {
        if !lingering.is_shut {
            ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
            lingering.is_shut = true;
        }
        lingering.is_owed |= self.codec.owes() != Owes::Nothing;
        while lingering.bytes < LINGER_BYTES_MAX {
            self.end();
            match self.poll_fill(cx) {
                Poll::Ready(Ok(Some(count @ 1..))) => {
                    (lingering.bytes, lingering.is_owed) = (lingering.bytes + count, true);
                }
                Poll::Pending if lingering.is_owed => return Poll::Pending,
                Poll::Ready(_) | Poll::Pending => return Poll::Ready(Ok(false)),
            }
        }
        Poll::Ready(Ok(true))
    }
}

/// How a connection is read that is closed already.
#[derive(Debug, Default)]
struct Lingering {
    /// Whether the writing side is closed.
    is_shut: bool,
    /// How much came, as far as that was not paid with time.
    bytes: usize,
    /// Whether more is expected.
    is_owed: bool,
}

fn refused<T>(refusal: Refusal) -> Poll<Option<Result<T, BodyError>>> {
    Poll::Ready(Some(Err(BodyError::Refused(Box::new(refusal)))))
}

fn ended<T>() -> Poll<Option<Result<T, BodyError>>> {
    Poll::Ready(Some(Err(BodyError::Gone)))
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.end();
        if self.is_cut_by_end {
            self.io.reset();
        }
    }
}

/// A connection, for what serves it. With that it ends, whoever reads a body of it.
pub(crate) struct Shared(Rc<RefCell<Gate>>);

impl Shared {
    pub(super) fn new(io: Io, body_bytes_max: u64, place: Place) -> Self {
        Self(Rc::new(RefCell::new(Gate {
            io,
            codec: Codec::new(body_bytes_max),
            exchange: 0,
            reader: None,
            watcher: None,
            wait: None,
            timer: Timer::default(),
            patience: Patience::whole(),
            has_begun: false,
            unread: 0,
            leave: Leave::Unasked,
            written_until: None,
            write_timer: Timer::default(),
            is_flushed: true,
            is_cut_by_end: false,
            _place: place,
        })))
    }

    /// The head of the next request, or why it is refused; nothing where no more is asked.
    pub(super) async fn head(&self) -> Option<Result<RequestHead, Refusal>> {
        poll_fn(|cx| self.0.borrow_mut().poll_head(cx)).await
    }

    /// The body of the request that was read last.
    pub(super) fn arriving(&self) -> Arriving {
        Arriving { gate: Rc::downgrade(&self.0), exchange: self.0.borrow().exchange }
    }

    /// Whether that was read to its end.
    pub(super) fn is_body_over(&self) -> bool {
        self.0.borrow().codec.is_body_over()
    }

    /// How many requests came.
    pub(super) fn exchanges(&self) -> u32 {
        self.0.borrow().exchange
    }

    /// Ready when the client has gone while its request is under way.
    pub(super) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.borrow_mut().poll_gone(cx)
    }

    /// The answer begins: leave for a body that was not given yet is not given any more. Whether the end of the connection is its end.
    pub(super) fn answers(&self, ends_with_connection: bool) {
        let mut gate = self.0.borrow_mut();
        gate.leave = match gate.leave {
            Leave::Given(left) if left.len() < CONTINUE.len() => Leave::Behind(left),
            _ => Leave::Unasked,
        };
        gate.is_cut_by_end = ends_with_connection;
        gate.codec.let_go();
    }

    /// The answer was sent to its end. Nothing came of a request for a WebSocket.
    pub(super) fn answered(&self) {
        let mut gate = self.0.borrow_mut();
        gate.is_cut_by_end = false;
        gate.codec.stays_http();
    }

    /// Writes some of this.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().poll_write(cx, slices)
    }

    /// Ready when what was written has left.
    pub(super) fn poll_flushed(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_flushed(cx)
    }

    /// Closes the writing side. A client that takes nothing, or has gone, is not told.
    pub(super) async fn shut(&self) {
        let mut lingering = Lingering::default();
        for _ in 0..LINGER_TIMES_MAX {
            let shut = poll_fn(|cx| self.0.borrow_mut().poll_shut(cx, &mut lingering));
            let Ok(Ok(true)) = tokio::time::timeout(LINGER_TIME_MAX, shut).await else { return };
            lingering.bytes = 0;
        }
    }
}

/// The body of a request, as it arrives: as long as its connection is served.
pub(crate) struct Arriving {
    gate: Weak<RefCell<Gate>>,
    /// Of which exchange: behind that nothing of it comes.
    exchange: u32,
}

impl Arriving {
    fn is_over(&self, gate: &Gate) -> bool {
        gate.exchange != self.exchange || gate.codec.is_body_over()
    }

    /// Whether some of it came, and nobody took it yet.
    pub(crate) fn has_begun(&self) -> bool {
        let is_there = |gate: Rc<RefCell<Gate>>| {
            let gate = &mut *gate.borrow_mut();
            !self.is_over(gate) && !gate.codec.bytes().is_empty()
        };
        self.gate.upgrade().is_some_and(is_there)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(gate) = self.gate.upgrade() else { return };
        // Who holds it is about to look itself.
        if let Ok(mut gate) = gate.try_borrow_mut()
            && !self.is_over(&gate)
        {
            gate.left_unread();
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(gate) = self.gate.upgrade() else {
            return ended();
        };
        let gate = &mut *gate.borrow_mut();
        if self.is_over(gate) { Poll::Ready(None) } else { gate.poll_frame(cx) }
    }

    fn is_end_stream(&self) -> bool {
        self.gate.upgrade().is_some_and(|gate| self.is_over(&gate.borrow()))
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.gate.upgrade().and_then(|gate| {
            let gate = gate.borrow();
            if self.is_over(&gate) { Some(0) } else { gate.codec.length_left() }
        });
        length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arriving").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

/// The bytes both ways of a connection that is no longer HTTP.
pub(crate) struct Switched(pub(super) Shared);

impl std::fmt::Debug for Switched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Switched").finish_non_exhaustive()
    }
}

impl AsyncRead for Switched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let gate = &mut *self.0.0.borrow_mut();
        let first = gate.codec.bytes();
        if first.is_empty() {
            return Pin::new(&mut gate.io).poll_read(cx, buf);
        }
        // What came before that was decided.
        let count = first.len().min(buf.remaining());
        buf.put_slice(&first.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Switched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0.0.borrow_mut().io).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.0.borrow_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.0.borrow_mut().io).poll_shutdown(cx)
    }
}
