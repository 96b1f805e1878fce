//! API keys: long random texts that clients were given. The gateway holds their digests alone; a key is found by what it begins
//! with, which is no secret, and its digest is compared in constant time.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use policy::{ApiKey, ApiKeyIdentity, Date, Mistakes, Quota};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::site::{Keys, since_day};

/// The most bytes of a key that a client shows.
pub const API_KEY_BYTES_MAX: usize = 256;
/// The most bytes of a file of keys.
pub const API_KEY_FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Why keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeysError {
    /// They are not there.
    #[error("the keys cannot be read: {0}")]
    Unreadable(String),
    /// There are too many.
    #[error("the keys have more than {API_KEY_FILE_BYTES_MAX} bytes")]
    TooLong,
    /// They are no text.
    #[error("the keys are no text in UTF-8")]
    NotText,
    /// Every mistake, by its place.
    #[error("{}", .0.listed("keys"))]
    Mistakes(Mistakes),
}

/// The keys of one identity.
pub(crate) struct ApiKeys {
    by_prefix: HashMap<String, Known>,
    /// How long prefixes are.
    lengths: BTreeSet<usize>,
}

/// A key as layers know it.
pub(crate) struct Known {
    pub(crate) prefix: Arc<str>,
    pub(crate) owner: String,
    /// Owner and scopes, as the claims of a token hold them.
    pub(crate) claims: Arc<Value>,
    digest: [u8; 32],
    created: Option<Date>,
    /// From when on it does not hold any more.
    expires: Option<Duration>,
    quota: Option<Quota>,
}

impl ApiKeys {
    /// Loads the keys of an identity.
    pub(crate) fn load(identity: &ApiKeyIdentity, keys: &dyn Keys) -> Result<Self, ApiKeysError> {
        let bytes = keys.read(&(&identity.keys).into()).map_err(ApiKeysError::Unreadable)?;
        if bytes.expose().len() > API_KEY_FILE_BYTES_MAX {
            return Err(ApiKeysError::TooLong);
        }
        let text = str::from_utf8(bytes.expose()).map_err(|_| ApiKeysError::NotText)?;
        Ok(Self::of(ApiKey::parse_all(text).map_err(ApiKeysError::Mistakes)?))
    }

    fn of(keys: Vec<ApiKey>) -> Self {
        let lengths = keys.iter().map(|key| key.prefix.as_str().len()).collect();
        let known = |key: ApiKey| {
            let known = Known {
                prefix: key.prefix.as_str().into(),
                claims: Arc::new(json!({ "sub": key.owner, "scope": key.scopes })),
                owner: key.owner,
                digest: *key.digest.bytes(),
                created: key.created,
                expires: key.expires.map(since_day),
                quota: key.quota,
            };
            (key.prefix.as_str().to_owned(), known)
        };
        Self { by_prefix: keys.into_iter().map(known).collect(), lengths }
    }

    /// The key that was shown, if it holds now, a time since 1970-01-01 UTC.
    pub(crate) fn find(&self, shown: &str, now: Duration) -> Result<&Known, &'static str> {
        if shown.len() > API_KEY_BYTES_MAX {
            return Err("the key is longer than any");
        }
        let digest: [u8; 32] = Sha256::digest(shown).into();
        let prefixes = self.lengths.iter().filter_map(|length| shown.get(..*length));
        let mut candidates = prefixes.filter_map(|prefix| self.by_prefix.get(prefix));
        let found = candidates.find(|key| verify_slices_are_equal(&key.digest, &digest).is_ok());
        let found = found.ok_or("the key is not known")?;
        if found.expires.is_some_and(|expires| now >= expires) {
            return Err("the key has expired");
        }
        Ok(found)
    }

    /// What becomes of keys where these others are loaded: whether somebody may gain by it, and what is told of it.
    pub(crate) fn changes(&self, next: &Self) -> Option<(bool, String)> {
        let is_known =
            |all: &Self, key: &Known| all.by_prefix.get(&*key.prefix).is_some_and(|one| one.digest == key.digest);
        let added = next.by_prefix.values().filter(|key| !is_known(self, key)).count();
        let gone = self.by_prefix.values().filter(|key| !is_known(next, key)).count();
        let says_same = |key: &Known, other: &Known| {
            (&key.claims, key.expires, key.quota) == (&other.claims, other.expires, other.quota)
        };
        let kept = self.by_prefix.values().filter(|key| is_known(next, key));
        let is_other = |key: &&Known| next.by_prefix.get(&*key.prefix).is_some_and(|other| !says_same(key, other));
        let others = kept.filter(is_other).count();
        let parts = [(added, "new"), (gone, "gone"), (others, "with other scopes, quotas or ends")];
        let told: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        (!told.is_empty()).then(|| (added + others > 0, format!("its keys: {}", told.join(", "))))
    }

    /// How often the key with this prefix may be used, where its entry says it.
    pub(crate) fn quota(&self, prefix: &str) -> Option<Quota> {
        self.by_prefix.get(prefix)?.quota
    }

    /// The key that is in use for longest, and since when, as far as that is known.
    pub(crate) fn oldest(&self) -> Option<(&str, Duration)> {
        let dated = self.by_prefix.values().filter_map(|key| Some((&*key.prefix, since_day(key.created?))));
        dated.min_by_key(|(prefix, since)| (*since, *prefix))
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys").field("keys", &self.by_prefix.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn keys(all: &[(&str, &str, Option<&str>)]) -> ApiKeys {
        let key = |(prefix, key, expires): &(&str, &str, Option<&str>)| ApiKey {
            prefix: prefix.parse().unwrap(),
            digest: policy::KeyDigest::of(key.as_bytes()),
            owner: format!("owner of {prefix}"),
            scopes: vec!["read".to_owned()],
            created: "1970-01-02".parse().ok(),
            expires: expires.map(|day| day.parse().unwrap()),
            quota: None,
        };
        ApiKeys::of(all.iter().map(key).collect())
    }

    #[test]
    fn a_key_is_found_by_its_prefix_and_its_digest() {
        let keys = keys(&[("dw_1", "dw_1_secret", None), ("dw_12", "dw_12_other", None)]);
        let owner = |shown: &str| keys.find(shown, Duration::ZERO).map(|key| key.owner.clone());
        assert_eq!(owner("dw_1_secret").as_deref(), Ok("owner of dw_1"));
        assert_eq!(owner("dw_12_other").as_deref(), Ok("owner of dw_12"));
        for shown in ["", "dw", "dw_1", "dw_1_secre", "dw_1_secrets", "dw_1_other", "DW_1_secret", "dw_\u{e9}\u{e9}"] {
            assert_eq!(owner(shown), Err("the key is not known"), "{shown}");
        }
        assert_eq!(owner(&"a".repeat(API_KEY_BYTES_MAX)), Err("the key is not known"));
        assert_eq!(owner(&"a".repeat(API_KEY_BYTES_MAX + 1)), Err("the key is longer than any"));
    }

    #[test]
    fn a_key_holds_until_the_day_on_which_it_expires() {
        let keys = keys(&[("dw_1", "dw_1_secret", Some("1970-01-11"))]);
        let at = |now| keys.find("dw_1_secret", now).map(drop);
        assert_eq!(at((DAY * 10).saturating_sub(Duration::from_nanos(1))), Ok(()));
        assert_eq!(at(DAY * 10), Err("the key has expired"));
        assert_eq!(keys.oldest(), Some(("dw_1", DAY)));
    }

    #[test]
    fn what_becomes_of_keys_is_told() {
        let all = [("dw_1", "dw_1_secret", None), ("dw_2", "dw_2_secret", None), ("dw_3", "dw_3_secret", None)];
        let before = keys(&all);
        assert_eq!(before.changes(&keys(&all)), None);
        let after = [("dw_2", "dw_2_other", None), ("dw_3", "dw_3_secret", Some("1970-01-11")), ("dw_4", "a", None)];
        let told = "its keys: 2 new, 2 gone, 1 with other scopes, quotas or ends".to_owned();
        assert_eq!(before.changes(&keys(&after)), Some((true, told)));
        assert_eq!(before.changes(&keys(&all[..1])), Some((false, "its keys: 2 gone".to_owned())));
    }

    #[test]
    fn keys_never_show_themselves() {
        assert_eq!(format!("{:?}", keys(&[("dw_1", "dw_1_secret", None)])), "ApiKeys { keys: 1, .. }");
    }
}
