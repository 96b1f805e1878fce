//! The connection of a client: bytes in, heads and bodies out. Of what serves clients this is the one module that knows how HTTP
//! is framed, so that another codec can replace one without touching a layer.
//!
//! HTTP/1.1 is read here alone, and strictly ([`codec`]): each head whole and checked ([`head`]), each body framed as its head says
//! ([`framing`]). What is refused has a plain request of ours in its place, so that the refusal passes the pipeline like any other,
//! and the connection ends. HTTP/2 is hyper's, behind bounds of our own.

pub mod codec;
pub mod framing;
mod gate;
pub mod head;
mod http1;
mod http2;
pub mod limits;
mod patience;
pub mod preface;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use http::header::HOST;
use http::{HeaderValue, Request, Response};
use tokio::sync::oneshot;

use crate::body::Body;
use crate::entrance::Place;
use crate::exchange::value_of;
use crate::identities::certificate::CertificateNames;
use crate::io::Io;
use crate::refusal::Refusal;
pub(crate) use gate::{Arriving, Switched};
use head::Head;

/// A connection, as the exchanges on it know it; of HTTP/2, a stream.
#[derive(Debug)]
pub struct Connection {
    /// The other end.
    pub(crate) remote: SocketAddr,
    /// Its address, as records and fields have it.
    pub(crate) remote_value: HeaderValue,
    /// Whether it is a connection of TLS.
    pub(crate) is_tls: bool,
    /// The names of the certificate that the client has shown.
    pub(crate) certificate: Option<Arc<CertificateNames>>,
    /// Of a stream of HTTP/2: whether the head of its answer has left.
    is_answered: Cell<bool>,
    /// Why the body of the request under way was refused.
    body_refusal: RefCell<Option<Refusal>>,
}

/// What a connection becomes that is asked for a WebSocket, once the answer that says so has left.
pub(crate) type Upgrade = oneshot::Receiver<Switched>;

/// A request as it arrived.
pub(crate) struct Arrival {
    /// The request; a plain one of ours, where it was refused.
    pub(crate) request: Request<Body>,
    /// What the strict reading of its head said.
    pub(crate) head: Result<Head, Refusal>,
    /// Its connection; of HTTP/2, its stream.
    pub(crate) connection: Rc<Connection>,
    /// What may become a WebSocket.
    pub(crate) upgrade: Option<Upgrade>,
}

impl Arrival {
    /// A request that was refused.
    fn refused(refusal: Refusal, connection: Rc<Connection>) -> Self {
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert(HOST, HeaderValue::from_static("refused"));
        Self { request, head: Err(refusal), connection, upgrade: None }
    }
}

impl Connection {
    pub(crate) fn new(remote: SocketAddr) -> Self {
        Self {
            remote,
            remote_value: value_of(remote.ip().to_canonical()),
            is_tls: false,
            certificate: None,
            is_answered: Cell::new(false),
            body_refusal: RefCell::new(None),
        }
    }

    fn of(remote: SocketAddr, io: &Io) -> Self {
        Self { is_tls: io.is_tls(), certificate: io.certificate(), ..Self::new(remote) }
    }

    /// Another exchange begins on it.
    fn begins(&self) {
        self.body_refusal.take();
    }

    /// The head of the answer leaves.
    fn answered(&self) {
        self.is_answered.set(true);
    }

    /// Whether the head of the answer has left, of HTTP/2.
    pub(crate) fn is_answered(&self) -> bool {
        self.is_answered.get()
    }

    /// The body that arrives is refused.
    pub(crate) fn refuse_body(&self, refusal: Refusal) {
        self.body_refusal.replace(Some(refusal));
    }

    /// Why the body that arrived was refused, if it was.
    pub(crate) fn body_refusal(&self) -> Option<Refusal> {
        self.body_refusal.borrow().clone()
    }
}

/// The bounds on a connection that differ from gateway to gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The most bytes of a body.
    pub(crate) body_bytes_max: u64,
    /// The most requests.
    pub(crate) requests_max: u32,
}

/// That the gateway stops: said once, and from then on to everybody who asks. A connection asks whenever it is looked at, and most
/// often nothing is new: what says it is asked again only once it has woken somebody.
struct Stopped<F> {
    stop: Option<Pin<Box<F>>>,
    news: Arc<News>,
}

/// Who is to be woken when there is something new; nobody, once there is.
#[derive(Debug, Default)]
struct News(Mutex<Option<Waker>>);

impl News {
    fn waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for News {
    fn wake(self: Arc<Self>) {
        let waker = self.waker().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<F: Future<Output = ()>> Stopped<F> {
    fn by(stop: F) -> Self {
        Self { stop: Some(Box::pin(stop)), news: Arc::default() }
    }
}

impl<F: Future<Output = ()>> Future for Stopped<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let stopped = &mut *self;
        let Some(stop) = &mut stopped.stop else {
            return Poll::Ready(());
        };
        {
            let mut waker = stopped.news.waker();
            if waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            *waker = Some(cx.waker().clone());
        }
        ready!(stop.as_mut().poll(&mut Context::from_waker(&Waker::from(stopped.news.clone()))));
        stopped.stop = None;
        Poll::Ready(())
    }
}

/// Serves a connection until it ends; after `stop`, until the exchanges under way have ended.
pub(crate) async fn serve<F>(
    io: impl Into<Io>,
    remote: SocketAddr,
    bounds: Bounds,
    place: Place,
    handle: impl Fn(Arrival) -> F,
    stop: impl Future<Output = ()>,
) where
    F: Future<Output = Response<Body>> + 'static,
{
    let io = io.into();
    let mut stop = pin!(Stopped::by(stop));
    // One that was accepted when the gateway stops may have its first request under way.
    let stopping = async {
        stop.as_mut().await;
        tokio::time::sleep(limits::FAREWELL_TIME_MAX).await;
    };
    let spoken = tokio::select! {
        spoken = tokio::time::timeout(limits::FIRST_BYTE_TIME_MAX, io.speaks_http2()) => spoken,
        () = stopping => return,
    };
    match spoken {
        Err(_) => {}
        // On the heap: most connections are of HTTP/1.1, and hold no room for it.
        Ok(true) => Box::pin(http2::serve(io, remote, bounds, place, handle, stop)).await,
        Ok(false) => http1::serve(io, remote, bounds, place, handle, stop).await,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::refusal::Reason;

    const BOUNDS: Bounds = Bounds { body_bytes_max: 1024, requests_max: 3 };

    /// A client that sends this and then is silent: what it is answered, and what arrived. Time passes by itself when
    /// everybody waits.
    async fn answered(sent: &[u8]) -> (String, Vec<Option<Reason>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, remote) = listener.accept().await.unwrap();
        let arrived = Rc::new(RefCell::new(Vec::new()));
        let handle = |arrival: Arrival| {
            let kept = arrived.clone();
            async move {
                let refusal = if let Err(refusal) = arrival.head {
                    Some(refusal)
                } else {
                    let body = arrival.request.into_body();
                    body.read_up_to(1024).await.err().map(|error| error.into_refusal(Reason::RequestLine))
                };
                kept.borrow_mut().push(refusal.as_ref().map(|one| one.reason));
                match refusal {
                    Some(refusal) => refusal.into_response("1"),
                    None => Response::new(Body::from(Bytes::from_static(b"hello"))),
                }
            }
        };
        client.write_all(sent).await.unwrap();
        let talk = async {
            let mut text = Vec::new();
            client.read_to_end(&mut text).await.unwrap();
            String::from_utf8(text).unwrap()
        };
        let (text, ()) =
            tokio::join!(talk, serve(stream, remote, BOUNDS, Place::default(), handle, std::future::pending()));
        let arrived = arrived.borrow().clone();
        (text, arrived)
    }

    fn status(text: &str) -> &str {
        text.split(' ').nth(1).unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_fields_as_may_pass_are_read_behind_the_gate() {
        let more: String = (1..limits::FIELDS_MAX).map(|index| format!("a{index}: b\r\n")).collect();
        let (text, arrived) = answered(format!("GET / HTTP/1.1\r\nHost: a\r\n{more}\r\n").as_bytes()).await;
        assert_eq!((status(&text), arrived), ("200", vec![None]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_answered_in_time() {
        let began = tokio::time::Instant::now();
        let (text, arrived) = answered(b"GET / HTTP/1.1\r\nHost: a\r\n").await;
        assert_eq!((status(&text), arrived), ("408", vec![Some(Reason::HeadTooSlow)]));
        assert!(text.ends_with("\"request_id\":\"1\"}"), "{text}");
        assert!(began.elapsed() >= limits::HEAD_TIME_MAX && began.elapsed() < limits::IDLE_TIME_MAX);
    }

    /// A client that waits with its body until it is answered; whether the handler reads it.
    async fn answered_without_body(sent: &[u8], reads: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, remote) = listener.accept().await.unwrap();
        let handle = move |arrival: Arrival| async move {
            let body = arrival.request.into_body();
            if reads {
                let _read = body.read_up_to(1024).await;
            }
            Response::new(Body::from(Bytes::from_static(b"hello")))
        };
        client.write_all(sent).await.unwrap();
        let talk = async {
            let mut text = Vec::new();
            client.read_to_end(&mut text).await.unwrap();
            String::from_utf8(text).unwrap()
        };
        let (text, ()) =
            tokio::join!(talk, serve(stream, remote, BOUNDS, Place::default(), handle, std::future::pending()));
        text
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_before_the_end_of_a_body_says_that_the_connection_ends() {
        let closes = |text: &str| text.contains("connection: close\r\n");
        let waiting = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
        let whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        let none = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        assert!(closes(&answered_without_body(waiting, false).await));
        let chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        assert!(!closes(&answered_without_body(chunked, true).await));
        assert!(!closes(&answered_without_body(whole, true).await));
        assert!(!closes(&answered_without_body(none, false).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_go_on_is_answered_in_time() {
        for sent in [
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc".as_slice(),
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ] {
            let began = tokio::time::Instant::now();
            let (text, arrived) = answered(sent).await;
            assert_eq!((status(&text), arrived), ("408", vec![Some(Reason::BodyTooSlow)]));
            assert!(began.elapsed() >= limits::BODY_GRACE_TIME.min(limits::BODY_IDLE_TIME_MAX));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_silent_between_exchanges_is_ended() {
        let began = tokio::time::Instant::now();
        let (text, arrived) = answered(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!((status(&text), arrived), ("200", vec![None]));
        assert!(text.ends_with("hello") && text.matches("HTTP/1.1").count() == 1, "{text}");
        assert!(began.elapsed() >= limits::IDLE_TIME_MAX);
    }

    /// What a client is answered that asks again each time so long after it was answered.
    async fn answered_after(pause: std::time::Duration) -> usize {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, remote) = listener.accept().await.unwrap();
        let handle = |_: Arrival| std::future::ready(Response::new(Body::from(Bytes::from_static(b"hello"))));
        let talk = async {
            let mut answered = 0;
            for _ in 0..BOUNDS.requests_max {
                tokio::time::sleep(pause).await;
                if client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.is_err() {
                    return answered;
                }
                let mut text = Vec::new();
                while !text.ends_with(b"hello") {
                    if matches!(client.read_buf(&mut text).await, Ok(0) | Err(_)) {
                        return answered;
                    }
                }
                answered += 1;
            }
            answered
        };
        let place = Place::default();
        let (answered, ()) = tokio::join!(talk, serve(stream, remote, BOUNDS, place, handle, std::future::pending()));
        answered
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_idle_goes_on_until_it_is_silent_for_too_long() {
        let second = std::time::Duration::from_secs(1);
        assert_eq!(answered_after(limits::FIRST_BYTE_TIME_MAX / 2).await, 3);
        assert_eq!(answered_after(limits::FIRST_BYTE_TIME_MAX + second).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_that_says_nothing_is_ended_sooner() {
        let began = tokio::time::Instant::now();
        assert_eq!(answered(b"").await, (String::new(), Vec::new()));
        assert!(began.elapsed() >= limits::FIRST_BYTE_TIME_MAX && began.elapsed() < limits::IDLE_TIME_MAX);
    }

    /// What becomes of a body of which so many bytes come each second; a second passes when everybody waits.
    async fn answered_at(bytes_per_s: usize, seconds: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, remote) = listener.accept().await.unwrap();
        let handle = |arrival: Arrival| async move {
            let body = arrival.request.into_body();
            match body.read_up_to(1 << 20).await {
                Ok(_) => Response::new(Body::empty()),
                Err(error) => error.into_refusal(Reason::RequestLine).into_response("1"),
            }
        };
        let talk = async {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", bytes_per_s * seconds);
            client.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..seconds {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                if client.write_all(&vec![b'a'; bytes_per_s]).await.is_err() {
                    break;
                }
            }
            let mut text = Vec::new();
            let _ = client.read_to_end(&mut text).await;
            String::from_utf8(text).unwrap()
        };
        let bounds = Bounds { body_bytes_max: 1 << 20, ..BOUNDS };
        let (text, ()) =
            tokio::join!(talk, serve(stream, remote, bounds, Place::default(), handle, std::future::pending()));
        status(&text).to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_at_the_slowest_rate_arrives_and_a_slower_one_does_not() {
        let slowest = usize::try_from(limits::BODY_BYTES_PER_S_MIN).unwrap();
        assert_eq!(answered_at(slowest, 100).await, "200");
        assert_eq!(answered_at(slowest / 2, 30).await, "200", "within the grace");
        assert_eq!(answered_at(slowest / 2, 100).await, "408");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_gets_so_many_requests_and_the_last_answer_says_so() {
        let one = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na";
        for (count, answers, closes) in [(2, 2, false), (3, 3, true), (4, 3, true)] {
            let (text, arrived) = answered(one.repeat(count).as_bytes()).await;
            let told = text.matches("connection: close").count();
            assert_eq!(
                (text.matches("HTTP/1.1 200").count(), arrived.len(), told),
                (answers, answers, usize::from(closes))
            );
        }
    }
}
