//! Whether anybody is known whom the route takes. Each credential that holds has named one; here it is decided.

use std::sync::Arc;

use policy::Identity;

use crate::exchange::Exchange;
use crate::pipeline::{Layer, LayerName, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::KEYS_COOLDOWN;

/// Refuses who is not known.
struct Identified(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Identified(site.clone()))
}

impl Layer for Identified {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.is_open || exchange.route.is_none() {
            return Verdict::Continue;
        }
        let is_token = exchange
            .open_grants()
            .iter()
            .any(|(_, grant)| matches!(self.0.identity(&grant.identity), Some(Identity::Jwt(_))));
        let known: Vec<usize> = exchange
            .open_grants()
            .into_iter()
            .filter(|(_, grant)| exchange.principals.iter().any(|one| one.identity == grant.identity))
            .map(|(index, _)| index)
            .collect();
        if known.is_empty() {
            let why: Vec<&str> = exchange.tried.iter().map(|tried| tried.why.as_str()).collect();
            let why = why.join("; ");
            // Where it cannot be told who asks, the client is not told that its credential is wrong.
            if let Some(tried) = exchange.tried.iter().find(|tried| tried.reason == Reason::KeysUnavailable) {
                let refusal = Refusal::new(Reason::KeysUnavailable, why).by(tried.layer);
                return Verdict::Refuse(refusal.again_in(KEYS_COOLDOWN.as_secs()));
            }
            let layer = exchange.tried.first().map_or(LayerName::JWT, |tried| tried.layer);
            let refusal = Refusal::new(Reason::NotIdentified, why).by(layer);
            return Verdict::Refuse(refusal.challenging(if is_token { "Bearer" } else { "Credential" }));
        }
        exchange.grants = known;
        Verdict::Continue
    }
}
