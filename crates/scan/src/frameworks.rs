//! What is specific to a framework: which objects are applications, what their routes are, and how their router picks one. One file each.

pub(crate) mod aiohttp;
mod applications;
pub(crate) mod django;
pub(crate) mod fastapi;
pub(crate) mod flask;
pub(crate) mod others;
mod router;

use std::hash::Hash;
use std::sync::Arc;

use crate::flows::Pages;
use model::{Gap, GapKind, Method, Middleware, MountPoint, PathPattern};
use python::interp::Interp;
use python::value::{Kind, Obj, Site, Value};
use rustc_hash::FxHashMap;

pub(crate) use applications::applications;
pub(crate) use router::rules as router_rules;

/// A framework whose applications are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Framework {
    /// FastAPI.
    FastApi,
    /// Starlette by itself.
    Starlette,
    /// Flask.
    Flask,
    /// Quart.
    Quart,
    /// Django, with Django REST framework and Django Ninja.
    Django,
    /// aiohttp.
    Aiohttp,
}

impl Framework {
    /// The classes of applications, the most derived first.
    const CLASSES: &[(&str, Self)] = &[
        (fastapi::FASTAPI, Self::FastApi),
        (fastapi::STARLETTE, Self::Starlette),
        (flask::QUART, Self::Quart),
        (flask::FLASK, Self::Flask),
        (django::APPLICATION, Self::Django),
        (aiohttp::APPLICATION, Self::Aiohttp),
    ];

    /// The framework of an application.
    pub(crate) fn of(interp: &Interp<'_>, class: &Value) -> Option<Self> {
        Self::CLASSES.iter().find(|(name, _)| interp.derives_from(class, name)).map(|(_, framework)| *framework)
    }

    /// As reports name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FastApi => "fastapi",
            Self::Starlette => "starlette",
            Self::Flask => "flask",
            Self::Quart => "quart",
            Self::Django => "django",
            Self::Aiohttp => "aiohttp",
        }
    }

    /// Whether a text that a handler returns is sent as HTML.
    pub(crate) fn answers_text_as_html(self) -> bool {
        matches!(self, Self::Flask | Self::Quart)
    }

    /// Whether handlers and hooks find the request in a global (or are given it alone), and answer by what they return.
    pub(crate) fn has_global_request(self) -> bool {
        matches!(self, Self::Flask | Self::Quart | Self::Django | Self::Aiohttp)
    }
}

/// Whether routes can be added to instances of a class: applications, routers, blueprints.
pub(crate) fn takes_routes(interp: &Interp<'_>, class: &Value) -> bool {
    const PARTS: &[&str] = &["starlette.routing.Router", "flask.blueprints.Blueprint", aiohttp::ROUTER];
    Framework::of(interp, class).is_some() || PARTS.iter().any(|part| interp.derives_from(class, part))
}

/// An application object.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// The object.
    pub(crate) object: Obj,
    /// `app.main:app`
    pub(crate) name: Arc<str>,
    /// What it is an application of.
    pub(crate) framework: Framework,
    /// Where it was made.
    pub(crate) site: Site,
}

/// Something around the routes of an application that sees every request to them.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// A `starlette.middleware.Middleware`, a `django` one, or the ASGI callable itself.
    pub(crate) entry: Value,
    /// The path at which what it stands around is mounted: the `root_path` that it sees.
    pub(crate) root: String,
}

/// One route of an application, before it is judged.
#[derive(Debug, Clone)]
pub(crate) struct RawRoute {
    /// Whose route it is: how a request reaches the handler.
    pub(crate) framework: Framework,
    /// The methods; `WS` for a WebSocket.
    pub(crate) methods: Vec<Method>,
    /// The full path.
    pub(crate) pattern: PathPattern,
    /// The host that selects it.
    pub(crate) host: Option<Arc<str>>,
    /// What answers: a function, a class, an instance.
    pub(crate) endpoint: Value,
    /// The function that a developer wrote, where what answers is made of it: a method of a class of views.
    pub(crate) written: Option<Value>,
    /// The function whose signature says what is taken, where that is not what answers: an operation of Django Ninja.
    pub(crate) signature: Option<Value>,
    /// The route object; none for what the framework adds by itself.
    pub(crate) route: Option<Obj>,
    /// What runs before the handler, in order: dependencies of the application, the includes, the router and the decorator; hooks.
    pub(crate) dependencies: Vec<Value>,
    /// The applications around it, the outermost first.
    pub(crate) apps: Vec<Obj>,
    /// What a request passes on its way to the route, the outermost first.
    pub(crate) layers: Vec<Layer>,
    /// Tags of includes, router and route.
    pub(crate) tags: Vec<Arc<str>>,
    /// Whether an include, the router or the route is marked as deprecated.
    pub(crate) deprecated: bool,
    /// Whether the OpenAPI document shows it.
    pub(crate) in_schema: bool,
    /// Whether the framework or a library adds it.
    pub(crate) origin: model::Origin,
    /// Where it is registered.
    pub(crate) site: Site,
}

impl RawRoute {
    /// What of that which the handler returns is a page: a text by `response_class=HTMLResponse`.
    pub(crate) fn pages(&self, interp: &Interp<'_>) -> Pages {
        let named = |of: Option<Obj>, name: &str| {
            attribute(interp, &Value::Object(of?), name).filter(|class| interp.is_class(class))
        };
        let class =
            named(self.route, "response_class").or_else(|| named(self.apps.last().copied(), "default_response_class"));
        if class.is_some_and(|class| interp.derives_from(&class, "starlette.responses.HTMLResponse")) {
            return Pages::Texts;
        }
        match (self.framework.answers_text_as_html(), self.answers_data(interp)) {
            (true, false) => Pages::Texts,
            (true, true) => Pages::Responses,
            (false, _) => Pages::Never,
        }
    }

    /// Whether what the methods of its class return is written as JSON, a text too.
    fn answers_data(&self, interp: &Interp<'_>) -> bool {
        let class = django::along(interp, &self.endpoint, "view_class");
        class.is_some_and(|class| RESOURCES.iter().any(|name| interp.derives_from(&class, name)))
    }
}

/// Classes of views that write whatever their methods return as JSON.
const RESOURCES: &[&str] =
    &["flask_restful.Resource", "flask_restx.resource.Resource", "flask_restplus.resource.Resource"];

/// What an application serves.
pub(crate) struct Routes {
    /// Its routes in the order in which its router tries them.
    pub(crate) routes: Vec<RawRoute>,
    /// What answers below a path without endpoints of its own.
    pub(crate) mounts: Vec<MountPoint>,
    /// What could not be worked out.
    pub(crate) gaps: Vec<Gap>,
}

/// All routes of an application, and what could not be worked out.
pub(crate) fn collect(interp: &mut Interp<'_>, app: &App) -> Routes {
    match app.framework {
        Framework::FastApi | Framework::Starlette => fastapi::collect(interp, app),
        Framework::Flask | Framework::Quart => flask::collect(interp, app),
        Framework::Django => django::collect(interp, app),
        Framework::Aiohttp => aiohttp::collect(interp, app),
    }
}

/// The middleware of an application, the outermost first.
pub(crate) fn middleware(interp: &Interp<'_>, app: &App) -> Vec<Middleware> {
    match app.framework {
        Framework::Django => django::middleware(interp, app),
        Framework::Aiohttp => aiohttp::middleware(interp, app),
        _ => fastapi::middleware(interp, app.object),
    }
}

/// The names by whose call an application is recognised before anything is run; whatever they make is judged afterwards.
pub(crate) const CONSTRUCTORS: &[&str] = &[
    "FastAPI",
    "Starlette",
    "Flask",
    "Quart",
    "APIFlask",
    "OpenAPI",
    "FlaskApp",
    "AsyncApp",
    "connexion.App",
    "Application",
];

/// The names of what serves an application of aiohttp, or makes one where a module is started as a script.
pub(crate) const SERVERS: &[&str] = &["run_app", "web.Application", "AppRunner"];

/// The names of methods that add routes to an application or router: what is worth calling in a class that holds one.
pub(crate) const ROUTE_ADDERS: &[&str] = &[
    "include_router",
    "add_api_route",
    "add_api_websocket_route",
    "add_route",
    "add_websocket_route",
    "mount",
    "add_middleware",
    "add_url_rule",
    "register_blueprint",
    "add_resource",
    "add_routes",
    "add_get",
    "add_post",
    "add_view",
    "add_subapp",
];

/// Libraries without an import of which, or of one whose name begins so, a project makes no application.
pub(crate) const LIBRARIES: &[&str] = &[
    "fastapi",
    "starlette",
    "flask",
    "quart",
    "connexion",
    "apiflask",
    "aiohttp",
    "django",
    "rest_framework",
    "ninja",
];

/// Texts without which a module has nothing to do with a framework.
pub(crate) const MARKERS: &[&str] = &[
    "fastapi",
    "starlette",
    "FastAPI",
    "Starlette",
    "include_router",
    "flask",
    "Flask",
    // No quarter.
    "import quart",
    "quart import",
    "quart_",
    "quart.",
    "Quart(",
    "connexion",
    "aiohttp.web",
    "aiohttp import web",
    "web.Application",
    "web.RouteTableDef",
];

/// An attribute of an instance as it was set, without running anything.
pub(crate) fn attribute(interp: &Interp<'_>, of: &Value, name: &str) -> Option<Value> {
    interp.object(of.as_object()?).attributes.get(python::Symbol::new(name)).cloned()
}

/// Where the project's code registers a route: the route object itself is made inside our descriptions.
pub(crate) fn registered_at(interp: &Interp<'_>, route: Obj) -> Site {
    let object = interp.object(route);
    if !interp.program().is_stub(object.site.file) {
        return object.site;
    }
    if let Some(site) = object.made_by {
        return site;
    }
    let endpoint = object.attributes.get(python::Symbol::new("endpoint")).map(|e| interp.unwrapped(e));
    endpoint.and_then(|e| e.as_object()).map_or(object.site, |endpoint| interp.object(endpoint).site)
}

/// How often the same include or route of an application is followed: lists that include each other twice double with each level.
const REPEATS_MAX: u32 = 512;
const REPEATED: &str =
    "these routes are included more often than is followed: they answer below more paths than are listed";

/// How often what an application holds was met.
#[derive(Debug)]
pub(crate) struct Repeats<K = Obj>(FxHashMap<K, u32>);

impl<K> Default for Repeats<K> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<K: Eq + Hash> Repeats<K> {
    /// Whether an include or a route is to be followed once more.
    pub(crate) fn follows(&mut self, obj: K) -> bool {
        let met = self.0.entry(obj).or_default();
        *met += 1;
        *met <= REPEATS_MAX
    }
}

/// A gap at a place.
pub(crate) fn gap_at(interp: &Interp<'_>, kind: GapKind, site: Site, reason: String) -> Gap {
    let file = interp.program().file(site.file);
    Gap { kind, file: Arc::clone(&file.path), line: Some(file.line(site.span.start)), reason }
}

/// Why a value is not known, for a person.
pub(crate) fn why(interp: &Interp<'_>, value: &Value) -> String {
    match value.plain() {
        Value::Unknown(unknown) => unknown.reason.to_string(),
        Value::External(name) => format!("it is `{name}`, which is not described"),
        Value::Union(_) => "it may be one of several values".to_owned(),
        Value::Object(obj) if matches!(interp.object(*obj).kind, Kind::List { .. }) => {
            "its list is also filled from something that is not known".to_owned()
        }
        other => interp
            .qualified_name(&interp.class_of(other))
            .map_or_else(|| "its value is not known".to_owned(), |name| format!("it is a `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_included_as_often_as_the_bound_is_followed_and_no_more() {
        let mut repeats = Repeats::<u8>::default();
        assert!((0..REPEATS_MAX).all(|_| repeats.follows(1)));
        assert!(!repeats.follows(1));
        assert!(repeats.follows(2));
    }
}
