//! What a document says otherwise of an endpoint than the code: parameters, fields of bodies, status codes. Only what the code
//! is known to say is compared; a handler that reads the request by itself says nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use model::{Endpoint, Parameter, Place, RequestBody, Response, Schema, SchemaRef, ValueType};
use openapi::{Body, Content, Document, Operation, Status};
use serde_json::{Map, Value};

/// References from one schema to the next.
const CHAIN_MAX: usize = 8;

/// Bounds that a client relies on.
const BOUNDS: &[&str] =
    &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"];

/// One thing that document and code say otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What, as a clause.
    pub(crate) what: String,
    /// The line of the document.
    pub(crate) line: u32,
    /// Whether the code surely says otherwise, and does not merely say less.
    pub(crate) is_certain: bool,
}

/// The schemas of both sides.
struct Sides<'a> {
    code: &'a IndexMap<Arc<str>, Schema>,
    document: &'a Document,
    found: Vec<Difference>,
}

/// What an operation says otherwise than its endpoint.
pub(crate) fn differences(
    endpoint: &Endpoint,
    schemas: &IndexMap<Arc<str>, Schema>,
    document: &Document,
    operation: &Operation,
) -> Vec<Difference> {
    let mut sides = Sides { code: schemas, document, found: Vec::new() };
    if has_signature(endpoint) {
        sides.parameters(endpoint, operation);
        sides.body(endpoint.request_body.as_ref(), operation);
    }
    if let Some(response) = &endpoint.response {
        sides.answer(response, operation);
    }
    sides.found
}

/// Whether the code says what a handler takes: by its signature or a schema, and not by reading the request.
fn has_signature(endpoint: &Endpoint) -> bool {
    let declares = |one: &Parameter| matches!(one.place, Place::Query | Place::Header | Place::Cookie);
    let body = endpoint.request_body.as_ref().is_some_and(|body| body.schema.is_some());
    body || endpoint.parameters.iter().any(declares)
}

impl Sides<'_> {
    fn add(&mut self, what: String, line: u32, is_certain: bool) {
        self.found.push(Difference { what, line, is_certain });
    }

    fn parameters(&mut self, endpoint: &Endpoint, operation: &Operation) {
        let own: Vec<&Parameter> = endpoint.parameters.iter().filter(|one| one.place == Place::Query).collect();
        for declared in operation.parameters.iter().filter(|one| one.value.place == Place::Query) {
            let name = &declared.value.name;
            match own.iter().find(|one| one.name == *name) {
                Some(own) => self.parameter(own, &declared.value, declared.line),
                None => self.add(
                    format!("it has the query parameter `{name}`, which the code does not take"),
                    declared.line,
                    false,
                ),
            }
        }
        for one in own {
            let name = &one.name;
            if !operation
                .parameters
                .iter()
                .any(|declared| declared.value.place == Place::Query && declared.value.name == *name)
            {
                let asks = if one.required { "requires" } else { "takes" };
                let what = format!("it lacks the query parameter `{name}`, which the code {asks}");
                self.add(what, operation.line, one.required);
            }
        }
    }

    fn parameter(&mut self, own: &Parameter, declared: &Parameter, line: u32) {
        let name = &own.name;
        if own.required && !declared.required {
            self.add(
                format!("the query parameter `{name}` may be left out by it, and the code requires it"),
                line,
                true,
            );
        }
        if let (Some(its), Some(says)) = (kind(own.value_type), kind(declared.value_type))
            && its != says
        {
            self.add(format!("the query parameter `{name}` is {says} by it, and {its} in the code"), line, true);
            return;
        }
        let json = |one: &Parameter| serde_json::to_value(&one.bounds).unwrap_or_default();
        let mut its = json(own);
        if let (Some(kind), Some(its)) = (kind(own.value_type), its.as_object_mut()) {
            its.insert("type".to_owned(), kind.into());
        }
        self.bounds(&format!("the query parameter `{name}`"), &its, &json(declared), line);
    }

    /// A bound that both have and that differs is certain; one that the code lacks may be in a type that is not read.
    fn bounds(&mut self, what: &str, own: &Value, declared: &Value, line: u32) {
        for bound in BOUNDS {
            let Some(says) = declared.get(bound) else { continue };
            match own.get(bound) {
                Some(its) if is_same_number(its, says) => {}
                Some(its) => {
                    self.add(format!("`{bound}` of {what} is {says} by it, and {its} in the code"), line, true);
                }
                None => self.add(
                    format!("`{bound}` of {what} is {says} by it, and the code is not seen to check it"),
                    line,
                    false,
                ),
            }
        }
    }

    fn body(&mut self, own: Option<&RequestBody>, operation: &Operation) {
        let Some(own) = own.and_then(|body| body.schema.as_ref()) else { return };
        let Some(declared) = &operation.body else {
            self.add("it has no body, and the code takes one".to_owned(), operation.line, true);
            return;
        };
        let Body { content, .. } = &declared.value;
        let (Some(own), Some(says)) = (self.code_fields(own), self.document_fields(content)) else { return };
        if !are_alike(&own, &says) {
            return;
        }
        for name in own.properties.keys().filter(|name| !says.properties.contains_key(*name)) {
            let asks = if own.required.contains(name.as_str()) { "requires" } else { "takes" };
            self.add(format!("its body lacks the field `{name}`, which the code {asks}"), declared.line, true);
        }
        for (name, says_of) in &says.properties {
            match own.properties.get(name) {
                None => self.add(
                    format!("its body has the field `{name}`, which the code does not take"),
                    declared.line,
                    true,
                ),
                Some(its) => self.field(name, its, says_of, declared.line),
            }
        }
        for name in own.required.difference(&says.required).filter(|name| says.properties.contains_key(name.as_str())) {
            self.add(
                format!("the field `{name}` may be left out by it, and the code requires it"),
                declared.line,
                true,
            );
        }
    }

    fn field(&mut self, name: &str, own: &Value, declared: &Value, line: u32) {
        let of =
            |value: &Value| Schema::try_from(value.clone()).ok().and_then(|schema| kind(ValueType::of_schema(&schema)));
        match (of(own), of(declared)) {
            (Some(its), Some(says)) if its != says => {
                self.add(format!("the field `{name}` is {says} by it, and {its} in the code"), line, true);
            }
            _ => self.bounds(&format!("the field `{name}`"), own, declared, line),
        }
    }

    fn answer(&mut self, response: &Response, operation: &Operation) {
        let answers = || operation.answers.iter();
        if let Some(status) = response.status {
            let is_named = answers().any(|one| one.value.status.names(status) || one.value.status == Status::Default);
            let declared: Vec<String> = answers()
                .filter(|one| one.value.status.is_success())
                .filter_map(|one| match one.value.status {
                    Status::Code(code) => Some(code.to_string()),
                    Status::Class(_) | Status::Default => None,
                })
                .collect();
            if !is_named && !declared.is_empty() {
                let line = answers().find(|one| one.value.status.is_success()).map_or(operation.line, |one| one.line);
                self.add(format!("it answers {}, and the code {status}", declared.join(", ")), line, true);
            }
        }
        let Some(declared) = answers().find(|one| one.value.status.is_success()) else { return };
        let own = response.schema.as_ref().and_then(|schema| self.code_fields(schema));
        let says = self.document_fields(&declared.value.content);
        if let (Some(own), Some(says)) = (own, says)
            && are_alike(&own, &says)
        {
            for name in own.properties.keys().filter(|name| !says.properties.contains_key(*name)) {
                self.add(format!("its answer lacks the field `{name}`, which the code gives"), declared.line, false);
            }
        }
    }

    fn code_fields(&self, schema: &SchemaRef) -> Option<Fields> {
        fields(schema, |name| self.code.get(name))
    }

    /// The fields of an object, or of the items of a list, as answers of many are.
    fn document_fields(&self, content: &[Content]) -> Option<Fields> {
        let schema = content.iter().find_map(|one| one.schema.as_ref())?;
        let named = |name: &str| self.document.schemas.get(name);
        let whole = resolved(schema, named)?;
        match whole.get("items").cloned().and_then(|items| Schema::try_from(items).ok()) {
            Some(items) => fields(&SchemaRef::Inline(items), named),
            None => fields(schema, named),
        }
    }
}

/// The fields of an object.
struct Fields {
    properties: Map<String, Value>,
    required: BTreeSet<String>,
}

/// The fields that a schema lists in itself; none where they are put together from several.
fn fields<'s>(schema: &'s SchemaRef, named: impl Fn(&str) -> Option<&'s Schema>) -> Option<Fields> {
    let schema = resolved(schema, named)?;
    let parts = ["allOf", "anyOf", "oneOf", "patternProperties"];
    let properties = schema.get("properties")?.as_object()?.clone();
    let listed = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let required = listed.filter_map(Value::as_str).map(str::to_owned).collect();
    (!parts.iter().any(|part| schema.get(part).is_some())).then_some(Fields { properties, required })
}

/// What a reference leads to.
fn resolved<'s>(schema: &'s SchemaRef, named: impl Fn(&str) -> Option<&'s Schema>) -> Option<&'s Schema> {
    let mut current = match schema {
        SchemaRef::Named(name) => named(name)?,
        SchemaRef::Inline(schema) => schema,
    };
    for _ in 0..CHAIN_MAX {
        match current.reference_name() {
            Some(name) => current = named(&name)?,
            None => return Some(current),
        }
    }
    None
}

/// Whether two objects have half of their fields in common: else they are named by another rule (`camelCase`), or are others.
fn are_alike(a: &Fields, b: &Fields) -> bool {
    let common = a.properties.keys().filter(|name| b.properties.contains_key(*name)).count();
    common > 0 && common * 2 >= a.properties.len().max(b.properties.len())
}

/// What a value is in JSON, where that is one thing.
fn kind(value_type: ValueType) -> Option<&'static str> {
    match value_type {
        ValueType::Integer => Some("an integer"),
        ValueType::Number => Some("a number"),
        ValueType::Boolean => Some("a boolean"),
        ValueType::Array => Some("a list"),
        ValueType::Object => Some("an object"),
        ValueType::String
        | ValueType::Uuid
        | ValueType::Date
        | ValueType::Time
        | ValueType::DateTime
        | ValueType::Email
        | ValueType::Url
        | ValueType::IpAddress => Some("a text"),
        ValueType::Any
        | ValueType::Decimal
        | ValueType::Duration
        | ValueType::Enum
        | ValueType::Bytes
        | ValueType::File => None,
    }
}

fn is_same_number(a: &Value, b: &Value) -> bool {
    a == b || matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if (a - b).abs() < f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_have_a_bound() {
        let chain = |length: usize| {
            let last = Schema::try_from(json!({"properties": {"a": {}}})).unwrap();
            let mut schemas = IndexMap::from([(Arc::<str>::from(format!("s{length}")), last)]);
            for index in 0..length {
                schemas.insert(format!("s{index}").into(), Schema::reference(&format!("s{}", index + 1)));
            }
            fields(&"s0".into(), |name| schemas.get(name)).is_some()
        };
        assert!(chain(CHAIN_MAX - 1));
        assert!(!chain(CHAIN_MAX));
    }

    #[test]
    fn objects_that_are_named_by_another_rule_are_not_compared() {
        let of = |names: &[&str]| Fields {
            properties: names.iter().map(|name| ((*name).to_owned(), json!({}))).collect(),
            required: BTreeSet::new(),
        };
        assert!(are_alike(&of(&["a", "b"]), &of(&["a", "c"])));
        assert!(!are_alike(&of(&["first_name", "last_name", "id"]), &of(&["firstName", "lastName", "id"])));
        assert!(!are_alike(&of(&[]), &of(&[])));
    }
}
