//! What a policy says of a login: how many wrong passwords are taken, from where.

use std::num::NonZeroU32;

use crate::limit::WhenStoreDown;
use crate::value::Pointer;

table! {
    /// Wrong passwords at a login. They are counted for an account and the network that they come from, so that who tries
    /// passwords locks out nobody but themselves: the more there were, the longer until the next one, up to a lock. From networks
    /// in which the account never signed in well they are counted together as well. An answer with a status of 400 to 499 is a
    /// wrong one. What is said does not depend on whether there is such an account.
    pub struct Login {
        /// The field of the body that names the account.
        pub account: Pointer,
        /// Wrong ones of an account from one network until it is locked there; absent: 10.
        pub tries: Option<NonZeroU32>,
        /// Seconds until that lock ends; absent: 900.
        pub lock_s: Option<NonZeroU32>,
        /// Wrong ones of an account in an hour, from all networks in which it never signed in well, until it is locked for those;
        /// absent: 100.
        pub account_tries: Option<NonZeroU32>,
        /// Wrong ones from one network in an hour, whatever the accounts; absent: 100.
        pub network_tries: Option<NonZeroU32>,
        /// Days for which a network counts as one in which the account signed in well; absent: 30.
        pub known_days: Option<NonZeroU32>,
        /// What happens when the store does not answer; absent: counted in this process.
        pub when_store_down: Option<WhenStoreDown>,
    }
}

impl Login {
    /// Of the account that this field of the body names, with everything else as usual.
    pub fn of(account: Pointer) -> Self {
        Self {
            account,
            tries: None,
            lock_s: None,
            account_tries: None,
            network_tries: None,
            known_days: None,
            when_store_down: None,
        }
    }

    /// How many wrong ones of an account from one network are taken in how many seconds, the shortest time first: a few at once,
    /// some in a minute, `tries` in the time of the lock, and twice that in a day.
    pub fn steps(&self) -> Vec<(u32, u32)> {
        let tries = self.tries.map_or(10, NonZeroU32::get);
        let lock_s = self.lock_s.map_or(900, NonZeroU32::get);
        let part = |tenths: u64| u32::try_from((u64::from(tries) * tenths / 10).max(1)).unwrap_or(u32::MAX);
        let all = [(part(3), 5), (part(6), 60), (tries, lock_s), (tries.saturating_mul(2), 86_400)];
        let mut steps: Vec<(u32, u32)> = Vec::new();
        for (count, seconds) in all {
            // One beside which another takes no more in no less time says nothing.
            let is_said = |other: &(u32, u32)| *other != (count, seconds) && other.0 <= count && other.1 >= seconds;
            if !all.iter().any(is_said) && !steps.contains(&(count, seconds)) {
                steps.push((count, seconds));
            }
        }
        steps.sort_by_key(|(_, seconds)| *seconds);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_there_were_the_longer_it_takes_up_to_the_lock() {
        let steps = |tries: Option<u32>, lock_s: Option<u32>| {
            let number = |number: Option<u32>| number.and_then(NonZeroU32::new);
            Login { tries: number(tries), lock_s: number(lock_s), ..Login::of(Pointer::member("a")) }.steps()
        };
        assert_eq!(steps(None, None), [(3, 5), (6, 60), (10, 900), (20, 86_400)]);
        assert_eq!(steps(Some(1), Some(900)), [(1, 900), (2, 86_400)]);
        assert_eq!(steps(Some(5), Some(30)), [(1, 5), (3, 60), (10, 86_400)]);
        assert_eq!(steps(Some(5), Some(86_400)), [(1, 5), (3, 60), (5, 86_400)]);
    }
}
