//! How much is sent once more. Repetitions of requests that a failing application does not answer would be the load under
//! which it does not recover: they are a share of all requests, and a few more for gateways with little traffic.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// The share of all requests that is sent once more at most, in percent, unless the policy says so.
pub(super) const BUDGET_PERCENT: u32 = 20;
/// How many repetitions are saved up at most.
const SAVED_MAX: u32 = 100;
/// How many are allowed whatever was saved.
const ALWAYS_MAX: u32 = 10;
/// In which time.
const ALWAYS_TIME: Duration = Duration::from_secs(10);

/// What a worker may still send once more.
#[derive(Debug)]
pub(super) struct Budget {
    percent: u32,
    /// In hundredths.
    saved: Cell<u32>,
    /// How many more are allowed whatever is saved.
    always: Rc<Cell<u32>>,
}

impl Budget {
    pub(super) fn new(percent: u32) -> Self {
        Self { percent, saved: Cell::new(0), always: Rc::new(Cell::new(ALWAYS_MAX)) }
    }

    /// A request is sent.
    pub(super) fn save(&self) {
        self.saved.set(self.saved.get().saturating_add(self.percent).min(SAVED_MAX * 100));
    }

    /// Whether one may be sent again; it counts as sent.
    pub(super) fn take(&self) -> bool {
        if let Some(left) = self.saved.get().checked_sub(100) {
            self.saved.set(left);
            return true;
        }
        let Some(left) = self.always.get().checked_sub(1) else {
            return false;
        };
        if self.always.replace(left) == ALWAYS_MAX {
            let always = self.always.clone();
            tokio::task::spawn_local(async move {
                tokio::time::sleep(ALWAYS_TIME).await;
                always.set(ALWAYS_MAX);
            });
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &Budget) -> usize {
        std::iter::repeat_with(|| budget.take()).take(1000).filter(|is_taken| *is_taken).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_of_all_requests_is_repeated_and_a_few_always() {
        let repeated = async {
            let budget = Budget::new(20);
            assert_eq!(taken(&budget), 10, "nothing was saved");
            (0..50).for_each(|_| budget.save());
            assert_eq!(taken(&budget), 10, "a fifth of fifty");
            tokio::time::sleep(ALWAYS_TIME).await;
            tokio::task::yield_now().await;
            assert_eq!(taken(&budget), 10);
            (0..10_000).for_each(|_| budget.save());
            assert_eq!(taken(&budget), 100, "no more is saved than the bound");
        };
        tokio::task::LocalSet::new().run_until(repeated).await;
    }
}
