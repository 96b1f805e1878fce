//! Django: finds the settings of an application, runs the module of its routes and reads the patterns off it, through includes,
//! routers and the admin, with what runs before each view.

mod settings;
mod views;

pub(crate) use views::{along, operations_of};

use std::sync::Arc;

use model::{Evidence, Gap, GapKind, Middleware, MiddlewarePurpose, MountKind, MountPoint, Origin, Part, PathPattern};
use python::Symbol;
use python::interp::Interp;
use python::program::{FileId, Module};
use python::value::{Arguments, Kind, Obj, Site, Value};

use super::{App, REPEATED, RawRoute, Repeats, Routes, attribute, gap_at, registered_at, why};
use crate::access::library_class;

/// The class of all applications.
pub(super) const APPLICATION: &str = "django.core.handlers.base.Application";
/// The function of the description that begins a request.
pub(crate) const BEGIN: (&str, &str) = (BASE, "_begin");
const BASE: &str = "django.core.handlers.base";
/// Patterns of one application.
const PATTERNS_MAX: usize = 20_000;
const TOO_MANY: &str = "this application has more routes than are listed";
/// Includes inside includes.
const DEPTH_MAX: usize = 32;
/// Steps for the `ready` of the configuration of an app.
const READY_STEPS: u32 = 50_000;

/// Makes the settings known to what is run from now on: models and views read them while their modules run.
pub(crate) fn configure(interp: &mut Interp<'_>) {
    if let Some((file, _)) = applications_of(interp).first() {
        use_settings(interp, *file);
    }
}

/// The modules of settings that say where the routes are, one for each module of routes.
fn applications_of(interp: &mut Interp<'_>) -> Vec<(FileId, Obj)> {
    let mut found: Vec<(FileId, Obj)> = Vec::new();
    let mut routes: Vec<String> = Vec::new();
    for file in settings::candidates(interp.program()) {
        interp.refill();
        use_settings(interp, file);
        let module = interp.run_module(file);
        let named = interp.attribute_of(&Value::Object(module), settings::ROUTES, site_in(file));
        let Some(named) = named.and_then(|name| name.as_str().map(str::to_owned)) else { continue };
        if !routes.contains(&named) {
            routes.push(named);
            found.push((file, module));
        }
    }
    found
}

fn use_settings(interp: &mut Interp<'_>, file: FileId) {
    let name = interp.program().name_of(file).1;
    if let Some(uses) = library_class(interp, "django.conf.__init__", "_use") {
        interp.call_outcome(&uses, Arguments::of([Value::str(&name)]), site_in(file));
    }
}

/// Makes the applications: a server makes one of the settings, which no call in the program shows.
pub(crate) fn make(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    let found = applications_of(interp);
    for (file, module) in &found {
        use_settings(interp, *file);
        let module = Value::Object(*module);
        let site = routes_set_at(interp, *file);
        let named = interp.attribute_of(&module, settings::ROUTES, site);
        let Some(name) = named.and_then(|name| name.as_str().map(str::to_owned)) else { continue };
        begin_apps(interp, &module, *file);
        interp.refill();
        let Some(routes) = module_called(interp, *file, &name) else {
            let reason = format!("the module of the routes, `{name}`, is not in the project");
            gaps.push(gap_at(interp, GapKind::UnresolvedRouter, site, reason));
            continue;
        };
        let middleware = middleware_of(interp, &module, site, gaps);
        make_one(interp, module, Value::Object(routes), middleware, site);
    }
    if found.is_empty() {
        make_without_settings(interp, gaps);
    }
}

/// A project without settings: an app for others, or one whose settings are elsewhere.
fn make_without_settings(interp: &mut Interp<'_>, gaps: &mut Vec<Gap>) {
    let mut shortest: Option<(usize, FileId)> = None;
    for file in settings::with_routes(interp.program()) {
        let depth = interp.program().file(file).path.matches('/').count();
        if shortest.is_none_or(|(least, _)| depth < least) {
            shortest = Some((depth, file));
        }
    }
    let Some((_, file)) = shortest else { return };
    let site = site_in(file);
    let reason = "the settings of this Django application were not found: its routes are those of this module, without middleware";
    gaps.push(gap_at(interp, GapKind::UnresolvedRouter, site, reason.to_owned()));
    interp.refill();
    let routes = Value::Object(interp.run_module(file));
    make_one(interp, Value::None, routes, Vec::new(), site);
}

fn make_one(interp: &mut Interp<'_>, settings: Value, routes: Value, middleware: Vec<Value>, site: Site) {
    let Some(class) = library_class(interp, BASE, "Application") else { return };
    let middleware = interp.make(Kind::List { items: middleware, open: false, set: false }, site);
    interp.refill();
    interp.call_outcome(&class, Arguments::of([settings, routes, middleware]), site);
}

/// Runs what Django runs for each installed app before the routes: its configuration, and the registrations of the admin.
fn begin_apps(interp: &mut Interp<'_>, settings: &Value, from: FileId) {
    let installed = interp.attribute_of(settings, "INSTALLED_APPS", site_in(from)).unwrap_or(Value::None);
    let names: Vec<String> =
        interp.partly_known_items(&installed).iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    for name in &names {
        let package = match interp.program().resolve(from, Symbol::new(name)) {
            Some(_) => name.as_str(),
            // `app.apps.AppConfig`
            None => name.rsplit('.').nth(2).map_or(name.as_str(), |_| package_of_config(name)),
        };
        for part in ["apps", "admin"] {
            interp.refill();
            let Some(module) = module_called(interp, from, &format!("{package}.{part}")) else { continue };
            if part == "apps" {
                ready(interp, module);
            }
        }
    }
}

/// `shop.apps.ShopConfig` is of the app `shop`.
fn package_of_config(name: &str) -> &str {
    let module = name.rsplit_once('.').map_or(name, |(module, _)| module);
    module.rsplit_once('.').map_or(module, |(package, _)| package)
}

/// Calls the `ready` of the configurations in a module.
fn ready(interp: &mut Interp<'_>, module: Obj) {
    let site = interp.object(module).site;
    let classes = interp.module_names(Interp::is_class);
    for (_, _, class) in classes.iter().filter(|(file, ..)| *file == site.file) {
        let own = class.as_object().and_then(|class| interp.in_mro(class, Symbol::new("ready"), None));
        let is_config = interp.derives_from(class, "django.apps.AppConfig");
        if !is_config || own.is_none_or(|own| interp.is_stub(&own)) {
            continue;
        }
        interp.refill();
        interp.sharing(READY_STEPS, |interp| {
            let made = interp.call_outcome(class, Arguments::default(), site).value;
            let ready = made.and_then(|config| interp.attribute_of(&config, "ready", site));
            ready.map(|ready| interp.call_outcome(&ready, Arguments::default(), site))
        });
    }
}

/// The middleware that is seen, the outermost first; what is not seen may refuse, and is told.
fn middleware_of(interp: &mut Interp<'_>, settings: &Value, site: Site, gaps: &mut Vec<Gap>) -> Vec<Value> {
    let listed = interp.attribute_of(settings, "MIDDLEWARE", site).unwrap_or(Value::None);
    let mut found = Vec::new();
    for entry in interp.partly_known_items(&listed) {
        let Some(name) = entry.as_str().map(str::to_owned) else { continue };
        match imported(interp, &name, site) {
            Some(value @ Value::Object(_)) => found.push(value),
            _ if crate::access::is_harmless_middleware(&name) => {}
            _ => {
                let reason = format!("what the middleware `{name}` does is not seen: it may refuse");
                gaps.push(gap_at(interp, GapKind::UnresolvedGuard, site, reason));
            }
        }
    }
    found
}

/// What a dotted name leads to.
fn imported(interp: &mut Interp<'_>, name: &str, site: Site) -> Option<Value> {
    let (module, attribute) = name.rsplit_once('.')?;
    let module = module_called(interp, site.file, module)?;
    interp.attribute_of(&Value::Object(module), attribute, site)
}

fn module_called(interp: &mut Interp<'_>, from: FileId, name: &str) -> Option<Obj> {
    let Some(Module::File(file)) = interp.program().resolve(from, Symbol::new(name)) else { return None };
    if !interp.program().is_stub(file) {
        return Some(interp.run_module(file));
    }
    // What a description imports by name is looked up from the code that uses it.
    let import = library_class(interp, "django.utils.module_loading", "_imported")?;
    interp.call_outcome(&import, Arguments::of([Value::str(name)]), site_in(from)).value?.as_object()
}

fn site_in(file: FileId) -> Site {
    Site { file, span: python::code::Span::default() }
}

/// Where settings say which module holds the routes.
fn routes_set_at(interp: &Interp<'_>, file: FileId) -> Site {
    let text = &interp.program().file(file).text;
    let at = text.match_indices(settings::ROUTES).map(|(at, _)| at).find(|at| *at == 0 || text[..*at].ends_with('\n'));
    let start = at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    Site { file, span: python::code::Span { start, end: start } }
}

/// How a server is told to run an application, else the module of its settings.
pub(super) fn name_of(interp: &mut Interp<'_>, app: Obj, site: Site) -> Arc<str> {
    let settings = attribute(interp, &Value::Object(app), "settings").unwrap_or(Value::None);
    let served = ["WSGI_APPLICATION", "ASGI_APPLICATION"].into_iter().find_map(|setting| {
        let named = interp.attribute_of(&settings, setting, site)?;
        let (module, name) = named.as_str()?.rsplit_once('.')?;
        Some(format!("{module}:{name}").into())
    });
    served.unwrap_or_else(|| interp.program().name_of(site.file).1.into())
}

/// Whether a missing slash at the end leads to a redirect.
pub(super) fn appends_slash(interp: &Interp<'_>, app: Obj) -> bool {
    let settings = attribute(interp, &Value::Object(app), "settings").and_then(|settings| settings.as_object());
    let named = |name: &str| {
        let file = settings.map(|module| interp.object(module).site.file)?;
        let names = interp.module_names(|_, value| matches!(value.plain(), Value::Bool(_)));
        names.into_iter().find(|(of, bound, _)| *of == file && *bound == name).map(|(_, _, value)| value)
    };
    named("APPEND_SLASH").is_none_or(|value| !matches!(value.plain(), Value::Bool(false)))
}

/// The middleware of an application, the outermost first.
pub(super) fn middleware(interp: &Interp<'_>, app: &App) -> Vec<Middleware> {
    let listed = attribute(interp, &Value::Object(app.object), "middleware").unwrap_or(Value::None);
    let file = interp.program().file(app.site.file);
    let evidence = Evidence::new(Arc::clone(&file.path), file.line(app.site.span.start), "named in the settings");
    let one = |value: &Value| {
        let name = interp.qualified_name(value)?;
        let purpose = match name.rsplit('.').next().unwrap_or(name) {
            "SessionMiddleware" => MiddlewarePurpose::Session,
            "AuthenticationMiddleware" => MiddlewarePurpose::Identify,
            _ => MiddlewarePurpose::Other,
        };
        Some(Middleware {
            name: name.into(),
            purpose,
            evidence: evidence.clone(),
            options: indexmap::IndexMap::default(),
        })
    };
    interp.partly_known_items(&listed).iter().filter_map(one).collect()
}

/// All routes of an application, and what could not be worked out.
pub(super) fn collect(interp: &mut Interp<'_>, app: &App) -> Routes {
    let settings = attribute(interp, &Value::Object(app.object), "settings").and_then(|settings| settings.as_object());
    if let Some(settings) = settings {
        let file = interp.object(settings).site.file;
        use_settings(interp, file);
    }
    let mut collector = Collector {
        interp,
        app,
        routes: Vec::new(),
        mounts: Vec::new(),
        gaps: Vec::new(),
        repeats: Repeats::default(),
    };
    let module = attribute(collector.interp, &Value::Object(app.object), "urlconf").unwrap_or(Value::None);
    let patterns = collector.interp.attribute_of(&module, "urlpatterns", app.site).unwrap_or(Value::None);
    let root = Around { prefix: PathPattern::from_literal("/"), ..Around::default() };
    collector.patterns(&patterns, &root, app.site);
    Routes { routes: collector.routes, mounts: collector.mounts, gaps: collector.gaps }
}

/// What the includes around a pattern come to.
#[derive(Debug, Clone, Default)]
struct Around {
    prefix: PathPattern,
    namespaces: Vec<Arc<str>>,
    /// Arguments that includes give to each view.
    extra: Vec<(Value, Value)>,
    /// Whether the patterns are those of a library.
    library: bool,
    depth: usize,
    /// The lists of patterns around.
    lists: Vec<Obj>,
}

struct Collector<'i, 'p> {
    interp: &'i mut Interp<'p>,
    app: &'i App,
    routes: Vec<RawRoute>,
    mounts: Vec<MountPoint>,
    gaps: Vec<Gap>,
    repeats: Repeats,
}

impl Collector<'_, '_> {
    /// The patterns of a list, or of one of several lists.
    fn patterns(&mut self, listed: &Value, around: &Around, site: Site) {
        for list in listed.alternatives() {
            let mut around = around.clone();
            if let Some(obj) = list.as_object() {
                if around.lists.contains(&obj) {
                    let reason = "these routes include themselves: without end, the same again below each".to_owned();
                    self.gap(GapKind::UnresolvedRouter, site, reason);
                    continue;
                }
                around.lists.push(obj);
            }
            let around = &around;
            if self.interp.known_items(list).is_none() {
                let reason = format!("below `{}` there may be more routes: {}", around.prefix, why(self.interp, list));
                let made = list.as_object().map(|list| self.interp.object(list).site);
                let site = made.filter(|made| !self.interp.program().is_stub(made.file)).unwrap_or(site);
                self.gap(GapKind::UnresolvedRouter, site, reason);
            }
            for entry in self.interp.partly_known_items(list) {
                for one in entry.alternatives() {
                    self.entry(one, around, site);
                }
            }
        }
    }

    fn entry(&mut self, entry: &Value, around: &Around, site: Site) {
        self.interp.refill();
        if self.routes.len() >= PATTERNS_MAX {
            return self.gap(GapKind::EvaluationLimit, self.app.site, TOO_MANY.to_owned());
        }
        if let Some(obj) = entry.as_object().filter(|obj| !self.repeats.follows(*obj)) {
            let site = self.registered_at(obj);
            return self.gap(GapKind::EvaluationLimit, site, REPEATED.to_owned());
        }
        let class = self.interp.class_of(entry);
        let is = |name: &str| self.interp.derives_from(&class, &format!("django.urls.resolvers.{name}"));
        match entry.as_object() {
            Some(obj) if is("URLResolver") => self.resolver(entry, obj, around),
            Some(obj) if is("URLPattern") => self.pattern(entry, obj, around),
            _ => {
                let reason = format!("a route that could not be worked out: {}", why(self.interp, entry));
                self.gap(GapKind::UnresolvedRoute, site, reason);
            }
        }
    }

    /// An include.
    fn resolver(&mut self, resolver: &Value, obj: Obj, around: &Around) {
        let site = self.registered_at(obj);
        if around.depth >= DEPTH_MAX {
            return self.gap(GapKind::EvaluationLimit, site, "includes are nested deeper than is followed".to_owned());
        }
        let module = attribute(self.interp, resolver, "urlconf_module").unwrap_or(Value::None);
        let namespace = self.text(resolver, "namespace").map(Arc::from);
        let mut extra = around.extra.clone();
        let own = attribute(self.interp, resolver, "default_kwargs").and_then(|own| self.interp.known_entries(&own));
        extra.extend(own.unwrap_or_default());
        for prefix in self.templates(resolver, site) {
            let inner = Around {
                prefix: around.prefix.concat(&prefix),
                namespaces: around.namespaces.iter().cloned().chain(namespace.clone()).collect(),
                extra: extra.clone(),
                library: around.library || self.is_of_library(&module),
                depth: around.depth + 1,
                lists: around.lists.clone(),
            };
            let patterns = self.interp.attribute_of(resolver, "url_patterns", site).unwrap_or(Value::None);
            if let Value::External(name) = patterns.plain() {
                self.unseen(&inner.prefix, name.as_str(), site);
            } else {
                self.patterns(&patterns, &inner, site);
            }
        }
    }

    /// Routes of a library that is not described.
    fn unseen(&mut self, prefix: &PathPattern, name: &str, site: Site) {
        let library = name.strip_suffix(".urlpatterns").unwrap_or(name);
        let reason = format!("the routes of `{library}` below `{prefix}` are those of a library that is not described");
        self.gap(GapKind::UnresolvedRouter, site, reason);
        let file = self.interp.program().file(site.file);
        let evidence =
            Evidence::new(Arc::clone(&file.path), file.line(site.span.start), format!("includes `{library}`"));
        self.mounts.push(MountPoint { path: prefix.to_string().into(), kind: MountKind::Unknown, evidence });
    }

    /// One path.
    fn pattern(&mut self, pattern: &Value, obj: Obj, around: &Around) {
        let site = self.registered_at(obj);
        let callback = attribute(self.interp, pattern, "callback").unwrap_or(Value::None);
        let mut extra = around.extra.clone();
        let own = attribute(self.interp, pattern, "default_args").and_then(|own| self.interp.known_entries(&own));
        extra.extend(own.unwrap_or_default());
        let name = attribute(self.interp, pattern, "name").unwrap_or(Value::None);
        for tail in self.templates(pattern, site) {
            let full = around.prefix.concat(&tail);
            let Some(route) = self.route(&full, &callback, &name, &extra, around, site) else { continue };
            let raw = self.raw(full, &callback, route, around, site);
            let views = views::of(self.interp, &callback);
            if views.is_empty() {
                let reason = "a view that takes no method that is known".to_owned();
                self.gap(GapKind::UnresolvedRoute, site, reason);
            }
            for view in views {
                let origin = self.origin(&view, around, site);
                self.routes.push(RawRoute {
                    methods: view.methods,
                    written: view.written,
                    signature: view.signature,
                    origin,
                    ..raw.clone()
                });
            }
        }
    }

    /// The object that stands for a route in the description.
    fn route(
        &mut self,
        full: &PathPattern,
        callback: &Value,
        name: &Value,
        extra: &[(Value, Value)],
        around: &Around,
        site: Site,
    ) -> Option<Obj> {
        let class = library_class(self.interp, BASE, "Route")?;
        let mut list = |items: Vec<Value>| self.interp.make(Kind::List { items, open: false, set: false }, site);
        let namespaces = list(around.namespaces.iter().map(|name| Value::str(name)).collect());
        let names = full.parts().iter().flat_map(|part| match part {
            Part::Parameter(parameter) => vec![Value::str(&parameter.name)],
            Part::Regex(regex) => regex.parameters.iter().map(|name| Value::str(name)).collect(),
            Part::Literal(_) => Vec::new(),
        });
        let arguments = list(names.collect());
        let extra = self.interp.make(Kind::Dict { entries: extra.to_vec(), open: false }, site);
        let text = Value::str(&full.to_string());
        let given = Arguments::of([text, callback.clone(), name.clone(), namespaces, arguments, extra]);
        self.interp.call_outcome(&class, given, site).value?.as_object()
    }

    fn raw(&mut self, pattern: PathPattern, callback: &Value, route: Obj, around: &Around, site: Site) -> RawRoute {
        let endpoint = match callback.plain() {
            Value::Object(_) => attribute(self.interp, &Value::Object(route), "endpoint"),
            _ => None,
        };
        RawRoute {
            framework: self.app.framework,
            methods: Vec::new(),
            pattern,
            host: None,
            endpoint: endpoint.unwrap_or_else(|| callback.clone()),
            written: None,
            signature: None,
            route: Some(route),
            dependencies: self.hooks(route),
            apps: vec![self.app.object],
            layers: Vec::new(),
            tags: around.namespaces.clone(),
            deprecated: false,
            in_schema: true,
            origin: Origin::Project,
            site,
        }
    }

    /// What runs before the view.
    fn hooks(&mut self, route: Obj) -> Vec<Value> {
        let Some(function) = library_class(self.interp, BASE, "_hooks_of") else { return Vec::new() };
        let arguments = Arguments::of([Value::Object(self.app.object), Value::Object(route)]);
        let hooks = self.interp.call_outcome(&function, arguments, self.app.site).value;
        hooks.map(|hooks| self.interp.partly_known_items(&hooks)).unwrap_or_default()
    }

    /// The templates that the pattern of a route or an include stands for.
    fn templates(&mut self, of: &Value, site: Site) -> Vec<PathPattern> {
        let pattern = attribute(self.interp, of, "pattern").unwrap_or(Value::None);
        if attribute(self.interp, &pattern, "prefix_default_language").is_some() {
            return vec![self.language(&pattern, site)];
        }
        if let Some(expression) = self.text(&pattern, "_regex") {
            return PathPattern::from_regex(&expression);
        }
        if let Some(route) = self.text(&pattern, "_route") {
            return vec![self.with_converters(&PathPattern::from_werkzeug(&route))];
        }
        let unknown = attribute(self.interp, &pattern, "_route").or_else(|| attribute(self.interp, &pattern, "_regex"));
        let reason = format!("a path that is not known: {}", why(self.interp, &unknown.unwrap_or(Value::None)));
        self.gap(GapKind::UnresolvedRoute, site, reason);
        Vec::new()
    }

    /// The prefix of `i18n_patterns` in the language of the settings. The other languages have prefixes of their own.
    fn language(&mut self, pattern: &Value, site: Site) -> PathPattern {
        let settings = attribute(self.interp, &Value::Object(self.app.object), "settings").unwrap_or(Value::None);
        let code = self.interp.attribute_of(&settings, "LANGUAGE_CODE", site);
        let code = code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_else(|| "en-us".to_owned());
        let reason = format!(
            "the routes of `i18n_patterns` are listed for the language `{code}`: each other language has a prefix of its own"
        );
        self.gap(GapKind::UnresolvedRoute, site, reason);
        match attribute(self.interp, pattern, "prefix_default_language").map(|prefix| prefix.plain().clone()) {
            Some(Value::Bool(false)) => PathPattern::default(),
            _ => PathPattern::from_literal(&format!("{code}/")),
        }
    }

    /// The expressions of converters that the project or a library registers.
    fn with_converters(&mut self, pattern: &PathPattern) -> PathPattern {
        let mut regex_of = |name: &str| {
            let function = library_class(self.interp, BASE, "_regex_of")?;
            let found = self.interp.call_outcome(&function, Arguments::of([Value::str(name)]), self.app.site).value;
            found.and_then(|regex| regex.as_str().map(Arc::<str>::from))
        };
        let with = |part: &Part| match part {
            Part::Parameter(parameter) => {
                let mut parameter = parameter.clone();
                let name = String::from(parameter.converter.clone());
                parameter.regex = parameter.regex.or_else(|| regex_of(&name));
                Part::Parameter(parameter)
            }
            other => other.clone(),
        };
        pattern.parts().iter().map(with).collect()
    }

    /// Whose a route is: what a library lists is its own, unless the project wrote the view.
    fn origin(&self, view: &views::View, around: &Around, site: Site) -> Origin {
        let is_project =
            view.written.as_ref().is_some_and(|written| !self.interp.is_stub(&self.interp.unwrapped(written)));
        let of_library = || around.library || self.interp.program().is_stub(site.file) || view.is_frameworks;
        match (is_project, of_library()) {
            (true, _) | (false, false) => Origin::Project,
            (false, true) if view.is_frameworks => Origin::Framework,
            (false, true) => Origin::Library,
        }
    }

    /// Whether patterns stand in a description, or are those of the admin.
    fn is_of_library(&self, module: &Value) -> bool {
        match module.as_object().map(|obj| self.interp.object(obj)) {
            Some(object) if matches!(object.kind, Kind::Module { .. }) => {
                self.interp.program().is_stub(object.site.file)
            }
            Some(object) if matches!(object.kind, Kind::Instance { .. }) => self.interp.is_stub_instance(module),
            _ => false,
        }
    }

    /// Where a pattern is registered; those of a library, where it is included.
    fn registered_at(&self, obj: Obj) -> Site {
        let site = registered_at(self.interp, obj);
        if self.interp.program().is_stub(site.file) { self.app.site } else { site }
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
