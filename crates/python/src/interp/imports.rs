//! Importing modules: running their bodies once, in the order in which Python would.

use std::rc::Rc;
use std::sync::Arc;

use model::GapKind;

use super::{Interp, ModuleState};
use crate::code::Run;
use crate::intern::{Symbol, known};
use crate::program::{FileId, Module, join, parent};
use crate::value::{Kind, Obj, Site, Value};

/// The longest name of a library that gets a further part, in bytes: each part makes a new name.
const EXTERNAL_BYTES_MAX: usize = 1_024;

impl Interp<'_> {
    /// Runs a file as a module, and the packages around it first. Does nothing the second time.
    pub fn run_module(&mut self, file: FileId) -> Obj {
        if let Some(ModuleState::Running(obj) | ModuleState::Done(obj)) = self.modules.get(&file) {
            return *obj;
        }
        let (_, name) = self.program.name_of(file);
        let path = Arc::clone(&self.program.file(file).path);
        let mut directory = parent(&path);
        if path.ends_with("__init__.py") {
            directory = directory.as_deref().and_then(parent);
        }
        if let Some(init) = directory.and_then(|d| self.program.at(&join(&d, "__init__.py"))) {
            self.run_module(init);
            if let Some(ModuleState::Running(obj) | ModuleState::Done(obj)) = self.modules.get(&file) {
                return *obj;
            }
        }
        self.run_body(file, &name)
    }

    fn run_body(&mut self, file: FileId, name: &str) -> Obj {
        self.keep_what_is_new();
        let scope = self.new_scope(None, None);
        let directory = self.program.directory_of(&Module::File(file)).map(Rc::from);
        let site = Site { file, span: crate::code::Span::default() };
        let module = self.make(Kind::Module { file: Some(file), scope, directory }, site);
        let Value::Object(obj) = module else { unreachable!("`make` makes objects") };
        self.modules.insert(file, ModuleState::Running(obj));
        self.module_order.push(file);
        self.changes.effects += 1;
        let package = if self.program.file(file).path.ends_with("__init__.py") {
            name
        } else {
            name.rsplit_once('.').map_or("", |(p, _)| p)
        };
        let own_directory = match self.kind(obj) {
            Kind::Module { directory: Some(directory), .. } => Some(Value::str(directory)),
            _ => None,
        };
        let path = Value::str(&self.program.file(file).path);
        let names = self.scope_mut(scope);
        if let Some(directory) = own_directory {
            names.set(known::PATH, Value::Tuple([directory].into()));
        }
        names.set(known::NAME, Value::str(name));
        names.set(known::PACKAGE, Value::str(package));
        names.set(known::FILE, path);
        let code = Arc::clone(&self.program.file(file).code);
        let body = code.body;
        let exploring = std::mem::replace(&mut self.exploring, false);
        // Calls inside calls are counted from here: a module imported deep inside other modules may still call functions.
        let depth_base = std::mem::replace(&mut self.depth_base, self.frames.len());
        self.push_frame(scope, file, code);
        self.modules_running += 1;
        let run = self.deeper_by_a_module(|s| {
            s.module_block(body);
            Ok(())
        });
        self.modules_running -= 1;
        self.frames.pop();
        if run.is_err() {
            self.gap(
                GapKind::EvaluationLimit,
                site,
                "not run: modules import each other deeper than the limit".to_owned(),
            );
        }
        self.depth_base = depth_base;
        self.exploring = exploring;
        self.modules.insert(file, ModuleState::Done(obj));
        obj
    }

    fn module_value(&mut self, module: Module) -> Value {
        match module {
            Module::File(file) => Value::Object(self.run_module(file)),
            Module::Namespace(directory) => {
                if let Some(obj) = self.namespaces.get(&directory) {
                    return Value::Object(*obj);
                }
                let scope = self.new_scope(None, None);
                let site = self.site(crate::code::Span::default());
                let value = self.make(Kind::Module { file: None, scope, directory: Some(Rc::clone(&directory)) }, site);
                if let Value::Object(obj) = value {
                    self.namespaces.insert(directory, obj);
                    self.keep_what_is_new();
                }
                value
            }
        }
    }

    /// What `import name` gives.
    pub(super) fn import_module(&mut self, name: Symbol) -> Value {
        let file = self.frame().file;
        match self.program.resolve(file, name) {
            Some(module) => self.module_value(module),
            None => Value::External(name),
        }
    }

    pub(super) fn import(&mut self, names: Run) {
        let code = Arc::clone(&self.frame().code);
        for alias in code.import(names) {
            let module = self.import_module(alias.name);
            if let Some(name) = alias.asname {
                self.bind(name, module);
            } else {
                let top = alias.name.as_str().split('.').next().map_or(alias.name, Symbol::new);
                let value = if top == alias.name { module } else { self.import_module(top) };
                self.bind(top, value);
            }
        }
    }

    pub(super) fn import_from(&mut self, module: Option<Symbol>, level: u32, names: Run) {
        let code = Arc::clone(&self.frame().code);
        let source = self.import_source(module, level);
        for alias in code.import(names) {
            if alias.name == known::STAR {
                self.import_star(&source);
                continue;
            }
            let value = self.imported_name(&source, alias.name);
            self.bind(alias.asname.unwrap_or(alias.name), value);
        }
    }

    /// The module behind `from ..x import`.
    pub(super) fn import_source(&mut self, module: Option<Symbol>, level: u32) -> Value {
        let name = module.unwrap_or(known::EMPTY);
        if level == 0 {
            return self.import_module(name);
        }
        let file = self.frame().file;
        match self.program.resolve_relative(file, level, name) {
            Some(module) => self.module_value(module),
            None => Value::External(Symbol::new(&format!("{}{name}", ".".repeat(level as usize)))),
        }
    }

    fn imported_name(&mut self, source: &Value, name: Symbol) -> Value {
        let Some(obj) = source.as_object() else {
            return self.external_member(source, name);
        };
        match self.module_member(obj, name) {
            Some(value) => value,
            None if self.stub_member(obj, name).is_some() => self.stub_member(obj, name).unwrap_or(Value::None),
            None => Value::Unknown(Rc::new(crate::value::Unknown {
                reason: format!("`{name}` is not defined in the imported module").into(),
                labels: crate::value::Labels::NONE,
                name: Some(name),
                class: None,
                term: None,
                library: None,
            })),
        }
    }

    pub(super) fn external_member(&mut self, source: &Value, name: Symbol) -> Value {
        match source {
            Value::External(base) if base.as_str().len() > EXTERNAL_BYTES_MAX => {
                Value::unknown("a name of a library that is longer than the limit")
            }
            Value::External(base) => {
                let full = Symbol::new(&format!("{base}.{name}"));
                // `import a.b` where only `a.b.c` is described.
                match self.program.resolve(self.frame().file, full) {
                    Some(Module::File(file)) if self.program.is_stub(file) => Value::Object(self.run_module(file)),
                    _ => Value::External(full),
                }
            }
            other => other.clone(),
        }
    }

    /// A name of a module: its own, its `__getattr__`'s, or a submodule.
    pub(super) fn module_member(&mut self, module: Obj, name: Symbol) -> Option<Value> {
        let Kind::Module { file, scope, directory } = self.kind(module) else {
            return None;
        };
        let (file, scope, directory) = (*file, *scope, directory.clone());
        if let Some(value) = self.name_in(scope, name) {
            return Some(value.clone());
        }
        if let Some(directory) = &directory {
            let package = file.map_or_else(|| Module::Namespace(Rc::clone(directory)), Module::File);
            if let Some(module) = self.program.submodule(&package, name.as_str()) {
                return Some(self.module_value(module));
            }
        }
        let hook = self.name_in(scope, known::GETATTR).cloned()?;
        let site = self.made_at(module);
        let found = self.call(&hook, crate::value::Arguments::of([Value::str(name.as_str())]), site).ok();
        found.or_else(|| Some(Value::unknown("made by the module's `__getattr__`")))
    }

    /// A name that our description of a library leaves out.
    pub(super) fn stub_member(&self, module: Obj, name: Symbol) -> Option<Value> {
        let Kind::Module { file, .. } = self.kind(module) else {
            return None;
        };
        let file = file.filter(|f| self.program.is_stub(*f))?;
        let of = self.program.name_of(file).1;
        let of = if of == "typing_extensions" { "typing" } else { &of };
        Some(Value::External(Symbol::new(&format!("{of}.{name}"))))
    }

    fn import_star(&mut self, source: &Value) {
        let Some(obj) = source.as_object() else {
            return;
        };
        let Kind::Module { scope, .. } = self.kind(obj) else {
            return;
        };
        let scope = *scope;
        let exported = self.name_in(scope, known::ALL).cloned();
        let listed = exported.and_then(|all| self.known_items(&all));
        let names: Vec<Symbol> = match listed {
            Some(all) => all.iter().filter_map(|v| v.as_str().map(Symbol::new)).collect(),
            None => self.scope(scope).names.iter().map(|(n, _)| n).filter(|n| !n.as_str().starts_with('_')).collect(),
        };
        for name in names {
            if let Some(value) = self.module_member(obj, name) {
                self.bind(name, value);
            }
        }
    }
}
