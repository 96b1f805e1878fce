//! The thread that looks after what is behind the gateway while the workers serve: how the servers of the application are, where
//! their names lead, and which keys issuers publish. What it finds, workers read as atomics.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet, LocalSet};

use crate::generation::Generation;
use crate::record::{KeysFetched, Record, Records, ServerNews, Time, cut};
use crate::refusal::DETAIL_BYTES_MAX;
use crate::token::source::{KeysNews, Source};
use crate::upstream::health::{News, looked_after};
use crate::upstream::upstreams::Upstreams;
use crate::worker::Clock;

/// The running thread; gone, it ends.
#[derive(Debug)]
pub(crate) struct Control {
    /// What is looked after.
    upstreams: Option<watch::Sender<Arc<Upstreams>>>,
    sources: Option<watch::Sender<Vec<Arc<Source>>>>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Looks after what is behind this generation from now on.
    pub(crate) fn start(generation: &Generation, records: Records, clock: Clock) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (upstreams, upstreams_now) = watch::channel(generation.upstreams.clone());
        let (sources, sources_now) = watch::channel(generation.site.sources());
        let work = move || {
            LocalSet::new().block_on(&runtime, async move {
                tokio::select! {
                    () = servers_looked_after(upstreams_now, &records, &clock) => {}
                    () = keys_fetched(sources_now, &records, &clock) => {}
                }
            });
        };
        let thread = thread::Builder::new().name("doorward-control".to_owned()).spawn(work)?;
        Ok(Self { upstreams: Some(upstreams), sources: Some(sources), thread: Some(thread) })
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
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        (self.upstreams, self.sources) = (None, None);
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
