//! What an exploration made and changed is undone after it: ten thousand plays of a request would otherwise fill the memory
//! with requests, and what one leaves in a cache of the program would be seen by the next.

use rustc_hash::FxHashMap;

use super::recall::Oldest;
use super::volatile::Changed;
use super::{Interp, Object, Scope};
use crate::intern::Symbol;
use crate::value::{Obj, ScopeId};

/// Where the heap and the scopes ended when an exploration began, and what it changed in them.
#[derive(Debug)]
pub(super) struct Lasting {
    pub(super) heap: usize,
    pub(super) scopes: usize,
    classes: usize,
    heap_left: usize,
    /// Whether it is inside no other exploration.
    pub(super) is_outermost: bool,
    /// Older objects and scopes as they were before the exploration changed them.
    objects_before: FxHashMap<usize, Object>,
    scopes_before: FxHashMap<usize, Scope>,
    /// Whether something that is not undone may hold what is new.
    held: bool,
}

impl Interp<'_> {
    /// Says that what is made and changed from here on is to be undone.
    pub(super) fn begin_to_forget(&mut self) -> Option<Lasting> {
        let lasting = Lasting {
            heap: self.heap.len(),
            scopes: self.scopes.len(),
            classes: self.classes.len(),
            heap_left: self.heap_left,
            is_outermost: self.lasting.is_none(),
            objects_before: FxHashMap::default(),
            scopes_before: FxHashMap::default(),
            held: false,
        };
        self.lasting.replace(lasting)
    }

    /// Undoes what was made and changed since.
    pub(super) fn forget(&mut self, outer: Option<Lasting>) {
        let inner = std::mem::replace(&mut self.lasting, outer);
        let evaluated = std::mem::take(&mut self.evaluated_in_play);
        let Some(inner) = inner.filter(|lasting| !lasting.held) else {
            self.keep_what_is_new();
            self.recollections.clear_all();
            return;
        };
        self.answered.clear();
        self.tried.clear();
        self.doubts.clear();
        self.heap.truncate(inner.heap);
        self.calls.forget_from(inner.heap);
        self.scopes.truncate(inner.scopes);
        self.classes.truncate(inner.classes);
        self.heap_left = inner.heap_left;
        for (index, object) in inner.objects_before {
            self.heap[index] = object;
        }
        for (index, scope) in inner.scopes_before {
            self.scopes[index] = scope;
        }
        // The fields of a class are needed again: evaluated once more, they last.
        for class in evaluated {
            self.fields.remove(&class);
            if self.heap.len() > class.0 as usize {
                self.annotated_fields(class);
            }
        }
    }

    /// Says that something outside of heap and scopes holds on to what the exploration made.
    pub fn keep_what_is_new(&mut self) {
        self.changes.effects += 1;
        if let Some(lasting) = &mut self.lasting {
            lasting.held = true;
        }
    }

    /// Whether a value holds no object that the exploration made.
    pub fn is_lasting(&self, value: &crate::value::Value) -> bool {
        match (value.as_object(), &self.lasting) {
            (Some(obj), Some(lasting)) => (obj.0 as usize) < lasting.heap,
            _ => true,
        }
    }

    /// Remembers an older object as it is before its first change. Where no more of it changes than one attribute, that is named.
    pub(super) fn object_changes(&mut self, index: usize, name: Option<Symbol>) {
        self.changes.count = self.changes.count.saturating_add(1);
        self.changes.object = self.changes.object.min(Oldest(index));
        match &mut self.lasting {
            Some(lasting) if index < lasting.heap => {
                self.changes.lasting = self.changes.count;
                let was_volatile = std::mem::replace(&mut self.heap[index].is_volatile, true);
                let obj = Obj(u32::try_from(index).unwrap_or(u32::MAX));
                if self.volatile.note(Changed::Object(obj), name, was_volatile) {
                    self.recollections.clear_all();
                }
                lasting.objects_before.entry(index).or_insert_with(|| self.heap[index].clone());
            }
            Some(_) => {}
            None => self.recollections.object_changes(index),
        }
    }

    /// Remembers an older scope as it is before its first change. Where no more of it changes than one name, that is named.
    pub(super) fn scope_changes(&mut self, index: usize, name: Option<Symbol>) {
        self.changes.scope = self.changes.scope.min(Oldest(index));
        match &mut self.lasting {
            Some(lasting) if index < lasting.scopes => {
                self.changes.count = self.changes.count.saturating_add(1);
                self.changes.lasting = self.changes.count;
                let was_volatile = std::mem::replace(&mut self.scopes[index].is_volatile, true);
                let scope = ScopeId(u32::try_from(index).unwrap_or(u32::MAX));
                if self.volatile.note(Changed::Scope(scope), name, was_volatile) {
                    self.recollections.clear_all();
                }
                lasting.scopes_before.entry(index).or_insert_with(|| self.scopes[index].clone());
            }
            Some(_) => {}
            None => self.recollections.scope_changes(index),
        }
    }
}
