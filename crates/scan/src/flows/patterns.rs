//! Regular expressions that take long on a chosen text. Exponential time: a state is reached again by the same text in two ways. The square of the
//! length, or a higher power: a text turns in one repetition, in another behind it, and leads from the one to the other. Python's `re` tries
//! all ways one after the other.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, Group, GroupKind};
use regex_syntax::hir::translate::Translator;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// States of an automaton that is looked at; an expression with more is not.
const STATES_MAX: usize = 300;
/// Bytes of an expression that is looked at.
const PATTERN_BYTES_MAX: usize = 2_000;
/// Ranges of characters that are compared for one expression: whoever writes one does not decide how long that takes.
const COMPARISONS_MAX: usize = 2_000_000;
/// Copies of a repeated part that are made.
const COPIES_MAX: u32 = 4;

type Ranges = Vec<(char, char)>;

/// States with steps that take a character, and steps that take none.
#[derive(Default)]
struct Automaton {
    steps: Vec<Vec<(Ranges, usize)>>,
    free: Vec<Vec<usize>>,
}

/// How the time grows that an expression takes on some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// It doubles with each few characters.
    Exponential,
    /// With the square of the length, or faster.
    Polynomial,
}

/// The time that an expression takes as Python reads it, where that is more than its text is long. One that cannot be read takes none.
pub(super) fn time_of(pattern: &str) -> Option<Time> {
    time_within(pattern, COMPARISONS_MAX)
}

fn time_within(pattern: &str, comparisons: usize) -> Option<Time> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return None;
    }
    let read = read(&pattern.replace(r"\Z", r"\z"))?;
    let mut automaton = Automaton::default();
    let start = automaton.state();
    let end = automaton.add(&read, start).filter(|_| automaton.steps.len() <= STATES_MAX)?;
    let all = automaton.steps.len();
    let freely: Vec<Vec<usize>> = (0..all).map(|state| automaton.closure(state)).collect();
    // What never fails never goes back.
    let may_fail =
        |state: usize| read.properties().look_set_suffix().contains(Look::End) || !freely[state].contains(&end);
    let failing: Vec<bool> = (0..all).map(may_fail).collect();
    let mut search = Search { automaton, freely, left: comparisons };
    if (0..all).any(|state| search.is_reached_twice(state)) {
        return Some(Time::Exponential);
    }
    let turning: Vec<usize> = (0..all).filter(|state| search.leads(*state, *state)).collect();
    let pairs = turning.iter().flat_map(|first| turning.iter().map(|second| (*first, *second)));
    // What leads back is the same repetition.
    let mut pairs = pairs.filter(|(first, second)| failing[*second] && first != second);
    pairs
        .any(|(first, second)| !search.leads(second, first) && search.turns_in_both(first, second))
        .then_some(Time::Polynomial)
}

/// An expression with each way of an alternation in a group: `(a|a)` would be read as one class, and Python tries both.
fn read(pattern: &str) -> Option<Hir> {
    let mut ast = Parser::new().parse(pattern).ok()?;
    group_ways(&mut ast);
    Translator::new().translate(pattern, &ast).ok()
}

fn group_ways(ast: &mut Ast) {
    match ast {
        Ast::Repetition(repeated) => group_ways(&mut repeated.ast),
        Ast::Group(group) => group_ways(&mut group.ast),
        Ast::Concat(all) => all.asts.iter_mut().for_each(group_ways),
        Ast::Alternation(ways) => {
            for way in &mut ways.asts {
                group_ways(way);
                let (span, kind) = (*way.span(), GroupKind::CaptureIndex(0));
                let inner = Box::new(std::mem::replace(way, Ast::empty(span)));
                *way = Ast::group(Group { span, kind, ast: inner });
            }
        }
        _ => {}
    }
}

impl Automaton {
    fn state(&mut self) -> usize {
        self.steps.push(Vec::new());
        self.free.push(Vec::new());
        self.steps.len() - 1
    }

    /// Adds an expression behind a state; gives the state behind it. None past the bound.
    fn add(&mut self, of: &Hir, from: usize) -> Option<usize> {
        if self.steps.len() > STATES_MAX {
            return None;
        }
        match of.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(from),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().try_fold(from, |from, c| Some(self.take(vec![(c, c)], from)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges().iter().map(|range| (range.start(), range.end())).collect();
                Some(self.take(ranges, from))
            }
            HirKind::Class(Class::Bytes(_)) => None,
            HirKind::Capture(group) => self.add(&group.sub, from),
            HirKind::Concat(parts) => parts.iter().try_fold(from, |from, part| self.add(part, from)),
            HirKind::Alternation(parts) => {
                let end = self.state();
                for part in parts {
                    let begin = self.state();
                    self.free[from].push(begin);
                    let behind = self.add(part, begin)?;
                    self.free[behind].push(end);
                }
                Some(end)
            }
            HirKind::Repetition(repeated) => {
                let mut at = from;
                for _ in 0..repeated.min.min(COPIES_MAX) {
                    at = self.add(&repeated.sub, at)?;
                }
                match repeated.max {
                    None => {
                        let end = self.state();
                        self.free[at].push(end);
                        // The first turn has states of its own: what two turns read, one may read in another way.
                        if repeated.min == 0 {
                            at = self.add(&repeated.sub, at)?;
                        }
                        let begin = self.state();
                        self.free[at].push(begin);
                        self.free[begin].push(end);
                        let behind = self.add(&repeated.sub, begin)?;
                        self.free[behind].push(begin);
                        Some(end)
                    }
                    Some(max) => {
                        let end = self.state();
                        self.free[at].push(end);
                        for _ in repeated.min..max.min(repeated.min + COPIES_MAX) {
                            at = self.add(&repeated.sub, at)?;
                            self.free[at].push(end);
                        }
                        Some(end)
                    }
                }
            }
        }
    }

    fn take(&mut self, ranges: Ranges, from: usize) -> usize {
        let to = self.state();
        self.steps[from].push((ranges, to));
        to
    }

    /// The states that are reached without a character.
    fn closure(&self, from: usize) -> Vec<usize> {
        let mut found = vec![from];
        let mut at = 0;
        while let Some(state) = found.get(at).copied() {
            at += 1;
            for next in &self.free[state] {
                if !found.contains(next) {
                    found.push(*next);
                }
            }
        }
        found
    }
}

/// The search for two ways, with what is left of its bound.
struct Search {
    automaton: Automaton,
    /// For each state those that it leads to without a character.
    freely: Vec<Vec<usize>>,
    left: usize,
}

impl Search {
    /// Whether one text leads from a state back to it in two ways; no where that takes too long to find out.
    fn is_reached_twice(&mut self, origin: usize) -> bool {
        let mut pending = vec![(origin, origin, false)];
        let mut seen: rustc_hash::FxHashSet<(usize, usize, bool)> = pending.iter().copied().collect();
        while let Some((one, other, are_apart)) = pending.pop() {
            for (first, second) in self.both(one, other) {
                let are_apart = are_apart || first != second;
                if are_apart && self.freely[first].contains(&origin) && self.freely[second].contains(&origin) {
                    return true;
                }
                if seen.insert((first, second, are_apart)) {
                    pending.push((first, second, are_apart));
                }
            }
            if self.left == 0 {
                return false;
            }
        }
        false
    }

    /// Whether a text leads from a state to another.
    fn leads(&self, from: usize, wanted: usize) -> bool {
        let mut pending = vec![from];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(state) = pending.pop() {
            for (_, to) in self.freely[state].iter().flat_map(|state| &self.automaton.steps[*state]) {
                if self.freely[*to].contains(&wanted) {
                    return true;
                }
                if seen.insert(*to) {
                    pending.push(*to);
                }
            }
        }
        false
    }

    /// Whether one text leads from a state back to it, from it to another one, and from that back to itself; no where that takes too long to
    /// find out.
    fn turns_in_both(&mut self, first: usize, second: usize) -> bool {
        let mut pending = vec![(first, first, second)];
        let mut seen: rustc_hash::FxHashSet<(usize, usize, usize)> = pending.iter().copied().collect();
        while let Some((stays, goes, waits)) = pending.pop() {
            for (stays, goes, waits) in self.all(stays, goes, waits) {
                let is_at = |state: usize, wanted: usize| self.freely[state].contains(&wanted);
                if is_at(stays, first) && is_at(goes, second) && is_at(waits, second) {
                    return true;
                }
                if seen.insert((stays, goes, waits)) {
                    pending.push((stays, goes, waits));
                }
            }
            if self.left == 0 {
                return false;
            }
        }
        false
    }

    /// The states that one character leads to from three.
    fn all(&mut self, first: usize, second: usize, third: usize) -> Vec<(usize, usize, usize)> {
        let steps = |from: usize| self.freely[from].iter().flat_map(|state| &self.automaton.steps[*state]);
        let mut found = Vec::new();
        let mut left = self.left;
        for (one, to) in steps(first) {
            for (other, also) in steps(second) {
                left = left.saturating_sub(one.len() + other.len());
                if left == 0 {
                    break;
                }
                let shared = shared(one, other);
                if shared.is_empty() {
                    continue;
                }
                for (last, too) in steps(third) {
                    left = left.saturating_sub(shared.len() + last.len());
                    if overlap(&shared, last) {
                        found.push((*to, *also, *too));
                    }
                }
            }
        }
        self.left = left;
        found
    }

    /// The pairs of states that one character leads to from a pair.
    fn both(&mut self, one: usize, other: usize) -> Vec<(usize, usize)> {
        let steps = |from: usize| self.freely[from].iter().flat_map(|state| &self.automaton.steps[*state]);
        let mut found = Vec::new();
        let mut left = self.left;
        for (ranges, to) in steps(one) {
            for (own, also) in steps(other) {
                left = left.saturating_sub(ranges.len() + own.len());
                if left == 0 {
                    break;
                }
                if overlap(ranges, own) {
                    found.push((*to, *also));
                }
            }
        }
        self.left = left;
        found
    }
}

/// The characters that sorted ranges have in common.
fn shared(one: &[(char, char)], other: &[(char, char)]) -> Ranges {
    let both = |(from, to): (char, char)| {
        let within = other.iter().map(move |(begin, end)| (from.max(*begin), to.min(*end)));
        within.filter(|(begin, end)| begin <= end)
    };
    one.iter().copied().flat_map(both).collect()
}

/// Whether sorted ranges have a character in common.
fn overlap(mut one: &[(char, char)], mut other: &[(char, char)]) -> bool {
    while let ([(from, to), one_rest @ ..], [(begin, end), other_rest @ ..]) = (one, other) {
        if from <= end && begin <= to {
            return true;
        }
        if to < begin {
            one = one_rest;
        } else {
            other = other_rest;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_exponential(pattern: &str) -> bool {
        time_of(pattern) == Some(Time::Exponential)
    }

    #[test]
    fn what_is_matched_in_two_ways_takes_for_ever() {
        for pattern in [
            r"(a+)+$",
            r"^(\w+\s?)*$",
            r"([-.\w]*[0-9a-zA-Z])*@",
            r"(a|ab?)*c",
            r"^(([a-z])+.)+[A-Z]([a-z])+$",
            r"(.*)*x",
            r"(a|a)*b",
            r"(\w|\d)*$",
        ] {
            assert!(is_exponential(pattern), "{pattern}");
        }
        for pattern in [r"^[a-z]+$", r"a*b*", r"(ab)+", r"(a|b)*c", r"^\d{3}-\d{4}$", r"(?:\w+\.)+com", r"^(\d+,)*\d+$"]
        {
            assert!(!is_exponential(pattern), "{pattern}");
        }
    }

    #[test]
    fn repetitions_behind_each_other_take_the_square() {
        for pattern in [r"^\s*\s*$", r"^\w*\d*x", r".*a.*b", r"a*a*a*b", r"^\d+\d+$", r"^(a|b)*c*a*$"] {
            assert_eq!(time_of(pattern), Some(Time::Polynomial), "{pattern}");
        }
        for pattern in
            [r"^\w*\d*", r"a*b*c", r"^\s*\w+\s*$", r"^[\w.]+@[\w.]+\.[a-z]+$", r"^\d{1,3}\d{1,3}$", r"(ab)*c(ab)*d"]
        {
            assert_eq!(time_of(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn ranges_overlap_where_they_share_a_character() {
        let of = |text: &str| text.chars().map(|c| (c, c)).collect::<Vec<_>>();
        assert!(overlap(&[('a', 'f'), ('p', 'z')], &of("gp")));
        assert!(!overlap(&[('a', 'f'), ('p', 'z')], &of("gho")));
        assert!(!overlap(&[], &of("a")));
    }

    #[test]
    fn expressions_that_compare_too_much_are_given_up() {
        let is_enough = |most: usize| time_within(r"(\w+)+$", most) == Some(Time::Exponential);
        let (mut too_few, mut needed) = (1, COMPARISONS_MAX);
        while too_few + 1 < needed {
            let middle = usize::midpoint(too_few, needed);
            if is_enough(middle) { needed = middle } else { too_few = middle }
        }
        assert!(is_enough(needed) && !is_enough(needed - 1));
        assert!(needed > 1_000, "a class has hundreds of ranges: {needed}");
    }

    #[test]
    fn long_expressions_are_not_looked_at() {
        let of = |bytes: usize| format!("(a+)+{}", "(?:)".repeat(bytes / 4));
        assert!(is_exponential(&of(PATTERN_BYTES_MAX - 8)));
        assert!(!is_exponential(&of(PATTERN_BYTES_MAX)));
    }

    #[test]
    fn large_expressions_are_not_looked_at() {
        let of = |count: usize| format!("(a+)+{}", "b".repeat(count));
        let most = (0..STATES_MAX).rev().find(|count| is_exponential(&of(*count))).expect("a short one is");
        // Beside the letters there are the states of the repetition.
        assert!(most + 20 > STATES_MAX, "{most}");
        assert!(!is_exponential(&of(most + 1)));
    }
}
