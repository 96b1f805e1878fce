//! The match of the policy against Starlette's own router, run in Python: the same tables and requests, every answer
//! compared.

use std::fs;

use anyhow::{Context, Result};

use crate::process::{announce, cargo, read, root, tee};
use crate::python::Venv;
use crate::tally::Tally;

/// The router that is asked. Its rules have not changed in years; a new version is a look at `starlette.routing`.
const STARLETTE: &str = "starlette==1.10.0";

/// Compares the answers: one test, and what failed if it did.
pub(crate) fn check() -> (Tally, Option<String>) {
    let failed = |what: String| (Tally { failed: 1, ..Tally::default() }, Some(what));
    match compared() {
        Ok(true) => (Tally { passed: 1, ..Tally::default() }, None),
        Ok(false) => failed("the match differs from Starlette's".to_owned()),
        Err(error) => failed(format!("comparing the match with Starlette's: {error:#}")),
    }
}

fn compared() -> Result<bool> {
    announce("asking Starlette's router");
    let venv = Venv::kept("starlette")?;
    venv.install(&[STARLETTE]).context("installing Starlette")?;
    let cases = read(&mut cargo("run --quiet --package doorward-policy --example router_cases"))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cases.jsonl");
    fs::write(&file, cases)?;
    let mut python = venv.program("python");
    let script = root().join("crates").join("policy").join("tests").join("starlette_agrees.py");
    let (status, _) = tee(python.arg(script).arg(file))?;
    Ok(status.success())
}
