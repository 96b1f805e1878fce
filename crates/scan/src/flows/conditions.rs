//! Whether every way to a use goes through a condition that leaves nothing harmful in what is used.

use super::Use;
use python::interp::{Conjunction, Interp, Literal, Paths};
use python::value::Value;

/// In which of these ways something raw may still do harm: what was found out about it on every way there is left out.
pub(super) fn harmful_behind(interp: &Interp<'_>, raw: &Value, harmful: u32, paths: &Paths) -> u32 {
    let found_out = |literal: &Literal| {
        let term = interp.condition(literal.condition).term.as_deref();
        term.map(|term| interp.cleaned_where(term, literal.holds)).unwrap_or_default()
    };
    let suffixes = Use::Suffix.bits();
    let cleaned = |literal: &Literal| {
        found_out(literal).iter().fold(0, |all, (subject, uses)| {
            // Whatever was found out about the name of an upload, was found out about its suffix.
            let of_suffix = subject.labels().raw & suffixes;
            all | of_suffix | interp.cleaned_of_same(subject, *uses, raw)
        })
    };
    let left = |way: &Conjunction| harmful & !way.iter().fold(0, |all, literal| all | cleaned(literal));
    paths.alternatives().iter().fold(0, |all, way| all | left(way))
}
