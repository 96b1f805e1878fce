//! What views take and answer where a library says so by classes and objects of its own: serializers of Django REST framework, models and
//! parsers of Flask-RESTX, schemas of marshmallow, operations of Django Ninja. Descriptions in Python read them, and give JSON Schema in
//! which such a class or model stands for its schema.

use model::{Method, Parameter, Place, RequestBody, Response, UnknownFields};
use python::Symbol;
use python::code::FunctionBody;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Site, Value};
use serde_json::{Map, Value as Json, json};

use crate::access::library_class;
use crate::frameworks::{Framework, RawRoute, attribute, django};
use crate::objects::column_schema;
use crate::parameters::{Taken, reference, typed};
use crate::schemas::Schemas;

/// Lists and objects inside each other in a described schema.
const DEPTH_MAX: usize = 24;
/// The description of what decorators leave on views.
const DECORATED: &str = "_described";
/// Classes of views, and the description that says what they take and answer.
const VIEWS: &[(&str, &str)] = &[
    ("rest_framework.views.APIView", "rest_framework._described"),
    ("flask_restx.resource.Resource", "flask_restx._described"),
];
/// What holds a schema, and the description that says which.
const SCHEMAS: &[(&str, &str)] = &[
    ("rest_framework.serializers.BaseSerializer", "rest_framework._described"),
    ("flask_restx.model.Model", "flask_restx._described"),
    ("marshmallow.schema.Schema", "marshmallow._described"),
    ("ninja.schema.ModelSchema", "ninja._described"),
];
/// What becomes of fields that a schema does not name, as descriptions say it.
const UNKNOWN_FIELDS: &[(&str, UnknownFields)] =
    &[("refused", UnknownFields::Refused), ("dropped", UnknownFields::Dropped), ("kept", UnknownFields::Kept)];
/// Keywords that hold a number or a text.
const BOUNDS: &[&str] = &[
    "type",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];
/// Places of parameters, as descriptions say them.
const PLACES: &[(&str, Place)] =
    &[("path", Place::Path), ("query", Place::Query), ("header", Place::Header), ("cookie", Place::Cookie)];

/// What an endpoint takes and answers.
#[derive(Debug, Default)]
pub(crate) struct Described {
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    pub(crate) response: Option<Response>,
}

impl Described {
    /// Adds what is taken to what a signature says; that has precedence but in a path, where a template says little of a type.
    pub(crate) fn add_to(&mut self, taken: &mut Taken) {
        for parameter in self.parameters.drain(..) {
            let known = taken.parameters.iter_mut().find(|p| p.place == parameter.place && p.name == parameter.name);
            match known {
                Some(known) if known.place == Place::Path => *known = Parameter { required: true, ..parameter },
                Some(_) => {}
                // What a path does not have is not in it, whatever a decorator says.
                None if parameter.place == Place::Path => {}
                None => taken.parameters.push(parameter),
            }
        }
        taken.parameters.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
        taken.body = taken.body.take().or_else(|| self.body.take());
    }
}

/// What descriptions of libraries say of an endpoint.
pub(crate) fn of(interp: &mut Interp<'_>, schemas: &mut Schemas, raw: &RawRoute, method: &Method) -> Described {
    let Some((library, view)) = described_view(interp, raw, method) else { return Described::default() };
    interp.refill();
    let Some(asked) = library_class(interp, library, "_of_view") else { return Described::default() };
    let in_path = raw.pattern.parameters().map(|parameter| Value::str(&parameter.name)).collect();
    let in_path = Value::Tuple(in_path);
    let arguments = Arguments::of([view, Value::str(&method.as_str().to_lowercase()), in_path]);
    let said = interp.call_outcome(&asked, arguments, raw.site).value;
    said.map(|said| read(interp, schemas, &said)).unwrap_or_default()
}

/// What the parsers take that a handler asked in the play that was just made.
pub(crate) fn parsed(
    interp: &mut Interp<'_>,
    schemas: &mut Schemas,
    raw: &RawRoute,
    method: &Method,
) -> Vec<Described> {
    let asked = interp.events().iter().filter(|event| event.what == "parsed");
    let mut parsers: Vec<Vec<Value>> = Vec::new();
    for event in asked {
        if !parsers.contains(&event.arguments.positional) {
            parsers.push(event.arguments.positional.clone());
        }
    }
    if parsers.is_empty() {
        return Vec::new();
    }
    let Some(function) = library_class(interp, DECORATED, "_of_parser") else { return Vec::new() };
    let one = |arguments: Vec<Value>| {
        interp.refill();
        let method = Value::str(&method.as_str().to_lowercase());
        let arguments = Arguments::of(std::iter::once(method).chain(arguments));
        let said = interp.call_outcome(&function, arguments, raw.site).value?;
        Some(read(interp, schemas, &said))
    };
    parsers.into_iter().filter_map(one).collect()
}

/// The answer of a description, a dict, part by part.
fn read(interp: &mut Interp<'_>, schemas: &mut Schemas, said: &Value) -> Described {
    let entries = interp.known_entries(said).unwrap_or_default();
    let part = |name: &str| entries.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value.clone());
    let is = |name: &str| part(name).is_some_and(|value| matches!(value.plain(), Value::Bool(true)));
    let mut schema = |interp: &mut Interp<'_>, name: &str| {
        let given = part(name).filter(|value| !value.is_none())?;
        let json = json_of(interp, schemas, &given, 0);
        let json = if name == "body" && is("partial") { schemas.partial(&json) } else { json };
        json.as_object().is_some_and(|json| !json.is_empty()).then_some(json)
    };
    let (body, response) = (schema(interp, "body"), schema(interp, "response"));
    // A list answers many of what is in it.
    let items =
        response.as_ref().filter(|answer| answer["type"] == "array").and_then(|answer| answer.get("items").cloned());
    let (many, response) = (is("many") || items.is_some(), items.or(response));
    let unknown = part("unknown").and_then(|word| word.as_str().map(str::to_owned));
    let unknown = UNKNOWN_FIELDS.iter().find(|(word, _)| unknown.as_deref() == Some(word)).map(|(_, does)| *does);
    let content = part("content").and_then(|content| content.as_str().map(Into::into));
    let body = body.map(|schema| RequestBody {
        schema: Some(reference(schema)),
        content_types: vec![content.unwrap_or_else(|| "application/json".into())],
        required: !is("partial") && !is("optional"),
        unknown_fields: Some(unknown.unwrap_or(UnknownFields::Dropped)),
        bytes_max: None,
    });
    let status = part("status").and_then(|status| status.as_int().or_else(|| interp.enum_value(&status)?.as_int()));
    let status = status.and_then(|status| u16::try_from(status).ok());
    let response = (response.is_some() || status.is_some()).then(|| Response {
        filtered: response.is_some(),
        schema: response.map(reference),
        status,
        content_type: None,
        many,
    });
    let listed = part("parameters").map(|listed| interp.partly_known_items(&listed)).unwrap_or_default();
    let parameters = listed.iter().filter_map(|one| parameter(interp, schemas, one)).collect();
    Described { parameters, body, response }
}

/// `(name, place, schema, whether it must be given)`
fn parameter(interp: &mut Interp<'_>, schemas: &mut Schemas, said: &Value) -> Option<Parameter> {
    let parts = interp.known_items(said)?;
    let [name, place, schema, required] = parts.as_slice() else { return None };
    let name = name.as_str()?.to_owned();
    let place = PLACES.iter().find(|(word, _)| place.as_str() == Some(word)).map(|(_, place)| *place)?;
    let schema = json_of(interp, schemas, schema, 0);
    Some(typed(name.into(), place, schema, matches!(required.plain(), Value::Bool(true))))
}

/// The description that knows a view, and the view as it is asked for.
fn described_view(interp: &Interp<'_>, raw: &RawRoute, method: &Method) -> Option<(&'static str, Value)> {
    let view = match raw.framework {
        Framework::Django => attribute(interp, &Value::Object(raw.route?), "callback")?,
        Framework::Flask | Framework::Quart | Framework::Aiohttp => raw.endpoint.clone(),
        Framework::FastApi | Framework::Starlette => return None,
    };
    let class = django::along(interp, &view, "view_class");
    let by_class = class.and_then(|class| VIEWS.iter().find(|(base, _)| interp.derives_from(&class, base)));
    match (by_class, raw.framework) {
        (Some((_, library)), _) => Some((library, view)),
        (None, Framework::Django) => {
            let path = django::operations_of(interp, &view)?;
            Some(("ninja._described", path))
        }
        (None, _) => is_decorated(interp, &view, method).then_some((DECORATED, view)),
    }
}

/// Whether a decorator left on a view, its class or its method what is taken or answered.
fn is_decorated(interp: &Interp<'_>, view: &Value, method: &Method) -> bool {
    let says = |of: &Value| django::along(interp, of, DECORATED).is_some();
    let Some(class) = django::along(interp, view, "view_class") else { return says(view) };
    let named = Symbol::new(&method.as_str().to_lowercase());
    let own = class.as_object().and_then(|class| interp.in_mro(class, named, None));
    says(view) || says(&class) || own.is_some_and(|own| says(&own))
}

/// The description that knows the schema of a class or of an instance.
pub(crate) fn library_of(interp: &Interp<'_>, holder: Obj) -> Option<&'static str> {
    let value = Value::Object(holder);
    let class = if interp.is_class(&value) { value } else { interp.class_of(&value) };
    SCHEMAS.iter().find(|(base, _)| interp.derives_from(&class, base)).map(|(_, library)| *library)
}

/// The schema of a class of serializers, or of a model, as its description reads it.
pub(crate) fn schema_of(interp: &mut Interp<'_>, schemas: &mut Schemas, class: Obj) -> Map<String, Json> {
    interp.refill();
    let site = interp.object(class).site;
    let library = library_of(interp, class);
    let asked = library.and_then(|library| library_class(interp, library, "_schema_of"));
    let made = asked.and_then(|asked| interp.call_outcome(&asked, Arguments::of([Value::Object(class)]), site).value);
    match made.map(|made| json_of(interp, schemas, &made, 0)) {
        Some(Json::Object(mut schema)) => {
            leave_out_of_answers(interp, class, &mut schema);
            schema
        }
        _ => Map::new(),
    }
}

/// The bytes of a function, from `def` to its end.
fn body_of(interp: &Interp<'_>, function: Obj) -> Option<Site> {
    let Kind::Function(value) = &interp.object(function).kind else { return None };
    match value.code.function(value.id).body {
        FunctionBody::Deferred(span) => Some(Site { file: value.file, span }),
        FunctionBody::Expression(_) => None,
    }
}

/// Fields that a serializer takes out of what it answers: `result.pop("password")` in its `to_representation`.
fn leave_out_of_answers(interp: &Interp<'_>, class: Obj, schema: &mut Map<String, Json>) {
    let method = interp.in_mro(class, Symbol::new("to_representation"), None).and_then(|method| method.as_object());
    let Some(site) = method.and_then(|method| body_of(interp, method)) else { return };
    let file = interp.program().file(site.file);
    let text = file.text.get(site.span.start as usize..site.span.end as usize).unwrap_or_default();
    let Some(Json::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties.iter_mut() {
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        let is_popped = quoted.iter().any(|name| text.contains(&format!("pop({name}")));
        let is_deleted = text.lines().any(|line| {
            line.trim_start().starts_with("del ") && quoted.iter().any(|name| line.contains(&format!("[{name}]")))
        });
        if let (true, Json::Object(property)) = (is_popped || is_deleted, property) {
            property.insert("writeOnly".to_owned(), json!(true));
        }
    }
}

/// A described schema as JSON; what is not known in it allows anything.
fn json_of(interp: &mut Interp<'_>, schemas: &mut Schemas, value: &Value, depth: usize) -> Json {
    if depth > DEPTH_MAX {
        return json!({});
    }
    match value.plain() {
        Value::None => Json::Null,
        Value::Bool(said) => json!(said),
        Value::Int(number) => json!(number),
        Value::Str(text) => json!(&**text),
        Value::Tuple(items) => {
            let items = items.clone();
            items.iter().map(|item| json_of(interp, schemas, item, depth + 1)).collect()
        }
        Value::Object(obj) => match &interp.object(*obj).kind {
            Kind::Class(_) | Kind::Instance { .. } if library_of(interp, *obj).is_some() => {
                schemas.described(interp, *obj)
            }
            Kind::Class(_) | Kind::Generic { .. } => schemas.of(interp, value),
            Kind::List { items, .. } => {
                let items = items.clone();
                items.iter().map(|item| json_of(interp, schemas, item, depth + 1)).collect()
            }
            Kind::Dict { entries, .. } => {
                let entries = entries.clone();
                object_of(interp, schemas, &entries, depth)
            }
            Kind::Instance { .. } => {
                let member = interp.enum_value(value).cloned();
                member.map_or_else(|| json!({}), |member| json_of(interp, schemas, &member, depth + 1))
            }
            _ => json!({}),
        },
        Value::External(_) => schemas.of(interp, value),
        _ => json!({}),
    }
}

fn object_of(interp: &mut Interp<'_>, schemas: &mut Schemas, entries: &[(Value, Value)], depth: usize) -> Json {
    let mut object = Map::new();
    for (key, value) in entries {
        let Some(key) = key.as_str().map(str::to_owned) else { continue };
        let json = match key.as_str() {
            "properties" => properties_of(interp, schemas, value, depth + 1),
            _ => json_of(interp, schemas, value, depth + 1),
        };
        match (key.as_str(), json) {
            // A reference to a class: what it refers to stands beside what is said of it here.
            ("$ref", Json::Object(referred)) => object.extend(referred),
            // What a column of a mapped class holds.
            ("$column", _) => object.extend(of_column(interp, value)),
            // A field of which the name is not known is not listed; that it is required says nothing.
            ("required", Json::Array(names)) => {
                let names: Vec<Json> = names.into_iter().filter(Json::is_string).collect();
                if !names.is_empty() {
                    object.insert(key, Json::Array(names));
                }
            }
            // A bound of which the number or the text is not known bounds nothing.
            (word, json) if BOUNDS.contains(&word) && (json.is_object() || json.is_null()) => {}
            ("enum", Json::Array(values)) if values.iter().any(Json::is_object) => {}
            (_, json) => drop(object.insert(key, json)),
        }
    }
    Json::Object(object)
}

/// The properties of an object: their names are no keywords.
fn properties_of(interp: &mut Interp<'_>, schemas: &mut Schemas, value: &Value, depth: usize) -> Json {
    let entries = interp.known_entries(value).unwrap_or_default();
    let named = entries.iter().filter_map(|(name, schema)| Some((name.as_str()?.to_owned(), schema)));
    named.map(|(name, schema)| (name, json_of(interp, schemas, schema, depth + 1))).collect::<Map<_, _>>().into()
}

/// `(class, name, whether it may hold nothing)` of a column.
fn of_column(interp: &mut Interp<'_>, said: &Value) -> Map<String, Json> {
    let found = interp.known_items(said).and_then(|parts| {
        let [class, name, nullable] = parts.as_slice() else { return None };
        let mut schema = column_schema(interp, class.as_object()?, name.as_str()?)?;
        if let (Value::Bool(true), Some(kind)) = (nullable.plain(), schema.get_mut("type")) {
            *kind = json!([kind.take(), "null"]);
        }
        Some(schema)
    });
    found.unwrap_or_default()
}
