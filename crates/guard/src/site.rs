//! What a policy is to a running gateway: compiled, with its keys loaded and judged. Read-only, shared by all workers.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use model::{Method, Part, Secret};
use policy::{
    Date, Grant, Identity, KeysRef, Layer, Match, Matcher, Mode, ModeLayer, NotEnforced, Policy, RequestPath,
    RoleHierarchy, RouteKey,
};

use crate::api_key::ApiKeysError;
use crate::entrance::Entrance;
use crate::identities::{Identities, Loading};
use crate::layers::identity_headers::Told;
use crate::learned::Learned;
use crate::pipeline::LayerName;
use crate::quota::Quotas;
use crate::shared::AtomicU64;
use crate::store::notes::Notes;
use crate::store::shared::{Asked, Shared};
use crate::store::{Own, Store};
use crate::token::KeyError;
use crate::token::source::Source;
use crate::worker::Clock;

/// What is guarded, and how.
pub(crate) struct Site {
    pub(crate) policy: Option<Policy>,
    /// The routes of the policy as records name them.
    pub(crate) route_names: Vec<String>,
    pub(crate) matcher: Option<Matcher>,
    pub(crate) mode: Mode,
    /// What there is to verify credentials with.
    pub(crate) identities: Identities,
    /// In which fields the application is told who asks.
    pub(crate) told: Option<Told>,
    /// Who may hold connections.
    pub(crate) entrance: Entrance,
    /// The store that other gateways have, too.
    pub(crate) store: Option<Arc<Shared>>,
    /// What is noted of somebody for a while.
    pub(crate) notes: Arc<Notes>,
    /// Which ids were given to whom; nothing where nobody is given any.
    pub(crate) learned: Option<Arc<Learned>>,
    /// How many requests are held back by each limit of the policy, in its order: by all workers.
    pub(crate) held_back: Vec<Arc<AtomicU64>>,
}

/// From how many days on a key counts as old.
pub const KEY_OLD_DAYS: u64 = 365;
const SECONDS_OF_DAY: u64 = 86_400;

/// The start of a day, since 1970-01-01.
pub(crate) fn since_day(day: Date) -> Duration {
    Duration::from_secs(u64::try_from(day.unix_days()).unwrap_or(0).saturating_mul(SECONDS_OF_DAY))
}

/// What reads keys: libraries know neither files nor the environment.
pub trait Keys {
    /// The bytes that a reference names, or why there are none.
    fn read(&self, reference: &KeysRef) -> Result<Secret<Vec<u8>>, String>;

    /// Since when they are there, from 1970-01-01 on; nothing where that cannot be told.
    fn since(&self, _: &KeysRef) -> Option<Duration> {
        None
    }

    /// Opens a file in which something is kept, to be read and written; it is made where it is missing.
    fn opened(&self, path: &str) -> Result<File, String> {
        Err(format!("`{path}` cannot be opened here"))
    }

    /// The certificates (DER) of the authorities that this system trusts.
    fn roots(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// What becomes of a key that the policy lists in `refuse_keys`: everybody knows it who has read the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownKeys {
    /// In enforce mode the gateway does not start with one.
    #[default]
    Refuse,
    /// It starts, and every token that anybody forges with that key is taken for a real one. For proofs on a machine of
    /// one's own.
    TrustAlthoughEverybodyKnowsThem,
}

/// Why a policy cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteError {
    /// A key cannot be used.
    Key {
        /// The identity.
        identity: String,
        /// Why.
        error: KeyError,
    },
    /// API keys cannot be used.
    ApiKeys {
        /// The identity.
        identity: String,
        /// Why.
        error: ApiKeysError,
    },
    /// What verifies the credentials of an identity cannot be used.
    Identity {
        /// The identity.
        identity: String,
        /// Why.
        why: String,
    },
    /// The application cannot be told who asks.
    IdentityHeaders(String),
    /// The store cannot be used.
    Store(String),
    /// A setting restricts, and no layer of this build enforces it.
    NotEnforced(NotEnforced),
    /// The compiled policy does not find a route by the path of that route.
    NotFound {
        /// The route.
        route: String,
    },
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { identity, error } => write!(f, "`identity.{identity}`: {error}"),
            Self::ApiKeys { identity, error } => write!(f, "`identity.{identity}`: {error}"),
            Self::Identity { identity, why } => write!(f, "`identity.{identity}`: {why}"),
            Self::IdentityHeaders(why) => write!(f, "`identity_headers`: {why}"),
            Self::Store(why) => write!(f, "`store`: {why}"),
            Self::NotEnforced(setting) => setting.fmt(f),
            Self::NotFound { route } => {
                write!(
                    f,
                    "`routes.\"{route}\"`: the compiled policy does not find it, which is a defect of the gateway"
                )
            }
        }
    }
}

impl std::error::Error for SiteError {}

/// What a gateway starts with although it should be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tolerated {
    /// A setting of the policy that this build does not enforce.
    NotEnforced(NotEnforced),
    /// A certificate ends soon.
    CertificateEnds {
        /// The file.
        name: String,
        /// When.
        on: Date,
    },
    /// A key is in use for long.
    KeyOld {
        /// Where the policy names it.
        name: String,
        /// For how many days.
        days: u64,
    },
    /// A key that the policy lists in `refuse_keys`.
    KnownKey {
        /// The identity.
        identity: String,
    },
}

impl fmt::Display for Tolerated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnforced(setting) => setting.fmt(f),
            Self::CertificateEnds { name, on } => {
                write!(f, "the certificate of `{name}` ends on {on}: renew it; it is loaded when the file changes")
            }
            Self::KeyOld { name, days } => {
                write!(
                    f,
                    "`{name}`: the key is {days} days old: make a new one, and give it to the issuer and to the gateway"
                )
            }
            Self::KnownKey { identity } => write!(
                f,
                "`identity.{identity}`: the key is one of `refuse_keys`: everybody can forge tokens who has read the \
                 code. In enforce mode the gateway does not start with it"
            ),
        }
    }
}

/// The layers that this build has, whatever a policy asks of them.
pub fn built() -> BTreeSet<Layer> {
    [
        Layer::Tls,
        Layer::ClientCertificates,
        Layer::Balance,
        Layer::Upstreams,
        Layer::Health,
        Layer::Timeouts,
        Layer::TrustedProxies,
        Layer::ProxyProtocol,
        Layer::ConnectionLimits,
        Layer::Jwt,
        Layer::JwtAlgorithms,
        Layer::Jwks,
        Layer::JwtCarriers,
        Layer::ApiKeys,
        Layer::Introspection,
        Layer::Revocation,
        Layer::CertificateNames,
        Layer::Basic,
        Layer::Webhooks,
        Layer::ForwardAuth,
        Layer::Application,
        Layer::Roles,
        Layer::RoleHierarchy,
        Layer::Conditions,
        Layer::LearnedIds,
        Layer::IdentityHeaders,
        Layer::OwnerParameter,
        Layer::OwnerResponse,
        Layer::OwnerLookup,
        Layer::SubjectLookup,
        Layer::Tenant,
        Layer::RefuseFields,
        Layer::Limits,
        Layer::LimitActions,
        Layer::Redis,
    ]
    .into()
}

/// The store of a policy that other gateways have, too. The same one goes on from before, with its connection.
fn store(policy: &Policy, keys: &dyn Keys, before: Option<&Site>) -> Result<Option<Arc<Shared>>, String> {
    let Some(policy::Store::Redis(settings)) = &policy.store else {
        return Ok(None);
    };
    let next = Shared::of(settings, keys)?;
    let kept = before.and_then(|before| before.store.clone()).filter(|before| before.is_same(&next));
    Ok(Some(kept.unwrap_or_else(|| Arc::new(next))))
}

/// What is noted goes on from before, unless it is kept in another file.
fn notes(policy: &Policy, keys: &dyn Keys, before: Option<&Site>) -> Result<Arc<Notes>, String> {
    let path = match &policy.store {
        Some(policy::Store::Memory(memory)) => memory.path.as_deref(),
        _ => None,
    };
    if let Some(kept) = before.map(|before| before.notes.clone()).filter(|before| before.path() == path) {
        return Ok(kept);
    }
    match path {
        Some(path) => Notes::kept_in(path, keys.opened(path)?).map(Arc::new).map_err(|why| format!("`{path}`: {why}")),
        None => Ok(Arc::default()),
    }
}

/// The routes of a policy as records name them.
pub(crate) fn route_names(policy: &Policy) -> Vec<String> {
    policy.routes.iter().map(|route| route.key.to_string()).collect()
}

/// What counts the requests that each limit of a policy holds back.
pub(crate) fn held_back(policy: &Policy) -> Vec<Arc<AtomicU64>> {
    policy.limits.iter().map(|_| Arc::default()).collect()
}

impl Site {
    /// No policy: hardening alone.
    pub(crate) fn without_policy() -> Self {
        Self {
            policy: None,
            route_names: Vec::new(),
            matcher: None,
            mode: Mode::Report,
            identities: Identities::default(),
            told: None,
            entrance: Entrance::of(None),
            store: None,
            notes: Arc::default(),
            learned: None,
            held_back: Vec::new(),
        }
    }

    /// Compiles a policy and loads its keys; every reason why that fails at once. What is not enforced and may be is given
    /// back, to be told. Keys that are fetched, and tokens that were verified, go on from the one before.
    pub(crate) fn new(
        policy: Policy,
        mode: Mode,
        keys: &dyn Keys,
        known_keys: KnownKeys,
        before: Option<&Self>,
    ) -> Result<(Self, Vec<Tolerated>), Vec<SiteError>> {
        let mut errors = Vec::new();
        let mut tolerated = Vec::new();
        let enforces = policy.enforces_anything(mode);
        for setting in policy.not_enforced(&built()) {
            if setting.restricts && enforces {
                errors.push(SiteError::NotEnforced(setting));
            } else {
                tolerated.push(Tolerated::NotEnforced(setting));
            }
        }
        let mut identities = Identities::default();
        let refuses_known = enforces && known_keys == KnownKeys::Refuse;
        let loading = Loading { keys, refuses_known, before: before.map(|before| &before.identities) };
        for (name, identity) in &policy.identity {
            // In report mode as well: what would be refused cannot be said without the key.
            errors.extend(identities.load(name, identity, &loading, &mut tolerated).err());
        }
        let told = policy.identity_headers.as_ref().map(|settings| Told::load(settings, keys)).transpose();
        let told = told.unwrap_or_else(|why| {
            errors.push(SiteError::IdentityHeaders(why));
            None
        });
        let store = store(&policy, keys, before).map_err(|why| errors.push(SiteError::Store(why))).ok().flatten();
        let notes = notes(&policy, keys, before).map_err(|why| errors.push(SiteError::Store(why))).unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        let matcher = Matcher::new(&policy.routes, &policy.router);
        let entrance = Entrance::of(Some(&policy));
        let route_names = route_names(&policy);
        let held_back = held_back(&policy);
        let (policy, matcher) = (Some(policy), Some(matcher));
        let learned = Some(before.and_then(|before| before.learned.clone()).unwrap_or_default());
        Ok((
            Self { policy, route_names, matcher, mode, identities, told, entrance, store, notes, learned, held_back },
            tolerated,
        ))
    }

    /// Asks the compiled policy for what it was compiled from: every route of letters alone is found by its own path. That a
    /// policy is taken must mean that its matching works.
    pub(crate) fn self_test(&self) -> Result<(), Vec<SiteError>> {
        let (Some(policy), Some(matcher)) = (&self.policy, &self.matcher) else {
            return Ok(());
        };
        let is_lost = |key: &RouteKey| {
            let is_plain = key.host().is_none()
                && key.id().version().is_none()
                && key.pattern().parts().iter().all(|part| matches!(part, Part::Literal(_)));
            let path = key.pattern().to_string();
            let method = if *key.method() == Method::Any { &Method::Post } else { key.method() };
            is_plain
                && RequestPath::new(path.as_bytes())
                    .is_ok_and(|path| matches!(matcher.find(method, None, &path), Match::NotFound))
        };
        let lost = policy.routes.iter().filter(|route| is_lost(&route.key));
        let lost: Vec<_> = lost.map(|route| SiteError::NotFound { route: route.key.to_string() }).collect();
        if lost.is_empty() { Ok(()) } else { Err(lost) }
    }

    /// Whether a refusal by a layer on a route counts, or is only said.
    pub(crate) fn enforces(&self, layer: LayerName, route: Option<usize>) -> bool {
        let Some(policy) = &self.policy else {
            return self.mode == Mode::Enforce;
        };
        let route = route.and_then(|index| policy.routes.get(index)).map(|route| &route.settings);
        policy.mode_of(self.mode, ModeLayer::named(layer.as_str()), route) == Mode::Enforce
    }

    /// Where limits are counted and notes are kept, with what this process counts by itself.
    pub(crate) fn store_beside(&self, quotas: Arc<Quotas>, clock: &Clock) -> Rc<dyn Store> {
        let own = self.own_store(quotas);
        match &self.store {
            Some(shared) => Rc::new(Asked { shared: shared.clone(), clock: clock.clone(), own }),
            None => own,
        }
    }

    /// The store that is this process alone.
    pub(crate) fn own_store(&self, quotas: Arc<Quotas>) -> Rc<dyn Store> {
        Rc::new(Own { quotas, notes: self.notes.clone() })
    }

    /// Where keys are fetched from.
    pub(crate) fn sources(&self) -> Vec<Arc<Source>> {
        self.identities.verifiers.values().filter_map(|verifier| verifier.source()).cloned().collect()
    }

    /// How long each key is in use.
    pub(crate) fn key_ages(&self, now: Duration) -> impl Iterator<Item = (&str, Duration)> {
        self.identities.keys_since.iter().map(move |(name, since)| (name.as_str(), now.saturating_sub(*since)))
    }

    /// The keys that are in use for long.
    pub(crate) fn old_keys(&self, now: Duration) -> Vec<Tolerated> {
        let days = |age: Duration| age.as_secs() / SECONDS_OF_DAY;
        let old = self.key_ages(now).filter(|(_, age)| days(*age) > KEY_OLD_DAYS);
        old.map(|(name, age)| Tolerated::KeyOld { name: name.to_owned(), days: days(age) }).collect()
    }

    /// Whether the policy has such an identity.
    pub(crate) fn has_identity(&self, is_it: impl Fn(&Identity) -> bool) -> bool {
        self.policy.iter().flat_map(|policy| &policy.identity).any(|(_, identity)| is_it(identity))
    }

    /// Whether a route of the policy has such a grant.
    pub(crate) fn asks_for(&self, is_it: impl Fn(&Grant) -> bool) -> bool {
        self.policy.iter().flat_map(|policy| &policy.routes).any(|route| route.settings.allow.iter().any(&is_it))
    }

    /// The identity of a name.
    pub(crate) fn identity(&self, name: &str) -> Option<&Identity> {
        self.policy.as_ref()?.identity_named(name)
    }

    /// The same with its name, as the policy holds it.
    pub(crate) fn identity_named(&self, name: &str) -> Option<(&str, &Identity)> {
        let mut all = self.policy.as_ref()?.identity.iter();
        all.find(|(known, _)| known == name).map(|(name, identity)| (name.as_str(), identity))
    }

    /// Which roles include others.
    pub(crate) fn roles(&self) -> Option<&RoleHierarchy> {
        self.policy.as_ref().map(|policy| &policy.roles).filter(|roles| !roles.is_empty())
    }
}

/// Keys never show themselves; the policy holds none.
impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("policy", &self.policy).field("mode", &self.mode).finish_non_exhaustive()
    }
}
