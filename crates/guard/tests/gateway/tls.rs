//! TLS towards clients, with a client of rustls: versions, names, certificates of clients, and what comes without.

use std::net::SocketAddr;
use std::sync::Arc;

use doorward_guard::{CertificateText, Change, Edge, Gateway, KnownKeys, Plain, StartError, TlsMaterial};
use model::Secret;
use policy::{Mode, TlsVersion, Upstream};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use crate::application::Application;
use crate::client::{Client, ask};
use crate::running::{Given, KEY, Setup};

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

/// A certificate that stands for itself.
fn made(name: &str) -> (CertificateText, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let key = Secret::new(key.serialize_pem().into_bytes());
    let text = CertificateText { name: name.to_owned(), chain: certificate.pem().into_bytes(), key };
    (text, certificate.der().clone())
}

fn material(certificates: Vec<CertificateText>) -> TlsMaterial {
    TlsMaterial { certificates, client_ca: None, minimum: TlsVersion::Tls12 }
}

fn started(tls: TlsMaterial, application: SocketAddr) -> Gateway {
    let edge = Edge { tls: Some(tls), ..Edge::default() };
    Setup { edge, ..Setup::without_policy() }.start(application).unwrap()
}

/// How a client of a test speaks.
struct Speaks<'s> {
    name: &'s str,
    trusts: &'s CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
    alpn: &'s [&'s str],
    shows: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
}

impl<'s> Speaks<'s> {
    fn to(name: &'s str, trusts: &'s CertificateDer<'static>) -> Self {
        Self { name, trusts, version: &TLS13, alpn: &[], shows: None }
    }

    fn connect(self, gateway: SocketAddr) -> Result<StreamOwned<ClientConnection, std::net::TcpStream>, String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusts.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[self.version]).unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match self.shows {
            Some((certificate, key)) => builder.with_client_auth_cert(vec![certificate], key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = self.alpn.iter().map(|one| one.as_bytes().to_vec()).collect();
        let name = ServerName::try_from(self.name.to_owned()).unwrap();
        let mut session = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut socket = Client::socket(gateway);
        while session.is_handshaking() {
            session.complete_io(&mut socket).map_err(|error| error.to_string())?;
        }
        Ok(StreamOwned::new(session, socket))
    }
}

#[test]
fn both_versions_are_served_and_the_application_is_told() {
    let application = Application::plain();
    let (text, der) = made("api.example");
    let gateway = started(material(vec![text.clone()]), application.address);
    for version in [&TLS12, &TLS13] {
        let speaks = Speaks { version, alpn: &["http/1.1"], ..Speaks::to("api.example", &der) };
        let stream = speaks.connect(gateway.address()).unwrap();
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        let speaks = Speaks { version, alpn: &["http/1.1", "h2"], ..Speaks::to("api.example", &der) };
        assert_eq!(speaks.connect(gateway.address()).unwrap().conn.alpn_protocol(), Some(&b"h2"[..]));
        let mut client = Client::over(stream);
        for _ in 0..3 {
            client.send(GET);
            assert_eq!(client.answer(false).unwrap().body, b"hello");
        }
        let body = vec![b'x'; 300_000];
        client.send(&[b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n".as_slice(), &body].concat());
        assert_eq!(client.answer(false).unwrap().status, 200);
        assert_eq!(application.asked().last().unwrap().body, body);
    }
    assert!(application.asked().iter().all(|asked| asked.field("x-forwarded-proto") == Some("https")));
    let other = Speaks { alpn: &["h3"], ..Speaks::to("api.example", &der) };
    assert!(other.connect(gateway.address()).unwrap_err().contains("NoApplicationProtocol"));
    let newest = TlsMaterial { minimum: TlsVersion::Tls13, ..material(vec![text]) };
    let gateway = started(newest, application.address);
    let old = Speaks { version: &TLS12, ..Speaks::to("api.example", &der) };
    assert!(old.connect(gateway.address()).unwrap_err().contains("ProtocolVersion"));
}

#[test]
fn each_name_gets_its_certificate() {
    let application = Application::plain();
    let ((first, first_der), (second, second_der)) = (made("a.example"), made("*.b.example"));
    let gateway = started(material(vec![first, second]), application.address);
    let shown = |name: &str, trusts: &CertificateDer<'static>| {
        let stream = Speaks::to(name, trusts).connect(gateway.address());
        stream.map(|stream| stream.conn.peer_certificates().unwrap()[0].clone())
    };
    assert_eq!(shown("a.example", &first_der).unwrap(), first_der);
    assert_eq!(shown("x.b.example", &second_der).unwrap(), second_der);
    assert!(shown("c.example", &first_der).is_err());
}

#[test]
fn a_client_shows_a_certificate_of_the_authority_or_gets_nothing() {
    let application = Application::plain();
    let authority = || {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        (Issuer::new(params, key), pem)
    };
    let ((partners, pem), (others, _)) = (authority(), authority());
    let of = |issuer: &Issuer<'_, KeyPair>| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["partner".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
        Some((certificate.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap()))
    };
    let (text, der) = made("api.example");
    let tls = TlsMaterial { client_ca: Some(("ca.pem".to_owned(), pem.into_bytes())), ..material(vec![text]) };
    let gateway = started(tls, application.address);
    // In TLS 1.3 a client learns of its refusal with the first answer.
    let status = |shows| {
        let stream = Speaks { shows, ..Speaks::to("api.example", &der) }.connect(gateway.address());
        let mut client = Client::over(stream.ok()?);
        client.send(GET);
        client.answer(false).map(|answer| answer.status)
    };
    assert_eq!(status(of(&partners)), Some(200));
    assert_eq!(status(of(&others)), None);
    assert_eq!(status(None), None);
    assert_eq!(application.asked().len(), 1);
}

/// What identifies by certificates.
const CERTIFICATES: &str = r#"
version = 1
[listen]
address = "127.0.0.1:0"
[listen.tls]
certificate = "api.pem"
key = { file = "api.key" }
client_ca = "ca.pem"
[identity.partners]
kind = "client-certificate"
name = "dns"
clients = [{ name = "orders.example", roles = ["robot"] }, { name = "stock.example" }]
[routes."GET /a"]
allow = [{ identity = "partners", role = "robot" }]
[routes."GET /b"]
allow = [{ identity = "partners" }]
"#;

#[test]
fn a_certificate_says_who_the_client_is() {
    let application = Application::plain();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let of = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        (certificate.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    };
    let (text, der) = made("api.example");
    let tls = TlsMaterial { client_ca: Some(("ca.pem".to_owned(), pem.into_bytes())), ..material(vec![text]) };
    let edge = Edge { tls: Some(tls), ..Edge::default() };
    let gateway = Setup { edge, ..Setup::enforcing(CERTIFICATES) }.start(application.address).unwrap();
    let statuses = |name: &str| {
        let speaks = Speaks { shows: Some(of(name)), alpn: &["http/1.1"], ..Speaks::to("api.example", &der) };
        let mut client = Client::over(speaks.connect(gateway.address()).unwrap());
        ["/a", "/b"].map(|path| {
            client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
            client.answer(false).unwrap().status
        })
    };
    assert_eq!(statuses("orders.example"), [200, 200]);
    assert_eq!(statuses("stock.example"), [403, 200]);
    assert_eq!(statuses("other.example"), [401, 401]);
}

#[test]
fn what_comes_without_tls_is_refused_and_only_a_browser_is_led_on() {
    let application = Application::plain();
    let (text, _) = made("api.example");
    let started = |redirect| {
        let plain = Some(Plain { listen: SocketAddr::from(([127, 0, 0, 1], 0)), redirect });
        let edge = Edge { tls: Some(material(vec![text.clone()])), plain, ..Edge::default() };
        Setup { edge, ..Setup::without_policy() }.start(application.address).unwrap()
    };
    let gateway = started(true);
    let wrong = ask(gateway.address(), GET).unwrap();
    assert_eq!((wrong.status, wrong.reason().as_deref()), (400, Some("tls-required")));
    assert!(wrong.head.starts_with("HTTP/1.1 400 "), "nothing of TLS before it: {:?}", wrong.head);
    let plain = |gateway: &Gateway, head: &str| {
        let answer = ask(gateway.plain_address().unwrap(), format!("{head}\r\n\r\n").as_bytes()).unwrap();
        (answer.status, answer.reason(), answer.field("location").map(str::to_owned))
    };
    let refused = (403, Some("tls-required".to_owned()), None);
    let api = "GET /a?b=c HTTP/1.1\r\nHost: api.example:80";
    let browser = format!("{api}\r\nAccept: text/html,*/*");
    assert_eq!(plain(&gateway, api), refused);
    assert_eq!(plain(&gateway, &format!("{browser}\r\nAuthorization: Bearer a")), refused);
    assert_eq!(plain(&gateway, &browser.replace("GET", "POST")), refused);
    let (status, _, location) = plain(&gateway, &browser);
    let port = gateway.address().port();
    assert_eq!((status, location), (308, Some(format!("https://api.example:{port}/a?b=c"))));
    assert_eq!(plain(&started(false), &browser), refused);
    assert!(application.asked().is_empty());
    assert_eq!(gateway.stop().seen, 4, "refusals are counted as any other");
}

#[test]
fn another_certificate_is_for_connections_that_come_then() {
    let application = Application::plain();
    let ((old, old_der), (new, new_der)) = (made("api.example"), made("api.example"));
    let gateway = started(material(vec![old]), application.address);
    let mut before = Client::over(Speaks::to("api.example", &old_der).connect(gateway.address()).unwrap());
    let reload = |tls: Option<TlsMaterial>| {
        let server = format!("http://{}", application.address).parse().unwrap();
        gateway.reload(Change {
            upstream: Upstream::of(vec![server]),
            policy: None,
            mode: Mode::Report,
            keys: &Given::one("KEY", KEY.as_bytes()),
            known_keys: KnownKeys::Refuse,
            tls,
        })
    };
    reload(Some(material(vec![new.clone()]))).unwrap();
    assert!(Speaks::to("api.example", &old_der).connect(gateway.address()).is_err());
    assert!(Speaks::to("api.example", &new_der).connect(gateway.address()).is_ok());
    before.send(GET);
    assert_eq!(before.answer(false).unwrap().status, 200);
    let mixed = CertificateText { key: made("api.example").0.key, ..new };
    assert!(reload(Some(material(vec![mixed]))).unwrap_err().to_string().contains("the key does not fit"));
    assert!(matches!(reload(None), Err(StartError::TlsSwitched)));
    assert!(Speaks::to("api.example", &new_der).connect(gateway.address()).is_ok());
}
