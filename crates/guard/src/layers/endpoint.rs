//! Which endpoint is meant, as the application's own router picks it. What the policy does not name is refused.

use std::sync::Arc;

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, HOST, LOCATION, ORIGIN};
use http::{HeaderValue, Response, StatusCode, Uri};
use model::Method;
use policy::{Admits, Grant, Match, Matcher, RequestPath};

use crate::body::Body;
use crate::exchange::{Answer, Exchange};
use crate::pipeline::{Layer, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

/// Matches the path that is forwarded.
struct Endpoint(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Endpoint(site.clone()))
}

impl Layer for Endpoint {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let Some(matcher) = &self.0.matcher else {
            exchange.is_open = true;
            return Verdict::Continue;
        };
        // Lent, and not copied: what is found of it is written into the exchange.
        let uri = std::mem::take(&mut exchange.parts.uri);
        let verdict = self.decided(matcher, &uri, exchange);
        exchange.parts.uri = uri;
        verdict
    }

    /// What the policy does not know and the application answers is a shadow endpoint.
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let is_answered = matches!(exchange.answer, Answer::Withheld(_)) && !NOT_KNOWN.contains(&exchange.status());
        if exchange.is_unknown() && is_answered {
            exchange.worker.counters.shadow();
        }
        Verdict::Continue
    }
}

/// Statuses with which an application says that it does not know an endpoint.
const NOT_KNOWN: [u16; 2] = [404, 405];

/// The methods that pages send.
const ASKED_ABOUT: [Method; 6] = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];

impl Endpoint {
    fn decided(&self, matcher: &Matcher, uri: &Uri, exchange: &mut Exchange) -> Verdict {
        let path = match RequestPath::new(uri.path().as_bytes()) {
            Ok(path) => path,
            Err(why) => return Verdict::Refuse(Refusal::new(Reason::PathNotClear, why.to_string())),
        };
        let host = if matcher.looks_at_hosts() { exchange.parts.headers.get(HOST).cloned() } else { None };
        let host = host.as_ref().and_then(|host| host.to_str().ok());
        let found = matcher.find(&exchange.method, host, &path);
        if let Some(method) = preflight(exchange).filter(|_| self.shares())
            && matches!(matcher.find(&method, host, &path), Match::Found(_))
        {
            let is_taken = |method: &&Method| matches!(matcher.find(method, host, &path), Match::Found(_));
            let methods =
                ASKED_ABOUT.iter().filter(is_taken).chain(Some(&method).filter(|one| !ASKED_ABOUT.contains(one)));
            exchange.preflight = Some(methods.map(Method::as_str).collect::<Vec<_>>().join(", "));
            return pass_preflight(exchange);
        }
        // Only where no route takes OPTIONS itself: that would be the one that answers.
        if no_handler_answers(&found)
            && let Some(method) = preflight(exchange)
            && matches!(matcher.find(&method, host, &path), Match::Found(_))
        {
            return pass_preflight(exchange);
        }
        match found {
            Match::Found(found) => self.found(exchange, found.route, |name| found.parameter(name).map(str::to_owned)),
            Match::NotFound => Verdict::Refuse(Refusal::new(Reason::UnknownEndpoint, "no route has this path")),
            Match::MethodNotAllowed { allow } => {
                let allow = allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                let refusal = Refusal::new(Reason::MethodNotAllowed, format!("the path is known with {allow} alone"));
                Verdict::Refuse(refusal.allowing(allow))
            }
            Match::Redirect { path, status } => redirect(&path, uri.query(), status),
            Match::Unclear { .. } => {
                Verdict::Refuse(Refusal::new(Reason::UnclearEndpoint, "a route with an unknown converter may match"))
            }
        }
    }

    /// Whether the policy says what browsers are answered that ask beforehand, whoever takes OPTIONS.
    fn shares(&self) -> bool {
        self.0.policy.as_ref().is_some_and(|policy| policy.cors.is_some())
    }

    fn found(&self, exchange: &mut Exchange, index: usize, parameter: impl Fn(&str) -> Option<String>) -> Verdict {
        let Some(route) = self.0.policy.as_ref().and_then(|policy| policy.routes.get(index)) else {
            return Verdict::Refuse(Refusal::new(Reason::UnknownEndpoint, "the route is gone"));
        };
        exchange.route = Some(index);
        match route.settings.admits() {
            Admits::Everybody => exchange.is_open = true,
            Admits::Nobody => {
                return Verdict::Refuse(Refusal::new(Reason::NotAllowed, "`allow` is empty: nobody is admitted"));
            }
            Admits::AnyOf(grants) => {
                exchange.grants = (0..grants.len()).collect();
                let asked = grants.iter().flat_map(Grant::parameters);
                exchange.parameters = asked.filter_map(|name| Some((name.to_owned(), parameter(name)?))).collect();
            }
        }
        Verdict::Continue
    }
}

/// Whether the path is known and the request reaches no handler.
fn no_handler_answers(found: &Match<'_>) -> bool {
    match found {
        Match::MethodNotAllowed { .. } => true,
        Match::Found(found) => found.by_framework,
        Match::Redirect { .. } | Match::Unclear { .. } | Match::NotFound => false,
    }
}

/// The method that a browser asks about before it sends a request to another origin (Fetch, CORS-preflight). A preflight
/// has no credentials, and an application without CORS answers 405, or its framework with `Allow`: so it may pass wherever the
/// method is known.
fn preflight(exchange: &Exchange) -> Option<Method> {
    let headers = &exchange.parts.headers;
    if exchange.method != Method::Options || !headers.contains_key(ORIGIN) {
        return None;
    }
    let asked = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?.to_str().ok()?;
    asked.parse().ok().filter(|method| !matches!(method, Method::Any | Method::WebSocket))
}

/// It goes on without anything that could identify somebody, and without a body.
fn pass_preflight(exchange: &mut Exchange) -> Verdict {
    let asks = |name: &http::HeaderName| name == HOST || name == ORIGIN || name.as_str().starts_with("access-control-");
    let kept = exchange.parts.headers.iter().filter(|(name, _)| asks(name));
    exchange.parts.headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    exchange.body = None;
    exchange.is_open = true;
    Verdict::Continue
}

/// What the application's router answers to the path with or without the slash at its end.
fn redirect(path: &str, query: Option<&str>, status: u32) -> Verdict {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = Response::new(Body::empty());
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::TEMPORARY_REDIRECT);
    match HeaderValue::try_from(target) {
        Ok(target) => _ = response.headers_mut().insert(LOCATION, target),
        Err(_) => return Verdict::Refuse(Refusal::new(Reason::PathNotClear, "the target of a redirect is no value")),
    }
    Verdict::Answer(Box::new(response))
}
