//! Playing a request: middleware from the outside in, dependencies in the order in which FastAPI solves them, the handler.

mod arguments;
mod calls;
mod noted;
mod throughout;

use std::sync::Arc;

use model::{Evidence, Method, PathPattern};
use python::Symbol;
use python::interp::{Interp, Literal, Outcome, Paths};
use python::value::{Arguments, Kind, Labels, Obj, Site, Value};

use super::names::is_called_like_a_secret;
use super::request::{Request, path_of, request};
use super::{Judge, Play, Redirects, Refusal, Scheme, label, refusal};
use crate::frameworks::{Framework, RawRoute, aiohttp, attribute};
use crate::schemes;
use calls::Costly;
use noted::Tried;
pub(super) use throughout::Known;
pub(crate) use throughout::Throughout;

/// Dependencies of dependencies.
const DEPTH_MAX: usize = 24;
/// Dependencies of one endpoint.
const DEPENDENCIES_MAX: usize = 512;

/// What dependencies give that do not look at the request.
#[derive(Debug, Default)]
pub(super) struct Constants {
    values: Vec<(Value, Value)>,
    costly: Vec<Costly>,
    /// Decorated handlers whose decorators say all that there is to know.
    guarded: Vec<(Value, Obj, Redirects)>,
    /// Whether a handler is left out between its decorators, whatever it takes.
    pub(in crate::access) leaves_out_handlers: bool,
}

impl Constants {
    fn get(&self, callable: &Value) -> Option<&Value> {
        self.values.iter().find(|(c, _)| c == callable).map(|(_, v)| v)
    }

    fn insert(&mut self, callable: Value, value: Value) {
        self.values.push((callable, value));
    }
}

/// Whether the text of a handler speaks of refusing at all: a hint that it is worth playing, which proves nothing.
fn speaks_of_refusal(interp: &Interp<'_>, endpoint: &Value) -> bool {
    // What is raised may be made elsewhere.
    let raises_another = |text: &str| text.split("raise ").skip(1).any(|raised| !raised.starts_with("HTTPException"));
    text_of(interp, endpoint).is_some_and(|text| names_refusal(text) || raises_another(text))
}

/// Whether a text names an answer that refuses.
fn names_refusal(text: &str) -> bool {
    let hints = ["401", "403", "UNAUTHORIZED", "nauthorized", "FORBIDDEN", "orbidden"];
    hints.iter().any(|hint| text.contains(hint))
}

/// The text of a function of the program.
fn text_of<'i>(interp: &'i Interp<'_>, callable: &Value) -> Option<&'i str> {
    let inner = interp.unwrapped(callable);
    let Some(Kind::Function(function)) = inner.as_object().map(|o| &interp.object(o).kind) else {
        return None;
    };
    let python::code::FunctionBody::Deferred(span) = function.code.function(function.id).body else {
        return None;
    };
    Some(interp.program().file(function.file).slice(span))
}

/// The callables of the dependencies of a route in order, with the scopes asked of them.
pub(crate) fn dependencies_of(interp: &mut Interp<'_>, raw: &RawRoute) -> Vec<Value> {
    parts_of(interp, raw).iter().flat_map(|part| part_with_its_own(interp, part)).collect()
}

/// A dependency as it is declared, and the type that it stands in for where it names no callable.
pub(super) type Part = (Value, Option<Value>);

/// The dependencies that a route itself declares, and those of its handler, in the order in which they are solved.
pub(super) fn parts_of(interp: &mut Interp<'_>, raw: &RawRoute) -> Vec<Part> {
    let mut parts: Vec<Part> = raw.dependencies.iter().map(|d| (d.clone(), None)).collect();
    if raw.route.is_some() {
        parts.extend(marked_in(interp, &raw.endpoint, 0).into_iter().rev().map(|(marker, of, _)| (marker, of)));
    }
    parts
}

/// The callables of a dependency and of those that it depends on, with the scopes asked of them.
pub(super) fn part_with_its_own(interp: &mut Interp<'_>, part: &Part) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut pending: Vec<(Value, Option<Value>, usize)> = vec![(part.0.clone(), part.1.clone(), 0)];
    while let Some((depends, annotated, depth)) = pending.pop() {
        let callable = attribute(interp, &depends, "dependency")
            .filter(|d| !d.is_none())
            .or(annotated)
            .unwrap_or_else(|| depends.clone());
        let scopes = attribute(interp, &depends, "scopes").map(|s| interp.partly_known_items(&s)).unwrap_or_default();
        found.push(callable.clone());
        found.extend(scopes);
        if depth < DEPTH_MAX && found.len() < DEPENDENCIES_MAX {
            pending.extend(marked_in(interp, &callable, depth + 1));
        }
    }
    found
}

/// The dependencies in a signature, the last first.
fn marked_in(interp: &mut Interp<'_>, callable: &Value, depth: usize) -> Vec<(Value, Option<Value>, usize)> {
    let mut found = Vec::new();
    for parameter in interp.signature(callable).unwrap_or_default() {
        let (annotation, extras) = interp.annotated(parameter.annotation.as_ref());
        let marker = extras
            .iter()
            .chain(parameter.default.iter())
            .find(|v| interp.derives_from(&interp.class_of(v), "fastapi.params.Depends"));
        if let Some(marker) = marker {
            let class = annotation.as_ref().and_then(|a| interp.class_in(a));
            found.push((marker.clone(), class, depth));
        }
    }
    found.reverse();
    found
}

/// Whether labels are of what a credential led to: of a user and not of a token.
fn is_of_record(labels: Labels) -> bool {
    labels.has(label::CREDENTIAL) && labels.has(Labels::LOOKED_UP)
}

/// What is behind the `yield` of a dependency runs after the handler: it refuses nobody any more.
fn before_yield(interp: &mut Interp<'_>, outcome: &mut Outcome) {
    let yielded = outcome.yielded.clone();
    let is_behind =
        |path: &[Literal]| yielded.alternatives().iter().any(|y| y.iter().all(|literal| path.contains(literal)));
    for raised in &mut outcome.raised {
        raised.paths = raised.paths.filtered(|path| !is_behind(path));
    }
    outcome.raised.retain(|raised| !raised.paths.is_never());
    if !yielded.is_never() {
        interp.set_paths(yielded);
    }
}

/// Whether a route is Starlette's: it gives its handler the request, whatever the signature says.
fn is_plain(interp: &Interp<'_>, raw: &RawRoute) -> bool {
    let class = raw.route.map(|route| interp.class_of(&Value::Object(route)));
    let is = |name: &str| class.as_ref().is_some_and(|c| interp.derives_from(c, name));
    is("starlette.routing.BaseRoute") && !is("fastapi.routing.APIRoute") && !is("fastapi.routing.APIWebSocketRoute")
}

/// One request on its way.
#[expect(clippy::struct_excessive_bools, reason = "answers to questions of their own")]
pub(super) struct Stage<'r> {
    apps: &'r [Obj],
    constants: &'r mut Constants,
    pub(super) request: Request,
    pub(super) play: Play,
    /// What dependencies gave, by callable and scopes: FastAPI calls each once.
    solved: Vec<(Value, usize, Value)>,
    /// The scopes of the `Security` dependencies around.
    scopes: Vec<Arc<str>>,
    depth: usize,
    websocket: bool,
    /// Code that is not seen and that a dependency handed a credential to.
    delegated: Option<(Site, String)>,
    /// Whether the handler is what is played.
    in_handler: bool,
    /// The handler inside its decorators, where those can be played by themselves.
    inner: Option<Obj>,
    /// What dependencies gave before, where it does not depend on the endpoint; none where each is called.
    known: Option<&'r mut Known>,
    /// Whether a dependency was not played that looks at the endpoint.
    is_partial: bool,
    pub(super) redirects: Redirects,
    framework: Framework,
    /// The decorators of the handler that the program wrote.
    decorators: Vec<(Site, Symbol)>,
    /// Where everybody without a credential is told of an error.
    failing: Vec<Site>,
    /// Whether what a handler asks of somebody known is the question.
    asks_for_roles: bool,
    /// Whether what stands before the handler is not worked out.
    is_in_doubt: bool,
    /// The parameters of the path that hold no slash.
    segments: Vec<Arc<str>>,
    /// Where the dependencies of the handler are not played: whether each comes of a credential, the last first.
    given: Option<Vec<bool>>,
    /// Whether a call was played in another way than as it is, since it takes too many steps.
    is_cut_short: bool,
    /// What came of the handler where a redirect of its own refuses, if that is asked for, too.
    where_it_refuses: Option<Play>,
    asks_where_it_refuses: bool,
    /// The statuses of exceptions that were asked for, under which conditions.
    statuses: Vec<(Value, Paths, Option<i64>)>,
}

impl Judge {
    /// Plays part of a request on a stage of its own, with what was found to be the same for every endpoint.
    fn staged(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        play: impl FnOnce(&mut Self, &mut Interp<'_>, &mut Stage<'_>),
    ) -> Play {
        let mut constants = std::mem::take(&mut self.constants);
        let mut stage = Stage::new(interp, raw, method, &mut constants, self.redirects);
        stage.failing.clone_from(&self.failing);
        stage.is_in_doubt = self.is_in_doubt;
        play(self, interp, &mut stage);
        let played = stage.play;
        self.constants = constants;
        played
    }

    /// Middleware and dependencies.
    pub(super) fn before_handler(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Play {
        self.staged(interp, raw, method, |judge, interp, stage| {
            judge.around(interp, stage, raw, method);
            stage.dependencies(interp, raw);
        })
    }

    /// Middleware alone.
    pub(super) fn through_layers(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Play {
        self.staged(interp, raw, method, |judge, interp, stage| {
            judge.layers(interp, stage, raw, method);
            stage.play.passes = interp.paths().clone();
        })
    }

    /// Middleware and the route's own handler alone.
    pub(super) fn through_wrapping(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Play {
        self.staged(interp, raw, method, |judge, interp, stage| {
            judge.around(interp, stage, raw, method);
            stage.play.passes = interp.paths().clone();
        })
    }

    /// One dependency alone.
    pub(super) fn through_part(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        part: &Part,
    ) -> Play {
        self.staged(interp, raw, method, |_, interp, stage| {
            stage.solve(interp, &part.0, part.1.as_ref(), raw.site);
            stage.play.passes = interp.paths().clone();
        })
    }

    /// Middleware, dependencies and the handler itself.
    pub(super) fn with_handler(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, method: &Method) -> Play {
        self.staged(interp, raw, method, |judge, interp, stage| judge.all_and_handler(interp, stage, raw, method))
    }

    /// The same, and what came of it where a redirect of the handler refuses: it runs in the same way.
    pub(super) fn with_handler_both_ways(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
    ) -> (Play, Option<Play>) {
        let mut refusing = None;
        let play = self.staged(interp, raw, method, |judge, interp, stage| {
            stage.asks_where_it_refuses = true;
            judge.all_and_handler(interp, stage, raw, method);
            let redirects = stage.play.redirected;
            let refuses = stage.where_it_refuses.take().or_else(|| (!redirects).then(|| stage.play.clone()));
            refusing = refuses.filter(|_| !stage.is_cut_short);
        });
        (play, refusing)
    }

    fn all_and_handler(&mut self, interp: &mut Interp<'_>, stage: &mut Stage<'_>, raw: &RawRoute, method: &Method) {
        self.around(interp, stage, raw, method);
        let arguments = stage.dependencies(interp, raw);
        // Refusals of dependencies are judged without the handler; here only what the handler itself does counts.
        stage.play.refusals.clear();
        stage.play.hooks.clear();
        stage.handler_with(interp, raw, arguments);
    }

    /// The handler behind its dependencies: what these give is not known, but for whether it comes of a credential.
    pub(super) fn handler_alone(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
        identifies: &[bool],
    ) -> Play {
        if raw.framework == Framework::Django {
            // Who asks is found out where it is asked for.
            return self.staged(interp, raw, method, |_, interp, stage| {
                stage.asks_for_roles = true;
                let arguments = stage.handler_arguments(interp, raw);
                stage.handler_with(interp, raw, arguments);
            });
        }
        if raw.framework.has_global_request() {
            return self.staged(interp, raw, method, |judge, interp, stage| {
                stage.asks_for_roles = true;
                judge.all_and_handler(interp, stage, raw, method);
            });
        }
        self.staged(interp, raw, method, |_, interp, stage| {
            stage.given = identifies.get(raw.dependencies.len()..).map(|given| given.iter().rev().copied().collect());
            let arguments = stage.handler_arguments(interp, raw);
            stage.handler_with(interp, raw, arguments);
        })
    }
}

/// The parameters of a path that are one segment.
fn segments_of(pattern: &PathPattern) -> Vec<Arc<str>> {
    pattern.parameters().filter(|parameter| !parameter.rest).map(|parameter| Arc::clone(&parameter.name)).collect()
}

impl<'r> Stage<'r> {
    /// Plays the handler, if it can refuse for want of a credential.
    fn handler_with(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, arguments: Arguments) {
        if !interp.paths().is_never() && raw.route.is_some() {
            let (callee, arguments) = self.callee(interp, raw, arguments);
            let is_application = callee != raw.endpoint;
            let by_name = arguments.keywords.iter().any(|(name, _)| is_called_like_a_secret(name.as_str()));
            if is_application
                || raw.framework.has_global_request()
                || by_name
                || self.sees_credential(interp, &arguments)
                || speaks_of_refusal(interp, &raw.endpoint)
            {
                self.handler(interp, raw, &callee, &arguments);
            }
        }
        self.play.passes = interp.paths().clone();
    }

    /// Plays the handler itself. A refusal or an error that it returns or sends is no way through.
    fn handler(&mut self, interp: &mut Interp<'_>, raw: &RawRoute, callee: &Value, arguments: &Arguments) {
        self.in_handler = true;
        self.inner = self.inner_of(interp, raw, callee);
        self.decorators = match self.framework.has_global_request() {
            true => Self::decorators_of(interp, raw.written.as_ref().unwrap_or(&raw.endpoint)),
            false => Vec::new(),
        };
        interp.take_passed();
        interp.take_answered();
        let name = self.name_of(interp, raw.written.as_ref().unwrap_or(&raw.endpoint));
        interp.take_tried();
        let outcome = self.call_past_gates(interp, callee, arguments, raw.site);
        let answered = interp.take_answered();
        let accepted = interp.take_passed();
        let before = self.play.refusals.len();
        if self.websocket && !accepted.is_never() {
            self.left_before_accept(interp, &outcome, &accepted, &name, raw.site);
        }
        let sent = Outcome { returned: answered, raised: Vec::new(), ..outcome.clone() };
        let (paths, play) = (interp.paths().clone(), self.play.clone());
        self.judge_handler(interp, &sent, &outcome, (&name, raw.site), before);
        let tried = Tried::take(interp);
        self.note_what_was_tried(interp, &tried, before, raw.site);
        if self.asks_where_it_refuses && self.play.redirected && self.redirects == Redirects::Pass {
            let (judged, passes) = (std::mem::replace(&mut self.play, play), interp.paths().clone());
            interp.set_paths(paths);
            self.redirects = Redirects::RefuseInHandler;
            self.judge_handler(interp, &sent, &outcome, (&name, raw.site), before);
            self.note_what_was_tried(interp, &tried, before, raw.site);
            self.redirects = Redirects::Pass;
            self.play.passes = interp.paths().clone();
            self.where_it_refuses = Some(std::mem::replace(&mut self.play, judged));
            interp.set_paths(passes);
        }
    }

    /// Keeps whom a handler that was called refuses, and goes on where it does not.
    fn judge_handler(
        &mut self,
        interp: &mut Interp<'_>,
        sent: &Outcome,
        outcome: &Outcome,
        (name, site): (&str, Site),
        before: usize,
    ) {
        self.note(interp, sent, name, site, true);
        let ended: Vec<Paths> = self.play.refusals[before..].iter().map(|r| r.paths.clone()).collect();
        self.note(interp, outcome, name, site, true);
        self.note_failing(interp, outcome);
        let returned =
            outcome.returned.iter().filter(|(value, place, _)| !self.is_no_way_through(interp, value, *place));
        let passes = returned.fold(outcome.unfinished.clone(), |any, (_, _, when)| {
            let is_ended = |path: &[Literal]| {
                ended.iter().flat_map(Paths::alternatives).any(|end| end.iter().all(|literal| path.contains(literal)))
            };
            any.or(&when.filtered(|path| !is_ended(path)))
        });
        let refuses = outcome.returned.iter().any(|(value, place, _)| {
            value.alternatives().iter().any(|one| self.is_no_way_through(interp, one, *place))
        });
        if refuses || !ended.is_empty() || outcome.limited {
            interp.set_paths(passes);
        }
    }

    /// The function of the program inside the decorators (or the class) of a handler.
    fn inner_of(&self, interp: &Interp<'_>, raw: &RawRoute, callee: &Value) -> Option<Obj> {
        let inner = interp.unwrapped(raw.written.as_ref().unwrap_or(&raw.endpoint)).as_object()?;
        let is_function = matches!(interp.object(inner).kind, Kind::Function(_));
        let is_inside = Some(inner) != callee.as_object() && !self.asks_for_roles;
        Some(inner).filter(|_| self.framework.has_global_request() && is_function && is_inside)
    }

    /// A WebSocket that is left before it was accepted was never opened: the server answers the handshake with 403.
    fn left_before_accept(&mut self, interp: &Interp<'_>, outcome: &Outcome, accepted: &Paths, who: &str, site: Site) {
        let apart = |one: &[Literal], other: &[Literal]| {
            one.iter().any(|l| other.contains(&Literal { condition: l.condition, holds: !l.holds }))
        };
        let is_left = |path: &[Literal]| accepted.alternatives().iter().all(|a| apart(path, a));
        for (_, place, when) in &outcome.returned {
            let left = when.filtered(is_left);
            if !left.is_never() {
                let place = if place.span == python::code::Span::default() { site } else { *place };
                let evidence = refusal::evidence(interp, place, site, who, 403);
                self.play.refusals.push(Refusal::new(left, 403, self.called(who), place, evidence));
            }
        }
    }

    /// What answers a route of Starlette's that is no function is an ASGI application: a class is made for each request.
    fn callee(&self, interp: &mut Interp<'_>, raw: &RawRoute, arguments: Arguments) -> (Value, Arguments) {
        let endpoint = raw.endpoint.clone();
        let is_class = interp.is_class(&endpoint);
        let is_instance =
            || endpoint.as_object().is_some_and(|o| matches!(interp.object(o).kind, Kind::Instance { .. }));
        if !is_plain(interp, raw) || !(is_class || is_instance()) {
            return (endpoint, arguments);
        }
        if !is_class {
            return (endpoint, self.request.triple());
        }
        let made = interp.call_outcome(&endpoint, self.request.triple(), raw.site).value;
        let dispatch = ["dispatch", "__await__"].iter().find_map(|name| {
            let method = interp.attribute_of(made.as_ref()?, name, raw.site)?;
            Some(method).filter(|method| !method.is_unknown())
        });
        match dispatch {
            // It holds the scope already.
            Some(method) => (method, Arguments::default()),
            None => (endpoint, arguments),
        }
    }

    fn new(
        interp: &mut Interp<'_>,
        raw: &'r RawRoute,
        method: &Method,
        constants: &'r mut Constants,
        redirects: Redirects,
    ) -> Self {
        let path = path_of(&raw.pattern);
        let root = raw.layers.last().map_or("", |l| l.root.as_str());
        let mut request = request(interp, Some(&path), Some(method), root, raw.site);
        request.begin(interp, raw);
        let play = Play {
            passes: Paths::never(),
            refusals: Vec::new(),
            schemes: Vec::new(),
            scopes: Vec::new(),
            via: None,
            unknown: None,
            delegated: None,
            unseen: None,
            redirected: false,
            failing: Vec::new(),
            reached: 0,
            hooks: Vec::new(),
        };
        Self {
            apps: &raw.apps,
            constants,
            request,
            play,
            solved: Vec::new(),
            scopes: Vec::new(),
            depth: 0,
            websocket: *method == Method::WebSocket,
            delegated: None,
            in_handler: false,
            inner: None,
            known: None,
            is_partial: false,
            redirects,
            framework: raw.framework,
            decorators: Vec::new(),
            asks_for_roles: false,
            is_in_doubt: false,
            segments: segments_of(&raw.pattern),
            failing: Vec::new(),
            given: None,
            is_cut_short: false,
            where_it_refuses: None,
            asks_where_it_refuses: false,
            statuses: Vec::new(),
        }
    }

    pub(super) fn site(&self, interp: &Interp<'_>) -> Site {
        self.request
            .value
            .as_object()
            .map_or(Site { file: interp.modules_run()[0], span: python::code::Span::default() }, |o| {
                interp.object(o).site
            })
    }

    /// Whether the request, or a credential that nothing was looked up by yet, is among the arguments.
    fn is_handed_a_credential(&self, interp: &Interp<'_>, arguments: &Arguments) -> bool {
        let request = self.request.value.as_object();
        let given = arguments.keywords.iter().map(|(_, v)| v).chain(&arguments.positional);
        given.flat_map(Value::alternatives).any(|value| {
            let labels = interp.labels_within(value, 0);
            (labels.has(label::CREDENTIAL) && !labels.has(Labels::LOOKED_UP))
                || value.as_object().is_some_and(|obj| Some(obj) == request)
        })
    }

    /// Whether a handler gets anything that a credential may be in: without it, it cannot refuse a caller for want of one.
    fn sees_credential(&self, interp: &Interp<'_>, arguments: &Arguments) -> bool {
        let (request, scope) = (self.request.value.as_object(), self.request.scope.as_object());
        let holds = |value: &Value| {
            let obj = value.as_object();
            value.labels().has(label::CREDENTIAL) || (obj.is_some() && (obj == request || obj == scope))
        };
        let given = arguments.keywords.iter().map(|(_, v)| v).chain(&arguments.positional);
        given.flat_map(Value::alternatives).any(|value| {
            holds(value) || value.as_object().is_some_and(|o| interp.object(o).attributes.iter().any(|(_, v)| holds(v)))
        })
    }

    /// Solves all dependencies and gives the arguments of the handler.
    fn dependencies(&mut self, interp: &mut Interp<'_>, raw: &RawRoute) -> Arguments {
        if self.framework == Framework::Aiohttp {
            self.decorators = aiohttp::functions_around(interp, &raw.apps);
        }
        for depends in &raw.dependencies {
            self.solve(interp, depends, None, raw.site);
            if let (true, Some(hook)) = (self.framework.has_global_request(), depends.as_object()) {
                self.play.hooks.push((hook, interp.decided_by_settings().len()));
            }
        }
        let arguments = self.handler_arguments(interp, raw);
        self.play.passes = interp.paths().clone();
        arguments
    }

    fn handler_arguments(&mut self, interp: &mut Interp<'_>, raw: &RawRoute) -> Arguments {
        if raw.route.is_none() || interp.is_class(&raw.endpoint) {
            return Arguments::default();
        }
        if raw.framework == Framework::Aiohttp {
            return Arguments::of([self.request.value.clone()]);
        }
        if raw.framework.has_global_request() {
            return Self::path_arguments(interp, raw);
        }
        match is_plain(interp, raw) {
            true => Arguments::of([self.request.value.clone()]),
            false => self.arguments(interp, &raw.endpoint, raw.site),
        }
    }

    /// What a dependency gives; `annotated` is the type it stands in for where it names no callable.
    fn solve(&mut self, interp: &mut Interp<'_>, depends: &Value, annotated: Option<&Value>, site: Site) -> Value {
        if self.depth == 0 && !interp.paths().is_never() {
            self.play.reached += 1;
        }
        let named = match self.framework.has_global_request() {
            true => Some(depends.clone()),
            false => attribute(interp, depends, "dependency").filter(|d| !d.is_none()),
        };
        let Some(callable) = named.or_else(|| annotated.cloned()) else {
            return Value::unknown("a dependency that is not known");
        };
        if callable.is_unknown() || matches!(callable, Value::External(_)) {
            return self.unknown_dependency(interp, &callable, site);
        }
        let scopes_before = self.scopes.len();
        let own = attribute(interp, depends, "scopes").map(|s| interp.partly_known_items(&s)).unwrap_or_default();
        self.scopes.extend(
            own.iter()
                .filter_map(|s| s.as_str().map(Arc::from).or_else(|| interp.enum_value(s)?.as_str().map(Arc::from))),
        );
        let scopes = self.scopes.len();
        if let Some((_, _, value)) = self.solved.iter().find(|(c, s, _)| *c == callable && *s == scopes) {
            let value = value.clone();
            self.scopes.truncate(scopes_before);
            return value;
        }
        if interp.paths().is_never() || self.depth > DEPTH_MAX {
            self.scopes.truncate(scopes_before);
            return Value::unknown("not reached");
        }
        let value = match self.constants.get(&callable) {
            Some(value) => value.clone(),
            // What a hook leaves in a global is the point of it.
            None if self.framework.has_global_request() => self.call_dependency(interp, &callable, site),
            None => self.known_or_called(interp, &callable, site),
        };
        self.scopes.truncate(scopes_before);
        self.solved.push((callable, scopes, value.clone()));
        value
    }

    fn call_dependency(&mut self, interp: &mut Interp<'_>, callable: &Value, site: Site) -> Value {
        let before = interp.paths().clone();
        self.depth += 1;
        let arguments = self.arguments(interp, callable, site);
        self.depth -= 1;
        if interp.paths().is_never() {
            self.depends_on_refusal(interp, callable);
            return Value::unknown("not reached");
        }
        let takes_nothing = arguments.keywords.is_empty();
        let answers = self.framework.has_global_request();
        let name = self.name_of(interp, callable);
        let scheme = schemes::name_of(interp, callable);
        let is_scheme = scheme.is_some();
        let refuses = attribute(interp, callable, "auto_error").is_none_or(|a| a.plain() != &Value::Bool(false));
        self.play.schemes.extend(scheme.map(|name| Scheme { name, refuses }));
        let made = callable.as_object().map_or(site, |o| interp.object(o).site);
        // What a description runs is told where the route is.
        let made = if answers && interp.program().is_stub(made.file) { site } else { made };
        interp.take_tried();
        interp.take_passed();
        let refusals = self.play.refusals.len();
        self.delegated = None;
        let mut outcome = self.call_past_gates(interp, callable, &arguments, site);
        if let (Some(delegated), false) = (self.delegated.take(), is_scheme) {
            self.play.delegated.get_or_insert(delegated);
        }
        let yields = interp.is_generator(callable);
        if yields {
            before_yield(interp, &mut outcome);
        }
        self.note(interp, &outcome, &name, made, answers);
        self.note_tried(interp, refusals, site);
        let passed = interp.take_passed();
        if answers && !passed.is_never() {
            // Middleware that is played as a whole says by itself where it goes on.
            interp.set_paths(passed.or(&outcome.unfinished));
        } else if answers {
            Self::only_without_answer(interp, &outcome);
        }
        // Who gives the record that a credential led to identifies; who is handed it, or gives nothing, asks for more.
        let is_record = |value: &Value| is_of_record(interp.labels_within(value, 0));
        let gives_record = outcome.value.as_ref().is_some_and(is_record);
        if !gives_record || arguments.keywords.iter().any(|(_, value)| is_record(value)) {
            self.play.refusals[refusals..].iter_mut().for_each(|refusal| refusal.knows_caller = true);
        }
        // Something that always fails for another reason than the caller fails here only: it is taken to go on.
        if interp.paths().is_never() && self.play.refusals.len() == refusals {
            interp.set_paths(before.clone());
        }
        let value = outcome.value.unwrap_or_else(|| Value::unknown("a dependency that always raises"));
        // A dependency that yields gives what it yields.
        let value = if yields { interp.partly_known_items(&value).into_iter().next().unwrap_or(value) } else { value };
        // What takes nothing of the request and never refuses gives the same for every endpoint.
        if self.known.is_none()
            && takes_nothing
            && !answers
            && !is_scheme
            && outcome.raised.is_empty()
            && !outcome.limited
            && *interp.paths() == before
        {
            self.constants.insert(callable.clone(), value.clone());
            interp.keep_what_is_new();
        }
        value
    }

    /// A hook that returns something answers in the handler's place: the request goes on where it returns nothing.
    fn only_without_answer(interp: &mut Interp<'_>, outcome: &Outcome) {
        let is_nothing = |value: &Value| value.alternatives().iter().any(|v| v.is_none() || v.is_unknown());
        if outcome.returned.iter().all(|(value, ..)| is_nothing(value)) {
            return;
        }
        let silent = outcome.returned.iter().filter(|(value, ..)| is_nothing(value));
        let passes = silent.fold(outcome.unfinished.clone(), |any, (_, _, when)| any.or(when));
        interp.set_paths(passes);
    }

    /// Notes a dependency of the project that is never called because one that it depends on refuses.
    fn depends_on_refusal(&mut self, interp: &Interp<'_>, callable: &Value) {
        let inner = interp.unwrapped(callable);
        let Some(site) = inner.as_object().map(|o| interp.object(o).site) else { return };
        let program = interp.program();
        let Some(refusal) = self.play.refusals.last().filter(|_| self.play.via.is_none()) else { return };
        if program.is_stub(site.file) {
            return;
        }
        let file = program.file(site.file);
        let name = self.name_of(interp, callable);
        let what = format!("{name} needs {}", refusal.who);
        let evidence = Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what);
        self.play.via = Some((name.into(), evidence));
    }

    /// A dependency that is not described may or may not refuse: it never counts as protection, and is said.
    fn unknown_dependency(&mut self, interp: &Interp<'_>, callable: &Value, site: Site) -> Value {
        let reason = format!("a dependency that could not be worked out: {}", crate::frameworks::why(interp, callable));
        self.play.unknown.get_or_insert((site, reason));
        Value::unknown_with("what a dependency gives", Labels::bit(label::CREDENTIAL))
    }

    /// The name of a dependency, as a reader would say it.
    pub(super) fn name_of(&self, interp: &Interp<'_>, callable: &Value) -> String {
        let inner = interp.unwrapped(callable);
        let last = |class: &Value| Some(interp.qualified_name(class)?.rsplit('.').next()?.to_owned());
        match inner.as_object().map(|o| &interp.object(o).kind) {
            Some(Kind::Function(f)) => f.code.function(f.id).name.to_string(),
            Some(Kind::Class(c)) => c.name.to_string(),
            // Classes that only descriptions have go by what they stand for.
            Some(Kind::Instance { class }) => match refusal::given_name(interp, &inner) {
                Some(name) => name,
                None if interp.is_stub_instance(&inner) => {
                    last(class).map_or_else(String::new, |name| name.trim_start_matches('_').to_owned())
                }
                None => last(class).unwrap_or_default(),
            },
            _ => "<unknown>".to_owned(),
        }
    }
}
