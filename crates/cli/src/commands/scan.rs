//! `doorward scan`: endpoints with what protects them, then findings, then gaps.

use model::Report;

use super::analysis::{self, Analysis};
use crate::arguments::{Scan, ScanFormat};
use crate::config::{self, Draft, Hidden, Settings};
use crate::outcome::{Exit, Failure};
use crate::output::destination::{Text, deliver, destinations};
use crate::output::terminal::{self, View, told_gaps};
use crate::output::text::counted;
use crate::output::{json, sarif};
use crate::streams::{Streams, write_data};

/// Runs the command.
pub(super) fn run(flags: &Scan, streams: &Streams) -> Result<Exit, Failure> {
    if flags.print_schema {
        write_data(json::schema().as_bytes())?;
        return Ok(Exit::Clean);
    }
    let destinations = destinations(flags.format, &flags.output)?;
    let asked = Draft::of_flags(flags)?;
    let settings = asked.or(config::of_path(&flags.path, streams)?).resolved();
    let mut analysis = analysis::of_path(&flags.path, flags.jobs, &settings, streams)?;
    let hidden = settings.select(&mut analysis.report);
    for destination in &destinations {
        if analysis.is_empty() && destination.format == ScanFormat::Terminal {
            continue;
        }
        let text = written(&analysis, hidden, destination.format, streams);
        deliver(&text, destination.file.as_deref(), streams)?;
    }
    judged(&analysis.report, &settings)
}

fn written(analysis: &Analysis, hidden: Hidden, format: ScanFormat, streams: &Streams) -> Text {
    match format {
        ScanFormat::Json => Text::ForPrograms(json::report(&analysis.report)),
        ScanFormat::Sarif => Text::ForPrograms(sarif::report(&analysis.report)),
        ScanFormat::Terminal => Text::ForPeople(terminal::scan(&View {
            report: &analysis.report,
            source: &|file| analysis.sources.text(file),
            hidden,
            elapsed: analysis.elapsed,
            look: streams.look,
            verbose: streams.verbose,
            quiet: streams.quiet,
        })),
    }
}

/// The exit code. Findings come first: they are certain, whatever else was not understood.
fn judged(report: &Report, settings: &Settings) -> Result<Exit, Failure> {
    let fails = |finding: &model::Finding| finding.severity >= settings.fail_on;
    if report.findings.iter().any(fails) {
        return Ok(Exit::Found);
    }
    if let Some(failure) = analysis::nothing_understood(report) {
        return Err(failure);
    }
    if settings.strict && !(report.gaps.is_empty() && report.project.unreadable.is_empty()) {
        return Err(incomplete(report));
    }
    Ok(Exit::Clean)
}

fn incomplete(report: &Report) -> Failure {
    let unreadable = report.project.unreadable.len();
    let what = if report.gaps.is_empty() {
        format!("{} not read", counted(unreadable, "file", "files"))
    } else {
        told_gaps(report)
    };
    Failure::new(Exit::Unscanned, format!("not everything was scanned (`strict`): {what}"))
        .hint("`--verbose` lists what and why; `exclude` in the configuration leaves files out")
}

#[cfg(test)]
mod tests {
    use model::{Finding, GapKind, Severity};

    use super::*;
    use crate::output::samples;

    fn settings(strict: bool) -> Settings {
        Settings { strict, ..Draft::default().resolved() }
    }

    fn exit(report: &Report, strict: bool) -> Exit {
        judged(report, &settings(strict)).unwrap_or_else(|failure| failure.exit)
    }

    fn report(findings: Vec<Finding>) -> Report {
        Report { findings, gaps: Vec::new(), ..samples::shop() }
    }

    #[test]
    fn findings_from_the_threshold_on_fail() {
        let finding = |severity| samples::finding("unauthenticated-write", severity, "a.py", 1);
        assert_eq!(exit(&report(vec![]), false), Exit::Clean);
        assert_eq!(exit(&report(vec![finding(Severity::Medium)]), false), Exit::Clean);
        assert_eq!(exit(&report(vec![finding(Severity::High)]), false), Exit::Found);
        assert_eq!(exit(&report(vec![finding(Severity::Critical)]), true), Exit::Found);
    }

    #[test]
    fn gaps_fail_only_when_asked_to() {
        let mut gappy = report(vec![]);
        gappy.gaps = vec![samples::gap(GapKind::Syntax, "a.py", Some(3), "x")];
        assert_eq!(exit(&gappy, false), Exit::Clean);
        assert_eq!(exit(&gappy, true), Exit::Unscanned);
        let mut unreadable = report(vec![]);
        unreadable.project.unreadable = vec!["a.py".into()];
        assert_eq!(exit(&unreadable, true), Exit::Unscanned);
    }

    #[test]
    fn nothing_understood_is_not_nothing_found() {
        let mut nothing = report(vec![]);
        nothing.endpoints.clear();
        assert_eq!(exit(&nothing, false), Exit::Clean, "an application without endpoints");
        nothing.gaps = vec![samples::gap(GapKind::UnresolvedRouter, "a.py", Some(3), "x")];
        assert_eq!(exit(&nothing, false), Exit::Unscanned);
        nothing.gaps.clear();
        nothing.applications.clear();
        assert_eq!(exit(&nothing, false), Exit::Unscanned);
    }
}
