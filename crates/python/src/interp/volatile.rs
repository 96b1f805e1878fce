//! What of the program explorations change that are younger than it: an object, a scope, or one name of either. A call that sees none of
//! that comes to the same in every exploration.

use rustc_hash::FxHashMap;

use crate::intern::Symbol;
use crate::value::{Obj, ScopeId};

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
            all => {
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
