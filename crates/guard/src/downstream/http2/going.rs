//! What goes on on a connection of HTTP/2, as whoever looks after it sees it from tick to tick: how many streams are open, and
//! which of them do not go on although it is the client's turn. No stream needs a timer of its own.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::frames::Counted;
use crate::body::{Body, BodyError};
use crate::downstream::limits::HTTP2_STALLED_TICKS_MAX;
use crate::refusal::{Reason, Refusal};

/// The streams of a connection.
#[derive(Default)]
pub(super) struct Streams {
    open: Cell<usize>,
    tick: Cell<u32>,
    /// Since when no stream is open.
    idle_since: Cell<u32>,
    has_begun: Cell<bool>,
    has_settings: Cell<bool>,
    /// Since when a block of fields is not whole.
    block_since: Cell<Option<u32>>,
    counted: Cell<Counted>,
    answers: RefCell<Vec<Rc<Going>>>,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    GoesOn,
    /// Nothing was asked on it for too long.
    Idle,
    /// Its client does not go on with what it began.
    Over,
}

/// Counts as an open stream until it is dropped.
pub(super) struct Open(Rc<Streams>);

/// An answer that is being sent.
struct Going {
    body: RefCell<Option<Body>>,
    /// When something of it was given last.
    since: Cell<u32>,
    /// Whether it is the client's turn: what was given must be taken first.
    is_given: Cell<bool>,
    is_over: Cell<bool>,
}

/// The body of an answer.
pub(super) struct Sent {
    going: Rc<Going>,
    open: Open,
}

impl Streams {
    /// A stream was opened.
    pub(super) fn opened(self: &Rc<Self>) -> Open {
        self.open.set(self.open.get() + 1);
        Open(self.clone())
    }

    /// What every connection begins with was there.
    pub(super) fn began(&self) {
        self.has_begun.set(true);
    }

    /// Whether the settings of the client were there; these may be them.
    pub(super) fn has_settings(&self, are_these: bool) -> bool {
        self.has_settings.set(self.has_settings.get() || are_these);
        self.has_settings.get()
    }

    /// Whether nothing has come yet that a connection begins with.
    pub(super) fn is_new(&self) -> bool {
        !self.has_begun.get()
    }

    /// Whether no stream is open.
    pub(super) fn is_idle(&self) -> bool {
        self.open.get() == 0
    }

    /// A block of fields begins or goes on, or is whole.
    pub(super) fn block(&self, is_open: bool) {
        let since = self.block_since.get().unwrap_or(self.tick.get());
        self.block_since.set(is_open.then_some(since));
    }

    pub(super) fn count<T>(&self, change: impl FnOnce(&mut Counted) -> T) -> T {
        let mut counted = self.counted.get();
        let changed = change(&mut counted);
        self.counted.set(counted);
        changed
    }

    /// Looks at everything, once in a while.
    pub(super) fn ticked(&self, idle_ticks_max: u32) -> Verdict {
        let now = self.tick.get().wrapping_add(1);
        self.tick.set(now);
        self.counted.set(Counted::default());
        if !self.has_begun.get() || self.block_since.get().is_some_and(|since| now.wrapping_sub(since) > 1) {
            return Verdict::Over;
        }
        let mut answers = self.answers.borrow_mut();
        answers.retain(|one| !one.is_over.get());
        let is_stalled =
            |one: &Going| one.is_given.get() && now.wrapping_sub(one.since.get()) > HTTP2_STALLED_TICKS_MAX;
        let stalled: Vec<Rc<Going>> = answers.iter().filter(|one| is_stalled(one)).cloned().collect();
        drop(answers);
        for one in &stalled {
            // What it holds of the application is free; the stream ends when the client takes what is there.
            drop(one.body.take());
        }
        let open = self.open.get();
        if open > 0 && stalled.len() == open {
            return Verdict::Over;
        }
        let is_idle = open == 0 && now.wrapping_sub(self.idle_since.get()) > idle_ticks_max;
        if is_idle { Verdict::Idle } else { Verdict::GoesOn }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let streams = &self.0;
        streams.open.set(streams.open.get().saturating_sub(1));
        streams.idle_since.set(streams.tick.get());
    }
}

impl Sent {
    /// The body of an answer whose head leaves now.
    pub(super) fn new(body: Body, open: Open) -> Self {
        let streams = &open.0;
        streams.count(|counted| counted.answered += 1);
        let going = Rc::new(Going {
            body: RefCell::new(Some(body)),
            since: Cell::new(streams.tick.get()),
            is_given: Cell::new(false),
            is_over: Cell::new(false),
        });
        let mut answers = streams.answers.borrow_mut();
        // Those that are over would wait for the next tick.
        if answers.len() >= 2 * streams.open.get().max(1) {
            answers.retain(|one| !one.is_over.get());
        }
        answers.push(going.clone());
        drop(answers);
        Self { going, open }
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.going.is_over.set(true);
        drop(self.going.body.take());
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let going = &self.going;
        let mut body = going.body.borrow_mut();
        let Some(body) = body.as_mut() else {
            let refusal = Refusal::new(Reason::UpstreamCut, "the client did not take the answer in time");
            return Poll::Ready(Some(Err(BodyError::Refused(Box::new(refusal)))));
        };
        let polled = Pin::new(body).poll_frame(cx);
        going.is_given.set(matches!(polled, Poll::Ready(Some(Ok(_)))));
        going.since.set(self.open.0.tick.get());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.going.body.borrow().as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.going.body.borrow().as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const IDLE: u32 = 3;

    fn begun() -> Rc<Streams> {
        let streams = Rc::<Streams>::default();
        streams.began();
        streams
    }

    /// What becomes of a connection after so many ticks.
    fn after(streams: &Streams, ticks: u32) -> Verdict {
        (1..ticks).for_each(|_| assert_eq!(streams.ticked(IDLE), Verdict::GoesOn));
        streams.ticked(IDLE)
    }

    #[test]
    fn a_connection_that_does_not_begin_or_on_which_nothing_is_asked_ends() {
        assert_eq!(after(&Rc::<Streams>::default(), 1), Verdict::Over);
        let streams = begun();
        assert_eq!(after(&streams, IDLE + 1), Verdict::Idle);
        let open = streams.opened();
        assert_eq!(after(&streams, 2 * IDLE), Verdict::GoesOn, "the application takes its time");
        drop(open);
        assert_eq!(after(&streams, IDLE + 1), Verdict::Idle);
    }

    #[test]
    fn a_block_of_fields_that_is_not_whole_in_time_ends_the_connection() {
        let streams = begun();
        let _open = streams.opened();
        streams.block(true);
        streams.block(false);
        assert_eq!(after(&streams, 5), Verdict::GoesOn);
        streams.block(true);
        assert_eq!(after(&streams, 1), Verdict::GoesOn);
        streams.block(true);
        assert_eq!(after(&streams, 1), Verdict::Over, "it goes on and does not end");
    }

    #[tokio::test]
    async fn an_answer_that_the_client_does_not_take_gives_back_what_it_holds() {
        let streams = begun();
        let sent = || Sent::new(Body::from(Bytes::from_static(b"hello")), streams.opened());
        let (mut stalled, mut other) = (sent(), sent());
        let frame = poll_fn(|cx| Pin::new(&mut stalled).poll_frame(cx)).await;
        assert!(frame.is_some_and(|frame| frame.is_ok()));
        assert_eq!(after(&streams, HTTP2_STALLED_TICKS_MAX), Verdict::GoesOn);
        assert!(stalled.going.body.borrow().is_some(), "at the bound");
        assert_eq!(after(&streams, 1), Verdict::GoesOn, "another stream is open");
        assert!(stalled.going.body.borrow().is_none() && other.going.body.borrow().is_some());
        assert!(matches!(poll_fn(|cx| Pin::new(&mut stalled).poll_frame(cx)).await, Some(Err(_))));
        drop(stalled);
        let _frame = poll_fn(|cx| Pin::new(&mut other).poll_frame(cx)).await;
        assert_eq!(after(&streams, HTTP2_STALLED_TICKS_MAX + 1), Verdict::Over, "none of them goes on");
    }

    #[tokio::test]
    async fn an_answer_for_which_the_application_is_waited_for_stalls_nobody() {
        let streams = begun();
        let sent = Sent::new(Body::empty(), streams.opened());
        assert_eq!(after(&streams, 3 * HTTP2_STALLED_TICKS_MAX), Verdict::GoesOn);
        drop(sent);
        assert!(streams.is_idle());
    }
}
