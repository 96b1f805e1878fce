//! Bodies as they go through: whole, streamed, or a part that was read with what is left.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;

use crate::downstream::Connection;
use crate::refusal::Refusal;

/// A body in either direction. Fields behind a body (trailers) are not forwarded.
#[derive(Debug)]
pub struct Body {
    /// What was read already.
    read: Option<Bytes>,
    /// What is still to come.
    rest: Option<Incoming>,
    /// The connection whose exchange ends with this body.
    exchange: Option<Exchanged>,
    /// The connection that says why it stopped.
    source: Option<Arc<Connection>>,
    /// Held until it is sent, so that the sender can tell.
    mark: Option<Arc<()>>,
}

/// Marks the end of an exchange when it is dropped: from then on a silent connection is idle.
#[derive(Debug)]
struct Exchanged(Arc<Connection>);

impl Drop for Exchanged {
    fn drop(&mut self) {
        self.0.exchange_ended();
    }
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
        Self { read: None, rest: None, exchange: None, source: None, mark: None }
    }

    /// A body that arrives.
    pub(crate) fn arriving(rest: Incoming) -> Self {
        Self { rest: Some(rest), ..Self::empty() }
    }

    /// A body that arrives on a connection of a client, which knows why it stops.
    pub(crate) fn arriving_on(rest: Incoming, connection: Arc<Connection>) -> Self {
        if rest.is_end_stream() {
            connection.body_read();
        }
        Self { rest: Some(rest), source: Some(connection), ..Self::empty() }
    }

    /// The exchange of a connection ends with this body.
    pub(crate) fn ending(mut self, connection: Arc<Connection>) -> Self {
        self.exchange = Some(Exchanged(connection));
        self
    }

    /// Holds a mark until it was sent, or given up.
    pub(crate) fn mark(&mut self, mark: Arc<()>) {
        self.mark = Some(mark);
    }

    /// Tells the connection when the last of it was read.
    fn note_end(&self) {
        if self.rest.as_ref().is_none_or(HttpBody::is_end_stream) {
            self.note_read();
        }
    }

    fn note_read(&self) {
        if let Some(connection) = &self.source {
            connection.body_read();
        }
    }

    /// All of it, where it was read to its end.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        self.rest.is_none().then(|| self.read.as_deref().unwrap_or_default())
    }

    /// Reads it up to a limit, so that it can be looked at before it goes on.
    pub(crate) async fn read_up_to(mut self, limit: usize) -> Result<Read, BodyError> {
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
        let Some(rest) = self.rest.as_mut() else {
            return Poll::Ready(None);
        };
        match Pin::new(rest).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.note_end();
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                // Trailers are consumed here: none is forwarded.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(Some(Err(error))) => {
                let refusal = self.source.as_ref().and_then(|connection| connection.body_refusal());
                let error = refusal.map_or(BodyError::Ended(error), |one| BodyError::Refused(Box::new(one)));
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                self.note_read();
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.as_ref().is_none_or(Bytes::is_empty) && self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.as_ref().map_or(0, |read| read.len() as u64);
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
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
            Self::Ended(error) => Refusal::new(otherwise, error.to_string()),
        }
    }
}
