//! A service that is asked about each request: what it is shown are fields that may hold a credential, what it answers is who that is.

use http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use policy::ForwardAuthIdentity;
use serde_json::{Map, Value, json};

use super::service::{Answered, Service, Way};
use super::{Found, Known, Unknown};
use crate::body::Body;
use crate::exchange::Exchange;
use crate::site::Keys;

const X_FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A service, and what it is shown.
#[derive(Debug)]
pub(crate) struct ForwardAuth {
    service: Service,
    shown: Vec<HeaderName>,
    subject: HeaderName,
    roles: Option<HeaderName>,
    scopes: Option<HeaderName>,
}

impl ForwardAuth {
    /// Loads what is needed to ask.
    pub(crate) fn load(identity: &ForwardAuthIdentity, keys: &dyn Keys) -> Result<Self, String> {
        let named = |name: &policy::HeaderName| HeaderName::try_from(name.as_str()).map_err(|error| error.to_string());
        let shown: Vec<HeaderName> = identity.request_headers.iter().map(named).collect::<Result<_, _>>()?;
        Ok(Self {
            service: Service::of(&identity.url, keys)?,
            shown: if shown.is_empty() { vec![AUTHORIZATION, COOKIE] } else { shown },
            subject: named(&identity.subject)?,
            roles: identity.roles.as_ref().map(named).transpose()?,
            scopes: identity.scopes.as_ref().map(named).transpose()?,
        })
    }

    /// The way of one worker to it.
    pub(crate) fn way(&self) -> Way {
        self.service.way()
    }

    /// Whether a browser brings what the service is shown to pages of others, too.
    pub(crate) fn is_shown_cookies(&self) -> bool {
        self.shown.contains(&COOKIE)
    }

    /// What the service is shown of a request; nothing where none of it is there.
    pub(crate) fn question(&self, exchange: &Exchange) -> Option<HeaderMap> {
        let given = &exchange.parts.headers;
        let mut headers = HeaderMap::new();
        for name in &self.shown {
            for value in given.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        if headers.is_empty() {
            return None;
        }
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let method = HeaderValue::try_from(exchange.parts.method.as_str()).ok()?;
        headers.insert(X_FORWARDED_METHOD, method);
        let target = exchange.parts.uri.path_and_query().map_or("/", |target| target.as_str());
        headers.insert(X_FORWARDED_URI, HeaderValue::try_from(target).ok()?);
        let scheme = if exchange.client.is_tls { "https" } else { "http" };
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
        if let Some(host) = exchange.client.host.as_ref().or_else(|| given.get(HOST)) {
            headers.insert(X_FORWARDED_HOST, host.clone());
        }
        headers.insert(X_FORWARDED_FOR, exchange.client.address_value.clone());
        Some(headers)
    }

    /// Asks about a request.
    pub(crate) async fn ask(&self, way: &Way, question: HeaderMap) -> Found {
        let answered = way.ask(Method::GET, question, Body::empty()).await;
        self.read(&answered.map_err(|why| Unknown::unavailable(format!("the service: {why}")))?)
    }

    fn read(&self, answered: &Answered) -> Found {
        match answered.status {
            200..=299 => {}
            401 | 403 => return Err(Unknown::not_identified(format!("the service answers {}", answered.status))),
            status => return Err(Unknown::unavailable(format!("the service answers {status}"))),
        }
        let text = |name: &HeaderName| {
            let mut fields = answered.headers.get_all(name).iter();
            let one = fields.next().filter(|_| fields.next().is_none())?;
            str::from_utf8(one.as_bytes()).ok().map(str::trim).filter(|text| !text.is_empty())
        };
        let told = || format!("the service does not say once who it is (`{}`)", self.subject);
        let subject = text(&self.subject).ok_or_else(|| Unknown::unavailable(told()))?.to_owned();
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), subject.clone().into());
        let list = |name: &Option<HeaderName>, separates: fn(char) -> bool| {
            let text = name.as_ref().and_then(text).unwrap_or_default();
            json!(text.split(separates).map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>())
        };
        claims.insert("roles".to_owned(), list(&self.roles, |c| c == ','));
        claims.insert("scope".to_owned(), list(&self.scopes, char::is_whitespace));
        let reason = "the service says who it is".to_owned();
        Ok(Known { subject: Some(subject), claims: Value::Object(claims).into(), reason })
    }
}
