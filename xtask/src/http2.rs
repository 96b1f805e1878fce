//! HTTP/2 towards clients, frame by frame: a script that makes its frames with the Python package `h2` and what that is made of
//! talks to the built gateway.

use anyhow::{Context, Result};

use crate::process::{announce, cargo, root, run, target, tee};
use crate::python::Venv;
use crate::tally::Tally;

/// What makes the frames. A new version is a look at what it newly refuses to send.
const H2: &str = "h2==4.3.0";

/// Counts each case as a test, and says what failed if one did.
pub(crate) fn check() -> (Tally, Option<String>) {
    match asked() {
        Ok(tally) if tally.failed == 0 => (tally, None),
        Ok(tally) => (tally, Some(format!("{} cases of HTTP/2 towards clients", tally.failed))),
        Err(error) => (Tally { failed: 1, ..Tally::default() }, Some(format!("HTTP/2 towards clients: {error:#}"))),
    }
}

fn asked() -> Result<Tally> {
    announce("HTTP/2 towards clients, frame by frame");
    let venv = Venv::kept("http2")?;
    venv.install(&[H2]).context("installing what makes frames")?;
    run(&mut cargo("build --package doorward"))?;
    let doorward = target().join("debug").join(format!("doorward{}", std::env::consts::EXE_SUFFIX));
    let script = root().join("crates").join("guard").join("tests").join("http2_frames.py");
    let mut python = venv.program("python");
    let (status, said) = tee(python.arg(script).arg(doorward))?;
    let tally = counted(&said).context("it does not say how many cases hold")?;
    // One that ends badly although every case holds has failed itself.
    let failed = tally.failed.max(u64::from(!status.success()));
    Ok(Tally { failed, ..tally })
}

/// Reads `105 of 105 cases hold`.
fn counted(said: &str) -> Option<Tally> {
    let line = said.lines().find_map(|line| line.strip_suffix(" cases hold"))?;
    let (held, all) = line.split_once(" of ")?;
    let (held, all): (u64, u64) = (held.parse().ok()?, all.parse().ok()?);
    Some(Tally { passed: held, failed: all.saturating_sub(held), skipped: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted() {
        let counts = |said: &str| counted(said).map(|tally| (tally.passed, tally.failed));
        assert_eq!(counts("noise\n103 of 105 cases hold\n  one: why\n"), Some((103, 2)));
        assert_eq!(counts("noise\n"), None);
    }
}
