//! What one worker has of its own: its pipeline, its connections to the application, what it has looked up.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use policy::RouteKey;

use crate::dates::Dates;
use crate::layers::subject::KEPT_MAX;
use crate::metrics::{AllSeries, CONNECTION_REASONS, HANDSHAKE_REASONS, UPSTREAM_REASONS};
use crate::pipeline::LayerName;
use crate::quota::Quotas;
use crate::record::{Records, hexadecimal};
use crate::refusal::Reason;
use crate::shared::AtomicU64;
use crate::site::Site;
use crate::store::Store;
use crate::tls::HandshakeError;
use crate::upstream::Relay;
use crate::upstream::upstreams::{Place, Relays, Upstreams};

/// The one clock: the time since 1970-01-01 UTC. Tests drive it.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What one thread serves with.
pub(crate) struct Worker {
    pub(crate) site: Arc<Site>,
    pub(crate) series: Arc<AllSeries>,
    /// The ways to the upstreams.
    pub(crate) relays: Relays,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) counters: Arc<Counting>,
    pub(crate) records: Records,
    pub(crate) subjects: Rc<RefCell<Subjects>>,
    /// What is counted of quotas, by all workers.
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) clock: Clock,
    pub(crate) ids: Rc<Ids>,
    pub(crate) dates: Dates,
}

/// The ids of the exchanges of a worker, whatever policy they are decided by.
#[derive(Debug)]
pub(crate) struct Ids {
    /// Unlike those of other workers and starts.
    prefix: String,
    next: Cell<u64>,
}

impl Ids {
    pub(crate) fn of_worker(index: usize, began: Duration) -> Self {
        Self { prefix: format!("{:x}-{index}-", began.as_millis()), next: Cell::new(0) }
    }
}

impl Worker {
    pub(crate) fn now(&self) -> Duration {
        (self.clock)()
    }

    /// The way of requests of a route.
    pub(crate) fn relay(&self, route: Option<usize>) -> Rc<Relay> {
        self.relays.at(self.upstreams.of_route(route))
    }

    /// The way of a question of the gateway itself about a request of a route: that of the route that it asks, where the policy
    /// knows it.
    pub(crate) fn relay_of(&self, asked: &RouteKey, route: Option<usize>) -> Rc<Relay> {
        self.relays.at(self.place_of(asked, route))
    }

    /// The upstream of such a question.
    pub(crate) fn place_of(&self, asked: &RouteKey, route: Option<usize>) -> Place {
        let of_key = self.site.policy.as_ref().and_then(|policy| self.upstreams.of_key(policy, asked));
        of_key.unwrap_or_else(|| self.upstreams.of_route(route))
    }

    /// Where limits are counted, and where they are counted without that.
    pub(crate) fn stores(&self) -> (Rc<dyn Store>, Rc<dyn Store>) {
        let quotas = || self.quotas.clone();
        (self.site.store_beside(quotas(), &self.clock), self.site.own_store(quotas()))
    }

    pub(crate) fn next_id(&self) -> HeaderValue {
        let id = self.ids.next.get();
        self.ids.next.set(id.wrapping_add(1));
        let mut text = Vec::with_capacity(self.ids.prefix.len() + size_of::<u64>() * 2);
        text.extend_from_slice(self.ids.prefix.as_bytes());
        let digits = usize::try_from(id.checked_ilog2().unwrap_or(0) / 4 + 1).unwrap_or(1);
        let start = text.len();
        text.resize(start + digits, b'0');
        hexadecimal(u128::from(id), text.get_mut(start..).unwrap_or_default());
        // Hexadecimal digits are a value of a field.
        HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static("-"))
    }
}

/// Subjects that were looked up, by the digest of the credential, each until a time.
#[derive(Default)]
pub(crate) struct Subjects(HashMap<[u8; 32], (String, Duration)>);

impl Subjects {
    pub(crate) fn get(&mut self, key: &[u8; 32], now: Duration) -> Option<String> {
        let (subject, until) = self.0.get(key)?;
        if *until > now {
            return Some(subject.clone());
        }
        self.0.remove(key);
        None
    }

    pub(crate) fn keep(&mut self, key: [u8; 32], subject: String, until: Duration) {
        if self.0.len() >= KEPT_MAX {
            self.0.clear();
        }
        self.0.insert(key, (subject, until));
    }
}

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subjects").field("kept", &self.0.len()).finish()
    }
}

/// Counters of a gateway, shared by its workers.
#[derive(Debug)]
pub(crate) struct Counting {
    seen: AtomicU64,
    reloads: AtomicU64,
    reloads_refused: AtomicU64,
    handshakes_failed: [AtomicU64; HANDSHAKE_REASONS.len()],
    upstream_errors: [AtomicU64; UPSTREAM_REASONS.len()],
    connections: AtomicU64,
    connections_ended: AtomicU64,
    connections_refused: [AtomicU64; CONNECTION_REASONS.len()],
    accept_pauses: AtomicU64,
    shadow: AtomicU64,
    sampled_away: AtomicU64,
    connections_flooded: AtomicU64,
    /// For each layer: refused, and would have been.
    layers: Vec<(LayerName, AtomicU64, AtomicU64)>,
}

/// What a gateway has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Requests that were seen, refused ones included.
    pub seen: u64,
    /// How many each layer refused; layers that refused none are left out.
    pub refused: Vec<(LayerName, u64)>,
    /// How many each layer would have refused in enforce mode.
    pub would_refuse: Vec<(LayerName, u64)>,
    /// Connections of clients that were accepted.
    pub connections: u64,
    /// Those that are open.
    pub connections_open: u64,
    /// Connections that were ended at once: their address held too many, no proxy said whose they are.
    pub connections_refused: [u64; CONNECTION_REASONS.len()],
    /// How often no connection could be accepted, because the system had no more of something.
    pub accept_pauses: u64,
    /// Requests that the policy does not know and the application answered, other than with 404 or 405.
    pub shadow: u64,
    /// Exchanges that went well and were left out of the log, because another one stands for them.
    pub sampled_away: u64,
    /// Those of HTTP/2 that were ended because their clients sent too much that carries nothing.
    pub connections_flooded: u64,
    /// Clients that did not agree on TLS: they spoke without, did not agree, took too long.
    pub handshakes_failed: [u64; HANDSHAKE_REASONS.len()],
    /// Requests that the application did not answer: no connection, nothing valid, too slow, too busy.
    pub upstream_errors: [u64; UPSTREAM_REASONS.len()],
    /// Policies that were taken while the gateway ran.
    pub reloads: u64,
    /// Policies that were refused then.
    pub reloads_refused: u64,
    /// Records that were lost: too many waited, or the log could not be written.
    pub lost: u64,
    /// Why the log could not be written, the first time.
    pub log_failure: Option<String>,
}

/// Why a connection is ended at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionRefused {
    /// Its address holds too many.
    PerAddress,
    /// No proxy said whose it is.
    Preface,
}

/// A connection that is open.
#[derive(Debug)]
pub(crate) struct Connected(Arc<Counting>);

impl Connected {
    /// Its client sent too much that carries nothing.
    pub(crate) fn flooded(&self) {
        self.0.connections_flooded.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections_ended.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counting {
    pub(crate) fn new() -> Self {
        let layers = LayerName::ALL.iter().map(|name| (*name, AtomicU64::new(0), AtomicU64::new(0)));
        Self {
            seen: AtomicU64::new(0),
            reloads: AtomicU64::new(0),
            reloads_refused: AtomicU64::new(0),
            handshakes_failed: Default::default(),
            upstream_errors: Default::default(),
            connections: AtomicU64::new(0),
            connections_ended: AtomicU64::new(0),
            connections_refused: Default::default(),
            accept_pauses: AtomicU64::new(0),
            shadow: AtomicU64::new(0),
            sampled_away: AtomicU64::new(0),
            connections_flooded: AtomicU64::new(0),
            layers: layers.collect(),
        }
    }

    pub(crate) fn seen(&self) {
        self.seen.fetch_add(1, Ordering::Relaxed);
    }

    /// A client connected; it counts as connected until what is given back is dropped.
    pub(crate) fn connected(self: &Arc<Self>) -> Connected {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(self.clone())
    }

    /// A connection was ended at once.
    pub(crate) fn connection_refused(&self, refused: ConnectionRefused) {
        let [per_address, preface] = &self.connections_refused;
        let counter = match refused {
            ConnectionRefused::PerAddress => per_address,
            ConnectionRefused::Preface => preface,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// The application answered what the policy does not know.
    pub(crate) fn shadow(&self) {
        self.shadow.fetch_add(1, Ordering::Relaxed);
    }

    /// An exchange was left out of the log.
    pub(crate) fn sampled_away(&self) {
        self.sampled_away.fetch_add(1, Ordering::Relaxed);
    }

    /// No connection could be accepted for now.
    pub(crate) fn accept_paused(&self) {
        self.accept_pauses.fetch_add(1, Ordering::Relaxed);
    }

    /// The application gave no answer.
    pub(crate) fn upstream_failed(&self, reason: Reason) {
        let counter = UPSTREAM_REASONS.iter().zip(&self.upstream_errors).find(|(known, _)| **known == reason);
        if let Some((_, counter)) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A client could not agree on TLS.
    pub(crate) fn handshake_failed(&self, error: HandshakeError) {
        let [plain, refused, slow] = &self.handshakes_failed;
        let counter = match error {
            HandshakeError::Plain => plain,
            HandshakeError::Refused => refused,
            HandshakeError::TooSlow => slow,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A policy was loaded while the gateway ran, or was refused.
    pub(crate) fn reloaded(&self, is_taken: bool) {
        let counter = if is_taken { &self.reloads } else { &self.reloads_refused };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, layer: LayerName, is_refused: bool) {
        if let Some((_, refused, would)) = self.layers.iter().find(|(name, _, _)| *name == layer) {
            let counter = if is_refused { refused } else { would };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Counters {
        let pairs = |of: fn(&(LayerName, AtomicU64, AtomicU64)) -> &AtomicU64| {
            self.layers
                .iter()
                .map(|one| (one.0, of(one).load(Ordering::Relaxed)))
                .filter(|(_, count)| *count > 0)
                .collect()
        };
        // In this order: what ended had begun.
        let ended = self.connections_ended.load(Ordering::Relaxed);
        let connections = self.connections.load(Ordering::Relaxed);
        Counters {
            connections,
            connections_open: connections.saturating_sub(ended),
            connections_refused: self.connections_refused.each_ref().map(|one| one.load(Ordering::Relaxed)),
            accept_pauses: self.accept_pauses.load(Ordering::Relaxed),
            shadow: self.shadow.load(Ordering::Relaxed),
            sampled_away: self.sampled_away.load(Ordering::Relaxed),
            connections_flooded: self.connections_flooded.load(Ordering::Relaxed),
            handshakes_failed: self.handshakes_failed.each_ref().map(|one| one.load(Ordering::Relaxed)),
            upstream_errors: self.upstream_errors.each_ref().map(|one| one.load(Ordering::Relaxed)),
            seen: self.seen.load(Ordering::Relaxed),
            refused: pairs(|one| &one.1),
            would_refuse: pairs(|one| &one.2),
            reloads: self.reloads.load(Ordering::Relaxed),
            reloads_refused: self.reloads_refused.load(Ordering::Relaxed),
            lost: 0,
            log_failure: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_kept_until_its_time_and_no_more_than_the_bound() {
        let mut subjects = Subjects::default();
        let second = Duration::from_secs;
        subjects.keep([0; 32], "7".to_owned(), second(10));
        assert_eq!(subjects.get(&[0; 32], second(9)).as_deref(), Some("7"));
        assert_eq!(subjects.get(&[0; 32], second(10)), None);
        for index in 0..=KEPT_MAX {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&index.to_le_bytes());
            subjects.keep(key, "7".to_owned(), second(10));
            assert!(subjects.0.len() <= KEPT_MAX);
        }
    }
}
