//! The OpenAPI document that `doorward routes --format openapi` writes of the example shop, judged by `openapi-spec-validator`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{announce, cargo, command, root, run, target, tee};
use crate::python::Venv;
use crate::tally::Tally;

/// The judge. Its rules are those of the specification; a new version is a look at what it newly refuses.
const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

/// Judges the document: one test, and what failed if it did.
pub(crate) fn check() -> (Tally, Option<String>) {
    let failed = |what: String| (Tally { failed: 1, ..Tally::default() }, Some(what));
    match is_valid() {
        Ok(true) => (Tally { passed: 1, ..Tally::default() }, None),
        Ok(false) => failed("the OpenAPI document of `examples/shop` is not valid".to_owned()),
        Err(error) => failed(format!("validating the OpenAPI document of `examples/shop`: {error:#}")),
    }
}

fn is_valid() -> Result<bool> {
    announce("validating the OpenAPI document of examples/shop");
    let venv = Venv::kept("openapi")?;
    venv.install(&[VALIDATOR]).context("installing the validator")?;
    run(&mut cargo("build --package doorward"))?;
    let doorward = target().join("debug").join(format!("doorward{}", std::env::consts::EXE_SUFFIX));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("openapi.json");
    write(&doorward, &root().join("examples").join("shop"), &file)?;
    let mut python = venv.program("python");
    let (status, _) = tee(python.args(["-m", "openapi_spec_validator", "--schema", "3.1"]).arg(&file))?;
    Ok(status.success())
}

fn write(doorward: &Path, code: &Path, file: &Path) -> Result<()> {
    run(command(doorward).args(["--quiet", "routes", "--format", "openapi", "--output"]).arg(file).arg(code))
}
