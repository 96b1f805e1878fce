//! What was found out about every item of something, and so about the whole: loops that refuse an item, `all(...)` and `any(...)`, sets within sets.

use std::rc::Rc;

use super::{Condition, Interp, Literal};
use crate::code::CompareOp;
use crate::term::{Term, Test};
use crate::value::{Kind, Labels, Site, Value};

/// Letters of a text, or texts of one letter, of which an item is one.
const LETTERS_MAX: usize = 256;

impl Interp<'_> {
    /// Remembers of what something raw is an item, where that gets a name.
    pub(super) fn note_item(&mut self, item: &Value, whole: &Value) {
        if let Some(trail) = item.labels().trail.filter(|_| self.is_raw_within(whole)) {
            self.trails.wholes.insert(trail, (item.clone(), whole.clone()));
        }
    }

    /// Remembers of what a collection was made: `set(names)`.
    pub(super) fn note_collected(&mut self, made: &Value, of: &Value) {
        if let Some(obj) = made.as_object().filter(|_| self.is_raw_within(of)) {
            self.trails.collected.insert(obj, of.clone());
        }
    }

    fn is_raw_within(&self, value: &Value) -> bool {
        self.is_watching() && self.labels_within(value, 0).raw != 0
    }

    /// Of what something is an item.
    fn whole_of(&self, item: &Value) -> Option<&Value> {
        let is_it = |one: &Value| {
            let (known, whole) = self.trails.wholes.get(&one.labels().trail?)?;
            (one == known || known.alternatives().contains(one)).then_some(whole)
        };
        item.alternatives().iter().find_map(is_it)
    }

    /// The uses for which an item is clean that is one of several letters: a text of such items holds no others. All, where it is no letter.
    pub(super) fn clean_among(&self, item: &Value, letters: &Value) -> u32 {
        let all = self.trails.uses.all;
        if self.whole_of(item).is_none() {
            return all;
        }
        let known: Vec<char> = if let Some(text) = letters.as_str() {
            text.chars().take(LETTERS_MAX + 1).collect()
        } else {
            let one = |text: &str| Some(text.chars().next()?).filter(|letter| letter.len_utf8() == text.len());
            let items = self.partly_known_items(letters);
            let read: Option<Vec<char>> =
                items.iter().take(LETTERS_MAX + 1).map(|item| item.as_str().and_then(one)).collect();
            let Some(read) = read.filter(|read| !read.is_empty()) else { return all };
            read
        };
        if known.len() > LETTERS_MAX { 0 } else { self.clean_without(|c| known.contains(&c)) }
    }

    /// What of wholes is clean, and for which uses, where every item is as a condition says.
    fn clean_of_wholes(&self, term: &Term, holds: bool) -> Vec<(Value, u32)> {
        let cleaned = self.cleaned_where(term, holds);
        cleaned.iter().filter_map(|(item, uses)| Some((self.whole_of(item)?.clone(), *uses))).collect()
    }

    /// Behind a loop that was left by its end, each item was as the conditions of its turn say; they are those since there were so many.
    pub(super) fn clean_behind_loop(&mut self, conditions: usize) {
        if !self.is_watching() || self.trails.wholes.is_empty() || self.conditions.len() == conditions {
            return;
        }
        let of_literal = |literal: &Literal| {
            let condition = self.conditions.get(literal.condition as usize);
            let term = condition.filter(|_| literal.condition as usize >= conditions).and_then(|one| one.term.clone());
            term.map_or(Vec::new(), |term| self.clean_of_wholes(&term, literal.holds))
        };
        let each = self.paths.alternatives().iter().map(|way| way.iter().flat_map(of_literal).collect::<Vec<_>>());
        let uses_of = |whole: &Value, way: &[(Value, u32)]| {
            way.iter().filter(|(one, _)| one == whole).fold(0, |all, (_, uses)| all | uses)
        };
        let all = each.reduce(|kept, way| {
            let both = kept.into_iter().map(|(whole, uses)| (uses & uses_of(&whole, &way), whole));
            both.filter(|(uses, _)| *uses != 0).map(|(uses, whole)| (whole, uses)).collect()
        });
        for (subject, uses) in all.unwrap_or_default() {
            self.go_on_where(&Term::Tested(Rc::new(Test { subject, where_true: uses, where_false: 0 })));
        }
    }

    /// Whether the program's own code runs, and not a description.
    pub(super) fn runs_own_code(&self) -> bool {
        self.frames.last().is_some_and(|frame| !self.program.is_stub(frame.file))
    }

    /// Behind a call that refuses something, what it found out holds for the names of who called: the conditions are those since there were so
    /// many. Of several ways back nothing is said here.
    pub(super) fn clean_behind_call(&mut self, conditions: usize) {
        let [way] = self.paths.alternatives() else { return };
        let found: Vec<(Rc<Term>, bool)> = way
            .iter()
            .filter(|literal| literal.condition as usize >= conditions)
            .filter_map(|literal| Some((self.conditions.get(literal.condition as usize)?.term.clone()?, literal.holds)))
            .collect();
        for (term, holds) in found {
            self.clean_behind(Some(&term), holds);
        }
    }

    /// Goes on where a test holds.
    fn go_on_where(&mut self, term: &Term) {
        let Ok(condition) = u32::try_from(self.conditions.len()) else { return };
        let site = self.site(self.frame().at);
        let noted = Some(Rc::new(term.clone()));
        self.conditions.push(Condition {
            site,
            labels: Labels::NONE,
            comparisons: Vec::new(),
            term: noted,
            is_exception: false,
        });
        self.paths = self.paths.with(Literal { condition, holds: true });
        self.clean_behind(Some(term), true);
    }

    /// What `all(...)` and `any(...)` stand for, of what was tested of each item.
    pub(super) fn every_of(&self, name: &str, of: &Value) -> Option<Term> {
        let holds = match name {
            "all" => true,
            "any" => false,
            _ => return None,
        };
        let tests = self.partly_known_items(of);
        let [test] = tests.as_slice() else { return None };
        let test = test.term().filter(|test| self.is_watching() && !self.cleaned_where(test, holds).is_empty())?;
        let cleaned = self.clean_of_wholes(test, holds);
        let tested = |(subject, uses): (Value, u32)| {
            let (where_true, where_false) = if holds { (uses, 0) } else { (0, uses) };
            Some(Term::Tested(Rc::new(Test { subject, where_true, where_false })))
        };
        // Where it turned out the other way, nothing is known of all of them.
        let parts = [Some(test.clone())].into_iter().chain(cleaned.into_iter().map(tested)).chain([None]);
        Term::connected(parts.collect(), holds)
    }

    /// What `set(names) <= ALLOWED` stands for.
    pub(super) fn within_set(&self, op: CompareOp, left: &Value, right: &Value) -> Option<Term> {
        let (inner, outer) = match op {
            CompareOp::Lt | CompareOp::LtE => (left, right),
            CompareOp::Gt | CompareOp::GtE => (right, left),
            _ => return None,
        };
        let subject = self.set_beside(inner, outer)?;
        Some(Term::Tested(Rc::new(Test { subject, where_true: self.trails.uses.all, where_false: 0 })))
    }

    /// What `set(names) - ALLOWED` stands for: where it is empty, none is left.
    pub(super) fn left_of_set(&self, left: &Value, right: &Value) -> Option<Term> {
        let subject = self.set_beside(left, right)?;
        Some(Term::Tested(Rc::new(Test { subject, where_true: 0, where_false: self.trails.uses.all })))
    }

    /// The same of `set(names).issubset(ALLOWED)` and `ALLOWED.issuperset(names)`.
    pub(super) fn tested_as_set(&self, method: &str, of: &Value, with: Option<&Value>) -> Option<Term> {
        let (inner, outer) = match method {
            "issubset" => (of, with?),
            "issuperset" => (with?, of),
            _ => return None,
        };
        let is_clean = self.is_raw_within(inner) && self.is_nearer(outer, inner);
        let subject = is_clean.then(|| self.collected_from(inner))?;
        Some(Term::Tested(Rc::new(Test { subject, where_true: self.trails.uses.all, where_false: 0 })))
    }

    /// What a set was made of that is raw, beside one that nobody outside wrote.
    fn set_beside(&self, inner: &Value, outer: &Value) -> Option<Value> {
        let is_set = |value: &Value| {
            let object = value.as_object().map(|obj| &self.object(obj).kind);
            matches!(object, Some(Kind::List { set: true, .. }))
        };
        let is_clean = is_set(inner) && self.is_raw_within(inner) && self.is_nearer(outer, inner);
        is_clean.then(|| self.collected_from(inner))
    }

    /// Whether who wrote something is nearer to the program than who wrote something else.
    fn is_nearer(&self, one: &Value, than: &Value) -> bool {
        let distance = |value: &Value| self.distance(self.labels_within(value, 0));
        self.labels_within(one, 0).raw == 0 || distance(one) < distance(than)
    }

    fn collected_from(&self, value: &Value) -> Value {
        let source = value.as_object().and_then(|obj| self.trails.collected.get(&obj));
        source.unwrap_or(value).clone()
    }

    /// Whether a value is something raw that is one of the items of a list.
    pub(super) fn is_item_of(&self, raw: &Value, list: &Value) -> bool {
        match list.as_object().map(|obj| &self.object(obj).kind) {
            Some(Kind::List { items, .. }) => {
                items.iter().flat_map(Value::alternatives).any(|item| self.is_same(item, raw))
            }
            _ => false,
        }
    }

    /// A list whose items are clean for some uses: another one, since it may be another still where this was not found out.
    pub(super) fn cleaned_list(&mut self, list: &Value, uses: u32, site: Site) -> Option<Value> {
        let Kind::List { items, open, set } = &self.object(list.as_object()?).kind else { return None };
        let items = items.iter().map(|item| item.relabelled(&|labels| labels.cleared(uses))).collect();
        let (open, set) = (*open, *set);
        Some(self.make(Kind::List { items, open, set }, site))
    }
}
