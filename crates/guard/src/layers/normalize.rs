//! What may be read at all. The strict reading of the connection has judged the head before anybody else saw it; here that
//! becomes a refusal like any other, and what only a proxy may say of a client is taken out of what the client sent.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::fields;
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// Whether it is a field with which a proxy tells an application who asks, from where and for what. Those that a client made are removed,
/// in every mode: an application behind a gateway believes them. Those of another method change what was admitted.
fn is_proxy_field(name: &str) -> bool {
    matches!(
        name,
        "cf-connecting-ip"
            | "fastly-client-ip"
            | "forwarded"
            | "remote-user"
            | "true-client-ip"
            | "x-authenticated-groups"
            | "x-authenticated-user"
            | "x-client-ip"
            | "x-cluster-client-ip"
            | "x-forwarded"
            | "x-http-method"
            | "x-http-method-override"
            | "x-method-override"
            | "x-real-ip"
            | "x-remote-user"
            | "x-rewrite-url"
            | "x-script-name"
            | "x-ssl-client-cert"
            | "x-ssl-client-verify"
    )
}

/// How such fields begin, of which there are families.
const PROXY_PREFIXES: &[&str] = &[
    "x-amzn-oidc-",
    "x-auth-request-",
    "x-azure-",
    "x-envoy-",
    "x-forwarded-",
    "x-goog-authenticated-",
    "x-original-",
    "x-webauth-",
];

/// Whether a client must not say this.
pub(crate) fn is_of_proxies(name: &str) -> bool {
    is_proxy_field(name) || (name.starts_with("x-") && PROXY_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// Refuses what was not read, and removes what a client must not say.
struct Normalize;

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Normalize)
}

impl Layer for Normalize {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if let Some(refusal) = exchange.wire_refusal.clone() {
            return Verdict::Refuse(refusal);
        }
        fields::remove(&mut exchange.parts.headers, |name| is_of_proxies(name.as_str()));
        Verdict::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_proxy_may_say_is_known() {
        for name in ["forwarded", "x-forwarded-for", "x-forwarded-anything", "x-auth-request-email", "x-webauth-user"] {
            assert!(is_of_proxies(name), "{name}");
        }
        for name in
            ["cf-connecting-ip", "x-envoy-original-path", "x-original-url", "x-http-method-override", "x-azure-ref"]
        {
            assert!(is_of_proxies(name), "{name}");
        }
        for name in ["x-request-id", "x-api-key", "x-original", "x-forwarde", "x-forwardedness", "authorization"] {
            assert!(!is_of_proxies(name), "{name}");
        }
    }
}
