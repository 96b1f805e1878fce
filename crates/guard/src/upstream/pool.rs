//! The connections of a worker to one server: kept for a while, no more than a bound, and a bounded queue of requests that wait
//! for one. Keeping one costs neither a task nor a timer: one sweeper, which runs while there is something to sweep, counts
//! the seconds for all.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2;
use tokio::sync::{Notify, oneshot};

use super::Unanswered;
use super::connect::{Connected, connect, may_be_many};
use super::http1::One;
use super::outgoing::Outgoing;
use super::servers::{Pass, Server, Servers};
use crate::body::{Body, Rest};
use crate::io::Io;
use crate::refusal::{Reason, Refusal};

/// How long a request waits for a connection.
const WAIT_TIME_MAX: Duration = Duration::from_secs(5);
/// How many seconds an unused connection is kept: fewer than any server does, or requests would meet closed ones. uvicorn closes
/// after five.
const KEPT_S: u32 = 4;
/// The most requests that are open on one connection of HTTP/2 to a server.
pub const STREAMS_MAX: usize = 100;

/// The connections to one server.
pub(super) struct Pool {
    pub(super) server: Arc<Server>,
    connections_max: usize,
    waiting_max: usize,
    /// How many stand or are made.
    standing: Cell<usize>,
    kept: RefCell<Vec<Kept>>,
    many: RefCell<Vec<Rc<Many>>>,
    waiting: RefCell<VecDeque<oneshot::Sender<Granted>>>,
    /// How many requests wait.
    waiters: Cell<usize>,
    first: First,
    /// Seconds, as the sweeper counts them.
    second: Cell<u32>,
    is_swept: Cell<bool>,
}

/// While one connection may be enough for many requests, one is made at a time.
#[derive(Default)]
struct First {
    is_made: Cell<bool>,
    made: Notify,
    /// Whether the server was found to speak HTTP/1.1, where it might have spoken HTTP/2.
    is_one: Cell<bool>,
}

/// Room for one more connection; given back when it is dropped.
pub(super) struct Room(Weak<Pool>);

/// An unused connection.
struct Kept {
    one: Box<One>,
    room: Room,
    since: u32,
}

/// A connection of HTTP/2.
struct Many {
    sender: http2::SendRequest<Body>,
    open: Cell<usize>,
    since: Cell<u32>,
    room: Room,
}

/// What one that waits is given.
enum Granted {
    Kept(Kept),
    Room(Room),
    /// On a connection of HTTP/2 there is room for one more: it is to be looked for again.
    Look,
}

/// What there is for one that needs a connection.
enum Found {
    Lease(Lease),
    Room(Room),
}

/// Counts as waiting until it is dropped.
struct Waiter<'p>(&'p Pool);

/// Counts as making the first connection until it is dropped.
struct Making<'p>(&'p First);

/// A connection in use.
pub(super) enum Lease {
    /// By one request alone.
    One(Whole),
    /// By this request among others.
    Many(Share),
}

/// A connection that is used by one request alone.
pub(super) struct Whole {
    one: Box<One>,
    was_kept: bool,
    room: Room,
}

/// A share of a connection of HTTP/2.
pub(super) struct Share {
    many: Rc<Many>,
    was_kept: bool,
}

impl Pool {
    /// A pool that holds nothing yet.
    pub(super) fn new(server: Arc<Server>, connections_max: usize, waiting_max: usize) -> Self {
        Self {
            server,
            connections_max,
            waiting_max,
            standing: Cell::new(0),
            kept: RefCell::default(),
            many: RefCell::default(),
            waiting: RefCell::default(),
            waiters: Cell::new(0),
            first: First::default(),
            second: Cell::new(0),
            is_swept: Cell::new(false),
        }
    }

    /// Whether it holds connections as these servers are spoken to.
    pub(super) fn fits(&self, connections_max: usize, waiting_max: usize) -> bool {
        (self.connections_max, self.waiting_max) == (connections_max, waiting_max)
    }

    /// A connection: one that was used before, or a new one. For an upgrade it must be one of HTTP/1.1.
    pub(super) async fn lease(
        self: &Rc<Self>,
        servers: &Servers,
        must_be_new: bool,
        one_only: bool,
    ) -> Result<Lease, Refusal> {
        let used = || if must_be_new { None } else { self.used(one_only) };
        if let Some(lease) = used() {
            return Ok(lease);
        }
        let may_be_many = !one_only && !self.first.is_one.get() && may_be_many(servers, &self.server);
        if may_be_many && self.first.is_made.get() {
            self.first.made.notified().await;
            if let Some(lease) = used() {
                return Ok(lease);
            }
        }
        // Seldom, and much to hold meanwhile: on the heap.
        let room = match Box::pin(self.found(&used)).await? {
            Found::Room(room) => room,
            Found::Lease(Lease::One(whole)) if must_be_new => whole.room,
            Found::Lease(lease) => return Ok(lease),
        };
        let _making = may_be_many.then(|| Making::of(&self.first));
        match Box::pin(connect(servers, &self.server, one_only)).await? {
            Connected::One(one) => {
                self.first.is_one.set(self.first.is_one.get() || may_be_many);
                Ok(Lease::One(Whole { one, was_kept: false, room }))
            }
            Connected::Many(sender) => {
                let since = Cell::new(self.second.get());
                let many = Rc::new(Many { sender, open: Cell::new(1), since, room });
                self.many.borrow_mut().push(many.clone());
                self.sweep();
                Ok(Lease::Many(Share { many, was_kept: false }))
            }
        }
    }

    /// One that was used before.
    fn used(&self, one_only: bool) -> Option<Lease> {
        if !one_only {
            let many = self.many.borrow();
            let open = many.iter().find(|one| one.open.get() < STREAMS_MAX && !one.sender.is_closed());
            if let Some(many) = open {
                return Some(Lease::Many(Share::of(many)));
            }
        }
        // The youngest first: the others may end unused.
        while let Some(mut kept) = self.kept() {
            if kept.one.is_usable() {
                return Some(Lease::One(kept.whole()));
            }
        }
        None
    }

    /// The one that was given back last. What goes gives its room back, for which nothing may be borrowed.
    fn kept(&self) -> Option<Kept> {
        self.kept.borrow_mut().pop()
    }

    /// Room for a new connection, or one that became free.
    async fn found(self: &Rc<Self>, used: &impl Fn() -> Option<Lease>) -> Result<Found, Refusal> {
        if self.standing.get() < self.connections_max {
            self.standing.set(self.standing.get() + 1);
            return Ok(Found::Room(Room(Rc::downgrade(self))));
        }
        if self.waiters.get() >= self.waiting_max {
            return Err(Refusal::new(Reason::UpstreamQueueFull, format!("{} requests wait", self.waiting_max)));
        }
        let _waiter = Waiter::of(self);
        let waited = tokio::time::timeout(WAIT_TIME_MAX, self.waited(used)).await;
        waited.map_err(|_| Refusal::new(Reason::UpstreamBusy, "no connection became free"))
    }

    async fn waited(&self, used: &impl Fn() -> Option<Lease>) -> Found {
        loop {
            // One that may be used, by who needs a new one: the room of it.
            let granted = match self.kept() {
                Some(kept) => Granted::Kept(kept),
                None => self.granted().await,
            };
            match granted {
                Granted::Room(room) => return Found::Room(room),
                Granted::Kept(mut kept) => {
                    let is_usable = kept.one.is_usable();
                    return if is_usable { Found::Lease(Lease::One(kept.whole())) } else { Found::Room(kept.room) };
                }
                Granted::Look => {
                    if let Some(lease) = used() {
                        return Found::Lease(lease);
                    }
                }
            }
        }
    }

    /// Waits in the queue.
    async fn granted(&self) -> Granted {
        let (grant, granted) = oneshot::channel();
        {
            let mut waiting = self.waiting.borrow_mut();
            // Those that wait no longer. So there are never many more than wait.
            while waiting.front().is_some_and(oneshot::Sender::is_closed) {
                waiting.pop_front();
            }
            waiting.push_back(grant);
        }
        granted.await.unwrap_or(Granted::Look)
    }

    /// Gives something to the first that waits; back, if none does.
    fn grant(&self, mut granted: Granted) -> Option<Granted> {
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(next) = next else {
                return Some(granted);
            };
            match next.send(granted) {
                Ok(()) => return None,
                Err(back) => granted = back,
            }
        }
    }

    /// Ends what is unused for too long, as long as there is something.
    fn sweep(self: &Rc<Self>) {
        if self.is_swept.replace(true) {
            return;
        }
        let pool = Rc::downgrade(self);
        tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                match pool.upgrade() {
                    Some(pool) if pool.swept() => {}
                    _ => return,
                }
            }
        });
    }

    /// Whether something is left to sweep.
    fn swept(&self) -> bool {
        let now = self.second.get().wrapping_add(1);
        self.second.set(now);
        let is_young = |since: u32| now.wrapping_sub(since) < KEPT_S;
        let is_left = |kept: &mut Kept| is_young(kept.since) && kept.one.is_usable();
        // What goes gives its room back, for which nothing may be borrowed.
        let gone: Vec<Kept> = self.kept.borrow_mut().extract_if(.., |kept| !is_left(kept)).collect();
        let is_left = |many: &Many| !many.sender.is_closed() && (many.open.get() > 0 || is_young(many.since.get()));
        let ended: Vec<Rc<Many>> = self.many.borrow_mut().extract_if(.., |many| !is_left(many)).collect();
        drop((gone, ended));
        let is_needed = !self.kept.borrow().is_empty() || !self.many.borrow().is_empty();
        self.is_swept.set(is_needed);
        is_needed
    }
}

impl Lease {
    /// Whether the connection was used before.
    pub(super) fn was_kept(&self) -> bool {
        match self {
            Self::One(whole) => whole.was_kept,
            Self::Many(share) => share.was_kept,
        }
    }

    /// Whether HTTP/2 is spoken on it.
    pub(super) fn is_http2(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    /// Whether any byte of an answer came, as far as that can be told.
    pub(super) fn is_heard(&self) -> bool {
        match self {
            Self::One(whole) => whole.one.is_heard(),
            Self::Many(_) => false,
        }
    }

    /// The connection, where it is used by one request alone.
    pub(super) fn one(&self) -> Option<&One> {
        match self {
            Self::One(whole) => Some(&whole.one),
            Self::Many(_) => None,
        }
    }

    /// The same, to read from it.
    pub(super) fn one_mut(&mut self) -> Option<&mut One> {
        match self {
            Self::One(whole) => Some(&mut whole.one),
            Self::Many(_) => None,
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn answered(
        &mut self,
        outgoing: &mut Outgoing<'_>,
        pass: &Pass,
        time_max: Duration,
    ) -> Result<Response<Rest>, Unanswered> {
        match self {
            Self::One(whole) => {
                outgoing.begin(pass, &mut whole.one).ok_or(Unanswered::Nothing)?;
                let answered = whole.one.answered(time_max).await;
                answered.map(|answer| answer.map(|()| Rest::Held)).map_err(Unanswered::of_one)
            }
            // Much to hold meanwhile: on the heap.
            Self::Many(share) => {
                let request = outgoing.request(pass).ok_or(Unanswered::Nothing)?;
                let answered = Box::pin(share.answered(request, time_max)).await;
                answered.map(|answer| answer.map(Rest::Hyper))
            }
        }
    }

    /// The bytes both ways behind a change of protocols, with those that came already, and the room of the connection.
    pub(super) fn switched(self) -> Option<(Io, Bytes, Room)> {
        let Self::One(Whole { one, room, .. }) = self else {
            return None;
        };
        let (io, first) = one.switched();
        Some((io, first, room))
    }

    /// Keeps the connection: the answer was read to its end.
    pub(super) fn give_back(self) {
        let Self::One(Whole { mut one, room, .. }) = self else {
            return;
        };
        if !one.is_sent() {
            // Who asked may still be sending, and would not get to read the answer if nobody took it.
            tokio::task::spawn_local(async move {
                one.finish().await;
                drop((one, room));
            });
            return;
        }
        let Some(pool) = room.0.upgrade().filter(|_| one.is_usable()) else {
            return;
        };
        one.let_go();
        let kept = Kept { one, room, since: pool.second.get() };
        if let Some(Granted::Kept(kept)) = pool.grant(Granted::Kept(kept)) {
            pool.kept.borrow_mut().push(kept);
            pool.sweep();
        }
    }
}

impl Kept {
    fn whole(self) -> Whole {
        Whole { one: self.one, was_kept: true, room: self.room }
    }
}

impl Share {
    fn of(many: &Rc<Many>) -> Self {
        many.open.set(many.open.get() + 1);
        Self { many: many.clone(), was_kept: true }
    }

    /// Sends a request and waits for its answer. From the end of the request so much time may pass; how slowly its body may come
    /// is the client's bound.
    async fn answered(&self, mut request: Request<Body>, time_max: Duration) -> Result<Response<Incoming>, Unanswered> {
        let mark = (!request.body().is_end_stream()).then(Arc::<()>::default);
        if let Some(mark) = &mark {
            request.body_mut().mark(mark.clone());
        }
        let mut sender = self.many.sender.clone();
        let mut sent = pin!(sender.try_send_request(request));
        loop {
            match tokio::time::timeout(time_max, sent.as_mut()).await {
                Ok(answered) => return answered.map_err(Unanswered::of_many),
                Err(_) if mark.as_ref().is_some_and(|mark| Arc::strong_count(mark) > 1) => {}
                Err(_) => return Err(Unanswered::Slow),
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.many.open.set(self.many.open.get().saturating_sub(1));
        if let Some(pool) = self.many.room.0.upgrade() {
            self.many.since.set(pool.second.get());
            if pool.waiters.get() > 0 {
                pool.grant(Granted::Look);
            }
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let Some(pool) = self.0.upgrade() else {
            return;
        };
        if let Some(Granted::Room(mut untaken)) = pool.grant(Granted::Room(Self(self.0.clone()))) {
            pool.standing.set(pool.standing.get().saturating_sub(1));
            // It was counted out here.
            untaken.0 = Weak::new();
        }
    }
}

impl<'p> Waiter<'p> {
    fn of(pool: &'p Pool) -> Self {
        pool.waiters.set(pool.waiters.get() + 1);
        Self(pool)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiters.set(self.0.waiters.get().saturating_sub(1));
    }
}

impl<'p> Making<'p> {
    fn of(first: &'p First) -> Self {
        first.is_made.set(true);
        Self(first)
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.is_made.set(false);
        self.0.made.notify_waiters();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("server", &self.server).field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("is_http2", &self.is_http2()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(connections_max: usize, waiting_max: usize) -> Rc<Pool> {
        struct NoKeys;
        impl crate::site::Keys for NoKeys {
            fn read(&self, _: &policy::KeysRef) -> Result<model::Secret<Vec<u8>>, String> {
                Err("there are none".to_owned())
            }
        }
        let upstream = policy::Upstream::of(vec!["http://127.0.0.1:1".parse().unwrap()]);
        let servers = Servers::of(&upstream, &NoKeys, None).unwrap();
        Rc::new(Pool::new(servers.all()[0].clone(), connections_max, waiting_max))
    }

    fn none() -> Option<Lease> {
        None
    }

    async fn refused(pool: &Rc<Pool>) -> Option<Reason> {
        pool.found(&none).await.err().map(|refusal| refusal.reason)
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_connections_stand_and_so_many_requests_wait_for_so_long() {
        let pool = pool(2, 1);
        let (first, second) = (pool.found(&none).await.unwrap(), pool.found(&none).await.unwrap());
        let began = tokio::time::Instant::now();
        let (waited, beyond) = tokio::join!(refused(&pool), refused(&pool));
        assert_eq!((waited, beyond), (Some(Reason::UpstreamBusy), Some(Reason::UpstreamQueueFull)));
        assert_eq!((began.elapsed(), pool.waiters.get()), (WAIT_TIME_MAX, 0));
        drop(first);
        let third = pool.found(&none).await.unwrap();
        assert_eq!((pool.standing.get(), refused(&pool).await), (2, Some(Reason::UpstreamBusy)));
        drop((second, third));
        assert_eq!(pool.standing.get(), 0);
    }

    #[tokio::test]
    async fn an_unused_connection_is_kept_for_so_long() {
        let pool = pool(1, 1);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connected = tokio::net::TcpStream::connect(listener.local_addr().unwrap());
        let (stream, _server) = tokio::join!(connected, listener.accept());
        let found = pool.found(&none).await.ok();
        let room = found.and_then(|found| if let Found::Room(room) = found { Some(room) } else { None }).unwrap();
        let one = Box::new(One::new(stream.unwrap().into()));
        pool.kept.borrow_mut().push(Kept { one, room, since: pool.second.get() });
        for _ in 1..KEPT_S {
            assert!(pool.swept());
        }
        assert_eq!(pool.standing.get(), 1);
        assert!(!pool.swept());
        assert_eq!(pool.standing.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn room_goes_to_the_first_that_still_waits() {
        let pool = pool(1, 8);
        let room = pool.found(&none).await.unwrap();
        let given_up = tokio::time::timeout(Duration::from_secs(1), pool.found(&none)).await;
        assert!(given_up.is_err());
        let (waited, ()) = tokio::join!(pool.found(&none), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(room);
        });
        assert_eq!((waited.is_ok(), pool.standing.get()), (true, 1), "handed over, it stands all the time");
        drop(waited);
        assert_eq!(pool.standing.get(), 0);
    }
}
