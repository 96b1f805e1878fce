//! The one clock: nothing in this crate reads the time by itself, so that tests can drive it.

use std::time::Duration;

/// Tells the time to a run.
pub trait Clock: Sync {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
}
