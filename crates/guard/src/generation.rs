//! What a gateway serves by at a time: a compiled policy and the way to the application. A reload makes the next one and
//! swaps it in whole; exchanges under way end under theirs.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use policy::{Consequence, Mode, Notes, Policy, Upstream};
use sha2::{Digest, Sha256};

use crate::gateway::StartError;
use crate::metrics::AllSeries;
use crate::site::{Keys, KnownKeys, Site, Tolerated};
use crate::tls::{Tls, TlsMaterial};
use crate::upstream::upstreams::Upstreams;
use crate::worker::Clock;

/// How many bytes of the digest of a policy are its revision.
const REVISION_BYTES: usize = 6;

/// The generation that counts now, for everybody who serves.
pub(crate) type Current = Arc<ArcSwap<Generation>>;

/// What a gateway is started with, or given while it runs.
pub struct Change<'c> {
    /// What it forwards to.
    pub upstream: Upstream,
    /// What it admits; without one it only refuses what cannot be read in one way.
    pub policy: Option<Policy>,
    /// Whether refusals count, or are only said.
    pub mode: Mode,
    /// What reads the keys that the policy names.
    pub keys: &'c dyn Keys,
    /// What becomes of keys that everybody knows.
    pub known_keys: KnownKeys,
    /// What TLS is made of; without it, clients are spoken to in plain.
    pub tls: Option<TlsMaterial>,
}

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// The revision of the policy that is in force now.
    pub revision: String,
    /// Who gains or loses what.
    pub consequences: Vec<Consequence>,
    /// What it runs with although it should be otherwise, to be told.
    pub tolerated: Vec<Tolerated>,
}

/// What is served by, whole: it never changes, another one takes its place.
pub(crate) struct Generation {
    pub(crate) site: Arc<Site>,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) revision: String,
    pub(crate) tls: Option<Tls>,
    pub(crate) series: Arc<AllSeries>,
}

impl Generation {
    /// Compiles what is given, and tests it; every reason why that fails.
    pub(crate) fn compiled(
        change: Change<'_>,
        before: Option<&Self>,
        clock: &Clock,
    ) -> Result<(Self, Vec<Tolerated>), StartError> {
        let upstreams_before = before.map(|before| &*before.upstreams);
        let upstreams = Upstreams::of(&change.upstream, change.policy.as_ref(), change.keys, upstreams_before)?;
        if before.is_some_and(|before| before.tls.is_some() != change.tls.is_some()) {
            return Err(StartError::TlsSwitched);
        }
        let tls_before = before.and_then(|before| before.tls.as_ref());
        let tls = change.tls.as_ref().map(|material| Tls::of(material, tls_before, clock)).transpose()?;
        let revision = change.policy.as_ref().map_or_else(|| "none".to_owned(), revision);
        let (site, mut tolerated) = match change.policy {
            Some(policy) => {
                let before = before.map(|before| &*before.site);
                Site::new(policy, change.mode, change.keys, change.known_keys, before).map_err(StartError::Site)?
            }
            None => (Site::without_policy(), Vec::new()),
        };
        site.self_test().map_err(StartError::Site)?;
        let ends_soon = tls.iter().flat_map(|tls| tls.ends_soon.clone());
        tolerated.extend(ends_soon.map(|(name, on)| Tolerated::CertificateEnds { name, on }));
        tolerated.extend(site.old_keys(clock()));
        let routes = site.policy.iter().flat_map(|policy| &policy.routes).map(|route| &route.key);
        let series = Arc::new(AllSeries::of(routes, before.map(|before| &*before.series)));
        let upstreams = Arc::new(upstreams);
        Ok((Self { site: Arc::new(site), upstreams, revision, tls, series }, tolerated))
    }

    /// Who gains or loses what by the next one.
    pub(crate) fn consequences(&self, next: &Self) -> Vec<Consequence> {
        match (&self.site.policy, &next.site.policy) {
            (Some(old), Some(new)) => {
                let mut found = policy::diff(old, new);
                let kept = new.identity.iter().filter(|(name, one)| old.identity_named(name) == Some(one));
                found.extend(kept.filter_map(|(name, _)| self.secrets_changed(next, name)));
                found
            }
            _ => Vec::new(),
        }
    }

    /// What becomes of who holds a secret of an identity of which the policy says the same, because what it names was read anew.
    fn secrets_changed(&self, next: &Self, name: &str) -> Option<Consequence> {
        let (old, new) = (&self.site.identities, &next.site.identities);
        let told = |opens, change| Some(Consequence { opens, what: format!("identity `{name}`"), change });
        if let (Some(before), Some(after)) = (old.api_keys.get(name), new.api_keys.get(name)) {
            let (opens, change) = before.changes(after)?;
            return told(opens, change);
        }
        let verifiers = old.verifiers.get(name).zip(new.verifiers.get(name));
        let users = old.users.get(name).zip(new.users.get(name));
        let is_other = verifiers.is_some_and(|(before, after)| !Arc::ptr_eq(before, after))
            || users.is_some_and(|(before, after)| !Arc::ptr_eq(before, after));
        if is_other { told(true, "what it is verified with is another".to_owned()) } else { None }
    }

    /// Whether what was looked up at the application stays true: who is identified how, and who is asked, did not change.
    pub(crate) fn looks_up_as(&self, other: &Self) -> bool {
        let identities = |one: &Self| one.site.policy.as_ref().map(|policy| policy.identity.clone());
        self.upstreams.is_same(&other.upstreams) && identities(self) == identities(other)
    }
}

/// What tells one policy from another: the start of the digest of its text, comments apart.
fn revision(policy: &Policy) -> String {
    let digest = Sha256::digest(policy::print(policy, &Notes::default()));
    digest.iter().take(REVISION_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// Keys never show themselves.
impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("upstream", &self.upstream).field("mode", &self.mode).finish_non_exhaustive()
    }
}
