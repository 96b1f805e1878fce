//! Connections to the application: kept for a while, and no more than a bound.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::body::Body;
use crate::refusal::{Reason, Refusal};

/// The most connections of a worker to one server.
pub(super) const CONNECTIONS_MAX: usize = 1024;
/// How long a request waits for one of them.
const WAIT_TIME_MAX: Duration = Duration::from_secs(5);
/// How long an unused connection is kept: shorter than any server does, or requests would meet closed ones. uvicorn closes
/// after five seconds.
const KEPT_TIME: Duration = Duration::from_secs(4);
/// The most bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most fields of an answer.
const FIELDS_MAX: usize = 200;

/// The connections to the servers of an upstream.
#[derive(Debug)]
pub(super) struct Pool {
    servers: Vec<Rc<Server>>,
    next: Cell<usize>,
    connect_time_max: Duration,
}

/// One server.
pub(super) struct Server {
    host: String,
    port: u16,
    kept: RefCell<Vec<Kept>>,
    permits: Arc<Semaphore>,
}

/// An unused connection. Its permit is given back with it.
struct Kept {
    sender: SendRequest<Body>,
    permit: OwnedSemaphorePermit,
    is_heard: Arc<AtomicBool>,
    /// Tells the others apart; the timer that ends it knows it.
    id: u64,
}

/// A connection in use.
pub(super) struct Lease {
    pub(super) sender: SendRequest<Body>,
    /// Whether it was used before.
    pub(super) was_kept: bool,
    permit: OwnedSemaphorePermit,
    server: Rc<Server>,
    is_heard: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn new(host: &str, port: u16) -> Self {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        Self { host: host.to_owned(), port, kept: RefCell::default(), permits }
    }
}

impl Pool {
    pub(super) fn new(servers: Vec<Server>, connect_time_max: Duration) -> Option<Self> {
        let servers: Vec<Rc<Server>> = servers.into_iter().map(Rc::new).collect();
        (!servers.is_empty()).then_some(Self { servers, next: Cell::new(0), connect_time_max })
    }

    /// Host and port of the first server.
    pub(super) fn authority(&self) -> String {
        let told = |server: &Rc<Server>| match server.host.contains(':') {
            true => format!("[{}]:{}", server.host, server.port),
            false => format!("{}:{}", server.host, server.port),
        };
        self.servers.first().map(told).unwrap_or_default()
    }

    /// A connection: one that was used before, or a new one.
    pub(super) async fn lease(&self, must_be_new: bool) -> Result<Lease, Refusal> {
        let turn = self.next.get();
        self.next.set(turn.wrapping_add(1));
        let server = self.servers.get(turn.checked_rem(self.servers.len()).unwrap_or(0));
        let server = server.ok_or_else(|| Refusal::new(Reason::UpstreamDown, "no server"))?;
        while let Some(kept) = server.kept.borrow_mut().pop().filter(|_| !must_be_new) {
            if kept.sender.is_ready() {
                let Kept { sender, permit, is_heard, .. } = kept;
                is_heard.store(false, Ordering::Relaxed);
                return Ok(Lease { sender, was_kept: true, permit, server: server.clone(), is_heard });
            }
        }
        let waiting = tokio::time::timeout(WAIT_TIME_MAX, server.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = waiting else {
            return Err(Refusal::new(Reason::UpstreamBusy, "no connection became free"));
        };
        let (sender, is_heard) = self.connect(server).await?;
        Ok(Lease { sender, was_kept: false, permit, server: server.clone(), is_heard })
    }

    async fn connect(&self, server: &Server) -> Result<(SendRequest<Body>, Arc<AtomicBool>), Refusal> {
        let down = |error: String| Refusal::new(Reason::UpstreamDown, error);
        let connecting = TcpStream::connect((server.host.as_str(), server.port));
        let Ok(connected) = tokio::time::timeout(self.connect_time_max, connecting).await else {
            return Err(Refusal::new(Reason::UpstreamSlow, "no connection in time"));
        };
        let stream = connected.map_err(|error| down(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| down(error.to_string()))?;
        let mut http = Builder::new();
        http.max_buf_size(HEAD_BYTES_MAX).max_headers(FIELDS_MAX);
        let is_heard = Arc::<AtomicBool>::default();
        let stream = TokioIo::new(Heard { io: stream, is_heard: is_heard.clone() });
        let (sender, connection) = http.handshake(stream).await.map_err(|error| down(error.to_string()))?;
        // What goes wrong on it is told to the request that is on it.
        tokio::task::spawn_local(async move { _ = connection.with_upgrades().await });
        Ok((sender, is_heard))
    }
}

impl Lease {
    /// Whether any byte came since the connection was leased.
    pub(super) fn is_heard(&self) -> bool {
        self.is_heard.load(Ordering::Relaxed)
    }

    /// Keeps the connection once the answer has been read to its end.
    pub(super) fn give_back_when_ready(self) {
        tokio::task::spawn_local(async move {
            let Self { mut sender, permit, server, is_heard, .. } = self;
            if sender.ready().await.is_err() {
                return;
            }
            thread_local!(static NEXT: Cell<u64> = const { Cell::new(0) });
            let id = NEXT.replace(NEXT.get().wrapping_add(1));
            server.kept.borrow_mut().push(Kept { sender, permit, is_heard, id });
            tokio::time::sleep(KEPT_TIME).await;
            server.kept.borrow_mut().retain(|kept| kept.id != id);
        });
    }
}

/// A socket that says whether anything came.
struct Heard {
    io: TcpStream,
    is_heard: Arc<AtomicBool>,
}

impl AsyncRead for Heard {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.is_heard.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Heard {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
