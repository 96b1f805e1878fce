//! HTTP/1.1 (RFC 9112) towards clients: a connection on which one exchange follows the other.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http::{Method, Response, StatusCode, Version};
use tokio::sync::oneshot;

use super::gate::{Shared, Switched};
use super::head::RequestHead;
use super::limits::FAREWELL_TIME_MAX;
use super::{Arrival, Bounds, Connection};
use crate::body::{Body, BodyError};
use crate::entrance::Place;
use crate::io::Io;
use crate::refusal::{Reason, Refusal};
use crate::sending::{Asked, Behind, Sending};

/// Serves a connection until it ends; after `stop`, until the exchange under way has ended.
pub(super) async fn serve<F>(
    io: Io,
    remote: SocketAddr,
    bounds: Bounds,
    place: Place,
    handle: impl Fn(Arrival) -> F,
    stop: Pin<&mut impl Future<Output = ()>>,
) where
    F: Future<Output = Response<Body>>,
{
    let connection = Rc::new(Connection::of(remote, &io));
    let gate = Shared::new(io, bounds.body_bytes_max, place);
    let mut farewell = Farewell { stop, sleep: None };
    loop {
        let read = tokio::select! {
            // What came at the last moment is answered.
            biased;
            read = gate.head() => read,
            () = &mut farewell => None,
        };
        let Some(read) = read else {
            return gate.shut().await;
        };
        connection.begins();
        // To who speaks no HTTP nothing is said; what becomes of it is on record.
        let is_mute = read.as_ref().is_err_and(|refusal| refusal.reason == Reason::NotHttp);
        let (arrival, exchange) = begun(read, &gate, &connection);
        let Some(answer) = answered(&gate, handle(arrival)).await else {
            return;
        };
        if is_mute {
            return gate.shut().await;
        }
        let is_stopping = poll_fn(|cx| Poll::Ready(farewell.is_said(cx))).await;
        // Where the body was not read the client may still send it: its next request would get no answer (RFC 9112 section 9.6).
        let goes_on = !exchange.is_last && !is_stopping && gate.exchanges() < bounds.requests_max && gate.is_body_over();
        let is_switched = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let behind = match sent(&gate, answer, exchange.asked, goes_on).await {
            Ok(behind) => behind,
            // How a connection ends is the client's; what became of its exchanges is in the audit trail.
            Err(_) => return,
        };
        if let Some(opened) = exchange.upgrade.filter(|_| is_switched) {
            let _ = opened.send(Switched(gate));
            return;
        }
        gate.answered();
        if behind != Behind::More {
            return gate.shut().await;
        }
    }
}

/// What is to be known of an exchange while it is under way.
struct Exchanged {
    asked: Asked,
    is_last: bool,
    /// Who waits for the connection to become a WebSocket.
    upgrade: Option<oneshot::Sender<Switched>>,
}

/// A request as it arrived: a plain one of ours, where it was refused.
fn begun(
    read: Result<RequestHead, Refusal>,
    gate: &Shared,
    connection: &Rc<Connection>,
) -> (Arrival, Exchanged) {
    let read = match read {
        Ok(read) => read,
        Err(refusal) => {
            let asked = Asked { for_head: false, is_http10: false };
            let exchange = Exchanged { asked, is_last: true, upgrade: None };
            return (Arrival::refused(refusal, connection.clone()), exchange);
        }
    };
    let (upgrade, switched) = if read.head.is_websocket {
        let (upgrade, switched) = oneshot::channel();
        (Some(upgrade), Some(switched))
    } else {
        (None, None)
    };
    let asked = Asked {
        for_head: *read.request.method() == Method::HEAD,
        is_http10: read.request.version() == Version::HTTP_10,
    };
    let body = Body::arriving(gate.arriving(), connection.clone());
    let request = read.request.map(|()| body);
    let arrival = Arrival { request, head: Ok(read.head), connection: connection.clone(), upgrade: switched };
    (arrival, Exchanged { asked, is_last: read.is_last, upgrade })
}

/// The answer; nothing where the client has gone meanwhile.
async fn answered(gate: &Shared, answer: impl Future<Output = Response<Body>>) -> Option<Response<Body>> {
    let mut answer = pin!(answer);
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => gate.poll_gone(cx).map(|()| None),
    })
    .await
}

/// Why an answer was not sent to its end.
#[derive(Debug, thiserror::Error)]
enum Unsent {
    #[error("the client has gone")]
    Gone,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Body(#[from] BodyError),
}

/// Sends an answer: what may follow it.
async fn sent(gate: &Shared, answer: Response<Body>, asked: Asked, goes_on: bool) -> Result<Behind, Unsent> {
    let (parts, body) = answer.into_parts();
    let mut sending = Sending::default();
    let behind = sending.begin_answer(&parts, body, asked, goes_on);
    drop(parts);
    gate.answers(behind == Behind::BodyEnd);
    poll_fn(|cx| poll_sent(gate, &mut sending, cx)).await?;
    Ok(behind)
}

fn poll_sent(gate: &Shared, sending: &mut Sending, cx: &mut Context<'_>) -> Poll<Result<(), Unsent>> {
    loop {
        // The body may read what the client still sends: the connection is not touched meanwhile.
        match sending.poll_next(cx) {
            Poll::Ready(Ok(true)) => {}
            Poll::Ready(Ok(false)) => return gate.poll_flushed(cx).map_err(Unsent::from),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
            Poll::Pending => {
                ready!(gate.poll_flushed(cx))?;
                return gate.poll_gone(cx).map(|()| Err(Unsent::Gone));
            }
        }
        let mut slices = [IoSlice::new(&[]); 3];
        let count = sending.slices(&mut slices);
        match ready!(gate.poll_write(cx, slices.get(..count).unwrap_or_default()))? {
            0 => return Poll::Ready(Err(Unsent::Gone)),
            count => sending.sent(count),
        }
    }
}

/// That the gateway stops, and some time after that.
struct Farewell<'s, S> {
    stop: Pin<&'s mut S>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<S: Future<Output = ()>> Farewell<'_, S> {
    /// Whether it was said.
    fn is_said(&mut self, cx: &mut Context<'_>) -> bool {
        if self.sleep.is_none() && self.stop.as_mut().poll(cx).is_ready() {
            self.sleep = Some(Box::pin(tokio::time::sleep(FAREWELL_TIME_MAX)));
        }
        self.sleep.is_some()
    }
}

impl<S: Future<Output = ()>> Future for Farewell<'_, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_said(cx) {
            return Poll::Pending;
        }
        self.sleep.as_mut().map_or(Poll::Pending, |sleep| sleep.as_mut().poll(cx))
    }
}
