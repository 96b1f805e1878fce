//! `getattr(module, text)` where the text is not in the code: a table of plugins, commands or actions kept as a module. What it can
//! give is what the module itself defines.

use super::Interp;
use crate::intern::Symbol;
use crate::value::{Kind, Labels, Obj, Site, UNION_OBJECTS_MAX, Value};

/// From how many classes on a module is such a table. Of one or two, the name that is asked for is more likely that of something else.
const TABLE_MIN: usize = 3;

impl Interp<'_> {
    /// What one of several names, or a name that nobody knows, gives of a module: any of what it may be.
    pub(super) fn attribute_of_names(&mut self, of: &Value, name: &Value, site: Site) -> Option<Value> {
        let module = of.as_object().filter(|obj| matches!(self.kind(*obj), Kind::Module { .. }))?;
        match name.plain() {
            Value::Union(names) => {
                let names: Option<Vec<Symbol>> = names.iter().map(|n| n.as_str().map(Symbol::new)).collect();
                let found = names?.into_iter().map(|n| self.attribute(of, n, site).ok());
                found.collect::<Option<Vec<Value>>>()?.into_iter().reduce(Value::or)
            }
            Value::Unknown(_) | Value::External(_) => {
                let defined = self.defined_by(module);
                let is_told = (TABLE_MIN..=UNION_OBJECTS_MAX).contains(&defined.len());
                is_told.then(|| Value::Union(defined.into()).with(name.labels()))
            }
            _ => None,
        }
    }

    /// The public classes that a module of the program defines itself, in their order.
    fn defined_by(&self, module: Obj) -> Vec<Value> {
        let Kind::Module { file: Some(file), scope, .. } = self.kind(module) else { return Vec::new() };
        if self.program.is_stub(*file) {
            return Vec::new();
        }
        let own = self.scope(*scope).names.iter().filter(|(name, value)| {
            let here = value.as_object().is_some_and(|o| self.object(o).site.file == *file);
            here && !name.as_str().starts_with('_') && value.labels() == Labels::NONE && self.is_class(value)
        });
        own.map(|(_, value)| value.clone()).collect()
    }
}
