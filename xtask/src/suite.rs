//! `cargo xtask test`: every test there is, and one closing line.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::document;
use crate::http2;
use crate::process::{cargo, has_cargo, tee};
use crate::proved;
use crate::router;
use crate::shop;
use crate::tally::Tally;
use crate::wheel;

/// What is tested beside the workspace; all of it needs Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
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

/// What the gateway shares with others is tested with a real server.
fn redis_is_there() -> Result<()> {
    let mut asked = Command::new(REDIS);
    if asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    {
        return Ok(());
    }
    bail!("`{REDIS}` is not there\nhint: `apt-get install redis-server`, `dnf install redis` or `brew install redis`")
}

/// Runs all tests, even after a failure, and ends with the sum on a line of its own.
pub(crate) fn run(parts: &[Part]) -> Result<()> {
    redis_is_there()?;
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
    for part in parts {
        let (tally, failed) = match part {
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
