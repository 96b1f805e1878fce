//! `doorward prove` on the example shop: what must be proved, held and left alone, and that nothing stays behind. The README
//! shows the very output.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process::{announce, cargo, command, read, root, run, target};
use crate::python::Venv;
use crate::shop::{Shop, free_address, settings};
use crate::tally::Tally;

/// The example, as the README names it.
const EXAMPLE: &str = "examples/shop";

/// Attack, endpoint, verdict, and what became of it behind the guard. The shop's README says why.
const EXPECTED: &[(&str, &str, &str, &str)] = &[
    ("object-read", "GET /api/v1/orders/{}", "PROVED", "HELD by ownership"),
    ("object-read", "GET /api/v1/admin/orders/{}", "NOT_SENT", ""),
    ("object-read", "GET /api/v1/files/{}", "NOT_SENT", ""),
    ("object-read", "GET /api/v1/orders/{}/invoice", "HELD", "HELD"),
    ("object-read", "GET /api/v1/users/{}", "NOT_SENT", ""),
    ("object-read", "GET /api/v1/users/{}/contact", "INCONCLUSIVE", ""),
    ("forged-token", "GET /api/v1/users/me", "PROVED", "UNSHIELDED"),
    ("missing-identification", "GET /api/v1/users/me/addresses", "HELD", "HELD by jwt"),
    ("missing-identification", "GET /api/v1/users/{}/contact", "PROVED", "HELD by jwt"),
    ("missing-identification", "GET /debug/settings", "OBSERVED", "HELD by jwt"),
    ("missing-identification", "POST /api/v1/admin/banners", "PROVED", "HELD by jwt"),
    ("missing-identification", "POST /api/v1/products/{}/reviews/{}/report", "PROVED", "HELD by jwt"),
    ("missing-identification", "POST /api/v1/webhooks/shipping", "PROVED", "HELD by jwt"),
    ("missing-identification", "PUT /api/v1/admin/banners/{}", "PROVED", "HELD by jwt"),
    ("missing-identification", "PUT /api/v1/inventory/{}", "NOT_SENT", ""),
    ("missing-identification", "WS /api/v1/live/support", "NOT_SENT", ""),
    ("missing-identification", "DELETE /api/v1/admin/banners/{}", "PROVED", "HELD by jwt"),
    ("object-write", "PATCH /api/v1/users/me/addresses/{}", "PROVED", "HELD by ownership"),
    ("object-write", "DELETE /api/v1/users/me/addresses/{}", "HELD", "HELD"),
    ("object-write", "PUT /api/v1/users/me/addresses/{}", "HELD", "HELD"),
    // Not a weakness: whoever is signed in may count a review up. The scan says otherwise, and no canary bears it out.
    ("function-level", "DELETE /api/v1/products/{}", "PROVED", "HELD by roles"),
    ("mass-assignment", "PATCH /api/v1/users/me", "PROVED", "HELD by virtual_patch"),
    ("tampered-token", "GET /api/v1/users/me", "HELD", "HELD by jwt"),
    ("login-tries", "POST /api/v1/auth/login", "OBSERVED", "HELD by limits"),
];

/// The tables that may grow: the shop notes who did what.
const NOTES: &[&str] = &["audit_entries"];

/// What stands before the block of the README that holds the output.
const CAPTURE: &str = "<!-- demo -->\n```text\n";

/// The part of the output as JSON that is compared.
#[derive(Deserialize)]
struct Outcome {
    proofs: Vec<Proof>,
    left_behind: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Proof {
    attack: String,
    endpoint: String,
    verdict: String,
    behind_guard: Option<Behind>,
}

#[derive(Deserialize)]
struct Behind {
    verdict: String,
    layer: Option<String>,
}

/// What one run printed, and what it did.
pub(crate) struct Proven {
    /// The table.
    pub(crate) table: String,
    outcome: Outcome,
    before: BTreeMap<String, u64>,
    after: BTreeMap<String, u64>,
}

/// Compares what `prove` shows on the shop: one test, and what failed if it did.
pub(crate) fn check() -> (Tally, Option<String>) {
    let failed = |what: String| (Tally { failed: 1, ..Tally::default() }, Some(what));
    let proven = run(&mut cargo("build --package doorward")).and_then(|()| {
        let name = format!("doorward{}", std::env::consts::EXE_SUFFIX);
        proven(&target().join("debug").join(name))
    });
    match proven {
        Err(error) => failed(format!("proving the findings of `{EXAMPLE}`: {error:#}")),
        Ok(proven) => match proven.mistakes() {
            mistakes if mistakes.is_empty() => (Tally { passed: 1, ..Tally::default() }, None),
            mistakes => failed(format!("`doorward prove {EXAMPLE}`:\n    {}", mistakes.join("\n    "))),
        },
    }
}

/// Runs `prove` on a fresh shop.
pub(crate) fn proven(doorward: &Path) -> Result<Proven> {
    announce(&format!("starting {EXAMPLE}"));
    let folder = root().join(EXAMPLE);
    let venv = Venv::kept("shop")?;
    let requirements = folder.join("requirements-dev.txt");
    venv.install(&["-r", &requirements.to_string_lossy()]).context("installing the shop's requirements")?;
    let data = tempfile::tempdir()?;
    let address = free_address()?;
    let settings = settings(&folder, data.path(), address)?;
    let mut shop = Shop::start(&venv, &folder, &settings, &data.path().join("log.txt"))?;
    shop.wait(address)?;
    let database = data.path().join("shop.db");
    let before = rows(&venv, &database)?;
    let file = data.path().join("proofs.json");
    let administrator = administrator(&venv, address, &settings)?;
    let table = printed(doorward, address, &file, &administrator)?;
    let outcome = serde_json::from_str(&fs::read_to_string(&file)?).context("the proofs are not as expected")?;
    Ok(Proven { table, outcome, before, after: rows(&venv, &database)? })
}

/// What the command prints, at the width and without the colours of a document.
fn printed(doorward: &Path, address: SocketAddr, file: &Path, administrator: &str) -> Result<String> {
    announce(&format!("doorward prove {EXAMPLE} --target http://{address}"));
    let mut prove: Command = command(doorward);
    prove.args(["--color", "never", "prove", EXAMPLE, "--target", &format!("http://{address}")]);
    prove.arg("--output").arg(format!("json={}", file.display()));
    prove.env("DOORWARD_PROBE_TOKEN_ADMIN", administrator);
    prove.env("COLUMNS", "80").env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = prove.output().context("`doorward prove` could not be started")?;
    match output.status.code() {
        Some(1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => bail!("it ended with {}; the example has findings that are proved, so 1 was expected", output.status),
    }
}

/// The credential of the administrator whom the shop seeds: some objects nobody else makes.
fn administrator(venv: &Venv, address: SocketAddr, settings: &[(String, String)]) -> Result<String> {
    let mut python = venv.program("python");
    python.args(["-c", LOG_IN, &format!("http://{address}")]).envs(settings.iter().cloned());
    Ok(read(&mut python).context("the administrator could not log in")?.trim().to_owned())
}

const LOG_IN: &str = r#"
import json, os, sys, urllib.parse, urllib.request
name = os.environ.get("SHOP_FIRST_ADMIN_EMAIL", "admin@example.com")
fields = {"username": name, "password": os.environ["SHOP_FIRST_ADMIN_PASSWORD"]}
with urllib.request.urlopen(sys.argv[1] + "/api/v1/auth/login", urllib.parse.urlencode(fields).encode()) as answer:
    print(json.load(answer)["access_token"])
"#;

/// How many rows each table of a database file has.
fn rows(venv: &Venv, database: &Path) -> Result<BTreeMap<String, u64>> {
    let counted = read(venv.program("python").args(["-c", COUNT_ROWS]).arg(database))?;
    serde_json::from_str(&counted).context("the rows could not be counted")
}

const COUNT_ROWS: &str = r#"
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
print(json.dumps({name: database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}))
"#;

impl Proven {
    /// Everything that is not as it should be.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.other_verdicts();
        if !self.outcome.left_behind.is_empty() {
            mistakes.push(format!("left behind: {:?}", self.outcome.left_behind));
        }
        for (table, count) in &self.after {
            let before = self.before.get(table).copied().unwrap_or(0);
            if *count != before && !NOTES.contains(&table.as_str()) {
                mistakes.push(format!("`{table}` had {before} rows before and has {count}"));
            }
        }
        mistakes.extend(self.stale_readme());
        mistakes
    }

    fn other_verdicts(&self) -> Vec<String> {
        let behind = |proof: &Proof| {
            let Some(behind) = &proof.behind_guard else { return String::new() };
            let layer = behind.layer.as_ref().map(|layer| format!(" by {layer}")).unwrap_or_default();
            format!("{}{layer}", behind.verdict)
        };
        let row = |proof: &Proof| format!("{} {}: {}, {}", proof.attack, proof.endpoint, proof.verdict, behind(proof));
        let shown: Vec<String> = self.outcome.proofs.iter().map(row).collect();
        let wanted: Vec<String> = EXPECTED
            .iter()
            .map(|(attack, endpoint, verdict, behind)| format!("{attack} {endpoint}: {verdict}, {behind}"))
            .collect();
        let missing = wanted.iter().filter(|row| !shown.contains(row)).map(|row| format!("missing: {row}"));
        let surplus = shown.iter().filter(|row| !wanted.contains(row)).map(|row| format!("instead: {row}"));
        missing.chain(surplus).collect()
    }

    /// Why the README does not show this very output, if so.
    fn stale_readme(&self) -> Option<String> {
        let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
        let shown = readme.split_once(CAPTURE).and_then(|(_, rest)| rest.split_once("```\n")).map(|(block, _)| block);
        match shown {
            Some(shown) if trimmed(shown) == trimmed(&self.table) => None,
            Some(_) => Some(format!("README.md is stale; the output is now\n{}", self.table)),
            None => Some(format!("README.md does not hold {CAPTURE:?}")),
        }
    }
}

/// Lines without blanks at their end: editors take them away.
fn trimmed(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}
