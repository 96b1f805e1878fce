//! `cargo xtask demo`: what a newcomer sees first: the example shop, its findings, their proofs, and what a guard makes of them.

use anyhow::{Result, bail};

use crate::process::release_binary;
use crate::proved;

/// Starts the shop, runs `doorward prove` and shows what it prints.
pub(crate) fn run() -> Result<()> {
    let binary = release_binary()?;
    let proven = proved::proven(&binary)?;
    println!("{}", proven.table);
    let mistakes = proven.mistakes();
    if !mistakes.is_empty() {
        bail!("this is not what was expected:\n  {}", mistakes.join("\n  "));
    }
    Ok(())
}
