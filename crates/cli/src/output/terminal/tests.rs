//! Whole reports as they appear on terminals of several kinds.

use std::time::Duration;

use model::{Confidence, Evidence, Finding, Fix, GapKind, Persona, Report, Severity};

use super::*;
use crate::output::samples;

#[expect(clippy::struct_excessive_bools, reason = "what a reader may have or ask for, each for itself")]
struct Reader {
    width: usize,
    unicode: bool,
    unbroken: bool,
    verbose: bool,
    quiet: bool,
    hidden: Hidden,
}

const WIDE: Reader = Reader {
    width: 140,
    unicode: true,
    unbroken: false,
    verbose: false,
    quiet: false,
    hidden: Hidden { by_rule: 0, by_severity: 0, by_persona: 0, persona: None },
};

fn source(file: &str) -> Option<&'static str> {
    match file {
        samples::ITEMS => Some(samples::ITEMS_TEXT),
        "app/deps.py" => Some("\n\nasync def current_user(token: str) -> User | None:\n    return None\n"),
        _ => None,
    }
}

fn coloured(report: &Report, reader: &Reader, write: fn(&View<'_>) -> String) -> String {
    write(&View {
        report,
        source: &|file| source(file),
        hidden: reader.hidden,
        elapsed: Duration::from_millis(124),
        look: Look { width: reader.width, unicode: reader.unicode, unbroken: reader.unbroken },
        verbose: reader.verbose,
        quiet: reader.quiet,
    })
}

/// What a pipe gets. Blanks at the ends of lines would only make snapshots hard to read.
fn plain(report: &Report, reader: &Reader, write: fn(&View<'_>) -> String) -> String {
    let text = coloured(report, reader, write);
    let text = anstream::adapter::strip_str(&text).to_string();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

#[test]
fn a_wide_terminal() {
    insta::assert_snapshot!(plain(&samples::shop(), &WIDE, scan));
}

#[test]
fn eighty_columns() {
    let reader = Reader { width: 80, ..WIDE };
    insta::assert_snapshot!(plain(&samples::shop(), &reader, scan));
}

#[test]
fn sixty_columns() {
    let reader = Reader { width: 60, ..WIDE };
    insta::assert_snapshot!(plain(&samples::shop(), &reader, scan));
}

#[test]
fn ascii() {
    let reader = Reader { width: 100, unicode: false, ..WIDE };
    let text = plain(&samples::shop(), &reader, scan);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_pipe_has_one_line_for_each_endpoint() {
    let reader = Reader { width: 80, unbroken: true, ..WIDE };
    insta::assert_snapshot!(plain(&samples::shop(), &reader, routes));
}

#[test]
fn colours() {
    let text = coloured(&samples::shop(), &WIDE, scan);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn verbose() {
    let reader = Reader { width: 80, verbose: true, ..WIDE };
    insta::assert_snapshot!(plain(&samples::shop(), &reader, scan));
}

#[test]
fn quiet_shows_findings_only() {
    let reader = Reader { quiet: true, ..WIDE };
    let text = plain(&samples::shop(), &reader, scan);
    assert!(text.starts_with("high[unauthenticated-write]"), "{text}");
    assert_eq!(plain(&samples::empty(), &reader, scan), "");
}

#[test]
fn nothing_at_all() {
    assert_eq!(plain(&samples::empty(), &WIDE, scan), "");
    let mut report = samples::shop();
    report.applications.clear();
    report.endpoints.clear();
    report.findings.clear();
    let reader = Reader { verbose: true, ..WIDE };
    insta::assert_snapshot!(plain(&report, &reader, scan));
}

#[test]
fn an_application_without_endpoints() {
    let mut report = samples::empty();
    report.applications = vec![samples::application("app.main:app")];
    insta::assert_snapshot!(plain(&report, &WIDE, scan));
}

#[test]
fn only_gaps() {
    let mut report = samples::empty();
    report.applications = vec![samples::application("app.main:app")];
    report.gaps = vec![
        samples::gap(GapKind::UnresolvedRouter, "app/main.py", Some(9), "`load()` is not in the project"),
        samples::gap(GapKind::Notebook, "explore.ipynb", None, "notebooks are not read"),
        samples::gap(GapKind::Syntax, "old.py", Some(1), "x"),
        samples::gap(GapKind::Syntax, "old.py", Some(2), "y"),
    ];
    insta::assert_snapshot!(plain(&report, &WIDE, scan));
}

#[test]
fn findings_for_others_are_counted() {
    let mut report = samples::shop();
    report.findings.clear();
    report.gaps.clear();
    report.endpoints.truncate(3);
    let hidden = Hidden { by_persona: 4, persona: Some(Persona::Pedantic), ..Hidden::default() };
    let text = plain(&report, &Reader { hidden, ..WIDE }, scan);
    let closing: Vec<_> = text.lines().rev().take(2).collect();
    insta::assert_snapshot!(closing.join("\n"));
}

#[test]
fn two_hundred_endpoints_are_summed_up() {
    let reader = Reader { width: 100, ..WIDE };
    insta::assert_snapshot!(plain(&samples::many(200), &reader, scan));
}

#[test]
fn the_inventory_lists_two_hundred_endpoints() {
    let reader = Reader { width: 100, ..WIDE };
    let report = samples::many(200);
    let text = plain(&report, &reader, routes);
    for endpoint in &report.endpoints {
        assert!(text.contains(&format!(" {} ", endpoint.path())), "{}", endpoint.path());
    }
    let last: Vec<_> = text.lines().rev().take(2).collect();
    insta::assert_snapshot!(last.join("\n"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (report, widths) in [(samples::shop(), 72..160), (samples::many(200), 66..130)] {
        for width in widths {
            let text = plain(&report, &Reader { width, ..WIDE }, scan);
            for line in text.lines() {
                let is_source = line.contains(['│', '╭', '╰', '┌', '└', '━']);
                // A path of an endpoint is not cut: who looks for it must find it.
                let is_path = line.contains("/warehouses/");
                let columns = crate::output::text::width(line);
                assert!(columns <= width || is_source || is_path, "{columns} > {width}: {line}");
            }
        }
    }
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let mut report = samples::shop();
    report.gaps[0].reason = "\u{1b}]0;owned\u{7}\u{202e}".to_owned();
    report.endpoints[0].router = Some("a\u{1b}[2Jb".into());
    report.findings = vec![Finding {
        message: "line\nbreak \u{1b}[31m".to_owned(),
        ..samples::finding("unauthenticated-write", Severity::High, "no\u{1b}[0m.py", 3)
    }];
    let reader = Reader { verbose: true, ..WIDE };
    let text = plain(&report, &reader, scan);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(text.contains("\\u{1b}]0;owned\\u{7}\\u{202e}"), "{text}");
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn a_place_outside_the_text_is_named_without_source() {
    let mut report = samples::empty();
    let at = |line, column| {
        let mut finding = samples::finding("unauthenticated-write", Severity::Low, samples::ITEMS, line);
        finding.location.column = column;
        finding
    };
    report.findings = vec![at(999, 1), at(1, 500), at(0, 0), at(5, 3)];
    let text = plain(&report, &WIDE, scan);
    assert_eq!(text.matches("low[unauthenticated-write]").count(), 4, "{text}");
}

#[test]
fn the_way_to_a_finding_leads_through_other_files() {
    let mut report = samples::empty();
    let mut finding = samples::finding("unauthenticated-write", Severity::Medium, samples::ITEMS, 10);
    finding.location.column = 5;
    finding.confidence = Confidence::Medium;
    finding.trace = vec![
        Evidence::new(samples::ITEMS, 6, "the route"),
        Evidence::new("app/deps.py", 3, "`current_user` never rejects"),
        Evidence::new("app/gone.py", 8, "a file whose text is not known"),
    ];
    finding.fix = Some(Fix::text(
        "raise `HTTPException(401)` where there is no user, so that every endpoint behind this dependency is guarded",
    ));
    report.findings = vec![finding];
    let reader = Reader { width: 80, ..WIDE };
    insta::assert_snapshot!(plain(&report, &reader, scan));
}

#[test]
fn of_a_way_that_is_too_long_the_begin_and_the_end_are_shown() {
    let mut report = samples::empty();
    let shown_of = |report: &mut Report, steps: u32| {
        let mut finding = samples::finding("user-input-in-sql", Severity::High, samples::ITEMS, 10);
        let step = |number| Evidence::new("app/way.py", number, format!("step {number}"));
        finding.trace = (1..=steps).map(step).collect();
        report.findings = vec![finding];
        let text = plain(report, &WIDE, scan);
        let told = (1..=steps).filter(|number| text.contains(&format!("{number}. step {number}\n")));
        (told.collect::<Vec<u32>>(), text.contains("more places"))
    };
    assert_eq!(shown_of(&mut report, 12), ((1..=12).collect(), false));
    assert_eq!(shown_of(&mut report, 13), ([1].into_iter().chain(3..=13).collect(), true));
}
