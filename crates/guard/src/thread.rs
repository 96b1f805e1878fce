//! The threads of the gateway: each with a runtime of its own, whose tasks never leave it.

use std::future::Future;
use std::io;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};

use tokio::runtime::{self, LocalOptions};

use crate::turn::STEPS_MAX;

/// Does this work on a thread of this name, until it is done; gives back once the thread can work.
pub(crate) fn start<F: Future<Output = ()>>(
    name: String,
    work: impl FnOnce() -> F + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let (tell, told) = sync_channel(1);
    let thread = Builder::new().name(name).spawn(move || {
        // It cannot be sent to another thread, so it is made here.
        let mut builder = runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().event_interval(STEPS_MAX).build_local(LocalOptions::default());
        let (runtime, is_made) = match runtime {
            Ok(runtime) => (Some(runtime), Ok(())),
            Err(error) => (None, Err(error)),
        };
        let is_waited_for = tell.send(is_made).is_ok();
        if let Some(runtime) = runtime.filter(|_| is_waited_for) {
            runtime.block_on(async move { work().await });
        }
    })?;
    // A thread that says nothing has panicked.
    told.recv().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
    Ok(thread)
}
