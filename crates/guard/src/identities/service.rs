//! Services that the gateway asks about credentials: over connections that are kept, within a time, with bounds on what they answer.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response};
use policy::{Capacity, KeysUrl, Timeout, Upstream};

use crate::body::{Body, Read};
use crate::refusal::Refusal;
use crate::site::Keys;
use crate::upstream::Relay;
use crate::upstream::fetch::Place;
use crate::upstream::servers::Servers;

/// The most bytes of an answer.
pub(crate) const SERVICE_BYTES_MAX: usize = 64 * 1024;
/// Milliseconds until a connection stands.
const CONNECT_MS: NonZeroU32 = NonZeroU32::new(1_000).unwrap();
/// Seconds until an answer is there, and for which it may be silent.
const RESPONSE_S: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// The most connections of a worker to a service, and the most questions that wait for one: so many credentials that nobody
/// knows yet are looked at at once.
const CONNECTIONS_MAX: NonZeroU32 = NonZeroU32::new(32).unwrap();
const WAITING_MAX: NonZeroU32 = NonZeroU32::new(256).unwrap();

/// A service.
#[derive(Debug)]
pub(crate) struct Service {
    servers: Arc<Servers>,
    /// Path and query.
    path: String,
}

/// The way of a worker to a service.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    relay: Rc<Relay>,
    path: String,
}

/// What a service answers.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: bytes::Bytes,
}

impl Service {
    /// The service at an address, over TLS from every host but this one.
    pub(crate) fn of(url: &KeysUrl, keys: &dyn Keys) -> Result<Self, String> {
        let place = Place::of(url)?;
        let capacity = Capacity { connections: Some(CONNECTIONS_MAX), waiting: Some(WAITING_MAX) };
        let timeout = Timeout { connect_ms: Some(CONNECT_MS), response_s: Some(RESPONSE_S), idle_s: Some(RESPONSE_S) };
        let upstream =
            Upstream { capacity: Some(capacity), timeout: Some(timeout), ..Upstream::of(vec![place.server.clone()]) };
        let servers = Servers::of(&upstream, keys, None).map_err(|error| error.to_string())?;
        Ok(Self { servers: Arc::new(servers), path: place.path })
    }

    /// The way of one worker to it.
    pub(crate) fn way(&self) -> Way {
        Way { relay: Rc::new(Relay::to(self.servers.clone(), 1, None)), path: self.path.clone() }
    }
}

impl Way {
    /// Asks; an error says why there is no answer.
    pub(crate) async fn ask(&self, method: Method, headers: HeaderMap, body: Body) -> Result<Answered, String> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.path.parse().map_err(|_| "its path cannot be asked for".to_owned())?;
        *request.headers_mut() = headers;
        let told = |refusal: Refusal| format!("{}: {}", refusal.reason, refusal.detail);
        let (parts, body) = self.relay.ask(request).await.map_err(told).map(Response::into_parts)?;
        match body.read_up_to(SERVICE_BYTES_MAX).await {
            Ok(Read::Whole(body)) => Ok(Answered { status: parts.status.as_u16(), headers: parts.headers, body }),
            Ok(Read::Longer(_)) => Err(format!("the answer has more than {SERVICE_BYTES_MAX} bytes")),
            Err(_) => Err("the answer ended early".to_owned()),
        }
    }
}
