//! HTTP/2 towards clients, with a client of hyper. What single frames do is tried by `tests/http2_frames.py`.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_guard::{CertificateText, Edge, TlsMaterial};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::Secret;
use policy::TlsVersion;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};

use crate::application::{Application, response};
use crate::modern::Modern;
use crate::running::{Setup, upstream};

type Sender = http2::SendRequest<http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>>;

/// Runs a client, which must end in time.
fn running<T>(client: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(30), client).await.unwrap() })
}

async fn spoken(io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static) -> Sender {
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn connected(address: SocketAddr) -> Sender {
    spoken(tokio::net::TcpStream::connect(address).await.unwrap()).await
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("http://shop.example{path}"))
}

/// Status, fields, body and the fields behind it.
async fn whole(response: Response<hyper::body::Incoming>) -> (StatusCode, HeaderMap, Bytes, Option<HeaderMap>) {
    let (parts, body) = response.into_parts();
    let collected = body.collect().await.unwrap();
    let trailers = collected.trailers().cloned();
    (parts.status, parts.headers, collected.to_bytes(), trailers)
}

fn full(bytes: impl Into<Bytes>) -> http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error> {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

#[test]
fn a_call_of_grpc_passes_with_what_stands_behind_its_bodies() {
    let application = Modern::start(None);
    let servers = format!("servers = [\"http://{}\"]\nprotocol = \"http/2\"", application.address);
    let setup = Setup { upstream: Some(upstream(&servers)), ..Setup::without_policy() };
    let gateway = setup.start(application.address).unwrap();
    let (status, headers, body, trailers) = running(async {
        let mut sender = connected(gateway.address()).await;
        let mut behind = HeaderMap::new();
        behind.insert("x-sum", "7".parse().unwrap());
        behind.insert("x-forwarded-for", "6.6.6.6".parse().unwrap());
        let frames = [Frame::data(Bytes::from_static(b"abc")), Frame::trailers(behind)];
        let body = StreamBody::new(Parts(frames.into_iter().collect())).boxed_unsync();
        let request = Request::post("http://shop.example/shop.Orders/Get")
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        whole(sender.send_request(request.body(body).unwrap()).await.unwrap()).await
    });
    assert_eq!((status, body.as_ref()), (StatusCode::OK, &b"POST http://shop.example/shop.Orders/Get b\"abc\""[..]));
    assert_eq!(headers["via"], "2 doorward");
    let trailers = trailers.unwrap();
    assert_eq!((trailers.len(), &trailers["grpc-status"]), (1, &"0".parse::<http::HeaderValue>().unwrap()));
    let got = application.got().remove(0);
    assert_eq!(
        (&got.request.headers()["te"], &got.request.headers()["via"]),
        (&"trailers".parse().unwrap(), &"2 doorward".parse().unwrap())
    );
    assert_eq!(got.trailers.unwrap().keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["x-sum"]);
}

/// Parts of a body, one after the other.
struct Parts(std::collections::VecDeque<Frame<Bytes>>);

impl futures_core::Stream for Parts {
    type Item = std::io::Result<Frame<Bytes>>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop_front().map(Ok))
    }
}

const POLICY: &str =
    "version = 1\n[routes.\"POST /a\"]\naccess = \"public\"\n[routes.\"GET /a\"]\naccess = \"public\"\n";

#[test]
fn layers_do_not_know_which_version_a_request_came_by() {
    let application = Application::plain();
    let setup = Setup::enforcing(POLICY);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let statuses = running(async {
        let mut sender = connected(gateway.address()).await;
        let mut statuses = Vec::new();
        for (path, field) in
            [("/a", ("x-a", "b")), ("/b", ("x-a", "b")), ("/a", ("x_user", "admin")), ("/a%2fb", ("x-a", "b"))]
        {
            let request = get(path).header(field.0, field.1).body(full("")).unwrap();
            let (status, headers, body, _) = whole(sender.send_request(request).await.unwrap()).await;
            assert!(
                !headers.contains_key("connection") && headers.contains_key("x-content-type-options"),
                "{headers:?}"
            );
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            statuses.push((status.as_u16(), problem["type"].as_str().unwrap_or_default().to_owned()));
        }
        statuses
    });
    let problem = |name: &str| format!("urn:doorward:refusal:{name}");
    let expected = [
        (200, String::new()),
        (404, problem("unknown-endpoint")),
        (400, problem("look-alike-field")),
        (400, problem("encoded-slash")),
    ];
    assert_eq!(statuses, expected);
    assert_eq!(gateway.stop().seen, 4);
    let outcomes: Vec<_> =
        log.records().iter().filter(|one| one["record"] == "audit").map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["forwarded", "refused", "refused", "refused"]);
    assert_eq!(application.asked().len(), 1);
}

#[test]
fn a_body_at_the_bound_passes_and_one_past_it_does_not() {
    let application = Application::plain();
    let gateway = Setup { body_bytes_max: 10, ..Setup::without_policy() }.start(application.address).unwrap();
    let statuses = running(async {
        let mut sender = connected(gateway.address()).await;
        let mut statuses = Vec::new();
        for length in [10, 11] {
            // Without a length, in two parts.
            let parts = [5, length - 5].map(|count| Frame::data(Bytes::from(vec![b'a'; count])));
            let body = StreamBody::new(Parts(parts.into_iter().collect())).boxed_unsync();
            let request = Request::post("http://a/").body(body).unwrap();
            let (status, _, body, _) = whole(sender.send_request(request).await.unwrap()).await;
            statuses.push((status.as_u16(), String::from_utf8_lossy(&body).contains("body-too-large")));
        }
        statuses
    });
    assert_eq!(statuses, [(200, false), (413, true)]);
    assert!(application.asked().iter().all(|one| one.body.len() == 10));
}

#[test]
fn a_request_that_its_client_gives_up_is_given_up_and_accounted_for() {
    let (application, arrivals, go_on) = Application::held("late");
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    running(async {
        let mut sender = connected(gateway.address()).await;
        let given_up = sender.send_request(get("/slow").body(full("")).unwrap());
        let mut given_up = Box::pin(given_up);
        tokio::select! {
            _ = given_up.as_mut() => panic!("nobody answered"),
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
        }
        arrivals.recv().unwrap();
        drop(given_up);
        while !log.text().contains("\"abandoned\"") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        go_on.send(()).unwrap();
        go_on.send(()).unwrap();
        let again = sender.send_request(get("/next").body(full("")).unwrap()).await.unwrap();
        assert_eq!(again.status(), 200, "the connection serves on");
    });
}

#[test]
fn clients_agree_on_http2_in_tls() {
    let application = Application::plain();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["shop.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let text = CertificateText {
        name: "shop".to_owned(),
        chain: certificate.pem().into_bytes(),
        key: Secret::new(key.serialize_pem().into_bytes()),
    };
    let tls = TlsMaterial { certificates: vec![text], client_ca: None, minimum: TlsVersion::Tls12 };
    let edge = Edge { tls: Some(tls), ..Edge::default() };
    let gateway = Setup { edge, ..Setup::without_policy() }.start(application.address).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let statuses = running(async {
        let stream = tokio::net::TcpStream::connect(gateway.address()).await.unwrap();
        let name = ServerName::try_from("shop.example").unwrap();
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        let mut sender = spoken(stream).await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let request = Request::get("https://shop.example/a").body(full("")).unwrap();
            statuses.push(sender.send_request(request).await.unwrap().status().as_u16());
        }
        statuses
    });
    assert_eq!(statuses, [200, 200, 200]);
    assert!(application.asked().iter().all(|one| one.field("x-forwarded-proto") == Some("https")));
}

#[test]
fn an_answer_that_breaks_off_is_broken_off_in_http2_as_well() {
    let application = Application::answering(|asked| match asked.path() {
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf".to_vec(),
        _ => response("200 OK", "text/plain", b"hello"),
    });
    let more = format!("servers = [\"http://{}\"]\ntimeout = {{ idle_s = 1 }}", application.address);
    let setup = Setup { upstream: Some(upstream(&more)), ..Setup::without_policy() };
    let gateway = setup.start(application.address).unwrap();
    running(async {
        let mut sender = connected(gateway.address()).await;
        let cut = sender.send_request(get("/cut").body(full("")).unwrap()).await.unwrap();
        assert!(cut.into_body().collect().await.is_err());
        let next = sender.send_request(get("/next").body(full("")).unwrap()).await.unwrap();
        assert_eq!(whole(next).await.2.as_ref(), b"hello", "other streams go on");
    });
}

#[test]
fn a_connection_gets_so_many_requests_and_is_told_when_it_ends() {
    let application = Application::plain();
    let policy = format!(
        "version = 1\n[listen]\naddress = \"127.0.0.1:0\"\nconnections = {{ requests = 2 }}\n{}",
        POLICY.trim_start_matches("version = 1\n")
    );
    let gateway = Setup::enforcing(&policy).start(application.address).unwrap();
    let answered = running(async {
        let (mut sender, mut answered) = (connected(gateway.address()).await, 0);
        // Until the gateway has said that it takes no more.
        while sender.ready().await.is_ok() {
            let Ok(response) = sender.send_request(get("/a").body(full(Bytes::new())).unwrap()).await else { break };
            assert_eq!(whole(response).await.0, StatusCode::OK);
            answered += 1;
        }
        answered
    });
    assert!((2..100).contains(&answered), "{answered} requests");
}
