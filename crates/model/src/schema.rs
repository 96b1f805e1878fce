//! Schemas: JSON Schema 2020-12 exactly as written. They live, by name, in one map of the report.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A JSON Schema (draft 2020-12, core section 4.3): an object or a boolean. Every keyword is kept, known or not, in its
/// order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Value", into = "Value")]
#[schemars(with = "schemars::Schema")]
pub struct Schema(Value);

/// A schema by its name in the report's map, or in place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SchemaRef {
    /// The name of one of the report's schemas.
    Named(Arc<str>),
    /// A schema without a name.
    Inline(Schema),
}

/// A JSON value that is neither an object nor a boolean, and so no schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError;

impl Schema {
    /// The schema that every value satisfies: `true`.
    pub fn any() -> Self {
        Self(Value::Bool(true))
    }

    /// The schema that no value satisfies: `false`.
    pub fn never() -> Self {
        Self(Value::Bool(false))
    }

    /// A schema of keywords.
    pub fn object(keywords: Map<String, Value>) -> Self {
        Self(Value::Object(keywords))
    }

    /// A reference to a schema of the report's map: `{"$ref": "#/schemas/Item"}` (RFC 6901 section 6).
    pub fn reference(name: &str) -> Self {
        let pointer = name.replace('~', "~0").replace('/', "~1");
        Self(json!({ "$ref": format!("#/schemas/{pointer}") }))
    }

    /// The schema as JSON.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The value of a keyword.
    pub fn get(&self, keyword: &str) -> Option<&Value> {
        self.0.get(keyword)
    }

    /// The name that a reference made by [`reference`](Self::reference) points to.
    pub fn reference_name(&self) -> Option<String> {
        let pointer = self.get("$ref")?.as_str()?.strip_prefix("#/schemas/")?;
        Some(pointer.replace("~1", "/").replace("~0", "~"))
    }

    /// The declared properties, in order.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        let properties = self.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
    }
}

impl TryFrom<Value> for Schema {
    type Error = SchemaError;

    fn try_from(value: Value) -> Result<Self, SchemaError> {
        match value {
            Value::Object(_) | Value::Bool(_) => Ok(Self(value)),
            _ => Err(SchemaError),
        }
    }
}

impl From<Schema> for Value {
    fn from(schema: Schema) -> Self {
        schema.0
    }
}

impl From<&str> for SchemaRef {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl From<Schema> for SchemaRef {
    fn from(schema: Schema) -> Self {
        Self::Inline(schema)
    }
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a schema is a JSON object or a boolean")
    }
}

impl std::error::Error for SchemaError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_not_even_order_or_unknown_keywords() {
        let text =
            r#"{"x-order":[2,1],"type":["object","null"],"properties":{"b":true,"a":{"maximum":1e3}},"$defs":{}}"#;
        let schema: Schema = serde_json::from_str(text).unwrap();
        let names: Vec<_> = schema.properties().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(serde_json::to_string(&schema).unwrap(), text.replace("1e3", "1000.0"));
    }

    #[test]
    fn only_objects_and_booleans_are_schemas() {
        assert_eq!(Schema::try_from(json!(true)), Ok(Schema::any()));
        for value in [json!(null), json!(1), json!("x"), json!([])] {
            assert_eq!(Schema::try_from(value), Err(SchemaError));
        }
    }

    #[test]
    fn references_escape_names() {
        let reference = Schema::reference("a/b~c");
        assert_eq!(reference.as_value(), &json!({"$ref": "#/schemas/a~1b~0c"}));
        assert_eq!(reference.reference_name().as_deref(), Some("a/b~c"));
    }

    #[test]
    fn a_name_and_a_schema_in_place_are_told_apart() {
        for json in [json!("Item"), json!({"type": "array"}), json!(true)] {
            let schema: SchemaRef = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(&schema).unwrap(), json);
        }
    }
}
