//! A connection to a server: where its name leads, TCP, TLS, and the protocol inside. All of it within one time.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use policy::Protocol;
use tokio::net::{TcpStream, lookup_host};

use super::http1::{HEAD_BYTES_MAX, One};
use super::servers::{Server, Servers};
use super::tls::Offer;
use crate::body::Body;
use crate::io::Io;
use crate::refusal::{Reason, Refusal};

/// The most addresses of one name.
const ADDRESSES_MAX: usize = 64;
/// What a server of HTTP/2 may send of one answer, and of all of a connection, before some of it was taken.
const WINDOW_BYTES: u32 = 1024 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 4 * WINDOW_BYTES;

/// An open connection.
pub(super) enum Connected {
    /// For one request at a time.
    One(Box<One>),
    /// For many at once.
    Many(http2::SendRequest<Body>),
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
                spoken(stream.into(), is_http2).await
            }
            _ => spoken(stream.into(), offer == Offer::Http2).await,
        }
    };
    let time_max = servers.settings.connect_time_max;
    let connected = tokio::time::timeout(time_max, connecting).await;
    connected.unwrap_or_else(|_| Err(Refusal::new(Reason::UpstreamConnectSlow, "no connection in time")))
}

/// Asks where the name of a server leads.
pub(super) async fn resolved(server: &Server) -> Result<Arc<Vec<SocketAddr>>, String> {
    let found = lookup_host((server.url.host.as_str(), server.url.port)).await;
    let found = listed(found.map_err(|error| error.to_string())?);
    if found.is_empty() {
        return Err("the name leads nowhere".to_owned());
    }
    let found = Arc::new(found);
    if **server.addresses.load() != *found {
        server.addresses.store(found.clone());
    }
    Ok(found)
}

/// Those addresses that are used. Resolvers answer in another order each time, which is no change.
fn listed(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut found: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    found.sort_unstable();
    found.dedup();
    found
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
async fn spoken(io: Io, is_http2: bool) -> Result<Connected, Refusal> {
    if is_http2 {
        let down = |error: hyper::Error| Refusal::new(Reason::UpstreamDown, error.to_string());
        let mut http = http2::Builder::new(OnThisThread);
        http.initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX));
        let (sender, connection) = http.handshake(TokioIo::new(io)).await.map_err(down)?;
        tokio::task::spawn_local(async move { _ = connection.await });
        return Ok(Connected::Many(sender));
    }
    Ok(Connected::One(Box::new(One::new(io))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_addresses_of_a_name_are_used_each_once() {
        let at = |host: usize| SocketAddr::from(([10, 0, 0, u8::try_from(host).unwrap()], 80));
        assert_eq!(listed([at(2), at(1), at(2)].into_iter()), [at(1), at(2)]);
        assert_eq!(listed((0..ADDRESSES_MAX).map(at)).len(), ADDRESSES_MAX);
        assert_eq!(listed((0..=ADDRESSES_MAX).map(at)).len(), ADDRESSES_MAX);
    }
}
