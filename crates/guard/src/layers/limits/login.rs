//! Wrong passwords. They are counted for an account and the network they come from, in steps: a few in seconds, some in a minute,
//! more in the time of a lock, so that the next try is further away the more there were. Together with all networks in which the
//! account never signed in well they are counted as well, and for a network whatever the accounts. So who tries passwords of an
//! account locks it for themselves, and for strangers: its owner comes from where it signed in before.
//!
//! Signing in well notes the network, and begins the steps anew there. A lock is noted, too: it outlives a restart where notes do.
//! An account that does not exist is counted like any other.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use policy::{Pointer, WhenStoreDown};

use super::counter::{Counter, field};
use super::seconds;
use crate::entrance::holder;
use crate::exchange::Exchange;
use crate::store::subject::{Of, Subject};
use crate::store::{Ask, Number, Store, millis};

/// In which time wrong passwords of an account from strangers, and of a network, are counted.
const HOUR: Duration = Duration::from_hours(1);
/// Locks that are shorter are not noted.
const LOCK_TIME_MIN: Duration = Duration::from_mins(1);
/// How long it is known that an account was unlocked: longer than any lock.
const UNLOCKED_TIME: Duration = Duration::from_hours(24 * 60);
/// Wrong passwords that are taken, unless the policy says so.
const ACCOUNT_TRIES: u32 = 100;
const NETWORK_TRIES: u32 = 100;
const KNOWN_DAYS: u32 = 30;

/// A login as it is counted.
pub(super) struct Login {
    account: Pointer,
    /// Of an account from one network, the shortest time first.
    steps: Vec<Rc<Counter>>,
    /// Of an account from networks where it never signed in well.
    strangers: Rc<Counter>,
    /// Of a network.
    network: Rc<Counter>,
    known: Duration,
}

/// Who tries.
#[derive(Debug)]
pub(crate) struct Who {
    account: Option<String>,
    network: IpAddr,
    known: Duration,
    /// What may be noted, in the order of [`Noted`].
    notes: Rc<[Subject]>,
}

/// What is asked for, with the limits that it is asked of.
pub(super) type Asked = (Vec<Rc<Counter>>, Vec<Ask>);
/// A limit that locks somebody, and for how long.
pub(super) type Locked = (Rc<Counter>, Duration);

/// What is known of who tries.
struct Noted {
    /// When the account was unlocked, and when it signed in well from this network: what was counted before counts no more.
    unlocked: u64,
    known: Option<u64>,
    /// When the account was locked for this network, for strangers, and the network for all accounts.
    locks: [Option<u64>; 3],
}

impl Login {
    pub(super) fn of(login: &policy::Login) -> Self {
        let counter = |name: &str, quota: u32, window: Duration| {
            let down = login.when_store_down.unwrap_or(WhenStoreDown::Local);
            Rc::new(Counter::of_login(name, quota, window, down))
        };
        let time = |seconds: u32| Duration::from_secs(u64::from(seconds));
        let number = |number: Option<std::num::NonZeroU32>, usual: u32| number.map_or(usual, std::num::NonZeroU32::get);
        Self {
            account: login.account.clone(),
            steps: login.steps().into_iter().map(|(tries, window_s)| counter("login", tries, time(window_s))).collect(),
            strangers: counter("login-account", number(login.account_tries, ACCOUNT_TRIES), HOUR),
            network: counter("login-network", number(login.network_tries, NETWORK_TRIES), HOUR),
            known: Duration::from_hours(24) * number(login.known_days, KNOWN_DAYS),
        }
    }

    /// Who tries, as the request says it. Who names no account is counted by the network alone.
    pub(super) fn who(&self, exchange: &Exchange) -> Who {
        let (account, network) = (field(exchange, &self.account), holder(exchange.client.address));
        let notes = NOTES.map(|(name, by)| subject(name, by, account.as_deref(), network));
        Who { account, network, known: self.known, notes: notes.into() }
    }

    /// What is asked for, with the limits that it is asked of; where somebody is locked, of which, and for how long.
    pub(super) fn asks(&self, who: &Rc<Who>, noted: &[Number], exchange: &Exchange) -> Result<Asked, Locked> {
        let noted = Noted::of(noted);
        let since = noted.unlocked.max(noted.known.unwrap_or(0));
        let now = exchange.worker.now();
        let last = self.steps.last().unwrap_or(&self.network);
        let counters = [(last, since), (&self.strangers, noted.unlocked), (&self.network, 0)];
        for (index, ((counter, since), lock)) in counters.into_iter().zip(noted.locks).enumerate() {
            let is_stranger = noted.known.is_none();
            let lock = lock.map(Lock::of).filter(|lock| lock.until > now && (index != STRANGERS || is_stranger));
            // A lock holds unless somebody was freed since it began.
            if let Some(lock) = lock.filter(|lock| Duration::from_millis(since) < lock.began) {
                return Err((counter.clone(), lock.until.saturating_sub(now)));
            }
        }
        let mut counted: Vec<(Rc<Counter>, Vec<Of>)> = Vec::with_capacity(self.steps.len() + 2);
        let (account, address) = (who.account.clone().map_or(Of::NoField, Of::Field), Of::Address(who.network));
        // The longest first: who waits is told for how long, and not until when the next step holds them up.
        for (index, step) in self.steps.iter().enumerate().rev() {
            let step_number = Of::Since(u64::try_from(index).unwrap_or(0));
            counted.push((step.clone(), vec![account.clone(), address.clone(), Of::Since(since), step_number]));
        }
        // Who names no account is one of its own, so that a body which nobody here can read is no way around.
        if noted.known.is_none() {
            counted.push((self.strangers.clone(), vec![account, Of::Since(noted.unlocked)]));
        }
        counted.push((self.network.clone(), vec![address]));
        let asks = counted.iter().map(|(counter, of)| counter.ask_for(of.clone(), exchange, 1)).collect();
        Ok((counted.into_iter().map(|(counter, _)| counter).collect(), asks))
    }
}

/// Which of the locks is that for strangers.
const STRANGERS: usize = 1;
/// How many bits of a note say how long a lock is, in seconds: the others say until when.
const LENGTH_BITS: u32 = 22;

/// A lock, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lock {
    began: Duration,
    until: Duration,
}

impl Lock {
    fn number(self) -> u64 {
        let length = self.until.saturating_sub(self.began);
        let (until, length) = (seconds(self.until), seconds(length));
        until << LENGTH_BITS | length.min((1 << LENGTH_BITS) - 1)
    }

    fn of(number: u64) -> Self {
        let (until, length) = (number >> LENGTH_BITS, number & ((1 << LENGTH_BITS) - 1));
        Self { began: Duration::from_secs(until.saturating_sub(length)), until: Duration::from_secs(until) }
    }
}

/// What may be noted, by its name, and by what.
const NOTES: [(&str, By); 5] = [
    ("login unlocked", By::Account),
    ("login known", By::Both),
    ("login locked", By::Both),
    ("login locked for strangers", By::Account),
    ("login locked network", By::Network),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Account,
    Network,
    Both,
}

fn subject(name: &str, by: By, account: Option<&str>, network: IpAddr) -> Subject {
    let mut of = Vec::with_capacity(2);
    if by != By::Network {
        of.push(account.map_or(Of::NoField, |account| Of::Field(account.to_owned())));
    }
    if by != By::Account {
        of.push(Of::Address(network));
    }
    Subject { limit: Arc::from(name), of }
}

impl Noted {
    fn of(noted: &[Number]) -> Self {
        let of = |index: usize| noted.get(index).copied().flatten();
        Self { unlocked: of(0).unwrap_or(0), known: of(1), locks: [of(2), of(3), of(4)] }
    }
}

impl Who {
    /// What may be noted of it.
    pub(super) fn notes(&self) -> &Rc<[Subject]> {
        &self.notes
    }

    /// It signed in well.
    pub(super) fn signed_in(&self, store: &Rc<dyn Store>, now: Duration) {
        if let Some(known) = self.notes.get(1).filter(|_| self.account.is_some()) {
            store.note(known, millis(now), self.known, now);
        }
    }

    /// A password was wrong, and there is none left of a limit.
    pub(super) fn locked(&self, counter: &Counter, more_in: Duration, store: &Rc<dyn Store>, now: Duration) {
        // Behind what is noted of who was freed.
        let index = match &*counter.name {
            "login" => 2,
            "login-account" => 2 + STRANGERS,
            _ => 4,
        };
        if let Some(lock) = self.notes.get(index).filter(|_| more_in >= LOCK_TIME_MIN) {
            let until = Duration::from_secs(seconds(now + more_in));
            store.note(lock, Lock { began: now, until }.number(), until.saturating_sub(now), now);
        }
    }
}

/// Frees an account wherever it is locked.
pub(crate) fn unlock(account: &str, store: &dyn Store, now: Duration) {
    let of = vec![Of::Field(super::counter::as_account(account))];
    let unlocked = Subject { limit: Arc::from("login unlocked"), of };
    store.note(&unlocked, millis(now), UNLOCKED_TIME, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_was_noted_up_to_its_longest() {
        let now = Duration::from_secs(1_767_225_601);
        for seconds in [1, 900, 86_400, (1 << LENGTH_BITS) - 1] {
            let lock = Lock { began: now, until: now + Duration::from_secs(seconds) };
            assert_eq!(Lock::of(lock.number()), lock);
        }
        let longer = Lock { began: now, until: now + Duration::from_secs(1 << LENGTH_BITS) };
        assert!(Lock::of(longer.number()).began > now, "of a longer one the beginning is later, the end is kept");
    }
}
