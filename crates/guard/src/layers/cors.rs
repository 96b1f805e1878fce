//! Which pages of other origins may read answers, as the policy says it (Fetch, CORS protocol): the side of answers. What browsers ask
//! beforehand is answered by `cors_preflight`.
//!
//! With `[cors]` the gateway decides: what the application says of it is removed, an origin that the policy names is named, and
//! caches are told that the answer depends on `Origin`. `null` is never named, and `*` never with credentials. Without
//! `[cors]` nothing is touched. In report mode what the application says stays, and it is said that it would not have.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue, ORIGIN,
    VARY,
};
use http::{HeaderMap, StatusCode};
use policy::Cors;

use crate::exchange::{Answer, Exchange};
use crate::fields;
use crate::pipeline::{Layer, LayerName, Phase, Verdict};
use crate::record::Decision;
use crate::site::Site;

/// How the fields of the protocol begin.
const OF_PROTOCOL: &str = "access-control-";

/// Says on answers who may read them.
struct Sharing {
    rules: Cors,
    expose: Option<HeaderValue>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let rules = site.policy.as_ref()?.cors.clone()?;
    let names: Vec<&str> = rules.expose.iter().map(policy::HeaderName::as_str).collect();
    let expose = HeaderValue::try_from(names.join(", ")).ok().filter(|value| !value.is_empty());
    Some(Box::new(Sharing { rules, expose }))
}

impl Layer for Sharing {
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let rules = &self.rules;
        if exchange.status() == StatusCode::SWITCHING_PROTOCOLS.as_u16() {
            return Verdict::Continue;
        }
        let named = allowed(rules, &exchange.parts.headers);
        let enforces = exchange.enforces(LayerName::CORS, Phase::Preflight);
        let is_of_application = matches!(exchange.answer, Answer::Withheld(_));
        let Some(headers) = exchange.answer.headers_mut() else {
            return Verdict::Continue;
        };
        let said = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
        let is_more = is_of_application && said.is_some() && said != named;
        // In report mode nobody loses what the application gives.
        if enforces || said.is_none() {
            if is_of_application {
                remove_protocol(headers);
            }
            self.share(rules, named, headers);
        }
        if is_more {
            let decision = if enforces { Decision::Redacted } else { Decision::WouldRedact };
            exchange.decided(LayerName::CORS, decision, "the application lets another origin read the answer");
        }
        Verdict::Continue
    }
}

impl Sharing {
    fn share(&self, rules: &Cors, named: Option<HeaderValue>, headers: &mut HeaderMap) {
        if !rules.is_for_all() {
            vary_by_origin(headers);
        }
        let Some(named) = named else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, named);
        if rules.credentials == Some(true) {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Some(expose) = &self.expose {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
        }
    }
}

/// What is said to the origin of a request: itself or `*`, where its pages may read the answer. An origin that stands twice is
/// nobody's.
pub(super) fn allowed(rules: &Cors, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().filter(|_| origins.next().is_none())?;
    match rules.is_for_all() {
        true => Some(HeaderValue::from_static("*")),
        false => rules.names(origin.as_bytes()).then(|| origin.clone()),
    }
}

/// Takes away what the application says of the protocol.
fn remove_protocol(headers: &mut HeaderMap) {
    fields::remove(headers, |name| name.as_str().starts_with(OF_PROTOCOL));
}

/// Says that the answer depends on `Origin`, unless it is said.
fn vary_by_origin(headers: &mut HeaderMap) {
    let is_said = headers.get_all(VARY).iter().any(|value| {
        let names = value.to_str().unwrap_or_default().split(',').map(str::trim);
        names.into_iter().any(|name| name == "*" || name.eq_ignore_ascii_case("origin"))
    });
    if !is_said {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    fn rules(section: &str) -> Cors {
        Policy::parse(&format!("version = 1\n[cors]\n{section}")).unwrap().cors.unwrap()
    }

    fn asked(rules: &Cors, origins: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(ORIGIN, HeaderValue::from_static(origin));
        }
        allowed(rules, &headers).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn an_origin_is_named_exactly_or_not_at_all() {
        let named = rules("origins = [\"https://a.example\", \"http://b:3000\"]\n");
        for origin in ["https://a.example", "http://b:3000"] {
            assert_eq!(asked(&named, &[origin]).as_deref(), Some(origin));
        }
        for origin in [
            "null",
            "http://a.example",
            "https://a.example:8443",
            "https://a.example.evil",
            "https://evila.example",
            "https://A.example",
            "http://b",
            "",
        ] {
            assert_eq!(asked(&named, &[origin]), None, "{origin}");
        }
        assert_eq!(asked(&named, &["https://a.example", "https://a.example"]), None);
        assert_eq!(asked(&named, &[]), None);
        let all = rules("origins = [\"*\"]\n");
        assert_eq!(asked(&all, &["https://c"]).as_deref(), Some("*"));
        assert_eq!(asked(&all, &[]), None);
    }

    #[test]
    fn what_an_answer_depends_on_is_said_once() {
        for (said, left) in [
            (&[][..], &["Origin"][..]),
            (&["Accept-Encoding"], &["Accept-Encoding", "Origin"]),
            (&["Accept, origin"], &["Accept, origin"]),
            (&["*"], &["*"]),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(VARY, HeaderValue::from_static(value));
            }
            vary_by_origin(&mut headers);
            let values: Vec<&str> = headers.get_all(VARY).iter().map(|value| value.to_str().unwrap()).collect();
            assert_eq!(values, left);
        }
    }
}
