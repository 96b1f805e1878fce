//! The connection of a client: bytes in, heads and bodies out. Of what serves clients this is the one module that names
//! hyper's server, so that another codec can replace it without touching a layer.
//!
//! hyper reads leniently and silently: it takes LF for CR LF, drops a length beside `chunked`, and passes two `Host`s. So
//! a gate stands before it and lets through only what can be read in one way ([`codec`]): each head whole and checked
//! ([`head`]), each body framed as its head says ([`framing`]). Bytes that are refused never reach hyper. In their place it
//! gets a plain request of ours, so that the refusal passes the pipeline like any other, and the connection ends.

pub mod codec;
pub mod framing;
mod gate;
pub mod head;
mod http1;
mod http2;
pub mod limits;
mod patience;
pub mod preface;

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use http::{HeaderValue, Request, Response};
use hyper::upgrade::OnUpgrade;

use crate::body::Body;
use crate::entrance::{Place, REQUESTS_PER_CONNECTION_MAX};
use crate::exchange::value_of;
use crate::identities::certificate::CertificateNames;
use crate::io::Io;
use crate::refusal::{Reason, Refusal};
use head::Head;

/// What the gate and the exchanges of a connection know of each other.
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
    /// The most requests of it.
    requests_max: u32,
    /// Of a stream of HTTP/2: whether the head of its answer has left.
    is_answered: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The heads that passed, or were refused, and are not served yet, in order.
    heads: VecDeque<Result<Head, Refusal>>,
    /// Whether an exchange is under way.
    is_open: bool,
    /// Whether more may be asked.
    goes: Goes,
    /// How many requests came.
    requests: u32,
    /// Whether the body of the request under way was read to its end.
    is_body_read: bool,
    /// How the client sees the end of the answer.
    end: AnswerEnd,
    /// Why the body that arrives was refused.
    body_refusal: Option<Refusal>,
    /// What became of a request for a WebSocket.
    upgrade: Upgrade,
    /// The gate, when it waits for the exchange.
    waker: Option<Waker>,
    look: Look,
}

/// Whether somebody is at work who will see by itself that an exchange ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Nobody: the gate must be woken.
    #[default]
    Away,
    /// What serves the connection.
    There,
    /// The same, and since the gate looked an exchange ended.
    Behind,
}

/// Whether a connection goes on.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Goes {
    /// As far as is known.
    #[default]
    On,
    /// The next answer is the last one: the gateway stops.
    OnceMore,
    /// An answer said that it ends.
    NoFurther,
}

/// How a client sees the end of an answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum AnswerEnd {
    /// By its length, or the last chunk.
    #[default]
    Told,
    /// In HTTP/1.0 it may be the end of the connection.
    OfConnection,
    /// It ends early, and the end of the connection must not look like its end.
    Cut,
}

/// What became of a request for a WebSocket.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Upgrade {
    /// Not known yet.
    #[default]
    Undecided,
    /// From here on it is no longer HTTP.
    Accepted,
    /// The connection stays HTTP.
    Declined,
}

/// A request as it arrived.
pub(crate) struct Arrival {
    /// The request; a plain one of ours, where it was refused.
    pub(crate) request: Request<Body>,
    /// What the strict reading of its head said.
    pub(crate) head: Result<Head, Refusal>,
    /// Its connection; of HTTP/2, its stream.
    pub(crate) connection: Arc<Connection>,
    /// What may become a WebSocket.
    pub(crate) upgrade: Option<OnUpgrade>,
}

impl State {
    /// The gate looks, and is told when something changes.
    fn watched_by(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            None => self.waker = Some(waker.clone()),
        }
        if self.look == Look::Behind {
            self.look = Look::There;
        }
    }
}

impl Connection {
    pub(crate) fn new(remote: SocketAddr) -> Self {
        Self {
            remote,
            remote_value: value_of(remote.ip().to_canonical()),
            is_tls: false,
            certificate: None,
            requests_max: REQUESTS_PER_CONNECTION_MAX,
            is_answered: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Nothing below can panic half way, so a poisoned state is a whole one.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn arrived(&self, head: Result<Head, Refusal>) {
        self.with(|state| {
            state.heads.push_back(head);
            state.upgrade = Upgrade::Undecided;
        });
    }

    fn next_head(&self) -> Result<Head, Refusal> {
        let head = self.with(|state| {
            state.is_open = true;
            state.is_body_read = false;
            state.requests = state.requests.saturating_add(1);
            state.heads.pop_front()
        });
        head.unwrap_or_else(|| Err(Refusal::new(Reason::RequestLine, "a request that the gate did not see")))
    }

    /// The gateway stops.
    fn stops(&self) {
        self.with(|state| {
            if state.goes == Goes::On {
                state.goes = Goes::OnceMore;
            }
        });
    }

    /// Whether all requests that came are answered, and more may come.
    fn is_idle(&self) -> bool {
        let goes_on = |state: &State| state.goes == Goes::On && state.end == AnswerEnd::Told;
        self.with(|state| !state.is_open && goes_on(state) && state.heads.is_empty())
    }

    /// What became of a request for a WebSocket; the waker is told when that is decided.
    fn upgrade(&self, waker: &Waker) -> Upgrade {
        self.with(|state| {
            state.watched_by(waker);
            state.upgrade
        })
    }

    /// Whether an exchange is under way; the waker is told when it ends.
    fn is_open(&self, waker: &Waker) -> bool {
        self.with(|state| {
            state.watched_by(waker);
            state.is_open
        })
    }

    /// What serves the connection is at work: what comes of it, and whether an exchange ended meanwhile that the gate does not know
    /// of. Most end there, and to wake who is at work would be to look at the whole connection once more for each.
    fn serving<T>(&self, work: impl FnOnce() -> T) -> (T, bool) {
        self.with(|state| state.look = Look::There);
        let done = work();
        (done, self.with(|state| std::mem::take(&mut state.look)) == Look::Behind)
    }

    /// The answer has left, or never will.
    pub(crate) fn exchange_ended(&self) {
        let waker = self.with(|state| {
            state.is_open = false;
            if state.upgrade == Upgrade::Undecided {
                state.upgrade = Upgrade::Declined;
            }
            if state.look != Look::Away {
                state.look = Look::Behind;
                return None;
            }
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The connection becomes a WebSocket.
    pub(crate) fn upgraded(&self) {
        let waker = self.with(|state| {
            state.upgrade = Upgrade::Accepted;
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The head of the answer leaves.
    fn answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// Whether the head of the answer has left, of HTTP/2.
    pub(crate) fn is_answered(&self) -> bool {
        self.is_answered.load(Ordering::Relaxed)
    }

    /// The answer under way ends early. Where its end is the end of the connection, that must not look like it.
    pub(crate) fn answer_cut(&self) {
        self.with(|state| {
            if state.end == AnswerEnd::OfConnection {
                state.end = AnswerEnd::Cut;
            }
        });
    }

    fn is_cut(&self) -> bool {
        self.with(|state| state.end == AnswerEnd::Cut)
    }

    /// The body of the request under way was read to its end.
    pub(crate) fn body_read(&self) {
        self.with(|state| state.is_body_read = true);
    }

    /// Says with an answer that the connection ends with it: where it is the last that this connection gets, or that is given, and where the body
    /// that it answers was not read: the codec goes on only if the rest is there at once, and a client that sent its next request in
    /// the meantime would get no answer (RFC 9112, section 9.6).
    fn announce_end(&self, response: &mut Response<Body>) {
        let goes_on = self.with(|state| {
            let goes_on = state.is_body_read && state.goes == Goes::On && state.requests < self.requests_max;
            if !goes_on {
                state.goes = Goes::NoFurther;
            }
            goes_on
        });
        if !goes_on && response.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
    }

    /// The body that arrives is refused.
    pub(crate) fn refuse_body(&self, refusal: Refusal) {
        self.with(|state| state.body_refusal = Some(refusal));
    }

    /// Why the body that arrived was refused, if it was.
    pub(crate) fn body_refusal(&self) -> Option<Refusal> {
        self.with(|state| state.body_refusal.clone())
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
    use std::cell::RefCell;
    use std::rc::Rc;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

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
        assert_eq!(answered_after(limits::QUIET_TIME / 2).await, 3);
        assert_eq!(answered_after(limits::QUIET_TIME * 2).await, 3);
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
