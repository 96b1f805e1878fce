//! What a request carries: parameters, their places, types and bounds.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::{Schema, SchemaRef};

/// A parameter that a handler takes from the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// The name in the request (the alias, not the variable).
    pub name: Arc<str>,
    /// Where it stands.
    #[serde(rename = "in")]
    pub place: Place,
    /// What the framework makes of it before the handler runs.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What the framework checks.
    #[serde(default)]
    pub bounds: Bounds,
    /// The whole schema, where it says more than type and bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaRef>,
}

/// A place in a request, or a fact about its principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A path parameter.
    Path,
    /// The query string.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
    /// A form field, URL-encoded or multipart.
    Form,
    /// A field of a JSON body.
    Body,
    /// The host name.
    Host,
    /// A message on a WebSocket.
    Message,
    /// A claim of the principal's token: the client cannot choose it.
    Claim,
    /// The server-side session: the client cannot choose it.
    Session,
}

/// A parameter by its place and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ParameterRef {
    /// Where it stands.
    #[serde(rename = "in")]
    pub place: Place,
    /// Its name; in a body, a field's name or a JSON Pointer (RFC 6901).
    pub name: Arc<str>,
}

/// The type of a parameter or column, as far as it decides what it can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// Not declared, or anything (`Any`, `dict`).
    #[default]
    Any,
    /// Free text.
    String,
    /// A whole number.
    Integer,
    /// A floating-point number.
    Number,
    /// A decimal number.
    Decimal,
    /// True or false.
    Boolean,
    /// A UUID (RFC 9562).
    Uuid,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A date with a time.
    DateTime,
    /// A length of time.
    Duration,
    /// One of listed values (`Enum`, `Literal`, `choices`).
    Enum,
    /// A checked e-mail address.
    Email,
    /// A checked URL; its host is still the client's choice.
    Url,
    /// An IP address or network.
    IpAddress,
    /// Bytes.
    Bytes,
    /// An uploaded file.
    File,
    /// A list or set.
    Array,
    /// An object with declared fields.
    Object,
}

/// What the framework checks of a value: keywords of JSON Schema 2020-12 (validation, section 6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bounds {
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// The number below all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_minimum: Option<Number>,
    /// The number above all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_maximum: Option<Number>,
    /// The number of which all are multiples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<Number>,
    /// The fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// The most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// The fewest items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    /// The most items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// A regular expression (Python syntax).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Arc<str>>,
    /// The listed values.
    #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl Parameter {
    /// A required parameter without bounds.
    pub fn new(name: impl Into<Arc<str>>, place: Place, value_type: ValueType) -> Self {
        Self { name: name.into(), place, value_type, required: true, bounds: Bounds::default(), schema: None }
    }

    /// This parameter by its place and name.
    pub fn reference(&self) -> ParameterRef {
        ParameterRef { place: self.place, name: Arc::clone(&self.name) }
    }
}

impl ParameterRef {
    /// A parameter by its place and name.
    pub fn new(place: Place, name: impl Into<Arc<str>>) -> Self {
        Self { place, name: name.into() }
    }
}

impl Place {
    /// Whether the client chooses what stands there.
    pub fn is_chosen_by_client(self) -> bool {
        !matches!(self, Self::Claim | Self::Session)
    }
}

impl ValueType {
    /// Whether a value can hold text of the client's choice, and so an injection. A number, UUID, date or listed value
    /// cannot (it can still name an object).
    pub fn carries_text(self) -> bool {
        matches!(
            self,
            Self::Any | Self::String | Self::Email | Self::Url | Self::Bytes | Self::File | Self::Array | Self::Object
        )
    }

    /// The type that a schema declares with `type`, `format` and `enum`; null beside a type is left out.
    pub fn of_schema(schema: &Schema) -> Self {
        if schema.get("enum").is_some() || schema.get("const").is_some() {
            return Self::Enum;
        }
        let name = match schema.get("type") {
            Some(Value::String(name)) => name.as_str(),
            Some(Value::Array(names)) => {
                let mut names = names.iter().filter_map(Value::as_str).filter(|n| *n != "null");
                match (names.next(), names.next()) {
                    (Some(name), None) => name,
                    _ => return Self::Any,
                }
            }
            _ => return Self::Any,
        };
        match name {
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "array" => Self::Array,
            "object" => Self::Object,
            "string" => Self::of_format(schema.get("format").and_then(Value::as_str)),
            _ => Self::Any,
        }
    }

    /// The type and the format by which JSON Schema says it; an empty text where it has no word for it.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Any | Self::Enum => ("", ""),
            Self::String => ("string", ""),
            Self::Integer => ("integer", ""),
            Self::Number => ("number", ""),
            Self::Decimal => ("string", "decimal"),
            Self::Boolean => ("boolean", ""),
            Self::Uuid => ("string", "uuid"),
            Self::Date => ("string", "date"),
            Self::Time => ("string", "time"),
            Self::DateTime => ("string", "date-time"),
            Self::Duration => ("string", "duration"),
            Self::Email => ("string", "email"),
            Self::Url => ("string", "uri"),
            Self::IpAddress => ("string", "ip"),
            Self::Bytes => ("string", "byte"),
            Self::File => ("string", "binary"),
            Self::Array => ("array", ""),
            Self::Object => ("object", ""),
        }
    }

    fn of_format(format: Option<&str>) -> Self {
        match format {
            Some("uuid") => Self::Uuid,
            Some("date") => Self::Date,
            Some("time") => Self::Time,
            Some("date-time") => Self::DateTime,
            Some("duration") => Self::Duration,
            Some("email") => Self::Email,
            Some("uri" | "url") => Self::Url,
            Some("ipv4" | "ipv6") => Self::IpAddress,
            Some("byte") => Self::Bytes,
            Some("binary") => Self::File,
            _ => Self::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_use_the_keywords_of_json_schema() {
        let bounds =
            Bounds { minimum: Some(1.into()), max_length: Some(20), values: vec![json!("a")], ..Bounds::default() };
        let json = json!({"minimum": 1, "maxLength": 20, "enum": ["a"]});
        assert_eq!(serde_json::to_value(&bounds).unwrap(), json);
        assert_eq!(serde_json::from_value::<Bounds>(json).unwrap(), bounds);
    }

    #[test]
    fn the_type_of_a_schema_decides_what_it_can_carry() {
        let table = [
            (json!({"type": "string"}), ValueType::String),
            (json!({"type": ["null", "string"], "format": "uuid"}), ValueType::Uuid),
            (json!({"type": "string", "enum": ["a"]}), ValueType::Enum),
            (json!({"type": ["integer", "string"]}), ValueType::Any),
            (json!({"type": "integer"}), ValueType::Integer),
            (json!(true), ValueType::Any),
        ];
        for (schema, expected) in table {
            let schema = Schema::try_from(schema).unwrap();
            assert_eq!(ValueType::of_schema(&schema), expected, "{schema:?}");
        }
        assert!(ValueType::Url.carries_text() && !ValueType::Uuid.carries_text());
    }
}
