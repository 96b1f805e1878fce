//! What a command used: CPU time, memory, wall time. The command runs as the only child of a small process of its own,
//! because the system reports the memory peak of all children of a process together.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::process::{command, shown, target};

/// What one run of a command used.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Used {
    /// Time on a processor in user and in system mode, of the command and its children.
    pub(crate) cpu_seconds: f64,
    /// Time that passed.
    pub(crate) wall_seconds: f64,
    /// The largest resident set of any of its processes; never less than the few megabytes that this program has itself.
    pub(crate) peak_bytes: u64,
    /// The exit code; absent when a signal ended it.
    pub(crate) code: Option<i32>,
}

/// A command to be measured.
pub(crate) struct Measured {
    /// The program and its arguments.
    pub(crate) command: Command,
    /// What it reads; nothing when absent.
    pub(crate) stdin: Option<PathBuf>,
    /// Where what it prints goes; dropped when absent.
    pub(crate) stdout: Option<PathBuf>,
}

impl Measured {
    /// A command that reads nothing, and whose output is dropped.
    pub(crate) fn new(command: Command) -> Self {
        Self { command, stdin: None, stdout: None }
    }

    /// Runs it once.
    pub(crate) fn run(&self) -> Result<Used> {
        let reports = tempfile::tempdir_in(made(&target())?)?;
        let report = reports.path().join("used.json");
        let mut child = command(env::current_exe()?);
        child.args(["measure", "--report"]).arg(&report).arg("--").arg(self.command.get_program());
        child.args(self.command.get_args());
        child.stdin(match &self.stdin {
            Some(path) => Stdio::from(File::open(path).with_context(|| path.display().to_string())?),
            None => Stdio::null(),
        });
        child.stdout(match &self.stdout {
            Some(path) => Stdio::from(File::create(path).with_context(|| path.display().to_string())?),
            None => Stdio::null(),
        });
        let output = child.stderr(Stdio::piped()).spawn()?.wait_with_output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` could not be measured: {}", shown(&self.command), said.trim());
        }
        Ok(serde_json::from_slice(&fs::read(report)?)?)
    }
}

/// A folder, made if it is absent.
pub(crate) fn made(folder: &Path) -> Result<&Path> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// The inner process: runs the command and writes what it used.
pub(crate) fn child(report: &Path, command: &[OsString]) -> Result<()> {
    let Some((program, arguments)) = command.split_first() else { bail!("no command was given") };
    let started = Instant::now();
    let status = Command::new(program).args(arguments).status();
    let status = status.with_context(|| format!("`{}` could not be started", program.to_string_lossy()))?;
    let wall_seconds = started.elapsed().as_secs_f64();
    let (cpu_seconds, peak_bytes) = used_by_children()?;
    let used = Used { cpu_seconds, wall_seconds, peak_bytes, code: status.code() };
    fs::write(report, serde_json::to_vec(&used)?).with_context(|| report.display().to_string())
}

#[cfg(unix)]
fn used_by_children() -> Result<(f64, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::{TimeVal, TimeValLike};

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: TimeVal| u32::try_from(time.num_microseconds() % 1_000_000).unwrap_or(0);
    let seconds = |time: TimeVal| u32::try_from(time.num_seconds()).unwrap_or(u32::MAX);
    let total = |time: TimeVal| f64::from(seconds(time)) + f64::from(micros(time)) / 1e6;
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let peak = u64::try_from(usage.max_rss()).unwrap_or(0) * unit;
    Ok((total(usage.user_time()) + total(usage.system_time()), peak))
}

#[cfg(not(unix))]
fn used_by_children() -> Result<(f64, u64)> {
    bail!("CPU time and memory are measured on Unix only")
}

/// The middle value; of an even number, the lower of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_works_uses_time_and_memory() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let report = folder.path().join("used.json");
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3";
        child(&report, &["sh".into(), "-c".into(), script.into()]).expect("sh runs");
        let used: Used = serde_json::from_slice(&fs::read(report).expect("a report")).expect("JSON");
        assert_eq!(used.code, Some(3));
        assert!(used.cpu_seconds > 0.0 && used.wall_seconds > 0.0, "{used:?}");
        assert!(used.peak_bytes > 100_000 && used.peak_bytes < 10_000_000_000, "{used:?}");
    }
}
