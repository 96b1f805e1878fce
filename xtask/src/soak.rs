//! `cargo xtask soak`: the gateway under mixed traffic for minutes, with connections that are reset in every state. Memory must be
//! flat, no descriptor may be lost, and no request that is right may fail. `--slow` asks a real application, which ends idle
//! connections, with pauses around that time: nothing may fail there either.

mod origin;
mod traffic;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::{Owned, announce, cargo, command, release_binary, run, target};
use traffic::{Counts, Kind};

/// How often memory and descriptors are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How much memory may grow from the first quarter behind the warm-up to the last one: a share, and what allocators keep.
const GROWTH_PERCENT_MAX: u64 = 10;
const GROWTH_KIB_MAX: u64 = 4096;
/// How long the gateway has to let go of what clients left: longer than any connection is kept.
const SETTLE: Duration = Duration::from_secs(75);
/// How many descriptors may be open more than before the traffic: a log or a watch that was opened late.
const DESCRIPTORS_MORE_MAX: usize = 4;

/// How long, and with what.
#[derive(Args)]
pub(crate) struct Flags {
    /// How long the traffic goes on
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Asks this application slowly, with pauses around the time after which servers end idle connections, instead of mixed traffic
    #[arg(long, value_name = "URL")]
    slow: Option<String>,
    /// Tries the debug build, where a release build takes too long
    #[arg(long)]
    debug: bool,
}

/// Runs the traffic and judges what it left.
pub(crate) fn run_for(flags: &Flags) -> Result<()> {
    let binary = if flags.debug {
        run(&mut cargo("build --package doorward"))?;
        target().join("debug").join(format!("doorward{}", std::env::consts::EXE_SUFFIX))
    } else {
        release_binary()?
    };
    let data = tempfile::tempdir()?;
    let time = Duration::from_secs(flags.minutes.saturating_mul(60));
    match &flags.slow {
        Some(url) => slow(&binary, url, data.path(), time),
        None => mixed(&binary, data.path(), time),
    }
}

/// A real application, asked slowly.
fn slow(binary: &Path, url: &str, data: &Path, time: Duration) -> Result<()> {
    let gateway = Gateway::start(binary, url, data)?;
    announce(&format!("asking {url} through {} for {} s, with pauses", gateway.address, time.as_secs()));
    let counts = traffic::run(gateway.address, &[Kind::Paused; 16], time, &AtomicBool::new(false));
    println!("{counts}");
    gateway.stop()?;
    if counts.failed() > 0 || counts.right() == 0 {
        bail!("{} of {} requests failed", counts.failed(), counts.right() + counts.failed());
    }
    Ok(())
}

/// Everything at once, before an origin of our own that misbehaves, too.
fn mixed(binary: &Path, data: &Path, time: Duration) -> Result<()> {
    let origin = origin::start()?;
    let gateway = Gateway::start(binary, &format!("http://{origin}"), data)?;
    let before = gateway.used()?;
    announce(&format!("mixed traffic through {} for {} s; before it {before}", gateway.address, time.as_secs()));
    let (is_over, mut seen) = (AtomicBool::new(false), Vec::new());
    let counts = thread::scope(|scope| -> Result<Counts> {
        let traffic = scope.spawn(|| traffic::run(gateway.address, Kind::ALL, time, &is_over));
        let began = Instant::now();
        while !traffic.is_finished() {
            thread::sleep(LOOK);
            match gateway.used() {
                Ok(used) => seen.push((began.elapsed(), used)),
                Err(error) => {
                    is_over.store(true, Ordering::Relaxed);
                    return Err(error.context("the gateway ended"));
                }
            }
        }
        Ok(traffic.join().unwrap_or_default())
    })?;
    println!("{counts}");
    announce(&format!("waiting {} s until the gateway has let go of what clients left", SETTLE.as_secs()));
    thread::sleep(SETTLE);
    let after = gateway.used()?;
    let told = gateway.stop()?;
    let kib = |part: &[(Duration, Used)]| part.iter().map(|(_, used)| used.memory_kib).max().unwrap_or(0);
    let quarter = seen.len() / 4;
    let (early, late) = (kib(&seen[quarter..quarter * 2]), kib(&seen[seen.len() - quarter..]));
    let tenths: Vec<u64> = seen.chunks(seen.len().div_ceil(10).max(1)).map(kib).collect();
    println!("memory in KiB, the most of each tenth: {tenths:?}");
    println!(
        "memory at most {early} KiB in the second quarter, {late} KiB in the last one; before {before}, after {after}"
    );
    println!("the gateway: {told}");
    judged(&counts, early, late, before, after)
}

fn judged(counts: &Counts, early: u64, late: u64, before: Used, after: Used) -> Result<()> {
    if counts.failed() > 0 || counts.right() == 0 {
        bail!("{} of {} right requests failed", counts.failed(), counts.right() + counts.failed());
    }
    let bound = early + (early * GROWTH_PERCENT_MAX / 100).max(GROWTH_KIB_MAX);
    if late > bound {
        bail!("memory is not flat: {late} KiB are more than {bound} KiB");
    }
    if after.descriptors > before.descriptors + DESCRIPTORS_MORE_MAX {
        bail!("{} descriptors are open, {} were before the traffic", after.descriptors, before.descriptors);
    }
    Ok(())
}

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Used {
    memory_kib: u64,
    descriptors: usize,
    threads: u64,
}

impl std::fmt::Display for Used {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} KiB, {} descriptors, {} threads", self.memory_kib, self.descriptors, self.threads)
    }
}

/// The gateway, as a process.
struct Gateway {
    process: Owned,
    address: SocketAddr,
    said: PathBuf,
}

impl Gateway {
    fn start(binary: &Path, upstream: &str, data: &Path) -> Result<Self> {
        let said = data.join("said.txt");
        let mut guard: Command = command(binary);
        guard.args(["--color", "never", "guard", "--listen", "127.0.0.1:0", "--upstream", upstream, "--log"]);
        guard.arg(data.join("records.jsonl")).stdin(Stdio::null()).stdout(Stdio::null());
        let process = guard.stderr(fs::File::create(&said)?).spawn().context("the gateway could not be started")?;
        let mut gateway = Self { process: Owned(process), address: SocketAddr::from(([127, 0, 0, 1], 0)), said };
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            let text = fs::read_to_string(&gateway.said)?;
            let listening =
                text.split_once("http://").and_then(|(_, rest)| rest.split_once(',')).map(|(address, _)| address);
            if let Some(address) = listening {
                gateway.address = address.parse()?;
                return Ok(gateway);
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the gateway did not listen")
    }

    /// What it uses now.
    fn used(&self) -> Result<Used> {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        let status = fs::read_to_string(process.join("status")).context("this needs `/proc`")?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()).and_then(|digits| digits.parse().ok()).unwrap_or(0)
        };
        let descriptors = fs::read_dir(process.join("fd"))?.count();
        Ok(Used { memory_kib: number("VmRSS:"), descriptors, threads: number("Threads:") })
    }

    /// Ends it as an operator would; what it says last.
    fn stop(mut self) -> Result<String> {
        run(command("kill").arg("-TERM").arg(self.process.id().to_string()))?;
        let status = self.process.wait()?;
        let said = fs::read_to_string(&self.said)?;
        if !status.success() {
            bail!("the gateway ended with {status}:\n{said}");
        }
        Ok(said.lines().last().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(failed: u64, late: u64, descriptors: usize) -> Option<String> {
        let used = |descriptors| Used { memory_kib: 0, descriptors, threads: 3 };
        let counts = Counts::of(10, failed);
        judged(&counts, 100_000, late, used(20), used(descriptors)).err().map(|error| error.to_string())
    }

    #[test]
    fn what_grows_or_fails_is_told() {
        assert_eq!(verdict(0, 110_000, 24), None);
        assert!(verdict(1, 100_000, 20).unwrap_or_default().contains("1 of 11 right requests failed"));
        assert!(verdict(0, 110_001, 20).unwrap_or_default().contains("memory is not flat"));
        assert!(verdict(0, 100_000, 25).unwrap_or_default().contains("25 descriptors are open, 20 were"));
    }
}
