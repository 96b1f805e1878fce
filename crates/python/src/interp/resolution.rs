//! How far calls are resolved: whose code it is that a call in the program leads to. Nothing hangs on it; it says how much is seen.

use super::Interp;
use crate::value::{Site, Value};

/// How far one call is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resolved {
    /// Not at all.
    Unknown,
    /// To something of a library that is not described, or a method of data whose type is not known.
    Named,
    /// To code of the program, a description or the language itself.
    Seen,
}

/// How many calls, each place counted once, were resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// To code of the program, a description or the language itself.
    pub seen: usize,
    /// To a library that is not described, by name, or to a method of data that the request or a look-up gave.
    pub named: usize,
    /// Not resolved.
    pub unknown: usize,
}

impl Interp<'_> {
    /// How far the calls that were [watched](Interp::watching) so far were resolved.
    pub fn resolved_calls(&self) -> Calls {
        let mut calls = Calls::default();
        for resolved in self.resolved.values() {
            match resolved {
                Resolved::Seen => calls.seen += 1,
                Resolved::Named => calls.named += 1,
                Resolved::Unknown => calls.unknown += 1,
            }
        }
        calls
    }

    /// Notes what a call leads to; of several times at one place the best counts.
    pub(super) fn note_resolved(&mut self, callee: &Value, site: Site) {
        if !self.watched.now || !self.exploring || self.program.is_stub(site.file) {
            return;
        }
        let resolved = Self::resolved(callee);
        let best = self.resolved.entry(site).or_insert(resolved);
        *best = resolved.max(*best);
    }

    fn resolved(callee: &Value) -> Resolved {
        match callee.plain() {
            Value::External(name) if name.as_str().starts_with("builtins.") => Resolved::Seen,
            Value::External(_) => Resolved::Named,
            Value::Union(callees) => callees.iter().map(Self::resolved).max().unwrap_or(Resolved::Unknown),
            // What a library's function gave is the library's, and so are its methods.
            Value::Unknown(unknown) => match unknown.term.is_some() || unknown.reason.starts_with("a call of `") {
                true => Resolved::Named,
                false => Resolved::Unknown,
            },
            _ => Resolved::Seen,
        }
    }
}
