//! Who asks, by the certificate that the client has shown.

use std::sync::Arc;

use policy::Identity;

use crate::exchange::Exchange;
use crate::identities::{Unknown, asked_of, note};
use crate::pipeline::{Layer, LayerName, Verdict, needed};
use crate::site::Site;

/// Looks at the names of certificates for the identities that the route asks for.
struct Certificate(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::ClientCertificate(_))), Certificate(site.clone()))
}

impl Layer for Certificate {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let asked = asked_of(exchange, &self.0, |one| match one {
            Identity::ClientCertificate(one) => Some(one),
            _ => None,
        });
        for (name, identity) in asked {
            let names = exchange.connection.certificate.clone();
            let found = names.map_or_else(
                || Err(Unknown::not_identified("the client has shown no certificate")),
                |names| names.identify(identity),
            );
            note(exchange, LayerName::CLIENT_CERTIFICATE, name, found);
        }
        Verdict::Continue
    }
}
