//! What is asked of the servers of an upstream beside the requests of clients: how they are, and where their names lead. On the
//! thread that controls, so that no request waits for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::header::{CONNECTION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use tokio::task::JoinSet;

use super::connect::{Connected, connect, resolved};
use super::fields;
use super::servers::{Server, Servers, authority};
use super::settings::Asking;
use crate::body::Body;
use crate::refusal::{Reason, Refusal};

/// How often it is asked where a name leads. Resolvers of systems do not say for how long an answer holds.
const RESOLVE_INTERVAL: Duration = Duration::from_secs(30);

/// A server of which it was found that it is well again, or not any more, and why.
pub(crate) type News = (Arc<Server>, Result<(), String>);

/// Looks after these servers until it is dropped; tells what is news.
pub(crate) async fn looked_after(servers: Arc<Servers>, told: impl Fn(News) + Clone + 'static) {
    let mut tasks = JoinSet::new();
    for server in servers.all() {
        if server.is_named() {
            tasks.spawn_local(followed(server.clone()));
        }
        match &servers.settings.health {
            Some(asking) => {
                tasks.spawn_local(asked(servers.clone(), server.clone(), asking.clone(), told.clone()));
            }
            // Whoever asked before asks no longer.
            None => _ = server.found(true),
        }
    }
    while tasks.join_next().await.is_some() {}
    std::future::pending::<()>().await;
}

/// Follows a name. Where that fails, what it led to before counts.
async fn followed(server: Arc<Server>) {
    loop {
        if resolved(&server).await.is_err() {
            server.counts.resolve_failures.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(RESOLVE_INTERVAL).await;
    }
}

/// Asks a server how it is.
async fn asked(servers: Arc<Servers>, server: Arc<Server>, asking: Asking, told: impl Fn(News)) {
    let (mut rights, mut wrongs) = (0_u32, 0_u32);
    loop {
        let answered = tokio::time::timeout(asking.time_max, answered(&servers, &server, &asking.path)).await;
        let answered = answered.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let is_news = if answered.is_ok() {
            (rights, wrongs) = (rights.saturating_add(1), 0);
            rights >= asking.up_after && server.found(true)
        } else {
            server.counts.health_failures.fetch_add(1, Ordering::Relaxed);
            (rights, wrongs) = (0, wrongs.saturating_add(1));
            wrongs >= asking.down_after && server.found(false)
        };
        if is_news {
            told((server.clone(), answered));
        }
        tokio::time::sleep(asking.interval).await;
    }
}

async fn answered(servers: &Servers, server: &Server, path: &str) -> Result<(), String> {
    let text = |refusal: Refusal| format!("{}: {}", refusal.reason, refusal.detail);
    let connected = connect(servers, server, false).await.map_err(text)?;
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse::<Uri>().map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::try_from(authority(&server.url)).map_err(|error| error.to_string())?);
    headers.insert(USER_AGENT, HeaderValue::from_static("doorward"));
    *request.headers_mut() = headers;
    let down = |error: &dyn std::fmt::Display| format!("{}: {error}", Reason::UpstreamDown);
    let status = match connected {
        Connected::One(mut one) => {
            request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            one.ask(request, servers.settings.response_time_max).await.map_err(|error| down(&error))?.status()
        }
        Connected::Many(mut sender) => {
            fields::for_http2(&mut request, server.url.tls, false);
            sender.send_request(request).await.map_err(|error| down(&error))?.status()
        }
    };
    if status.is_success() { Ok(()) } else { Err(format!("it answers {}", status.as_u16())) }
}
