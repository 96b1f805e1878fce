//! What a policy is to a running gateway: compiled, with its keys loaded and judged. Read-only, shared by all workers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::Secret;
use policy::{Identity, KeysRef, Layer, Matcher, Mode, NotEnforced, Policy};

use crate::token::{KeyError, Verifier};

/// What is guarded, and how.
pub(crate) struct Site {
    pub(crate) policy: Option<Policy>,
    pub(crate) matcher: Option<Matcher>,
    pub(crate) mode: Mode,
    /// Verifiers of tokens, by identity.
    pub(crate) verifiers: BTreeMap<String, Verifier>,
}

/// What reads keys: libraries know neither files nor the environment.
pub trait Keys {
    /// The bytes that a reference names, or why there are none.
    fn read(&self, reference: &KeysRef) -> Result<Secret<Vec<u8>>, String>;
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
    /// A setting restricts, and no layer of this build enforces it.
    NotEnforced(NotEnforced),
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { identity, error } => write!(f, "`identity.{identity}`: {error}"),
            Self::NotEnforced(setting) => setting.fmt(f),
        }
    }
}

impl std::error::Error for SiteError {}

/// The layers that this build has.
pub fn built() -> BTreeSet<Layer> {
    [
        Layer::Timeouts,
        Layer::Balance,
        Layer::Jwt,
        Layer::JwtCarriers,
        Layer::Application,
        Layer::Roles,
        Layer::OwnerParameter,
        Layer::OwnerResponse,
        Layer::SubjectLookup,
        Layer::Tenant,
    ]
    .into()
}

impl Site {
    /// No policy: hardening alone.
    pub(crate) fn without_policy() -> Self {
        Self { policy: None, matcher: None, mode: Mode::Report, verifiers: BTreeMap::new() }
    }

    /// Compiles a policy and loads its keys; every reason why that fails at once. What is not enforced and may be is given
    /// back, to be told.
    pub(crate) fn new(
        policy: Policy,
        mode: Mode,
        keys: &dyn Keys,
        known_keys: KnownKeys,
    ) -> Result<(Self, Vec<NotEnforced>), Vec<SiteError>> {
        let mut errors = Vec::new();
        let mut tolerated = Vec::new();
        for setting in policy.not_enforced(&built()) {
            if setting.restricts && mode == Mode::Enforce {
                errors.push(SiteError::NotEnforced(setting));
            } else {
                tolerated.push(setting);
            }
        }
        let mut verifiers = BTreeMap::new();
        for (name, identity) in &policy.identity {
            let Identity::Jwt(jwt) = identity else {
                continue;
            };
            let refuses_known = mode == Mode::Enforce && known_keys == KnownKeys::Refuse;
            match Verifier::load(jwt, keys, refuses_known) {
                Ok(verifier) => _ = verifiers.insert(name.clone(), verifier),
                // In report mode as well: what would be refused cannot be said without the key.
                Err(error) => errors.push(SiteError::Key { identity: name.clone(), error }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let matcher = Matcher::new(&policy.routes, &policy.router);
        Ok((Self { policy: Some(policy), matcher: Some(matcher), mode, verifiers }, tolerated))
    }

    /// The identity of a name.
    pub(crate) fn identity(&self, name: &str) -> Option<&Identity> {
        self.policy.as_ref()?.identity_named(name)
    }
}

/// Keys never show themselves; the policy holds none.
impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("policy", &self.policy)
            .field("mode", &self.mode)
            .field("verifiers", &self.verifiers)
            .finish_non_exhaustive()
    }
}
