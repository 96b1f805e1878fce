//! Roles and permissions, as the claims of a token hold them.

use std::sync::Arc;

use policy::{AllOf, Grant, Identity, RoleHierarchy};
use serde_json::Value;

use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

/// Keeps the grants whose roles and permissions are held.
struct Roles(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let asks = |grant: &Grant| grant.role.is_some() || grant.permission.is_some();
    needed(site.asks_for(asks), Roles(site.clone()))
}

impl Layer for Roles {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        keep(exchange, |grant, principal| self.missing(grant, principal))
    }
}

impl Roles {
    fn missing(&self, grant: &Grant, principal: &Principal) -> Option<String> {
        let identity = self.0.identity(&grant.identity);
        let at = |place: fn(&Identity) -> Option<&str>| {
            identity.and_then(place).and_then(|place| principal.claims.pointer(place))
        };
        let names = grant.role.as_ref().map(AllOf::names).unwrap_or_default();
        let (held, roles) = (at(Identity::roles_at), self.0.roles());
        let missing = names.iter().find(|name| !holds_role(held, name, roles));
        let missing = missing.map(|name| format!("the role `{name}` is missing"));
        missing.or_else(|| hold("permission", grant.permission.as_ref(), at(Identity::permissions_at), |_| false))
    }
}

/// Whether a role is held, or one that includes it.
pub(super) fn holds_role(held: Option<&Value>, asked: &str, roles: Option<&RoleHierarchy>) -> bool {
    let is_it = |one: &str| one == asked || roles.is_some_and(|roles| roles.includes(one, asked));
    match held {
        Some(Value::String(text)) => is_it(text),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).any(is_it),
        _ => false,
    }
}

/// Keeps the grants of which nothing is missing; refuses when none is left. Of several principals of one identity each
/// may be the one.
pub(super) fn keep(exchange: &mut Exchange, missing: impl Fn(&Grant, &Principal) -> Option<String>) -> Verdict {
    if exchange.grants.is_empty() {
        return Verdict::Continue;
    }
    let (mut kept, mut why) = (Vec::new(), Vec::new());
    for (index, grant) in exchange.open_grants() {
        let principals = exchange.principals.iter().filter(|one| one.identity == grant.identity);
        // Nobody of this identity is known: only in report mode, where that was told already.
        let found: Vec<Option<String>> = principals.map(|one| missing(grant, one)).collect();
        if found.iter().any(Option::is_none) || found.is_empty() {
            kept.push(index);
        }
        why.extend(found.into_iter().flatten());
    }
    if kept.is_empty() {
        return Verdict::Refuse(Refusal::new(Reason::NotAllowed, why.join("; ")));
    }
    exchange.grants = kept;
    Verdict::Continue
}

/// Whether a name is held: as a text, or one of several in it, or in a list.
pub(super) fn holds_name(held: Option<&Value>, name: &str, separates: impl Fn(char) -> bool) -> bool {
    match held {
        Some(Value::String(text)) => text.split(separates).any(|one| one == name),
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(name)),
        _ => false,
    }
}

/// The first name that is asked for and not held.
pub(super) fn hold(
    kind: &str,
    asked: Option<&AllOf>,
    held: Option<&Value>,
    separates: impl Fn(char) -> bool + Copy,
) -> Option<String> {
    let names = asked.map(AllOf::names).unwrap_or_default();
    let missing = names.iter().find(|name| !holds_name(held, name, separates))?;
    Some(format!("the {kind} `{missing}` is missing"))
}
