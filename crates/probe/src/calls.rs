//! From an endpoint of the model to a valid request: the path filled in, the query and headers that are required, a body
//! that satisfies the schema.

use std::collections::BTreeMap;

use model::{Converter, Endpoint, EndpointKind, ParameterRef, Part, Place, RequestBody};
use serde_json::{Map, Value};

use crate::request::{Body, Given, Learned, Request, Text, plain};
use crate::values::{Schemas, Wish};

/// Values that are not left to the schema.
pub(crate) type Givens = BTreeMap<ParameterRef, Given>;

/// A request to an endpoint, or why none can be made.
pub(crate) fn request(
    schemas: Schemas<'_>,
    endpoint: &Endpoint,
    givens: &Givens,
    wish: &mut Wish<'_>,
) -> Result<Request, String> {
    if endpoint.kind() == EndpointKind::Websocket {
        return Err("it is a WebSocket, and this build attacks requests only".to_owned());
    }
    if endpoint.route.host().is_some() || endpoint.id().version().is_some() {
        return Err("a host or a version outside the path selects it, which this build does not send".to_owned());
    }
    let mut path = path(endpoint, givens)?;
    let mut headers = Vec::new();
    let mut joint = "?";
    for parameter in &endpoint.parameters {
        let reference = parameter.reference();
        let given = match givens.get(&reference) {
            Some(given) => given.clone(),
            None if parameter.required && parameter.place != Place::Path => {
                schemas.sample_parameter(parameter, wish)?.into()
            }
            None => continue,
        };
        match parameter.place {
            Place::Query => {
                path.push(joint);
                path.push_encoded(&Given::from(Value::from(&*parameter.name)), false);
                path.push("=");
                path.push_encoded(&given, false);
                joint = "&";
            }
            Place::Header => headers.push((parameter.name.to_string(), text(&given))),
            Place::Cookie => {
                let mut cookie = Text::plain(format!("{}=", parameter.name));
                cookie.push_encoded(&given, false);
                headers.push(("Cookie".to_owned(), cookie));
            }
            _ => {}
        }
    }
    let body = match &endpoint.request_body {
        Some(declared) => body(schemas, declared, givens, wish)?,
        None => Body::None,
    };
    let method = match endpoint.method() {
        // Where any will do, one that reads.
        model::Method::Any => "GET".to_owned(),
        method => method.as_str().to_owned(),
    };
    Ok(Request { endpoint: endpoint.id().clone(), method, path, headers, body })
}

fn path(endpoint: &Endpoint, givens: &Givens) -> Result<Text, String> {
    let mut path = Text::default();
    for part in endpoint.route.pattern().parts() {
        match part {
            Part::Literal(text) => path.push_path(text),
            Part::Parameter(parameter) => {
                let given = givens.get(&ParameterRef::new(Place::Path, parameter.name.clone()));
                let given = given.ok_or_else(|| format!("no value is known for `{}` in the path", parameter.name))?;
                path.push_encoded(given, parameter.rest || parameter.converter == Converter::Path);
            }
            Part::Regex(_) => return Err("its path is a regular expression".to_owned()),
        }
    }
    Ok(path)
}

fn body(schemas: Schemas<'_>, declared: &RequestBody, givens: &Givens, wish: &mut Wish<'_>) -> Result<Body, String> {
    let is_form = |media_type: &str| media_type == "application/x-www-form-urlencoded";
    let types = &declared.content_types;
    let is_json = types.is_empty() || types.iter().any(|one| one.ends_with("json"));
    if !is_json && !types.iter().any(|one| is_form(one)) {
        return Err(format!("it takes `{}`, and this build sends JSON and URL-encoded forms", types.join("`, `")));
    }
    let mut document = match &declared.schema {
        Some(schema) => schemas.sample(schema, wish)?,
        None => Value::Object(Map::new()),
    };
    let mut learned = Vec::new();
    for (reference, given) in givens {
        if !matches!(reference.place, Place::Body | Place::Form) {
            continue;
        }
        let pointer = pointer(&reference.name);
        if put(&mut document, &pointer, given.value.clone()) {
            learned.extend(given.learned.clone().map(|one| (pointer, one)));
        }
    }
    if is_json {
        return Ok(Body::Json(document, learned));
    }
    let Value::Object(fields) = document else { return Err("its form has no fields".to_owned()) };
    let of = |name: &str| learned.iter().find(|(pointer, _)| pointer[1..] == *name).map(|(_, one)| one);
    let field = |(name, value): (String, Value)| {
        let text = of(&name).map_or_else(|| Text::plain(plain(&value)), learned_text);
        (name, text)
    };
    Ok(Body::Form(fields.into_iter().map(field).collect()))
}

fn learned_text(learned: &Learned) -> Text {
    let mut text = Text::default();
    text.push_learned(learned);
    text
}

fn text(given: &Given) -> Text {
    given.learned.as_ref().map_or_else(|| Text::plain(plain(&given.value)), learned_text)
}

/// A field's name or a pointer as a pointer (RFC 6901).
pub(crate) fn pointer(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/{}", name.replace('~', "~0").replace('/', "~1")) }
}

/// Puts a value at a pointer, making the objects on the way; whether there was a place for it.
fn put(document: &mut Value, pointer: &str, value: Value) -> bool {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value;
        return true;
    }
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match document.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.insert(name.replace("~1", "/").replace("~0", "~"), value);
            true
        }
        Some(_) => false,
        None => put(document, parent, Value::Object(Map::new())) && put(document, pointer, value),
    }
}
