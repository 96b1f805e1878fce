//! Who asks, by name and password.

use std::collections::VecDeque;
use std::sync::Arc;

use policy::Identity;

use crate::carrier;
use crate::exchange::Exchange;
use crate::identities::password::Shown;
use crate::identities::{Finding, asked_of, found_out, note};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::site::Site;

/// Looks at the passwords of the identities that the route asks for.
struct Basic(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::Basic(_))), Basic(site.clone()))
}

impl Layer for Basic {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let mut findings: VecDeque<(String, Finding)> = VecDeque::new();
        let asked = asked_of(exchange, &self.0, |one| match one {
            Identity::Basic(one) => Some(one),
            _ => None,
        });
        for (name, _) in asked {
            let shown = match carrier::basic(exchange).and_then(Shown::read) {
                Ok(shown) => shown,
                Err(why) => {
                    exchange.tried(LayerName::BASIC, name, why);
                    continue;
                }
            };
            let Some(users) = self.0.identities.users.get(name) else { continue };
            let (address, now) = (exchange.client.address, exchange.worker.now());
            match users.known(&shown, address, now) {
                Some(found) => note(exchange, LayerName::BASIC, name, found),
                None => findings.push_back((name.to_owned(), Box::pin(users.clone().look(shown, address, now)))),
            }
        }
        found_out(LayerName::BASIC, findings)
    }
}
