//! Proofs for people: of each attack the verdict, the claim, and for what was proved the exchanges that bear it out.

use std::fmt::Write as _;

use anstyle::Style;
use probe::{BehindGuard, Exchange, GuardVerdict, Outcome, Proof, Role, Verdict};

use super::look::Look;
use super::palette::{FAINT, GUARDED, HEADING, OPEN, OPEN_WRITE, UNSURE, coded, paint};
use super::text::{counted, padded, shown, shown_lines, width, wrapped};

/// The verdicts in the order in which they matter to a reader.
const ORDER: [Verdict; 5] =
    [Verdict::Proved, Verdict::Observed, Verdict::Inconclusive, Verdict::NotSent, Verdict::Held];

/// The width of the column of verdicts: the longest of them and a gap.
const VERDICT: usize = 14;

/// The report of `probe`.
pub(crate) fn report(outcome: &Outcome, look: Look, verbose: bool) -> String {
    let mut sections = Vec::new();
    for verdict in ORDER {
        let proofs = outcome.proofs.iter().filter(|proof| proof.verdict == verdict);
        sections.extend(proofs.map(|proof| block(proof, outcome.halted.as_deref(), look, verbose)));
    }
    sections.push(closing(outcome, look));
    sections.join("\n")
}

/// One attack. Why the whole run stopped is told once, at the end.
fn block(proof: &Proof, halted: Option<&str>, look: Look, verbose: bool) -> String {
    let word = paint(style(proof.verdict), padded(proof.verdict.as_str(), VERDICT));
    let place = format!("{}:{}", shown(&proof.handler.file), proof.handler.line);
    let head = format!("{} {}", paint(HEADING, proof.attack), shown(&proof.endpoint.to_string()));
    let mut text = format!("{word}{head}\n{}{}\n", " ".repeat(VERDICT), paint(FAINT, place));
    if halted != Some(&proof.claim) {
        text.push_str(&indented(&proof.claim, look));
    }
    if proof.verdict == Verdict::Proved || verbose {
        text.push_str(&exchanges(&proof.exchanges));
    }
    if let Some(behind) = &proof.behind_guard {
        text.push_str(&behind_guard(behind, look, verbose));
    }
    text
}

fn behind_guard(behind: &BehindGuard, look: Look, verbose: bool) -> String {
    let style = match behind.verdict {
        GuardVerdict::Held => GUARDED,
        GuardVerdict::Unshielded => OPEN_WRITE,
        GuardVerdict::Inconclusive => UNSURE,
    };
    let reason = behind.refusal.as_ref().map(|refusal| &refusal.reason);
    let layer = behind.layer.as_ref().or(reason).map(|by| format!(" by `{}`", shown(by))).unwrap_or_default();
    let mut text = format!(
        "{}behind the guard: {}{}\n",
        " ".repeat(VERDICT),
        paint(style, behind.verdict.as_str()),
        coded(&layer)
    );
    text.push_str(&indented(&behind.claim, look));
    if verbose {
        text.push_str(&exchanges(&behind.exchanges));
    }
    text
}

/// The exchanges of a proof, one a line.
pub(crate) fn exchanges(exchanges: &[Exchange]) -> String {
    let mut text = String::new();
    for one in exchanges {
        let caller = one.caller.as_deref().unwrap_or("anonymous");
        let status = match (&one.response, &one.failure) {
            (Some(response), _) => response.status.to_string(),
            (None, Some(failure)) => shown_lines(failure),
            (None, None) => String::new(),
        };
        let line = format!(
            "{}{} {} {} {status}",
            " ".repeat(VERDICT),
            padded(role(one.role), 8),
            padded(caller, 9),
            padded(&format!("{} {}", one.request.method, shown(&one.request.path)), 36)
        );
        let _ = writeln!(text, "{}", paint(FAINT, line.trim_end()));
    }
    text
}

fn indented(text: &str, look: Look) -> String {
    let lines = wrapped(&shown_lines(text), look.width.saturating_sub(VERDICT));
    lines.iter().map(|line| format!("{}{}\n", " ".repeat(VERDICT), coded(line))).collect()
}

/// What an exchange is for, in a word.
fn role(role: Role) -> &'static str {
    match role {
        Role::Setup => "setup",
        Role::Control => "control",
        Role::Attack => "attack",
        Role::Negative => "negative",
        Role::ReRead => "re-read",
        Role::Undo => "undo",
    }
}

pub(crate) fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Proved => OPEN_WRITE,
        Verdict::Held => GUARDED,
        Verdict::Observed => OPEN,
        Verdict::Inconclusive | Verdict::NotSent => UNSURE,
    }
}

/// The last lines: what was left behind, and what was covered.
pub(crate) fn closing(outcome: &Outcome, look: Look) -> String {
    let mut text = String::new();
    if let Some(halted) = &outcome.halted {
        let lines = wrapped(&format!("stopped: {}", shown_lines(halted)), look.width);
        text.extend(lines.iter().map(|line| paint(UNSURE, line) + "\n"));
    }
    for left in &outcome.left_behind {
        let key = left.key.as_deref().map(|key| format!(" `{}`", shown(key))).unwrap_or_default();
        let line = format!("left behind: {}{key}, made by `{}`: {}", left.object, left.made_by, left.reason);
        text.extend(wrapped(&shown_lines(&line), look.width).iter().map(|line| paint(UNSURE, line) + "\n"));
    }
    let counts = ORDER.iter().filter_map(|verdict| match outcome.count(*verdict) {
        0 => None,
        count => Some(format!("{count} {}", verdict.as_str())),
    });
    let counts: Vec<String> = counts.collect();
    let coverage = outcome.coverage;
    let facts = [
        if counts.is_empty() { "no attacks".to_owned() } else { counts.join(", ") },
        format!(
            "{} ({} attacked, {} could not be, {} not sent)",
            counted(coverage.endpoints, "endpoint", "endpoints"),
            coverage.attacked,
            coverage.could_not,
            coverage.not_sent
        ),
        counted(outcome.requests, "request", "requests"),
        if outcome.left_behind.is_empty() {
            "nothing left behind".to_owned()
        } else {
            "not everything undone".to_owned()
        },
    ];
    text.extend(on_few_lines(&facts, look).iter().map(|line| paint(HEADING, line) + "\n"));
    text
}

/// Facts on one line, or on as few as they fit on; none is broken.
fn on_few_lines(facts: &[String], look: Look) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        match lines.last_mut() {
            Some(line) if width(line) + width(look.separator()) + width(fact) <= look.width => {
                line.push_str(look.separator());
                line.push_str(fact);
            }
            _ => lines.push(fact.clone()),
        }
    }
    lines
}
