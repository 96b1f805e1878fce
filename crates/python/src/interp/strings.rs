//! Building strings. A part that is not known becomes a hole `{name}`, so that a path keeps its shape; the labels stay.

use super::operators::{BUILT_MAX, VERY_LONG};
use super::patterns::open_head;
use super::{Eval, Interp};
use crate::code::Run;
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Arguments, Kind, Value};

/// Why a string is not known; said once, however often the string becomes part of another.
const IN_PART: &str = "a string with a part that is not known";

/// Whether a text has letters of one case and none of the other.
fn has_case(text: &str, is: impl Fn(char) -> bool, is_other: impl Fn(char) -> bool) -> bool {
    text.chars().any(is) && !text.chars().any(is_other)
}

impl Interp<'_> {
    pub(super) fn format_string(&mut self, parts: Run) -> Eval<Value> {
        let code = std::sync::Arc::clone(&self.frame().code);
        let mut values = Vec::new();
        for part in code.list(parts) {
            values.push(self.eval(*part)?);
        }
        Ok(self.joined(&values))
    }

    /// The concatenation of the texts of values; not known if one of them is not.
    pub(super) fn joined(&mut self, parts: &[Value]) -> Value {
        if self.is_watching() && parts.iter().any(|part| part.as_object().is_some() || part.is_none()) {
            let shown: Vec<Value> = parts.iter().map(|part| self.shown_in_text(part)).collect();
            return self.joined_parts(&shown);
        }
        self.joined_parts(parts)
    }

    /// What an instance is in a text: what its `__str__` gives, or something that is as raw as what it holds. What is nothing unless it is set from
    /// outside, would hardly be made part of a text if it were not.
    pub(super) fn shown_in_text(&mut self, value: &Value) -> Value {
        if value.is_none() {
            let raw = self.raw_where_used(value);
            let labels = crate::value::Labels { raw, ..value.labels() };
            return if raw == 0 { value.clone() } else { Value::unknown_with("a setting that has no default", labels) };
        }
        let is_member = self.enum_value(value).is_some();
        let class = value.as_object().filter(|_| !is_member).and_then(|obj| match self.kind(obj) {
            Kind::Instance { class } => class.as_object(),
            _ => None,
        });
        let Some(class) = class else { return value.clone() };
        if let Some(function) = self.in_mro(class, Symbol::new("__str__"), None) {
            let site = self.site(crate::code::Span::default());
            if let Ok(text) = self.call(&function, Arguments::of([value.clone()]), site) {
                return text;
            }
        }
        let labels = self.labels_within(value, 0);
        if labels.raw == 0 { value.clone() } else { Value::unknown_with("an object in a text", labels) }
    }

    fn joined_parts(&mut self, parts: &[Value]) -> Value {
        let labels = parts.iter().fold(crate::value::Labels::NONE, |l, v| l.and(v.labels()));
        let mut text = String::new();
        for part in parts {
            let Some(t) = self.text_of(part) else {
                let reason = match part.plain() {
                    Value::Unknown(u) if u.reason.starts_with(IN_PART) => u.reason.to_string(),
                    Value::Unknown(u) => format!("{IN_PART}: {}", u.reason),
                    Value::External(name) => format!("a string with `{name}` in it"),
                    _ => IN_PART.to_owned(),
                };
                let term = self.is_watching().then(|| Term::text(parts)).flatten();
                return Value::unknown_with(&reason, labels).standing_for(term);
            };
            text.push_str(&t);
            if text.len() > BUILT_MAX {
                return Value::unknown_with(VERY_LONG, labels);
            }
        }
        Value::str(&text).with(labels)
    }

    /// `str(value)`
    pub(super) fn text_of(&mut self, value: &Value) -> Option<String> {
        match value.plain() {
            Value::Str(s) => Some(s.to_string()),
            Value::Int(i) => Some(i.to_string()),
            Value::Bool(b) => Some(if *b { "True" } else { "False" }.to_owned()),
            Value::None => Some("None".to_owned()),
            Value::Object(_) => match self.enum_value(value).cloned() {
                Some(member) => self.text_of(&member),
                None => self.overloaded("str", value, None)?.as_str().map(str::to_owned),
            },
            _ => None,
        }
    }

    /// What `", ".join(...)` joins; what else may be in a list is a part that is not known.
    fn items_to_join(&self, listed: &Value) -> Option<Vec<Value>> {
        if let Some(items) = self.known_items(listed) {
            return Some(items);
        }
        if !self.is_watching() || listed.as_object().is_none() {
            return None;
        }
        let more = Value::unknown_with("more items of a list", self.labels_within(listed, 0));
        Some(self.partly_known_items(listed).into_iter().chain([more]).collect())
    }

    /// `format % values`
    pub(super) fn percent(&mut self, format: &str, values: &Value) -> Value {
        let mut items = match values.plain() {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        }
        .into_iter();
        let entries = self.known_entries(values);
        let mut parts = Vec::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            parts.push(Value::str(&rest[..at]));
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                parts.push(Value::str("%"));
                rest = after;
                continue;
            }
            if let (Some(close), true, Some(entries)) = (rest.find(')'), rest.starts_with('('), &entries) {
                let key = Value::str(&rest[1..close]);
                let found = entries.iter().find(|(k, _)| k.plain() == &key).map(|(_, v)| v.clone());
                parts.push(found.unwrap_or_else(|| Value::unknown("a missing key of a format")));
                rest = &rest[close + 1..];
            } else {
                parts.push(items.next().unwrap_or_else(|| Value::unknown("a missing value of a format")));
            }
            let directive = rest.find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
            rest = &rest[directive..];
        }
        parts.push(Value::str(rest));
        self.joined(&parts)
    }

    /// `text.format(...)`
    fn format_method(&mut self, text: &str, arguments: &Arguments) -> Value {
        let mut parts = Vec::new();
        let mut automatic = 0usize;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            parts.push(Value::str(&rest[..at]));
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                parts.push(Value::str(brace));
                rest = after;
                continue;
            }
            let Some(close) = rest.find('}') else { break };
            let field = rest[..close].split([':', '!']).next().unwrap_or("");
            rest = &rest[close + 1..];
            let (field, inside) = field.split_at(field.find(['.', '[']).unwrap_or(field.len()));
            let value = if field.is_empty() {
                automatic += 1;
                arguments.positional.get(automatic - 1).cloned()
            } else if let Ok(index) = field.parse::<usize>() {
                arguments.positional.get(index).cloned()
            } else {
                arguments.keyword(field).cloned()
            };
            let value = value.unwrap_or_else(|| Value::unknown("a field of a format"));
            parts.push(self.inside_of(value, inside));
        }
        parts.push(Value::str(rest));
        self.joined(&parts)
    }

    /// `{0[key]}`, `{0.name}`: what a field of a format names inside of a value.
    fn inside_of(&mut self, value: Value, inside: &str) -> Value {
        if inside.is_empty() {
            return value;
        }
        let labels = self.labels_within(&value, 0);
        let part = match inside.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
            Some(key) if !key.contains('[') => {
                let entries = self.partly_known_entries(&value);
                let key = key.parse().map_or_else(|_| Value::str(key), Value::Int);
                entries.into_iter().rev().find(|(own, _)| own.plain() == &key).map(|(_, value)| value)
            }
            _ => None,
        };
        part.unwrap_or_else(|| Value::unknown_with("a part of a field of a format", labels))
    }

    /// A method of `str`.
    pub(super) fn string_method(
        &mut self,
        text: &str,
        name: Symbol,
        arguments: &Arguments,
        site: crate::value::Site,
    ) -> Option<Value> {
        let argument = |i: usize| arguments.positional.get(i).and_then(Value::as_str);
        let characters = || argument(0).map_or_else(|| " \t\n\r".to_owned(), str::to_owned);
        Some(match name.as_str() {
            "lower" | "casefold" => Value::str(&text.to_lowercase()),
            "upper" => Value::str(&text.to_uppercase()),
            "title" => {
                Value::str(&text.split_inclusive(|c: char| !c.is_alphabetic()).map(capitalized).collect::<String>())
            }
            "capitalize" => Value::str(&capitalized(text)),
            "strip" => Value::str(text.trim_matches(|c| characters().contains(c))),
            "lstrip" => Value::str(text.trim_start_matches(|c| characters().contains(c))),
            "rstrip" => Value::str(text.trim_end_matches(|c| characters().contains(c))),
            "removeprefix" => Value::str(text.strip_prefix(argument(0)?).unwrap_or(text)),
            "removesuffix" => Value::str(text.strip_suffix(argument(0)?).unwrap_or(text)),
            "replace" => replaced(text, argument(0)?, argument(1)?),
            "startswith" => {
                let open = open_head(text).filter(|_| self.exploring);
                let begins = |affix: &str| match open {
                    Some(head) if affix.starts_with(head) && !text.starts_with(affix) => None,
                    _ => Some(text.starts_with(affix)),
                };
                Value::Bool(self.any_affix(arguments, begins)?)
            }
            "endswith" => Value::Bool(self.any_affix(arguments, |a| Some(text.ends_with(a)))?),
            "split" | "rsplit" | "splitlines" => {
                let items = split(text, name.as_str(), arguments)?.into_iter().map(Value::str).collect();
                self.make(crate::value::Kind::List { items, open: false, set: false }, site)
            }
            "join" => {
                let items = self.items_to_join(arguments.positional.first()?)?;
                let mut parts = Vec::new();
                for (i, item) in items.into_iter().enumerate() {
                    if i > 0 {
                        parts.push(Value::str(text));
                    }
                    parts.push(item);
                }
                self.joined(&parts)
            }
            "format" => self.format_method(text, arguments),
            "isdigit" | "isnumeric" => Value::Bool(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())),
            "encode" | "decode" => Value::str(text),
            "count" => Value::Int(i64::try_from(text.matches(argument(0)?).count()).ok()?),
            "find" => Value::Int(text.find(argument(0)?).and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)),
            "partition" => {
                let separator = argument(0)?;
                let (a, b, c) = text.split_once(separator).map_or((text, "", ""), |(a, c)| (a, separator, c));
                Value::Tuple([a, b, c].map(Value::str).to_vec().into())
            }
            "rpartition" => {
                let separator = argument(0)?;
                let (a, b, c) = text.rsplit_once(separator).map_or(("", "", text), |(a, c)| (a, separator, c));
                Value::Tuple([a, b, c].map(Value::str).to_vec().into())
            }
            "isupper" => Value::Bool(has_case(text, char::is_uppercase, char::is_lowercase)),
            "islower" => Value::Bool(has_case(text, char::is_lowercase, char::is_uppercase)),
            _ => return None,
        })
    }

    /// A method of bytes, as far as it does what the method of a string does.
    pub(super) fn bytes_method(
        &mut self,
        text: &str,
        name: Symbol,
        arguments: &Arguments,
        site: crate::value::Site,
    ) -> Option<Value> {
        let positional = arguments.positional.iter().map(|value| match value.plain() {
            Value::Bytes(text) => Value::str(text).with(value.labels()),
            _ => value.clone(),
        });
        let arguments = Arguments { positional: positional.collect(), ..arguments.clone() };
        match name.as_str() {
            "decode" => Some(Value::str(text)),
            "lower" | "upper" | "strip" | "lstrip" | "rstrip" | "removeprefix" | "removesuffix" => {
                match self.string_method(text, name, &arguments, site)? {
                    Value::Str(text) => Some(Value::Bytes(text)),
                    _ => None,
                }
            }
            "startswith" | "endswith" => self.string_method(text, name, &arguments, site),
            _ => None,
        }
    }

    fn any_affix(&mut self, arguments: &Arguments, test: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        let affix = arguments.positional.first()?;
        if let Some(text) = affix.as_str() {
            return test(text);
        }
        let answers: Vec<Option<bool>> = self.known_items(affix)?.iter().map(|v| v.as_str().and_then(&test)).collect();
        if answers.contains(&Some(true)) { Some(true) } else { answers.iter().all(Option::is_some).then_some(false) }
    }
}

/// A text whose first letter is a capital, and no other one.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().to_lowercase()
}

/// `text.replace(from, to)`
fn replaced(text: &str, from: &str, to: &str) -> Value {
    let times = text.matches(from).count();
    if text.len() + times * to.len() > BUILT_MAX {
        return Value::unknown(VERY_LONG);
    }
    Value::str(&text.replace(from, to))
}

/// `text.split(...)`, `text.rsplit(...)`, `text.splitlines()`
fn split<'t>(text: &'t str, name: &str, arguments: &Arguments) -> Option<Vec<&'t str>> {
    let separator = arguments.positional.first().and_then(Value::as_str);
    let limit = arguments.positional.get(1).and_then(Value::as_int);
    Some(match name {
        "splitlines" => text.lines().collect(),
        "rsplit" => {
            let n = limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX - 1);
            let mut parts: Vec<&str> = text.rsplitn(n + 1, separator?).collect();
            parts.reverse();
            parts
        }
        _ => match separator {
            Some("") => return None,
            Some(separator) => match limit {
                Some(n) => text.splitn(usize::try_from(n).ok()? + 1, separator).collect(),
                None => text.split(separator).collect(),
            },
            None => text.split_whitespace().collect(),
        },
    })
}
