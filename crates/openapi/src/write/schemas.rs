//! The schemas that a document uses, under keys that it may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use model::{Schema, SchemaRef};
use serde_json::{Map, Value, json};

use super::names::{self, Names};

/// What begins a reference inside a report.
const OF_REPORT: &str = "#/schemas/";
/// What begins one inside a document.
const OF_DOCUMENT: &str = "#/components/schemas/";

/// The schemas of a report, and which of them the document uses.
pub(super) struct Components<'r> {
    known: &'r IndexMap<Arc<str>, Schema>,
    names: Names,
    keys: BTreeMap<String, String>,
    used: BTreeMap<String, Value>,
}

impl<'r> Components<'r> {
    pub(super) fn new(known: &'r IndexMap<Arc<str>, Schema>) -> Self {
        Self { known, names: Names::default(), keys: BTreeMap::new(), used: BTreeMap::new() }
    }

    /// What an operation writes for a schema.
    pub(super) fn schema(&mut self, reference: &SchemaRef) -> Value {
        let written = match reference {
            SchemaRef::Named(name) => json!({ "$ref": self.key(name) }),
            SchemaRef::Inline(schema) => {
                let mut value = schema.as_value().clone();
                self.redirect(&mut value);
                value
            }
        };
        self.complete();
        written
    }

    /// The schemas that are used.
    pub(super) fn into_used(self) -> Map<String, Value> {
        self.used.into_iter().collect()
    }

    /// The reference to a named schema; its own place is filled by [`complete`](Self::complete).
    fn key(&mut self, name: &str) -> String {
        if let Some(key) = self.keys.get(name) {
            return format!("{OF_DOCUMENT}{key}");
        }
        let key = self.names.unique(&names::component(name), &[]);
        self.keys.insert(name.to_owned(), key.clone());
        format!("{OF_DOCUMENT}{key}")
    }

    /// Writes schemas until all that is referred to is there.
    fn complete(&mut self) {
        while let Some((name, key)) = self.missing() {
            // A name that the report does not have admits everything: what it is was not understood.
            let mut value = self.known.get(&*name).map_or(json!({}), |schema| schema.as_value().clone());
            self.redirect(&mut value);
            self.used.insert(key, value);
        }
    }

    fn missing(&self) -> Option<(String, String)> {
        let entry = self.keys.iter().find(|(_, key)| !self.used.contains_key(*key));
        entry.map(|(name, key)| (name.clone(), key.clone()))
    }

    /// Lets the references of a schema lead into the document.
    fn redirect(&mut self, value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    match value {
                        Value::String(reference) if key == "$ref" => {
                            if let Some(name) = reference.strip_prefix(OF_REPORT) {
                                *reference = self.key(&name.replace("~1", "/").replace("~0", "~"));
                            }
                        }
                        other => self.redirect(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redirect(item)),
            _ => {}
        }
    }
}
