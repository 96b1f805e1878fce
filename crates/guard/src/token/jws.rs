//! The compact serialisation of a signed token (RFC 7515 section 7.1), read in one way only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use policy::Algorithm;
use serde_json::Value;

use super::{TOKEN_BYTES_MAX, TokenError};
use crate::json;

/// The media types of tokens that say who asks (RFC 7519 section 5.1, RFC 9068 section 2.1).
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// A token whose signature is not verified yet.
#[derive(Debug)]
pub(super) struct Compact<'t> {
    /// What is signed: header and payload as they stand in the token.
    pub(super) signed: &'t str,
    pub(super) algorithm: Algorithm,
    /// The name of the key (RFC 7515 section 4.1.4).
    pub(super) kid: Option<String>,
    pub(super) signature: Vec<u8>,
    payload: &'t str,
}

impl<'t> Compact<'t> {
    /// Reads a token; of its payload nothing before somebody has verified the signature.
    pub(super) fn read(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let not_three = || TokenError::NotValid("it is no token of three parts");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(not_three)?;
        let (header, payload) = signed.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or_else(not_three)?;
        let header = decoded(header).ok_or(TokenError::NotValid("its header is no base64url"))?;
        let header = json::read(&header).map_err(|_| TokenError::NotValid("its header is no JSON, or ambiguous"))?;
        let Value::Object(header) = header else {
            return Err(TokenError::NotValid("its header is no object"));
        };
        // Nothing is understood that would have to be (RFC 7515 section 4.1.11).
        if header.contains_key("crit") {
            return Err(TokenError::Critical);
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(TokenError::NotValid("a parameter of its header is no text")),
        };
        if text("typ")?.is_some_and(|given| is_of_other_use(&given)) {
            return Err(TokenError::NotValid("its `typ` says that it is for something else"));
        }
        let algorithm = text("alg")?.and_then(|name| Algorithm::named(&name));
        let signature = decoded(signature).ok_or(TokenError::NotValid("its signature is no base64url"))?;
        let kid = text("kid")?;
        let algorithm = algorithm.ok_or(TokenError::NotValid("it names another algorithm"))?;
        Ok(Self { signed, algorithm, kid, signature, payload })
    }

    /// The claims, which mean something only where the signature holds.
    pub(super) fn claims(&self) -> Result<Value, TokenError> {
        let payload = decoded(self.payload).ok_or(TokenError::NotValid("its payload is no base64url"))?;
        match json::read(&payload) {
            Ok(claims @ Value::Object(_)) => Ok(claims),
            Ok(_) => Err(TokenError::NotValid("its claims are no JSON object")),
            Err(json::NO_JSON) => Err(TokenError::NotValid("its claims are no JSON")),
            Err(_) => Err(TokenError::NotValid("a claim stands twice")),
        }
    }
}

/// Whether a type is one of tokens that are made for something else, such as `logout+jwt` (RFC 8725 section 3.11). Types that
/// are no kind of token say nothing.
fn is_of_other_use(given: &str) -> bool {
    let name = given.to_ascii_lowercase();
    let name = name.strip_prefix("application/").unwrap_or(&name);
    name.ends_with("+jwt") && !TYPES.contains(&name)
}

/// Base64url without padding, blanks or bits that mean nothing (RFC 7515 section 2).
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<(Algorithm, Option<String>), TokenError> {
        let token = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        Compact::read(&token).map(|compact| (compact.algorithm, compact.kid))
    }

    #[test]
    fn a_header_is_read_in_one_way() {
        let kid = || Some("a".to_owned());
        assert_eq!(read(r#"{"alg":"RS256","kid":"a"}"#), Ok((Algorithm::Rs256, kid())));
        for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt", "JOSE"] {
            assert!(read(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#)).is_ok(), "{typ}");
        }
        for (header, why) in [
            (r#"{"alg":"RS256","kid":7}"#, "a parameter of its header is no text"),
            (r#"{"alg":["RS256"]}"#, "a parameter of its header is no text"),
            (r#"{"alg":"RS256","alg":"none"}"#, "its header is no JSON, or ambiguous"),
            (r#"{"alg":"rs256"}"#, "it names another algorithm"),
            (r#"{"alg":"none"}"#, "it names another algorithm"),
            ("{}", "it names another algorithm"),
            ("[]", "its header is no object"),
            (r#"{"alg":"RS256","typ":"logout+jwt"}"#, "its `typ` says that it is for something else"),
            (r#"{"alg":"RS256","typ":"application/dpop+jwt"}"#, "its `typ` says that it is for something else"),
        ] {
            assert_eq!(read(header), Err(TokenError::NotValid(why)), "{header}");
        }
        assert_eq!(read(r#"{"alg":"RS256","crit":[]}"#), Err(TokenError::Critical));
    }

    #[test]
    fn a_token_has_three_parts_of_strict_base64url() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        assert!(Compact::read(&format!("{header}.e30.AA")).is_ok());
        for text in [
            String::new(),
            header.clone(),
            format!("{header}.e30"),
            format!("{header}.e30.AA.AA"),
            format!("{header}.e30.AA.AA.AA"),
            format!("{header}=.e30.AA"),
            format!("{header}.e30.AB"),
            format!("{header}.e30.A+"),
            format!("{header}.e30.AA, Bearer {header}.e30.AA"),
            format!(" {header}.e30.AA"),
        ] {
            assert!(matches!(Compact::read(&text), Err(TokenError::NotValid(_))), "{text}");
        }
    }

    #[test]
    fn claims_are_one_object_without_doubles() {
        let claims = |payload: &str| {
            let token =
                format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(payload));
            Compact::read(&token).unwrap().claims()
        };
        assert_eq!(claims(r#"{"sub":"7"}"#), Ok(serde_json::json!({"sub": "7"})));
        for (payload, why) in [
            ("foo", "its claims are no JSON"),
            ("[]", "its claims are no JSON object"),
            (r#"{"sub":"7","sub":"8"}"#, "a claim stands twice"),
            (r#"{"sub":"7"}}"#, "its claims are no JSON"),
        ] {
            assert_eq!(claims(payload), Err(TokenError::NotValid(why)), "{payload}");
        }
    }
}
