//! What `prove` found, proved and shielded: one table, one row for each finding, then the right twins.

use std::fmt::Write as _;

use guard::Counters;
use model::{EndpointId, Finding, Fingerprint, Location, Report, Severity};
use probe::{GuardVerdict, Outcome, Proof, Role, Verdict};
use serde::Serialize;

use super::look::Look;
use super::palette::{FAINT, GUARDED, HEADING, OPEN_WRITE, UNSURE, coded, paint};
use super::proofs;
use super::text::{counted, padded, shortened, shortened_path, shown, shown_lines, wrapped};
use crate::words::SEVERITIES;

/// The column of what is behind the guard, and the narrowest of what was proved: `OBSERVED anonymous gets 200`.
const GUARD_WIDTH: usize = 18;
const PROVED_MIN: usize = 29;
/// Blanks between columns.
const GAP: usize = 2;

/// Everything that `prove` tells.
#[derive(Serialize)]
pub(crate) struct Proven<'a> {
    /// Findings with what became of them.
    findings: Vec<Row<'a>>,
    /// Endpoints that the scan holds to be right, attacked all the same.
    twins: Vec<Row<'a>>,
    /// What the gateway did; null where it did not start.
    guard: Option<Guarded>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_guarded: Option<&'a str>,
    /// The run, as `probe` tells it.
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// One finding, or one twin.
#[derive(Serialize)]
struct Row<'a> {
    rule: Option<&'a str>,
    severity: Option<Severity>,
    location: Option<&'a Location>,
    endpoint: Option<&'a EndpointId>,
    fingerprint: Option<Fingerprint>,
    /// Null where no attack of this build is for it.
    attack: Option<&'static str>,
    verdict: Option<Verdict>,
    behind_guard: Option<GuardVerdict>,
    layer: Option<&'a str>,
    #[serde(skip)]
    proof: Option<&'a Proof>,
}

/// What the gateway did.
#[derive(Serialize)]
struct Guarded {
    /// Always `enforce`: in another mode nothing would be held.
    mode: &'static str,
    seen: u64,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Refused {
    layer: String,
    count: u64,
}

impl<'a> Proven<'a> {
    pub(crate) fn new(report: &'a Report, outcome: &'a Outcome, guarded: Result<&Counters, &'a str>) -> Self {
        let proof_of = |finding: &Finding| outcome.proofs.iter().find(|one| one.finding == Some(finding.fingerprint));
        let findings = report.findings.iter().map(|finding| Row::of_finding(finding, proof_of(finding)));
        let twins = outcome.proofs.iter().filter(|proof| proof.finding.is_none()).map(Row::of_twin);
        let refused = |counters: &Counters| {
            let layers = counters.refused.iter();
            layers.map(|(layer, count)| Refused { layer: layer.to_string(), count: *count }).collect()
        };
        Self {
            findings: findings.collect(),
            twins: twins.collect(),
            guard: guarded.ok().map(|counters| Guarded {
                mode: "enforce",
                seen: counters.seen,
                refused: refused(counters),
            }),
            not_guarded: guarded.err(),
            outcome,
        }
    }
}

impl<'a> Row<'a> {
    fn of_finding(finding: &'a Finding, proof: Option<&'a Proof>) -> Self {
        Self {
            rule: Some(&finding.rule),
            severity: Some(finding.severity),
            location: Some(&finding.location),
            endpoint: finding.endpoint.as_ref(),
            fingerprint: Some(finding.fingerprint),
            ..Self::of_proof(proof)
        }
    }

    fn of_twin(proof: &'a Proof) -> Self {
        Self { endpoint: Some(&proof.endpoint), ..Self::of_proof(Some(proof)) }
    }

    fn of_proof(proof: Option<&'a Proof>) -> Self {
        let behind = proof.and_then(|proof| proof.behind_guard.as_ref());
        Self {
            rule: None,
            severity: None,
            location: None,
            endpoint: None,
            fingerprint: None,
            attack: proof.map(|proof| proof.attack),
            verdict: proof.map(|proof| proof.verdict),
            behind_guard: behind.map(|behind| behind.verdict),
            layer: behind.and_then(|behind| behind.layer.as_deref()),
            proof,
        }
    }
}

/// The widths of the columns.
struct Columns {
    found: usize,
    proved: usize,
    guard: usize,
}

impl Columns {
    fn fitting(look: &Look) -> Self {
        let rest = look.width.saturating_sub(GUARD_WIDTH + 2 * GAP);
        let proved = (rest / 2).max(PROVED_MIN);
        Self { found: rest.saturating_sub(proved), proved, guard: GUARD_WIDTH }
    }

    fn line(&self, cells: [String; 3]) -> String {
        let [found, proved, guard] = cells;
        let gap = " ".repeat(GAP);
        format!("{found}{gap}{proved}{gap}{guard}").trim_end().to_owned() + "\n"
    }
}

/// The table, for people.
pub(crate) fn table(proven: &Proven<'_>, look: Look, verbose: bool) -> String {
    let columns = Columns::fitting(&look);
    let header = [("FOUND", columns.found), ("PROVED", columns.proved), ("BEHIND THE GUARD", columns.guard)];
    let header = header.map(|(name, width)| paint(FAINT, padded(name, width)));
    let mut text = columns.line(header);
    let (attacked, others): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        proven.findings.iter().partition(|row| row.proof.is_some());
    for row in &attacked {
        text.push_str(&lines(row, &columns, &look));
    }
    if !proven.twins.is_empty() {
        let _ = write!(text, "\n{}\n", paint(HEADING, "Attacked without a finding"));
        for row in &proven.twins {
            text.push_str(&lines(row, &columns, &look));
        }
    }
    text.push_str(&reasons(proven, look));
    if !others.is_empty() {
        text.push_str(&without_attack(&others, look, verbose));
    }
    text.push('\n');
    text.push_str(&guarded(proven, &look));
    text.push_str(&proofs::closing(proven.outcome, look));
    text
}

/// The two lines of a row: what, and where and how.
fn lines(row: &Row<'_>, columns: &Columns, look: &Look) -> String {
    let what = match (row.rule, row.severity) {
        (Some(rule), Some(severity)) => format!("{} {}", SEVERITIES.of(severity), shown(rule)),
        _ => row.attack.unwrap_or_default().to_owned(),
    };
    let place = row.location.map(|at| format!("{}:{}", shown(&at.file), at.line));
    let place =
        place.or_else(|| row.proof.map(|proof| format!("{}:{}", shown(&proof.handler.file), proof.handler.line)));
    let request = row.proof.and_then(request).unwrap_or_default();
    let verdict = row.verdict.map_or_else(String::new, |verdict| {
        let how = row.proof.and_then(answered).unwrap_or_default();
        format!("  {}{how}", paint(proofs::style(verdict), verdict.as_str()))
    });
    let behind = row.behind_guard.map_or_else(
        || look.nothing().to_owned(),
        |verdict| {
            let style = match verdict {
                GuardVerdict::Held => GUARDED,
                GuardVerdict::Unshielded => OPEN_WRITE,
                GuardVerdict::Inconclusive => UNSURE,
            };
            paint(style, verdict.as_str())
        },
    );
    let layer = row.layer.map(|layer| format!("by {}", shown(layer))).unwrap_or_default();
    let cell = |text: &str, width: usize| padded(&shortened(text, width, look), width);
    let path =
        |text: &str, width: usize| padded(&format!("  {}", shortened_path(text, width.saturating_sub(2), look)), width);
    let request = padded(&shortened_middle(&request, columns.proved, look), columns.proved);
    columns.line([cell(&what, columns.found), request, behind])
        + &columns.line([
            paint(FAINT, path(&place.unwrap_or_default(), columns.found)),
            fitted(&verdict, columns.proved),
            layer,
        ])
}

/// A request that is at most so wide; folders go from the middle of its path.
fn shortened_middle(request: &str, columns: usize, look: &Look) -> String {
    match request.split_once(' ') {
        Some((method, path)) => {
            format!("{method} {}", shortened_path(path, columns.saturating_sub(method.len() + 1), look))
        }
        None => shortened(request, columns, look),
    }
}

/// A coloured text filled to a width: colours take no room.
fn fitted(text: &str, columns: usize) -> String {
    let visible = anstream::adapter::strip_str(text).to_string();
    let missing = columns.saturating_sub(super::text::width(&visible));
    format!("{text}{}", " ".repeat(missing))
}

/// The request of the attack: `GET /orders/7`.
fn request(proof: &Proof) -> Option<String> {
    let attack = proof.exchanges.iter().find(|one| one.role == Role::Attack)?;
    Some(format!("{} {}", attack.request.method, shown(&attack.request.path)))
}

/// Who sent it and what came back: ` B gets 200`.
fn answered(proof: &Proof) -> Option<String> {
    let attack = proof.exchanges.iter().find(|one| one.role == Role::Attack)?;
    let caller = attack.caller.as_deref().unwrap_or("anonymous");
    Some(format!(" {caller} gets {}", attack.response.as_ref()?.status))
}

/// Why something is not held, not proved or not sent.
fn reasons(proven: &Proven<'_>, look: Look) -> String {
    let mut text = String::new();
    let rows = || proven.findings.iter().chain(&proven.twins);
    for proof in rows().filter_map(|row| row.proof) {
        let id = &proof.endpoint;
        let is_halted = proven.outcome.halted.as_ref() == Some(&proof.claim);
        let direct = !matches!(proof.verdict, Verdict::Proved | Verdict::Held) && !is_halted;
        let told = direct.then(|| format!("{} `{id}`: {}", proof.verdict.as_str(), proof.claim));
        let behind = proof.behind_guard.as_ref().filter(|behind| behind.verdict != GuardVerdict::Held);
        let behind = behind.map(|behind| format!("{} `{id}`: {}", behind.verdict.as_str(), behind.claim));
        for line in told.into_iter().chain(behind) {
            let lines = wrapped(&shown_lines(&line), look.width);
            text.extend(lines.iter().map(|line| coded(line) + "\n"));
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn without_attack(rows: &[&Row<'_>], look: Look, verbose: bool) -> String {
    let count = counted(rows.len(), "finding has", "findings have");
    let hint = if verbose { "" } else { " (`--verbose` lists them)" };
    let mut text = format!("\n{}\n", coded(&format!("{count} no attack in this build{hint}")));
    if verbose {
        for row in rows {
            let place = row.location.map(|at| format!("{}:{}", shown(&at.file), at.line)).unwrap_or_default();
            let line = format!("  {} {place}", shown(row.rule.unwrap_or_default()));
            let _ = writeln!(text, "{}", paint(FAINT, shortened(&line, look.width, &look)));
        }
    }
    text
}

fn guarded(proven: &Proven<'_>, look: &Look) -> String {
    let Some(guard) = &proven.guard else { return String::new() };
    let by: Vec<String> = guard.refused.iter().map(|one| format!("{} by {}", one.count, one.layer)).collect();
    let refused = if by.is_empty() { "none refused".to_owned() } else { format!("refused {}", by.join(", ")) };
    let seen = usize::try_from(guard.seen).unwrap_or(usize::MAX);
    let line = format!("guard: {}, {refused}", counted(seen, "request", "requests"));
    wrapped(&line, look.width).iter().map(|line| line.clone() + "\n").collect()
}
