//! The one clock: nothing in this crate reads the time by itself, so that tests can drive it.

use std::time::Duration;

/// Tells the time to a run.
pub trait Clock: Sync {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;

    /// Seconds since 1970-01-01T00:00:00Z, as the claims of a token count them (RFC 7519 section 2).
    fn unix_s(&self) -> u64;
}
