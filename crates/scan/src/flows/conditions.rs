//! Whether every way to a use goes through a condition that leaves nothing harmful in what is used.

use super::Use;
use python::interp::{Conjunction, Interp, Literal, Paths};
use python::value::Value;

/// In which of these ways something raw may still do harm: what was found out about it on every way there is left out.
pub(super) fn harmful_behind(interp: &Interp<'_>, raw: &Value, harmful: u32, paths: &Paths) -> u32 {
    let cleaned = |literal: &Literal| {
        let term = interp.condition(literal.condition).term.as_deref();
        let cleaned = term.map(|term| interp.cleaned_where(term, literal.holds)).unwrap_or_default();
        cleaned.iter().fold(0, |all, (subject, uses)| all | interp.cleaned_of_same(subject, *uses, raw))
    };
    let suffixes = Use::Suffix.bits();
    // Whatever was found out about the name of an upload, was found out about its suffix.
    let is_about_upload = |literal: &Literal| {
        let term = interp.condition(literal.condition).term.as_deref();
        let cleaned = term.map(|term| interp.cleaned_where(term, literal.holds)).unwrap_or_default();
        cleaned.iter().any(|(subject, _)| subject.labels().raw & suffixes != 0)
    };
    if harmful == suffixes && paths.alternatives().iter().all(|way| way.iter().any(is_about_upload)) {
        return 0;
    }
    let left = |way: &Conjunction| harmful & !way.iter().fold(0, |all, literal| all | cleaned(literal));
    paths.alternatives().iter().fold(0, |all, way| all | left(way))
}
