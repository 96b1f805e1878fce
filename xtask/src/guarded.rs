//! `doorward guard` in front of the example shop: a policy derived from the shop's code, in enforce mode, and the shop's own
//! tests through it. What should pass and is refused fails one of them.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{Owned, cargo, command, run, target};

/// How long the gateway may take to listen.
const START_SECONDS_MAX: u64 = 30;
/// What the derived policy refuses until somebody has looked at it: files that are mounted. They are meant for everybody.
const FILES: &str = "[routes.\"GET /media/{path:path}\"]\nallow = []\n";
const FILES_FOR_EVERYBODY: &str = "[routes.\"GET /media/{path:path}\"]\naccess = \"public\"\n";

/// The variable by which the shop itself is given its key: the derived policy names the same one.
const SHOP_KEY: &str = "SHOP_JWT_SECRET";

/// A key that nobody knows: the one in the shop's code is known to all its readers.
pub(crate) fn fresh_key() -> String {
    let random = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}{:016x}{:016x}", random(), random(), random(), random())
}

fn doorward() -> PathBuf {
    target().join("debug").join(format!("doorward{}", std::env::consts::EXE_SUFFIX))
}

/// The policy that is derived from a folder, where the mounted files are for everybody.
pub(crate) fn derived(code: &Path, data: &Path) -> Result<PathBuf> {
    run(&mut cargo("build --package doorward"))?;
    let policy = data.join("policy.toml");
    run(command(doorward()).args(["policy", "derive"]).arg(code).arg("--output").arg(&policy))?;
    let text = fs::read_to_string(&policy)?;
    if !text.contains(FILES) {
        bail!("the derived policy no longer refuses the mounted files:\n{FILES}");
    }
    fs::write(&policy, text.replace(FILES, FILES_FOR_EVERYBODY))?;
    Ok(policy)
}

/// A running gateway; it ends when this is dropped.
pub(crate) struct Guard {
    process: Owned,
    log: PathBuf,
}

impl Guard {
    /// Derives a policy from a folder and starts the gateway with it, which is given the key as the shop is.
    pub(crate) fn start(code: &Path, application: SocketAddr, key: &str, data: &Path) -> Result<Self> {
        let policy = derived(code, data)?;
        Self::with(&policy, application, &[(SHOP_KEY.to_owned(), key.to_owned())], data)
    }

    /// Starts the gateway with a policy, and with these variables.
    pub(crate) fn with(
        policy: &Path,
        application: SocketAddr,
        variables: &[(String, String)],
        data: &Path,
    ) -> Result<Self> {
        let log = data.join("guard.txt");
        let mut guard: Command = command(doorward());
        guard.args(["--color", "never", "guard", "--mode", "enforce", "--listen", "127.0.0.1:0", "--upstream"]);
        guard.arg(format!("http://{application}")).arg("--policy").arg(policy);
        guard.arg("--log").arg(data.join("records.jsonl")).envs(variables.iter().cloned());
        let process = guard.stdin(Stdio::null()).stderr(File::create(&log)?).spawn();
        Ok(Self { process: Owned(process.context("the gateway could not be started")?), log })
    }

    /// Waits until it listens, and says where.
    pub(crate) fn address(&mut self) -> Result<String> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while Instant::now() < deadline {
            let said = self.said();
            if let Some((_, rest)) = said.split_once("guarding on ") {
                return Ok(rest.split(',').next().unwrap_or_default().to_owned());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the gateway ended at once ({status}):\n{said}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the gateway did not listen within {START_SECONDS_MAX} s:\n{}", self.said())
    }

    /// Stops it as an operator would, and gives what it counted.
    pub(crate) fn stop(mut self) -> Result<String> {
        run(command("kill").arg("-TERM").arg(self.process.id().to_string()))?;
        let status = self.process.wait()?;
        let said = self.said();
        if !status.success() {
            bail!("the gateway ended with {status}:\n{said}");
        }
        Ok(said.lines().last().unwrap_or_default().to_owned())
    }

    /// How often something else has come into force since it listens.
    pub(crate) fn reloads(&self) -> usize {
        self.said().matches("loaded revision").count()
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_enough_and_differ() {
        assert_eq!(fresh_key().len(), 64);
        assert_ne!(fresh_key(), fresh_key());
    }
}
