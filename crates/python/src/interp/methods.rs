//! Methods of the built-in containers.

use super::Interp;
use super::expressions::put;
use crate::intern::{Symbol, known};
use crate::value::{Arguments, Kind, Obj, Site, Value};

/// Items of a list that is built up; past that it is open.
pub(super) const ITEMS_MAX: usize = 20_000;

impl Interp<'_> {
    /// A method of a string, tuple, list, set, dict or descriptor.
    pub(super) fn builtin_method(
        &mut self,
        receiver: &Value,
        name: Symbol,
        arguments: &Arguments,
        site: Site,
    ) -> Value {
        self.telling.answering = false;
        let given = arguments.labels().looked_up();
        // What is looked for in a container of the program's own is not what is found.
        let is_text = matches!(receiver.plain(), Value::Str(_) | Value::Bytes(_));
        let given = if is_text { self.told_by(name, given) } else { given.of_decision() };
        let labels = receiver.labels().and(given);
        self.charge_for(receiver);
        arguments.positional.iter().for_each(|argument| self.charge_for(argument));
        let known = match receiver.plain() {
            Value::Str(text) => {
                let text = std::rc::Rc::clone(text);
                self.string_method(&text, name, arguments, site)
            }
            Value::Bytes(text) => {
                let text = std::rc::Rc::clone(text);
                self.bytes_method(&text, name, arguments, site)
            }
            Value::Tuple(items) if name == "copy" => {
                let items = items.to_vec();
                Some(self.make(Kind::List { items, open: false, set: false }, site))
            }
            Value::Object(obj) => match self.kind(*obj) {
                Kind::List { .. } => self.list_method(*obj, name.as_str(), arguments, site),
                Kind::Dict { .. } => self.dict_method(*obj, name.as_str(), arguments, site),
                Kind::Descriptor { .. } => Some(self.descriptor_method(*obj, name, arguments)),
                Kind::Class(_) if name == "__subclasses__" => Some(self.subclasses_of(*obj, site)),
                _ => None,
            },
            _ => None,
        };
        if known.is_none() {
            self.risk(labels);
        }
        let tested = || self.tested_as_set(name.as_str(), receiver, arguments.positional.first());
        known.map_or_else(
            || match tested() {
                Some(term) => {
                    Value::unknown_with("whether a test holds", labels.of_decision()).standing_for(Some(term))
                }
                None => Value::unknown_with(&format!("the result of `.{name}()`"), labels),
            },
            |v| v.with(receiver.labels()),
        )
    }

    /// `@prop.setter`, `@prop.getter`: the property stays, with its setter.
    fn descriptor_method(&mut self, obj: Obj, name: Symbol, arguments: &Arguments) -> Value {
        if name == "setter"
            && let Some(function) = arguments.positional.first()
        {
            self.object_mut(obj).attributes.set(Symbol::new("fset"), function.clone());
        }
        Value::Object(obj)
    }

    fn subclasses_of(&mut self, class: Obj, site: Site) -> Value {
        let derived = |o: &Obj| match self.kind(*o) {
            Kind::Class(c) => c.bases.iter().any(|b| b.as_object() == Some(class)),
            _ => false,
        };
        let items = self.classes.iter().filter(|o| derived(o)).map(|o| Value::Object(*o)).collect();
        self.make(Kind::List { items, open: false, set: false }, site)
    }

    fn list_method(&mut self, obj: Obj, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        if name == "sort" {
            let Kind::List { items, .. } = self.kind(obj) else { return None };
            let sorted = self.sorted(items.clone(), arguments, site);
            if let Kind::List { items, .. } = &mut self.object_mut(obj).kind {
                *items = sorted;
            }
            return Some(Value::None);
        }
        let first = arguments.positional.first().cloned();
        if let ("append" | "insert", Some(value)) = (name, arguments.positional.last()) {
            self.note_put(obj, None, &value.clone(), site);
        }
        let added = match (name, &first) {
            ("extend" | "update" | "union", Some(more)) => {
                let closed = self.iterate(more);
                let open = closed.is_none();
                Some((closed.unwrap_or_else(|| self.partly_known_items(more)), open))
            }
            _ => None,
        };
        let (may_not_happen, changes) = ((obj.0 as usize) < self.turn_began, LIST_CHANGES.contains(&name));
        // Who only reads a list leaves it unchanged, for all who remember what they made of it.
        if may_not_happen || changes {
            let Kind::List { items, open, .. } = &mut self.object_mut(obj).kind else { return None };
            // In a turn of a loop that may not turn at all.
            *open |= may_not_happen;
            if changes {
                return change_list(items, open, name, first, added, arguments);
            }
        }
        let Kind::List { items, open, set } = self.kind(obj) else { return None };
        match (name, first) {
            ("union", Some(_)) => {
                let (all, open, set) = (items.clone(), *open, *set);
                let (more, more_open) = added.unwrap_or_default();
                let open = open || more_open;
                let all = super::members::united(all, more);
                Some(self.make(Kind::List { items: all, open, set }, site))
            }
            ("copy", _) => {
                let copy = Kind::List { items: items.clone(), open: *open, set: *set };
                Some(self.make(copy, site))
            }
            ("index" | "count", _) => Some(Value::unknown("a position in a list")),
            _ => None,
        }
    }

    /// A method of a dict in which a module keeps its objects.
    fn kept_method(&mut self, obj: Obj, name: &str, first: Option<&Value>, site: Site) -> Option<Value> {
        match (name, first) {
            ("get", Some(key)) => self.kept_item(obj, key, site),
            ("pop", Some(key)) => {
                self.note_removed(obj, key, site);
                None
            }
            ("values" | "items", None) => {
                let element = self.kept_element(&Value::Object(obj), site)?;
                let key = Value::unknown("a key of what the program keeps");
                let item = match name {
                    "items" => Value::Tuple([key, element].into()),
                    _ => element,
                };
                Some(self.make(Kind::List { items: vec![item], open: true, set: false }, site))
            }
            _ => None,
        }
    }

    fn dict_method(&mut self, obj: Obj, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let first = arguments.positional.first().cloned();
        let default = arguments.get(1, "default").cloned();
        let more = first.as_ref().filter(|_| name == "update").and_then(|f| self.entries_and_openness(f));
        if let ("update", Some(more)) = (name, &first) {
            let rest = self.rest_of(more);
            self.keep_rest(&Value::Object(obj), rest);
        }
        if let Some(kept) = self.kept_method(obj, name, first.as_ref(), site) {
            return Some(kept);
        }
        // Who only reads a dict leaves it unchanged, for all who remember what they made of it.
        if !DICT_CHANGES.contains(&name) {
            return self.read_dict(obj, name, first, default, site);
        }
        let Kind::Dict { entries, open } = &mut self.object_mut(obj).kind else {
            return None;
        };
        Some(match name {
            "pop" => {
                let key = first?;
                let value = read_key(entries, *open, &key, default);
                entries.retain(|(k, _)| k.plain() != key.plain());
                value
            }
            "setdefault" => {
                let key = first?;
                if let Some(value) = found_in(entries, &key) {
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
                        for (k, v) in more {
                            put(entries, k, v);
                        }
                        *open |= more_open;
                    }
                    _ => *open = true,
                }
                for (key, value) in &arguments.keywords {
                    put(entries, Value::str(key.as_str()), value.clone());
                }
                Value::None
            }
            "clear" => {
                entries.clear();
                Value::None
            }
            _ => return None,
        })
    }

    fn read_dict(
        &mut self,
        obj: Obj,
        name: &str,
        key: Option<Value>,
        default: Option<Value>,
        site: Site,
    ) -> Option<Value> {
        let Kind::Dict { entries, open } = self.kind(obj) else { return None };
        Some(match name {
            "get" => read_key(entries, *open, &key?, default),
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
            _ => return None,
        })
    }

    /// The items of a tuple, list, set or dict that is wholly known.
    pub fn known_items(&self, value: &Value) -> Option<Vec<Value>> {
        match value.plain() {
            Value::Tuple(items) => Some(items.to_vec()),
            Value::Object(obj) => match self.kind(*obj) {
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
            Value::Object(obj) => match self.kind(*obj) {
                Kind::List { items, .. } => items.clone(),
                Kind::Dict { entries, .. } => entries.iter().map(|(k, _)| k.clone()).collect(),
                _ => Vec::new(),
            },
            _ => self.known_items(value).unwrap_or_default(),
        }
    }

    /// The known entries of a dict, and whether there may be more.
    pub(super) fn entries_and_openness(&self, value: &Value) -> Option<(Vec<(Value, Value)>, bool)> {
        match self.kind(value.as_object()?) {
            Kind::Dict { entries, open } => Some((entries.clone(), *open)),
            _ => None,
        }
    }

    /// Something unknown whose entries a dict or an object took over: `Order(**data)`.
    pub fn rest_of(&self, value: &Value) -> Option<Value> {
        match value.plain() {
            Value::Unknown(_) => Some(value.clone()),
            Value::Object(obj) => self.own_attribute(*obj, known::REST).cloned(),
            _ => None,
        }
    }

    /// Notes it, where somebody asks what happens.
    pub(super) fn keep_rest(&mut self, of: &Value, rest: Option<Value>) {
        if let (Some(obj), Some(rest), true) = (of.as_object(), rest, self.is_watching()) {
            self.attributes_mut(obj, known::REST).set(known::REST, rest);
        }
    }

    /// The entries of a dict that are known, whether or not there may be more; of a union, those of all.
    pub fn partly_known_entries(&self, value: &Value) -> Vec<(Value, Value)> {
        match value.plain() {
            Value::Union(values) => values.iter().flat_map(|v| self.partly_known_entries(v)).collect(),
            other => self.entries_and_openness(other).map(|(entries, _)| entries).unwrap_or_default(),
        }
    }

    /// The entries of a dict that is wholly known.
    pub fn known_entries(&self, value: &Value) -> Option<Vec<(Value, Value)>> {
        match self.kind(value.as_object()?) {
            Kind::Dict { entries, open: false } => Some(entries.clone()),
            _ => None,
        }
    }
}

/// A method that changes a list or a set in place. `added` is what `extend` and `update` add, and whether there may be more.
/// The methods that change a list or set.
const LIST_CHANGES: &[&str] =
    &["append", "add", "insert", "extend", "update", "remove", "discard", "pop", "clear", "reverse"];

/// The methods that change a dict.
const DICT_CHANGES: &[&str] = &["pop", "setdefault", "update", "clear"];

fn change_list(
    items: &mut Vec<Value>,
    open: &mut bool,
    name: &str,
    first: Option<Value>,
    added: Option<(Vec<Value>, bool)>,
    arguments: &Arguments,
) -> Option<Value> {
    match (name, first) {
        ("append" | "add" | "insert" | "extend" | "update", _) if items.len() >= ITEMS_MAX => *open = true,
        ("append", Some(value)) => items.push(value),
        ("add", Some(value)) => {
            if !items.contains(&value) {
                items.push(value);
            }
        }
        ("insert", Some(at)) => {
            let value = arguments.positional.get(1).cloned().unwrap_or(Value::None);
            let at = at.as_int().and_then(|i| usize::try_from(i).ok()).unwrap_or(items.len()).min(items.len());
            items.insert(at, value);
        }
        ("extend" | "update", Some(_)) => {
            let (more, more_open) = added.unwrap_or_default();
            items.extend(more);
            *open |= more_open;
        }
        ("remove" | "discard", Some(value)) => items.retain(|i| i != &value),
        ("pop", at) => {
            let last = items.len().saturating_sub(1);
            let at = at.and_then(|a| a.as_int()).and_then(|i| usize::try_from(i).ok()).unwrap_or(last);
            let popped = if at < items.len() { items.remove(at) } else { Value::unknown("popped from an empty list") };
            return Some(popped);
        }
        ("clear", _) => items.clear(),
        ("reverse", _) => items.reverse(),
        _ => return None,
    }
    Some(Value::None)
}

fn found_in(entries: &[(Value, Value)], key: &Value) -> Option<Value> {
    entries.iter().rev().find(|(k, _)| k.plain() == key.plain()).map(|(_, v)| v.clone())
}

/// `entries.get(key, default)`
fn read_key(entries: &[(Value, Value)], open: bool, key: &Value, default: Option<Value>) -> Value {
    if let Some(value) = found_in(entries, key) {
        return value;
    }
    let default = default.unwrap_or(Value::None);
    if !open && !key.is_unknown() {
        return default;
    }
    let any = if key.is_unknown() { entries.iter().map(|(_, v)| v.clone()).reduce(Value::or) } else { None };
    let unknown = Value::Unknown(std::rc::Rc::new(crate::value::Unknown {
        reason: "a key that is not known".into(),
        labels: key.labels().of_decision(),
        name: key.as_str().map(Symbol::new),
        class: None,
        term: None,
        library: None,
    }));
    any.unwrap_or(unknown).or(default)
}
