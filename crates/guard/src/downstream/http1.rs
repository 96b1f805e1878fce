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
use crate::turn::{ended_in, turn};

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
        turn().await;
        // To who speaks no HTTP nothing is said; what becomes of it is on record.
        let is_mute = read.as_ref().is_err_and(|refusal| refusal.reason == Reason::NotHttp);
        let (arrival, exchange) = begun(read, &gate, &connection);
        let Some(answer) = answered(&gate, handle(arrival)).await else {
            return;
        };
        turn().await;
        if is_mute {
            return gate.shut().await;
        }
        let is_stopping = poll_fn(|cx| Poll::Ready(farewell.is_said(cx))).await;
        // Where the body was not read the client may still send it: its next request would get no answer (RFC 9112 section 9.6).
        let goes_on =
            !exchange.is_last && !is_stopping && gate.exchanges() < bounds.requests_max && gate.is_body_over();
        let is_switched = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let goes_on = goes_on && !is_switched;
        // How a connection ends is the client's; what became of its exchanges is in the audit trail.
        let Ok(behind) = sent(&gate, answer, exchange.asked, goes_on).await else {
            return;
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
fn begun(read: Result<RequestHead, Refusal>, gate: &Shared, connection: &Rc<Connection>) -> (Arrival, Exchanged) {
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
    poll_fn(|cx| match ended_in(|| answer.as_mut().poll(cx)) {
        (Poll::Ready(answer), _) => Poll::Ready(Some(answer)),
        // What the gateway answers by itself is for who says that nothing more comes, too.
        (Poll::Pending, true) => Poll::Pending,
        (Poll::Pending, false) => gate.poll_gone(cx).map(|()| None),
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
    turn().await;
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::LocalSet;

    use super::*;
    use crate::body::Read;
    use crate::downstream::limits::{IDLE_TIME_MAX, LINGER_TIME_MAX, WRITE_IDLE_TIME_MAX};

    const BOUNDS: Bounds = Bounds { body_bytes_max: 1 << 20, requests_max: u32::MAX };

    async fn connected() -> (TcpStream, TcpStream, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, remote) = listener.accept().await.unwrap();
        (client, stream, remote)
    }

    /// Runs a client before a handler; time passes by itself when everybody waits.
    async fn beside<C: Future, F: Future<Output = Response<Body>>>(
        handle: impl Fn(Arrival) -> F,
        client: impl FnOnce(TcpStream) -> C,
    ) -> C::Output {
        let (stream, accepted, remote) = connected().await;
        let stop = pin!(std::future::pending());
        let served = serve(Io::Plain(accepted), remote, BOUNDS, Place::default(), handle, stop);
        tokio::join!(client(stream), served).0
    }

    async fn until(client: &mut TcpStream, end: &[u8]) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end) && client.read_buf(&mut text).await.unwrap() > 0 {}
        String::from_utf8(text).unwrap()
    }

    fn hello() -> Response<Body> {
        Response::new(Body::from(Bytes::from_static(b"hello")))
    }

    /// Answers with what came.
    async fn echoed(arrival: Arrival) -> Response<Body> {
        match arrival.request.into_body().read_up_to(1 << 20).await.unwrap() {
            Read::Whole(bytes) => Response::new(Body::from(bytes)),
            Read::Longer(_) => hello(),
        }
    }

    const WAITING: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    const LEAVE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

    #[tokio::test]
    async fn who_waits_for_leave_to_send_a_body_gets_it_once() {
        let told = beside(echoed, async |mut client| {
            client.write_all(WAITING).await.unwrap();
            assert_eq!(until(&mut client, b"\r\n\r\n").await, LEAVE);
            client.write_all(b"a").await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.write_all(b"bc").await.unwrap();
            until(&mut client, b"abc").await
        });
        assert!(told.await.starts_with("HTTP/1.1 200 OK\r\n"));
        let told = beside(echoed, async |mut client| {
            client.write_all(&[WAITING, b"abc"].concat()).await.unwrap();
            until(&mut client, b"abc").await
        });
        assert!(told.await.starts_with("HTTP/1.1 200 OK\r\n"), "who does not wait needs none");
        let told = beside(
            async |_| hello(),
            async |mut client| {
                client.write_all(WAITING).await.unwrap();
                until(&mut client, b"(the end of the connection)").await
            },
        );
        let told = told.await;
        assert!(told.starts_with("HTTP/1.1 200 OK\r\n") && told.contains("connection: close\r\n"), "{told}");
        let old = [b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n".as_slice(), b"abc"];
        let told = beside(echoed, async |mut client| {
            for part in old {
                client.write_all(part).await.unwrap();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            until(&mut client, b"abc").await
        });
        assert!(told.await.starts_with("HTTP/1.0 200 OK\r\n"), "HTTP/1.0 knows no leave");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_takes_its_request_with_it() {
        struct Told(Rc<RefCell<Vec<&'static str>>>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.borrow_mut().push("dropped");
            }
        }
        let told = Rc::<RefCell<Vec<&'static str>>>::default();
        let handle = |_: Arrival| {
            let told = Told(told.clone());
            async move {
                std::future::pending::<()>().await;
                drop(told);
                hello()
            }
        };
        beside(handle, async |mut client| {
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(told.borrow().is_empty());
            drop(client);
        })
        .await;
        assert_eq!(*told.borrow(), ["dropped"]);
    }

    #[tokio::test]
    async fn a_client_that_goes_is_missed_though_nothing_else_wakes_what_serves_it() {
        let (mut client, accepted, remote) = connected().await;
        let local = LocalSet::new();
        local.spawn_local(async move {
            let handle = async |_| std::future::pending::<Response<Body>>().await;
            let stop = pin!(std::future::pending());
            serve(Io::Plain(accepted), remote, BOUNDS, Place::default(), handle, stop).await;
        });
        let gone = async move {
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        local.run_until(gone).await;
        // It would serve for ever.
        tokio::time::timeout(Duration::from_secs(10), local).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn clients_of_http10_keep_a_connection_where_they_ask_for_it() {
        for (asks, keeps) in
            [("", false), ("Connection: keep-alive\r\n", true), ("Connection: keep-alive, close\r\n", false)]
        {
            let began = crate::timer::now();
            let told = beside(
                async |_| hello(),
                async |mut client| {
                    client.write_all(format!("GET / HTTP/1.0\r\n{asks}\r\n").as_bytes()).await.unwrap();
                    until(&mut client, b"(the end of the connection)").await
                },
            );
            let told = told.await;
            let connection = if keeps { "keep-alive" } else { "close" };
            assert!(told.contains(&format!("connection: {connection}\r\n")) && told.ends_with("hello"), "{told}");
            assert_eq!(crate::timer::now().duration_since(began) >= IDLE_TIME_MAX, keeps);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_a_body_gives_nothing_of_the_next_request() {
        let kept = RefCell::new(Vec::new());
        let handle = async |arrival: Arrival| {
            let body = arrival.request.into_body();
            kept.borrow_mut().push(body);
            hello()
        };
        beside(handle, async |mut client| {
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            until(&mut client, b"hello").await;
            client.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").await.unwrap();
            until(&mut client, b"hello").await;
            let mut bodies = kept.take().into_iter().map(|body| body.read_up_to(16));
            let (first, second) = (bodies.next().unwrap().await.unwrap(), bodies.next().unwrap().await);
            assert!(matches!(first, Read::Whole(bytes) if bytes.is_empty()));
            assert!(second.is_err(), "its connection has ended");
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_reads_its_answer_though_more_of_its_body_comes() {
        let began = crate::timer::now();
        let told = beside(
            async |_| hello(),
            async |mut client| {
                client.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n").await.unwrap();
                client.write_all(&vec![0; 250_000]).await.unwrap();
                tokio::time::sleep(LINGER_TIME_MAX / 2).await;
                client.write_all(&vec![0; 250_000]).await.unwrap();
                until(&mut client, b"(the end of the connection)").await
            },
        );
        assert!(told.await.ends_with("hello"));
        assert!(crate::timer::now().duration_since(began) <= 2 * LINGER_TIME_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_of_an_answer_is_left_in_time() {
        const MUCH: usize = 64 << 20;
        let much = Bytes::from(vec![0; MUCH]);
        let taken = beside(
            async |_| Response::new(Body::from(much.clone())),
            async |mut client| {
                client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
                tokio::time::sleep(WRITE_IDLE_TIME_MAX * 2).await;
                let mut text = Vec::new();
                let _ = client.read_to_end(&mut text).await;
                text.len()
            },
        );
        assert!(taken.await < MUCH, "what did not fit on the way was given up");
    }

    /// Whoever reads a body in a task of its own.
    fn read_apart(body: Body, told: &Rc<RefCell<Vec<bool>>>) {
        let told = told.clone();
        tokio::task::spawn_local(async move {
            let is_whole = body.read_up_to(1 << 20).await.is_ok();
            told.borrow_mut().push(is_whole);
        });
    }

    const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";

    #[tokio::test]
    async fn who_reads_a_body_elsewhere_holds_no_connection_that_has_ended() {
        let told = Rc::default();
        let handle = async |arrival: Arrival| {
            read_apart(arrival.request.into_body(), &told);
            tokio::task::yield_now().await;
            hello()
        };
        let local = LocalSet::new();
        let answered = local.run_until(async {
            let answered = beside(handle, async |mut client| {
                client.write_all(POST).await.unwrap();
                until(&mut client, b"(the end of the connection)").await
            });
            let answered = answered.await;
            tokio::task::yield_now().await;
            answered
        });
        assert!(answered.await.ends_with("hello"));
        assert_eq!(*told.borrow(), [false]);
    }

    #[tokio::test]
    async fn a_client_that_goes_is_missed_though_its_body_was_read_elsewhere() {
        let told = Rc::default();
        let handle = async |arrival: Arrival| {
            read_apart(arrival.request.into_body(), &told);
            std::future::pending::<Response<Body>>().await
        };
        let local = LocalSet::new();
        let served = local.run_until(beside(handle, async |mut client| {
            client.write_all(POST).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.write_all(b"abc").await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }));
        // It would wait for the answer for ever.
        served.await;
        assert_eq!(*told.borrow(), [true]);
    }

    #[tokio::test]
    async fn a_body_goes_back_as_it_comes() {
        let told = beside(
            async |arrival: Arrival| Response::new(arrival.request.into_body()),
            async |mut client| {
                client
                    .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                    .await
                    .unwrap();
                let mut told = until(&mut client, b"abc\r\n").await;
                client.write_all(b"1\r\nd\r\n1\r\ne\r\n").await.unwrap();
                told += &until(&mut client, b"e\r\n").await;
                client.write_all(b"0\r\n\r\n").await.unwrap();
                told + &until(&mut client, b"0\r\n\r\n").await
            },
        );
        let told = told.await;
        assert!(told.contains("transfer-encoding: chunked\r\n"), "{told}");
        assert!(told.ends_with("\r\n\r\n3\r\nabc\r\n1\r\nd\r\n1\r\ne\r\n0\r\n\r\n"), "{told}");
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_has_begun_and_does_not_look_whole() {
        let told = beside(
            async |arrival: Arrival| Response::new(arrival.request.into_body()),
            async |mut client| {
                client
                    .write_all(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n")
                    .await
                    .unwrap();
                until(&mut client, b"(the end of the connection)").await
            },
        );
        let told = told.await;
        assert!(told.starts_with("HTTP/1.1 200 OK\r\n") && told.ends_with("\r\n\r\n3\r\nabc\r\n"), "{told}");
        let refused = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n";
        let told = beside(
            async |arrival: Arrival| Response::new(arrival.request.into_body()),
            async |mut client| {
                client.write_all(refused).await.unwrap();
                until(&mut client, b"(the end of the connection)").await
            },
        );
        let told = told.await;
        assert!(told.starts_with("HTTP/1.1 200 OK\r\n") && told.ends_with("\r\n\r\n"), "{told}");
        let old = b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nabc";
        let handle = async |arrival: Arrival| Response::new(arrival.request.into_body());
        let told = beside(handle, async |mut client| {
            client.write_all(old).await.unwrap();
            client.shutdown().await.unwrap();
            until(&mut client, b"(the end of the connection)").await
        });
        assert!(told.await.ends_with("content-length: 5\r\n\r\nabc"), "shorter than it says");
    }

    #[tokio::test]
    async fn who_says_that_nothing_more_comes_gets_what_the_gateway_answers_itself() {
        let handle = async |_| {
            turn().await;
            hello()
        };
        let told = beside(handle, async |mut client| {
            client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            client.shutdown().await.unwrap();
            until(&mut client, b"(the end of the connection)").await
        });
        assert!(told.await.ends_with("hello"));
    }

    #[tokio::test]
    async fn what_comes_before_a_websocket_is_open_is_not_lost() {
        let handle = async |mut arrival: Arrival| {
            let upgrade = arrival.upgrade.take().unwrap();
            tokio::task::spawn_local(async move {
                let mut opened = upgrade.await.unwrap();
                let mut bytes = [0; 6];
                opened.read_exact(&mut bytes).await.unwrap();
                opened.write_all(&bytes).await.unwrap();
                opened.shutdown().await.unwrap();
            });
            tokio::time::sleep(Duration::from_millis(50)).await;
            Response::builder().status(101).header("connection", "Upgrade").body(Body::empty()).unwrap()
        };
        let local = LocalSet::new();
        let told = local.run_until(beside(handle, async |mut client| {
            let head = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n";
            client.write_all(&[head.as_slice(), b"abc"].concat()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.write_all(b"def").await.unwrap();
            until(&mut client, b"(the end of the connection)").await
        }));
        assert!(told.await.ends_with("\r\n\r\nabcdef"));
    }
}
