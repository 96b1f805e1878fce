//! Reports made by hand, for the tests of the formats.

use std::sync::Arc;

use model::{
    Access, Application, AuthRequirement, CaseRule, Condition, Confidence, DoubleSlash, Endpoint, Evidence, Finding,
    Fingerprint, FingerprintKey, Fix, Gap, GapKind, Handler, Location, MatchOrder, Method, MethodMismatch, MountKind,
    MountPoint, Origin, PathPattern, Project, Report, Route, RouterRules, Severity, Subject, Test, Tool, TrailingSlash,
    Weakness,
};

/// The file of some handlers and findings.
pub(crate) const ITEMS: &str = "backend/app/api/routes/items.py";

/// Its text.
pub(crate) const ITEMS_TEXT: &str = "\
from fastapi import APIRouter

router = APIRouter(prefix=\"/items\", tags=[\"items\"])


@router.post(\"/\")
def create_item(session: SessionDep, item_in: ItemCreate) -> Item:
    item = Item.model_validate(item_in)
    session.add(item)
    session.commit()
    return item
";

pub(crate) fn tool() -> Tool {
    Tool { name: "doorward".into(), version: "0.1.0".into() }
}

pub(crate) fn gap(kind: GapKind, file: &str, line: Option<u32>, reason: &str) -> Gap {
    Gap { kind, file: file.into(), line, reason: reason.to_owned() }
}

pub(crate) fn finding(rule: &str, severity: Severity, file: &str, line: u32) -> Finding {
    let location = Location { file: file.into(), line, end_line: line, column: 1 };
    let symbol = format!("{}:{line}", location.file);
    let key = FingerprintKey::new(rule, Subject::File(file.into()), symbol, "");
    Finding::new(
        rule,
        Weakness::MissingAuthentication,
        severity,
        Confidence::High,
        location,
        "everybody may create an `Item`",
        Fingerprint::of(&key, 0),
    )
}

pub(crate) fn endpoint(method: &str, path: &str, line: u32, access: Access) -> Endpoint {
    let route = Route::new(method.parse().unwrap(), PathPattern::from_starlette(path));
    let handler = Handler::new(ITEMS, line, format!("app.api.routes.items.handler_{line}"));
    Endpoint { router: Some("items".into()), ..Endpoint::new(route, "app.main:app", "fastapi", handler, access) }
}

pub(crate) fn login() -> Access {
    let evidence = Evidence::new("backend/app/api/deps.py", 30, "get_current_user raises 403");
    Access::required(AuthRequirement::of(bearer()), vec![evidence])
}

pub(crate) fn role(name: &str) -> Access {
    let conditions = [bearer(), Test::Role(name.into())].map(Condition::from);
    let evidence = [
        Evidence::new("backend/app/api/deps.py", 30, "get_current_user raises 403"),
        Evidence::new("backend/app/api/deps.py", 52, "get_current_active_superuser raises 403"),
    ];
    Access::required(AuthRequirement::all_of(conditions), evidence.into())
}

pub(crate) fn unknown() -> Access {
    Access::unknown(gap(
        GapKind::UnresolvedGuard,
        "backend/app/api/hooks.py",
        Some(9),
        "`vendor.verify` is not in the project",
    ))
}

pub(crate) fn application(name: &str) -> Application {
    Application {
        name: name.into(),
        framework: "fastapi".into(),
        file: "backend/app/main.py".into(),
        line: 12,
        endpoints: Vec::new(),
        router: RouterRules {
            order: MatchOrder::FirstMatch,
            method_mismatch: MethodMismatch::TryNext,
            trailing_slash: TrailingSlash::Redirect,
            case: CaseRule::Sensitive,
            double_slash: DoubleSlash::Strict,
            redirect_status: Some(307),
            converters: std::collections::BTreeMap::default(),
        },
        mounts: Vec::new(),
        implicit_methods: Vec::new(),
        middleware: Vec::new(),
        security_schemes: indexmap::IndexMap::default(),
        principals: Vec::new(),
        objects: Vec::new(),
        tokens: Vec::new(),
    }
}

fn mount(path: &str, kind: MountKind, line: u32) -> MountPoint {
    MountPoint { path: path.into(), kind, evidence: Evidence::new("backend/app/main.py", line, "`app.mount`") }
}

/// A report without anything but a project.
pub(crate) fn empty() -> Report {
    let project = Project {
        root: ".".to_owned(),
        files: 47,
        lines: 3012,
        frameworks: vec!["fastapi".into()],
        unreadable: Vec::new(),
        calls: None,
    };
    Report::new(tool(), project)
}

/// A report with something of everything.
pub(crate) fn shop() -> Report {
    let mut report = empty();
    report.applications = vec![Application {
        mounts: vec![mount("/static", MountKind::Files, 20), mount("/legacy", MountKind::Unknown, 22)],
        ..application("app.main:app")
    }];
    report.endpoints = shop_endpoints();
    report.findings = vec![open_write(&report.endpoints[1])];
    report.gaps = vec![
        gap(
            GapKind::UnresolvedRoute,
            "backend/app/plugins.py",
            Some(3),
            "the prefix comes from the environment variable `API_ROOT`",
        ),
        gap(GapKind::Syntax, "scripts/old.py", Some(40), "`print x` is Python 2"),
    ];
    report.project.unreadable = vec!["scripts/old.py".into()];
    report.sort();
    report
}

fn shop_endpoints() -> Vec<Endpoint> {
    let metrics = Access::assumed(AuthRequirement::of(bearer()), "default of `METRICS_TOKEN`", vec![]);
    vec![
        endpoint("GET", "/api/v1/items/", 14, login()),
        endpoint("POST", "/api/v1/items/", 7, Access::public(vec![])),
        endpoint("GET", "/api/v1/items/{id}", 22, login()),
        Endpoint { deprecated: true, ..endpoint("DELETE", "/api/v1/items/{id}", 31, role("admin")) },
        endpoint("GET", "/api/v1/warehouses/{warehouse_id}/shelves/{shelf_id}/items/{id}/history", 44, login()),
        Endpoint {
            router: None,
            handler: Handler::new("backend/app/api/hooks.py", 9, "app.api.hooks.receive"),
            ..endpoint("POST", "/api/v1/hooks/{provider}", 9, unknown())
        },
        Endpoint {
            router: Some("metrics".into()),
            handler: Handler::new("backend/app/metrics.py", 5, "app.metrics.show"),
            ..endpoint("GET", "/metrics", 5, metrics.configurable_by("METRICS_TOKEN"))
        },
        Endpoint {
            origin: Origin::Framework,
            router: None,
            handler: Handler::new("backend/app/main.py", 12, "fastapi.FastAPI"),
            ..endpoint("GET", "/docs", 12, Access::public(vec![]))
        },
    ]
}

fn open_write(endpoint: &Endpoint) -> Finding {
    let location = Location { file: ITEMS.into(), line: 7, end_line: 11, column: 1 };
    Finding {
        location,
        endpoint: Some(endpoint.id().clone()),
        application: Some("app.main:app".into()),
        trace: vec![
            Evidence::new(ITEMS, 9, "a row is added"),
            Evidence::new("backend/app/main.py", 20, "the router is included without dependencies"),
        ],
        fix: Some(Fix::text("add `Depends(get_current_user)` to the route or its router")),
        ..finding("unauthenticated-write", Severity::High, ITEMS, 7)
    }
}

/// A report with many endpoints and findings.
pub(crate) fn many(count: u32) -> Report {
    let mut report = empty();
    report.applications = vec![application("app.main:app")];
    for number in 0..count {
        let access = match number % 20 {
            0 => Access::public(vec![]),
            1 => unknown(),
            2 => role("admin"),
            _ => login(),
        };
        let method = if number % 2 == 0 { Method::Get } else { Method::Post };
        let (router, path) = (number / 25, format!("/api/r{}/x{number}", number / 25));
        let name: Arc<str> = format!("router{router}").into();
        let file = format!("app/routers/r{router}.py");
        let handler = Handler::new(file, 10 + number, format!("app.r{router}.x{number}"));
        report.endpoints.push(Endpoint {
            router: Some(name),
            handler,
            ..endpoint(method.as_str(), &path, number, access)
        });
    }
    report.findings = (0..8)
        .map(|number| {
            let severity = if number == 3 { Severity::Critical } else { Severity::Medium };
            finding("unauthenticated-read", severity, &format!("app/routers/r{number}.py"), 10)
        })
        .collect();
    report.sort();
    report
}

fn bearer() -> Test {
    Test::Scheme("OAuth2PasswordBearer".into())
}
