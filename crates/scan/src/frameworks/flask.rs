//! Flask: reads the rules off the URL map of an application that the evaluation made, with the hooks that run before each view.

use std::sync::Arc;

use model::{Gap, GapKind, Method, Origin, PathPattern};
use python::Symbol;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Value};

use super::{App, Framework, RawRoute, Routes, attribute, gap_at, registered_at, why};
use crate::access::library_class;

/// The class of all applications.
pub(super) const FLASK: &str = "flask.app.Flask";
pub(super) const QUART: &str = "quart.app.Quart";
/// Applications that applications dispatch to, inside each other, and wrappers around one.
const DISPATCHERS_MAX: usize = 8;
const DISPATCHER: &str = "werkzeug.middleware.dispatcher.DispatcherMiddleware";
/// Rules of one application.
const RULES_MAX: usize = 20_000;

/// All routes of an application, and what could not be worked out.
pub(super) fn collect(interp: &mut Interp<'_>, app: &App) -> Routes {
    collect_within(interp, app, 0)
}

/// The routes of an application and of those that are dispatched to from it.
fn collect_within(interp: &mut Interp<'_>, app: &App, depth: usize) -> Routes {
    let mut collector = Collector { interp, app, routes: Vec::new(), gaps: Vec::new() };
    collector.rules();
    let mut found = Routes { routes: collector.routes, mounts: Vec::new(), gaps: collector.gaps };
    for (base, prefix, object) in dispatched(interp) {
        if object == app.object && base.is_none() {
            found.routes = found.routes.into_iter().map(|route| below(&prefix, route)).collect();
        }
        if base == Some(app.object) && object != app.object && depth < DISPATCHERS_MAX {
            let inner = App { object, ..app.clone() };
            let of_inner = collect_within(interp, &inner, depth + 1);
            found.routes.extend(of_inner.routes.into_iter().map(|route| below(&prefix, route)));
            found.gaps.extend(of_inner.gaps);
        }
    }
    found
}

fn below(prefix: &str, route: RawRoute) -> RawRoute {
    RawRoute { pattern: PathPattern::from_literal(prefix.trim_end_matches('/')).concat(&route.pattern), ..route }
}

/// What the dispatchers of Werkzeug lead to: the application they stand before, if it is one, a prefix, and the application below it.
fn dispatched(interp: &Interp<'_>) -> Vec<(Option<Obj>, String, Obj)> {
    let mut found = Vec::new();
    for (_, object) in interp.objects() {
        let Kind::Instance { class } = &object.kind else { continue };
        if !interp.derives_from(class, DISPATCHER) {
            continue;
        }
        let held = |name: &str| object.attributes.get(Symbol::new(name)).cloned().unwrap_or(Value::None);
        let base = application_behind(interp, &held("app"));
        let mounts = interp.known_entries(&held("mounts")).unwrap_or_default();
        for (prefix, inner) in mounts {
            if let (Some(prefix), Some(inner)) = (prefix.as_str(), application_behind(interp, &inner)) {
                found.push((base, prefix.to_owned(), inner));
            }
        }
    }
    found
}

/// The applications that others dispatch to: they are served as parts of those.
pub(super) fn mounted(interp: &Interp<'_>) -> Vec<Obj> {
    let is_part = |(base, _, inner): (Option<Obj>, String, Obj)| base.filter(|base| *base != inner).map(|_| inner);
    dispatched(interp).into_iter().filter_map(is_part).collect()
}

/// The application that is called by a callable of WSGI: itself, its `wsgi_app`, or what stands around that.
fn application_behind(interp: &Interp<'_>, callable: &Value) -> Option<Obj> {
    let mut current = callable.clone();
    for _ in 0..DISPATCHERS_MAX {
        let obj = current.as_object()?;
        if interp.derives_from(&interp.class_of(&current), FLASK) {
            return Some(obj);
        }
        current = match &interp.object(obj).kind {
            Kind::Bound { receiver, .. } => receiver.clone(),
            _ => attribute(interp, &current, "app")?,
        };
    }
    None
}

struct Collector<'i, 'p> {
    interp: &'i mut Interp<'p>,
    app: &'i App,
    routes: Vec<RawRoute>,
    gaps: Vec<Gap>,
}

impl Collector<'_, '_> {
    fn rules(&mut self) {
        let map = attribute(self.interp, &Value::Object(self.app.object), "url_map");
        let rules = map.and_then(|map| attribute(self.interp, &map, "rules")).unwrap_or(Value::None);
        if self.interp.known_items(&rules).is_none() {
            let reason = "an application may have more rules than could be worked out".to_owned();
            self.gaps.push(gap_at(self.interp, GapKind::UnresolvedRouter, self.app.site, reason));
        }
        let rules = self.interp.partly_known_items(&rules);
        if rules.len() > RULES_MAX {
            let reason = "this application has more rules than are listed".to_owned();
            self.gaps.push(gap_at(self.interp, GapKind::EvaluationLimit, self.app.site, reason));
        }
        for rule in rules.into_iter().take(RULES_MAX) {
            self.interp.refill();
            if let Some(obj) = rule.as_object() {
                self.rule(&rule, obj);
            } else {
                let reason = format!("a rule that could not be worked out: {}", why(self.interp, &rule));
                self.gaps.push(gap_at(self.interp, GapKind::UnresolvedRoute, self.app.site, reason));
            }
        }
    }

    fn rule(&mut self, rule: &Value, obj: Obj) {
        let site = registered_at(self.interp, obj);
        let path = attribute(self.interp, rule, "rule").unwrap_or(Value::None);
        let Some(text) = path.as_str().map(str::to_owned) else {
            let reason = format!("a route whose path is not known: {}", why(self.interp, &path));
            self.gaps.push(gap_at(self.interp, GapKind::UnresolvedRoute, site, reason));
            return;
        };
        // The router answers such a rule by itself, and asks no view.
        let redirects = attribute(self.interp, rule, "redirect_to").is_some_and(|to| !to.is_none());
        let redirects = redirects || self.flag(rule, "_leads_on");
        let text = if self.flag(rule, "_merges") { with_slashes_merged(&text) } else { text };
        let view = self.asked("_view_of", rule).filter(|_| !redirects).unwrap_or(Value::None);
        if self.flag(rule, "build_only") || (view.is_none() && !redirects && !self.flag(rule, "websocket")) {
            return;
        }
        let dependencies = self.listed("_hooks_of", rule);
        let apps = self.listed("_owners_of", rule).iter().filter_map(Value::as_object).collect();
        let host = ["host", "subdomain"].into_iter().find_map(|name| self.text(rule, name));
        let raw = RawRoute {
            framework: self.app.framework,
            methods: Vec::new(),
            pattern: PathPattern::from_werkzeug(&text).rooted(),
            host: host.filter(|h| !h.is_empty()).map(Arc::from),
            written: None,
            signature: None,
            route: (!redirects).then_some(obj),
            dependencies,
            apps,
            layers: Vec::new(),
            tags: self.tags(rule),
            deprecated: false,
            in_schema: true,
            origin: if redirects { Origin::Framework } else { self.origin(&view) },
            endpoint: view,
            site,
        };
        self.by_method(rule, raw);
    }

    /// A function answers all its methods; of a class each method is a function of its own.
    fn by_method(&mut self, rule: &Value, raw: RawRoute) {
        let methods = self.methods(rule, &raw);
        let class = attribute(self.interp, &raw.endpoint, "view_class").and_then(|class| class.as_object());
        let Some(class) = class else {
            // A method that a class of the program's own has from a library: it is the class that somebody wrote.
            let written = self.inheriting(&raw.endpoint);
            let origin = if written.is_some() { Origin::Project } else { raw.origin };
            self.routes.push(RawRoute { methods, written, origin, ..raw });
            return;
        };
        for method in methods {
            let named = |name: &str| self.interp.in_mro(class, Symbol::new(name), None);
            let written = named(&method.as_str().to_lowercase())
                .or_else(|| named("dispatch_request").filter(|f| !self.interp.is_stub(f)));
            let origin = written.as_ref().map_or(raw.origin, |written| self.origin(written));
            self.routes.push(RawRoute { methods: vec![method], written, origin, ..raw.clone() });
        }
    }

    /// The class of the program's own whose described method a view is.
    fn inheriting(&self, view: &Value) -> Option<Value> {
        let mut inner = view.clone();
        loop {
            let object = self.interp.object(inner.as_object()?);
            if let Kind::Bound { receiver, function } = &object.kind {
                let class = self.interp.class_of(receiver);
                let innermost = self.interp.unwrapped(function);
                let is_inherited = self.is_of_library(&innermost) && !self.interp.is_stub(&class);
                return is_inherited.then_some(class).filter(|class| self.interp.is_class(class));
            }
            inner = object.attributes.get(Symbol::new("__wrapped__"))?.clone();
        }
    }

    /// Whether a function is described, and none of Flask's own.
    fn is_of_library(&self, function: &Value) -> bool {
        let file = function.as_object().map(|obj| self.interp.object(obj).site.file);
        file.is_some_and(|file| {
            let program = self.interp.program();
            program.is_stub(file) && !program.file(file).path.contains("/flask/")
        })
    }

    /// What a rule declares. What the router answers by itself, `HEAD` and `OPTIONS`, is said once for the application.
    fn methods(&mut self, rule: &Value, raw: &RawRoute) -> Vec<Method> {
        if self.flag(rule, "websocket") {
            return vec![Method::WebSocket];
        }
        let declared = attribute(self.interp, rule, "methods").unwrap_or(Value::None);
        let listed = self.interp.partly_known_items(&declared);
        let known: Vec<Method> = listed.iter().filter_map(|m| m.as_str()?.to_uppercase().parse().ok()).collect();
        if known.is_empty() && !declared.is_none() {
            let reason = "the methods of a route are not known".to_owned();
            self.gaps.push(gap_at(self.interp, GapKind::UnresolvedRoute, raw.site, reason));
        }
        let mut methods: Vec<Method> = Vec::new();
        for method in known {
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        if methods.is_empty() { vec![Method::Any] } else { methods }
    }

    /// The blueprints around a rule, by their names.
    fn tags(&self, rule: &Value) -> Vec<Arc<str>> {
        let blueprints = attribute(self.interp, rule, "blueprints").unwrap_or(Value::None);
        let named = |pair: &Value| {
            let name = self.interp.known_items(pair)?.into_iter().next()?;
            name.as_str().and_then(|n| n.rsplit('.').next()).map(Arc::from)
        };
        self.interp.partly_known_items(&blueprints).iter().rev().filter_map(named).collect()
    }

    /// Views that our descriptions hold belong to the framework or a library.
    fn origin(&self, view: &Value) -> Origin {
        let inner = self.interp.unwrapped(view);
        match inner.as_object().map(|o| self.interp.object(o).site.file) {
            Some(file) if self.interp.program().is_stub(file) => {
                let is_own = self.interp.program().file(file).path.contains("/flask/");
                let by_class = attribute(self.interp, view, "view_class").is_some_and(|c| !self.interp.is_stub(&c));
                match (by_class, is_own) {
                    (true, _) => Origin::Project,
                    (false, true) => Origin::Framework,
                    (false, false) => Origin::Library,
                }
            }
            _ => Origin::Project,
        }
    }

    /// What a function of the description says of a rule of this application.
    fn asked(&mut self, function: &str, rule: &Value) -> Option<Value> {
        let function = library_class(self.interp, "flask.app", function)?;
        let arguments = Arguments::of([Value::Object(self.app.object), rule.clone()]);
        self.interp.call_outcome(&function, arguments, self.app.site).value
    }

    fn listed(&mut self, function: &str, rule: &Value) -> Vec<Value> {
        let listed = self.asked(function, rule);
        listed.map(|listed| self.interp.partly_known_items(&listed)).unwrap_or_default()
    }

    fn flag(&self, of: &Value, name: &str) -> bool {
        attribute(self.interp, of, name).is_some_and(|value| matches!(value.plain(), Value::Bool(true)))
    }

    fn text(&self, of: &Value, name: &str) -> Option<String> {
        attribute(self.interp, of, name)?.as_str().map(str::to_owned)
    }
}

/// The text of a rule, in which slashes that stand next to each other are one.
fn with_slashes_merged(text: &str) -> String {
    let mut merged = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '/' || !merged.ends_with('/') {
            merged.push(c);
        }
    }
    merged
}

/// The function of the description that begins a request: it is given the application, the route and the scope.
pub(crate) const BEGIN: (&str, &str) = ("flask.globals", "_begin");

impl Framework {
    /// The module and the name of what makes the global request of a play.
    pub(crate) fn begin(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::FastApi | Self::Starlette => None,
            Self::Flask | Self::Quart => Some(BEGIN),
            Self::Django => Some(super::django::BEGIN),
            Self::Aiohttp => Some(super::aiohttp::BEGIN),
        }
    }
}
