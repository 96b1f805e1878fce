//! Header fields on the way: those of one hop end here (RFC 9110 section 7.6.1), and what only a proxy may say is set.

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE, VIA,
};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version};

use crate::body::Body;
use crate::downstream::framing::may_be_behind;
use crate::exchange::Client;
use crate::fields;
use crate::layers::normalize::is_of_proxies;

/// Whether a field is for one hop, whether `Connection` names it or not.
fn is_of_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "expect"
            | "http2-settings"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How many fields a gateway adds to a request, or to an answer: room for them is made at once.
pub(super) const ADDED_FIELDS: usize = 16;

/// The fields that `Connection` names, beside those that go anyway.
fn named(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let options = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let options = options.flat_map(|value| value.split(',')).map(str::trim);
    // `close` is no name of a field.
    options.filter(|option| *option != "close" && !is_of_hop(option))
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = named(headers).filter_map(|name| name.parse().ok()).collect();
    fields::remove(headers, |name| is_of_hop(name.as_str()));
    for name in named {
        headers.remove(name);
    }
}

fn websocket(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// Whether who asks takes fields behind the body (RFC 9110 section 10.1.4).
pub(super) fn takes_trailers(headers: &HeaderMap) -> bool {
    let members = headers.get_all(TE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    members.into_iter().any(|member| member.trim().eq_ignore_ascii_case("trailers"))
}

/// The announcement of fields behind a body (RFC 9110 section 6.6.2), without those that may not stand there.
fn announced(headers: &HeaderMap, may: impl Fn(&str) -> bool) -> Option<HeaderValue> {
    if !headers.contains_key(TRAILER) {
        return None;
    }
    let values = headers.get_all(TRAILER).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
    let names: Vec<String> = names.filter(|name| may(name)).collect();
    HeaderValue::try_from(names.join(", ")).ok().filter(|_| !names.is_empty())
}

/// Whether a client may say this behind a body: neither what frames, routes or identifies, nor what only a proxy may say.
fn may_be_asked(name: &str) -> bool {
    may_be_behind(name) && !name.contains('_') && !is_of_proxies(name)
}

/// What stands before a body because it says what is done with it (RFC 9110 section 6.5.1): some clients take it from behind, too.
const BEFORE: [&str; 9] = [
    "cache-control",
    "content-security-policy",
    "date",
    "expires",
    "location",
    "retry-after",
    "strict-transport-security",
    "vary",
    "www-authenticate",
];

/// Whether an application may say this behind a body.
fn may_be_answered(name: &str) -> bool {
    may_be_behind(name) && !BEFORE.contains(&name) && !name.starts_with("access-control-")
}

/// What of the fields behind the body of a request goes on.
pub(crate) fn behind_request(trailers: &HeaderMap) -> HeaderMap {
    only(trailers, may_be_asked)
}

/// What of the fields behind the body of an answer goes on.
pub(crate) fn behind_answer(trailers: &HeaderMap) -> HeaderMap {
    only(trailers, may_be_answered)
}

fn only(trailers: &HeaderMap, may: impl Fn(&str) -> bool) -> HeaderMap {
    let kept = trailers.iter().filter(|(name, _)| may(name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A request as HTTP/2 has it: the host is a part of the target.
pub(super) fn for_http2(request: &mut Request<Body>, is_tls: bool, takes_trailers: bool) {
    request.headers_mut().remove(CONNECTION);
    request.headers_mut().remove(TE);
    request.headers_mut().remove(EXPECT);
    request.headers_mut().remove(TRANSFER_ENCODING);
    if takes_trailers {
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
    }
    *request.version_mut() = Version::HTTP_2;
    let host = request.headers_mut().remove(HOST);
    let authority = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let mut parts = http::uri::Parts::default();
    parts.path_and_query = Some(path_of(request.uri()));
    parts.authority = authority.or_else(|| request.uri().authority().cloned());
    parts.scheme = Some(if is_tls { Scheme::HTTPS } else { Scheme::HTTP });
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

/// The path of a target, with its query.
pub(super) fn path_of(uri: &Uri) -> PathAndQuery {
    uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"))
}

/// Gives the fields that the application gets of a request, one after the other.
pub(super) fn for_application(
    headers: &HeaderMap,
    came_by: Version,
    client: &Client,
    is_websocket: bool,
    mut give: impl FnMut(&HeaderName, &HeaderValue),
) {
    let named: Vec<&str> = named(headers).collect();
    let is_ours = |name: &HeaderName| [X_FORWARDED_FOR, X_FORWARDED_PROTO, X_FORWARDED_HOST].contains(name);
    for (name, value) in headers {
        let is_named = || named.iter().any(|one| one.eq_ignore_ascii_case(name.as_str()));
        if !is_of_hop(name.as_str()) && !is_ours(name) && !is_named() {
            give(name, value);
        }
    }
    if let Some(trailer) = announced(headers, may_be_asked) {
        give(&TRAILER, &trailer);
    }
    give(&X_FORWARDED_FOR, &client.address_value);
    give(&X_FORWARDED_PROTO, &HeaderValue::from_static(if client.is_tls { "https" } else { "http" }));
    if let Some(host) = client.host.as_ref().or_else(|| headers.get(HOST)) {
        give(&X_FORWARDED_HOST, host);
    }
    give(&VIA, &via(came_by));
    if is_websocket {
        give(&CONNECTION, &HeaderValue::from_static("Upgrade"));
        give(&UPGRADE, &HeaderValue::from_static("websocket"));
    }
}

/// By which version it came here (RFC 9110 section 7.6.3).
fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(if version == Version::HTTP_2 { "2 doorward" } else { "1.1 doorward" })
}

/// What the client gets.
pub(super) fn to_client(headers: &mut HeaderMap, came_by: Version, is_websocket: bool, takes_trailers: bool) {
    let trailer = announced(headers, may_be_answered).filter(|_| takes_trailers);
    strip(headers);
    headers.reserve(ADDED_FIELDS);
    if let Some(trailer) = trailer {
        headers.insert(TRAILER, trailer);
        // In HTTP/1.1 nothing can stand behind a body whose length was told.
        headers.remove(CONTENT_LENGTH);
    }
    headers.append(VIA, via(came_by));
    if is_websocket {
        websocket(headers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_one_hop_end_here() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-own"),
            ("x-own", "1"),
            ("te", "trailers"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("x-kept", "1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let host = HeaderValue::from_static("shop.example");
        let address = std::net::IpAddr::from([192, 0, 2, 1]);
        let address_value = HeaderValue::from_static("192.0.2.1");
        let client = Client { address, address_value, is_tls: true, host: Some(host), is_of_proxy: false };
        headers.insert("x-forwarded-for", HeaderValue::from_static("planted"));
        let mut left = Vec::new();
        for_application(&headers, Version::HTTP_11, &client, false, |name, value| {
            left.push((name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
        });
        left.sort_unstable();
        let left: Vec<(&str, &str)> = left.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("via", "1.1 doorward"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-host", "shop.example"),
            ("x-forwarded-proto", "https"),
            ("x-kept", "1"),
        ];
        assert_eq!(left, expected);
    }
}
