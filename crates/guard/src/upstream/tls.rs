//! TLS to the servers of an upstream. What they show is always verified: there is no switch for it, and a certificate of one's
//! own is trusted by naming it as the authority.

use std::sync::Arc;

use policy::{KeysRef, Upstream, UpstreamTls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::RelayError;
use crate::refusal::{Reason, Refusal};
use crate::site::Keys;

/// HTTP/2 inside TLS.
pub(super) const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// How TLS is spoken to the servers.
#[derive(Clone)]
pub(super) struct Connectors {
    /// Offers HTTP/2 and HTTP/1.1.
    either: TlsConnector,
    http1: TlsConnector,
    http2: TlsConnector,
    name: Option<ServerName<'static>>,
    /// Of what they were made.
    pub(super) digest: [u8; 32],
}

/// What is offered to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// HTTP/1.1 alone.
    Http1,
    /// HTTP/2 alone.
    Http2,
    /// What the server likes better.
    Either,
}

impl Connectors {
    /// TLS as the policy has it; nothing where no server is spoken to over TLS.
    pub(super) fn of(upstream: &Upstream, keys: &dyn Keys) -> Result<Option<Self>, RelayError> {
        if !upstream.servers.iter().any(|server| server.tls) {
            return Ok(None);
        }
        let tls = upstream.tls.as_ref();
        let mut digest = Sha256::new();
        let roots = roots(tls.and_then(|tls| tls.ca.as_deref()), keys, &mut digest)?;
        let told = |error: rustls::Error| RelayError::Tls(error.to_string());
        let builder = ClientConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()
            .map_err(told)?
            .with_root_certificates(roots);
        let config = match tls.and_then(|tls| own(tls, keys, &mut digest)).transpose()? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(told)?,
            None => builder.with_no_client_auth(),
        };
        let offering = |protocols: &[&[u8]]| {
            let mut config = config.clone();
            config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
            TlsConnector::from(Arc::new(config))
        };
        let name = tls.and_then(|tls| tls.server_name.as_deref()).map(|name| {
            let parsed = ServerName::try_from(name.to_owned());
            parsed.map_err(|_| RelayError::Tls(format!("`server_name`: `{}` is no name", name.escape_debug())))
        });
        Ok(Some(Self {
            either: offering(&[H2, HTTP1]),
            http1: offering(&[HTTP1]),
            http2: offering(&[H2]),
            name: name.transpose()?,
            digest: digest.finalize().into(),
        }))
    }

    /// Agrees on keys with a server, and on whether HTTP/2 is spoken.
    pub(super) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
        offer: Offer,
    ) -> Result<(TlsStream<TcpStream>, bool), Refusal> {
        let refused = |why: String| Refusal::new(Reason::UpstreamTls, why);
        let name = match &self.name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned()).map_err(|_| refused(format!("`{host}` is no name")))?,
        };
        let connector = match offer {
            Offer::Either => &self.either,
            Offer::Http1 => &self.http1,
            Offer::Http2 => &self.http2,
        };
        let stream = connector.connect(name, stream).await.map_err(|error| refused(error.to_string()))?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(H2);
        if offer == Offer::Http2 && !is_http2 {
            return Err(Refusal::new(Reason::UpstreamProtocol, "the server does not agree to HTTP/2"));
        }
        Ok((stream, is_http2))
    }
}

fn file(path: &str, keys: &dyn Keys) -> Result<Vec<u8>, RelayError> {
    let read = keys.read(&KeysRef::File(path.to_owned()));
    read.map(|bytes| bytes.expose().clone()).map_err(RelayError::Tls)
}

fn roots(ca: Option<&str>, keys: &dyn Keys, digest: &mut Sha256) -> Result<RootCertStore, RelayError> {
    let mut store = RootCertStore::empty();
    match ca {
        Some(path) => {
            let text = file(path, keys)?;
            digest.update(&text);
            for certificate in CertificateDer::pem_slice_iter(&text) {
                let told = |why: String| RelayError::Tls(format!("`ca`: `{path}`: {why}"));
                let certificate = certificate.map_err(|error| told(error.to_string()))?;
                store.add(certificate).map_err(|error| told(error.to_string()))?;
            }
        }
        // Of those that a system trusts, some are older than what is understood here.
        None => _ = store.add_parsable_certificates(keys.roots().into_iter().map(CertificateDer::from)),
    }
    if store.is_empty() {
        let what = ca.map_or("this system trusts no authorities".to_owned(), |path| format!("`{path}` holds none"));
        return Err(RelayError::Tls(format!("{what}: `ca` of `[upstream.NAME.tls]` names a file of them in PEM")));
    }
    Ok(store)
}

type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate that the gateway shows, with its key.
fn own(tls: &UpstreamTls, keys: &dyn Keys, digest: &mut Sha256) -> Option<Result<Own, RelayError>> {
    let (certificate, key) = (tls.certificate.as_deref()?, tls.key.as_ref()?);
    let mut read = || {
        let text = file(certificate, keys)?;
        let told = |why: String| RelayError::Tls(format!("`certificate` and `key`: {why}"));
        let key = keys.read(&key.into()).map_err(told)?;
        digest.update(&text);
        digest.update(key.expose());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let chain = chain.map_err(|error| told(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(key.expose()).map_err(|error| told(error.to_string()))?;
        Ok((chain, key))
    };
    Some(read())
}
