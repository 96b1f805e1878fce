//! HTTP/1.1 (RFC 9112) to servers: a connection that carries one exchange at a time. It has no task of its own: whoever waits
//! for the answer, or reads it, sends what is left of the request meanwhile.

mod answer;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::AsyncWrite;

use crate::body::{Body, BodyError};
use crate::downstream::framing::{Run, fields_behind};
use crate::io::Io;
use crate::sending::{Out, Sending};
use crate::timer::{Timer, now};
pub(super) use answer::HEAD_BYTES_MAX;
use answer::Reading;

/// How much is read at once while the head of an answer is waited for, and of its body.
const HEAD_READ_BYTES: usize = 8 * 1024;
const READ_BYTES: usize = 64 * 1024;
/// How long the rest of a request is sent whose answer came before its end.
const REST_TIME_MAX: Duration = Duration::from_secs(5);
/// The most heads before an answer (RFC 9110 section 15.2).
const INTERIMS_MAX: usize = 16;

/// Why a request was not answered, or an answer is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Http1Error {
    /// The server ended the connection.
    #[error("the connection ended before the end of the answer")]
    Ended,
    /// The connection failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What came is no answer.
    #[error("invalid HTTP: {0}")]
    Broken(String),
    /// What the client sends of the request ended early, or was refused.
    #[error("the request is not whole: {0}")]
    Request(BodyError),
    /// No answer came in time.
    #[error("no answer in time")]
    Slow,
}

/// What may follow an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Another one.
    Exchange,
    /// Nothing, as far as is known.
    Nothing,
    /// Nothing, for some of the request was not sent.
    Never,
}

/// A connection of HTTP/1.1.
pub(crate) struct One {
    io: Io,
    /// What came and was not read; of a head that is not whole, so much was looked at.
    read: BytesMut,
    looked_at: usize,
    sending: Sending,
    /// Whether what was written has left.
    is_flushed: bool,
    /// What was asked for last.
    asked: Method,
    /// How many heads came before the answer.
    interims: usize,
    reading: Reading,
    /// Whether anything came since the last request.
    is_heard: bool,
    /// What may follow this exchange.
    next: Next,
    /// Whether the last look at the body gave a part of it, and why there is no next one.
    has_given: bool,
    failure: Option<Http1Error>,
    timer: Timer,
}

impl One {
    /// A connection on which nothing was said yet.
    pub(super) fn new(io: Io) -> Self {
        Self {
            io,
            read: BytesMut::new(),
            looked_at: 0,
            sending: Sending::default(),
            is_flushed: true,
            asked: Method::GET,
            interims: 0,
            reading: Reading::Over,
            is_heard: false,
            next: Next::Exchange,
            has_given: false,
            failure: None,
            timer: Timer::default(),
        }
    }

    /// Whether any byte of an answer came.
    pub(super) fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// Whether another request may be sent: the last exchange has ended on both sides, and the server neither ended the connection
    /// nor said what nobody asked for.
    pub(super) fn is_usable(&mut self) -> bool {
        let is_between = self.next == Next::Exchange
            && self.is_sent()
            && matches!(self.reading, Reading::Over)
            && self.read.is_empty();
        // A task that has done much is told that nothing is there, whatever is: not here.
        let silent = poll_fn(|cx| Poll::Ready(self.io.poll_fill(cx, &mut self.read, HEAD_READ_BYTES).is_pending()));
        let silent = pin!(tokio::task::unconstrained(silent));
        is_between && silent.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(true)
    }

    /// Holds no more room than a head takes while nobody uses it.
    pub(super) fn let_go(&mut self) {
        if self.read.capacity() > HEAD_READ_BYTES {
            self.read = BytesMut::new();
        }
    }

    /// Begins to send a request: this method and path, these fields, this body.
    pub(super) fn begin(&mut self, method: Method, path: &str, body: Body, fields: impl FnOnce(&mut Out<'_>)) {
        (self.is_heard, self.interims) = (false, 0);
        self.next = Next::Nothing;
        self.sending.begin(&method, path, body, fields);
        self.asked = method;
    }

    /// Sends a request of the gateway itself and waits for its answer.
    pub(super) async fn ask(&mut self, request: Request<Body>, time_max: Duration) -> Result<Response<()>, Http1Error> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        self.begin(parts.method, path, body, |out| parts.headers.iter().for_each(|(name, value)| out.add(name, value)));
        self.answered(time_max).await
    }

    /// Sends what was begun and waits for the answer, whose body is read here then. From the end of the request, and while the
    /// server takes nothing of it, so much time may pass; how slowly its body may come is the client's bound.
    pub(super) async fn answered(&mut self, time_max: Duration) -> Result<Response<()>, Http1Error> {
        let mut until = None;
        poll_fn(|cx| {
            if let Poll::Ready(Err(error)) = self.poll_sent(cx) {
                return Poll::Ready(Err(error));
            }
            if let Poll::Ready(answered) = self.poll_head(cx) {
                return Poll::Ready(answered);
            }
            if self.sending.has_moved() || self.sending.waits_for_body() {
                until = None;
            }
            ready!(self.timer.poll(cx, *until.get_or_insert_with(|| now() + time_max)));
            Poll::Ready(Err(Http1Error::Slow))
        })
        .await
    }

    /// The head of an answer that is the last one.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<()>, Http1Error>> {
        loop {
            match answer::taken(&mut self.read, &mut self.looked_at, &self.asked)? {
                // Nobody here has asked for what else may come before an answer (RFC 9110 section 15.2).
                Some(head) if is_interim(head.response.status()) => {
                    self.interims += 1;
                    if self.interims > INTERIMS_MAX {
                        return Poll::Ready(Err(Http1Error::Broken("more and more heads before it".to_owned())));
                    }
                    if head.response.status() == StatusCode::CONTINUE {
                        self.sending.let_go();
                    }
                }
                Some(head) => {
                    if self.sending.is_held_back() {
                        // Whoever waits for leave to send a body sends none now.
                        self.give_up();
                    }
                    let is_last = !head.is_kept || head.response.status() == StatusCode::SWITCHING_PROTOCOLS;
                    if self.next == Next::Nothing && !is_last {
                        self.next = Next::Exchange;
                    }
                    self.reading = head.reading;
                    return Poll::Ready(Ok(head.response));
                }
                None => {
                    if ready!(self.poll_fill(cx, HEAD_READ_BYTES))? == 0 {
                        return Poll::Ready(Err(Http1Error::Ended));
                    }
                    // It may have asked for the body.
                    continue;
                }
            }
            if let Poll::Ready(Err(error)) = self.poll_sent(cx) {
                return Poll::Ready(Err(error));
            }
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        let filled = self.io.poll_fill(cx, &mut self.read, room);
        self.is_heard |= matches!(filled, Poll::Ready(Ok(1..)));
        filled
    }

    /// Sends what there is of the request; ready when all of it was.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Http1Error>> {
        loop {
            match self.sending.poll_next(cx).map_err(Http1Error::Request)? {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return self.poll_flushed(cx),
                Poll::Pending => {
                    ready!(self.poll_flushed(cx))?;
                    return Poll::Pending;
                }
            }
            let mut slices = [IoSlice::new(&[]); 3];
            let count = self.sending.slices(&mut slices);
            let slices = slices.get(..count).unwrap_or_default();
            match ready!(Pin::new(&mut self.io).poll_write_vectored(cx, slices)) {
                Ok(0) => self.give_up(),
                Ok(count) => {
                    self.is_flushed = false;
                    self.sending.sent(count);
                }
                // A server that answers before the end of a request may take no more of it; but its answer is there to be read. So
                // what is read decides: the answer, or the end of the connection.
                Err(error) if is_end(&error) => self.give_up(),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Ready when what was written has left: TLS takes more than its socket does.
    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Http1Error>> {
        if !self.is_flushed {
            match ready!(Pin::new(&mut self.io).poll_flush(cx)) {
                Ok(()) => self.is_flushed = true,
                Err(error) if is_end(&error) => self.give_up(),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends nothing more, and nothing behind this exchange.
    fn give_up(&mut self) {
        self.sending.give_up();
        (self.is_flushed, self.next) = (true, Next::Never);
    }

    /// The next part of the body of the answer.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Http1Error>>> {
        loop {
            match self.part() {
                Ok(None) => {}
                Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
            if matches!(self.reading, Reading::Over) {
                return Poll::Ready(None);
            }
            match (ready!(self.poll_fill(cx, READ_BYTES)), &self.reading) {
                (Ok(0), Reading::UntilEnd) => self.reading = Reading::Over,
                (Ok(0), _) => return Poll::Ready(Some(Err(Http1Error::Ended))),
                (Ok(_), _) => {}
                (Err(error), _) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }

    /// Ends here. What came before is handed on first: to who ends a connection at once, it would be lost.
    fn poll_failed(&mut self, cx: &Context<'_>, error: Http1Error) -> Poll<Option<Result<Frame<Bytes>, Http1Error>>> {
        if std::mem::take(&mut self.has_given) {
            self.failure = Some(error);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.reading = Reading::Over;
        self.next = Next::Never;
        Poll::Ready(Some(Err(error)))
    }

    /// A part of the body of what came already.
    fn part(&mut self) -> Result<Option<Frame<Bytes>>, Http1Error> {
        let passing = match &mut self.reading {
            Reading::Over => return Ok(None),
            Reading::UntilEnd if self.read.is_empty() => return Ok(None),
            Reading::UntilEnd => return Ok(Some(Frame::data(self.read.split().freeze()))),
            Reading::Framed(passing) => passing,
        };
        let mut data = None;
        // What stands behind data and is there is read with it: so it is known at once whether more is to come.
        while data.is_none() || !passing.is_in_data() {
            match passing.next(&self.read) {
                Ok(Some(Run::Framing(count))) => self.read.advance(count),
                Ok(Some(Run::Data(count))) => data = Some(self.read.split_to(count).freeze()),
                Ok(None) => break,
                Err(refusal) => {
                    let broken = Http1Error::Broken(refusal.detail);
                    let Some(data) = data else {
                        return Err(broken);
                    };
                    self.failure = Some(broken);
                    return Ok(Some(Frame::data(data)));
                }
            }
        }
        if !passing.is_done() {
            return Ok(data.map(Frame::data));
        }
        let broken = || Http1Error::Broken("the fields behind its body".to_owned());
        let fields = fields_behind(passing.trailer()).ok_or_else(broken)?;
        if let Some(data) = data {
            if fields.is_empty() {
                self.reading = Reading::Over;
            }
            return Ok(Some(Frame::data(data)));
        }
        self.reading = Reading::Over;
        Ok((!fields.is_empty()).then(|| Frame::trailers(fields)))
    }

    /// Sends what is left of a request whose answer came before its end, or as much of it as is taken in time, and as long as the
    /// server says nothing more.
    pub(super) async fn finish(&mut self) {
        let sent = poll_fn(|cx| {
            let is_over = self.poll_sent(cx).is_ready() || self.poll_fill(cx, HEAD_READ_BYTES).is_ready();
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        });
        let _ = tokio::time::timeout(REST_TIME_MAX, sent).await;
    }

    /// Whether all of the request was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.sending.is_over() && self.is_flushed
    }

    /// The bytes both ways behind a change of protocols, and those that came with it.
    pub(super) fn switched(self) -> (Io, Bytes) {
        (self.io, self.read.freeze())
    }
}

/// Whether more heads follow.
fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}

/// Whether nobody reads any more.
fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

/// The body of the last answer.
impl HttpBody for One {
    type Data = Bytes;
    type Error = Http1Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Http1Error>>> {
        let one = self.get_mut();
        if let Some(failure) = one.failure.take() {
            return one.poll_failed(cx, failure);
        }
        if !one.is_sent()
            && let Poll::Ready(Err(error)) = one.poll_sent(cx)
        {
            return one.poll_failed(cx, error);
        }
        match one.poll_part(cx) {
            Poll::Ready(Some(Err(error))) => one.poll_failed(cx, error),
            part => {
                one.has_given = part.is_ready();
                part
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.reading, Reading::Over)
    }

    fn size_hint(&self) -> SizeHint {
        let length = match &self.reading {
            Reading::Over => Some(0),
            Reading::Framed(passing) => passing.length_left(),
            Reading::UntilEnd => None,
        };
        length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl std::fmt::Debug for One {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("One").field("reading", &self.reading).finish_non_exhaustive()
    }
}
