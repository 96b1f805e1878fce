//! The upstreams of a gateway: most have one. Each route is of one of them; the first is that of requests that no route is of.

use std::rc::Rc;
use std::sync::Arc;

use policy::{Policy, RouteKey, Upstream};

use super::servers::{Server, Servers};
use super::{Relay, RelayError};
use crate::site::Keys;

/// The servers of each upstream, shared by all workers.
#[derive(Debug, Clone)]
pub(crate) struct Upstreams {
    first: Arc<Servers>,
    /// The others, by their names in the policy.
    others: Vec<(String, Arc<Servers>)>,
    /// The upstream of each route.
    of_routes: Vec<Place>,
}

/// An upstream: one of the others, else the first.
pub(crate) type Place = Option<usize>;

impl Upstreams {
    /// The upstreams of a policy, of which `first` is the first, or the only one where there is no policy. The same servers stay
    /// the same, so that nobody who looks after them begins anew.
    pub(crate) fn of(
        first: &Upstream,
        policy: Option<&Policy>,
        keys: &dyn Keys,
        before: Option<&Self>,
    ) -> Result<Self, RelayError> {
        let servers = |upstream: &Upstream, before: Option<&Arc<Servers>>| {
            let servers = Servers::of(upstream, keys, before.map(|before| &**before))?;
            let kept = before.filter(|before| before.is_same(&servers)).cloned();
            Ok::<_, RelayError>(kept.unwrap_or_else(|| Arc::new(servers)))
        };
        let named = policy.and_then(|policy| policy.upstream.get(1..)).unwrap_or_default();
        let other = |(name, upstream): &(String, Upstream)| {
            let known = before.and_then(|before| before.named(name));
            Ok((name.clone(), servers(upstream, known.map(|(_, servers)| servers))?))
        };
        let routes = policy.iter().flat_map(|policy| &policy.routes);
        let place = |name: &String| named.iter().position(|(known, _)| known == name);
        Ok(Self {
            first: servers(first, before.map(|before| &before.first))?,
            others: named.iter().map(other).collect::<Result<_, RelayError>>()?,
            of_routes: routes.map(|route| route.settings.upstream.as_ref().and_then(place)).collect(),
        })
    }

    /// One of the others, with its place.
    fn named(&self, name: &str) -> Option<(usize, &Arc<Servers>)> {
        let place = self.others.iter().position(|(known, _)| known == name)?;
        self.others.get(place).map(|(_, servers)| (place, servers))
    }

    /// The servers of each.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Servers>> {
        std::iter::once(&self.first).chain(self.others.iter().map(|(_, servers)| servers))
    }

    /// Every server.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.all().flat_map(|servers| servers.all())
    }

    /// Whether one of them has a server that is well: while one answers, the gateway is of use.
    pub(crate) fn is_ready(&self) -> bool {
        self.all().any(|servers| servers.is_ready())
    }

    /// Whether they are the same, servers and all.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.of_routes == other.of_routes
            && self.others.len() == other.others.len()
            && self.all().zip(other.all()).all(|(one, two)| Arc::ptr_eq(one, two))
    }

    /// The upstream of a route.
    pub(crate) fn of_route(&self, route: Option<usize>) -> Place {
        route.and_then(|route| self.of_routes.get(route)).copied().flatten()
    }

    /// The upstream of the route of a key, where the policy has one.
    pub(crate) fn of_key(&self, policy: &Policy, key: &RouteKey) -> Option<Place> {
        let route = policy.routes.iter().position(|route| route.key == *key)?;
        self.of_routes.get(route).copied()
    }

    /// The ways of one worker to each of them.
    pub(crate) fn relays(&self, workers: usize) -> Relays {
        let relay = |servers: &Arc<Servers>| Rc::new(Relay::to(servers.clone(), workers, None));
        Relays { first: relay(&self.first), others: self.others.iter().map(|(_, servers)| relay(servers)).collect() }
    }

    /// The same, with the connections of those before.
    pub(crate) fn relays_behind(&self, before: &Self, relays: &Relays) -> Relays {
        let behind = |servers: &Arc<Servers>, old: &Arc<Servers>, relay: &Rc<Relay>| match Arc::ptr_eq(old, servers) {
            true => relay.clone(),
            false => Rc::new(relay.succeeded_by(servers.clone())),
        };
        let other = |(name, servers): &(String, Arc<Servers>)| {
            let known = before.named(name).and_then(|(place, old)| Some((old, relays.others.get(place)?)));
            let new = || Rc::new(Relay::to(servers.clone(), relays.first.workers(), None));
            known.map_or_else(new, |(old, relay)| behind(servers, old, relay))
        };
        let first = behind(&self.first, &before.first, &relays.first);
        Relays { first, others: self.others.iter().map(other).collect() }
    }
}

/// The ways of one worker to the upstreams.
#[derive(Debug, Clone)]
pub(crate) struct Relays {
    first: Rc<Relay>,
    others: Vec<Rc<Relay>>,
}

impl Relays {
    /// The way to an upstream.
    pub(crate) fn at(&self, place: Place) -> Rc<Relay> {
        place.and_then(|place| self.others.get(place)).unwrap_or(&self.first).clone()
    }
}
