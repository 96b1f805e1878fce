//! An application that speaks what newer servers do: TLS, HTTP/2, fields behind a body.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as the application got it, whole.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) request: Request<Bytes>,
    pub(crate) trailers: Option<HeaderMap>,
    /// Which connection it came on.
    pub(crate) connection: usize,
    /// What its client showed.
    pub(crate) has_certificate: bool,
}

/// The running application. It answers what it got, with `grpc-status` behind the body.
pub(crate) struct Modern {
    pub(crate) address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
}

#[derive(Clone, Copy)]
struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move { _ = future.await });
    }
}

impl Modern {
    /// Over TLS, HTTP/2 where the client agrees to it; else HTTP/2 alone.
    pub(crate) fn start(tls: Option<ServerConfig>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let kept = got.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, async move {
                let listener = TcpListener::from_std(listener).unwrap();
                let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
                for connection in 0.. {
                    let (stream, _) = listener.accept().await.unwrap();
                    tokio::task::spawn_local(connected(stream, acceptor.clone(), connection, kept.clone()));
                }
            });
        });
        Self { address, got }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn connected(
    stream: tokio::net::TcpStream,
    acceptor: Option<TlsAcceptor>,
    connection: usize,
    kept: Arc<Mutex<Vec<Got>>>,
) {
    let Some(acceptor) = acceptor else {
        return served(stream, true, connection, false, kept).await;
    };
    if let Ok(stream) = acceptor.accept(stream).await {
        let session = stream.get_ref().1;
        let is_http2 = session.alpn_protocol() == Some(b"h2");
        let has_certificate = session.peer_certificates().is_some();
        served(stream, is_http2, connection, has_certificate, kept).await;
    }
}

async fn served(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    is_http2: bool,
    connection: usize,
    has_certificate: bool,
    kept: Arc<Mutex<Vec<Got>>>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let kept = kept.clone();
        async move {
            let (parts, body) = request.into_parts();
            let Ok(collected) = body.collect().await else {
                return Ok(Response::new(Full::new(Bytes::new()).with_trailers(behind()).boxed_unsync()));
            };
            let trailers = collected.trailers().cloned();
            let request = Request::from_parts(parts, collected.to_bytes());
            let text = format!("{} {} {:?}", request.method(), request.uri(), request.body());
            let version = if request.version() == Version::HTTP_2 { "2" } else { "1.1" };
            kept.lock().unwrap().push(Got { request, trailers, connection, has_certificate });
            let mut response = Response::new(Full::new(Bytes::from(text)).with_trailers(behind()).boxed_unsync());
            response.headers_mut().insert("x-version", version.parse().unwrap());
            response.headers_mut().insert("trailer", "grpc-status, set-cookie".parse().unwrap());
            Ok::<_, Infallible>(response)
        }
    });
    let stream = TokioIo::new(stream);
    let _ended = if is_http2 {
        hyper::server::conn::http2::Builder::new(OnThisThread).serve_connection(stream, service).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await
    };
}

/// What stands behind a body, and what must not.
fn behind() -> std::future::Ready<Option<Result<HeaderMap, Infallible>>> {
    let mut fields = HeaderMap::new();
    fields.insert("grpc-status", "0".parse().unwrap());
    fields.insert("set-cookie", "a=b".parse().unwrap());
    std::future::ready(Some(Ok(fields)))
}
