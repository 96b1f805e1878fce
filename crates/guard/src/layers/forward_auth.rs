//! Who asks, as a service says that is asked about each request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use policy::Identity;

use crate::exchange::{Exchange, Principal};
use crate::identities::forward_auth::ForwardAuth;
use crate::identities::service::Way;
use crate::identities::{Finding, asked_of, found_out};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::site::Site;

/// Asks about requests of the identities that the route asks for.
struct Forwarded {
    site: Arc<Site>,
    /// The services, with the way of this worker to each.
    services: BTreeMap<String, (Arc<ForwardAuth>, Way)>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let services = site.identities.services.iter();
    let services: BTreeMap<_, _> = services.map(|(name, one)| (name.clone(), (one.clone(), one.way()))).collect();
    needed(!services.is_empty(), Forwarded { site: site.clone(), services })
}

impl Layer for Forwarded {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let mut findings: VecDeque<(String, Finding)> = VecDeque::new();
        let asked = asked_of(exchange, &self.site, |one| match one {
            Identity::ForwardAuth(one) => Some(one),
            _ => None,
        });
        for (name, _) in asked {
            // What somebody was known by already is not shown to anybody else.
            let is_token = |one: &Principal| {
                matches!(
                    self.site.identity(&one.identity),
                    Some(Identity::Jwt(_) | Identity::Introspection(_) | Identity::Basic(_))
                )
            };
            if exchange.principals.iter().any(is_token) {
                continue;
            }
            let Some((service, way)) = self.services.get(name) else { continue };
            let Some(question) = service.question(exchange) else {
                exchange.tried(LayerName::FORWARD_AUTH, name, "no credential");
                continue;
            };
            let (service, way) = (service.clone(), way.clone());
            findings.push_back((name.to_owned(), Box::pin(async move { service.ask(&way, question).await })));
        }
        found_out(LayerName::FORWARD_AUTH, findings)
    }
}
