//! One line for each exchange that is answered.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::layers::trace::Trace;
use crate::pipeline::{Layer, Verdict};
use crate::record::{Access, Record};
use crate::site::Site;

/// What is counted and written of every exchange.
struct AccessLog;

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(AccessLog)
}

impl Layer for AccessLog {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        exchange.worker.counters.seen();
        Verdict::Continue
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.worker.records.are_wanted() {
            let duration_ms = u64::try_from(exchange.elapsed().as_millis()).unwrap_or(u64::MAX);
            let trace_id = exchange.trace.map(Trace::id);
            let (about, status, reason) = (exchange.about(), exchange.status(), exchange.reason());
            let access = Access { about, trace_id, status, reason, server: exchange.server(), duration_ms };
            exchange.worker.records.write(Record::Access(access));
        }
        Verdict::Continue
    }
}
