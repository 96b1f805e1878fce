//! What an operation takes and answers, as OpenAPI writes it.

use std::sync::Arc;

use model::{Bounds, Converter, Endpoint, Parameter, Part, PathPattern, Place, ValueType};
use serde_json::{Map, Value, json};

use super::names::Names;
use super::schemas::Components;

/// A path template whose parameters have names of their own.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) path: String,
    parameters: Vec<Slot>,
}

/// A parameter of a template.
#[derive(Debug, Clone)]
struct Slot {
    /// Its name in the document.
    name: String,
    /// What it matches, where its template says so.
    value_type: ValueType,
    pattern: Option<Arc<str>>,
    rest: bool,
}

impl Template {
    pub(super) fn of(pattern: &PathPattern) -> Self {
        let mut names = Names::default();
        let mut parameters = Vec::new();
        let mut renamed = Vec::new();
        for part in pattern.parts() {
            let slot = match part {
                Part::Literal(_) => {
                    renamed.push(part.clone());
                    continue;
                }
                Part::Parameter(one) => Slot {
                    name: names.unique(&one.name, &[]),
                    value_type: of_converter(&one.converter),
                    pattern: one.regex.clone(),
                    rest: one.rest,
                },
                Part::Regex(one) => Slot {
                    name: names.unique(one.parameters.first().map_or("regex", |name| &**name), &[]),
                    value_type: ValueType::String,
                    pattern: Some(Arc::clone(&one.regex)),
                    rest: true,
                },
            };
            renamed.push(Part::Parameter(model::PathParameter::new(&*slot.name, Converter::Text)));
            parameters.push(slot);
        }
        let renamed: PathPattern = renamed.into_iter().collect();
        Self { path: renamed.rooted().to_string(), parameters }
    }
}

fn of_converter(converter: &Converter) -> ValueType {
    match converter {
        Converter::Integer => ValueType::Integer,
        Converter::Float => ValueType::Number,
        Converter::Uuid => ValueType::Uuid,
        Converter::Text | Converter::Path | Converter::Other(_) => ValueType::String,
    }
}

/// The name that is wished for an operation.
pub(super) fn id(endpoint: &Endpoint) -> String {
    let handler = &*endpoint.handler.name;
    let short = handler.rsplit('.').next().unwrap_or(handler);
    let wished = endpoint.operation_id.as_deref().unwrap_or(short);
    let plain = wished.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if plain && !wished.is_empty() {
        return wished.to_owned();
    }
    // What has no name of its own (a lambda, a route without a function) is named by its path.
    let words = endpoint.id().template().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once("at").chain(words).collect::<Vec<_>>().join("_")
}

/// The parameters: those of the path in the order of the template, whatever the handler calls them, then the others.
pub(super) fn parameters(endpoint: &Endpoint, template: &Template, components: &mut Components<'_>) -> Vec<Value> {
    let own: Vec<Arc<str>> = own_names(endpoint.route.pattern());
    let mut written = Vec::new();
    for (index, slot) in template.parameters.iter().enumerate() {
        let taken =
            endpoint.parameters.iter().find(|one| one.place == Place::Path && Some(&one.name) == own.get(index));
        let mut schema = match taken {
            Some(one) if one.value_type != ValueType::Any || one.schema.is_some() => schema_of(one, components),
            _ => schema_of(&Parameter::new("", Place::Path, slot.value_type), components),
        };
        if schema == json!({}) {
            schema = json!({"type": "string"});
        }
        if let (Some(pattern), Some(schema)) = (&slot.pattern, schema.as_object_mut()) {
            // The application's own syntax, which is Python's, is not that of JSON Schema.
            schema.insert("x-doorward-pattern".to_owned(), json!(&**pattern));
        }
        let mut parameter = json!({"name": slot.name, "in": "path", "required": true, "schema": schema});
        if slot.rest {
            parameter["x-doorward-rest"] = json!(true);
        }
        written.push(parameter);
    }
    let mut seen: Vec<(Place, String)> = Vec::new();
    for one in &endpoint.parameters {
        let Some(place) = place_of(one) else { continue };
        let identity = (one.place, one.name.to_ascii_lowercase());
        if seen.contains(&identity) {
            continue;
        }
        seen.push(identity);
        let mut parameter = json!({"name": &*one.name, "in": place, "schema": schema_of(one, components)});
        if one.required {
            parameter["required"] = json!(true);
        }
        written.push(parameter);
    }
    written
}

/// The names of an endpoint's own template, one for each slot.
fn own_names(pattern: &PathPattern) -> Vec<Arc<str>> {
    let name = |part: &Part| match part {
        Part::Literal(_) => None,
        Part::Parameter(one) => Some(Arc::clone(&one.name)),
        Part::Regex(one) => Some(one.parameters.first().cloned().unwrap_or_else(|| "regex".into())),
    };
    pattern.parts().iter().filter_map(name).collect()
}

/// Where a parameter stands that is neither in the path nor in a body. OpenAPI 3.1 section 4.8.12.2 ignores three headers.
fn place_of(parameter: &Parameter) -> Option<&'static str> {
    let ignored = ["accept", "content-type", "authorization"];
    match parameter.place {
        Place::Query => Some("query"),
        Place::Cookie => Some("cookie"),
        Place::Header if !ignored.iter().any(|field| parameter.name.eq_ignore_ascii_case(field)) => Some("header"),
        _ => None,
    }
}

fn schema_of(parameter: &Parameter, components: &mut Components<'_>) -> Value {
    if let Some(reference) = &parameter.schema {
        return components.schema(reference);
    }
    let mut schema = Map::new();
    let (kind, format) = parameter.value_type.words();
    for (key, word) in [("type", kind), ("format", format)] {
        if !word.is_empty() {
            schema.insert(key.to_owned(), json!(word));
        }
    }
    if parameter.bounds != Bounds::default()
        && let Value::Object(bounds) = json!(parameter.bounds)
    {
        schema.extend(bounds);
    }
    Value::Object(schema)
}

/// The body: what the model says of it, or the form and body fields that the handler takes one by one.
pub(super) fn body(endpoint: &Endpoint, components: &mut Components<'_>) -> Option<Value> {
    let (schema, types, required) = match &endpoint.request_body {
        Some(body) => {
            let schema = body.schema.as_ref().map(|schema| components.schema(schema));
            (schema, body.content_types.clone(), body.required)
        }
        None => fields(endpoint, components)?,
    };
    let types = match (types.is_empty(), &schema) {
        (false, _) => types,
        (true, Some(_)) => vec!["application/json".into()],
        (true, None) => vec!["*/*".into()],
    };
    let media = schema.map_or(json!({}), |schema| json!({ "schema": schema }));
    let content: Map<String, Value> = types.iter().map(|name| (name.to_string(), media.clone())).collect();
    let mut body = json!({ "content": content });
    if required {
        body["required"] = json!(true);
    }
    Some(body)
}

/// Fields that a handler reads without a declared body.
fn fields(endpoint: &Endpoint, components: &mut Components<'_>) -> Option<(Option<Value>, Vec<Arc<str>>, bool)> {
    let of = |place: Place| endpoint.parameters.iter().filter(move |one| one.place == place);
    let place = [Place::Form, Place::Body].into_iter().find(|place| of(*place).next().is_some())?;
    let has_file = of(place).any(|one| one.value_type == ValueType::File);
    let media_type = match place {
        Place::Form if has_file => "multipart/form-data",
        Place::Form => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    let mut properties = Map::new();
    for one in of(place) {
        properties.insert(one.name.to_string(), schema_of(one, components));
    }
    let required: Vec<&str> = of(place).filter(|one| one.required).map(|one| &*one.name).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    Some((Some(schema), vec![media_type.into()], !required.is_empty()))
}

/// What is known of the answers: the one of success.
pub(super) fn responses(endpoint: &Endpoint, components: &mut Components<'_>) -> Value {
    let Some(response) = &endpoint.response else {
        return json!({"default": {"description": "What is answered was not worked out."}});
    };
    let status = response.status.unwrap_or(200);
    let has_body = !matches!(status, 100..=199 | 204 | 205 | 304);
    let mut answer = json!({"description": phrase(status)});
    if let Some(reference) = response.schema.as_ref().filter(|_| has_body) {
        let mut schema = components.schema(reference);
        if response.many {
            schema = json!({"type": "array", "items": schema});
        }
        let media_type = response.content_type.as_deref().unwrap_or("application/json");
        answer["content"] = json!({media_type: {"schema": schema}});
    }
    json!({status.to_string(): answer})
}

/// RFC 9110 section 15.
fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        300..=399 => "Redirection",
        400..=499 => "Refused",
        500..=599 => "Failed",
        _ => "Answered",
    }
}

/// The server of an endpoint that one host selects.
pub(super) fn servers(host: &PathPattern) -> Value {
    let names = own_names(host);
    let variables: Map<String, Value> =
        names.iter().map(|name| (name.to_string(), json!({"default": &**name}))).collect();
    let mut server = json!({"url": format!("//{host}/")});
    if !variables.is_empty() {
        server["variables"] = Value::Object(variables);
    }
    json!([server])
}
