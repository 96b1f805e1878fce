//! What a record leads to (`user.orders`): a look-up that the record limits, and of which the program picks rows by itself.

use std::sync::Arc;

use python::interp::{Event, Paths};
use python::term::Term;
use python::value::Value;

use super::ownership;
use super::sources::{Source, is_of_principal};
use super::trace::{Reader, Row, Seen};
use crate::frameworks::attribute;

/// What the statements of `SQLAlchemy` derive from.
const STATEMENT: &str = "sqlalchemy.sql.expression.Statement";

impl Reader<'_, '_> {
    /// `next(o for o in user.orders if o.id == id)`, `for o in user.orders: if o.id == id: ...`: which of the rows is meant.
    pub(super) fn limit_by_choice(&self, row: &mut Row, event: &Seen<'_>, answered: &[&Paths], uses: &[&Paths]) {
        let points = if answered.is_empty() { uses } else { answered };
        let of = Term::Made(event.index);
        let by_filter = self.filters_of(&of).flat_map(|condition| {
            condition.term().map(|term| ownership::equal_parts(term, true, &of)).unwrap_or_default()
        });
        let by_ways = ownership::always_equal(self.interp, &of, points);
        let chosen: Vec<(Arc<str>, Source)> =
            by_filter.chain(by_ways).map(|(column, value)| (column, Source::of(self.interp, &value))).collect();
        if let Some(key) = chosen.iter().find(|(_, source)| source.is_of_request()) {
            row.key = Some(key.clone());
            row.many = false;
        }
        row.filters.extend(chosen);
    }

    /// Whether something is what a row leads to: who answers with it answers with a part of that row, and there its owner is asked for.
    pub(super) fn is_reached_from(&self, root: &Term, row: u32) -> bool {
        let Term::Made(index) = root else { return false };
        let event = self.seen(*index);
        let clauses =
            event.arguments.positional.get(1).map(|all| self.interp.partly_known_items(all)).unwrap_or_default();
        event.what.as_str() == "related"
            && clauses.iter().any(|clause| match clause.term() {
                Some(Term::Compared(sides)) => sides.2.term().is_some_and(|term| *term.root() == Term::Made(row)),
                _ => false,
            })
    }

    /// Whether a comprehension keeps those of the rows that it compares with the principal: which of them are meant is not followed.
    pub(super) fn is_filtered_by_principal(&self, event: &Seen<'_>) -> bool {
        let of = Term::Made(event.index);
        self.filters_of(&of).any(|condition| {
            let parts = condition.term().map(|term| ownership::equal_parts(term, true, &of)).unwrap_or_default();
            parts.iter().any(|(_, value)| is_of_principal(value))
        })
    }

    /// `select(o for o in Order if o.user == user)`: the conditions, about the columns of the model.
    pub(super) fn conditions_of_picked(&self, event: &Seen<'_>) -> Vec<Value> {
        let is_picked = event.what.as_str() == "picked";
        let class = event.arguments.positional.first().and_then(Value::as_object).filter(|_| is_picked);
        let Some(class) = class else { return Vec::new() };
        let of = Term::Made(event.index);
        let about = |condition: &Value| match condition.term().and_then(|term| term.with(&of, &Term::Of(class))) {
            Some(term) => condition.clone().standing_for(Some(term)),
            None => Value::unknown_with("a condition of a query", condition.labels()),
        };
        self.filters_of(&of).map(about).collect()
    }

    /// What comprehensions ask of the rows of a look-up.
    fn filters_of<'s>(&'s self, of: &'s Term) -> impl Iterator<Item = &'s Value> {
        let about = move |event: &&Event| {
            event.what.as_str() == "filter" && event.arguments.positional.first().and_then(Value::term) == Some(of)
        };
        self.interp.events().iter().filter(about).filter_map(|event| event.arguments.positional.get(1))
    }

    /// `exists().where(...)` is the conditions of another statement.
    pub(super) fn as_condition(&self, clause: Value) -> Value {
        let is_statement = self.interp.derives_from(&self.interp.class_of(&clause), STATEMENT);
        let Some(clauses) = attribute(self.interp, &clause, "_clauses").filter(|_| is_statement) else { return clause };
        let all = self.interp.partly_known_items(&clauses);
        let labels = self.interp.labels_within(&clauses, 0);
        let terms = all.iter().map(|one| one.term().cloned()).collect();
        Value::unknown_with("whether there is a row", labels).standing_for(Term::connected(terms, true))
    }

    /// Whether what a record leads to is only added to, or was read before the handler, for what the caller may do.
    pub(super) fn is_beside_the_point(&self, event: &Seen<'_>) -> bool {
        let of = Term::Made(event.index);
        let is_it = |e: &Event| {
            e.what.as_str() == "extended" && e.arguments.positional.first().and_then(Value::term) == Some(&of)
        };
        event.what.as_str() == "related"
            && (event.index < self.played.before_handler || self.interp.events().iter().any(is_it))
    }
}
