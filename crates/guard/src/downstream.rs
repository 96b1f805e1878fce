//! The connection of a client: bytes in, heads and bodies out. This is the one module that names hyper's server, so that
//! another codec can replace it without touching a layer.
//!
//! hyper reads leniently and silently: it takes LF for CR LF, drops a length beside `chunked`, and passes two `Host`s. So
//! a gate stands before it and lets through only what can be read in one way ([`codec`]): each head whole and checked
//! ([`head`]), each body framed as its head says ([`framing`]). Bytes that are refused never reach hyper. In their place it
//! gets a plain request of ours, so that the refusal passes the pipeline like any other, and the connection ends.

pub mod codec;
pub mod framing;
mod gate;
pub mod head;
pub mod limits;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::TcpStream;

use crate::body::Body;
use crate::refusal::{Reason, Refusal};
use gate::Gate;
use head::Head;

/// The most bytes that hyper holds of a connection.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// What the gate and the exchanges of a connection know of each other.
#[derive(Debug)]
pub struct Connection {
    /// The other end.
    pub(crate) remote: SocketAddr,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The heads that passed, or were refused, and are not served yet, in order.
    heads: VecDeque<Result<Head, Refusal>>,
    /// Whether an exchange is under way.
    is_open: bool,
    /// Why the body that arrives was refused.
    body_refusal: Option<Refusal>,
    /// What became of a request for a WebSocket.
    upgrade: Upgrade,
    /// The gate, when it waits for the exchange.
    waker: Option<Waker>,
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
    pub(crate) request: Request<Incoming>,
    /// What the strict reading of its head said.
    pub(crate) head: Result<Head, Refusal>,
    /// Its connection.
    pub(crate) connection: Arc<Connection>,
}

impl Connection {
    fn new(remote: SocketAddr) -> Self {
        Self { remote, state: Mutex::default() }
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
            state.heads.pop_front()
        });
        head.unwrap_or_else(|| Err(Refusal::new(Reason::RequestLine, "a request that the gate did not see")))
    }

    /// What became of a request for a WebSocket; the waker is told when that is decided.
    fn upgrade(&self, waker: &Waker) -> Upgrade {
        self.with(|state| {
            state.waker = Some(waker.clone());
            state.upgrade
        })
    }

    /// Whether an exchange is under way; the waker is told when it ends.
    fn is_open(&self, waker: &Waker) -> bool {
        self.with(|state| {
            state.waker = Some(waker.clone());
            state.is_open
        })
    }

    /// The answer has left, or never will.
    pub(crate) fn exchange_ended(&self) {
        let waker = self.with(|state| {
            state.is_open = false;
            if state.upgrade == Upgrade::Undecided {
                state.upgrade = Upgrade::Declined;
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

    /// Why the body that arrived was refused, if it was.
    pub(crate) fn body_refusal(&self) -> Option<Refusal> {
        self.with(|state| state.body_refusal.clone())
    }
}

/// Serves a connection until it ends; after `stop`, until the exchange under way has ended.
pub(crate) async fn serve<F>(
    io: TcpStream,
    remote: SocketAddr,
    body_bytes_max: u64,
    handle: impl Fn(Arrival) -> F,
    stop: impl Future<Output = ()>,
) where
    F: Future<Output = Response<Body>>,
{
    let connection = Arc::new(Connection::new(remote));
    let gate = Gate::new(io, connection.clone(), body_bytes_max);
    let service = service_fn(|request: Request<Incoming>| {
        let head = connection.next_head();
        let answer = handle(Arrival { request, head, connection: connection.clone() });
        let connection = connection.clone();
        async move { Ok::<_, Infallible>(answer.await.map(|body| body.ending(connection))) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.max_buf_size(BUFFER_BYTES_MAX).max_headers(limits::FIELDS_MAX).header_read_timeout(None);
    let mut served = pin!(http.serve_connection(gate, service).with_upgrades());
    let mut stop = pin!(stop);
    let is_stopped = tokio::select! {
        // How a connection ends is the client's; what became of its exchanges is in the audit trail.
        _ = served.as_mut() => false,
        () = stop.as_mut() => true,
    };
    if is_stopped {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}
