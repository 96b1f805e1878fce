//! Dicts and lists of modules in which a program keeps its objects, as others keep theirs in tables: what is looked up in them, put there
//! and removed is an event (`memory`), while somebody asks for events.

use std::rc::Rc;

use super::{Interp, ModuleState};
use crate::code::ExprId;
use crate::intern::Symbol;
use crate::value::{Arguments, Kind, Labels, Obj, Site, Unknown, Value};

/// Entries that are looked at to see whether they are objects.
const ENTRIES_MAX: usize = 16;

impl Interp<'_> {
    /// What a module calls the dict or list that an object is, if it may be a table: it is empty, or holds dicts and instances.
    fn kept_as(&self, obj: Obj) -> Option<Symbol> {
        if !self.is_watching() || !self.exploring || !self.is_lasting(&Value::Object(obj)) {
            return None;
        }
        let object = self.object(obj);
        let holds_objects = match &object.kind {
            Kind::List { items, set: false, .. } => {
                items.iter().take(ENTRIES_MAX).all(|item| self.is_record_like(item))
            }
            Kind::Dict { entries, .. } => entries.iter().take(ENTRIES_MAX).all(|(_, value)| self.is_record_like(value)),
            _ => false,
        };
        if !holds_objects || self.program.is_stub(object.site.file) {
            return None;
        }
        let (ModuleState::Done(module) | ModuleState::Running(module)) = self.modules.get(&object.site.file)?;
        let Kind::Module { scope, .. } = self.kind(*module) else { return None };
        let mut names = self.scope(*scope).names.iter();
        names.find(|(_, value)| value.as_object() == Some(obj)).map(|(name, _)| name)
    }

    fn is_record_like(&self, value: &Value) -> bool {
        value.as_object().is_some_and(|obj| match self.kind(obj) {
            Kind::Dict { .. } => true,
            Kind::Instance { class } => class.as_object().is_some() && !self.is_stub_instance(value),
            _ => false,
        })
    }

    /// Notes what happens to something that is kept; gives the object that is meant.
    fn note_kept(
        &mut self,
        word: &str,
        obj: Obj,
        key: Option<&Value>,
        value: Option<&Value>,
        site: Site,
    ) -> Option<Value> {
        let name = self.kept_as(obj)?;
        let class = match self.kind(obj) {
            Kind::List { items, .. } => items.first().map(|item| self.class_of(item)),
            Kind::Dict { entries, .. } => entries.first().map(|(_, value)| self.class_of(value)),
            _ => None,
        };
        let given = |value: Option<&Value>| value.cloned().unwrap_or(Value::None);
        let fields = self.fields_kept(obj);
        let words =
            [Value::str("memory"), Value::str(word), Value::str(name.as_str()), given(key), given(value), fields];
        self.pay_for_event();
        let term = self.note(Symbol::new("memory"), &Arguments::of(words), site);
        let labels = key.map_or(Labels::NONE, Value::labels);
        let class = class.filter(|class| class.as_object().is_some());
        let reason = Rc::from("what the program keeps");
        Some(Value::Unknown(Rc::new(Unknown {
            reason,
            labels,
            name: None,
            class,
            term: term.map(Rc::new),
            library: None,
        })))
    }

    /// What the entries of the first object that is kept are called.
    fn fields_kept(&self, obj: Obj) -> Value {
        let first = match self.kind(obj) {
            Kind::List { items, .. } => items.first(),
            Kind::Dict { entries, .. } => entries.first().map(|(_, value)| value),
            _ => None,
        };
        let entries = first.map(|first| self.partly_known_entries(first)).unwrap_or_default();
        Value::Tuple(entries.into_iter().take(ENTRIES_MAX).map(|(name, _)| name).collect::<Vec<_>>().into())
    }

    /// What is kept under a key that only a request tells.
    pub(super) fn kept_item(&mut self, obj: Obj, key: &Value, site: Site) -> Option<Value> {
        if !key.is_unknown() || !matches!(self.kind(obj), Kind::Dict { .. }) {
            return None;
        }
        self.note_kept("select", obj, Some(key), None, site)
    }

    /// Any one of what is kept.
    pub(super) fn kept_element(&mut self, of: &Value, site: Site) -> Option<Value> {
        self.note_kept("select", of.as_object()?, None, None, site)
    }

    /// Notes that something is put under a key, or added.
    pub(super) fn note_put(&mut self, obj: Obj, key: Option<&Value>, value: &Value, site: Site) {
        self.note_kept("insert", obj, key, Some(value), site);
    }

    /// Notes that what is kept under a key is removed.
    pub(super) fn note_removed(&mut self, obj: Obj, key: &Value, site: Site) {
        self.note_kept("delete", obj, Some(key), None, site);
    }

    /// Notes what a comprehension asks of an element that stands for something.
    pub(super) fn note_filter(&mut self, element: &Value, test: ExprId, condition: &Value, site: Site) {
        let stands = matches!(element.term(), Some(crate::term::Term::Made(_)));
        let term = self.test_term(test, condition).filter(|_| self.is_watching() && stands);
        if term.is_some() {
            let condition = Value::unknown_with("a condition", condition.labels()).standing_for(term);
            let words = [Value::str("filter"), element.clone(), condition];
            self.note(Symbol::new("filter"), &Arguments::of(words), site);
        }
    }
}
