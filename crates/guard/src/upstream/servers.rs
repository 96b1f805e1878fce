//! The servers of an upstream as all workers see them: where they are, how they are, and which one is next. What is known of
//! a server goes on through reloads as long as the policy names it.

use std::cell::Cell;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use policy::{Balance, ServerUrl, Upstream};

use super::RelayError;
use super::circuit::Circuit;
use super::settings::Settings;
use super::tls::Connectors;
use crate::site::Keys;

/// The most servers of an upstream.
pub const SERVERS_MAX: usize = 64;

/// The servers of an upstream.
pub(crate) struct Servers {
    all: Vec<Arc<Server>>,
    pub(super) settings: Settings,
    pub(super) connectors: Option<Connectors>,
    /// What it was made of.
    upstream: Upstream,
    /// Held while a circuit is opened, so that two workers do not each leave the other's server as the last.
    opening: Mutex<()>,
}

/// One server.
pub(crate) struct Server {
    /// Its address, as it stands in a policy.
    pub(crate) name: Arc<str>,
    pub(super) url: ServerUrl,
    /// Where its name leads; empty while that is not known.
    pub(super) addresses: ArcSwap<Vec<SocketAddr>>,
    pub(super) circuit: Circuit,
    /// Whether it answered as it should when it was asked how it is.
    is_down: AtomicBool,
    /// The requests that are open, of all workers.
    open: AtomicUsize,
    pub(super) counts: Counts,
}

/// What happened to a server.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) failures: AtomicU64,
    pub(super) ejections: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) health_failures: AtomicU64,
    pub(super) resolve_failures: AtomicU64,
}

/// What is told of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerState {
    /// Its address, as it stands in a policy.
    pub name: String,
    /// Whether it answers as it should when it is asked how it is; also where it is not asked.
    pub is_well: bool,
    /// Whether it is left alone because it failed.
    pub is_ejected: bool,
    /// Its open requests.
    pub open: usize,
    /// Requests that it did not answer.
    pub failures: u64,
    /// How often it was left alone.
    pub ejections: u64,
    /// Requests that it was sent because another server did not answer.
    pub repeated: u64,
    /// Questions how it is that it answered wrongly or not.
    pub health_failures: u64,
    /// How often its name could not be resolved.
    pub resolve_failures: u64,
}

/// The server that a request goes to. Until it is dropped the request counts as open.
pub(super) struct Pass {
    pub(super) server: Arc<Server>,
    pub(super) index: usize,
    is_trial: Cell<bool>,
}

impl Servers {
    /// The servers of an upstream, with what was known of those that were there before.
    pub(crate) fn of(upstream: &Upstream, keys: &dyn Keys, before: Option<&Self>) -> Result<Self, RelayError> {
        if upstream.servers.is_empty() {
            return Err(RelayError::NoServer);
        }
        if upstream.servers.len() > SERVERS_MAX {
            return Err(RelayError::TooManyServers(upstream.servers.len()));
        }
        let known = |url: &ServerUrl| before?.all.iter().find(|server| server.url == *url).cloned();
        Ok(Self {
            all: upstream.servers.iter().map(|url| known(url).unwrap_or_else(|| Arc::new(Server::new(url)))).collect(),
            settings: Settings::of(upstream),
            connectors: Connectors::of(upstream, keys)?,
            upstream: upstream.clone(),
            opening: Mutex::default(),
        })
    }

    /// One server of somebody else, that the gateway asks on its own behalf.
    pub(super) fn other(url: ServerUrl, connectors: Option<Connectors>) -> Self {
        let all = vec![Arc::new(Server::new(&url))];
        let upstream = Upstream::of(vec![url]);
        Self { all, settings: Settings::of(&upstream), connectors, upstream, opening: Mutex::default() }
    }

    /// Whether the same is forwarded to in the same way.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let digest = |one: &Self| one.connectors.as_ref().map(|one| one.digest);
        self.upstream == other.upstream && digest(self) == digest(other)
    }

    /// Whether connections to them are as good for the others.
    pub(super) fn is_spoken_to_as(&self, other: &Self) -> bool {
        let digest = |one: &Self| one.connectors.as_ref().map(|one| one.digest);
        let of = |one: &Self| (one.upstream.tls.clone(), one.upstream.protocol);
        of(self) == of(other) && digest(self) == digest(other)
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Arc<Server>] {
        &self.all
    }

    /// Whether one of them is well.
    pub(crate) fn is_ready(&self) -> bool {
        self.all.iter().any(|server| server.is_well())
    }

    /// The server for a request: not one of those that it was sent to already (a bit each), if there is another.
    pub(super) fn pass(&self, turn: usize, affinity: Option<u64>, tried: u64) -> Option<Pass> {
        let is_untried = |index: &usize| tried & (1 << index) == 0;
        let index = match self.all.as_slice() {
            [_] => 0,
            all => {
                let trial = all.iter().enumerate().find(|(index, one)| is_untried(index) && one.takes_trial());
                if let Some((index, server)) = trial {
                    return Some(Pass::of(server, index, true));
                }
                let is_available = |index: &usize| all.get(*index).is_some_and(|one| one.is_available());
                self.best(turn, affinity, |index| is_untried(index) && is_available(index))
                    // Where none is well, that may be wrong: all are tried.
                    .or_else(|| self.best(turn, affinity, is_untried))
                    .or_else(|| self.best(turn, affinity, |_| true))?
            }
        };
        self.all.get(index).map(|server| Pass::of(server, index, false))
    }

    /// The next of those that may be taken.
    fn best(&self, turn: usize, affinity: Option<u64>, may: impl Fn(&usize) -> bool) -> Option<usize> {
        let count = self.all.len();
        let mut in_turn = (0..count).map(|step| turn.wrapping_add(step) % count).filter(|index| may(index));
        match (self.settings.balance, affinity) {
            (Balance::LeastRequests, _) => {
                let open = |index: &usize| self.all.get(*index).map(|one| one.open.load(Ordering::Relaxed));
                in_turn.min_by_key(open)
            }
            // The highest of weights (rendezvous hashing): where a server goes, only its own requests go elsewhere.
            (Balance::Hash, Some(affinity)) => {
                let weight = |index: &usize| {
                    let mut hasher = DefaultHasher::new();
                    (affinity, self.all.get(*index).map(|one| &one.name)).hash(&mut hasher);
                    hasher.finish()
                };
                in_turn.max_by_key(weight)
            }
            (Balance::RoundRobin | Balance::Hash, _) => in_turn.next(),
        }
    }

    /// A server did not answer. Where that was once too often it is left alone, unless it is the last; gives back for how long.
    pub(super) fn failed(&self, pass: &Pass) -> Option<Duration> {
        let server = &pass.server;
        server.counts.failures.fetch_add(1, Ordering::Relaxed);
        if !server.circuit.failed(self.settings.failures_max) {
            return None;
        }
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = !self.all.iter().any(|other| !Arc::ptr_eq(other, server) && other.is_available());
        if is_last && !pass.is_trial.get() {
            return None;
        }
        pass.is_trial.set(false);
        let time = server.circuit.open(self.settings.ejected_time)?;
        server.counts.ejections.fetch_add(1, Ordering::Relaxed);
        Some(time)
    }
}

impl Server {
    fn new(url: &ServerUrl) -> Self {
        let addresses = url.host.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, url.port)).ok();
        Self {
            name: url.to_string().into(),
            url: url.clone(),
            addresses: ArcSwap::from_pointee(addresses.into_iter().collect()),
            circuit: Circuit::default(),
            is_down: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            counts: Counts::default(),
        }
    }

    /// Whether where it is must be asked for.
    /// Host and port.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.url.host, self.url.port)
    }

    pub(super) fn is_named(&self) -> bool {
        self.url.host.parse::<IpAddr>().is_err()
    }

    fn is_available(&self) -> bool {
        self.circuit.is_closed() && self.is_well()
    }

    fn takes_trial(&self) -> bool {
        self.is_well() && self.circuit.takes_trial()
    }

    fn is_well(&self) -> bool {
        !self.is_down.load(Ordering::Relaxed)
    }

    /// What came of asking how it is; whether that is news.
    pub(super) fn found(&self, is_well: bool) -> bool {
        self.is_down.swap(!is_well, Ordering::Relaxed) == is_well
    }

    /// What is told of it.
    pub(crate) fn state(&self) -> ServerState {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        ServerState {
            name: self.name.to_string(),
            is_well: self.is_well(),
            is_ejected: !self.circuit.is_closed(),
            open: self.open.load(Ordering::Relaxed),
            failures: count(&self.counts.failures),
            ejections: count(&self.counts.ejections),
            repeated: count(&self.counts.repeated),
            health_failures: count(&self.counts.health_failures),
            resolve_failures: count(&self.counts.resolve_failures),
        }
    }
}

/// Host and port, as `Host` has them.
pub(super) fn authority(url: &ServerUrl) -> String {
    match url.host.contains(':') {
        true => format!("[{}]:{}", url.host, url.port),
        false => format!("{}:{}", url.host, url.port),
    }
}

impl Pass {
    fn of(server: &Arc<Server>, index: usize, is_trial: bool) -> Self {
        server.open.fetch_add(1, Ordering::Relaxed);
        Self { server: server.clone(), index, is_trial: Cell::new(is_trial) }
    }

    /// The server answered.
    pub(super) fn answered(&self) {
        self.is_trial.set(false);
        self.server.circuit.answered();
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.server.open.fetch_sub(1, Ordering::Relaxed);
        if self.is_trial.get() {
            self.server.circuit.trial_ended();
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::connect::resolved;

    struct NoKeys;

    impl Keys for NoKeys {
        fn read(&self, _: &policy::KeysRef) -> Result<model::Secret<Vec<u8>>, String> {
            Err("there are none".to_owned())
        }
    }

    fn servers(count: usize, before: Option<&Servers>) -> Result<Servers, RelayError> {
        let urls = (0..count).map(|index| format!("http://127.0.0.1:{}", index + 1).parse().unwrap());
        Servers::of(&Upstream::of(urls.collect()), &NoKeys, before)
    }

    fn index(servers: &Servers, turn: usize, tried: u64) -> usize {
        servers.pass(turn, None, tried).unwrap().index
    }

    #[test]
    fn so_many_servers_are_taken_as_the_bound_has() {
        let most = servers(SERVERS_MAX, None).unwrap();
        assert_eq!(index(&most, 0, u64::MAX >> 1), SERVERS_MAX - 1, "the last one has a bit of its own");
        assert_eq!(servers(SERVERS_MAX + 1, None).unwrap_err(), RelayError::TooManyServers(SERVERS_MAX + 1));
        assert_eq!(servers(0, None).unwrap_err(), RelayError::NoServer);
    }

    #[test]
    fn what_failed_is_passed_over_and_tried_again_by_one() {
        let servers = servers(3, None).unwrap();
        let failing = servers.pass(1, None, 0).unwrap();
        assert_eq!(failing.index, 1);
        let times: Vec<_> = (0..5).map(|_| servers.failed(&failing)).collect();
        assert_eq!(times, [None, None, None, None, Some(Duration::from_secs(5))]);
        assert_eq!([0, 1, 2].map(|turn| index(&servers, turn, 0)), [0, 2, 2]);
        failing.server.circuit.half_open();
        let trial = servers.pass(0, None, 0).unwrap();
        assert_eq!((trial.index, index(&servers, 1, 0)), (1, 2), "one finds out");
        drop(trial);
        let trial = servers.pass(0, None, 0).unwrap();
        assert_eq!(trial.index, 1, "one that was given up found out nothing");
        assert_eq!(servers.failed(&trial), Some(Duration::from_secs(10)));
        failing.server.circuit.half_open();
        failing.server.found(false);
        assert_eq!(index(&servers, 1, 0), 2, "it is not well");
    }

    #[test]
    fn what_is_known_of_a_server_is_known_to_the_next_policy() {
        let before = servers(2, None).unwrap();
        before.all()[1].found(false);
        let next = servers(3, Some(&before)).unwrap();
        let wells: Vec<bool> = next.all().iter().map(|server| server.state().is_well).collect();
        assert_eq!((wells, before.is_same(&next)), (vec![true, false, true], false));
        assert!(before.is_same(&servers(2, Some(&before)).unwrap()));
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_resolved_any_more_leads_where_it_led() {
        let server = Server::new(&"http://nowhere.invalid:80".parse().unwrap());
        assert!(server.is_named() && resolved(&server).await.is_err());
        let address = SocketAddr::from(([192, 0, 2, 1], 80));
        server.addresses.store(Arc::new(vec![address]));
        assert!(resolved(&server).await.is_err());
        assert_eq!(**server.addresses.load(), [address]);
    }
}
