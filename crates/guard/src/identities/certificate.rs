//! The names of a client's certificate. That it is one of an authority of `client_ca`, the handshake has shown.

use policy::{CertificateName, ClientCertificateIdentity};
use rustls::pki_types::CertificateDer;
use serde_json::json;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{Found, Known, Unknown};

/// The most names of a kind that a certificate is read with.
const NAMES_MAX: usize = 16;

/// The names of a certificate, by their kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CertificateNames {
    common: Vec<String>,
    dns: Vec<String>,
    email: Vec<String>,
    uri: Vec<String>,
}

impl CertificateNames {
    /// The names of the first certificate of a chain.
    pub(crate) fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(chain.first()?).ok()?;
        let mut names = Self::default();
        for common in certificate.subject().iter_common_name().take(NAMES_MAX) {
            names.common.push(common.as_str().ok()?.to_owned());
        }
        let alternatives = certificate.subject_alternative_name().ok()?;
        for name in alternatives.iter().flat_map(|all| &all.value.general_names) {
            let (kind, text) = match name {
                GeneralName::DNSName(text) => (&mut names.dns, text),
                GeneralName::RFC822Name(text) => (&mut names.email, text),
                GeneralName::URI(text) => (&mut names.uri, text),
                _ => continue,
            };
            if kind.len() < NAMES_MAX {
                kind.push((*text).to_owned());
            }
        }
        Some(names)
    }

    /// Who it is by the name that an identity looks at.
    pub(crate) fn identify(&self, identity: &ClientCertificateIdentity) -> Found {
        let kind = identity.name.unwrap_or(CertificateName::CommonName);
        let names = match kind {
            CertificateName::CommonName => &self.common,
            CertificateName::Dns => &self.dns,
            CertificateName::Email => &self.email,
            CertificateName::Uri => &self.uri,
        };
        let name = match names.as_slice() {
            [one] if !one.is_empty() && !one.contains(char::is_control) => one,
            [] => return Err(Unknown::not_identified(format!("the certificate has no name `{}`", kind.word()))),
            _ => return Err(Unknown::not_identified(format!("the certificate has no one name `{}`", kind.word()))),
        };
        let client = identity.clients.iter().find(|client| client.name == *name);
        if client.is_none() && !identity.clients.is_empty() {
            return Err(Unknown::not_identified("the certificate is of none of `clients`"));
        }
        let (scopes, roles) = client.map(|one| (one.scopes.clone(), one.roles.clone())).unwrap_or_default();
        Ok(Known {
            subject: Some(name.clone()),
            claims: json!({ "sub": name, "scope": scopes, "roles": roles }).into(),
            reason: format!("the certificate names it (`{}`)", kind.word()),
        })
    }
}

#[cfg(test)]
mod tests {
    use policy::{Identity, Policy};
    use rcgen::string::Ia5String;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn made(common: &[&str], alternatives: Vec<SanType>) -> CertificateNames {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for name in common {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.subject_alt_names = alternatives;
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        CertificateNames::of(&[certificate.der().clone()]).unwrap()
    }

    fn identity(text: &str) -> ClientCertificateIdentity {
        let text = format!(
            "version = 1\n[listen]\naddress = \"127.0.0.1:1\"\n[listen.tls]\ncertificate = \"a\"\nkey = {{ file = \"b\" }}\n\
             client_ca = \"c\"\n[identity.a]\nkind = \"client-certificate\"\n{text}\n"
        );
        match Policy::parse(&text).unwrap().identity.remove(0).1 {
            Identity::ClientCertificate(one) => one,
            other => unreachable!("{other:?}"),
        }
    }

    fn subject(names: &CertificateNames, text: &str) -> Result<String, String> {
        names.identify(&identity(text)).map(|known| known.subject.unwrap()).map_err(|unknown| unknown.why)
    }

    #[test]
    fn the_name_that_the_policy_looks_at_identifies() {
        let ia5 = |text: &str| Ia5String::try_from(text).unwrap();
        let names = made(
            &["orders"],
            vec![
                SanType::DnsName(ia5("a.example")),
                SanType::DnsName(ia5("b.example")),
                SanType::Rfc822Name(ia5("orders@example.com")),
                SanType::URI(ia5("spiffe://example/orders")),
            ],
        );
        assert_eq!(subject(&names, "").as_deref(), Ok("orders"));
        assert_eq!(subject(&names, "name = \"email\"").as_deref(), Ok("orders@example.com"));
        assert_eq!(subject(&names, "name = \"uri\"").as_deref(), Ok("spiffe://example/orders"));
        assert!(
            subject(&names, "name = \"dns\"").unwrap_err().contains("no one name `dns`"),
            "of two names none counts"
        );
        assert!(subject(&made(&[], vec![]), "").unwrap_err().contains("no name `common-name`"));
    }

    #[test]
    fn of_those_who_are_named_nobody_else_is_one() {
        let text = "clients = [{ name = \"orders\", scopes = [\"read\"], roles = [\"robot\"] }]";
        let known = made(&["orders"], vec![]).identify(&identity(text)).map_err(|unknown| unknown.why).unwrap();
        assert_eq!(*known.claims, json!({ "sub": "orders", "scope": ["read"], "roles": ["robot"] }));
        assert!(subject(&made(&["other"], vec![]), text).unwrap_err().contains("none of `clients`"));
    }
}
