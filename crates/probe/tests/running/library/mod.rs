//! A small lending library as a fake: its model as a scan would have it, and a server in this process that can be made to
//! hold, to fail, or to be something else altogether.

pub(crate) mod model_of;
pub(crate) mod server;

use std::time::Duration;

use doorward_probe::{Clock, Level, Limits, Options, Outcome, ProbeError, Proof, Target};
use model::{Report, Secret};
use tokio::sync::watch;

use server::{Served, Traits};

/// The literal key of its tokens.
pub(crate) const KEY: &str = "the-key-that-stands-in-the-code";

/// A clock that stands still.
pub(crate) struct Still;

impl Clock for Still {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// Options for a target, with a journal in a folder.
pub(crate) fn options(target: Target, folder: &std::path::Path) -> Options {
    Options {
        target,
        through: None,
        level: Level::Own,
        allowed_hosts: Vec::new(),
        tokens: Vec::new(),
        administrator: None,
        seed: Secret::new([7; 32]),
        limits: Limits::default(),
        timeout: Duration::from_secs(30),
        journal: folder.join("journal.jsonl"),
        show: false,
    }
}

/// A run against the fake, with options changed as a test needs them.
pub(crate) async fn attacked(traits: Traits, change: impl FnOnce(&mut Options)) -> (Outcome, Served) {
    let served = Served::start(traits).await;
    let outcome = against(&served, change).await.expect("the run begins");
    (outcome, served)
}

/// The same against a server that runs already.
pub(crate) async fn against(served: &Served, change: impl FnOnce(&mut Options)) -> Result<Outcome, ProbeError> {
    about(&model_of::report(), served, change).await
}

/// The same with another model of it.
pub(crate) async fn about(
    report: &Report,
    served: &Served,
    change: impl FnOnce(&mut Options),
) -> Result<Outcome, ProbeError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut options = options(Target::of(served.address), folder.path());
    change(&mut options);
    let (_stopper, stop) = watch::channel(false);
    doorward_probe::probe(report, &report.applications[0], &options, &Still, stop).await
}

/// Attack, endpoint and verdict of each proof, as a table.
pub(crate) fn told(outcome: &Outcome) -> Vec<String> {
    let line = |proof: &Proof| format!("{} {} {}", proof.verdict.as_str(), proof.attack, proof.endpoint);
    outcome.proofs.iter().map(line).collect()
}

/// The proof of an attack on an endpoint.
pub(crate) fn proof<'o>(outcome: &'o Outcome, attack: &str, endpoint: &str) -> &'o Proof {
    let is_it = |proof: &&Proof| proof.attack == attack && proof.endpoint.to_string() == endpoint;
    outcome.proofs.iter().find(is_it).unwrap_or_else(|| panic!("no {attack} on {endpoint}: {:#?}", told(outcome)))
}
