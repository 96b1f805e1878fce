//! What our descriptions of libraries cannot say in Python: names between double underscores that only they use.

use model::GapKind;

use super::Interp;
use crate::code::FunctionBody;
use crate::intern::{Symbol, known};
use crate::program::{Module, join};
use crate::term::Term;
use crate::value::{Arguments, Descriptor, Kind, Labels, Obj, Site, Value};

/// Results of memoised functions that are kept.
const MEMO_MAX: usize = 512;
/// Making a field takes as long as copying so many items of a list.
const ITEMS_PER_FIELD: usize = 32;
/// How deep `walk_packages` walks.
const PACKAGE_DEPTH_MAX: usize = 8;
/// Wrappers around a function on which a mark is looked for.
const WRAPPERS_MAX: usize = 16;

/// A path without `.`, `..` and empty segments.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Interp<'_> {
    pub(super) fn intrinsic(&mut self, name: &str, arguments: &Arguments, site: Site) -> Option<Value> {
        let first = arguments.positional.first().cloned();
        match name {
            "__entry_points__" | "__modules_run__" | "__modules_in__" | "__import_module__" | "__import__"
            | "__decorate__" => self.of_program(name, first, arguments, site),
            "__environment__" => Some(self.environment(first.as_ref(), arguments.positional.get(1), site)),
            "__outside__" => Some(self.outside(first?.as_str()?, site)),
            "__unknown__" => Some(Value::unknown(first.as_ref().and_then(Value::as_str).unwrap_or("not known"))),
            "__type_hints__" => self.type_hints(&first?, site),
            "__signature_of__" => self.signature_of(&first?, site),
            "__names_of__" => self.names_of(&first?, site),
            "__is_function__" => self.is_function(&first?, arguments),
            "__is_async__" => self.is_coroutine(&first?).map(Value::Bool),
            "__open_dict__" => Some(self.make(Kind::Dict { entries: Vec::new(), open: true }, site)),
            "__cached_property__" => Some(self.describe(Descriptor::CachedProperty, arguments, site)),
            "__emptied__" => {
                self.object_mut(first?.as_object()?).attributes = crate::value::Attributes::default();
                Some(Value::None)
            }
            "__fill__" => self.fill(arguments, site),
            "__keep__" => self.keep_entries(arguments),
            "__labelled__" => self.labelled(arguments, site),
            "__carrying__" => {
                let bits = u16::try_from(first?.as_int()?).ok()?;
                Some(arguments.positional.get(1)?.clone().with(Labels::bit(bits)))
            }
            "__passed__" => {
                self.changes.effects += 1;
                self.passed = self.passed.or(&self.paths);
                Some(Value::unknown("what the inner application answers"))
            }
            "__answered__" => {
                let answer = (first?, site, self.paths.clone());
                self.changes.effects += 1;
                self.answered.push(answer);
                Some(Value::None)
            }
            "__is_opaque__" => Some(Value::Bool(self.opaque)),
            "__is_watched__" => Some(Value::Bool(self.is_watching())),
            "__is_followed__" => Some(Value::Bool(self.is_watching() || !self.exploring)),
            "__event__" => self.event(arguments, site),
            "__noted__" => self.noted(arguments, site),
            "__any__" | "__every__" => Some(self.connected(arguments, name == "__every__")),
            "__open_list__" => {
                let items = arguments.positional.clone();
                Some(self.make(Kind::List { items, open: true, set: false }, site))
            }
            "__inherit__" => {
                self.inherit_attributes(first?.as_object()?, arguments.positional.get(1)?.as_object()?);
                Some(Value::None)
            }
            "__mapped__" => self.map_class(&first?),
            "__text_of__" => Some(self.text_made_of(arguments)),
            "__part_of__" => Some(Value::unknown_with("part of a text", first?.labels())),
            "__group__" => self.group(arguments),
            "__matches__" => Some(self.pattern_matches(arguments)),
            "__narrowed__" => self.narrowed(arguments),
            "__called__" | "__tests__" | "__found__" => self.of_raw(name, arguments),
            "__substituted__" => Some(self.substituted(arguments)),
            "__memo__" => self.memoised(arguments, site),
            "__fields_of__" => Some(self.fields_of(first?.as_object()?, arguments.positional.get(1), site)),
            "__parts__" => self.parts_named(arguments, site),
            _ => self.told(name, &first?, arguments),
        }
    }

    /// Whether a value is a function; where that is not known, what the description says then.
    fn is_function(&self, value: &Value, arguments: &Arguments) -> Option<Value> {
        match value.plain() {
            Value::Unknown(_) | Value::External(_) | Value::Union(_) => arguments.positional.get(1).cloned(),
            Value::Object(obj) => Some(Value::Bool(matches!(self.kind(*obj), Kind::Function(_) | Kind::Bound { .. }))),
            _ => Some(Value::Bool(false)),
        }
    }

    /// What descriptions ask of the program around: its modules, its metadata, its decorators.
    fn of_program(&mut self, name: &str, first: Option<Value>, arguments: &Arguments, site: Site) -> Option<Value> {
        match name {
            "__import_module__" | "__import__" => Some(self.import_by_name(&first?, arguments.positional.get(1))),
            "__modules_in__" => self.modules_in(&first?, arguments.positional.get(1), site),
            "__modules_run__" => Some(self.modules_so_far(site)),
            // As the decorator of a `def`: one that is not described leaves the function as it is, with a note.
            "__decorate__" => {
                let site = self.caller_outside_stubs().unwrap_or(site);
                Some(self.decorate(&first?, arguments.positional.get(1)?.clone(), site))
            }
            _ => {
                let rows = self.program.entry_points().into_iter();
                let items = rows.map(|row| Value::Tuple(row.map(|text| Value::str(&text)).to_vec().into())).collect();
                Some(self.make(Kind::List { items, open: false, set: false }, site))
            }
        }
    }

    /// `__text_of__(values)`: a text that is made of them.
    fn text_made_of(&self, arguments: &Arguments) -> Value {
        let labels = self.labels_given(arguments);
        Value::unknown_with("a text that is made of values", labels).standing_for(Term::text(&arguments.positional))
    }

    /// The schemes by which the exploration tried to identify the caller so far.
    pub fn take_tried(&mut self) -> Vec<Symbol> {
        std::mem::take(&mut self.tried)
    }

    /// Why it is not known whether the exploration refuses, as descriptions said so far.
    pub fn take_doubts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.doubts)
    }

    /// What descriptions tell of a play, and ask of values.
    fn told(&mut self, name: &str, first: &Value, arguments: &Arguments) -> Option<Value> {
        match name {
            "__tried__" => {
                self.changes.effects += 1;
                self.tried.push(Symbol::new(first.as_str()?));
                Some(Value::None)
            }
            "__related__" => self.related(arguments),
            "__within__" => self.conditions_within(arguments),
            "__marked__" => Some(self.marked(first, Symbol::new(arguments.positional.get(1)?.as_str()?))),
            "__kind_of__" => Some(Value::str(self.kind_of(first))),
            "__gap__" => {
                let reason = arguments.positional.get(1)?.as_str()?.to_owned();
                self.not_understood(first.as_str()?, reason)
            }
            // What is called from here on raises nothing but what it is seen to raise.
            "__sealed__" => {
                self.frame_mut().is_sealed = true;
                Some(first.clone())
            }
            "__doubt__" => {
                self.changes.effects += 1;
                self.doubts.push(first.as_str()?.to_owned());
                Some(Value::None)
            }
            _ => None,
        }
    }

    /// `__gap__(kind, reason)`: what a description cannot tell, at the place of the program that asks for it; not while a request is played.
    fn not_understood(&mut self, kind: &str, reason: String) -> Option<Value> {
        let kind = match kind {
            "unresolved-route" => GapKind::UnresolvedRoute,
            "unresolved-router" => GapKind::UnresolvedRouter,
            _ => GapKind::UnresolvedGuard,
        };
        if !self.exploring {
            let site = self.caller_outside_stubs()?;
            self.gap(kind, site, reason);
        }
        Some(Value::None)
    }

    /// `sys.modules`: the modules of the program that were run so far, by name.
    fn modules_so_far(&mut self, site: Site) -> Value {
        let files: Vec<_> = self.module_order.iter().copied().filter(|file| !self.program.is_stub(*file)).collect();
        let named = |file| Value::str(&self.program.name_of(file).1);
        let names: Vec<Value> = files.iter().map(|file| named(*file)).collect();
        let entries = names.into_iter().zip(files.into_iter().map(|file| Value::Object(self.run_module(file))));
        let entries = entries.collect();
        self.make(Kind::Dict { entries, open: false }, site)
    }

    /// What was set on a wrapped function is found on what wraps it, too, unless that has its own.
    fn inherit_attributes(&mut self, wrapper: Obj, wrapped: Obj) {
        let set: Vec<_> = self.object(wrapped).attributes.iter().map(|(name, value)| (name, value.clone())).collect();
        for (name, value) in set {
            if self.own_attribute(wrapper, name).is_none() {
                self.attributes_mut(wrapper, name).set(name, value);
            }
        }
    }

    /// Whether a function is an `async def` that does not yield; a wrapper is asked itself, not what it wraps.
    pub(super) fn is_coroutine(&self, callable: &Value) -> Option<bool> {
        let mut callable = callable.as_object()?;
        while let Kind::Bound { function, .. } | Kind::Descriptor { function, .. } = self.kind(callable) {
            callable = function.as_object()?;
        }
        match self.kind(callable) {
            Kind::Function(function) => {
                let definition = function.code.function(function.id);
                let FunctionBody::Deferred(span) = definition.body else { return Some(false) };
                Some(definition.is_async && !self.program.body(function.file, span).has_yield)
            }
            Kind::Class(_) | Kind::Instance { .. } => Some(false),
            _ => None,
        }
    }

    /// `__memo__(function, args, kwargs)`: the result of an earlier call with the same known arguments.
    fn memoised(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let function = arguments.positional.first()?.clone();
        let positional = self.known_items(arguments.positional.get(1)?)?;
        let keywords = self.known_entries(arguments.positional.get(2)?)?;
        let keywords: Vec<_> = keywords.into_iter().filter_map(|(k, v)| Some((Symbol::new(k.as_str()?), v))).collect();
        let call = Arguments { positional, keywords, ..Arguments::default() };
        let known = !call.positional.iter().chain(call.keywords.iter().map(|(_, v)| v)).any(Value::is_unknown);
        let key = (function.clone(), call.clone());
        if let Some((_, result)) = self.memo.iter().find(|(k, _)| *k == key) {
            return Some(result.clone());
        }
        let result = self.call(&function, call, site).ok()?;
        if known && self.memo.len() < MEMO_MAX {
            self.memo.push((key, result.clone()));
            self.keep_what_is_new();
        }
        Some(result)
    }

    /// `__kind_of__(value)`: what a value is as far as is known; an instance of a class that is not seen is not.
    fn kind_of(&self, value: &Value) -> &'static str {
        match value.plain() {
            Value::Str(_) => "text",
            Value::Tuple(_) => "tuple",
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Module { .. } => "module",
                Kind::Class(_) => "class",
                Kind::Function(_) | Kind::Bound { .. } => "function",
                Kind::List { .. } => "list",
                Kind::Dict { .. } => "dict",
                _ => "instance",
            },
            Value::Unknown(_) | Value::External(_) | Value::Union(_) => "unknown",
            _ => "constant",
        }
    }

    /// `__marked__(function, name)`: what a decorator left on a function, or on one that it wraps; `None` where there is nothing.
    fn marked(&self, function: &Value, name: Symbol) -> Value {
        let mut current = function.as_object();
        for _ in 0..WRAPPERS_MAX {
            let Some(object) = current.map(|obj| self.object(obj)) else { break };
            if let Some(found) = object.attributes.get(name) {
                return found.clone();
            }
            current = match &object.kind {
                Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => function.as_object(),
                Kind::Function(_) => object.attributes.get(known::WRAPPED).and_then(Value::as_object),
                _ => None,
            };
        }
        Value::None
    }

    /// `__labelled__(bits, value)`: the value with labels; without a value, one that is not known. `given="query"` says that it is the
    /// part called `name` of what stands for `<query>`; `of=...` what it stands for, `type=int` that it is read as that, `kind=File` whose instance it is.
    fn labelled(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let bits = u16::try_from(arguments.positional.first()?.as_int()?).ok()?;
        let name = arguments.keyword("name").and_then(Value::as_str);
        let labels = Labels::bit(bits);
        Some(match arguments.positional.get(1) {
            Some(value) if !self.opaque => value.clone().with(labels),
            _ => {
                self.risk(labels);
                let term = match arguments.keyword("given").and_then(Value::as_str) {
                    Some(place) => given(place, name),
                    None => arguments.keyword("of").and_then(Value::term).cloned(),
                };
                let place = arguments.keyword("given").and_then(Value::as_str);
                let is_plain = arguments.keyword("type").is_some_and(|of| !of.is_none() && self.is_plain_type(of));
                let labels = if is_plain { labels } else { self.read_raw(labels, place, name, site) };
                let value = Self::unknown_named("part of the request", labels, Symbol::new(name.unwrap_or("")));
                let class = arguments.keyword("kind").filter(|class| self.is_class(class)).cloned();
                value.standing_for(term).instance_of_class(class)
            }
        })
    }

    /// `__fill__(self, data)`: the fields of a record from a dict.
    fn fill(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let obj = arguments.positional.first()?.as_object()?;
        let class = match self.kind(obj) {
            Kind::Instance { class } => class.as_object()?,
            _ => return None,
        };
        let data = arguments.positional.get(1).and_then(|d| self.known_entries(d));
        let open = data.is_none();
        let keywords =
            data.unwrap_or_default().into_iter().filter_map(|(k, v)| Some((Symbol::new(k.as_str()?), v))).collect();
        self.fill_record(obj, class, Arguments { keywords, open, ..Arguments::default() }, site);
        Some(Value::None)
    }

    fn import_by_name(&mut self, name: &Value, package: Option<&Value>) -> Value {
        let Some(text) = name.as_str() else {
            return Value::unknown_with("a module whose name is not known", name.labels());
        };
        let level = text.chars().take_while(|c| *c == '.').count();
        if level == 0 {
            return self.import_module_as_leaf(text);
        }
        let Some(package) = package.and_then(Value::as_str) else {
            return Value::unknown("a relative import without its package");
        };
        let mut parts: Vec<&str> = package.split('.').collect();
        parts.truncate(parts.len().saturating_sub(level - 1));
        parts.push(&text[level..]);
        self.import_module_as_leaf(&parts.join("."))
    }

    /// The names are looked up from the code of the program that called, not from our description.
    fn import_module_as_leaf(&mut self, name: &str) -> Value {
        let caller = self.frames.iter().rev().map(|f| f.file).find(|f| !self.program.is_stub(*f));
        let Some(file) = caller else {
            return Value::External(Symbol::new(name));
        };
        match self.program.resolve(file, Symbol::new(name)) {
            Some(Module::File(file)) => Value::Object(self.run_module(file)),
            _ => Value::External(Symbol::new(name)),
        }
    }

    /// `package.__path__` is the directory of the package.
    fn modules_in(&mut self, path: &Value, deep: Option<&Value>, site: Site) -> Option<Value> {
        let path = self.known_items(path).and_then(|items| items.first().cloned()).unwrap_or_else(|| path.clone());
        let directory = without_dots(path.as_str()?);
        let deep = deep.is_some_and(|d| matches!(d, Value::Bool(true)));
        let mut found = Vec::new();
        self.collect_modules(&directory, "", if deep { PACKAGE_DEPTH_MAX } else { 0 }, &mut found);
        let items = found
            .into_iter()
            .map(|(name, package)| Value::Tuple([Value::str(&name), Value::Bool(package)].into()))
            .collect();
        Some(self.make(Kind::List { items, open: false, set: false }, site))
    }

    fn collect_modules(&self, directory: &str, prefix: &str, depth: usize, found: &mut Vec<(String, bool)>) {
        for (name, package) in self.program.modules_in(directory) {
            found.push((format!("{prefix}{name}"), package));
            if package && depth > 0 {
                self.collect_modules(&join(directory, &name), &format!("{prefix}{name}."), depth - 1, found);
            }
        }
    }

    fn type_hints(&mut self, of: &Value, site: Site) -> Option<Value> {
        let mut entries = Vec::new();
        if self.is_class(of) {
            let fields = self.annotated_fields(of.as_object()?);
            entries.extend(fields.iter().map(|(n, v)| (Value::str(n.as_str()), v.clone())));
        } else {
            for parameter in self.signature(of)? {
                entries.extend(parameter.annotation.map(|a| (Value::str(parameter.name.as_str()), a)));
            }
            entries.extend(self.return_annotation(of).map(|r| (Value::str("return"), r)));
        }
        Some(self.make(Kind::Dict { entries, open: false }, site))
    }

    /// `(name, kind, default, annotation)` for each parameter.
    fn signature_of(&mut self, of: &Value, site: Site) -> Option<Value> {
        let parameters = self.signature(of)?;
        let none = |v: Option<Value>| v.unwrap_or(Value::None);
        let row = |p: super::SignatureParameter| {
            let kind = match p.kind {
                crate::code::ParameterKind::PositionalOnly => 0,
                crate::code::ParameterKind::Ordinary => 1,
                crate::code::ParameterKind::VarPositional => 2,
                crate::code::ParameterKind::KeywordOnly => 3,
                crate::code::ParameterKind::VarKeyword => 4,
            };
            Value::Tuple([Value::str(p.name.as_str()), Value::Int(kind), none(p.default), none(p.annotation)].into())
        };
        let items = parameters.into_iter().map(row).collect();
        Some(self.make(Kind::List { items, open: false, set: false }, site))
    }

    /// `__fields_of__(class)`: a dict from each annotated name to its annotation. `__fields_of__(class, field)`: to its default if that is
    /// an instance of the class `field`, else to a new one that holds it; the annotation becomes an attribute of it.
    fn fields_of(&mut self, class: Obj, field: Option<&Value>, site: Site) -> Value {
        let fields = self.annotated_fields(class);
        self.charge(fields.len() * ITEMS_PER_FIELD);
        let mut entries = Vec::with_capacity(fields.len());
        for (name, annotation) in fields.iter() {
            let value = match field {
                Some(field) => self.field_of(class, *name, annotation, field, site),
                None => annotation.clone(),
            };
            entries.push((Value::str(name.as_str()), value));
        }
        self.make(Kind::Dict { entries, open: false }, site)
    }

    fn field_of(&mut self, class: Obj, name: Symbol, annotation: &Value, field: &Value, site: Site) -> Value {
        let default = self.in_mro(class, name, None).unwrap_or(Value::Ellipsis);
        let made = if self.is_instance(&default, field) == Some(true) {
            default
        } else {
            let made = self.make(Kind::Instance { class: field.clone() }, site);
            if let Some(obj) = made.as_object() {
                self.attributes_mut(obj, known::DEFAULT).set(known::DEFAULT, default);
            }
            made
        };
        // A field that was asked for before is not changed.
        if let Some(obj) = made.as_object()
            && self.own_attribute(obj, known::ANNOTATION) != Some(annotation)
        {
            self.attributes_mut(obj, known::ANNOTATION).set(known::ANNOTATION, annotation.clone());
        }
        made
    }

    /// `dir(obj)`, sorted.
    /// `__keep__(object, values, old="new")`: the entries of a dict become attributes, some under another name.
    fn keep_entries(&mut self, arguments: &Arguments) -> Option<Value> {
        let [object, values] = arguments.positional.as_slice() else { return None };
        let (object, (entries, _)) = (object.as_object()?, self.entries_and_openness(values)?);
        for (name, value) in entries {
            let name = Symbol::new(name.as_str()?);
            let renamed = arguments.keywords.iter().find(|(old, _)| *old == name);
            let name = renamed.and_then(|(_, new)| new.as_str()).map_or(name, Symbol::new);
            self.attributes_mut(object, name).set(name, value);
        }
        let rest = self.rest_of(values);
        self.keep_rest(&Value::Object(object), rest);
        Some(Value::None)
    }

    pub(super) fn names_of(&mut self, of: &Value, site: Site) -> Option<Value> {
        let obj = of.as_object()?;
        let mut names: Vec<Symbol> = if let Kind::Module { scope, .. } = self.kind(obj) {
            self.scope(*scope).names.iter().map(|(name, _)| name).collect()
        } else {
            let class = if self.is_class(of) { Some(obj) } else { self.class_of(of).as_object() };
            let classes: Vec<Value> = class.map(|c| self.linearised(c).to_vec()).unwrap_or_default();
            let own = self.object(obj).attributes.iter().map(|(n, _)| n);
            let inherited = classes
                .iter()
                .filter_map(Value::as_object)
                .flat_map(|c| self.object(c).attributes.iter().map(|(n, _)| n));
            own.chain(inherited).collect()
        };
        names.retain(|n| *n != known::NAME && *n != known::FILE);
        names.sort_by_key(|n| n.as_str());
        names.dedup();
        let items = names.into_iter().map(|n| Value::str(n.as_str())).collect();
        Some(self.make(Kind::List { items, open: false, set: false }, site))
    }
}

/// What a description says that a value is: a part of what is given in some place.
fn given(place: &str, name: Option<&str>) -> Option<Term> {
    let all = Term::Given(Symbol::new(&format!("<{place}>")));
    match name {
        Some(name) => all.part(Symbol::new(name)),
        None => Some(all),
    }
}
