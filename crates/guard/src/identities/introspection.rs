//! OAuth 2.0 Token Introspection (RFC 7662): the authorization server is asked whether a token holds, and what it answers counts for
//! a while. A token is known here by its digest alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use policy::IntrospectionIdentity;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::flights::Flights;
use super::service::{Answered, Service, Way};
use super::{Found, Known, Unknown, secret, without_line_end};
use crate::body::Body;
use crate::json;
use crate::kept::{Kept, Weighed};
use crate::site::Keys;
use crate::token::{CLOCK_SKEW_MAX, TOKEN_BYTES_MAX, text_of};

/// For how long an answer counts, unless the policy says so.
const KEPT_TIME: Duration = Duration::from_secs(30);
/// For how long at most it counts that a token does not hold: one that was issued a moment ago may.
const REFUSED_TIME_MAX: Duration = Duration::from_secs(10);

/// An authorization server, and what it answered.
pub(crate) struct Introspection {
    identity: IntrospectionIdentity,
    service: Service,
    /// With what the gateway identifies itself (RFC 6749 section 2.3.1).
    authorization: HeaderValue,
    kept: Kept<Answer>,
    /// What is asked just now.
    flights: Flights<Found>,
}

/// What was answered of a token.
struct Answer {
    held: Result<Holder, &'static str>,
    /// From when on it must be asked for again.
    until: Duration,
    bytes: usize,
}

/// Whose token it is.
#[derive(Clone)]
struct Holder {
    subject: Option<String>,
    claims: Arc<Value>,
}

impl Weighed for Answer {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Introspection {
    /// Loads what is needed to ask; of the one before goes on what is the same.
    pub(crate) fn load(
        identity: &IntrospectionIdentity,
        keys: &dyn Keys,
        before: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, String> {
        let secret = secret(&identity.client_secret, keys).map_err(|why| format!("`client_secret`: {why}"))?;
        let secret = without_line_end(secret.expose());
        let text = str::from_utf8(secret).ok().filter(|text| !text.is_empty());
        let text = text.ok_or("`client_secret` is empty, or no text")?;
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pair = STANDARD.encode(format!("{}:{}", encoded(&identity.client_id), encoded(text)));
        let mut authorization = HeaderValue::try_from(format!("Basic {pair}")).map_err(|error| error.to_string())?;
        authorization.set_sensitive(true);
        let is_same = |one: &&Arc<Self>| one.identity == *identity && one.authorization == authorization;
        if let Some(before) = before.filter(is_same) {
            return Ok(before.clone());
        }
        let service = Service::of(&identity.url, keys)?;
        Ok(Arc::new(Self {
            identity: identity.clone(),
            service,
            authorization,
            kept: Kept::new(),
            flights: Flights::default(),
        }))
    }

    /// The way of one worker to it.
    pub(crate) fn way(&self) -> Way {
        self.service.way()
    }

    /// What is known of a token without asking.
    pub(crate) fn known(&self, token: &str, now: Duration) -> Option<Found> {
        if token.len() > TOKEN_BYTES_MAX {
            return Some(Err(Unknown::not_identified(format!("the token has more than {TOKEN_BYTES_MAX} bytes"))));
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let kept = self.kept.get(&digest)?;
        // A clock that was set back makes nothing hold for longer.
        if now >= kept.until || kept.until > now.saturating_add(self.kept_time()) {
            self.kept.forget(&digest);
            return None;
        }
        Some(found(&kept.held))
    }

    /// Asks about a token; once for all requests that bring it at once, unless an answer may not count for a second one.
    pub(crate) async fn ask(&self, way: &Way, token: &str, now: Duration) -> Found {
        if self.kept_time().is_zero() {
            return self.asked(way, token, now).await;
        }
        self.flights.one(Sha256::digest(token).into(), self.asked(way, token, now)).await
    }

    async fn asked(&self, way: &Way, token: &str, now: Duration) -> Found {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let token_text = utf8_percent_encode(token, NON_ALPHANUMERIC);
        let body = Bytes::from(format!("token={token_text}&token_type_hint=access_token"));
        let answered = way.ask(Method::POST, headers, Body::from(body)).await;
        let document = answered.and_then(|answered| document(&answered));
        let document = document.map_err(|why| Unknown::unavailable(format!("the authorization server: {why}")))?;
        let (held, until) = self.read(document, now);
        let result = found(&held);
        if until > now {
            let answer = Answer { held, until, bytes: token.len() };
            self.kept.keep(Sha256::digest(token).into(), Arc::new(answer));
        }
        result
    }

    fn kept_time(&self) -> Duration {
        self.identity.cache_s.map_or(KEPT_TIME, |s| Duration::from_secs(s.into()))
    }

    /// What an answer says, and until when it counts (RFC 7662 section 2.2).
    fn read(&self, document: Value, now: Duration) -> (Result<Holder, &'static str>, Duration) {
        let kept_time = self.kept_time();
        let refused = |why| (Err(why), now.saturating_add(kept_time.min(REFUSED_TIME_MAX)));
        if document.get("active") != Some(&Value::Bool(true)) {
            return refused("the authorization server says that the token does not hold");
        }
        if let Some(issuer) = &self.identity.issuer
            && document.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return refused("the token is from another issuer, or it is not said from whom");
        }
        let is_meant =
            |one: &Value| one.as_str().is_some_and(|one| self.identity.audience.iter().any(|all| all == one));
        let audience_holds = self.identity.audience.is_empty()
            || match document.get("aud") {
                Some(Value::Array(all)) => all.iter().any(is_meant),
                Some(one) => is_meant(one),
                None => false,
            };
        if !audience_holds {
            return refused("the token is for another audience, or it is not said for whom");
        }
        let time = |name: &str| document.get(name).and_then(Value::as_f64);
        let (seconds, skew) = (now.as_secs_f64(), CLOCK_SKEW_MAX.as_secs_f64());
        let expires = time("exp");
        if document.get("exp").is_some() && expires.is_none_or(|expires| expires + skew <= seconds) {
            return refused("the token has expired");
        }
        if document.get("nbf").is_some() && time("nbf").is_none_or(|begins| begins > seconds + skew) {
            return refused("the token does not hold yet");
        }
        let mut until = now.saturating_add(kept_time);
        // However the clocks go apart, no answer is kept past the end of its token.
        if let Some(expires) = expires.and_then(|expires| Duration::try_from_secs_f64(expires).ok()) {
            until = until.min(expires);
        }
        let subject = document.get(self.identity.subject.as_deref().unwrap_or("sub")).and_then(text_of);
        (Ok(Holder { subject, claims: Arc::new(document) }), until)
    }
}

fn found(held: &Result<Holder, &'static str>) -> Found {
    match held {
        Ok(Holder { subject, claims }) => Ok(Known {
            subject: subject.clone(),
            claims: claims.clone(),
            reason: "the authorization server says that the token holds".to_owned(),
        }),
        Err(why) => Err(Unknown::not_identified(*why)),
    }
}

/// The document of an answer; an error never holds a part of it.
fn document(answered: &Answered) -> Result<Value, String> {
    match answered.status {
        200 => {}
        401 | 403 => return Err("it does not know the gateway: `client_id` and `client_secret`".to_owned()),
        status => return Err(format!("it answers {status}")),
    }
    if answered.headers.contains_key(CONTENT_ENCODING) {
        return Err("the answer is encoded, which was not asked for".to_owned());
    }
    if !answered.headers.get(CONTENT_TYPE).is_some_and(json::is_named) {
        return Err("the answer is no JSON".to_owned());
    }
    json::read(&answered.body).map_err(|why| format!("the answer {why}"))
}

/// Tokens and secrets never show themselves.
impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection").field("url", &self.identity.url).finish_non_exhaustive()
    }
}
