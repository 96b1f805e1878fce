//! `cargo xtask bench`: a cold scan against only parsing the same files with the same parser, beside other tools on the
//! same tree, in one run. Repetitions are interleaved, so that a busy moment of the machine hits all alike.

mod peers;
mod trees;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::gateways;
use crate::measure::{Measured, Used, median};
use crate::process::{cargo, release_binary, run as run_command, target};
use trees::Tree;

/// The whole cold scan may use this many times the CPU time of parsing alone.
const CPU_RATIO_MAX: f64 = 2.5;

/// The scan may use this much memory per million lines, in megabytes (10^6 bytes).
const PEAK_MB_PER_MILLION_LINES_MAX: f64 = 250.0;

/// What to measure, and how often.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Flags {
    #[command(subcommand)]
    other: Option<Other>,
    /// Folders to measure on; without any, a few applications from PyPI.
    paths: Vec<PathBuf>,
    /// Measured runs of the scan and of the parser.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Measured runs of each other tool; 0 leaves them out.
    #[arg(long, default_value_t = 1)]
    peer_runs: usize,
    /// Rules for semgrep: a folder, or what else its `--config` takes. It brings none of its own, and is left out without.
    #[arg(long)]
    semgrep_rules: Option<PathBuf>,
    /// Fails when a budget is exceeded.
    #[arg(long)]
    check: bool,
}

/// What else is measured.
#[derive(Subcommand)]
enum Other {
    /// Measures what a request costs in `doorward guard`, nginx and `HAProxy`.
    Guard(gateways::Flags),
}

/// A tool in the comparison.
struct Contestant {
    name: String,
    measured: Measured,
    runs: usize,
    used: Vec<Used>,
}

impl Contestant {
    fn new(name: impl Into<String>, measured: Measured, runs: usize) -> Self {
        Self { name: name.into(), measured, runs, used: Vec::new() }
    }

    fn median(&self, of: impl Fn(&Used) -> f64) -> f64 {
        median(self.used.iter().map(of).collect())
    }

    fn cpu(&self) -> f64 {
        self.median(|used| used.cpu_seconds)
    }

    fn peak_mb(&self) -> f64 {
        self.median(|used| megabytes(used.peak_bytes))
    }

    fn codes(&self) -> String {
        let mut codes: Vec<String> =
            self.used.iter().map(|used| used.code.map_or("signal".to_owned(), |code| code.to_string())).collect();
        codes.dedup();
        codes.join(", ")
    }
}

/// Measures each tree and prints a Markdown table for it.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    if let Some(Other::Guard(flags)) = &flags.other {
        return gateways::run(flags);
    }
    let doorward = release_binary()?;
    run_command(&mut cargo("build --release --package doorward-python --example parse_only"))?;
    let parser = target().join("release/examples").join(format!("parse_only{}", std::env::consts::EXE_SUFFIX));
    let trees = if flags.paths.is_empty() { vec![trees::unpacked()?] } else { trees::of_paths(&flags.paths)? };
    let (peers, missing) = match flags.peer_runs {
        0 => Default::default(),
        _ => peers::installed(flags.semgrep_rules.as_deref()),
    };
    let mut exceeded = Vec::new();
    for tree in trees {
        let mut contestants = ours(&tree, &doorward, &parser, flags.runs)?;
        contestants
            .extend(peers.iter().map(|peer| Contestant::new(peer.title(), peer.on(&tree.root), flags.peer_runs)));
        measure(&mut contestants)?;
        println!("{}", table(&tree, &contestants, &missing));
        exceeded.extend(budgets(&tree, &contestants).into_iter().filter(|budget| !budget.is_kept()));
    }
    if flags.check && !exceeded.is_empty() {
        let lines: Vec<String> = exceeded.iter().map(ToString::to_string).collect();
        bail!("budgets exceeded:\n  {}", lines.join("\n  "));
    }
    Ok(())
}

/// The parser first (every ratio is to it), then the scan.
fn ours(tree: &Tree, doorward: &Path, parser: &Path, runs: usize) -> Result<Vec<Contestant>> {
    let list = tree.write_list()?;
    let parse = Measured { stdin: Some(list), ..Measured::new(Command::new(parser)) };
    let mut scan = Command::new(doorward);
    scan.args(["scan", "--format", "json"]).arg(&tree.root);
    let stdout = target().join("bench").join("scan.json");
    let scan = Measured { stdout: Some(stdout), ..Measured::new(scan) };
    Ok(vec![Contestant::new("parse only", parse, runs), Contestant::new("doorward scan", scan, runs)])
}

/// One run of each that does not count, then the runs in turns.
fn measure(contestants: &mut [Contestant]) -> Result<()> {
    for contestant in contestants.iter().take(2) {
        contestant.measured.run()?;
    }
    let rounds = contestants.iter().map(|contestant| contestant.runs).max().unwrap_or(0);
    for round in 0..rounds {
        for contestant in contestants.iter_mut().filter(|contestant| round < contestant.runs) {
            eprintln!("run {} of {}: {}", round + 1, contestant.runs, contestant.name);
            contestant.used.push(contestant.measured.run()?);
        }
    }
    Ok(())
}

/// A budget and what was measured.
struct Budget {
    what: &'static str,
    measured: f64,
    allowed: f64,
}

impl Budget {
    fn is_kept(&self) -> bool {
        self.measured <= self.allowed
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.is_kept() { "kept" } else { "EXCEEDED" };
        write!(f, "{}: {:.2}, budget {:.2}: {verdict}", self.what, self.measured, self.allowed)
    }
}

fn budgets(tree: &Tree, contestants: &[Contestant]) -> Vec<Budget> {
    let [parse, scan, ..] = contestants else {
        return Vec::new();
    };
    vec![
        Budget {
            what: "CPU time of the scan / parse only",
            measured: scan.cpu() / parse.cpu(),
            allowed: CPU_RATIO_MAX,
        },
        Budget {
            what: "peak memory of the scan, MB per million lines",
            measured: scan.peak_mb() / tree.million_lines(),
            allowed: PEAK_MB_PER_MILLION_LINES_MAX,
        },
    ]
}

fn table(tree: &Tree, contestants: &[Contestant], missing: &[String]) -> String {
    let mut lines = vec![
        format!("### {}: {} files, {} lines of Python\n", tree.name, tree.files.len(), tree.lines),
        "| tool | runs | CPU s | / parse only | wall s | lines per CPU s | peak MB | MB / million lines | exit |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|".to_owned(),
    ];
    let parse = contestants.first().map_or(f64::NAN, Contestant::cpu);
    for contestant in contestants {
        let (cpu, peak) = (contestant.cpu(), contestant.peak_mb());
        lines.push(format!(
            "| {} | {} | {cpu:.3} | {:.2} | {:.3} | {:.0} | {peak:.0} | {:.0} | {} |",
            contestant.name,
            contestant.used.len(),
            cpu / parse,
            contestant.median(|used| used.wall_seconds),
            tree.million_lines() * 1e6 / cpu,
            peak / tree.million_lines(),
            contestant.codes(),
        ));
    }
    lines.push(String::new());
    lines.extend(budgets(tree, contestants).iter().map(|budget| format!("- {budget}")));
    lines.extend(missing.iter().map(|peer| format!("- missing: {peer}")));
    lines.extend(other_files(tree));
    lines.join("\n") + "\n"
}

/// Says so when the scan read other files than the parser, because then the ratio is not what it says.
fn other_files(tree: &Tree) -> Option<String> {
    let scan = fs::read(target().join("bench").join("scan.json")).ok()?;
    let scan: serde_json::Value = serde_json::from_slice(&scan).ok()?;
    let project = &scan["project"];
    let (files, lines) = (project["files"].as_u64()?, project["lines"].as_u64()?);
    let same = files == tree.files.len() as u64;
    (!same).then(|| format!("- note: the scan read {files} files with {lines} lines, the parser {}", tree.files.len()))
}

fn megabytes(bytes: u64) -> f64 {
    u32::try_from(bytes / 1000).map_or(f64::INFINITY, f64::from) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contestant(name: &str, cpu_seconds: f64, peak_bytes: u64) -> Contestant {
        let used = Used { cpu_seconds, wall_seconds: 1.0, peak_bytes, code: Some(0) };
        Contestant { used: vec![used], ..Contestant::new(name, Measured::new(Command::new("x")), 1) }
    }

    #[test]
    fn the_table_shows_ratios_and_budgets() {
        let tree = Tree { name: "t".into(), root: "t".into(), files: vec!["a.py".into()], lines: 500_000 };
        let contestants = [contestant("parse only", 0.5, 50_000_000), contestant("doorward scan", 1.5, 100_000_000)];
        let text = table(&tree, &contestants, &["bandit: no network".to_owned()]);
        assert!(text.contains("| doorward scan | 1 | 1.500 | 3.00 | 1.000 | 333333 | 100 | 200 | 0 |"), "{text}");
        assert!(text.contains("parse only: 3.00, budget 2.50: EXCEEDED"), "{text}");
        assert!(text.contains("\n- missing: bandit: no network\n"), "{text}");
        assert!(text.contains("per million lines: 200.00, budget 250.00: kept"), "{text}");
    }
}
