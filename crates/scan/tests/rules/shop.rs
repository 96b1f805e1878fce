//! What the rules say about `examples/shop`, hole by hole, and that they say it again in the same words.

use std::fmt::Write;
use std::path::Path;

use crate::project::scanned;
use model::Report;

fn shop() -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    scanned(&folder)
}

/// A finding a line: rule, severity, confidence, persona, endpoint, place.
fn listed(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let endpoint = finding
            .endpoint
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        let (place, line) = (&finding.location.file, finding.location.line);
        let _ = writeln!(
            out,
            "{:<21} {:<6} {:<6} {:<8} {endpoint} ({place}:{line})",
            finding.rule,
            format!("{:?}", finding.severity).to_lowercase(),
            format!("{:?}", finding.confidence).to_lowercase(),
            format!("{:?}", finding.persona).to_lowercase(),
        );
    }
    let _ = writeln!(out, "{} findings", report.findings.len());
    out
}

#[test]
fn the_open_doors_of_the_shop() {
    insta::assert_snapshot!(listed(&shop()));
}

#[test]
fn messages_say_what_why_and_what_to_do() {
    let report = shop();
    let finding = |endpoint: &str| {
        let mut findings = report.findings.iter();
        let of = |one: &model::Finding| {
            one.endpoint
                .as_ref()
                .is_some_and(|id| id.to_string() == endpoint)
        };
        let finding = findings.find(|one| of(one)).unwrap();
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
