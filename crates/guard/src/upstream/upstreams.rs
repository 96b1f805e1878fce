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
    all: Vec<Arc<Servers>>,
    /// Their names in the policy.
    names: Vec<String>,
    /// The place of the upstream of each route.
    of_routes: Vec<usize>,
}

impl Upstreams {
    /// The upstreams of a policy, of which `first` is the first, or the only one where there is no policy. The same servers stay
    /// the same, so that nobody who looks after them begins anew.
    pub(crate) fn of(
        first: &Upstream,
        policy: Option<&Policy>,
        keys: &dyn Keys,
        before: Option<&Self>,
    ) -> Result<Self, RelayError> {
        let named = policy.map(|policy| policy.upstream.as_slice()).unwrap_or_default();
        let mut names = vec![named.first().map(|(name, _)| name.clone()).unwrap_or_default()];
        names.extend(named.iter().skip(1).map(|(name, _)| name.clone()));
        let others = named.iter().skip(1).map(|(_, upstream)| upstream);
        let servers = |(index, upstream): (usize, &Upstream)| {
            let before = before.and_then(|before| before.like(index, names.get(index)?));
            let servers = Servers::of(upstream, keys, before.map(|before| &**before))?;
            let kept = before.filter(|before| before.is_same(&servers)).cloned();
            Ok(kept.unwrap_or_else(|| Arc::new(servers)))
        };
        let all = std::iter::once(first).chain(others).enumerate().map(servers).collect::<Result<_, RelayError>>()?;
        let place = |name: &Option<String>| {
            let found = name.as_ref().and_then(|name| names.iter().position(|known| known == name));
            found.unwrap_or(0)
        };
        let routes = policy.iter().flat_map(|policy| &policy.routes);
        let of_routes = routes.map(|route| place(&route.settings.upstream)).collect();
        Ok(Self { all, names, of_routes })
    }

    /// What was there before of an upstream: by its name, the first by its place.
    fn like(&self, index: usize, name: &str) -> Option<&Arc<Servers>> {
        let index = if index == 0 { 0 } else { self.names.iter().skip(1).position(|known| known == name)? + 1 };
        self.all.get(index)
    }

    /// The servers of each.
    pub(crate) fn all(&self) -> &[Arc<Servers>] {
        &self.all
    }

    /// Every server.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.all.iter().flat_map(|servers| servers.all())
    }

    /// Whether one of them has a server that is well: while one answers, the gateway is of use.
    pub(crate) fn is_ready(&self) -> bool {
        self.all.iter().any(|servers| servers.is_ready())
    }

    /// Whether they are the same, servers and all.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.all.len() == other.all.len() && self.all.iter().zip(&other.all).all(|(one, other)| Arc::ptr_eq(one, other))
    }

    /// The place of the upstream of a route.
    pub(crate) fn of_route(&self, route: Option<usize>) -> usize {
        route.and_then(|route| self.of_routes.get(route)).copied().unwrap_or(0)
    }

    /// The upstream of the route of a key, where the policy has one.
    pub(crate) fn of_key(&self, policy: &Policy, key: &RouteKey) -> Option<usize> {
        let route = policy.routes.iter().position(|route| route.key == *key)?;
        self.of_routes.get(route).copied()
    }

    /// The ways of one worker to each of them, with the connections of those before.
    pub(crate) fn relays(&self, workers: usize, before: Option<(&Self, &[Rc<Relay>])>) -> Vec<Rc<Relay>> {
        let relay = |(index, (servers, name)): (usize, (&Arc<Servers>, &String))| {
            let place = before.and_then(|(before, relays)| {
                let old = before.like(index, name)?;
                let place = before.all.iter().position(|one| Arc::ptr_eq(one, old))?;
                Some((old, relays.get(place)?))
            });
            match place {
                Some((old, relay)) if Arc::ptr_eq(old, servers) => relay.clone(),
                Some((_, relay)) => Rc::new(relay.succeeded_by(servers.clone())),
                None => Rc::new(Relay::to(servers.clone(), workers, None)),
            }
        };
        self.all.iter().zip(&self.names).enumerate().map(relay).collect()
    }
}
