//! How much of a quota is used. Workers share what is counted; a decision takes one lock of one of many tables, so that a quota
//! admits as many requests as it says however many come at once. What is kept is bounded, and nobody gets out of a limit by
//! filling the tables.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::sync::PoisonError;
use std::time::Duration;

use policy::Counting;

use crate::shared::Mutex;
use crate::store::{Ask, Part, Said};

/// The most keys that are counted apart, of all limits; each holds up to 4 KiB. Those behind the bound are counted together.
pub const QUOTA_KEYS_MAX: usize = 64 * 1024;
/// Up to this quota a sliding window keeps the moment of each request, and is exact. Beyond it counts parts of the window.
pub const EXACT_QUOTA_MAX: u32 = 128;
/// Into how many parts a window is divided then. A part counts until all of it has left the window: so that no more than the quota
/// is ever admitted, and at most one part in so many too little.
const PARTS: u64 = 128;
/// Over how many tables keys are spread, so that workers seldom meet.
const SHARDS: usize = 64;
/// How often a full table is searched for what has ended.
const SWEPT_EVERY: Duration = Duration::from_secs(1);

/// How many requests are admitted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) quota: u32,
    pub(crate) window: Duration,
    pub(crate) counting: Counting,
}

/// What became of asking for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is one of the quota.
    One {
        /// How many are left.
        left: u32,
        /// When there will be more again, from now.
        more_in: Duration,
    },
    /// There is none left.
    Over {
        /// When there will be one again, from now.
        more_in: Duration,
    },
}

/// What is counted, apart by key.
#[derive(Debug)]
pub(crate) struct Quotas {
    tables: Vec<Mutex<Table>>,
    /// Two, so that no two keys are one: their values are secret, and 128 bits together.
    hashes: [RandomState; 2],
    keys_max: usize,
}

/// A key of what is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    own: u128,
    /// Of all that find no room.
    shared: u128,
}

#[derive(Debug, Default)]
struct Table {
    uses: HashMap<u128, Uses>,
    /// When it was searched last.
    swept: Duration,
}

/// The use of one key.
#[derive(Debug)]
struct Uses {
    rate: Rate,
    used: Used,
    /// From when on it says nothing any more.
    ends: Duration,
}

#[derive(Debug)]
enum Used {
    /// The moments of requests, in order.
    Moments(VecDeque<Duration>),
    /// Requests in parts of the window, which are counted since 1970-01-01: the newest last.
    Parts(VecDeque<(u64, u32)>),
    /// Requests in a window of a fixed beginning.
    Fixed { window: u64, count: u32 },
    /// When all that was admitted would have come at an even pace (GCRA, ITU-T I.371).
    Pace(Duration),
}

impl Default for Quotas {
    fn default() -> Self {
        Self::of(QUOTA_KEYS_MAX)
    }
}

impl Quotas {
    fn of(keys_max: usize) -> Self {
        let tables = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { tables, hashes: [RandomState::new(), RandomState::new()], keys_max }
    }

    /// The key of what is counted by a limit for somebody or something.
    pub(crate) fn key(&self, limit: &str, of: impl Hash) -> Key {
        let hash = |what: &dyn Fn(&RandomState) -> u64| {
            let [high, low] = self.hashes.each_ref().map(what);
            u128::from(high) << 64 | u128::from(low)
        };
        Key { own: hash(&|state| state.hash_one((limit, &of))), shared: hash(&|state| state.hash_one(limit)) }
    }

    /// Asks for so much more.
    pub(crate) fn take(&self, key: Key, rate: Rate, cost: u32, now: Duration) -> Taken {
        self.with(key, |table, keys_max| table.uses(key, rate, now, keys_max).take(cost, now))
    }

    /// Gives back what was taken at that time, because it came to nothing.
    pub(crate) fn give_back(&self, key: Key, rate: Rate, taken: Duration, cost: u32) {
        self.with(key, |table, _| {
            let kept = if table.uses.contains_key(&key.own) { key.own } else { key.common(rate) };
            if let Some(uses) = table.uses.get_mut(&kept) {
                uses.give_back(taken, cost);
            }
        });
    }

    /// Takes of every limit, or of none.
    pub(crate) fn take_all(&self, asks: &[&Ask], now: Duration) -> Said {
        let mut parts = Vec::with_capacity(asks.len());
        for (index, ask) in asks.iter().enumerate() {
            match self.take(ask.key, ask.rate, ask.cost, now) {
                Taken::One { left, more_in } => parts.push(Part { left, more_in, taken: now }),
                Taken::Over { more_in } => {
                    for ask in asks.iter().take(index) {
                        self.give_back(ask.key, ask.rate, now, ask.cost);
                    }
                    return Said::Over { index, more_in };
                }
            }
        }
        Said::Taken(parts)
    }

    fn with<T>(&self, key: Key, act: impl FnOnce(&mut Table, usize) -> T) -> T {
        let count = self.tables.len().max(1);
        match self.tables.get(key.shard(count)) {
            // Nothing below can panic half way, so that a poisoned table is a whole one.
            Some(table) => act(&mut table.lock().unwrap_or_else(PoisonError::into_inner), self.keys_max / count),
            None => act(&mut Table::default(), 1),
        }
    }
}

impl Key {
    /// Where all that find no room and are counted alike are counted together: others would begin it anew each time.
    fn common(self, rate: Rate) -> u128 {
        let kind = match Used::of(rate) {
            Used::Moments(_) => 0,
            Used::Parts(_) => 1,
            Used::Fixed { .. } => 2,
            Used::Pace(_) => 3,
        };
        self.shared.wrapping_add(rate.window.as_nanos().wrapping_mul(4) + kind)
    }

    /// In which of so many tables it is kept.
    pub(crate) fn shard(self, count: usize) -> usize {
        usize::try_from(self.own % count.max(1) as u128).unwrap_or(0)
    }
}

impl Table {
    /// The use of a key; where there is no room, of all that find none.
    fn uses(&mut self, key: Key, rate: Rate, now: Duration, keys_max: usize) -> &mut Uses {
        let mut kept = key.own;
        if !self.uses.contains_key(&kept) && self.uses.len() >= keys_max {
            // A clock that was set back must not keep it from being searched.
            if now.abs_diff(self.swept) >= SWEPT_EVERY {
                self.swept = now;
                self.uses.retain(|_, uses| uses.ends > now && uses.ends <= now + uses.rate.window * 2);
            }
            if self.uses.len() >= keys_max {
                kept = key.common(rate);
            }
        }
        let uses = self.uses.entry(kept).or_insert_with(|| Uses::new(rate));
        // A policy was loaded that says otherwise: what was counted goes on where it can.
        if uses.rate != rate {
            uses.go_on_as(rate);
        }
        uses
    }
}

impl Used {
    /// Nothing yet.
    fn of(rate: Rate) -> Self {
        match rate.counting {
            // What is under way counts like what came in a window, and is given back at its end.
            Counting::SlidingWindow | Counting::Concurrent if rate.quota <= EXACT_QUOTA_MAX => {
                Self::Moments(VecDeque::new())
            }
            Counting::SlidingWindow | Counting::Concurrent => Self::Parts(VecDeque::new()),
            Counting::FixedWindow => Self::Fixed { window: 0, count: 0 },
            Counting::Gcra => Self::Pace(Duration::ZERO),
        }
    }
}

impl Uses {
    fn new(rate: Rate) -> Self {
        Self { rate, used: Used::of(rate), ends: Duration::ZERO }
    }

    /// Another quota of the same window keeps what was counted; another way to count begins anew.
    fn go_on_as(&mut self, rate: Rate) {
        let next = Self::new(rate);
        let is_alike = std::mem::discriminant(&self.used) == std::mem::discriminant(&next.used);
        if is_alike && self.rate.window == rate.window {
            self.rate = rate;
        } else {
            *self = next;
        }
    }

    fn take(&mut self, cost: u32, now: Duration) -> Taken {
        let Rate { quota, window, .. } = self.rate;
        self.ends = now + window * 2;
        match &mut self.used {
            Used::Moments(moments) => take_moment(moments, quota, window, cost, now),
            Used::Parts(parts) => take_part(parts, quota, window, cost, now),
            Used::Fixed { window: begun, count } => {
                let (current, more_in) = window_of(now, window);
                if *begun != current {
                    (*begun, *count) = (current, 0);
                }
                if count.saturating_add(cost) > quota {
                    return Taken::Over { more_in };
                }
                *count += cost;
                Taken::One { left: quota - *count, more_in }
            }
            Used::Pace(due) => {
                let step = window / quota.max(1);
                // The clock was set back: nothing that is admitted is due later than a window.
                let at = if *due > now + window { now } else { (*due).max(now) };
                let ahead = at.saturating_sub(now);
                let asked = step.saturating_mul(cost);
                if ahead + asked > window {
                    return Taken::Over { more_in: (ahead + asked).saturating_sub(window) };
                }
                *due = at + asked;
                let left = window.saturating_sub(due.saturating_sub(now)).as_nanos() / step.as_nanos().max(1);
                Taken::One { left: u32::try_from(left).unwrap_or(u32::MAX), more_in: step }
            }
        }
    }

    fn give_back(&mut self, taken: Duration, cost: u32) {
        match &mut self.used {
            Used::Moments(moments) => {
                for _ in 0..cost {
                    let Some(index) = moments.iter().rposition(|moment| *moment == taken) else { break };
                    moments.remove(index);
                }
            }
            Used::Parts(parts) => {
                let part = part_of(taken, self.rate.window);
                if let Some((_, count)) = parts.iter_mut().find(|(known, _)| *known == part) {
                    *count = count.saturating_sub(cost);
                }
            }
            Used::Fixed { window, count } => {
                if *window == window_of(taken, self.rate.window).0 {
                    *count = count.saturating_sub(cost);
                }
            }
            Used::Pace(due) => {
                let step = self.rate.window / self.rate.quota.max(1);
                *due = due.saturating_sub(step.saturating_mul(cost));
            }
        }
    }
}

/// The number of the fixed window that this moment is in, and how long it lasts from then.
fn window_of(now: Duration, window: Duration) -> (u64, Duration) {
    let nanos = window.as_nanos().max(1);
    let (number, passed) = (now.as_nanos() / nanos, now.as_nanos() % nanos);
    (u64::try_from(number).unwrap_or(u64::MAX), Duration::from_nanos(u64::try_from(nanos - passed).unwrap_or(u64::MAX)))
}

/// The number of the part of a window that this moment is in.
fn part_of(now: Duration, window: Duration) -> u64 {
    u64::try_from(now.as_nanos() * u128::from(PARTS) / window.as_nanos().max(1)).unwrap_or(u64::MAX)
}

/// A request counts for a window from its moment on.
fn take_moment(moments: &mut VecDeque<Duration>, quota: u32, window: Duration, cost: u32, now: Duration) -> Taken {
    // What lies behind now was written before the clock was set back.
    while moments.back().is_some_and(|moment| *moment > now + window) {
        moments.pop_back();
    }
    // What lies ahead by less than a window counts for one from now on.
    for moment in moments.iter_mut().rev().take_while(|moment| **moment > now) {
        *moment = now;
    }
    while moments.front().is_some_and(|moment| *moment + window <= now) {
        moments.pop_front();
    }
    let until_gone = |moment: &Duration| (*moment + window).saturating_sub(now);
    let count = u32::try_from(moments.len()).unwrap_or(u32::MAX);
    if let Some(too_many) = count.saturating_add(cost).checked_sub(quota).filter(|too_many| *too_many > 0) {
        // Of a quota that became smaller there may be more: as many must go.
        let last = usize::try_from(too_many - 1).unwrap_or(0);
        return Taken::Over { more_in: moments.get(last).map_or(window, until_gone) };
    }
    let place = moments.partition_point(|moment| *moment <= now);
    for _ in 0..cost {
        moments.insert(place, now);
    }
    Taken::One { left: quota - count - cost, more_in: moments.front().map_or(window, until_gone) }
}

/// A request counts until all of the part that it came in has left the window.
fn take_part(parts: &mut VecDeque<(u64, u32)>, quota: u32, window: Duration, cost: u32, now: Duration) -> Taken {
    let current = part_of(now, window);
    parts.retain(|(part, _)| *part <= current.saturating_add(PARTS));
    // What lies ahead by less than a window, because the clock was set back, counts for one from now on.
    while let Some((_, ahead)) = parts.pop_back_if(|(part, _)| *part > current) {
        match parts.back_mut() {
            Some((part, count)) if *part >= current => *count = count.saturating_add(ahead),
            _ => parts.push_back((current, ahead)),
        }
    }
    while parts.front().is_some_and(|(part, _)| part.saturating_add(PARTS) < current) {
        parts.pop_front();
    }
    // Until the parts up to this one count no more.
    let until_gone = |part: u64| {
        let nanos = u128::from(part.saturating_add(PARTS).saturating_add(1)) * window.as_nanos();
        let gone = nanos.div_ceil(u128::from(PARTS));
        Duration::from_nanos(u64::try_from(gone).unwrap_or(u64::MAX)).saturating_sub(now)
    };
    let count = parts.iter().fold(0_u32, |sum, (_, count)| sum.saturating_add(*count));
    if let Some(mut too_many) = count.saturating_add(cost).checked_sub(quota).filter(|too_many| *too_many > 0) {
        for (part, count) in parts.iter() {
            match too_many.checked_sub(*count).filter(|left| *left > 0) {
                Some(left) => too_many = left,
                None => return Taken::Over { more_in: until_gone(*part) },
            }
        }
        return Taken::Over { more_in: window };
    }
    if let Some((_, count)) = parts.iter_mut().find(|(part, _)| *part == current) {
        *count += cost;
    } else {
        let place = parts.partition_point(|(part, _)| *part < current);
        parts.insert(place, (current, cost));
    }
    Taken::One { left: quota - count - cost, more_in: parts.front().map_or(window, |(part, _)| until_gone(*part)) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const START: Duration = Duration::from_secs(1_767_225_601);

    fn rate(counting: Counting, quota: u32, window_s: u64) -> Rate {
        Rate { quota, window: SECOND * u32::try_from(window_s).unwrap(), counting }
    }

    fn admits(taken: Taken) -> bool {
        matches!(taken, Taken::One { .. })
    }

    #[test]
    fn a_quota_admits_as_many_as_it_says_however_many_come_at_once() {
        for counting in Counting::ALL {
            for quota in [10, EXACT_QUOTA_MAX, EXACT_QUOTA_MAX + 1, 1000] {
                let quotas = Arc::new(Quotas::default());
                let rate = rate(*counting, quota, 60);
                let admitted: usize = thread::scope(|scope| {
                    let ask = || {
                        let key = quotas.key("login", "a");
                        (0..500).filter(|_| admits(quotas.take(key, rate, 1, START))).count()
                    };
                    let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
                    asking.into_iter().map(|one| one.join().unwrap()).sum()
                });
                assert_eq!(admitted, usize::try_from(quota).unwrap(), "{counting:?} of {quota}");
            }
        }
    }

    #[test]
    fn what_is_left_and_when_there_is_more_is_told() {
        let quotas = Quotas::default();
        let (key, rate) = (quotas.key("a", 1), rate(Counting::SlidingWindow, 2, 60));
        assert_eq!(quotas.take(key, rate, 1, START), Taken::One { left: 1, more_in: SECOND * 60 });
        assert_eq!(quotas.take(key, rate, 1, START + SECOND * 10), Taken::One { left: 0, more_in: SECOND * 50 });
        assert_eq!(quotas.take(key, rate, 1, START + SECOND * 20), Taken::Over { more_in: SECOND * 40 });
        assert_eq!(quotas.take(key, rate, 1, START + SECOND * 60), Taken::One { left: 0, more_in: SECOND * 10 });
        let other = quotas.key("a", 2);
        assert!(admits(quotas.take(other, rate, 1, START)), "others are counted apart");
    }

    #[test]
    fn gcra_lets_a_burst_through_and_then_one_after_another() {
        let quotas = Quotas::default();
        let (key, rate) = (quotas.key("a", 1), rate(Counting::Gcra, 10, 10));
        let burst = (0..20).filter(|_| admits(quotas.take(key, rate, 1, START))).count();
        assert_eq!(burst, 10);
        assert_eq!(quotas.take(key, rate, 1, START), Taken::Over { more_in: SECOND });
        assert!(admits(quotas.take(key, rate, 1, START + SECOND)));
        assert!(!admits(quotas.take(key, rate, 1, START + SECOND)));
    }

    #[test]
    fn a_fixed_window_begins_anew_at_its_boundary() {
        let quotas = Quotas::default();
        let (key, rate) = (quotas.key("a", 1), rate(Counting::FixedWindow, 1, 60));
        let before = Duration::from_secs(START.as_secs() / 60 * 60 + 59);
        let boundary = before + SECOND;
        assert!(admits(quotas.take(key, rate, 1, before)));
        assert_eq!(quotas.take(key, rate, 1, before), Taken::Over { more_in: SECOND });
        assert!(admits(quotas.take(key, rate, 1, boundary)));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        for counting in Counting::ALL {
            for quota in [1, EXACT_QUOTA_MAX + 1] {
                let quotas = Quotas::default();
                let (key, rate) = (quotas.key("a", 1), rate(*counting, quota, 60));
                while admits(quotas.take(key, rate, 1, START)) {}
                quotas.give_back(key, rate, START, 1);
                assert!(admits(quotas.take(key, rate, 1, START)), "{counting:?} of {quota}");
                assert!(!admits(quotas.take(key, rate, 1, START)), "{counting:?} of {quota}");
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_window() {
        for counting in Counting::ALL {
            for quota in [2, EXACT_QUOTA_MAX + 1] {
                let quotas = Quotas::default();
                let (key, rate) = (quotas.key("a", 1), rate(*counting, quota, 60));
                while admits(quotas.take(key, rate, 1, START + SECOND * 3600)) {}
                assert!(admits(quotas.take(key, rate, 1, START + SECOND * 61)), "{counting:?} of {quota}");
                // By less than a window, too.
                let key = quotas.key("b", 1);
                while admits(quotas.take(key, rate, 1, START + SECOND * 50)) {}
                let _ = quotas.take(key, rate, 1, START);
                assert!(admits(quotas.take(key, rate, 1, START + SECOND * 61)), "{counting:?} of {quota}");
            }
        }
    }

    #[test]
    fn another_quota_of_the_same_window_goes_on_with_what_was_counted() {
        let quotas = Quotas::default();
        let key = quotas.key("a", 1);
        for _ in 0..5 {
            quotas.take(key, rate(Counting::SlidingWindow, 10, 60), 1, START);
        }
        let (fewer, more) = (rate(Counting::SlidingWindow, 3, 60), rate(Counting::SlidingWindow, 6, 60));
        assert_eq!(quotas.take(key, fewer, 1, START + SECOND), Taken::Over { more_in: SECOND * 59 });
        assert!(admits(quotas.take(key, more, 1, START + SECOND)));
        assert!(!admits(quotas.take(key, more, 1, START + SECOND)));
    }

    #[test]
    fn keys_beyond_the_bound_are_counted_together_and_free_nobody() {
        let quotas = Quotas::of(SHARDS * 4);
        let rate = rate(Counting::SlidingWindow, 1, 60);
        let mine = quotas.key("login", "mine");
        assert!(admits(quotas.take(mine, rate, 1, START)));
        let others =
            (0..10_000).filter(|other| admits(quotas.take(quotas.key("login", other), rate, 1, START))).count();
        // Each table holds its share, and one more that all others have in common.
        assert_eq!(others, SHARDS * 4 - 1 + SHARDS);
        assert!(!admits(quotas.take(mine, rate, 1, START)), "a flood of others frees nobody");
        let held: usize = quotas.tables.iter().map(|table| table.lock().unwrap().uses.len()).sum();
        assert_eq!(held, SHARDS * 5);
        assert!(
            admits(quotas.take(quotas.key("login", "late"), rate, 1, START + SECOND * 121)),
            "what has ended makes room"
        );
    }

    #[test]
    fn beyond_the_bound_those_counted_in_another_way_begin_nothing_anew() {
        let quotas = Quotas::of(0);
        // All keys of one table are counted together.
        let first = quotas.key("keys", 0);
        let others = (1..10_000).map(|other| quotas.key("keys", other));
        let other = others.into_iter().find(|key| key.shard(SHARDS) == first.shard(SHARDS)).unwrap();
        let many = EXACT_QUOTA_MAX + 1;
        let rates = [(first, 2, 60), (other, 2, 61), (other, many, 60)]
            .map(|(key, quota, window_s)| (key, rate(Counting::SlidingWindow, quota, window_s)));
        let admitted = |(key, rate): (Key, Rate)| admits(quotas.take(key, rate, rate.quota / 2, START));
        for _ in 0..2 {
            assert!(rates.iter().all(|one| admitted(*one)));
        }
        // One more of the odd quota is left, and nothing of the others.
        assert_eq!(rates.map(admitted), [false; 3]);
    }

    proptest! {
        /// Beside a model that knows every moment: never more than the quota in any window, and no more than one part in so many
        /// refused without need.
        #[test]
        fn a_sliding_window_is_that_of_a_clocked_model(
            quota in prop_oneof![1_u32..=10, EXACT_QUOTA_MAX - 1..=EXACT_QUOTA_MAX + 200],
            gaps in prop::collection::vec(0_u64..400, 50..1500),
        ) {
            let quotas = Quotas::default();
            let rate = rate(Counting::SlidingWindow, quota, 10);
            let key = quotas.key("a", 1);
            let (mut now, mut model, mut strict) = (START, VecDeque::new(), VecDeque::new());
            // A window that is longer by one part refuses at most as much as parts do.
            let longer = rate.window + rate.window / u32::try_from(PARTS).unwrap();
            for gap in gaps {
                now += Duration::from_millis(gap);
                let admitted = admits(quotas.take(key, rate, 1, now));
                model.retain(|moment: &Duration| *moment + rate.window > now);
                strict.retain(|moment: &Duration| *moment + longer > now);
                if quota <= EXACT_QUOTA_MAX {
                    prop_assert_eq!(admitted, model.len() < usize::try_from(quota).unwrap());
                }
                if admitted {
                    model.push_back(now);
                    strict.push_back(now);
                } else {
                    prop_assert!(strict.len() >= usize::try_from(quota).unwrap(), "refused without need");
                }
                prop_assert!(model.len() <= usize::try_from(quota).unwrap(), "more than the quota in a window");
            }
        }
    }
}
