//! Reading a policy: values with their places, and every mistake at once. A table is declared once (`table!`, `one_of!`,
//! `words!` in `declare.rs`); reading it, writing it, its JSON Schema and the nearest valid key follow from that.

use std::borrow::Cow;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::{Mistake, listed};
use crate::nearest::did_you_mean;

/// A value at its place in the file.
pub(crate) type Found<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// What a value of a policy can be made of.
pub(crate) trait Value: Sized + JsonSchema {
    /// Reads a value; where it is none, says so and gives nothing.
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self>;

    /// The value as it stands behind a key, on one line.
    fn text(&self) -> String;
}

/// What may stand behind a key: a value that must be there, or one that may be absent.
pub(crate) trait Field: Sized {
    /// Whether the key must be there.
    const REQUIRED: bool;

    /// What the key means when it is absent.
    fn absent() -> Option<Self>;

    /// Reads what stands behind the key.
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self>;

    /// What is written behind the key; nothing where the key is left out.
    fn text(&self) -> Option<String>;

    /// Its JSON Schema.
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

impl<T: Value> Field for T {
    const REQUIRED: bool = true;

    fn absent() -> Option<Self> {
        None
    }

    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        <T as Value>::read(found, mistakes)
    }

    fn text(&self) -> Option<String> {
        Some(Value::text(self))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: Value> Field for Option<T> {
    const REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        T::read(found, mistakes).map(Some)
    }

    fn text(&self) -> Option<String> {
        self.as_ref().map(Value::text)
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// A list; an absent one is empty.
impl<T: Value> Field for Vec<T> {
    const REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let Some(items) = found.get_ref().as_array() else {
            mistakes.push(unexpected(found, "a list: `[...]`"));
            return None;
        };
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, mistakes)).collect();
        read.into_iter().collect()
    }

    fn text(&self) -> Option<String> {
        let items: Vec<String> = self.iter().map(Value::text).collect();
        (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items })
    }
}

/// A table with known keys.
pub(crate) trait Table: Sized + JsonSchema {
    /// Its keys, in the order in which they are written.
    const KEYS: &'static [&'static str];

    /// Reads the fields; keys that are none of its own are the caller's.
    fn read_fields(fields: &mut Fields<'_, '_>) -> Option<Self>;

    /// The keys with their values, those that are absent left out.
    fn entries(&self) -> Vec<(&'static str, String)>;
}

impl<T: Table> Value for T {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let table = table_of(found, T::KEYS, mistakes)?;
        read_table(table, found.span(), &[], mistakes)
    }

    fn text(&self) -> String {
        inline(&self.entries())
    }
}

/// Reads a table, and tells of every key that is none of its own; `tags` are keys that the caller has read.
pub(crate) fn read_table<T: Table>(
    table: &DeTable<'_>,
    span: Range<usize>,
    tags: &[&str],
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    let read = T::read_fields(&mut Fields { table, span, mistakes });
    for key in keys_of(table) {
        if !T::KEYS.contains(&&**key.get_ref()) && !tags.contains(&&**key.get_ref()) {
            mistakes.push(unknown_key(key, tags.iter().chain(T::KEYS).copied()));
        }
    }
    // With a mistake told the policy is refused anyway; what could be read is still checked against the rest.
    read
}

/// The table that a value is; what its keys would be is said where it is none.
pub(crate) fn table_of<'t, 'i>(
    found: Found<'t, 'i>,
    keys: &[&str],
    mistakes: &mut Vec<Mistake>,
) -> Option<&'t DeTable<'i>> {
    let table = found.get_ref().as_table();
    if table.is_none() {
        mistakes.push(unexpected(found, &format!("a table with the keys {}", listed(keys.iter().copied()))));
    }
    table
}

/// The keys of a table in the order of the file.
pub(crate) fn keys_of<'t, 'i>(table: &'t DeTable<'i>) -> Vec<&'t Spanned<Cow<'i, str>>> {
    let mut keys: Vec<_> = table.keys().collect();
    keys.sort_by_key(|key| key.span().start);
    keys
}

/// A key that nobody knows, with the nearest one.
pub(crate) fn unknown_key<'a>(key: &Spanned<Cow<'_, str>>, known: impl Iterator<Item = &'a str> + Clone) -> Mistake {
    let hint =
        did_you_mean(key.get_ref(), known.clone()).unwrap_or_else(|| format!("the keys here are {}", listed(known)));
    Mistake::new(key.span(), format!("unknown key `{}`", key.get_ref().escape_debug()), hint)
}

/// What a TOML value is, for a sentence.
pub fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A value that is not what the key takes.
pub(crate) fn unexpected(found: Found<'_, '_>, expected: &str) -> Mistake {
    let kind = kind_of(found.get_ref());
    Mistake::new(found.span(), format!("{kind} cannot stand here"), format!("expected {expected}"))
}

/// The fields of a table that is being read.
pub(crate) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    span: Range<usize>,
    mistakes: &'t mut Vec<Mistake>,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// The fields of a table; `span` is where a missing key is told.
    pub(crate) fn of(table: &'t DeTable<'i>, span: Range<usize>, mistakes: &'t mut Vec<Mistake>) -> Self {
        Self { table, span, mistakes }
    }

    /// What stands behind a key.
    pub(crate) fn field<T: Field>(&mut self, key: &str) -> Option<T> {
        match self.table.get(key) {
            Some(found) => T::read(found, self.mistakes),
            None => T::absent().or_else(|| {
                let hint = format!("write `{key} = ...`");
                self.mistakes.push(Mistake::new(self.span.clone(), format!("the key `{key}` is missing"), hint));
                None
            }),
        }
    }

    /// What stands behind a key, or a default.
    pub(crate) fn field_or<T: Field>(&mut self, key: &str, default: impl FnOnce() -> T) -> Option<T> {
        if self.table.contains_key(key) { self.field(key) } else { Some(default()) }
    }
}

/// Keys and values as a table on one line.
pub(crate) fn inline(entries: &[(&'static str, String)]) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// The JSON Schema of a table: nothing but its own keys.
pub(crate) fn table_schema(about: &str, fields: Vec<(&'static str, &str, bool, Schema)>) -> Schema {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (key, doc, is_required, mut schema) in fields {
        schema.insert("description".to_owned(), doc.trim().into());
        properties.insert(key.to_owned(), schema.to_value());
        if is_required {
            required.push(key);
        }
    }
    json_schema!({
        "type": "object",
        "description": about.trim(),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
