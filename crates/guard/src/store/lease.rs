//! What a gateway holds of limits that it shares: some of a quota, taken at once and spent here. How much is taken follows how
//! much is spent, so that little lies idle.
//!
//! What is held is spent within [`LEASE_TIME`], or given back. So in any window no more is admitted than the quota, and of each
//! gateway as much as it may hold of it at once ([`held_max`]). What a gateway holds and does not spend others cannot have, for as
//! long.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::watch;

use crate::quota::{Key, Rate};
use crate::shared::Mutex;

/// The part of a quota that a gateway holds at most.
pub const LEASED_PART: u32 = 16;
/// How long it is held at most; never longer than a quarter of the window.
pub const LEASE_TIME: Duration = Duration::from_secs(1);
/// For how long it is believed that there is none left.
const NONE_TIME_MAX: Duration = Duration::from_secs(1);
/// The most leases that a gateway holds. For what is behind the bound each request is asked for at the store.
pub const LEASES_MAX: usize = 64 * 1024;
/// Over how many tables they are spread, so that workers seldom meet.
const SHARDS: usize = 64;

/// How much of a quota a gateway holds at most.
pub(crate) fn held_max(quota: u32) -> u32 {
    (quota / LEASED_PART).max(1)
}

/// What is held, by what it is counted under.
#[derive(Debug)]
pub(crate) struct Leases {
    tables: Vec<Mutex<HashMap<Key, Lease>>>,
    each_max: usize,
}

/// What is held of one limit for one key.
#[derive(Debug, Default)]
struct Lease {
    held: u32,
    /// When it was taken, by the clock of the store.
    taken: Duration,
    /// From when until when it is held, by ours.
    since: Duration,
    until: Duration,
    /// What the store has beside it.
    beside: u32,
    /// When the store has more again.
    more_at: Duration,
    /// Until then there is none.
    none_until: Duration,
    /// How much is taken next.
    size: u32,
    /// Gone when somebody who asks the store has an answer.
    asking: Option<watch::Receiver<()>>,
}

/// What is found of a lease.
#[derive(Debug)]
pub(crate) enum Found {
    /// So much was spent of it.
    Spent { left: u32, more_in: Duration, taken: Duration },
    /// The store had none a moment ago.
    None { more_in: Duration },
    /// Somebody asks the store.
    Asked(watch::Receiver<()>),
    /// The store must be asked, and whoever finds this does it.
    Ask(Refill),
    /// Nothing can be held for this key.
    NoRoom,
}

/// How the store is asked.
#[derive(Debug)]
pub(crate) struct Refill {
    /// Gone, those who wait look again.
    pub(crate) done: watch::Sender<()>,
    pub(crate) want: u32,
    /// What is given back with it, and when it was taken.
    pub(crate) back: (u32, Duration),
}

impl Default for Leases {
    fn default() -> Self {
        Self::of(LEASES_MAX)
    }
}

impl Leases {
    fn of(max: usize) -> Self {
        Self { tables: (0..SHARDS).map(|_| Mutex::default()).collect(), each_max: (max / SHARDS).max(1) }
    }

    fn with<T>(&self, key: Key, act: impl FnOnce(&mut HashMap<Key, Lease>) -> T) -> T {
        match self.tables.get(key.shard(self.tables.len())) {
            // Nothing below can panic half way, so that a poisoned table is a whole one.
            Some(table) => act(&mut table.lock().unwrap_or_else(PoisonError::into_inner)),
            None => act(&mut HashMap::new()),
        }
    }

    /// Spends of what is held, where that is enough or the store is known to have none.
    pub(crate) fn held(&self, key: Key, cost: u32, now: Duration) -> Option<Found> {
        self.with(key, |table| table.get_mut(&key)?.spend(cost, now))
    }

    /// Spends of what is held, or says how more is had.
    pub(crate) fn spend(&self, key: Key, rate: &Rate, cost: u32, now: Duration) -> Found {
        self.with(key, |table| {
            if !table.contains_key(&key) && table.len() >= self.each_max {
                table.retain(|_, lease| lease.says_something(now));
                if table.len() >= self.each_max {
                    return Found::NoRoom;
                }
            }
            let lease = table.entry(key).or_default();
            lease.spend(cost, now).unwrap_or_else(|| lease.asked(rate, cost, now))
        })
    }

    /// The store gave so much.
    pub(crate) fn fill(&self, key: Key, rate: &Rate, given: Given, now: Duration) {
        self.with(key, |table| {
            let lease = table.entry(key).or_default();
            lease.held = given.count;
            lease.taken = given.taken;
            lease.beside = given.left;
            (lease.since, lease.until) = (now, now + LEASE_TIME.min(rate.window / 4));
            lease.more_at = now + given.more_in;
            lease.none_until = Duration::ZERO;
            lease.asking = None;
        });
    }

    /// The store has none.
    pub(crate) fn none(&self, key: Key, more_in: Duration, now: Duration) {
        self.with(key, |table| {
            let lease = table.entry(key).or_default();
            (lease.held, lease.size) = (0, 1);
            lease.more_at = now + more_in;
            lease.none_until = now + more_in.min(NONE_TIME_MAX);
            lease.asking = None;
        });
    }

    /// Gives back what was spent; whether it is still held here.
    pub(crate) fn give_back(&self, key: Key, taken: Duration, cost: u32) -> bool {
        self.with(key, |table| match table.get_mut(&key).filter(|lease| lease.taken == taken) {
            Some(lease) => {
                lease.held = lease.held.saturating_add(cost);
                true
            }
            None => false,
        })
    }
}

/// What the store gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    pub(crate) count: u32,
    pub(crate) taken: Duration,
    pub(crate) left: u32,
    pub(crate) more_in: Duration,
}

impl Lease {
    fn says_something(&self, now: Duration) -> bool {
        self.is_held(now) || self.has_none(now) || self.is_asked()
    }

    /// A clock that was set back ends what is held.
    fn is_held(&self, now: Duration) -> bool {
        self.held > 0 && (self.since..self.until).contains(&now)
    }

    fn has_none(&self, now: Duration) -> bool {
        now < self.none_until && self.none_until <= now + NONE_TIME_MAX
    }

    fn is_asked(&self) -> bool {
        self.asking.as_ref().is_some_and(|asking| asking.has_changed().is_ok())
    }

    fn spend(&mut self, cost: u32, now: Duration) -> Option<Found> {
        let more_in = self.more_at.saturating_sub(now);
        if self.is_held(now) && self.held >= cost {
            self.held -= cost;
            let left = self.held.saturating_add(self.beside);
            return Some(Found::Spent { left, more_in, taken: self.taken });
        }
        self.has_none(now).then_some(Found::None { more_in })
    }

    /// Has the store asked, unless somebody does it.
    fn asked(&mut self, rate: &Rate, cost: u32, now: Duration) -> Found {
        if let Some(asking) = self.asking.as_ref().filter(|_| self.is_asked()) {
            return Found::Asked(asking.clone());
        }
        // Spent before its time was over: more is wanted. Left over at its end: it was too much.
        let was_spent = self.size > 0 && now < self.until;
        self.size = if was_spent { self.size.saturating_mul(2) } else { self.size / 2 };
        self.size = self.size.clamp(1, held_max(rate.quota));
        let back = (std::mem::take(&mut self.held), self.taken);
        let (done, asking) = watch::channel(());
        self.asking = Some(asking);
        Found::Ask(Refill { done, want: self.size.max(cost), back })
    }
}

#[cfg(test)]
mod tests {
    use policy::Counting;

    use super::*;
    use crate::quota::Quotas;

    const NOW: Duration = Duration::from_secs(1000);
    const MILLI: Duration = Duration::from_millis(1);

    fn rate(quota: u32) -> Rate {
        Rate { quota, window: Duration::from_mins(1), counting: Counting::SlidingWindow }
    }

    fn wanted(found: Found) -> Refill {
        match found {
            Found::Ask(refill) => refill,
            other => unreachable!("{other:?}"),
        }
    }

    fn given(count: u32) -> Given {
        Given { count, taken: NOW, left: 5, more_in: Duration::from_secs(30) }
    }

    fn is_spent(found: &Found) -> bool {
        matches!(found, Found::Spent { .. })
    }

    #[test]
    fn what_is_taken_doubles_up_to_the_part_and_one_that_lies_idle_is_given_back() {
        let (leases, key, rate) = (Leases::default(), Quotas::default().key("a", 1), rate(100));
        let mut sizes = Vec::new();
        for _ in 0..5 {
            let refill = wanted(leases.spend(key, &rate, 1, NOW));
            sizes.push(refill.want);
            leases.fill(key, &rate, given(refill.want), NOW);
            for _ in 0..refill.want {
                assert!(is_spent(&leases.spend(key, &rate, 1, NOW)));
            }
        }
        assert_eq!(sizes, [1, 2, 4, 6, 6]);
        let refill = wanted(leases.spend(key, &rate, 1, NOW));
        leases.fill(key, &rate, given(refill.want), NOW);
        assert!(is_spent(&leases.spend(key, &rate, 1, NOW + LEASE_TIME.saturating_sub(MILLI))), "up to its time");
        let refill = wanted(leases.spend(key, &rate, 1, NOW + LEASE_TIME));
        assert_eq!((refill.want, refill.back), (3, (5, NOW)), "and not longer");
    }

    #[test]
    fn one_asks_and_the_others_wait_until_it_is_done_or_gone() {
        let (leases, key, rate) = (Leases::default(), Quotas::default().key("a", 1), rate(100));
        let refill = wanted(leases.spend(key, &rate, 1, NOW));
        assert!(matches!(leases.spend(key, &rate, 1, NOW), Found::Asked(_)));
        drop(refill);
        let refill = wanted(leases.spend(key, &rate, 1, NOW));
        leases.fill(key, &rate, given(2), NOW);
        drop(refill);
        assert!(is_spent(&leases.spend(key, &rate, 1, NOW)));
        assert!(leases.give_back(key, NOW, 1) && !leases.give_back(key, NOW + MILLI, 1));
    }

    #[test]
    fn that_there_is_none_is_believed_for_a_while_and_not_by_a_clock_that_was_set_back() {
        let (leases, key, rate) = (Leases::default(), Quotas::default().key("a", 1), rate(100));
        leases.none(key, Duration::from_secs(30), NOW);
        let is_none = |now| matches!(leases.spend(key, &rate, 1, now), Found::None { .. });
        assert!(is_none(NOW) && is_none(NOW + NONE_TIME_MAX.saturating_sub(MILLI)));
        assert!(!is_none(NOW + NONE_TIME_MAX));
        leases.none(key, Duration::from_secs(30), NOW);
        assert!(!is_none(NOW.saturating_sub(MILLI)));
    }

    #[test]
    fn so_many_are_held_and_for_one_more_there_is_no_room() {
        let (leases, quotas, rate) = (Leases::of(SHARDS * 2), Quotas::default(), rate(100));
        let mut held = 0;
        for one in 0..10_000 {
            match leases.spend(quotas.key("a", one), &rate, 1, NOW) {
                Found::Ask(refill) => {
                    leases.fill(quotas.key("a", one), &rate, given(2), NOW);
                    drop(refill);
                    held += 1;
                }
                Found::NoRoom => {}
                other => unreachable!("{other:?}"),
            }
        }
        assert_eq!(held, SHARDS * 2);
        let late = leases.spend(quotas.key("a", "late"), &rate, 1, NOW + LEASE_TIME);
        assert!(matches!(late, Found::Ask(_)), "what is over makes room");
    }
}
