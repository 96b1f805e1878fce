//! The match of the policy against the routers' own code, run in Python: the same tables and requests, every answer compared.

use std::fs;

use anyhow::{Context, Result};

use crate::process::{announce, cargo, read, root, tee};
use crate::python::Venv;
use crate::tally::Tally;

/// The routers that are asked: as a policy names them, what is installed, and what asks it. Their rules have not changed in
/// years; a new version is a look at `starlette.routing`, `werkzeug.routing` and `django.urls.resolvers`.
const ROUTERS: &[(&str, &str, &str)] = &[
    ("starlette", "starlette==1.10.0", "starlette_agrees.py"),
    ("werkzeug", "werkzeug==3.1.9", "werkzeug_agrees.py"),
    ("django", "django==5.2.19", "django_agrees.py"),
];

/// Compares the answers: one test a router, and what failed if one did.
pub(crate) fn check() -> (Tally, Option<String>) {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    let venv = Venv::kept("routers").and_then(|venv| {
        let packages: Vec<&str> = ROUTERS.iter().map(|(_, package, _)| *package).collect();
        venv.install(&packages).context("installing the routers")?;
        Ok(venv)
    });
    for (router, _, script) in ROUTERS {
        let compared = venv.as_ref().map_err(|error| format!("{error:#}")).and_then(|venv| {
            announce(&format!("asking the router of {router}"));
            compared(venv, router, script).map_err(|error| format!("{error:#}"))
        });
        match compared {
            Ok(true) => tally.passed += 1,
            Ok(false) => failed.push(format!("the match differs from that of {router}")),
            Err(error) => failed.push(format!("comparing the match with that of {router}: {error}")),
        }
    }
    tally.failed += u64::try_from(failed.len()).unwrap_or(u64::MAX);
    (tally, (!failed.is_empty()).then(|| failed.join("\n  ")))
}

fn compared(venv: &Venv, router: &str, script: &str) -> Result<bool> {
    let cases = read(&mut cargo(&format!("run --quiet --package doorward-policy --example router_cases -- {router}")))?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("cases.jsonl");
    fs::write(&file, cases)?;
    let mut python = venv.program("python");
    let script = root().join("crates").join("policy").join("tests").join(script);
    let (status, _) = tee(python.arg(script).arg(file))?;
    Ok(status.success())
}
