//! Whether every way to a use goes through a condition that leaves nothing harmful in what is used.

use python::interp::{Conjunction, Interp, Literal, Paths};
use python::value::Value;

/// Whether something raw that may do harm in these ways was found to be harmless on every way.
pub(super) fn is_checked(interp: &Interp<'_>, raw: &Value, harmful: u32, paths: &Paths) -> bool {
    let cleaned = |literal: &Literal| {
        let term = interp.condition(literal.condition).term.as_deref();
        let cleaned = term.map(|term| interp.cleaned_where(term, literal.holds)).unwrap_or_default();
        cleaned.iter().fold(0, |all, (subject, uses)| all | interp.cleaned_of_same(subject, *uses, raw))
    };
    let is_clean = |way: &Conjunction| harmful & !way.iter().fold(0, |all, literal| all | cleaned(literal)) == 0;
    let ways: &[Conjunction] = paths.alternatives();
    !ways.is_empty() && ways.iter().all(is_clean)
}
