//! `cargo xtask wheel`: builds the wheel, installs it where nothing else is, and tries the command as a user would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::measure::made;
use crate::process::{announce, root, run as run_command, target};
use crate::python::Venv;
use crate::tally::Tally;

/// Builds and tries the wheel, and fails if any check failed.
pub(crate) fn run() -> Result<()> {
    let (tally, failure) = check().outcome();
    println!("\n{tally}");
    match failure {
        Some(failure) => bail!("these failed:\n  {failure}"),
        None => Ok(()),
    }
}

/// The outcome of each check, in order.
pub(crate) struct Checks(Vec<(&'static str, Result<()>)>);

impl Checks {
    /// How many passed and failed; what failed and why, one a line.
    pub(crate) fn outcome(&self) -> (Tally, Option<String>) {
        let failed = self.0.iter().filter_map(|(name, outcome)| Some((name, outcome.as_ref().err()?)));
        let failures: Vec<String> = failed.map(|(name, error)| format!("{name}: {error:#}")).collect();
        let (all, failed) = (self.0.len() as u64, failures.len() as u64);
        let tally = Tally { passed: all - failed, failed, skipped: 0 };
        (tally, (failed > 0).then(|| failures.join("\n  ")))
    }

    fn add(&mut self, name: &'static str, outcome: Result<()>) {
        eprintln!("{:>8} {name}", if outcome.is_ok() { "PASS" } else { "FAIL" });
        self.0.push((name, outcome));
    }
}

/// Builds the wheel, installs it and runs every check on the installed command.
pub(crate) fn check() -> Checks {
    let mut checks = Checks(Vec::new());
    let built = build();
    let installed = built.and_then(|wheel| install(&wheel));
    let installed = match installed {
        Ok(installed) => installed,
        Err(error) => {
            checks.add("wheel: builds and installs", Err(error));
            return checks;
        }
    };
    checks.add("wheel: builds and installs", Ok(()));
    checks.add("wheel: `doorward --version` names the version", says_its_version(&installed));
    checks.add("wheel: `doorward scan` lists the endpoints of an application", scans_an_application(&installed));
    checks.add("wheel: `doorward scan` of nothing ends with 3", refuses_an_empty_folder(&installed));
    checks
}

fn build() -> Result<PathBuf> {
    announce("building the wheel");
    let tools = Venv::kept("maturin")?;
    tools.install(&["maturin>=1.9,<2"]).context("installing maturin")?;
    let folder = target().join("wheels");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let mut maturin = tools.program("maturin");
    maturin.args(["build", "--release", "--locked", "--out"]).arg(made(&folder)?);
    maturin.env("CARGO_TARGET_DIR", target());
    run_command(&mut maturin)?;
    let wheels: Vec<PathBuf> = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        other => bail!("expected one wheel in {}, found {}", folder.display(), other.len()),
    }
}

fn install(wheel: &Path) -> Result<PathBuf> {
    let venv = Venv::fresh("wheel")?;
    venv.install(&["--no-index", "--no-deps", &wheel.to_string_lossy()]).context("installing the wheel")?;
    Ok(venv.path("doorward"))
}

fn says_its_version(doorward: &Path) -> Result<()> {
    let output = ran(doorward, &["--version"], root())?;
    let expected = format!("doorward {}", env!("CARGO_PKG_VERSION"));
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "exit code {:?}", output.status.code());
    ensure!(said.trim() == expected, "it said `{}` instead of `{expected}`", said.trim());
    Ok(())
}

/// A small application: its routes are in another file than the application, behind a prefix.
const APPLICATION: [(&str, &str); 2] = [
    (
        "main.py",
        "from fastapi import FastAPI\n\nimport items\n\napp = FastAPI()\napp.include_router(items.router, prefix=\"/api\")\n\n\n\
         @app.get(\"/health\")\ndef health():\n    return {}\n",
    ),
    (
        "items.py",
        "from fastapi import APIRouter\n\nrouter = APIRouter(prefix=\"/items\")\n\n\n\
         @router.get(\"/{item_id}\")\ndef read_item(item_id: int):\n    return {\"id\": item_id}\n\n\n\
         @router.delete(\"/{item_id}\")\ndef delete_item(item_id: int):\n    return None\n",
    ),
];

/// What `scan` must list for it, documentation endpoints left out.
const ENDPOINTS: [&str; 3] = ["DELETE /api/items/{}", "GET /api/items/{}", "GET /health"];

fn scans_an_application(doorward: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, text) in APPLICATION {
        fs::write(folder.path().join(name), text)?;
    }
    let output = ran(doorward, &["scan", "--format", "json"], folder.path())?;
    let scan: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("exit code {:?}, stdout is no JSON; stderr: {}", output.status.code(), said.trim())
    })?;
    ensure!(scan["schema_version"] == 1, "schema_version is {}", scan["schema_version"]);
    let found = endpoints(&scan);
    ensure!(found == ENDPOINTS, "it listed {found:?} instead of {ENDPOINTS:?}");
    let is_serious = |finding: &Value| matches!(finding["severity"].as_str(), Some("high" | "critical"));
    let serious = scan["findings"].as_array().is_some_and(|findings| findings.iter().any(is_serious));
    let expected = i32::from(serious);
    ensure!(output.status.code() == Some(expected), "exit code {:?} instead of {expected}", output.status.code());
    Ok(())
}

fn endpoints(scan: &Value) -> Vec<String> {
    let of_project = |endpoint: &&Value| endpoint["origin"] == "project";
    let all = scan["endpoints"].as_array().into_iter().flatten().filter(of_project);
    let mut ids: Vec<String> = all.filter_map(|endpoint| Some(endpoint["id"].as_str()?.to_owned())).collect();
    ids.sort();
    ids
}

fn refuses_an_empty_folder(doorward: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let output = ran(doorward, &["scan"], folder.path())?;
    ensure!(output.status.code() == Some(3), "exit code {:?}", output.status.code());
    ensure!(!output.stderr.is_empty(), "it did not say why");
    Ok(())
}

fn ran(doorward: &Path, arguments: &[&str], folder: &Path) -> Result<Output> {
    let output = Command::new(doorward).args(arguments).current_dir(folder).output();
    output.with_context(|| format!("`{}` could not be started", doorward.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_endpoints_of_the_project_are_compared() {
        let scan = json!({"endpoints": [
            {"id": "GET /b", "origin": "project"},
            {"id": "GET /docs", "origin": "framework"},
            {"id": "GET /a", "origin": "project"},
        ]});
        assert_eq!(endpoints(&scan), ["GET /a", "GET /b"]);
    }

    #[test]
    fn a_failed_check_is_counted_and_named() {
        let mut checks = Checks(Vec::new());
        checks.add("good", Ok(()));
        checks.add("bad", Err(anyhow::anyhow!("why").context("what")));
        let expected = Tally { passed: 1, failed: 1, skipped: 0 };
        assert_eq!(checks.outcome(), (expected, Some("bad: what: why".to_owned())));
    }
}
