//! What of the program explorations change that are younger than it: an object, a scope, or one name of either. A call that sees none of
//! that comes to the same in every exploration.

use rustc_hash::FxHashMap;

use super::{Interp, Object, Scope};
use crate::intern::Symbol;
use crate::value::{Attributes, Kind, Obj, ScopeId, Site, Value};

/// Names of one object or scope that are told apart; past that all of it counts.
const NAMES_MAX: usize = 64;

/// What changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Changed {
    /// An object.
    Object(Obj),
    /// The names of a scope.
    Scope(ScopeId),
}

/// How much of it.
#[derive(Debug)]
enum Part {
    Whole,
    Names(Vec<Symbol>),
}

/// The objects and scopes of which explorations change something, by what that is.
#[derive(Debug, Default)]
pub(super) struct Volatile {
    parts: FxHashMap<Changed, Part>,
}

impl Volatile {
    /// Notes a change of one name, or of anything, and tells whether that was not known of it. What stood there before (`was_volatile`
    /// is false) may have been something else, which is gone.
    pub(super) fn note(&mut self, what: Changed, name: Option<Symbol>, was_volatile: bool) -> bool {
        if !was_volatile {
            self.parts.remove(&what);
        }
        let Some(name) = name else {
            return !matches!(self.parts.insert(what, Part::Whole), Some(Part::Whole));
        };
        match self.parts.entry(what).or_insert_with(|| Part::Names(Vec::new())) {
            Part::Whole => false,
            Part::Names(names) if names.contains(&name) => false,
            Part::Names(names) if names.len() < NAMES_MAX => {
                names.push(name);
                true
            }
            all @ Part::Names(_) => {
                *all = Part::Whole;
                true
            }
        }
    }

    /// Whether more than single names of it change.
    pub(super) fn is_whole(&self, what: Changed) -> bool {
        !matches!(self.parts.get(&what), Some(Part::Names(_)))
    }

    /// Whether a name of it changes.
    pub(super) fn has(&self, what: Changed, name: Symbol) -> bool {
        match self.parts.get(&what) {
            Some(Part::Names(names)) => names.contains(&name),
            _ => true,
        }
    }
}

impl Interp<'_> {
    /// What an object is: the same as [`Interp::object`], and no look at its attributes.
    pub fn kind(&self, obj: Obj) -> &Kind {
        let object = &self.heap[obj.0 as usize];
        if object.is_volatile && self.volatile.is_whole(Changed::Object(obj)) {
            self.sees_volatile.set(true);
        }
        &object.kind
    }

    /// Where an object was made.
    pub(super) fn made_at(&self, obj: Obj) -> Site {
        self.heap[obj.0 as usize].site
    }

    /// An attribute that an object has itself: a look at that one alone.
    pub fn own_attribute(&self, obj: Obj, name: Symbol) -> Option<&Value> {
        let object = &self.heap[obj.0 as usize];
        if object.is_volatile && self.volatile.has(Changed::Object(obj), name) {
            self.sees_volatile.set(true);
        }
        object.attributes.get(name)
    }

    /// The attributes of an object, of which one is to change.
    pub(crate) fn attributes_mut(&mut self, obj: Obj, name: Symbol) -> &mut Attributes {
        &mut self.changed_object(obj, Some(name)).attributes
    }

    pub(super) fn changed_object(&mut self, obj: Obj, name: Option<Symbol>) -> &mut Object {
        let index = obj.0 as usize;
        self.object_changes(index, name);
        let object = &mut self.heap[index];
        object.changed = self.changes.count;
        object
    }

    /// A scope, for what is around it and what kind it is: no look at its names.
    pub(super) fn frame_of_names(&self, id: ScopeId) -> &Scope {
        let scope = &self.scopes[id.0 as usize];
        if scope.is_volatile && self.volatile.is_whole(Changed::Scope(id)) {
            self.sees_volatile.set(true);
        }
        scope
    }

    /// A name of a scope itself, not of those around it.
    pub fn name_in(&self, scope: ScopeId, name: Symbol) -> Option<&Value> {
        let names = &self.scopes[scope.0 as usize];
        if names.is_volatile && self.volatile.has(Changed::Scope(scope), name) {
            self.sees_volatile.set(true);
        }
        names.names.get(name)
    }

    /// Binds a name in a scope itself.
    pub(super) fn bind_in(&mut self, scope: ScopeId, name: Symbol, value: Value) {
        self.scope_changes(scope.0 as usize, Some(name));
        self.scopes[scope.0 as usize].set(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: Changed = Changed::Object(Obj(7));

    fn name(of: usize) -> Symbol {
        Symbol::new(&format!("name{of}"))
    }

    #[test]
    fn names_are_told_apart_up_to_a_bound() {
        let mut volatile = Volatile::default();
        for at in 0..NAMES_MAX {
            assert!(volatile.note(WHAT, Some(name(at)), at > 0));
            assert!(!volatile.note(WHAT, Some(name(at)), true));
        }
        assert!(!volatile.is_whole(WHAT));
        assert!(volatile.has(WHAT, name(0)) && !volatile.has(WHAT, name(NAMES_MAX)));
        assert!(volatile.note(WHAT, Some(name(NAMES_MAX)), true));
        assert!(volatile.is_whole(WHAT) && volatile.has(WHAT, name(NAMES_MAX + 1)));
    }

    #[test]
    fn what_changes_as_a_whole_changes_under_every_name() {
        let mut volatile = Volatile::default();
        assert!(volatile.note(WHAT, Some(name(0)), false));
        assert!(volatile.note(WHAT, None, true));
        assert!(!volatile.note(WHAT, None, true) && !volatile.note(WHAT, Some(name(1)), true));
        assert!(volatile.is_whole(WHAT) && volatile.has(WHAT, name(1)));
    }

    #[test]
    fn what_takes_the_place_of_something_else_is_new() {
        let mut volatile = Volatile::default();
        assert!(volatile.note(WHAT, None, false));
        assert!(volatile.note(WHAT, Some(name(0)), false));
        assert!(!volatile.is_whole(WHAT) && !volatile.has(WHAT, name(1)));
    }
}
