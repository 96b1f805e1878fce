//! What protects an endpoint, judged by behaviour: the request of a client without any credential is played through the middleware,
//! the dependencies and the handler. What always refuses it is protection; what lets it through on some path is not.
//!
//! A second play with a credential of unknown content collects what else is asked for: schemes, scopes, roles.

mod conditions;
mod refusal;
mod request;
mod stages;
mod verdict;

use std::sync::Arc;

use model::{Access, Evidence, Gap, GapKind};
use python::interp::{Interp, Paths};
use python::value::{Obj, Site, Value};
use rustc_hash::FxHashMap;

use crate::frameworks::fastapi::{RawRoute, gap_at};

/// What the labels of values mean here; our descriptions of libraries use the same numbers.
pub(crate) mod label {
    /// Made from a credential: a header, a cookie, a session, what middleware found out about the caller.
    pub(crate) const CREDENTIAL: u16 = 2;
    /// From the path or the query.
    pub(crate) const INPUT: u16 = 4;
    /// From the body.
    pub(crate) const BODY: u16 = 16;
}

/// Steps for the middleware and dependencies of one endpoint, and for its handler.
const STEPS_MAX: u32 = 60_000;

/// A place that refuses, with the conditions under which it does.
#[derive(Debug, Clone)]
struct Refusal {
    paths: Paths,
    status: i64,
    evidence: Evidence,
}

/// What one play of a request came to.
#[derive(Debug, Clone)]
struct Play {
    /// Under which conditions the request passes.
    passes: Paths,
    refusals: Vec<Refusal>,
    schemes: Vec<Arc<str>>,
    scopes: Vec<Arc<str>>,
    /// A guard that could not be worked out.
    unknown: Option<(Site, String)>,
}

/// Judges the endpoints of an application; what does not depend on the endpoint is judged once.
pub(crate) struct Judge {
    /// Whether a middleware of an application refuses anything at all.
    middleware: FxHashMap<(Obj, usize), bool>,
}

impl Judge {
    /// A judge who has seen nothing.
    pub(crate) fn new() -> Self {
        Self { middleware: FxHashMap::default() }
    }

    /// Who is admitted to an endpoint.
    pub(crate) fn access(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &model::Method, gaps: &mut Vec<Gap>) -> Access {
        let judged = self.judge(interp, raw, method);
        if let Err(gap) = &judged {
            gaps.push(gap.clone());
        }
        judged.unwrap_or_else(Access::unknown)
    }

    fn judge(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &model::Method) -> Result<Access, Gap> {
        let before = |s: &mut Self, interp: &mut Interp<'_>| interp.explore(STEPS_MAX, |i| {
            let play = s.before_handler(i, raw, method);
            verdict::of(i, play, label::CREDENTIAL | label::INPUT)
        });
        let outer = before(self, interp);
        if outer.is_required() {
            interp.set_opaque(true);
            let asked = interp.explore(STEPS_MAX, |i| {
                let play = self.before_handler(i, raw, method);
                conditions::asked_for(i, &play)
            });
            interp.set_opaque(false);
            return Ok(outer.into_access(asked));
        }
        let inner = interp.explore(STEPS_MAX, |i| {
            let play = self.with_handler(i, raw, method);
            verdict::of(i, play, label::CREDENTIAL)
        });
        let best = if inner.is_required() { inner } else { outer };
        if let (false, Some((site, reason))) = (best.is_required(), best.unknown()) {
            return Err(gap_at(interp, GapKind::UnresolvedGuard, site, reason));
        }
        let asked = conditions::Asked { schemes: best.schemes(), ..conditions::Asked::default() };
        Ok(best.into_access(asked))
    }
}

/// The class of a described library.
fn library_class(interp: &mut Interp<'_>, module: &str, name: &str) -> Option<Value> {
    let path = format!("{}/{}.py", python::program::STUBS, module.replace('.', "/"));
    let file = interp.program().at(&path)?;
    let module = interp.run_module(file);
    let site = interp.object(module).site;
    interp.attribute_of(&Value::Object(module), name, site)
}
