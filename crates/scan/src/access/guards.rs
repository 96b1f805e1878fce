//! What stands between a request and the handler of a route, as keys: the same guards are played once for all endpoints.

use model::Method;
use python::interp::Interp;
use python::value::{Obj, Value};
use rustc_hash::FxHashMap;

use super::middleware::own_route_handler;
use super::shape::shape;
use super::stages::{Part, part_with_its_own, parts_of};
use super::verdict::Verdict;
use super::{Answer, Redirects};
use crate::frameworks::{Framework, RawRoute};

/// The guards of a route.
pub(super) struct Guards {
    /// The dependencies in the order in which they are solved.
    pub(super) parts: Vec<Part>,
    /// Whether the route's own handler stands around the dependencies.
    pub(super) is_wrapped: bool,
    /// Whether the layers around let every request for the route through.
    pub(super) layers_let_pass: bool,
    /// The applications around and what each dependency is made of.
    text: String,
    /// Where in the text each dependency begins; at last, the end.
    begins: Vec<usize>,
}

impl Guards {
    /// Those of a route.
    pub(super) fn of(interp: &mut Interp<'_>, raw: &RawRoute, method: &Method, redirects: Redirects) -> Self {
        let route = raw.route.map(Value::Object);
        let own = route.and_then(|route| own_route_handler(interp, &route));
        let layers: Vec<Option<Obj>> = raw.layers.iter().map(|layer| layer.entry.as_object()).collect();
        let mut text = format!("{:?}{layers:?}{}{redirects:?}", raw.apps, *method == Method::WebSocket);
        text.push_str(&shape(interp, own.as_slice()));
        if raw.framework == Framework::Django {
            // One object guards all methods of a view.
            text.push_str(method.as_str());
        }
        let parts = parts_of(interp, raw);
        let mut begins = Vec::with_capacity(parts.len() + 1);
        for part in &parts {
            begins.push(text.len());
            let callables = part_with_its_own(interp, part);
            text.push_str(&shape(interp, &callables));
        }
        begins.push(text.len());
        Self { parts, is_wrapped: own.is_some(), layers_let_pass: false, text, begins }
    }

    /// What is known of them: of all, or of the first ones, if those let nobody pass.
    pub(super) fn known<'a>(&self, answers: &'a FxHashMap<String, Answer>) -> Option<&'a Answer> {
        if !self.layers_let_pass {
            return None;
        }
        let refused = |end: &usize| {
            let answer = answers.get(&self.text[..*end])?;
            (answer.verdict.is_required() || *end == self.text.len()).then_some(answer)
        };
        self.begins.iter().find_map(refused)
    }

    /// The key of those that a verdict rests on.
    pub(super) fn reached_by(&self, verdict: &Verdict) -> &str {
        let end = if verdict.is_required() { self.begins.get(verdict.reached()) } else { None };
        end.map_or(&*self.text, |end| &self.text[..*end])
    }

    /// The key of all of them.
    pub(super) fn key(&self) -> &str {
        &self.text
    }

    /// The key of all of them and the handler behind them, where the request for a route is nowhere but in what is handed over.
    pub(super) fn with_handler(&self, raw: &RawRoute) -> Option<String> {
        if raw.framework.has_global_request() {
            return None;
        }
        let parameters: Vec<_> = raw.pattern.parameters().collect();
        Some(format!("{}{:?}{:?}{:?}{parameters:?}", self.text, raw.endpoint, raw.written, raw.signature))
    }

    /// The key of one dependency by itself, in these applications.
    pub(super) fn key_of(&self, index: usize) -> String {
        let around = &self.text[..self.begins[0]];
        format!("{around}{}", &self.text[self.begins[index]..self.begins[index + 1]])
    }
}
