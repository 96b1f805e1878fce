//! The edge of a gateway beside its one address of plain HTTP: TLS, and an address that only refuses.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;

use http::header::{ACCEPT, AUTHORIZATION, HOST};
use http::{HeaderValue, Method, Uri};
use socket2::{SockRef, TcpKeepalive};

use crate::admin::{self, Admin};
use crate::downstream::limits::{PROBE_AFTER, PROBE_BETWEEN, PROBES_MAX};
use crate::exchange::Exchange;
use crate::gateway::StartError;
use crate::refusal::{Reason, Refusal};
use crate::tls::TlsMaterial;

/// The port that an address of `https` need not name.
const HTTPS_PORT: u16 = 443;

/// What a gateway speaks beside plain HTTP, and where.
#[derive(Debug, Default)]
pub struct Edge {
    /// What TLS is made of; without it, clients are spoken to in plain.
    pub tls: Option<TlsMaterial>,
    /// An address without TLS beside it.
    pub plain: Option<Plain>,
    /// An address for those who run it.
    pub admin: Option<Admin>,
    /// The sockets to listen on that somebody opened already.
    pub opened: Listening,
    /// The most connections of clients at once; absent: [`CONNECTIONS_MAX`](crate::CONNECTIONS_MAX) of each worker.
    pub connections_max: Option<NonZeroUsize>,
}

/// Listening sockets.
#[derive(Debug, Default)]
pub struct Listening {
    /// What is served.
    pub main: Option<TcpListener>,
    /// What is refused.
    pub plain: Option<TcpListener>,
    /// For who runs the gateway.
    pub admin: Option<TcpListener>,
}

/// An address on which everything is refused, because it comes without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// The address.
    pub listen: SocketAddr,
    /// Whether browsers that navigate are sent to TLS instead.
    pub redirect: bool,
}

/// What is done with requests that come without TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside {
    pub(crate) redirect: bool,
    pub(crate) tls_port: u16,
}

/// A socket that listens.
pub(crate) struct Socket {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// The sockets of a gateway.
pub(crate) struct Sockets {
    /// What is served.
    pub(crate) main: Socket,
    /// What is refused.
    pub(crate) plain: Option<(Socket, Beside)>,
    /// Who runs it, with the digest of the token that they show.
    pub(crate) admin: Option<admin::Opened>,
}

impl Sockets {
    /// Opens them all, or none.
    pub(crate) fn open(listen: SocketAddr, edge: Edge) -> Result<Self, StartError> {
        let main = Socket::open(listen, edge.opened.main)?;
        let plain = match edge.plain {
            Some(Plain { listen, redirect }) => {
                let beside = Beside { redirect, tls_port: main.address.port() };
                Some((Socket::open(listen, edge.opened.plain)?, beside))
            }
            None => None,
        };
        let admin = match edge.admin {
            Some(Admin { listen, token: None }) if !listen.ip().is_loopback() => {
                return Err(StartError::AdminOpen(listen));
            }
            Some(Admin { listen, token }) => {
                let token = token.map(|token| admin::digest(token.expose()));
                Some(admin::Opened { socket: Socket::open(listen, edge.opened.admin)?, token })
            }
            None => None,
        };
        Ok(Self { main, plain, admin })
    }
}

impl Sockets {
    /// The same sockets once more, the one that is served first.
    pub(crate) fn copied(&self) -> Result<Vec<TcpListener>, StartError> {
        let plain = self.plain.as_ref().map(|(socket, _)| socket);
        let admin = self.admin.as_ref().map(|opened| &opened.socket);
        let copy = |socket: &Socket| {
            socket.listener.try_clone().map_err(|error| StartError::Listen { address: socket.address, error })
        };
        [Some(&self.main), plain, admin].into_iter().flatten().map(copy).collect()
    }
}

impl Socket {
    /// A socket that all workers accept on. Bound once and without `SO_REUSEPORT`: a second gateway on the same port must
    /// fail, not share it.
    fn open(address: SocketAddr, given: Option<TcpListener>) -> Result<Self, StartError> {
        let refused = |error| StartError::Listen { address, error };
        let listener = given.map_or_else(|| TcpListener::bind(address), Ok).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        // What is set on the listening socket is set on every connection: whoever vanished without a word is noticed.
        let probes = TcpKeepalive::new().with_time(PROBE_AFTER).with_interval(PROBE_BETWEEN).with_retries(PROBES_MAX);
        SockRef::from(&listener).set_tcp_keepalive(&probes).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address })
    }
}

impl Beside {
    /// Refuses an exchange before anything else is said about it, unless it cannot even be read.
    pub(crate) fn refuse(self, exchange: &mut Exchange) {
        if exchange.wire_refusal.is_some() {
            return;
        }
        let refusal = Refusal::new(Reason::TlsRequired, "it came without TLS");
        exchange.wire_refusal = Some(match self.location(exchange).filter(|_| self.redirect) {
            Some(location) => refusal.going_on_at(location),
            None => refusal,
        });
    }

    /// Where a browser that navigates goes on. A client of an API must notice that it is set up wrong: it would go on sending
    /// its credential in plain.
    fn location(self, exchange: &Exchange) -> Option<String> {
        let headers = &exchange.parts.headers;
        let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
        let is_navigation = matches!(exchange.parts.method, Method::GET | Method::HEAD)
            && !headers.contains_key(AUTHORIZATION)
            && headers.get(ACCEPT).and_then(text).is_some_and(|accept| accept.contains("text/html"));
        let host = headers.get(HOST).and_then(text).filter(|_| is_navigation)?;
        let host = format!("http://{host}").parse::<Uri>().ok()?.host()?.to_owned();
        let path = exchange.parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Some(match self.tls_port {
            HTTPS_PORT => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        })
    }
}
