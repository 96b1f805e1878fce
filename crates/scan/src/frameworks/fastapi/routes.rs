//! From the route objects of an application to flat routes with full paths.

use std::sync::Arc;

use model::{Evidence, Gap, GapKind, Method, MountKind, MountPoint, Origin, PathPattern};
use python::interp::Interp;
use python::value::{Obj, Site, Value};

use super::{FASTAPI, STARLETTE, wrappers};
use crate::frameworks::{
    App, Framework, Layer, REPEATED, RawRoute, Repeats, Routes, attribute, gap_at, registered_at, why,
};

/// Routers inside routers.
const DEPTH_MAX: usize = 24;
/// Routes of one application.
const ROUTES_MAX: usize = 20_000;

/// What the routers around a route add to it.
#[derive(Debug, Clone, Default)]
struct Context {
    prefix: String,
    dependencies: Vec<Value>,
    tags: Vec<Arc<str>>,
    apps: Vec<Obj>,
    layers: Vec<Layer>,
    host: Option<Arc<str>>,
    deprecated: bool,
    hidden: bool,
    depth: usize,
}

struct Collector<'i, 'p> {
    interp: &'i mut Interp<'p>,
    framework: Framework,
    routes: Vec<RawRoute>,
    mounts: Vec<MountPoint>,
    gaps: Vec<Gap>,
    repeats: Repeats,
}

/// All routes of an application, and what could not be worked out.
pub(crate) fn collect(interp: &mut Interp<'_>, app: &App) -> Routes {
    let mut collector = Collector {
        interp,
        framework: app.framework,
        routes: Vec::new(),
        mounts: Vec::new(),
        gaps: Vec::new(),
        repeats: Repeats::default(),
    };
    let layers = wrappers::around(collector.interp, app.object).into_iter().map(Value::Object);
    let layers = layers.map(|entry| Layer { entry, root: String::new() }).collect();
    collector.application(app.object, Context { layers, ..Context::default() });
    Routes { routes: collector.routes, mounts: collector.mounts, gaps: collector.gaps }
}

/// A route of an application of another framework that is mounted in this one.
fn below(route: RawRoute, context: &Context) -> RawRoute {
    let pattern = PathPattern::from_starlette(&context.prefix).join(&route.pattern);
    let layers = context.layers.iter().cloned().chain(route.layers).collect();
    RawRoute { pattern, layers, host: context.host.clone().or(route.host), ..route }
}

impl Collector<'_, '_> {
    fn application(&mut self, app: Obj, mut context: Context) {
        let value = Value::Object(app);
        // The document of the application around does not show what is mounted.
        context.hidden |= context.apps.iter().any(|outer| self.makes_document(*outer));
        context.apps.push(app);
        self.layers(&value, "user_middleware", &mut context);
        if self.interp.derives_from(&self.interp.class_of(&value), FASTAPI) {
            self.documentation(&value, &context);
        }
        match attribute(self.interp, &value, "router") {
            Some(router) => self.router(&router, &context, self.interp.object(app).site),
            None => self.gap(
                GapKind::UnresolvedRouter,
                self.interp.object(app).site,
                "the application has no router".to_owned(),
            ),
        }
    }

    /// Whether an application serves an OpenAPI document of its routes.
    fn makes_document(&self, app: Obj) -> bool {
        let app = Value::Object(app);
        let is_served = |url: Value| !url.is_none() && url.as_str() != Some("");
        self.interp.derives_from(&self.interp.class_of(&app), FASTAPI)
            && attribute(self.interp, &app, "openapi_url").is_some_and(is_served)
    }

    /// Adds the middleware that an application, a mount, a router or a route brings along.
    fn layers(&self, of: &Value, name: &str, context: &mut Context) {
        let root = context.prefix.clone();
        context.layers.extend(self.items(of, name).into_iter().map(|entry| Layer { entry, root: root.clone() }));
    }

    fn router(&mut self, router: &Value, context: &Context, site: Site) {
        let mut context = context.clone();
        for router in router.alternatives() {
            self.layers(router, "middleware", &mut context);
        }
        let context = &context;
        let routes = router.alternatives().iter().find_map(|r| attribute(self.interp, r, "routes"));
        let Some(routes) = routes else {
            let reason = format!("a router whose routes are not known: {}", why(self.interp, router));
            self.gap(GapKind::UnresolvedRouter, site, reason);
            return;
        };
        if self.interp.known_items(&routes).is_none() {
            self.gap(
                GapKind::UnresolvedRouter,
                site,
                "a router may hold more routes than could be worked out".to_owned(),
            );
        }
        if context.depth > DEPTH_MAX || self.routes.len() > ROUTES_MAX {
            self.gap(
                GapKind::UnresolvedRouter,
                site,
                "routers inside routers, deeper or more than the limit".to_owned(),
            );
            return;
        }
        for route in self.interp.partly_known_items(&routes) {
            for alternative in route.alternatives().to_vec() {
                self.route(&alternative, context, site);
            }
        }
    }

    fn route(&mut self, route: &Value, context: &Context, around: Site) {
        let Some(obj) = route.as_object() else {
            let reason = format!("a route that could not be worked out: {}", why(self.interp, route));
            self.gap(GapKind::UnresolvedRoute, around, reason);
            return;
        };
        if !self.repeats.follows(obj) {
            let site = registered_at(self.interp, obj);
            return self.gap(GapKind::EvaluationLimit, site, REPEATED.to_owned());
        }
        let class = self.interp.class_of(route);
        let is = |s: &Self, name: &str| s.interp.derives_from(&class, name);
        if is(self, "fastapi.routing._IncludedRouter") {
            self.included(route, obj, context);
        } else if is(self, "starlette.routing.Mount") {
            self.mount(route, obj, context);
        } else if is(self, "starlette.routing.Host") {
            self.host(route, context);
        } else if is(self, "starlette.routing.WebSocketRoute") {
            self.leaf(route, obj, context, vec![Method::WebSocket]);
        } else if is(self, "starlette.routing.Route") {
            let methods = self.methods(route, obj);
            self.leaf(route, obj, context, methods);
        } else {
            let site = self.interp.object(obj).site;
            let reason = format!("a route of a class that is not described: {}", why(self.interp, route));
            self.gap(GapKind::UnresolvedRoute, site, reason);
        }
    }

    fn included(&mut self, route: &Value, obj: Obj, context: &Context) {
        let site = registered_at(self.interp, obj);
        let Some(context) = self.extended(route, context, "prefix", site) else {
            return;
        };
        match attribute(self.interp, route, "original_router") {
            Some(router) => {
                for router in router.alternatives().to_vec() {
                    self.router(&router, &context, site);
                }
            }
            None => self.gap(GapKind::UnresolvedRouter, site, "the router that is included is not known".to_owned()),
        }
    }

    fn mount(&mut self, route: &Value, obj: Obj, context: &Context) {
        let site = registered_at(self.interp, obj);
        let Some(mut inner) = self.extended(route, context, "path", site) else {
            return;
        };
        let app = attribute(self.interp, route, "app").unwrap_or(Value::None);
        // Dependencies and tags of the application around do not reach a mounted one; its middleware does.
        (inner.dependencies, inner.tags) = (Vec::new(), Vec::new());
        self.layers(route, "middleware", &mut inner);
        self.mounted(&app, inner, site);
    }

    fn mounted(&mut self, app: &Value, context: Context, site: Site) {
        let class = self.interp.class_of(app);
        if let (Some(obj), true) = (app.as_object(), self.interp.derives_from(&class, STARLETTE)) {
            self.application(obj, context);
        } else if self.interp.derives_from(&class, "starlette.routing.Router") {
            self.router(app, &context, site);
        } else if let (Some(object), Some(framework)) = (app.as_object(), Framework::of(self.interp, &class)) {
            let inner = App { object, name: Arc::from(""), framework, site };
            let found = crate::frameworks::collect(self.interp, &inner);
            self.routes.extend(found.routes.into_iter().map(|route| below(route, &context)));
            self.mounts.extend(found.mounts);
            self.gaps.extend(found.gaps);
        } else if let Some(inner) = self.held_by(app).filter(|_| context.depth < DEPTH_MAX) {
            let mut context = context;
            context.depth += 1;
            let root = context.prefix.clone();
            context.layers.push(Layer { entry: app.clone(), root });
            self.mounted(&inner, context, site);
        } else {
            let is_files = self.interp.derives_from(&class, "starlette.staticfiles.StaticFiles");
            if !is_files {
                let reason = format!("a mounted application whose routes are not known: {}", why(self.interp, app));
                self.gap(GapKind::UnresolvedRouter, site, reason);
            }
            let file = self.interp.program().file(site.file);
            let what = if is_files { "files of a directory" } else { "an application that is not described" };
            self.mounts.push(MountPoint {
                path: if context.prefix.is_empty() { "/".into() } else { context.prefix.into() },
                kind: if is_files { MountKind::Files } else { MountKind::Unknown },
                evidence: Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what),
            });
        }
    }

    fn held_by(&self, wrapper: &Value) -> Option<Value> {
        wrappers::held(self.interp, wrapper.as_object()?).map(|(_, inner)| inner)
    }

    fn host(&mut self, route: &Value, context: &Context) {
        let host = attribute(self.interp, route, "host");
        let mut inner = context.clone();
        inner.depth += 1;
        inner.host = host.as_ref().and_then(Value::as_str).map(Arc::from);
        let app = attribute(self.interp, route, "app").unwrap_or(Value::None);
        let site = route
            .as_object()
            .map_or(Site { file: self.interp.modules_run()[0], span: python::code::Span::default() }, |o| {
                registered_at(self.interp, o)
            });
        if inner.host.is_none() {
            self.gap(GapKind::UnresolvedRouter, site, "routes of a host whose name is not known".to_owned());
        }
        self.mounted(&app, inner, site);
    }

    /// The context inside an include or mount; none (and a gap) where its prefix is not known.
    fn extended(&mut self, route: &Value, context: &Context, prefix: &str, site: Site) -> Option<Context> {
        let value = attribute(self.interp, route, prefix).unwrap_or(Value::None);
        let Some(text) = value.as_str() else {
            let reason = format!("a prefix that is not known: {}", why(self.interp, &value));
            self.gap(GapKind::UnresolvedRouter, site, reason);
            return None;
        };
        let mut inner = context.clone();
        inner.prefix.push_str(text);
        inner.depth += 1;
        inner.dependencies.extend(self.items(route, "dependencies"));
        inner.tags.extend(self.texts(route, "tags"));
        inner.deprecated |= self.flag(route, "deprecated", false);
        inner.hidden |= !self.flag(route, "include_in_schema", true);
        Some(inner)
    }

    fn leaf(&mut self, route: &Value, obj: Obj, context: &Context, methods: Vec<Method>) {
        let site = registered_at(self.interp, obj);
        let path = attribute(self.interp, route, "path").unwrap_or(Value::None);
        let Some(text) = path.as_str() else {
            let reason = format!("a route whose path is not known: {}", why(self.interp, &path));
            self.gap(GapKind::UnresolvedRoute, site, reason);
            return;
        };
        let mut dependencies = context.dependencies.clone();
        dependencies.extend(self.items(route, "dependencies"));
        let mut tags = context.tags.clone();
        tags.extend(self.texts(route, "tags"));
        let mut around = context.clone();
        self.layers(route, "middleware", &mut around);
        let raw = RawRoute {
            methods,
            pattern: PathPattern::from_starlette(&format!("{}{text}", context.prefix)),
            host: context.host.clone(),
            framework: self.framework,
            endpoint: attribute(self.interp, route, "endpoint").unwrap_or(Value::None),
            written: None,
            signature: None,
            route: Some(obj),
            dependencies,
            apps: context.apps.clone(),
            layers: around.layers,
            tags,
            deprecated: context.deprecated || self.flag(route, "deprecated", false),
            in_schema: !context.hidden && self.is_shown(route, context),
            origin: self.origin(route),
            site,
        };
        self.routes.push(raw);
    }

    /// Whether the document of the application shows a route: one of FastAPI's own does not show Starlette's routes.
    fn is_shown(&mut self, route: &Value, context: &Context) -> bool {
        let is = |of: &Value, class: &str| self.interp.derives_from(&self.interp.class_of(of), class);
        let is_fastapi = context.apps.last().is_some_and(|app| is(&Value::Object(*app), FASTAPI));
        let is_described = !is_fastapi || is(route, "fastapi.routing.APIRoute");
        is_described && self.flag(route, "include_in_schema", true)
    }

    /// Handlers that our descriptions hold belong to a library.
    fn origin(&self, route: &Value) -> Origin {
        let endpoint = attribute(self.interp, route, "endpoint").map(|e| self.interp.unwrapped(&e));
        match endpoint.and_then(|e| e.as_object()).map(|o| self.interp.object(o).site.file) {
            Some(file) if self.interp.program().is_stub(file) => Origin::Library,
            _ => Origin::Project,
        }
    }

    /// The methods of a route. Starlette: GET for a function, what its methods are named for a class.
    fn methods(&mut self, route: &Value, obj: Obj) -> Vec<Method> {
        let declared = attribute(self.interp, route, "methods").filter(|m| !m.is_none());
        if let Some(declared) = declared {
            let known: Vec<Method> = self
                .interp
                .partly_known_items(&declared)
                .iter()
                .filter_map(|m| self.text(m)?.to_uppercase().parse().ok())
                .collect();
            if known.is_empty() {
                let site = registered_at(self.interp, obj);
                self.gap(GapKind::UnresolvedRoute, site, "the methods of a route are not known".to_owned());
                return vec![Method::Any];
            }
            return known;
        }
        let endpoint = attribute(self.interp, route, "endpoint").unwrap_or(Value::None);
        let Some(class) = endpoint.as_object().filter(|_| self.interp.is_class(&endpoint)) else {
            return vec![Method::Get];
        };
        let named =
            |m: &Method| self.interp.in_mro(class, python::Symbol::new(&m.as_str().to_lowercase()), None).is_some();
        let methods: Vec<Method> = Method::STANDARD.iter().filter(|m| named(m)).cloned().collect();
        if methods.is_empty() { vec![Method::Any] } else { methods }
    }

    fn text(&self, value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned).or_else(|| self.interp.enum_value(value)?.as_str().map(str::to_owned))
    }

    fn items(&self, of: &Value, name: &str) -> Vec<Value> {
        attribute(self.interp, of, name).map(|v| self.interp.partly_known_items(&v)).unwrap_or_default()
    }

    fn texts(&self, of: &Value, name: &str) -> Vec<Arc<str>> {
        self.items(of, name).iter().filter_map(|v| self.text(v).map(Arc::from)).collect()
    }

    fn flag(&mut self, of: &Value, name: &str, default: bool) -> bool {
        match attribute(self.interp, of, name) {
            Some(value) if !value.is_none() => self.interp.truth(&value).unwrap_or(default),
            _ => default,
        }
    }

    /// `/docs`, `/redoc`, `/openapi.json`: what FastAPI adds by itself.
    fn documentation(&mut self, app: &Value, context: &Context) {
        let url = |s: &Self, name: &str| {
            attribute(s.interp, app, name).and_then(|v| v.as_str().map(str::to_owned)).filter(|u| !u.is_empty())
        };
        let Some(openapi) = url(self, "openapi_url") else {
            return;
        };
        let docs = url(self, "docs_url");
        let redirect = docs.as_ref().and_then(|_| url(self, "swagger_ui_oauth2_redirect_url"));
        let pages = [Some(openapi), docs, redirect, url(self, "redoc_url")];
        let Some(obj) = app.as_object() else { return };
        let site = self.interp.object(obj).site;
        for page in pages.into_iter().flatten() {
            self.routes.push(RawRoute {
                methods: vec![Method::Get],
                pattern: PathPattern::from_starlette(&format!("{}{page}", context.prefix)),
                host: context.host.clone(),
                framework: self.framework,
                endpoint: Value::None,
                written: None,
                signature: None,
                route: None,
                dependencies: Vec::new(),
                apps: context.apps.clone(),
                layers: context.layers.clone(),
                tags: Vec::new(),
                deprecated: false,
                in_schema: false,
                origin: Origin::Framework,
                site,
            });
        }
    }

    fn gap(&mut self, kind: GapKind, site: Site, reason: String) {
        let gap = gap_at(self.interp, kind, site, reason);
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}
