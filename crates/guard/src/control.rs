//! The thread that looks after what is behind the gateway while the workers serve: how the servers of the application are, where
//! their names lead, which keys issuers publish, and the way to the store. What it finds, workers read as atomics.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::generation::Generation;
use crate::record::{KeysFetched, Record, Records, ServerNews, StoreTold, Time, cut};
use crate::refusal::DETAIL_BYTES_MAX;
use crate::store::link::{STORE_CONNECT_TIME_MAX, StoreNews};
use crate::store::shared::Shared;
use crate::thread;
use crate::token::source::{KeysNews, Source};
use crate::upstream::health::{News, looked_after};
use crate::upstream::upstreams::Upstreams;
use crate::worker::Clock;

/// How often it is looked whether the store was reached.
const LOOKED_EVERY: Duration = Duration::from_millis(2);

/// The running thread; gone, it ends.
#[derive(Debug)]
pub(crate) struct Control {
    /// What is looked after.
    upstreams: Option<watch::Sender<Arc<Upstreams>>>,
    sources: Option<watch::Sender<Vec<Arc<Source>>>>,
    store: Option<watch::Sender<Option<Arc<Shared>>>>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Looks after what is behind this generation from now on.
    pub(crate) fn start(generation: &Generation, records: Records, clock: Clock) -> io::Result<Self> {
        let (upstreams, upstreams_now) = watch::channel(generation.upstreams.clone());
        let (sources, sources_now) = watch::channel(generation.site.sources());
        let (store, store_now) = watch::channel(generation.site.store.clone());
        let work = async move || {
            tokio::select! {
                () = servers_looked_after(upstreams_now, &records, &clock) => {}
                () = keys_fetched(sources_now, &records, &clock) => {}
                () = store_reached(store_now, &records, &clock) => {}
            }
        };
        let thread = thread::start("doorward-control".to_owned(), work)?;
        Ok(Self { upstreams: Some(upstreams), sources: Some(sources), store: Some(store), thread: Some(thread) })
    }

    /// Waits until it is known whether a store can be reached, so that those who come first are counted there.
    pub(crate) fn wait_for(&self, store: &Shared) {
        let tries = store.link.tries();
        for _ in 0..STORE_CONNECT_TIME_MAX.as_millis() * 2 / LOOKED_EVERY.as_millis().max(1) {
            if *tries.borrow() > 0 {
                return;
            }
            std::thread::sleep(LOOKED_EVERY);
        }
    }

    /// Looks after what is behind another generation from now on.
    pub(crate) fn look_after(&self, next: &Generation) {
        if let Some(upstreams) = &self.upstreams {
            upstreams.send_if_modified(|current| {
                let is_other = !current.is_same(&next.upstreams);
                current.clone_from(&next.upstreams);
                is_other
            });
        }
        if let Some(sources) = &self.sources {
            sources.send_replace(next.site.sources());
        }
        if let Some(store) = &self.store {
            store.send_if_modified(|current| {
                let is_other = current.as_ref().map(Arc::as_ptr) != next.site.store.as_ref().map(Arc::as_ptr);
                current.clone_from(&next.site.store);
                is_other
            });
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        (self.upstreams, self.sources, self.store) = (None, None, None);
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended.
            let _ = thread.join();
        }
    }
}

async fn servers_looked_after(mut now: watch::Receiver<Arc<Upstreams>>, records: &Records, clock: &Clock) {
    let (records, clock) = (records.clone(), clock.clone());
    let told = move |news| write(&records, &clock, news);
    loop {
        let upstreams = now.borrow_and_update().clone();
        let mut tasks = JoinSet::new();
        for servers in upstreams.all() {
            tasks.spawn_local(looked_after(servers.clone(), told.clone()));
        }
        if now.changed().await.is_err() {
            return;
        }
    }
}

/// Has each issuer asked for its keys; one that stays through a reload is not asked anew.
async fn keys_fetched(mut now: watch::Receiver<Vec<Arc<Source>>>, records: &Records, clock: &Clock) {
    let mut tasks = JoinSet::new();
    let mut running: Vec<(Arc<Source>, AbortHandle)> = Vec::new();
    loop {
        let sources = now.borrow_and_update().clone();
        running.retain(|(source, task)| {
            let stays = sources.iter().any(|next| Arc::ptr_eq(next, source));
            if !stays {
                task.abort();
            }
            stays
        });
        for source in sources {
            if !running.iter().any(|(known, _)| Arc::ptr_eq(known, &source)) {
                let (records, times) = (records.clone(), clock.clone());
                let told = move |news| write_keys(&records, &times, &news);
                let task = tasks.spawn_local(source.clone().kept_fresh(clock.clone(), told));
                running.push((source, task));
            }
        }
        if now.changed().await.is_err() {
            return;
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// Keeps the way to the store open, as long as it is that of the policy.
async fn store_reached(mut now: watch::Receiver<Option<Arc<Shared>>>, records: &Records, clock: &Clock) {
    loop {
        let link = now.borrow_and_update().as_ref().map(|store| store.link.clone());
        let kept = async {
            match link {
                Some(link) => link.kept(|news| write_store(records, clock, news)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = kept => {}
            changed = now.changed() => if changed.is_err() { return },
        }
    }
}

fn write_store(records: &Records, clock: &Clock, news: StoreNews) {
    if records.are_wanted() {
        let (is_up, detail) = (news.is_ok(), news.err());
        records.write(&Record::Store(StoreTold { time: Time(clock()), is_up, detail }));
    }
}

fn write(records: &Records, clock: &Clock, (server, answered): News) {
    if records.are_wanted() {
        records.write(&Record::Server(ServerNews {
            time: Time(clock()),
            server: &server.name,
            is_well: answered.is_ok(),
            detail: answered.err().map(|why| cut(why, DETAIL_BYTES_MAX)),
        }));
    }
}

fn write_keys(records: &Records, clock: &Clock, news: &KeysNews) {
    if records.are_wanted() {
        let passed_over = (!news.passed_over.is_empty()).then(|| news.passed_over.join("; "));
        records.write(&Record::Keys(KeysFetched {
            time: Time(clock()),
            identity: &news.identity,
            is_fetched: news.failure.is_none(),
            keys: u64::try_from(news.keys).unwrap_or(u64::MAX),
            detail: news.failure.clone().or(passed_over).map(|detail| cut(detail, DETAIL_BYTES_MAX)),
        }));
    }
}
