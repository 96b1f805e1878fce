//! Whether every way to a use goes through a condition that leaves nothing harmful in what is used.

use python::interp::{Conjunction, Interp, Literal, Paths};
use python::value::Value;

use super::Use;

/// Whether something raw was found to be harmless on every way.
pub(super) fn is_checked(interp: &Interp<'_>, raw: &Value, used_as: Use, paths: &Paths) -> bool {
    let checks = |literal: &Literal| {
        let term = interp.condition(literal.condition).term.as_deref();
        let cleaned = term.map(|term| interp.cleaned_where(term, literal.holds)).unwrap_or_default();
        cleaned.iter().any(|(subject, uses)| {
            uses & used_as.bit() != 0 && subject.alternatives().iter().any(|one| interp.is_same(one, raw))
        })
    };
    let ways: &[Conjunction] = paths.alternatives();
    !ways.is_empty() && ways.iter().all(|way| way.iter().any(checks))
}
