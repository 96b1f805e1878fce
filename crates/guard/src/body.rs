//! Bodies as they go through: whole, streamed, or a part that was read with what is left.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use crate::downstream::limits::{BODY_IDLE_TIME_MAX, TRAILER_FIELDS_MAX};
use crate::downstream::{Arriving, Connection};
use crate::exchange::text_of;
use crate::layers::limits::Place;
use crate::record::{Cut, Record, Time, cut};
use crate::refusal::{DETAIL_BYTES_MAX, Reason, Refusal};
use crate::upstream::{Held, Hold, One, behind_answer, behind_request};
use crate::worker::Worker;

/// A body in either direction.
#[derive(Debug)]
pub struct Body {
    /// What was read already.
    read: Option<Bytes>,
    /// What is still to come.
    rest: Option<Rest>,
    /// The connection that is told why it stopped.
    source: Option<Rc<Connection>>,
    /// Held until it is sent, so that the sender can tell.
    mark: Option<Arc<()>>,
    /// Why it is not asked for yet.
    hold: Option<Hold>,
    /// What an answer of the application comes with.
    answer: Option<Box<Answered>>,
    /// The bounds of a request whose frames nobody has bounded yet.
    bounds: Option<Box<Bounds>>,
    /// Places among what is under way, given back with it. Boxed, because few bodies hold any.
    places: Option<Box<Places>>,
}

/// Where what is still to come of a body comes from.
#[derive(Debug)]
pub(crate) enum Rest {
    /// From what hyper reads.
    Hyper(Incoming),
    /// From the connection of a client of HTTP/1.1.
    Client(Arriving),
    /// From the connection to the application that its answer holds.
    Held,
}

/// Places among what is under way.
#[derive(Debug)]
struct Places(Vec<Place>);

/// The bounds of the body of a request.
#[derive(Debug)]
struct Bounds {
    /// How many more bytes it may have.
    left: u64,
    silence: Silence,
}

/// How long nothing may come.
#[derive(Debug)]
struct Silence {
    time_max: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whether something came since the time was set.
    is_moved: bool,
}

impl Silence {
    fn new(time_max: Duration) -> Self {
        Self { time_max, sleep: None, is_moved: false }
    }

    /// Ready when it lasted for too long. The clock is read once in that time, not for each part of a body.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let time_max = self.time_max;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(time_max)));
        while sleep.as_mut().poll(cx).is_ready() {
            if !std::mem::take(&mut self.is_moved) {
                return Poll::Ready(());
            }
            let next = sleep.deadline() + time_max;
            sleep.as_mut().reset(next);
        }
        Poll::Pending
    }
}

/// What an answer of the application comes with, beside its bytes.
struct Answered {
    /// What of the way to the application is in use until its end.
    held: Option<Held>,
    silence: Silence,
    has_fields_behind: bool,
    /// Who is told when it is cut off, and of which exchange.
    told: Option<(Rc<Worker>, HeaderValue)>,
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// What arrived was refused.
    #[error("the body was refused: {}", .0.reason)]
    Refused(Box<Refusal>),
    /// The connection ended.
    #[error("the body ended early: {0}")]
    Ended(#[from] hyper::Error),
    /// The client ended its connection.
    #[error("the client ended the connection")]
    Gone,
    /// The application did not end its answer as it should.
    #[error("{0}")]
    Broken(String),
    /// It is not as long as was said.
    #[error("the body has {0}")]
    NotWhole(&'static str),
}

/// What became of reading a body up to a limit.
pub(crate) enum Read {
    /// All of it.
    Whole(Bytes),
    /// It is longer: what was read, and the rest.
    Longer(Body),
}

impl Body {
    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { read: None, rest: None, source: None, mark: None, hold: None, answer: None, bounds: None, places: None }
    }

    /// The body of an answer of the application. What it holds of the way there is given back at its end.
    pub(crate) fn answered(rest: Rest, held: Held, idle_time_max: Duration) -> Self {
        let is_over = match &rest {
            Rest::Hyper(rest) => rest.is_end_stream(),
            Rest::Client(rest) => rest.is_end_stream(),
            Rest::Held => held.one().is_none_or(HttpBody::is_end_stream),
        };
        if is_over {
            held.give_back();
            // What hyper knows of the length of an answer of HTTP/2 goes on.
            let rest = Some(rest).filter(|rest| matches!(rest, Rest::Hyper(_)));
            return Self { rest, ..Self::empty() };
        }
        let held = Some(held);
        let silence = Silence::new(idle_time_max);
        let answer = Answered { held, silence, has_fields_behind: false, told: None };
        Self { rest: Some(rest), answer: Some(Box::new(answer)), ..Self::empty() }
    }

    /// The connection from which an answer comes.
    fn one(&self) -> Option<&One> {
        self.answer.as_ref()?.held.as_ref()?.one()
    }

    /// The next part of what is still to come.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.rest {
            None => Poll::Ready(None),
            Some(Rest::Hyper(rest)) => Pin::new(rest).poll_frame(cx).map_err(BodyError::from),
            Some(Rest::Client(rest)) => Pin::new(rest).poll_frame(cx),
            Some(Rest::Held) => {
                let one = self.answer.as_mut().and_then(|answer| answer.held.as_mut()).and_then(Held::one_mut);
                let frame = one.map_or(Poll::Ready(None), |one| Pin::new(one).poll_frame(cx));
                frame.map_err(|error| BodyError::Broken(error.to_string()))
            }
        }
    }

    /// Whether nothing more is to come.
    fn is_rest_over(&self) -> bool {
        match &self.rest {
            None => true,
            Some(Rest::Hyper(rest)) => rest.is_end_stream(),
            Some(Rest::Client(rest)) => rest.is_end_stream(),
            Some(Rest::Held) => self.one().is_none_or(HttpBody::is_end_stream),
        }
    }

    /// Fields follow behind it: in HTTP/1.1 its length must not be told then.
    pub(crate) fn with_fields_behind(mut self) -> Self {
        if let Some(answer) = &mut self.answer {
            answer.has_fields_behind = true;
        }
        self
    }

    /// Says to whom it is told when the application does not end it.
    pub(crate) fn telling(mut self, worker: &Rc<Worker>, request_id: HeaderValue) -> Self {
        if let Some(answer) = &mut self.answer {
            answer.told = Some((worker.clone(), request_id));
        }
        self
    }

    /// A body that arrives on a connection of HTTP/1.1 of a client, which is told why it stops.
    pub(crate) fn arriving(rest: Arriving, connection: Rc<Connection>) -> Self {
        Self { rest: Some(Rest::Client(rest)), source: Some(connection), ..Self::empty() }
    }

    /// The same of HTTP/2.
    pub(crate) fn arriving_by_http2(rest: Incoming, connection: Rc<Connection>) -> Self {
        Self { rest: Some(Rest::Hyper(rest)), source: Some(connection), ..Self::empty() }
    }

    /// It may have so many bytes, and must go on.
    pub(crate) fn bounded(mut self, bytes_max: u64) -> Self {
        self.bounds = Some(Box::new(Bounds { left: bytes_max, silence: Silence::new(BODY_IDLE_TIME_MAX) }));
        self
    }

    /// Holds a mark until it was sent, or given up.
    pub(crate) fn mark(&mut self, mark: Arc<()>) {
        self.mark = Some(mark);
    }

    /// Holds these places until it was sent, or given up.
    pub(crate) fn hold_places(&mut self, places: Vec<Place>) {
        self.places = (!places.is_empty()).then(|| Box::new(Places(places)));
    }

    /// The places that it holds, for another body.
    pub(crate) fn places(&mut self) -> Vec<Place> {
        self.places.take().map(|places| places.0).unwrap_or_default()
    }

    /// It is not asked for before that.
    pub(crate) fn hold(&mut self, hold: Hold) {
        self.hold = Some(hold);
    }

    /// Whether some of it is there, as far as that is known.
    pub(crate) fn has_begun(&self) -> bool {
        self.read.is_some() || matches!(&self.rest, Some(Rest::Client(arriving)) if arriving.has_begun())
    }

    /// Whether it must not be asked for yet.
    pub(crate) fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    /// It may be asked for.
    pub(crate) fn let_go(&mut self) {
        self.hold = None;
    }

    /// Why a part of it is too much.
    fn beyond(&mut self, frame: &Frame<Bytes>) -> Option<Refusal> {
        let bounds = self.bounds.as_mut()?;
        bounds.silence.is_moved = true;
        let count = frame.data_ref().map_or(0, |data| data.len() as u64);
        match bounds.left.checked_sub(count) {
            Some(left) => bounds.left = left,
            None => return Some(Refusal::new(Reason::BodyTooLarge, "more bytes than the bound")),
        }
        let trailers = frame.trailers_ref()?;
        let is_too_long = trailers.len() > TRAILER_FIELDS_MAX;
        is_too_long.then(|| Refusal::new(Reason::Trailer, "too many fields behind the body"))
    }

    /// Ready when nothing came for too long, where that is looked at here.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Refusal> {
        match (&mut self.answer, &mut self.bounds) {
            (Some(answer), _) => answer.poll_silence(cx),
            (None, Some(bounds)) => {
                // Whoever is answered already may be silent: both sides of a call of gRPC talk when they like.
                bounds.silence.is_moved |= self.source.as_ref().is_some_and(|connection| connection.is_answered());
                let slow = || Refusal::new(Reason::BodyTooSlow, "the body did not go on in time");
                bounds.silence.poll(cx).map(|()| slow())
            }
            (None, None) => Poll::Pending,
        }
    }

    /// It ends here.
    fn refused(&mut self, refusal: Refusal) -> BodyError {
        self.rest = None;
        if let Some(connection) = &self.source {
            connection.refuse_body(refusal.clone());
        }
        BodyError::Refused(Box::new(refusal))
    }

    /// Why it ended early.
    fn ended(&mut self, error: BodyError) -> BodyError {
        if let Some(answer) = &mut self.answer {
            let refusal = Refusal::new(Reason::UpstreamCut, error.to_string());
            answer.tell(&refusal);
            return BodyError::Refused(Box::new(refusal));
        }
        if let (Some(connection), BodyError::Refused(refusal)) = (&self.source, &error) {
            connection.refuse_body(refusal.as_ref().clone());
        }
        error
    }

    /// All of it, where it was read to its end.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        self.rest.is_none().then(|| self.read.as_deref().unwrap_or_default())
    }

    /// Reads it up to a limit, so that it can be looked at before it goes on. One of a server must be there within the time for which it
    /// may be silent: who waits for all of it waits no longer for one that comes byte by byte.
    pub(crate) async fn read_up_to(self, limit: usize) -> Result<Read, BodyError> {
        let Some(time_max) = self.answer.as_ref().map(|answer| answer.silence.time_max) else {
            return self.read_on(limit).await;
        };
        let read = tokio::time::timeout(time_max, self.read_on(limit)).await;
        read.unwrap_or_else(|_| {
            let why = format!("not all of the answer was there within {} s", time_max.as_secs());
            Err(BodyError::Refused(Box::new(Refusal::new(Reason::UpstreamStalled, why))))
        })
    }

    async fn read_on(mut self, limit: usize) -> Result<Read, BodyError> {
        let mut all = BytesMut::new();
        loop {
            let next = std::future::poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await;
            let Some(frame) = next.transpose()? else {
                return Ok(Read::Whole(all.freeze()));
            };
            if let Ok(data) = frame.into_data() {
                all.extend_from_slice(&data);
            }
            if all.len() > limit {
                self.read = Some(all.freeze());
                return Ok(Read::Longer(self));
            }
        }
    }
}

impl Answered {
    /// Something of it came; the last of it, or not.
    fn moved(&mut self, is_over: bool) {
        self.silence.is_moved = true;
        if is_over && let Some(held) = self.held.take() {
            held.give_back();
        }
    }

    /// Ready when it was silent for too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Refusal> {
        ready!(self.silence.poll(cx));
        let refusal = Refusal::new(Reason::UpstreamStalled, "nothing more of the answer came");
        self.tell(&refusal);
        Poll::Ready(refusal)
    }

    /// Says that it is cut off.
    fn tell(&self, refusal: &Refusal) {
        let Some((worker, request_id)) = &self.told else {
            return;
        };
        worker.counters.upstream_failed(refusal.reason);
        if worker.records.are_wanted() {
            worker.records.write(&Record::Cut(Cut {
                time: Time(worker.now()),
                request_id: text_of(request_id),
                reason: refusal.reason.name(),
                detail: cut(refusal.detail.clone(), DETAIL_BYTES_MAX),
            }));
        }
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").field("held", &self.held).finish_non_exhaustive()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { read: Some(bytes), ..Self::empty() }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(read) = self.read.take().filter(|read| !read.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(read))));
        }
        let body = &mut *self;
        if let Some(hold) = &mut body.hold {
            ready!(hold.poll(cx));
            body.hold = None;
        }
        if body.rest.is_none() {
            return Poll::Ready(None);
        }
        match body.poll_rest(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(refusal) = body.beyond(&frame) {
                    return Poll::Ready(Some(Err(body.refused(refusal))));
                }
                let frame = match frame.into_trailers() {
                    Ok(trailers) if body.answer.is_some() => Frame::trailers(behind_answer(&trailers)),
                    Ok(trailers) => Frame::trailers(behind_request(&trailers)),
                    Err(frame) => frame,
                };
                let is_over = body.is_rest_over();
                if let Some(answer) = &mut body.answer {
                    answer.moved(is_over);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(body.ended(error)))),
            Poll::Ready(None) => {
                if let Some(answer) = &mut body.answer {
                    answer.moved(true);
                }
                Poll::Ready(None)
            }
            Poll::Pending => {
                let refusal = ready!(body.poll_silence(cx));
                Poll::Ready(Some(Err(body.refused(refusal))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.as_ref().is_none_or(Bytes::is_empty) && self.is_rest_over()
    }

    fn size_hint(&self) -> SizeHint {
        if self.answer.as_ref().is_some_and(|answer| answer.has_fields_behind) {
            return SizeHint::new();
        }
        let read = self.read.as_ref().map_or(0, |read| read.len() as u64);
        let rest = match &self.rest {
            Some(Rest::Hyper(rest)) => rest.size_hint(),
            Some(Rest::Client(rest)) => rest.size_hint(),
            Some(Rest::Held) => self.one().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint),
            None => SizeHint::with_exact(0),
        };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + read);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + read);
        }
        hint
    }
}

impl BodyError {
    /// The refusal that it is, or one for another reason.
    pub(crate) fn into_refusal(self, otherwise: crate::refusal::Reason) -> Refusal {
        match self {
            Self::Refused(refusal) => *refusal,
            other => Refusal::new(otherwise, other.to_string()),
        }
    }
}
