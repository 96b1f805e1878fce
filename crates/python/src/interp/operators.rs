//! Truth, equality, comparison, arithmetic on strings and lists.

use std::rc::Rc;

use super::members::{Members, united};
use super::{Comparison, Interp, Joined};
use crate::code::{BinaryOp, CompareOp};
use crate::intern::{Symbol, known};
use crate::term::Term;
use crate::value::{Arguments, Kind, Value};

/// The longest string or list that is built by an operator.
pub(super) const BUILT_MAX: usize = 10_000;
/// Why a string is not known that would be longer than [`BUILT_MAX`].
pub(super) const VERY_LONG: &str = "a very long string";
/// Containers inside containers that are compared.
const COMPARE_DEPTH_MAX: u32 = 12;

/// Whether a value stands for a text that is known in part.
fn is_text(value: &Value) -> bool {
    matches!(value.term(), Some(Term::Text(_)))
}

impl Interp<'_> {
    /// Whether a value is true; none where that is not known.
    pub fn truth(&mut self, value: &Value) -> Option<bool> {
        if self.exploring {
            self.looked_at |= value.labels().bits;
        }
        match value.plain() {
            Value::None => Some(false),
            Value::Bool(b) => Some(*b),
            Value::Int(i) => Some(*i != 0),
            Value::Str(s) | Value::Bytes(s) => Some(!s.is_empty()),
            Value::Tuple(items) => Some(!items.is_empty()),
            Value::Ellipsis => Some(true),
            Value::External(name) => name.as_str().starts_with("builtins.").then_some(true),
            Value::Labelled(_) => None,
            Value::Unknown(_) => {
                self.note_truth(value.plain());
                None
            }
            Value::Union(values) => {
                let (values, mark) = (values.clone(), self.comparisons.len());
                let answers: Vec<_> = values.iter().map(|v| self.truth(v)).collect();
                // Which of several it is about is not known, whether or not each of them has a name; one attribute of several objects is one.
                let noted = self.comparisons.get_mut(mark..).unwrap_or_default();
                let name = noted.first().and_then(|one| one.name);
                let is_another = |value: &Value| match value.plain() {
                    Value::Unknown(unknown) => unknown.name.is_none() || unknown.name != name,
                    _ => true,
                };
                let mut others = values.iter().zip(&answers).filter(|(_, answer)| answer.is_none());
                if noted.len() > 1 || (!noted.is_empty() && others.any(|(value, _)| is_another(value))) {
                    noted.iter_mut().for_each(|c| c.joined = Joined::Mixed);
                }
                if answers.iter().all(|a| *a == answers[0]) { answers[0] } else { None }
            }
            Value::Object(obj) => match self.kind(*obj) {
                // What is put into an open list while exploring may not have been.
                Kind::List { items, open, .. } => match (items.is_empty(), open) {
                    (false, true) if self.exploring => None,
                    (false, _) => Some(true),
                    (true, false) => Some(false),
                    _ => None,
                },
                Kind::Dict { entries, open } => match (entries.is_empty(), open) {
                    (false, _) => Some(true),
                    (true, false) => Some(false),
                    _ => None,
                },
                Kind::Instance { class } => {
                    let class = class.as_object()?;
                    self.custom_truth(value, class)
                }
                _ => Some(true),
            },
        }
    }

    /// `__bool__` or `__len__` of a class; an instance without them is true.
    fn custom_truth(&mut self, value: &Value, class: crate::value::Obj) -> Option<bool> {
        for name in [known::BOOL, known::LEN] {
            if let Some(Value::Object(function)) = self.in_mro(class, name, None) {
                let site = self.site(self.frame().at);
                let answer = self.call_function(function, Arguments::of([value.clone()]), site).ok()?;
                return match answer.plain() {
                    Value::Object(_) => None,
                    _ => self.truth(&answer),
                };
            }
        }
        Some(true)
    }

    pub(super) fn compare(&mut self, op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
        match op {
            CompareOp::Eq => self.equal(left, right),
            CompareOp::NotEq => self.equal(left, right).map(|e| !e),
            CompareOp::Is => {
                let mark = self.comparisons.len();
                let same = self.identical(left, right);
                // What is noted there is that something is there.
                self.comparisons[mark..].iter_mut().for_each(Comparison::negate);
                same
            }
            CompareOp::IsNot => self.identical(left, right).map(|e| !e),
            CompareOp::In => self.contains(right, left),
            CompareOp::NotIn => self.contains(right, left).map(|c| !c),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE => {
                let order = match (left.plain(), right.plain()) {
                    (Value::Str(a), Value::Str(b)) => a.cmp(b),
                    (Value::Tuple(a), Value::Tuple(b)) => {
                        let ints = |t: &[Value]| t.iter().map(Value::as_int).collect::<Option<Vec<_>>>();
                        ints(a)?.cmp(&ints(b)?)
                    }
                    _ => left.as_int()?.cmp(&right.as_int()?),
                };
                Some(match op {
                    CompareOp::Lt => order.is_lt(),
                    CompareOp::LtE => order.is_le(),
                    CompareOp::Gt => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    fn identical(&mut self, left: &Value, right: &Value) -> Option<bool> {
        match (left.plain(), right.plain()) {
            (Value::Union(values), other) | (other, Value::Union(values)) => {
                let (values, other) = (values.clone(), other.clone());
                let answers: Vec<_> = values.iter().map(|v| self.identical(v, &other)).collect();
                answers.iter().all(|a| *a == answers[0]).then(|| answers[0]).flatten()
            }
            (Value::Unknown(u), Value::None) | (Value::None, Value::Unknown(u)) => {
                let unknown = Value::Unknown(Rc::clone(u));
                self.note_truth(&unknown);
                None
            }
            (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
            (Value::External(a), Value::External(b)) => {
                if a == b {
                    Some(true)
                } else {
                    None
                }
            }
            (Value::External(name), Value::None) | (Value::None, Value::External(name)) => {
                // A name of a library may be bound to anything; its classes and functions are not `None`.
                name.as_str().starts_with("builtins.").then_some(false)
            }
            (a, b) => Some(a == b),
        }
    }

    pub(super) fn equal(&mut self, left: &Value, right: &Value) -> Option<bool> {
        // Containers may hold themselves, or each other a hundred times over.
        if self.compare_depth >= COMPARE_DEPTH_MAX || self.step().is_err() {
            return None;
        }
        self.compare_depth += 1;
        let answer = self.equal_values(left, right);
        self.compare_depth -= 1;
        answer
    }

    fn equal_values(&mut self, left: &Value, right: &Value) -> Option<bool> {
        match (left.plain(), right.plain()) {
            (Value::Union(values), other) | (other, Value::Union(values)) => {
                let (values, other) = (values.clone(), other.clone());
                let answers: Vec<_> = values.iter().map(|v| self.equal(v, &other)).collect();
                answers.iter().all(|a| *a == answers[0]).then(|| answers[0]).flatten()
            }
            (Value::External(a), Value::External(b)) => {
                if a == b {
                    Some(true)
                } else {
                    builtin_types_differ(a.as_str(), b.as_str())
                }
            }
            (Value::Unknown(_) | Value::External(_), _) | (_, Value::Unknown(_) | Value::External(_)) => None,
            (Value::Tuple(a), Value::Tuple(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                let (a, b) = (a.clone(), b.clone());
                let answers: Vec<_> = a.iter().zip(b.iter()).map(|(x, y)| self.equal(x, y)).collect();
                if answers.contains(&Some(false)) {
                    Some(false)
                } else {
                    answers.iter().all(|x| *x == Some(true)).then_some(true)
                }
            }
            (Value::Object(a), Value::Object(b)) if a == b => Some(true),
            (Value::Object(_), Value::Object(_)) => self.equal_objects(left, right),
            (Value::Object(_), other) | (other, Value::Object(_)) => {
                let object = if matches!(left.plain(), Value::Object(_)) { left } else { right };
                // `class Role(str, Enum)`: a member equals its value.
                match self.enum_value(object) {
                    Some(value) => Some(value.plain() == other),
                    None => other.is_none().then_some(false).or_else(|| self.is_class(object).then_some(false)),
                }
            }
            (a, b) => match (left.as_int(), right.as_int()) {
                (Some(x), Some(y)) => Some(x == y),
                _ => Some(a == b),
            },
        }
    }

    fn equal_objects(&mut self, left: &Value, right: &Value) -> Option<bool> {
        if self.enum_value(left).is_some() && self.enum_value(right).is_some() {
            return Some(false);
        }
        if self.is_class(left) || self.is_class(right) {
            return Some(false);
        }
        let (a, b) = (self.known_items(left)?, self.known_items(right)?);
        self.equal(&Value::Tuple(a.into()), &Value::Tuple(b.into()))
    }

    pub(super) fn contains(&mut self, container: &Value, item: &Value) -> Option<bool> {
        self.charge_for(container);
        if let (Some(text), Some(part)) = (container.as_str(), item.as_str()) {
            return Some(text.contains(part));
        }
        if let Value::Union(items) = item.plain() {
            let items = items.clone();
            let answers: Vec<_> = items.iter().map(|i| self.contains(container, i)).collect();
            return answers.iter().all(|a| *a == answers[0]).then(|| answers[0]).flatten();
        }
        if let Value::Union(containers) = container.plain() {
            let containers = containers.clone();
            let answers: Vec<_> = containers.iter().map(|c| self.contains(c, item)).collect();
            return answers.iter().all(|a| *a == answers[0]).then(|| answers[0]).flatten();
        }
        if let Some(Value::Object(function)) =
            self.class_attribute_of(container, known::CONTAINS).filter(|_| container.as_object().is_some())
        {
            let site = self.made_at(function);
            let answer = self.call_function(function, Arguments::of([container.clone(), item.clone()]), site).ok()?;
            return self.truth(&answer);
        }
        let closed = self.iterate(container);
        let items = match &closed {
            Some(items) => items.clone(),
            None => self.partly_known_items(container),
        };
        let answers: Vec<_> = items.iter().map(|i| self.equal(i, item)).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        (closed.is_some() && answers.iter().all(|a| *a == Some(false))).then_some(false)
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        let labels = left.labels().and(right.labels());
        self.charge_for(left);
        self.charge_for(right);
        if op == BinaryOp::BitAnd {
            self.note_overlap(left, right);
        }
        let known = match (op, left.plain(), right.plain()) {
            (BinaryOp::Add, Value::Str(a), Value::Str(b)) => Some(Value::str(&format!("{a}{b}"))),
            (BinaryOp::Add, Value::Tuple(a), Value::Tuple(b)) => {
                Some(tuple(a.iter().chain(b.iter()).take(BUILT_MAX).cloned().collect()))
            }
            (BinaryOp::Mod, Value::Str(format), _) => Some(self.percent(&format.clone(), right)),
            (
                BinaryOp::Add | BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::Sub | BinaryOp::BitXor,
                Value::Object(_),
                Value::Object(_),
            ) => self.combine(op, left, right),
            (BinaryOp::Add, Value::Object(_), Value::Union(_) | Value::Unknown(_) | Value::External(_))
            | (BinaryOp::Add, Value::Union(_) | Value::Unknown(_) | Value::External(_), Value::Object(_)) => {
                self.list_and_more(left, right)
            }
            // `pathlib`: `base / "part"`.
            (BinaryOp::Div, Value::Object(_), _) => self.overloaded("truediv", left, Some(right)),
            (BinaryOp::Add, Value::Str(_), _) | (BinaryOp::Add, _, Value::Str(_)) => {
                Some(self.joined(&[left.clone(), right.clone()]))
            }
            (BinaryOp::Add, ..) if is_text(left) || is_text(right) => Some(self.joined(&[left.clone(), right.clone()])),
            _ => match (left.as_int(), right.as_int()) {
                (Some(a), Some(b)) => integer(op, a, b).map(Value::Int),
                _ => None,
            },
        };
        match known {
            Some(Value::Str(s)) if s.len() > BUILT_MAX => Value::unknown_with(VERY_LONG, labels),
            Some(value) => value.with(labels),
            None => {
                let term = match op {
                    BinaryOp::BitAnd | BinaryOp::BitOr if left.term().is_some() || right.term().is_some() => {
                        Term::connected(vec![left.term().cloned(), right.term().cloned()], op == BinaryOp::BitAnd)
                    }
                    BinaryOp::Sub => self.left_of_set(left, right),
                    _ => None,
                };
                let labels = if op == BinaryOp::Sub && term.is_some() { labels.of_decision() } else { labels };
                Value::unknown_with("an operation on something unknown", labels).standing_for(term)
            }
        }
    }

    /// `user.scopes & {"read", "write"}`: what is unknown is compared with each of these.
    fn note_overlap(&mut self, left: &Value, right: &Value) {
        for (unknown, with) in [(left, right), (right, left)] {
            if unknown.is_unknown() && self.known_items(with).is_some_and(|items| !items.is_empty()) {
                self.note_comparison(unknown, with, true);
            }
        }
    }

    /// A list and something that may be one of several lists, or is not known: what is known of both, and maybe more.
    fn list_and_more(&mut self, left: &Value, right: &Value) -> Option<Value> {
        let is_list = |v: &Value| v.as_object().is_some_and(|o| matches!(self.kind(o), Kind::List { .. }));
        if !is_list(left) && !is_list(right) {
            return None;
        }
        let mut items = self.partly_known_items(left);
        items.extend(self.partly_known_items(right));
        items.truncate(BUILT_MAX);
        let site = self.site(crate::code::Span::default());
        Some(self.make(Kind::List { items, open: true, set: false }, site))
    }

    fn combine(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        let site = self.site(crate::code::Span::default());
        let name = match op {
            BinaryOp::BitAnd => Some("and"),
            BinaryOp::BitOr => Some("or"),
            _ => None,
        };
        if let Some(made) = name.and_then(|name| self.overloaded(name, left, Some(right))) {
            return Some(made);
        }
        if let (BinaryOp::BitOr, Some(mut a), Some(b)) = (op, self.known_entries(left), self.known_entries(right)) {
            for (k, v) in b {
                super::expressions::put(&mut a, k, v);
            }
            return Some(self.make(Kind::Dict { entries: a, open: false }, site));
        }
        let (a_closed, b_closed) = (self.known_items(left), self.known_items(right));
        let open = a_closed.is_none() || b_closed.is_none();
        let a = self.partly_known_items(left);
        let b = self.partly_known_items(right);
        let is_list =
            |s: &Self, v: &Value| v.as_object().is_some_and(|o| matches!(s.object(o).kind, Kind::List { .. }));
        if !is_list(self, left) || !is_list(self, right) || a.len() + b.len() > BUILT_MAX {
            return None;
        }
        let set = op != BinaryOp::Add;
        let items = match op {
            BinaryOp::Add => a.into_iter().chain(b).collect(),
            BinaryOp::BitOr => united(a, b),
            BinaryOp::BitAnd if !open => {
                let b = Members::of(b);
                a.into_iter().filter(|v| b.has(v)).collect()
            }
            BinaryOp::Sub if !open => {
                let b = Members::of(b);
                a.into_iter().filter(|v| !b.has(v)).collect()
            }
            _ => return None,
        };
        Some(self.make(Kind::List { items, open, set }, site))
    }
}

impl Interp<'_> {
    /// What it stands for that something is, or is not, in an instance of a description.
    pub(super) fn described_membership(&mut self, op: CompareOp, item: &Value, container: &Value) -> Option<Term> {
        if !self.is_watching() || !matches!(op, CompareOp::In | CompareOp::NotIn) {
            return None;
        }
        let term = self.overloaded("contains", container, Some(item))?.term().cloned()?;
        Some(if op == CompareOp::In { term } else { Term::Not(Rc::new(term)) })
    }

    /// What an operator of a description makes: `__and__` of an instance, `__class_and__` of a class, which a metaclass would have.
    pub(super) fn overloaded(&mut self, operator: &str, left: &Value, right: Option<&Value>) -> Option<Value> {
        let obj = left.as_object()?;
        let (class, name) = match self.kind(obj) {
            Kind::Class(_) => (obj, format!("__class_{operator}__")),
            Kind::Instance { class } => (class.as_object()?, format!("__{operator}__")),
            _ => return None,
        };
        let function = self.in_mro(class, Symbol::new(&name), None).filter(|function| self.is_stub(function))?;
        let site = self.site(crate::code::Span::default());
        let operands = std::iter::once(left).chain(right).cloned();
        self.call(&function, Arguments::of(operands), site).ok()
    }
}

/// A tuple; not known where it holds more than is worth keeping.
pub(super) fn tuple(items: Vec<Value>) -> Value {
    if items.len() > BUILT_MAX { Value::unknown("a very large tuple") } else { Value::Tuple(items.into()) }
}

fn builtin_types_differ(a: &str, b: &str) -> Option<bool> {
    (a.starts_with("builtins.") && b.starts_with("builtins.")).then_some(false)
}

fn integer(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mult => a.checked_mul(b),
        BinaryOp::FloorDiv => a.checked_div_euclid(b),
        BinaryOp::Mod => a.checked_rem_euclid(b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitXor => Some(a ^ b),
        BinaryOp::LShift => u32::try_from(b).ok().and_then(|b| a.checked_shl(b)),
        BinaryOp::RShift => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)),
        _ => None,
    }
}
