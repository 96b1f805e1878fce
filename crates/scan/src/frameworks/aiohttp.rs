//! aiohttp: reads the resources off the router of an application, through applications inside it, with the middleware around each.

mod paths;

use std::sync::Arc;

use model::{Evidence, Gap, GapKind, Method, Middleware, MiddlewarePurpose, Origin, PathPattern};
use python::Symbol;
use python::code::FunctionBody;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Site, Value};

use super::{App, Layer, REPEATED, RawRoute, Repeats, Routes, attribute, gap_at, registered_at, why};
use crate::access::library_class;

/// The class of all applications.
pub(super) const APPLICATION: &str = "aiohttp.web_app.Application";
/// The class of their routers.
pub(super) const ROUTER: &str = "aiohttp.web_urldispatcher.UrlDispatcher";
/// The function of the description that begins a request.
pub(super) const BEGIN: (&str, &str) = (MODULE, "_begin");
const MODULE: &str = "aiohttp.web_app";
/// Applications inside each other.
const DEPTH_MAX: usize = 16;
/// Routes of one application.
const ROUTES_MAX: usize = 20_000;
/// Wrappers around a handler.
const WRAPPERS_MAX: usize = 8;
/// What every function has.
const OF_FUNCTIONS: &[&str] = &["__name__", "__qualname__", "__doc__", "__module__", "__wrapped__"];
/// The methods that a class of views may answer.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace", "connect"];

/// All routes of an application, and what could not be worked out.
pub(super) fn collect(interp: &mut Interp<'_>, app: &App) -> Routes {
    collect_up_to(interp, app, ROUTES_MAX)
}

fn collect_up_to(interp: &mut Interp<'_>, app: &App, routes_max: usize) -> Routes {
    let repeats = Repeats::default();
    let mut collector = Collector { interp, app, routes: Vec::new(), routes_max, gaps: Vec::new(), repeats };
    let around = collector.around(&[], app.object, PathPattern::default(), None);
    collector.application(&around);
    Routes { routes: collector.routes, mounts: Vec::new(), gaps: collector.gaps }
}

/// The applications that stand inside others: they are served as parts of those.
pub(super) fn mounted(interp: &Interp<'_>) -> Vec<Obj> {
    let instances = interp.objects().filter_map(|(obj, object)| match &object.kind {
        Kind::Instance { class } if interp.derives_from(class, APPLICATION) => Some(obj),
        _ => None,
    });
    instances.flat_map(|app| inside(interp, app)).collect()
}

/// The applications that are added to one.
fn inside(interp: &Interp<'_>, app: Obj) -> Vec<Obj> {
    let added = attribute(interp, &Value::Object(app), "_subapps").map(|added| interp.partly_known_items(&added));
    added.unwrap_or_default().iter().filter_map(Value::as_object).collect()
}

/// What a server calls with an application before the first request: its handlers of the start, and those of the applications in it.
pub(crate) fn starting(interp: &Interp<'_>, app: Obj) -> Vec<(Value, Value)> {
    let (mut found, mut pending, mut seen) = (Vec::new(), vec![app], Vec::new());
    while let Some(app) = pending.pop() {
        if seen.contains(&app) || seen.len() > DEPTH_MAX {
            continue;
        }
        seen.push(app);
        pending.extend(inside(interp, app));
        let value = Value::Object(app);
        for list in ["on_startup", "cleanup_ctx"] {
            let handlers = attribute(interp, &value, list).map(|list| interp.partly_known_items(&list));
            found.extend(handlers.into_iter().flatten().map(|handler| (handler, value.clone())));
        }
    }
    found
}

/// The middleware of an application, the outermost first.
pub(super) fn middleware(interp: &Interp<'_>, app: &App) -> Vec<Middleware> {
    let listed = attribute(interp, &Value::Object(app.object), "middlewares").unwrap_or(Value::None);
    let one = |entry: &Value| {
        let inner = interp.unwrapped(entry);
        let object = interp.object(inner.as_object()?);
        let name = match &object.kind {
            Kind::Function(f) => f.code.function(f.id).name.to_string(),
            _ => interp.qualified_name(&interp.class_of(&inner))?.to_owned(),
        };
        let site = if interp.program().is_stub(object.site.file) { app.site } else { object.site };
        let file = interp.program().file(site.file);
        let evidence = Evidence::new(Arc::clone(&file.path), file.line(site.span.start), "stands around all handlers");
        let purpose = MiddlewarePurpose::Other;
        Some(Middleware { name: name.into(), purpose, evidence, options: indexmap::IndexMap::default() })
    };
    interp.partly_known_items(&listed).iter().filter_map(one).collect()
}

/// The functions of the program that stand around the handlers of applications, from `def` to their end.
pub(crate) fn functions_around(interp: &Interp<'_>, apps: &[Obj]) -> Vec<(Site, Symbol)> {
    let listed = |app: &Obj| attribute(interp, &Value::Object(*app), "middlewares");
    let all = apps.iter().filter_map(listed).flat_map(|listed| interp.partly_known_items(&listed));
    all.filter_map(|entry| {
        let inner = interp.unwrapped(&entry);
        let class = interp.class_of(&inner).as_object();
        // What is called of an instance is told by the name of its class.
        let (function, named) = match &interp.object(inner.as_object()?).kind {
            Kind::Function(_) => (inner, None),
            _ => (interp.unwrapped(&interp.in_mro(class?, Symbol::new("__call__"), None)?), class),
        };
        let Kind::Function(function) = &interp.object(function.as_object()?).kind else { return None };
        let definition = function.code.function(function.id);
        let FunctionBody::Deferred(span) = definition.body else { return None };
        let class_name = named.and_then(|class| match &interp.object(class).kind {
            Kind::Class(class) => Some(class.name),
            _ => None,
        });
        let is_own = !interp.program().is_stub(function.file);
        is_own.then(|| (Site { file: function.file, span }, class_name.unwrap_or(definition.name)))
    })
    .collect()
}

/// What was set on a handler, and on what that is bound to.
fn set_on(interp: &Interp<'_>, handler: &Value) -> Vec<(Value, Value)> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    let mut holder = handler.as_object().filter(|_| !interp.is_class(handler));
    for _ in 0..WRAPPERS_MAX {
        let Some(object) = holder.map(|obj| interp.object(obj)) else { break };
        let own = object.attributes.iter().filter(|(name, _)| !OF_FUNCTIONS.contains(&name.as_str()));
        entries.extend(own.map(|(name, value)| (Value::str(name.as_str()), value.clone())));
        holder = match &object.kind {
            Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => function.as_object(),
            _ => None,
        };
    }
    entries
}

/// The applications around a route.
#[derive(Clone)]
struct Around {
    prefix: PathPattern,
    host: Option<Arc<str>>,
    apps: Vec<Obj>,
    /// The same, as the description holds them.
    listed: Value,
    has_middleware: bool,
    /// Middleware that is not seen.
    unseen: Vec<Layer>,
}

struct Collector<'i, 'p> {
    interp: &'i mut Interp<'p>,
    app: &'i App,
    routes: Vec<RawRoute>,
    routes_max: usize,
    gaps: Vec<Gap>,
    repeats: Repeats,
}

impl Collector<'_, '_> {
    /// What stands around the routes of an application inside others.
    fn around(&mut self, outer: &[Obj], app: Obj, prefix: PathPattern, host: Option<Arc<str>>) -> Around {
        let apps: Vec<Obj> = outer.iter().copied().chain([app]).collect();
        let items = apps.iter().map(|app| Value::Object(*app)).collect();
        let listed = self.interp.make(Kind::List { items, open: false, set: false }, self.app.site);
        let mut all = Vec::new();
        for app in &apps {
            let own = attribute(self.interp, &Value::Object(*app), "middlewares").unwrap_or(Value::None);
            if self.interp.known_items(&own).is_none() {
                let reason = "an application may have more middleware than could be worked out".to_owned();
                self.gap(GapKind::UnresolvedGuard, self.interp.object(*app).site, reason);
            }
            all.extend(self.interp.partly_known_items(&own));
        }
        let (seen, unseen): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| matches!(one.plain(), Value::Object(_)));
        let unseen = unseen.into_iter().map(|entry| Layer { entry, root: String::new() }).collect();
        Around { prefix, host, apps, listed, has_middleware: !seen.is_empty(), unseen }
    }

    /// The middleware that is seen, as one thing that runs before a handler. What was set on the handler is found on what it is given.
    fn hooks(&mut self, handler: &Value, around: &Around) -> Vec<Value> {
        let Some(class) = library_class(self.interp, MODULE, "_Middleware").filter(|_| around.has_middleware) else {
            return Vec::new();
        };
        let entries = set_on(self.interp, handler);
        let marks = self.interp.make(Kind::Dict { entries, open: false }, self.app.site);
        let arguments = Arguments::of([around.listed.clone(), marks]);
        self.interp.call_outcome(&class, arguments, self.app.site).value.into_iter().collect()
    }

    fn application(&mut self, around: &Around) {
        let Some(app) = around.apps.last().copied() else { return };
        let site = self.interp.object(app).site;
        let router = attribute(self.interp, &Value::Object(app), "router").unwrap_or(Value::None);
        let resources = attribute(self.interp, &router, "_resources").unwrap_or(Value::None);
        if self.interp.known_items(&resources).is_none() {
            let reason = "an application may have more routes than could be worked out".to_owned();
            self.gap(GapKind::UnresolvedRouter, site, reason);
        }
        let mut resources = self.interp.partly_known_items(&resources);
        // The router tries what is looked up by the longest path first, and what stands for a host last.
        resources.sort_by_key(|resource| std::cmp::Reverse(self.looked_up_by(resource)));
        for resource in resources {
            self.interp.refill();
            self.resource(&resource, around, site);
        }
    }

    fn looked_up_by(&self, resource: &Value) -> Option<usize> {
        if attribute(self.interp, resource, "_domain").is_some() {
            return None;
        }
        let path = self.text(resource, "_path").or_else(|| self.text(resource, "_prefix"));
        Some(paths::indexed_by(path.as_deref().unwrap_or("")))
    }

    fn resource(&mut self, resource: &Value, around: &Around, site: Site) {
        let Some(obj) = resource.as_object() else {
            let reason = format!("routes that could not be worked out: {}", why(self.interp, resource));
            return self.gap(GapKind::UnresolvedRouter, site, reason);
        };
        let registered = registered_at(self.interp, obj);
        if !self.repeats.follows(obj) {
            return self.gap(GapKind::EvaluationLimit, registered, REPEATED.to_owned());
        }
        if let Some(inner) = attribute(self.interp, resource, "_app") {
            return self.part(resource, &inner, around, registered);
        }
        let is_static = attribute(self.interp, resource, "_directory").is_some();
        let path = attribute(self.interp, resource, if is_static { "_prefix" } else { "_path" }).unwrap_or(Value::None);
        let Some(text) = path.as_str().map(str::to_owned) else {
            let reason = format!("a route whose path is not known: {}", why(self.interp, &path));
            return self.gap(GapKind::UnresolvedRoute, registered, reason);
        };
        let text = if is_static { format!("{text}/{{filename:.*}}") } else { text };
        // A prefix ends without a slash, and an empty path below one is the prefix itself.
        let own =
            if text.is_empty() && !around.prefix.is_empty() { PathPattern::default() } else { paths::pattern(&text) };
        let pattern = around.prefix.concat(&own);
        let routes = attribute(self.interp, resource, "_routes").unwrap_or(Value::None);
        for route in self.interp.partly_known_items(&routes) {
            self.route(&route, &pattern, around, registered);
        }
    }

    /// An application inside this one.
    fn part(&mut self, resource: &Value, inner: &Value, around: &Around, site: Site) {
        let prefix = attribute(self.interp, resource, "_prefix").unwrap_or(Value::None);
        let known = prefix.as_str().map(paths::pattern).filter(|_| around.apps.len() < DEPTH_MAX);
        let (Some(app), Some(own)) = (inner.as_object().filter(|app| !around.apps.contains(app)), known) else {
            let what = if prefix.as_str().is_none() { &prefix } else { inner };
            let reason =
                format!("an application inside another one could not be worked out: {}", why(self.interp, what));
            return self.gap(GapKind::UnresolvedRouter, site, reason);
        };
        let own = if own.to_string() == "/" { PathPattern::default() } else { own };
        let host = self.text(resource, "_domain").map(Arc::from).or_else(|| around.host.clone());
        let within = self.around(&around.apps, app, around.prefix.concat(&own), host);
        self.application(&within);
    }

    fn route(&mut self, route: &Value, pattern: &PathPattern, around: &Around, otherwise: Site) {
        if self.routes.len() >= self.routes_max {
            let reason = "this application has more routes than are listed".to_owned();
            return self.gap(GapKind::EvaluationLimit, self.app.site, reason);
        }
        let definition = attribute(self.interp, route, "definition").and_then(|of| of.as_object());
        let site = definition.or(route.as_object()).map_or(otherwise, |obj| registered_at(self.interp, obj));
        let handler = attribute(self.interp, route, "handler").unwrap_or(Value::None);
        let Some(made) = self.played(route, pattern, around, site) else { return };
        let raw = RawRoute {
            framework: self.app.framework,
            methods: Vec::new(),
            pattern: pattern.clone(),
            host: around.host.clone(),
            endpoint: handler.clone(),
            written: None,
            signature: None,
            route: Some(made),
            dependencies: self.hooks(&handler, around),
            apps: around.apps.clone(),
            layers: around.unseen.clone(),
            tags: Vec::new(),
            deprecated: false,
            in_schema: true,
            origin: self.origin(&handler),
            site,
        };
        let named = attribute(self.interp, route, "method").unwrap_or(Value::None);
        let Some(method) = named.as_str().and_then(|name| name.parse::<Method>().ok()) else {
            let reason = "the method of a route is not known".to_owned();
            return self.gap(GapKind::UnresolvedRoute, site, reason);
        };
        match handler.as_object().filter(|_| self.interp.is_class(&handler)) {
            Some(class) => self.by_method(class, &method, &raw),
            None => self.routes.push(RawRoute { methods: vec![method], ..raw }),
        }
    }

    /// Of a class of views each method is a function of its own.
    fn by_method(&mut self, class: Obj, method: &Method, raw: &RawRoute) {
        let answer = library_class(self.interp, MODULE, "_View");
        let arguments = Arguments::of([Value::Object(class)]);
        let endpoint = answer.and_then(|answer| self.interp.call_outcome(&answer, arguments, raw.site).value);
        let endpoint = endpoint.unwrap_or_else(|| raw.endpoint.clone());
        let before = self.routes.len();
        for name in METHODS {
            let Some(function) = self.interp.in_mro(class, Symbol::new(name), None) else { continue };
            let Ok(own) = name.to_uppercase().parse::<Method>() else { continue };
            if *method == Method::Any || *method == own {
                let (origin, written) = (self.origin(&function), Some(function));
                let endpoint = endpoint.clone();
                self.routes.push(RawRoute { methods: vec![own], endpoint, written, origin, ..raw.clone() });
            }
        }
        if self.routes.len() == before {
            let reason = "a class that answers no method that is known".to_owned();
            self.gap(GapKind::UnresolvedRoute, raw.site, reason);
        }
    }

    /// The object that stands for a route in the description.
    fn played(&mut self, route: &Value, pattern: &PathPattern, around: &Around, site: Site) -> Option<Obj> {
        let class = library_class(self.interp, MODULE, "_Route")?;
        let items = pattern.parameters().map(|parameter| Value::str(&parameter.name)).collect();
        let names = self.interp.make(Kind::List { items, open: false, set: false }, site);
        let arguments = Arguments::of([around.listed.clone(), route.clone(), names]);
        self.interp.call_outcome(&class, arguments, site).value?.as_object()
    }

    /// Whose a handler is that our descriptions hold.
    fn origin(&self, handler: &Value) -> Origin {
        let inner = self.interp.unwrapped(handler);
        let described = inner.as_object().map(|obj| self.interp.object(obj).site.file);
        match described.filter(|file| self.interp.program().is_stub(*file)) {
            Some(file) if self.interp.program().file(file).path.contains("/aiohttp/") => Origin::Framework,
            Some(_) => Origin::Library,
            None => Origin::Project,
        }
    }

    fn gap(&mut self, kind: GapKind, site: Site, reason: String) {
        let gap = gap_at(self.interp, kind, site, reason);
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    fn text(&self, of: &Value, name: &str) -> Option<String> {
        attribute(self.interp, of, name)?.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use python::code::Span;
    use python::interp::Limits;

    use super::*;
    use crate::frameworks::applications;
    use crate::project::Project;
    use crate::{Options, Silent, assembly};

    /// A project of one file.
    fn project(text: &str) -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("main.py"), text).expect("a file");
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        Project::read(&options, &Silent).expect("a project")
    }

    #[test]
    fn routes_are_listed_up_to_the_bound_and_told_of_past_it() {
        let project = project(
            "\
from aiohttp import web

async def answer(request): ...

app = web.Application()
app.router.add_get('/one', answer, allow_head=False)
two = app.router.add_resource('/two')
two.add_route('GET', answer)
two.add_route('POST', answer)
",
        );
        let (mut interp, _) = assembly::assemble(&project.program, &Silent);
        let apps = applications(&mut interp);
        let mut listed = |most: usize| {
            let found = collect_up_to(&mut interp, &apps[0], most);
            (found.routes.len(), found.gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>())
        };
        assert_eq!(listed(3), (3, Vec::new()), "at the bound");
        assert_eq!(listed(2), (2, vec![GapKind::EvaluationLimit]), "one past it, within one resource");
        assert_eq!(listed(1), (1, vec![GapKind::EvaluationLimit]), "told once");
        assert_eq!(listed(ROUTES_MAX), (3, Vec::new()));
    }

    #[test]
    fn what_is_set_on_a_handler_is_found_behind_as_many_wrappers_as_are_followed() {
        let project = project("from aiohttp import web\n\nasync def answer(request): ...\n\nanswer.mark = 1\n");
        let mut interp = Interp::new(&project.program, Limits::default());
        let (file, _) = project.program.files().find(|(_, file)| &*file.path == "main.py").expect("the file");
        let module = Value::Object(interp.run_module(file));
        let site = Site { file, span: Span::default() };
        let answer = interp.attribute_of(&module, "answer", site).expect("the handler");
        let mut found_behind = |wrappers: usize| {
            let wrap = |function: Value, _| interp.make(Kind::Bound { receiver: Value::None, function }, site);
            let handler = (0..wrappers).fold(answer.clone(), wrap);
            set_on(&interp, &handler).iter().any(|(name, _)| name.as_str() == Some("mark"))
        };
        assert!(found_behind(0) && found_behind(WRAPPERS_MAX - 1), "at the bound");
        assert!(!found_behind(WRAPPERS_MAX), "one past it");
    }
}
