//! Roles and permissions, as the claims of a token hold them.

use std::sync::Arc;

use policy::{AllOf, Grant, Identity};
use serde_json::Value;

use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;

/// Keeps the grants whose roles and permissions are held.
struct Roles(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Roles(site.clone()))
}

impl Layer for Roles {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        keep(exchange, |grant, principal| self.missing(grant, principal))
    }
}

impl Roles {
    fn missing(&self, grant: &Grant, principal: &Principal) -> Option<String> {
        let Some(Identity::Jwt(jwt)) = self.0.identity(&grant.identity) else {
            return None;
        };
        let at = |pointer: &Option<policy::Pointer>| {
            pointer.as_ref().and_then(|pointer| principal.claims.pointer(pointer.as_str()))
        };
        let none = |_: char| false;
        hold("role", grant.role.as_ref(), at(&jwt.roles), none)
            .or_else(|| hold("permission", grant.permission.as_ref(), at(&jwt.permissions), none))
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

/// The first name that is asked for and not held.
pub(super) fn hold(
    kind: &str,
    asked: Option<&AllOf>,
    held: Option<&Value>,
    separates: impl Fn(char) -> bool + Copy,
) -> Option<String> {
    let names = asked.map(AllOf::names).unwrap_or_default();
    let missing = names.iter().find(|name| match held {
        Some(Value::String(text)) => !text.split(separates).any(|one| one == **name),
        Some(Value::Array(items)) => !items.iter().any(|item| item.as_str() == Some(name)),
        _ => true,
    })?;
    Some(format!("the {kind} `{missing}` is missing"))
}
