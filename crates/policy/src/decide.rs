//! Why a request is admitted or refused, step by step, without a server: what `doorward policy test` shows.

use model::Method;

use crate::matching::{Found, Match, Matcher, RequestPath};
use crate::policy::{Policy, RouterKind};
use crate::route::{Admits, Grant, Owner, RoutePolicy, Tenant};
use crate::settings::{Identity, Mode, Subject};
use crate::value::AllOf;

/// Who asks, as if the credential had been verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    /// The identity that was shown, by its name in the policy.
    pub identity: Option<String>,
    /// The roles that it carries.
    pub roles: Vec<String>,
    /// The scopes that it carries.
    pub scopes: Vec<String>,
    /// The permissions that it carries.
    pub permissions: Vec<String>,
    /// Other claims with their values.
    pub claims: Vec<(String, String)>,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It goes to the application.
    Admitted {
        /// What the application must show, in its answer or when it is asked beforehand: one of these; none: nothing is
        /// looked at.
        if_shown: Vec<String>,
    },
    /// The client is sent to another path.
    Redirected {
        /// Where to.
        path: String,
    },
    /// It is refused.
    Refused {
        /// The status of the answer.
        status: u16,
        /// Why.
        reason: String,
    },
}

/// A decision with the steps that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was looked at and what came of it, in order.
    pub steps: Vec<String>,
    /// What becomes of the request.
    pub decision: Decision,
}

/// Decides a request: `path` as it stands in the request target, without query.
pub fn explain(policy: &Policy, caller: &Caller, method: &Method, host: Option<&str>, path: &[u8]) -> Explanation {
    let mut steps = Vec::new();
    let decision = decided(policy, caller, method, host, path, &mut steps);
    if policy.mode == Mode::Report && matches!(decision, Decision::Refused { .. }) {
        steps.push("mode: `report` lets it through, and says that it would have been refused".to_owned());
    }
    Explanation { steps, decision }
}

fn decided(
    policy: &Policy,
    caller: &Caller,
    method: &Method,
    host: Option<&str>,
    path: &[u8],
    steps: &mut Vec<String>,
) -> Decision {
    let refused = |status, reason: String| Decision::Refused { status, reason };
    let path = match RequestPath::new(path) {
        Ok(path) => path,
        Err(why) => return refused(400, why.to_string()),
    };
    if path.raw() != path.decoded() {
        steps.push(format!("path: decoded once to `{}`", path.decoded().escape_debug()));
    }
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let found = match matcher.find(method, host, &path) {
        Match::Found(found) => found,
        Match::NotFound => return refused(404, "no route of the policy has this path".to_owned()),
        Match::MethodNotAllowed { allow } => {
            let allow: Vec<&str> = allow.iter().map(Method::as_str).collect();
            return refused(405, format!("this path is known with {} only", allow.join(", ")));
        }
        Match::Redirect { path, status } => {
            steps.push(format!("route: the application answers {status} to the path with other slashes"));
            return Decision::Redirected { path };
        }
        Match::Unclear { route } => {
            let key = &policy.routes[route].key;
            return refused(403, format!("`{key}` may match it, and this build cannot tell"));
        }
    };
    let route = &policy.routes[found.route];
    let how = match policy.router.kind {
        RouterKind::Starlette | RouterKind::Django => "is the first that matches",
        RouterKind::Werkzeug => "is the most specific that matches",
    };
    steps.push(format!("route: `{}` {how}", route.key));
    if found.by_framework {
        steps.push("       no route takes the method: the framework answers, and no handler runs".to_owned());
    }
    for parameter in route.key.pattern().parameters() {
        if let Some(value) = found.parameter(&parameter.name) {
            steps.push(format!("       {} = `{}`", parameter.name, value.escape_debug()));
        }
    }
    admitted(policy, caller, route, &found, steps)
}

fn admitted(
    policy: &Policy,
    caller: &Caller,
    route: &RoutePolicy,
    found: &Found<'_>,
    steps: &mut Vec<String>,
) -> Decision {
    let refused = |status, reason: &str| Decision::Refused { status, reason: reason.to_owned() };
    let grants = match route.settings.admits() {
        Admits::Everybody => {
            steps.push("access: `public`, everybody is admitted".to_owned());
            return Decision::Admitted { if_shown: Vec::new() };
        }
        Admits::Nobody => return refused(403, "`allow` is empty: nobody is admitted"),
        Admits::AnyOf(grants) => grants,
    };
    let Some(name) = &caller.identity else {
        for grant in grants {
            steps.push(format!("allow: needs the identity `{}`", grant.identity));
        }
        return refused(401, "no identity was shown");
    };
    let (mut is_known, mut if_shown) = (false, Vec::new());
    for grant in grants {
        if grant.identity != *name {
            steps.push(format!("allow: needs the identity `{}`, not `{name}`", grant.identity));
            continue;
        }
        is_known = true;
        let identity = policy.identity_named(name);
        match grant_holds(grant, caller, identity, found) {
            Ok(seen_later) if seen_later.is_empty() => {
                let told = match identity {
                    Some(Identity::Application(_)) => "is delegated: the application verifies the credential",
                    _ => "holds",
                };
                steps.push(format!("allow: {} {told}", asked(grant)));
                return Decision::Admitted { if_shown: Vec::new() };
            }
            Ok(seen_later) => {
                let where_seen = match grant.owner {
                    Some(Owner::Lookup(_)) => "looked up at the application first",
                    _ => "seen in the answer",
                };
                steps.push(format!("allow: {} is {where_seen}", asked(grant)));
                if_shown.push(seen_later.join(" and "));
            }
            Err(why) => steps.push(format!("allow: {} does not hold: {why}", asked(grant))),
        }
    }
    if !if_shown.is_empty() {
        return Decision::Admitted { if_shown };
    }
    if is_known {
        refused(403, "none of `allow` holds")
    } else {
        refused(401, "no identity that this route takes was shown")
    }
}

/// Whether a grant holds: what is left to be seen in the response, or why it does not.
fn grant_holds(
    grant: &Grant,
    caller: &Caller,
    identity: Option<&Identity>,
    found: &Found<'_>,
) -> Result<Vec<String>, String> {
    let named = [
        ("scope", &grant.scope, &caller.scopes),
        ("role", &grant.role, &caller.roles),
        ("permission", &grant.permission, &caller.permissions),
    ];
    for (kind, asked, carried) in named {
        let missing = asked.iter().flat_map(AllOf::names).find(|name| !carried.contains(name));
        if let Some(name) = missing {
            return Err(format!("the {kind} `{name}` is missing"));
        }
    }
    let mut if_shown = Vec::new();
    if let Some(owner) = &grant.owner {
        let claim = match identity {
            Some(Identity::Jwt(jwt)) => match &jwt.subject {
                Some(Subject::Claim(claim)) => claim.as_str(),
                Some(Subject::Lookup(_)) => "(the looked-up subject)",
                None => "sub",
            },
            _ => "sub",
        };
        match owner {
            Owner::Parameter(name) => equals(found, name, claim, claim_of(caller, claim)?)?,
            Owner::Response(pointer) => {
                let value = claim_of(caller, claim)?;
                if_shown.push(in_answer(pointer.as_str(), value, claim));
            }
            Owner::Lookup(lookup) => {
                let (value, field) = (claim_of(caller, claim)?, lookup.field.as_str());
                if_shown.push(format!("`{}` shows `{field}` = `{value}` (the claim `{claim}`) first", lookup.endpoint));
            }
        }
    }
    if let Some(tenant) = &grant.tenant {
        tenant_holds(tenant, caller, found, &mut if_shown)?;
    }
    Ok(if_shown)
}

fn tenant_holds(tenant: &Tenant, caller: &Caller, found: &Found<'_>, if_shown: &mut Vec<String>) -> Result<(), String> {
    let claim: Vec<String> = tenant.claim.tokens().collect();
    let claim = claim.join(".");
    let value = claim_of(caller, &claim)?;
    if let Some(name) = &tenant.parameter {
        equals(found, name, &claim, value)?;
    }
    if let Some(pointer) = &tenant.response {
        if_shown.push(in_answer(pointer.as_str(), value, &claim));
    }
    Ok(())
}

fn in_answer(pointer: &str, value: &str, claim: &str) -> String {
    format!("the answer, which is withheld otherwise, holds `{pointer}` = `{value}` (the claim `{claim}`)")
}

fn claim_of<'c>(caller: &'c Caller, claim: &str) -> Result<&'c str, String> {
    let value = caller.claims.iter().find(|(name, _)| name == claim).map(|(_, value)| value.as_str());
    value.ok_or_else(|| format!("the claim `{claim}` is missing (`--claim {claim}=...`)"))
}

fn equals(found: &Found<'_>, parameter: &str, claim: &str, value: &str) -> Result<(), String> {
    let given = found.parameter(parameter).unwrap_or_default();
    if given == value {
        return Ok(());
    }
    Err(format!("`{parameter}` is `{}`, and the claim `{claim}` is `{value}`", given.escape_debug()))
}

/// A grant as a reader says it: `users` with the role `admin`.
pub(crate) fn asked(grant: &Grant) -> String {
    let mut parts = Vec::new();
    for (kind, names) in [("scope", &grant.scope), ("role", &grant.role), ("permission", &grant.permission)] {
        for name in names.iter().flat_map(AllOf::names) {
            parts.push(format!("the {kind} `{name}`"));
        }
    }
    match &grant.owner {
        Some(Owner::Parameter(name)) => parts.push(format!("`{name}` as its subject")),
        Some(Owner::Response(pointer)) => parts.push(format!("`{}` of the answer as its subject", pointer.as_str())),
        Some(Owner::Lookup(lookup)) => {
            parts.push(format!("`{}` of `{}` as its subject", lookup.field.as_str(), lookup.endpoint));
        }
        None => {}
    }
    if let Some(tenant) = &grant.tenant {
        parts.push(format!("its tenant (`{}`)", tenant.claim.as_str()));
    }
    if parts.is_empty() {
        format!("any `{}`", grant.identity)
    } else {
        format!("`{}` with {}", grant.identity, parts.join(" and "))
    }
}
