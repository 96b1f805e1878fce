//! Findings as marked source, the most severe first. Of many alike the first few are shown in full.

use std::cmp::Reverse;
use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Snippet};
use indexmap::IndexMap;
use model::{Confidence, Evidence, Finding, Severity};

use super::View;
use crate::output::look::Look;
use crate::output::palette::{CODE, FAINT, paint};
use crate::output::text::{excerpted, padded, shortened, shortened_path, shown, width, wrapped};
use crate::words::{CONFIDENCES, SEVERITIES};

/// Of a rule with more findings than this ...
const ALIKE_MAX: usize = 5;
/// ... so many are shown in full, and of the rest a line each.
const IN_FULL: usize = 3;
/// Places on the way to a finding that are shown; the JSON has all.
const TRACE_MAX: usize = 6;
/// What the renderer writes before a message: the width of a line number, a mark and `= note: `.
const MESSAGE_INDENT: usize = 16;
/// A longer line of source is cut around the mark: it was written by a machine.
const SOURCE_LINE_MAX: usize = 2000;

/// All findings.
pub(super) fn all(view: &View<'_>) -> String {
    let mut out: Vec<String> = Vec::new();
    for alike in by_rule(&view.report.findings) {
        let in_full = if view.verbose || alike.len() <= ALIKE_MAX { alike.len() } else { IN_FULL };
        let (first, rest) = alike.split_at(in_full);
        out.extend(first.iter().map(|finding| full(finding, view)));
        if !rest.is_empty() {
            out.push(brief(rest, &view.look));
        }
    }
    out.join("\n")
}

/// Findings by rule: the rule with the worst finding first, and within a rule the worst first, then by place.
fn by_rule(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| Reverse(finding.severity));
    let mut groups: IndexMap<&str, Vec<&Finding>> = IndexMap::new();
    for finding in sorted {
        groups.entry(&finding.rule).or_default().push(finding);
    }
    groups.into_values().collect()
}

fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
        Severity::Info => Level::NOTE,
    };
    level.with_name(SEVERITIES.of(severity))
}

/// A finding with its place in the source and the way there.
fn full<'a>(finding: &'a Finding, view: &View<'a>) -> String {
    let title = level(finding.severity).primary_title(shown(&finding.message)).id(shown(&finding.rule));
    let mut group = primary(Group::with_title(title), finding, view);
    let elsewhere = |place: &&Evidence| place.file != finding.location.file;
    for place in finding.trace.iter().filter(elsewhere).take(TRACE_MAX) {
        group = trace(group, place, view);
    }
    let there = finding.trace.iter().filter(elsewhere).count();
    let here = finding.trace.len() - there;
    let untold = here.saturating_sub(TRACE_MAX) + there.saturating_sub(TRACE_MAX);
    if untold > 0 {
        let text = format!("{untold} more places: `--format json` has them");
        group = group.element(message(Level::NOTE, &text, &view.look));
    }
    if finding.confidence != Confidence::High {
        let text = format!("the confidence is {}", CONFIDENCES.of(finding.confidence));
        group = group.element(message(Level::NOTE, &text, &view.look));
    }
    if let Some(fix) = &finding.fix {
        group = group.element(message(Level::HELP, &fix.text, &view.look));
    }
    view.look.renderer().render(&[group]) + "\n"
}

/// The place of a finding, marked, with the places of its trace that stand in the same file.
fn primary<'a>(group: Group<'a>, finding: &'a Finding, view: &View<'a>) -> Group<'a> {
    let location = &finding.location;
    let line = location.line as usize;
    let endpoint = finding.endpoint.as_ref().map(ToString::to_string);
    let Some(text) = (view.source)(&location.file) else {
        let origin = Origin::path(shown(&location.file)).line(line);
        return group.element(origin.char_column(location.column as usize));
    };
    let same_file = finding.trace.iter().filter(|place| place.file == location.file);
    let places: Vec<&Evidence> = same_file.take(TRACE_MAX).collect();
    let lines = places.iter().map(|place| place.line as usize).chain([line]);
    let excerpt = Excerpt::around(text, lines);
    let Some(span) = excerpt.span(line, location.column as usize) else {
        return group.element(Origin::path(shown(&location.file)).line(line));
    };
    let told_here = places.iter().find(|place| place.line == location.line);
    let label = match (told_here, endpoint) {
        (Some(place), _) => Some(shown(&place.what).into_owned()),
        (None, Some(endpoint)) => Some(shown(&endpoint).into_owned()),
        (None, None) => None,
    };
    let mut marks = vec![labelled(AnnotationKind::Primary.span(span), label)];
    for place in places.iter().filter(|place| place.line != location.line) {
        if let Some(span) = excerpt.span(place.line as usize, 1) {
            let what = shown(&place.what).into_owned();
            marks.push(labelled(AnnotationKind::Context.span(span), Some(what)));
        }
    }
    group.element(excerpt.snippet(&location.file).annotations(marks))
}

/// A place of the trace in another file.
fn trace<'a>(group: Group<'a>, place: &'a Evidence, view: &View<'a>) -> Group<'a> {
    let line = place.line as usize;
    let what = shown(&place.what).into_owned();
    let excerpt = (view.source)(&place.file).map(|text| Excerpt::around(text, [line].into_iter()));
    let span = excerpt.as_ref().and_then(|excerpt| excerpt.span(line, 1));
    if let (Some(excerpt), Some(span)) = (excerpt, span) {
        let mark = labelled(AnnotationKind::Context.span(span), Some(what));
        group.element(excerpt.snippet(&place.file).annotation(mark))
    } else {
        let text = format!("{}:{line}: {}", place.file, place.what);
        group.element(message(Level::NOTE, &text, &view.look))
    }
}

/// A message under the source; the renderer keeps its lines together and does not break them itself.
fn message(level: Level<'static>, text: &str, look: &Look) -> Message<'static> {
    let room = look.width.saturating_sub(MESSAGE_INDENT).max(MESSAGE_INDENT);
    level.message(wrapped(&shown(text), room).join("\n"))
}

fn labelled(mark: Annotation<'_>, label: Option<String>) -> Annotation<'_> {
    match label {
        Some(label) => mark.label(label),
        None => mark,
    }
}

/// Findings of one rule, a line each.
fn brief(findings: &[&Finding], look: &Look) -> String {
    let rule = findings.first().map_or("", |finding| &finding.rule);
    let count = findings.len();
    let mut out =
        format!("{count} more of {} (`--verbose` shows them in full):\n", paint(CODE, format!("`{}`", shown(rule))));
    let places: Vec<String> =
        findings.iter().map(|finding| format!("{}:{}", shown(&finding.location.file), finding.location.line)).collect();
    let widest = places.iter().map(|place| width(place)).max().unwrap_or(0);
    let place_width = widest.min(look.width * 2 / 5);
    for (finding, place) in findings.iter().zip(places) {
        let severity = padded(SEVERITIES.of(finding.severity), "critical".len());
        let place = padded(&shortened_path(&place, place_width, look), place_width);
        let room = look.width.saturating_sub(2 + width(&severity) + 2 + place_width + 2);
        let what = match &finding.endpoint {
            Some(endpoint) => shown(&endpoint.to_string()).into_owned(),
            None => shown(&finding.message).into_owned(),
        };
        let what = shortened(&what, room.max(12), look);
        let _ = writeln!(out, "  {severity}  {}  {what}", paint(FAINT, place));
    }
    out
}

/// The lines of a text from the first to the last of some. Only these are given to the renderer: it looks at all that it gets.
struct Excerpt<'a> {
    text: &'a str,
    /// The number of its first line.
    first: usize,
}

impl<'a> Excerpt<'a> {
    fn around(text: &'a str, lines: impl Iterator<Item = usize> + Clone) -> Self {
        let first = lines.clone().min().unwrap_or(1).max(1);
        let start = start_of_line(text, first);
        let end = start_of_line(text, lines.max().unwrap_or(1) + 1);
        Self { text: text[start..end].trim_end_matches(['\n', '\r']), first }
    }

    fn snippet(&self, path: &'a str) -> Snippet<'a, Annotation<'a>> {
        let path = shown(path).into_owned();
        Snippet::source(excerpted(self.text)).line_start(self.first).path(path)
    }

    /// What is marked of a line: from a column (in characters, from 1) to its end, blanks apart. Nothing where there is
    /// no such line, or one that no person reads.
    fn span(&self, line: usize, column: usize) -> Option<Range<usize>> {
        let start = start_of_line(self.text, line.checked_sub(self.first)? + 1);
        let whole = self.text.get(start..)?.lines().next()?;
        if whole.len() > SOURCE_LINE_MAX {
            return None;
        }
        let before = whole.chars().take(column.saturating_sub(1));
        let from = before.map(char::len_utf8).sum::<usize>();
        let marked = whole[from..].trim_end();
        let blanks = marked.len() - marked.trim_start().len();
        Some(start + from + blanks..start + from + marked.len())
    }
}

/// Where a line begins, counted from 1; the end of the text where there are fewer.
fn start_of_line(text: &str, line: usize) -> usize {
    if line <= 1 {
        return 0;
    }
    let breaks = text.match_indices('\n').map(|(index, _)| index + 1);
    breaks.into_iter().nth(line - 2).unwrap_or(text.len())
}
