//! One line for each exchange that is answered; of those that went well for a sample, where the policy says so.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::exchange::Exchange;
use crate::layers::trace::Trace;
use crate::pipeline::{Layer, Verdict};
use crate::record::{Access, Record};
use crate::site::Site;

/// What is counted and written of exchanges.
struct AccessLog {
    /// Of those that went well, one of so many is written.
    one_in: u32,
    /// How many of them until the next one.
    left: Cell<u32>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    let log = site.policy.as_ref().and_then(|policy| policy.log.as_ref());
    let one_in = log.and_then(|log| log.access_one_in).map_or(1, NonZeroU32::get);
    Box::new(AccessLog { one_in, left: Cell::new(0) })
}

impl AccessLog {
    /// Whether this exchange is left out: another one stands for it.
    fn leaves_out(&self, exchange: &Exchange) -> bool {
        if self.one_in == 1 || !exchange.went_well() {
            return false;
        }
        let left = self.left.get();
        self.left.set(left.checked_sub(1).unwrap_or(self.one_in - 1));
        left > 0
    }
}

impl Layer for AccessLog {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        exchange.worker.counters.seen();
        Verdict::Continue
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        if self.leaves_out(exchange) {
            exchange.worker.counters.sampled_away();
        } else if exchange.worker.records.are_wanted() {
            let duration_ms = u64::try_from(exchange.elapsed().as_millis()).unwrap_or(u64::MAX);
            let trace_id = exchange.trace.map(Trace::id);
            let (about, status, reason) = (exchange.about(), exchange.status(), exchange.reason());
            let access = Access { about, trace_id, status, reason, server: exchange.server(), duration_ms };
            exchange.worker.records.write(&Record::Access(access));
        }
        Verdict::Continue
    }
}
