//! Which ids the application has given to whom: of each principal and kind of object, in the memory of this process, shared by its
//! workers and bounded. What had to be forgotten is known to be, so that nobody is taken never to have been given what was forgotten.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::PoisonError;
use std::time::Duration;

use crate::shared::Mutex;

/// The most ids of a kind that are known of a principal. Behind it the oldest go.
pub const LEARNED_IDS_MAX: usize = 1024;
/// The most principals, each with one kind, of whom any are known. Behind it those go of whom nothing was learned for longest.
pub const LEARNED_PRINCIPALS_MAX: usize = 16 * 1024;
/// The most ids that are known in all.
pub const LEARNED_ALL_MAX: usize = 1024 * 1024;
/// Over how many tables principals are spread, so that workers seldom meet.
const SHARDS: usize = 16;
/// How often an id that is given again and again is new once more: for whoever notes it elsewhere.
const RENEWED: Duration = Duration::from_hours(24);

/// Whether somebody was given an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// It was.
    Yes,
    /// It was not, since this process runs.
    Never,
    /// Some of what was given is not known any more.
    Unknown,
}

/// Somebody, and a kind of object. Its values are secret hashes, so that no two of them are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Holder(u128);

/// What was given to whom.
#[derive(Debug)]
pub(crate) struct Learned {
    tables: Vec<Mutex<Table>>,
    hashes: [RandomState; 2],
    bounds: Bounds,
}

/// How much a table holds.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    ids: usize,
    holders: usize,
    all: usize,
}

#[derive(Debug, Default)]
struct Table {
    holders: HashMap<Holder, Held>,
    /// How many ids there are of all of them.
    count: usize,
    /// When something was learned, as a number that grows.
    turn: u64,
    /// Whether somebody was forgotten whole.
    has_forgotten: bool,
}

/// What somebody was given.
#[derive(Debug, Default)]
struct Held {
    /// The hash of each id, with when it was new.
    ids: HashMap<u64, Duration>,
    /// The same, the oldest first.
    order: VecDeque<u64>,
    /// Whether some are not known: they were forgotten, or could not be read.
    is_partial: bool,
    /// When something was learned last.
    turn: u64,
}

impl Default for Learned {
    fn default() -> Self {
        Self::of(Bounds {
            ids: LEARNED_IDS_MAX,
            holders: LEARNED_PRINCIPALS_MAX / SHARDS,
            all: LEARNED_ALL_MAX / SHARDS,
        })
    }
}

impl Learned {
    fn of(bounds: Bounds) -> Self {
        let tables = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { tables, hashes: [RandomState::new(), RandomState::new()], bounds }
    }

    /// Somebody as an identity knows them, and a kind of object.
    pub(crate) fn holder(&self, identity: &str, subject: &str, objects: &str) -> Holder {
        let [high, low] = self.hashes.each_ref().map(|state| state.hash_one((identity, subject, objects)));
        Holder(u128::from(high) << 64 | u128::from(low))
    }

    /// Whether somebody was given this id.
    pub(crate) fn was_given(&self, holder: Holder, id: &str) -> Given {
        let id = self.id(id);
        self.with(holder, |table, _| match table.holders.get(&holder) {
            Some(held) if held.ids.contains_key(&id) => Given::Yes,
            Some(Held { is_partial: true, .. }) => Given::Unknown,
            None if table.has_forgotten => Given::Unknown,
            Some(_) | None => Given::Never,
        })
    }

    /// Somebody was given these; gives back those that are new, or were for long not.
    pub(crate) fn learn<'i>(&self, holder: Holder, ids: &'i [String], now: Duration) -> Vec<&'i String> {
        let hashed: Vec<(u64, &String)> = ids.iter().map(|id| (self.id(id), id)).collect();
        self.with(holder, |table, bounds| {
            table.turn += 1;
            let turn = table.turn;
            let held = table.holders.entry(holder).or_default();
            held.turn = turn;
            let before = held.ids.len();
            let mut new = Vec::new();
            for (hash, id) in hashed {
                // A clock that was set back makes it new, too.
                let is_known = held.ids.get(&hash).is_some_and(|since| now.abs_diff(*since) < RENEWED);
                if is_known {
                    continue;
                }
                new.push(id);
                if held.ids.insert(hash, now).is_none() {
                    held.order.push_back(hash);
                }
                if held.ids.len() > bounds.ids {
                    held.is_partial = true;
                    if let Some(oldest) = held.order.pop_front() {
                        held.ids.remove(&oldest);
                    }
                }
            }
            table.count = table.count.saturating_sub(before) + held.ids.len();
            table.make_room(holder, bounds);
            new
        })
    }

    /// An id that somebody was given is new once more when it is given again.
    pub(crate) fn renew(&self, holder: Holder, id: &str) {
        let id = self.id(id);
        self.with(holder, |table, _| {
            if let Some(since) = table.holders.get_mut(&holder).and_then(|held| held.ids.get_mut(&id)) {
                *since = Duration::ZERO;
            }
        });
    }

    /// Somebody was given some that could not be read. Whether that is new of them.
    pub(crate) fn lost(&self, holder: Holder) -> bool {
        self.with(holder, |table, bounds| {
            table.turn += 1;
            let turn = table.turn;
            let held = table.holders.entry(holder).or_default();
            held.turn = turn;
            let is_new = !std::mem::replace(&mut held.is_partial, true);
            table.make_room(holder, bounds);
            is_new
        })
    }

    fn id(&self, id: &str) -> u64 {
        let [state, _] = &self.hashes;
        state.hash_one(id)
    }

    fn with<T>(&self, holder: Holder, act: impl FnOnce(&mut Table, Bounds) -> T) -> T {
        let index = usize::try_from(holder.0 % self.tables.len().max(1) as u128).unwrap_or(0);
        match self.tables.get(index) {
            // Nothing that is done there can panic half way, so that a poisoned table is a whole one.
            Some(table) => act(&mut table.lock().unwrap_or_else(PoisonError::into_inner), self.bounds),
            None => act(&mut Table::default(), self.bounds),
        }
    }
}

impl Table {
    /// Forgets those of whom nothing was learned for longest, until there is room; never this one.
    fn make_room(&mut self, but: Holder, bounds: Bounds) {
        while self.holders.len() > bounds.holders || self.count > bounds.all {
            let others = self.holders.iter().filter(|(holder, _)| **holder != but);
            let Some(oldest) = others.min_by_key(|(_, held)| held.turn).map(|(holder, _)| *holder) else { return };
            if let Some(held) = self.holders.remove(&oldest) {
                self.count = self.count.saturating_sub(held.ids.len());
                self.has_forgotten = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_hours(24 * 365);

    fn ids(range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|id| id.to_string()).collect()
    }

    #[test]
    fn who_was_given_an_id_is_known_and_who_was_not_too() {
        let learned = Learned::default();
        let [ann, bob] = ["ann", "bob"].map(|subject| learned.holder("users", subject, "orders"));
        assert_eq!(learned.learn(ann, &ids(0..2), NOW).len(), 2);
        assert_eq!([learned.was_given(ann, "1"), learned.was_given(ann, "2")], [Given::Yes, Given::Never]);
        assert_eq!(learned.was_given(bob, "1"), Given::Never);
        assert_eq!(learned.was_given(learned.holder("users", "ann", "files"), "1"), Given::Never, "another kind");
        assert_eq!(learned.was_given(learned.holder("partners", "ann", "orders"), "1"), Given::Never);
        let more = ids(1..3);
        assert_eq!(learned.learn(ann, &more, NOW + Duration::from_secs(1)), ["2"], "what is known is not new");
        assert_eq!(learned.learn(ann, &ids(1..2), NOW + RENEWED).len(), 1, "until it is noted again");
    }

    #[test]
    fn so_many_ids_of_somebody_are_known_and_behind_them_it_cannot_be_told() {
        let learned = Learned::default();
        let ann = learned.holder("users", "ann", "orders");
        learned.learn(ann, &ids(0..LEARNED_IDS_MAX), NOW);
        assert_eq!([learned.was_given(ann, "0"), learned.was_given(ann, "x")], [Given::Yes, Given::Never]);
        learned.learn(ann, &ids(LEARNED_IDS_MAX..LEARNED_IDS_MAX + 1), NOW);
        assert_eq!([learned.was_given(ann, "0"), learned.was_given(ann, "x")], [Given::Unknown; 2]);
        assert_eq!([learned.was_given(ann, "1"), learned.was_given(ann, "1024")], [Given::Yes; 2]);
        assert_eq!(learned.tables.iter().map(|table| table.lock().unwrap().count).sum::<usize>(), LEARNED_IDS_MAX);
    }

    #[test]
    fn so_many_principals_are_known_and_of_those_that_were_forgotten_it_cannot_be_told() {
        let learned = Learned::of(Bounds { ids: 4, holders: 8, all: 1000 });
        let all: Vec<Holder> =
            (0..).map(|index| learned.holder("users", &format!("{index}"), "orders")).take(400).collect();
        let table = |holder: &&Holder| holder.0.is_multiple_of(SHARDS as u128);
        let of_one: Vec<Holder> = all.iter().filter(table).copied().take(9).collect();
        let stranger = all.iter().filter(table).nth(9).copied().unwrap();
        for holder in &of_one[..8] {
            learned.learn(*holder, &ids(0..1), NOW);
        }
        assert_eq!(learned.was_given(stranger, "0"), Given::Never);
        assert!(of_one[..8].iter().all(|holder| learned.was_given(*holder, "0") == Given::Yes));
        learned.learn(of_one[0], &ids(0..1), NOW);
        learned.learn(of_one[8], &ids(0..1), NOW);
        // The second one was not heard of for longest; nobody can tell it from a stranger any more.
        assert_eq!([learned.was_given(of_one[1], "0"), learned.was_given(stranger, "0")], [Given::Unknown; 2]);
        assert_eq!([learned.was_given(of_one[0], "0"), learned.was_given(of_one[0], "1")], [Given::Yes, Given::Never]);
    }

    #[test]
    fn so_many_ids_are_known_in_all() {
        let learned = Learned::of(Bounds { ids: 4, holders: 8, all: 4 });
        let all = (0..).map(|index| learned.holder("users", &format!("{index}"), "orders"));
        let of_one: Vec<Holder> = all.filter(|holder| holder.0.is_multiple_of(SHARDS as u128)).take(3).collect();
        learned.learn(of_one[0], &ids(0..2), NOW);
        learned.learn(of_one[1], &ids(0..2), NOW);
        assert_eq!(learned.was_given(of_one[0], "0"), Given::Yes, "at the bound");
        learned.learn(of_one[2], &ids(0..1), NOW);
        assert_eq!(
            [learned.was_given(of_one[0], "0"), learned.was_given(of_one[1], "0")],
            [Given::Unknown, Given::Yes]
        );
    }

    #[test]
    fn what_could_not_be_read_is_known_to_be_missing() {
        let learned = Learned::default();
        let ann = learned.holder("users", "ann", "orders");
        learned.learn(ann, &ids(0..1), NOW);
        learned.lost(ann);
        assert_eq!([learned.was_given(ann, "0"), learned.was_given(ann, "1")], [Given::Yes, Given::Unknown]);
    }
}
