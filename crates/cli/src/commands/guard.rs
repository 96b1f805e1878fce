//! `doorward guard`: the gateway, with what it must not take itself: keys from files and the environment, the clock, the log.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use ::guard::{BODY_BYTES_MAX, Counters, Gateway, Keys, KnownKeys, Options, SiteError, StartError};
use model::Secret;
use policy::{DeriveOptions, KeysRef, Mode, Policy, Upstream};

use super::policy as policies;
use crate::arguments::{Guard, GuardMode};
use crate::outcome::{Exit, Failure};
use crate::output::palette::{GUARDED, OPEN, paint};
use crate::output::text::{counted, shown};
use crate::streams::Streams;

/// Where the gateway listens unless something else is asked for.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// What is said where neither flag nor policy names the application.
const NO_UPSTREAM: &str = "which application is behind the gateway is not said";

/// Runs the command until a signal ends it.
pub(super) fn run(flags: &Guard, streams: &Streams) -> Result<Exit, Failure> {
    let policy = policy(flags, streams)?;
    let mode = mode(flags, policy.as_ref())?;
    let upstream = upstream(flags, policy.as_ref())?;
    let listen = flags
        .listen
        .or_else(|| policy.as_ref().and_then(|policy| policy.listen.as_ref()).map(|listen| listen.address.0))
        .unwrap_or(LISTEN_DEFAULT);
    let routes = policy.as_ref().map(|policy| policy.routes.len());
    let told = upstream.servers.iter().map(|one| format!("http://{}:{}", one.host, one.port)).collect::<Vec<_>>();
    let gateway = Gateway::start(Options {
        listen,
        upstream,
        policy,
        mode,
        keys: &KeysOfProcess,
        known_keys: KnownKeys::Refuse,
        clock: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
        records: Some(log(flags.log.as_deref())?),
        workers: flags.workers.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        body_bytes_max: BODY_BYTES_MAX,
    });
    let gateway = gateway.map_err(|error| not_started(&error))?;
    for setting in gateway.tolerated() {
        streams.remark(&format!("{} {}", paint(OPEN, "note:"), shown(&setting.to_string())));
    }
    let what = match (routes, mode) {
        (None, _) => "hardening only: there is no policy".to_owned(),
        (Some(routes), mode) => format!("{}, mode `{}`", counted(routes, "route", "routes"), mode.word()),
    };
    streams.remark(&format!(
        "{} on http://{}, in front of {}; {what}",
        paint(GUARDED, "guarding"),
        gateway.address(),
        told.join(", ")
    ));
    ::guard::wait_for_signal().map_err(|error| Failure::new(Exit::Internal, format!("signals: {error}")))?;
    streams.remark("stopping: what is under way may end");
    streams.remark(&summary(&gateway.stop()));
    Ok(Exit::Clean)
}

/// The policy, of a file or of code.
fn policy(flags: &Guard, streams: &Streams) -> Result<Option<Policy>, Failure> {
    if let Some(file) = &flags.policy {
        return policies::read(file, streams).map(Some);
    }
    let Some(path) = &flags.code else {
        return Ok(None);
    };
    let options = DeriveOptions::on(policies::today());
    let derived = policies::of_code(path, None, flags.application.as_deref(), options, streams)?;
    streams.remark(&policies::summary(&derived, None));
    streams.remark(&format!(
        "to keep, read and edit it: doorward policy derive {} --output policy.toml; then --policy policy.toml",
        shown(&path.display().to_string())
    ));
    Ok(Some(derived.policy))
}

fn mode(flags: &Guard, policy: Option<&Policy>) -> Result<Mode, Failure> {
    match (flags.mode, policy) {
        (Some(GuardMode::Enforce), None) => Err(Failure::usage("there is no policy to enforce")
            .hint("`--policy FILE` names one, `--code PATH` derives one from the code of the application")),
        (Some(GuardMode::Enforce), Some(_)) => Ok(Mode::Enforce),
        (Some(GuardMode::Report), _) | (None, None) => Ok(Mode::Report),
        (None, Some(policy)) => Ok(policy.mode),
    }
}

fn upstream(flags: &Guard, policy: Option<&Policy>) -> Result<Upstream, Failure> {
    let of_policy = policy.and_then(|policy| policy.upstream.first()).map(|(_, upstream)| upstream.clone());
    match (&flags.upstream, of_policy) {
        (Some(server), of_policy) => {
            let upstream =
                of_policy.unwrap_or(Upstream { servers: Vec::new(), balance: None, health: None, timeout: None });
            Ok(Upstream { servers: vec![server.clone()], ..upstream })
        }
        (None, Some(upstream)) => Ok(upstream),
        (None, None) => Err(Failure::usage(NO_UPSTREAM).hint("write `--upstream http://127.0.0.1:8000`")),
    }
}

fn log(file: Option<&Path>) -> Result<Box<dyn Write + Send>, Failure> {
    let Some(file) = file else {
        return Ok(Box::new(io::stdout()));
    };
    let opened = fs::OpenOptions::new().create(true).append(true).open(file);
    let told = |error| Failure::usage(format!("`{}` cannot be written: {error}", file.display()));
    Ok(Box::new(opened.map_err(told)?))
}

fn not_started(error: &StartError) -> Failure {
    match error {
        StartError::Site(errors) => {
            let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
            let failure = Failure::usage(format!("the policy cannot be run:\n{}", lines.join("\n")));
            match errors.iter().any(|error| matches!(error, SiteError::NotEnforced(_))) {
                true => failure.hint("`--mode report` runs a policy with settings that this build does not enforce"),
                false => failure,
            }
        }
        StartError::Thread(_) => Failure::new(Exit::Internal, error.to_string()),
        _ => Failure::usage(error.to_string()),
    }
}

fn summary(counters: &Counters) -> String {
    let mut line = counted(usize::try_from(counters.seen).unwrap_or(usize::MAX), "request", "requests");
    for (told, counts) in [("refused", &counters.refused), ("would have been refused", &counters.would_refuse)] {
        let by: Vec<String> = counts.iter().map(|(layer, count)| format!("{count} by `{layer}`")).collect();
        if !by.is_empty() {
            let _ = write!(line, "; {told}: {}", by.join(", "));
        }
    }
    if counters.lost > 0 {
        let why = counters.log_failure.as_deref().unwrap_or("nobody took them in time");
        let _ = write!(
            line,
            "; {} of the log lost: {why}",
            counted(usize::try_from(counters.lost).unwrap_or(usize::MAX), "record", "records")
        );
    }
    line
}

/// Keys from files and the environment of this process.
pub(super) struct KeysOfProcess;

impl Keys for KeysOfProcess {
    fn read(&self, reference: &KeysRef) -> Result<Secret<Vec<u8>>, String> {
        match reference {
            KeysRef::Env(name) => match std::env::var(name.as_str()) {
                Ok(value) if !value.is_empty() => Ok(Secret::new(value.into_bytes())),
                Ok(_) => Err(format!("the variable `{}` is empty", name.as_str())),
                Err(_) => Err(format!("the variable `{}` is not set", name.as_str())),
            },
            KeysRef::File(path) => {
                let mut bytes = fs::read(path).map_err(|error| format!("`{path}`: {error}"))?;
                // Editors end a file with a line feed, which is no part of the key.
                if bytes.last() == Some(&b'\n') {
                    bytes.pop();
                }
                Ok(Secret::new(bytes))
            }
            KeysRef::Jwks(_) | KeysRef::Discovery(_) => Err("this build fetches no keys".to_owned()),
        }
    }
}
