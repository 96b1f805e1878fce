//! Scopes (RFC 6749 section 3.3): what the token was issued for.

use std::sync::Arc;

use policy::{Grant, Identity};

use super::roles::{hold, keep};
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, Verdict, needed};
use crate::site::Site;

/// Keeps the grants whose scopes are carried.
struct Scopes(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.asks_for(|grant| grant.scope.is_some()), Scopes(site.clone()))
}

impl Layer for Scopes {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        keep(exchange, |grant, principal| self.missing(grant, principal))
    }
}

impl Scopes {
    fn missing(&self, grant: &Grant, principal: &Principal) -> Option<String> {
        let place = self.0.identity(&grant.identity).and_then(Identity::scopes_at);
        let held = place.and_then(|place| principal.claims.pointer(place));
        hold("scope", grant.scope.as_ref(), held, char::is_whitespace)
    }
}
