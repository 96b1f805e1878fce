//! The inventory: every endpoint of every application, with what protects it.

use std::sync::Arc;

use model::{
    Access, Application, CaseRule, DoubleSlash, Endpoint, EndpointId, Gap, Handler, MatchOrder,
    Method, MethodMismatch, MountPoint, Origin, PathPattern, Report, Route, RouterRules, Tool,
    TrailingSlash,
};
use python::interp::Interp;
use python::value::Kind;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::Judge;
use crate::frameworks::fastapi::{self, App, RawRoute};
use crate::project::Project;
use crate::{Options, Phase, Progress, assembly, rules};

/// Everything that a scan reports.
pub(crate) fn report(
    project: &Project,
    options: &Options,
    tool: Tool,
    progress: &dyn Progress,
) -> Report {
    let mut interp = assembly::assemble(&project.program, progress);
    let mut gaps = project.gaps.clone();
    gaps.extend(interp.take_gaps());
    let info = model::Project {
        root: options.root.to_string_lossy().into_owned(),
        files: project.files,
        lines: project.lines,
        ..model::Project::default()
    };
    let mut report = Report::new(tool, info);
    let apps = fastapi::applications(&interp);
    for app in &apps {
        let found = fastapi::collect(&mut interp, app);
        gaps.extend(found.gaps);
        let endpoints = endpoints(&mut interp, app, &found.routes, &mut gaps, progress);
        report
            .applications
            .push(application(&interp, app, &endpoints, found.mounts));
        report.project.frameworks.push(app.framework.into());
        report.endpoints.extend(endpoints);
    }
    gaps.extend(project.program.take_gaps());
    report.gaps = gaps;
    report.project.unreadable = report
        .gaps
        .iter()
        .filter(|g| g.kind.is_unreadable())
        .map(|g| Arc::clone(&g.file))
        .collect();
    rules::run(&mut report, &project.program);
    report.sort();
    report
}

fn endpoints(
    interp: &mut Interp<'_>,
    app: &App,
    routes: &[RawRoute],
    gaps: &mut Vec<Gap>,
    progress: &dyn Progress,
) -> Vec<Endpoint> {
    let mut judge = Judge::new();
    let mut found: Vec<Endpoint> = Vec::new();
    let mut seen: FxHashSet<(Method, String, Option<Arc<str>>)> = FxHashSet::default();
    let mut variants: FxHashMap<EndpointId, u32> = FxHashMap::default();
    for (done, raw) in routes.iter().enumerate() {
        for method in &raw.methods {
            // The same template twice: only the first is ever reached.
            if !seen.insert((
                method.clone(),
                format!("{:?}", raw.pattern),
                raw.host.clone(),
            )) {
                continue;
            }
            let mut route = Route::new(method.clone(), raw.pattern.clone());
            if let Some(host) = &raw.host {
                route = route.with_host(PathPattern::from_starlette(host));
            }
            let variant = variants.entry(route.id().clone()).or_insert(0);
            *variant += 1;
            if *variant > 1 {
                route = route.with_variant(*variant);
            }
            found.push(endpoint(interp, app, raw, route, gaps, &mut judge));
        }
        progress.advance(Phase::Judge, done + 1, routes.len());
    }
    found
}

fn endpoint(
    interp: &mut Interp<'_>,
    app: &App,
    raw: &RawRoute,
    route: Route,
    gaps: &mut Vec<Gap>,
    judge: &mut Judge,
) -> Endpoint {
    let handler = handler(interp, raw);
    let access = match raw.origin {
        Origin::Framework => Access::public(Vec::new()),
        _ => judge.access(interp, raw, route.id().method(), gaps),
    };
    let mut endpoint = Endpoint::new(route, Arc::clone(&app.name), app.framework, handler, access);
    endpoint.origin = raw.origin;
    endpoint.tags.clone_from(&raw.tags);
    endpoint.deprecated = raw.deprecated;
    endpoint.in_schema = raw.in_schema;
    endpoint
}

/// The function that answers: through wrappers to the one that a developer wrote.
fn handler(interp: &Interp<'_>, raw: &RawRoute) -> Handler {
    let program = interp.program();
    let innermost = interp.unwrapped(&raw.endpoint);
    let object = innermost.as_object().map(|o| interp.object(o));
    let (site, name) = match object.map(|o| (&o.kind, o.site)) {
        Some((Kind::Function(function), site)) => {
            let definition = function.code.function(function.id);
            let class = function.class.map(|c| match &interp.object(c).kind {
                Kind::Class(class) => format!("{}.", class.name),
                _ => String::new(),
            });
            (
                site,
                format!("{}{}", class.unwrap_or_default(), definition.name),
            )
        }
        Some((Kind::Class(class), site)) => (site, class.name.to_string()),
        Some((Kind::Instance { class }, site)) => (
            site,
            interp.qualified_name(class).unwrap_or_default().to_owned(),
        ),
        _ => (raw.site, String::from("<registered here>")),
    };
    let site = if program.is_stub(site.file) {
        raw.site
    } else {
        site
    };
    let file = program.file(site.file);
    let (_, module) = program.name_of(site.file);
    Handler::new(
        Arc::clone(&file.path),
        file.line(site.span.start),
        format!("{module}.{name}"),
    )
}

fn application(
    interp: &Interp<'_>,
    app: &App,
    endpoints: &[Endpoint],
    mounts: Vec<MountPoint>,
) -> Application {
    let file = interp.program().file(app.site.file);
    Application {
        name: Arc::clone(&app.name),
        framework: app.framework.into(),
        file: Arc::clone(&file.path),
        line: file.line(app.site.span.start),
        endpoints: endpoints.iter().map(|e| e.id().clone()).collect(),
        router: rules(),
        implicit_methods: vec![Method::Head, Method::Options],
        middleware: Vec::new(),
        mounts,
        security_schemes: indexmap::IndexMap::default(),
        principals: Vec::new(),
        objects: Vec::new(),
        tokens: Vec::new(),
    }
}

/// How Starlette's router picks a route.
fn rules() -> RouterRules {
    RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::Redirect,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: Some(307),
        converters: std::collections::BTreeMap::default(),
    }
}
