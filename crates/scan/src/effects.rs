//! What handlers do to object models and to the world outside: each endpoint is played once more, with a credential of unknown content,
//! through its handler. Descriptions of libraries say what is looked up, made, changed and deleted; conditions on the way say whose it is.

mod earlier;
mod identities;
mod lookups;
mod mass;
mod nobody;
mod outside;
mod ownership;
mod related;
mod repeated;
mod saved;
mod sources;
mod statements;
mod stored;
mod trace;
mod writes;

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    Effect, Endpoint, Known, ObjectEffect, ObjectModel, OwnerCheck, OwnerPath, Parameter, ParameterRef, Place, Schema,
    SchemaRef,
};

use crate::objects::Models;
pub(crate) use mass::undeclared;
pub(crate) use nobody::{for_nobody, names_principal};
pub(crate) use outside::WATCHED;
pub(crate) use ownership::WATCHED_LABELS;
pub(crate) use sources::Source;
pub(crate) use stored::{Stored, stored};
pub(crate) use trace::{Identified, Kind, Row, Trace, trace};

/// Methods of what is not known that run a statement.
pub(crate) const WATCHED_METHODS: &[&str] = &[
    "execute",
    "executemany",
    "executescript",
    "exec_driver_sql",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_all",
    "fetch_one",
    "query",
    "run",
    "raw",
    "read_sql",
    "read_sql_query",
];

/// The schemas that bodies are declared with.
type Schemas = IndexMap<Arc<str>, Schema>;

/// The effects of an endpoint, once it is known whose objects are.
pub(crate) fn of(trace: &Trace, models: &Models, endpoint: &Endpoint, schemas: &Schemas) -> Vec<Effect> {
    let mut found: Vec<Effect> = Vec::new();
    for row in &trace.rows {
        let make = match row.kind {
            Kind::Read => Effect::Read,
            Kind::Create => Effect::Create,
            Kind::Update => Effect::Update,
            Kind::Delete => Effect::Delete,
            Kind::Identify => continue,
        };
        add(&mut found, make(object_effect(row, models, endpoint, schemas)));
    }
    for (effect, sources) in &trace.outside {
        let mut effect = effect.clone();
        if let Some(outside) = effect.outside_mut() {
            outside.parameters.extend(sources.iter().filter_map(|source| reference(source, endpoint)));
            outside.parameters.sort();
            outside.parameters.dedup();
        }
        add(&mut found, effect);
    }
    found.sort();
    found
}

/// The same thing done twice to a model is one effect: of two answers about its owner the worse counts.
fn add(found: &mut Vec<Effect>, effect: Effect) {
    if found.contains(&effect) {
        return;
    }
    found.push(effect);
}

fn object_effect(row: &Row, models: &Models, endpoint: &Endpoint, schemas: &Schemas) -> ObjectEffect {
    let model = &models.all[row.model];
    let owner = model.owner.as_ref().and_then(Known::value);
    let key = row.key.as_ref().and_then(|(_, source)| reference(source, endpoint));
    let mut filters: Vec<Arc<str>> = row.filters.iter().map(|(column, _)| Arc::clone(column)).collect();
    filters.sort();
    filters.dedup();
    let tenant = model.tenant.as_ref().and_then(Known::value);
    let declared = row.mass.as_ref().and_then(|_| mass::declared(endpoint, schemas));
    let written = mass::written(row, model, endpoint, declared.as_ref());
    ObjectEffect {
        key: key.filter(|_| !row.many),
        owner: owner.map(|o| Arc::clone(&o.column)),
        owner_check: owner.map_or(OwnerCheck::Unknown, |owner| checked(row, models, model, owner)),
        filters,
        columns: match row.kind {
            Kind::Read => row.shown.clone(),
            _ => written.iter().map(|one| Arc::clone(&one.column)).collect(),
        },
        mass: row.mass.as_ref().map(|mass| mass::write(mass, declared.as_ref())),
        written,
        tenant: tenant.map(|t| Arc::clone(&t.column)),
        tenant_check: tenant.map(|tenant| checked(row, models, model, tenant)),
        answered: row.is_answered && row.kind == Kind::Read,
        whole: row.is_whole && row.is_answered && row.kind == Kind::Read,
        many: row.many,
        evidence: row.evidence.clone(),
        ..ObjectEffect::on(Arc::clone(&model.name))
    }
}

/// Whether the column that names the owner is among those that are compared with the principal on every way.
fn checked(row: &Row, models: &Models, model: &ObjectModel, owner: &OwnerPath) -> OwnerCheck {
    if row.compared.iter().any(Vec::is_empty) {
        return OwnerCheck::Proven;
    }
    if row.compared.iter().any(|path| is_owner(path, models, row.model, owner)) {
        return OwnerCheck::Proven;
    }
    if models.principal == Some(row.model) && row.key.as_ref().is_some_and(|(_, source)| source.is_principal()) {
        return OwnerCheck::Proven;
    }
    if row.kind == Kind::Create {
        return created_for(row, model, owner);
    }
    // Another part of it is compared with the principal, or its role is asked for: that may be as good.
    let is_by_others = |path: &Vec<Arc<str>>| {
        let by_key = || models.principal.is_some() && models.referred_by(row.model, &path[0]) == models.principal;
        path.len() > 1 || models.is_django(row.model) || by_key()
    };
    let is_limited = row.by_role || row.compared.iter().any(is_by_others);
    if row.is_doubtful || is_limited { OwnerCheck::Unknown } else { OwnerCheck::Absent }
}

/// A new object belongs to whom its owner column is set to.
fn created_for(row: &Row, model: &ObjectModel, owner: &OwnerPath) -> OwnerCheck {
    if !owner.through.is_empty() || model.column(&owner.column).is_none() {
        return OwnerCheck::Unknown;
    }
    let given = row.filters.iter().find(|(column, _)| *column == owner.column).map(|(_, source)| source);
    match given {
        Some(source) if source.is_principal() => OwnerCheck::Proven,
        Some(source) if source.is_of_request() => OwnerCheck::Absent,
        _ => OwnerCheck::Unknown,
    }
}

/// Whether a compared path is the owner's: its column, the relationship that the column stands for, or a parent's.
fn is_owner(path: &[Arc<str>], models: &Models, model: usize, owner: &OwnerPath) -> bool {
    let normal = models.normal(model, path);
    let (mut at, mut path) = (model, normal.as_slice());
    for through in &owner.through {
        // `item.order.user_id`: the relationship that goes the way of the foreign key.
        let Some(first) = path.first() else { return false };
        let by_relationship = models.related(at, first).filter(|_| models.goes_by(at, first, through));
        let by_column = || (first == through).then(|| models.referred_by(at, first)).flatten();
        let Some(to) = by_relationship.or_else(by_column) else { return false };
        (at, path) = (to, &path[1..]);
    }
    match path {
        [column] if *column == owner.column => true,
        // Who the request acts for is a row of its own, whichever column says so.
        [_] if owner.through.is_empty() && models.principal == Some(at) => true,
        // `order.user.id == user.id`, where the column goes by the name of what it refers to.
        [column, key] if *column == owner.column && Some(key) == owner.references.as_ref() => true,
        // `organization__members=user`: what the column leads to leads to the principal.
        [column, ..] if *column == owner.column && models.is_django(at) => models.leads_to_principal(at, path),
        [_] | [_, _] if models.is_django(at) => false,
        // `order.user == user`
        [relation] | [relation, _] => {
            models.goes_by(at, relation, &owner.column)
                && (path.len() == 1 || Some(&path[1]) == owner.references.as_ref())
        }
        _ => false,
    }
}

/// Where the request gives a value.
pub(crate) fn reference(source: &Source, endpoint: &Endpoint) -> Option<ParameterRef> {
    match source {
        // What Django gives a view is the whole of a body or query.
        Source::Parameter { name, part } if name.starts_with('<') => {
            let place = match &**name {
                "<query>" => Place::Query,
                "<form>" => Place::Form,
                _ => Place::Body,
            };
            part.as_ref().map(|part| ParameterRef::new(place, Arc::clone(part)))
        }
        Source::Parameter { name, part } => {
            let same = |p: &&Parameter| *p.name == **name || *p.name == *name.replace('_', "-");
            let place = body_place(endpoint);
            match (endpoint.parameters.iter().find(same), part) {
                (Some(parameter), None) => Some(parameter.reference()),
                (None, Some(part)) => Some(ParameterRef::new(place?, Arc::clone(part))),
                // A field of a form, or one of several of a body.
                (None, None) => {
                    has_field(endpoint, name).then(|| ParameterRef::new(place.unwrap_or(Place::Body), Arc::clone(name)))
                }
                _ => None,
            }
        }
        Source::Field(place, Some(name)) => Some(ParameterRef::new(*place, Arc::clone(name))),
        Source::Credential(Some(claim)) => Some(ParameterRef::new(Place::Claim, Arc::clone(claim))),
        Source::Session(Some(name)) => Some(ParameterRef::new(Place::Session, Arc::clone(name))),
        Source::Field(_, None)
        | Source::Session(None)
        | Source::Credential(None)
        | Source::Row(..)
        | Source::Text
        | Source::Constant
        | Source::Nothing
        | Source::Other => None,
    }
}

/// Where the fields of an endpoint's body stand.
fn body_place(endpoint: &Endpoint) -> Option<Place> {
    let body = endpoint.request_body.as_ref()?;
    let is_form = body.content_types.iter().any(|t| t.contains("form"));
    Some(if is_form { Place::Form } else { Place::Body })
}

/// Whether the body's own schema names a field.
fn has_field(endpoint: &Endpoint, name: &str) -> bool {
    let schema = endpoint.request_body.as_ref().and_then(|b| b.schema.as_ref());
    matches!(schema, Some(SchemaRef::Inline(schema)) if schema.properties().any(|(own, _)| own == name))
}
