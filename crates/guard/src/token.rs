//! JSON Web Tokens (RFC 7519): the algorithm is pinned by the key and the policy, never by the token. Keys are judged when they
//! are loaded.

mod claims;
mod jws;
mod key;
mod key_set;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::Secret;
use policy::{Algorithm, JwtIdentity};
use serde_json::Value;

use crate::site::Keys;
use claims::{Expected, Times};
use jws::Compact;
pub use key::KeyError;
use key_set::{Found, KeySet};

/// The most bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// The fewest bytes of a key for HS256; for HS384 and HS512 they are 48 and 64 (RFC 7518 section 3.2).
pub const HMAC_KEY_BYTES_MIN: usize = 32;
/// The fewest bits of an RSA key (RFC 7518 section 3.3).
pub const RSA_KEY_BITS_MIN: usize = 2048;
/// The most bits of an RSA key: with longer ones a signature takes too long to verify.
pub const RSA_KEY_BITS_MAX: usize = 8192;
/// The most bytes of a key, and of a set of them in a file.
pub const KEY_BYTES_MAX: usize = 64 * 1024;
/// The most keys of a set.
pub const KEYS_MAX: usize = 64;
/// The most keys that a signature is tried with, where the token does not name one.
pub const KEYS_TRIED_MAX: usize = 4;
/// By how much the clocks of issuer and gateway may differ.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(30);

/// Verifies the tokens of one identity.
pub struct Verifier {
    algorithms: Vec<Algorithm>,
    keys: Arc<KeySet>,
    expected: Expected,
}

/// Why a token does not hold. None of it holds a part of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is longer than any token.
    #[error("the token has more than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// It is none, or its signature does not hold, or a registered claim does not.
    #[error("the token does not hold: {0}")]
    NotValid(&'static str),
    /// Its header asks for what is not understood (RFC 7515 section 4.1.11).
    #[error("the header of the token has `crit`")]
    Critical,
    /// It is not valid at this time.
    #[error("the token {0}")]
    Time(&'static str),
    /// It names a key that is not one of the issuer's.
    #[error("the token names a key that is not known")]
    UnknownKey,
}

/// What a token says.
pub struct Token {
    /// The claims.
    pub claims: Arc<Value>,
    /// What identifies the principal, where a claim says it.
    pub subject: Option<String>,
}

impl Verifier {
    /// Loads the keys of an identity and judges them; with whether one of them is known to everybody.
    pub(crate) fn load(identity: &JwtIdentity, keys: &dyn Keys, refuses_known: bool) -> Result<(Self, bool), KeyError> {
        let bytes = keys.read(&identity.keys).map_err(KeyError::Unreadable)?;
        let (set, is_known) = KeySet::loaded(bytes.expose(), &identity.algorithms, &identity.refuse_keys)?;
        if refuses_known && is_known {
            return Err(KeyError::Known);
        }
        Ok((Self::of(identity, set), is_known))
    }

    /// A verifier with what a file of keys holds: a secret for HMAC, public keys or a certificate in PEM, a JSON Web Key, or a
    /// set of them (RFC 7517).
    pub fn new(identity: &JwtIdentity, keys: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let (set, _) = KeySet::loaded(keys.expose(), &identity.algorithms, &[])?;
        Ok(Self::of(identity, set))
    }

    fn of(identity: &JwtIdentity, set: KeySet) -> Self {
        Self { algorithms: identity.algorithms.clone(), keys: Arc::new(set), expected: Expected::of(identity) }
    }

    /// What a token says that holds now, a time since 1970-01-01 UTC.
    pub fn verify(&self, token: &str, now: Duration) -> Result<Token, TokenError> {
        let compact = Compact::read(token)?;
        if !self.algorithms.contains(&compact.algorithm) {
            return Err(TokenError::NotValid("it names another algorithm"));
        }
        let keys = match self.keys.find(compact.kid.as_deref(), compact.algorithm) {
            Found::Keys(keys) => keys,
            Found::Unknown => return Err(TokenError::UnknownKey),
            Found::TooMany => return Err(TokenError::NotValid("it names no key, and there are several")),
        };
        if keys.is_empty() {
            return Err(TokenError::NotValid("it names another algorithm than its key is for"));
        }
        let is_signed =
            |key: &Arc<key::Key>| key.signed(compact.algorithm, compact.signed.as_bytes(), &compact.signature);
        if !keys.into_iter().any(is_signed) {
            return Err(TokenError::NotValid("the signature is another one"));
        }
        let claims = compact.claims()?;
        self.expected.hold(&claims)?;
        Times::of(&claims)?.hold(now)?;
        Ok(Token { subject: self.expected.subject(&claims), claims: Arc::new(claims) })
    }
}

/// A text or a whole number, as owner columns hold it.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// Keys never show themselves.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys).field("expected", &self.expected).finish_non_exhaustive()
    }
}

/// Claims may hold what nobody else should read.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
