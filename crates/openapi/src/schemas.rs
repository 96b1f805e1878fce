//! The one conversion of schemas to JSON Schema 2020-12, whatever the version of the document: what 3.0 and Swagger 2 took from
//! draft 4 and changed, and references, which lead into the one map of schemas.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{Gap, GapKind, Schema, SchemaRef};
use serde_json::{Map, Value, json};

use crate::Version;
use crate::references::{Unresolved, steps, target};
use crate::tree::{Kind, Node};

/// The most gaps that are told of one document.
pub(crate) const GAPS_MAX: usize = 100;

/// Keywords whose value is a schema.
const SCHEMA: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
const SCHEMAS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a map of schemas.
const NAMED: &[&str] = &["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];
/// What a parameter of Swagger 2 says beside its schema.
const OF_PARAMETER: &[&str] = &["allowEmptyValue", "collectionFormat", "description", "in", "name", "required"];

/// What could not be read, up to a bound.
pub(crate) struct Gaps {
    file: Arc<str>,
    found: Vec<Gap>,
    further: usize,
}

impl Gaps {
    pub(crate) fn new(file: Arc<str>) -> Self {
        Self { file, found: Vec::new(), further: 0 }
    }

    pub(crate) fn add(&mut self, kind: GapKind, line: u32, reason: String) {
        if self.found.len() < GAPS_MAX {
            self.found.push(Gap { kind, file: Arc::clone(&self.file), line: Some(line), reason });
        } else {
            self.further += 1;
        }
    }

    /// Notes a reference that leads nowhere.
    pub(crate) fn add_reference(&mut self, kind: GapKind, line: u32, (error, reference): (Unresolved, &str)) {
        self.add(kind, line, error.reason(reference));
    }

    pub(crate) fn into_found(self) -> Vec<Gap> {
        let Self { file, mut found, further } = self;
        if further > 0 {
            let reason = format!("{further} more references of this document could not be read");
            found.push(Gap { kind: GapKind::UnresolvedSchema, file, line: None, reason });
        }
        found
    }
}

/// The schemas of a document.
pub(crate) struct Schemas<'n> {
    root: &'n Node,
    version: Version,
    named: IndexMap<Arc<str>, Schema>,
    /// Schemas elsewhere in the document that something refers to: they are named by their pointer.
    pending: Vec<(Arc<str>, &'n Node)>,
}

impl<'n> Schemas<'n> {
    pub(crate) fn new(root: &'n Node, version: Version) -> Self {
        Self { root, version, named: IndexMap::new(), pending: Vec::new() }
    }

    /// All named schemas of the document, and those that something refers to.
    pub(crate) fn into_named(mut self, gaps: &mut Gaps) -> IndexMap<Arc<str>, Schema> {
        let declared = match self.version {
            Version::Swagger2 => self.root.get("definitions"),
            Version::V3_0 | Version::V3_1 => self.root.get("components").and_then(|node| node.get("schemas")),
        };
        for (name, node) in declared.into_iter().flat_map(Node::entries) {
            let schema = self.convert(node, gaps);
            self.named.insert(name.into(), schema);
        }
        while let Some((name, node)) = self.pending.pop() {
            let schema = self.convert(node, gaps);
            self.named.insert(name, schema);
        }
        self.named
    }

    /// A schema by its name where it is a mere reference, else in place.
    pub(crate) fn reference(&mut self, node: &'n Node, gaps: &mut Gaps) -> SchemaRef {
        let schema = self.convert(node, gaps);
        match schema.reference_name() {
            Some(name) if schema.as_value().as_object().is_some_and(|keywords| keywords.len() == 1) => {
                SchemaRef::Named(name.into())
            }
            _ => SchemaRef::Inline(schema),
        }
    }

    /// The schema that a parameter of Swagger 2 is in itself.
    pub(crate) fn of_parameter(&mut self, node: &'n Node, gaps: &mut Gaps) -> Schema {
        Schema::object(self.keywords(node, OF_PARAMETER, gaps))
    }

    /// A schema as JSON Schema 2020-12.
    pub(crate) fn convert(&mut self, node: &'n Node, gaps: &mut Gaps) -> Schema {
        match &node.kind {
            Kind::Bool(false) => Schema::never(),
            Kind::Map(_) => Schema::object(self.keywords(node, &[], gaps)),
            // What is no schema admits everything.
            _ => Schema::any(),
        }
    }

    fn value(&mut self, node: &'n Node, gaps: &mut Gaps) -> Value {
        self.convert(node, gaps).into()
    }

    fn keywords(&mut self, node: &'n Node, without: &[&str], gaps: &mut Gaps) -> Map<String, Value> {
        let old = self.version != Version::V3_1;
        let mut found = Map::new();
        if let Some(reference) = node.text_of("$ref") {
            if let Some(target) = self.target(reference, node.line, gaps) {
                found.insert("$ref".to_owned(), target);
            }
            if old {
                // Before 3.1 what stands beside a reference is ignored.
                return found;
            }
        }
        for (key, value) in node.entries() {
            if key == "$ref" || without.contains(&key) {
                continue;
            }
            let converted = self.keyword(key, value, gaps);
            found.insert(key.to_owned(), converted);
        }
        if old {
            modernise(&mut found);
        }
        found
    }

    fn keyword(&mut self, key: &str, value: &'n Node, gaps: &mut Gaps) -> Value {
        let is_schema = matches!(value.kind, Kind::Map(_) | Kind::Bool(_));
        if SCHEMA.contains(&key) && is_schema {
            return self.value(value, gaps);
        }
        if SCHEMAS.contains(&key) || (key == "items" && matches!(value.kind, Kind::List(_))) {
            return value.items().map(|item| self.value(item, gaps)).collect();
        }
        if NAMED.contains(&key) {
            let named = value.entries().map(|(name, node)| (name.to_owned(), self.value(node, gaps)));
            return Value::Object(named.collect());
        }
        if key == "discriminator" {
            return self.discriminator(value);
        }
        value.to_json()
    }

    /// What `$ref` says in the converted schema.
    fn target(&mut self, reference: &str, line: u32, gaps: &mut Gaps) -> Option<Value> {
        let node = match target(self.root, reference) {
            Ok(node) => node,
            Err(error) => {
                gaps.add_reference(GapKind::UnresolvedSchema, line, (error, reference));
                return None;
            }
        };
        let name = self.name(reference)?;
        let (name, is_declared) = name;
        if !is_declared && !self.named.contains_key(&*name) {
            // Its place is taken before it is read: schemas may refer to themselves.
            self.named.insert(Arc::clone(&name), Schema::any());
            self.pending.push((Arc::clone(&name), node));
        }
        Schema::reference(&name).get("$ref").cloned()
    }

    /// The name under which a reference is found, and whether the document itself gives it that name.
    fn name(&self, reference: &str) -> Option<(Arc<str>, bool)> {
        let pointer = reference.strip_prefix('#')?;
        let steps: Vec<_> = steps(pointer)?.collect();
        let steps: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
        match (self.version, steps.as_slice()) {
            (Version::Swagger2, ["definitions", name])
            | (Version::V3_0 | Version::V3_1, ["components", "schemas", name]) => Some(((*name).into(), true)),
            _ => Some((pointer.into(), false)),
        }
    }

    /// Swagger 2 has the property's name alone; a mapping names schemas by reference or by name.
    fn discriminator(&self, node: &Node) -> Value {
        let mut converted = match node.text() {
            Some(property) => json!({ "propertyName": property }),
            None => node.to_json(),
        };
        if let Some(mapping) = converted.get_mut("mapping").and_then(Value::as_object_mut) {
            for target in mapping.values_mut() {
                let name = target.as_str().and_then(|reference| self.name(reference)).filter(|(_, declared)| *declared);
                if let Some((name, _)) = name {
                    *target = Schema::reference(&name).get("$ref").cloned().unwrap_or_default();
                }
            }
        }
        converted
    }
}

/// What changed between draft 4, as 3.0 and Swagger 2 use it, and 2020-12.
fn modernise(schema: &mut Map<String, Value>) {
    exclusive(schema, "minimum", "exclusiveMinimum");
    exclusive(schema, "maximum", "exclusiveMaximum");
    if let Some(example) = schema.shift_remove("example") {
        schema.entry("examples").or_insert_with(|| json!([example]));
    }
    if schema.get("required").is_some_and(Value::is_boolean) {
        schema.shift_remove("required");
    }
    if schema.get("items").is_some_and(Value::is_array)
        && let Some(items) = schema.shift_remove("items")
    {
        schema.insert("prefixItems".to_owned(), items);
    }
    if let Some(definitions) = schema.shift_remove("definitions") {
        schema.insert("$defs".to_owned(), definitions);
    }
    if schema.get("type").and_then(Value::as_str) == Some("file") {
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("format".to_owned(), json!("binary"));
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("byte") => _ = schema.entry("contentEncoding").or_insert_with(|| json!("base64")),
        Some("binary") => _ = schema.entry("contentMediaType").or_insert_with(|| json!("application/octet-stream")),
        _ => {}
    }
    let nullable = schema.shift_remove("nullable").is_some_and(|value| value == true);
    if nullable | schema.shift_remove("x-nullable").is_some_and(|value| value == true) {
        admit_null(schema);
    }
}

/// A boolean beside a bound says that the bound itself is excluded.
fn exclusive(schema: &mut Map<String, Value>, bound: &str, exclusive: &str) {
    let Some(&Value::Bool(excluded)) = schema.get(exclusive) else { return };
    schema.shift_remove(exclusive);
    if excluded && let Some(value) = schema.shift_remove(bound) {
        schema.insert(exclusive.to_owned(), value);
    }
}

/// Lets a schema admit `null`, too.
fn admit_null(schema: &mut Map<String, Value>) {
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut)
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let null = || json!({ "type": "null" });
    match schema.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(Value::String(one)) if one != "null" => {
            let types = json!([one, "null"]);
            schema.insert("type".to_owned(), types);
        }
        Some(_) => {}
        None => {
            if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
                alternatives.push(null());
            } else if ["allOf", "oneOf", "not"].iter().any(|keyword| schema.contains_key(*keyword)) {
                let whole = std::mem::take(schema);
                schema.insert("anyOf".to_owned(), Value::Array(vec![Value::Object(whole), null()]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(version: Version, text: &str) -> (Value, Vec<String>) {
        let root = Node::read(text).unwrap();
        let mut gaps = Gaps::new("openapi.yaml".into());
        let mut schemas = Schemas::new(&root, version);
        let schema = schemas.value(root.get("schema").unwrap(), &mut gaps);
        (schema, gaps.into_found().into_iter().map(|gap| gap.reason).collect())
    }

    fn old(text: &str) -> Value {
        let (schema, gaps) = converted(Version::V3_0, &format!("schema: {text}"));
        assert_eq!(gaps, [""; 0]);
        schema
    }

    #[test]
    fn what_3_0_and_swagger_say_otherwise() {
        let table = [
            ("{type: string, nullable: true}", json!({"type": ["string", "null"]})),
            ("{type: string, x-nullable: true}", json!({"type": ["string", "null"]})),
            ("{type: string, nullable: false}", json!({"type": "string"})),
            ("{type: string, enum: [a], nullable: true}", json!({"type": ["string", "null"], "enum": ["a", null]})),
            (
                "{allOf: [{type: object}], nullable: true}",
                json!({"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),
            ),
            ("{anyOf: [{type: object}], nullable: true}", json!({"anyOf": [{"type": "object"}, {"type": "null"}]})),
            ("{minimum: 1, exclusiveMinimum: true}", json!({"exclusiveMinimum": 1})),
            ("{maximum: 1, exclusiveMaximum: false}", json!({"maximum": 1})),
            ("{exclusiveMinimum: true}", json!({})),
            ("{example: {a: 1}}", json!({"examples": [{"a": 1}]})),
            (
                "{type: file}",
                json!({"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}),
            ),
            ("{type: string, format: byte}", json!({"type": "string", "format": "byte", "contentEncoding": "base64"})),
            ("{discriminator: kind}", json!({"discriminator": {"propertyName": "kind"}})),
            ("{items: [{type: string, nullable: true}]}", json!({"prefixItems": [{"type": ["string", "null"]}]})),
            ("{properties: {a: {required: true, type: string}}}", json!({"properties": {"a": {"type": "string"}}})),
            ("{additionalProperties: {type: file, format: x}}", {
                let file =
                    json!({"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"});
                json!({"additionalProperties": file})
            }),
            ("{x-anything: [1], default: {nullable: true}}", json!({"x-anything": [1], "default": {"nullable": true}})),
        ];
        for (text, expected) in table {
            assert_eq!(old(text), expected, "{text}");
        }
    }

    #[test]
    fn a_schema_of_3_1_is_left_as_it_is() {
        let text = "{type: [string, 'null'], exclusiveMinimum: 1, example: a, $defs: {b: {const: 1}}, nullable: true}";
        let (schema, gaps) = converted(Version::V3_1, &format!("schema: {text}"));
        let expected = json!({
            "type": ["string", "null"], "exclusiveMinimum": 1, "example": "a", "$defs": {"b": {"const": 1}}, "nullable": true
        });
        assert_eq!((schema, gaps), (expected, vec![]));
    }

    #[test]
    fn references_lead_into_the_one_map() {
        let document = r##"{
            "schema": {"allOf": [
                {"$ref": "#/components/schemas/A~1b", "description": "dropped"},
                {"$ref": "#/paths/x"}, {"$ref": "other.json"}, {"$ref": "#/components/schemas/Absent"}
            ], "discriminator": {"propertyName": "k", "mapping": {"a": "#/components/schemas/A~1b", "b": "B"}}},
            "paths": {"x": {"type": "integer", "not": {"$ref": "#/paths/x"}}},
            "components": {"schemas": {"A/b": {"type": "string", "nullable": true}}}
        }"##;
        let root = Node::read(document).unwrap();
        let mut gaps = Gaps::new("openapi.yaml".into());
        let mut schemas = Schemas::new(&root, Version::V3_0);
        let schema = schemas.value(root.get("schema").unwrap(), &mut gaps);
        assert_eq!(
            schema,
            json!({"allOf": [{"$ref": "#/schemas/A~1b"}, {"$ref": "#/schemas/~1paths~1x"}, {}, {}],
                   "discriminator": {"propertyName": "k", "mapping": {"a": "#/schemas/A~1b", "b": "B"}}})
        );
        let named = serde_json::to_value(schemas.into_named(&mut gaps)).unwrap();
        assert_eq!(
            named,
            json!({"/paths/x": {"type": "integer", "not": {"$ref": "#/schemas/~1paths~1x"}},
                   "A/b": {"type": ["string", "null"]}})
        );
        let told: Vec<_> = gaps.into_found().into_iter().map(|gap| (gap.kind, gap.reason)).collect();
        assert_eq!(
            told,
            [
                (GapKind::UnresolvedSchema, "`$ref: other.json` is in another document, which is not read".to_owned()),
                (
                    GapKind::UnresolvedSchema,
                    "`$ref: #/components/schemas/Absent` leads to nothing in the document".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let (schema, gaps) =
            converted(Version::V3_0, "schema: {properties: {$ref: {type: string}, example: {type: file}}}");
        assert_eq!(schema["properties"]["$ref"], json!({"type": "string"}));
        assert_eq!(schema["properties"]["example"]["format"], json!("binary"));
        assert_eq!(gaps, [""; 0]);
    }

    #[test]
    fn gaps_have_a_bound() {
        let told = |count: usize| {
            let mut gaps = Gaps::new("a".into());
            (0..count).for_each(|_| gaps.add(GapKind::UnresolvedSchema, 1, String::new()));
            gaps.into_found()
        };
        assert_eq!(told(GAPS_MAX).len(), GAPS_MAX);
        let beyond = told(GAPS_MAX + 2);
        assert_eq!(beyond.len(), GAPS_MAX + 1);
        assert_eq!(beyond[GAPS_MAX].reason, "2 more references of this document could not be read");
    }
}
