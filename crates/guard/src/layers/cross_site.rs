//! Writes that a page of another site makes with the cookie of its visitor (cross-site request forgery). Browsers say of each
//! request where it comes from: `Sec-Fetch-Site`, and before that `Origin`, which is compared with `Host`. Where a route takes
//! an identity that comes by cookie and the request has the cookie, a request of another site that is not safe is refused;
//! so is a WebSocket, which browsers open across sites without asking. A request of a sibling host (`same-site`) passes, and so
//! does one that says neither: it comes from no browser of these days. Origins that `[cors]` names may.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{COOKIE, HOST, HeaderValue, ORIGIN};
use model::Method;
use policy::{Cors, CrossSite, Grant, Identity};

use crate::carrier;
use crate::exchange::Exchange;
use crate::pipeline::{Layer, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Refuses what another site does in the name of its visitor.
struct Forgery {
    site: Arc<Site>,
    cors: Option<Cors>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let policy = site.policy.as_ref()?;
    let refuses = policy.cross_site != Some(CrossSite::Allow);
    needed(refuses, Forgery { site: site.clone(), cors: policy.cors.clone() })
}

impl Layer for Forgery {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if is_safe(&exchange.method) {
            return Verdict::Continue;
        }
        let grants = exchange.open_grants();
        let brings = |grant: &Grant| self.is_brought(grant, exchange);
        if !grants.iter().any(|(_, grant)| brings(grant)) {
            return Verdict::Continue;
        }
        let host = exchange.client.host.as_ref().or_else(|| exchange.parts.headers.get(HOST));
        match crossing(&exchange.parts.headers, host, self.cors.as_ref()) {
            Some(why) => Verdict::Refuse(Refusal::new(Reason::CrossSite, why)),
            None => Verdict::Continue,
        }
    }
}

impl Forgery {
    /// Whether a request has the credential of a grant, and a browser brings it whatever page makes the request.
    fn is_brought(&self, grant: &Grant, exchange: &Exchange) -> bool {
        let headers = &exchange.parts.headers;
        let Some(identity) = self.site.identity(&grant.identity) else { return false };
        match identity {
            Identity::Basic(_) => carrier::basic(exchange).is_ok(),
            Identity::ClientCertificate(_) => exchange.connection.certificate.is_some(),
            Identity::ForwardAuth(_) => {
                let service = self.site.identities.services.get(&grant.identity);
                let cookie = service.is_some_and(|service| service.is_shown_cookies()) && headers.contains_key(COOKIE);
                cookie || carrier::basic(exchange).is_ok()
            }
            _ => identity.cookie().is_some_and(|name| has_cookie(headers, name)),
        }
    }
}

/// Whether a method changes nothing (RFC 9110 section 9.2.1). What goes over a WebSocket may.
fn is_safe(method: &Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Options | Method::Trace)
}

/// Whether a cookie of this name is there, once or more, whatever stands around it.
fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    fields.into_iter().any(|field| field.windows(name.len().max(1)).any(|window| window == name.as_bytes()))
}

/// Why a request comes from another site, if it does.
fn crossing(headers: &HeaderMap, host: Option<&HeaderValue>, cors: Option<&Cors>) -> Option<&'static str> {
    let is_named = |origin: &HeaderValue| cors.is_some_and(|cors| cors.names(origin.as_bytes()));
    let mut origins = headers.get_all(ORIGIN).iter().peekable();
    if origins.peek().is_some() && headers.get_all(ORIGIN).iter().all(is_named) {
        return None;
    }
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter().map(HeaderValue::as_bytes);
    match sites.next() {
        Some(b"same-origin" | b"same-site" | b"none") if sites.next().is_none() => return None,
        Some(b"cross-site") => return Some("`Sec-Fetch-Site` is `cross-site`, and `[cors]` names no such origin"),
        // What browsers do not say counts for nothing.
        _ => {}
    }
    let host = host.map(HeaderValue::as_bytes);
    let is_other = |origin: &HeaderValue| !is_named(origin) && !is_same(origin.as_bytes(), host);
    origins.any(is_other).then_some("`Origin` is another one than `Host`, and `[cors]` does not name it")
}

/// Whether an origin is the host that is asked. The scheme is not known behind a proxy, so a port that is usual for one counts
/// for none.
fn is_same(origin: &[u8], host: Option<&[u8]>) -> bool {
    let Some((scheme, authority)) = str::from_utf8(origin).ok().and_then(|text| text.split_once("://")) else {
        return false;
    };
    let usual = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let host = host.and_then(|host| str::from_utf8(host).ok()).unwrap_or_default();
    let host = host.strip_suffix(usual).unwrap_or(host);
    !host.is_empty() && authority.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    fn said(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn is_crossing(fields: &[(&'static str, &'static str)]) -> bool {
        let policy = Policy::parse("version = 1\n[cors]\norigins = [\"https://app.example\"]\n").unwrap();
        let host = HeaderValue::from_static("shop.example:8443");
        crossing(&said(fields), Some(&host), policy.cors.as_ref()).is_some()
    }

    #[test]
    fn what_browsers_say_of_another_site_is_seen() {
        for fields in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://shop.example:8443")],
            &[("sec-fetch-site", "cross-site"), ("origin", "null")],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://shop.example")],
            &[("origin", "https://shop.example:8443.evil.example")],
            &[("origin", "shop.example:8443")],
            &[("origin", "https://shop.example:8443"), ("origin", "https://evil.example")],
            &[("origin", "https://app.example"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "other"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        ] {
            assert!(is_crossing(fields), "{fields:?}");
        }
    }

    #[test]
    fn what_is_of_the_same_site_or_named_passes() {
        for fields in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://www.shop.example")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")],
            &[("origin", "https://app.example")],
            &[("origin", "https://shop.example:8443")],
            &[("origin", "http://SHOP.example:8443")],
        ] {
            assert!(!is_crossing(fields), "{fields:?}");
        }
        assert!(is_same(b"https://a", Some(b"a:443")));
        assert!(is_same(b"http://a", Some(b"a:80")));
        assert!(!is_same(b"http://a", Some(b"a:443")));
        assert!(!is_same(b"http://", Some(b"")));
        assert!(!is_same(b"http://a", None));
    }

    #[test]
    fn a_cookie_counts_however_it_is_written() {
        for field in ["session=a", "b=c;session=a", "session =a", "session=a; session=b"] {
            assert!(has_cookie(&said(&[("cookie", field)]), "session"), "{field}");
        }
        assert!(!has_cookie(&said(&[("cookie", "b=c")]), "session"));
        assert!(!has_cookie(&said(&[]), "session"));
    }
}
