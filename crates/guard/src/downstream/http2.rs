//! HTTP/2 (RFC 9113) towards clients. hyper and `h2` keep its state; what they bound well is bounded there, and what they do not
//! is bounded here: frames that carry nothing ([`frames`]), streams that are reset, heads and answers that do not go on.
//! A request arrives at the layers as one of HTTP/1.1 does, read by the same rules.

mod frames;
mod going;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, COOKIE, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::sync::Notify;

use super::head::{self, Framing};
use super::io::Io;
use super::limits::{
    HEAD_BYTES_MAX, HTTP2_IDLE_TICKS_MAX, HTTP2_LOCAL_RESETS_MAX, HTTP2_PENDING_RESETS_MAX, HTTP2_SENT_BYTES_MAX,
    HTTP2_STREAMS_MAX, HTTP2_TICK, LINGER_TIME_MAX,
};
use super::{Arrival, Bounds, Connection, Ended};
use crate::body::Body;
use crate::refusal::{Reason, Refusal};
use crate::upstream::OnThisThread;
use frames::Frames;
use going::{Sent, Streams, Verdict};

/// What a client may send of one request, and of all of a connection, before some of it was taken.
const WINDOW_BYTES: u32 = 256 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;

/// Serves a connection until it ends; after `stop`, until the exchanges under way have ended.
pub(super) async fn serve<F>(
    io: Io,
    remote: SocketAddr,
    bounds: Bounds,
    handle: impl Fn(Arrival) -> F,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Ended
where
    F: Future<Output = Response<Body>> + 'static,
{
    let Bounds { body_bytes_max, requests_max } = bounds;
    let (asked, enough) = (Cell::new(0_u32), Notify::new());
    let is_tls = io.is_tls();
    let streams = Rc::<Streams>::default();
    let service = service_fn(|request: Request<Incoming>| {
        let mut connection = Connection::new(remote);
        connection.is_tls = is_tls;
        asked.set(asked.get().saturating_add(1));
        if asked.get() == requests_max {
            enough.notify_one();
        }
        let open = streams.opened();
        let answer = handle(arrived(request, Arc::new(connection), body_bytes_max));
        async move {
            let (mut parts, body) = answer.await.into_parts();
            without_connection(&mut parts.headers);
            Ok::<_, Infallible>(Response::from_parts(parts, Sent::new(body, open)))
        }
    });
    let frames = Frames::new(io, streams.clone());
    let mut served = pin!(builder().serve_connection(frames, service));
    let (mut is_stopping, mut ticks) = (false, ticking(HTTP2_TICK));
    loop {
        tokio::select! {
            // How a connection ends is the client's; what became of its exchanges is in the audit trail.
            _ = served.as_mut() => break,
            () = stop.as_mut(), if !is_stopping => {
                served.as_mut().graceful_shutdown();
                (is_stopping, ticks) = (true, ticking(LINGER_TIME_MAX));
            }
            // What was sent before the client is told so is answered.
            () = enough.notified(), if !is_stopping => {
                served.as_mut().graceful_shutdown();
                (is_stopping, ticks) = (true, ticking(LINGER_TIME_MAX));
            }
            _ = ticks.tick() => match streams.ticked(HTTP2_IDLE_TICKS_MAX) {
                Verdict::GoesOn => {}
                Verdict::Idle if is_stopping => break,
                Verdict::Idle => {
                    served.as_mut().graceful_shutdown();
                    is_stopping = true;
                }
                Verdict::Over => break,
            },
        }
        if is_stopping && streams.is_idle() && !streams.is_new() {
            // It was told that nothing more is taken; whether it ends is its own affair for a moment.
            let _ = tokio::time::timeout(LINGER_TIME_MAX, served.as_mut()).await;
            if streams.is_idle() {
                break;
            }
        }
    }
    if streams.is_flooded() { Ended::Flooded } else { Ended::Served }
}

fn ticking(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.reset();
    ticks
}

fn builder() -> hyper::server::conn::http2::Builder<OnThisThread> {
    let mut http = hyper::server::conn::http2::Builder::new(OnThisThread);
    http.initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .max_send_buf_size(HTTP2_SENT_BYTES_MAX)
        .max_pending_accept_reset_streams(HTTP2_PENDING_RESETS_MAX)
        .max_local_error_reset_streams(HTTP2_LOCAL_RESETS_MAX);
    http
}

/// A request as the layers know them: what of its head is refused, refuses it; in its place there is a plain one of ours.
fn arrived(request: Request<Incoming>, connection: Arc<Connection>, body_bytes_max: u64) -> Arrival {
    let is_over = hyper::body::Body::is_end_stream(request.body());
    let head = head::read_http2(&request, is_over).and_then(|head| match head.framing {
        Framing::Length(length) if length > body_bytes_max => {
            Err(Refusal::new(Reason::BodyTooLarge, format!("{length} bytes")))
        }
        _ => Ok(head),
    });
    let request = if head.is_ok() {
        let (mut parts, body) = request.into_parts();
        as_http1(&mut parts);
        let body = Body::arriving_on(body, connection.clone()).bounded(body_bytes_max);
        Request::from_parts(parts, body)
    } else {
        let mut stand_in = Request::new(Body::empty());
        stand_in.headers_mut().insert(HOST, HeaderValue::from_static("refused"));
        stand_in
    };
    Arrival { request, head, connection, upgrade: None }
}

/// What stands in the target in HTTP/2 and in a field in HTTP/1.1, and what may stand in several fields and must not there.
fn as_http1(parts: &mut http::request::Parts) {
    let authority = parts.uri.authority().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok());
    if let Some(authority) = authority {
        parts.headers.insert(HOST, authority);
    }
    if let Some(path) = parts.uri.path_and_query() {
        parts.uri = Uri::from(path.clone());
    }
    if parts.headers.get_all(COOKIE).iter().nth(1).is_some() {
        // RFC 9113 section 8.2.3.
        let crumbs: Vec<&[u8]> = parts.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(b"; ".as_slice())) {
            parts.headers.insert(COOKIE, cookie);
        }
    }
}

/// Takes away what only HTTP/1.1 says of a connection.
fn without_connection(headers: &mut HeaderMap) {
    for name in [CONNECTION, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}
