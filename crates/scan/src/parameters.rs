//! What an endpoint takes and answers, from its signature as FastAPI reads it.

use std::sync::Arc;

use model::{Bounds, Converter, Parameter, Place, RequestBody, Response, Schema, SchemaRef, UnknownFields, ValueType};
use python::code::ParameterKind;
use python::interp::{Interp, SignatureParameter};
use python::value::Value;
use serde_json::{Map, Value as Json, json};

use crate::frameworks::{RawRoute, attribute};
use crate::schemas::{self, Schemas};

/// Dependencies of dependencies.
const DEPTH_MAX: usize = 24;

/// What an endpoint takes.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
}

#[derive(Default)]
struct Collector {
    parameters: Vec<Parameter>,
    /// Name, schema, whether it must be given, whether it is nested under its name.
    body: Vec<(Arc<str>, Json, bool, bool)>,
    form: bool,
    file: bool,
    unknown_fields: Option<UnknownFields>,
}

/// Reads the signatures of a handler and its dependencies.
pub(crate) fn taken(interp: &mut Interp<'_>, schemas: &mut Schemas, raw: &RawRoute) -> Taken {
    let mut collector = Collector::default();
    let has_signature = !raw.framework.has_global_request() && raw.route.is_some();
    if has_signature && !interp.is_class(&raw.endpoint) {
        collector.callable(interp, schemas, raw, &raw.endpoint, 0);
    }
    if let Some(function) = &raw.signature {
        collector.callable(interp, schemas, raw, function, 0);
    }
    for depends in raw.dependencies.iter().filter(|_| has_signature) {
        if let Some(callable) = attribute(interp, depends, "dependency") {
            collector.callable(interp, schemas, raw, &callable, 1);
        }
    }
    for parameter in raw.pattern.parameters() {
        if !collector.parameters.iter().any(|p| p.place == Place::Path && p.name == parameter.name) {
            let value_type = type_of(&parameter.converter);
            collector.parameters.push(Parameter::new(Arc::clone(&parameter.name), Place::Path, value_type));
        }
    }
    collector.finish()
}

/// What a handler receives of a parameter that only the path declares.
fn type_of(converter: &Converter) -> ValueType {
    match converter {
        Converter::Integer => ValueType::Integer,
        Converter::Float => ValueType::Number,
        Converter::Uuid => ValueType::Uuid,
        Converter::Text | Converter::Path | Converter::Other(_) => ValueType::String,
    }
}

impl Collector {
    fn callable(
        &mut self,
        interp: &mut Interp<'_>,
        schemas: &mut Schemas,
        raw: &RawRoute,
        callable: &Value,
        depth: usize,
    ) {
        if depth > DEPTH_MAX || interp.is_stub_instance(callable) {
            return;
        }
        // An operation is given the request first, and a method of a controller its instance.
        let given = usize::from(raw.signature.as_ref() == Some(callable));
        for parameter in interp.signature(callable).unwrap_or_default().into_iter().skip(given) {
            if matches!(parameter.kind, ParameterKind::VarKeyword | ParameterKind::VarPositional)
                || (given > 0 && parameter.name == "request")
            {
                continue;
            }
            let (annotation, extras) = interp.annotated(parameter.annotation.as_ref());
            let marker = extras.iter().chain(parameter.default.iter()).find(|v| marks(interp, v)).cloned();
            let of = marker.as_ref().map(|m| interp.class_of(m));
            if of.as_ref().is_some_and(|c| interp.derives_from(c, "fastapi.params.Depends")) {
                let named = marker.and_then(|m| attribute(interp, &m, "dependency")).filter(|d| !d.is_none());
                if let Some(inner) = named.or_else(|| annotation.and_then(|a| interp.class_in(&a))) {
                    self.callable(interp, schemas, raw, &inner, depth + 1);
                }
                continue;
            }
            self.parameter(interp, schemas, raw, &parameter, marker.as_ref());
        }
    }

    fn parameter(
        &mut self,
        interp: &mut Interp<'_>,
        schemas: &mut Schemas,
        raw: &RawRoute,
        parameter: &SignatureParameter,
        marker: Option<&Value>,
    ) {
        let annotation = parameter.annotation.clone().unwrap_or(Value::unknown("no annotation"));
        let class = interp.class_in(&annotation);
        if class.as_ref().is_some_and(|c| given_by_framework(interp, c)) {
            return;
        }
        let mut schema = schemas.of(interp, &annotation);
        let in_path = raw.pattern.parameters().any(|p| *p.name == *parameter.name.as_str());
        let place = marker
            .and_then(|m| place_of(interp, m))
            .unwrap_or_else(|| if in_path { Place::Path } else { default_place(&schema) });
        let field = marker.filter(|m| schemas::is_field(interp, m));
        if let Some(field) = field {
            schemas::constrain(interp, &mut schema, field);
        }
        let default = parameter.default.as_ref().or(field);
        let required = place == Place::Path || schemas::is_required(interp, default);
        let alias = field.and_then(|f| schemas::alias(interp, f));
        let name: Arc<str> = match (alias, place) {
            (Some(alias), _) => alias.into(),
            (None, Place::Header) => parameter.name.as_str().replace('_', "-").into(),
            _ => parameter.name.as_str().into(),
        };
        let flat = marker.filter(|_| place != Place::Body).and_then(|_| flat_fields(schemas, &schema, &mut Vec::new()));
        if let Some(fields) = flat {
            return self.fields(interp, marker, place, fields);
        }
        match place {
            Place::Body | Place::Form => self.body_part(interp, marker, class.as_ref(), name, schema, required),
            _ => self.parameters.push(typed(name, place, schema, required)),
        }
    }

    /// The fields of a model that stand in a place one by one.
    fn fields(
        &mut self,
        interp: &Interp<'_>,
        marker: Option<&Value>,
        place: Place,
        fields: Vec<(Arc<str>, Json, bool)>,
    ) {
        for (name, schema, required) in fields {
            match place {
                Place::Form => self.body_part(interp, marker, None, name, schema, required),
                Place::Header => self.parameters.push(typed(name.replace('_', "-").into(), place, schema, required)),
                _ => self.parameters.push(typed(name, place, schema, required || place == Place::Path)),
            }
        }
    }

    fn body_part(
        &mut self,
        interp: &Interp<'_>,
        marker: Option<&Value>,
        class: Option<&Value>,
        name: Arc<str>,
        schema: Json,
        required: bool,
    ) {
        let of = marker.map(|m| interp.class_of(m));
        let is = |name: &str| of.as_ref().is_some_and(|c| interp.derives_from(c, name));
        self.form |= is("fastapi.params.Form");
        self.file |= is("fastapi.params.File") || schema.get("format").and_then(Json::as_str) == Some("binary");
        let embedded =
            marker.and_then(|m| attribute(interp, m, "embed")).is_some_and(|e| matches!(e.plain(), Value::Bool(true)));
        let extra = class.and_then(Value::as_object).and_then(|c| schemas::extra_fields(interp, c));
        self.unknown_fields = self.unknown_fields.or(match extra.as_deref() {
            Some("forbid") => Some(UnknownFields::Refused),
            Some("allow") => Some(UnknownFields::Kept),
            _ => class.map(|_| UnknownFields::Dropped),
        });
        self.body.push((name, schema, required, embedded || self.form || self.file));
    }

    fn finish(mut self) -> Taken {
        self.parameters.sort_by(|a, b| (a.place, &a.name).cmp(&(b.place, &b.name)));
        self.parameters.dedup_by(|a, b| a.place == b.place && a.name == b.name);
        let content_type = if self.file {
            "multipart/form-data"
        } else if self.form {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let required = self.body.iter().any(|(_, _, required, _)| *required);
        let schema = match self.body.as_slice() {
            [] => {
                return Taken { parameters: self.parameters, body: None };
            }
            [(_, schema, _, false)] => schema.clone(),
            parts => {
                let properties: Map<String, Json> =
                    parts.iter().map(|(n, s, _, _)| (n.to_string(), s.clone())).collect();
                let required: Vec<&str> = parts.iter().filter(|(_, _, r, _)| *r).map(|(n, _, _, _)| &**n).collect();
                json!({ "type": "object", "properties": properties, "required": required })
            }
        };
        let body = RequestBody {
            schema: Some(reference(schema)),
            content_types: vec![content_type.into()],
            required,
            unknown_fields: self.unknown_fields,
            bytes_max: None,
        };
        Taken { parameters: self.parameters, body: Some(body) }
    }
}

/// The fields of a model, and those of the models in it, as they stand beside each other where only single values can. Each model is
/// taken apart once: it may hold itself.
fn flat_fields(schemas: &Schemas, schema: &Json, taken: &mut Vec<Json>) -> Option<Vec<(Arc<str>, Json, bool)>> {
    let fields = schemas.fields_of(schema).filter(|_| !taken.contains(schema))?;
    taken.push(schema.clone());
    let mut flat = Vec::with_capacity(fields.len());
    for (name, schema, required) in fields {
        match flat_fields(schemas, &schema, taken) {
            Some(inner) => flat.extend(inner.into_iter().map(|(name, schema, must)| (name, schema, must && required))),
            None => flat.push((name, schema, required)),
        }
    }
    Some(flat)
}

fn marks(interp: &Interp<'_>, value: &Value) -> bool {
    let class = interp.class_of(value);
    interp.derives_from(&class, "fastapi.params.Depends") || interp.derives_from(&class, "fastapi.params.Param")
}

/// Types whose values the framework makes by itself.
fn given_by_framework(interp: &Interp<'_>, class: &Value) -> bool {
    const GIVEN: &[&str] = &[
        "starlette.requests.HTTPConnection",
        "django.http.request.HttpRequest",
        "starlette.responses.Response",
        "starlette.background.BackgroundTask",
        "fastapi.security.schemes.SecurityScopes",
    ];
    GIVEN.iter().any(|name| interp.derives_from(class, name))
}

fn place_of(interp: &Interp<'_>, marker: &Value) -> Option<Place> {
    const PLACES: &[(&str, Place)] = &[
        ("Path", Place::Path),
        ("Query", Place::Query),
        ("Header", Place::Header),
        ("Cookie", Place::Cookie),
        ("Form", Place::Form),
        ("Body", Place::Body),
    ];
    let class = interp.class_of(marker);
    PLACES
        .iter()
        .find(|(name, _)| interp.derives_from(&class, &format!("fastapi.params.{name}")))
        .map(|(_, place)| *place)
}

/// Without a marker: single values are in the query, everything else is the body.
fn default_place(schema: &Json) -> Place {
    let single = |s: &Json| match s.get("type").and_then(Json::as_str) {
        Some("array" | "object") => false,
        Some(_) => s.get("format").and_then(Json::as_str) != Some("binary"),
        None => s.get("$ref").is_none(),
    };
    let is_query = match schema.get("anyOf").and_then(Json::as_array) {
        Some(any) => any.iter().all(single),
        None => single(schema),
    };
    if is_query { Place::Query } else { Place::Body }
}

/// A parameter of which the schema is known.
pub(crate) fn typed(name: Arc<str>, place: Place, schema: Json, required: bool) -> Parameter {
    let bare = without_null(&schema);
    let bounds: Bounds = serde_json::from_value(bare.clone()).unwrap_or_default();
    let value_type = Schema::try_from(bare.clone()).map_or(ValueType::Any, |s| ValueType::of_schema(&s));
    let mut parameter = Parameter::new(name, place, value_type);
    parameter.required = required;
    parameter.bounds = bounds;
    if bare.get("items").is_some() || bare.get("$ref").is_some() {
        parameter.schema = Some(reference(schema));
    }
    parameter
}

/// `X | None` as a parameter is an `X` that may be left out.
fn without_null(schema: &Json) -> Json {
    let Some(any) = schema.get("anyOf").and_then(Json::as_array) else {
        return schema.clone();
    };
    let rest: Vec<&Json> = any.iter().filter(|s| s.get("type").and_then(Json::as_str) != Some("null")).collect();
    match rest.as_slice() {
        [one] => {
            let mut one = (*one).clone();
            if let (Some(one), Some(outer)) = (one.as_object_mut(), schema.as_object()) {
                one.extend(outer.iter().filter(|(k, _)| *k != "anyOf").map(|(k, v)| (k.clone(), v.clone())));
            }
            one
        }
        _ => schema.clone(),
    }
}

/// A schema as what refers to it: by its name, if it has one.
pub(crate) fn reference(schema: Json) -> SchemaRef {
    match Schema::try_from(schema) {
        Ok(schema) => match schema.reference_name() {
            Some(name) => SchemaRef::from(name.as_str()),
            None => SchemaRef::from(schema),
        },
        Err(_) => SchemaRef::from(Schema::any()),
    }
}

/// What an endpoint answers: its response model, or what its handler is annotated to return.
pub(crate) fn response(interp: &mut Interp<'_>, schemas: &mut Schemas, raw: &RawRoute) -> Option<Response> {
    let route = Value::Object(raw.route.filter(|_| !raw.framework.has_global_request())?);
    let status =
        attribute(interp, &route, "status_code").and_then(|s| s.as_int().or_else(|| interp.enum_value(&s)?.as_int()));
    let declared = attribute(interp, &route, "response_model").filter(|m| !m.is_none());
    let returned = interp.return_annotation(&raw.endpoint).filter(|r| !r.is_none());
    let model = declared.or(returned).filter(|m| !interp.class_in(m).is_some_and(|c| given_by_framework(interp, &c)));
    let schema = model.map(|m| schemas.of(interp, &m)).filter(|s| s.as_object().is_some_and(|o| !o.is_empty()));
    if schema.is_none() && status.is_none() {
        return None;
    }
    let many = schema.as_ref().is_some_and(|s| s.get("type").and_then(Json::as_str) == Some("array"));
    let one = match (&schema, many) {
        (Some(list), true) => list.get("items").cloned().or(schema.clone()),
        _ => schema,
    };
    Some(Response {
        filtered: one.is_some(),
        schema: one.map(reference),
        status: status.and_then(|s| u16::try_from(s).ok()),
        content_type: None,
        many,
    })
}
