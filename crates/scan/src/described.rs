//! What views take and answer where a library says so by classes of its own: serializers of Django REST framework, models of
//! Flask-RESTX. Descriptions in Python
//! read them, and give JSON Schema in which such a class or model stands for its schema.

use model::{Method, RequestBody, Response, Schema, SchemaRef, UnknownFields};
use python::Symbol;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Value};
use serde_json::{Map, Value as Json, json};

use crate::access::library_class;
use crate::frameworks::{Framework, RawRoute, attribute, django};
use crate::schemas::Schemas;

/// Lists and objects inside each other in a described schema.
const DEPTH_MAX: usize = 24;
/// Classes of views, and the description that says what they take and answer.
const VIEWS: &[(&str, &str)] = &[
    ("rest_framework.views.APIView", "rest_framework._described"),
    ("flask_restx.resource.Resource", "flask_restx._described"),
];
/// What holds a schema, and the description that says which.
const SCHEMAS: &[(&str, &str)] = &[
    ("rest_framework.serializers.BaseSerializer", "rest_framework._described"),
    ("flask_restx.model.Model", "flask_restx._described"),
];

/// What an endpoint takes and answers.
#[derive(Debug, Default)]
pub(crate) struct Described {
    pub(crate) body: Option<RequestBody>,
    pub(crate) response: Option<Response>,
}

/// What descriptions of libraries say of an endpoint.
pub(crate) fn of(interp: &mut Interp<'_>, schemas: &mut Schemas, raw: &RawRoute, method: &Method) -> Described {
    let Some((library, view)) = described_view(interp, raw) else { return Described::default() };
    interp.refill();
    let Some(asked) = library_class(interp, library, "_of_view") else { return Described::default() };
    let arguments = Arguments::of([view, Value::str(&method.as_str().to_lowercase())]);
    let answer = interp.call_outcome(&asked, arguments, raw.site).value.and_then(|value| interp.known_items(&value));
    let Some([request, response, many, status]) = answer.as_deref() else { return Described::default() };
    let request = request.as_object().map(|holder| schemas.described(interp, holder));
    let request = request.map(|whole| if *method == Method::Patch { schemas.partial(&whole) } else { whole });
    let response = response.as_object().map(|holder| schemas.described(interp, holder));
    let status = status.as_int().and_then(|status| u16::try_from(status).ok());
    let body = request.map(|schema| RequestBody {
        schema: Some(reference(schema)),
        content_types: vec!["application/json".into()],
        required: *method != Method::Patch,
        unknown_fields: Some(UnknownFields::Dropped),
        bytes_max: None,
    });
    let response = (response.is_some() || status.is_some()).then(|| Response {
        filtered: response.is_some(),
        schema: response.map(reference),
        status,
        content_type: None,
        many: matches!(many.plain(), Value::Bool(true)),
    });
    Described { body, response }
}

/// The description that knows a view, and the view as it is asked for.
fn described_view(interp: &Interp<'_>, raw: &RawRoute) -> Option<(&'static str, Value)> {
    let view = match raw.framework {
        Framework::Django => attribute(interp, &Value::Object(raw.route?), "callback")?,
        _ => raw.endpoint.clone(),
    };
    let class = django::along(interp, &view, "view_class")?;
    VIEWS.iter().find(|(base, _)| interp.derives_from(&class, base)).map(|(_, library)| (*library, view))
}

/// The description that knows the schema of a class or of an instance.
fn library_of(interp: &Interp<'_>, holder: Obj) -> Option<&'static str> {
    let value = Value::Object(holder);
    let class = if interp.is_class(&value) { value } else { interp.class_of(&value) };
    SCHEMAS.iter().find(|(base, _)| interp.derives_from(&class, base)).map(|(_, library)| *library)
}

fn reference(schema: Json) -> SchemaRef {
    let schema = Schema::try_from(schema).unwrap_or_else(|_| Schema::any());
    match schema.reference_name() {
        Some(name) => SchemaRef::from(name.as_str()),
        None => SchemaRef::from(schema),
    }
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

/// Fields that a serializer takes out of what it answers: `result.pop("password")` in its `to_representation`.
fn leave_out_of_answers(interp: &Interp<'_>, class: Obj, schema: &mut Map<String, Json>) {
    let method = interp.in_mro(class, Symbol::new("to_representation"), None).and_then(|method| method.as_object());
    let Some(site) = method.map(|method| interp.object(method).site) else { return };
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
            Kind::Class(_) => schemas.described(interp, *obj),
            Kind::List { items, .. } => {
                let items = items.clone();
                items.iter().map(|item| json_of(interp, schemas, item, depth + 1)).collect()
            }
            Kind::Dict { entries, .. } => {
                let entries = entries.clone();
                object_of(interp, schemas, &entries, depth)
            }
            Kind::Instance { .. } if library_of(interp, *obj).is_some() => schemas.described(interp, *obj),
            Kind::Instance { .. } => {
                let member = interp.enum_value(value).cloned();
                member.map_or_else(|| json!({}), |member| json_of(interp, schemas, &member, depth + 1))
            }
            _ => json!({}),
        },
        _ => json!({}),
    }
}

fn object_of(interp: &mut Interp<'_>, schemas: &mut Schemas, entries: &[(Value, Value)], depth: usize) -> Json {
    let mut object = Map::new();
    for (key, value) in entries {
        let Some(key) = key.as_str().map(str::to_owned) else { continue };
        let json = json_of(interp, schemas, value, depth + 1);
        match (key.as_str(), json) {
            // A reference to a class: what it refers to stands beside what is said of it here.
            ("$ref", Json::Object(referred)) => object.extend(referred),
            // A field of which the name is not known is not listed; that it is required says nothing.
            ("required", Json::Array(names)) => {
                let names: Vec<Json> = names.into_iter().filter(Json::is_string).collect();
                if !names.is_empty() {
                    object.insert(key, Json::Array(names));
                }
            }
            (_, json) => drop(object.insert(key, json)),
        }
    }
    Json::Object(object)
}
