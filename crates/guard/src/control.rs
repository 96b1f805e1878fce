//! The thread that looks after what is behind the gateway while the workers serve: how the servers of the application are, and
//! where their names lead. What it finds, workers read as atomics.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::record::{Record, Records, ServerNews, Time, cut};
use crate::refusal::DETAIL_BYTES_MAX;
use crate::upstream::health::{News, looked_after};
use crate::upstream::servers::Servers;
use crate::worker::Clock;

/// The running thread; gone, it ends.
#[derive(Debug)]
pub(crate) struct Control {
    /// What is looked after.
    servers: Option<watch::Sender<Arc<Servers>>>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Looks after these servers from now on.
    pub(crate) fn start(servers: Arc<Servers>, records: Records, clock: Clock) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sender, mut receiver) = watch::channel(servers);
        let work = move || {
            LocalSet::new().block_on(&runtime, async move {
                let told = move |news| write(&records, &clock, news);
                loop {
                    let servers = receiver.borrow_and_update().clone();
                    tokio::select! {
                        () = looked_after(servers, told.clone()) => {}
                        changed = receiver.changed() => if changed.is_err() { return },
                    }
                }
            });
        };
        let thread = thread::Builder::new().name("doorward-control".to_owned()).spawn(work)?;
        Ok(Self { servers: Some(sender), thread: Some(thread) })
    }

    /// Looks after others from now on.
    pub(crate) fn look_after(&self, next: &Arc<Servers>) {
        if let Some(servers) = &self.servers {
            servers.send_if_modified(|current| {
                let is_other = !Arc::ptr_eq(current, next);
                current.clone_from(next);
                is_other
            });
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.servers = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended.
            let _ = thread.join();
        }
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
