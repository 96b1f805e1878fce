//! Calling values: functions, methods, classes, instances, and what is not known.

use std::rc::Rc;

use super::expressions::EVAL_DEPTH_MAX;
use super::{Abort, Eval, Interp, Paths};
use crate::intern::{Symbol, known};
use crate::term::Term;
use crate::value::{Arguments, Descriptor, Kind, Labels, Obj, Site, Unknown, Value, shared};

/// Containers inside containers whose labels count for a call of something that is not described, and items of each.
const HELD_DEPTH_MAX: usize = 3;
const HELD_MAX: usize = 32;

/// Functions of libraries whose result stands for the same as their argument.
const CONVERSIONS: &[&str] = &[
    "uuid.UUID",
    "typing.cast",
    "decimal.Decimal",
    "bson.ObjectId",
    "bson.objectid.ObjectId",
    "copy.copy",
    "copy.deepcopy",
];
/// Functions of libraries whose result is a text that is made of their argument.
const WRITERS: &[&str] = &["json.dumps", "flask.json.dumps", "simplejson.dumps", "ujson.dumps", "orjson.dumps"];
/// Methods of which that is so.
const CONVERTING_METHODS: &[&str] = &["lower", "upper", "strip", "casefold", "title"];
/// Methods of a result that give its rows, one of which stands for all.
const FETCHING_METHODS: &[&str] =
    &["fetchone", "fetchall", "fetchmany", "first", "all", "one", "one_or_none", "scalar", "scalars", "mappings"];
/// Methods that give the same under the same names, whatever their arguments leave out.
const COPYING_METHODS: &[&str] =
    &["model_dump", "dict", "to_dict", "asdict", "copy", "model_copy", "deepcopy", "as_dict"];

/// What `x.lower()` stands for: the same as `x`. `claims.get("sub")` is `claims["sub"]`.
fn converted_by_method(callee: &Term, arguments: &Arguments) -> Option<Term> {
    match callee {
        Term::Part(of, name) if *name == "get" || *name == "pop" => of.item(arguments.positional.first()?),
        Term::Part(of, name) if FETCHING_METHODS.contains(&name.as_str()) && matches!(**of, Term::Made(_)) => {
            Some((**of).clone())
        }
        Term::Part(of, name) if COPYING_METHODS.contains(&name.as_str()) => Some((**of).clone()),
        Term::Part(of, name) if arguments.positional.is_empty() && CONVERTING_METHODS.contains(&name.as_str()) => {
            Some((**of).clone())
        }
        _ => None,
    }
}

/// What `claims.get("role")` goes by: the same name as `claims["role"]`.
fn asked_by_name(method: Symbol, arguments: &Arguments) -> Option<Symbol> {
    let key = arguments.positional.first()?.as_str()?;
    let is_name = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    (matches!(method.as_str(), "get" | "pop") && is_name).then(|| Symbol::new(key))
}

/// Methods of a text that make a text of what they are handed, whatever text it is.
const MAKES_TEXT: &[&str] = &["format", "format_map", "join", "replace", "substitute", "safe_substitute"];

impl Interp<'_> {
    /// Calls a value.
    pub(super) fn call(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Eval<Value> {
        self.step()?;
        if self.eval_depth >= EVAL_DEPTH_MAX {
            return Ok(Value::unknown_with("calls inside calls, deeper than the limit", arguments.labels()));
        }
        self.eval_depth += 1;
        let value = self.call_value(callee, arguments, site);
        self.eval_depth -= 1;
        value
    }

    fn call_value(&mut self, callee: &Value, arguments: Arguments, site: Site) -> Eval<Value> {
        self.telling.answering &= matches!(callee.plain(), Value::Object(_));
        if self.is_watching() {
            self.note_resolved(callee, site);
        }
        match callee.plain() {
            Value::Object(obj) => {
                let value = self.call_object(*obj, arguments, site)?;
                Ok(value.with(callee.labels()))
            }
            Value::External(name) => self.call_external(*name, &arguments, site),
            Value::Union(callees) => {
                let callees = callees.clone();
                self.call_any(&callees, &arguments, site)
            }
            // `user.is_authenticated()`: up to Django 1.9 it was a method.
            Value::Bool(_) if arguments.positional.is_empty() && arguments.keywords.is_empty() => Ok(callee.clone()),
            other => {
                if let Some(decorated) = self.decorated_inside(other, &arguments, site) {
                    return Ok(decorated);
                }
                let given = self.labels_given(&arguments).looked_up();
                let is_text =
                    matches!(other, Value::Unknown(u) if u.name.is_some_and(|n| MAKES_TEXT.contains(&n.as_str())));
                let gives_on = is_text || callee.labels().raw != 0;
                let given = if gives_on { given } else { given.far() };
                self.risk(callee.labels().and(given));
                let (name, reason, library) = match other {
                    Value::Unknown(u) => (u.name, Rc::clone(&u.reason), u.library),
                    _ => (None, Rc::from("a call of something that cannot be called"), None),
                };
                let labels = name.map_or(callee.labels().and(given), |name| {
                    self.without_character(name, self.told_by(name, callee.labels().and(given)), &arguments)
                });
                self.note_handed(name, &arguments, labels, site);
                self.note_written(callee, &arguments, site);
                let labels = self.read_back(callee, labels);
                let labels = if let (Some(library), Some(method)) = (library, name) {
                    self.note_use_of_method(library, callee, &arguments, site);
                    let labels = self.held_by(library, method, labels);
                    self.given_by_method(library, method, labels, site)
                } else {
                    labels
                };
                if let Value::Unknown(unknown) = other {
                    self.note_handed_out(unknown, &arguments, site);
                }
                self.note_attributes_updated(other, &arguments, site);
                if let Some(name) = name {
                    self.note_unseen(name, &arguments, site);
                }
                let converted = other.term().and_then(|t| converted_by_method(t, &arguments));
                let term = converted.or_else(|| self.note_executed(name?, &arguments, site)).map(Rc::new);
                let name = name.map(|name| asked_by_name(name, &arguments).unwrap_or(name));
                Ok(Value::Unknown(Rc::new(Unknown { reason, labels, name, class: None, term, library })))
            }
        }
    }

    /// A call of one of several callables: each is called from the same point, and the call returns where one of them does.
    fn call_any(&mut self, callees: &[Value], arguments: &Arguments, site: Site) -> Eval<Value> {
        let before = self.paths.clone();
        let mut after = Paths::never();
        let (mut result, mut raised): (Option<Value>, bool) = (None, false);
        for callee in callees.iter().filter(|c| !c.is_none()) {
            self.paths = before.clone();
            match self.call(callee, arguments.clone(), site) {
                Ok(value) => {
                    after = after.or(&self.paths);
                    result = Some(result.map_or(value.clone(), |r| r.or(value)));
                }
                Err(Abort::Raised) => raised = true,
                Err(Abort::Limit) => {
                    self.paths = before;
                    return Err(Abort::Limit);
                }
            }
        }
        match result {
            None if raised => Err(Abort::Raised),
            None => Ok(Value::unknown("a call of `None`")),
            Some(value) => {
                self.paths = after;
                Ok(value)
            }
        }
    }

    fn call_object(&mut self, obj: Obj, mut arguments: Arguments, site: Site) -> Eval<Value> {
        match self.kind(obj) {
            Kind::Function(_) => self.call_function(obj, arguments, site),
            Kind::Bound { receiver, function } => {
                let (receiver, function) = (receiver.clone(), function.clone());
                arguments.positional.insert(0, receiver);
                self.call(&function, arguments, site)
            }
            Kind::Builtin { receiver, name } => {
                let (receiver, name) = (receiver.clone(), *name);
                Ok(self.builtin_method(&receiver, name, &arguments, site))
            }
            Kind::Class(class) => {
                let name = class.qualified;
                self.note_use(name, &arguments, site);
                self.telling.answering = false;
                self.instantiate(obj, arguments, site)
            }
            Kind::Generic { origin, .. } => {
                let origin = origin.clone();
                self.call(&origin, arguments, site)
            }
            Kind::Descriptor { function, .. } => {
                let function = function.clone();
                self.call(&function, arguments, site)
            }
            Kind::Instance { .. } => {
                let instance = Value::Object(obj);
                if let Some(Value::Object(function)) = self.class_attribute_of(&instance, known::CALL) {
                    arguments.positional.insert(0, instance);
                    self.call_function(function, arguments, site)
                } else if let Some(decorated) = self.decorated_inside(&instance, &arguments, site) {
                    Ok(decorated)
                } else {
                    let labels = arguments.labels();
                    self.risk(labels);
                    Ok(Value::unknown_with("a call of an instance that is not described", labels))
                }
            }
            _ => {
                self.risk(arguments.labels());
                Ok(Value::unknown_with("a call of something that cannot be called", arguments.labels()))
            }
        }
    }

    /// `receiver.name(...)`, without making a bound method where that can be avoided.
    pub(super) fn call_method(
        &mut self,
        receiver: &Value,
        name: Symbol,
        mut arguments: Arguments,
        site: Site,
    ) -> Eval<Value> {
        match receiver.plain() {
            Value::Str(_) | Value::Bytes(_) | Value::Tuple(_) => {
                self.note_resolved(receiver, site);
                return Ok(self.builtin_method(receiver, name, &arguments, site));
            }
            Value::Object(obj) => match self.kind(*obj) {
                Kind::List { .. } | Kind::Dict { .. } => {
                    self.note_resolved(receiver, site);
                    return Ok(self.builtin_method(receiver, name, &arguments, site));
                }
                Kind::Instance { .. } if self.own_attribute(*obj, name).is_none() => {
                    if let Some(Value::Object(function)) = self.class_attribute_of(receiver, name)
                        && matches!(self.kind(function), Kind::Function(_))
                    {
                        self.note_resolved(receiver, site);
                        arguments.positional.insert(0, receiver.clone());
                        return self.call_function(function, arguments, site);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        let answers = std::mem::take(&mut self.telling.answering);
        let method = self.attribute(receiver, name, site)?;
        self.telling.answering = answers;
        if let Some(answer) = self.affix_of_text(name, receiver, &arguments) {
            return Ok(Value::Bool(answer));
        }
        let tested = self.tested_by_method(name, receiver, &arguments);
        let value = self.call(&method, arguments, site)?;
        match tested {
            // One of several that are tested may be known.
            Some(term) if value.term().is_none() && self.truth(&value).is_none() => {
                let labels = value.labels().of_decision();
                Ok(Value::unknown_with("whether a test holds", labels).standing_for(Some(term)))
            }
            _ => Ok(value),
        }
    }

    /// Something of a library that is not described.
    fn call_external(&mut self, name: Symbol, arguments: &Arguments, site: Site) -> Eval<Value> {
        if let Some(builtin) = name.as_str().strip_prefix("builtins.") {
            return self.call_builtin(builtin, arguments, site);
        }
        if let Some(parts) = self.address_taken_apart(name, arguments.positional.first(), site) {
            return Ok(parts);
        }
        let held = self.with_held(name, arguments);
        let arguments = held.as_ref().unwrap_or(arguments);
        let given = self.cleaned_by(name.as_str(), self.labels_given(arguments));
        let given = self.held_by_name(name, given);
        let given = if self.gives_on(name.as_str()) { given } else { given.far() };
        let labels = given.looked_up().and(self.unseen_in(&Value::External(name)));
        let labels = self.given_by(name, labels, site).and(self.held_by_opened(name.as_str(), arguments));
        let labels = if self.is_watching() { self.given_outside(name, labels, site) } else { labels };
        self.risk(labels);
        self.note_call(name.as_str(), arguments, site);
        self.note_use(name, arguments, site);
        self.note_copied(name.as_str(), arguments, site);
        self.note_handed(Some(name), arguments, labels, site);
        self.note_unseen(name, arguments, site);
        let last = name.as_str().rsplit('.').next().unwrap_or("");
        let class = last.starts_with(char::is_uppercase).then_some(Value::External(name));
        let reason = self.called_reasons.entry(name).or_insert_with(|| format!("a call of `{name}`").into());
        let reason = Rc::clone(reason);
        let first = arguments.positional.first();
        let term = match name.as_str() {
            name if CONVERSIONS.contains(&name) => first.and_then(Value::term).cloned(),
            name if WRITERS.contains(&name) && self.is_watching() => Term::text(&arguments.positional),
            _ => {
                let tested =
                    || self.tested_by(name, first.or_else(|| arguments.keywords.first().map(|(_, value)| value)));
                self.opened_file(name.as_str(), arguments, site).or_else(tested)
            }
        };
        let term = term.map(Rc::new);
        let library = self.made_as(name, arguments);
        Ok(Value::Unknown(Rc::new(Unknown { reason, labels, name: Some(name), class, term, library: Some(library) })))
    }

    /// The label of what a name of a library that is not described stands for. Classes are made, and tell nothing yet.
    pub(super) fn unseen_in(&self, value: &Value) -> Labels {
        let Value::External(name) = value.plain() else { return Labels::NONE };
        let (root, last) = (name.as_str().split('.').next(), name.as_str().rsplit('.').next());
        let is_class = last.is_some_and(|last| last.starts_with(char::is_uppercase));
        let is_known = root.is_none_or(|root| root == "builtins" || crate::standard::is_standard(root));
        let is_told = is_class || is_known || self.program.is_stub(self.frame().file);
        if self.exploring && !is_told { Labels::bit(Labels::UNSEEN) } else { Labels::NONE }
    }

    /// The labels of arguments and of what they hold: a statement that was built from a token is one of them.
    pub(super) fn labels_given(&self, arguments: &Arguments) -> Labels {
        let given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, v)| v));
        given.fold(Labels::NONE, |labels, value| labels.and(self.labels_within(value, 0)))
    }

    /// The labels of a value and of what it holds, a few levels deep: a token in a dict of headers is still one.
    pub fn labels_within(&self, value: &Value, depth: usize) -> Labels {
        let own = value.labels();
        let Some(obj) = value.as_object().filter(|_| depth < HELD_DEPTH_MAX) else { return own };
        let object = self.object(obj);
        let add = |labels: Labels, value: &Value| labels.and(self.labels_within(value, depth + 1));
        match &object.kind {
            Kind::List { items, .. } => items.iter().take(HELD_MAX).fold(own, add),
            Kind::Dict { entries, .. } => entries.iter().take(HELD_MAX).map(|(_, value)| value).fold(own, add),
            Kind::Instance { .. } => object.attributes.iter().take(HELD_MAX).map(|(_, value)| value).fold(own, add),
            _ => own,
        }
    }

    /// Whether anything raw is among arguments or in what they hold: [`Interp::labels_given`] is raw.
    pub(super) fn hands_raw(&self, arguments: &Arguments) -> bool {
        let mut given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        given.any(|value| self.holds_raw(value, 0))
    }

    fn holds_raw(&self, value: &Value, depth: usize) -> bool {
        if value.labels().raw & !Labels::FAR != 0 {
            return true;
        }
        let Some(obj) = value.as_object().filter(|_| depth < HELD_DEPTH_MAX) else { return false };
        let object = self.object(obj);
        let is_raw = |value: &Value| self.holds_raw(value, depth + 1);
        match &object.kind {
            Kind::List { items, .. } => items.iter().take(HELD_MAX).any(is_raw),
            Kind::Dict { entries, .. } => entries.iter().take(HELD_MAX).any(|(_, value)| is_raw(value)),
            Kind::Instance { .. } => object.attributes.iter().take(HELD_MAX).any(|(_, value)| is_raw(value)),
            _ => false,
        }
    }

    /// `super()` without arguments.
    pub(super) fn bare_super(&mut self, site: Site) -> Value {
        let frame = self.frame();
        match (frame.class, frame.receiver.clone()) {
            (Some(after), Some(receiver)) => self.make(Kind::Super { receiver, after }, site),
            _ => Value::unknown("`super()` outside a method"),
        }
    }

    pub(super) fn call_super(&mut self, arguments: &Arguments, site: Site) -> Value {
        match (arguments.positional.first().and_then(Value::as_object), arguments.positional.get(1)) {
            (Some(after), Some(receiver)) => {
                let receiver = receiver.clone();
                self.make(Kind::Super { receiver, after }, site)
            }
            _ => self.bare_super(site),
        }
    }

    /// What `with context as x` binds.
    pub(super) fn enter(&mut self, context: &Value) -> Eval<Value> {
        let site = self.site(crate::code::Span::default());
        for name in [known::ENTER, known::AENTER] {
            if let Some(Value::Object(function)) = self.class_attribute_of(context, name) {
                return self.call_function(function, Arguments::of([context.clone()]), site);
            }
        }
        // A generator wrapped by `contextmanager` yields what is bound.
        let items = self.partly_known_items(context);
        if let Some(first) = items.first() {
            return Ok(first.clone());
        }
        let library = match context.plain() {
            Value::Unknown(unknown) if self.is_watching() => unknown.library,
            _ => None,
        };
        let file = context.term().filter(|term| matches!(term, Term::Opened(_))).cloned();
        Ok(Value::unknown_with("bound by a context manager", context.labels()).of_library(library).standing_for(file))
    }

    pub(super) fn describe(&mut self, kind: Descriptor, arguments: &Arguments, site: Site) -> Value {
        let function = arguments.positional.first().cloned().unwrap_or(Value::None);
        self.make(Kind::Descriptor { kind, function }, site)
    }

    /// Whether it is an instance of one of our descriptions of library classes.
    pub fn is_stub_instance(&self, value: &Value) -> bool {
        let Some(obj) = value.as_object() else {
            return false;
        };
        let Kind::Instance { class: Value::Object(class) } = self.kind(obj) else {
            return false;
        };
        self.linearised(*class).iter().filter_map(Value::as_object).any(|c| match self.kind(c) {
            Kind::Class(class) => self.program.is_stub(class.file),
            _ => false,
        })
    }

    /// What is not known, by a name.
    pub fn unknown_named(reason: &str, labels: Labels, name: Symbol) -> Value {
        Value::Unknown(Rc::new(Unknown {
            reason: shared(reason),
            labels,
            name: Some(name),
            class: None,
            term: None,
            library: None,
        }))
    }
}
