//! The built-in functions that matter for putting an application together.

use super::{Eval, Interp, ModuleState};
use crate::intern::{Symbol, known};
use crate::program::STUBS;
use crate::value::{Arguments, Descriptor, Kind, Obj, Site, Value};

impl Interp<'_> {
    /// A built-in name: what our description of `builtins` defines, or an external.
    pub(super) fn builtin(&mut self, name: Symbol) -> Option<Value> {
        if let Some(known) = self.builtins.get(&name) {
            return known.clone();
        }
        let file = self.program.at(&format!("{STUBS}/builtins.py"))?;
        let module = self.run_module(file);
        let found = self.builtin_of(module, name);
        // While the module of the built-in names itself runs, more of them come.
        if self.modules.get(&file) == Some(&ModuleState::Done(module)) {
            self.builtins.insert(name, found.clone());
        }
        found
    }

    fn builtin_of(&self, module: Obj, name: Symbol) -> Option<Value> {
        if let Kind::Module { scope, .. } = self.kind(module)
            && let Some(value) = self.name_in(*scope, name)
        {
            return Some(value.clone());
        }
        NAMES.contains(&name.as_str()).then(|| Value::External(Symbol::new(&format!("builtins.{name}"))))
    }

    pub(super) fn call_builtin(&mut self, name: &str, arguments: &Arguments, site: Site) -> Eval<Value> {
        let labels = self.cleaned_by(name, arguments.labels());
        arguments.positional.iter().for_each(|argument| self.charge_for(argument));
        let known = match name {
            "super" => Some(self.call_super(arguments, site)),
            "staticmethod" => Some(self.describe(Descriptor::Static, arguments, site)),
            "classmethod" => Some(self.describe(Descriptor::Class, arguments, site)),
            "property" => Some(self.describe(Descriptor::Property, arguments, site)),
            "getattr" => self.call_getattr(arguments, site)?,
            "hasattr" => self.call_hasattr(arguments, site),
            "setattr" => self.call_setattr(arguments, site),
            "isinstance" | "issubclass" => self.call_isinstance(name, arguments).map(Value::Bool),
            "list" | "set" | "frozenset" | "tuple" | "sorted" | "reversed" | "iter" => {
                Some(self.collect(name, arguments, site))
            }
            "dict" => Some(self.call_dict(arguments, site)),
            "type" if arguments.positional.len() == 1 => {
                Some(self.class_of(&arguments.positional[0])).filter(|c| !c.is_none())
            }
            "type" => self.make_class(arguments, site),
            "vars" => {
                arguments.positional.first().cloned().map(|of| self.attribute(&of, known::DICT, site)).transpose()?
            }
            "dir" => arguments.positional.first().and_then(|of| self.names_of(of, site)),
            _ if name.starts_with("__") => self.intrinsic(name, arguments, site),
            _ => self.call_simple(name, arguments, site)?,
        };
        if known.is_none() {
            self.risk(labels);
            self.note_call(name, arguments, site);
            self.note_use(Symbol::new(name), arguments, site);
        }
        let converted = || {
            arguments.positional.first().filter(|_| matches!(name, "int" | "str" | "float" | "dict"))?.term().cloned()
        };
        let tested = || {
            let subject = arguments.positional.first();
            if name == "isinstance" {
                self.tested_by_class(subject?, arguments.positional.get(1)?)
            } else {
                let every = || self.every_of(name, subject?);
                self.tested_by(Symbol::new(name), subject).or_else(every)
            }
        };
        let term = if known.is_none() { converted().or_else(tested) } else { None };
        let is_opened = name == "open" && self.is_watching();
        let file = if is_opened { self.opened(arguments) } else { None };
        let term = if is_opened { self.opened_file(name, arguments, site) } else { term };
        // What these give is cleaner than what they are given: what a library finds is no text of who asks for it.
        if let (
            "__found__" | "__group__" | "__narrowed__" | "__substituted__" | "__event__" | "__noted__",
            Some(known),
        ) = (name, &known)
        {
            return Ok(known.clone());
        }
        // Each part says itself what of it is raw.
        let is_in_parts = name == "__parts__" || name == "map" && known.is_some();
        let labels = if is_in_parts { labels.cleared(labels.raw) } else { labels };
        let labels = if is_opened { labels.and(self.held_by_opened(name, arguments)) } else { labels };
        let labels = if name == "input" { self.given_outside(Symbol::new(name), labels, site) } else { labels };
        let unknown =
            || Value::unknown_with(&format!("a call of `{name}`"), labels).standing_for(term).of_library(file);
        Ok(known.map_or_else(unknown, |v| v.with(labels)))
    }

    fn call_simple(&mut self, name: &str, arguments: &Arguments, site: Site) -> Eval<Option<Value>> {
        let Some(first) = arguments.positional.first() else {
            return Ok(match name {
                "str" => Some(Value::str("")),
                "object" => {
                    Some(self.make(Kind::Instance { class: Value::External(Symbol::new("builtins.object")) }, site))
                }
                _ => None,
            });
        };
        Ok(match name {
            // What somebody wrote is a text.
            "str" if self.is_watching() && first.labels().raw != 0 => {
                Some(first.relabelled(&|labels| self.cleaned_by("str", labels)))
            }
            "str" => match self.text_of(first) {
                Some(text) => Some(Value::str(&text)),
                None if self.is_watching() => {
                    let shown = self.shown_in_text(first);
                    Some(shown).filter(|shown| shown.as_object().is_none() && !matches!(first, Value::Unknown(_)))
                }
                None => None,
            },
            "bool" => self.truth(first).map(Value::Bool),
            "int" => first.as_int().or_else(|| first.as_str()?.trim().parse().ok()).map(Value::Int),
            "len" => match first.plain() {
                // Longer ones are kept by their beginning.
                Value::Str(text) if text.len() < crate::lower::STRING_BYTES_MAX => Some(text.chars().count()),
                _ => self.known_items(first).map(|i| i.len()),
            }
            .and_then(|length| i64::try_from(length).ok())
            .map(Value::Int),
            "callable" => match first.plain() {
                Value::Object(obj) => Some(Value::Bool(match self.kind(*obj) {
                    Kind::Instance { .. } => self.class_attribute_of(first, known::CALL).is_some(),
                    kind => {
                        matches!(kind, Kind::Function(_) | Kind::Class(_) | Kind::Bound { .. } | Kind::Builtin { .. })
                    }
                })),
                Value::Unknown(_) | Value::External(_) | Value::Union(_) => None,
                _ => Some(Value::Bool(false)),
            },
            "range" => self.range(arguments, site),
            "enumerate" | "zip" => self.zip(name, arguments, site),
            "map" | "filter" => self.map(name, arguments, site)?,
            "any" | "all" => self.any_all(name, first).map(Value::Bool),
            "min" | "max" => {
                let items = if arguments.positional.len() > 1 {
                    Some(arguments.positional.clone())
                } else {
                    self.known_items(first)
                };
                let ints: Option<Vec<i64>> = items.and_then(|i| i.iter().map(Value::as_int).collect());
                ints.and_then(|i| if name == "min" { i.into_iter().min() } else { i.into_iter().max() }).map(Value::Int)
            }
            "next" | "anext" => {
                let items = self.partly_known_items(first);
                items.first().cloned().or_else(|| arguments.positional.get(1).cloned())
            }
            "id" | "print" => Some(Value::None),
            _ => None,
        })
    }

    fn call_getattr(&mut self, arguments: &Arguments, site: Site) -> Eval<Option<Value>> {
        let (Some(of), Some(name)) = (arguments.positional.first(), arguments.positional.get(1)) else {
            return Ok(None);
        };
        let Some(name) = name.as_str().map(Symbol::new) else {
            let found = self.attribute_of_names(of, name, site);
            return Ok(match arguments.positional.get(2).cloned() {
                Some(default) => found.map(|found| found.or(default)),
                None => found,
            });
        };
        let value = self.attribute(of, name, site)?;
        let default = arguments.positional.get(2).cloned();
        Ok(Some(match default {
            Some(default) if value.is_unknown() && !of.is_unknown() => match self.call_hasattr(arguments, site) {
                Some(Value::Bool(false)) => default.with(of.labels()),
                Some(Value::Bool(true)) => value,
                _ => value.or(default),
            },
            Some(default) if of.is_unknown() => value.or(default),
            _ => value,
        }))
    }

    /// Whether something is of a type of Python's own, whose instances have no attributes but those of the type.
    fn is_builtin(&self, of: &Value) -> bool {
        match of.plain() {
            Value::Unknown(_) | Value::External(_) | Value::Union(_) => false,
            Value::Object(obj) => matches!(self.kind(*obj), Kind::List { .. } | Kind::Dict { .. }),
            _ => true,
        }
    }

    /// Whether a described object has an attribute; instances of undescribed classes may have any.
    fn call_hasattr(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let of = arguments.positional.first()?;
        let name = Symbol::new(arguments.positional.get(1)?.as_str()?);
        let is_private = name.as_str().starts_with('_') && !name.as_str().starts_with("__");
        if is_private && self.is_builtin(of) {
            return Some(Value::Bool(false));
        }
        let obj = of.as_object()?;
        if self.own_attribute(obj, name).is_some() {
            return Some(Value::Bool(true));
        }
        let class = match self.kind(obj) {
            Kind::Module { .. } => {
                return Some(Value::Bool(self.module_member(obj, name).is_some_and(|v| !v.is_unknown())));
            }
            Kind::Class(_) => obj,
            Kind::Instance { class } => class.as_object()?,
            Kind::Function(_) | Kind::Bound { .. } => {
                let found = self.attribute(of, name, site).ok()?;
                return Some(Value::Bool(!found.is_unknown()));
            }
            _ => return None,
        };
        if self.in_mro(class, name, None).is_some() {
            return Some(Value::Bool(true));
        }
        // A description of something that makes its attributes says which there are.
        if let Some(has) = self.in_mro(class, Symbol::new("__has__"), None).filter(|has| self.is_stub(has)) {
            let given = Arguments::of([of.clone(), Value::str(name.as_str())]);
            return self.call(&has, given, site).ok();
        }
        let described = self.linearised(class).iter().all(|c| match c {
            Value::Object(_) => true,
            Value::External(n) => {
                n.as_str().starts_with("builtins.")
                    || n.as_str().starts_with("typing.")
                    || n.as_str().starts_with("abc.")
            }
            _ => false,
        });
        let annotated = self.annotated_fields(class).iter().any(|(n, _)| *n == name);
        (described && !annotated).then_some(Value::Bool(false))
    }

    fn call_setattr(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let (of, value) = (arguments.positional.first()?, arguments.positional.get(2)?);
        let name = arguments.positional.get(1)?;
        let of = self.behind_proxy(of.clone(), site).unwrap_or_else(|_| of.clone());
        self.note_set(&of, name, value, site);
        if let Some(name) = name.as_str().map(Symbol::new) {
            self.set_attribute(&of, name, value);
        }
        Some(Value::None)
    }

    fn call_isinstance(&mut self, name: &str, arguments: &Arguments) -> Option<bool> {
        let (value, class) = (arguments.positional.first()?, arguments.positional.get(1)?);
        if name == "isinstance" {
            return self.is_instance(value, class);
        }
        if self.is_class(value) || matches!(value, Value::External(_)) { self.is_subclass(value, class) } else { None }
    }

    fn collect(&mut self, kind: &str, arguments: &Arguments, site: Site) -> Value {
        let set = kind == "set" || kind == "frozenset";
        let Some(first) = arguments.positional.first() else {
            return if kind == "tuple" {
                Value::Tuple([].into())
            } else {
                self.make(Kind::List { items: Vec::new(), open: false, set }, site)
            };
        };
        let closed = self.iterate(first);
        let open = closed.is_none();
        let mut items = closed.unwrap_or_else(|| self.listed_items(first));
        match kind {
            "tuple" if !open => return Value::Tuple(items.into()),
            "reversed" => items.reverse(),
            "sorted" => items = self.sorted(items, arguments, site),
            "set" | "frozenset" => {
                items = super::members::united(Vec::new(), items);
            }
            _ => {}
        }
        let made = self.make(Kind::List { items, open, set }, site);
        self.note_collected(&made, first);
        made
    }

    pub(super) fn call_dict(&mut self, arguments: &Arguments, site: Site) -> Value {
        let (mut entries, mut open) = (Vec::new(), arguments.open);
        if let Some(first) = arguments.positional.first() {
            match self.known_entries(first) {
                Some(known) => entries = known,
                None => match self.known_items(first) {
                    Some(pairs) => entries.extend(pairs.iter().filter_map(|p| match p {
                        Value::Tuple(kv) if kv.len() == 2 => Some((kv[0].clone(), kv[1].clone())),
                        _ => None,
                    })),
                    None => open = true,
                },
            }
        }
        for (name, value) in &arguments.keywords {
            super::expressions::put(&mut entries, Value::str(name.as_str()), value.clone());
        }
        self.make(Kind::Dict { entries, open }, site)
    }

    /// `type("Name", (Base,), {...})`
    fn make_class(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let base = self.known_items(arguments.positional.get(1)?)?.into_iter().find(|b| self.is_class(b))?;
        let Kind::Class(class) = self.object(base.as_object()?).kind.clone() else {
            return None;
        };
        let mut class = class;
        class.name = Symbol::new(arguments.positional.first()?.as_str().unwrap_or("<class>"));
        class.bases = self.known_items(arguments.positional.get(1)?)?;
        class.annotations = Vec::new();
        let entries = arguments.positional.get(2).and_then(|d| self.known_entries(d)).unwrap_or_default();
        // What a description makes for the program stands where the program asks for it.
        let is_described = self.program.is_stub(site.file);
        let site = self.caller_outside_stubs().filter(|_| is_described).unwrap_or(site);
        let made = self.make(Kind::Class(class), site);
        let obj = made.as_object()?;
        if let Kind::Class(class) = &mut self.object_mut(obj).kind {
            class.mro.insert(0, Value::Object(obj));
        }
        for (name, value) in entries {
            if let Some(name) = name.as_str() {
                self.object_mut(obj).attributes.set(Symbol::new(name), value);
            }
        }
        Some(made)
    }

    fn range(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let bounds: Option<Vec<i64>> = arguments.positional.iter().map(Value::as_int).collect();
        let (start, end) = match bounds?.as_slice() {
            [end] => (0, *end),
            [start, end] => (*start, *end),
            _ => return None,
        };
        let turns = i64::try_from(self.limits.turns).ok()?;
        let items = (start..end.min(start.saturating_add(turns))).map(Value::Int).collect();
        Some(self.make(Kind::List { items, open: false, set: false }, site))
    }

    fn zip(&mut self, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let columns: Option<Vec<Vec<Value>>> =
            arguments.positional.iter().take(if name == "zip" { 8 } else { 1 }).map(|a| self.iterate(a)).collect();
        let mut columns = columns?;
        if name == "enumerate" {
            let start = arguments.get(1, "start").and_then(Value::as_int).unwrap_or(0);
            let len = i64::try_from(columns[0].len()).ok()?;
            columns.insert(0, (start..start.checked_add(len)?).map(Value::Int).collect());
        }
        let len = columns.iter().map(Vec::len).min()?;
        let items = (0..len).map(|i| Value::Tuple(columns.iter().map(|c| c[i].clone()).collect())).collect();
        Some(self.make(Kind::List { items, open: false, set: false }, site))
    }

    fn map(&mut self, name: &str, arguments: &Arguments, site: Site) -> Eval<Option<Value>> {
        let (Some(function), Some(of)) = (arguments.positional.first(), arguments.positional.get(1)) else {
            return Ok(None);
        };
        let closed = self.iterate(of);
        // Of something raw that is not known, one item stands for all.
        let open = closed.is_none();
        let items = match closed {
            Some(items) => items,
            None if name == "map" && self.is_watching() && of.labels().raw != 0 => vec![self.element_of(of)],
            None => return Ok(None),
        };
        let mut results = Vec::new();
        for item in items {
            let result = self.call(function, Arguments::of([item.clone()]), site)?;
            if name == "map" {
                results.push(result);
            } else if self.truth(&result) != Some(false) {
                results.push(item);
            }
        }
        Ok(Some(self.make(Kind::List { items: results, open, set: false }, site)))
    }

    fn any_all(&mut self, name: &str, of: &Value) -> Option<bool> {
        let closed = self.iterate(of);
        let open = closed.is_none();
        let items = closed.unwrap_or_else(|| self.partly_known_items(of));
        let stop = name == "any";
        let answers: Vec<_> = items.iter().map(|i| self.truth(i)).collect();
        if answers.contains(&Some(stop)) {
            return Some(stop);
        }
        (!open && answers.iter().all(Option::is_some)).then_some(!stop)
    }
}

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "abs", "all", "any", "anext", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "complex", "delattr",
    "dict", "dir", "divmod", "enumerate", "eval", "exec", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr",
    "hash", "hex", "id", "input", "int", "isinstance", "issubclass", "iter", "len", "list", "locals", "map", "max", "memoryview", "min",
    "next", "object", "oct", "open", "ord", "pow", "print", "property", "range", "repr", "reversed", "round", "set", "setattr", "slice",
    "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "vars", "zip", "__import__",
    "__environment__", "__outside__", "__unknown__", "__import_module__", "__modules_in__", "__type_hints__", "__signature_of__", "__names_of__",
    "__is_function__", "__is_async__", "__open_dict__", "__cached_property__", "__fill__", "__emptied__", "__keep__", "__labelled__", "__carrying__", "__answered__", "__matches__", "__found__", "__narrowed__", "__tests__", "__called__", "__memo__", "__part_of__", "__group__", "__text_of__", "__passed__", "__entry_points__", "__fields_of__",
    "__inherit__", "__substituted__", "__decorate__", "__gap__", "__modules_run__",
    "__event__", "__noted__", "__is_watched__", "__is_followed__", "__parts__", "__related__", "__within__", "__mapped__", "__any__", "__every__", "__open_list__", "__tried__", "__is_opaque__", "__marked__", "__kind_of__", "__doubt__", "__sealed__",
];
