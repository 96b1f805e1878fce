//! Writes whose columns the request names: which of a model's columns it can set, and which of those no schema declares.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    Endpoint, MassWrite, ObjectModel, Schema, SchemaRef, UndeclaredWrite, UnknownFields, WrittenColumn, WrittenFrom,
};

use super::trace::{Kind, Mass, Row, Trace};
use super::{Source, reference};
use crate::objects::Models;

/// The fields that an endpoint's body may have.
#[derive(Debug)]
pub(super) struct Declared {
    /// The schema's name.
    name: Option<Arc<str>>,
    fields: Vec<Arc<str>>,
    /// Whether other fields reach the handler, too.
    is_open: bool,
}

/// What the body of an endpoint is declared to hold; none where nothing says.
pub(super) fn declared(endpoint: &Endpoint, schemas: &IndexMap<Arc<str>, Schema>) -> Option<Declared> {
    let body = endpoint.request_body.as_ref()?;
    let (name, schema) = match body.schema.as_ref()? {
        SchemaRef::Named(name) => (Some(Arc::clone(name)), schemas.get(name)?),
        SchemaRef::Inline(schema) => (None, schema),
    };
    let fields: Vec<Arc<str>> = schema.properties().map(|(name, _)| Arc::from(name)).collect();
    if fields.is_empty() {
        return None;
    }
    let additional = schema.as_value().get("additionalProperties");
    let keeps = additional.is_some_and(|more| *more != serde_json::Value::Bool(false));
    let is_open = keeps || body.unknown_fields == Some(UnknownFields::Kept);
    Some(Declared { name, fields, is_open })
}

/// The write as the model tells it.
pub(super) fn write(mass: &Mass, declared: Option<&Declared>) -> MassWrite {
    MassWrite {
        place: mass.place,
        schema: declared.and_then(|declared| declared.name.clone()),
        open: declared.is_none_or(|declared| declared.is_open),
        evidence: mass.evidence.clone(),
    }
}

/// The columns that a row is written, and where their values come from.
pub(super) fn written(
    row: &Row,
    model: &ObjectModel,
    endpoint: &Endpoint,
    declared: Option<&Declared>,
) -> Vec<WrittenColumn> {
    let mut found: Vec<WrittenColumn> = Vec::new();
    for (column, source) in &row.written {
        // A record takes over the fields that the schema has, and no others.
        let is_named = |mass: &Mass| matches!(source, Source::Parameter { name, part: Some(part) } if part == column && mass.parameter.as_ref() == Some(name));
        let is_left_out = row.mass.as_ref().is_some_and(is_named)
            && declared.is_some_and(|d| !d.is_open && !d.fields.contains(column));
        if !is_left_out {
            let from = match source {
                source if source.is_principal() => WrittenFrom::Principal,
                source if source.is_of_request() => WrittenFrom::Parameter,
                Source::Text => WrittenFrom::Text,
                Source::Constant | Source::Nothing => WrittenFrom::Constant,
                _ => WrittenFrom::Other,
            };
            let parameter = reference(source, endpoint).filter(|_| from == WrittenFrom::Parameter);
            found.push(WrittenColumn { column: Arc::clone(column), from, parameter });
        }
    }
    if let (Some(mass), Some(declared)) = (&row.mass, declared) {
        let more = declared.fields.iter().filter(|field| model.column(field).is_some());
        for field in more {
            if found.iter().all(|one| one.column != *field) {
                let parameter = Some(model::ParameterRef::new(mass.place, Arc::clone(field)));
                found.push(WrittenColumn { column: Arc::clone(field), from: WrittenFrom::Parameter, parameter });
            }
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.column == b.column);
    found
}

/// The columns that a request can set although no schema declares them.
pub(crate) fn undeclared(
    trace: &Trace,
    models: &Models,
    endpoint: &Endpoint,
    schemas: &IndexMap<Arc<str>, Schema>,
) -> Vec<UndeclaredWrite> {
    let mut found: Vec<UndeclaredWrite> = Vec::new();
    for row in trace.rows.iter().filter(|row| matches!(row.kind, Kind::Create | Kind::Update)) {
        let Some(mass) = &row.mass else { continue };
        let declared = declared(endpoint, schemas);
        if declared.as_ref().is_some_and(|declared| !declared.is_open) {
            continue;
        }
        let model = &models.all[row.model];
        let is_declared = |name: &Arc<str>| declared.as_ref().is_some_and(|declared| declared.fields.contains(name));
        // What the code itself sets behind that is not left to the client.
        let is_set =
            |name: &Arc<str>| row.written.iter().any(|(column, source)| column == name && !source.is_of_request());
        for column in model.columns.iter().filter(|c| !is_declared(&c.name) && !is_set(&c.name)) {
            found.push(UndeclaredWrite {
                object: Arc::clone(&model.name),
                column: Arc::clone(&column.name),
                value_type: column.value_type,
                place: mass.place,
                evidence: mass.evidence.clone(),
            });
        }
    }
    found.sort();
    found.dedup_by(|a, b| (&a.object, &a.column) == (&b.object, &b.column));
    found
}
