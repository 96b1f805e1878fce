//! Where a value comes from, read off what it stands for.

use std::sync::Arc;

use model::Place;
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
    /// A part of the query, of a form, of the body, a header, a cookie: by its name, where that is known.
    Field(Place, Option<Arc<str>>),
    /// Who the request acts for, with the claim if it is one.
    Credential(Option<Arc<str>>),
    /// What the session holds: the application put it there.
    Session(Option<Arc<str>>),
    /// Something that was looked up before: the event, and its parts.
    Row(u32, Vec<Arc<str>>),
    /// A text that stands in the code.
    Text,
    /// Nothing: what is left of who the request acts for where no credential came with it.
    Nothing,
    /// Another value that stands there.
    Constant,
    /// Not known.
    Other,
}

impl Source {
    /// Where a value comes from.
    pub(crate) fn of(interp: &Interp<'_>, value: &Value) -> Self {
        if let Value::Union(values) = value.plain() {
            return Self::first_of(interp, values);
        }
        if let Some(Term::Text(parts)) = value.term() {
            return Self::first_of(interp, parts);
        }
        if matches!(value.plain(), Value::None) && !interp.is_opaque() {
            return Self::Nothing;
        }
        if is_caller(interp, value) {
            return Self::Credential(None);
        }
        let events = interp.events();
        match value.term().map(Term::root) {
            Some(Term::Given(name)) if name.as_str() == IDENTIFIED => Self::Credential(None),
            Some(Term::Given(name)) if name.as_str() == SESSION => {
                Self::Session(parts(value.term()).into_iter().next())
            }
            Some(Term::Given(name)) if place(name.as_str()).is_some() => {
                let place = place(name.as_str()).unwrap_or(Place::Body);
                let name = parts(value.term()).into_iter().find(|part| !part.starts_with('#'));
                match (place, name) {
                    (Place::Path, Some(name)) => Self::Parameter { name, part: None },
                    (place, name) => Self::Field(place, name),
                }
            }
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
            _ if value.as_str().is_some_and(|text| !text.is_empty()) => Self::Text,
            _ => Self::Constant,
        }
    }
}

impl Source {
    /// The first of several that says anything.
    fn first_of(interp: &Interp<'_>, values: &[Value]) -> Self {
        let sources = values.iter().map(|value| Self::of(interp, value));
        let known = sources.into_iter().find(|source| !matches!(source, Self::Text | Self::Constant | Self::Other));
        known.unwrap_or(Self::Other)
    }

    /// Whether it is who the request acts for.
    pub(crate) fn is_principal(&self) -> bool {
        matches!(self, Self::Credential(_) | Self::Session(_))
    }

    /// Whether the client chose it.
    pub(crate) fn is_of_request(&self) -> bool {
        matches!(self, Self::Parameter { .. } | Self::Field(..))
    }
}

/// Whether a value is what descriptions call the caller: a proxy that looks it up when it is asked.
fn is_caller(interp: &Interp<'_>, value: &Value) -> bool {
    const PROXIES: &[&str] = &["flask_login.utils._CurrentUser", "flask_jwt_extended.utils._CurrentUser"];
    let class = interp.class_of(value);
    value.as_object().is_some() && interp.qualified_name(&class).is_some_and(|name| PROXIES.contains(&name))
}

/// What stands for the session.
const SESSION: &str = "<session>";

/// The place that stands for its parts.
fn place(name: &str) -> Option<Place> {
    Some(match name {
        "<path>" => Place::Path,
        "<query>" => Place::Query,
        "<body>" => Place::Body,
        "<form>" | "<upload>" | "<content>" | "<filename>" => Place::Form,
        "<header>" => Place::Header,
        "<cookie>" => Place::Cookie,
        _ => return None,
    })
}

/// Whether a value is made of a credential and of nothing else that the client chose.
pub(super) fn is_of_principal(value: &Value) -> bool {
    let labels = value.labels();
    let is_raw = matches!(value.term().map(Term::root), Some(Term::Given(name)) if name.as_str() != IDENTIFIED && name.as_str() != SESSION);
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
