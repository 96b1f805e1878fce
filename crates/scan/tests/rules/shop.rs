//! What the rules say about `examples/shop`, hole by hole, and that they say it again in the same words.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use crate::project::scanned;
use doorward_scan::{Options, Silent, scan};
use model::{Finding, Persona, Report, Tool};

fn shop() -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    scanned(&folder)
}

/// The endpoints that admit everybody at run time: the application was started and asked without credentials.
const OPEN: &[&str] = &[
    "DELETE /api/v1/admin/banners/{}",
    "GET /api/v0/products",
    "GET /api/v1/auth/continue",
    "GET /api/v1/auth/logout",
    "GET /api/v1/banners",
    "GET /api/v1/products",
    "GET /api/v1/products/search",
    "GET /api/v1/products/suggest",
    "GET /api/v1/products/{}",
    "GET /api/v1/products/{}/reviews",
    "GET /api/v1/users/{}/contact",
    "GET /debug/settings",
    "POST /api/v1/webhooks/shipping",
    "GET /health",
    "GET /internal/ping",
    "POST /api/v1/admin/banners",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/password-reset",
    "POST /api/v1/auth/password-reset/confirm",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/staff-login",
    "POST /api/v1/products/{}/reviews/{}/report",
    "POST /api/v1/webhooks/shipping",
    "PUT /api/v1/admin/banners/{}",
    "PUT /api/v1/inventory/{}",
    "WS /api/v1/live/support",
];

fn endpoint_of(finding: &Finding) -> String {
    let id = finding.endpoint.as_ref();
    id.map(ToString::to_string).unwrap_or_default()
}

/// The findings on endpoints that are open at run time, one a line: rule, severity, confidence, persona, endpoint, place.
fn listed(report: &Report) -> String {
    let mut out = String::new();
    let mut count = 0;
    for finding in &report.findings {
        let endpoint = endpoint_of(finding);
        if !OPEN.contains(&endpoint.as_str()) {
            continue;
        }
        count += 1;
        let (place, line) = (&finding.location.file, finding.location.line);
        let lower = |word: &dyn std::fmt::Debug| format!("{word:?}").to_lowercase();
        let _ = writeln!(
            out,
            "{:<21} {:<6} {:<6} {:<8} {endpoint} ({place}:{line})",
            finding.rule,
            lower(&finding.severity),
            lower(&finding.confidence),
            lower(&finding.persona),
        );
    }
    let _ = writeln!(out, "{count} findings");
    out
}

#[test]
fn the_open_doors_of_the_shop() {
    insta::assert_snapshot!(listed(&shop()));
}

#[test]
fn what_is_open_is_said_and_what_is_protected_is_not() {
    let report = shop();
    let about_openness = report.findings.iter().filter(|one| one.rule.starts_with("unauthenticated-"));
    let found: BTreeSet<_> = about_openness.map(endpoint_of).collect();
    let open: BTreeSet<_> = OPEN.iter().filter(|one| !MEANT.contains(one)).map(ToString::to_string).collect();
    let wrong: Vec<_> = found.symmetric_difference(&open).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Those of them that everybody has to be admitted to, as whole segments of their paths say, and a webhook, of which another rule speaks.
const MEANT: &[&str] = &[
    "POST /api/v1/webhooks/shipping",
    "GET /api/v1/auth/logout",
    "GET /health",
    "GET /internal/ping",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/password-reset",
    "POST /api/v1/auth/password-reset/confirm",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/staff-login",
];

/// What else is found: everything that the other rules say, and nothing beside it.
#[test]
fn objects_and_keys_of_the_shop() {
    let mut out = String::new();
    for finding in shop().findings.iter().filter(|one| !one.rule.starts_with("unauthenticated-")) {
        let (place, line) = (&finding.location.file, finding.location.line);
        let _ = writeln!(
            out,
            "{} {:?} {:?} {:?} {} ({place}:{line})",
            finding.rule,
            finding.severity,
            finding.confidence,
            finding.persona,
            endpoint_of(finding),
        );
        let _ = writeln!(out, "  {}", finding.message);
        for place in &finding.trace {
            let _ = writeln!(out, "  {}:{}: {}", place.file, place.line, place.what);
        }
        let fix = finding.fix.as_ref().map_or("", |fix| &fix.text);
        let _ = writeln!(out, "  fix: {fix}\n  {:?}", finding.shielding);
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_key_in_the_code_is_never_told() {
    let key = "pl-books-access";
    let report = shop();
    assert!(!serde_json::to_string(&report).unwrap().contains(key) && !format!("{report:?}").contains(key));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let options = Options { root: folder, ..Options::default() };
    let tool = Tool { name: "doorward".into(), version: "0".into() };
    let sources = scan(&options, tool, &Silent).unwrap().sources;
    let shown = sources.text("app/core/config.py").unwrap();
    assert!(!shown.contains(key) && shown.contains("jwt_secret: str = \"****"), "nor shown in the source");
}

#[test]
fn a_key_in_a_call_and_a_password_on_the_way_are_never_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = "import jwt\nfrom flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_login import LoginManager, UserMixin, login_required\n\
        app = Flask(__name__)\ndb = SQLAlchemy(app)\nmanager = LoginManager(app)\n\
        class User(UserMixin, db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n    email = db.Column(db.String)\n    \
        password = db.Column(db.String)\ndef add(email, password):\n    db.session.add(User(email=email, password=password))\n\
        @manager.user_loader\ndef load(key):\n    return User.query.get(key)\n\
        @app.get('/own')\n@login_required\ndef own():\n    return {}\n\
        @app.post('/seed')\ndef seed():\n    add('a@example.com', 'first-pass-51')\n    return {}\n\
        def sign(name):\n    return jwt.encode({'sub': name}, 'second-key-52')\n";
    std::fs::write(folder.path().join("app.py"), text).unwrap();
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    let tool = Tool { name: "doorward".into(), version: "0".into() };
    let scanned = scan(&options, tool, &Silent).unwrap();
    let json = serde_json::to_string(&scanned.report).unwrap();
    let rules: Vec<&str> = scanned.report.findings.iter().map(|finding| &*finding.rule).collect();
    assert!(rules.contains(&"known-password") && rules.contains(&"literal-token-key"), "{rules:?}");
    let shown = scanned.sources.text("app.py").unwrap();
    for secret in ["first-pass-51", "second-key-52"] {
        assert!(!json.contains(secret) && !shown.contains(secret), "{secret}");
    }
}

#[test]
fn messages_say_what_why_and_what_to_do() {
    let report = shop();
    let finding = |endpoint: &str| {
        let mut findings = report.findings.iter();
        let is_it = |one: &&Finding| endpoint_of(one) == endpoint && one.persona != Persona::Auditor;
        let finding = findings.find(is_it).unwrap();
        let fix = finding.fix.as_ref().map_or("", |fix| &fix.text);
        let mut out = format!("{}\n", finding.message);
        for place in &finding.trace {
            let _ = writeln!(out, "  {}:{}: {}", place.file, place.line, place.what);
        }
        out + fix
    };
    insta::assert_snapshot!(
        [
            "POST /api/v1/admin/banners",
            "GET /api/v1/users/{}/contact",
            "GET /debug/settings",
            "POST /api/v1/webhooks/shipping",
            "POST /api/v1/auth/login"
        ]
        .map(finding)
        .join("\n\n")
    );
}

#[test]
fn the_same_input_gives_the_same_findings() {
    let (first, second) = (shop(), shop());
    assert_eq!(first.findings, second.findings);
    let mut fingerprints: Vec<_> = first.findings.iter().map(|one| one.fingerprint).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), first.findings.len(), "each has its own");
}
