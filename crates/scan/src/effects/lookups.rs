//! The lookups of Django (`project__owner=user`, `Q(...) | Q(...)`, `pk__in=...`) as conditions over columns, in the words in which those of
//! SQLAlchemy are read.

use std::cell::Cell;
use std::rc::Rc;

use python::Symbol;
use python::code::CompareOp;
use python::interp::Interp;
use python::term::Term;
use python::value::{Kind, Labels, Value};

use super::sources::is_of_principal;
use crate::frameworks::attribute;
use crate::objects::Models;

const CONDITION: &str = "django.db.models.expressions.Q";
const SET: &str = "django.db.models.query.QuerySet";
/// Conditions inside conditions: what lies deeper is not understood.
const DEPTH_MAX: usize = 8;
/// What stands behind the last column and says that it equals the value.
const EQUAL: &[&str] = &["exact", "iexact"];

/// What is looked up in: a model, and where its columns begin.
#[derive(Clone)]
struct At {
    model: usize,
    prefix: Term,
}

/// A clause of a look-up in a model of Django as a value that stands for the condition.
pub(super) fn clause(interp: &Interp<'_>, models: &Models, model: usize, value: &Value) -> Value {
    let at = At { model, prefix: Term::Of(models.class(model)) };
    let reader = Reader { interp, models, labels: Cell::new(interp.labels_within(value, 0)) };
    let term = reader.condition(&at, value, 0);
    Value::unknown_with("a condition of a look-up", reader.labels.get()).standing_for(term)
}

struct Reader<'r, 'p> {
    interp: &'r Interp<'p>,
    models: &'r Models,
    /// The labels of all that is compared.
    labels: Cell<Labels>,
}

impl Reader<'_, '_> {
    fn condition(&self, at: &At, value: &Value, depth: usize) -> Option<Term> {
        if depth > DEPTH_MAX {
            return None;
        }
        match value.plain() {
            Value::Tuple(pair) => match &**pair {
                [name, value] => self.lookup(at, name.as_str()?, value, depth),
                _ => None,
            },
            Value::Object(obj) => match &self.interp.object(*obj).kind {
                Kind::Dict { entries, open } => {
                    let named = |(name, value): &(Value, Value)| self.lookup(at, name.as_str()?, value, depth);
                    let rest = open.then_some(None);
                    connected(entries.iter().map(named).chain(rest).collect(), true)
                }
                Kind::Instance { class } if self.interp.derives_from(class, CONDITION) => self.q(at, value, depth),
                _ => None,
            },
            _ => None,
        }
    }

    /// `Q(...)`, and what `&`, `|` and `~` make of such.
    fn q(&self, at: &At, value: &Value, depth: usize) -> Option<Term> {
        let held = self.interp.partly_known_items(&attribute(self.interp, value, "_held")?);
        let operands: Vec<Option<Term>> = held.iter().map(|one| self.condition(at, one, depth + 1)).collect();
        let kind = attribute(self.interp, value, "_kind");
        match kind.as_ref().and_then(Value::as_str).unwrap_or("and") {
            "or" => connected(operands, false),
            "not" => connected(operands, true)?.negated(),
            _ => connected(
                operands
                    .into_iter()
                    .zip(&held)
                    .filter(|(_, one)| !is_empty(self.interp, one))
                    .map(|(o, _)| o)
                    .collect(),
                true,
            ),
        }
    }

    fn lookup(&self, at: &At, name: &str, value: &Value, depth: usize) -> Option<Term> {
        self.labels.set(self.labels.get().and(self.interp.labels_within(value, 0)));
        let (mut term, mut model) = (at.prefix.clone(), Some(at.model));
        let mut parts = name.split("__").peekable();
        while let Some((step, to)) = parts.peek().and_then(|part| self.models.step(model?, part)) {
            let is_key = model.is_some_and(|model| self.models.all[model].primary_key.first() == Some(&step));
            // `owner__id` is `owner`.
            if !(is_key && term != at.prefix) {
                term = term.part(Symbol::new(&step))?;
            }
            model = to;
            parts.next();
        }
        if term == at.prefix && parts.peek().is_some() {
            return None;
        }
        let rest: Vec<&str> = parts.collect();
        match rest.as_slice() {
            [] => Some(equal(term, value)),
            [one] if EQUAL.contains(one) => Some(equal(term, value)),
            ["in"] => self.among(at, term, model, value, depth),
            _ => Some(compared(term, CompareOp::Lt, value)),
        }
    }

    /// `project__in=Project.objects.filter(owner=user)`: what holds for those holds for the project.
    fn among(&self, at: &At, term: Term, model: Option<usize>, value: &Value, depth: usize) -> Option<Term> {
        if is_of_principal(value) {
            return Some(equal(term, value));
        }
        let is_set = self.interp.derives_from(&self.interp.class_of(value), SET);
        if !is_set {
            return Some(compared(term, CompareOp::In, value));
        }
        let about = attribute(self.interp, value, "model").filter(|model| !model.is_none());
        let about = about.or_else(|| attribute(self.interp, &attribute(self.interp, value, "_manager")?, "model"))?;
        let inner = self.models.of_class(self.interp, &about)?;
        let column = attribute(self.interp, value, "_column").and_then(|column| Some(Symbol::new(column.as_str()?)));
        let of_key = model.unwrap_or(at.model);
        let base = if model.is_some() { term } else { at.prefix.clone() };
        let prefix = match column.and_then(|column| self.models.step(inner, column.as_str())) {
            Some((column, Some(_))) => base.part(Symbol::new(&self.models.reverse(of_key, inner, &column)?))?,
            _ if inner == of_key => base,
            _ => return None,
        };
        let inner = At { model: inner, prefix };
        let clauses = attribute(self.interp, value, "_clauses").map(|all| self.interp.partly_known_items(&all));
        let within = attribute(self.interp, value, "_within").filter(|within| !within.is_none());
        let all = clauses.unwrap_or_default().into_iter().chain(within);
        connected(all.map(|one| self.condition(&inner, &one, depth + 1)).collect(), true)
    }
}

/// Whether a condition says nothing: the keywords of a `Q` without any.
fn is_empty(interp: &Interp<'_>, value: &Value) -> bool {
    interp.known_entries(value).is_some_and(|entries| entries.is_empty())
}

/// Operands joined; one alone is itself, and where all are not understood, so is the whole.
fn connected(mut operands: Vec<Option<Term>>, and: bool) -> Option<Term> {
    if operands.len() == 1 {
        return operands.pop()?;
    }
    Term::connected(operands, and)
}

fn equal(term: Term, value: &Value) -> Term {
    compared(term, CompareOp::Eq, value)
}

fn compared(term: Term, op: CompareOp, value: &Value) -> Term {
    let column = Value::unknown_with("a column", Labels::NONE).standing_for(Some(term));
    Term::Compared(Rc::new((column, op, value.clone())))
}
