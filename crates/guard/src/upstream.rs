//! To the application and back. Bodies stream both ways, connections are kept and bounded, and nothing is sent twice that may
//! count twice.
//!
//! What is known of a server is shared by all workers (`servers.rs`); connections are each worker's own (`pool.rs`). A server
//! that fails is left alone for a while (`circuit.rs`), how it is is asked beside the requests (`health.rs`), and what is sent
//! once more has a budget (`budget.rs`).

mod budget;
mod circuit;
mod connect;
pub(crate) mod fetch;
mod fields;
pub(crate) mod health;
mod hold;
mod http1;
mod outgoing;
pub(crate) mod pool;
pub(crate) mod servers;
mod settings;
mod tls;
mod tunnel;
pub(crate) mod upstreams;

use std::cell::Cell;
use std::error::Error as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::TRAILER;
use http::{Request, Response, StatusCode, Version};
use hyper::client::conn::TrySendError;
use policy::HashBy;

use crate::body::{Body, BodyError, Rest};
use crate::exchange::Exchange;
use crate::io::Io;
use crate::obligation::{Obligations, Withheld};
use crate::pipeline::Admitted;
use crate::refusal::{Reason, Refusal};
use budget::Budget;
pub(crate) use connect::OnThisThread;
pub(crate) use fields::{behind_answer, behind_request};
pub(crate) use hold::Hold;
use http1::Http1Error;
pub(crate) use http1::One;
use outgoing::Outgoing;
use pool::{Lease, Pool, Room};
use servers::{Pass, SERVERS_MAX, Servers};

/// The way to the application, of one worker.
#[derive(Debug)]
pub struct Relay {
    servers: Arc<Servers>,
    pools: Vec<Rc<Pool>>,
    workers: usize,
    turn: Cell<usize>,
    budget: Budget,
}

/// Why an application cannot be forwarded to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// No server is named.
    #[error("the application has no address: `--upstream URL`, or `[upstream.NAME]` with `servers`")]
    NoServer,
    /// There are too many.
    #[error("{0} servers of one upstream are more than {SERVERS_MAX}: put a balancer before a part of them")]
    TooManyServers(usize),
    /// TLS to the application cannot be spoken.
    #[error("TLS to the application: {0}")]
    Tls(String),
}

/// What of the way to the application an answer holds until its end.
#[derive(Debug)]
pub(crate) struct Held {
    lease: Lease,
    /// Counts as open as long as it is here.
    pass: Pass,
}

impl Held {
    /// The connection, where it is used by this answer alone.
    pub(crate) fn one(&self) -> Option<&One> {
        self.lease.one()
    }

    /// The same, to read from it.
    pub(crate) fn one_mut(&mut self) -> Option<&mut One> {
        self.lease.one_mut()
    }

    /// The server, as the policy has it.
    fn server(&self) -> Arc<str> {
        self.pass.server.name.clone()
    }

    /// The bytes both ways behind a change of protocols, those that came already, and what is held as long as they flow.
    fn switched(self) -> Option<(Io, Bytes, Switched)> {
        let (io, first, room) = self.lease.switched()?;
        Some((io, first, Switched { _room: room, _pass: self.pass }))
    }

    /// The answer was read to its end.
    pub(crate) fn give_back(self) {
        self.lease.give_back();
    }
}

/// What of the way to the application a WebSocket holds.
struct Switched {
    _room: Room,
    _pass: Pass,
}

/// Why no answer came on a connection.
enum Unanswered {
    /// On one of HTTP/1.1.
    Http1(Http1Error),
    /// On one of HTTP/2, which gives a request back of which nothing was sent.
    Http2 { error: hyper::Error, unsent: Option<Box<Request<Body>>> },
    /// None came in time.
    Slow,
    /// There was nothing to send any more.
    Nothing,
}

/// Why a request was not answered.
struct Failure {
    refusal: Refusal,
    /// Whether it was a connection that had ended unnoticed: a new one to the same server may do.
    is_stale: bool,
    /// Whether it counts against the server.
    counts: bool,
}

impl Relay {
    /// A way to these servers, with the connections of the one before where they are spoken to as before.
    pub(crate) fn to(servers: Arc<Servers>, workers: usize, before: Option<&Self>) -> Self {
        let (connections_max, waiting_max) =
            (servers.settings.connections_of_worker(workers), servers.settings.waiting_max);
        let is_same_tls = before.is_some_and(|before| before.servers.is_spoken_to_as(&servers));
        let kept = |server: &Arc<servers::Server>| {
            let pools = before.filter(|_| is_same_tls).into_iter().flat_map(|before| &before.pools);
            let mut fitting = pools.filter(|pool| pool.fits(connections_max, waiting_max));
            fitting.find(|pool| Arc::ptr_eq(&pool.server, server)).cloned()
        };
        let pool = |server: &Arc<servers::Server>| {
            kept(server).unwrap_or_else(|| Rc::new(Pool::new(server.clone(), connections_max, waiting_max)))
        };
        Self {
            pools: servers.all().iter().map(pool).collect(),
            budget: Budget::new(servers.settings.budget_percent),
            turn: Cell::new(before.map_or(0, |before| before.turn.get())),
            workers,
            servers,
        }
    }

    /// How many workers there are.
    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    /// The way of the same worker to other servers.
    pub(crate) fn succeeded_by(&self, servers: Arc<Servers>) -> Self {
        Self::to(servers, self.workers, Some(self))
    }

    /// How long an answer may be silent.
    fn idle_time_max(&self) -> Duration {
        self.servers.settings.idle_time_max
    }

    /// A question of the gateway itself.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let (parts, body) = request.into_parts();
        let (response, held) = self.send(&mut Outgoing::own(&parts, body)).await?;
        Ok(response.map(|body| Body::answered(body, held, self.idle_time_max())))
    }

    /// What a request has in common with those that go to the same server.
    pub(crate) fn affinity(&self, exchange: &Exchange) -> Option<u64> {
        let by = self.servers.settings.hash_by.as_ref()?;
        let mut hasher = DefaultHasher::new();
        let header = |name: &policy::HeaderName| exchange.parts.headers.get(name.as_str());
        match by {
            HashBy::Principal if let Some(principal) = exchange.principals.first() => {
                (&principal.identity, &principal.subject).hash(&mut hasher);
            }
            HashBy::Header(name) if let Some(value) = header(name) => value.as_bytes().hash(&mut hasher),
            HashBy::Address | HashBy::Principal | HashBy::Header(_) => exchange.client.address.hash(&mut hasher),
        }
        Some(hasher.finish())
    }

    /// Sends a request. Again, where nothing of it was sent, or where it may be sent twice (RFC 9110 section 9.2.2) and not a
    /// byte of an answer came: once on a new connection to the same server, where a kept one had ended without having said
    /// so; else to another server, as long as there is one and the budget allows it.
    async fn send(&self, outgoing: &mut Outgoing<'_>) -> Result<(Response<Rest>, Held), Refusal> {
        self.budget.save();
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let (mut tried, mut attempts, mut must_be_new) = (0_u64, 1, None);
        loop {
            let same = must_be_new.take();
            let is_new = same.is_some();
            let pass = same.or_else(|| self.servers.pass(turn, outgoing.affinity, tried));
            let pass = pass.ok_or_else(|| Refusal::new(Reason::UpstreamDown, "no server"))?;
            if attempts > 1 && !is_new {
                pass.server.counts.repeated.fetch_add(1, Ordering::Relaxed);
            }
            let failure = match self.once(&pass, outgoing, is_new).await {
                Ok((response, lease)) => {
                    pass.answered();
                    return Ok((response, Held { lease, pass }));
                }
                Err(failure) => failure,
            };
            let is_stale = failure.is_stale && !is_new;
            if failure.counts && !is_stale {
                self.failed(&pass);
            }
            if !outgoing.may_again() {
                return Err(failure.refusal);
            }
            if is_stale {
                must_be_new = Some(pass);
                continue;
            }
            tried |= 1 << pass.index;
            let is_over =
                tried.count_ones() as usize >= self.pools.len() || attempts >= self.servers.settings.attempts_max;
            if is_over || !self.budget.take() {
                return Err(failure.refusal);
            }
            attempts += 1;
        }
    }

    /// Counts against a server that it did not answer. One that is left alone may try again when its time is over.
    fn failed(&self, pass: &Pass) {
        if let Some(time) = self.servers.failed(pass) {
            let server = pass.server.clone();
            tokio::task::spawn_local(async move {
                tokio::time::sleep(time).await;
                server.circuit.half_open();
            });
        }
    }

    /// Sends a request to a server, once.
    async fn once(
        &self,
        pass: &Pass,
        outgoing: &mut Outgoing<'_>,
        must_be_new: bool,
    ) -> Result<(Response<Rest>, Lease), Failure> {
        let nothing = || Failure::of(Refusal::new(Reason::UpstreamDown, "no server"));
        let pool = self.pools.get(pass.index).ok_or_else(nothing)?;
        let leased = pool.lease(&self.servers, must_be_new, outgoing.is_upgrade).await;
        let mut lease = leased.map_err(|refusal| Failure::before(refusal, outgoing))?;
        let has_others = self.pools.len() > 1 || lease.was_kept();
        let is_remade = has_others && !outgoing.is_upgrade && !outgoing.has_body();
        match lease.answered(outgoing, pass, self.servers.settings.response_time_max).await {
            Ok(response) => Ok((response, lease)),
            Err(unanswered) => Err(Failure::during(&lease, unanswered, is_remade, outgoing)),
        }
    }
}

impl Failure {
    /// One after which nothing is sent again.
    fn of(refusal: Refusal) -> Self {
        Self { refusal, is_stale: false, counts: false }
    }

    /// There was no connection: nothing was sent. That a server is busy is no failure of it.
    fn before(refusal: Refusal, outgoing: &mut Outgoing<'_>) -> Self {
        match refusal.reason {
            Reason::UpgradeNotCarried => {
                outgoing.give_up();
                Self::of(refusal)
            }
            Reason::UpstreamBusy | Reason::UpstreamQueueFull => Self::of(refusal),
            _ => Self { counts: true, ..Self::of(refusal) },
        }
    }

    /// There was no answer. The request may be sent again where nothing of it was sent, or where it `is_remade` and may be sent
    /// twice.
    fn during(lease: &Lease, unanswered: Unanswered, is_remade: bool, outgoing: &mut Outgoing<'_>) -> Self {
        let (reason, is_of_client) = match &unanswered {
            Unanswered::Slow => {
                let refusal = Refusal::new(Reason::UpstreamSlow, unanswered.told());
                return Self { counts: true, ..Self::of(refusal) };
            }
            Unanswered::Http1(Http1Error::Broken(_)) => (Reason::UpstreamBroken, false),
            // What the client did not send is no failure of the server.
            Unanswered::Http1(Http1Error::Request(BodyError::Gone)) => (Reason::BodyCut, true),
            Unanswered::Http1(error) => (Reason::UpstreamDown, matches!(error, Http1Error::Request(_))),
            Unanswered::Nothing => (Reason::UpstreamDown, true),
            Unanswered::Http2 { error, .. } if error.is_parse() => (Reason::UpstreamBroken, error.is_user()),
            Unanswered::Http2 { error, .. } => (Reason::UpstreamDown, error.is_user()),
        };
        let is_unprocessed = matches!(&unanswered, Unanswered::Http2 { error, .. } if is_unprocessed(error));
        let told = unanswered.told();
        match unanswered {
            Unanswered::Http2 { unsent: Some(unsent), .. } => outgoing.came_back(*unsent),
            _ if is_remade && !lease.is_heard() && (is_unprocessed || outgoing.is_idempotent()) => {
                outgoing.make_again();
            }
            _ => {}
        }
        let is_stale = lease.was_kept() && outgoing.may_again();
        Self { refusal: Refusal::new(reason, told), is_stale, counts: !is_of_client }
    }
}

impl Unanswered {
    fn of_one(error: Http1Error) -> Self {
        if matches!(error, Http1Error::Slow) { Self::Slow } else { Self::Http1(error) }
    }

    fn of_many(mut error: TrySendError<Request<Body>>) -> Self {
        let unsent = error.take_message().map(Box::new);
        Self::Http2 { error: error.into_error(), unsent }
    }

    /// What happened, with what caused it.
    fn told(&self) -> String {
        match self {
            Self::Http1(error) => error.to_string(),
            Self::Http2 { error, .. } => {
                error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
            }
            Self::Slow => "no answer in time".to_owned(),
            Self::Nothing => "nothing is left to send".to_owned(),
        }
    }
}

/// Whether a server of HTTP/2 says that it has not looked at the request (RFC 9113 section 8.7).
fn is_unprocessed(error: &hyper::Error) -> bool {
    let h2 = error.source().and_then(|source| source.downcast_ref::<h2::Error>());
    h2.is_some_and(|h2| h2.reason() == Some(h2::Reason::REFUSED_STREAM) || (h2.is_go_away() && h2.is_remote()))
}

/// Sends an admitted request to the application. The answer is withheld until what was promised about it holds.
pub async fn forward(relay: &Relay, admitted: Admitted<'_>) -> Result<Withheld, Refusal> {
    let Admitted { parts, body, connection, client, upgrade, obligations, affinity, .. } = admitted;
    let mut outgoing = Outgoing::of(parts, body, client, upgrade.is_some());
    outgoing.affinity = affinity;
    let takes_trailers = outgoing.takes_trailers;
    let sent = relay.send(&mut outgoing).await;
    let (mut response, held) = match (sent, connection.body_refusal()) {
        (_, Some(refusal)) => return Err(refusal),
        (sent, None) => sent?,
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let server = held.server();
        let (Some(downstream), Some((io, first, held))) = (upgrade.filter(|_| obligations.is_empty()), held.switched())
        else {
            return Err(Refusal::new(Reason::UpstreamBroken, "the application switched protocols without being asked"));
        };
        tunnel::open(downstream, io, first, held);
        fields::to_client(response.headers_mut(), Version::HTTP_11, true, false);
        return Ok(Withheld::new(response.map(|_| Body::empty()), Obligations::none()).of(server));
    }
    let answered_by = response.version();
    fields::to_client(response.headers_mut(), answered_by, false, takes_trailers);
    let (idle_time_max, has_fields_behind) = (relay.idle_time_max(), response.headers().contains_key(TRAILER));
    let server = held.server();
    let response = response.map(|body| {
        let body = Body::answered(body, held, idle_time_max);
        if has_fields_behind { body.with_fields_behind() } else { body }
    });
    Ok(Withheld::new(response, obligations).of(server))
}
