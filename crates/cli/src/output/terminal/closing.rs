//! The last lines: how much was found in how much, and what to do next.

use std::time::Duration;

use model::{AccessVerdict, Report};

use super::View;
use crate::output::access::Tally;
use crate::output::palette::{CODE, HEADING, paint};
use crate::output::text::{counted, grouped, shown, width, wrapped};
use crate::words::{PERSONAS, SEVERITIES};

/// Of a scan.
pub(super) fn of_scan(view: &View<'_>) -> String {
    let facts = [endpoints(view.report), findings(view), effort(view)];
    format!("{}next: {}\n", line(view, &facts), next(view))
}

/// Of an inventory.
pub(super) fn of_routes(view: &View<'_>) -> String {
    let facts = [endpoints(view.report), effort(view)];
    let scan = command("doorward", view.report);
    format!("{}next: {scan} looks for weaknesses\n", line(view, &facts))
}

/// The facts on one line, or where they do not fit, on one each.
fn line(view: &View<'_>, facts: &[String]) -> String {
    let one = facts.join(view.look.separator());
    let lines = if width(&one) <= view.look.width {
        vec![one]
    } else {
        let wrap = |fact: &String| wrapped(fact, view.look.width);
        facts.iter().flat_map(wrap).collect()
    };
    lines.iter().map(|line| paint(HEADING, line) + "\n").collect()
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
    let mut text = match report.findings.len() {
        0 => "no findings".to_owned(),
        count => counted(count, "finding", "findings"),
    };
    let severities: Vec<String> = report
        .severities()
        .into_iter()
        .map(|(severity, count)| format!("{count} {}", SEVERITIES.of(severity.0)))
        .collect();
    let hidden = view.hidden.total();
    match (severities.is_empty(), hidden) {
        (true, 0) => {}
        (false, 0) => text.push_str(&format!(" ({})", severities.join(", "))),
        (true, hidden) => text.push_str(&format!(" ({hidden} not shown)")),
        (false, hidden) => {
            text.push_str(&format!(" ({}; {hidden} not shown)", severities.join(", ")));
        }
    }
    text
}

fn effort(view: &View<'_>) -> String {
    let project = &view.report.project;
    let files = counted(project.files, "file", "files");
    let lines = counted(project.lines, "line", "lines");
    format!("{files}, {lines} in {}", duration(view.elapsed))
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
        let explain = paint(CODE, format!("`doorward explain {}`", shown(&finding.rule)));
        return format!("{explain} says why and how to fix it");
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
    let rules = paint(CODE, "`doorward rules`");
    format!("{rules} lists what was looked for")
}

/// A command for the same project.
fn command(command: &str, report: &Report) -> String {
    let root = shown(&report.project.root);
    let text = match &*root {
        "." | "" => format!("`{command}`"),
        root if root.contains(|c: char| c.is_whitespace() || "'\"$&;|<>()*?\\`".contains(c)) => {
            format!("`{command} '{}'`", root.replace('\'', "'\\''"))
        }
        root => format!("`{command} {root}`"),
    };
    paint(CODE, text)
}
