//! How long a body is waited for: each byte that came earns some more time, up to a bound. Only waiting for the client costs, so
//! that a slow application makes no client slow.

use std::time::Duration;

use super::limits::{BODY_BYTES_PER_S_MIN, BODY_GRACE_TIME, BODY_IDLE_TIME_MAX};

/// For how long a client may still be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience(Duration);

impl Patience {
    /// At the beginning of a body.
    pub(super) fn whole() -> Self {
        Self(BODY_GRACE_TIME)
    }

    /// How long the next byte is waited for.
    pub(super) fn left(self) -> Duration {
        self.0.min(BODY_IDLE_TIME_MAX)
    }

    /// So many bytes came after so long.
    pub(super) fn came(&mut self, bytes: usize, after: Duration) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let earned = Duration::from_secs(1).saturating_mul(bytes) / BODY_BYTES_PER_S_MIN;
        self.0 = self.0.saturating_sub(after).saturating_add(earned).min(BODY_GRACE_TIME);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: Duration = Duration::from_secs(10);

    fn turns(bytes: u32) -> usize {
        turns_of(bytes, 1000)
    }

    /// For how many turns of ten seconds with so many bytes each it is waited, of so many.
    fn turns_of(bytes: u32, max: usize) -> usize {
        let mut patience = Patience::whole();
        let mut turns = 0;
        while turns < max && patience.left() >= TURN {
            patience.came(usize::try_from(bytes).unwrap(), TURN);
            turns += 1;
        }
        turns
    }

    #[test]
    fn at_the_bound_it_is_waited_for_and_below_it_is_not() {
        assert_eq!(turns(BODY_BYTES_PER_S_MIN * 10), 1000);
        // A byte less each time lasts for as many turns as there are bytes in the ten seconds to spare, and one more.
        assert_eq!(
            turns_of(BODY_BYTES_PER_S_MIN * 10 - 1, 10_000),
            usize::try_from(BODY_BYTES_PER_S_MIN * 10).unwrap() + 1
        );
        assert_eq!(turns(0), 2);
    }

    #[test]
    fn what_came_fast_earns_no_more_than_the_bound() {
        let mut patience = Patience::whole();
        patience.came(usize::MAX, Duration::ZERO);
        assert_eq!(patience, Patience::whole());
        patience.came(0, BODY_GRACE_TIME);
        assert_eq!(patience.left(), Duration::ZERO);
    }
}
