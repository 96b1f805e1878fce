//! Key sets that an issuer publishes at an address. They are fetched on the thread that controls: when the gateway starts, again
//! and again, and when a token names a key that is not there. However many such tokens come, one fetch is under way at a time,
//! and the next begins no sooner than [`KEYS_COOLDOWN`] after it; requests that wait for it are bounded in number and time. While
//! the issuer does not answer, the keys that it published last count for [`KEYS_STALE_TIME_MAX`].

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use policy::{Algorithm, JwtIdentity, KeysRef, KeysUrl};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::TokenError;
use super::key_set::{Judged, KID_BYTES_MAX, KeySet};
use crate::json;
use crate::shared::{AtomicU64, Mutex};
use crate::site::Keys;
use crate::upstream::fetch::{FETCH_TIME_MAX, Fetcher};
use crate::worker::Clock;

/// How soon after a fetch the next one may begin, whatever tokens ask for.
pub const KEYS_COOLDOWN: Duration = Duration::from_secs(5);
/// How long after that keys are fetched again though nobody asks.
const REFRESH_INTERVAL: Duration = Duration::from_mins(5);
/// The same, where the last fetch failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// How long keys count that could not be fetched again.
pub const KEYS_STALE_TIME_MAX: Duration = Duration::from_hours(24);
/// How long a request waits for keys: for a fetch that is under way, the pause, and the fetch behind it.
const WAIT_TIME_MAX: Duration = Duration::from_secs(FETCH_TIME_MAX.as_secs() * 2 + KEYS_COOLDOWN.as_secs());
/// The most requests that wait for the keys of one identity.
const WAITING_MAX: usize = 256;
/// For how long it is remembered that the issuer has no key of a name, and of how many names.
const MISSING_TIME: Duration = Duration::from_secs(30);
const MISSING_MAX: usize = 1024;

/// Where the keys of an identity come from, and what was fetched last.
pub(crate) struct Source {
    /// The identity of the policy.
    pub(crate) identity: String,
    from: Origin,
    algorithms: Vec<Algorithm>,
    fetcher: Fetcher,
    current: ArcSwapOption<Fetched>,
    /// Somebody needs keys that are not there.
    asked: Notify,
    /// The number of the fetch that began last.
    begun: AtomicU64,
    /// The number of the one that ended last.
    ended: watch::Sender<u64>,
    has_failed: AtomicBool,
    failures: AtomicU64,
    waiting: AtomicUsize,
    /// Names of keys that the issuer does not have, each until a time.
    missing: Mutex<HashMap<String, Duration>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    keys: KeysRef,
    /// What a discovery document must name as the issuer.
    issuer: Option<String>,
}

/// Keys, and when they were fetched.
#[derive(Debug)]
struct Fetched {
    set: Arc<KeySet>,
    at: Duration,
}

/// What is news of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeysNews {
    pub(crate) identity: String,
    /// How many keys there are now.
    pub(crate) keys: usize,
    /// Why they could not be fetched, where that is so.
    pub(crate) failure: Option<String>,
    /// What was passed over.
    pub(crate) passed_over: Vec<String>,
}

/// What is told of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceState {
    pub(crate) identity: String,
    pub(crate) keys: usize,
    /// How long ago they were fetched; nothing where they never were.
    pub(crate) age: Option<Duration>,
    pub(crate) fetches: u64,
    pub(crate) failures: u64,
}

/// A place among those that wait for keys, until it is dropped.
pub(crate) struct Place {
    source: Arc<Source>,
    rounds: watch::Receiver<u64>,
    /// The fetch that answers.
    target: u64,
    kid: Option<String>,
}

impl Source {
    /// The source of an identity whose keys are published; nothing is fetched yet.
    pub(crate) fn new(name: &str, identity: &JwtIdentity, keys: &dyn Keys) -> Option<Result<Self, String>> {
        let (KeysRef::Jwks(url) | KeysRef::Discovery(url)) = &identity.keys else {
            return None;
        };
        let of = |fetcher| Self {
            identity: name.to_owned(),
            from: Origin { keys: identity.keys.clone(), issuer: identity.issuer.clone() },
            algorithms: identity.algorithms.clone(),
            fetcher,
            current: ArcSwapOption::empty(),
            asked: Notify::new(),
            begun: AtomicU64::new(0),
            ended: watch::Sender::new(0),
            has_failed: AtomicBool::new(false),
            failures: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            missing: Mutex::default(),
        };
        Some(Fetcher::of(url, keys).map(of))
    }

    /// Whether its keys are those of this identity, too.
    pub(crate) fn is_of(&self, name: &str, identity: &JwtIdentity) -> bool {
        let from = Origin { keys: identity.keys.clone(), issuer: identity.issuer.clone() };
        self.identity == name && self.from == from && self.algorithms == identity.algorithms
    }

    /// The keys that count now.
    pub(super) fn keys(&self, now: Duration) -> Option<Arc<KeySet>> {
        let fetched = self.current.load();
        let fetched = fetched.as_ref().filter(|one| now.saturating_sub(one.at) <= KEYS_STALE_TIME_MAX)?;
        Some(fetched.set.clone())
    }

    pub(crate) fn state(&self, now: Duration) -> SourceState {
        let fetched = self.current.load();
        SourceState {
            identity: self.identity.clone(),
            keys: fetched.as_ref().map_or(0, |one| one.set.len()),
            age: fetched.as_ref().map(|one| now.saturating_sub(one.at)),
            fetches: *self.ended.borrow(),
            failures: self.failures.load(Ordering::Relaxed),
        }
    }

    /// Has the keys fetched again as soon as they may be, and gives a place to wait for them; nothing where waiting would not
    /// help, and why. The name is that of the key that is needed.
    pub(super) fn place(self: &Arc<Self>, kid: Option<&str>, now: Duration) -> Result<Place, TokenError> {
        let has_keys = self.keys(now).is_some();
        if let Some(kid) = kid.filter(|_| has_keys) {
            let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            // A clock that was set back must not keep a name out for longer.
            let is_missing = |until: &Duration| *until > now && *until <= now + MISSING_TIME;
            if kid.len() > KID_BYTES_MAX || missing.get(kid).is_some_and(is_missing) {
                return Err(TokenError::UnknownKey);
            }
        }
        let rounds = self.ended.subscribe();
        let (begun, ended) = (self.begun.load(Ordering::Relaxed), *rounds.borrow());
        // Of an issuer that does not answer nothing is waited for but what is under way already.
        if !has_keys && begun > 0 && begun == ended {
            self.asked.notify_one();
            return Err(TokenError::NoKeys);
        }
        let target = if has_keys { begun + 1 } else { begun.max(1) };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(TokenError::NoKeys);
        }
        if target > begun {
            self.asked.notify_one();
        }
        Ok(Place { source: self.clone(), rounds, target, kid: kid.map(str::to_owned) })
    }

    /// Has the keys fetched again as soon as they may be.
    pub(super) fn ask(&self) {
        self.asked.notify_one();
    }

    /// Keeps the keys fresh until it is dropped; tells what is news.
    pub(crate) async fn kept_fresh(self: Arc<Self>, clock: Clock, told: impl Fn(KeysNews)) {
        loop {
            let round = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            let fetched = self.fetched().await;
            let is_fetched = fetched.is_ok();
            if let Some(news) = self.take(fetched, clock()) {
                told(news);
            }
            self.ended.send_replace(round);
            tokio::time::sleep(KEYS_COOLDOWN).await;
            let interval = if is_fetched { REFRESH_INTERVAL } else { RETRY_INTERVAL };
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = self.asked.notified() => {}
            }
        }
    }

    async fn fetched(&self) -> Result<Judged, String> {
        let bytes = match &self.from.keys {
            KeysRef::Jwks(url) => self.fetcher.document(url).await?,
            KeysRef::Discovery(url) => {
                let document = self.fetcher.document(url).await?;
                let url = named(&document, self.from.issuer.as_deref())?;
                self.fetcher.document(&url).await?
            }
            KeysRef::File(_) | KeysRef::Env(_) => return Err("there is no address".to_owned()),
        };
        KeySet::fetched(&bytes, &self.algorithms).map_err(|error| error.to_string())
    }

    /// Takes what was fetched. Of a fetch that failed nothing is taken, and what was there before goes on to count.
    fn take(&self, fetched: Result<Judged, String>, now: Duration) -> Option<KeysNews> {
        let had_failed = self.has_failed.swap(fetched.is_err(), Ordering::Relaxed);
        let before = self.current.load_full();
        let news = |keys: usize, failure: Option<String>, passed_over| KeysNews {
            identity: self.identity.clone(),
            keys,
            failure,
            passed_over,
        };
        match fetched {
            Ok(Judged { set, passed_over }) => {
                let kept = before.map(|before| before.set.clone()).filter(|before| before.is_same(&set));
                let is_same = kept.is_some();
                let set = kept.unwrap_or_else(|| Arc::new(set));
                let count = set.len();
                self.current.store(Some(Arc::new(Fetched { set, at: now })));
                if !is_same {
                    self.missing.lock().unwrap_or_else(PoisonError::into_inner).clear();
                }
                (!is_same || had_failed).then(|| news(count, None, passed_over))
            }
            Err(why) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let count = before.map_or(0, |before| before.set.len());
                (!had_failed).then(|| news(count, Some(why), Vec::new()))
            }
        }
    }

    fn note_missing(&self, kid: &str, until: Duration) {
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.len() >= MISSING_MAX {
            missing.clear();
        }
        missing.insert(kid.to_owned(), until);
    }
}

/// The address of the keys in a discovery document (`OpenID` Connect Discovery 1.0 section 3). Its issuer must be the one that
/// the policy names (section 4.3).
fn named(document: &[u8], issuer: Option<&str>) -> Result<KeysUrl, String> {
    let document = json::read(document).map_err(|why| format!("the discovery document {why}"))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if let Some(issuer) = issuer
        && text("issuer") != Some(issuer)
    {
        return Err("the discovery document is of another issuer than the policy names".to_owned());
    }
    let address = text("jwks_uri").ok_or("the discovery document has no `jwks_uri`")?;
    address.parse().map_err(|why| format!("`jwks_uri` of the discovery document: {why}"))
}

impl Place {
    /// Waits until a token can be verified, or it is known that it cannot. It is asked now and after every fetch, until one has
    /// ended that began later.
    pub(super) async fn wait<T>(
        mut self,
        clock: &Clock,
        mut verify: impl FnMut() -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let waited = tokio::time::timeout(WAIT_TIME_MAX, async {
            loop {
                let ended = *self.rounds.borrow_and_update();
                let verified = verify();
                let is_missing = matches!(verified, Err(TokenError::UnknownKey | TokenError::NoKeys));
                if !is_missing || ended >= self.target {
                    return verified;
                }
                if self.rounds.changed().await.is_err() {
                    return Err(TokenError::NoKeys);
                }
            }
        });
        match waited.await {
            Ok(Err(TokenError::UnknownKey)) if !self.source.has_failed.load(Ordering::Relaxed) => {
                if let Some(kid) = &self.kid {
                    self.source.note_missing(kid, clock() + MISSING_TIME);
                }
                Err(TokenError::UnknownKey)
            }
            // The issuer did not answer: whether it has the key nobody knows.
            Ok(Err(TokenError::UnknownKey)) | Err(_) => Err(TokenError::NoKeys),
            Ok(verified) => verified,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.source.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("identity", &self.identity).field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use policy::{Identity, Policy};

    use super::*;

    struct NoKeys;

    impl Keys for NoKeys {
        fn read(&self, _: &KeysRef) -> Result<model::Secret<Vec<u8>>, String> {
            Err("there are none".to_owned())
        }
    }

    const NOW: Duration = Duration::from_secs(1000);

    fn source(url: &str) -> Result<Source, String> {
        let text = format!(
            "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"ES256\"]\nkeys = {{ jwks_url = \"{url}\" }}\n"
        );
        match Policy::parse(&text).unwrap().identity.remove(0).1 {
            Identity::Jwt(jwt) => Source::new("a", &jwt, &NoKeys).unwrap(),
            other => unreachable!("{other:?}"),
        }
    }

    /// A source with a key `a` that was fetched at a time.
    fn fetched(at: Duration) -> Arc<Source> {
        let source = source("http://127.0.0.1:9/keys").unwrap();
        let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.unwrap();
        let point = &aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref()[1..];
        let number = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes);
        let (x, y) = (number(&point[..32]), number(&point[32..]));
        let text = serde_json::json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": x, "y": y}]}).to_string();
        let judged = KeySet::fetched(text.as_bytes(), &source.algorithms).unwrap();
        source.begun.store(1, Ordering::Relaxed);
        assert!(source.take(Ok(judged), at).is_some());
        source.ended.send_replace(1);
        Arc::new(source)
    }

    #[test]
    fn what_is_read_over_tls_needs_somebody_to_trust() {
        assert!(source("https://id.example/keys").unwrap_err().contains("trusts no authorities"));
        assert!(source("http://127.0.0.1:9/keys").is_ok());
    }

    #[test]
    fn keys_count_up_to_their_age_and_not_longer() {
        let source = fetched(NOW);
        let _ = source.take(Err("it answers 500".to_owned()), NOW);
        assert!(source.keys(NOW + KEYS_STALE_TIME_MAX).is_some());
        assert!(source.keys(NOW + KEYS_STALE_TIME_MAX + Duration::from_nanos(1)).is_none());
        assert!(source.keys(Duration::ZERO).is_some(), "a clock that was set back takes no keys away");
    }

    #[test]
    fn so_many_wait_and_one_more_does_not() {
        let source = fetched(NOW);
        let place = |kid: usize| source.place(Some(&kid.to_string()), NOW);
        let mut places: Vec<Place> = (0..WAITING_MAX).map_while(|kid| place(kid).ok()).collect();
        assert_eq!(places.len(), WAITING_MAX);
        assert_eq!(place(WAITING_MAX).map(drop), Err(TokenError::NoKeys));
        places.pop();
        assert!(place(WAITING_MAX).is_ok());
    }

    #[test]
    fn a_name_that_the_issuer_does_not_have_is_remembered_for_a_while() {
        let source = fetched(NOW);
        source.note_missing("b", NOW + MISSING_TIME);
        let is_refused = |kid: &str, now| source.place(Some(kid), now).map(drop) == Err(TokenError::UnknownKey);
        assert!(is_refused("b", NOW) && !is_refused("c", NOW));
        assert!(!is_refused("b", NOW + MISSING_TIME));
        assert!(!is_refused("b", Duration::ZERO), "a clock that was set back keeps nobody out");
        assert!(!is_refused(&"k".repeat(KID_BYTES_MAX), NOW) && is_refused(&"k".repeat(KID_BYTES_MAX + 1), NOW));
        for index in 0..=MISSING_MAX {
            source.note_missing(&index.to_string(), NOW + MISSING_TIME);
            assert!(source.missing.lock().unwrap().len() <= MISSING_MAX);
        }
    }

    #[test]
    fn an_issuer_that_does_not_answer_holds_nobody_up() {
        let source = Arc::new(source("http://127.0.0.1:9/keys").unwrap());
        // The first fetch answers whoever came before it.
        assert_eq!(source.place(Some("a"), NOW).map(|place| place.target), Ok(1));
        source.begun.store(1, Ordering::Relaxed);
        assert_eq!(source.place(Some("a"), NOW).map(|place| place.target), Ok(1));
        let _ = source.take(Err("it answers 500".to_owned()), NOW);
        source.ended.send_replace(1);
        assert_eq!(source.place(Some("a"), NOW).map(drop), Err(TokenError::NoKeys));
    }

    #[test]
    fn only_what_is_news_is_told() {
        let source = fetched(NOW);
        let failed = || Err("it answers 500".to_owned());
        assert!(source.take(failed(), NOW).is_some_and(|news| news.keys == 1 && news.failure.is_some()));
        assert!(source.take(failed(), NOW).is_none(), "it was told already");
        assert_eq!(source.state(NOW).failures, 2);
    }

    #[test]
    fn a_discovery_document_is_of_the_issuer_and_names_an_address() {
        let document = |issuer: &str, uri: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"{uri}"}}"#).into_bytes();
        let issuer = "https://id.example";
        let right = document(issuer, "https://keys.example/a");
        assert_eq!(named(&right, Some(issuer)).unwrap().as_str(), "https://keys.example/a");
        assert!(named(&document("https://id.example/", "https://keys.example/a"), Some(issuer)).is_err());
        assert!(named(&document(issuer, "http://keys.example/a"), Some(issuer)).is_err());
        assert!(named(b"{}", None).is_err() && named(b"<html>", None).is_err());
    }
}
