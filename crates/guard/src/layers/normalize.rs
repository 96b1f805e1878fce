//! What may be read at all. The strict reading of the connection has judged the head before anybody else saw it; here that
//! becomes a refusal like any other, and what only a proxy may say of a client is taken out of what the client sent.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// Fields with which a proxy tells an application who asks and from where. Those that a client made are removed, in every
/// mode: an application behind a gateway believes them.
const PROXY_FIELDS: &[&str] = &[
    "forwarded",
    "remote-user",
    "true-client-ip",
    "x-authenticated-user",
    "x-authenticated-groups",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-forwarded-client-cert",
    "x-forwarded-email",
    "x-forwarded-for",
    "x-forwarded-groups",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-preferred-username",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-scheme",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-forwarded-user",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-real-ip",
    "x-remote-user",
    "x-rewrite-url",
    "x-ssl-client-cert",
    "x-ssl-client-verify",
];

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
        for name in PROXY_FIELDS {
            exchange.parts.headers.remove(*name);
        }
        Verdict::Continue
    }
}
