//! Which endpoint's answer gives the id that another one's parameter takes.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{Effect, Endpoint, EndpointId, IdProducer, Method, ObjectModel, ParameterRef, Place, Schema, SchemaRef};
use serde_json::Value;

/// Producers that are named for one parameter.
const PRODUCERS_MAX: usize = 3;

/// Fills in the producers of every endpoint of one application.
pub(crate) fn assign(endpoints: &mut [Endpoint], models: &[ObjectModel], schemas: &IndexMap<Arc<str>, Schema>) {
    let found: Vec<Vec<IdProducer>> = endpoints.iter().map(|one| producers(one, endpoints, models, schemas)).collect();
    for (endpoint, producers) in endpoints.iter_mut().zip(found) {
        endpoint.producers = producers;
    }
}

fn producers(
    endpoint: &Endpoint,
    all: &[Endpoint],
    models: &[ObjectModel],
    schemas: &IndexMap<Arc<str>, Schema>,
) -> Vec<IdProducer> {
    let mut found: Vec<IdProducer> = Vec::new();
    for (parameter, object, column) in keys(endpoint, models) {
        if found.iter().any(|f| f.parameter == parameter) {
            continue;
        }
        let mut givers: Vec<((u8, usize), &EndpointId, Given)> = all
            .iter()
            .filter(|other| other.application == endpoint.application && other.id() != endpoint.id())
            .filter_map(|other| {
                let given = gives(other, &object, &column, schemas)?;
                let far = usize::MAX - shared(endpoint.id().template(), other.id().template());
                Some(((given.rank, far), other.id(), given))
            })
            .collect();
        givers.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        found.extend(givers.into_iter().take(PRODUCERS_MAX).map(|(_, id, given)| IdProducer {
            parameter: parameter.clone(),
            endpoint: id.clone(),
            pointer: given.pointer.into(),
            chosen_by_client: given.chosen_by_client,
        }));
    }
    found
}

/// The parameters of an endpoint that pick an object: with the model and the column whose value they take.
fn keys(endpoint: &Endpoint, models: &[ObjectModel]) -> Vec<(ParameterRef, Arc<str>, Arc<str>)> {
    let mut found = Vec::new();
    for effect in endpoint.effects.iter().filter_map(Effect::object) {
        let Some(key) = effect.key.as_ref().filter(|k| matches!(k.place, Place::Path | Place::Query | Place::Body))
        else {
            continue;
        };
        let Some(model) = models.iter().find(|m| m.name == effect.object) else { continue };
        let column = model.primary_key.iter().chain(model.unique.iter().flatten()).find(|c| effect.filters.contains(c));
        found.extend(column.map(|c| (key.clone(), Arc::clone(&model.name), Arc::clone(c))));
    }
    found
}

/// How many segments two paths begin with in common.
fn shared(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

struct Given {
    /// The lower, the better: who makes an object has one for sure.
    rank: u8,
    pointer: String,
    chosen_by_client: bool,
}

/// Where an endpoint's answer, or what its client chose, holds the column of an object.
fn gives(endpoint: &Endpoint, object: &str, column: &str, schemas: &IndexMap<Arc<str>, Schema>) -> Option<Given> {
    let creates = endpoint.effects.iter().any(|e| matches!(e, Effect::Create(o) if *o.object == *object));
    let lists = endpoint.effects.iter().any(|e| matches!(e, Effect::Read(o) if *o.object == *object && o.many));
    let gives_list = lists && *endpoint.method() == Method::Get;
    if !creates && !gives_list {
        return None;
    }
    let rank = u8::from(!creates);
    let answered = endpoint.response.as_ref().and_then(|response| {
        let schema = resolved(response.schema.as_ref()?, schemas)?;
        let base = if response.many { "/0" } else { "" };
        pointer_in(schema.as_value(), column, schemas, 0).map(|p| format!("{base}{p}"))
    });
    if let Some(pointer) = answered {
        return Some(Given { rank, pointer, chosen_by_client: false });
    }
    let body = endpoint.request_body.as_ref().filter(|_| creates)?;
    let schema = resolved(body.schema.as_ref()?, schemas)?;
    let chosen = schema.properties().any(|(name, _)| name == column);
    chosen.then(|| Given { rank: rank + 2, pointer: format!("/{column}"), chosen_by_client: true })
}

fn resolved(reference: &SchemaRef, schemas: &IndexMap<Arc<str>, Schema>) -> Option<Schema> {
    match reference {
        SchemaRef::Named(name) => schemas.get(name).cloned(),
        SchemaRef::Inline(schema) => Some(schema.clone()),
    }
}

/// Where a schema has a property: its own, or that of the items of a list in it (`{"data": [...]}`).
fn pointer_in(schema: &Value, column: &str, schemas: &IndexMap<Arc<str>, Schema>, depth: usize) -> Option<String> {
    const DEPTH_MAX: usize = 2;
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
    if let Some(name) = named {
        return pointer_in(schemas.get(name)?.as_value(), column, schemas, depth);
    }
    let properties = schema.get("properties")?.as_object()?;
    if properties.contains_key(column) {
        return Some(format!("/{column}"));
    }
    if depth >= DEPTH_MAX {
        return None;
    }
    properties.iter().find_map(|(name, property)| {
        let items = property.get("items")?;
        Some(format!("/{name}/0{}", pointer_in(items, column, schemas, depth + 1)?))
    })
}
