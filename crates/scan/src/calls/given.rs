//! What a call is given, without anything of the evaluator's heap.

use std::sync::Arc;

use python::interp::Interp;
use python::value::{Kind, Value};

use crate::access::label;
use crate::effects::Source;

/// Values inside values that are looked at, and items of each.
const DEPTH_MAX: usize = 3;
const ITEMS_MAX: usize = 32;

/// What a call is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// A text that stands in the code.
    Text(Arc<str>),
    /// A number.
    Number(i64),
    /// `True` or `False`.
    Truth(bool),
    /// `None`.
    Nothing,
    /// A setting, with the default that the code gives it.
    Setting(Arc<str>, Box<Given>),
    /// Something of a library, by its qualified name.
    Named(Arc<str>),
    /// A list, tuple or set; whether it may hold more.
    Items(Vec<Given>, bool),
    /// A dict; whether it may hold more.
    Entries(Vec<(Given, Given)>, bool),
    /// Something that is not known.
    Unknown {
        /// The name of the variable, attribute or function that gives it.
        name: Option<Arc<str>>,
        /// Where it comes from.
        source: Source,
        /// Whether something of the request is in it that its client chose.
        of_request: bool,
    },
    /// One of several.
    Either(Vec<Given>),
}

impl Given {
    /// What a value is.
    pub(crate) fn of(interp: &Interp<'_>, value: &Value) -> Self {
        Self::at(interp, value, 0)
    }

    fn at(interp: &Interp<'_>, value: &Value, depth: usize) -> Self {
        let plain = Self::plain(interp, value, depth);
        match value.labels().setting {
            Some(setting) => Self::Setting(setting.as_str().into(), Box::new(plain)),
            None => plain,
        }
    }

    fn plain(interp: &Interp<'_>, value: &Value, depth: usize) -> Self {
        match value.plain() {
            Value::Str(text) | Value::Bytes(text) => Self::Text(Arc::from(&**text)),
            Value::Int(number) => Self::Number(*number),
            Value::Bool(truth) => Self::Truth(*truth),
            Value::None => Self::Nothing,
            Value::External(name) => Self::Named(name.as_str().into()),
            _ if depth > DEPTH_MAX => Self::unknown(interp, value),
            Value::Union(values) => Self::Either(values.iter().map(|v| Self::at(interp, v, depth + 1)).collect()),
            Value::Tuple(items) => {
                let all = items.iter().take(ITEMS_MAX).map(|v| Self::at(interp, v, depth + 1)).collect();
                Self::Items(all, items.len() > ITEMS_MAX)
            }
            Value::Object(obj) => match &interp.object(*obj).kind {
                Kind::List { items, open, .. } => {
                    let all = items.iter().take(ITEMS_MAX).map(|v| Self::at(interp, v, depth + 1)).collect();
                    Self::Items(all, *open || items.len() > ITEMS_MAX)
                }
                Kind::Dict { entries, open } => {
                    let both =
                        |(k, v): &(Value, Value)| (Self::at(interp, k, depth + 1), Self::at(interp, v, depth + 1));
                    let all = entries.iter().take(ITEMS_MAX).map(both).collect();
                    Self::Entries(all, *open || entries.len() > ITEMS_MAX)
                }
                _ => Self::unknown(interp, value),
            },
            _ => Self::unknown(interp, value),
        }
    }

    fn unknown(interp: &Interp<'_>, value: &Value) -> Self {
        let labels = interp.labels_within(value, 0);
        let name = match value.plain() {
            Value::Unknown(unknown) => unknown.name.map(|name| Arc::from(name.as_str())),
            _ => None,
        };
        let of_request = labels.has(label::INPUT | label::BODY);
        Self::Unknown { name, source: Source::of(interp, value), of_request }
    }

    /// Whether it surely is `True`: the default of a setting is not.
    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Truth(true)
    }

    /// What it may be, one by one.
    pub(crate) fn alternatives(&self) -> &[Given] {
        match self {
            Self::Either(all) => all,
            other => std::slice::from_ref(other),
        }
    }

    /// The text, where it stands in the code.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What is known of it, as JSON; what a setting decides as `{"setting": "ORIGINS", "default": ["*"]}`.
    pub(crate) fn to_json(&self) -> Option<serde_json::Value> {
        match self {
            Self::Text(text) => Some((**text).into()),
            Self::Number(number) => Some((*number).into()),
            Self::Truth(truth) => Some((*truth).into()),
            Self::Nothing => Some(serde_json::Value::Null),
            Self::Items(items, false) => items.iter().map(Self::to_json).collect(),
            Self::Setting(name, default) => Some(serde_json::json!({"setting": **name, "default": default.to_json()})),
            _ => None,
        }
    }

    /// This, or another.
    pub(super) fn join(&mut self, other: Self) {
        if *self == other {
            return;
        }
        let all = match self {
            Self::Either(all) => all,
            own => {
                *own = Self::Either(vec![own.clone()]);
                let Self::Either(all) = own else { return };
                all
            }
        };
        if !all.contains(&other) && all.len() < ITEMS_MAX {
            all.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_json() {
        let origins = Given::Items(vec![Given::Text("*".into()), Given::Number(1)], false);
        let setting = Given::Setting("ORIGINS".into(), Box::new(origins));
        assert_eq!(setting.to_json().unwrap().to_string(), r#"{"setting":"ORIGINS","default":["*",1]}"#);
        assert_eq!(Given::Items(vec![Given::Text("*".into())], true).to_json(), None, "it may hold more");
        assert_eq!(Given::Either(vec![Given::Truth(true), Given::Truth(false)]).to_json(), None);
    }

    #[test]
    fn what_something_may_be_is_bounded() {
        let numbers = |count: usize| {
            let mut given = Given::Number(0);
            (1..count).for_each(|number| given.join(Given::Number(i64::try_from(number).unwrap())));
            given
        };
        assert_eq!(numbers(1), Given::Number(0), "one is no alternative");
        assert_eq!(numbers(ITEMS_MAX).alternatives().len(), ITEMS_MAX);
        let past = numbers(ITEMS_MAX + 1);
        assert_eq!(past.alternatives().len(), ITEMS_MAX, "one more is left out");
        assert_eq!(past.alternatives().last(), numbers(ITEMS_MAX).alternatives().last());
    }
}
