//! JSON Web Tokens (RFC 7519): one algorithm pinned by the key, never by the token. Keys are judged when they are loaded.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::{DecodingKey, Validation};
use model::Secret;
use policy::{Algorithm, JwtIdentity, KeyDigest, Subject};
use serde_json::Value;

use crate::site::Keys;

/// The most bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// The fewest bytes of a key for HS256 (RFC 7518 section 3.2).
pub const HMAC_KEY_BYTES_MIN: usize = 32;
/// The fewest bits of an RSA key (RFC 7518 section 3.3).
pub const RSA_KEY_BITS_MIN: usize = 2048;
/// The most bytes of a key.
pub const KEY_BYTES_MAX: usize = 64 * 1024;
/// By how much the clocks of issuer and gateway may differ.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(30);

/// Verifies the tokens of one identity.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
    /// The claim that holds the subject.
    subject: String,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is none.
    #[error("the key cannot be read: {0}")]
    Unreadable(String),
    /// It is too short.
    #[error("the key has {bytes} bytes, and HS256 needs {HMAC_KEY_BYTES_MIN} (RFC 7518 section 3.2)")]
    ShortSecret {
        /// How long it is.
        bytes: usize,
    },
    /// It is too long to be one.
    #[error("the key has more than {KEY_BYTES_MAX} bytes")]
    TooLong,
    /// It is too short.
    #[error("the RSA key has {bits} bits, and RS256 needs {RSA_KEY_BITS_MIN} (RFC 7518 section 3.3)")]
    ShortRsa {
        /// How long it is.
        bits: usize,
    },
    /// A public key or a certificate is no secret.
    #[error("the key is in PEM, which is no secret for HS256: whoever knows it could sign")]
    PublicSecret,
    /// It is no key.
    #[error("the key is no RSA public key in PEM: {0}")]
    NotRsa(String),
    /// It stands in the code.
    #[error(
        "the key is one of `refuse_keys`: everybody knows it who has read the code. Make a new one, and give it to the \
         application and to the gateway"
    )]
    Known,
    /// This build does not verify with it.
    #[error("this build verifies HS256 and RS256 alone, one of them for an identity")]
    Algorithm,
}

/// Why a token does not hold. None of it holds a part of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is longer than any token.
    #[error("the token has more than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// It is none, or its signature does not hold, or a registered claim does not.
    #[error("the token does not hold: {0}")]
    NotValid(String),
    /// Its header asks for what is not understood (RFC 7515 section 4.1.11).
    #[error("the header of the token has `crit`")]
    Critical,
    /// It is not valid at this time.
    #[error("the token {0}")]
    Time(&'static str),
}

/// What a token says.
pub struct Token {
    /// The claims.
    pub claims: Value,
    /// What identifies the principal, where a claim says it.
    pub subject: Option<String>,
}

impl Verifier {
    /// Loads the key of an identity and judges it; with whether it is one that everybody knows.
    pub(crate) fn load(identity: &JwtIdentity, keys: &dyn Keys, refuses_known: bool) -> Result<(Self, bool), KeyError> {
        let bytes = keys.read(&identity.keys).map_err(KeyError::Unreadable)?;
        let is_known = identity.refuse_keys.contains(&KeyDigest::of(bytes.expose()));
        if refuses_known && is_known {
            return Err(KeyError::Known);
        }
        Ok((Self::new(identity, &bytes)?, is_known))
    }

    /// A verifier with a key: a secret for HS256, or a public key in PEM for RS256.
    pub fn new(identity: &JwtIdentity, key: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let bytes = key.expose().as_slice();
        if bytes.len() > KEY_BYTES_MAX {
            return Err(KeyError::TooLong);
        }
        let (algorithm, key) = match identity.algorithms.as_slice() {
            [Algorithm::Hs256] => (jsonwebtoken::Algorithm::HS256, secret(bytes)?),
            [Algorithm::Rs256] => (jsonwebtoken::Algorithm::RS256, rsa(bytes)?),
            _ => return Err(KeyError::Algorithm),
        };
        let mut validation = Validation::new(algorithm);
        // Times are checked here, against the one clock; the registered claims below are checked there.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        if let Some(issuer) = &identity.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        if !identity.audience.is_empty() {
            validation.set_audience(&identity.audience);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        let subject = match &identity.subject {
            Some(Subject::Claim(claim)) => claim.clone(),
            Some(Subject::Lookup(_)) | None => "sub".to_owned(),
        };
        Ok(Self { key, validation, subject })
    }

    /// The claims of a token that holds now.
    pub fn verify(&self, token: &str, now: Duration) -> Result<Token, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let not_valid = |error: jsonwebtoken::errors::Error| TokenError::NotValid(told(&error));
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| TokenError::NotValid("it has no header".to_owned()))?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let claims = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation).map_err(not_valid)?.claims;
        times_hold(&claims, now)?;
        let subject = claims.get(&self.subject).and_then(text_of);
        Ok(Token { claims, subject })
    }
}

/// What is said of an error: its kind, because its text may hold a part of the token.
fn told(error: &jsonwebtoken::errors::Error) -> String {
    use jsonwebtoken::errors::ErrorKind;
    let text = match error.kind() {
        ErrorKind::InvalidSignature => "the signature is another one",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "it names another algorithm",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::InvalidIssuer => "it is from another issuer",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        ErrorKind::Json(_) => "its claims are no JSON",
        _ => "it is no token of this kind",
    };
    text.to_owned()
}

/// A text or a whole number, as owner columns hold it.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// A token says until when it holds, and does now.
fn times_hold(claims: &Value, now: Duration) -> Result<(), TokenError> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(TokenError::Time("has a time that is no number")),
    };
    let (now, skew) = (now.as_secs_f64(), CLOCK_SKEW_MAX.as_secs_f64());
    let expires = time("exp")?.ok_or(TokenError::Time("does not say until when it holds"))?;
    if expires + skew <= now {
        return Err(TokenError::Time("has expired"));
    }
    if time("nbf")?.is_some_and(|begins| begins > now + skew) {
        return Err(TokenError::Time("does not hold yet"));
    }
    Ok(())
}

fn secret(bytes: &[u8]) -> Result<DecodingKey, KeyError> {
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
        return Err(KeyError::PublicSecret);
    }
    if bytes.len() < HMAC_KEY_BYTES_MIN {
        return Err(KeyError::ShortSecret { bytes: bytes.len() });
    }
    Ok(DecodingKey::from_secret(bytes))
}

fn rsa(bytes: &[u8]) -> Result<DecodingKey, KeyError> {
    let key = DecodingKey::from_rsa_pem(bytes).map_err(|error| KeyError::NotRsa(error.to_string()))?;
    let der = key.try_get_as_bytes().map_err(|error| KeyError::NotRsa(error.to_string()))?;
    let bits = modulus_bits(der).ok_or_else(|| KeyError::NotRsa("it has no modulus".to_owned()))?;
    if bits < RSA_KEY_BITS_MIN { Err(KeyError::ShortRsa { bits }) } else { Ok(key) }
}

/// The length of the modulus of an `RSAPublicKey` (RFC 8017 appendix A.1.1): a sequence that begins with it.
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let (inside, _) = element(der, 0x30)?;
    let (modulus, _) = element(inside, 0x02)?;
    let significant = modulus.iter().position(|byte| *byte != 0).and_then(|at| modulus.get(at..))?;
    let leading = significant.first()?.leading_zeros() as usize;
    Some(significant.len() * 8 - leading)
}

/// The contents of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = der else {
        return None;
    };
    if *found != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(*length - 0x80))?;
            (digits.iter().fold(0, |length, digit| length * 256 + usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("validation", &self.validation)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use policy::{Identity, Policy};

    use super::*;

    const KEY: &[u8] = b"planted: a key of thirty-two bytes or more";

    fn identity() -> JwtIdentity {
        let text = "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"A\" }\n\
            issuer = \"https://id.example\"\naudience = [\"shop\"]\n";
        match Policy::parse(text).unwrap().identity.remove(0).1 {
            Identity::Jwt(jwt) => jwt,
            other => unreachable!("{other:?}"),
        }
    }

    fn verifier() -> Verifier {
        Verifier::new(&identity(), &Secret::new(KEY.to_vec())).unwrap()
    }

    fn token(header: &jsonwebtoken::Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &jsonwebtoken::EncodingKey::from_secret(KEY)).unwrap()
    }

    fn hs256() -> jsonwebtoken::Header {
        jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
    }

    fn claims() -> Value {
        serde_json::json!({"sub": "7", "exp": 1000, "iss": "https://id.example", "aud": ["other", "shop"]})
    }

    fn verified(claims: &Value) -> Result<Option<String>, TokenError> {
        verifier().verify(&token(&hs256(), claims), Duration::from_secs(901)).map(|token| token.subject)
    }

    #[test]
    fn issuer_and_audience_are_needed_where_the_policy_names_them() {
        assert_eq!(verified(&claims()), Ok(Some("7".to_owned())));
        for (claim, value) in [
            ("iss", Value::Null),
            ("iss", "https://other.example".into()),
            ("aud", Value::Null),
            ("aud", "other".into()),
            ("aud", serde_json::json!([])),
        ] {
            let mut claims = claims();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(claim);
            } else {
                claims[claim] = value;
            }
            assert!(matches!(verified(&claims), Err(TokenError::NotValid(_))), "{claims}");
        }
    }

    #[test]
    fn what_a_token_asks_to_be_understood_is_refused() {
        let header = jsonwebtoken::Header { crit: Some(vec!["b64".to_owned()]), ..hs256() };
        let token = token(&header, &claims());
        assert!(matches!(verifier().verify(&token, Duration::from_secs(901)), Err(TokenError::Critical)));
    }

    #[test]
    fn another_algorithm_of_the_same_family_is_refused() {
        let token = token(&jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS384), &claims());
        assert!(matches!(verifier().verify(&token, Duration::from_secs(901)), Err(TokenError::NotValid(_))));
    }

    #[test]
    fn at_the_bounds_it_holds_and_one_past_them_it_does_not() {
        let at = |now: u64| verifier().verify(&token(&hs256(), &claims()), Duration::from_secs(now)).is_ok();
        assert!(at(1000 + CLOCK_SKEW_MAX.as_secs() - 1) && !at(1000 + CLOCK_SKEW_MAX.as_secs()));
        let long = |length: usize| verifier().verify(&"a".repeat(length), Duration::ZERO).unwrap_err();
        assert!(matches!(long(TOKEN_BYTES_MAX), TokenError::NotValid(_)));
        assert_eq!(long(TOKEN_BYTES_MAX + 1), TokenError::TooLong);
        let loaded = |length: usize| Verifier::new(&identity(), &Secret::new(vec![b'a'; length])).map(drop);
        assert_eq!(loaded(HMAC_KEY_BYTES_MIN), Ok(()));
        assert_eq!(loaded(HMAC_KEY_BYTES_MIN - 1), Err(KeyError::ShortSecret { bytes: 31 }));
        assert_eq!((loaded(KEY_BYTES_MAX), loaded(KEY_BYTES_MAX + 1)), (Ok(()), Err(KeyError::TooLong)));
    }

    #[test]
    fn a_key_and_what_a_token_says_are_never_shown() {
        let mut claims = claims();
        claims["email"] = "planted@example.com".into();
        let text = token(&hs256(), &claims);
        let verified = verifier().verify(&text, Duration::from_secs(901)).unwrap();
        let wrong = verifier().verify(&text.replace('.', "x."), Duration::from_secs(901)).unwrap_err();
        let shown = format!("{:?} {verified:?} {wrong:?} {wrong}", verifier());
        assert!(!shown.contains("planted") && !shown.contains(text.split('.').nth(1).unwrap()), "{shown}");
    }
}
