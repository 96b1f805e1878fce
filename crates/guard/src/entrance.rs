//! Who may hold connections: what a policy says of it, and how many each address holds, over all workers.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, PoisonError};

use policy::{Network, Policy};
use tokio::sync::OwnedSemaphorePermit;

use crate::shared::Mutex;
use crate::worker::Connected;

/// The most connections of one address at once, unless the policy says so; of IPv6 of one /64.
pub const CONNECTIONS_PER_ADDRESS_MAX: u32 = 2048;
/// The most requests of a connection, unless the policy says so.
pub const REQUESTS_PER_CONNECTION_MAX: u32 = 10_000;
/// How many tables the addresses are spread over, so that workers seldom meet.
const SHARDS: usize = 16;
/// How much of an address of IPv6 its owner has to choose from: whoever has one has a whole /64.
const HOST_BITS: u128 = u64::MAX as u128;

/// What a policy says of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entrance {
    /// Whether proxies say first whose connection it is.
    pub(crate) speaks_proxy: bool,
    /// The networks of proxies.
    trusted: Vec<Network>,
    per_address_max: u32,
    pub(crate) requests_max: u32,
}

impl Entrance {
    /// What this policy says.
    pub(crate) fn of(policy: Option<&Policy>) -> Self {
        let listen = policy.and_then(|policy| policy.listen.as_ref());
        let limits = listen.and_then(|listen| listen.connections.as_ref());
        Self {
            speaks_proxy: listen.is_some_and(|listen| listen.proxy_protocol == Some(true)),
            trusted: listen.map(|listen| listen.trusted_proxies.clone()).unwrap_or_default(),
            per_address_max: limits.and_then(|one| one.per_address).map_or(CONNECTIONS_PER_ADDRESS_MAX, Into::into),
            requests_max: limits.and_then(|one| one.requests).map_or(REQUESTS_PER_CONNECTION_MAX, Into::into),
        }
    }

    /// Whether an address is one of a proxy that is believed.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// A place for a connection of an address; nothing where it holds too many. Many clients stand behind a proxy, so that its
    /// connections are not counted.
    pub(crate) fn admit(&self, address: IpAddr, holders: &Arc<Holders>) -> Option<Held> {
        if self.trusts(address) {
            return Some(Held(None));
        }
        let holder = holder(address);
        holders.take(holder, self.per_address_max).then(|| Held(Some((holder, holders.clone()))))
    }
}

/// An address as it is counted.
pub(crate) fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !HOST_BITS)),
        address @ IpAddr::V4(_) => address,
    }
}

/// How many connections each address holds.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    shards: [Mutex<HashMap<IpAddr, u32>>; SHARDS],
    hasher: RandomState,
}

impl Holders {
    fn with<T>(&self, holder: IpAddr, change: impl FnOnce(&mut HashMap<IpAddr, u32>) -> T) -> Option<T> {
        let index = usize::try_from(self.hasher.hash_one(holder)).unwrap_or_default() % SHARDS;
        // Nothing inside can panic half way, so that a poisoned table is a whole one.
        let mut table = self.shards.get(index)?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(change(&mut table))
    }

    fn take(&self, holder: IpAddr, max: u32) -> bool {
        let taken = self.with(holder, |table| {
            let count = table.entry(holder).or_insert(0);
            let is_free = *count < max;
            *count += u32::from(is_free);
            is_free
        });
        taken == Some(true)
    }

    fn give_back(&self, holder: IpAddr) {
        self.with(holder, |table| {
            if let Entry::Occupied(mut count) = table.entry(holder) {
                match count.get().saturating_sub(1) {
                    0 => _ = count.remove(),
                    left => _ = count.insert(left),
                }
            }
        });
    }
}

/// What a connection holds of the gateway, to its very end: a WebSocket that it became holds it, too.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// Of what its address may hold.
    _of_address: Option<Held>,
    /// Of what all may hold.
    _of_all: Option<OwnedSemaphorePermit>,
    /// Of what is counted.
    counted: Option<Connected>,
}

impl Place {
    /// A place that a connection took.
    pub(crate) fn of(held: Held, permit: Option<OwnedSemaphorePermit>, counted: Connected) -> Self {
        Self { _of_address: Some(held), _of_all: permit, counted: Some(counted) }
    }

    /// Its client sent too much that carries nothing.
    pub(crate) fn flooded(&self) {
        if let Some(counted) = &self.counted {
            counted.flooded();
        }
    }
}

/// A place for a connection of an address, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held(Option<(IpAddr, Arc<Holders>)>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((holder, holders)) = self.0.take() {
            holders.give_back(holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrance(per_address: u32) -> Entrance {
        let text = format!(
            "version = 1\n[listen]\naddress = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n\
             connections = {{ per_address = {per_address} }}\n"
        );
        Entrance::of(Some(&Policy::parse(&text).unwrap()))
    }

    fn held(entrance: &Entrance, holders: &Arc<Holders>, address: &str) -> Option<Held> {
        entrance.admit(address.parse().unwrap(), holders)
    }

    #[test]
    fn an_address_holds_so_many_and_one_more_when_one_ended() {
        let (entrance, holders) = (entrance(2), Arc::default());
        let first = held(&entrance, &holders, "192.0.2.1").unwrap();
        let second = held(&entrance, &holders, "::ffff:192.0.2.1").unwrap();
        assert!(held(&entrance, &holders, "192.0.2.1").is_none(), "one past the bound");
        assert!(held(&entrance, &holders, "192.0.2.2").is_some(), "another address");
        drop(first);
        assert!(held(&entrance, &holders, "192.0.2.1").is_some());
        drop(second);
        assert!(holders.shards.iter().all(|shard| shard.lock().unwrap().is_empty()), "who holds nothing is forgotten");
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let (entrance, holders) = (entrance(1), Arc::default());
        let _held = held(&entrance, &holders, "2001:db8:0:1::1").unwrap();
        assert!(held(&entrance, &holders, "2001:db8:0:1:ffff::9").is_none(), "the same /64");
        assert!(held(&entrance, &holders, "2001:db8:0:2::1").is_some(), "another /64");
    }

    #[test]
    fn proxies_hold_as_many_as_there_are() {
        let (entrance, holders) = (entrance(1), Arc::default());
        let held: Vec<_> = (0..9).map(|_| held(&entrance, &holders, "10.1.2.3")).collect();
        assert!(held.iter().all(Option::is_some));
    }

    #[test]
    fn without_a_policy_the_usual_bounds_hold() {
        let entrance = Entrance::of(None);
        let bounds = (entrance.per_address_max, entrance.requests_max, entrance.speaks_proxy);
        assert_eq!(bounds, (CONNECTIONS_PER_ADDRESS_MAX, REQUESTS_PER_CONNECTION_MAX, false));
    }
}
