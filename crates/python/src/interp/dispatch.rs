//! `getattr(module, text)` where the text is not in the code: a table of plugins, commands or actions kept as a module. What it can
//! give is what the module itself defines.

use super::Interp;
use crate::intern::Symbol;
use crate::value::{Kind, Labels, Obj, UNION_MAX, Value};

impl Interp<'_> {
    /// What one of several names, or a name that nobody knows, gives of something: either of them, if they can be told.
    pub(super) fn attribute_of_names(&mut self, of: &Value, name: &Value, site: crate::value::Site) -> Option<Value> {
        if let Value::Union(names) = name.plain() {
            let names: Option<Vec<Symbol>> = names.iter().map(|n| n.as_str().map(Symbol::new)).collect();
            let found = names?.into_iter().map(|n| self.attribute(of, n, site).ok());
            return found.collect::<Option<Vec<Value>>>()?.into_iter().reduce(Value::or);
        }
        if !matches!(name.plain(), Value::Unknown(_) | Value::External(_)) {
            return None;
        }
        let module = of.as_object()?;
        let defined = self.defined_by(module);
        (2..=UNION_MAX).contains(&defined.len()).then(|| Value::Union(defined.into()).with(name.labels()))
    }

    /// The public classes that a module of the program defines itself, in their order; its functions, if it has no classes.
    fn defined_by(&self, module: Obj) -> Vec<Value> {
        let Kind::Module { file: Some(file), scope, .. } = self.kind(module) else { return Vec::new() };
        if self.program.is_stub(*file) {
            return Vec::new();
        }
        let own = self.scope(*scope).names.iter().filter(|(name, value)| {
            let here = value.as_object().is_some_and(|o| self.object(o).site.file == *file);
            here && !name.as_str().starts_with('_') && value.labels() == Labels::NONE
        });
        let own: Vec<&Value> = own.map(|(_, value)| value).collect();
        let classes: Vec<Value> = own.iter().filter(|v| self.is_class(v)).map(|v| (*v).clone()).collect();
        if !classes.is_empty() {
            return classes;
        }
        let is_function = |v: &&&Value| v.as_object().is_some_and(|o| matches!(self.kind(o), Kind::Function(_)));
        own.iter().filter(is_function).map(|v| (*v).clone()).collect()
    }
}
