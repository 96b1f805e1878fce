//! What a value that is not known stands for: an expression over values that a client or a description of a library marked.
//!
//! `order.user_id != user.id` is not known, but it is known to compare a part of one marked value with a part of another. A term is
//! kept where that is so, through conversions (`int(x)`, `str(x)`); every other operation gives a value without a term.

use std::rc::Rc;

use crate::code::CompareOp;
use crate::intern::Symbol;
use crate::value::{Obj, Value};

/// Parts of parts: what lies deeper has no term.
const PARTS_MAX: usize = 8;
/// Connectives inside connectives, and operands of one: what has more has no term.
const CONNECTIVES_MAX: usize = 4;
const OPERANDS_MAX: usize = 8;
/// Parts of a text: one that is joined of more has no term.
const TEXT_PARTS_MAX: usize = 128;
/// Items of something that are told apart by their index.
const INDEX_MAX: i64 = 64;

/// An expression over marked values.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// What the client marked with this name.
    Given(Symbol),
    /// What an [event](crate::interp::Event) gave: its index.
    Made(u32),
    /// An object: a class, or an instance.
    Of(Obj),
    /// An attribute or an item of something.
    Part(Rc<Term>, Symbol),
    /// A file that was opened: its path.
    Opened(Rc<Value>),
    /// A text that is joined of others, some of which are not known.
    Text(Rc<[Value]>),
    /// A comparison; one side at least has a term.
    Compared(Rc<(Value, CompareOp, Value)>),
    /// A test of something raw.
    Tested(Rc<Test>),
    /// What is true if the operand is not.
    Not(Rc<Term>),
    /// What is true if all operands are; none for an operand without a term.
    All(Rc<[Option<Term>]>),
    /// What is true if one of the operands is.
    Any(Rc<[Option<Term>]>),
}

/// A test of something raw: for which uses that is clean where the test holds, and where it does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What is tested.
    pub subject: Value,
    /// For which uses it is clean where the test holds.
    pub where_true: u32,
    /// For which where it does not.
    pub where_false: u32,
}

impl Term {
    /// A part of this.
    pub fn part(&self, name: Symbol) -> Option<Self> {
        let is_deep = self.is_logical() || matches!(self, Self::Text(_)) || self.parts() >= PARTS_MAX;
        (!is_deep).then(|| Self::Part(Rc::new(self.clone()), name))
    }

    /// An item of this: by its key, or `#1` by its index.
    pub fn item(&self, key: &Value) -> Option<Self> {
        match key.plain() {
            Value::Int(index) if (0..INDEX_MAX).contains(index) => self.part(Symbol::new(&format!("#{index}"))),
            key => self.part(Symbol::new(key.as_str()?)),
        }
    }

    /// A text of parts; parts that are such texts themselves are taken apart.
    pub fn text(parts: &[Value]) -> Option<Self> {
        let mut all: Vec<Value> = Vec::with_capacity(parts.len());
        for part in parts {
            match part.term() {
                Some(Self::Text(inner)) => all.extend(inner.iter().cloned()),
                _ => all.push(part.clone()),
            }
        }
        (all.len() <= TEXT_PARTS_MAX).then(|| Self::Text(all.into()))
    }

    /// A comparison of two values, if one of them is raw, or has a term that is not a comparison itself.
    pub fn compared(left: &Value, op: CompareOp, right: &Value) -> Option<Self> {
        let plain = |v: &Value| v.term().is_some_and(|t| !t.is_logical()) || v.labels().raw != 0;
        let logical = |v: &Value| v.term().is_some_and(Self::is_logical);
        let fits = (plain(left) || plain(right)) && !logical(left) && !logical(right);
        fits.then(|| Self::Compared(Rc::new((left.clone(), op, right.clone()))))
    }

    /// `match is None`: the test did not hold.
    pub(crate) fn of_match(left: &Value, op: CompareOp, right: &Value) -> Option<Self> {
        let tested = left.term().filter(|term| matches!(term, Self::Tested(_)) && right.is_none())?;
        match op {
            CompareOp::Is | CompareOp::Eq => Some(Self::Not(Rc::new(tested.clone()))),
            CompareOp::IsNot | CompareOp::NotEq => Some(tested.clone()),
            _ => None,
        }
    }

    /// The negation.
    pub fn negated(&self) -> Option<Self> {
        match self {
            Self::Not(inner) => Some((**inner).clone()),
            other => (other.connectives() < CONNECTIVES_MAX).then(|| Self::Not(Rc::new(other.clone()))),
        }
    }

    /// `and` or `or` of operands, if one of them has a term.
    pub fn connected(operands: Vec<Option<Self>>, and: bool) -> Option<Self> {
        let fits = operands.len() <= OPERANDS_MAX
            && operands.iter().any(Option::is_some)
            && operands.iter().flatten().all(|o| o.connectives() < CONNECTIVES_MAX);
        let make = if and { Self::All } else { Self::Any };
        fits.then(|| make(operands.into()))
    }

    /// What it is a part of in the end.
    pub fn root(&self) -> &Self {
        let mut at = self;
        while let Self::Part(of, _) = at {
            at = of;
        }
        at
    }

    /// The same with one term in the place of another, wherever that stands. None where it is too deep.
    pub fn with(&self, instead_of: &Self, to: &Self) -> Option<Self> {
        let value = |value: &Value| match value.term() {
            Some(term) => Some(value.clone().standing_for(Some(term.with(instead_of, to)?))),
            None => Some(value.clone()),
        };
        let each = |operands: &[Option<Self>]| -> Rc<[Option<Self>]> {
            operands.iter().map(|operand| operand.as_ref()?.with(instead_of, to)).collect()
        };
        Some(match self {
            same if same == instead_of => to.clone(),
            Self::Part(of, name) => return of.with(instead_of, to)?.part(*name),
            Self::Compared(sides) => Self::Compared(Rc::new((value(&sides.0)?, sides.1, value(&sides.2)?))),
            Self::Not(inner) => Self::Not(Rc::new(inner.with(instead_of, to)?)),
            Self::All(operands) => Self::All(each(operands)),
            Self::Any(operands) => Self::Any(each(operands)),
            other => other.clone(),
        })
    }

    fn parts(&self) -> usize {
        let (mut count, mut at) = (0, self);
        while let Self::Part(of, _) = at {
            (count, at) = (count + 1, of);
        }
        count
    }

    /// Whether it says whether something holds.
    pub(crate) fn is_logical(&self) -> bool {
        matches!(self, Self::Compared(_) | Self::Tested(_) | Self::Not(_) | Self::All(_) | Self::Any(_))
    }

    fn connectives(&self) -> usize {
        match self {
            Self::Not(inner) => inner.connectives() + 1,
            Self::All(operands) | Self::Any(operands) => {
                operands.iter().flatten().map(Self::connectives).max().unwrap_or(0) + 1
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_connectives_are_bounded() {
        let name = Symbol::new("next");
        let mut term = Term::Given(Symbol::new("x"));
        for _ in 0..PARTS_MAX {
            term = term.part(name).expect("within the bound");
        }
        assert_eq!(term.part(name), None);
        assert_eq!(term.root(), &Term::Given(Symbol::new("x")));

        let mut term = Term::Given(Symbol::new("x"));
        for _ in 0..CONNECTIVES_MAX {
            term = Term::connected(vec![Some(term), None], true).expect("within the bound");
        }
        assert_eq!(Term::connected(vec![Some(term.clone())], true), None);
        assert_eq!(term.negated(), None);
        let many = |count| Term::connected(vec![Some(Term::Made(0)); count], false);
        assert!(many(OPERANDS_MAX).is_some() && many(OPERANDS_MAX + 1).is_none());
    }

    #[test]
    fn texts_are_bounded_and_flat() {
        let hole = Value::unknown("not known");
        let part = |count: usize| vec![hole.clone(); count];
        assert!(Term::text(&part(TEXT_PARTS_MAX)).is_some());
        assert_eq!(Term::text(&part(TEXT_PARTS_MAX + 1)), None);
        let inner = Value::unknown("a text").standing_for(Term::text(&part(2)));
        assert_eq!(Term::text(&[Value::str("a"), inner]), Term::text(&[Value::str("a"), hole.clone(), hole.clone()]));
    }

    #[test]
    fn items_are_told_apart_by_small_indexes() {
        let of = Term::Made(0);
        assert_eq!(of.item(&Value::Int(INDEX_MAX)), None);
        assert_eq!(of.item(&Value::Int(-1)), None);
        assert_eq!(of.item(&Value::Int(1)), of.part(Symbol::new("#1")));
        assert_eq!(of.item(&Value::str("id")), of.part(Symbol::new("id")));
    }

    #[test]
    fn two_negations_are_none() {
        let term = Term::Given(Symbol::new("x"));
        assert_eq!(term.negated().and_then(|t| t.negated()), Some(term));
    }
}
