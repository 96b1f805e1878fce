//! What a handler writes for who the request acts for, although no credential came with it.

use std::sync::Arc;

use model::{Evidence, NobodysWrite};

use super::sources::Source;
use super::trace::{Kind, Row, Trace};
use crate::objects::Models;

/// Whether a handler writes who the request acts for into a row.
pub(crate) fn names_principal(trace: &Trace) -> bool {
    trace.rows.iter().any(|row| writes(row, Source::is_principal).next().is_some())
}

/// The columns that hold who the request acts for in a play with a credential, and nothing in one without.
pub(crate) fn for_nobody(trace: &Trace, without: &Trace, asks_who: bool, models: &Models) -> Vec<NobodysWrite> {
    let mut found = Vec::new();
    for row in &trace.rows {
        // `user.id if user else None`: that nobody may be there was thought of.
        let is_meant = |column: &&Arc<str>| asks_who && row.may_be_nothing.contains(*column);
        for column in writes(row, Source::is_principal).filter(|column| !is_meant(column)) {
            let is_same = |other: &&Row| {
                (other.kind, other.model, other.evidence.first()) == (row.kind, row.model, row.evidence.first())
            };
            let mut same = without.rows.iter().filter(is_same);
            let is_for_nobody = same.any(|other| writes(other, |s| *s == Source::Nothing).any(|own| own == column));
            let evidence: Option<&Evidence> = row.evidence.first().filter(|_| is_for_nobody);
            found.extend(evidence.map(|evidence| NobodysWrite {
                object: Arc::clone(&models.all[row.model].name),
                column: Arc::clone(column),
                evidence: evidence.clone(),
            }));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The columns that a row is given whose values come from somewhere.
fn writes(row: &Row, is_from: fn(&Source) -> bool) -> impl Iterator<Item = &Arc<str>> {
    let is_write = matches!(row.kind, Kind::Create | Kind::Update);
    row.written.iter().filter(move |(_, source)| is_write && is_from(source)).map(|(column, _)| column)
}
