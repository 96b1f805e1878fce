//! Scopes (RFC 6749 section 3.3): what the token was issued for.

use std::sync::Arc;

use policy::{Grant, Identity};

use super::roles::{hold, keep};
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// Where tokens hold scopes unless the policy says otherwise (RFC 8693 section 4.2).
const SCOPE_CLAIM: &str = "/scope";

/// Keeps the grants whose scopes are carried.
struct Scopes(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Scopes(site.clone()))
}

impl Layer for Scopes {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        keep(exchange, |grant, principal| self.missing(grant, principal))
    }
}

impl Scopes {
    fn missing(&self, grant: &Grant, principal: &Principal) -> Option<String> {
        let pointer = match self.0.identity(&grant.identity) {
            Some(Identity::Jwt(jwt)) => jwt.scopes.as_ref().map_or(SCOPE_CLAIM, |pointer| pointer.as_str()),
            _ => SCOPE_CLAIM,
        };
        hold("scope", grant.scope.as_ref(), principal.claims.pointer(pointer), char::is_whitespace)
    }
}
