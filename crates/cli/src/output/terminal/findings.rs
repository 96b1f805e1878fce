//! Findings as marked source, the most severe first. Of many alike the first few are shown in full.

use std::cmp::Reverse;
use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Snippet};
use indexmap::IndexMap;
use model::{Confidence, Evidence, Finding, Severity};
use scan::rules::{RULES, Rule};

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
/// Steps of a way that are shown.
const STEPS_MAX: usize = 12;
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
    let steps = steps(finding);
    let mut by_file: IndexMap<&str, Vec<Step<'a>>> = IndexMap::from([(&*finding.location.file, Vec::new())]);
    for step in &steps {
        by_file.entry(&step.place.file).or_default().push(step.clone());
    }
    let here = by_file.shift_remove(&*finding.location.file).unwrap_or_default();
    let mut group = primary(Group::with_title(title), finding, &here, view);
    for elsewhere in by_file.values() {
        group = trace(group, elsewhere, view);
    }
    let untold = finding.trace.len() - steps.len();
    if untold > 0 {
        let text = format!("{untold} more places: `--format json` has them");
        group = group.element(message(Level::NOTE, &text, &view.look));
    }
    if let Some(endpoint) = finding.endpoint.as_ref().filter(|_| is_way(finding)) {
        let text = format!("`{endpoint}` leads there");
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

/// A place of a trace as it is shown.
#[derive(Clone)]
struct Step<'a> {
    place: &'a Evidence,
    label: String,
}

/// Whether the trace of a finding is a way, whose steps have an order.
fn is_way(finding: &Finding) -> bool {
    let rule = RULES.iter().find(|rule| rule.name == &*finding.rule);
    rule.is_some_and(Rule::follows_a_way)
}

/// The places of a trace that are shown: of a way its steps with their numbers, else some of this file and some of others.
fn steps(finding: &Finding) -> Vec<Step<'_>> {
    if is_way(finding) && finding.trace.len() > 1 {
        // Of a way that is too long, the begin and the end say the most.
        let left_out = finding.trace.len().saturating_sub(STEPS_MAX);
        let numbered = finding.trace.iter().zip(1..).filter(|(_, number)| *number <= 1 || *number > 1 + left_out);
        let step = |(place, number): (_, usize)| {
            let place: &Evidence = place;
            Step { place, label: format!("{number}. {}", shown(&place.what)) }
        };
        return numbered.map(step).collect();
    }
    let (mut here, mut there) = (0, 0);
    let is_shown = |place: &&Evidence| {
        let count = if place.file == finding.location.file { &mut here } else { &mut there };
        *count += 1;
        *count <= TRACE_MAX
    };
    let places = finding.trace.iter().filter(is_shown);
    places.map(|place| Step { place, label: shown(&place.what).into_owned() }).collect()
}

/// The place of a finding, marked, with the places of its trace that stand in the same file.
fn primary<'a>(group: Group<'a>, finding: &'a Finding, places: &[Step<'a>], view: &View<'a>) -> Group<'a> {
    let location = &finding.location;
    let line = location.line as usize;
    let endpoint = finding.endpoint.as_ref().map(ToString::to_string);
    let Some(text) = (view.source)(&location.file) else {
        let origin = Origin::path(shown(&location.file)).line(line);
        return group.element(origin.char_column(location.column as usize));
    };
    let lines = places.iter().map(|step| step.place.line as usize).chain([line]);
    let excerpt = Excerpt::around(text, lines);
    let Some(span) = excerpt.span(line, location.column as usize) else {
        return group.element(Origin::path(shown(&location.file)).line(line));
    };
    let told_here = places.iter().find(|step| step.place.line == location.line).map(|step| step.label.clone());
    let label = told_here.or_else(|| endpoint.map(|endpoint| shown(&endpoint).into_owned()));
    let mut marks = vec![labelled(AnnotationKind::Primary.span(span), label)];
    let others = places.iter().filter(|step| step.place.line != location.line);
    marks.extend(others.filter_map(|step| step.marked(&excerpt)));
    group.element(excerpt.snippet(&location.file).annotations(marks))
}

impl<'a> Step<'a> {
    fn marked(&self, excerpt: &Excerpt<'_>) -> Option<Annotation<'a>> {
        let span = excerpt.span(self.place.line as usize, 1)?;
        Some(labelled(AnnotationKind::Context.span(span), Some(self.label.clone())))
    }
}

/// The places of the trace in another file.
fn trace<'a>(mut group: Group<'a>, steps: &[Step<'a>], view: &View<'a>) -> Group<'a> {
    let Some(first) = steps.first() else { return group };
    let file = &first.place.file;
    let lines = steps.iter().map(|step| step.place.line as usize);
    let excerpt = (view.source)(file).map(|text| Excerpt::around(text, lines));
    let (mut marks, mut unmarked) = (Vec::new(), Vec::new());
    for step in steps {
        match excerpt.as_ref().and_then(|excerpt| step.marked(excerpt)) {
            Some(mark) => marks.push(mark),
            None => unmarked.push(step),
        }
    }
    if let Some(excerpt) = excerpt.filter(|_| !marks.is_empty()) {
        group = group.element(excerpt.snippet(file).annotations(marks));
    }
    for step in unmarked {
        let text = format!("{file}:{}: {}", step.place.line, step.label);
        group = group.element(message(Level::NOTE, &text, &view.look));
    }
    group
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
