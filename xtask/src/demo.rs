//! `cargo xtask demo`: what a newcomer sees first.

use anyhow::{Context, Result, bail};

use crate::process::{announce, command, release_binary, root};

/// The example that the README scans, relative to the root.
const EXAMPLE: &str = "examples/shop";

/// Scans the example. It is full of holes on purpose, so anything but exit code 1 is a failure.
pub(crate) fn run() -> Result<()> {
    if !root().join(EXAMPLE).is_dir() {
        bail!("`{EXAMPLE}` does not exist");
    }
    let binary = release_binary()?;
    announce(&format!("doorward scan {EXAMPLE}"));
    let status = command(binary).args(["scan", EXAMPLE]).status().context("the scan could not be started")?;
    match status.code() {
        Some(1) => Ok(()),
        _ => bail!("`doorward scan {EXAMPLE}` ended with {status}; the example has findings, so 1 was expected"),
    }
}
