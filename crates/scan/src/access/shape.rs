//! What a callable is made of, as a key: two guards of the same code with the same captured values answer alike.
//!
//! `Depends(require("admin"))` makes another closure for each endpoint, `Depends(RoleChecker(["admin"]))` another instance: told apart by
//! identity, each would be played again.

use std::fmt::Write;
use std::sync::Arc;

use python::interp::Interp;
use python::value::{FunctionValue, Kind, Obj, Value};

/// Objects inside objects; what lies deeper is told apart by identity.
const DEPTH_MAX: usize = 8;
/// Bytes of a key, past which objects are told apart by identity.
const TEXT_MAX: usize = 32_768;

/// The key of some values in order.
pub(super) fn shape(interp: &Interp<'_>, values: &[Value]) -> String {
    let mut shape = Shape { interp, text: String::new(), within: Vec::new() };
    shape.values(values);
    shape.text
}

struct Shape<'i, 'p> {
    interp: &'i Interp<'p>,
    text: String,
    /// The objects around.
    within: Vec<Obj>,
}

impl Shape<'_, '_> {
    fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        self.text.push('(');
        for value in values {
            self.value(value);
            self.text.push(',');
        }
        self.text.push(')');
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(obj) => self.object(*obj),
            Value::Tuple(items) => self.values(items.iter()),
            Value::Union(items) => {
                self.text.push('|');
                self.values(items.iter());
            }
            Value::Labelled(labelled) => {
                let _ = write!(self.text, "{:?}", labelled.1);
                self.value(&labelled.0);
            }
            // Strings are quoted, so that no text looks like something else.
            plain => {
                let _ = write!(self.text, "{plain:?}");
            }
        }
    }

    fn object(&mut self, obj: Obj) {
        // What holds itself (a closure sees its own name) is told by how far out it stands.
        if let Some(outer) = self.within.iter().position(|o| *o == obj) {
            let _ = write!(self.text, "^{outer}");
            return;
        }
        let known = self.within.len() < DEPTH_MAX && self.text.len() < TEXT_MAX;
        if !known || !self.parts(obj) {
            let _ = write!(self.text, "#{obj:?}");
        }
    }

    /// Writes what an object consists of; false where only its identity tells.
    fn parts(&mut self, obj: Obj) -> bool {
        let interp = self.interp;
        let object = interp.object(obj);
        if matches!(object.kind, Kind::Class(_) | Kind::Module { .. }) {
            return false;
        }
        self.within.push(obj);
        match &object.kind {
            Kind::Instance { class } => self.part("instance", [class]),
            Kind::Bound { receiver, function } => self.part("bound", [receiver, function]),
            Kind::Descriptor { kind, function } => {
                let _ = write!(self.text, "{kind:?}");
                self.part("descriptor", [function]);
            }
            Kind::Builtin { receiver, name } => self.part(name.as_str(), [receiver]),
            Kind::Super { receiver, after } => self.part("super", [receiver, &Value::Object(*after)]),
            Kind::Generic { origin, arguments } => self.part("generic", std::iter::once(origin).chain(arguments)),
            Kind::List { items, open, set } => {
                let _ = write!(self.text, "{open}{set}");
                self.part("list", items);
            }
            Kind::Dict { entries, open } => {
                let _ = write!(self.text, "{open}");
                self.part("dict", entries.iter().flat_map(|(k, v)| [k, v]));
            }
            Kind::Function(function) => self.function(function),
            Kind::Class(_) | Kind::Module { .. } => {}
        }
        for (name, value) in object.attributes.iter() {
            let _ = write!(self.text, ".{name}=");
            self.value(value);
        }
        self.within.pop();
        true
    }

    fn part<'v>(&mut self, what: &str, values: impl IntoIterator<Item = &'v Value>) {
        self.text.push_str(what);
        self.values(values);
    }

    fn function(&mut self, function: &FunctionValue) {
        let (code, id) = (Arc::as_ptr(&function.code), function.id);
        let _ = write!(self.text, "def {code:p} {id:?} {:?}", function.class);
        self.values(function.defaults.iter().flatten());
        self.values(function.annotations.iter().flat_map(|a| a.iter().flatten()));
        for (name, value) in self.interp.captured(function) {
            let _ = write!(self.text, ".{name}=");
            self.value(&value);
        }
    }
}
