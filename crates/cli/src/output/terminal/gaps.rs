//! What was not read or understood: summed up, and listed on request.

use std::fmt::Write;

use model::{Gap, GapKind, Report};

use super::View;
use crate::output::palette::{FAINT, HEADING, UNSURE, paint};
use crate::output::text::{counted, shown, width, wrapped};

/// What a kind of gap is called, and what befell it.
struct Name {
    kind: GapKind,
    one: &'static str,
    many: &'static str,
    fate: &'static str,
}

/// The kinds in the order in which they are told, those of one fate together.
const NAMES: &[Name] = &[
    name(GapKind::UnresolvedRoute, "route", "routes", NOT_UNDERSTOOD),
    name(GapKind::UnresolvedRouter, "router", "routers", NOT_UNDERSTOOD),
    name(GapKind::UnresolvedGuard, "guard", "guards", NOT_UNDERSTOOD),
    name(GapKind::UnknownFramework, "framework", "frameworks", NOT_UNDERSTOOD),
    name(GapKind::UnresolvedSchema, "schema", "schemas", NOT_UNDERSTOOD),
    name(GapKind::EvaluationLimit, "module", "modules", "evaluated in part"),
    name(GapKind::Notebook, "notebook", "notebooks", "skipped"),
    name(GapKind::Internal, "part", "parts", "failed by a defect of Doorward"),
    name(GapKind::Unreadable, "file", "files", "not read"),
    name(GapKind::FileTooLarge, "large file", "large files", "not read"),
    name(GapKind::TooDeep, "deeply nested file", "deeply nested files", "not read"),
    name(GapKind::NotText, "binary file", "binary files", "not read"),
    name(GapKind::Encoding, "file in another encoding", "files in another encoding", "read in part"),
    name(GapKind::Syntax, "file with syntax errors", "files with syntax errors", "read in part"),
];

const NOT_UNDERSTOOD: &str = "not understood";

const fn name(kind: GapKind, one: &'static str, many: &'static str, fate: &'static str) -> Name {
    Name { kind, one, many, fate }
}

/// The last section but one: a sum, and with `--verbose` all of them.
pub(super) fn section(view: &View<'_>) -> String {
    if view.report.gaps.is_empty() {
        return String::new();
    }
    if view.verbose {
        return listed(view);
    }
    let text = format!("gaps: {}  (`--verbose` lists them)", told(view.report));
    let lines = wrapped(&text, view.look.width);
    lines.iter().map(|line| paint(UNSURE, line) + "\n").collect()
}

/// How many of each kind: `2 routes, 1 guard not understood; 1 file not read`.
pub(crate) fn told(report: &Report) -> String {
    let mut fates: Vec<(&str, Vec<String>)> = Vec::new();
    for name in NAMES {
        let count = count(report, name.kind);
        if count == 0 {
            continue;
        }
        let told = counted(count, name.one, name.many);
        match fates.last_mut() {
            Some((fate, kinds)) if *fate == name.fate => kinds.push(told),
            _ => fates.push((name.fate, vec![told])),
        }
    }
    let clauses: Vec<String> = fates.into_iter().map(|(fate, kinds)| format!("{} {fate}", kinds.join(", "))).collect();
    clauses.join("; ")
}

/// A file that could not be read is one, however many of its parts are among the gaps.
fn count(report: &Report, kind: GapKind) -> usize {
    let gaps = report.gaps.iter().filter(|gap| gap.kind == kind);
    if !kind.is_unreadable() {
        return gaps.count();
    }
    let mut files: Vec<&str> = gaps.map(|gap| &*gap.file).collect();
    files.sort_unstable();
    files.dedup();
    files.len()
}

fn listed(view: &View<'_>) -> String {
    let mut out = format!("{}\n", paint(HEADING, format!("gaps: {}", told(view.report))));
    for gap in &view.report.gaps {
        let place = place(gap);
        let reason = shown(&gap.reason);
        if 4 + width(&place) + width(&reason) <= view.look.width {
            let _ = writeln!(out, "  {}  {reason}", paint(FAINT, place));
            continue;
        }
        let _ = writeln!(out, "  {}", paint(FAINT, place));
        for line in wrapped(&reason, view.look.width.saturating_sub(6)) {
            let _ = writeln!(out, "      {line}");
        }
    }
    out
}

fn place(gap: &Gap) -> String {
    let file = shown(&gap.file);
    match gap.line {
        Some(line) => format!("{file}:{line}"),
        None => file.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::Project;

    use super::*;
    use crate::output::samples;

    #[test]
    fn every_kind_has_a_name() {
        // One gap of each kind, as the JSON Schema of the report lists them.
        let schema = serde_json::to_value(Report::json_schema()).unwrap();
        let kinds = schema["$defs"]["GapKind"]["oneOf"].as_array().unwrap();
        let mut report = Report::new(samples::tool(), Project::default());
        for kind in kinds {
            let kind: GapKind = serde_json::from_value(kind["const"].clone()).unwrap();
            report.gaps.push(samples::gap(kind, "a.py", None, "x"));
        }
        assert_eq!(NAMES.len(), kinds.len());
        insta::assert_snapshot!(told(&report));
    }
}
