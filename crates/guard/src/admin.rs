//! The address for those who run the gateway: whether it is well, what it counts, what it admits. On a thread of its own, so
//! that nobody who asks there slows a request down. It shows no secret, and changes nothing but that an account is unlocked.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use model::Secret;
use percent_encoding::percent_decode_str;
use policy::{Admits, Identity, LayerSettings, ModeLayer, RoutePolicy};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::edge::Socket;
use crate::generation::{Current, Generation};
use crate::layers::limits::login;
use crate::layers::revocation::{self, REVOKED_TIME, Revoked};
use crate::metrics::{self, Shown};
use crate::record::{Operation, PRINCIPAL_BYTES_MAX, Record, Records, Time, Waiting, cut};
use crate::site::Site;
use crate::thread;
use crate::upstream::servers::ServerState;
use crate::worker::{Clock, Counters, Counting};

/// The most connections to the admin address.
pub const ADMIN_CONNECTIONS_MAX: usize = 64;
/// How long one of them may last.
pub const ADMIN_TIME_MAX: Duration = Duration::from_mins(1);
/// The most bytes of the head of a question.
const ADMIN_HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long accepting pauses when the system has no more of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Where an account is unlocked, and where tokens are taken back.
const UNLOCK: &str = "/-/unlock";
const REVOKE: &str = "/-/revoke";
/// The most bytes of a query there.
const REVOKE_BYTES_MAX: usize = 4096;
/// The most bytes of the name of an account.
pub const ACCOUNT_BYTES_MAX: usize = 1024;
/// The media type of metrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where those ask who run the gateway.
#[derive(Debug)]
pub struct Admin {
    /// The address.
    pub listen: SocketAddr,
    /// What they must show, as `Bearer`. Without one the address must be of this machine.
    pub token: Option<Secret<Vec<u8>>>,
}

/// What is known to whoever asks.
pub(crate) struct Known {
    pub(crate) current: Current,
    pub(crate) counters: Arc<Counting>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) clock: Clock,
    pub(crate) records: Records,
    /// Whether the gateway stops.
    pub(crate) stop: watch::Receiver<bool>,
}

/// The socket of the address, and the digest of the token that is asked for.
pub(crate) struct Opened {
    pub(crate) socket: Socket,
    pub(crate) token: Option<[u8; 32]>,
}

/// The running address; gone, it ends.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    end: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end.send(true);
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended.
            let _ = thread.join();
        }
    }
}

/// The digest of a token, so that comparing it tells nothing about it.
pub(crate) fn digest(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Answers on a socket until it is dropped.
pub(crate) fn start(opened: Opened, known: Known) -> io::Result<Running> {
    let Opened { socket: Socket { listener, address }, token } = opened;
    let (end, mut ended) = watch::channel(false);
    let work = async move || {
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = serve(listener, Arc::new(known), token) => {}
            _ = ended.wait_for(|is_ended| *is_ended) => {}
        }
    };
    let thread = thread::start("doorward-admin".to_owned(), work)?;
    Ok(Running { address, end, thread: Some(thread) })
}

async fn serve(listener: TcpListener, known: Arc<Known>, token: Option<[u8; 32]>) {
    let connections = Arc::new(Semaphore::new(ADMIN_CONNECTIONS_MAX));
    loop {
        let permit = connections.clone().acquire_owned().await;
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let known = known.clone();
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer(&known, token.as_ref(), &request, peer.ip());
                async move { Ok::<_, Infallible>(answer) }
            });
            let mut http = hyper::server::conn::http1::Builder::new();
            http.max_buf_size(ADMIN_HEAD_BYTES_MAX).header_read_timeout(None);
            // Whoever asks slowly is left: this one bound is for all that may take long.
            let _ = tokio::time::timeout(ADMIN_TIME_MAX, http.serve_connection(TokioIo::new(stream), service)).await;
            drop(permit);
        });
    }
}

fn answer(known: &Known, token: Option<&[u8; 32]>, request: &Request<Incoming>, peer: IpAddr) -> Response<Full<Bytes>> {
    if matches!(request.uri().path(), UNLOCK | REVOKE) {
        return changed(known, token, request, peer);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
    }
    let is_stopping = *known.stop.borrow();
    match request.uri().path() {
        "/healthz" => return text(StatusCode::OK, "ok"),
        "/readyz" if is_stopping => return text(StatusCode::SERVICE_UNAVAILABLE, "draining"),
        "/readyz" if !known.current.load().upstreams.is_ready() => {
            return text(StatusCode::SERVICE_UNAVAILABLE, "no server of the application is well");
        }
        "/readyz" => return text(StatusCode::OK, "ready"),
        _ => {}
    }
    if let Some(refused) = refused(token, request.headers()) {
        return refused;
    }
    let generation = known.current.load();
    match request.uri().path() {
        "/metrics" => {
            let counters =
                Counters { lost: known.waiting.lost(), log_failure: known.waiting.failure(), ..known.counters.read() };
            let servers: Vec<ServerState> = generation.upstreams.servers().map(|server| server.state()).collect();
            let page = metrics::text(&Shown {
                counters: &counters,
                series: &generation.series,
                servers: &servers,
                revision: &generation.revision,
                mode: generation.site.mode.word(),
                key_ages: generation.site.key_ages((known.clock)()).collect(),
                store: generation.site.store.as_ref().map(|store| store.link.state()),
                unwritten: generation.site.notes.unwritten(),
                key_sets: generation.site.sources().iter().map(|source| source.state((known.clock)())).collect(),
            });
            typed(StatusCode::OK, OPEN_METRICS, page)
        }
        "/-/policy" => typed(StatusCode::OK, "application/json", policy(&generation).to_string()),
        _ => text(StatusCode::NOT_FOUND, "there are /healthz, /readyz, /metrics, /-/policy, /-/unlock and /-/revoke"),
    }
}

/// Changes something. Only for who shows a token: without one, any page in a browser on this machine could ask for it.
fn changed(
    known: &Known,
    token: Option<&[u8; 32]>,
    request: &Request<Incoming>,
    peer: IpAddr,
) -> Response<Full<Bytes>> {
    if *request.method() != Method::POST {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only POST");
    }
    if token.is_none() {
        return text(StatusCode::FORBIDDEN, "this needs a token: `[admin]` `token = { env = \"NAME\" }`");
    }
    if let Some(refused) = refused(token, request.headers()) {
        return refused;
    }
    let query = request.uri().query().unwrap_or_default();
    if request.uri().path() == REVOKE { revoke(known, query, peer) } else { unlock(known, query, peer) }
}

impl Known {
    /// Writes down what was changed, and from where that was asked for.
    fn write(&self, what: &'static str, identity: Option<&str>, of: Option<String>, peer: IpAddr) {
        let of = of.map(|of| cut(of, PRINCIPAL_BYTES_MAX));
        let (time, address) = (Time((self.clock)()), peer.to_canonical().to_string());
        self.records.write(&Record::Operation(Operation { time, address: &address, what, identity, of }));
    }
}

/// Frees an account that too many wrong passwords have locked.
fn unlock(known: &Known, query: &str, peer: IpAddr) -> Response<Full<Bytes>> {
    let account = query.strip_prefix("account=");
    let account = account.and_then(|account| percent_decode_str(account).decode_utf8().ok());
    let Some(account) = account.filter(|account| !account.is_empty() && account.len() <= ACCOUNT_BYTES_MAX) else {
        return text(StatusCode::BAD_REQUEST, "which one: `/-/unlock?account=NAME`, percent-encoded");
    };
    let site = known.current.load().site.clone();
    if let Some(refused) = store_down(&site) {
        return refused;
    }
    let store = site.store_beside(Arc::default(), &known.clock);
    login::unlock(&account, &*store, (known.clock)());
    known.write("unlock", None, Some(account.into_owned()), peer);
    text(StatusCode::OK, "unlocked")
}

/// While the store that others share does not answer, nothing is noted: the others would not know.
fn store_down(site: &Site) -> Option<Response<Full<Bytes>>> {
    let is_down = site.store.as_ref().is_some_and(|store| !store.link.is_up());
    is_down.then(|| text(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer: nothing was noted, ask again"))
}

/// Takes tokens back: `identity=NAME` with `token=JTI`, with `subject=SUB`, or alone; `lasts_s=SECONDS`.
fn revoke(known: &Known, query: &str, peer: IpAddr) -> Response<Full<Bytes>> {
    let usage = "which: `/-/revoke?identity=NAME&token=JTI`, `&subject=SUB` or neither, and `&lasts_s=SECONDS`, percent-encoded";
    let wrong = || text(StatusCode::BAD_REQUEST, usage);
    if query.len() > REVOKE_BYTES_MAX {
        return wrong();
    }
    let (mut identity, mut what, mut lasts) = (None, Revoked::All, REVOKED_TIME);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let Ok(value) = percent_decode_str(value).decode_utf8() else { return wrong() };
        match (name, &what) {
            ("identity", _) if identity.is_none() && !value.is_empty() => identity = Some(value.into_owned()),
            ("token", Revoked::All) if !value.is_empty() => what = Revoked::Token(value.into_owned()),
            ("subject", Revoked::All) if !value.is_empty() => what = Revoked::Subject(value.into_owned()),
            ("lasts_s", _) => match value.parse().ok().and_then(NonZeroU32::new) {
                Some(seconds) => lasts = Duration::from_secs(seconds.get().into()),
                None => return wrong(),
            },
            _ => return wrong(),
        }
    }
    let Some(identity) = identity else { return wrong() };
    let site = known.current.load().site.clone();
    if !site.identity(&identity).is_some_and(Identity::is_revocable) {
        return text(StatusCode::NOT_FOUND, "no identity of this name has `revocable = true`");
    }
    if let Some(refused) = store_down(&site) {
        return refused;
    }
    let store = site.store_beside(Arc::default(), &known.clock);
    revocation::revoke(&identity, &what, lasts, &*store, (known.clock)());
    let of = match what {
        Revoked::Token(of) | Revoked::Subject(of) => Some(of),
        Revoked::All => None,
    };
    known.write("revoke", Some(&identity), of, peer);
    text(StatusCode::OK, "revoked")
}

/// Who does not show the token; and, where there is none, pages of other sites whose names lead here (DNS rebinding).
fn refused(token: Option<&[u8; 32]>, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
    let text_of = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(token) = token else {
        let host = format!("http://{}", text_of(HOST).unwrap_or_default()).parse::<Uri>().ok();
        let host = host.as_ref().and_then(Uri::host).unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_own = host == "localhost" || address.is_ok();
        return (!is_own).then(|| text(StatusCode::FORBIDDEN, "ask by the address, or as localhost"));
    };
    let shown = text_of(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    if shown.is_some_and(|shown| digest(shown.as_bytes()) == *token) {
        return None;
    }
    let mut response = text(StatusCode::UNAUTHORIZED, "the token of `[admin]` is needed, as `Authorization: Bearer`");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(response)
}

/// What is admitted, without a secret: a policy holds none, and of keys not even where they are found is shown.
fn policy(generation: &Generation) -> Value {
    let policy = generation.site.policy.as_ref();
    let route = |route: &RoutePolicy| {
        let admits = match route.settings.admits() {
            Admits::Everybody => json!("everybody"),
            Admits::Nobody => json!("nobody"),
            Admits::AnyOf(grants) => grants.iter().map(|grant| json!(grant.identity)).collect(),
        };
        let mode = policy.map(|policy| policy.mode_of(generation.site.mode, None, Some(&route.settings)).word());
        json!({ "route": route.key.to_string(), "admits": admits, "mode": mode })
    };
    let layer = |(layer, settings): &(ModeLayer, LayerSettings)| (layer.word().to_owned(), json!(settings.mode.word()));
    let identities = policy.iter().flat_map(|policy| &policy.identity);
    json!({
        "revision": generation.revision,
        "mode": generation.site.mode.word(),
        "layers": policy.iter().flat_map(|policy| &policy.layers).map(layer).collect::<Map<_, _>>(),
        "tls": generation.tls.is_some(),
        "upstream": generation.upstreams.servers().map(|one| one.authority()).collect::<Vec<_>>(),
        "identities": identities.map(|(name, one)| json!({ "name": name, "kind": one.kind() })).collect::<Vec<_>>(),
        "routes": policy.iter().flat_map(|policy| &policy.routes).map(route).collect::<Vec<_>>(),
    })
}

fn text(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn typed(status: StatusCode, media_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use arc_swap::ArcSwap;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::task::LocalSet;

    use super::*;
    use crate::generation::Change;
    use crate::site::{Keys, KnownKeys};

    struct NoKeys;
    impl Keys for NoKeys {
        fn read(&self, _: &policy::KeysRef) -> Result<Secret<Vec<u8>>, String> {
            Err("there are none".to_owned())
        }
    }

    fn known() -> Arc<Known> {
        let servers = vec!["http://127.0.0.1:1".parse().unwrap()];
        let change = Change {
            upstream: policy::Upstream::of(servers),
            policy: None,
            mode: policy::Mode::Report,
            keys: &NoKeys,
            known_keys: KnownKeys::Refuse,
            tls: None,
        };
        let clock: Clock = Arc::new(|| Duration::ZERO);
        let (generation, _) = Generation::compiled(change, None, &clock).unwrap();
        Arc::new(Known {
            current: Arc::new(ArcSwap::from_pointee(generation)),
            counters: Arc::new(Counting::new()),
            waiting: Arc::default(),
            clock,
            records: Records::nowhere().0,
            stop: watch::channel(false).1,
        })
    }

    /// Runs a test beside the address.
    async fn beside<F: Future<Output = ()>>(test: impl FnOnce(SocketAddr) -> F) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let local = Rc::new(LocalSet::new());
        local
            .run_until(async {
                tokio::select! {
                    () = serve(listener, known(), None) => {}
                    () = test(address) => {}
                }
            })
            .await;
    }

    /// Whether a connection is answered before so much time has passed.
    async fn is_answered(client: &mut TcpStream, time: Duration) -> bool {
        client.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut buffer = [0; 1024];
        matches!(tokio::time::timeout(time, client.read(&mut buffer)).await, Ok(Ok(1..)))
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_are_answered_at_once_and_none_for_ever() {
        const MOMENT: Duration = Duration::from_secs(1);
        beside(|address| async move {
            let mut clients = Vec::new();
            for _ in 0..ADMIN_CONNECTIONS_MAX {
                let mut client = TcpStream::connect(address).await.unwrap();
                assert!(is_answered(&mut client, MOMENT).await);
                clients.push(client);
            }
            let mut next = TcpStream::connect(address).await.unwrap();
            assert!(!is_answered(&mut next, MOMENT).await, "one past the bound");
            // The others say nothing more, and are left when their time is over.
            assert!(is_answered(&mut next, ADMIN_TIME_MAX).await);
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_is_read_up_to_the_bound() {
        beside(|address| async move {
            for (bytes, status) in [(ADMIN_HEAD_BYTES_MAX, "200"), (ADMIN_HEAD_BYTES_MAX + 1, "431")] {
                let mut client = TcpStream::connect(address).await.unwrap();
                let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx: ";
                let rest = "a".repeat(bytes - head.len() - 4);
                client.write_all(format!("{head}{rest}\r\n\r\n").as_bytes()).await.unwrap();
                let mut text = vec![0; 12];
                client.read_exact(&mut text).await.unwrap();
                assert_eq!(&text[9..], status.as_bytes(), "{bytes}");
            }
        })
        .await;
    }
}
