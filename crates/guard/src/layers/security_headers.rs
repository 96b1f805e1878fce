//! Fields that protect those who read an answer, on every answer, refusals included. What the application says stays where it
//! protects; what turns a protection off, or is no valid value, is replaced. `[headers]` of the policy leaves fields out and
//! has values of its own.
//!
//! HTML gets a milder `Content-Security-Policy` than what is only data: who may frame it, and no plug-ins; its scripts are the
//! application's matter. Pages of documentation, which load Swagger UI or `ReDoc` from a CDN, get one under which they work.

use std::sync::Arc;

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, EXPIRES, Entry, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use policy::{Headers, SecurityField};

use crate::exchange::Exchange;
use crate::fields;
use crate::pipeline::{Layer, Verdict};
use crate::site::Site;

/// Where frameworks serve their documentation unless they are told otherwise.
const DOCUMENTATION: [&str; 2] = ["/docs", "/redoc"];

/// What only data needs: nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// What any page can live with.
const PAGE_POLICY: &str = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'";
/// What Swagger UI and `ReDoc` load, as `FastAPI`, `drf-spectacular` and `APIFlask` write the page.
const DOCUMENTATION_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net; \
    style-src 'self' 'unsafe-inline' https://cdn.jsdelivr.net https://fonts.googleapis.com; \
    img-src 'self' data: https://cdn.jsdelivr.net https://fastapi.tiangolo.com https://cdn.redoc.ly; \
    font-src 'self' data: https://fonts.gstatic.com; connect-src 'self'; worker-src 'self' blob:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What an application allows by `X-Frame-Options: SAMEORIGIN`, as a policy says it.
const FRAMED_BY_ITSELF_OLD: &str = "sameorigin";
const FRAMED_BY_ITSELF: (&str, &str) = ("frame-ancestors 'none'", "frame-ancestors 'self'");

/// Fields that did protect once and do harm now. `X-XSS-Protection` is kept where it turns itself off.
const OUTDATED: [HeaderName; 3] = [
    HeaderName::from_static("expect-ct"),
    HeaderName::from_static("public-key-pins"),
    HeaderName::from_static("public-key-pins-report-only"),
];
const XSS_PROTECTION: HeaderName = HeaderName::from_static("x-xss-protection");

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The fields with the values of this site.
struct SecurityHeaders {
    /// Without `Content-Security-Policy`.
    fields: Vec<(SecurityField, HeaderName, HeaderValue)>,
    policies: Option<Policies>,
    /// Whether the policy lets pages frame answers that come from the same origin.
    may_frame_itself: bool,
    documentation: Vec<String>,
}

/// Values of `Content-Security-Policy`.
struct Policies {
    data: Framing,
    page: Framing,
    documentation: Framing,
}

/// A policy, and the same for what its own pages may frame; each with whether it says who may, so that nothing else need.
struct Framing {
    nobody: (HeaderValue, bool),
    itself: (HeaderValue, bool),
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    let section = site.policy.as_ref().and_then(|policy| policy.headers.clone());
    Box::new(SecurityHeaders::new(&section.unwrap_or_else(Headers::usual)))
}

impl Layer for SecurityHeaders {
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let is_tls = exchange.client.is_tls;
        let is_documentation = self.is_documentation(exchange.parts.uri.path());
        // A connection that becomes a WebSocket is read by no page.
        if exchange.status() != StatusCode::SWITCHING_PROTOCOLS.as_u16()
            && let Some(headers) = exchange.answer.headers_mut()
        {
            self.protect(headers, is_tls, is_documentation);
        }
        Verdict::Continue
    }
}

impl SecurityHeaders {
    fn new(section: &Headers) -> Self {
        let is_on = |field: &SecurityField| !section.off.contains(field);
        let value = |field: SecurityField, usual: &str| {
            let own = section.own(field).map_or(usual, |own| own.as_str());
            HeaderValue::try_from(own).ok()
        };
        let fields = SecurityField::ALL.iter().copied().filter(is_on).filter_map(|field| {
            let (name, usual) = usual(field)?;
            Some((field, name, value(field, usual)?))
        });
        let own = section.own(SecurityField::ContentSecurityPolicy).map(policy::FieldValue::as_str);
        let documentation = section.documentation_policy.as_ref().map(policy::FieldValue::as_str);
        let policies = || {
            Some(Policies {
                data: Framing::of(own.unwrap_or(DATA_POLICY))?,
                page: Framing::of(own.unwrap_or(PAGE_POLICY))?,
                documentation: Framing::of(documentation.unwrap_or(DOCUMENTATION_POLICY))?,
            })
        };
        let named = section.documentation.iter().map(|path| path.as_str().trim_end_matches('/').to_owned());
        let mut paths: Vec<String> = named.collect();
        if paths.is_empty() {
            paths.extend(DOCUMENTATION.map(str::to_owned));
        }
        Self {
            fields: fields.collect(),
            policies: Some(SecurityField::ContentSecurityPolicy).filter(is_on).and_then(|_| policies()),
            may_frame_itself: section
                .x_frame_options
                .as_ref()
                .is_some_and(|own| own.as_str().eq_ignore_ascii_case(FRAMED_BY_ITSELF_OLD)),
            documentation: paths,
        }
    }

    fn is_documentation(&self, path: &str) -> bool {
        let below = |root: &String| {
            path.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.documentation.iter().any(below)
    }

    fn protect(&self, headers: &mut HeaderMap, is_tls: bool, is_documentation: bool) {
        let said = Said::by(headers);
        // What is said by another field than the one that says it usually.
        let mut is_framed = said.has(SecurityField::ContentSecurityPolicy)
            && headers.get_all(CONTENT_SECURITY_POLICY).iter().any(says_who_frames);
        if let Some(policies) = self.policies.as_ref().filter(|_| !said.has(SecurityField::ContentSecurityPolicy)) {
            let framing = match (is_page(headers), is_documentation) {
                (true, true) => &policies.documentation,
                (true, false) => &policies.page,
                (false, _) => &policies.data,
            };
            let framed = headers.get_all(X_FRAME_OPTIONS).iter().next_back();
            let may_frame_itself =
                framed.map_or(self.may_frame_itself, |said| is_one_of(said, &[FRAMED_BY_ITSELF_OLD]));
            let (policy, says_who) = if may_frame_itself { &framing.itself } else { &framing.nobody };
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
            is_framed = *says_who;
        }
        for (field, name, value) in &self.fields {
            match field {
                // Over plain HTTP it counts for nothing (RFC 6797 section 7.2).
                SecurityField::StrictTransportSecurity if !is_tls => {}
                // Whoever says until when an answer is fresh has thought of who may keep it.
                SecurityField::CacheControl if said.is_dated => {}
                SecurityField::FrameOptions if is_framed => {}
                _ if said.has(*field) => replace_unless_protecting(*field, name, value, headers),
                _ => _ = headers.append(name, value.clone()),
            }
        }
        if said.is_outdated {
            let is_off = headers.get(XSS_PROTECTION).is_none_or(|value| value.as_bytes() == b"0");
            fields::remove(headers, |name| OUTDATED.contains(name) || (*name == XSS_PROTECTION && !is_off));
        }
    }
}

/// What an answer says already, found in one look at its fields.
#[derive(Default)]
struct Said {
    /// A bit for each field that protects.
    fields: u32,
    is_dated: bool,
    is_outdated: bool,
}

impl Said {
    fn by(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        for name in headers.keys() {
            match field_of(name.as_str()) {
                Some(field) => said.fields |= 1 << field as u32,
                None if *name == EXPIRES => said.is_dated = true,
                None => said.is_outdated |= *name == XSS_PROTECTION || OUTDATED.contains(name),
            }
        }
        said
    }

    fn has(&self, field: SecurityField) -> bool {
        self.fields & (1 << field as u32) != 0
    }
}

/// What the application says in this field stays where it protects.
fn replace_unless_protecting(field: SecurityField, name: &HeaderName, value: &HeaderValue, headers: &mut HeaderMap) {
    if let Entry::Occupied(mut said) = headers.entry(name) {
        let is_protected = said.iter().next_back().is_some_and(|last| protects(field, said.get(), last));
        if !is_protected {
            said.insert(value.clone());
        }
    }
}

impl Framing {
    fn of(policy: &str) -> Option<Self> {
        let (none, itself) = FRAMED_BY_ITSELF;
        let value = |text: &str| {
            let value = HeaderValue::try_from(text).ok()?;
            let says_who = says_who_frames(&value);
            Some((value, says_who))
        };
        Some(Self { nobody: value(policy)?, itself: value(&policy.replace(none, itself))? })
    }
}

/// The name of a field and its usual value; nothing for the one whose value is not always the same.
fn usual(field: SecurityField) -> Option<(HeaderName, &'static str)> {
    Some(match field {
        SecurityField::CacheControl => (CACHE_CONTROL, "no-store"),
        SecurityField::ContentSecurityPolicy => return None,
        SecurityField::ContentTypeOptions => (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        SecurityField::CrossOriginResourcePolicy => (CROSS_ORIGIN_RESOURCE_POLICY, "same-site"),
        SecurityField::FrameOptions => (X_FRAME_OPTIONS, "DENY"),
        SecurityField::PermissionsPolicy => (
            PERMISSIONS_POLICY,
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
        ),
        SecurityField::ReferrerPolicy => (REFERRER_POLICY, "no-referrer"),
        SecurityField::StrictTransportSecurity => (STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    })
}

/// The field of this name, in small letters.
fn field_of(name: &str) -> Option<SecurityField> {
    Some(match name {
        "cache-control" => SecurityField::CacheControl,
        "content-security-policy" => SecurityField::ContentSecurityPolicy,
        "cross-origin-resource-policy" => SecurityField::CrossOriginResourcePolicy,
        "permissions-policy" => SecurityField::PermissionsPolicy,
        "referrer-policy" => SecurityField::ReferrerPolicy,
        "strict-transport-security" => SecurityField::StrictTransportSecurity,
        "x-content-type-options" => SecurityField::ContentTypeOptions,
        "x-frame-options" => SecurityField::FrameOptions,
        _ => return None,
    })
}

/// Whether what the application says in this field protects: then it stays. Of several values, browsers take the last.
fn protects(field: SecurityField, first: &HeaderValue, last: &HeaderValue) -> bool {
    let says = |words: &[&str]| is_one_of(last, words);
    match field {
        SecurityField::CacheControl | SecurityField::ContentSecurityPolicy | SecurityField::PermissionsPolicy => true,
        SecurityField::ContentTypeOptions => says(&["nosniff"]),
        SecurityField::CrossOriginResourcePolicy => says(&["same-origin", "same-site", "cross-origin"]),
        SecurityField::FrameOptions => says(&["deny", FRAMED_BY_ITSELF_OLD]),
        SecurityField::ReferrerPolicy => says(&[
            "no-referrer",
            "same-origin",
            "strict-origin",
            "strict-origin-when-cross-origin",
            "origin",
            "origin-when-cross-origin",
        ]),
        SecurityField::StrictTransportSecurity => {
            first.to_str().ok().and_then(max_age).is_some_and(|seconds| seconds > 0)
        }
    }
}

/// Whether a policy says who may frame the answer: that counts for every browser that reads it.
fn says_who_frames(policy: &HeaderValue) -> bool {
    let says_who = |text: &str| text.contains("frame-ancestors") && !text.contains(FRAMED_BY_ITSELF.0);
    policy.to_str().is_ok_and(says_who)
}

/// Whether the last element of a value is one of these: of several, browsers take the last that they know.
fn is_one_of(value: &HeaderValue, words: &[&str]) -> bool {
    let element = value.to_str().ok().and_then(|text| text.rsplit(',').next());
    element.is_some_and(|element| words.iter().any(|word| element.trim().eq_ignore_ascii_case(word)))
}

/// The seconds of `max-age`, with or without quotes (RFC 6797 section 6.1).
fn max_age(value: &str) -> Option<u64> {
    let directive = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| value.trim().trim_matches('"').to_owned())
    };
    value.split(';').find_map(directive)?.parse().ok()
}

/// Whether a browser shows it as a page.
fn is_page(headers: &HeaderMap) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()?.split(';').next());
    named.is_some_and(|name| {
        let name = name.trim();
        name.eq_ignore_ascii_case("text/html") || name.eq_ignore_ascii_case("application/xhtml+xml")
    })
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in SecurityField::ALL {
            assert_eq!(field_of(&field.word().to_ascii_lowercase()), Some(*field));
        }
    }

    fn layer_of(section: &str) -> SecurityHeaders {
        let policy = Policy::parse(&format!("version = 1\n{section}")).unwrap();
        SecurityHeaders::new(&policy.headers.unwrap_or_else(Headers::usual))
    }

    /// The fields after the layer, without the media type.
    fn protected(layer: &SecurityHeaders, path: &str, is_tls: bool, said: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        layer.protect(&mut headers, is_tls, layer.is_documentation(path));
        headers.remove(CONTENT_TYPE);
        let mut left: Vec<(String, String)> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        left.sort();
        left
    }

    fn value(left: &[(String, String)], name: &str) -> Option<String> {
        left.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn an_answer_that_says_nothing_gets_everything() {
        let left = protected(&layer_of(""), "/orders", true, &[("content-type", "application/json")]);
        let lines: Vec<String> = left.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let expected = [
            "cache-control: no-store",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
            "cross-origin-resource-policy: same-site",
            "permissions-policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), \
             microphone=(), payment=(), usb=()",
            "referrer-policy: no-referrer",
            "strict-transport-security: max-age=63072000; includeSubDomains",
            "x-content-type-options: nosniff",
            "x-frame-options: DENY",
        ];
        assert_eq!(lines, expected);
        let plain = protected(&layer_of(""), "/orders", false, &[]);
        assert_eq!(value(&plain, "strict-transport-security"), None);
        assert_eq!(plain.len(), expected.len() - 1);
    }

    #[test]
    fn what_protects_stays_and_what_does_not_is_replaced() {
        let layer = layer_of("");
        for (name, said, left) in [
            ("cache-control", "private, max-age=60", "private, max-age=60"),
            ("content-security-policy", "default-src 'self'", "default-src 'self'"),
            ("cross-origin-resource-policy", "same-origin", "same-origin"),
            ("cross-origin-resource-policy", "cross-origin", "cross-origin"),
            ("cross-origin-resource-policy", "*", "same-site"),
            ("permissions-policy", "camera=(self)", "camera=(self)"),
            ("referrer-policy", "unsafe-url, strict-origin", "unsafe-url, strict-origin"),
            ("referrer-policy", "same-origin", "same-origin"),
            ("referrer-policy", "unsafe-url", "no-referrer"),
            ("referrer-policy", "no-referrer-when-downgrade", "no-referrer"),
            ("strict-transport-security", "max-age=\"31536000\"", "max-age=\"31536000\""),
            ("strict-transport-security", "max-age=0", "max-age=63072000; includeSubDomains"),
            ("strict-transport-security", "includeSubDomains", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "none", "nosniff"),
            ("x-content-type-options", "NoSniff", "NoSniff"),
            ("x-frame-options", "SAMEORIGIN", "SAMEORIGIN"),
            ("x-frame-options", "ALLOWALL", "DENY"),
        ] {
            let given = protected(&layer, "/", true, &[(name, said)]);
            assert_eq!(value(&given, name).as_deref(), Some(left), "{name}: {said}");
        }
    }

    #[test]
    fn an_application_that_may_be_framed_stays_so() {
        let layer = layer_of("");
        let own = protected(&layer, "/", false, &[("content-security-policy", "frame-ancestors https://a.example")]);
        assert_eq!(value(&own, "x-frame-options"), None);
        let page = [("content-type", "text/html; charset=utf-8"), ("x-frame-options", "SAMEORIGIN")];
        let framed = protected(&layer, "/admin", false, &page);
        let expected = "frame-ancestors 'self'; base-uri 'self'; object-src 'none'";
        assert_eq!(value(&framed, "content-security-policy").as_deref(), Some(expected));
        let of_policy = layer_of("[headers]\nx_frame_options = \"SAMEORIGIN\"\n");
        let framed = protected(&of_policy, "/", false, &page[..1]);
        assert_eq!(value(&framed, "content-security-policy").as_deref(), Some(expected));
        let own = [("content-type", "text/html"), ("x-frame-options", "DENY")];
        let shut = protected(&of_policy, "/", false, &own);
        assert_eq!(value(&shut, "content-security-policy").as_deref(), Some(PAGE_POLICY));
    }

    #[test]
    fn pages_of_documentation_get_a_policy_under_which_they_work() {
        let html = [("content-type", "text/html")];
        let policy = |layer: &SecurityHeaders, path: &str, said: &[(&str, &str)]| {
            value(&protected(layer, path, false, said), "content-security-policy").unwrap()
        };
        let usual = layer_of("");
        for path in ["/docs", "/docs/oauth2-redirect", "/redoc"] {
            assert_eq!(policy(&usual, path, &html), DOCUMENTATION_POLICY, "{path}");
        }
        assert_eq!(policy(&usual, "/docs", &[("content-type", "application/json")]), DATA_POLICY);
        for path in ["/docsy", "/", "/a/docs"] {
            assert_eq!(policy(&usual, path, &html), PAGE_POLICY, "{path}");
        }
        let own =
            layer_of("[headers]\ndocumentation = [\"/api/docs/\"]\ndocumentation_policy = \"default-src https:\"\n");
        assert_eq!(policy(&own, "/api/docs", &html), "default-src https:");
        assert_eq!(policy(&own, "/docs", &html), PAGE_POLICY);
    }

    #[test]
    fn a_policy_leaves_fields_out_and_has_values_of_its_own() {
        let layer = layer_of(
            "[headers]\noff = [\"Permissions-Policy\", \"Content-Security-Policy\"]\nreferrer_policy = \"same-origin\"\n",
        );
        let left = protected(&layer, "/", false, &[("x-xss-protection", "1; mode=block"), ("expect-ct", "max-age=1")]);
        assert_eq!(value(&left, "referrer-policy").as_deref(), Some("same-origin"));
        for name in ["permissions-policy", "content-security-policy", "x-xss-protection", "expect-ct"] {
            assert_eq!(value(&left, name), None, "{name}");
        }
        assert_eq!(
            value(&protected(&layer, "/", false, &[(XSS_PROTECTION.as_str(), "0")]), XSS_PROTECTION.as_str())
                .as_deref(),
            Some("0")
        );
    }
}
