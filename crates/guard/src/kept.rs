//! Credentials that were found to hold, so that what it costs to find out is paid once. Each is known by the digest of all of it;
//! whether it still counts, those say who keep it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use crate::shared::Mutex;
use crate::token::{TOKENS_KEPT_BYTES_MAX, TOKENS_KEPT_MAX};

/// In how many parts tokens are kept, so that workers seldom wait for one another.
const SHARDS: usize = 16;

/// What is known of a credential.
pub(crate) trait Weighed {
    /// How many bytes the credential has.
    fn bytes(&self) -> usize;
}

/// The credentials of one identity.
pub(crate) struct Kept<T> {
    shards: Vec<Mutex<Shard<T>>>,
}

/// What is full makes room by forgetting what was not asked for since it was full the last time.
struct Shard<T> {
    recent: Generation<T>,
    before: Generation<T>,
}

struct Generation<T> {
    tokens: HashMap<[u8; 32], Arc<T>>,
    bytes: usize,
}

impl<T> Default for Generation<T> {
    fn default() -> Self {
        Self { tokens: HashMap::new(), bytes: 0 }
    }
}

impl<T> Default for Shard<T> {
    fn default() -> Self {
        Self { recent: Generation::default(), before: Generation::default() }
    }
}

impl<T: Weighed> Kept<T> {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    fn shard(&self, digest: &[u8; 32]) -> Option<&Mutex<Shard<T>>> {
        let [first, ..] = digest;
        self.shards.get(usize::from(*first) % SHARDS)
    }

    /// What is known of a credential.
    pub(crate) fn get(&self, digest: &[u8; 32]) -> Option<Arc<T>> {
        let mut shard = self.shard(digest)?.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = shard.recent.tokens.get(digest) {
            return Some(token.clone());
        }
        let token = shard.before.tokens.remove(digest)?;
        shard.keep(*digest, token.clone());
        Some(token)
    }

    /// Keeps what is known of one.
    pub(crate) fn keep(&self, digest: [u8; 32], token: Arc<T>) {
        if let Some(shard) = self.shard(&digest) {
            shard.lock().unwrap_or_else(PoisonError::into_inner).keep(digest, token);
        }
    }

    /// Forgets one.
    pub(crate) fn forget(&self, digest: &[u8; 32]) {
        if let Some(shard) = self.shard(digest) {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.recent.tokens.remove(digest);
            shard.before.tokens.remove(digest);
        }
    }

    #[cfg(test)]
    fn held(&self) -> (usize, usize) {
        let shards = self.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap();
            let count = shard.recent.tokens.len() + shard.before.tokens.len();
            (count, shard.recent.bytes + shard.before.bytes)
        });
        shards.fold((0, 0), |(count, bytes), (more, more_bytes)| (count + more, bytes + more_bytes))
    }
}

impl<T: Weighed> Shard<T> {
    fn keep(&mut self, digest: [u8; 32], token: Arc<T>) {
        let bytes = self.recent.bytes + token.bytes();
        if self.recent.tokens.len() >= TOKENS_KEPT_MAX / SHARDS / 2 || bytes > TOKENS_KEPT_BYTES_MAX / SHARDS / 2 {
            self.before = std::mem::take(&mut self.recent);
        }
        self.recent.bytes += token.bytes();
        self.recent.tokens.insert(digest, token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(index: usize) -> [u8; 32] {
        let mut digest = [0; 32];
        digest[0] = u8::try_from(index % SHARDS).unwrap();
        digest[1..9].copy_from_slice(&index.to_be_bytes());
        digest
    }

    struct OfBytes(usize);

    impl Weighed for OfBytes {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    fn token(bytes: usize) -> Arc<OfBytes> {
        Arc::new(OfBytes(bytes))
    }

    #[test]
    fn no_more_are_kept_than_the_bound_and_those_that_are_asked_for_stay() {
        let kept = Kept::new();
        kept.keep(digest(0), token(1));
        for index in 1..TOKENS_KEPT_MAX * 3 {
            kept.keep(digest(index), token(1));
            if index % 100 == 0 {
                assert!(kept.get(&digest(0)).is_some(), "{index}");
            }
            assert!(kept.get(&digest(index)).is_some());
        }
        let (count, _) = kept.held();
        assert!((TOKENS_KEPT_MAX / 2..=TOKENS_KEPT_MAX).contains(&count), "{count}");
        assert!(kept.get(&digest(1)).is_none(), "what nobody asks for makes room");
    }

    #[test]
    fn no_more_bytes_are_kept_than_the_bound() {
        let kept = Kept::new();
        for index in 0..TOKENS_KEPT_BYTES_MAX / crate::token::TOKEN_BYTES_MAX * 3 {
            kept.keep(digest(index), token(crate::token::TOKEN_BYTES_MAX));
            assert!(kept.held().1 <= TOKENS_KEPT_BYTES_MAX);
        }
    }

    #[test]
    fn what_is_forgotten_is_gone() {
        let kept = Kept::new();
        kept.keep(digest(0), token(1));
        kept.forget(&digest(0));
        assert!(kept.get(&digest(0)).is_none());
    }
}
