//! What is kept of a call that was played: who it refuses, by which schemes it tried to identify the caller, what of it is not known.

use python::Symbol;
use python::code::{Function, FunctionBody};
use python::interp::{Conjunction, Interp, Outcome, Paths, Raised};
use python::value::{Kind, Site, Value};

use super::super::order::encloses;
use super::super::{IN_HANDLER, Redirects, Refusal, Scheme, label, refusal};
use super::Stage;
use crate::frameworks::Framework;

/// Wrappers around a handler.
const DECORATORS_MAX: usize = 16;

/// What descriptions said while a call was played.
pub(super) struct Tried {
    doubts: Vec<String>,
    schemes: Vec<Scheme>,
}

impl Tried {
    /// Takes it: what is played next says its own.
    pub(super) fn take(interp: &mut Interp<'_>) -> Self {
        let mut schemes: Vec<Scheme> = Vec::new();
        for name in interp.take_tried() {
            let scheme = Scheme { name: name.as_str().into(), refuses: false };
            if !schemes.contains(&scheme) {
                schemes.push(scheme);
            }
        }
        Self { doubts: interp.take_doubts(), schemes }
    }
}

impl Stage<'_> {
    /// Keeps by which schemes who refused since tried to identify the caller: one of them suffices.
    pub(super) fn note_tried(&mut self, interp: &mut Interp<'_>, refusals_before: usize, site: Site) {
        let tried = Tried::take(interp);
        self.note_what_was_tried(interp, &tried, refusals_before, site);
    }

    pub(super) fn note_what_was_tried(
        &mut self,
        interp: &Interp<'_>,
        tried: &Tried,
        refusals_before: usize,
        site: Site,
    ) {
        if let Some(doubt) = tried.doubts.first() {
            self.play.unknown.get_or_insert_with(|| (site, doubt.clone()));
        }
        let schemes = &tried.schemes;
        if !schemes.is_empty() && (self.play.refusals.len() > refusals_before || interp.is_opaque()) {
            self.play.schemes.clone_from(schemes);
        }
    }

    /// Keeps what refuses among what a call raises (and returns).
    pub(in crate::access) fn note(
        &mut self,
        interp: &mut Interp<'_>,
        outcome: &Outcome,
        who: &str,
        made: Site,
        responses: bool,
    ) {
        for raised in &outcome.raised {
            let status = self.status_of_raised(interp, raised);
            if status.is_none() && raises_unseen(interp, raised) {
                let reason = "it raises what code makes that is not seen: that may refuse who brings no credential";
                self.play.unknown.get_or_insert((raised.site, reason.to_owned()));
            }
            if let Some(status) = status.filter(|s| refusal::refuses(*s)) {
                let by = refusal::refused_by(interp, &raised.exception);
                let guard = self.guard_at(raised.site);
                let who = guard.as_deref().unwrap_or(who);
                let (who, made) = by.as_ref().map_or((who, made), |(who, place)| (who, place.unwrap_or(made)));
                let evidence = refusal::evidence(interp, raised.site, made, who, status);
                let who = if by.is_some() || guard.is_some() { who } else { self.called(who) };
                self.play.refusals.push(Refusal::new(raised.paths.clone(), status, who, raised.site, evidence));
            }
        }
        if outcome.limited {
            self.play.unknown.get_or_insert((made, format!("`{who}` took too many steps to work out")));
        }
        for (value, site, when) in outcome.returned.iter().filter(|_| responses) {
            for alternative in value.alternatives() {
                self.play.redirected |= refusal::is_redirect(interp, alternative);
                if let Some(status) = self.refusing_status(interp, alternative) {
                    let guard = self.guard_at(*site);
                    let evidence = refusal::evidence(interp, *site, made, guard.as_deref().unwrap_or(who), status);
                    let who = guard.as_deref().unwrap_or_else(|| self.called(who));
                    self.play.refusals.push(Refusal::new(when.clone(), status, who, *site, evidence));
                }
            }
        }
    }

    /// The status that an exception becomes here, where the exploration goes on under these conditions: it is asked for more than once.
    pub(super) fn status_of_raised(&mut self, interp: &mut Interp<'_>, raised: &Raised) -> Option<i64> {
        let paths = interp.paths().clone();
        let is_it = |(exception, when, _): &&(Value, Paths, _)| *exception == raised.exception && *when == paths;
        if let Some((.., status)) = self.statuses.iter().find(is_it) {
            return *status;
        }
        let apps = (self.apps, self.framework.has_global_request());
        let status = refusal::status_of_exception(interp, &raised.exception, apps, &self.request.value, raised.site);
        interp.set_paths(paths.clone());
        self.statuses.push((raised.exception.clone(), paths, status));
        status
    }

    /// What is told of what refuses in a handler: nothing has that name.
    pub(super) fn called<'w>(&self, who: &'w str) -> &'w str {
        if self.in_handler { IN_HANDLER } else { who }
    }

    /// The name of the decorator of the handler that refuses there, or of the middleware.
    fn guard_at(&self, place: Site) -> Option<String> {
        let is_seen = self.in_handler || self.framework == Framework::Aiohttp;
        let around = self.decorators.iter().filter(|_| is_seen).find(|(site, _)| encloses(*site, place));
        around.map(|(_, name)| name.to_string())
    }

    /// The functions of the program around the wrappers of a handler: what a decorator is made of, and its name.
    pub(super) fn decorators_of(interp: &Interp<'_>, handler: &Value) -> Vec<(Site, Symbol)> {
        let program = interp.program();
        let mut found = Vec::new();
        let mut current = handler.clone();
        for _ in 0..DECORATORS_MAX {
            let Some(obj) = current.as_object() else { break };
            let object = interp.object(obj);
            let inner = match &object.kind {
                Kind::Bound { function, .. } => Some(function.clone()),
                _ => object.attributes.get(Symbol::new("__wrapped__")).cloned(),
            };
            let Some(inner) = inner else { break };
            let wrapper = object.site;
            let whole = |function: &Function| match function.body {
                FunctionBody::Deferred(span) => Some((Site { file: wrapper.file, span }, function.name)),
                FunctionBody::Expression(_) => None,
            };
            let functions = program.file(wrapper.file).code.functions().iter().filter_map(whole);
            if !program.is_stub(wrapper.file) {
                found.extend(functions.filter(|(site, _)| encloses(*site, wrapper)));
            }
            current = inner;
        }
        found
    }

    /// The status with which a response refuses.
    pub(super) fn refusing_status(&self, interp: &Interp<'_>, response: &Value) -> Option<i64> {
        let passes = |status: i64| status == refusal::REDIRECTED && !self.refuses_redirects();
        self.status_of(interp, response).filter(|status| refusal::refuses(*status) && !passes(*status))
    }

    /// Whether who is sent elsewhere is taken to be refused.
    pub(in crate::access) fn refuses_redirects(&self) -> bool {
        match self.redirects {
            Redirects::Pass => false,
            Redirects::Refuse => true,
            Redirects::RefuseInHandler => self.in_handler,
        }
    }

    fn status_of(&self, interp: &Interp<'_>, response: &Value) -> Option<i64> {
        match self.framework.has_global_request() {
            true => refusal::status_of_view(interp, response),
            false => refusal::status_of_response(interp, response),
        }
    }

    /// Whether a response refuses or tells of an error, whichever of its alternatives it is: like what is raised, it gives nothing. An
    /// error that somebody with a credential alone is told of says that he got past what refuses everybody else.
    pub(super) fn is_no_way_through(&self, interp: &Interp<'_>, response: &Value, place: Site) -> bool {
        let counts = !interp.is_opaque() || self.asks_for_roles || self.failing.contains(&place);
        let fails = |one: &Value| counts && self.status_of(interp, one).is_some_and(refusal::is_error);
        let is_none = |one: &Value| self.refusing_status(interp, one).is_some() || fails(one);
        response.alternatives().iter().all(is_none)
    }

    /// Keeps where an error is answered.
    pub(super) fn note_failing(&mut self, interp: &Interp<'_>, outcome: &Outcome) {
        let fails = |value: &Value| self.status_of(interp, value).is_some_and(refusal::is_error);
        let failing = outcome.returned.iter().filter(|(value, ..)| value.alternatives().iter().any(fails));
        let places: Vec<Site> = failing.map(|(_, place, _)| *place).collect();
        self.play.failing.extend(places);
    }
}

/// Whether an exception of a library that is not described is raised under a condition that looks at a credential.
fn raises_unseen(interp: &Interp<'_>, raised: &Raised) -> bool {
    let is_unseen = |one: &Value| {
        let class = if interp.is_class(one) { one.clone() } else { interp.class_of(one) };
        matches!(class.plain(), Value::External(_)) || matches!(one.plain(), Value::External(_))
    };
    let looks = |way: &Conjunction| way.iter().any(|l| interp.condition(l.condition).labels.has(label::CREDENTIAL));
    raised.exception.alternatives().iter().any(is_unseen) && raised.paths.alternatives().iter().any(looks)
}
