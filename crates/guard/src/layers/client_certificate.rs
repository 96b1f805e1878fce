//! Who asks, by the certificate that the client has shown.

use std::sync::Arc;

use policy::Identity;

use crate::exchange::Exchange;
use crate::identities::{Unknown, asked_of, note};
use crate::pipeline::{Layer, LayerName, Verdict};
use crate::site::Site;

/// Looks at the names of certificates for the identities that the route asks for.
struct Certificate {
    site: Arc<Site>,
    is_asked: bool,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    let mut identities = site.policy.iter().flat_map(|policy| &policy.identity);
    let is_asked = identities.any(|(_, one)| matches!(one, Identity::ClientCertificate(_)));
    Box::new(Certificate { site: site.clone(), is_asked })
}

impl Layer for Certificate {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if !self.is_asked {
            return Verdict::Continue;
        }
        let asked = asked_of(exchange, &self.site, |one| match one {
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
