//! HTTP/1.1 (RFC 9112) towards clients: hyper behind the gate, as long as there is something to read.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;

use super::gate::{Gate, Shared};
use super::limits::FAREWELL_TIME_MAX;
use super::{AnswerEnd, Arrival, Bounds, Connection};
use crate::body::Body;
use crate::entrance::Place;
use crate::io::Io;

/// The most bytes that hyper holds of a connection.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Serves a connection until it ends; after `stop`, until the exchanges under way have ended.
pub(super) async fn serve<F>(
    io: Io,
    remote: SocketAddr,
    bounds: Bounds,
    place: Place,
    handle: impl Fn(Arrival) -> F,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) where
    F: Future<Output = Response<Body>> + 'static,
{
    let mut connection = Connection::new(remote);
    connection.is_tls = io.is_tls();
    connection.certificate = io.certificate();
    connection.requests_max = bounds.requests_max;
    let connection = Arc::new(connection);
    let said = connection.clone();
    let gate = Shared::new(Gate::new(io, connection.clone(), bounds.body_bytes_max, place));
    let asked = |mut request: Request<Incoming>| {
        let head = connection.next_head();
        if request.version() == Version::HTTP_10 {
            connection.with(|state| state.end = AnswerEnd::OfConnection);
        }
        let upgrade = Some(hyper::upgrade::on(&mut request));
        let request = request.map(|body| Body::arriving_on(body, connection.clone()));
        let answer = handle(Arrival { request, head, connection: connection.clone(), upgrade });
        let connection = connection.clone();
        async move {
            let mut answer = answer.await;
            connection.announce_end(&mut answer);
            Ok::<_, Infallible>(answer.map(|body| body.ending(connection)))
        }
    };
    let mut http = hyper::server::conn::http1::Builder::new();
    // As many fields as the gate lets pass are what hyper takes by itself. Told so, it clears room for them at every request.
    http.max_buf_size(BUFFER_BYTES_MAX).header_read_timeout(None);
    let mut farewell = pin!(async {
        stop.as_mut().await;
        said.stops();
        tokio::time::sleep(FAREWELL_TIME_MAX).await;
    });
    loop {
        // While nothing comes a connection has no hyper, whose buffers are most of what one holds.
        let passes = tokio::select! {
            // What came at the last moment is answered.
            biased;
            passes = gate.passes() => passes,
            () = farewell.as_mut() => false,
        };
        if !passes {
            return gate.shut().await;
        }
        let mut served = Box::pin(http.serve_connection(gate.clone(), service_fn(&asked)).with_upgrades());
        let until_idle = poll_fn(|cx| looked_at(&said, &gate, cx, |cx| served.as_mut().poll(cx)));
        tokio::select! {
            biased;
            is_over = until_idle => if is_over {
                return;
            },
            () = farewell.as_mut() => {
                served.as_mut().graceful_shutdown();
                let _ = served.await;
                return;
            }
        }
    }
}

/// One look at a connection that is served. Ready when it is over, or when nothing comes and nobody who reads is needed: whether it is over.
fn looked_at<T>(
    connection: &Connection,
    gate: &Shared,
    cx: &mut Context<'_>,
    serve: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<bool> {
    let (served, is_behind) = connection.serving(|| serve(cx));
    if served.is_pending() && is_behind {
        gate.sees_end(cx);
    }
    match served {
        Poll::Pending if gate.is_idle() => Poll::Ready(false),
        // How a connection ends is the client's; what became of its exchanges is in the audit trail.
        served => served.map(|_| true),
    }
}
