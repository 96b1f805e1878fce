//! The way to a Redis: one connection, looked after on the thread of `control.rs` and used by all workers. While there is none,
//! nobody waits: requests go on without the store at once, as their limits say, and it is asked in the background until it answers.
//!
//! It counts as down when the connection ends, when [`STORE_FAILURES_MAX`] answers in a row are errors or do not come in time, and when
//! it does not answer [`Link::kept`], which asks it now and then. Then nobody waits any longer, whenever they asked. It is up again when it has made a decision: a server that reads
//! and does not write (a replica, a full one) answers many a question.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use policy::{Counting, KeysRef, RedisStore, SecretRef};
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError,
    ServerErrorKind, TlsCertificates, TlsMode,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, mpsc, watch};

use super::Number;
use super::script::{self, Decided, Wanted};
use crate::quota::Rate;
use crate::record::cut;
use crate::refusal::DETAIL_BYTES_MAX;
use crate::shared::Mutex;
use crate::site::Keys;

/// How long an answer of the store may take, unless the policy says so.
pub const STORE_TIME_MAX: Duration = Duration::from_millis(25);
/// How long connecting may take.
pub const STORE_CONNECT_TIME_MAX: Duration = Duration::from_secs(1);
/// How many failures in a row are too many.
pub const STORE_FAILURES_MAX: u32 = 3;
/// How often a store that is up is asked how it is.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// How long after a failure it is tried again: first, and at most.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(2);
/// How many returns wait to be sent. What does not fit is lost, and counts until its window is over.
pub const RETURNS_MAX: usize = 4096;
/// How many returns are sent with one call.
const RETURNS_AT_ONCE: usize = 64;
/// The most addresses of a cluster, or of Sentinels.
pub const NODES_MAX: usize = 64;
/// What is asked for to see whether the store decides.
const PROBE: &str = "{probe}";

/// The way to a store.
pub(crate) struct Link {
    target: Target,
    time_max: Duration,
    pub(crate) prefix: String,
    /// Of what is read of files and the environment to get there.
    pub(crate) fingerprint: [u8; 32],
    way: ArcSwapOption<Way>,
    /// Failures in a row.
    failures: AtomicU32,
    broken: Notify,
    state: Mutex<State>,
    decisions: AtomicU64,
    errors: AtomicU64,
    /// How often connecting was tried.
    tries: watch::Sender<u64>,
    errands: mpsc::Sender<Errand>,
    to_run: Mutex<Option<mpsc::Receiver<Errand>>>,
}

/// What nobody waits for.
#[derive(Debug)]
enum Errand {
    /// Something is given back.
    Return(Wanted),
    /// Something is noted.
    Note(redis::Cmd),
}

/// Where it is.
enum Target {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
    Sentinel(Box<dyn Fn() -> Result<SentinelClient, RedisError> + Send + Sync>),
}

/// A connection that is used.
struct Way {
    wire: Wire,
    /// Whether it is given up.
    is_over: watch::Sender<bool>,
}

/// An open connection.
#[derive(Clone)]
enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Why it is down; nothing where it is up, or was not tried yet.
    why: Option<String>,
    downs: u64,
}

/// How a store is, for who runs the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreState {
    /// Whether it answers.
    pub is_up: bool,
    /// Why it does not.
    pub why: Option<String>,
    /// How often it stopped answering.
    pub downs: u64,
    /// Decisions that it made.
    pub decisions: u64,
    /// Questions that it did not answer, or with an error.
    pub errors: u64,
}

/// News of a store: it is up, or down and why.
pub(crate) type StoreNews = Result<(), String>;

/// Notes a number; a longer note is not cut short.
const NOTE: &str = "local left = redis.call('PTTL', KEYS[1]) local lasts = tonumber(ARGV[2]) \
    if left > lasts then lasts = left end return redis.call('SET', KEYS[1], ARGV[1], 'PX', lasts)";

impl Link {
    /// The way to a store of the policy; nothing is connected yet.
    pub(crate) fn of(store: &RedisStore, keys: &dyn Keys) -> Result<Self, String> {
        let (errands, to_run) = mpsc::channel(RETURNS_MAX);
        let time_max = store.timeout_ms.map(|millis| Duration::from_millis(u64::from(millis.get())));
        let time_max = time_max.unwrap_or(STORE_TIME_MAX);
        let url = text_of(&store.url, keys)?;
        let ca = store.ca.as_ref().map(|path| keys.read(&KeysRef::File(path.clone()))).transpose()?;
        let ca = ca.map(|bytes| bytes.expose().clone());
        let mut fingerprint = Sha256::new_with_prefix(Sha256::digest(&url));
        fingerprint.update(ca.as_deref().unwrap_or_default());
        Ok(Self {
            fingerprint: fingerprint.finalize().into(),
            target: Target::of(store, &url, ca, time_max)?,
            time_max,
            prefix: store.prefix.as_ref().map_or("doorward", |prefix| prefix.as_str()).to_owned(),
            way: ArcSwapOption::empty(),
            failures: AtomicU32::new(0),
            broken: Notify::new(),
            state: Mutex::default(),
            decisions: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            tries: watch::Sender::new(0),
            errands,
            to_run: Mutex::new(Some(to_run)),
        })
    }

    /// Whether it answers, as far as that is known.
    pub(crate) fn is_up(&self) -> bool {
        self.way.load().is_some()
    }

    /// Whether it did not answer when it was asked last.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.failures.load(Ordering::Relaxed) > 0
    }

    /// Whether what is decided together must be kept together.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.target, Target::Cluster(_))
    }

    /// How it is.
    pub(crate) fn state(&self) -> StoreState {
        let State { why, downs } = self.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        StoreState { is_up: self.is_up(), why, downs, decisions: count(&self.decisions), errors: count(&self.errors) }
    }

    /// How often connecting was tried, for who waits for that.
    pub(crate) fn tries(&self) -> watch::Receiver<u64> {
        self.tries.subscribe()
    }

    /// Has a decision made; nothing where the store does not answer in time, or is down.
    pub(crate) async fn decide(&self, wanted: &[Wanted]) -> Option<Decided> {
        let way = self.way.load_full()?;
        let decided = self.answered(&way, asked(&way.wire, wanted, self.time_max)).await?;
        self.decisions.fetch_add(1, Ordering::Relaxed);
        Some(decided)
    }

    /// What a question comes to, unless the connection is given up before; what it says of the store is noted.
    async fn answered<T>(&self, way: &Arc<Way>, question: impl Future<Output = Result<T, Failure>>) -> Option<T> {
        let mut over = way.is_over.subscribe();
        let answered = tokio::select! {
            biased;
            answered = question => answered,
            _ = over.wait_for(|is_over| *is_over) => {
                self.errors.fetch_add(1, Ordering::Relaxed);
                return None;
            }
        };
        match answered {
            Ok(answer) => {
                self.answers();
                Some(answer)
            }
            Err(failure) => {
                self.failed(way, failure);
                None
            }
        }
    }

    /// Gives something back when there is time; never waits.
    pub(crate) fn give_back(&self, wanted: Wanted) {
        if self.is_up() {
            let _ = self.errands.try_send(Errand::Return(wanted));
        }
    }

    /// Notes a number for a while when there is time; never waits. Whether it will be sent.
    pub(crate) fn note(&self, name: &str, number: u64, lasts: Duration) -> bool {
        if !self.is_up() {
            return false;
        }
        let mut command = redis::cmd("EVAL");
        let lasts = u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX).max(1);
        command.arg(NOTE).arg(1).arg(name).arg(number).arg(lasts);
        self.errands.try_send(Errand::Note(command)).is_ok()
    }

    /// The same, where much of the room for what waits is free: what clients can bring about in any number takes none from what is
    /// given back, and from revocations.
    pub(crate) fn note_unless_busy(&self, name: &str, number: u64, lasts: Duration) -> bool {
        self.errands.capacity() > RETURNS_MAX / 2 && self.note(name, number, lasts)
    }

    /// What is noted under these names; nothing where the store does not answer in time, or is down.
    pub(crate) async fn noted(&self, names: &[String]) -> Option<Vec<Number>> {
        let way = self.way.load_full()?;
        let read = async {
            let mut all = Vec::with_capacity(names.len());
            // In a cluster each may be kept elsewhere; else one question is enough.
            let at_once = if self.is_cluster() { 1 } else { names.len().max(1) };
            for some in names.chunks(at_once) {
                let mut command = redis::cmd("MGET");
                some.iter().for_each(|name| _ = command.arg(name));
                all.extend(way.wire.query::<Vec<Number>>(&command).await?);
            }
            Ok(all)
        };
        self.answered(&way, in_time(self.time_max, read)).await
    }

    /// A question was answered in time: what failed before does not count on.
    fn answers(&self) {
        // Most often there is nothing to write, and what is only read stays in the caches of all cores.
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// A question was not answered.
    fn failed(&self, way: &Arc<Way>, failure: Failure) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failure.kind == FailureKind::Ended || failures >= STORE_FAILURES_MAX {
            self.fails(way, failure.why);
        }
    }

    /// The connection is given up, unless another one took its place.
    fn fails(&self, way: &Arc<Way>, why: String) {
        let before = self.way.compare_and_swap(way, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, way)) {
            way.is_over.send_replace(true);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.why = Some(why);
            state.downs += 1;
            drop(state);
            self.broken.notify_one();
        }
    }

    /// Keeps the way open until it is dropped; tells what is news. Connections live on the runtime that runs this.
    pub(crate) async fn kept(self: Arc<Self>, told: impl Fn(StoreNews)) {
        let errands = self.to_run.lock().unwrap_or_else(PoisonError::into_inner).take();
        let kept = async {
            let mut pause = AGAIN_AFTER;
            let mut is_told_down = false;
            loop {
                let opened = self.opened().await;
                match opened {
                    Ok(wire) => {
                        self.failures.store(0, Ordering::Relaxed);
                        self.state.lock().unwrap_or_else(PoisonError::into_inner).why = None;
                        self.way.store(Some(Arc::new(Way { wire, is_over: watch::Sender::new(false) })));
                        self.tries.send_modify(|tries| *tries += 1);
                        told(Ok(()));
                        is_told_down = false;
                        if self.while_up().await {
                            pause = AGAIN_AFTER;
                        }
                    }
                    Err(why) => {
                        self.state.lock().unwrap_or_else(PoisonError::into_inner).why = Some(why);
                        self.tries.send_modify(|tries| *tries += 1);
                    }
                }
                if !std::mem::replace(&mut is_told_down, true) {
                    told(Err(self.state().why.unwrap_or_default()));
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(AGAIN_AFTER_MAX);
            }
        };
        tokio::select! {
            () = kept => {}
            () = self.run(errands) => {}
        }
        // Another time somebody may look after it again.
        self.way.store(None);
    }

    /// Asks how it is until it does not answer; whether it did at all.
    async fn while_up(&self) -> bool {
        let mut was_well = false;
        loop {
            tokio::select! {
                () = self.broken.notified() => {}
                () = tokio::time::sleep(ASKED_EVERY) => {}
            }
            let Some(way) = self.way.load_full() else { return was_well };
            let mut over = way.is_over.subscribe();
            let probe = [self.probe()];
            let answered = tokio::select! {
                answered = asked(&way.wire, &probe, self.time_max) => answered,
                _ = over.wait_for(|is_over| *is_over) => return was_well,
            };
            was_well |= answered.is_ok();
            if let Err(failure) = answered.map(|_| self.answers()) {
                self.errors.fetch_add(1, Ordering::Relaxed);
                // One slow answer is no reason, three in a row of anybody's are. An error is: who does not decide this does
                // not admit anybody.
                let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                if failure.kind != FailureKind::Slow || failures >= STORE_FAILURES_MAX {
                    self.fails(&way, failure.why);
                    return was_well;
                }
            }
        }
    }

    /// A connection that makes decisions.
    async fn opened(&self) -> Result<Wire, String> {
        let opened = tokio::time::timeout(STORE_CONNECT_TIME_MAX, self.target.opened(self.time_max));
        let wire = opened.await.map_err(|_| "connecting takes too long".to_owned())?.map_err(|error| told(&error))?;
        // The first call may have to bring the script along.
        asked(&wire, &[self.probe()], self.time_max.max(STORE_CONNECT_TIME_MAX))
            .await
            .map_err(|failure| failure.why)?;
        // Behind that it must answer as quickly as everybody asks: one that never does would come and go.
        asked(&wire, &[self.probe()], self.time_max).await.map_err(|failure| failure.why)?;
        Ok(wire)
    }

    fn probe(&self) -> Wanted {
        let rate = Rate { quota: u32::MAX, window: Duration::from_secs(1), counting: Counting::FixedWindow };
        let name = format!("{}:{PROBE}", self.prefix);
        Wanted { name, rate, want: 1, least: 1, back: 0, back_taken: Duration::ZERO }
    }

    /// Sends what nobody waits for, what is given back many at once. Without a way to take errands nothing is done, for ever.
    async fn run(&self, errands: Option<mpsc::Receiver<Errand>>) {
        let Some(mut errands) = errands else {
            return std::future::pending().await;
        };
        let mut some = Vec::with_capacity(RETURNS_AT_ONCE);
        loop {
            if errands.recv_many(&mut some, RETURNS_AT_ONCE).await == 0 {
                return std::future::pending().await;
            }
            let mut returns = Vec::with_capacity(some.len());
            for errand in some.drain(..) {
                match errand {
                    Errand::Return(wanted) => returns.push(wanted),
                    Errand::Note(command) => self.sent(&command).await,
                }
            }
            while !returns.is_empty() {
                let some = together(&mut returns, self.is_cluster());
                let _ = self.decide(&some).await;
            }
        }
    }

    async fn sent(&self, command: &redis::Cmd) {
        if let Some(way) = self.way.load_full() {
            self.answered(&way, in_time(self.time_max, way.wire.query::<()>(command))).await;
        }
    }
}

/// Takes out what can be given back with one call: no name twice, because the script reads all of them before it writes one.
fn together(returns: &mut Vec<Wanted>, is_cluster: bool) -> Vec<Wanted> {
    let mut some: Vec<Wanted> = Vec::new();
    let mut others = Vec::new();
    for one in returns.drain(..) {
        let is_full = is_cluster && !some.is_empty();
        match some.iter_mut().find(|known| known.name == one.name) {
            Some(known) if known.back_taken == one.back_taken => known.back = known.back.saturating_add(one.back),
            Some(_) => others.push(one),
            None if is_full => others.push(one),
            None => some.push(one),
        }
    }
    *returns = others;
    some
}

/// Why a question was not answered.
struct Failure {
    why: String,
    kind: FailureKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FailureKind {
    /// The connection is of no use any more.
    Ended,
    /// It was answered with an error.
    Error,
    /// It was not answered in time.
    Slow,
}

impl Failure {
    fn of(error: &RedisError) -> Self {
        let has_ended = error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error();
        Self { why: told(error), kind: if has_ended { FailureKind::Ended } else { FailureKind::Error } }
    }

    fn slow(time_max: Duration) -> Self {
        let why = format!("it does not answer within {} ms", time_max.as_millis());
        Self { why, kind: FailureKind::Slow }
    }
}

/// Has the script run.
async fn asked(wire: &Wire, wanted: &[Wanted], time_max: Duration) -> Result<Decided, Failure> {
    let answered = async {
        match wire.query::<Vec<i64>>(&script::command(wanted, false)).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                wire.query::<Vec<i64>>(&script::command(wanted, true)).await
            }
            answered => answered,
        }
    };
    let numbers = in_time(time_max, answered).await?;
    script::read(&numbers, wanted.len())
        .ok_or_else(|| Failure { why: "it answers what the script does not say".to_owned(), kind: FailureKind::Error })
}

/// What the library answers, if it does so in time.
async fn in_time<T>(time_max: Duration, answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, Failure> {
    match tokio::time::timeout(time_max, answer).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::slow(time_max)),
    }
}

/// An error for a reader. What the library says of it holds no secret: credentials are never part of an error.
fn told(error: &RedisError) -> String {
    cut(error.to_string().escape_debug().to_string(), DETAIL_BYTES_MAX)
}

impl Wire {
    async fn query<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, RedisError> {
        match self {
            Self::One(connection) => command.query_async(&mut connection.clone()).await,
            Self::Cluster(connection) => command.query_async(&mut connection.clone()).await,
        }
    }
}

impl Target {
    fn of(store: &RedisStore, url: &str, ca: Option<Vec<u8>>, time_max: Duration) -> Result<Self, String> {
        let nodes = nodes(url)?;
        let ca = ca.map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        let is_tls = nodes.iter().any(|node| matches!(node.addr(), ConnectionAddr::TcpTls { .. }));
        let Some(first) = nodes.first() else { return Err("no address".to_owned()) };
        if ca.is_some() && !is_tls {
            return Err("there is a `ca`, and the address does not begin with `rediss://`".to_owned());
        }
        if store.cluster == Some(true) {
            let mut builder = ClusterClient::builder(nodes.clone())
                .connection_timeout(STORE_CONNECT_TIME_MAX)
                .response_timeout(time_max.max(STORE_CONNECT_TIME_MAX) * 2);
            if let Some(ca) = ca {
                builder = builder.certs(ca);
            }
            return builder.build().map(|client| Self::Cluster(Box::new(client))).map_err(|error| told(&error));
        }
        if let Some(master) = store.sentinel.clone() {
            let mut server = SentinelNodeConnectionInfo::default()
                .set_redis_connection_info(first.redis_settings().clone())
                .set_tcp_settings(tcp());
            if is_tls {
                server = server.set_tls_mode(TlsMode::Secure);
            }
            // Sentinels are asked without the password of the server that they name.
            let sentinels: Vec<ConnectionInfo> =
                nodes.iter().filter_map(|node| node.addr().clone().into_connection_info().ok()).collect();
            let make = move || {
                SentinelClient::build(sentinels.clone(), &master, Some(server.clone()), SentinelServerType::Master)
            };
            return Ok(Self::Sentinel(Box::new(make)));
        }
        if nodes.len() > 1 {
            return Err("there are several addresses, and neither `cluster` nor `sentinel` says why".to_owned());
        }
        let client = match ca {
            Some(ca) => Client::build_with_tls(first.clone(), ca),
            None => Client::open(first.clone()),
        };
        client.map(|client| Self::One(Box::new(client))).map_err(|error| told(&error))
    }

    async fn opened(&self, time_max: Duration) -> Result<Wire, RedisError> {
        // The time of each answer is ours to look at: that of the library is never the shorter one.
        let config = || {
            AsyncConnectionConfig::new()
                .set_connection_timeout(Some(STORE_CONNECT_TIME_MAX))
                .set_response_timeout(Some(time_max.max(STORE_CONNECT_TIME_MAX) * 2))
        };
        match self {
            Self::One(client) => client.get_multiplexed_async_connection_with_config(&config()).await.map(Wire::One),
            Self::Cluster(client) => client.get_async_connection().await.map(Wire::Cluster),
            Self::Sentinel(make) => make()?.get_async_connection_with_config(&config()).await.map(Wire::One),
        }
    }
}

/// Small questions leave at once.
fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

fn text_of(reference: &SecretRef, keys: &dyn Keys) -> Result<String, String> {
    let bytes = keys.read(&reference.into())?;
    String::from_utf8(bytes.expose().clone()).map_err(|_| "the address is no text".to_owned())
}

/// The addresses of a list; those behind the first one have its credentials where they say none. What is wrong is never
/// repeated: it may be a password.
fn nodes(text: &str) -> Result<Vec<ConnectionInfo>, String> {
    let wrong = || "that is no address such as `redis://:password@127.0.0.1:6379/0`".to_owned();
    let mut nodes: Vec<ConnectionInfo> = Vec::new();
    for part in text.trim().split(',').map(str::trim) {
        if nodes.len() >= NODES_MAX {
            return Err(format!("there are more than {NODES_MAX} addresses"));
        }
        let node = match nodes.first() {
            Some(first) if !part.contains("://") => {
                let is_tls = matches!(first.addr(), ConnectionAddr::TcpTls { .. });
                let scheme = if is_tls { "rediss" } else { "redis" };
                let node = format!("{scheme}://{part}").into_connection_info().map_err(|_| wrong())?;
                node.set_redis_settings(first.redis_settings().clone())
            }
            _ => part.into_connection_info().map_err(|_| wrong())?,
        };
        match node.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return Err("`#insecure` is not taken: what a store shows is always verified (`ca`)".to_owned());
            }
            ConnectionAddr::Tcp(..) | ConnectionAddr::TcpTls { .. } | ConnectionAddr::Unix(_) => {}
            _ => return Err(wrong()),
        }
        nodes.push(node.set_tcp_settings(tcp()));
    }
    Ok(nodes)
}

/// Its address may hold a password.
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("state", &self.state()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_and_one_that_is_none_is_not_repeated() {
        let told = |text: &str| nodes(text).map(|nodes| nodes.len());
        assert_eq!(told("redis://:secret@127.0.0.1:6379/1\n"), Ok(1));
        assert_eq!(told("rediss://user:secret@a:6379,b:6380, c"), Ok(3));
        let all = nodes("redis://:secret@a:1,b:2").unwrap();
        assert_eq!(all[1].redis_settings().password(), Some("secret"));
        for wrong in ["", "secret", "http://:secret@a", "redis://:secret@a,", "rediss://:secret@a/#insecure"] {
            let why = told(wrong).unwrap_err();
            assert!(!why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn no_name_stands_twice_in_what_is_given_back_together() {
        let rate = Rate { quota: 1, window: Duration::from_secs(1), counting: Counting::Gcra };
        let one = |name: &str, taken: u64| {
            let (name, back_taken) = (name.to_owned(), Duration::from_secs(taken));
            Wanted { name, rate, want: 0, least: 0, back: 1, back_taken }
        };
        let told =
            |some: Vec<Wanted>| -> Vec<(String, u32)> { some.into_iter().map(|one| (one.name, one.back)).collect() };
        let mut returns = vec![one("a", 1), one("a", 1), one("b", 1), one("a", 2)];
        assert_eq!(told(together(&mut returns, false)), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
        assert_eq!(told(together(&mut returns, false)), [("a".to_owned(), 1)]);
        let mut returns = vec![one("a", 1), one("b", 1)];
        assert_eq!(told(together(&mut returns, true)), [("a".to_owned(), 1)]);
        assert_eq!(told(returns), [("b".to_owned(), 1)]);
    }

    #[test]
    fn so_many_addresses_are_taken_and_not_one_more() {
        let list = |count: usize| format!("redis://a{}", ",a".repeat(count - 1));
        assert_eq!(nodes(&list(NODES_MAX)).map(|nodes| nodes.len()), Ok(NODES_MAX));
        assert!(nodes(&list(NODES_MAX + 1)).is_err());
    }
}
