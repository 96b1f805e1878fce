//! Shields of objects that have an owner: whose one is, is seen in the answer, or looked up before a request may change it.

use std::sync::Arc;

use model::{AccessVerdict, Effect, Endpoint, EndpointKind, Method, ObjectEffect, OwnerCheck, Place};

use super::super::grants::{fields_of, in_response, is_named_by_token, read_by_key};
use super::super::{Context, Draft};
use super::Blocked;
use crate::key::RouteKey;
use crate::route::{Admits, Owner, OwnerLookup};
use crate::value::Pointer;

/// An object that anybody may read who knows its key: its owner is compared in the response.
pub(super) fn shown(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft) -> Result<Blocked, String> {
    let read = read_by_key(endpoint).ok_or("which object is read, and whose it is, is not known")?;
    let column = read.owner.as_deref().ok_or("the object has no owner column")?;
    let settings = &mut draft.route.settings;
    if settings.admits() == Admits::Everybody {
        return Err("everybody is admitted: there is no principal to compare with".to_owned());
    }
    let mut owned = settings.allow.clone();
    for grant in &mut owned {
        let (_, carried) = context.identities.of_name(&grant.identity).ok_or("its identity is not known")?;
        grant.owner = Some(in_response(context, endpoint, &read.object, column, carried)?);
    }
    settings.allow = owned;
    Ok(Blocked::whole(format!("`{column}` of the answer must be the principal, which the code does not check")))
}

/// An object that anybody may change who knows its key: the application is asked whose it is before.
pub(super) fn looked_up(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft) -> Result<Blocked, String> {
    let (write, parameter) =
        written_by_key(endpoint).ok_or("which object is written, and whose it is, is not known")?;
    let column = write.owner.as_deref().ok_or("the object has no owner column")?;
    if draft.route.settings.admits() == Admits::Everybody {
        return Err("everybody is admitted: there is no principal to compare with".to_owned());
    }
    let sought = Sought { context, endpoint, object: &write.object, column, parameter };
    let lookup = sought.lookup(&draft.route.key).ok_or_else(|| {
        format!("no endpoint is known that shows whose the `{}` is before `{}`", write.object, endpoint.method())
    })?;
    let mut owned = draft.route.settings.allow.clone();
    for grant in owned.iter_mut().filter(|grant| grant.owner.is_none()) {
        let (_, carried) = context.identities.of_name(&grant.identity).ok_or("its identity is not known")?;
        if carried.is_delegated() {
            return Err(format!("who `{}` is, the application alone knows", grant.identity));
        }
        is_named_by_token(context, &write.object, column, carried)?;
        grant.owner = Some(Owner::Lookup(lookup.clone()));
    }
    draft.route.settings.allow = owned;
    Ok(Blocked::whole(format!(
        "`{}` must show that `{column}` is the principal, which the code does not check",
        lookup.endpoint
    )))
}

/// What an endpoint changes or deletes of one object by a key in its path, without asking whose it is.
fn written_by_key(endpoint: &Endpoint) -> Option<(&ObjectEffect, &str)> {
    endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Update(write) | Effect::Delete(write) if !write.many && write.owner_check != OwnerCheck::Proven => {
            let key = write.key.as_ref().filter(|key| key.place == Place::Path && write.owner.is_some())?;
            Some((write, &*key.name))
        }
        _ => None,
    })
}

/// The object whose owner is sought, and the request that names it.
struct Sought<'s> {
    context: &'s Context<'s>,
    endpoint: &'s Endpoint,
    object: &'s Arc<str>,
    column: &'s str,
    parameter: &'s str,
}

impl Sought<'_> {
    /// The question whose answer shows the owner: to the object itself, or to the collection that it is an item of.
    fn lookup(&self, route: &RouteKey) -> Option<OwnerLookup> {
        let key = self.key_column()?;
        let endpoints = || self.context.report.endpoints_of(&self.context.application.name);
        let askable = |one: &&Endpoint| self.is_askable(one, route);
        let field = Pointer::member(self.column);
        if let Some(item) = endpoints().filter(askable).find(|one| self.is_item(one)) {
            return Some(OwnerLookup { endpoint: RouteKey::of_route(&item.route), field, key: None, parameter: None });
        }
        let list = endpoints().filter(askable).find(|one| self.is_list(one, key))?;
        Some(OwnerLookup {
            endpoint: RouteKey::of_route(&list.route),
            field,
            key: Some(Pointer::member(key)),
            parameter: Some(self.parameter.to_owned()),
        })
    }

    /// The one column that is the primary key, and that the parameter is compared with.
    fn key_column(&self) -> Option<&str> {
        let object = self.context.report.objects.iter().find(|one| one.name == *self.object)?;
        match object.primary_key.as_slice() {
            [column] => Some(column),
            _ => None,
        }
    }

    /// Whether the gateway can ask it as whoever is admitted here, with nothing but what the path of the request holds.
    fn is_askable(&self, one: &Endpoint, route: &RouteKey) -> bool {
        let is_open = matches!(one.access.verdict(), AccessVerdict::Public | AccessVerdict::Authenticated);
        *one.method() == Method::Get
            && one.kind() == EndpointKind::Http
            && one.route.host().is_none()
            && (is_open || one.access.requirement() == self.endpoint.access.requirement())
            && one.route.pattern().parameters().all(|parameter| route.has_parameter(&parameter.name))
            && one.effects.iter().all(|effect| !effect.writes())
    }

    /// Whether it shows the object that the request names: its path ends where the key stands.
    fn is_item(&self, one: &Endpoint) -> bool {
        let reads = |effect: &Effect| {
            matches!(effect, Effect::Read(read) if read.object == *self.object && !read.many
                && read.key.as_ref().is_some_and(|key| key.place == Place::Path && *key.name == *self.parameter))
        };
        let rest = self.endpoint.id().template().strip_prefix(one.id().template());
        let is_its_own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let optional = one.parameters.iter().all(|parameter| parameter.place == Place::Path || !parameter.required);
        is_its_own && optional && one.effects.iter().any(reads) && self.shows(one, false, &[self.column])
    }

    /// Whether it lists the collection that the object is an item of. One that takes parameters may list a part.
    fn is_list(&self, one: &Endpoint, key: &str) -> bool {
        let rest = self.endpoint.id().template().strip_prefix(one.id().template());
        let whole = one.parameters.iter().all(|parameter| parameter.place == Place::Path);
        rest == Some("/{}") && whole && self.shows(one, true, &[key, self.column]) && self.is_of_object(one)
    }

    fn shows(&self, one: &Endpoint, many: bool, columns: &[&str]) -> bool {
        let response = one.response.as_ref().filter(|response| response.many == many);
        let fields = response.and_then(|response| response.schema.as_ref());
        let fields = fields.map(|schema| fields_of(self.context, schema)).unwrap_or_default();
        columns.iter().all(|column| fields.iter().any(|field| field == column))
    }

    /// Whether its answer is made of such objects: it reads them, or answers through the schema that others show them through.
    fn is_of_object(&self, one: &Endpoint) -> bool {
        let is_read = |effect: &Effect| matches!(effect, Effect::Read(read) if read.object == *self.object);
        let schema = |one: &Endpoint| one.response.as_ref().and_then(|response| response.schema.clone());
        let shows = |other: &Endpoint| {
            let answers =
                |effect: &Effect| matches!(effect, Effect::Read(read) if read.object == *self.object && read.answered);
            other.effects.iter().any(answers) && schema(other) == schema(one)
        };
        one.effects.iter().any(is_read) || self.context.report.endpoints_of(&self.context.application.name).any(shows)
    }
}
