//! Values that satisfy a JSON Schema: what a valid request must carry, and no more. Free text carries the canary.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{Parameter, Schema, SchemaRef, ValueType};
use serde_json::{Map, Number, Value, json};

use crate::canary::Canary;
use crate::pattern;
use crate::random::Random;

/// References, alternatives and objects inside each other.
pub(crate) const DEPTH_MAX: usize = 16;

/// The most items or characters that are made because a schema asks for at least so many.
pub(crate) const LEAST_MAX: u64 = 1_000;

/// What values are made for.
pub(crate) struct Wish<'w> {
    pub(crate) random: &'w mut Random,
    /// Put into free text.
    pub(crate) canary: Option<&'w Canary>,
    /// Optional fields that are wanted, by name, at the top.
    pub(crate) extra: Vec<&'w str>,
    /// Which of several values is taken, so that two requests differ where a field has only listed values.
    pub(crate) variant: usize,
}

/// The schemas that references lead to.
#[derive(Clone, Copy)]
pub(crate) struct Schemas<'m>(&'m IndexMap<Arc<str>, Schema>);

impl<'m> Schemas<'m> {
    pub(crate) fn new(schemas: &'m IndexMap<Arc<str>, Schema>) -> Self {
        Self(schemas)
    }

    /// The schema of a reference, references resolved and alternatives decided; none where it leads nowhere.
    pub(crate) fn of(&self, reference: &SchemaRef) -> Option<Map<String, Value>> {
        match reference {
            SchemaRef::Named(name) => self.flat(self.0.get(name)?.as_value(), 0).ok(),
            SchemaRef::Inline(schema) => self.flat(schema.as_value(), 0).ok(),
        }
    }

    /// A value for a schema, or why there is none.
    pub(crate) fn sample(&self, reference: &SchemaRef, wish: &mut Wish<'_>) -> Result<Value, String> {
        let schema = match reference {
            SchemaRef::Named(name) => {
                self.0.get(name).ok_or_else(|| format!("the schema `{name}` is not known"))?.as_value()
            }
            SchemaRef::Inline(schema) => schema.as_value(),
        };
        self.value(schema, "", 0, wish)
    }

    /// A value for a parameter outside the body.
    pub(crate) fn sample_parameter(&self, parameter: &Parameter, wish: &mut Wish<'_>) -> Result<Value, String> {
        if let Some(schema) = &parameter.schema {
            return self.sample(schema, wish);
        }
        let mut schema = match serde_json::to_value(&parameter.bounds) {
            Ok(Value::Object(bounds)) => bounds,
            _ => Map::new(),
        };
        schema.extend(of_type(parameter.value_type));
        self.value(&Value::Object(schema), &parameter.name, 0, wish)
    }

    fn value(&self, schema: &Value, name: &str, depth: usize, wish: &mut Wish<'_>) -> Result<Value, String> {
        let schema = self.flat(schema, depth)?;
        if let Some(value) = schema.get("const") {
            return Ok(value.clone());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
            let count = values.len().max(1);
            return values.get(wish.variant % count).map(|&value| value.clone()).ok_or_else(|| nothing(name));
        }
        match type_of(&schema) {
            Some("string") => string(&schema, name, wish).map(Value::String),
            Some("integer" | "number") => number(&schema, name, wish.variant),
            Some("boolean") => Ok(Value::Bool(wish.variant.is_multiple_of(2))),
            Some("array") => self.array(&schema, name, depth, wish),
            Some("object") => self.object(&schema, depth, wish),
            Some("null") => Ok(Value::Null),
            _ => match schema.get("default").filter(|value| !value.is_null()) {
                Some(value) => Ok(value.clone()),
                None => string(&schema, name, wish).map(Value::String),
            },
        }
    }

    fn array(
        &self,
        schema: &Map<String, Value>,
        name: &str,
        depth: usize,
        wish: &mut Wish<'_>,
    ) -> Result<Value, String> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if least > LEAST_MAX {
            return Err(format!("`{name}` needs {least} items, more than are made"));
        }
        let any = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&any);
        (0..least).map(|_| self.value(items, name, depth + 1, wish)).collect()
    }

    /// The required fields, and at the top those that are wanted.
    fn object(&self, schema: &Map<String, Value>, depth: usize, wish: &mut Wish<'_>) -> Result<Value, String> {
        let required: Vec<&str> = names(schema.get("required")).collect();
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let mut made = Map::new();
        for (name, property) in properties {
            let is_wanted = depth == 0 && wish.extra.contains(&name.as_str());
            if required.contains(&name.as_str()) || is_wanted {
                made.insert(name.clone(), self.value(property, name, depth + 1, wish)?);
            }
        }
        let any = Value::Bool(true);
        for name in required.into_iter().filter(|name| !properties.contains_key(*name)) {
            made.insert(name.to_owned(), self.value(&any, name, depth + 1, wish)?);
        }
        Ok(Value::Object(made))
    }

    /// A schema as one object of keywords: references followed, `allOf` merged, of alternatives the first that is not null.
    fn flat(&self, schema: &Value, depth: usize) -> Result<Map<String, Value>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("a schema is nested more than {DEPTH_MAX} levels deep"));
        }
        let mut flat = match schema {
            Value::Object(keywords) => keywords.clone(),
            Value::Bool(true) => Map::new(),
            _ => return Err("a schema admits no value".to_owned()),
        };
        if flat.contains_key("$ref") {
            let own = Schema::object(flat.clone());
            let name = own.reference_name().ok_or("a reference leads nowhere")?;
            let target = self.0.get(&*name).ok_or_else(|| format!("the schema `{name}` is not known"))?;
            flat.remove("$ref");
            flat = merged(self.flat(target.as_value(), depth + 1)?, flat);
        }
        if let Some(Value::Array(all)) = flat.remove("allOf") {
            for one in &all {
                flat = merged(flat, self.flat(one, depth + 1)?);
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(alternatives)) = flat.remove(keyword) {
                let mut usable = alternatives.iter().filter_map(|one| self.flat(one, depth + 1).ok());
                let first = usable.find(|one| type_of(one) != Some("null"));
                flat = merged(first.unwrap_or_default(), flat);
            }
        }
        Ok(flat)
    }
}

/// The names of the properties that a flat schema declares and always answers with.
pub(crate) fn declared(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, _)| name.as_str())
}

/// The required properties of a flat schema.
pub(crate) fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    names(schema.get("required"))
}

/// Whether a flat schema takes free text with room for a canary.
pub(crate) fn is_free_text(schema: &Map<String, Value>) -> bool {
    let room = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let bound = ["enum", "const", "format", "pattern"].iter().any(|keyword| schema.contains_key(*keyword));
    type_of(schema) == Some("string") && !bound && room >= crate::canary::DIGITS as u64
}

impl Schemas<'_> {
    /// The schema of a field at the top of a body, references resolved.
    pub(crate) fn property(&self, reference: &SchemaRef, name: &str) -> Option<Map<String, Value>> {
        self.flat(self.of(reference)?.get("properties")?.get(name)?, 1).ok()
    }

    /// The top-level fields of a body that take free text, with whether they are required.
    pub(crate) fn free_texts(&self, reference: &SchemaRef) -> Vec<(String, bool)> {
        let Some(schema) = self.of(reference) else { return Vec::new() };
        let needed: Vec<String> = required(&schema).map(str::to_owned).collect();
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let free = properties.into_iter().filter_map(|(name, property)| {
            let property = self.flat(&property, 1).ok()?;
            let is_password = is_password(&name, &property);
            (is_free_text(&property) && !is_password).then(|| (needed.contains(&name), name))
        });
        free.map(|(is_required, name)| (name, is_required)).collect()
    }
}

fn names(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Two sets of keywords as one: properties and required names add up, of anything else the second counts.
fn merged(mut first: Map<String, Value>, second: Map<String, Value>) -> Map<String, Value> {
    for (keyword, value) in second {
        match (first.get_mut(&keyword), value) {
            (Some(Value::Object(there)), Value::Object(more)) if keyword == "properties" => there.extend(more),
            (Some(Value::Array(there)), Value::Array(more)) if keyword == "required" => there.extend(more),
            (_, value) => _ = first.insert(keyword, value),
        }
    }
    first
}

fn type_of(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => Some(name),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ if schema.contains_key("properties") => Some("object"),
        _ => None,
    }
}

fn nothing(name: &str) -> String {
    format!("no value is allowed for `{name}`")
}

fn is_password(name: &str, schema: &Map<String, Value>) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("password") || name.to_ascii_lowercase().contains("password")
}

fn string(schema: &Map<String, Value>, name: &str, wish: &mut Wish<'_>) -> Result<String, String> {
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0);
    let most = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(LEAST_MAX);
    if least > LEAST_MAX || least > most {
        return Err(format!("`{name}` needs {least} characters, more than are made"));
    }
    if is_password(name, schema) {
        return Ok(fitted(&password(wish.random), least, most));
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        return pattern::text(pattern, wish.random);
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str) {
        return of_format(format, name, wish);
    }
    let mark = match wish.canary {
        Some(canary) => canary.to_string(),
        None => wish.random.hex(crate::canary::DIGITS),
    };
    // A mark that does not fit is none, but the text is still valid.
    let text = if most >= 16 { format!("probe {mark}") } else { mark };
    Ok(fitted(&text, least, most))
}

/// A password that rules of the usual kind accept: both cases, digits, a sign.
pub(crate) fn password(random: &mut Random) -> String {
    format!("Dw1!{}", random.hex(16))
}

/// A text of ASCII characters cut or filled to a length.
fn fitted(text: &str, least: u64, most: u64) -> String {
    let cut = |length: u64| usize::try_from(length).unwrap_or(usize::MAX);
    let mut fitted: String = text.chars().take(cut(most)).collect();
    while fitted.len() < cut(least) {
        fitted.push('x');
    }
    fitted
}

fn of_format(format: &str, name: &str, wish: &mut Wish<'_>) -> Result<String, String> {
    let mark = wish.canary.map_or_else(|| wish.random.hex(crate::canary::DIGITS), ToString::to_string);
    Ok(match format {
        "email" | "idn-email" => format!("dw-{mark}@example.com"),
        "uuid" => wish.random.uuid(),
        "uri" | "url" | "uri-reference" | "iri" => format!("https://example.com/{mark}"),
        "hostname" | "idn-hostname" => format!("dw-{mark}.example.com"),
        "date" => "2030-01-02".to_owned(),
        "time" => "03:04:05Z".to_owned(),
        "date-time" => "2030-01-02T03:04:05Z".to_owned(),
        "duration" => "P1D".to_owned(),
        // The ranges for documentation of RFC 5737 and RFC 3849.
        "ipv4" => "192.0.2.1".to_owned(),
        "ipv6" => "2001:db8::1".to_owned(),
        "binary" => return Err(format!("`{name}` is a file, and files are not sent")),
        _ => format!("probe {mark}"),
    })
}

/// The smallest number from 1 on that is allowed, further ones for further variants.
fn number(schema: &Map<String, Value>, name: &str, variant: usize) -> Result<Value, String> {
    let of = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let is_integer = type_of(schema) == Some("integer");
    let gap = if is_integer { 1.0 } else { 0.5 };
    let least = of("minimum").into_iter().chain(of("exclusiveMinimum").map(|bound| bound + gap)).reduce(f64::max);
    let most = of("maximum").into_iter().chain(of("exclusiveMaximum").map(|bound| bound - gap)).reduce(f64::min);
    let step = of("multipleOf").filter(|step| *step > 0.0).or_else(|| is_integer.then_some(1.0));
    let (least, most) = (least.unwrap_or(f64::MIN), most.unwrap_or(f64::MAX));
    let wanted = 1.0_f64.clamp(least.min(most), most);
    let start = step.map_or(wanted, |step| (wanted / step).ceil() * step);
    let step = step.unwrap_or(1.0);
    let number = (0..=variant.min(64)).rev().map(|steps| start + step * f64::from(u8::try_from(steps).unwrap_or(0)));
    let number = number.into_iter().find(|number| least <= *number && *number <= most).ok_or_else(|| nothing(name))?;
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        // Beyond 2^53 a double does not hold every integer.
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let whole = number as i64;
        return Ok(json!(whole));
    }
    Number::from_f64(number).map(Value::Number).ok_or_else(|| nothing(name))
}

/// The keywords of a type of the model.
fn of_type(value_type: ValueType) -> Map<String, Value> {
    let (name, format) = match value_type {
        ValueType::Integer => ("integer", None),
        ValueType::Number | ValueType::Decimal => ("number", None),
        ValueType::Boolean => ("boolean", None),
        ValueType::Array => ("array", None),
        ValueType::Object => ("object", None),
        ValueType::Uuid => ("string", Some("uuid")),
        ValueType::Date => ("string", Some("date")),
        ValueType::Time => ("string", Some("time")),
        ValueType::DateTime => ("string", Some("date-time")),
        ValueType::Duration => ("string", Some("duration")),
        ValueType::Email => ("string", Some("email")),
        ValueType::Url => ("string", Some("uri")),
        ValueType::IpAddress => ("string", Some("ipv4")),
        ValueType::File => ("string", Some("binary")),
        ValueType::Any | ValueType::String | ValueType::Enum | ValueType::Bytes => ("string", None),
    };
    let mut keywords = Map::from_iter([("type".to_owned(), json!(name))]);
    keywords.extend(format.map(|format| ("format".to_owned(), json!(format))));
    keywords
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(schema: Value, extra: Vec<&str>, variant: usize) -> Result<Value, String> {
        let line = json!({"type": "object", "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{3}$"}},
            "required": ["sku"]});
        let schemas = IndexMap::from([
            ("Line".into(), Schema::try_from(line).unwrap()),
            ("Loop".into(), Schema::reference("Loop")),
        ]);
        let mut random = Random::new([9; 32]);
        let canary = Canary::new(&mut random);
        let mut wish = Wish { random: &mut random, canary: Some(&canary), extra, variant };
        let schema = SchemaRef::Inline(Schema::try_from(schema).unwrap());
        let value = Schemas::new(&schemas).sample(&schema, &mut wish)?;
        let text = value.to_string().replace(canary.as_str(), "CANARY");
        Ok(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn what_is_required_is_made_and_nothing_else() {
        let schema = json!({"type": "object", "required": ["email", "name", "lines", "kind", "n", "on"], "properties": {
            "email": {"type": "string", "format": "email"},
            "name": {"type": "string", "minLength": 20, "maxLength": 40},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}], "maxLength": 500},
            "role": {"type": "string"},
            "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/schemas/Line"}},
            "kind": {"enum": ["a", "b"]},
            "n": {"type": "integer", "minimum": 3, "maximum": 4},
            "on": {"type": "boolean"},
        }});
        let made = sampled(schema.clone(), vec!["note"], 0).unwrap();
        let sku = made["lines"][0]["sku"].as_str().unwrap();
        assert_eq!(sku.len(), 3);
        assert_eq!(
            made,
            json!({"email": "dw-CANARY@example.com", "name": "probe CANARYxxxx", "note": "probe CANARY",
                "lines": [{"sku": sku}], "kind": "a", "n": 3, "on": true})
        );
        let other = sampled(schema, vec![], 1).unwrap();
        assert_eq!((&other["kind"], &other["n"], &other["on"]), (&json!("b"), &json!(4), &json!(false)));
    }

    #[test]
    fn alternatives_and_parts_are_put_together() {
        let schema = json!({"allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": ["null", "number"], "exclusiveMinimum": 0, "maximum": 0.5}}, "required": ["b"]},
        ]});
        assert_eq!(sampled(schema, vec![], 0).unwrap(), json!({"a": 1, "b": 0.5}));
        assert_eq!(sampled(json!({"const": 7}), vec![], 3).unwrap(), json!(7));
        assert_eq!(sampled(json!({"type": "integer", "maximum": -2}), vec![], 1).unwrap(), json!(-2));
        assert_eq!(sampled(json!({"type": "integer", "minimum": 11, "multipleOf": 5}), vec![], 1).unwrap(), json!(20));
    }

    #[test]
    fn what_cannot_be_made_says_why() {
        let refused = |schema| sampled(schema, vec![], 0).unwrap_err();
        assert_eq!(refused(json!({"$ref": "#/schemas/Gone"})), "the schema `Gone` is not known");
        assert_eq!(refused(json!({"$ref": "#/schemas/Loop"})), "a schema is nested more than 16 levels deep");
        assert_eq!(refused(json!(false)), "a schema admits no value");
        assert_eq!(refused(json!({"enum": []})), "no value is allowed for ``");
        assert!(refused(json!({"type": "integer", "minimum": 2, "maximum": 1})).contains("no value"));
        let file = json!({"properties": {"f": {"type": "string", "format": "binary"}}, "required": ["f"]});
        assert_eq!(refused(file), "`f` is a file, and files are not sent");
    }

    #[test]
    fn as_much_is_made_as_the_bound_says_and_no_more() {
        let text = |length: u64| sampled(json!({"type": "string", "minLength": length}), vec![], 0);
        assert_eq!(text(LEAST_MAX).unwrap().as_str().unwrap().len() as u64, LEAST_MAX - 4); // `CANARY` is shorter
        assert!(text(LEAST_MAX + 1).is_err());
        let items = |count: u64| sampled(json!({"type": "array", "minItems": count}), vec![], 0);
        assert_eq!(items(LEAST_MAX).unwrap().as_array().unwrap().len() as u64, LEAST_MAX);
        assert!(items(LEAST_MAX + 1).is_err());
    }
}
