//! What `probe` and `prove` share: the options of a run from flags and environment, the clock, an interrupt, the delivery.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::{Application, Report, Secret};
use probe::{Clock, FenceError, Level, Limits, Options, Outcome, ProbeError, Target, Verdict};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::arguments::{AttackLevel, Attacked};
use crate::outcome::{Exit, Failure};
use crate::streams::Streams;

/// The credentials of applications that have nothing to register with.
const TOKENS: [&str; 2] = ["DOORWARD_PROBE_TOKEN_A", "DOORWARD_PROBE_TOKEN_B"];

/// The clock of this process.
pub(super) struct ProcessClock(Instant);

impl ProcessClock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for ProcessClock {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The options of a run; `through` is the gateway, if there is one.
pub(super) fn options(flags: &Attacked, through: Option<Target>) -> Result<Options, Failure> {
    let target = target(&flags.target, "--target")?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::new(Exit::Internal, format!("the system gives no random numbers: {error}")))?;
    let tokens: Vec<Secret<String>> =
        TOKENS.iter().map_while(|name| std::env::var(name).ok()).map(Secret::new).collect();
    Ok(Options {
        target,
        through,
        level: match flags.level {
            AttackLevel::Read => Level::Read,
            AttackLevel::Own => Level::Own,
            AttackLevel::Full => Level::Full,
        },
        allowed_hosts: flags.allow_host.clone(),
        tokens,
        administrator: std::env::var(probe::ADMINISTRATOR_VARIABLE).ok().map(Secret::new),
        journal: flags.journal.clone().unwrap_or_else(|| journal(&seed)),
        seed: Secret::new(seed),
        limits: Limits { total: flags.budget, ..Limits::default() },
        timeout: Duration::from_secs(flags.timeout),
        show: flags.show,
    })
}

/// A base address from a flag.
pub(super) fn target(text: &str, flag: &str) -> Result<Target, Failure> {
    Target::parse(text).map_err(|error| {
        let failure = Failure::usage(format!("`{flag}`: {error}"));
        match error {
            FenceError::Tls(_) => {
                failure.hint("name the address on which the application itself listens, behind what ends TLS")
            }
            _ => failure,
        }
    })
}

/// A new file for the journal, named like no other.
fn journal(seed: &[u8; 32]) -> PathBuf {
    let name: String = seed.iter().rev().take(6).map(|byte| format!("{byte:02x}")).collect();
    std::env::temp_dir().join(format!("doorward-probe-{name}.jsonl"))
}

/// What runs a probe and, for `prove`, the gateway.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built = Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::new(Exit::Internal, format!("the runtime cannot be started: {error}")))
}

/// Runs the attacks. An interrupt or a request to end ends the run: it undoes what it made, and reports.
pub(super) async fn attack(
    report: &Report,
    application: &Application,
    options: &Options,
    streams: &Streams,
) -> Result<Outcome, Failure> {
    let (stopper, stop) = watch::channel(false);
    for target in options.through.iter().chain([&options.target]) {
        target.admitted(&options.allowed_hosts).await.map_err(|error| not_begun(&error.into()))?;
    }
    let mut asked = Asked::listening()?;
    streams.remark(&format!("what is made is written to {} first, and undone in the end", options.journal.display()));
    let clock = ProcessClock::start();
    let run = probe::probe(report, application, options, &clock, stop);
    tokio::pin!(run);
    let done = tokio::select! {
        done = &mut run => done,
        () = asked.comes() => {
            streams.say("interrupted: undoing what was made");
            // The receiver lives as long as the run; one that is over has nothing to stop.
            let _ = stopper.send(true);
            tokio::select! {
                done = &mut run => done,
                () = asked.comes() => return Err(impatient(options)),
            }
        }
    };
    done.map_err(|error| not_begun(&error))
}

/// What asks a run to stop: Ctrl-C, and what a supervisor sends (SIGTERM).
struct Asked {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Asked {
    fn listening() -> Result<Self, Failure> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let cannot = |error| Failure::new(Exit::Internal, format!("signals cannot be listened for: {error}"));
            let listen = |kind| signal(kind).map_err(cannot);
            // Both before the first request leaves: one that comes while it does must not end the process.
            Ok(Self { signals: [listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?] })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits until something does.
    async fn comes(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        {
            // Where it cannot be listened for, nothing was asked.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// A second interrupt: nothing more is undone, and what is left stands in the journal.
fn impatient(options: &Options) -> Failure {
    let failure = Failure::new(Exit::Unscanned, "interrupted again, before everything was undone");
    failure.hint(format!("`{}` says what was made, and what is gone again", options.journal.display()))
}

fn not_begun(error: &ProbeError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        ProbeError::Fence(FenceError::Outside { host, .. }) => {
            failure.hint(format!("`--allow-host {host}` allows it, if it is yours to attack"))
        }
        ProbeError::Journal { .. } => failure.hint("`--journal FILE` names another place, where no file is yet"),
        ProbeError::Fence(_) => failure,
    }
}

/// Writes the script that sends again what was proved.
pub(super) fn write_script(file: &Path, outcome: &Outcome, streams: &Streams) -> Result<(), Failure> {
    let Some(script) = probe::script(outcome) else {
        streams.remark("nothing was proved, so there is nothing to send again: no script was written");
        return Ok(());
    };
    std::fs::write(file, script)
        .map_err(|error| Failure::usage(format!("`{}` cannot be written: {error}", file.display())))
}

/// The exit code.
pub(super) fn judged(outcome: &Outcome) -> Result<Exit, Failure> {
    if outcome.count(Verdict::Proved) > 0 {
        return Ok(Exit::Found);
    }
    if !outcome.nothing_was_sent() {
        return Ok(Exit::Clean);
    }
    let reason = match (&outcome.halted, outcome.proofs.first()) {
        (Some(halted), _) => halted.clone(),
        (None, Some(first)) => first.claim.clone(),
        (None, None) => "no endpoint of the model is one that an attack of this build is for".to_owned(),
    };
    Err(Failure::new(Exit::Unscanned, format!("no attack could be sent: {reason}")))
}
