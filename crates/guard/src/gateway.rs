//! A running gateway: listening sockets, one worker thread for each, and how they end.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use policy::{Mode, Policy, Upstream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::admin;
use crate::control::Control;
use crate::downstream::preface::{self, PrefaceError, Said};
use crate::downstream::{self, Bounds};
use crate::edge::{Beside, Edge, Socket, Sockets};
use crate::entrance::{Entrance, Held, Holders, Place};
use crate::exchange::Exchange;
use crate::generation::{Change, Current, Generation, Reloaded};
use crate::io::Io;
use crate::quota::Quotas;
use crate::record::{Record, Records, Reload, Time, Waiting, Writing, cut};
use crate::refusal::DETAIL_BYTES_MAX;
use crate::serving::Workplace;
use crate::site::{Keys, KnownKeys, SiteError, Tolerated};
use crate::store::link::StoreState;
use crate::thread;
use crate::tls::TlsError;
use crate::upstream::RelayError;
use crate::worker::{Clock, ConnectionRefused, Counters, Counting};

/// The most connections of clients of one worker, unless all of them have a bound together. More of them wait in the queue of the
/// system.
pub const CONNECTIONS_MAX: usize = 8192;
/// The most bytes of the body of a request, unless the caller says so.
pub const BODY_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// How long exchanges under way may take after the gateway was told to stop.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);
/// The most changes of a policy that its record tells.
const CHANGES_MAX: usize = 50;
/// How long accepting pauses when the system has no more of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a gateway is started with.
pub struct Options<'o> {
    /// Where it listens; with port 0 on a free one.
    pub listen: SocketAddr,
    /// What it forwards to.
    pub upstream: Upstream,
    /// What it admits; without one it only refuses what cannot be read in one way.
    pub policy: Option<Policy>,
    /// Whether refusals count, or are only said.
    pub mode: Mode,
    /// What reads the keys that the policy names.
    pub keys: &'o dyn Keys,
    /// What becomes of keys that everybody knows.
    pub known_keys: KnownKeys,
    /// The clock.
    pub clock: Clock,
    /// Where records are written; nowhere, if absent.
    pub records: Option<Box<dyn Write + Send>>,
    /// How many workers serve.
    pub workers: NonZeroUsize,
    /// The most bytes of the body of a request.
    pub body_bytes_max: u64,
    /// What it speaks beside plain HTTP, and where.
    pub edge: Edge,
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It cannot listen there.
    #[error("`{address}` cannot be listened on: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// A thread could not be started.
    #[error("a worker could not be started: {0}")]
    Thread(#[from] io::Error),
    /// It has nothing to forward to.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// Others could ask who run nothing here.
    #[error(
        "the admin address {0} can be reached by others: listen on 127.0.0.1, or ask for a token: `[admin]` `token = {{ env = \"NAME\" }}`"
    )]
    AdminOpen(SocketAddr),
    /// What is open would be spoken to in another way.
    #[error(
        "TLS is not switched on or off while the gateway runs: clients would speak to the same port in plain. Start it again"
    )]
    TlsSwitched,
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The policy cannot be run; every reason.
    #[error("the policy cannot be run: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Site(Vec<SiteError>),
}

/// A running gateway. Dropped, it stops at once.
pub struct Gateway {
    address: SocketAddr,
    plain_address: Option<SocketAddr>,
    admin: Option<admin::Running>,
    control: Option<Control>,
    current: Current,
    counters: Arc<Counting>,
    tolerated: Vec<Tolerated>,
    clock: Clock,
    /// For what the gateway itself has to say; gone when it stops, so that the writer ends.
    records: Option<Records>,
    stop: watch::Sender<bool>,
    /// The sockets once more, for who serves them next; gone when it stops, so that nobody waits on them in vain.
    sockets: Vec<std::net::TcpListener>,
    workers: Vec<JoinHandle<()>>,
    waiting: Arc<Waiting>,
    writing: Option<Writing>,
}

/// What every worker begins with.
#[derive(Clone)]
struct Seed {
    current: Current,
    counters: Arc<Counting>,
    records: Records,
    clock: Clock,
    body_bytes_max: u64,
    /// How many connections each address holds.
    holders: Arc<Holders>,
    quotas: Arc<Quotas>,
    /// Connections of all workers, where they have a bound together.
    connections: Option<Arc<Semaphore>>,
    connections_max: usize,
    workers: NonZeroUsize,
    stop: watch::Receiver<bool>,
}

impl Gateway {
    /// Starts a gateway: listening, with its workers running.
    pub fn start(mut options: Options<'_>) -> Result<Self, StartError> {
        // What cannot be run is told before anything is started.
        let change = Change {
            upstream: options.upstream,
            policy: options.policy,
            mode: options.mode,
            keys: options.keys,
            known_keys: options.known_keys,
            tls: options.edge.tls.take(),
        };
        let (generation, tolerated) = Generation::compiled(change, None, &options.clock)?;
        let connections_max = options.edge.connections_max.map(NonZeroUsize::get);
        let connections_max = connections_max.map(|max| max.min(Semaphore::MAX_PERMITS));
        let sockets = Sockets::open(options.listen, options.edge)?;
        let (records, writing) = match options.records {
            Some(out) => Records::written_to(out)?,
            None => Records::nowhere(),
        };
        let copied = sockets.copied()?;
        let (stop, stopped) = watch::channel(false);
        let seed = Seed {
            current: Arc::new(ArcSwap::from_pointee(generation)),
            counters: Arc::new(Counting::new()),
            records,
            clock: options.clock,
            body_bytes_max: options.body_bytes_max,
            holders: Arc::default(),
            quotas: Arc::default(),
            connections: connections_max.map(|max| Arc::new(Semaphore::new(max))),
            connections_max: connections_max.unwrap_or(CONNECTIONS_MAX),
            workers: options.workers,
            stop: stopped,
        };
        let admin = match sockets.admin {
            Some(socket) => Some(admin::start(socket, seed.known_to_admin(&writing))?),
            None => None,
        };
        let control = Control::start(&seed.current.load(), seed.records.clone(), seed.clock.clone())?;
        if let Some(store) = &seed.current.load().site.store {
            control.wait_for(store);
        }
        let workers = workers(&sockets.main, sockets.plain.as_ref(), &seed, options.workers)?;
        Ok(Self {
            address: sockets.main.address,
            plain_address: sockets.plain.map(|(socket, _)| socket.address),
            admin,
            control: Some(control),
            current: seed.current,
            counters: seed.counters,
            tolerated,
            clock: seed.clock,
            records: Some(seed.records),
            stop,
            sockets: copied,
            workers,
            waiting: writing.waiting.clone(),
            writing: Some(writing),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens to refuse what comes without TLS.
    pub fn plain_address(&self) -> Option<SocketAddr> {
        self.plain_address
    }

    /// Where those ask who run it.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|admin| admin.address)
    }

    /// The sockets that it listens on, for another gateway to serve: the one that is served first.
    pub fn sockets(&self) -> io::Result<Vec<std::net::TcpListener>> {
        self.sockets.iter().map(std::net::TcpListener::try_clone).collect()
    }

    /// What it has done so far.
    pub fn counters(&self) -> Counters {
        Counters { lost: self.waiting.lost(), log_failure: self.waiting.failure(), ..self.counters.read() }
    }

    /// What it has started with although it should be otherwise, to be told.
    pub fn tolerated(&self) -> &[Tolerated] {
        &self.tolerated
    }

    /// The keys of the policy, by their place in it, with how long they are in use.
    pub fn key_ages(&self) -> Vec<(String, Duration)> {
        let generation = self.current.load();
        generation.site.key_ages((self.clock)()).map(|(name, age)| (name.to_owned(), age)).collect()
    }

    /// How the store is that other gateways have, too, if there is one.
    pub fn store(&self) -> Option<StoreState> {
        self.current.load().site.store.as_ref().map(|store| store.link.state())
    }

    /// The revision of the policy that is in force.
    pub fn revision(&self) -> String {
        self.current.load().revision.clone()
    }

    /// Serves by another policy from the next exchange on; exchanges under way end under theirs. What cannot be run is refused
    /// whole, and what was in force stays so.
    pub fn reload(&self, change: Change<'_>) -> Result<Reloaded, StartError> {
        let before = self.current.load_full();
        let (next, tolerated) = Generation::compiled(change, Some(&before), &self.clock)
            .inspect_err(|error| self.refuse_reload(&error.to_string()))?;
        let next = Arc::new(next);
        let before = self.current.swap(next.clone());
        if let Some(control) = &self.control {
            control.look_after(&next);
        }
        let consequences = before.consequences(&next);
        let changes = consequences.iter().take(CHANGES_MAX).map(|one| format!("{}: {}", one.what, one.change));
        self.counters.reloaded(true);
        self.tell_reload(None, changes.collect());
        Ok(Reloaded { revision: next.revision.clone(), consequences, tolerated })
    }

    /// A policy was to be loaded and could not even be read: said in the log, and counted.
    pub fn refuse_reload(&self, why: &str) {
        self.counters.reloaded(false);
        self.tell_reload(Some(&cut(why.to_owned(), DETAIL_BYTES_MAX)), Vec::new());
    }

    fn tell_reload(&self, refused: Option<&str>, changes: Vec<String>) {
        if let Some(records) = &self.records {
            let (time, revision) = (Time((self.clock)()), self.revision());
            records.write(&Record::Reload(Reload { time, revision: &revision, refused, changes }));
        }
    }

    /// Accepts nothing more, lets exchanges under way end, and waits until everything is written; for either no longer than
    /// [`DRAIN_TIME_MAX`].
    pub fn stop(mut self) -> Counters {
        self.end();
        self.counters()
    }

    fn end(&mut self) {
        // Without a receiver every worker has ended already.
        let _ = self.stop.send(true);
        self.sockets.clear();
        for worker in self.workers.drain(..) {
            // A worker that panicked has ended.
            let _ = worker.join();
        }
        self.admin = None;
        self.control = None;
        self.records = None;
        if let Some(writing) = self.writing.take() {
            let _ = writing.join(DRAIN_TIME_MAX);
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("address", &self.address)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.end();
    }
}

impl Seed {
    fn known_to_admin(&self, writing: &Writing) -> admin::Known {
        admin::Known {
            current: self.current.clone(),
            counters: self.counters.clone(),
            waiting: writing.waiting.clone(),
            clock: self.clock.clone(),
            records: self.records.clone(),
            stop: self.stop.clone(),
        }
    }
}

/// Starts the threads that serve.
fn workers(
    main: &Socket,
    plain: Option<&(Socket, Beside)>,
    seed: &Seed,
    count: NonZeroUsize,
) -> io::Result<Vec<JoinHandle<()>>> {
    let start = |index| {
        let (listener, seed) = (main.listener.try_clone()?, seed.clone());
        let beside = match plain {
            Some((socket, beside)) => Some((socket.listener.try_clone()?, *beside)),
            None => None,
        };
        thread::start(format!("doorward-{index}"), move || serve(listener, beside, seed, index))
    };
    (0..count.get()).map(start).collect()
}

/// Serves until the gateway stops.
async fn serve(
    listener: std::net::TcpListener,
    beside: Option<(std::net::TcpListener, Beside)>,
    seed: Seed,
    index: usize,
) {
    let place = Workplace::new(
        seed.current,
        seed.counters,
        seed.records.of_thread(),
        seed.quotas,
        seed.clock,
        index,
        seed.workers.get(),
    );
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let own = || Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // Of connections that are only refused each worker has its own, so that those that are served never wait for them.
    let (connections, refused) = (seed.connections.unwrap_or_else(own), own());
    let door =
        Door { place: Rc::new(place), holders: seed.holders, body_bytes_max: seed.body_bytes_max, stop: seed.stop };
    let plain = async {
        if let Some((listener, beside)) = beside
            && let Ok(listener) = TcpListener::from_std(listener)
        {
            door.open(listener, &refused, Some(beside)).await;
        }
    };
    tokio::join!(door.open(listener, &connections, None), plain);
    let permits = |max: usize| u32::try_from(max).unwrap_or(u32::MAX);
    let (all, refused_max) = (permits(seed.connections_max), permits(CONNECTIONS_MAX));
    // Exchanges that do not end in time are ended with the runtime, and write their audit records then.
    let ended = async { tokio::join!(connections.acquire_many(all), refused.acquire_many(refused_max)) };
    let _ = tokio::time::timeout(DRAIN_TIME_MAX, ended).await;
}

/// What a worker accepts connections with.
struct Door {
    place: Rc<Workplace>,
    holders: Arc<Holders>,
    body_bytes_max: u64,
    stop: watch::Receiver<bool>,
}

impl Door {
    /// Accepts on a socket until the gateway stops: to serve, or, beside TLS, to refuse.
    async fn open(&self, listener: TcpListener, connections: &Arc<Semaphore>, beside: Option<Beside>) {
        let mut stop = self.stop.clone();
        loop {
            let accepted = tokio::select! {
                accepted = accepted(&listener, connections) => accepted,
                _ = stop.wait_for(|is_stopped| *is_stopped) => break,
            };
            let ((stream, remote), permit) = match accepted {
                (Ok(accepted), permit) => (accepted, permit),
                (Err(error), _) if is_of_connection(&error) => continue,
                (Err(_), permit) => {
                    drop(permit);
                    self.place.accept_paused();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // A socket that refuses this is slower, and serves.
            let _ = stream.set_nodelay(true);
            let (place, holders, mut stop) = (self.place.clone(), self.holders.clone(), self.stop.clone());
            let (connected, body_bytes_max) = (place.connected(), self.body_bytes_max);
            tokio::task::spawn_local(async move {
                let site = place.site();
                let (stream, remote, held) = match entered(stream, remote, &site.entrance, &holders).await {
                    Ok(entered) => entered,
                    Err(refused) => return place.serving().worker.counters.connection_refused(refused),
                };
                let tls = place.tls().filter(|_| beside.is_none());
                let handle = |arrival| {
                    let serving = place.serving();
                    let mut exchange = Box::new(Exchange::new(serving.worker.clone(), arrival));
                    if let Some(beside) = beside {
                        beside.refuse(&mut exchange);
                    }
                    // On the heap: a connection that waits holds no room for it.
                    Box::pin(async move { serving.pipeline.run(exchange).await })
                };
                let io = match tls {
                    Some(tls) => {
                        let accepted = tokio::select! {
                            accepted = tls.accept(stream) => accepted,
                            // Who did not agree on anything yet has asked for nothing.
                            _ = stop.wait_for(|is_stopped| *is_stopped) => return,
                        };
                        match accepted {
                            Ok(stream) => Io::from(stream),
                            Err(error) => return place.serving().worker.counters.handshake_failed(error),
                        }
                    }
                    None => Io::Plain(stream),
                };
                let bounds = Bounds { body_bytes_max, requests_max: site.entrance.requests_max };
                drop(site);
                let held = Place::of(held, permit, connected);
                let stop = async move { _ = stop.wait_for(|is_stopped| *is_stopped).await };
                downstream::serve(io, remote, bounds, held, handle, stop).await;
            });
        }
    }
}

/// Takes the words of a proxy off a connection, where they are spoken, and a place for it.
async fn entered(
    mut stream: TcpStream,
    remote: SocketAddr,
    entrance: &Entrance,
    holders: &Arc<Holders>,
) -> Result<(TcpStream, SocketAddr, Held), ConnectionRefused> {
    let mut client = remote;
    if entrance.speaks_proxy {
        let said = match entrance.trusts(remote.ip()) {
            true => preface::taken(&mut stream).await,
            false => Err(PrefaceError::Absent),
        };
        match said.map_err(|_| ConnectionRefused::Preface)? {
            Said::Client(address) => client = address,
            Said::Proxy => {}
        }
    }
    let held = entrance.admit(client.ip(), holders).ok_or(ConnectionRefused::PerAddress)?;
    Ok((stream, client, held))
}

/// Whether an error is about the connection that was to be accepted, which is gone with it, and not about the gateway.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

type Accepted = (io::Result<(TcpStream, SocketAddr)>, Option<tokio::sync::OwnedSemaphorePermit>);

async fn accepted(listener: &TcpListener, connections: &Arc<Semaphore>) -> Accepted {
    let permit = connections.clone().acquire_owned().await.ok();
    (listener.accept().await, permit)
}
