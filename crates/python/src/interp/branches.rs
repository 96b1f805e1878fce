//! What the branches of an exploration assign to attributes: each begins with the attributes that the branch point had, and
//! behind both an attribute holds what either left in it.

use super::Interp;
use super::statements::Flow;
use crate::intern::{Symbol, known};
use crate::value::{Arguments, Kind, Obj, Value};

/// The attributes that branches assigned, with what they held before; kept while a branch runs.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// How many branches are around.
    depth: usize,
    log: Vec<(Obj, Symbol, Option<Value>)>,
}

/// Where the log of assignments and the heap stood at a branch point. An object that a branch made is its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    log: usize,
    heap: usize,
}

/// What one branch left in attributes.
pub(super) type Left = Vec<(Obj, Symbol, Option<Value>)>;

impl Interp<'_> {
    pub(super) fn begin_branches(&mut self) -> Mark {
        self.assigned.depth += 1;
        Mark { log: self.assigned.log.len(), heap: self.heap.len() }
    }

    pub(super) fn end_branches(&mut self) {
        self.assigned.depth -= 1;
        if self.assigned.depth == 0 {
            self.assigned.log.clear();
        }
    }

    /// Notes what two sides of something undecided made.
    pub(super) fn note_branches(&mut self, [began, other, end]: [usize; 3]) {
        if !self.exploring && began < other && other < end {
            self.branched.push([began, other, end]);
        }
    }

    /// Whether two objects were made on different sides of something undecided, in whichever files: a run makes one of them.
    pub fn are_alternatives(&self, one: Obj, other: Obj) -> bool {
        let (one, other) = ((one.0 as usize).min(other.0 as usize), (one.0 as usize).max(other.0 as usize));
        let tells_apart =
            |[began, middle, end]: &[usize; 3]| (*began..*middle).contains(&one) && (*middle..*end).contains(&other);
        self.branched.iter().any(tells_apart)
    }

    /// Notes what an attribute holds before it is assigned.
    pub(super) fn assigns(&mut self, obj: Obj, name: Symbol) {
        if self.exploring && self.assigned.depth > 0 {
            let before = self.own_attribute(obj, name).cloned();
            self.assigned.log.push((obj, name, before));
        }
    }

    /// Undoes what was assigned since the mark, and gives what it was.
    pub(super) fn take_assigned(&mut self, mark: Mark) -> Left {
        let log = self.assigned.log.split_off(mark.log);
        let mut left: Left = Vec::new();
        for (obj, name, before) in log.into_iter().rev().filter(|(obj, ..)| (obj.0 as usize) < mark.heap) {
            if !left.iter().any(|(o, n, _)| (*o, *n) == (obj, name)) {
                left.push((obj, name, self.own_attribute(obj, name).cloned()));
            }
            self.put_back(obj, name, before);
        }
        left
    }

    /// Joins what two branches left, of which the second still stands. What raised does not go on.
    pub(super) fn join_assigned(&mut self, mark: Mark, first: (Flow, Left), second: Flow) {
        let (first, left) = first;
        match (first != Flow::Raise, second != Flow::Raise) {
            (true, true) => self.either_assigned(mark, left),
            (true, false) => {
                self.take_assigned(mark);
                for (obj, name, value) in left {
                    self.assigns(obj, name);
                    self.put_back(obj, name, value);
                }
            }
            (false, _) => {}
        }
    }

    fn either_assigned(&mut self, mark: Mark, mut left: Left) {
        // What only the second assigned was left by the first as it was before.
        for at in mark.log..self.assigned.log.len() {
            let (obj, name, before) = self.assigned.log[at].clone();
            let is_older = (obj.0 as usize) < mark.heap;
            if is_older && !left.iter().any(|(o, n, _)| (*o, *n) == (obj, name)) {
                left.push((obj, name, before));
            }
        }
        for (obj, name, first) in left {
            let second = self.own_attribute(obj, name).cloned();
            let joined = match (first, second) {
                (Some(first), Some(second)) => Some(first.or(second)),
                (None, None) => continue,
                (Some(set), None) | (None, Some(set)) => {
                    self.put_back(obj, name, None);
                    Some(match self.unless_assigned(obj, name) {
                        Some(otherwise) => set.or(otherwise),
                        None => set,
                    })
                }
            };
            self.assigns(obj, name);
            self.put_back(obj, name, joined);
        }
    }

    /// What an attribute gives that an instance does not hold itself: of its class, or what the class makes up for it.
    fn unless_assigned(&mut self, obj: Obj, name: Symbol) -> Option<Value> {
        let Kind::Instance { class } = self.kind(obj) else { return None };
        let class = class.as_object()?;
        if let Some(found) = self.in_mro(class, name, None) {
            return Some(found);
        }
        let hook = self.in_mro(class, known::GETATTR, None)?.as_object()?;
        let site = self.made_at(obj);
        let arguments = Arguments::of([Value::Object(obj), Value::str(name.as_str())]);
        matches!(self.kind(hook), Kind::Function(_)).then(|| self.call_function(hook, arguments, site).ok())?
    }

    fn put_back(&mut self, obj: Obj, name: Symbol, value: Option<Value>) {
        let attributes = self.attributes_mut(obj, name);
        match value {
            Some(value) => attributes.set(name, value),
            None => attributes.remove(name),
        }
    }
}
