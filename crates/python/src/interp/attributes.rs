//! Reading and writing attributes and items.

use std::rc::Rc;

use super::expressions::put;
use super::{Eval, Interp};
use crate::intern::{Symbol, known};
use crate::value::{Arguments, Descriptor, Kind, Labels, Obj, Site, Unknown, Value};

/// What an attribute goes by: its own name, with that of its owner before it where it only says what the owner is called
/// (`user.role.name`).
fn named_by(owner: Option<Symbol>, name: Symbol) -> Symbol {
    match owner {
        Some(owner) if matches!(name.as_str(), "name" | "value") && !owner.as_str().contains('.') => {
            Symbol::new(&format!("{owner}.{name}"))
        }
        _ => name,
    }
}

impl Interp<'_> {
    pub(super) fn attribute(&mut self, of: &Value, name: Symbol, site: Site) -> Eval<Value> {
        let labels = of.labels();
        Ok(match of.plain() {
            Value::Object(obj) => self.object_attribute(*obj, name, site)?.with(labels),
            Value::External(_) => {
                let of = of.plain().clone();
                self.external_member(&of, name)
            }
            Value::Unknown(unknown) => {
                let unknown = Rc::clone(unknown);
                self.unknown_attribute(of, &unknown, name, site)?
            }
            Value::Union(values) => {
                let values = values.clone();
                let mut result: Option<Value> = None;
                for value in values.iter().filter(|v| !v.is_none()) {
                    let value = self.attribute(value, name, site)?;
                    result = Some(result.map_or(value.clone(), |r| r.or(value)));
                }
                result.unwrap_or_else(|| Self::unknown_named("an attribute of `None`", labels, name))
            }
            Value::Str(_) | Value::Bytes(_) | Value::Tuple(_) => {
                self.make(Kind::Builtin { receiver: of.clone(), name }, site)
            }
            _ => Self::unknown_named("an attribute of something that has none", labels, name),
        })
    }

    fn object_attribute(&mut self, obj: Obj, name: Symbol, site: Site) -> Eval<Value> {
        if let Some(column) = self.mapped_member(obj, name) {
            return Ok(column);
        }
        if let Some(value) = self.own_attribute(obj, name) {
            let value = value.clone();
            return if matches!(self.kind(obj), Kind::Class(_)) { self.on_class(value, obj, site) } else { Ok(value) };
        }
        let me = Value::Object(obj);
        Ok(match self.kind(obj) {
            Kind::Instance { class } => {
                let class = class.clone();
                return self.instance_attribute(&me, &class, name, site);
            }
            Kind::Class(_) => match self.in_mro(obj, name, None) {
                Some(value) => return self.on_class(value, obj, site),
                None if name == known::INIT => {
                    self.builtin(Symbol::new("__object_init__")).unwrap_or_else(|| Value::unknown("`object.__init__`"))
                }
                None => self.class_property(obj, name, site),
            },
            Kind::Module { .. } => self
                .module_member(obj, name)
                .or_else(|| self.stub_member(obj, name))
                .unwrap_or_else(|| Self::unknown_named("a name that the module does not define", Labels::NONE, name)),
            Kind::Function(_) => self.function_property(obj, name),
            Kind::Bound { function, receiver } => {
                if name == known::FUNC {
                    return Ok(function.clone());
                }
                if name == known::SELF || name == "__self__" {
                    return Ok(receiver.clone());
                }
                let function = function.clone();
                return self.attribute(&function, name, site);
            }
            Kind::List { .. } | Kind::Dict { .. } | Kind::Descriptor { .. } | Kind::Builtin { .. } => {
                self.make(Kind::Builtin { receiver: me, name }, site)
            }
            Kind::Super { receiver, after } => {
                let (receiver, after) = (receiver.clone(), *after);
                return self.super_attribute(&receiver, after, name, site);
            }
            Kind::Generic { origin, arguments } => {
                if name == known::ORIGIN {
                    return Ok(origin.clone());
                }
                if name == known::TYPE_ARGS {
                    return Ok(Value::Tuple(arguments.clone().into()));
                }
                let origin = origin.clone();
                return self.attribute(&origin, name, site);
            }
        })
    }

    fn instance_attribute(&mut self, me: &Value, class: &Value, name: Symbol, site: Site) -> Eval<Value> {
        if name == known::CLASS {
            return Ok(class.clone());
        }
        if name == known::DICT {
            let behind = self.behind_proxy(me.clone(), site)?;
            return if behind == *me {
                Ok(self.attributes_as_dict(me, site))
            } else {
                self.attribute(&behind, name, site)
            };
        }
        let Some(class) = class.as_object() else {
            return Ok(Self::unknown_named("an attribute of an instance of a library", me.labels(), name));
        };
        if let Some(found) = self.in_mro(class, name, None) {
            if self.is_mapped(class) && !self.is_code(&found) {
                return Ok(Self::unknown_named("a column", me.labels(), name).standing_for(self.part_of(me, name)));
            }
            return self.bound_to(found, me, Some(name), site);
        }
        if let Some(Value::Object(hook)) = self.in_mro(class, known::GETATTR, None)
            && matches!(self.kind(hook), Kind::Function(_))
        {
            return self.call_function(hook, Arguments::of([me.clone(), Value::str(name.as_str())]), site);
        }
        let annotated = self.annotated_class(class, name);
        Ok(Value::Unknown(Rc::new(Unknown {
            reason: "an attribute that is not set".into(),
            labels: me.labels(),
            name: Some(name),
            class: annotated,
            term: self.part_of(me, name).map(Rc::new),
            library: None,
        })))
    }

    /// What a proxy that a description defines (`current_user`) stands for at present: what is set on it is set on that.
    pub(super) fn behind_proxy(&mut self, of: Value, site: Site) -> Eval<Value> {
        if self.program.is_stub(site.file) { Ok(of) } else { self.stood_for(of, site) }
    }

    /// The same wherever it is asked: what is compared with a proxy is compared with what it stands for.
    pub(super) fn stood_for(&mut self, of: Value, site: Site) -> Eval<Value> {
        let Value::Object(obj) = of else { return Ok(of) };
        let Kind::Instance { class } = self.kind(obj) else { return Ok(of) };
        let Some(class) = class.as_object() else { return Ok(of) };
        let hook = self.in_mro(class, known::CURRENT_OBJECT, None).and_then(|hook| hook.as_object());
        let is_described = |hook: &Obj| self.program.is_stub(self.made_at(*hook).file);
        match hook.filter(is_described) {
            Some(hook) => self.call_function(hook, Arguments::of([of]), site),
            None => Ok(of),
        }
    }

    /// An attribute found in a class, read through an instance.
    fn bound_to(&mut self, found: Value, me: &Value, cache_as: Option<Symbol>, site: Site) -> Eval<Value> {
        let Some(obj) = found.as_object() else {
            return Ok(found);
        };
        match self.kind(obj) {
            Kind::Function(_) => Ok(self.make(Kind::Bound { receiver: me.clone(), function: found }, site)),
            Kind::Descriptor { kind, function } => {
                let (kind, function) = (*kind, function.clone());
                match kind {
                    Descriptor::Static => Ok(function),
                    Descriptor::Class => {
                        let receiver = if self.is_class(me) { me.clone() } else { self.class_of(me) };
                        Ok(self.make(Kind::Bound { receiver, function }, site))
                    }
                    Descriptor::Property => self.call(&function, Arguments::of([me.clone()]), site),
                    Descriptor::CachedProperty => {
                        let value = self.call(&function, Arguments::of([me.clone()]), site)?;
                        if let (Some(name), Some(obj)) = (cache_as, me.as_object()) {
                            self.attributes_mut(obj, name).set(name, value.clone());
                        }
                        Ok(value)
                    }
                }
            }
            Kind::Instance { .. } => match self.class_attribute_of(&found, known::GET) {
                Some(Value::Object(getter)) if matches!(self.kind(getter), Kind::Function(_)) => {
                    let class = self.class_of(me);
                    self.call_function(getter, Arguments::of([found, me.clone(), class]), site)
                }
                _ => Ok(found),
            },
            _ => Ok(found),
        }
    }

    /// An attribute found in a class, read through the class.
    fn on_class(&mut self, found: Value, class: Obj, site: Site) -> Eval<Value> {
        let Some(obj) = found.as_object() else {
            return Ok(found);
        };
        match self.kind(obj) {
            Kind::Descriptor { kind: Descriptor::Static, function } => Ok(function.clone()),
            Kind::Descriptor { kind: Descriptor::Class, function } => {
                let function = function.clone();
                Ok(self.make(Kind::Bound { receiver: Value::Object(class), function }, site))
            }
            Kind::Instance { .. } => match self.class_attribute_of(&found, known::GET) {
                Some(Value::Object(getter)) if matches!(self.kind(getter), Kind::Function(_)) => {
                    self.call_function(getter, Arguments::of([found, Value::None, Value::Object(class)]), site)
                }
                _ => Ok(found),
            },
            _ => Ok(found),
        }
    }

    fn super_attribute(&mut self, receiver: &Value, after: Obj, name: Symbol, site: Site) -> Eval<Value> {
        let class = if self.is_class(receiver) { receiver.as_object() } else { self.class_of(receiver).as_object() };
        let Some(class) = class else {
            return Ok(Self::unknown_named("`super()` of something unknown", Labels::NONE, name));
        };
        match self.in_mro(class, name, Some(after)) {
            Some(found) => self.bound_to(found, receiver, None, site),
            // `object.__init__` and friends do nothing that matters here.
            None if name.as_str().starts_with("__") => Ok(Value::External(Symbol::new("builtins.id"))),
            None => {
                let unseen = Self::unknown_named("a method of a base class that is not described", Labels::NONE, name);
                Ok(unseen.of_library(self.unseen_base(class, Some(after))))
            }
        }
    }

    fn unknown_attribute(&mut self, of: &Value, unknown: &Unknown, name: Symbol, site: Site) -> Eval<Value> {
        let class = match &unknown.class {
            Some(Value::Object(class)) if matches!(self.kind(*class), Kind::Class(_)) => *class,
            _ => {
                let labels = match unknown.library {
                    Some(library) if unknown.labels.raw != 0 => {
                        let labels = self.held_by(library, name, unknown.labels);
                        self.cleaned_by(&format!("{library}.{name}"), labels)
                    }
                    _ => unknown.labels,
                };
                let value = Value::Unknown(Rc::new(Unknown {
                    labels,
                    name: Some(named_by(unknown.name, name)),
                    class: None,
                    term: None,
                    ..unknown.clone()
                }));
                let term = of.term().and_then(|t| t.part(name)).or_else(|| self.tested_by_attribute(name, &value));
                return Ok(value.standing_for(term));
            }
        };
        if let Some(found) = self.in_mro(class, name, None)
            && self.is_code(&found)
        {
            // What a group of a match holds, its description says.
            let is_match = super::patterns::pattern_of_match(unknown).is_some();
            let labels = if is_match { unknown.labels.of_decision() } else { unknown.labels };
            return Ok(self.bound_to(found, of, None, site)?.with(labels));
        }
        let annotated = self.annotated_class(class, name);
        let labels =
            if unknown.labels.raw == 0 { unknown.labels } else { self.of_field(class, name, unknown.labels, site) };
        Ok(Value::Unknown(Rc::new(Unknown {
            reason: Rc::clone(&unknown.reason),
            labels,
            name: Some(name),
            class: annotated,
            term: self.part_of(of, name).map(Rc::new),
            library: None,
        })))
    }

    /// The class in the annotation of a field, if it is a class of the program.
    fn annotated_class(&mut self, class: Obj, name: Symbol) -> Option<Value> {
        let fields = self.annotated_fields(class);
        let (_, annotation) = fields.iter().find(|(n, _)| *n == name)?;
        self.class_in(annotation)
    }

    /// The class that an annotation names: `User`, `User | None`, `Optional[User]`, `Annotated[User, ...]`.
    pub fn class_in(&self, annotation: &Value) -> Option<Value> {
        match annotation.plain() {
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Class(_) => Some(annotation.clone()),
                Kind::Generic { arguments, origin } => {
                    if matches!(origin.plain(), Value::External(n) if n.as_str() == "typing.Union" || n.as_str() == "typing.Optional" || n.as_str() == "typing.Annotated")
                    {
                        return arguments.iter().find_map(|a| self.class_in(a));
                    }
                    self.class_in(origin)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn attributes_as_dict(&mut self, me: &Value, site: Site) -> Value {
        let entries = me
            .as_object()
            .map(|obj| self.object(obj).attributes.iter().map(|(n, v)| (Value::str(n.as_str()), v.clone())).collect());
        self.make(Kind::Dict { entries: entries.unwrap_or_default(), open: true }, site)
    }

    fn function_property(&mut self, obj: Obj, name: Symbol) -> Value {
        let Kind::Function(function) = self.kind(obj) else {
            return Value::None;
        };
        let definition = function.code.function(function.id);
        match name {
            known::NAME | known::QUALNAME => Value::str(definition.name.as_str()),
            known::MODULE => Value::str(&self.program.name_of(function.file).1),
            known::DOC => Value::unknown("a docstring"),
            known::CALL => Value::Object(obj),
            _ => Self::unknown_named("an attribute of a function", Labels::NONE, name),
        }
    }

    fn class_property(&mut self, obj: Obj, name: Symbol, site: Site) -> Value {
        let Kind::Class(class) = self.kind(obj) else {
            return Value::None;
        };
        match name {
            known::NAME | known::QUALNAME => Value::str(class.name.as_str()),
            known::MODULE => Value::str(class.module.as_str()),
            known::MRO => Value::Tuple(class.mro.clone().into()),
            known::BASES => Value::Tuple(class.bases.clone().into()),
            known::DICT => self.attributes_as_dict(&Value::Object(obj), site),
            known::ANNOTATIONS => {
                let fields = self.annotated_fields(obj);
                let entries = fields.iter().map(|(n, v)| (Value::str(n.as_str()), v.clone())).collect();
                self.make(Kind::Dict { entries, open: false }, site)
            }
            _ if name == "mro" => {
                let mro = class.mro.clone();
                self.make(Kind::Builtin { receiver: Value::Tuple(mro.into()), name: Symbol::new("copy") }, site)
            }
            _ if name == "__subclasses__" => self.make(Kind::Builtin { receiver: Value::Object(obj), name }, site),
            _ => Self::unknown_named("an attribute that the class does not define", Labels::NONE, name),
        }
    }

    pub(super) fn set_attribute(&mut self, of: &Value, name: Symbol, value: &Value) {
        for target in of.alternatives() {
            let Some(obj) = target.as_object() else {
                continue;
            };
            match self.kind(obj) {
                Kind::Module { scope, .. } => {
                    let scope = *scope;
                    self.bind_in(scope, name, value.clone());
                }
                Kind::Instance { class } => {
                    if !self.set_through_property(target, class.as_object(), name, value) {
                        self.assigns(obj, name);
                        self.attributes_mut(obj, name).set(name, value.clone());
                    }
                }
                Kind::Bound { function, .. } => {
                    let function = function.clone();
                    self.set_attribute(&function, name, value);
                }
                _ => self.attributes_mut(obj, name).set(name, value.clone()),
            }
        }
    }

    fn set_through_property(&mut self, target: &Value, class: Option<Obj>, name: Symbol, value: &Value) -> bool {
        let found = class.and_then(|c| self.in_mro(c, name, None)).and_then(|v| v.as_object());
        let Some(descriptor) = found else {
            return false;
        };
        if !matches!(self.kind(descriptor), Kind::Descriptor { kind: Descriptor::Property, .. }) {
            return false;
        }
        if let Some(setter) = self.own_attribute(descriptor, Symbol::new("fset")).cloned() {
            let site = self.site(crate::code::Span::default());
            let _ = self.call(&setter, Arguments::of([target.clone(), value.clone()]), site);
        }
        true
    }

    pub(super) fn set_item(&mut self, of: &Value, key: Value, value: Value) {
        let Some(obj) = of.as_object() else { return };
        self.charge_for(of);
        if matches!(self.kind(obj), Kind::Instance { .. }) {
            if let Some(Value::Object(function)) = self.class_attribute_of(of, known::SETITEM) {
                let site = self.site(self.frame().at);
                let _ = self.call_function(function, Arguments::of([of.clone(), key, value]), site);
            }
            return;
        }
        match &mut self.object_mut(obj).kind {
            Kind::Dict { entries, open } => match key.plain() {
                Value::Unknown(_) | Value::Union(_) => *open = true,
                _ => put(entries, key, value),
            },
            Kind::List { items, open, .. } => match key.as_int().and_then(|i| usize::try_from(i).ok()) {
                Some(at) if at < items.len() => items[at] = value,
                _ => *open = true,
            },
            _ => {}
        }
    }

    pub(super) fn subscript(&mut self, of: &Value, key: &Value, site: Site) -> Eval<Value> {
        let labels = of.labels().and(key.labels().of_decision());
        self.charge_for(of);
        let name = key.as_str().map(Symbol::new);
        let unknown = |reason: &str| {
            Value::Unknown(Rc::new(Unknown {
                reason: Rc::from(reason),
                labels,
                name,
                class: None,
                term: None,
                library: None,
            }))
        };
        Ok(match of.plain() {
            Value::Object(obj) => {
                if let Some(kept) = self.kept_item(*obj, key, site) {
                    return Ok(kept);
                }
                return self.object_item(of, *obj, key, site);
            }
            Value::Tuple(items) => index(items, key).unwrap_or_else(|| unknown("an item of a tuple")),
            Value::Str(text) => key
                .as_int()
                .and_then(|i| usize::try_from(i).ok())
                .and_then(|i| text.chars().nth(i))
                .map_or_else(|| unknown("a part of a string"), |c| Value::str(&c.to_string())),
            Value::External(_) => self.generic(of.clone(), key, site),
            Value::Union(values) => {
                let values = values.clone();
                let mut result: Option<Value> = None;
                for value in values.iter().filter(|v| !v.is_none()) {
                    let value = self.subscript(value, key, site)?;
                    result = Some(result.map_or(value.clone(), |r| r.or(value)));
                }
                result.unwrap_or_else(|| unknown("an item of `None`"))
            }
            Value::Unknown(u) => {
                let reason = Rc::clone(&u.reason);
                self.risk(labels);
                unknown(&reason).standing_for(of.term().and_then(|of| of.item(key)))
            }
            _ => unknown("an item of something that has none"),
        })
    }

    fn object_item(&mut self, of: &Value, obj: Obj, key: &Value, site: Site) -> Eval<Value> {
        let labels = of.labels().and(key.labels().of_decision());
        let unknown = |reason: &str| Value::unknown_with(reason, labels);
        Ok(match self.kind(obj) {
            Kind::Dict { entries, open } => match entries.iter().rev().find(|(k, _)| k.plain() == key.plain()) {
                Some((_, value)) => value.clone().with(of.labels()),
                None if key.is_unknown() || *open => {
                    let any = entries.iter().map(|(_, v)| v.clone()).reduce(Value::or);
                    any.map_or_else(|| unknown("a key that is not known"), |v| v.or(unknown("a key that is not known")))
                }
                None => unknown("a key that the dict does not have"),
            },
            Kind::List { items, open, .. } => match index(items, key) {
                Some(value) => value,
                None if *open || key.is_unknown() => items
                    .iter()
                    .cloned()
                    .reduce(Value::or)
                    .unwrap_or_else(|| unknown("an item of a list"))
                    .or(unknown("an item of a list")),
                None => unknown("an item that the list does not have"),
            },
            Kind::Class(_) => {
                if let Some(member) = self.enum_by_name(obj, key) {
                    return Ok(member);
                }
                if let Some(Value::Object(hook)) = self.in_mro(obj, known::CLASS_GETITEM, None) {
                    let function = self.unwrapped(&Value::Object(hook));
                    return self.call(&function, Arguments::of([of.clone(), key.clone()]), site);
                }
                self.generic(of.clone(), key, site)
            }
            Kind::Generic { .. } | Kind::Function(_) => self.generic(of.clone(), key, site),
            Kind::Instance { .. } => match self.class_attribute_of(of, known::GETITEM) {
                Some(Value::Object(function)) => {
                    self.call_function(function, Arguments::of([of.clone(), key.clone()]), site)?
                }
                _ => unknown("an item of an instance"),
            },
            _ => unknown("an item of something that has none"),
        })
    }

    /// `origin[key]` as a type.
    fn generic(&mut self, origin: Value, key: &Value, site: Site) -> Value {
        let arguments = match key {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        self.type_of_parts(canonical_type(origin), arguments, site)
    }

    /// A type made of types; not known where it holds more than is worth a look.
    fn type_of_parts(&mut self, origin: Value, arguments: Vec<Value>, site: Site) -> Value {
        let mut room = TYPE_SIZE_MAX;
        if !std::iter::once(&origin).chain(&arguments).all(|part| self.has_room(part, &mut room)) {
            return Value::unknown("a very large type");
        }
        self.make(Kind::Generic { origin, arguments }, site)
    }

    fn has_room(&self, part: &Value, room: &mut usize) -> bool {
        let Some(left) = room.checked_sub(1) else { return false };
        *room = left;
        match part.as_object().map(|o| self.kind(o)) {
            Some(Kind::Generic { origin, arguments }) => {
                self.has_room(origin, room) && arguments.iter().all(|a| self.has_room(a, room))
            }
            _ => true,
        }
    }

    pub(super) fn union_type(&mut self, left: Value, right: Value, site: Site) -> Value {
        self.type_of_parts(Value::External(Symbol::new("typing.Union")), vec![left, right], site)
    }

    pub(super) fn is_type_like(&self, value: &Value) -> bool {
        match value.plain() {
            Value::None => true,
            Value::External(name) => name.as_str().rsplit('.').next().is_some_and(|n| {
                n.starts_with(char::is_uppercase)
                    || matches!(n, "str" | "int" | "bool" | "float" | "bytes" | "list" | "dict" | "set" | "tuple")
            }),
            Value::Object(obj) => matches!(self.kind(*obj), Kind::Class(_) | Kind::Generic { .. }),
            _ => false,
        }
    }
}

/// Types inside a type: `list[dict[str, User | None]]` has six, the `Literal` of a long table some hundreds.
const TYPE_SIZE_MAX: usize = 1_000;

/// `typing_extensions` re-exports `typing`.
fn canonical_type(origin: Value) -> Value {
    match &origin {
        Value::External(name) => match name.as_str().strip_prefix("typing_extensions.") {
            Some(rest) => Value::External(Symbol::new(&format!("typing.{rest}"))),
            None => origin,
        },
        _ => origin,
    }
}

fn index(items: &[Value], key: &Value) -> Option<Value> {
    let at = key.as_int()?;
    let len = i64::try_from(items.len()).ok()?;
    let at = if at < 0 { at + len } else { at };
    items.get(usize::try_from(at).ok()?).cloned()
}
