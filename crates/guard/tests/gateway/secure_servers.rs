//! Servers that are spoken to over TLS, in HTTP/2, and with fields behind bodies.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use doorward_guard::{Gateway, StartError, UPSTREAM_STREAMS_MAX};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use crate::application::Application;
use crate::client::{Client, ask, get};
use crate::modern::Modern;
use crate::running::{Given, KEY, Setup, until, upstream};

/// A certificate with its key.
pub(crate) struct Made {
    pem: String,
    pub(crate) der: CertificateDer<'static>,
    key: KeyPair,
}

pub(crate) fn made(name: &str) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    Made { pem: certificate.pem(), der: certificate.der().clone(), key }
}

impl Made {
    fn private(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    /// How a server speaks that shows it.
    pub(crate) fn server(&self, alpn: &[&str], clients_of: Option<CertificateDer<'static>>) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
        let builder = match clients_of {
            Some(authority) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(authority).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(vec![self.der.clone()], self.private()).unwrap();
        config.alpn_protocols = alpn.iter().map(|one| one.as_bytes().to_vec()).collect();
        config
    }
}

/// A gateway before a server over TLS, with these files.
fn started(server: SocketAddr, more: &str, files: &[(&str, &[u8])]) -> Result<Gateway, StartError> {
    let mut keys = Given::one("KEY", KEY.as_bytes());
    keys.0.extend(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())));
    let upstream = upstream(&format!("servers = [\"https://localhost:{}\"]\n{more}", server.port()));
    Setup { upstream: Some(upstream), keys, ..Setup::without_policy() }.start(server)
}

fn reason(gateway: &Gateway) -> String {
    get(gateway.address(), "/", "").reason().unwrap_or_default()
}

#[test]
fn so_many_requests_share_a_connection_of_http2_and_one_more_gets_another() {
    for (requests, connections) in [(UPSTREAM_STREAMS_MAX, 1), (UPSTREAM_STREAMS_MAX + 1, 2)] {
        let application = Modern::start(None);
        let servers = format!("servers = [\"http://{}\"]\nprotocol = \"http/2\"", application.address);
        let setup = Setup { upstream: Some(upstream(&servers)), ..Setup::without_policy() };
        let gateway = setup.start(application.address).unwrap();
        let mut clients: Vec<Client> = (0..requests).map(|_| Client::connect(gateway.address())).collect();
        // All are under way before one of them ends.
        clients.iter_mut().for_each(|one| one.send(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"));
        until("all are seen", || gateway.counters().seen == requests as u64);
        thread::sleep(Duration::from_millis(300));
        for client in &mut clients {
            client.send(b"a");
            assert_eq!(client.answer(false).unwrap().status, 200);
        }
        let used: BTreeSet<usize> = application.got().iter().map(|got| got.connection).collect();
        assert_eq!(used.len(), connections, "{requests}");
    }
}

#[test]
fn a_server_is_verified_by_the_authority_and_the_name_that_the_policy_has() {
    let certificate = made("localhost");
    let application = Modern::start(Some(certificate.server(&["h2", "http/1.1"], None)));
    let trusting = [("ca.pem", certificate.pem.as_bytes())];
    let gateway = started(application.address, "tls = { ca = \"ca.pem\" }", &trusting).unwrap();
    let answer = get(gateway.address(), "/a", "");
    assert_eq!((answer.status, answer.field("x-version")), (200, Some("2")), "by agreement");
    let http1 = started(application.address, "tls = { ca = \"ca.pem\" }\nprotocol = \"http/1.1\"", &trusting).unwrap();
    assert_eq!(get(http1.address(), "/a", "").field("x-version"), Some("1.1"));
    let other = made("localhost");
    let untrusting = [("ca.pem", other.pem.as_bytes())];
    let gateway = started(application.address, "tls = { ca = \"ca.pem\" }", &untrusting).unwrap();
    assert_eq!(reason(&gateway), "upstream-tls");
    let named = "tls = { ca = \"ca.pem\", server_name = \"other.example\" }";
    assert_eq!(reason(&started(application.address, named, &trusting).unwrap()), "upstream-tls");
    // Nobody is trusted without being named, where the system names nobody.
    let told = started(application.address, "", &[]).unwrap_err().to_string();
    assert!(told.contains("TLS to the application: this system trusts no authorities"), "{told}");
    let told = started(application.address, "tls = { ca = \"none.pem\" }", &[]).unwrap_err().to_string();
    assert!(told.contains("no such file"), "{told}");
}

#[test]
fn a_server_that_speaks_no_tls_or_does_not_go_on_is_a_problem() {
    let application = Application::plain();
    let certificate = made("localhost");
    let trusting = [("ca.pem", certificate.pem.as_bytes())];
    let gateway = started(application.address, "tls = { ca = \"ca.pem\" }", &trusting).unwrap();
    assert!(application.asked().is_empty());
    drop(gateway);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let more = "tls = { ca = \"ca.pem\" }\ntimeout = { connect_ms = 300 }";
    let gateway = started(silent.local_addr().unwrap(), more, &trusting).unwrap();
    assert_eq!(reason(&gateway), "upstream-connect-slow");
    let old = Modern::start(Some(certificate.server(&["http/1.1"], None)));
    let more = "tls = { ca = \"ca.pem\" }\nprotocol = \"http/2\"";
    assert_eq!(reason(&started(old.address, more, &trusting).unwrap()), "upstream-tls", "it agrees to nothing");
    let unspoken = Modern::start(Some(certificate.server(&[], None)));
    assert_eq!(reason(&started(unspoken.address, more, &trusting).unwrap()), "upstream-protocol");
}

#[test]
fn a_certificate_of_the_gateway_is_shown_to_servers_that_ask_for_one() {
    let certificate = made("localhost");
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(params, authority_key);
    let own = CertificateParams::new(vec!["gateway".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let application = Modern::start(Some(certificate.server(&["h2"], Some(authority.der().clone()))));
    let (own, key) = (own.pem(), key.serialize_pem());
    let files = [("ca.pem", certificate.pem.as_bytes()), ("own.pem", own.as_bytes()), ("own.key", key.as_bytes())];
    let tls = "tls = { ca = \"ca.pem\", certificate = \"own.pem\", key = { file = \"own.key\" } }";
    let gateway = started(application.address, tls, &files).unwrap();
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    assert!(application.got()[0].has_certificate);
    let without = started(application.address, "tls = { ca = \"ca.pem\" }", &files).unwrap();
    assert!(matches!(&*reason(&without), "upstream-tls" | "upstream-down"));
    let told = started(application.address, tls, &files[..2]).unwrap_err().to_string();
    assert!(told.contains("`certificate` and `key`: no such file"), "{told}");
}

fn plain_http2(more: &str) -> (Modern, Gateway) {
    let application = Modern::start(None);
    let servers = format!("servers = [\"http://{}\"]\nprotocol = \"http/2\"\n{more}", application.address);
    let setup = Setup { upstream: Some(upstream(&servers)), ..Setup::without_policy() };
    let gateway = setup.start(application.address).unwrap();
    (application, gateway)
}

#[test]
fn requests_share_a_connection_of_http2_and_arrive_as_they_were_sent() {
    let (application, gateway) = plain_http2("");
    let address = gateway.address();
    let clients: Vec<_> = (0..20)
        .map(|index| {
            thread::spawn(move || {
                let mut client = Client::connect(address);
                for _ in 0..5 {
                    client.send(format!("POST /a/{index}?b=c HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\n\r\nabc").as_bytes());
                    let answer = client.answer(false).unwrap();
                    let text = String::from_utf8(answer.body.clone()).unwrap();
                    assert_eq!(text, format!("POST http://shop.example/a/{index}?b=c b\"abc\""));
                    assert_eq!(answer.field("via"), Some("2 doorward"));
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    let got = application.got();
    assert_eq!(got.len(), 100);
    assert!(got.iter().all(|one| one.connection == 0), "one connection is enough");
    let headers = got[0].request.headers();
    assert_eq!(headers["x-forwarded-host"], "shop.example");
    assert!(["host", "connection", "keep-alive", "te"].iter().all(|name| !headers.contains_key(*name)), "{headers:?}");
}

/// Everything that comes until the connection ends.
fn all(gateway: &Gateway, request: &str) -> String {
    let mut client = Client::connect(gateway.address());
    client.send(request.as_bytes());
    String::from_utf8(client.raw(usize::MAX)).unwrap()
}

#[test]
fn fields_behind_a_body_go_both_ways_and_those_that_must_not_stand_there_do_not() {
    let (application, gateway) = plain_http2("");
    let head = "POST /s/M HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nTE: trailers\r\nConnection: close, TE\r\n\
                Transfer-Encoding: chunked\r\nTrailer: X-Sum, X-Forwarded-For\r\n\r\n";
    let text = all(&gateway, &format!("{head}3\r\nabc\r\n0\r\nX-Sum: 7\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"));
    assert!(text.contains("x-version: 2\r\n") && text.contains("trailer: grpc-status\r\n"), "{text}");
    assert!(text.ends_with("0\r\ngrpc-status: 0\r\n\r\n"), "{text}");
    let got = application.got().remove(0);
    assert_eq!(got.request.headers()["te"], "trailers");
    let trailers = got.trailers.unwrap();
    assert_eq!((trailers.len(), &trailers["x-sum"]), (1, &"7".parse::<http::HeaderValue>().unwrap()));
    // A client that does not ask for them gets none.
    let text = all(&gateway, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(!text.contains("grpc-status"), "{text}");
}

#[test]
fn fields_behind_a_body_pass_in_http1_where_both_sides_announce_them() {
    let application = Application::answering(|_| {
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Cache-Control\r\n\r\n\
          5\r\nhello\r\n0\r\nX-Sum: 7\r\nCache-Control: no-store\r\n\r\n"
            .to_vec()
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let text = all(&gateway, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n");
    assert!(text.ends_with("5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n"), "{text}");
    assert!(text.contains("\r\ntrailer: x-sum\r\n"), "{text}");
    let text = all(&gateway, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(text.ends_with("5\r\nhello\r\n0\r\n\r\n") && !text.contains("railer"), "{text}");
}

#[test]
fn a_websocket_needs_a_server_of_http1() {
    let (application, gateway) = plain_http2("");
    let request = b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let answer = ask(gateway.address(), request).unwrap();
    assert_eq!((answer.status, answer.reason().as_deref()), (501, Some("upgrade-not-carried")));
    assert!(application.got().is_empty());
}

#[test]
fn bodies_of_any_length_pass_through_http2() {
    let (application, gateway) = plain_http2("");
    let body = "x".repeat(3_000_000);
    let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    let answer = ask(gateway.address(), [head.as_bytes(), body.as_bytes()].concat().as_slice()).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(application.got()[0].request.body().len(), body.len());
    assert!(answer.body.len() > body.len());
}

#[test]
fn what_a_server_of_http2_has_not_looked_at_is_sent_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    // On each connection it answers one request, and refuses to look at the next.
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                let mut count = 0;
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    count += 1;
                    match count {
                        1 => drop(respond.send_response(http::Response::new(()), true)),
                        _ => respond.send_reset(h2::Reason::REFUSED_STREAM),
                    }
                }
            });
        }
    };
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(serve);
    });
    let servers = format!("servers = [\"http://{address}\"]\nprotocol = \"http/2\"");
    let gateway = Setup { upstream: Some(upstream(&servers)), ..Setup::without_policy() }.start(address).unwrap();
    let asked = |text: &str| ask(gateway.address(), text.as_bytes()).unwrap().status;
    let empty = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    assert_eq!([asked(empty), asked(empty)], [200, 200], "a body that is there no more is none");
    let full = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(asked(full), 502, "this one was sent, and cannot be sent again");
}
