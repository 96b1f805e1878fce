//! Values as text, close to Python's own `repr`: for literate tests and for people who look into an evaluation.

use std::cell::Cell;

use super::Interp;
use crate::value::{Kind, Value};

/// Containers inside containers are shown this deep.
const DEPTH_MAX: usize = 6;

/// Values are shown so many: a list may hold itself, many times.
const VALUES_MAX: usize = 10_000;

/// How deep it is, and how many values may still be shown.
#[derive(Clone, Copy)]
struct At<'c> {
    depth: usize,
    left: &'c Cell<usize>,
}

impl At<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl Interp<'_> {
    /// A value as text. What is not known is `?` with the reason; a labelled value shows its setting.
    pub fn show(&self, value: &Value) -> String {
        self.show_at(value, At { depth: 0, left: &Cell::new(VALUES_MAX) })
    }

    fn show_at(&self, value: &Value, at: At<'_>) -> String {
        let left = at.left.get().saturating_sub(1);
        at.left.set(left);
        if at.depth > DEPTH_MAX || left == 0 {
            return "...".to_owned();
        }
        let all = |values: &[Value]| values.iter().map(|v| self.show_at(v, at.deeper())).collect::<Vec<_>>().join(", ");
        match value {
            Value::None => "None".to_owned(),
            Value::Ellipsis => "...".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(i) => i.to_string(),
            Value::Str(s) => format!("'{s}'"),
            Value::Bytes(s) => format!("b'{s}'"),
            Value::Tuple(items) => format!("({})", all(items)),
            Value::External(name) => format!("<{name}>"),
            Value::Union(values) => values.iter().map(|v| self.show_at(v, at.deeper())).collect::<Vec<_>>().join(" | "),
            Value::Labelled(inner) => match inner.1.setting {
                Some(setting) => format!("{} from {setting}", self.show_at(&inner.0, at)),
                None => self.show_at(&inner.0, at),
            },
            Value::Unknown(unknown) => format!("? ({})", unknown.reason),
            Value::Object(obj) => self.show_object(value, *obj, at),
        }
    }

    fn show_object(&self, value: &Value, obj: crate::value::Obj, at: At<'_>) -> String {
        let all = |values: &[Value]| values.iter().map(|v| self.show_at(v, at.deeper())).collect::<Vec<_>>();
        let rest = |open: bool| {
            if open { vec!["?".to_owned()] } else { Vec::new() }
        };
        match self.kind(obj) {
            Kind::List { items, open, set } => {
                let inside = [all(items), rest(*open)].concat().join(", ");
                if *set { format!("{{{inside}}}") } else { format!("[{inside}]") }
            }
            Kind::Dict { entries, open } => {
                let pairs = entries
                    .iter()
                    .map(|(k, v)| format!("{}: {}", self.show_at(k, at.deeper()), self.show_at(v, at.deeper())));
                format!("{{{}}}", pairs.chain(rest(*open)).collect::<Vec<_>>().join(", "))
            }
            Kind::Instance { class } => match self.own_attribute(obj, crate::intern::known::ATTR_NAME) {
                Some(Value::Str(name)) if self.enum_value(value).is_some() => {
                    format!("{}.{name}", self.show_at(class, at.deeper()))
                }
                _ => format!("<{} object>", self.show_at(class, at.deeper())),
            },
            Kind::Function(function) => {
                format!("<function {}>", function.code.function(function.id).name)
            }
            Kind::Class(class) => class.name.to_string(),
            Kind::Bound { receiver, function } => {
                format!("<bound {} of {}>", self.show_at(function, at.deeper()), self.show_at(receiver, at.deeper()))
            }
            Kind::Builtin { name, .. } => format!("<built-in {name}>"),
            Kind::Super { .. } => "<super>".to_owned(),
            Kind::Descriptor { kind, .. } => format!("<{kind:?} descriptor>"),
            Kind::Generic { origin, arguments } => {
                format!("{}[{}]", self.show_at(origin, at.deeper()), all(arguments).join(", "))
            }
            Kind::Module { file: Some(file), .. } => format!("<module {}>", self.program.name_of(*file).1),
            Kind::Module { .. } => "<namespace>".to_owned(),
        }
    }
}
