//! A connection to a server: where its name leads, TCP, TLS, and the protocol inside. All of it within one time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use policy::Protocol;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::client::TlsStream;

use super::servers::{Server, Servers};
use super::tls::Offer;
use crate::body::Body;
use crate::refusal::{Reason, Refusal};

/// The most bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most fields of an answer.
const FIELDS_MAX: usize = 200;
/// The most addresses of one name.
const ADDRESSES_MAX: usize = 64;
/// What a server of HTTP/2 may send of one answer, and of all of a connection, before some of it was taken.
const WINDOW_BYTES: u32 = 1024 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 4 * WINDOW_BYTES;

/// An open connection.
pub(super) enum Connected {
    /// For one request at a time.
    One(One),
    /// For many at once.
    Many(http2::SendRequest<Body>),
}

/// A connection of HTTP/1.1.
pub(super) struct One {
    pub(super) sender: http1::SendRequest<Body>,
    /// Whether anything came since it was last set.
    pub(super) is_heard: Arc<AtomicBool>,
}

/// Runs what hyper needs to have run on the thread that asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnThisThread;

impl<F> hyper::rt::Executor<F> for OnThisThread
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// Whether a server may speak HTTP/2, so that one connection may be enough.
pub(super) fn may_be_many(servers: &Servers, server: &Server) -> bool {
    match servers.settings.protocol {
        Some(Protocol::Http2) => true,
        Some(Protocol::Http1) => false,
        None => server.url.tls,
    }
}

/// Connects to a server. What goes wrong here, goes wrong before anything of a request was sent.
pub(super) async fn connect(servers: &Servers, server: &Server, one_only: bool) -> Result<Connected, Refusal> {
    let offer = match servers.settings.protocol {
        Some(Protocol::Http2) if one_only => {
            return Err(Refusal::new(Reason::UpgradeNotCarried, "the application is spoken to in HTTP/2 alone"));
        }
        Some(Protocol::Http2) => Offer::Http2,
        Some(Protocol::Http1) => Offer::Http1,
        None if one_only => Offer::Http1,
        None => Offer::Either,
    };
    let connecting = async {
        let stream = reached(server, servers.settings.connect_time_max).await?;
        // A socket that refuses this is slower, and serves.
        let _ = stream.set_nodelay(true);
        match &servers.connectors {
            Some(connectors) if server.url.tls => {
                let (stream, is_http2) = connectors.connect(&server.url.host, stream, offer).await?;
                spoken(Stream::Tls(Box::new(stream)), is_http2).await
            }
            _ => spoken(Stream::Plain(stream), offer == Offer::Http2).await,
        }
    };
    let time_max = servers.settings.connect_time_max;
    let connected = tokio::time::timeout(time_max, connecting).await;
    connected.unwrap_or_else(|_| Err(Refusal::new(Reason::UpstreamConnectSlow, "no connection in time")))
}

/// Asks where the name of a server leads.
pub(super) async fn resolved(server: &Server) -> Result<Arc<Vec<SocketAddr>>, String> {
    let found = lookup_host((server.url.host.as_str(), server.url.port)).await;
    let mut found: Vec<SocketAddr> = found.map_err(|error| error.to_string())?.take(ADDRESSES_MAX).collect();
    if found.is_empty() {
        return Err("the name leads nowhere".to_owned());
    }
    // Resolvers answer in another order each time, which is no change.
    found.sort_unstable();
    found.dedup();
    let found = Arc::new(found);
    if **server.addresses.load() != *found {
        server.addresses.store(found.clone());
    }
    Ok(found)
}

/// A socket to one of the addresses of a server. They take turns; one that does not answer has its share of the time.
async fn reached(server: &Server, time_max: Duration) -> Result<TcpStream, Refusal> {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let mut addresses = server.addresses.load_full();
    if addresses.is_empty() {
        let told = |why| Refusal::new(Reason::UpstreamName, format!("`{}`: {why}", server.url.host));
        addresses = resolved(server).await.map_err(told)?;
    }
    let count = addresses.len().max(1);
    let share = time_max / u32::try_from(count).unwrap_or(u32::MAX);
    let turn = if count == 1 { 0 } else { TURN.fetch_add(1, Ordering::Relaxed) };
    let mut last = Refusal::new(Reason::UpstreamName, "the name leads nowhere");
    for address in (0..count).filter_map(|step| addresses.get(turn.wrapping_add(step) % count)) {
        last = match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => Refusal::new(Reason::UpstreamDown, format!("{address}: {error}")),
            Err(_) => Refusal::new(Reason::UpstreamConnectSlow, format!("{address}: no connection in time")),
        };
    }
    Err(last)
}

/// Begins to speak.
async fn spoken(stream: Stream, is_http2: bool) -> Result<Connected, Refusal> {
    let down = |error: hyper::Error| Refusal::new(Reason::UpstreamDown, error.to_string());
    if is_http2 {
        let mut http = http2::Builder::new(OnThisThread);
        http.initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX));
        let (sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(down)?;
        tokio::task::spawn_local(async move { _ = connection.await });
        return Ok(Connected::Many(sender));
    }
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_BYTES_MAX).max_headers(FIELDS_MAX);
    let is_heard = Arc::<AtomicBool>::default();
    let stream = TokioIo::new(Heard { io: stream, is_heard: is_heard.clone(), is_deaf: false });
    let (sender, connection) = http.handshake(stream).await.map_err(down)?;
    // What goes wrong on it is told to the request that is on it.
    tokio::task::spawn_local(async move { _ = connection.with_upgrades().await });
    Ok(Connected::One(One { sender, is_heard }))
}

/// What bytes go over.
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Does the same with either.
macro_rules! either {
    ($stream:expr, $io:ident => $done:expr) => {
        match $stream {
            Stream::Plain(io) => {
                let $io = Pin::new(io);
                $done
            }
            Stream::Tls(io) => {
                let $io = Pin::new(io.as_mut());
                $done
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), io => io.poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), io => io.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), io => io.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), io => io.poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), io => io.poll_write_vectored(cx, slices))
    }
}

/// A stream that says whether anything came. A server that answers before the end of a request may take no more of it, and what
/// is written then fails; but its answer is there to be read. So from then on what is written goes nowhere, and what is read
/// decides: the answer, or the end of the connection.
struct Heard {
    io: Stream,
    is_heard: Arc<AtomicBool>,
    is_deaf: bool,
}

impl Heard {
    fn written(&mut self, written: Poll<io::Result<usize>>, count: usize) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Err(error)) if is_end(&error) => {
                self.is_deaf = true;
                Poll::Ready(Ok(count))
            }
            other => other,
        }
    }
}

fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
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
        if self.is_deaf {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.written(written, bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.io).poll_flush(cx) {
            Poll::Ready(Err(error)) if self.is_deaf || is_end(&error) => Poll::Ready(Ok(())),
            other => other,
        }
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
        let count = slices.iter().map(|slice| slice.len()).sum();
        if self.is_deaf {
            return Poll::Ready(Ok(count));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.written(written, count)
    }
}
