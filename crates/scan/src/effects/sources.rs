//! Where a value comes from, read off what it stands for.

use std::sync::Arc;

use python::interp::{Event, Interp};
use python::term::Term;
use python::value::Value;

use crate::access::{IDENTIFIED, label};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The request names it: a parameter, or a field of one.
    Parameter {
        /// The parameter.
        name: Arc<str>,
        /// The field.
        part: Option<Arc<str>>,
    },
    /// Who the request acts for, with the claim if it is one.
    Credential(Option<Arc<str>>),
    /// Something that was looked up before: the event, and its parts.
    Row(u32, Vec<Arc<str>>),
    /// It stands in the code.
    Constant,
    /// Not known.
    Other,
}

impl Source {
    /// Where a value comes from.
    pub(crate) fn of(interp: &Interp<'_>, value: &Value) -> Self {
        if let Value::Union(values) = value.plain() {
            let sources: Vec<Self> = values.iter().map(|v| Self::of(interp, v)).collect();
            let known = sources.iter().find(|s| !matches!(s, Self::Constant | Self::Other));
            return known.cloned().unwrap_or(Self::Other);
        }
        let events = interp.events();
        match value.term().map(Term::root) {
            Some(Term::Given(name)) if name.as_str() == IDENTIFIED => Self::Credential(None),
            Some(Term::Given(name)) => {
                let parts = parts(value.term());
                Self::Parameter { name: name.as_str().into(), part: parts.first().cloned() }
            }
            Some(Term::Made(index)) if is(events, *index, "token-check") => {
                Self::Credential(parts(value.term()).first().cloned())
            }
            Some(Term::Made(_)) if is_of_principal(value) => Self::Credential(None),
            Some(Term::Made(index)) => Self::Row(*index, parts(value.term())),
            _ if is_of_principal(value) => Self::Credential(None),
            _ if value.is_unknown() => Self::Other,
            _ => Self::Constant,
        }
    }
}

/// Whether a value is made of a credential and of nothing else that the client chose.
pub(super) fn is_of_principal(value: &Value) -> bool {
    let labels = value.labels();
    let is_raw = matches!(value.term().map(Term::root), Some(Term::Given(name)) if name.as_str() != IDENTIFIED);
    labels.has(label::CREDENTIAL) && !labels.has(label::INPUT | label::BODY) && !is_raw
}

/// Whether an event is of a kind.
pub(super) fn is(events: &[Event], index: u32, what: &str) -> bool {
    events.get(index as usize).is_some_and(|e| e.what.as_str() == what)
}

/// The names behind the root, in order.
pub(super) fn parts(term: Option<&Term>) -> Vec<Arc<str>> {
    let (mut found, mut at) = (Vec::new(), term);
    while let Some(Term::Part(of, name)) = at {
        found.push(Arc::from(name.as_str()));
        at = Some(of);
    }
    found.reverse();
    found
}
