//! Names and passwords (HTTP Basic, RFC 7617) against hashes that are slow on purpose: what was found to hold is kept for a while,
//! few passwords are looked at at once, and an address that guesses is not listened to.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, Params};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Secret;
use policy::{BasicIdentity, HashKind, User};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Found, Known, Unknown, secret};
use crate::entrance::holder;
use crate::kept::{Kept, Weighed};
use crate::refusal::Reason;
use crate::shared::Mutex;
use crate::site::Keys;

/// The most bytes of a file of users.
pub const USERS_FILE_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a name and password as they are sent.
pub const BASIC_BYTES_MAX: usize = 512;
/// For how long a password that was right is not looked at again.
const KEPT_TIME: Duration = Duration::from_mins(5);
/// How many passwords are looked at at once, and how many more wait: each takes tens of milliseconds of a processor.
const AT_ONCE_MAX: usize = 2;
const WAITING_MAX: usize = 32;
/// How many wrong passwords an address may show within [`FAILED_TIME`] before none of it is looked at.
pub const FAILED_TRIES_MAX: u32 = 10;
/// How long they count.
pub const FAILED_TIME: Duration = Duration::from_mins(1);
/// The most addresses that are remembered for it.
const FAILED_ADDRESSES_MAX: usize = 16 * 1024;
/// The most memory (KiB), passes and lanes that a hash may ask for: a file must not be able to stop a gateway.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;
/// The highest cost of bcrypt, a power of two.
const BCRYPT_COST_MAX: u32 = 15;

/// The users of one identity.
pub(crate) struct Users {
    by_name: HashMap<String, Arc<Entry>>,
    /// Whom a name that is nobody's is compared with, so that it takes as long.
    nobody: Option<Arc<Entry>>,
    digest: [u8; 32],
    kept: Kept<Right>,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    failed: Mutex<HashMap<IpAddr, Failed>>,
}

struct Entry {
    hash: String,
    kind: HashKind,
    claims: Arc<Value>,
}

/// A password that was right.
struct Right {
    name: String,
    until: Duration,
    bytes: usize,
}

impl Weighed for Right {
    fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Wrong passwords of an address.
#[derive(Clone, Copy)]
struct Failed {
    count: u32,
    since: Duration,
}

/// A name and a password that were shown.
pub(crate) struct Shown {
    name: String,
    password: Secret<String>,
    digest: [u8; 32],
    bytes: usize,
}

impl Shown {
    /// What a field carries behind its scheme.
    pub(crate) fn read(encoded: &str) -> Result<Self, &'static str> {
        if encoded.len() > BASIC_BYTES_MAX {
            return Err("name and password are longer than any");
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| "name and password are not encoded as they must be")?;
        let text = String::from_utf8(bytes).map_err(|_| "name and password are no text in UTF-8")?;
        let (name, password) = text.split_once(':').ok_or("there is no password")?;
        Ok(Self {
            name: name.to_owned(),
            password: Secret::new(password.to_owned()),
            digest: Sha256::digest(&text).into(),
            bytes: text.len(),
        })
    }
}

impl Users {
    /// Loads the users of an identity; of those before goes on what is the same, with the passwords that were right.
    pub(crate) fn load(
        identity: &BasicIdentity,
        keys: &dyn Keys,
        before: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, String> {
        let bytes = secret(&identity.users, keys).map_err(|why| format!("the users cannot be read: {why}"))?;
        if bytes.expose().len() > USERS_FILE_BYTES_MAX {
            return Err(format!("the users have more than {USERS_FILE_BYTES_MAX} bytes"));
        }
        let digest: [u8; 32] = Sha256::digest(bytes.expose()).into();
        if let Some(before) = before.filter(|before| before.digest == digest) {
            return Ok(before.clone());
        }
        let text = str::from_utf8(bytes.expose()).map_err(|_| "the users are no text in UTF-8".to_owned())?;
        let users = User::parse_all(text).map_err(|mistakes| mistakes.listed("users").clone())?;
        let mut by_name = HashMap::new();
        for user in users {
            let name = user.name.clone();
            let entry = Entry::of(&user).map_err(|why| format!("the hash of `{name}`: {why}"))?;
            by_name.insert(name, Arc::new(entry));
        }
        Ok(Arc::new(Self {
            nobody: by_name.values().next().cloned(),
            by_name,
            digest,
            kept: Kept::new(),
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            waiting: Arc::new(Semaphore::new(AT_ONCE_MAX + WAITING_MAX)),
            failed: Mutex::default(),
        }))
    }

    /// What is known of a name and password without looking at the hash.
    pub(crate) fn known(&self, shown: &Shown, address: IpAddr, now: Duration) -> Option<Found> {
        if let Some(kept) = self.kept.get(&shown.digest).filter(|kept| holds(kept.until, now)) {
            return self.by_name.get(&kept.name).map(|entry| Ok(entry.known(&kept.name)));
        }
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = failed.get(&holder(address)).filter(|tries| tries.counts(now));
        let is_guessing = tries.is_some_and(|tries| tries.count >= FAILED_TRIES_MAX);
        is_guessing.then(|| {
            let why = "the address has shown too many wrong passwords".to_owned();
            Err(Unknown { reason: Reason::TooManyRequests, why })
        })
    }

    /// Looks at a password, beside the thread that serves. A hash that has begun goes on to its end, and counts, though the client is
    /// gone: its place is taken until then.
    pub(crate) async fn look(self: Arc<Self>, shown: Shown, address: IpAddr, now: Duration) -> Found {
        let busy = || Unknown::unavailable("too many passwords are being looked at");
        let waiting = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let place = self.places.clone().acquire_owned().await.map_err(|_| busy())?;
        // Others may have shown the same, or have guessed, in the meantime.
        if let Some(found) = self.known(&shown, address, now) {
            return found;
        }
        let looked = tokio::task::spawn_blocking(move || {
            let found = self.compared(shown, address, now);
            drop((place, waiting));
            found
        });
        looked.await.unwrap_or_else(|_| Err(busy()))
    }

    /// Takes as long as the hash asks for.
    fn compared(&self, shown: Shown, address: IpAddr, now: Duration) -> Found {
        let user = self.by_name.get(&shown.name);
        let entry = user.or(self.nobody.as_ref()).filter(|entry| entry.is_of(shown.password.expose()));
        let Some(entry) = entry.filter(|_| user.is_some()) else {
            self.note_failed(address, now);
            // Whether there is such a name, nobody is told.
            return Err(Unknown::not_identified("name and password are not those of a user"));
        };
        let right = Right { name: shown.name, until: now.saturating_add(KEPT_TIME), bytes: shown.bytes };
        let known = entry.known(&right.name);
        self.kept.keep(shown.digest, Arc::new(right));
        Ok(known)
    }

    fn note_failed(&self, address: IpAddr, now: Duration) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= FAILED_ADDRESSES_MAX {
            failed.retain(|_, tries| tries.counts(now));
        }
        if failed.len() >= FAILED_ADDRESSES_MAX {
            failed.clear();
        }
        let tries = failed.entry(holder(address)).or_insert(Failed { count: 0, since: now });
        if !tries.counts(now) {
            *tries = Failed { count: 0, since: now };
        }
        tries.count = tries.count.saturating_add(1);
    }
}

/// Whether what was right is still kept; a clock that was set back does not make it longer.
fn holds(until: Duration, now: Duration) -> bool {
    until > now && until <= now.saturating_add(KEPT_TIME)
}

impl Failed {
    /// A clock that was set back ends it, too.
    fn counts(&self, now: Duration) -> bool {
        now >= self.since && now.saturating_sub(self.since) < FAILED_TIME
    }
}

/// The hash of a password as a file of users holds it: argon2id as RFC 9106 section 4 recommends it where memory is short.
pub fn hashed(password: &[u8], salt: &[u8]) -> Result<String, String> {
    const MEMORY_KIB: u32 = 64 * 1024;
    const PASSES: u32 = 3;
    const LANES: u32 = 4;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let salt = SaltString::encode_b64(salt).map_err(|error| error.to_string())?;
    argon2.hash_password(password, &salt).map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

impl Entry {
    fn of(user: &User) -> Result<Self, String> {
        let (hash, kind) = (user.hash.as_str().to_owned(), user.hash.kind());
        match kind {
            HashKind::Argon2id => {
                let parsed = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
                let params = Params::try_from(&parsed).map_err(|error| error.to_string())?;
                if parsed.hash.is_none() {
                    return Err("it has no hash behind its settings".to_owned());
                }
                if params.m_cost() > MEMORY_KIB_MAX || params.t_cost() > PASSES_MAX || params.p_cost() > LANES_MAX {
                    return Err(format!(
                        "it asks for more than {MEMORY_KIB_MAX} KiB, {PASSES_MAX} passes or {LANES_MAX} lanes"
                    ));
                }
            }
            HashKind::Bcrypt => {
                let cost = hash.get(4..6).and_then(|cost| cost.parse::<u32>().ok());
                let cost = cost.ok_or("it does not say its cost")?;
                if !(4..=BCRYPT_COST_MAX).contains(&cost) {
                    return Err(format!("its cost is none from 4 to {BCRYPT_COST_MAX}"));
                }
            }
        }
        let claims = json!({ "sub": user.name, "scope": user.scopes, "roles": user.roles });
        Ok(Self { hash, kind, claims: claims.into() })
    }

    fn known(&self, name: &str) -> Known {
        let (subject, claims) = (Some(name.to_owned()), self.claims.clone());
        Known { subject, claims, reason: "name and password hold".to_owned() }
    }

    /// Whether a password is the one; takes as long as the hash asks for.
    fn is_of(&self, password: &str) -> bool {
        match self.kind {
            HashKind::Argon2id => PasswordHash::new(&self.hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
            HashKind::Bcrypt => bcrypt::verify(password, &self.hash).unwrap_or(false),
        }
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("users", &self.by_name.len()).finish_non_exhaustive()
    }
}
