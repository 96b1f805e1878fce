//! Identities from the security schemes of the code. A key is always a reference: where the code holds one, the policy names
//! a variable, and a comment says which line must be mended.

mod keys;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    Application, Certainty, Endpoint, Known, ParameterRef, Place, Principal, SecurityScheme, SecuritySchemeKind, Test,
    TokenCheck, TokenIssue, TokenKind, TokenRecipe,
};

use super::{Counts, Draft};
use crate::identity::{Algorithm, ApplicationIdentity, Identity, JwtIdentity, KeysRef, Subject};
use crate::policy::Policy;
use crate::print::Notes;
use crate::value::{Form, HeaderName, KeyDigest, Pointer};

/// The identities of an application, by the scheme of the code.
pub(super) struct Identities {
    by_scheme: BTreeMap<String, Result<Derived, String>>,
}

struct Derived {
    name: String,
    identity: Identity,
    carried: Carried,
    notes: Vec<String>,
    not_expressed: usize,
}

/// What a credential of an identity tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried {
    pub(super) scopes: bool,
    pub(super) roles: bool,
    pub(super) permissions: bool,
    /// The object model of the principal.
    pub(super) object: Option<String>,
    /// Its column that the subject holds.
    pub(super) column: Option<String>,
    /// Who verifies it.
    pub(super) verified_by: VerifiedBy,
}

/// Who verifies a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum VerifiedBy {
    /// The gateway.
    #[default]
    Gateway,
    /// The application alone.
    Application,
}

impl Carried {
    /// Whether the application alone verifies it.
    pub(super) fn is_delegated(&self) -> bool {
        self.verified_by == VerifiedBy::Application
    }
}

impl Identities {
    pub(super) fn of(application: &Application, endpoints: &[&Endpoint]) -> Self {
        let mut by_scheme = BTreeMap::new();
        for (scheme, described) in &application.security_schemes {
            let recipe = application.tokens.iter().find(|recipe| recipe.scheme == *scheme);
            let of_scheme = |one: &&Principal| one.scheme.as_deref() == Some(&**scheme);
            let principal = application.principals.iter().find(of_scheme);
            by_scheme.insert(scheme.to_string(), derived(scheme, described, recipe, principal, endpoints));
        }
        Self { by_scheme }
    }

    /// Whether an identity comes by a cookie whose name is known.
    pub(super) fn is_by_cookie(&self, name: &str) -> bool {
        self.by_scheme.values().flatten().any(|one| one.name == name && one.identity.cookie().is_some())
    }

    /// The identity of a scheme, or why there is none.
    pub(super) fn of_scheme(&self, scheme: &str) -> Result<(&str, &Carried), String> {
        match self.by_scheme.get(scheme) {
            Some(Ok(derived)) => Ok((&derived.name, &derived.carried)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("nothing is known about this scheme".to_owned()),
        }
    }

    /// The identity of a name.
    pub(super) fn of_name(&self, name: &str) -> Option<(&str, &Carried)> {
        let mut all = self.by_scheme.values().filter_map(|one| one.as_ref().ok());
        all.find(|one| one.name == name).map(|one| (&*one.name, &one.carried))
    }

    /// Whether a key that stands in the code is refused.
    pub(super) fn refuse_known_keys(&self) -> bool {
        let of_jwt = |derived: &Derived| matches!(&derived.identity, Identity::Jwt(jwt) if !jwt.refuse_keys.is_empty());
        self.by_scheme.values().filter_map(|one| one.as_ref().ok()).any(of_jwt)
    }

    /// The identity that most routes ask for, by name.
    pub(super) fn most_used(&self, drafts: &[Draft]) -> Option<(&str, &Carried)> {
        let uses = |name: &str| {
            drafts.iter().filter(|draft| draft.route.settings.allow.iter().any(|grant| grant.identity == name)).count()
        };
        let all = self.by_scheme.values().filter_map(|one| one.as_ref().ok()).filter(|one| !one.carried.is_delegated());
        let used = all.map(|one| (uses(&one.name), one)).filter(|(count, _)| *count > 0);
        used.max_by(|a, b| a.0.cmp(&b.0).then(b.1.name.cmp(&a.1.name))).map(|(_, one)| (&*one.name, &one.carried))
    }

    /// Writes those that a route asks for.
    pub(super) fn write(&self, drafts: &[Draft], policy: &mut Policy, notes: &mut Notes, counts: &mut Counts) {
        for derived in self.by_scheme.values().filter_map(|one| one.as_ref().ok()) {
            let mut grants = drafts.iter().flat_map(|draft| &draft.route.settings.allow);
            if grants.any(|grant| grant.identity == derived.name) {
                counts.not_expressed += derived.not_expressed;
                policy.identity.push((derived.name.clone(), derived.identity.clone()));
                notes.identities.entry(derived.name.clone()).or_default().splice(0..0, derived.notes.iter().cloned());
            }
        }
    }
}

fn derived(
    scheme: &str,
    described: &SecurityScheme,
    recipe: Option<&TokenRecipe>,
    principal: Option<&Principal>,
    endpoints: &[&Endpoint],
) -> Result<Derived, String> {
    let name: String =
        scheme.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
    let mut notes = Vec::new();
    if let Some(place) = &described.evidence {
        notes.push(format!("{}:{}: {}", place.file, place.line, place.what));
    }
    let is_jwt = recipe.is_some_and(|recipe| recipe.kind == TokenKind::Jwt);
    let authorization = || vec![ParameterRef::new(Place::Header, "Authorization")];
    let carriers = match &described.kind {
        SecuritySchemeKind::MutualTls => return Err("client certificates are not checked by the gateway".to_owned()),
        SecuritySchemeKind::ApiKey { parameter } if !is_jwt => vec![parameter.clone()],
        SecuritySchemeKind::Session { cookie } if !is_jwt => {
            cookie.iter().map(|cookie| ParameterRef::new(Place::Cookie, cookie.clone())).collect()
        }
        SecuritySchemeKind::Custom { parameters } if !is_jwt && !parameters.is_empty() => parameters.clone(),
        SecuritySchemeKind::Custom { .. } if !is_jwt => only_field(scheme, endpoints, &mut notes),
        SecuritySchemeKind::Http { scheme } if !is_jwt && &**scheme != "bearer" => authorization(),
        _ if recipe.is_some() && !is_jwt => authorization(),
        _ => return Ok(jwt(name, recipe, principal, notes)),
    };
    Ok(application(name, &carriers, notes))
}

/// The one header field or cookie that every endpoint takes which asks for a scheme. A guess, and on the safe side: what is
/// asked for in vain refuses more. Where the scheme is asked for together with a role, the field may hold that.
fn only_field(scheme: &str, endpoints: &[&Endpoint], notes: &mut Vec<String>) -> Vec<ParameterRef> {
    let is_it = |test: &Test| matches!(test, Test::Scheme(name) if **name == *scheme);
    let asking = |endpoint: &Endpoint| {
        let alternatives = endpoint.access.requirement().map(|one| one.alternatives().clone()).unwrap_or_default();
        let asked = alternatives.into_iter().filter(|all| all.iter().any(|condition| is_it(&condition.test)));
        asked.collect::<Vec<_>>()
    };
    let endpoints: Vec<&&Endpoint> = endpoints.iter().filter(|endpoint| !asking(endpoint).is_empty()).collect();
    if endpoints.iter().any(|endpoint| asking(endpoint).iter().any(|all| all.len() > 1)) {
        return Vec::new();
    }
    let fields = |endpoint: &&&Endpoint| -> Vec<ParameterRef> {
        let all = endpoint.parameters.iter().map(model::Parameter::reference);
        all.filter(|one| matches!(one.place, Place::Header | Place::Cookie)).collect()
    };
    let mut of_each = endpoints.iter().map(fields);
    let mut common = of_each.next().unwrap_or_default();
    of_each.for_each(|fields| common.retain(|one| fields.contains(one)));
    if common.len() == 1 {
        notes.push("assumed: the only field that all its endpoints take carries the credential".to_owned());
        return common;
    }
    Vec::new()
}

/// What the application verifies. The gateway asks for the credential where it knows what carries it.
fn application(name: String, carriers: &[ParameterRef], mut notes: Vec<String>) -> Derived {
    let one = |place: Place| carriers.iter().find(|carrier| carrier.place == place).map(|carrier| &*carrier.name);
    let identity = ApplicationIdentity {
        header: one(Place::Header).and_then(|name| HeaderName::parse(name).ok()),
        cookie: one(Place::Cookie).filter(|name| !name.is_empty()).map(str::to_owned),
        query: one(Place::Query).filter(|name| !name.is_empty()).map(str::to_owned),
    };
    notes.push(
        "delegated: the application verifies this credential, which was proven where a route names it".to_owned(),
    );
    if identity.header.is_none() && identity.cookie.is_none() && identity.query.is_none() {
        notes.push("what carries it was not understood: the gateway cannot even ask for one".to_owned());
    }
    let carried = Carried { verified_by: VerifiedBy::Application, ..Carried::default() };
    Derived { name, identity: Identity::Application(identity), carried, notes, not_expressed: 0 }
}

fn jwt(name: String, recipe: Option<&TokenRecipe>, principal: Option<&Principal>, mut notes: Vec<String>) -> Derived {
    let mut not_expressed = 0;
    let check = recipe.and_then(|recipe| recipe.check.as_ref());
    let issue = recipe.and_then(|recipe| recipe.issue.as_ref());
    let algorithms = algorithms(recipe, &mut notes, &mut not_expressed);
    let source = check.map(|check| &check.key).or(issue.map(|issue| &issue.key));
    let keys = keys::of(&name, source, &mut notes, &mut not_expressed);
    let secret = source.filter(|_| !check.is_some_and(TokenCheck::is_by_public_key));
    let refuse_keys: Vec<KeyDigest> = secret.and_then(keys::known).into_iter().collect();
    if !refuse_keys.is_empty() {
        notes.push(
            "`refuse_keys` is the digest of the key in the code: with that key the gateway does not start".to_owned(),
        );
    }
    if let Some(check) = check {
        notes.push(format!("{}:{}: {}", check.evidence.file, check.evidence.line, check.evidence.what));
        if check.signature.proven_value() != Some(&true) {
            notes.push("the code does not provably verify the signature; the gateway does".to_owned());
        }
    }
    let (issuer, audience) =
        check.map(|check| expected(check, &keys, &mut notes, &mut not_expressed)).unwrap_or_default();
    let roles = claim(issue, principal, &["role", "roles"]);
    let scopes = claim(issue, None, &["scope", "scopes", "scp"]);
    let permissions = claim(issue, None, &["permission", "permissions"]);
    let binding = principal.and_then(|principal| principal.claim.as_ref());
    let subject = binding.and_then(|binding| binding.value()).map(|binding| binding.claim.to_string());
    if let Some(binding) = binding
        && binding.certainty() != Certainty::Proven
    {
        notes.push("which claim names the principal is assumed".to_owned());
    }
    let carried = Carried {
        scopes: scopes.is_some(),
        roles: roles.is_some(),
        permissions: permissions.is_some(),
        object: principal.and_then(|one| one.object.as_deref()).map(str::to_owned),
        column: binding.and_then(|binding| binding.value()).map(|binding| binding.column.to_string()),
        verified_by: VerifiedBy::Gateway,
    };
    let identity = JwtIdentity {
        issuer,
        audience,
        algorithms,
        keys,
        refuse_keys,
        keys_since: None,
        header: None,
        cookie: None,
        roles,
        scopes,
        permissions,
        subject: subject.filter(|claim| claim != "sub").map(Subject::Claim),
        revocable: None,
    };
    Derived { name, identity: Identity::Jwt(identity), carried, notes, not_expressed }
}

/// What `iss` and `aud` must be, as the code checks them.
fn expected(
    check: &TokenCheck,
    keys: &KeysRef,
    notes: &mut Vec<String>,
    not_expressed: &mut usize,
) -> (Option<String>, Vec<String>) {
    let mut told = |what: String| {
        *not_expressed += usize::from(what.starts_with("not expressed: "));
        notes.push(what);
    };
    let mut known = |claim: &str, of: &Option<Known<Vec<Arc<str>>>>| -> Vec<String> {
        let Some(of) = of else { return Vec::new() };
        match (of.value(), of.reason(), of.gap()) {
            (Some(values), reason, _) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                if let Some(reason) = reason {
                    told(format!("`{claim}` is {reason}: write here what yours is set to"));
                }
                values
            }
            (None, _, gap) => {
                let why = gap.map_or("it is not known", |gap| &*gap.reason);
                told(format!("not expressed: what the code checks in `{claim}`: {why}. Write it here"));
                Vec::new()
            }
        }
    };
    let (issuers, audience) = (known("iss", &check.issuer), known("aud", &check.audience));
    let issuer = match <[String; 1]>::try_from(issuers) {
        Ok([issuer]) => Some(issuer),
        Err(issuers) if issuers.is_empty() => None,
        Err(issuers) => {
            told(format!("not expressed: `iss` may be one of {}; a policy names one", issuers.join(", ")));
            None
        }
    };
    let is_published = matches!(keys, KeysRef::Jwks(_) | KeysRef::Discovery(_));
    if is_published && check.audience.is_none() {
        told("not expressed: the code does not look at `aud`; a token that has one is refused unless `audience` names it".to_owned());
    }
    (issuer, audience)
}

/// The claim of the tokens that the code issues which holds what its principals are asked for.
fn claim(issue: Option<&TokenIssue>, principal: Option<&Principal>, names: &[&str]) -> Option<Pointer> {
    let claims = &issue?.claims;
    let fields = principal.map(|principal| principal.roles.as_slice()).unwrap_or_default();
    let is_field = |claim: &str| fields.iter().any(|field| **field == *claim);
    let found = claims.keys().find(|claim| names.contains(&&***claim) || is_field(claim))?;
    Some(Pointer::member(found))
}

fn algorithms(recipe: Option<&TokenRecipe>, notes: &mut Vec<String>, not_expressed: &mut usize) -> Vec<Algorithm> {
    let checked =
        recipe.and_then(|recipe| recipe.check.as_ref()).map(|check| check.algorithms.clone()).unwrap_or_default();
    let issued = recipe.and_then(|recipe| recipe.issue.as_ref()).and_then(|issue| issue.algorithm.value().cloned());
    let mut found = Vec::new();
    for name in checked.iter().chain(issued.iter().filter(|_| checked.is_empty())) {
        match Algorithm::named(name) {
            Some(algorithm) if !found.contains(&algorithm) => found.push(algorithm),
            Some(_) => {}
            None => {
                notes.push(format!("not expressed: the algorithm `{name}`, which the gateway never accepts"));
                *not_expressed += 1;
            }
        }
    }
    let symmetric = found.iter().filter(|one| one.is_symmetric()).count();
    if symmetric > 0 && symmetric < found.len() {
        notes.push("not expressed: HMAC beside public keys; whoever knows a public key could sign with it".to_owned());
        *not_expressed += 1;
        found.retain(|one| !one.is_symmetric());
    }
    if found.is_empty() {
        notes.push("not understood: which algorithm signs the tokens. Replace this one".to_owned());
        *not_expressed += 1;
        found.push(Algorithm::Hs256);
    }
    found
}
