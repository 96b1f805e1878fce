//! Where a request carries a credential: in the one place that the policy names, once. What stands there twice, or in a list, is
//! none: gateway and application might each believe another one.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use policy::ApiKeyIdentity;

use crate::exchange::Exchange;

/// The parameter of a query that an application may take a token from (RFC 6750 section 2.3).
const QUERY_PARAMETER: &str = "access_token";
/// The scheme of a token (RFC 6750 section 2.1).
const SCHEME: &str = "Bearer";

/// The token of a request. One in the query is never taken, and none is beside it: addresses are written down wherever they
/// pass, and of two tokens the application might believe the other (RFC 6750 section 2, RFC 9700 section 4.3.2).
pub(crate) fn token<'e>(
    exchange: &'e Exchange,
    header: Option<&policy::HeaderName>,
    cookie: Option<&str>,
) -> Result<&'e str, &'static str> {
    if is_in_query(exchange) {
        return Err("a token in the query is not taken, nor one beside it");
    }
    if let Some(cookie) = cookie {
        return exchange.cookie(cookie).ok_or("no cookie with a token, or several").and_then(alone);
    }
    let name = header.map_or(AUTHORIZATION.as_str(), |name| name.as_str());
    credential(&exchange.parts.headers, name)
}

/// The API key of a request.
pub(crate) fn key<'e>(exchange: &'e Exchange, identity: &ApiKeyIdentity) -> Result<&'e str, &'static str> {
    credential(&exchange.parts.headers, identity.header.as_str())
}

/// Name and password of a request, encoded (RFC 7617 section 2).
pub(crate) fn basic(exchange: &Exchange) -> Result<&str, &'static str> {
    let mut fields = exchange.parts.headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().ok_or("no credential")?;
    if fields.next().is_some() {
        return Err("several credentials");
    }
    let field = text_of(field)?;
    match field.split_once(' ') {
        Some((scheme, credential)) if scheme.eq_ignore_ascii_case("Basic") => alone(credential.trim_start()),
        _ => Err("the scheme is not `Basic`"),
    }
}

/// What a field carries: in `Authorization` behind the scheme, in others behind it or alone.
fn credential<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, &'static str> {
    let mut fields = headers.get_all(name).iter();
    let field = fields.next().ok_or("no credential")?;
    if fields.next().is_some() {
        return Err("several credentials");
    }
    let field = text_of(field)?;
    let is_own = HeaderName::try_from(name).is_ok_and(|name| name != AUTHORIZATION);
    match field.split_once(' ') {
        Some((scheme, credential)) if scheme.eq_ignore_ascii_case(SCHEME) => alone(credential.trim_start()),
        None if is_own => alone(field),
        _ => Err("the scheme is not `Bearer`"),
    }
}

/// One credential holds neither blanks nor what separates several.
fn alone(credential: &str) -> Result<&str, &'static str> {
    // Looked through to its end whatever it holds: that is done for many bytes at once.
    let separates = |byte: u8| matches!(byte, b',' | b';' | b' ' | b'\t');
    match credential {
        "" => Err("the credential is empty"),
        list if list.bytes().fold(false, |any, byte| any | separates(byte)) => {
            Err("a list of credentials, or more than one text")
        }
        one => Ok(one),
    }
}

/// A field as text, where it holds nothing but characters that are seen, and blanks.
fn text_of(field: &HeaderValue) -> Result<&str, &'static str> {
    let is_seen = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    let all_seen = field.as_bytes().iter().fold(true, |all, byte| all & is_seen(*byte));
    let text = str::from_utf8(field.as_bytes()).ok().filter(|_| all_seen);
    text.ok_or("the field of the credential is no text")
}

/// Whether a parameter of the query is called as an application would read it.
fn is_in_query(exchange: &Exchange) -> bool {
    let pairs = exchange.parts.uri.query().unwrap_or_default().split(['&', ';']);
    let mut names = pairs.filter_map(|pair| pair.split('=').next());
    names.any(|name| percent_decode_str(name).eq(QUERY_PARAMETER.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(name: &'static str, values: &[&'static str]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        credential(&headers, name).map(str::to_owned)
    }

    #[test]
    fn a_credential_stands_once_and_alone() {
        for (name, value) in [
            ("authorization", "Bearer a.b.c"),
            ("authorization", "bearer  a.b.c"),
            ("x-token", "Bearer a.b.c"),
            ("x-token", "a.b.c"),
        ] {
            assert_eq!(carried(name, &[value]).as_deref(), Ok("a.b.c"), "{name}: {value}");
        }
        for (name, values, why) in [
            ("authorization", &[][..], "no credential"),
            ("authorization", &["Bearer a", "Bearer a"], "several credentials"),
            ("x-token", &["a", "b"], "several credentials"),
            ("authorization", &["a.b.c"], "the scheme is not `Bearer`"),
            ("authorization", &["Basic a"], "the scheme is not `Bearer`"),
            ("x-token", &["Basic a"], "the scheme is not `Bearer`"),
            ("authorization", &["Bearer "], "the credential is empty"),
            ("x-token", &[""], "the credential is empty"),
            ("authorization", &["Bearer a, Bearer b"], "a list of credentials, or more than one text"),
            ("authorization", &["Bearer a,b"], "a list of credentials, or more than one text"),
            ("authorization", &["Bearer a b"], "a list of credentials, or more than one text"),
            ("x-token", &["a,b"], "a list of credentials, or more than one text"),
            ("x-token", &["a;b"], "a list of credentials, or more than one text"),
            ("x-token", &["a\tb"], "a list of credentials, or more than one text"),
            ("x-token", &["a\u{e9}"], "the field of the credential is no text"),
            ("authorization", &["Bearer a\u{e9}"], "the field of the credential is no text"),
        ] {
            assert_eq!(carried(name, values), Err(why), "{name}: {values:?}");
        }
    }
}
