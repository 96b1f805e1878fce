//! What stands around the routes: middleware of applications, mounts, routers and routes, and the route handler of a route class.

use model::{GapKind, Method};
use python::Symbol;
use python::interp::Interp;
use python::value::{Arguments, Kind, Site, Value};

use super::request::{Request, path_of, request};
use super::stages::Stage;
use super::{HARMLESS, Judge, STEPS_MAX, label, names, refusal};
use crate::frameworks::fastapi::wrappers;
use crate::frameworks::{Layer, RawRoute, attribute, gap_at};

/// Libraries of middleware that does not refuse callers for want of a credential.
pub(super) const HARMLESS_MIDDLEWARE: &[&str] = &[
    "aiohttp_debugtoolbar",
    "aiohttp_middlewares",
    "aiohttp_prometheus",
    "aiohttp_remotes",
    "aiohttp_swagger3",
    "aiozipkin",
    "allauth",
    "asgi_correlation_id",
    "asgi_csrf",
    "asgi_logger",
    "asgi_request_id",
    "asgiref",
    "aws_xray_sdk",
    "axes",
    "brotli_asgi",
    "brotli_middleware",
    "bugsnag",
    "compression_middleware",
    "corsheaders",
    "crum",
    "csp",
    "debug_toolbar",
    "django",
    "django_browser_reload",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "django_user_agents",
    "elasticapm",
    "fastapi_async_sqlalchemy",
    "fastapi_events",
    "fastapi_profiler",
    "fastapi_sqlalchemy",
    "msgpack_asgi",
    "newrelic",
    "prometheus_fastapi_instrumentator",
    "pyinstrument",
    "rollbar",
    "reversion",
    "scout_apm",
    "secure",
    "silk",
    "simple_history",
    "sentry_asgi",
    "starlette",
    "starlette_babel",
    "starlette_compress",
    "starlette_context",
    "starlette_csrf",
    "starlette_exporter",
    "starlette_prometheus",
    "starlette_session",
    "starlette_zipkin",
    "starsessions",
    "timing_asgi",
    "uvicorn",
    "waffle",
    "whitenoise",
];

/// What a middleware does to requests, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// It refuses nobody.
    Passes,
    /// It refuses some: it is played for each endpoint.
    Refuses,
    /// It looks at the path or method, and what it does to any request is too much to work out: it is played for each endpoint.
    HangsOnRoute,
    /// Its code is not seen, or too much: it may refuse. Its name may add to the doubt, and proves nothing.
    Unseen { reason: String, is_likely: bool },
}

impl Effect {
    /// Whether it may do different things to different endpoints.
    pub(super) fn differs_by_endpoint(&self) -> bool {
        matches!(self, Self::Refuses | Self::HangsOnRoute)
    }
}

/// How a middleware is called.
enum Call {
    /// With the request, or with the ASGI triple.
    With { callee: Value, arguments: Arguments },
    /// Ours, and of no consequence.
    Harmless,
    /// Its code is not seen.
    Unseen(String),
}

impl Judge {
    /// Plays what stands around a route. What its layers looked at is a question of its own: [`Judge::layers_let_pass`].
    pub(super) fn around(&mut self, interp: &mut Interp<'_>, stage: &mut Stage<'_>, raw: &RawRoute, method: &Method) {
        self.layers(interp, stage, raw, method);
        interp.forget_looked_at();
        stage.route_handler(interp, raw);
    }

    /// Plays the middleware around a route.
    pub(super) fn layers(&mut self, interp: &mut Interp<'_>, stage: &mut Stage<'_>, raw: &RawRoute, method: &Method) {
        for layer in &raw.layers {
            if interp.paths().is_never() {
                return;
            }
            let effect = match self.effect_of(interp, stage, layer) {
                Effect::HangsOnRoute => stage.layer(interp, layer, raw, method).unwrap_or(Effect::Passes),
                effect => effect,
            };
            match effect {
                Effect::Passes | Effect::HangsOnRoute => {}
                Effect::Unseen { reason, is_likely } => {
                    let site = site_of(interp, &layer.entry, raw.site);
                    match layer.entry.as_object() {
                        Some(_) => self.note_unseen(interp, site, &reason),
                        None => self.note_once(interp, site, &reason),
                    }
                    if is_likely {
                        stage.play.unknown.get_or_insert((site, reason));
                    } else {
                        stage.play.unseen.get_or_insert(reason);
                    }
                }
                Effect::Refuses => {
                    stage.layer(interp, layer, raw, method);
                }
            }
        }
    }

    pub(super) fn note_unseen(&mut self, interp: &Interp<'_>, site: Site, reason: &str) {
        let gap = gap_at(interp, GapKind::UnresolvedGuard, site, reason.to_owned());
        if !self.noted.contains(&gap) {
            self.noted.push(gap);
        }
    }

    /// The same for what stands at many places: it is told of at the first one.
    pub(super) fn note_once(&mut self, interp: &Interp<'_>, site: Site, reason: &str) {
        if !self.noted.iter().any(|gap| *gap.reason == *reason) {
            self.note_unseen(interp, site, reason);
        }
    }

    /// Whether a middleware refuses any request at all: most never do, and are not played for each endpoint.
    fn effect_of(&mut self, interp: &mut Interp<'_>, stage: &mut Stage<'_>, layer: &Layer) -> Effect {
        let key = layer.entry.as_object();
        if let Some(known) = key.and_then(|k| self.middleware.get(&k)) {
            return known.clone();
        }
        let before = interp.paths().clone();
        interp.forget_looked_at();
        let site = site_of(interp, &layer.entry, stage.site(interp));
        let any = request(interp, None, None, "", site);
        let effect = interp.apart(STEPS_MAX, |interp| match called(interp, &layer.entry, &any, site) {
            Call::Harmless => Effect::Passes,
            Call::Unseen(name) => unseen(&name),
            Call::With { callee, arguments } => {
                let (refusals, unknown) = (stage.play.refusals.len(), stage.play.unknown.take());
                let redirected = std::mem::take(&mut stage.play.redirected);
                let understood = stage.through(interp, &callee, &arguments, site);
                let refuses = stage.play.refusals.len() > refusals || stage.play.redirected;
                stage.play.redirected = redirected;
                stage.play.refusals.truncate(refusals);
                stage.play.unknown = unknown;
                match (refuses, understood) {
                    (true, _) => Effect::Refuses,
                    (false, true) => Effect::Passes,
                    (false, false) if interp.looked_at() & label::ROUTE != 0 => Effect::HangsOnRoute,
                    (false, false) => unseen(&stage.name_of(interp, &callee)),
                }
            }
        });
        interp.set_paths(before);
        if let Some(key) = key {
            self.middleware.insert(key, effect.clone());
        }
        effect
    }
}

impl Stage<'_> {
    /// Plays the request for this endpoint through one layer; what is not understood of it.
    fn layer(&mut self, interp: &mut Interp<'_>, layer: &Layer, raw: &RawRoute, method: &Method) -> Option<Effect> {
        let path = path_of(&raw.pattern);
        let request = request(interp, Some(&path), Some(method), &layer.root, raw.site);
        let state = interp.attribute_of(&self.request.value, "state", raw.site);
        if let (Some(scope), Some(state)) = (request.scope.as_object(), state) {
            interp.set_entry(scope, "state", state);
        }
        let site = site_of(interp, &layer.entry, raw.site);
        interp.apart(STEPS_MAX, |interp| {
            let Call::With { callee, arguments } = called(interp, &layer.entry, &request, site) else { return None };
            let understood = self.through(interp, &callee, &arguments, site);
            (!understood).then(|| unseen(&self.name_of(interp, &callee)))
        })
    }

    /// Plays the request through one middleware; whether its way on was seen.
    fn through(&mut self, interp: &mut Interp<'_>, callee: &Value, arguments: &Arguments, site: Site) -> bool {
        let before = interp.paths().clone();
        interp.take_passed();
        interp.take_answered();
        let name = self.name_of(interp, callee);
        let known = self.play.unknown.is_none();
        let mut outcome = self.call(interp, callee, arguments, site);
        outcome.returned.extend(interp.take_answered());
        self.note(interp, &outcome, &name, site, true);
        let mut passed = interp.take_passed().or(&outcome.unfinished);
        if !self.refuses_redirects() {
            let sent_on = outcome.returned.iter().filter(|(answer, ..)| refusal::is_redirect(interp, answer));
            passed = sent_on.fold(passed, |passed, (_, _, when)| passed.or(when));
        }
        // Out of steps, or a way on that is not seen: the request is taken to pass.
        let nothing_seen = passed.is_never() && outcome.raised.is_empty() && outcome.returned.is_empty();
        let seen = !(outcome.limited || nothing_seen);
        interp.set_paths(if seen { passed } else { before });
        seen && (!known || self.play.unknown.is_none())
    }

    /// A class of routes may put its own code around the dependencies and the handler: `get_route_handler`.
    fn route_handler(&mut self, interp: &mut Interp<'_>, raw: &RawRoute) {
        let Some(route) = raw.route.map(Value::Object).filter(|_| !interp.paths().is_never()) else { return };
        let Some(own) = own_route_handler(interp, &route) else { return };
        let site = own.as_object().map_or(raw.site, |o| interp.object(o).site);
        let before = interp.paths().clone();
        let made = interp.attribute_of(&route, "get_route_handler", site);
        let handler = made.and_then(|m| interp.call_outcome(&m, Arguments::default(), site).value);
        interp.set_paths(before);
        let request = self.request.value.clone();
        let seen = match handler {
            Some(handler) => self.through(interp, &handler, &Arguments::of([request]), site),
            None => false,
        };
        if !seen {
            let reason = "the `get_route_handler` of a route could not be worked out: it may refuse".to_owned();
            self.play.unknown.get_or_insert((site, reason));
        }
    }
}

/// The `get_route_handler` of a route's class, if the project wrote it.
pub(super) fn own_route_handler(interp: &Interp<'_>, route: &Value) -> Option<Value> {
    let class = interp.class_of(route).as_object()?;
    interp.in_mro(class, Symbol::new("get_route_handler"), None).filter(|handler| !interp.is_stub(handler))
}

/// Whether a middleware is of a library that refuses nobody for want of a credential.
pub(crate) fn is_harmless(name: &str) -> bool {
    unseen(name) == Effect::Passes
}

fn unseen(name: &str) -> Effect {
    let root = name.split('.').next().unwrap_or("");
    if HARMLESS_MIDDLEWARE.contains(&root) || HARMLESS.contains(&root) {
        return Effect::Passes;
    }
    let is_likely = names::speaks_of_a_guard(name);
    Effect::Unseen { reason: format!("what the middleware `{name}` does is not seen: it may refuse"), is_likely }
}

fn site_of(interp: &Interp<'_>, entry: &Value, otherwise: Site) -> Site {
    entry.as_object().map_or(otherwise, |o| interp.object(o).made_by.unwrap_or(interp.object(o).site))
}

/// How a middleware is called for a request: made from its class and options, or the ASGI callable that stands there already.
fn called(interp: &mut Interp<'_>, entry: &Value, request: &Request, site: Site) -> Call {
    let next = Value::External(Symbol::new("builtins.__passed__"));
    let triple = request.triple();
    let Some(class) = attribute(interp, entry, "cls") else {
        return wrapper(interp, entry, next, request);
    };
    if let Some(name) = name_unseen(&class) {
        return Call::Unseen(name);
    }
    let mut arguments = Arguments::of([next.clone()]);
    arguments
        .positional
        .extend(attribute(interp, entry, "args").map(|a| interp.partly_known_items(&a)).unwrap_or_default());
    let options = attribute(interp, entry, "kwargs").and_then(|k| interp.known_entries(&k)).unwrap_or_default();
    arguments.keywords.extend(options.into_iter().filter_map(|(k, v)| Some((Symbol::new(k.as_str()?), v))));
    let before = interp.paths().clone();
    let made = interp.call_outcome(&class, arguments, site).value;
    interp.set_paths(before);
    let name = interp.qualified_name(&class).unwrap_or("<unknown>").to_owned();
    let Some(middleware) = made.filter(|m| !m.is_unknown()) else {
        return Call::Unseen(name);
    };
    if let Some(dispatch) = attribute(interp, &middleware, "dispatch_func") {
        return Call::With { callee: dispatch, arguments: Arguments::of([request.value.clone(), next]) };
    }
    let is_function = matches!(middleware.as_object().map(|o| &interp.object(o).kind), Some(Kind::Function(_)));
    let callable = class.as_object().is_some_and(|c| interp.in_mro(c, Symbol::new("__call__"), None).is_some());
    if interp.is_stub(&class) && !callable {
        return Call::Harmless;
    }
    if callable || is_function {
        return Call::With { callee: middleware, arguments: triple };
    }
    // What answers is inherited: from a described class, or from one that is not seen.
    let bases = class.as_object().map(|c| interp.linearised(c).to_vec()).unwrap_or_default();
    match bases.iter().find_map(|base| if let Value::External(name) = base { Some(name.to_string()) } else { None }) {
        Some(base) if !base.starts_with("builtins.") => Call::Unseen(base),
        _ if bases.iter().any(|base| interp.is_stub(base)) => Call::Harmless,
        _ => Call::Unseen(name),
    }
}

/// What is told of something whose code is not seen.
fn name_unseen(value: &Value) -> Option<String> {
    match value.plain() {
        Value::External(name) => Some(name.to_string()),
        Value::Unknown(unknown) => Some(unknown.name.map_or_else(|| unknown.reason.to_string(), |n| n.to_string())),
        _ => None,
    }
}

/// An ASGI callable that holds the application it stands around: for the play, what it holds lets the request pass.
fn wrapper(interp: &mut Interp<'_>, entry: &Value, next: Value, request: &Request) -> Call {
    let Some(obj) = entry.as_object() else {
        return Call::Unseen(name_unseen(entry).unwrap_or_else(|| "<unknown>".to_owned()));
    };
    if let Some(dispatch) = attribute(interp, entry, "dispatch_func") {
        return Call::With { callee: dispatch, arguments: Arguments::of([request.value.clone(), next]) };
    }
    let own_call = interp.class_of(entry).as_object().and_then(|c| interp.in_mro(c, Symbol::new("__call__"), None));
    if interp.is_stub_instance(entry) && own_call.is_none_or(|call| interp.is_stub(&call)) {
        return Call::Harmless;
    }
    if let Some((name, _)) = wrappers::held(interp, obj) {
        interp.set(obj, name.as_str(), next);
    }
    Call::With { callee: entry.clone(), arguments: request.triple() }
}
