//! What a call in an exploration came to is remembered: the same function with equal arguments, and with everything that it can see as it
//! was, gives the same again.
//!
//! Only calls are remembered that change nothing older than themselves, let nothing out but what they return, and return on all paths
//! that lead to them. What they return is made anew each time: nobody may change what another one got.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::events::{Began, Happening};
use super::{Comparison, CutOff, Interp};
use crate::intern::Symbol;
use crate::value::{Arguments, Attributes, Kind, Labels, Obj, Object, Site, Unknown, Value};

/// Calls of one function that are remembered.
const CALLS_MAX: usize = 8;
/// The same for calls that hold in every exploration.
const LASTING_MAX: usize = 8;
/// Calls inside a call that holds in every exploration that are remembered, too.
const INSIDE_MAX: usize = 64;
/// Steps that a call takes at least that is worth remembering.
const STEPS_MIN: u64 = 16;
/// Objects that a remembered call may be given, or return, with those inside.
const OBJECTS_MAX: usize = 512;

/// Calls of a function, one after the other, that were not worth remembering: then no more are tried.
const FAILURES_MAX: u8 = 200;

/// The calls that are remembered, by function.
#[derive(Debug, Default)]
pub(super) struct Recollections {
    /// Those of the exploration that runs, with when they returned, counted in changes.
    calls: FxHashMap<Obj, Vec<(u32, Rc<Recollection>)>>,
    /// Those that hold in every exploration: nothing in them is of the one that made them.
    lasting: FxHashMap<Obj, Vec<(Circumstances, Rc<Recollection>)>>,
    /// What they may have seen: objects and scopes older than these.
    seen: (usize, usize),
    /// How many calls of a function were not worth remembering, in all explorations.
    failures: FxHashMap<Obj, u8>,
}

impl Recollections {
    /// Forgets the calls of an exploration.
    pub(super) fn clear(&mut self) {
        self.calls.clear();
    }

    /// Forgets the calls of all explorations: what they saw is not as it was.
    pub(super) fn clear_all(&mut self) {
        self.clear();
        self.lasting.clear();
        self.seen = (0, 0);
    }

    /// Forgets them if an object changes, outside of explorations, that they may have seen.
    pub(super) fn object_changes(&mut self, index: usize) {
        if index < self.seen.0 {
            self.clear_all();
        }
    }

    /// The same for a scope.
    pub(super) fn scope_changes(&mut self, index: usize) {
        if index < self.seen.1 {
            self.clear_all();
        }
    }

    fn add(&mut self, function: Obj, at: u32, call: Rc<Recollection>) {
        let calls = self.calls.entry(function).or_default();
        if calls.len() >= CALLS_MAX {
            calls.remove(0);
        }
        calls.push((at, call));
    }
}

/// A call, and what it came to.
#[derive(Debug)]
pub(super) struct Recollection {
    arguments: Arguments,
    returned: Value,
    /// The objects in what it returned that it made. Ids count from the first of them.
    made: Vec<Object>,
    risked: Labels,
    looked_at: u16,
    comparisons: Vec<Comparison>,
    /// The calls in it that were not followed.
    cut_off: Vec<CutOff>,
    /// The calls in it that are watched.
    happening: Happening,
    /// The conditions in it that the default of a setting decided.
    decided: Vec<(Site, Symbol)>,
    /// How many calls inside calls it took.
    depth: usize,
    /// The calls in it that are remembered for other explorations, too, and the steps that it took beside them.
    inside: Vec<(Obj, Rc<Recollection>)>,
    own_steps: u64,
    /// Whether a call in it was not followed because its function was running already.
    recurses: bool,
    /// Whether it saw what explorations change.
    sees_volatile: bool,
    /// Whether nothing of one exploration is in it.
    lasts: bool,
}

/// A call that holds in every exploration, and the steps that it took in the one that runs.
pub(super) type Taken = (Obj, Rc<Recollection>, u64);

/// In which kind of exploration a call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Circumstances {
    opaque: bool,
    watching: bool,
}

/// What changes during an exploration, as far as it says which calls may be remembered.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// How many there were.
    pub(super) count: u32,
    /// When something changed that is older than the exploration.
    pub(super) lasting: u32,
    /// The oldest object and scope that changed since the call that runs began.
    pub(super) object: Oldest,
    pub(super) scope: Oldest,
    /// What was done that is neither a change nor returned.
    pub(super) effects: u32,
    /// How often a call was not followed because its function was running already.
    pub(super) recursions: u32,
    /// How many calls inside calls there were since the call that runs began, at most.
    pub(super) deepest: usize,
    /// The calls that hold in every exploration, since the call that runs began.
    pub(super) inside: Vec<Taken>,
    /// How many calls were remembered that do not.
    pub(super) passing: u32,
}

/// The lowest index so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Oldest(pub(super) usize);

impl Default for Oldest {
    fn default() -> Self {
        Self(usize::MAX)
    }
}

/// How things stood when a call began that may be remembered.
pub(super) struct Attempt {
    function: Obj,
    arguments: Arguments,
    began: Began,
    objects: usize,
    scopes: usize,
    outer: (Oldest, Oldest),
    effects: u32,
    recursions: u32,
    deepest: usize,
    looked_at: u16,
    comparisons: usize,
    cut_off: usize,
    decided: Vec<(Site, Symbol)>,
    sees_volatile: bool,
    inside: Vec<Taken>,
    passing: u32,
    total_left: u64,
}

impl Interp<'_> {
    /// What the call came to when it was made before, if that still holds.
    pub(super) fn recalled(&mut self, function: Obj, arguments: &Arguments) -> Option<Value> {
        let total_left = self.total_left;
        let call = self.recalled_here(function, arguments);
        let call = call.or_else(|| self.recalled_from_before(function, arguments))?;
        if call.lasts {
            self.changes.inside.push((function, Rc::clone(&call), total_left - self.total_left));
        } else {
            self.changes.passing += 1;
        }
        for call in &call.cut_off {
            self.note_cut_off(call.unseen, call.site, call.arguments.clone());
        }
        self.happens_again(&call.happening);
        self.changes.deepest = self.changes.deepest.max(self.frames.len() + call.depth);
        self.changes.recursions += u32::from(call.recurses);
        if call.sees_volatile {
            self.sees_volatile.set(true);
        }
        self.looked_at |= call.looked_at;
        self.comparisons.extend(call.comparisons.iter().cloned());
        self.risk(call.risked);
        let value = Self::along(self.made_anew(&call.returned, &call.made), arguments);
        self.gives_one_way(&value);
        Some(value)
    }

    /// Whether what a call came to says all that is asked of it: on which ways it gives what is not remembered, and says nothing where
    /// it gives one thing.
    fn says_enough(&self, call: &Recollection) -> bool {
        !self.wants_ways() || call.returned.alternatives().len() == 1
    }

    /// A call of the exploration that runs.
    fn recalled_here(&self, function: Obj, arguments: &Arguments) -> Option<Rc<Recollection>> {
        let known = self.recollections.calls.get(&function)?;
        let still_holds = |since: u32, call: &Recollection| {
            (since >= self.changes.lasting || !call.sees_volatile) && self.says_enough(call)
        };
        let same = known.iter().find(|(since, call)| still_holds(*since, call) && call.arguments == *arguments);
        same.filter(|(since, _)| self.is_unchanged(arguments, *since)).map(|(_, call)| Rc::clone(call))
    }

    /// A call of an earlier exploration, if this one is of the same kind. It takes the steps that it would take now: what an exploration
    /// comes to does not hang on those before it.
    fn recalled_from_before(&mut self, function: Obj, arguments: &Arguments) -> Option<Rc<Recollection>> {
        let circumstances = self.circumstances()?;
        let known = self.recollections.lasting.get(&function)?;
        let (_, call) = known.iter().find(|(when, call)| *when == circumstances && call.arguments == *arguments)?;
        let call = Some(Rc::clone(call)).filter(|call| self.says_enough(call))?;
        let mut all = vec![(function, Rc::clone(&call))];
        let steps = self.steps_of(&mut all);
        let may_be_made = self.has_share(steps) && self.may_enter_below(call.depth) && !self.is_running(function);
        if !may_be_made || !self.take_steps(steps) {
            return None;
        }
        for (site, setting) in &call.decided {
            self.note_decided(*site, *setting);
        }
        for (function, call) in all {
            self.recollections.failures.remove(&function);
            self.recollections.add(function, self.changes.count, call);
        }
        Some(call)
    }

    /// The steps that a call takes with the calls in it that the exploration has not made yet: they are added.
    fn steps_of(&self, all: &mut Vec<(Obj, Rc<Recollection>)>) -> u64 {
        let (mut steps, mut next) = (0, 0);
        while let Some((_, call)) = all.get(next).cloned() {
            next += 1;
            steps += call.own_steps;
            for (function, inner) in &call.inside {
                let is_known = all.iter().any(|(_, one)| Rc::ptr_eq(one, inner))
                    || self.recalled_here(*function, &inner.arguments).is_some();
                if !is_known {
                    all.push((*function, Rc::clone(inner)));
                }
            }
        }
        steps
    }

    /// What kind of exploration this is; none if it is not like others.
    fn circumstances(&self) -> Option<Circumstances> {
        let is_plain = self.flipped.is_none() && self.lasting.as_ref().is_some_and(|lasting| lasting.is_outermost);
        is_plain.then_some(Circumstances { opaque: self.opaque, watching: self.is_watching() })
    }

    /// Begins a call that may be remembered. None outside of explorations, and for functions made in them.
    pub(super) fn attempt(&mut self, function: Obj, arguments: &Arguments) -> Option<Attempt> {
        let lasting = self.lasting.as_ref().filter(|_| self.exploring)?.heap;
        let failures = self.recollections.failures.get(&function).copied().unwrap_or(0);
        if function.0 as usize >= lasting || failures >= FAILURES_MAX {
            return None;
        }
        Some(Attempt {
            function,
            arguments: arguments.clone(),
            began: Began { paths: self.paths.clone(), events: self.events.len(), conditions: self.conditions.len() },
            objects: self.heap.len(),
            scopes: self.scopes.len(),
            outer: (std::mem::take(&mut self.changes.object), std::mem::take(&mut self.changes.scope)),
            effects: self.changes.effects,
            recursions: self.changes.recursions,
            deepest: std::mem::replace(&mut self.changes.deepest, self.frames.len()),
            looked_at: std::mem::take(&mut self.looked_at),
            comparisons: self.comparisons.len(),
            cut_off: self.cut_off.len(),
            decided: std::mem::take(&mut self.decided),
            sees_volatile: self.sees_volatile.replace(false),
            inside: std::mem::take(&mut self.changes.inside),
            passing: self.changes.passing,
            total_left: self.total_left,
        })
    }

    /// Ends it: remembers what it returned, if nothing else came of it.
    pub(super) fn remember(&mut self, mut attempt: Attempt, returned: Option<&Value>, risked: Labels) {
        let steps = attempt.total_left.saturating_sub(self.total_left);
        let inside = std::mem::replace(&mut self.changes.inside, std::mem::take(&mut attempt.inside));
        let is_all_lasting = self.changes.passing == attempt.passing;
        let Some((function, mut call)) = self.worth_remembering(attempt, returned, steps, risked) else {
            self.changes.inside.extend(inside);
            return;
        };
        // Who runs out of steps may give less than otherwise. What a call takes elsewhere hangs on the calls in it.
        let may_last =
            self.may_go_on() && is_all_lasting && self.has_share(steps) && !(call.recurses || call.sees_volatile);
        call.lasts = may_last && inside.len() <= INSIDE_MAX && self.is_of_no_exploration(function, &call);
        if !call.lasts {
            self.changes.passing += 1;
            self.changes.inside.extend(inside);
            self.recollections.add(function, self.changes.count, Rc::new(call));
            return;
        }
        call.own_steps = steps.saturating_sub(inside.iter().map(|(.., taken)| taken).sum());
        for (function, inner, _) in inside {
            if !call.inside.iter().any(|(_, one)| Rc::ptr_eq(one, &inner)) {
                call.inside.push((function, inner));
            }
        }
        let call = Rc::new(call);
        self.changes.inside.push((function, Rc::clone(&call), steps));
        self.remember_for_others(function, Rc::clone(&call));
        self.recollections.add(function, self.changes.count, call);
    }

    /// What a call came to; none where that is not worth remembering.
    fn worth_remembering(
        &mut self,
        mut attempt: Attempt,
        returned: Option<&Value>,
        steps: u64,
        risked: Labels,
    ) -> Option<(Obj, Recollection)> {
        let looked_at = std::mem::replace(&mut self.looked_at, attempt.looked_at);
        self.looked_at |= looked_at;
        let decided = std::mem::replace(&mut self.decided, std::mem::take(&mut attempt.decided));
        decided.iter().for_each(|(site, setting)| self.note_decided(*site, *setting));
        let sees_volatile = self.sees_volatile.replace(attempt.sees_volatile || self.sees_volatile.get());
        let depth = self.changes.deepest - self.frames.len();
        self.changes.deepest = self.changes.deepest.max(attempt.deepest);
        let (object, scope) = (self.changes.object, self.changes.scope);
        self.changes.object = object.min(attempt.outer.0);
        self.changes.scope = scope.min(attempt.outer.1);
        let changes_nothing = object.0 >= attempt.objects
            && scope.0 >= attempt.scopes
            && self.changes.effects == attempt.effects
            && self.paths == attempt.began.paths;
        let is_costly = steps >= STEPS_MIN;
        let returned =
            returned.filter(|_| changes_nothing && is_costly && self.comparisons.len() >= attempt.comparisons);
        let returned = returned.filter(|_| self.is_unchanged(&attempt.arguments, u32::MAX));
        let happening = returned.and_then(|_| self.happened_in(&attempt));
        let returned = returned.and_then(|returned| self.template(returned, attempt.objects));
        let (Some((returned, made)), Some(happening)) = (returned, happening) else {
            *self.recollections.failures.entry(attempt.function).or_default() += 1;
            return None;
        };
        self.recollections.failures.remove(&attempt.function);
        let call = Recollection {
            returned,
            made,
            risked,
            looked_at,
            comparisons: self.comparisons[attempt.comparisons..].to_vec(),
            cut_off: self.cut_off.get(attempt.cut_off..).unwrap_or_default().to_vec(),
            happening,
            arguments: attempt.arguments,
            decided,
            depth,
            inside: Vec::new(),
            own_steps: steps,
            recurses: self.changes.recursions != attempt.recursions,
            sees_volatile,
            lasts: false,
        };
        Some((attempt.function, call))
    }

    /// What happened in a call; none where it cannot be said to happen again.
    fn happened_in(&self, attempt: &Attempt) -> Option<Happening> {
        let happening = self.happened(&attempt.began, &|obj: Obj| (obj.0 as usize) < attempt.objects)?;
        // What a description calls is said to be called where the description is.
        let is_told_apart = !happening.events.is_empty() && self.is_stub(&Value::Object(attempt.function));
        (!is_told_apart).then_some(happening)
    }

    /// Whether nothing of the exploration that runs is in a call and what it came to.
    fn is_of_no_exploration(&self, function: Obj, call: &Recollection) -> bool {
        let Some(lasting) = &self.lasting else { return false };
        let is_older = |obj: Obj| obj.0 & TEMPLATE != 0 || (obj.0 as usize) < lasting.heap;
        // What a description makes is said to be made where it is called.
        let is_told_apart = !call.made.is_empty() && self.is_stub(&Value::Object(function));
        !is_told_apart
            && call.arguments.hold_only(&is_older)
            && holds_only(&call.returned, &is_older)
            && call.made.iter().all(|object| all_held_in(object, &is_older))
            && call.comparisons.iter().all(|comparison| holds_only(&comparison.with, &is_older))
            && call.cut_off.iter().all(|cut_off| cut_off.arguments.hold_only(&is_older))
            && call.happening.events.iter().all(|event| event.arguments.hold_only(&is_older))
            && call.happening.conditions.iter().all(|condition| {
                let mut compared = condition.comparisons.iter();
                condition.term.is_none() && compared.all(|comparison| holds_only(&comparison.with, &is_older))
            })
    }

    fn remember_for_others(&mut self, function: Obj, call: Rc<Recollection>) {
        let (Some(circumstances), Some(lasting)) = (self.circumstances(), &self.lasting) else { return };
        let calls = self.recollections.lasting.entry(function).or_default();
        if calls.len() >= LASTING_MAX {
            calls.remove(0);
        }
        calls.push((circumstances, call));
        self.recollections.seen = (lasting.heap, lasting.scopes);
    }

    /// Whether nothing that some arguments hold has changed since, as far as the exploration made it. Functions and scopes that it made
    /// may see anything.
    fn is_unchanged(&self, arguments: &Arguments, since: u32) -> bool {
        let lasting = self.lasting.as_ref().map_or(0, |l| l.heap);
        let mut seen: Vec<Obj> = Vec::new();
        let given = arguments.positional.iter().chain(arguments.keywords.iter().map(|(_, value)| value));
        given.for_each(|value| objects_in(value, &mut |obj| seen.push(obj)));
        let mut next = 0;
        while let Some(obj) = seen.get(next).copied() {
            next += 1;
            if (obj.0 as usize) < lasting {
                continue;
            }
            let object = self.object(obj);
            let opaque = matches!(object.kind, Kind::Function(_) | Kind::Class(_) | Kind::Module { .. });
            if opaque || object.changed > since || seen.len() > OBJECTS_MAX {
                return false;
            }
            let mut inside = Vec::new();
            held_in(object, &mut |value| objects_in(value, &mut |obj| inside.push(obj)));
            inside.retain(|obj| !seen.contains(obj));
            seen.extend(inside);
        }
        true
    }

    /// A value with copies of the objects in it that are no older than an index; none if functions, classes or too much are among them.
    fn template(&self, value: &Value, first: usize) -> Option<(Value, Vec<Object>)> {
        let mut found: Vec<Obj> = Vec::new();
        if stands_for_something(value) {
            return None;
        }
        let is_new = |obj: Obj| obj.0 as usize >= first;
        objects_in(value, &mut |obj| found.push(obj));
        found.retain(|obj| is_new(*obj));
        found.dedup();
        let mut next = 0;
        while let Some(obj) = found.get(next).copied() {
            next += 1;
            let object = self.object(obj);
            if matches!(object.kind, Kind::Function(_) | Kind::Class(_) | Kind::Module { .. }) {
                return None;
            }
            let mut inside = Vec::new();
            let mut marked = false;
            held_in(object, &mut |value| {
                marked |= stands_for_something(value);
                objects_in(value, &mut |obj| inside.push(obj));
            });
            if marked {
                return None;
            }
            for obj in inside {
                if is_new(obj) && !found.contains(&obj) {
                    found.push(obj);
                }
            }
            if found.len() > OBJECTS_MAX {
                return None;
            }
        }
        let place =
            |obj: Obj| found.iter().position(|f| *f == obj).map(|at| Obj(TEMPLATE | u32::try_from(at).unwrap_or(0)));
        let moved = |obj: Obj| place(obj).unwrap_or(obj);
        let made = found.iter().map(|obj| object_with(self.object(*obj), &moved)).collect();
        Some((value_with(value, &moved), made))
    }

    /// A value with new objects in the place of those of a template.
    fn made_anew(&mut self, returned: &Value, made: &[Object]) -> Value {
        if made.is_empty() {
            return returned.clone();
        }
        let first = u32::try_from(self.heap.len()).unwrap_or(u32::MAX);
        let moved = |obj: Obj| if obj.0 & TEMPLATE == 0 { obj } else { Obj(first + (obj.0 & !TEMPLATE)) };
        for object in made {
            self.weigh(&object.kind);
            let object = Object { changed: self.changes.count, ..object_with(object, &moved) };
            self.push(object);
        }
        value_with(returned, &moved)
    }
}

/// The bit of ids that count from the first object of a template: far more objects than there may be.
const TEMPLATE: u32 = 1 << 31;

impl Arguments {
    /// Whether all objects in them, themselves, are such.
    pub(super) fn hold_only(&self, is_such: &impl Fn(Obj) -> bool) -> bool {
        let keywords = self.keywords.iter().map(|(_, value)| value);
        self.positional.iter().chain(keywords).chain(&self.rest).all(|value| holds_only(value, is_such))
    }
}

/// Whether all objects in a value itself are such. What stands for something may be what an exploration noted.
fn holds_only(value: &Value, is_such: &impl Fn(Obj) -> bool) -> bool {
    let mut all = !stands_for_something(value);
    objects_in(value, &mut |obj| all &= is_such(obj));
    all
}

/// The same for the values that an object holds.
fn all_held_in(object: &Object, is_such: &impl Fn(Obj) -> bool) -> bool {
    let mut all = true;
    held_in(object, &mut |value| all &= holds_only(value, is_such));
    all
}

/// The objects in a value itself.
fn objects_in(value: &Value, found: &mut dyn FnMut(Obj)) {
    match value {
        Value::Object(obj) => found(*obj),
        Value::Tuple(items) | Value::Union(items) => items.iter().for_each(|item| objects_in(item, found)),
        Value::Labelled(inner) => objects_in(&inner.0, found),
        Value::Unknown(unknown) => unknown.class.iter().for_each(|class| objects_in(class, found)),
        _ => {}
    }
}

/// Whether a value, or a part of it, stands for what was noted of it.
fn stands_for_something(value: &Value) -> bool {
    match value {
        Value::Tuple(items) | Value::Union(items) => items.iter().any(stands_for_something),
        other => other.term().is_some(),
    }
}

/// The values that an object holds.
fn held_in(object: &Object, found: &mut dyn FnMut(&Value)) {
    match &object.kind {
        Kind::List { items, .. } => items.iter().for_each(&mut *found),
        Kind::Dict { entries, .. } => entries.iter().for_each(|(key, value)| {
            found(key);
            found(value);
        }),
        Kind::Instance { class: one }
        | Kind::Builtin { receiver: one, .. }
        | Kind::Descriptor { function: one, .. } => {
            found(one);
        }
        Kind::Bound { receiver, function } => {
            found(receiver);
            found(function);
        }
        Kind::Super { receiver, after } => {
            found(receiver);
            found(&Value::Object(*after));
        }
        Kind::Generic { origin, arguments } => {
            found(origin);
            arguments.iter().for_each(&mut *found);
        }
        Kind::Function(_) | Kind::Class(_) | Kind::Module { .. } => {}
    }
    object.attributes.iter().for_each(|(_, value)| found(value));
}

/// A value with other objects in it: itself, where none of them is moved.
fn value_with(value: &Value, moved: &impl Fn(Obj) -> Obj) -> Value {
    let mut stays = true;
    objects_in(value, &mut |obj| stays &= moved(obj) == obj);
    if stays {
        return value.clone();
    }
    let all = |items: &[Value]| items.iter().map(|item| value_with(item, moved)).collect::<Vec<_>>();
    match value {
        Value::Object(obj) => Value::Object(moved(*obj)),
        Value::Tuple(items) => Value::Tuple(all(items).into()),
        Value::Union(items) => Value::Union(all(items).into()),
        Value::Labelled(inner) => Value::Labelled(Rc::new((value_with(&inner.0, moved), inner.1))),
        Value::Unknown(unknown) => match &unknown.class {
            Some(class) => {
                let class = Some(value_with(class, moved));
                Value::Unknown(Rc::new(Unknown { class, ..(**unknown).clone() }))
            }
            None => value.clone(),
        },
        plain => plain.clone(),
    }
}

/// An object with other objects in it.
fn object_with(object: &Object, moved: &impl Fn(Obj) -> Obj) -> Object {
    let with = |value: &Value| value_with(value, moved);
    let kind = match &object.kind {
        Kind::List { items, open, set } => {
            Kind::List { items: items.iter().map(with).collect(), open: *open, set: *set }
        }
        Kind::Dict { entries, open } => {
            Kind::Dict { entries: entries.iter().map(|(key, value)| (with(key), with(value))).collect(), open: *open }
        }
        Kind::Instance { class } => Kind::Instance { class: with(class) },
        Kind::Bound { receiver, function } => Kind::Bound { receiver: with(receiver), function: with(function) },
        Kind::Builtin { receiver, name } => Kind::Builtin { receiver: with(receiver), name: *name },
        Kind::Super { receiver, after } => Kind::Super { receiver: with(receiver), after: moved(*after) },
        Kind::Descriptor { kind, function } => Kind::Descriptor { kind: *kind, function: with(function) },
        Kind::Generic { origin, arguments } => {
            Kind::Generic { origin: with(origin), arguments: arguments.iter().map(with).collect() }
        }
        same @ (Kind::Function(_) | Kind::Class(_) | Kind::Module { .. }) => same.clone(),
    };
    let mut attributes = Attributes::with_capacity(object.attributes.len());
    for (name, value) in object.attributes.iter() {
        attributes.set(name, with(value));
    }
    Object { kind, attributes, is_volatile: false, ..*object }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;
    use crate::program::{NoFiles, Program};
    use crate::source::SourceFile;

    const TEXT: &[u8] = b"
import acme
state = {'n': 1}
def costly():
    total = 0
    for i in (1, 2, 3, 4, 5, 6, 7, 8):
        total = total + i
    return [total]
def reads():
    costly()
    return state['n']
def first(): return costly()
def second(): return costly()
def changes():
    before = reads()
    state['n'] = 2
    return (before, reads())
def again(): return reads()
class Holder: pass
holder = Holder()
holder.kept = holder.changing = 1
table = {'n': 1}
listed = [1, 2]
def changes_one():
    holder.changing = 2
def beside():
    costly()
    return (table.get('n'), table.items(), listed.index(1), listed.copy(), holder.kept)
def changing():
    costly()
    return holder.changing
def sees_beside():
    seen = beside()
    return seen
def sees_changing():
    seen = changing()
    return seen
def asks():
    one = costly()
    if one: pass
    other = costly()
    if other: pass
    return other
def either():
    costly()
    if acme.flag(): return (True, None)
    return (False, 'no')
def asks_either():
    ok, error = either()
    if not ok: return error
    ok, error = either()
    if not ok: return error
    return 'done'
";

    /// What calls came to, one exploration each, and the steps that they took.
    fn explored(names: &[&str]) -> Vec<(String, u64)> {
        exploring(names, |_, _| ()).0
    }

    /// The same, and an answer about the interpreter after that.
    fn exploring<T>(
        names: &[&str],
        ask: impl FnOnce(&Interp<'_>, &dyn Fn(&str) -> Value) -> T,
    ) -> (Vec<(String, u64)>, T) {
        let (file, _) = SourceFile::new("main.py".into(), TEXT.to_vec());
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let mut interp = Interp::new(&program, Limits::default());
        interp.run_module(program.at("main.py").expect("the file"));
        let bound = interp.module_names(|_, _| true);
        let named = |name: &str| bound.iter().find(|(_, n, _)| *n == name).expect("it is bound").2.clone();
        let call = |name: &&str| {
            let function = named(name);
            let site = interp.object(function.as_object().expect("a function")).site;
            let before = interp.total_left();
            let shown = interp.explore(2_000, |i| {
                let value = i.call_outcome(&function, Arguments::default(), site).value.expect("it returns");
                i.show(&value)
            });
            (shown, before - interp.total_left())
        };
        let all = names.iter().map(call).collect();
        (all, ask(&interp, &named))
    }

    #[test]
    fn who_reads_and_sees_nothing_that_changes_is_remembered() {
        let lasts = |interp: &Interp<'_>, function: Value| {
            interp.recollections.lasting.contains_key(&function.as_object().expect("a function"))
        };
        let explored = ["changes_one", "sees_beside", "sees_changing"];
        let (_, remembered) = exploring(&explored, |i, named| ["beside", "changing"].map(|one| lasts(i, named(one))));
        assert_eq!(remembered, [true, false], "another attribute of the same object changes");
    }

    #[test]
    fn what_an_exploration_comes_to_does_not_hang_on_those_before_it() {
        for name in ["first", "second", "again"] {
            let alone = explored(&[name]);
            let behind = explored(&["first", "again", "changes", "second", "again", name]);
            assert_eq!(behind.last(), alone.last(), "{name}");
        }
    }

    #[test]
    fn what_gives_one_thing_is_remembered_though_its_ways_are_asked_for() {
        let steps = |name: &str| explored(&[name])[0].1;
        assert!(steps("asks") < 2 * steps("first"), "the second call takes none");
        let shown = explored(&["asks_either"]).remove(0).0;
        assert_eq!(shown, "'no' | 'done'", "each call tells its ways apart");
    }

    #[test]
    fn what_explorations_change_is_seen_as_it_is() {
        let values: Vec<String> =
            explored(&["again", "changes", "again"]).into_iter().map(|(shown, _)| shown).collect();
        assert_eq!(values, ["1", "(1, 2)", "1"]);
    }
}
