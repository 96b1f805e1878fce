//! Methods of the built-in containers.

use super::expressions::put;
use super::{Eval, Interp};
use crate::intern::Symbol;
use crate::value::{Arguments, Kind, Obj, Site, Value};

/// Items of a list that is built up; past that it is open.
pub(super) const ITEMS_MAX: usize = 20_000;

impl Interp<'_> {
    /// A method of a string, tuple, list, set, dict or descriptor.
    pub(super) fn builtin_method(
        &mut self,
        receiver: &Value,
        name: Symbol,
        arguments: Arguments,
        site: Site,
    ) -> Eval<Value> {
        let labels = receiver.labels().and(arguments.labels());
        let known = match receiver.plain() {
            Value::Str(text) => {
                let text = std::rc::Rc::clone(text);
                self.string_method(&text, name, &arguments, site)
            }
            Value::Tuple(items) if name == "copy" => {
                let items = items.to_vec();
                Some(self.make(Kind::List { items, open: false, set: false }, site))
            }
            Value::Object(obj) => match &self.object(*obj).kind {
                Kind::List { .. } => self.list_method(*obj, name.as_str(), &arguments, site)?,
                Kind::Dict { .. } => self.dict_method(*obj, name.as_str(), &arguments, site),
                Kind::Descriptor { .. } => Some(self.descriptor_method(*obj, name, &arguments)),
                Kind::Class(_) if name == "__subclasses__" => Some(self.subclasses_of(*obj, site)),
                _ => None,
            },
            _ => None,
        };
        if known.is_none() {
            self.risk(labels);
        }
        Ok(known.map_or_else(
            || Value::unknown_with(&format!("the result of `.{name}()`"), labels),
            |v| v.with(receiver.labels()),
        ))
    }

    /// `@prop.setter`, `@prop.getter`: the property stays, with its setter.
    fn descriptor_method(&mut self, obj: Obj, name: Symbol, arguments: &Arguments) -> Value {
        if name == "setter" {
            if let Some(function) = arguments.positional.first() {
                self.object_mut(obj).attributes.set(Symbol::new("fset"), function.clone());
            }
        }
        Value::Object(obj)
    }

    fn subclasses_of(&mut self, class: Obj, site: Site) -> Value {
        let derived = |o: &Obj| match &self.object(*o).kind {
            Kind::Class(c) => c.bases.iter().any(|b| b.as_object() == Some(class)),
            _ => false,
        };
        let items = self.classes.iter().filter(|o| derived(o)).map(|o| Value::Object(*o)).collect();
        self.make(Kind::List { items, open: false, set: false }, site)
    }

    fn list_method(&mut self, obj: Obj, name: &str, arguments: &Arguments, site: Site) -> Eval<Option<Value>> {
        let first = arguments.positional.first().cloned();
        let added = match (name, &first) {
            ("extend" | "update" | "union", Some(more)) => {
                let closed = self.iterate(more);
                let open = closed.is_none();
                Some((closed.unwrap_or_else(|| self.partly_known_items(more)), open))
            }
            _ => None,
        };
        let key = arguments.keyword("key").cloned();
        let Kind::List { items, open, set } = &mut self.object_mut(obj).kind else {
            return Ok(None);
        };
        Ok(Some(match (name, first) {
            ("append" | "add" | "insert" | "extend" | "update", _) if items.len() >= ITEMS_MAX => {
                *open = true;
                Value::None
            }
            ("append", Some(value)) => {
                items.push(value);
                Value::None
            }
            ("add", Some(value)) => {
                if !items.contains(&value) {
                    items.push(value);
                }
                Value::None
            }
            ("insert", Some(at)) => {
                let value = arguments.positional.get(1).cloned().unwrap_or(Value::None);
                let at = at.as_int().and_then(|i| usize::try_from(i).ok()).unwrap_or(items.len()).min(items.len());
                items.insert(at, value);
                Value::None
            }
            ("extend" | "update", Some(_)) => {
                let (more, more_open) = added.unwrap_or_default();
                items.extend(more);
                *open |= more_open;
                Value::None
            }
            ("union", Some(_)) => {
                let (mut all, open, set) = (items.clone(), *open, *set);
                let (more, more_open) = added.unwrap_or_default();
                let open = open || more_open;
                for item in more {
                    if !all.contains(&item) {
                        all.push(item);
                    }
                }
                self.make(Kind::List { items: all, open, set }, site)
            }
            ("remove" | "discard", Some(value)) => {
                items.retain(|i| i != &value);
                Value::None
            }
            ("pop", at) => {
                let at = at
                    .and_then(|a| a.as_int())
                    .and_then(|i| usize::try_from(i).ok())
                    .unwrap_or(items.len().saturating_sub(1));
                if at < items.len() { items.remove(at) } else { Value::unknown("popped from an empty list") }
            }
            ("clear", _) => {
                items.clear();
                Value::None
            }
            ("reverse", _) => {
                items.reverse();
                Value::None
            }
            ("copy", _) => {
                let copy = Kind::List { items: items.clone(), open: *open, set: *set };
                self.make(copy, site)
            }
            ("sort", _) => {
                if key.is_none() {
                    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                }
                Value::None
            }
            ("index" | "count", _) => Value::unknown("a position in a list"),
            _ => return Ok(None),
        }))
    }

    fn dict_method(&mut self, obj: Obj, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let first = arguments.positional.first().cloned();
        let default = arguments.get(1, "default").cloned();
        let more = first.as_ref().and_then(|f| self.entries_and_openness(f));
        let Kind::Dict { entries, open } = &mut self.object_mut(obj).kind else {
            return None;
        };
        let found = |entries: &[(Value, Value)], key: &Value| {
            entries.iter().rev().find(|(k, _)| k.plain() == key.plain()).map(|(_, v)| v.clone())
        };
        Some(match name {
            "get" | "pop" => {
                let key = first?;
                let value = found(entries, &key);
                if name == "pop" {
                    entries.retain(|(k, _)| k.plain() != key.plain());
                }
                match value {
                    Some(value) => value,
                    None if *open || key.is_unknown() => {
                        let labels = key.labels();
                        let name = key.as_str().map(Symbol::new);
                        let any = if key.is_unknown() {
                            entries.iter().map(|(_, v)| v.clone()).reduce(Value::or)
                        } else {
                            None
                        };
                        let unknown = Value::Unknown(std::rc::Rc::new(crate::value::Unknown {
                            reason: "a key that is not known".into(),
                            labels,
                            name,
                            class: None,
                        }));
                        any.unwrap_or(unknown).or(default.unwrap_or(Value::None))
                    }
                    None => default.unwrap_or(Value::None),
                }
            }
            "setdefault" => {
                let key = first?;
                if let Some(value) = found(entries, &key) {
                    return Some(value);
                }
                let value = default.unwrap_or(Value::None);
                put(entries, key, value.clone());
                value
            }
            "update" => {
                match (first, more) {
                    (None, _) => {}
                    (_, Some((more, more_open))) => {
                        more.into_iter().for_each(|(k, v)| put(entries, k, v));
                        *open |= more_open;
                    }
                    _ => *open = true,
                }
                for (key, value) in &arguments.keywords {
                    put(entries, Value::str(key.as_str()), value.clone());
                }
                Value::None
            }
            "keys" | "values" | "items" => {
                let items = entries.iter().map(|(k, v)| match name {
                    "keys" => k.clone(),
                    "values" => v.clone(),
                    _ => Value::Tuple([k.clone(), v.clone()].into()),
                });
                let list = Kind::List { items: items.collect(), open: *open, set: false };
                self.make(list, site)
            }
            "copy" => {
                let copy = Kind::Dict { entries: entries.clone(), open: *open };
                self.make(copy, site)
            }
            "clear" => {
                entries.clear();
                Value::None
            }
            _ => return None,
        })
    }

    /// The items of a tuple, list, set or dict that is wholly known.
    pub fn known_items(&self, value: &Value) -> Option<Vec<Value>> {
        match value.plain() {
            Value::Tuple(items) => Some(items.to_vec()),
            Value::Object(obj) => match &self.object(*obj).kind {
                Kind::List { items, open: false, .. } => Some(items.clone()),
                Kind::Dict { entries, open: false } => Some(entries.iter().map(|(k, _)| k.clone()).collect()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items that are known, whether or not there may be more.
    pub fn partly_known_items(&self, value: &Value) -> Vec<Value> {
        match value.plain() {
            Value::Union(values) => values.iter().flat_map(|v| self.partly_known_items(v)).collect(),
            Value::Object(obj) => match &self.object(*obj).kind {
                Kind::List { items, .. } => items.clone(),
                Kind::Dict { entries, .. } => entries.iter().map(|(k, _)| k.clone()).collect(),
                _ => Vec::new(),
            },
            _ => self.known_items(value).unwrap_or_default(),
        }
    }

    /// The known entries of a dict, and whether there may be more.
    pub(super) fn entries_and_openness(&self, value: &Value) -> Option<(Vec<(Value, Value)>, bool)> {
        match &self.object(value.as_object()?).kind {
            Kind::Dict { entries, open } => Some((entries.clone(), *open)),
            _ => None,
        }
    }

    /// The entries of a dict that is wholly known.
    pub fn known_entries(&self, value: &Value) -> Option<Vec<(Value, Value)>> {
        match &self.object(value.as_object()?).kind {
            Kind::Dict { entries, open: false } => Some(entries.clone()),
            _ => None,
        }
    }
}
