//! What is kept of a call that was played: who it refuses, by which schemes it tried to identify the caller, what of it is not known.

use python::interp::{Interp, Outcome};
use python::value::{Site, Value};

use super::super::{Redirects, Refusal, Scheme, refusal};
use super::Stage;

impl Stage<'_> {
    /// Keeps by which schemes who refused since tried to identify the caller: one of them suffices.
    pub(super) fn note_tried(&mut self, interp: &mut Interp<'_>, refusals_before: usize, site: Site) {
        for doubt in interp.take_doubts() {
            self.play.unknown.get_or_insert((site, doubt));
        }
        let mut tried: Vec<Scheme> = Vec::new();
        for name in interp.take_tried() {
            let scheme = Scheme { name: name.as_str().into(), refuses: false };
            if !tried.contains(&scheme) {
                tried.push(scheme);
            }
        }
        if !tried.is_empty() && (self.play.refusals.len() > refusals_before || interp.is_opaque()) {
            self.play.schemes = tried;
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
        let paths = interp.paths().clone();
        for raised in &outcome.raised {
            let request = self.request.value.clone();
            let status = refusal::status_of_exception(interp, &raised.exception, self.apps, &request, raised.site);
            interp.set_paths(paths.clone());
            if let Some(status) = status.filter(|s| refusal::refuses(*s)) {
                let by = refusal::refused_by(interp, &raised.exception);
                let (who, made) = by.as_ref().map_or((who, made), |(who, place)| (who, place.unwrap_or(made)));
                let evidence = refusal::evidence(interp, raised.site, made, who, status);
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
                    let evidence = refusal::evidence(interp, *site, made, who, status);
                    self.play.refusals.push(Refusal::new(when.clone(), status, who, *site, evidence));
                }
            }
        }
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
