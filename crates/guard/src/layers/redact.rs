//! What answers must not tell: which software made them, and what the application says of its own failures, which may be a
//! trace with values in it. The status stays, and fields such as `Retry-After`; the body becomes a problem (RFC 9457) with the
//! id under which the log has the rest. Only texts, JSON and pages are replaced: a stream of events never is.
//!
//! In report mode the body passes, and it is said that it would not have. `[redact]` of the policy turns that off, removes more
//! fields, or keeps some.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED,
};
use http::{HeaderMap, StatusCode};
use policy::Redact;

use crate::body::Body;
use crate::exchange::{Answer, Exchange};
use crate::fields;
use crate::pipeline::{Layer, LayerName, Verdict};
use crate::record::Decision;
use crate::site::Site;

/// Fields that name software, and often its version.
const BANNERS: [&str; 6] =
    ["server", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-powered-by", "x-runtime"];

/// Fields that are about the body that was replaced.
const OF_BODY: [HeaderName; 8] = [
    ACCEPT_RANGES,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
];

/// Takes out of answers what they must not tell.
struct Redacting {
    removed: Vec<HeaderName>,
    replaces: bool,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    let section = site.policy.as_ref().and_then(|policy| policy.redact.clone()).unwrap_or_else(Redact::usual);
    Box::new(Redacting::new(&section))
}

impl Redacting {
    fn new(section: &Redact) -> Self {
        let is_kept = |name: &&str| section.keep_headers.iter().any(|kept| kept.as_str().eq_ignore_ascii_case(name));
        let own = section.remove_headers.iter().map(policy::RemovableField::as_str);
        let removed = BANNERS.into_iter().filter(|name| !is_kept(name)).chain(own);
        Self {
            removed: removed.filter_map(|name| name.parse().ok()).collect(),
            replaces: section.replaces_error_bodies(),
        }
    }
}

impl Layer for Redacting {
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let Answer::Withheld(withheld) = &mut exchange.answer else {
            return Verdict::Continue;
        };
        let status = withheld.status();
        let headers = withheld.headers_mut();
        fields::remove(headers, |name| self.removed.contains(name));
        if !self.replaces || !status.is_server_error() || !is_readable(headers) {
            return Verdict::Continue;
        }
        let enforces = exchange.says(LayerName::REDACT);
        let decision = if enforces { Decision::Redacted } else { Decision::WouldRedact };
        exchange.decided(LayerName::REDACT, decision, &format!("what the application says of its {}", status.as_u16()));
        if enforces {
            replace(exchange, status);
        }
        Verdict::Continue
    }
}

/// Whether the body is one that people read, and a whole one.
fn is_readable(headers: &HeaderMap) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()?.split(';').next());
    named.is_some_and(|name| {
        let name = name.trim().to_ascii_lowercase();
        let is_text = name.starts_with("text/") && name != "text/event-stream";
        let is_data = ["application/json", "application/xml"].contains(&&*name);
        is_text || is_data || name.ends_with("+json") || name.ends_with("+xml")
    })
}

/// The same answer, told by the gateway.
fn replace(exchange: &mut Exchange, status: StatusCode) {
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("The application failed"),
        "status": status.as_u16(),
        "request_id": exchange.id(),
    });
    let is_head = exchange.parts.method == http::Method::HEAD;
    let body = if is_head { Body::empty() } else { Body::from(Bytes::from(problem.to_string())) };
    exchange.answer = match std::mem::replace(&mut exchange.answer, Answer::None) {
        Answer::Withheld(withheld) => {
            let mut withheld = withheld.with_body(body);
            let headers = withheld.headers_mut();
            for name in OF_BODY {
                headers.remove(name);
            }
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            Answer::Withheld(withheld)
        }
        other => other,
    };
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    #[test]
    fn what_people_read_is_replaced_and_nothing_else() {
        let readable = |media_type: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
            is_readable(&headers)
        };
        for media_type in [
            "text/plain",
            "Text/HTML; charset=utf-8",
            "application/json",
            "application/problem+json",
            "application/xhtml+xml ;a=b",
        ] {
            assert!(readable(media_type), "{media_type}");
        }
        for media_type in ["text/event-stream", "application/grpc", "application/octet-stream", "image/png", "json", ""]
        {
            assert!(!readable(media_type), "{media_type}");
        }
        assert!(!is_readable(&HeaderMap::new()));
    }

    #[test]
    fn a_policy_removes_more_fields_and_keeps_some() {
        let text = "version = 1\n[redact]\nremove_headers = [\"X-Build\"]\nkeep_headers = [\"Server\"]\n";
        let layer = Redacting::new(&Policy::parse(text).unwrap().redact.unwrap());
        let names: Vec<&str> = layer.removed.iter().map(HeaderName::as_str).collect();
        let expected =
            ["x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-powered-by", "x-runtime", "x-build"];
        assert_eq!(names, expected);
    }
}
