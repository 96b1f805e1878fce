//! Functions of the program and of described libraries, and methods of what libraries gave, that a client names as giving what is raw or as using it:
//! by which name their calls are noted, what they take, and what they give.

use std::rc::Rc;

use super::{Interp, ModuleState};
use crate::code::{ParameterKind, Span};
use crate::intern::Symbol;
use crate::program::FileId;
use crate::value::{Arguments, Descriptor, Kind, Labels, Obj, Site, Value};

/// The name of the argument that a method is called on, where that is raw.
pub const RECEIVER: &str = "<receiver>";

/// What a function takes by place.
#[derive(Debug)]
pub struct Taken {
    /// The names of its parameters, in order.
    parameters: Vec<Symbol>,
    /// How many of them are not written in a call: what a method is called on.
    unwritten: usize,
}

impl Taken {
    /// The argument that is written at a place, counted from 0; the name of the function is the first of those that are noted.
    pub fn at<'a>(&self, arguments: &'a Arguments, place: usize) -> Option<&'a Value> {
        let place = place + self.unwritten;
        let by_name = || arguments.keyword(self.parameters.get(place)?.as_str());
        arguments.positional.get(place + 1).or_else(by_name)
    }

    /// The argument of a name.
    pub fn named<'a>(&self, arguments: &'a Arguments, name: &str) -> Option<&'a Value> {
        let by_place = || {
            let place = self.parameters.iter().position(|parameter| *parameter == name)?;
            arguments.positional.get(place + 1)
        };
        arguments.keyword(name).or_else(by_place)
    }

    /// All that are written.
    pub fn written<'a>(&self, arguments: &'a Arguments) -> impl Iterator<Item = &'a Value> {
        let by_name = arguments.keywords.iter().map(|(_, value)| value);
        arguments.positional.iter().skip(1 + self.unwritten).chain(by_name)
    }
}

impl Interp<'_> {
    /// The name by which calls are noted of what a module that was run has under a name: `shop.run` may be `shop.db.run`. What goes by another
    /// name there is a wrapper, which may stand for many.
    pub fn noted_name(&mut self, file: FileId, names: &str) -> Option<Symbol> {
        let Some(ModuleState::Done(module)) = self.modules.get(&file) else { return None };
        let (mut value, site) = (Value::Object(*module), Site { file, span: Span::default() });
        for name in names.split('.') {
            value = self.attribute_of(&value, name, site)?;
        }
        let name = match value.plain() {
            Value::External(name) => Some(*name),
            Value::Object(obj) => match self.kind(*obj) {
                Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => {
                    let function = function.as_object()?;
                    self.name_of_function(function)
                }
                _ => self.name_of_function(*obj),
            },
            _ => None,
        };
        let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
        name.filter(|name| last(name.as_str()) == last(names))
    }

    /// What a noted function takes, once it was called.
    pub fn taken_by(&self, name: Symbol) -> Option<&Taken> {
        self.trails.taken.get(&name).map(Rc::as_ref)
    }

    pub(super) fn note_taken(&mut self, name: Symbol, function: Obj) {
        if self.trails.taken.contains_key(&name) {
            return;
        }
        let Kind::Function(value) = self.kind(function) else { return };
        let definition = value.code.function(value.id);
        let by_place = value
            .code
            .params(definition.parameters)
            .iter()
            .filter(|parameter| matches!(parameter.kind, ParameterKind::PositionalOnly | ParameterKind::Ordinary));
        let parameters = by_place.map(|parameter| parameter.name).collect();
        let unwritten = value.class.map_or(0, |class| usize::from(!self.is_static(class, definition.name)));
        self.trails.taken.insert(name, Rc::new(Taken { parameters, unwritten }));
    }

    fn is_static(&self, class: Obj, method: Symbol) -> bool {
        let found = self.in_mro(class, method, None).and_then(|value| value.as_object());
        found.is_some_and(|obj| matches!(self.kind(obj), Kind::Descriptor { kind: Descriptor::Static, .. }))
    }

    /// The name of a function that gives what is raw.
    pub(super) fn giver(&mut self, function: Obj) -> Option<Symbol> {
        if self.trails.uses.giving_seen.is_empty() || !self.is_watching() {
            return None;
        }
        self.name_of_function(function).filter(|name| self.trails.uses.giving_seen.contains(name))
    }

    /// What such a function gave, raw: of an instance the class stays known.
    pub(super) fn given_by_seen(&mut self, giver: Symbol, value: &Value, site: Site) -> Value {
        let labels = self.given_by(giver, value.labels(), site);
        if let Some(Kind::Instance { class }) = value.as_object().map(|obj| self.kind(obj)) {
            return Value::instance_of(class.clone(), labels);
        }
        let last = giver.as_str().rsplit('.').next().unwrap_or_default();
        Self::unknown_named("what a source gives", labels, Symbol::new(last))
    }

    /// Notes a method of something that a library gave; what it is called on stands under [`RECEIVER`], where that is raw.
    pub(super) fn note_use_of_method(&mut self, of: Symbol, callee: &Value, arguments: &Arguments, site: Site) {
        let Value::Unknown(unknown) = callee.plain() else { return };
        let Some(method) = unknown.name else { return };
        if !self.is_watching() {
            return;
        }
        let name = Symbol::new(&format!("{of}.{method}"));
        if callee.labels().raw != 0 {
            let mut arguments = arguments.clone();
            arguments.keywords.push((Symbol::new(RECEIVER), callee.clone()));
            self.note_use(name, &arguments, site);
        } else {
            self.note_use(name, arguments, site);
        }
    }

    /// The labels of a part, or of what a method gives, of something raw that a library gave: names in an archive are names.
    pub(super) fn held_by(&self, of: Symbol, part: Symbol, labels: Labels) -> Labels {
        if labels.raw == 0 || self.trails.uses.holding.is_empty() {
            return labels;
        }
        self.held_by_name(Symbol::new(&format!("{of}.{part}")), labels)
    }

    /// The same of what a function of a library gives: the values of a query are texts of their own.
    pub(super) fn held_by_name(&self, name: Symbol, labels: Labels) -> Labels {
        match self.trails.uses.holding.get(&name) {
            Some((needed, uses)) if labels.raw & needed != 0 => Labels { raw: labels.raw | uses, ..labels },
            _ => labels,
        }
    }

    /// The labels of what a method of something gives that a library made.
    pub(super) fn given_by_method(&mut self, of: Symbol, method: Symbol, labels: Labels, site: Site) -> Labels {
        let may_give = self.is_watching() && self.trails.uses.giving_methods.contains(&method);
        if may_give { self.given_by(Symbol::new(&format!("{of}.{method}")), labels, site) } else { labels }
    }
}
