//! Shields that look at a request: fields of the body that the code takes and should not. A body that cannot be read as the
//! application may read it is refused.

use std::sync::Arc;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode;
use policy::{Pointer, RouteSettings};

use crate::body::Body;
use crate::exchange::Exchange;
use crate::json;
use crate::pipeline::{BodyNeed, Layer, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

/// The most bytes of a body in which fields are looked for. A longer one is refused.
const PATCHED_BODY_BYTES_MAX: usize = 1024 * 1024;

/// Refuses what the shields of the route refuse.
struct VirtualPatch;

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let mut routes = site.policy.iter().flat_map(|policy| &policy.routes);
    needed(routes.any(|route| refused_by(&route.settings).next().is_some()), VirtualPatch)
}

impl Layer for VirtualPatch {
    fn request_body(&self, exchange: &Exchange) -> BodyNeed {
        match refused_fields(exchange).next() {
            Some(_) => BodyNeed::Buffer(PATCHED_BODY_BYTES_MAX),
            None => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let fields: Vec<&Pointer> = refused_fields(exchange).collect();
        // One that is longer than the bound goes on in report mode alone, where that was told already.
        let Some(bytes) = exchange.body.as_ref().map_or(Some(&[][..]), Body::whole) else {
            return Verdict::Continue;
        };
        if fields.is_empty() || bytes.is_empty() {
            return Verdict::Continue;
        }
        match found(&exchange.parts.headers, bytes, &fields) {
            Ok(None) => Verdict::Continue,
            Ok(Some(field)) => {
                let detail = format!("a shield refuses the field `{}`", field.as_str());
                Verdict::Refuse(Refusal::new(Reason::FieldNotAllowed, detail))
            }
            Err(why) => Verdict::Refuse(Refusal::new(Reason::BodyNotCheckable, format!("the body {why}"))),
        }
    }
}

/// The fields that the shields of the route refuse.
fn refused_fields(exchange: &Exchange) -> impl Iterator<Item = &Pointer> {
    exchange.route().into_iter().flat_map(|route| refused_by(&route.settings))
}

fn refused_by(settings: &RouteSettings) -> impl Iterator<Item = &Pointer> {
    settings.shields.iter().filter_map(|shield| shield.patch.as_ref()).flat_map(|patch| &patch.refuse_fields)
}

/// The first of the fields that a body holds. Applications that do not look at the media type read JSON whatever it says, so
/// that a form is looked at as JSON as well.
fn found<'f>(headers: &HeaderMap, bytes: &[u8], fields: &[&'f Pointer]) -> Result<Option<&'f Pointer>, &'static str> {
    if headers.contains_key(CONTENT_ENCODING) {
        return Err("is encoded");
    }
    if !headers.get_all(CONTENT_TYPE).iter().all(json::is_utf8) {
        return Err("is in another charset than UTF-8");
    }
    let is_form = headers.get(CONTENT_TYPE).is_some_and(is_form);
    let read = json::read(bytes);
    let looks_like_json = bytes.trim_ascii_start().first().is_some_and(|byte| matches!(byte, b'{' | b'['));
    let in_json = match read {
        Ok(document) => fields.iter().find(|field| document.pointer(field.as_str()).is_some()),
        Err(_) if is_form && !looks_like_json => None,
        Err(why) => return Err(why),
    };
    let in_form = || {
        let names: Vec<String> = names(bytes).collect();
        fields.iter().find(|field| field.tokens().next().is_some_and(|first| names.contains(&first)))
    };
    Ok(in_json.or_else(|| is_form.then(in_form).flatten()).copied())
}

pub(super) fn is_form(media_type: &HeaderValue) -> bool {
    let name = media_type.to_str().ok().and_then(|text| text.split(';').next());
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The names of a URL-encoded form. Older readers end a pair at `;` as well, and some take `name[]` or `name[key]` for a part of
/// `name`.
fn names(bytes: &[u8]) -> impl Iterator<Item = String> {
    pairs(bytes).map(|(name, _)| name)
}

/// The value of a field of a form, where it stands once: of two, nobody knows which one the application takes.
pub(super) fn form_value(bytes: &[u8], field: &str) -> Option<String> {
    let mut found = pairs(bytes).filter(|(name, _)| name == field);
    found.next().filter(|_| found.next().is_none()).map(|(_, value)| decoded(value))
}

/// The value of a parameter of a query, where every reader finds it once: those that know `;` and `name[]`, and those that do not.
pub(super) fn query_value(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut exact =
        pairs.filter(|(own, _)| decoded(own.as_bytes()) == name).map(|(_, value)| decoded(value.as_bytes()));
    let one = exact.next().filter(|_| exact.next().is_none())?;
    form_value(query.as_bytes(), name).filter(|lenient| *lenient == one)
}

/// The pairs of a form: the name of a field, and its value as it was sent.
fn pairs(bytes: &[u8]) -> impl Iterator<Item = (String, &[u8])> {
    bytes.split(|byte| matches!(byte, b'&' | b';')).map(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(end).unwrap_or_default();
        let name = decoded(name).split(['[', '.']).next().unwrap_or_default().trim().to_owned();
        (name, value.get(1..).unwrap_or_default())
    })
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Pointer {
        text.parse().unwrap()
    }

    fn looked(media_type: Option<&'static str>, body: &str) -> Result<bool, &'static str> {
        let mut headers = HeaderMap::new();
        if let Some(media_type) = media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        let (role, inner) = (field("/role"), field("/user/is_admin"));
        found(&headers, body.as_bytes(), &[&role, &inner]).map(|found| found.is_some())
    }

    #[test]
    fn a_parameter_of_a_query_is_what_every_reader_finds() {
        for (query, value) in [("a=1", Some("1")), ("b=2&a=%31+2", Some("1 2")), ("%61=1", Some("1")), ("a=", Some(""))]
        {
            assert_eq!(query_value(query, "a").as_deref(), value, "{query}");
        }
        for query in ["", "a[]=1", "a[x]=1", "a.b=1", "x=1;a=1", "a=1;b=2", "a=1&a=1", "a=1&a[]=2", " a=1", "A=1"] {
            assert_eq!(query_value(query, "a"), None, "{query}");
        }
    }

    const JSON: Option<&str> = Some("application/json");
    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn a_field_is_found_in_json_whatever_the_media_type_says() {
        for body in [
            r#"{"role": "admin"}"#,
            r#"{"a": 1, "role": null}"#,
            r#"{"\u0072ole": 1}"#,
            r#"{"user": {"is_admin": true}}"#,
        ] {
            for media_type in [JSON, None, Some("text/plain"), FORM] {
                assert_eq!(looked(media_type, body), Ok(true), "{media_type:?} {body}");
            }
        }
        for body in ["{}", r#"{"roles": 1}"#, r#"{"user": {"role": 1}}"#, r#"[{"role": 1}]"#, "7"] {
            assert_eq!(looked(JSON, body), Ok(false), "{body}");
        }
    }

    #[test]
    fn a_field_is_found_in_a_form() {
        for body in [
            "role=admin",
            "a=1&role",
            "a=1;role=x",
            "r%6Fle=x",
            "role[]=x",
            "+role=x",
            "user[is_admin]=1",
            "user.is_admin=1",
        ] {
            assert_eq!(looked(FORM, body), Ok(true), "{body}");
        }
        for body in ["roles=x", "a=role", "a=1&b=2", "=role"] {
            assert_eq!(looked(FORM, body), Ok(false), "{body}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_not_passed() {
        let twice = r#"{"a": 1, "a": {"role": 1}}"#;
        for (media_type, body) in [
            (JSON, "role=admin"),
            (JSON, twice),
            (FORM, twice),
            (FORM, "{\"role\": NaN}"),
            (None, "a=1"),
            (Some("multipart/form-data; boundary=x"), "--x"),
        ] {
            assert!(looked(media_type, body).is_err(), "{media_type:?} {body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(found(&headers, b"{}", &[&field("/role")]).is_err());
    }
}
