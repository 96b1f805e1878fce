//! The last lines: how much was found in how much, and what to do next.

use std::time::Duration;

use model::{AccessVerdict, Report};

use super::View;
use crate::output::access::Tally;
use crate::output::palette::{HEADING, coded, paint};
use crate::output::text::{counted, grouped, shown, width, wrapped};
use crate::words::{PERSONAS, SEVERITIES};

/// Of a scan.
pub(super) fn of_scan(view: &View<'_>) -> String {
    let facts = [endpoints(view.report), findings(view), effort(view)];
    let calls = view.verbose.then(|| resolved_calls(view.report)).flatten();
    line(view, &facts.into_iter().chain(calls).collect::<Vec<_>>()) + &advice(view, &next(view))
}

/// Of an inventory.
pub(super) fn of_routes(view: &View<'_>) -> String {
    let facts = [endpoints(view.report), effort(view)];
    let scan = command("doorward", view.report);
    line(view, &facts) + &advice(view, &format!("{scan} looks for weaknesses"))
}

/// The facts on one line, or on as few as they fit on.
fn line(view: &View<'_>, facts: &[String]) -> String {
    let (columns, separator) = (view.look.width, view.look.separator());
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        match lines.last_mut() {
            Some(line) if width(line) + width(separator) + width(fact) <= columns => {
                line.push_str(separator);
                line.push_str(fact);
            }
            _ => lines.extend(wrapped(fact, columns)),
        }
    }
    lines.iter().map(|line| paint(HEADING, line) + "\n").collect()
}

/// What to do next.
fn advice(view: &View<'_>, text: &str) -> String {
    let lines = wrapped(&format!("next: {text}"), view.look.width);
    lines.iter().map(|line| coded(line) + "\n").collect()
}

fn endpoints(report: &Report) -> String {
    let tally = Tally::of(&report.endpoints);
    let count = counted(tally.total(), "endpoint", "endpoints");
    match tally.total() {
        0 => count,
        _ => format!("{count} ({})", tally.listed()),
    }
}

fn findings(view: &View<'_>) -> String {
    let report = view.report;
    let count = match report.findings.len() {
        0 => "no findings".to_owned(),
        count => counted(count, "finding", "findings"),
    };
    let severities: Vec<String> = report
        .severities()
        .into_iter()
        .map(|(severity, count)| format!("{count} {}", SEVERITIES.of(severity.0)))
        .collect();
    let hidden = match view.hidden.total() {
        0 => None,
        count => Some(format!("{count} not shown")),
    };
    let told = Some(severities.join(", ")).filter(|told| !told.is_empty());
    let details: Vec<String> = told.into_iter().chain(hidden).collect();
    if details.is_empty() { count } else { format!("{count} ({})", details.join("; ")) }
}

fn effort(view: &View<'_>) -> String {
    let project = &view.report.project;
    let files = counted(project.files, "file", "files");
    let lines = counted(project.lines, "line", "lines");
    format!("{files}, {lines} in {}", duration(view.elapsed))
}

/// How much of what endpoints reach was seen.
fn resolved_calls(report: &Report) -> Option<String> {
    let calls = report.project.calls?;
    let share = calls.resolved * 100 / calls.total.max(1);
    Some(format!("{share} % of {} resolved", counted(calls.total, "call", "calls")))
}

fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        0..1000 => format!("{} ms", elapsed.as_millis()),
        _ => format!("{:.1} s", elapsed.as_secs_f64()),
    }
}

/// The one command that helps most now.
fn next(view: &View<'_>) -> String {
    let report = view.report;
    let worst = report.findings.iter().max_by_key(|finding| finding.severity);
    let unknown = |verdict| verdict == AccessVerdict::Unknown;
    if let Some(finding) = worst {
        let rule = shown(&finding.rule);
        return format!("`doorward explain {rule}` says why and how to fix it");
    }
    let not_understood = report.endpoints.iter().any(|one| unknown(one.access.verdict()));
    if (not_understood || !report.gaps.is_empty()) && !view.verbose {
        let scan = command("doorward scan --verbose", report);
        return format!("{scan} lists what was not understood");
    }
    if let Some(persona) = view.hidden.persona {
        let name = PERSONAS.of(persona);
        let scan = command(&format!("doorward scan --persona {name}"), report);
        let count = grouped(view.hidden.by_persona);
        return format!("{scan} shows {count} more");
    }
    "`doorward rules` lists what was looked for".to_owned()
}

/// A command for the same project.
fn command(command: &str, report: &Report) -> String {
    let root = shown(&report.project.root);
    match &*root {
        "." | "" => format!("`{command}`"),
        root if root.contains(|c: char| c.is_whitespace() || "'\"$&;|<>()*?\\`".contains(c)) => {
            format!("`{command} '{}'`", root.replace('\'', "'\\''"))
        }
        root => format!("`{command} {root}`"),
    }
}
