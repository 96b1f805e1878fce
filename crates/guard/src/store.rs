//! What is kept of requests so that they can be limited: how much of each limit is used. [`Store`] is asked by the layer `limits`;
//! behind it is the memory of this process (`quota.rs`), or a Redis that several gateways share ([`shared::Shared`]).

pub(crate) mod lease;
pub(crate) mod link;
pub(crate) mod notes;
pub(crate) mod script;
pub(crate) mod shared;
pub(crate) mod subject;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use policy::Sharing;

use self::notes::Notes;
use self::subject::Subject;
use crate::quota::{Key, Quotas, Rate};

/// What is asked for by one limit.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// What it is counted under in this process.
    pub(crate) key: Key,
    /// What it is counted under wherever it is counted.
    pub(crate) subject: Rc<Subject>,
    pub(crate) rate: Rate,
    /// How much is asked for.
    pub(crate) cost: u32,
    pub(crate) sharing: Sharing,
}

/// What became of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// There was enough of every limit, and it was taken.
    Taken(Vec<Part>),
    /// A limit has too little left, and nothing was taken.
    Over {
        /// Which of them.
        index: usize,
        /// When there will be enough, from now.
        more_in: Duration,
    },
    /// The store does not answer.
    Down,
}

/// What was taken of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// How much is left.
    pub(crate) left: u32,
    /// When there will be more again, from now.
    pub(crate) more_in: Duration,
    /// When it was taken, by the clock of the store: what is given back says that.
    pub(crate) taken: Duration,
}

/// An answer of a store.
pub(crate) enum Answer {
    /// It is known.
    Now(Said),
    /// It must be waited for, and no longer than the store may take.
    Later(Later<Said>),
}

/// Where it is kept what is used of limits.
pub(crate) trait Store: fmt::Debug {
    /// Takes of every limit, or of none.
    fn take(&self, asks: &Rc<[Ask]>, now: Duration) -> Answer;

    /// Gives back what was taken, because it came to nothing. Nobody waits for it.
    fn give_back(&self, ask: &Ask, taken: Duration);

    /// What is noted of these.
    fn noted(&self, of: &Rc<[Subject]>, now: Duration) -> Noted;

    /// The same, and nothing where the store that others share does not answer: what this process knows alone is no answer.
    fn noted_there(&self, of: &Rc<[Subject]>, now: Duration) -> Noted {
        self.noted(of, now)
    }

    /// Notes a number of somebody or something for a while; a longer note stays. Nobody waits for it.
    fn note(&self, of: &Subject, number: u64, lasts: Duration, now: Duration);
}

/// A moment, or a time, as notes have it.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The number that is noted, if there is one.
pub(crate) type Number = Option<u64>;

/// What is known later.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// What a store knows of notes.
pub(crate) enum Noted {
    /// For each its number, where it has one.
    Now(Vec<Number>),
    /// It must be waited for; nothing where the store does not answer.
    Later(Later<Option<Vec<Number>>>),
}

/// The store that is this process alone.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) notes: Arc<Notes>,
}

impl Store for Own {
    fn take(&self, asks: &Rc<[Ask]>, now: Duration) -> Answer {
        let asks: Vec<&Ask> = asks.iter().collect();
        Answer::Now(self.quotas.take_all(&asks, now))
    }

    fn give_back(&self, ask: &Ask, taken: Duration) {
        self.quotas.give_back(ask.key, ask.rate, taken, ask.cost);
    }

    fn noted(&self, of: &Rc<[Subject]>, now: Duration) -> Noted {
        Noted::Now(of.iter().map(|one| self.notes.get(&one.digest(), now)).collect())
    }

    fn note(&self, of: &Subject, number: u64, lasts: Duration, now: Duration) {
        self.notes.put(of.digest(), number, lasts, now);
    }
}
