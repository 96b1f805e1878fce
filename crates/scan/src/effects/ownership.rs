//! Whether an object's columns are compared with the principal on every way on which it is used.
//!
//! Each way is a conjunction of conditions. One guards if its outcome implies an equality of a part of the object with something of the
//! principal. A way without such a condition is in order if the principal decides it (a role), or the object itself (it is public), and every
//! way on the other side is guarded.

use std::sync::Arc;

use python::code::CompareOp;
use python::interp::{Condition, Conjunction, Event, Interp, Literal, Paths};
use python::term::Term;
use python::value::{Labels, Value};
use rustc_hash::FxHashSet;

use super::sources::{is_of_principal, parts};
use crate::access::{IDENTIFIED, STATE, label};

/// What is handed the principal and what a client names may compare them.
pub(crate) const WATCHED_LABELS: [u16; 2] = [label::CREDENTIAL, label::INPUT | label::BODY];

/// What begins the names of calls that compare nothing.
const WRITES_DOWN: &[&str] = &["logging.", "structlog.", "loguru."];

/// Conjunctions that a condition is taken apart into; one with more is not understood.
const CONJUNCTIONS_MAX: usize = 16;

/// What is known of an object at some points.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// The parts of the object that are compared with the principal on every way.
    pub(super) paths: Vec<Vec<Arc<str>>>,
    /// Whether something else that looks at principal and request may be a check.
    pub(super) is_doubtful: bool,
    /// Whether every way asks what the principal may do.
    pub(super) by_role: bool,
}

/// A condition taken apart: what was tested, and how it turned out.
type Atom<'t> = (&'t Term, bool);

/// What of something is compared with the principal on every way to some points at which it is used.
pub(super) fn compared(interp: &Interp<'_>, of: &Term, points: &[&Paths]) -> Compared {
    let ways: Vec<&Conjunction> = points.iter().flat_map(|p| p.alternatives()).collect();
    let ways: Vec<&Conjunction> =
        ways.into_iter().filter(|way| !way.iter().any(|l| is_missing(interp, of, *l))).collect();
    let mut candidates: Vec<Vec<Arc<str>>> = Vec::new();
    let mut seen = FxHashSet::default();
    for literal in ways.iter().flat_map(|way| way.iter()).filter(|literal| seen.insert(**literal)) {
        for (term, holds) in conjunctions(interp, *literal).into_iter().flatten() {
            if let Some(path) = equated(term, holds, of).filter(|p| !candidates.contains(p)) {
                candidates.push(path);
            }
        }
    }
    let by_role = !ways.is_empty() && ways.iter().all(|way| way.iter().any(|l| asks_for_role(interp, *l)));
    let paths = candidates.into_iter().filter(|path| is_guarded(interp, of, path, &ways)).collect();
    let is_doubtful = points.iter().any(|paths| leaves_out_a_check(interp, of, paths))
        || ways.iter().flat_map(|way| way.iter()).any(|l| may_compare(interp, interp.condition(l.condition)));
    Compared { paths, is_doubtful, by_role }
}

/// Whether a condition that was left out of merged ways may compare something with the principal.
pub(super) fn leaves_out_a_check(interp: &Interp<'_>, of: &Term, paths: &Paths) -> bool {
    let Some(conditions) = paths.left_out() else { return true };
    conditions.iter().any(|at| {
        let condition = interp.condition(*at);
        let compares = |holds| {
            let apart = condition.term.as_deref().map(|term| apart(term, holds).unwrap_or_default());
            apart.is_some_and(|all| all.iter().flatten().any(|(term, holds)| equated(term, *holds, of).is_some()))
        };
        may_compare(interp, condition) || compares(true) || compares(false)
    })
}

/// Whether a condition looks at the principal and at what the client names in a way that is not seen through.
fn may_compare(interp: &Interp<'_>, condition: &Condition) -> bool {
    let seen = condition.term.as_deref().map_or(Labels::NONE, |term| within(interp, term));
    let is_seen_through = match condition.term.as_deref() {
        // What is handed both is asked about elsewhere.
        _ if condition.is_exception => true,
        Some(term) => is_understood(interp, term),
        None => looks_apart(condition),
    };
    looks_at_both(condition.labels.and(seen).bits) && !is_seen_through
}

/// Whether an outcome of a condition says what the principal may do: more than that there is one, or that it is still active.
fn asks_for_role(interp: &Interp<'_>, literal: Literal) -> bool {
    let says = |term: &Term| {
        let is_there = matches!(term, Term::Compared(sides) if sides.0.is_none() || sides.2.is_none());
        let is_state = named_last(term).is_some_and(|name| STATE.contains(&name));
        is_principal_term(interp, term) && !is_there && !is_state
    };
    let conjunctions = conjunctions(interp, literal);
    !conjunctions.is_empty() && conjunctions.iter().all(|all| all.iter().any(|(term, _)| says(term)))
}

/// The last name of what a term tests.
fn named_last(term: &Term) -> Option<&'static str> {
    match term {
        Term::Part(_, name) => Some(name.as_str()),
        Term::Not(inner) => named_last(inner),
        Term::Compared(sides) => [&sides.0, &sides.2].into_iter().find_map(|side| named_last(side.term()?)),
        _ => None,
    }
}

/// The labels of what stands inside the two sides of a comparison: `user.id in {order.user_id}`.
fn within(interp: &Interp<'_>, term: &Term) -> Labels {
    match term {
        Term::Not(inner) => within(interp, inner),
        Term::All(operands) | Term::Any(operands) => {
            operands.iter().flatten().fold(Labels::NONE, |all, operand| all.and(within(interp, operand)))
        }
        Term::Compared(sides) => interp.labels_within(&sides.0, 0).and(interp.labels_within(&sides.2, 0)),
        _ => Labels::NONE,
    }
}

/// Whether something that is not seen is handed both the principal and the object: `authorize(user, "read", order)` may refuse.
pub(super) fn is_handed_over(interp: &Interp<'_>, of: &Term) -> bool {
    let compares = |event: &&Event| {
        let name = event.arguments.positional.first().and_then(Value::as_str).unwrap_or("");
        let last = name.rsplit('.').next().unwrap_or("");
        // What a class makes is no answer to whether somebody may.
        event.what.as_str() == "handed"
            && !last.starts_with(char::is_uppercase)
            && !WRITES_DOWN.iter().any(|begin| name.starts_with(begin))
    };
    interp.events().iter().filter(compares).any(|event| {
        let given = || event.arguments.positional.iter().chain(event.arguments.keywords.iter().map(|(_, value)| value));
        let is_object = |value: &Value| value.alternatives().iter().any(|one| one.term() == Some(of));
        given().any(is_object) && given().any(is_of_principal)
    })
}

/// Whether all that a condition tests is known: comparisons, and whether something is there. What looks at the principal alone, or at the
/// request alone, compares nothing.
fn is_understood(interp: &Interp<'_>, term: &Term) -> bool {
    match term {
        Term::Not(inner) => is_understood(interp, inner),
        Term::All(operands) | Term::Any(operands) => {
            operands.iter().all(|operand| operand.as_ref().is_some_and(|operand| is_understood(interp, operand)))
        }
        // Whether it is the owner who is among some is not read off.
        Term::Compared(sides) if matches!(sides.1, CompareOp::In | CompareOp::NotIn) => {
            !looks_at_both(within(interp, term).bits)
        }
        Term::Text(_) | Term::Opened(_) => false,
        Term::Part(..) => !matches!(term.root(), Term::Opened(_)),
        Term::Tested(tested) => !looks_at_both(interp.labels_within(&tested.subject, 0).bits),
        Term::Compared(_) | Term::Made(_) | Term::Given(_) | Term::Of(_) => true,
    }
}

/// Whether a condition looks at the principal in one place and at the request in another: `if not token`, where the token may come from a
/// header or from the query.
fn looks_apart(condition: &Condition) -> bool {
    let mut all = Labels::NONE;
    let mut each = condition.comparisons.iter().map(|one| one.labels.and(one.with.labels()));
    let is_apart = each.all(|labels| {
        all = all.and(labels);
        !looks_at_both(labels.bits)
    });
    is_apart && looks_at_both(all.bits)
}

/// Whether labels are of the principal and of what the client names, so that something may compare them.
pub(super) fn looks_at_both(bits: u16) -> bool {
    bits & label::CREDENTIAL != 0 && bits & (label::INPUT | label::BODY) != 0
}

fn is_guarded(interp: &Interp<'_>, of: &Term, path: &[Arc<str>], ways: &[&Conjunction]) -> bool {
    let direct = |way: &Conjunction| way.iter().any(|l| guards(interp, of, path, *l));
    let others_are = |l: &Literal| {
        let other = Literal { holds: !l.holds, ..*l };
        let mut on_other_side = ways.iter().filter(|w| w.contains(&other)).peekable();
        on_other_side.peek().is_some() && on_other_side.all(|w| direct(w))
    };
    let decides = |l: &Literal| is_about_principal(interp, *l) || is_about(interp, of, *l);
    let by_role = |way: &Conjunction| way.iter().any(|l| decides(l) && others_are(l));
    // `if order.user_id != user.id: if user.role != "admin": raise`: the role is asked for where the owner is another.
    let by_role_of_another = |way: &Conjunction| {
        way.iter().any(|other| {
            let owner = Literal { holds: !other.holds, ..*other };
            let is_asked_then = |l: &Literal| l.condition > other.condition && is_about_principal(interp, *l);
            guards(interp, of, path, owner) && way.iter().any(is_asked_then)
        })
    };
    !ways.is_empty() && ways.iter().all(|way| direct(way) || by_role(way) || by_role_of_another(way))
}

/// Whether the outcome of a condition implies the equality, or the equality or a role.
fn guards(interp: &Interp<'_>, of: &Term, path: &[Arc<str>], literal: Literal) -> bool {
    let conjunctions = conjunctions(interp, literal);
    let equates = |c: &Vec<Atom<'_>>| c.iter().any(|(t, h)| equated(t, *h, of).is_some_and(|p| p == path));
    let missing = |c: &Vec<Atom<'_>>| c.iter().any(|(t, h)| tested(t) == Some((of, !*h)));
    let role = |c: &Vec<Atom<'_>>| c.iter().any(|(t, _)| is_principal_term(interp, t) || is_part_test(t, of));
    conjunctions.iter().any(equates) && conjunctions.iter().all(|c| equates(c) || missing(c) || role(c))
}

/// Whether a condition turned out so that there is no such row.
fn is_missing(interp: &Interp<'_>, of: &Term, literal: Literal) -> bool {
    let Some(term) = interp.condition(literal.condition).term.as_deref() else { return false };
    if let Some((term, holds)) = alone(term, literal.holds) {
        return tested(term) == Some((of, !holds));
    }
    let conjunctions = conjunctions(interp, literal);
    let missing = |c: &Vec<Atom<'_>>| c.iter().any(|(t, h)| tested(t) == Some((of, !*h)));
    !conjunctions.is_empty() && conjunctions.iter().all(missing)
}

/// Whether on every way to some points it is known that there is such a row.
pub(super) fn is_found(interp: &Interp<'_>, of: &Term, points: &[&Paths]) -> bool {
    let mut ways = points.iter().flat_map(|p| p.alternatives()).peekable();
    let says_so = |l: &Literal| is_missing(interp, of, Literal { holds: !l.holds, ..*l });
    ways.peek().is_some() && ways.all(|way| way.iter().any(says_so))
}

pub(super) fn is_about_principal(interp: &Interp<'_>, literal: Literal) -> bool {
    is_of_principal_alone(interp.condition(literal.condition).labels)
}

fn is_of_principal_alone(labels: Labels) -> bool {
    labels.has(label::CREDENTIAL) && !labels.has(label::INPUT | label::BODY)
}

/// Whether a condition looks at the object itself: one that says that everybody may see it is an alternative to its owner.
fn is_about(interp: &Interp<'_>, of: &Term, literal: Literal) -> bool {
    interp.condition(literal.condition).term.as_deref().is_some_and(|term| is_part_test(term, of))
}

/// Whether a test looks at a part of something and at what stands in the code: `order.is_public`, `order.state == "open"`.
fn is_part_test(term: &Term, of: &Term) -> bool {
    match term {
        Term::Not(inner) => is_part_test(inner, of),
        Term::Part(..) => term.root() == of,
        Term::Compared(sides) => {
            let (left, _, right) = &**sides;
            let is_part = left.term().is_some_and(|t| matches!(t, Term::Part(..)) && t.root() == of);
            is_part && !right.is_unknown() && !right.is_none()
        }
        _ => false,
    }
}

/// Whether a test looks at the principal alone.
fn is_principal_term(interp: &Interp<'_>, term: &Term) -> bool {
    match term {
        Term::Part(..) => match term.root() {
            Term::Given(name) => name.as_str() == IDENTIFIED,
            Term::Made(index) => interp.events().get(*index as usize).is_some_and(|event| {
                let given = event.arguments.positional.iter();
                let labels = given.fold(Labels::NONE, |all, value| all.and(interp.labels_within(value, 0)));
                event.what.as_str() == "token-check" || is_of_principal_alone(labels)
            }),
            _ => false,
        },
        Term::Compared(sides) => {
            let (left, _, right) = &**sides;
            let constant = |v: &Value| !v.is_unknown() && v.term().is_none();
            (is_of_principal(left) && (constant(right) || is_of_principal(right)))
                || (is_of_principal(right) && constant(left))
        }
        _ => false,
    }
}

/// What a term tests for being there, and what the term says where it is there: `order`, `order is None`.
fn tested(term: &Term) -> Option<(&Term, bool)> {
    match term {
        Term::Made(_) => Some((term, true)),
        Term::Compared(sides) => {
            let (left, op, right) = &**sides;
            let row = match (left.term(), right) {
                (Some(row @ Term::Made(_)), other) if other.is_none() => row,
                _ => return None,
            };
            match op {
                CompareOp::Is | CompareOp::Eq => Some((row, false)),
                CompareOp::IsNot | CompareOp::NotEq => Some((row, true)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The part of something that a comparison, turned out so, equates with something of the principal.
fn equated(term: &Term, holds: bool, of: &Term) -> Option<Vec<Arc<str>>> {
    let Term::Compared(sides) = term else { return None };
    let (left, op, right) = &**sides;
    let is_equal =
        matches!((op, holds), (CompareOp::Eq | CompareOp::Is, true) | (CompareOp::NotEq | CompareOp::IsNot, false));
    if !is_equal {
        return None;
    }
    [(left, right), (right, left)].into_iter().find_map(|(own, other)| {
        let is_part = own.term().is_some_and(|t| t.root() == of);
        (is_part && is_of_principal(other) && !is_of_principal(own)).then(|| parts(own.term()))
    })
}

/// The parts of something that a condition, turned out so, equates with values: column, value.
pub(super) fn equal_parts(term: &Term, holds: bool, of: &Term) -> Vec<(Arc<str>, Value)> {
    let apart = apart(term, holds).unwrap_or_default();
    let [only] = apart.as_slice() else { return Vec::new() };
    let mut found = Vec::new();
    for (term, holds) in only {
        let Term::Compared(sides) = term else { continue };
        let (left, op, right) = &**sides;
        if !matches!((op, holds), (CompareOp::Eq, true) | (CompareOp::NotEq, false)) {
            continue;
        }
        for (own, other) in [(left, right), (right, left)] {
            if let (Some(Term::Part(root, name)), true) = (own.term(), other.term() != own.term())
                && **root == *of
            {
                found.push((Arc::from(name.as_str()), other.clone()));
                break;
            }
        }
    }
    found
}

/// What holds on all ways to some points: the parts of something that are equal to values.
pub(super) fn always_equal(interp: &Interp<'_>, of: &Term, points: &[&Paths]) -> Vec<(Arc<str>, Value)> {
    let ways: Vec<&Conjunction> = points.iter().flat_map(|p| p.alternatives()).collect();
    let Some(first) = ways.first() else { return Vec::new() };
    let always = first.iter().filter(|literal| ways.iter().all(|way| way.contains(literal)));
    let terms = always.filter_map(|l| Some((interp.condition(l.condition).term.as_deref()?, l.holds)));
    terms.flat_map(|(term, holds)| equal_parts(term, holds, of)).collect()
}

/// The outcome of a condition as a disjunction of conjunctions; empty where it is not understood.
fn conjunctions<'i>(interp: &'i Interp<'_>, literal: Literal) -> Vec<Vec<Atom<'i>>> {
    match interp.condition(literal.condition).term.as_deref() {
        Some(term) => apart(term, literal.holds).unwrap_or_default(),
        None => Vec::new(),
    }
}

/// The one condition that a formula is, where it is but one.
fn alone(term: &Term, holds: bool) -> Option<Atom<'_>> {
    match term {
        Term::Not(inner) => alone(inner, !holds),
        Term::All(_) | Term::Any(_) => None,
        other => Some((other, holds)),
    }
}

/// Takes a formula apart; none where it has too many alternatives.
pub(super) fn apart(term: &Term, holds: bool) -> Option<Vec<Vec<Atom<'_>>>> {
    let (operands, is_product) = match term {
        Term::Not(inner) => return apart(inner, !holds),
        Term::All(operands) => (operands, holds),
        Term::Any(operands) => (operands, !holds),
        other => return Some(vec![vec![(other, holds)]]),
    };
    let mut all: Vec<Vec<Atom<'_>>> = if is_product { vec![Vec::new()] } else { Vec::new() };
    for operand in operands.iter() {
        let parts = match operand {
            Some(operand) => apart(operand, holds)?,
            None => vec![Vec::new()],
        };
        if is_product {
            let mut product = Vec::with_capacity(all.len() * parts.len());
            for one in &all {
                product.extend(parts.iter().map(|more| [one.as_slice(), more.as_slice()].concat()));
            }
            all = product;
        } else {
            all.extend(parts);
        }
        if all.len() > CONJUNCTIONS_MAX {
            return None;
        }
    }
    Some(all)
}
