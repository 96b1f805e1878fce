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
use std::time::Duration;

use http::header::{CONNECTION, COOKIE, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::sync::Notify;

use super::head::{self, Framing};
use super::limits::{
    HEAD_BYTES_MAX, HTTP2_IDLE_TICKS_MAX, HTTP2_LOCAL_RESETS_MAX, HTTP2_PENDING_RESETS_MAX, HTTP2_SENT_BYTES_MAX,
    HTTP2_STREAMS_MAX, HTTP2_TICK, LINGER_TIME_MAX,
};
use super::{Arrival, Bounds, Connection};
use crate::body::Body;
use crate::entrance::Place;
use crate::io::Io;
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
    place: Place,
    handle: impl Fn(Arrival) -> F,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) where
    F: Future<Output = Response<Body>> + 'static,
{
    let Bounds { body_bytes_max, requests_max } = bounds;
    let (asked, enough) = (Cell::new(0_u32), Notify::new());
    let (is_tls, certificate) = (io.is_tls(), io.certificate());
    let streams = Rc::<Streams>::default();
    let service = service_fn(|request: Request<Incoming>| {
        let mut connection = Connection::new(remote);
        connection.is_tls = is_tls;
        connection.certificate.clone_from(&certificate);
        asked.set(asked.get().saturating_add(1));
        if asked.get() == requests_max {
            enough.notify_one();
        }
        let (open, connection) = (streams.opened(), Rc::new(connection));
        let answer = handle(arrived(request, connection.clone(), body_bytes_max));
        async move {
            let (mut parts, body) = answer.await.into_parts();
            connection.answered();
            without_connection(&mut parts.headers);
            Ok::<_, Infallible>(Response::from_parts(parts, Sent::new(body, open)))
        }
    });
    let frames = Frames::new(io, streams.clone(), place);
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
fn arrived(request: Request<Incoming>, connection: Rc<Connection>, body_bytes_max: u64) -> Arrival {
    let is_over = hyper::body::Body::is_end_stream(request.body());
    let head = head::read_http2(&request, is_over).and_then(|head| match head.framing {
        Framing::Length(length) if length > body_bytes_max => {
            Err(Refusal::new(Reason::BodyTooLarge, format!("{length} bytes")))
        }
        _ => Ok(head),
    });
    let head = match head {
        Ok(head) => head,
        Err(refusal) => return Arrival::refused(refusal, connection),
    };
    let (mut parts, body) = request.into_parts();
    as_http1(&mut parts);
    let body = Body::arriving_by_http2(body, connection.clone()).bounded(body_bytes_max);
    Arrival { request: Request::from_parts(parts, body), head: Ok(head), connection, upgrade: None }
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use http_body_util::BodyExt;
    use http_body_util::combinators::UnsyncBoxBody;
    use hyper::body::{Bytes, Frame};
    use hyper_util::rt::TokioIo;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::LocalSet;

    use super::*;
    use crate::downstream::limits::{BODY_IDLE_TIME_MAX, HEAD_TIME_MAX, IDLE_TIME_MAX};

    const BOUNDS: Bounds = Bounds { body_bytes_max: 1024, requests_max: u32::MAX };

    /// Parts of a body, and then silence.
    struct Silent(VecDeque<Bytes>);

    impl hyper::body::Body for Silent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0
                .pop_front()
                .map_or(std::task::Poll::Pending, |part| std::task::Poll::Ready(Some(Ok(Frame::data(part)))))
        }
    }

    type Sender = hyper::client::conn::http2::SendRequest<UnsyncBoxBody<Bytes, Infallible>>;

    /// Runs a client before handlers that read the whole body, or answer at once; time passes by itself when everybody waits.
    async fn beside<F: Future<Output = ()>>(reads: bool, client: impl FnOnce(Sender) -> F) -> Vec<Option<Reason>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, remote) = listener.accept().await.unwrap();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let kept = seen.clone();
        let handle = move |arrival: Arrival| {
            let kept = kept.clone();
            async move {
                let body = arrival.request.into_body();
                if !reads {
                    tokio::task::spawn_local(async move {
                        let read = body.read_up_to(1024).await;
                        kept.borrow_mut().push(read.err().map(|error| error.into_refusal(Reason::RequestLine).reason));
                    });
                    return Response::new(Body::empty());
                }
                let refusal = body.read_up_to(1024).await.err().map(|error| error.into_refusal(Reason::RequestLine));
                kept.borrow_mut().push(refusal.as_ref().map(|one| one.reason));
                refusal.map_or_else(|| Response::new(Body::empty()), |refusal| refusal.into_response("1"))
            }
        };
        let local = LocalSet::new();
        let talk = async {
            let (sender, connection) =
                hyper::client::conn::http2::handshake(OnThisThread, TokioIo::new(stream)).await.unwrap();
            tokio::task::spawn_local(connection);
            client(sender).await;
        };
        let stop = pin!(std::future::pending());
        let served = serve(Io::Plain(accepted), remote, BOUNDS, Place::default(), handle, stop);
        local.run_until(async { tokio::join!(talk, served) }).await;
        seen.take()
    }

    fn post(parts: &[&'static [u8]]) -> Request<UnsyncBoxBody<Bytes, Infallible>> {
        let parts = parts.iter().map(|part| Bytes::from_static(part)).collect();
        Request::post("http://a/").body(Silent(parts).boxed_unsync()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_go_on_is_answered_in_time() {
        let began = tokio::time::Instant::now();
        let seen = beside(true, |mut sender| async move {
            let answer = sender.send_request(post(&[b"abc"])).await.unwrap();
            assert_eq!(answer.status(), 408);
        })
        .await;
        assert_eq!(seen, [Some(Reason::BodyTooSlow)]);
        assert!(began.elapsed() >= BODY_IDLE_TIME_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_was_answered_may_be_silent() {
        let seen = beside(false, |mut sender| async move {
            let answer = sender.send_request(post(&[b"abc"])).await.unwrap();
            assert_eq!(answer.status(), 200);
            tokio::time::sleep(3 * BODY_IDLE_TIME_MAX).await;
        })
        .await;
        assert!(!seen.contains(&Some(Reason::BodyTooSlow)), "{seen:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_is_asked_ends() {
        let began = tokio::time::Instant::now();
        let seen = beside(true, |mut sender| async move {
            while sender.ready().await.is_ok() {
                tokio::time::sleep(HTTP2_TICK).await;
            }
        })
        .await;
        assert!(seen.is_empty());
        assert!(began.elapsed() >= IDLE_TIME_MAX && began.elapsed() < 2 * IDLE_TIME_MAX, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_does_not_begin_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, remote) = listener.accept().await.unwrap();
        let began = tokio::time::Instant::now();
        let handle = |_: Arrival| std::future::ready(Response::new(Body::empty()));
        let stop = pin!(std::future::pending());
        serve(Io::Plain(accepted), remote, BOUNDS, Place::default(), handle, stop).await;
        assert!(began.elapsed() >= HEAD_TIME_MAX);
    }
}
