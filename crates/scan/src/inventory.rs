//! The inventory: every endpoint of every application, with what protects it.

use std::sync::{Arc, LazyLock};

use model::{
    Access, AccessVerdict, Application, CallShare, Endpoint, EndpointId, Gap, GapKind, Handler, Method, MountPoint,
    NobodysWrite, Origin, PathPattern, RateLimit, Report, Route, Tool, Unreached,
};
use python::interp::Interp;
use python::program::Program;
use python::value::{Kind, Site};
use rustc_hash::FxHashMap;

use crate::access::Judge;
use crate::calls::Calls;
use crate::declared_limits::Limits;
use crate::described::Described;
use crate::effects::{self, Trace};
use crate::flows::{self, Beside, TeamFlows};
use crate::frameworks::{self, App, RawRoute};
use crate::objects::Models;
use crate::parameters::Taken;
use crate::project::{Documents, Project, Templates};
use crate::registrations::{Place, Registrations, Standing};
use crate::schemas::Schemas;
use crate::{Options, Phase, Progress, assembly, defects, described, facts, literals, parameters, rules, schemes};

/// Registrations for the same requests that are told of one endpoint.
const UNREACHED_MAX: usize = 8;

/// Everything that a scan reports.
pub(crate) fn report(project: &Project, options: &Options, tool: Tool, progress: &dyn Progress) -> Report {
    let (mut interp, assembly_gaps) = assembly::assemble(&project.program, progress);
    let applications = frameworks::applications(&mut interp);
    let info = model::Project {
        root: options.root.to_string_lossy().into_owned(),
        files: project.files,
        lines: project.lines,
        ..model::Project::default()
    };
    let mut report = Report::new(tool, info);
    // What no application serves is nobody's object.
    let serves = !applications.is_empty();
    let mut inventory = Inventory::new(interp, project, serves, &options.flows);
    inventory.gaps.extend(assembly_gaps);
    inventory.gaps.extend(frameworks::others::gaps(&project.program));
    for app in applications {
        let Some(found) = inventory.interp.recovering(|i| frameworks::collect(i, &app)) else {
            inventory.failed("reading the routes of this application", app.site);
            continue;
        };
        inventory.gaps.extend(found.gaps);
        let endpoints = inventory.endpoints(&app, &found.routes, progress);
        report.applications.push(inventory.application(&app, &found.routes, &endpoints, found.mounts));
        report.project.frameworks.push(app.framework.name().into());
        report.endpoints.extend(endpoints);
    }
    let Inventory { mut interp, schemas, gaps, models, traces, mut calls, limits, team, templates } = inventory;
    report.gaps = gaps;
    report.gaps.extend(interp.take_gaps());
    report.gaps.extend(project.program.take_gaps());
    report.schemas = schemas.into_named();
    let share = interp.resolved_calls();
    let resolved = share.seen + share.named;
    let total = resolved + share.unknown;
    report.project.calls = (total > 0).then_some(CallShare { total, resolved });
    let is_asked = serves || team.has_sources() || serves_by_itself(&project.program);
    let beside = Beside { team: &team, templates };
    let resolving = if serves { flows::of_resolvers(&mut interp, beside) } else { Vec::new() };
    let loose = if is_asked { flows::of_program(&mut interp, beside, !serves) } else { Vec::new() };
    calls.complete(&mut interp, &rules::WATCHED);
    // The rules and the report find room in its memory.
    drop(interp);
    let of_endpoints = traces.iter().enumerate().map(|(at, trace)| (Some(at), trace.followed.flows.clone()));
    let flows = of_endpoints.chain([(None, resolving), (None, loose)]);
    let stored = effects::stored(&traces, &models);
    let code = rules::Code {
        stored,
        calls: calls.into_sorted(),
        flows: flows::united(flows),
        unescaped: traces.iter().flat_map(|trace| trace.followed.unescaped.iter().cloned()).collect(),
        literals: literals::of(&project.program, &project.literals, project.files),
    };
    facts::fill(&mut report, &traces, models);
    limits.fill(&mut report, &project.program);
    // Without an application there is nothing that a document could describe.
    let documents = if report.applications.is_empty() { &Documents::default() } else { project.documents() };
    rules::run(&mut report, &project.program, documents, &code);
    let unread = report.gaps.iter().filter(|g| g.kind.is_unreadable());
    report.project.unreadable = unread.map(|g| Arc::clone(&g.file)).collect();
    report.sort();
    report
}

/// Whether a program of its own speaks HTTP, without a framework.
fn serves_by_itself(program: &Program) -> bool {
    program.files().any(|(id, file)| !program.is_stub(id) && file.text.contains("BaseHTTPRequestHandler"))
}

/// The calls that are events: those that are effects, and those that rules ask about.
static WATCHED: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| effects::WATCHED.iter().copied().chain(rules::WATCHED.iter().map(|one| one.name)).collect());

struct Inventory<'p> {
    interp: Interp<'p>,
    schemas: Schemas,
    gaps: Vec<Gap>,
    models: Models,
    /// What each endpoint does, in their order.
    traces: Vec<Trace>,
    /// What they call that rules ask about.
    calls: Calls,
    limits: Limits,
    /// What the team names beyond our tables.
    team: flows::Named,
    templates: &'p Templates,
}

impl<'p> Inventory<'p> {
    fn new(mut interp: Interp<'p>, project: &'p Project, serves: bool, team: &TeamFlows) -> Self {
        interp.refill();
        let team = flows::Named::of(team, &mut interp);
        interp.refill();
        interp.watch(&WATCHED);
        interp.set_uses(flows::uses(&team));
        interp.watch_handed(effects::WATCHED_LABELS);
        interp.watch_methods(effects::WATCHED_METHODS);
        let models = if serves { interp.recovering(Models::of) } else { None }.unwrap_or_default();
        Self {
            interp,
            schemas: Schemas::default(),
            gaps: project.gaps.clone(),
            models,
            traces: Vec::new(),
            calls: Calls::default(),
            limits: Limits::of(&project.program),
            team,
            templates: &project.templates,
        }
    }

    fn endpoints(&mut self, app: &App, routes: &[RawRoute], progress: &dyn Progress) -> Vec<Endpoint> {
        let mut judge = Judge::new();
        let mut found: Vec<Endpoint> = Vec::new();
        let mut registrations = Registrations::default();
        let mut variants: FxHashMap<EndpointId, u32> = FxHashMap::default();
        for (done, raw) in routes.iter().enumerate() {
            for method in &raw.methods {
                match registrations.note(raw, method, found.len()) {
                    Standing::New => {}
                    Standing::Repeated => continue,
                    Standing::Behind(winner, place) => {
                        self.unreached(raw, method, &mut found[winner], place, &mut judge);
                        continue;
                    }
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
                found.push(self.endpoint(app, raw, route, &mut judge));
            }
            progress.advance(Phase::Judge, done + 1, routes.len());
        }
        found
    }

    /// Notes a registration for requests that `winner`, registered at `place`, takes. In two branches of one statement only one of them
    /// is made: which one is not known.
    fn unreached(&mut self, raw: &RawRoute, method: &Method, winner: &mut Endpoint, place: Place, judge: &mut Judge) {
        let handler = handler(&self.interp, raw);
        if raw.origin != Origin::Project || (winner.unreached.len() >= UNREACHED_MAX) {
            return;
        }
        let program = self.interp.program();
        let (site, route) = place;
        let excludes = || site.file == raw.site.file && program.exclude_each_other(site.file, site.span, raw.site.span);
        let is_other_side =
            || route.zip(raw.route).is_some_and(|(one, other)| self.interp.are_alternatives(one, other));
        if excludes() || is_other_side() {
            if handler != winner.handler {
                let (at, path) = (&winner.handler, winner.path());
                let reason = format!(
                    "which of two handlers answers `{method} {path}`, this or the one at {}:{}, is decided when the program runs",
                    at.file, at.line
                );
                let line = Some(program.file(raw.site.file).line(raw.site.span.start));
                let file = Arc::clone(&program.file(raw.site.file).path);
                self.gaps.push(Gap { kind: GapKind::UnresolvedRoute, file, line, reason });
            }
            return;
        }
        let gaps = &mut self.gaps;
        let Some(access) = self.interp.recovering(|i| judge.access(i, raw, method, gaps)) else { return };
        if handler != winner.handler || access.verdict() != winner.access.verdict() {
            winner.unreached.push(Unreached { method: method.clone(), handler, access });
        }
    }

    fn endpoint(&mut self, app: &App, raw: &RawRoute, route: Route, judge: &mut Judge) -> Endpoint {
        let handler = handler(&self.interp, raw);
        let (method, gaps) = (route.id().method().clone(), &mut self.gaps);
        let access = self.interp.recovering(|i| judge.access(i, raw, &method, gaps));
        let access = access.unwrap_or_else(|| Access::unknown(self.failed("judging this endpoint", raw.site)));
        // Annotations are evaluated outside the explorations of the judge: with an allowance of their own.
        self.interp.refill();
        let schemas = &mut self.schemas;
        let signature = self.interp.recovering(|i| {
            let mut taken = parameters::taken(i, schemas, raw);
            let mut described = described::of(i, schemas, raw, &method);
            described.add_to(&mut taken);
            (taken, parameters::response(i, schemas, raw).or(described.response))
        });
        let (taken, response) = signature.unwrap_or_else(|| {
            self.failed("reading the signature of this endpoint", raw.site);
            Default::default()
        });
        let mut endpoint = Endpoint::new(route, Arc::clone(&app.name), app.framework.name(), handler, access);
        endpoint.origin = raw.origin;
        endpoint.tags.clone_from(&raw.tags);
        endpoint.router = raw.tags.first().cloned();
        endpoint.deprecated = raw.deprecated;
        endpoint.in_schema = raw.in_schema;
        endpoint.parameters = taken.parameters;
        endpoint.request_body = taken.body;
        endpoint.response = response;
        endpoint.limits = self.limits_of(raw, endpoint.method());
        endpoint.version = version_in(&endpoint.path());
        let (mut trace, parsed) = self.trace(raw, endpoint.method(), judge);
        if endpoint.access.verdict() == AccessVerdict::Public && effects::names_principal(&trace) {
            trace.for_nobody = self.written_for_nobody(&trace, raw, endpoint.method(), judge);
        }
        self.traces.push(trace);
        let mut taken = Taken { parameters: endpoint.parameters, body: endpoint.request_body };
        for mut described in parsed {
            described.add_to(&mut taken);
        }
        (endpoint.parameters, endpoint.request_body) = (taken.parameters, taken.body);
        endpoint
    }

    /// How often an endpoint may be called, as far as the evaluation knows what declares it.
    fn limits_of(&mut self, raw: &RawRoute, method: &Method) -> Vec<RateLimit> {
        let limits = &mut self.limits;
        let declared = self.interp.recovering(|i| limits.of_route(i, raw, method));
        declared.unwrap_or_else(|| {
            self.failed("reading the limits of this endpoint", raw.site);
            Vec::new()
        })
    }

    /// What an endpoint of the program's own code does, and what the parsers take that it asks.
    fn trace(&mut self, raw: &RawRoute, method: &Method, judge: &mut Judge) -> (Trace, Vec<Described>) {
        if raw.origin != Origin::Project || raw.route.is_none() {
            return Default::default();
        }
        let (models, calls, schemas) = (&mut self.models, &mut self.calls, &mut self.schemas);
        let beside = Beside { team: &self.team, templates: self.templates };
        let index = self.traces.len();
        let read = self.interp.recovering(|i| {
            judge.play_throughout(i, raw, method, |i, played| {
                calls.note(i, &rules::WATCHED, Some(index));
                (effects::trace(i, models, played, raw, beside), described::parsed(i, schemas, raw, method))
            })
        });
        read.unwrap_or_else(|| {
            self.failed("seeing what this endpoint does", raw.site);
            Default::default()
        })
    }

    /// What an endpoint that admits everybody writes for who is known, where nobody is.
    fn written_for_nobody(
        &mut self,
        trace: &Trace,
        raw: &RawRoute,
        method: &Method,
        judge: &mut Judge,
    ) -> Vec<NobodysWrite> {
        let models = &mut self.models;
        let beside = Beside { team: &self.team, templates: self.templates };
        let without = self.interp.recovering(|i| {
            judge.play_without_credential(i, raw, method, |i, played| {
                (effects::trace(i, models, played, raw, beside), played.asks_who)
            })
        });
        let (without, asks_who) = without.unwrap_or_else(|| {
            self.failed("seeing what this endpoint does for nobody", raw.site);
            Default::default()
        });
        effects::for_nobody(trace, &without, asks_who, &self.models)
    }

    /// Notes a defect of ours at a place.
    fn failed(&mut self, what: &str, site: Site) -> Gap {
        let file = self.interp.program().file(site.file);
        let gap = defects::gap(&file.path, Some(file.line(site.span.start)), what);
        self.gaps.push(gap.clone());
        gap
    }

    fn application(
        &mut self,
        app: &App,
        routes: &[RawRoute],
        endpoints: &[Endpoint],
        mounts: Vec<MountPoint>,
    ) -> Application {
        let file = self.interp.program().file(app.site.file);
        Application {
            name: Arc::clone(&app.name),
            framework: app.framework.name().into(),
            file: Arc::clone(&file.path),
            line: file.line(app.site.span.start),
            endpoints: endpoints.iter().map(|e| e.id().clone()).collect(),
            router: frameworks::router_rules(&self.interp, app),
            implicit_methods: app.framework.implicit_methods(),
            middleware: frameworks::middleware(&self.interp, app),
            mounts,
            security_schemes: schemes::declared(&mut self.interp, routes, endpoints),
            principals: Vec::new(),
            objects: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// The version that a path names in a segment of its own: `v1`, `v2.1`.
fn version_in(path: &str) -> Option<Arc<str>> {
    let is_version = |s: &&str| {
        s.strip_prefix('v').is_some_and(|n| {
            n.starts_with(|c: char| c.is_ascii_digit()) && n.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
    };
    path.split('/').find(is_version).map(Arc::from)
}

/// The function that answers: through wrappers to the one that a developer wrote.
fn handler(interp: &Interp<'_>, raw: &RawRoute) -> Handler {
    let program = interp.program();
    let written = raw.written.as_ref().unwrap_or(&raw.endpoint);
    let innermost = interp.unwrapped(written);
    let innermost = interp.made_of(&innermost).map_or(innermost, |function| interp.unwrapped(&function));
    let object = innermost.as_object().map(|o| interp.object(o));
    let (site, name) = match object.map(|o| (&o.kind, o.site)) {
        Some((Kind::Function(function), site)) => {
            let definition = function.code.function(function.id);
            let class = function.class.map(|c| match &interp.object(c).kind {
                Kind::Class(class) => format!("{}.", class.name),
                _ => String::new(),
            });
            (site, format!("{}{}", class.unwrap_or_default(), definition.name))
        }
        Some((Kind::Class(class), site)) => (site, class.name.to_string()),
        Some((Kind::Instance { class }, site)) => {
            let called = object.and_then(|o| o.attributes.get(python::Symbol::new("__name__")));
            let called = called.and_then(|name| name.as_str().filter(|_| interp.is_stub_instance(&innermost)));
            (site, called.or_else(|| interp.qualified_name(class)).unwrap_or_default().to_owned())
        }
        _ => (raw.site, String::from("<registered here>")),
    };
    let site = if program.is_stub(site.file) { raw.site } else { site };
    let file = program.file(site.file);
    let (_, module) = program.name_of(site.file);
    Handler::new(Arc::clone(&file.path), file.line(site.span.start), format!("{module}.{name}"))
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_segments() {
        assert_eq!(version_in("/api/v1/items").as_deref(), Some("v1"));
        assert_eq!(version_in("/vouchers/voice"), None);
    }
}
