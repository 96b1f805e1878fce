//! What a play does more than once to the same rows, and which of it counts.

use super::trace::{Kind, Row};
use crate::objects::Models;

/// `if not user.is_admin: query = query.where(Item.owner_id == user.id)`, and then one look-up: what decides whether it is limited is
/// not seen there.
pub(super) fn doubt_alternatives(rows: &mut [Row]) {
    for index in 0..rows.len() {
        let row = &rows[index];
        let limits = |other: &Row| {
            let same = (other.kind, other.model) == (row.kind, row.model);
            let at_once = other.evidence.first() == row.evidence.first() && other.callers == row.callers;
            same && at_once && !other.compared.is_empty()
        };
        rows[index].is_doubtful |= row.compared.is_empty() && rows.iter().any(limits);
    }
}

/// What is iterated over may be looked up twice by the play: once counts, the one that reaches the answer.
pub(super) fn merge_repeated(rows: &mut Vec<Row>) {
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        let same = |other: &&mut Row| {
            (other.evidence.first(), &other.callers) == (row.evidence.first(), &row.callers)
                && (other.kind, other.model, other.many) == (row.kind, row.model, row.many)
                && other.filters == row.filters
                && other.compared == row.compared
        };
        match kept.iter_mut().find(same) {
            Some(known) if !known.is_answered && row.is_answered => *known = row,
            Some(_) => {}
            None => kept.push(row),
        }
    }
    *rows = kept;
}

/// A look-up of Django's that is only asked about, beside one by the same key whose row is used, says nothing more.
pub(super) fn drop_checked_alone(rows: &mut Vec<Row>, models: &Models) {
    let is_same = |one: &Row, other: &Row| {
        one.model == other.model && one.key == other.key && one.filters == other.filters && !other.many
    };
    let is_used = |row: &Row| row.kind != Kind::Read || row.is_answered;
    let says_nothing = |row: &Row| {
        models.is_django(row.model)
            && !row.many
            && row.key.is_some()
            && !is_used(row)
            && rows.iter().any(|other| is_used(other) && is_same(row, other))
    };
    let kept: Vec<bool> = rows.iter().map(|row| !says_nothing(row)).collect();
    let mut kept = kept.into_iter();
    rows.retain(|_| kept.next().unwrap_or(true));
}
