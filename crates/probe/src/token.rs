//! JSON Web Tokens (RFC 7519) as a forger needs them: read the claims of a genuine one, sign others with a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};

/// The symmetric algorithms of RFC 7518 section 3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "HS384" => Some(Self::Hs384),
            "HS512" => Some(Self::Hs512),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    fn sign(self, key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hs256 => signed::<Hmac<Sha256>>(key, text),
            Self::Hs384 => signed::<Hmac<Sha384>>(key, text),
            Self::Hs512 => signed::<Hmac<Sha512>>(key, text),
        }
    }
}

fn signed<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

/// The header of a token; none where it is no JSON Web Token.
pub(crate) fn header(token: &str) -> Option<Map<String, Value>> {
    part(token, 0)
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    part(token, 1)
}

fn part(token: &str, index: usize) -> Option<Map<String, Value>> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, _, _] = parts.as_slice() else { return None };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).ok()?).ok()
}

/// A token with these claims.
pub(crate) fn forged(
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    key: &[u8],
) -> Option<String> {
    let mut header = header.clone();
    header.insert("alg".to_owned(), Value::from(algorithm.name()));
    let text = joined(&header, claims)?;
    let signature = algorithm.sign(key, text.as_bytes())?;
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Header and claims, encoded: what is signed.
pub(crate) fn joined(header: &Map<String, Value>, claims: &Map<String, Value>) -> Option<String> {
    let encode = |part: &Map<String, Value>| Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).ok()?));
    Some(format!("{}.{}", encode(header)?, encode(claims)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_example_of_rfc_7515_is_signed_as_printed_there() {
        // Appendix A.1.1; its text has line breaks, which JSON does not keep, so the parts are signed as they stand.
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                    cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let signature = Algorithm::Hs256.sign(&key, text.as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_forged_token_reads_back_with_its_claims() {
        let (head, body) = (map(&json!({"typ": "JWT", "alg": "HS256"})), map(&json!({"sub": "7"})));
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            let token = forged(&head, &body, algorithm, b"k").unwrap();
            assert_eq!(header(&token).unwrap()["alg"], algorithm.name());
            assert_eq!(claims(&token).unwrap(), body);
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(claims("no token"), None);
        assert_eq!(Algorithm::named("RS256"), None);
    }
}
