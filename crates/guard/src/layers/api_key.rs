//! Who asks, by an API key.

use std::sync::Arc;

use policy::Identity;

use super::jwt::asked;
use crate::carrier;
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::record::Decision;
use crate::site::Site;

/// Finds the keys of the identities that the route asks for.
struct ApiKey(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::ApiKey(_))), ApiKey(site.clone()))
}

impl Layer for ApiKey {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        for name in asked(exchange) {
            let Some(Identity::ApiKey(identity)) = self.0.identity(&name) else {
                continue;
            };
            let keys = self.0.identities.api_keys.get(&name).ok_or("no keys are there to compare with");
            let now = exchange.worker.now();
            let found = keys.and_then(|keys| keys.find(carrier::key(exchange, identity)?, now));
            match found {
                Ok(key) => {
                    let (subject, claims) = (Some(key.owner.clone()), key.claims.clone());
                    let principal = Principal { identity: name, subject, claims, key: Some(key.prefix.clone()) };
                    exchange.principals.push(principal);
                    let reason = format!("the key `{}` holds", key.prefix);
                    exchange.decided(LayerName::API_KEY, Decision::Identified, &reason);
                }
                Err(why) => exchange.tried(LayerName::API_KEY, &name, why),
            }
        }
        Verdict::Continue
    }
}
