//! FastAPI and Starlette: reads the routes off the application objects that the evaluation made.

mod routes;
pub(crate) mod wrappers;

use std::sync::Arc;

use model::{Evidence, Gap, GapKind, Method, Middleware, MiddlewarePurpose, PathPattern};
use python::interp::Interp;
use python::value::{Kind, Obj, Site, Value};
use rustc_hash::FxHashMap;

use crate::project::{Role, role_of};

pub(crate) use routes::collect;

/// The class of all applications.
const STARLETTE: &str = "starlette.applications.Starlette";
const FASTAPI: &str = "fastapi.applications.FastAPI";

/// An application object.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// The object.
    pub(crate) object: Obj,
    /// `app.main:app`
    pub(crate) name: Arc<str>,
    /// `fastapi` or `starlette`.
    pub(crate) framework: &'static str,
    /// Where it was made.
    pub(crate) site: Site,
}

/// Something around the routes of an application that sees every request to them.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// A `starlette.middleware.Middleware`, or the ASGI callable itself.
    pub(crate) entry: Value,
    /// The path at which what it stands around is mounted: the `root_path` that it sees.
    pub(crate) root: String,
}

/// One route of an application, before it is judged.
#[derive(Debug, Clone)]
pub(crate) struct RawRoute {
    /// The methods; `WS` for a WebSocket.
    pub(crate) methods: Vec<Method>,
    /// The full path.
    pub(crate) pattern: PathPattern,
    /// The host that selects it.
    pub(crate) host: Option<Arc<str>>,
    /// What answers: a function, a class, an instance.
    pub(crate) endpoint: Value,
    /// The route object; none for what the framework adds by itself.
    pub(crate) route: Option<Obj>,
    /// Dependencies of the application, the includes, the router and the decorator, in the order in which they run.
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

/// The applications that are not part of another one. One place in the code makes one application, however often it is run.
pub(crate) fn applications(interp: &Interp<'_>) -> Vec<App> {
    let mut by_site: FxHashMap<Site, Vec<Obj>> = FxHashMap::default();
    for (obj, object) in interp.objects() {
        let Kind::Instance { class } = &object.kind else {
            continue;
        };
        let program = interp.program();
        let is_application = !program.is_stub(object.site.file) && interp.derives_from(class, STARLETTE);
        if is_application && role_of(&program.file(object.site.file).path) != Role::Test {
            by_site.entry(object.site).or_default().push(obj);
        }
    }
    if by_site.is_empty() {
        return Vec::new();
    }
    let mounted = mounted(interp);
    let names = interp.module_names(wrappers::instances);
    let mut apps: Vec<App> = Vec::new();
    for (site, objects) in by_site {
        if objects.iter().any(|o| mounted.contains(o)) {
            continue;
        }
        // The one that a module names, else the one with the most routes.
        let serves = |o: Obj| std::iter::once(o).chain(wrappers::around(interp, o));
        let named = objects
            .iter()
            .find(|o| serves(**o).any(|served| names.iter().any(|(_, _, value)| value.as_object() == Some(served))));
        let fullest = objects.iter().max_by_key(|o| size(interp, **o));
        let Some(object) = named.or(fullest).copied() else {
            continue;
        };
        let framework = if interp.derives_from(&interp.class_of(&Value::Object(object)), FASTAPI) {
            "fastapi"
        } else {
            "starlette"
        };
        apps.push(App { object, name: name_of(interp, object, site, &names), framework, site });
    }
    apps.sort_by(|a, b| (a.site, &a.name).cmp(&(b.site, &b.name)));
    apps
}

fn size(interp: &Interp<'_>, app: Obj) -> usize {
    attribute(interp, &Value::Object(app), "router")
        .and_then(|r| attribute(interp, &r, "routes"))
        .map_or(0, |r| interp.partly_known_items(&r).len())
}

/// Applications that are mounted into another one.
fn mounted(interp: &Interp<'_>) -> Vec<Obj> {
    let mut found = Vec::new();
    for (_, object) in interp.objects() {
        let Kind::Instance { class } = &object.kind else {
            continue;
        };
        if interp.derives_from(class, "starlette.routing.Mount") || interp.derives_from(class, "starlette.routing.Host")
        {
            let app = object.attributes.get(python::Symbol::new("app"));
            for obj in app.into_iter().flat_map(Value::alternatives).filter_map(Value::as_object) {
                // What is mounted may be a wrapper around the application.
                found.push(obj);
                found.extend(interp.object(obj).attributes.iter().filter_map(|(_, held)| held.as_object()));
            }
        }
    }
    found
}

fn name_of(
    interp: &Interp<'_>,
    app: Obj,
    site: Site,
    names: &[(python::program::FileId, python::Symbol, Value)],
) -> Arc<str> {
    let program = interp.program();
    // A server runs what stands around it.
    let served = wrappers::around(interp, app).into_iter().chain([app]);
    let bound: Vec<_> = served
        .map(|o| names.iter().filter(|(_, _, v)| v.as_object() == Some(o)).collect::<Vec<_>>())
        .find(|bound| !bound.is_empty())
        .unwrap_or_default();
    // Where it is made, if that module names it; otherwise the first that does.
    if let Some((file, name, _)) = bound.iter().find(|(f, _, _)| *f == site.file).or_else(|| bound.first()) {
        return format!("{}:{name}", program.name_of(*file).1).into();
    }
    let file = program.file(site.file);
    let enclosing = interp.objects().filter_map(|(_, o)| match &o.kind {
        Kind::Function(f) if f.file == site.file => match f.code.function(f.id).body {
            python::code::FunctionBody::Deferred(span)
                if span.start <= site.span.start && site.span.end <= span.end =>
            {
                Some((span.start, f.code.function(f.id).name))
            }
            _ => None,
        },
        _ => None,
    });
    match enclosing.max() {
        Some((_, function)) => format!("{}:{function}()", program.name_of(site.file).1).into(),
        None => format!("{}:{}", program.name_of(site.file).1, file.line(site.span.start)).into(),
    }
}

/// The middleware of an application, the outermost first.
pub(crate) fn middleware(interp: &Interp<'_>, app: Obj) -> Vec<Middleware> {
    let listed = attribute(interp, &Value::Object(app), "user_middleware").map(|m| interp.partly_known_items(&m));
    let one = |entry: &Value| {
        let obj = entry.as_object()?;
        let class = attribute(interp, entry, "cls")?;
        let options = attribute(interp, entry, "kwargs").and_then(|k| interp.known_entries(&k)).unwrap_or_default();
        let dispatch = options.iter().find(|(k, _)| k.as_str() == Some("dispatch")).map(|(_, v)| interp.unwrapped(v));
        let name = match dispatch.and_then(|d| d.as_object()).map(|o| &interp.object(o).kind) {
            Some(Kind::Function(f)) => f.code.function(f.id).name.as_str(),
            _ => interp.qualified_name(&class).unwrap_or("<unknown>"),
        };
        let purpose = match name.rsplit('.').next().unwrap_or(name) {
            "CORSMiddleware" => MiddlewarePurpose::Cors,
            "TrustedHostMiddleware" => MiddlewarePurpose::Host,
            "HTTPSRedirectMiddleware" => MiddlewarePurpose::Tls,
            "SessionMiddleware" => MiddlewarePurpose::Session,
            "AuthenticationMiddleware" => MiddlewarePurpose::Identify,
            _ => MiddlewarePurpose::Other,
        };
        let site = interp.object(obj).made_by.unwrap_or(interp.object(obj).site);
        let file = interp.program().file(site.file);
        let evidence = Evidence::new(Arc::clone(&file.path), file.line(site.span.start), "added here");
        Some(Middleware { name: name.into(), purpose, evidence, options: indexmap::IndexMap::default() })
    };
    listed.unwrap_or_default().iter().filter_map(one).collect()
}

/// An attribute of an instance as it was set, without running anything.
pub(crate) fn attribute(interp: &Interp<'_>, of: &Value, name: &str) -> Option<Value> {
    interp.object(of.as_object()?).attributes.get(python::Symbol::new(name)).cloned()
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
        other => interp
            .qualified_name(&interp.class_of(other))
            .map_or_else(|| "its value is not known".to_owned(), |name| format!("it is a `{name}`")),
    }
}
