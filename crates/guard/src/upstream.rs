//! To the application and back: naive and correct. Bodies stream both ways, connections are kept and bounded, and nothing
//! is sent twice that may count twice.

mod fields;
mod pool;
mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use http::header::{HOST, TRANSFER_ENCODING, UPGRADE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::body::{Body as _, Incoming};
use policy::Upstream;

use crate::body::Body;
use crate::obligation::{Obligations, Withheld};
use crate::pipeline::Admitted;
use crate::refusal::{Reason, Refusal};
use pool::{Pool, Server};

/// How long a connection to the application may take, unless the policy says so.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// How long the head of an answer may take after the request was sent, unless the policy says so.
const RESPONSE_TIME_MAX: Duration = Duration::from_secs(30);
/// The most attempts of which all but the last sent nothing.
const ATTEMPTS_MAX: usize = 3;

/// The way to the application.
#[derive(Debug)]
pub struct Relay {
    pool: Pool,
    response_time_max: Duration,
}

/// Why an application cannot be forwarded to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// No server is named.
    #[error("the application has no address: `--upstream URL`, or `[upstream.NAME]` with `servers`")]
    NoServer,
    /// TLS towards the application is not built.
    #[error("`{0}`: this build speaks to the application without TLS alone")]
    Tls(String),
}

impl Relay {
    /// A way to the servers of an upstream.
    pub(crate) fn new(upstream: &Upstream) -> Result<Self, RelayError> {
        if let Some(tls) = upstream.servers.iter().find(|server| server.tls) {
            return Err(RelayError::Tls(format!("https://{}:{}", tls.host, tls.port)));
        }
        let servers: Vec<Server> = upstream.servers.iter().map(|one| Server::new(&one.host, one.port)).collect();
        let timeout = upstream.timeout.as_ref();
        let connect = timeout.and_then(|timeout| timeout.connect_ms);
        let response = timeout.and_then(|timeout| timeout.response_s);
        let connect_time_max = connect.map_or(CONNECT_TIME_MAX, |ms| Duration::from_millis(ms.get().into()));
        Ok(Self {
            pool: Pool::new(servers, connect_time_max).ok_or(RelayError::NoServer)?,
            response_time_max: response.map_or(RESPONSE_TIME_MAX, |s| Duration::from_secs(s.get().into())),
        })
    }

    /// A question of the gateway itself.
    pub(crate) async fn ask(&self, mut request: Request<Body>) -> Result<Response<Body>, Refusal> {
        self.set_host(&mut request);
        Ok(self.send(request).await?.map(Body::arriving))
    }

    fn set_host(&self, request: &mut Request<Body>) {
        if !request.headers().contains_key(HOST)
            && let Ok(host) = HeaderValue::try_from(self.pool.authority())
        {
            request.headers_mut().insert(HOST, host);
        }
    }

    /// Sends a request; again where hyper gives it back because nothing of it was sent. One that may be sent twice (RFC 9110
    /// section 9.2.2) is sent once more, on a new connection, where a kept one ended without a byte of an answer: servers
    /// end a connection after an error without having said so.
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Incoming>, Refusal> {
        let sending = Arc::new(());
        request.body_mut().mark(sending.clone());
        let mut is_again = false;
        for attempt in 1..=ATTEMPTS_MAX {
            let mut lease = self.pool.lease(is_again || attempt == ATTEMPTS_MAX).await?;
            let spare = if lease.was_kept { repeated(&request, &sending) } else { None };
            let mut sent = std::pin::pin!(lease.sender.try_send_request(request));
            let answered = loop {
                match tokio::time::timeout(self.response_time_max, sent.as_mut()).await {
                    Ok(answered) => break answered,
                    // The time counts from the end of the request; how slowly its body may come is the client's bound.
                    Err(_) if Arc::strong_count(&sending) > 1 => {}
                    Err(_) => return Err(Refusal::new(Reason::UpstreamSlow, "no answer in time")),
                }
            };
            match answered {
                Ok(response) => {
                    lease.give_back_when_ready();
                    return Ok(response);
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => match spare.filter(|_| !lease.is_heard()) {
                        Some(again) => (request, is_again) = (again, true),
                        None => return Err(broken(&error.into_error())),
                    },
                },
            }
        }
        Err(Refusal::new(Reason::UpstreamDown, "every connection ended before anything was sent"))
    }
}

/// The same request once more, where its method is safe or idempotent and it has no body.
fn repeated(request: &Request<Body>, sending: &Arc<()>) -> Option<Request<Body>> {
    if !request.method().is_idempotent() || !request.body().is_end_stream() || request.headers().contains_key(UPGRADE) {
        return None;
    }
    let mut again = Request::new(Body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.version_mut() = request.version();
    *again.headers_mut() = request.headers().clone();
    again.body_mut().mark(sending.clone());
    Some(again)
}

fn broken(error: &hyper::Error) -> Refusal {
    let reason = if error.is_parse() { Reason::UpstreamBroken } else { Reason::UpstreamDown };
    Refusal::new(reason, error.to_string())
}

/// Sends an admitted request to the application. The answer is withheld until what was promised about it holds.
pub async fn forward(relay: &Relay, admitted: Admitted) -> Result<Withheld, Refusal> {
    let Admitted { mut request, connection, client, upgrade, obligations, .. } = admitted;
    let host = client.host.clone().or_else(|| request.headers().get(HOST).cloned());
    let target = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(target);
    *request.version_mut() = http::Version::HTTP_11;
    fields::to_application(request.headers_mut(), &client, host.as_ref(), upgrade.is_some());
    // hyper takes a body of GET or HEAD for none unless a field says how it is framed, and would forward the rest as if it were whole.
    if matches!(*request.method(), Method::GET | Method::HEAD) && request.body().size_hint().exact().is_none() {
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    relay.set_host(&mut request);
    let sent = relay.send(request).await;
    let mut response = match (sent, connection.body_refusal()) {
        (_, Some(refusal)) => return Err(refusal),
        (sent, None) => sent?,
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let Some(downstream) = upgrade.filter(|_| obligations.is_empty()) else {
            return Err(Refusal::new(Reason::UpstreamBroken, "the application switched protocols without being asked"));
        };
        tunnel::open(downstream, hyper::upgrade::on(&mut response));
        connection.upgraded();
        fields::to_client(response.headers_mut(), true);
        return Ok(Withheld::new(response.map(|_| Body::empty()), Obligations::none()));
    }
    fields::to_client(response.headers_mut(), false);
    Ok(Withheld::new(response.map(Body::arriving), obligations))
}
