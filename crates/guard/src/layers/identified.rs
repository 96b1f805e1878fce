//! Whether anybody is known whom the route takes. Each credential that holds has named one; here it is decided.

use std::sync::Arc;

use policy::Identity;

use crate::exchange::{Exchange, Tried};
use crate::identities::password::FAILED_TIME;
use crate::pipeline::{Layer, LayerName, Phase, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::KEYS_COOLDOWN;

/// Refuses who is not known.
struct Identified(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.policy.is_some(), Identified(site.clone()))
}

impl Identified {
    /// How to identify oneself, as a client understands it (RFC 9110 section 11.6.1).
    fn challenge(&self, exchange: &Exchange) -> &'static str {
        let grants = exchange.open_grants();
        let asks = |is_it: fn(&Identity) -> bool| {
            grants.iter().any(|(_, grant)| self.0.identity(&grant.identity).is_some_and(is_it))
        };
        if asks(|one| matches!(one, Identity::Jwt(_) | Identity::Introspection(_))) {
            "Bearer"
        } else if asks(|one| matches!(one, Identity::Basic(_))) {
            "Basic realm=\"api\", charset=\"UTF-8\""
        } else {
            "Credential"
        }
    }
}

impl Layer for Identified {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.is_open || exchange.route.is_none() {
            return Verdict::Continue;
        }
        let challenge = self.challenge(exchange);
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
            // Where one of them refuses and another only reports, it is refused.
            let enforces = |tried: &Tried| exchange.enforces(tried.layer, Phase::Identify);
            let is_enforced = exchange.tried.iter().any(enforces);
            let counting: Vec<&Tried> = exchange.tried.iter().filter(|tried| !is_enforced || enforces(tried)).collect();
            if let Some(tried) = counting.iter().find(|tried| tried.reason != Reason::NotIdentified) {
                let refusal = Refusal::new(tried.reason, why).by(tried.layer);
                let again_in = if tried.reason == Reason::TooManyRequests { FAILED_TIME } else { KEYS_COOLDOWN };
                return Verdict::Refuse(refusal.again_in(again_in.as_secs()));
            }
            let layer = counting.first().map_or(LayerName::JWT, |tried| tried.layer);
            let refusal = Refusal::new(Reason::NotIdentified, why).by(layer);
            return Verdict::Refuse(refusal.challenging(challenge));
        }
        exchange.grants = known;
        Verdict::Continue
    }
}
