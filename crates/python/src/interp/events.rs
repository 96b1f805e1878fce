//! Events: what descriptions of libraries say happens (`__event__("read", model, ...)`), and what marked values are tested and changed,
//! while exploring. The evaluator gives them no meaning.

use std::rc::Rc;

use super::{Condition, Frame, Interp, Paths};
use crate::code::{Expr, ExprId};
use crate::intern::{Symbol, known};
use crate::program::FileId;
use crate::term::Term;
use crate::value::{Arguments, Kind, Labels, Obj, Site, Unknown, Value};

/// Events of one exploration that are kept.
const EVENTS_MAX: usize = 1_024;
/// Events that add to the allowance of the exploration.
const EVENTS_PAID_MAX: usize = 64;
/// Calls that lead to an event and are kept with it.
const CALLERS_MAX: usize = 6;
/// Values of `and` and `or` that are remembered until they are tested.
const FORMULAS_MAX: usize = 64;

/// Something that happens.
#[derive(Debug, Clone)]
pub struct Event {
    /// What, in the word of the description.
    pub what: Symbol,
    /// With what: the arguments behind the word.
    pub arguments: Arguments,
    /// The call in the program that leads to it.
    pub site: Site,
    /// The functions of the program around that call, the innermost first, as far as no description stands between: file and name.
    pub within: Vec<(FileId, Symbol)>,
    /// The calls in the program that lead to that function, the innermost first.
    pub callers: Vec<Site>,
    /// Under which conditions.
    pub paths: Paths,
}

impl Event {
    /// One of an exploration in which nobody asks for them: no more than its place among the others, which what it gives stands for.
    fn unasked(what: Symbol, site: Site) -> Self {
        let (within, callers) = (Vec::new(), Vec::new());
        Self { what, arguments: Arguments::default(), site, within, callers, paths: Paths::always() }
    }
}

/// Which calls of what is not described are events.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watched {
    /// Those whose names begin with one of these.
    names: &'static [&'static str],
    /// The bytes with which those begin, a bit each: it rules out most of what is called.
    begins: [u64; 4],
    /// Those that are given both of these labels.
    labels: [u16; 2],
    /// Methods of something that is not known, which are handed a text.
    methods: &'static [&'static str],
    /// Whether they are in what runs.
    pub(super) now: bool,
}

impl Watched {
    /// Whether a name begins with one of those that are watched.
    fn has(&self, name: &str) -> bool {
        let Some(first) = name.as_bytes().first() else { return false };
        let begins = &self.begins[usize::from(*first / 64)];
        begins & (1 << (first % 64)) != 0 && self.names.iter().any(|watched| name.starts_with(watched))
    }
}

/// Where something began: how many events and conditions there were, and under which it was.
#[derive(Debug)]
pub(super) struct Began {
    pub(super) paths: Paths,
    pub(super) events: usize,
    pub(super) conditions: usize,
}

/// Watched calls, and the conditions between where it began and them.
#[derive(Debug, Default)]
pub(super) struct Happening {
    pub(super) events: Vec<Event>,
    pub(super) conditions: Vec<Condition>,
    /// The number of the first of these.
    first: usize,
}

impl Interp<'_> {
    /// The events of the exploration so far.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The events of the exploration so far, without taking them. Elsewhere than [while watching](Interp::watching) no more is known of
    /// them than that there were so many.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Runs something with a small allowance that each event adds to: code in which nothing happens is left early.
    pub fn by_events<T>(&mut self, steps: u32, per_event: u32, depth: usize, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.steps_per_event, per_event);
        let result = self.shallow(steps, depth, run);
        self.steps_per_event = before;
        result
    }

    /// What makes an event while [watching](Interp::watching): calls of undescribed things whose qualified names begin with one of these.
    pub fn watch(&mut self, names: &'static [&'static str]) {
        self.watched.names = names;
        self.watched.begins = [0; 4];
        for first in names.iter().filter_map(|name| name.as_bytes().first()) {
            self.watched.begins[usize::from(*first / 64)] |= 1 << (first % 64);
        }
    }

    /// The same (`handed`) for calls of what is not seen with something of both of these labels among the arguments.
    pub fn watch_handed(&mut self, labels: [u16; 2]) {
        self.watched.labels = labels;
    }

    /// The same (`executed`) for methods of these names of what is not known that are handed a text first.
    pub fn watch_methods(&mut self, names: &'static [&'static str]) {
        self.watched.methods = names;
    }

    /// Notes such a method; gives what stands for its result.
    pub(super) fn note_executed(&mut self, name: Symbol, arguments: &Arguments, site: Site) -> Option<Term> {
        let is_text = |value: &Value| value.as_str().is_some() || matches!(value.term(), Some(Term::Text(_)));
        let watched = self.watched.now && self.watched.methods.contains(&name.as_str());
        if !watched || !arguments.positional.first()?.alternatives().iter().any(is_text) {
            return None;
        }
        let mut arguments = arguments.clone();
        arguments.positional.splice(0..0, [Value::str("executed"), Value::str(name.as_str())]);
        self.note(Symbol::new("executed"), &arguments, site)
    }

    /// Runs something in which what is watched makes events: elsewhere nobody asks for them.
    pub fn watching<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.watched.now, true);
        let result = run(self);
        self.watched.now = before;
        result
    }

    /// Whether what is watched makes events.
    pub(super) fn is_watching(&self) -> bool {
        self.watched.now
    }

    /// Notes that something which is not seen was handed what is watched.
    pub(super) fn note_handed(&mut self, name: Option<Symbol>, arguments: &Arguments, labels: Labels, site: Site) {
        if self.watched.now && self.exploring && self.watched.labels.iter().all(|bits| labels.has(*bits)) {
            let mut arguments = arguments.clone();
            let name = name.map_or(Value::None, |name| Value::str(name.as_str()));
            arguments.positional.splice(0..0, [Value::str("handed"), name]);
            self.note_only(Symbol::new("handed"), &arguments, site);
        }
    }

    /// Notes a watched call.
    pub(super) fn note_call(&mut self, name: &str, arguments: &Arguments, site: Site) {
        if self.watched.now && self.exploring && self.watched.has(name) {
            let mut arguments = arguments.clone();
            arguments.positional.splice(0..0, [Value::str("call"), Value::str(name)]);
            self.note_only(Symbol::new("call"), &arguments, site);
        }
    }

    /// What happens to a proxy happens to what it stands for.
    fn without_proxies(&mut self, arguments: &Arguments, site: Site) -> Arguments {
        let mut arguments = arguments.clone();
        for value in &mut arguments.positional {
            if value.as_object().is_some()
                && let Ok(behind) = self.stood_for(value.clone(), site)
            {
                *value = behind;
            }
        }
        arguments
    }

    /// `__event__("word", subject, ..., gives=Class)`: notes what happens; gives a marked value, an instance of that class.
    pub(super) fn event(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let what = Symbol::new(arguments.positional.first()?.as_str()?);
        let labels = self.labels_given(arguments).of_decision();
        self.risk(labels);
        let labels = labels.and(Self::chosen_by(what, arguments));
        let gives = arguments.keyword("gives");
        let class = gives.filter(|c| self.is_class(c)).cloned();
        self.pay_for_event();
        let noted = self.without_proxies(arguments, site);
        let mut term = self.note(what, &noted, site);
        let mut name = None;
        // `select(User.id)` gives a part of what it finds.
        if let Some(Term::Part(_, part)) = gives.and_then(Value::term) {
            (term, name) = (term.and_then(|t| t.part(*part)), Some(*part));
        }
        let reason = Rc::from("what a library gives");
        Some(Value::Unknown(Rc::new(Unknown { reason, labels, name, class, term: term.map(Rc::new), library: None })))
    }

    /// The labels of what a statement finds whose text somebody wrote: who wrote it chose what that is (`UNION SELECT ...`). What is bound to a
    /// statement chooses among what there is.
    fn chosen_by(what: Symbol, arguments: &Arguments) -> Labels {
        let text = arguments.positional.get(1).filter(|_| what == "sql").map(Value::labels);
        text.map_or(Labels::NONE, |of| Labels { raw: of.raw, trail: of.trail, ..Labels::NONE }.far())
    }

    /// `__noted__("word", ...)`: notes what happens; gives a marked value that carries none of the labels.
    pub(super) fn noted(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let what = Symbol::new(arguments.positional.first()?.as_str()?);
        self.pay_for_event();
        let noted = self.without_proxies(arguments, site);
        // What is one of several is meant each time, as where an attribute is set.
        let several = noted.positional.get(1).map(Value::alternatives).filter(|all| what == "set" && all.len() > 1);
        for one in several.into_iter().flatten().filter(|one| one.term().is_some()) {
            let mut each = noted.clone();
            each.positional[1] = one.clone();
            self.note(what, &each, site);
        }
        let term = self.note(what, &noted, site);
        Some(Value::unknown("what a library gives").standing_for(term))
    }

    /// `__parts__(of, names, otherwise)`: a dict of parts of a value by these names; of a dict those that it has. What is neither a dict nor
    /// stands for anything has the parts of the third.
    pub(super) fn parts_named(&mut self, arguments: &Arguments, site: Site) -> Option<Value> {
        let [of, names, otherwise] = arguments.positional.as_slice() else { return None };
        let names: Vec<Symbol> =
            self.partly_known_items(names).iter().filter_map(|name| Some(Symbol::new(name.as_str()?))).collect();
        let given = self.entries_and_openness(of);
        let standing = |value: &Value| value.alternatives().iter().find(|one| one.term().is_some()).cloned();
        let whole = standing(of).or_else(|| standing(otherwise)).unwrap_or_else(|| otherwise.clone());
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            let entry =
                given.as_ref().and_then(|(entries, _)| entries.iter().find(|(k, _)| k.as_str() == Some(name.as_str())));
            let part = match (entry, &given) {
                (Some((_, value)), _) => value.clone(),
                (None, Some((_, false))) => continue,
                _ => Self::unknown_named("a part", whole.labels(), name).standing_for(self.part_of(&whole, name)),
            };
            entries.push((Value::str(name.as_str()), part));
        }
        Some(self.make(Kind::Dict { entries, open: false }, site))
    }

    /// `__related__(of, name, class)`: what an attribute of a value leads to, an instance of that class if it is one.
    pub(super) fn related(&mut self, arguments: &Arguments) -> Option<Value> {
        let [of, name, class] = arguments.positional.as_slice() else { return None };
        let name = Symbol::new(name.as_str()?);
        let class = Some(class).filter(|class| self.is_class(class)).cloned();
        let term = of.alternatives().iter().find_map(|one| self.part_of(one, name)).map(Rc::new);
        let reason = Rc::from("what a record refers to");
        Some(Value::Unknown(Rc::new(Unknown {
            reason,
            labels: of.labels(),
            name: Some(name),
            class,
            term,
            library: None,
        })))
    }

    /// `__within__(relation, class, ...)`: conditions about a class, all of them, about what a relation to it leads to.
    pub(super) fn conditions_within(&self, arguments: &Arguments) -> Option<Value> {
        let [relation, class, clauses @ ..] = arguments.positional.as_slice() else { return None };
        let (to, from) = (relation.term()?, class.as_object()?);
        let terms = clauses.iter().map(|clause| clause.term()?.with(&Term::Of(from), to)).collect();
        let labels = self.labels_given(&Arguments::of(clauses.to_vec()));
        Some(
            Value::unknown_with("conditions of what a record leads to", labels)
                .standing_for(Term::connected(terms, true)),
        )
    }

    /// `__any__(...)`, `__every__(...)`: true if one of them is, if all are.
    pub(super) fn connected(&self, arguments: &Arguments, and: bool) -> Value {
        let terms = arguments.positional.iter().map(|v| v.term().cloned()).collect();
        let value = Value::unknown_with("several conditions", self.labels_given(arguments));
        value.standing_for(Term::connected(terms, and))
    }

    pub(super) fn pay_for_event(&mut self) {
        if self.events.len() < EVENTS_PAID_MAX {
            self.steps_left = self.steps_left.saturating_add(self.steps_per_event);
        }
    }

    pub(super) fn note(&mut self, what: Symbol, arguments: &Arguments, site: Site) -> Option<Term> {
        self.changes.effects += 1;
        self.note_only(what, arguments, site)
    }

    /// Notes what gives nothing that stands for it: it may be noted again.
    pub(super) fn note_only(&mut self, what: Symbol, arguments: &Arguments, site: Site) -> Option<Term> {
        if !self.exploring || self.events.len() >= EVENTS_MAX {
            return None;
        }
        let index = u32::try_from(self.events.len()).ok()?;
        if !self.is_watching() {
            self.events.push(Event::unasked(what, site));
            return Some(Term::Made(index));
        }
        let arguments = Arguments { positional: arguments.positional[1..].to_vec(), ..arguments.clone() };
        let site = self.caller_outside_stubs().unwrap_or(site);
        let (within, callers) = (self.functions_outside_stubs(CALLERS_MAX), self.callers_outside_stubs(CALLERS_MAX));
        self.events.push(Event { what, arguments, site, within, callers, paths: self.paths.clone() });
        Some(Term::Made(index))
    }

    /// The innermost functions of the program itself that are running, up to a description.
    fn functions_outside_stubs(&self, most: usize) -> Vec<(FileId, Symbol)> {
        let is_stub = |frame: &&Frame| self.program.is_stub(frame.file);
        let own = self.frames.iter().rev().skip_while(is_stub).take_while(|frame| !is_stub(frame));
        own.filter_map(|frame| Some((frame.file, frame.called?))).take(most).collect()
    }

    /// The calls in the program of the functions that are running, but for the innermost of its own.
    fn callers_outside_stubs(&self, most: usize) -> Vec<Site> {
        let own = self.frames.iter().rev().skip_while(|frame| self.program.is_stub(frame.file));
        let sites = own.filter_map(|frame| frame.called_at).filter(|site| !self.program.is_stub(site.file));
        sites.take(most).collect()
    }

    /// What happened since, from the point at which it began: none where it cannot happen again in the same way, because it stands for
    /// something or is about what is younger than some object.
    pub(super) fn happened(&self, since: &Began, is_older: &impl Fn(Obj) -> bool) -> Option<Happening> {
        let events = self.events.get(since.events..).unwrap_or_default();
        let mut happening = Happening::default();
        for event in events {
            let paths = event.paths.behind(&since.paths)?;
            let is_new = |condition: u32| condition as usize >= since.conditions;
            if !paths.conditions().all(is_new) || !event.arguments.hold_only(is_older) {
                return None;
            }
            happening.events.push(Event { paths, ..event.clone() });
        }
        if happening.events.iter().any(|event| !event.paths.is_always()) {
            happening.first = since.conditions;
            happening.conditions = self.conditions.get(since.conditions..)?.to_vec();
        }
        Some(happening)
    }

    /// Lets something happen again, here.
    pub(super) fn happens_again(&mut self, happening: &Happening) {
        let first = self.conditions.len();
        self.conditions.extend(happening.conditions.iter().cloned());
        let number = |condition: u32| {
            let moved = (condition as usize).saturating_sub(happening.first) + first;
            u32::try_from(moved).unwrap_or(u32::MAX)
        };
        let room = EVENTS_MAX.saturating_sub(self.events.len());
        for event in happening.events.iter().take(room) {
            let paths = self.paths.and(&event.paths.renumbered(number));
            self.events.push(Event { paths, ..event.clone() });
        }
    }

    /// Notes that an attribute of a marked value is set.
    pub(super) fn note_set(&mut self, of: &Value, name: &Value, value: &Value, site: Site) {
        if !self.exploring || self.program.is_stub(site.file) {
            return;
        }
        for target in of.alternatives() {
            let is_mapped = || target.as_object().is_some_and(|o| self.is_instance_of_mapped(o));
            if self.events.len() >= EVENTS_MAX || !(target.term().is_some() || is_mapped()) {
                continue;
            }
            let arguments = Arguments::of([target.clone(), name.clone(), value.clone()]);
            self.changes.effects += 1;
            let (within, callers) =
                (self.functions_outside_stubs(CALLERS_MAX), self.callers_outside_stubs(CALLERS_MAX));
            self.events.push(Event {
                what: Symbol::new("set"),
                arguments,
                site,
                within,
                callers,
                paths: self.paths.clone(),
            });
        }
    }

    /// `row.__dict__.update(data)` sets what `data` names.
    pub(super) fn note_attributes_updated(&mut self, callee: &Value, arguments: &Arguments, site: Site) {
        let Some(Term::Part(dict, update)) = callee.term() else { return };
        let Term::Part(row, dict) = &**dict else { return };
        if let (true, true, Some(data)) = (*update == "update", *dict == "__dict__", arguments.positional.first()) {
            let row = Value::unknown("what a library gives").standing_for(Some((**row).clone()));
            for (name, value) in self.partly_known_entries(data) {
                self.note_set(&row, &name, &value, site);
            }
            if let Some(rest) = self.rest_of(data) {
                self.note_set(&row, &rest, &rest, site);
            }
        }
    }

    /// Remembers what an `and` or `or` stands for, until it is tested.
    pub(super) fn note_formula(&mut self, site: Site, terms: Vec<Option<Term>>, and: bool) {
        if let Some(term) = Term::connected(terms, and) {
            if self.formulas.len() >= FORMULAS_MAX {
                self.formulas.drain(..FORMULAS_MAX / 2);
            }
            self.formulas.push((site, term));
        }
    }

    /// What a tested expression stands for, with the value that it gave.
    pub(super) fn test_term(&self, test: ExprId, value: &Value) -> Option<Term> {
        if !self.exploring {
            return None;
        }
        let code = &self.frame().code;
        match code.expr(test) {
            Expr::And(_) | Expr::Or(_) => {
                let site = self.site(code.expr_span(test));
                self.formulas.iter().rev().find(|(s, _)| *s == site).map(|(_, term)| term.clone())
            }
            _ => value.term().cloned().or_else(|| self.emptiness_of(value)),
        }
    }

    /// Notes what a condition tests.
    pub(super) fn note_test(&mut self, condition: u32, test: ExprId, value: &Value) {
        if self.exploring
            && let Some(term) = self.test_term(test, value)
        {
            self.conditions[condition as usize].term = Some(Rc::new(term));
        }
    }

    /// `__mapped__(cls)`: the data attributes of a class are columns: reading one from the class gives a marked value.
    pub(super) fn map_class(&mut self, class: &Value) -> Option<Value> {
        let class = class.as_object()?;
        self.attributes_mut(class, known::MAPPED).set(known::MAPPED, Value::Bool(true));
        Some(Value::None)
    }

    /// Whether `__mapped__` was called for the class itself.
    pub fn is_mapped(&self, class: Obj) -> bool {
        self.own_attribute(class, known::MAPPED).is_some()
    }

    fn is_instance_of_mapped(&self, obj: Obj) -> bool {
        match self.kind(obj) {
            Kind::Instance { class } => class.as_object().is_some_and(|c| self.is_mapped(c)),
            _ => false,
        }
    }

    /// A column of a mapped class, read from the class.
    pub(super) fn mapped_member(&self, obj: Obj, name: Symbol) -> Option<Value> {
        let Kind::Class(_) = self.kind(obj) else { return None };
        if !self.is_mapped(obj) || name.as_str().starts_with("__") {
            return None;
        }
        let found = self.in_mro(obj, name, None);
        let class = found.as_ref().and_then(|found| self.read_as(found));
        if class.is_none() && found.as_ref().is_some_and(|found| self.is_code(found)) {
            return None;
        }
        let (reason, term) = (Rc::from("a column"), Term::Of(obj).part(name).map(Rc::new));
        Some(Value::Unknown(Rc::new(Unknown {
            reason,
            labels: Labels::NONE,
            name: Some(name),
            class,
            term,
            library: None,
        })))
    }

    /// What a part of a value stands for; an instance of a mapped class stands for itself.
    pub(super) fn part_of(&self, of: &Value, name: Symbol) -> Option<Term> {
        match of.plain() {
            Value::Object(obj) if self.is_instance_of_mapped(*obj) || self.is_mapped(*obj) => Term::Of(*obj).part(name),
            other => other.term()?.part(name),
        }
    }

    /// What an attribute of a mapped class is an instance of, where it is read from the class.
    fn read_as(&self, found: &Value) -> Option<Value> {
        self.own_attribute(found.as_object()?, known::READ_AS).cloned()
    }

    /// Whether an attribute of a class is code, or an object of its own, and no column.
    pub(super) fn is_code(&self, found: &Value) -> bool {
        found.as_object().is_some_and(|o| match self.kind(o) {
            Kind::Function(_) | Kind::Descriptor { .. } | Kind::Class(_) | Kind::Bound { .. } => true,
            // What a relationship leads to matters only while somebody asks for events.
            Kind::Instance { .. } if self.read_as(found).is_some() && !self.is_watching() => false,
            Kind::Instance { class } => class.as_object().is_some_and(|c| self.in_mro(c, known::CODE, None).is_some()),
            _ => false,
        })
    }
}
