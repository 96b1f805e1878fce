//! Registrations for the same requests: which of them the router picks.

use std::fmt::Write;
use std::sync::Arc;

use model::{Method, Part, PathPattern};
use python::value::{Obj, Site};
use rustc_hash::FxHashMap;

use crate::frameworks::{Framework, RawRoute};

/// What was registered so far, by the paths and the host that it takes.
#[derive(Default)]
pub(crate) struct Registrations {
    taken: FxHashMap<(String, Option<Arc<str>>), Vec<Taken>>,
}

struct Taken {
    method: Method,
    route: Option<Obj>,
    site: Site,
    /// Which endpoint it became.
    endpoint: usize,
}

/// Where a registration was made, and what it made.
pub(crate) type Place = (Site, Option<Obj>);

/// How a registration stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It takes requests that none before it takes.
    New,
    /// The same registration again.
    Repeated,
    /// Another one, which became this endpoint and was made there, takes its requests.
    Behind(usize, Place),
}

impl Registrations {
    /// Notes a registration that would become the endpoint `next`.
    ///
    /// Routers of Starlette and Django take the first that matches. So does Werkzeug among rules of the same weight, which is what rules with
    /// the same literals and converters have. Django decides by the path alone: the view that it finds answers 405.
    pub(crate) fn note(&mut self, raw: &RawRoute, method: &Method, next: usize) -> Standing {
        let key = (shape(&raw.pattern), raw.host.clone());
        let taken = self.taken.entry(key).or_default();
        let by_path_alone = raw.framework == Framework::Django;
        let same = |one: &&Taken| one.method == *method || one.method == Method::Any;
        let exact = taken.iter().find(same);
        let before = exact.or_else(|| taken.iter().find(|one| by_path_alone && one.route != raw.route));
        match before {
            Some(one) if one.route == raw.route => Standing::Repeated,
            Some(one) => Standing::Behind(one.endpoint, (one.site, one.route)),
            None => {
                taken.push(Taken { method: method.clone(), route: raw.route, site: raw.site, endpoint: next });
                Standing::New
            }
        }
    }
}

/// A template without the names of its parameters.
fn shape(pattern: &PathPattern) -> String {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Parameter(parameter) => {
                let regex = parameter.regex.as_deref().unwrap_or_default();
                let _ = write!(text, "\0{}\0{regex}\0", parameter.converter.name());
            }
            Part::Regex(regex) => {
                let _ = write!(text, "\0\0{}\0", regex.regex);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_do_not_count_and_converters_do() {
        let of = |template: &str| shape(&PathPattern::from_starlette(template));
        assert_eq!(of("/items/{id}"), of("/items/{name}"));
        assert_ne!(of("/items/{id}"), of("/items/{id:int}"));
        assert_ne!(of("/items/{id}"), of("/items/id"));
    }
}
