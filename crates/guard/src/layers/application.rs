//! Credentials that only the application can verify: a key, a session, a signature of its own. The gateway asks for one
//! and leaves its verification to the application, of which that was proven.

use std::sync::Arc;

use policy::{ApplicationIdentity, Identity};

use super::jwt::asked;
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::record::Decision;
use crate::site::Site;

/// Looks for the credentials of the identities that the route asks for.
struct Application(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::Application(_))), Application(site.clone()))
}

impl Layer for Application {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        for name in asked(exchange) {
            let Some(Identity::Application(identity)) = self.0.identity(&name) else {
                continue;
            };
            match missing(exchange, identity) {
                None => {
                    let claims = Arc::default();
                    exchange.principals.push(Principal { identity: name, subject: None, claims, key: None });
                    exchange.decided(LayerName::APPLICATION, Decision::Delegated, "the application verifies it");
                }
                Some(what) => exchange.tried(LayerName::APPLICATION, &name, &format!("{what} is missing")),
            }
        }
        Verdict::Continue
    }
}

/// What of the credential is not there.
fn missing(exchange: &Exchange, identity: &ApplicationIdentity) -> Option<String> {
    if let Some(header) = &identity.header {
        let value = exchange.parts.headers.get(header.as_str());
        if value.is_none_or(http::HeaderValue::is_empty) {
            return Some(format!("the field `{}`", header.as_str()));
        }
    }
    if let Some(cookie) = &identity.cookie
        && exchange.cookie(cookie).is_none_or(str::is_empty)
    {
        return Some(format!("the cookie `{cookie}`"));
    }
    if let Some(parameter) = &identity.query {
        let pairs = exchange.parts.uri.query().unwrap_or_default().split('&');
        let mut given = pairs.filter_map(|pair| pair.split_once('=')).filter(|(name, _)| name == parameter);
        if !given.any(|(_, value)| !value.is_empty()) {
            return Some(format!("the parameter `{parameter}` of the query"));
        }
    }
    None
}
