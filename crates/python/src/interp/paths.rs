//! Under which conditions a point of the program is reached.
//!
//! [`Paths`] is a disjunction of conjunctions of literals over [`Condition`]s that the source does not decide. Where two
//! branches meet again the literal vanishes, so a path keeps only the conditions whose other side left (raised or returned).

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use super::Value;
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Labels, Site};

/// A condition that was met and not decided by the source.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Where it stands.
    pub site: Site,
    /// The labels of everything that it looks at.
    pub labels: Labels,
    /// What that is labelled is compared with what in it.
    pub comparisons: Vec<Comparison>,
    /// What is tested, where it is an expression over marked values.
    pub term: Option<Rc<Term>>,
    /// Whether it is that something in a `try` raises.
    pub is_exception: bool,
}

/// A comparison of something labelled: `user.role == "admin"`, `user.is_admin`.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The attribute or variable that is compared.
    pub name: Option<Symbol>,
    /// What it is compared with; `True` for a plain test of truth.
    pub with: Value,
    /// The labels of the compared value.
    pub labels: Labels,
    /// Whether the condition holds where the two are the same, and not where they differ.
    pub same: bool,
    /// What else of the condition has to turn out.
    pub joined: Joined,
}

/// How a comparison is part of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// It is the whole condition.
    Alone,
    /// With others all of which must turn out for the condition to hold.
    All,
    /// With others any of which suffices.
    Any,
    /// With both: no outcome of the condition tells how this one turned out.
    Mixed,
}

impl Comparison {
    /// Whether a condition that turns out like this says how the comparison turned out.
    pub fn is_told_by(&self, holds: bool) -> bool {
        match self.joined {
            Joined::Alone => true,
            Joined::All => holds,
            Joined::Any => !holds,
            Joined::Mixed => false,
        }
    }

    /// The same comparison in the negated condition.
    pub(super) fn negate(&mut self) {
        self.same = !self.same;
        self.joined = match self.joined {
            Joined::All => Joined::Any,
            Joined::Any => Joined::All,
            other => other,
        };
    }

    /// The same comparison as one of several undecided operands of `and` (`all`) or `or`.
    pub(super) fn join(&mut self, all: bool) {
        let now = if all { Joined::All } else { Joined::Any };
        self.joined = if self.joined == Joined::Alone || self.joined == now { now } else { Joined::Mixed };
    }
}

/// A condition and how it turned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// Which condition.
    pub condition: u32,
    /// How it turned out.
    pub holds: bool,
}

impl Literal {
    fn negated(self) -> Self {
        Self { holds: !self.holds, ..self }
    }
}

/// Literals that hold together, sorted: one way to a point. Shared, because most of what is made of paths is some of their ways.
#[derive(Debug, Clone, Eq)]
pub struct Conjunction(Rc<[Literal]>);

impl Conjunction {
    /// The same with one more literal at its place.
    fn with(&self, at: usize, literal: Literal) -> Self {
        let mut with: Rc<[Literal]> = std::iter::repeat_n(literal, self.len() + 1).collect();
        if let Some(literals) = Rc::get_mut(&mut with) {
            literals[..at].copy_from_slice(&self[..at]);
            literals[at + 1..].copy_from_slice(&self[at..]);
        }
        Self(with)
    }
}

impl Deref for Conjunction {
    type Target = [Literal];

    fn deref(&self) -> &[Literal] {
        &self.0
    }
}

impl PartialEq for Conjunction {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<'a> IntoIterator for &'a Conjunction {
    type Item = &'a Literal;
    type IntoIter = std::slice::Iter<'a, Literal>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Vec<Literal>> for Conjunction {
    fn from(literals: Vec<Literal>) -> Self {
        Self(literals.into())
    }
}

impl FromIterator<Literal> for Conjunction {
    fn from_iter<I: IntoIterator<Item = Literal>>(literals: I) -> Self {
        Self(literals.into_iter().collect())
    }
}

/// How many alternatives are kept apart; past that those are merged that only the conditions met last tell apart.
pub const PATHS_MAX: usize = 24;

/// Literals of an alternative where an exploration looks for events and not for refusals.
pub(super) const LITERALS_MAX: usize = 40;

/// How many alternatives are left of too many, at most.
const MERGED_MAX: usize = PATHS_MAX / 2;

/// How many conditions that were left out of paths are known by name.
const LEFT_OUT_MAX: usize = 64;

/// How many narrower paths remember the wider ones that they were made of: they are dropped by recursion.
const ORIGINS_MAX: u8 = 64;

/// A disjunction of paths. None at all: never reached. One empty path: always reached.
#[derive(Debug, Clone)]
pub struct Paths {
    ways: Rc<Ways>,
    /// Where alternatives had to be merged, the literals are too few.
    left_out: LeftOut,
}

/// The conditions whose literals were left out of some paths, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LeftOut {
    Nothing,
    These(Rc<[u32]>),
    /// More than [`LEFT_OUT_MAX`]: any may be among them.
    Many,
}

/// Whether all of some sorted conditions are among others.
fn is_within(some: &[u32], others: &[u32]) -> bool {
    let mut rest = others.iter();
    some.len() <= others.len() && some.iter().all(|one| rest.by_ref().find(|other| *other >= one) == Some(one))
}

impl LeftOut {
    fn of(mut conditions: Vec<u32>) -> Self {
        conditions.sort_unstable();
        conditions.dedup();
        match conditions.len() {
            0 => Self::Nothing,
            1..=LEFT_OUT_MAX => Self::These(conditions.into()),
            _ => Self::Many,
        }
    }

    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one.clone(),
            (Self::Many, _) | (_, Self::Many) => Self::Many,
            (Self::These(own), Self::These(others)) if own == others => self.clone(),
            (Self::These(own), Self::These(others)) if is_within(others, own) => self.clone(),
            (Self::These(own), Self::These(others)) if is_within(own, others) => other.clone(),
            (Self::These(own), Self::These(others)) => Self::of(own.iter().chain(&**others).copied().collect()),
        }
    }
}

#[derive(Debug)]
struct Ways {
    /// Written out where somebody asks: most branches meet again before anybody does.
    alternatives: OnceCell<Alternatives>,
    /// What these paths were before the last literal: two sides of one branch that meet again are just that.
    origin: Option<Origin>,
    /// How many literals the longest alternative has; none where there is no alternative.
    longest: Option<usize>,
    /// No condition of theirs is younger.
    youngest: Option<u32>,
}

/// Sorted conjunctions, sorted, each with its mark.
#[derive(Debug, Default)]
struct Alternatives {
    paths: Vec<Conjunction>,
    marks: Vec<Mark>,
}

/// What tells most paths apart without a look at their literals.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// The numbers of all literals together: those of a literal and its negation differ by [`NEGATED`].
    sum: u64,
    /// A bit of each literal.
    bits: u64,
    /// How many literals there are.
    len: u32,
}

/// By how much the number of a negated literal is larger.
const NEGATED: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Debug)]
struct Origin {
    paths: Paths,
    literal: Literal,
    depth: u8,
}

impl PartialEq for Paths {
    fn eq(&self, other: &Self) -> bool {
        self.left_out == other.left_out && self.has_ways_of(other)
    }
}

impl Paths {
    /// Reached in any case.
    pub fn always() -> Self {
        Self::of(Alternatives { paths: vec![Vec::new().into()], marks: vec![Mark::default()] }, LeftOut::Nothing)
    }

    /// Never reached.
    pub fn never() -> Self {
        Self::of(Alternatives::default(), LeftOut::Nothing)
    }

    fn of(alternatives: Alternatives, left_out: LeftOut) -> Self {
        let longest = alternatives.paths.iter().map(|path| path.len()).max();
        let youngest = alternatives.paths.iter().filter_map(|path| path.last()).map(|last| last.condition).max();
        let ways = Ways { alternatives: OnceCell::from(alternatives), origin: None, longest, youngest };
        Self { ways: Rc::new(ways), left_out }
    }

    /// Whether it is never reached.
    pub fn is_never(&self) -> bool {
        self.ways.longest.is_none()
    }

    /// Whether it is reached in any case.
    pub fn is_always(&self) -> bool {
        self.ways.longest == Some(0)
    }

    /// Whether alternatives had to be merged.
    pub fn is_merged(&self) -> bool {
        self.left_out != LeftOut::Nothing
    }

    /// The conditions of the literals that merging left out; none where they are too many to say.
    pub fn left_out(&self) -> Option<&[u32]> {
        match &self.left_out {
            LeftOut::Nothing => Some(&[]),
            LeftOut::These(conditions) => Some(conditions),
            LeftOut::Many => None,
        }
    }

    /// The alternatives, each a sorted conjunction.
    pub fn alternatives(&self) -> &[Conjunction] {
        &self.written_out().paths
    }

    /// Whether the alternatives are the same. What was made of two paths by the same literal is the same if these are: that is told
    /// without writing either out.
    fn has_ways_of(&self, other: &Self) -> bool {
        let (mut own, mut its) = (self, other);
        loop {
            let (a, b) = (&own.ways, &its.ways);
            if Rc::ptr_eq(a, b) {
                return true;
            }
            if a.longest != b.longest || a.youngest != b.youngest {
                return false;
            }
            match (&a.origin, &b.origin) {
                (Some(one), Some(another)) if one.literal == another.literal => {
                    (own, its) = (&one.paths, &another.paths);
                }
                _ => return own.alternatives() == its.alternatives(),
            }
        }
    }

    fn written_out(&self) -> &Alternatives {
        self.ways.alternatives.get_or_init(|| {
            // Nobody asked for what lies between: each literal is younger than those before it.
            let (mut literals, mut ways) = (Vec::new(), &self.ways);
            loop {
                match (&ways.origin, ways.alternatives.get()) {
                    (_, Some(known)) => {
                        literals.reverse();
                        return known.with_younger(&literals);
                    }
                    (Some(Origin { paths, literal, .. }), None) => {
                        literals.push(*literal);
                        ways = &paths.ways;
                    }
                    (None, None) => return Alternatives::default(),
                }
            }
        })
    }

    /// The same paths, with one more literal; those that contradict it vanish.
    #[must_use]
    pub fn with(&self, literal: Literal) -> Self {
        let depth = self.ways.origin.as_ref().map_or(0, |o| o.depth + 1);
        let is_new = self.ways.youngest.is_none_or(|youngest| youngest < literal.condition);
        if depth >= ORIGINS_MAX || !is_new || self.is_never() {
            return Self::of(self.written_out().with(literal), self.left_out.clone());
        }
        let ways = Ways {
            alternatives: OnceCell::new(),
            longest: self.ways.longest.map(|longest| longest + 1),
            youngest: Some(literal.condition),
            origin: Some(Origin { paths: self.clone(), literal, depth }),
        };
        Self { ways: Rc::new(ways), left_out: self.left_out.clone() }
    }

    /// How many literals the longest alternative has.
    pub(super) fn longest(&self) -> usize {
        self.ways.longest.unwrap_or(0)
    }

    /// The same paths where a further literal is left out.
    pub(super) fn without_more(&self, literal: Literal) -> Self {
        Self { ways: Rc::clone(&self.ways), left_out: self.left_out.and(&LeftOut::of(vec![literal.condition])) }
    }

    /// The paths before a branch, where these are its two sides and nothing else.
    fn before_branch(&self, other: &Self) -> Option<&Self> {
        let (a, b) = (self.ways.origin.as_ref()?, other.ways.origin.as_ref()?);
        let same = Rc::ptr_eq(&a.paths.ways, &b.paths.ways) && a.literal == b.literal.negated();
        same.then_some(&a.paths)
    }

    /// Reached this way or that way.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        if let Some(before) = self.before_branch(other) {
            return before.clone();
        }
        if self == other {
            return other.clone();
        }
        let left_out = self.left_out.and(&other.left_out);
        let same_ways = |ways: &Rc<Ways>| Self { ways: Rc::clone(ways), left_out: left_out.clone() };
        if self.is_never() || Rc::ptr_eq(&self.ways, &other.ways) {
            return same_ways(&other.ways);
        }
        if other.is_never() {
            return same_ways(&self.ways);
        }
        if self.is_always() || other.is_always() {
            return Self { left_out, ..Self::always() };
        }
        self.written_out().or(other.written_out()).few(left_out)
    }

    /// Reached this way and that way: what contradicts itself vanishes.
    #[must_use]
    pub(super) fn and(&self, other: &Self) -> Self {
        if other.is_always() {
            return self.clone();
        }
        let mut all = Alternatives::default();
        for path in self.alternatives() {
            for way in other.alternatives().iter().filter(|way| !way.iter().any(|l| path.contains(&l.negated()))) {
                let mut both = path.to_vec();
                both.extend(way.iter().filter(|l| !path.contains(l)));
                both.sort_unstable();
                let mark = Mark::of(&both);
                all.insert(both.into(), mark);
            }
        }
        all.few(self.left_out.and(&other.left_out))
    }

    /// What leads on from some paths to these: the rest of each alternative. None where the former are not one way, or these do not
    /// begin with it.
    pub(super) fn behind(&self, start: &Self) -> Option<Self> {
        let [way] = start.alternatives() else { return None };
        let begins_with_it = |path: &Conjunction| way.iter().all(|literal| path.contains(literal));
        if self.is_merged() || !self.alternatives().iter().all(begins_with_it) {
            return None;
        }
        let rest = |path: &Conjunction| path.iter().filter(|literal| !way.contains(literal)).copied().collect();
        Some(Self::of(self.alternatives().iter().map(rest).collect(), LeftOut::Nothing))
    }

    /// The same where conditions have other numbers.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> u32) -> Self {
        let literal = |literal: &Literal| Literal { condition: number(literal.condition), ..*literal };
        let path = |path: &Conjunction| path.iter().map(literal).collect();
        Self::of(self.alternatives().iter().map(path).collect(), self.left_out.clone())
    }

    /// The conditions of all literals.
    pub(super) fn conditions(&self) -> impl Iterator<Item = u32> {
        self.alternatives().iter().flatten().map(|literal| literal.condition)
    }

    /// Those alternatives that are wanted.
    #[must_use]
    pub fn filtered(&self, wanted: impl Fn(&[Literal]) -> bool) -> Self {
        Self::of(self.alternatives().iter().filter(|path| wanted(path)).cloned().collect(), self.left_out.clone())
    }

    /// Reached in one of these ways. The last come first: the inner branches meet before the outer ones.
    pub(super) fn any(all: &[Self]) -> Self {
        let Some((last, others)) = all.split_last() else { return Self::never() };
        others.iter().rev().fold(last.clone(), |any, paths| any.or(paths))
    }
}

impl FromIterator<Conjunction> for Alternatives {
    fn from_iter<I: IntoIterator<Item = Conjunction>>(paths: I) -> Self {
        let paths: Vec<Conjunction> = paths.into_iter().collect();
        Self { marks: paths.iter().map(|path| Mark::of(path)).collect(), paths }
    }
}

impl Mark {
    fn of(path: &[Literal]) -> Self {
        path.iter().fold(Self::default(), |mark, literal| mark.with(*literal))
    }

    fn with(self, literal: Literal) -> Self {
        let number = u64::from(literal.condition).wrapping_add(1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let bit = 1 << ((number >> 59) | u64::from(literal.holds) << 5);
        let number = if literal.holds { number } else { number.wrapping_add(NEGATED) };
        Self { sum: self.sum.wrapping_add(number), bits: self.bits | bit, len: self.len + 1 }
    }

    /// Whether two paths may be told in one, as far as this says.
    fn may_resolve(self, other: Self) -> bool {
        let (less, more) = if self.len < other.len { (self, other) } else { (other, self) };
        let apart = self.sum.wrapping_sub(other.sum);
        match less.len == more.len {
            true => apart == 0 || apart == NEGATED || apart == NEGATED.wrapping_neg(),
            false => less.bits & !more.bits == 0,
        }
    }
}

impl Alternatives {
    fn with_capacity(paths: usize) -> Self {
        Self { paths: Vec::with_capacity(paths), marks: Vec::with_capacity(paths) }
    }

    /// The same with one more literal; those that contradict it vanish.
    fn with(&self, literal: Literal) -> Self {
        let mut found = Self::with_capacity(self.paths.len());
        for (path, mark) in self.paths.iter().zip(&self.marks) {
            let is_youngest = path.last().is_none_or(|last| last.condition < literal.condition);
            let place = if is_youngest { Err(path.len()) } else { path.binary_search(&literal) };
            let (path, mark) = match place {
                Ok(_) => (path.clone(), *mark),
                Err(_) if !is_youngest && path.binary_search(&literal.negated()).is_ok() => continue,
                Err(at) => (path.with(at, literal), mark.with(literal)),
            };
            found.push(path, mark);
        }
        found
    }

    /// The same with more literals, each younger than any here and than those before it.
    fn with_younger(&self, literals: &[Literal]) -> Self {
        let mut found = Self::with_capacity(self.paths.len());
        for (path, mark) in self.paths.iter().zip(&self.marks) {
            let longer = path.iter().chain(literals).copied().collect();
            found.push(longer, literals.iter().copied().fold(*mark, Mark::with));
        }
        found
    }

    /// These and others. None of either can be told in one with another of the same: only those of different sides are compared, until some
    /// are told in one.
    fn or(&self, others: &Self) -> Self {
        let mut all = Self { paths: self.paths.clone(), marks: self.marks.clone() };
        let mut added = Self::default();
        for (path, mark) in others.paths.iter().zip(&others.marks) {
            match all.resolving(path, *mark) {
                None => added.push(path.clone(), *mark),
                Some((at, union)) => all.told_in_one(&mut added, at, union),
            }
        }
        all.beside(added)
    }

    /// Puts `union` in the place of the path at an index, and goes on with what can be told in one with that, here or among `added`.
    fn told_in_one(&mut self, added: &mut Self, at: usize, union: Conjunction) {
        let (mut at, mut pending, mut is_added) = (at, union, false);
        loop {
            let of = if is_added { &mut *added } else { &mut *self };
            // What is covered by another path adds nothing: that one was told apart from all others before.
            if pending.len() == of.paths[at].len() {
                return;
            }
            of.paths.remove(at);
            of.marks.remove(at);
            let mark = Mark::of(&pending);
            let next = match (self.resolving(&pending, mark), added.resolving(&pending, mark)) {
                (Some(own), Some(other)) if *self.paths[own.0] < *added.paths[other.0] => Some((own, false)),
                (_, Some(other)) => Some((other, true)),
                (own, None) => own.map(|own| (own, false)),
            };
            let Some(((place, union), of_added)) = next else {
                let place = self.paths.binary_search_by(|path| path.cmp(&pending)).unwrap_or_else(|place| place);
                self.paths.insert(place, pending);
                self.marks.insert(place, mark);
                return;
            };
            (at, pending, is_added) = (place, union, of_added);
        }
    }

    /// These and others, in order.
    fn beside(self, others: Self) -> Self {
        if others.paths.is_empty() {
            return self;
        }
        let mut all = Self::with_capacity(self.paths.len() + others.paths.len());
        let mut theirs = others.paths.into_iter().zip(others.marks).peekable();
        for (path, mark) in self.paths.into_iter().zip(self.marks) {
            while let Some((earlier, of)) = theirs.next_if(|(other, _)| **other < *path) {
                all.push(earlier, of);
            }
            all.push(path, mark);
        }
        theirs.for_each(|(path, mark)| all.push(path, mark));
        all
    }

    fn push(&mut self, path: Conjunction, mark: Mark) {
        self.paths.push(path);
        self.marks.push(mark);
    }

    /// Adds a path; merges `p & c` with `p & !c`, and drops what another path covers.
    fn insert(&mut self, path: Conjunction, mark: Mark) {
        let (mut pending, mut mark) = (path, mark);
        while let Some((at, union)) = self.resolving(&pending, mark) {
            self.paths.remove(at);
            self.marks.remove(at);
            mark = Mark::of(&union);
            pending = union;
        }
        let at = self.paths.binary_search_by(|path| path.cmp(&pending)).unwrap_or_else(|at| at);
        self.paths.insert(at, pending);
        self.marks.insert(at, mark);
    }

    /// As paths, merged where they are too many.
    fn few(self, left_out: LeftOut) -> Paths {
        if self.paths.len() <= PATHS_MAX {
            return Paths::of(self, left_out);
        }
        let (merged, more) = merge(&self.paths);
        Paths::of(merged, left_out.and(&LeftOut::of(more)))
    }

    /// The first path that can be told in one with another, and that one.
    fn resolving(&self, path: &Conjunction, mark: Mark) -> Option<(usize, Conjunction)> {
        let mut all = self.marks.iter().enumerate().filter(|(_, of)| of.may_resolve(mark));
        all.find_map(|(at, _)| resolve(&self.paths[at], path).map(|one| (at, one)))
    }
}

/// Fewer paths for many: the literals that not all have in common are left out, the youngest conditions first. What was decided first
/// on the way (a guard) stays, and what all have in common. The second is the conditions of those that were left out.
fn merge(paths: &[Conjunction]) -> (Alternatives, Vec<u32>) {
    let mut common = paths[0].to_vec();
    for path in &paths[1..] {
        let mut rest = &**path;
        common.retain(|literal| skip_to(&mut rest, literal));
    }
    let own = |path: &Conjunction| {
        let (mut shared, mut own) = (common.as_slice(), Vec::with_capacity(path.len()));
        own.extend(path.iter().filter(|literal| !skip_to(&mut shared, literal)));
        own
    };
    let mut rest: Vec<Vec<Literal>> = paths.iter().map(own).collect();
    let too_young = youngest_left_out(&mut rest);
    let mut left_out = Vec::new();
    for path in &mut rest {
        let young = path.partition_point(|literal| literal.condition < too_young);
        left_out.extend(path.drain(young..).map(|literal| literal.condition));
    }
    rest.sort_unstable();
    rest.dedup();
    let mut merged = Alternatives::default();
    for mut path in rest {
        path.extend(&common);
        path.sort_unstable();
        let mark = Mark::of(&path);
        merged.insert(path.into(), mark);
    }
    (merged, left_out)
}

/// The condition from which on literals are left out, so that no more than [`MERGED_MAX`] of these paths are told apart.
///
/// They are sorted so that those stay neighbours that are one without their youngest literals: what goes on behind a beginning comes
/// before the beginning itself. Neighbours are told apart by the older of the literals in which they differ.
fn youngest_left_out(paths: &mut [Vec<Literal>]) -> u32 {
    let rest_of = |a: &[Literal], b: &[Literal]| {
        let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        (a.get(same).copied(), b.get(same).copied())
    };
    paths.sort_unstable_by(|a, b| match rest_of(a, b) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let told_apart = |pair: &[Vec<Literal>]| {
        let (a, b) = rest_of(&pair[0], &pair[1]);
        a.into_iter().chain(b).map(|literal| literal.condition).min().unwrap_or(u32::MAX)
    };
    let mut conditions: Vec<u32> = paths.windows(2).map(told_apart).collect();
    conditions.sort_unstable();
    conditions.get(MERGED_MAX - 1).copied().unwrap_or(u32::MAX)
}

/// Whether a literal is in a sorted path; drops those before it.
fn skip_to(path: &mut &[Literal], literal: &Literal) -> bool {
    let before = path.iter().take_while(|other| *other < literal).count();
    *path = &path[before..];
    path.first() == Some(literal)
}

/// One path for two: where one covers the other, or they differ in how one condition turned out and in nothing else. Both are sorted.
fn resolve(a: &Conjunction, b: &Conjunction) -> Option<Conjunction> {
    if a.len() == b.len() {
        let Some(at) = a.iter().zip(b.iter()).position(|(x, y)| x != y) else { return Some(a.clone()) };
        let is_one = a[at] == b[at].negated() && a[at + 1..] == b[at + 1..];
        return is_one.then(|| a[..at].iter().chain(&a[at + 1..]).copied().collect());
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let mut rest = &**long;
    short.iter().all(|literal| skip_to(&mut rest, literal)).then(|| short.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lit(condition: u32, holds: bool) -> Literal {
        Literal { condition, holds }
    }

    #[test]
    fn branches_that_meet_again_leave_no_trace() {
        let start = Paths::always();
        let joined = start.with(lit(0, true)).or(&start.with(lit(0, false)));
        assert_eq!(joined, Paths::always());
    }

    #[test]
    fn a_side_that_left_is_remembered() {
        let start = Paths::always();
        let on = start.with(lit(0, false));
        let joined = on.with(lit(1, true)).or(&on.with(lit(1, false)));
        assert_eq!(joined.alternatives(), [vec![lit(0, false)].into()]);
        assert!(joined.with(lit(0, true)).is_never());
    }

    #[test]
    fn both_ways_hold_together_or_not_at_all() {
        let first = Paths::always().with(lit(0, true)).or(&Paths::always().with(lit(1, true)));
        let second = Paths::always().with(lit(0, false)).with(lit(2, true));
        assert_eq!(first.and(&second).alternatives(), [vec![lit(0, false), lit(1, true), lit(2, true)].into()]);
        assert_eq!(first.and(&Paths::always()), first);
        assert!(first.and(&Paths::never()).is_never());
    }

    /// What is left where the youngest literals go one by one until few ways are told apart.
    fn without_the_youngest(mut rest: Vec<Vec<Literal>>) -> Vec<Vec<Literal>> {
        while rest.len() > MERGED_MAX {
            let Some(youngest) = rest.iter().filter_map(|p| p.last()).map(|l| l.condition).max() else { break };
            for path in rest.iter_mut().filter(|p| p.last().is_some_and(|l| l.condition == youngest)) {
                path.pop();
            }
            rest.sort_unstable();
            rest.dedup();
        }
        rest
    }

    proptest::proptest! {
        #[test]
        fn either_of_two_is_what_comes_of_one_after_the_other(
            own in proptest::collection::vec(proptest::collection::btree_map(0u32..6, proptest::bool::ANY, 0..6), 0..12),
            others in proptest::collection::vec(proptest::collection::btree_map(0u32..6, proptest::bool::ANY, 0..6), 0..12),
        ) {
            let add = |all: &mut Alternatives, path: &Conjunction| all.insert(path.clone(), Mark::of(path));
            let of = |ways: &[std::collections::BTreeMap<u32, bool>]| {
                let mut all = Alternatives::default();
                for way in ways {
                    add(&mut all, &way.iter().map(|(c, holds)| lit(*c, *holds)).collect());
                }
                all
            };
            let (own, others) = (of(&own), of(&others));
            let mut expected = Alternatives { paths: own.paths.clone(), marks: own.marks.clone() };
            others.paths.iter().for_each(|path| add(&mut expected, path));
            let found = own.or(&others);
            proptest::prop_assert_eq!(&found.paths, &expected.paths);
            let marks = |all: &Alternatives| all.marks.iter().map(|mark| (mark.sum, mark.bits, mark.len)).collect::<Vec<_>>();
            proptest::prop_assert_eq!(marks(&found), marks(&expected));
        }

        #[test]
        fn the_youngest_literals_are_left_out_at_once(
            ways in proptest::collection::hash_set(proptest::collection::btree_map(0u32..9, proptest::bool::ANY, 0..9), 13..60)
        ) {
            let way = |way: &std::collections::BTreeMap<u32, bool>| way.iter().map(|(c, holds)| lit(*c, *holds)).collect();
            let mut ways: Vec<Vec<Literal>> = ways.iter().map(way).collect();
            let expected = without_the_youngest(ways.clone());
            let too_young = youngest_left_out(&mut ways);
            ways.iter_mut().for_each(|way| way.retain(|literal| literal.condition < too_young));
            ways.sort_unstable();
            ways.dedup();
            proptest::prop_assert_eq!(ways, expected);
        }
    }

    #[test]
    fn literals_of_several_branches_are_written_out_at_once() {
        let start = Paths::always().with(lit(0, true)).or(&Paths::always().with(lit(1, true)));
        let mut at_once = start.clone();
        let mut one_by_one =
            Alternatives { paths: start.alternatives().to_vec(), marks: start.written_out().marks.clone() };
        for condition in 2..6 {
            at_once = at_once.with(lit(condition, condition % 2 == 0));
            one_by_one = one_by_one.with(lit(condition, condition % 2 == 0));
        }
        assert_eq!(at_once.alternatives(), one_by_one.paths);
        let marks =
            |all: &Alternatives| all.marks.iter().map(|mark| (mark.sum, mark.bits, mark.len)).collect::<Vec<_>>();
        assert_eq!(marks(at_once.written_out()), marks(&one_by_one));
        assert_eq!(at_once.alternatives().len(), 2);
    }

    #[test]
    fn what_either_leaves_out_is_left_out() {
        let these = |conditions: &[u32]| LeftOut::of(conditions.to_vec());
        for (own, other, both) in [
            (&[1, 3, 5][..], &[3][..], &[1, 3, 5][..]),
            (&[3], &[1, 3, 5], &[1, 3, 5]),
            (&[1, 3], &[2, 3], &[1, 2, 3]),
            (&[1, 3], &[4], &[1, 3, 4]),
        ] {
            assert_eq!(these(own).and(&these(other)), these(both), "{own:?} {other:?}");
        }
    }

    #[test]
    fn too_many_paths_are_merged_and_say_so() {
        let mut all = Paths::never();
        for i in 0..100 {
            all = all.or(&Paths::always().with(lit(1000, true)).with(lit(i * 2, true)).with(lit(i * 2 + 1, true)));
        }
        assert!(all.is_merged());
        assert!(all.alternatives().iter().all(|p| p.contains(&lit(1000, true))));
        assert!(all.left_out().is_none_or(|conditions| !conditions.contains(&1000)));
    }

    #[test]
    fn what_is_left_out_is_known_up_to_a_bound() {
        let mut all = Paths::always().with(lit(0, true));
        for condition in 1..=u32::try_from(LEFT_OUT_MAX).unwrap() {
            all = all.without_more(lit(condition, false));
        }
        assert_eq!(all.left_out().map(<[u32]>::len), Some(LEFT_OUT_MAX));
        assert_eq!(all.without_more(lit(7, true)).left_out(), all.left_out());
        assert_eq!(all.without_more(lit(70, true)).left_out(), None);
        assert_eq!(all.alternatives(), [vec![lit(0, true)].into()]);
    }

    #[test]
    fn ways_that_meet_leave_out_what_either_does() {
        let one = Paths::always().with(lit(0, true)).without_more(lit(1, true));
        let other = Paths::always().with(lit(2, true)).without_more(lit(3, true));
        assert_eq!(one.or(&other).left_out(), Some([1, 3].as_slice()));
        assert_eq!(one.and(&other).left_out(), Some([1, 3].as_slice()));
    }
}
