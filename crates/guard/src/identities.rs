//! What is there to verify credentials with, by the identities of a policy: loaded and judged before anything is served.

pub(crate) mod certificate;
pub(crate) mod flights;
pub(crate) mod forward_auth;
pub(crate) mod introspection;
pub(crate) mod password;
pub(crate) mod service;
pub(crate) mod webhook;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use policy::{ApiKeyIdentity, Identity, JwtIdentity, SecretRef};
use serde_json::Value;

use crate::api_key::ApiKeys;
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{LayerName, Resume, Verdict};
use crate::record::Decision;
use crate::refusal::Reason;
use crate::site::{Keys, Site, SiteError, Tolerated, since_day};
use crate::token::Verifier;
use forward_auth::ForwardAuth;
use introspection::Introspection;
use password::Users;
use webhook::Webhooks;

/// What was loaded of the identities of a policy, by their names.
#[derive(Default)]
pub(crate) struct Identities {
    pub(crate) verifiers: BTreeMap<String, Arc<Verifier>>,
    pub(crate) api_keys: BTreeMap<String, Arc<ApiKeys>>,
    pub(crate) introspections: BTreeMap<String, Arc<Introspection>>,
    pub(crate) users: BTreeMap<String, Arc<Users>>,
    pub(crate) webhooks: BTreeMap<String, Arc<Webhooks>>,
    pub(crate) services: BTreeMap<String, Arc<ForwardAuth>>,
    /// Since when keys are in use, by their place in the policy, as far as that is known.
    pub(crate) keys_since: Vec<(String, Duration)>,
}

/// How identities are loaded.
pub(crate) struct Loading<'l> {
    pub(crate) keys: &'l dyn Keys,
    /// Whether a key that everybody knows is refused.
    pub(crate) refuses_known: bool,
    /// What was there before: what stays goes on with what it knows.
    pub(crate) before: Option<&'l Identities>,
}

impl Identities {
    /// Loads one; what it is taken with although it should be otherwise is told.
    pub(crate) fn load(
        &mut self,
        name: &str,
        identity: &Identity,
        loading: &Loading<'_>,
        tolerated: &mut Vec<Tolerated>,
    ) -> Result<(), SiteError> {
        let Loading { keys, before, .. } = loading;
        let failed = |why: String| SiteError::Identity { identity: name.to_owned(), why };
        let key = name.to_owned();
        match identity {
            Identity::Jwt(jwt) => self.jwt(name, jwt, loading, tolerated)?,
            Identity::ApiKey(identity) => self.api_keys(name, identity, *keys)?,
            Identity::Introspection(one) => {
                let before = before.and_then(|before| before.introspections.get(name));
                let loaded = Introspection::load(one, *keys, before).map_err(failed)?;
                self.introspections.insert(key, loaded);
            }
            Identity::Basic(one) => {
                let before = before.and_then(|before| before.users.get(name));
                let loaded = Users::load(one, *keys, before).map_err(failed)?;
                self.users.insert(key, loaded);
            }
            Identity::Webhook(one) => {
                let before = before.and_then(|before| before.webhooks.get(name));
                let loaded = Webhooks::load(one, *keys, before).map_err(failed)?;
                self.webhooks.insert(key, Arc::new(loaded));
            }
            Identity::ForwardAuth(one) => {
                let loaded = ForwardAuth::load(one, *keys).map_err(failed)?;
                self.services.insert(key, Arc::new(loaded));
            }
            Identity::ClientCertificate(_) | Identity::Application(_) => {}
        }
        Ok(())
    }

    fn jwt(
        &mut self,
        name: &str,
        jwt: &JwtIdentity,
        loading: &Loading<'_>,
        tolerated: &mut Vec<Tolerated>,
    ) -> Result<(), SiteError> {
        let stated = jwt.keys_since.map(since_day);
        if let Some(since) = stated.or_else(|| loading.keys.since(&jwt.keys)) {
            self.keys_since.push((format!("identity.{name}.keys"), since));
        }
        let before = loading.before.and_then(|before| before.verifiers.get(name));
        let (verifier, is_known) = Verifier::load(name, jwt, loading.keys, loading.refuses_known, before)
            .map_err(|error| SiteError::Key { identity: name.to_owned(), error })?;
        if is_known {
            tolerated.push(Tolerated::KnownKey { identity: name.to_owned() });
        }
        self.verifiers.insert(name.to_owned(), verifier);
        Ok(())
    }

    /// Of many keys the age of the oldest is told.
    fn api_keys(&mut self, name: &str, identity: &ApiKeyIdentity, keys: &dyn Keys) -> Result<(), SiteError> {
        let keys =
            ApiKeys::load(identity, keys).map_err(|error| SiteError::ApiKeys { identity: name.to_owned(), error })?;
        if let Some((prefix, since)) = keys.oldest() {
            self.keys_since.push((format!("identity.{name}.keys.{prefix}"), since));
        }
        self.api_keys.insert(name.to_owned(), Arc::new(keys));
        Ok(())
    }
}

/// The bytes of a secret.
pub(crate) fn secret(reference: &SecretRef, keys: &dyn Keys) -> Result<model::Secret<Vec<u8>>, String> {
    keys.read(&reference.into())
}

/// Without the end of the line with which editors and shells end a file.
pub(crate) fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// The identities of a kind that the route asks for, each once.
pub(crate) fn asked_of<'s, T>(
    exchange: &Exchange,
    site: &'s Site,
    of_kind: impl Fn(&'s Identity) -> Option<&'s T>,
) -> Vec<(&'s str, &'s T)> {
    let mut found: Vec<(&str, &T)> = Vec::new();
    for (_, grant) in exchange.open_grants() {
        if let Some((name, identity)) = site.identity_named(&grant.identity)
            && let Some(one) = of_kind(identity)
            && !found.iter().any(|(known, _)| *known == name)
        {
            found.push((name, one));
        }
    }
    found
}

/// Somebody whom a credential names.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) subject: Option<String>,
    /// What else is known, as the claims of a token hold it.
    pub(crate) claims: Arc<Value>,
    /// Why it is taken, for records.
    pub(crate) reason: String,
}

/// Why a credential names nobody.
#[derive(Clone)]
pub(crate) struct Unknown {
    pub(crate) reason: Reason,
    pub(crate) why: String,
}

impl Unknown {
    /// The credential does not hold.
    pub(crate) fn not_identified(why: impl Into<String>) -> Self {
        Self { reason: Reason::NotIdentified, why: why.into() }
    }

    /// Whether it holds cannot be told now.
    pub(crate) fn unavailable(why: impl Into<String>) -> Self {
        Self { reason: Reason::IdentityUnavailable, why: why.into() }
    }
}

/// What comes of looking at a credential.
pub(crate) type Found = Result<Known, Unknown>;
/// The same, where it must be waited for.
pub(crate) type Finding = Pin<Box<dyn Future<Output = Found>>>;

/// Writes down what came of looking at a credential.
pub(crate) fn note(exchange: &mut Exchange, layer: LayerName, name: &str, found: Found) {
    match found {
        Ok(Known { subject, claims, reason }) => {
            exchange.principals.push(Principal { identity: name.to_owned(), subject, claims, key: None });
            exchange.decided(layer, Decision::Identified, &reason);
        }
        Err(Unknown { reason, why }) => exchange.tried_for(layer, reason, name, &why),
    }
}

/// Waits for what comes of looking at credentials, one after the other.
pub(crate) fn found_out(layer: LayerName, mut findings: VecDeque<(String, Finding)>) -> Verdict {
    let Some((name, finding)) = findings.pop_front() else {
        return Verdict::Continue;
    };
    Verdict::Wait(Box::pin(async move {
        let found = finding.await;
        let resume: Resume = Box::new(move |exchange| {
            note(exchange, layer, &name, found);
            found_out(layer, findings)
        });
        resume
    }))
}
