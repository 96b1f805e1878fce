//! JSON Web Tokens (RFC 7519): the algorithm is pinned by the key and the policy, never by the token. Keys are judged when they
//! are loaded.

mod claims;
mod jws;
mod key;
mod key_set;
pub(crate) mod source;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::Secret;
use policy::JwtIdentity;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::kept::{Kept, Weighed};
use crate::site::Keys;
use crate::worker::Clock;
use claims::{Expected, Times};
use jws::Compact;
pub use key::KeyError;
use key_set::{Found, KeySet};
pub use source::{KEYS_COOLDOWN, KEYS_STALE_TIME_MAX};
use source::{Place, Source};

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
/// The most tokens of an identity that are kept verified. At least half as many are kept of those that were shown last.
pub const TOKENS_KEPT_MAX: usize = 32 * 1024;
/// The most bytes of them, as they were on the wire.
pub const TOKENS_KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// By how much the clocks of issuer and gateway may differ.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(30);

/// Verifies the tokens of one identity.
pub struct Verifier {
    identity: JwtIdentity,
    keys: Held,
    expected: Expected,
    kept: Kept<Token>,
}

/// Where the keys are.
#[derive(Debug)]
enum Held {
    /// Here, read from these bytes.
    Loaded { set: Arc<KeySet>, digest: [u8; 32] },
    /// With the issuer, who may change them.
    Fetched(Arc<Source>),
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
    /// The keys of the issuer could not be fetched, or not again for too long, or too many requests wait for them.
    #[error("the keys of the issuer are not there")]
    NoKeys,
}

/// What a token says.
pub struct Token {
    /// The claims.
    pub claims: Arc<Value>,
    /// What identifies the principal, where a claim says it.
    pub subject: Option<String>,
    times: Times,
    /// The key that signed it.
    key: [u8; 32],
    /// How long it is.
    bytes: usize,
}

impl Verifier {
    /// Loads the keys of an identity and judges them; with whether one of them is known to everybody. Of the verifier that was
    /// there before goes on what would come out the same, with the tokens that it has verified.
    pub(crate) fn load(
        name: &str,
        identity: &JwtIdentity,
        keys: &dyn Keys,
        refuses_known: bool,
        before: Option<&Arc<Self>>,
    ) -> Result<(Arc<Self>, bool), KeyError> {
        let source = before.and_then(|before| before.source()).filter(|source| source.is_of(name, identity)).cloned();
        let source = source.map(Ok).or_else(|| Some(Source::new(name, identity, keys)?.map(Arc::new)));
        if let Some(source) = source {
            let held = Held::Fetched(source.map_err(KeyError::Unreadable)?);
            return Ok((Self::going_on(identity, held, before), false));
        }
        let bytes = keys.read(&identity.keys).map_err(KeyError::Unreadable)?;
        let (set, is_known) = KeySet::loaded(bytes.expose(), &identity.algorithms, &identity.refuse_keys)?;
        if refuses_known && is_known {
            return Err(KeyError::Known);
        }
        let held = Held::Loaded { set: Arc::new(set), digest: Sha256::digest(bytes.expose()).into() };
        Ok((Self::going_on(identity, held, before), is_known))
    }

    /// A verifier with what a file of keys holds: a secret for HMAC, public keys or a certificate in PEM, a JSON Web Key, or a
    /// set of them (RFC 7517).
    pub fn new(identity: &JwtIdentity, keys: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let (set, _) = KeySet::loaded(keys.expose(), &identity.algorithms, &[])?;
        let digest = Sha256::digest(keys.expose()).into();
        Ok(Self::of(identity, Held::Loaded { set: Arc::new(set), digest }))
    }

    fn going_on(identity: &JwtIdentity, held: Held, before: Option<&Arc<Self>>) -> Arc<Self> {
        let is_same = |before: &&Arc<Self>| before.identity == *identity && before.keys.is_same(&held);
        before.filter(is_same).cloned().unwrap_or_else(|| Arc::new(Self::of(identity, held)))
    }

    fn of(identity: &JwtIdentity, keys: Held) -> Self {
        Self { identity: identity.clone(), keys, expected: Expected::of(identity), kept: Kept::new() }
    }

    /// Where its keys are fetched from.
    pub(crate) fn source(&self) -> Option<&Arc<Source>> {
        match &self.keys {
            Held::Fetched(source) => Some(source),
            Held::Loaded { .. } => None,
        }
    }

    /// What a token says that holds now, a time since 1970-01-01 UTC. A signature is looked at once as long as its key stays.
    pub fn verify(&self, token: &str, now: Duration) -> Result<Arc<Token>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let keys = match &self.keys {
            Held::Loaded { set, .. } => set.clone(),
            Held::Fetched(source) => source.keys(now).ok_or(TokenError::NoKeys)?,
        };
        if let Some(kept) = self.kept.get(&digest) {
            let holds = if keys.holds(&kept.key) { kept.times.hold(now) } else { Err(TokenError::UnknownKey) };
            match holds {
                Ok(()) => return Ok(kept),
                Err(_) => self.kept.forget(&digest),
            }
        }
        let token = Arc::new(self.verified(token, &keys, now)?);
        self.kept.keep(digest, token.clone());
        Ok(token)
    }

    /// A token of an algorithm of the policy.
    fn read<'t>(&self, token: &'t str) -> Result<Compact<'t>, TokenError> {
        let compact = Compact::read(token)?;
        match self.identity.algorithms.contains(&compact.algorithm) {
            true => Ok(compact),
            false => Err(TokenError::NotValid("it names another algorithm")),
        }
    }

    fn verified(&self, token: &str, keys: &KeySet, now: Duration) -> Result<Token, TokenError> {
        let compact = self.read(token)?;
        let keys = match keys.find(compact.kid.as_deref(), compact.algorithm) {
            Found::Keys(keys) => keys,
            Found::Unknown => return Err(TokenError::UnknownKey),
            Found::TooMany => return Err(TokenError::NotValid("it names no key, and there are several")),
        };
        if keys.is_empty() {
            return Err(TokenError::NotValid("it names another algorithm than its key is for"));
        }
        let is_signed =
            |key: &&Arc<key::Key>| key.signed(compact.algorithm, compact.signed.as_bytes(), &compact.signature);
        let key = keys.into_iter().find(is_signed).ok_or(TokenError::NotValid("the signature is another one"))?;
        let claims = compact.claims()?;
        self.expected.hold(&claims)?;
        let times = Times::of(&claims)?;
        times.hold(now)?;
        let (subject, key, bytes) = (self.expected.subject(&claims), key.id, token.len());
        Ok(Token { claims: Arc::new(claims), subject, times, key, bytes })
    }

    /// A place to wait for the key of a token that is not there; where waiting would not help, why the token does not hold. What
    /// it says of itself is not verified, and is taken for nothing but a reason to refuse it.
    pub(crate) fn place(&self, token: &str, now: Duration) -> Result<Place, TokenError> {
        let source = self.source().ok_or(TokenError::UnknownKey)?;
        let compact = self.read(token)?;
        let claims = compact.claims()?;
        self.expected.hold(&claims)?;
        Times::of(&claims)?.hold(now)?;
        source.place(compact.kid.as_deref(), now)
    }

    /// Has keys fetched that are not there, and waits for nothing.
    pub(crate) fn ask(&self) {
        if let Some(source) = self.source() {
            source.ask();
        }
    }

    /// The same as [`Self::verify`], as soon as the key is there.
    pub(crate) async fn verify_later(
        &self,
        token: &str,
        place: Place,
        clock: &Clock,
    ) -> Result<Arc<Token>, TokenError> {
        place.wait(clock, || self.verify(token, clock())).await
    }
}

impl Held {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loaded { digest, .. }, Self::Loaded { digest: other, .. }) => digest == other,
            (Self::Fetched(source), Self::Fetched(other)) => Arc::ptr_eq(source, other),
            _ => false,
        }
    }
}

impl Weighed for Token {
    fn bytes(&self) -> usize {
        self.bytes
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
