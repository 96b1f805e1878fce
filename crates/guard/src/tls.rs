//! TLS towards clients: certificates by the name that a client asks for, certificates of clients, and what is wrong with
//! either, said before anything is served with it. TLS 1.2 and 1.3 alone; the protocol inside is HTTP/2 or HTTP/1.1.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::Secret;
use policy::{Date, TlsVersion};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{InconsistentKeys, RootCertStore, ServerConfig, SupportedProtocolVersion};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::downstream::limits::{LINGER_BYTES_MAX, LINGER_TIME_MAX};
use crate::worker::Clock;

/// How long a client may take to agree on keys.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// The most certificates of a gateway, those of authorities counted apart.
pub const CERTIFICATES_MAX: usize = 1000;
/// From how many days before its end on it is said that a certificate ends.
const ENDS_SOON_DAYS: i64 = 14;
const SECONDS_OF_DAY: i64 = 86_400;
/// The protocols inside, the better one first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What TLS is made of, as the caller read it.
#[derive(Debug, Clone)]
pub struct TlsMaterial {
    /// Certificates, each with its key; the first one is for clients that ask for no name, or for one that no other has.
    pub certificates: Vec<CertificateText>,
    /// The authorities whose certificates clients must show, in PEM, and what to call them.
    pub client_ca: Option<(String, Vec<u8>)>,
    /// The oldest version that is spoken.
    pub minimum: TlsVersion,
}

/// A certificate and its key, in PEM.
#[derive(Debug, Clone)]
pub struct CertificateText {
    /// What to call it: the file.
    pub name: String,
    /// The chain, the certificate itself first.
    pub chain: Vec<u8>,
    /// The private key.
    pub key: Secret<Vec<u8>>,
}

/// Why TLS cannot be spoken with this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// There is none.
    #[error("TLS needs a certificate: `[listen.tls]` with `certificate` and `key`")]
    None,
    /// There are too many.
    #[error("{0} certificates are more than {CERTIFICATES_MAX}: put a gateway before each part of them")]
    TooMany(usize),
    /// The file holds none.
    #[error(
        "`{name}` holds no certificate in PEM: it must have a block `-----BEGIN CERTIFICATE-----`, the server's own first"
    )]
    NoCertificate {
        /// The file.
        name: String,
    },
    /// It cannot be read.
    #[error("a certificate of `{name}` is not valid ({why}): have it issued again")]
    Broken {
        /// The file.
        name: String,
        /// Why.
        why: String,
    },
    /// It has ended.
    #[error("the certificate of `{name}` expired on {on}: renew it")]
    Expired {
        /// The file.
        name: String,
        /// When.
        on: Date,
    },
    /// It has not begun.
    #[error(
        "the certificate of `{name}` is valid from {on} on: set the clock right, or take the one that is valid now"
    )]
    NotYet {
        /// The file.
        name: String,
        /// From when on.
        on: Date,
    },
    /// There is no key.
    #[error(
        "the key for `{name}` is no private key in PEM: expected `-----BEGIN PRIVATE KEY-----`, without a passphrase"
    )]
    NoKey {
        /// The file of the certificate.
        name: String,
    },
    /// The key cannot be used.
    #[error("the key for `{name}` cannot be used ({why}): expected RSA of 2048 bits or more, P-256, P-384 or Ed25519")]
    KeyNotUsable {
        /// The file of the certificate.
        name: String,
        /// Why.
        why: String,
    },
    /// The key belongs to another certificate.
    #[error("the key does not fit the certificate of `{name}`: give the one that the certificate was requested with")]
    KeyOfAnother {
        /// The file of the certificate.
        name: String,
    },
    /// The authorities for clients cannot be used.
    #[error("`{name}` holds no authority for client certificates ({why})")]
    ClientCa {
        /// The file.
        name: String,
        /// Why.
        why: String,
    },
    /// The versions do not fit together.
    #[error("TLS cannot be set up: {0}")]
    Other(String),
}

/// TLS as it is spoken to the clients that connect now.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    /// Of what it was made, so that the same again is no change: sessions go on.
    digest: [u8; 32],
    /// Certificates that end soon.
    pub(crate) ends_soon: Vec<(String, Date)>,
}

impl Tls {
    /// TLS of this; what was before it, where that is the same.
    pub(crate) fn of(material: &TlsMaterial, before: Option<&Self>, clock: &Clock) -> Result<Self, TlsError> {
        let digest = digest(material);
        let now = i64::try_from(clock().as_secs()).unwrap_or(i64::MAX);
        // The same certificates may have ended in the meantime.
        let (resolver, ends_soon) = BySni::of(&material.certificates, now)?;
        if let Some(before) = before.filter(|before| before.digest == digest) {
            return Ok(Self { ends_soon, ..before.clone() });
        }
        let versions: &[&SupportedProtocolVersion] = match material.minimum {
            TlsVersion::Tls12 => &[&TLS13, &TLS12],
            TlsVersion::Tls13 => &[&TLS13],
        };
        let other = |error: rustls::Error| TlsError::Other(error.to_string());
        let provider = provider();
        let builder = ServerConfig::builder_with_details(provider.clone(), Arc::new(Time(clock.clone())))
            .with_protocol_versions(versions)
            .map_err(other)?;
        let builder = match &material.client_ca {
            Some((name, text)) => {
                let authorities = Arc::new(authorities(name, text)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider).build();
                let told = |why: rustls::server::VerifierBuilderError| TlsError::ClientCa {
                    name: name.clone(),
                    why: why.to_string(),
                };
                builder.with_client_cert_verifier(verifier.map_err(told)?)
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = ALPN.iter().map(|one| one.to_vec()).collect();
        // A new one with every change: a session of a client that other authorities vouched for must not be resumed.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(other)?;
        Ok(Self { config: Arc::new(config), digest, ends_soon })
    }

    /// Agrees on keys with a client, in time.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, HandshakeError> {
        let agreeing = async {
            // rustls would answer with an alert, which says nothing to whoever speaks HTTP.
            if is_plain(&stream).await {
                refuse_plain(stream).await;
                return Err(HandshakeError::Plain);
            }
            let accepting = TlsAcceptor::from(self.config.clone()).accept(stream);
            accepting.await.map_err(|_| HandshakeError::Refused)
        };
        tokio::time::timeout(HANDSHAKE_TIME_MAX, agreeing).await.unwrap_or(Err(HandshakeError::TooSlow))
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandshakeError {
    /// The client speaks without TLS.
    Plain,
    /// Versions, names or certificates do not agree, or the client left.
    Refused,
    /// It took too long.
    TooSlow,
}

/// Whether a client begins with a method, where TLS begins with the number of its record.
async fn is_plain(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first.iter().all(u8::is_ascii_uppercase)
}

/// Says in plain HTTP that this is the wrong way to speak here: the one who asks sees a reason, and not a broken connection.
async fn refuse_plain(mut stream: TcpStream) {
    const PROBLEM: &str =
        r#"{"type":"urn:doorward:refusal:tls-required","title":"This address speaks TLS alone","status":400}"#;
    let head =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nConnection: close\r\nContent-Length:";
    let answer = format!("{head} {}\r\n\r\n{PROBLEM}", PROBLEM.len());
    // Whoever does not take it is no loss. A socket that is dropped with bytes unread is reset, and the answer with it.
    if stream.write_all(answer.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        let mut rest = stream.take(LINGER_BYTES_MAX as u64);
        let _ = tokio::time::timeout(LINGER_TIME_MAX, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn digest(material: &TlsMaterial) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update(bytes.len().to_be_bytes());
        digest.update(bytes);
    };
    for one in &material.certificates {
        add(&one.chain);
        add(one.key.expose());
    }
    if let Some((_, text)) = &material.client_ca {
        add(text);
    }
    add(material.minimum.word().as_bytes());
    digest.finalize().into()
}

fn authorities(name: &str, text: &[u8]) -> Result<RootCertStore, TlsError> {
    let told = |why: String| TlsError::ClientCa { name: name.to_owned(), why };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text) {
        let certificate = certificate.map_err(|error| told(error.to_string()))?;
        store.add(certificate).map_err(|error| told(error.to_string()))?;
    }
    if store.is_empty() { Err(told("no certificate in PEM".to_owned())) } else { Ok(store) }
}

/// Time for certificates of clients, from the one clock.
struct Time(Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch((self.0)()))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Time")
    }
}

/// Certificates by the name that a client asks for.
#[derive(Debug)]
struct BySni {
    first: Arc<CertifiedKey>,
    names: HashMap<String, Arc<CertifiedKey>>,
    /// By what stands behind `*.`, which is for one label.
    wildcards: HashMap<String, Arc<CertifiedKey>>,
}

impl BySni {
    fn of(certificates: &[CertificateText], now: i64) -> Result<(Self, Vec<(String, Date)>), TlsError> {
        if certificates.len() > CERTIFICATES_MAX {
            return Err(TlsError::TooMany(certificates.len()));
        }
        let (mut names, mut wildcards, mut first) = (HashMap::new(), HashMap::new(), None);
        let mut ends_soon = Vec::new();
        for one in certificates {
            let chain = chain(one)?;
            let read = read(one, &chain, now)?;
            if read.ends - now < ENDS_SOON_DAYS * SECONDS_OF_DAY {
                ends_soon.push((one.name.clone(), day(read.ends)));
            }
            let key = Arc::new(certified(one, chain)?);
            first.get_or_insert_with(|| key.clone());
            for name in read.names {
                match name.strip_prefix("*.") {
                    Some(rest) => wildcards.entry(rest.to_owned()).or_insert_with(|| key.clone()),
                    None => names.entry(name).or_insert_with(|| key.clone()),
                };
            }
        }
        Ok((Self { first: first.ok_or(TlsError::None)?, names, wildcards }, ends_soon))
    }

    fn found(&self, name: &str) -> &Arc<CertifiedKey> {
        let name = name.to_ascii_lowercase();
        let wildcard = || self.wildcards.get(name.split_once('.')?.1);
        self.names.get(&name).or_else(wildcard).unwrap_or(&self.first)
    }
}

impl ResolvesServerCert for BySni {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(hello.server_name().map_or(&self.first, |name| self.found(name)).clone())
    }
}

fn chain(one: &CertificateText) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&one.chain).collect();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(TlsError::NoCertificate { name: one.name.clone() }),
    }
}

/// What a certificate says of itself.
struct Read {
    names: Vec<String>,
    ends: i64,
}

fn read(one: &CertificateText, chain: &[CertificateDer<'static>], now: i64) -> Result<Read, TlsError> {
    let name = || one.name.clone();
    let broken = |why: String| TlsError::Broken { name: name(), why };
    let first = chain.first().ok_or_else(|| TlsError::NoCertificate { name: name() })?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|error| broken(error.to_string()))?;
    let validity = certificate.validity();
    let (begins, ends) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    if now > ends {
        return Err(TlsError::Expired { name: name(), on: day(ends) });
    }
    if now < begins {
        return Err(TlsError::NotYet { name: name(), on: day(begins) });
    }
    let alternatives = certificate.subject_alternative_name().map_err(|error| broken(error.to_string()))?;
    let dns = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let names = alternatives.map(|all| all.value.general_names.iter().filter_map(dns).collect());
    Ok(Read { names: names.unwrap_or_default(), ends })
}

fn day(seconds: i64) -> Date {
    Date::of_unix_days(seconds.div_euclid(SECONDS_OF_DAY))
}

fn certified(one: &CertificateText, chain: Vec<CertificateDer<'static>>) -> Result<CertifiedKey, TlsError> {
    let name = one.name.clone();
    let Ok(key) = PrivateKeyDer::from_pem_slice(one.key.expose()) else {
        return Err(TlsError::NoKey { name });
    };
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::KeyOfAnother { name },
        error => TlsError::KeyNotUsable { name, why: error.to_string() },
    })
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("ends_soon", &self.ends_soon).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    /// 2026-01-01.
    const NOW: u64 = 1_767_225_600;

    fn made(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> CertificateText {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names.clone()).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let chain = params.self_signed(&key).unwrap().pem().into_bytes();
        CertificateText { name: names.join(","), chain, key: Secret::new(key.serialize_pem().into_bytes()) }
    }

    fn error(certificates: Vec<CertificateText>, client_ca: Option<&str>) -> String {
        let client_ca = client_ca.map(|text| ("ca.pem".to_owned(), text.as_bytes().to_vec()));
        let material = TlsMaterial { certificates, client_ca, minimum: TlsVersion::Tls12 };
        let clock: Clock = Arc::new(|| Duration::from_secs(NOW));
        Tls::of(&material, None, &clock).map_or_else(|error| error.to_string(), |tls| format!("{:?}", tls.ends_soon))
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let good = || made(&["a.example"], |_| {});
        assert_eq!(error(vec![good()], None), "[]");
        let end = |year, month, day| made(&["a.example"], |one| one.not_after = date_time_ymd(year, month, day));
        assert!(error(vec![end(2025, 12, 31)], None).ends_with("expired on 2025-12-31: renew it"));
        assert!(error(vec![end(2026, 1, 10)], None).contains("2026"), "it ends soon");
        assert_eq!(error(vec![end(2026, 2, 10)], None), "[]");
        let later = made(&["a.example"], |one| one.not_before = date_time_ymd(2026, 5, 1));
        assert!(error(vec![later], None).contains("is valid from 2026-05-01 on: set the clock right"));
        let swapped = CertificateText { key: good().key, ..good() };
        assert!(error(vec![swapped], None).starts_with("the key does not fit the certificate of `a.example`"));
        let no_key = CertificateText { key: Secret::new(b"abc".to_vec()), ..good() };
        assert!(error(vec![no_key], None).contains("no private key in PEM"));
        let empty = CertificateText { chain: Vec::new(), ..good() };
        assert!(error(vec![empty], None).contains("holds no certificate in PEM"));
        assert!(error(Vec::new(), None).starts_with("TLS needs a certificate"));
        assert!(error(vec![good()], Some("")).contains("`ca.pem` holds no authority"));
    }

    #[test]
    fn a_name_gets_its_certificate_and_any_other_the_first() {
        let all = [made(&["a.example"], |_| {}), made(&["b.example", "*.b.example"], |_| {})];
        let (by_name, _) = BySni::of(&all, i64::try_from(NOW).unwrap()).unwrap();
        let place = |name: &str| !Arc::ptr_eq(by_name.found(name), &by_name.first);
        let second = ["b.example", "B.Example", "x.b.example"];
        let first = ["a.example", "y.x.b.example", "c.example", "example", ".b.example.", ""];
        assert_eq!((second.map(place), first.map(place)), ([true; 3], [false; 6]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_go_on_is_left_in_time() {
        let certificates = vec![made(&["a.example"], |_| {})];
        let material = TlsMaterial { certificates, client_ca: None, minimum: TlsVersion::Tls12 };
        let clock: Clock = Arc::new(|| Duration::from_secs(NOW));
        let tls = Tls::of(&material, None, &clock).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let began = tokio::time::Instant::now();
        assert_eq!(tls.accept(stream).await.err(), Some(HandshakeError::TooSlow));
        assert_eq!(began.elapsed().as_secs(), HANDSHAKE_TIME_MAX.as_secs());
    }

    #[test]
    fn certificates_are_taken_up_to_the_bound() {
        let one = made(&["a.example"], |_| {});
        assert_eq!(error(vec![one.clone(); CERTIFICATES_MAX], None), "[]");
        assert!(error(vec![one; CERTIFICATES_MAX + 1], None).starts_with("1001 certificates are more than 1000"));
    }
}
