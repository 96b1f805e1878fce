//! One alternative of a requirement as a grant. A condition that a policy cannot check is left to the application, which
//! checks it as before; an alternative without an identity that the gateway can check is left out.

use std::sync::Arc;

use model::{Alternative, Binding, Certainty, Condition, Effect, Endpoint, ObjectEffect, Place, SchemaRef, Test};
use serde_json::Value;

use super::identities::Carried;
use super::{Context, Draft};
use crate::route::{Grant, Owner};
use crate::value::{AllOf, Pointer};

/// The grant of an alternative; nothing where no identity of it can be checked.
pub(super) fn of_alternative(
    context: &Context<'_>,
    endpoint: &Endpoint,
    alternative: &Alternative,
    draft: &mut Draft,
) -> Option<Grant> {
    let schemes: Vec<&str> = alternative.iter().filter_map(scheme).collect();
    let known = || schemes.iter().filter_map(|scheme| context.identities.of_scheme(scheme).ok());
    // What the gateway verifies itself comes before what it leaves to the application.
    let identity = known().find(|(_, carried)| !carried.is_delegated()).or_else(|| known().next());
    let Some((name, carried)) = identity else {
        let why = match schemes.first() {
            Some(scheme) => match context.identities.of_scheme(scheme) {
                Err(why) => format!("`{scheme}`: {why}"),
                Ok(_) => return None,
            },
            None => "conditions without an identity".to_owned(),
        };
        draft.not_expressed(&why);
        return None;
    };
    if carried.is_delegated() && endpoint.access.certainty() != Certainty::Proven {
        draft.not_expressed(&format!("`{name}`: only the application can check it, and that it does is not proven"));
        return None;
    }
    let is_left = |other: &&&str| {
        context.identities.of_scheme(other).map_or(true, |(of, other)| other.is_delegated() && of != name)
    };
    for other in schemes.iter().filter(is_left) {
        draft.not_expressed(&format!("`{other}` is asked for as well; the application checks it"));
    }
    let mut grant = Grant::of(name);
    grant.scope = names(alternative, "scope", carried.scopes, draft, |test| match test {
        Test::Scope(name) => Some(name),
        _ => None,
    });
    grant.role = names(alternative, "role", carried.roles, draft, |test| match test {
        Test::Role(name) => Some(name),
        _ => None,
    });
    grant.permission = names(alternative, "permission", carried.permissions, draft, |test| match test {
        Test::Permission(name) => Some(name),
        _ => None,
    });
    for condition in alternative {
        match &condition.test {
            Test::Ownership(binding) => match owner(context, endpoint, binding, carried) {
                Ok(owner) => grant.owner = Some(owner),
                Err(why) => draft.not_expressed(&format!("ownership: {why}; the application checks it")),
            },
            Test::Tenant(_) => {
                draft.not_expressed("tenant: no claim is known that names it; the application checks it");
            }
            _ => {}
        }
    }
    Some(grant)
}

/// The scanner writes a check against several values as one name: `admin or staff`. Here each is an alternative of its own.
pub(super) fn spelled_out(alternative: &Alternative) -> Vec<Alternative> {
    let mut all = vec![Alternative::new()];
    for condition in alternative {
        let of = |make: fn(Arc<str>) -> Test, name: &str| -> Vec<Condition> {
            name.split(" or ").map(|one| Condition::new(make(one.into()), condition.decided)).collect()
        };
        let choices = match &condition.test {
            Test::Role(name) => of(Test::Role, name),
            Test::Scope(name) => of(Test::Scope, name),
            Test::Permission(name) => of(Test::Permission, name),
            _ => vec![condition.clone()],
        };
        let with = |before: &Alternative, choice: &Condition| {
            let mut longer = before.clone();
            longer.insert(choice.clone());
            longer
        };
        all = all.iter().flat_map(|before| choices.iter().map(|choice| with(before, choice))).collect();
        all.truncate(model::AuthRequirement::ALTERNATIVES_MAX);
    }
    all
}

fn scheme(condition: &Condition) -> Option<&str> {
    match &condition.test {
        Test::Scheme(name) => Some(name),
        _ => None,
    }
}

/// The names of one kind that an alternative asks for, where the identity carries them.
fn names(
    alternative: &Alternative,
    kind: &str,
    is_carried: bool,
    draft: &mut Draft,
    of: impl Fn(&Test) -> Option<&std::sync::Arc<str>>,
) -> Option<AllOf> {
    let found: Vec<String> = alternative.iter().filter_map(|one| of(&one.test)).map(ToString::to_string).collect();
    if is_carried {
        return (!found.is_empty()).then(|| AllOf::new(found));
    }
    for name in found {
        draft.not_expressed(&format!("{kind} `{name}`: no claim is known that holds it; the application checks it"));
    }
    None
}

/// Grants that another one contains admit nobody more.
pub(super) fn drop_narrower(grants: &mut Vec<Grant>) {
    let plain: Vec<String> = grants.iter().filter(|one| !one.restricts()).map(|one| one.identity.clone()).collect();
    grants.retain(|one| !one.restricts() || !plain.contains(&one.identity));
}

/// The owner of the object as a policy can check it.
fn owner(context: &Context<'_>, endpoint: &Endpoint, binding: &Binding, carried: &Carried) -> Result<Owner, String> {
    let (Some(object), Some(column)) = (&binding.object, &binding.column) else {
        return Err("the owner column is not known".to_owned());
    };
    if let Some(key) = &binding.key
        && key.place == Place::Path
        && carried.object.as_deref() == Some(&**object)
        && carried.column.as_deref() == Some(&**column)
    {
        return Ok(Owner::Parameter(key.name.to_string()));
    }
    in_response(context, endpoint, object, column, carried)
}

/// The owner as a field of the response.
pub(super) fn in_response(
    context: &Context<'_>,
    endpoint: &Endpoint,
    object: &str,
    column: &str,
    carried: &Carried,
) -> Result<Owner, String> {
    if !endpoint.method().is_safe() {
        return Err(format!("a look-up before `{}` would be needed", endpoint.method()));
    }
    let response = endpoint.response.as_ref();
    if response.is_some_and(|response| response.many) {
        return Err("the answer is a list".to_owned());
    }
    let schema = response.and_then(|response| response.schema.as_ref());
    let fields = schema.map(|schema| fields_of(context, schema)).unwrap_or_default();
    if !fields.iter().any(|field| field == column) {
        return Err(format!("the answer does not hold `{column}`"));
    }
    is_named_by_token(context, object, column, carried)?;
    Ok(Owner::Response(Pointer::member(column)))
}

/// Whether the owner column of an object holds what the token names, as far as that is known.
pub(super) fn is_named_by_token(
    context: &Context<'_>,
    object: &str,
    column: &str,
    carried: &Carried,
) -> Result<(), String> {
    let path =
        context.report.objects.iter().find(|one| &*one.name == object).and_then(|one| one.owner.as_ref()?.value());
    let held = path.and_then(|path| path.references.as_deref());
    match (held, carried.column.as_deref()) {
        (Some(held), Some(claimed)) if held != claimed => {
            Err(format!("`{column}` holds `{held}`, and the token names `{claimed}`: a look-up would be needed"))
        }
        _ => Ok(()),
    }
}

/// The names of the fields of a schema, through references.
pub(super) fn fields_of(context: &Context<'_>, schema: &SchemaRef) -> Vec<String> {
    let mut found = match schema {
        SchemaRef::Named(name) => context.report.schemas.get(name),
        SchemaRef::Inline(schema) => Some(schema),
    };
    for _ in 0..8 {
        let Some(schema) = found else { break };
        match schema.reference_name() {
            Some(name) => found = context.report.schemas.get(&*name),
            None if schema.get("type").and_then(Value::as_str) == Some("array") => return Vec::new(),
            None => return schema.properties().map(|(name, _)| name.to_owned()).collect(),
        }
    }
    Vec::new()
}

/// What an endpoint reads of one object by a key that the client gives.
pub(super) fn read_by_key(endpoint: &Endpoint) -> Option<&ObjectEffect> {
    endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Read(read) if !read.many && read.key.is_some() && read.owner.is_some() => Some(read),
        _ => None,
    })
}
