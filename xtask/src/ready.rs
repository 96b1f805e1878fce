//! `cargo xtask ready`: what must hold before a commit, cheapest first; continuous integration runs the same.

use anyhow::{Result, anyhow, bail};

use crate::process::{announce, cargo, has_cargo, run as run_command};
use crate::suite;

/// Runs every static check, then the tests. All static checks run, so that one run shows all that is wrong.
pub(crate) fn run(parts: &[suite::Part]) -> Result<()> {
    let checks = [format(), lints(), documentation(), dependencies()];
    let failures: Vec<String> = checks.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect();
    if !failures.is_empty() {
        bail!("these failed, so the tests did not run:\n  {}", failures.join("\n  "));
    }
    suite::run(parts)
}

fn format() -> Result<()> {
    run_command(&mut cargo("fmt --all --check")).map_err(|error| anyhow!("{error}; hint: `cargo fmt --all` repairs it"))
}

fn lints() -> Result<()> {
    run_command(&mut cargo("clippy --workspace --all-targets -- -D warnings"))
}

fn documentation() -> Result<()> {
    run_command(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, sources and bans always; advisories only where their database can be fetched.
fn dependencies() -> Result<()> {
    if !has_cargo("deny") {
        announce(
            "cargo deny is not installed, so dependencies were not checked; `cargo install cargo-deny` installs it",
        );
        return Ok(());
    }
    run_command(&mut cargo("deny --all-features check bans licenses sources"))?;
    let mut advisories = cargo("deny --all-features check advisories");
    let (status, said) = crate::process::tee(&mut advisories)?;
    if status.success() {
        return Ok(());
    }
    if said.contains("failed to fetch advisory database") || said.contains("failed to load advisory database") {
        announce("the advisory database could not be fetched, so advisories were not checked");
        return Ok(());
    }
    bail!("`cargo deny check advisories` failed: {status}")
}
