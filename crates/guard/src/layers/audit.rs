//! What became of each exchange, and why. One that is dropped on the way writes the same record when it is dropped.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// The record of every exchange that leaves.
struct AuditTrail;

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(AuditTrail)
}

impl Layer for AuditTrail {
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        exchange.account();
        Verdict::Continue
    }
}
