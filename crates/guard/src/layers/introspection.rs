//! Who asks, by a token of which the authorization server is asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use policy::Identity;

use crate::carrier;
use crate::exchange::{Exchange, Principal};
use crate::identities::introspection::Introspection;
use crate::identities::service::Way;
use crate::identities::{Finding, asked_of, found_out, note};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::site::Site;

/// Asks about the tokens of the identities that the route asks for.
struct Introspected {
    site: Arc<Site>,
    /// The authorization servers, with the way of this worker to each.
    servers: BTreeMap<String, (Arc<Introspection>, Way)>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let servers = site.identities.introspections.iter();
    let servers: BTreeMap<_, _> = servers.map(|(name, one)| (name.clone(), (one.clone(), one.way()))).collect();
    needed(!servers.is_empty(), Introspected { site: site.clone(), servers })
}

impl Layer for Introspected {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let mut findings: VecDeque<(String, Finding)> = VecDeque::new();
        let asked = asked_of(exchange, &self.site, |one| match one {
            Identity::Introspection(one) => Some(one),
            _ => None,
        });
        for (name, identity) in asked {
            // What one issuer has issued is not shown to another one.
            let is_known = |one: &Principal| match self.site.identity(&one.identity) {
                Some(Identity::Jwt(jwt)) => jwt.header == identity.header && jwt.cookie == identity.cookie,
                _ => false,
            };
            if exchange.principals.iter().any(is_known) {
                continue;
            }
            let token = match carrier::token(exchange, identity.header.as_ref(), identity.cookie.as_deref()) {
                Ok(token) => token,
                Err(why) => {
                    exchange.tried(LayerName::INTROSPECTION, name, why);
                    continue;
                }
            };
            let Some((server, way)) = self.servers.get(name) else { continue };
            if let Some(found) = server.known(token, exchange.worker.now()) {
                note(exchange, LayerName::INTROSPECTION, name, found);
                continue;
            }
            let (server, way, token) = (server.clone(), way.clone(), token.to_owned());
            let now = exchange.worker.now();
            findings.push_back((name.to_owned(), Box::pin(async move { server.ask(&way, &token, now).await })));
        }
        found_out(LayerName::INTROSPECTION, findings)
    }
}
