//! `doorward guard`: the gateway, with what it must not take itself: keys from files and the environment, the clock, the log.

mod before;
mod control;
mod descriptors;
#[cfg(unix)]
mod handover;
mod summary;
mod supervisor;
mod tls;
mod watch;

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::guard::{
    Admin, BODY_BYTES_MAX, Edge, Gateway, Keys, KnownKeys, Listening, Options, Plain, SiteError, StartError,
};
use model::Secret;
use policy::{DeriveOptions, Identity, JwtIdentity, KeysRef, Mode, Policy, SecretRef, Upstream};

use self::before::Before;
use self::control::{Reach, Running};
use self::tls::Source;
use self::watch::Watch;
use super::policy as policies;
use crate::arguments::{Guard, GuardMode, GuardTls};
use crate::outcome::{Exit, Failure};
use crate::output::palette::{OPEN, paint};
use crate::output::text::{counted, shown};
use crate::streams::Streams;

/// Where the gateway listens unless something else is asked for.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// What is said where neither flag nor policy names the application.
const NO_UPSTREAM: &str = "which application is behind the gateway is not said";

/// What a gateway is given: at its start, and whenever a file changes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    policy: Option<Policy>,
    mode: Mode,
    upstream: Upstream,
    listen: SocketAddr,
    /// Whether the socket was opened by whoever started this process.
    opened: Option<SocketAddr>,
}

/// Reads what the flags name; a socket that was opened for this process is where it listens.
fn given(flags: &Guard, opened: Option<SocketAddr>, streams: &Streams) -> Result<Given, Failure> {
    let policy = policy(flags, streams)?;
    let mode = mode(flags, policy.as_ref())?;
    // Who asks for a report by a flag wants nobody refused, whatever layers and routes say of themselves.
    let policy = match flags.mode {
        Some(GuardMode::Report) => policy.map(|policy| policy.all_in(Mode::Report)),
        Some(GuardMode::Enforce) | None => policy,
    };
    let upstream = upstream(flags, policy.as_ref())?;
    let of_policy = policy.as_ref().and_then(|policy| policy.listen.as_ref()).map(|listen| listen.address.0);
    let listen = opened.or(flags.listen).or(of_policy).unwrap_or(LISTEN_DEFAULT);
    Ok(Given { policy, mode, upstream, listen, opened })
}

impl Given {
    /// Every upstream: the first as flags may have it, the others as the policy does.
    fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        let others = self.policy.iter().flat_map(|policy| policy.upstream.iter().skip(1));
        std::iter::once(&self.upstream).chain(others.map(|(_, upstream)| upstream))
    }

    /// The files that flags and policy name.
    fn files(&self, flags: Option<&GuardTls>) -> Vec<PathBuf> {
        let identities = self.policy.iter().flat_map(|policy| &policy.identity);
        let files = |(_, identity): &(String, Identity)| match identity {
            Identity::Jwt(JwtIdentity { keys: KeysRef::File(path), .. }) => vec![PathBuf::from(path)],
            Identity::ApiKey(keys) => file_of(&keys.keys).into_iter().collect(),
            Identity::Introspection(one) => file_of(&one.client_secret).into_iter().collect(),
            Identity::Basic(one) => file_of(&one.users).into_iter().collect(),
            Identity::Webhook(one) => one.secrets.iter().filter_map(file_of).collect(),
            Identity::Jwt(_) | Identity::ClientCertificate(_) | Identity::ForwardAuth(_) | Identity::Application(_) => {
                Vec::new()
            }
        };
        let headers = self.policy.iter().filter_map(|policy| policy.identity_headers.as_ref()?.assertion.as_ref());
        let assertion = headers.filter_map(|assertion| file_of(&assertion.key));
        let own = identities.flat_map(files).chain(assertion);
        let store = self.policy.iter().flat_map(|policy| &policy.store).flat_map(store_files);
        own.chain(store).chain(tls::files(flags, self)).chain(tls::upstream_files(self)).collect()
    }

    /// Where it listens, and how many connections there are: settled once.
    fn opened_once(&self) -> (SocketAddr, Option<&policy::Plain>, Option<&policy::Admin>, Option<NonZeroU32>) {
        let policy = self.policy.as_ref();
        let listen = policy.and_then(|policy| policy.listen.as_ref());
        let plain = listen.and_then(|listen| listen.plain.as_ref());
        let all = listen.and_then(|listen| listen.connections.as_ref()).and_then(|limits| limits.all);
        (self.listen, plain, policy.and_then(|policy| policy.admin.as_ref()), all)
    }

    /// What it says of itself.
    fn told(&self) -> String {
        match &self.policy {
            None => "hardening only: there is no policy".to_owned(),
            Some(policy) => {
                format!("{}, mode `{}`", counted(policy.routes.len(), "route", "routes"), self.mode.word())
            }
        }
    }
}

/// Where those ask who run the gateway.
fn admin(flags: &Guard, given: &Given) -> Result<Option<Admin>, Failure> {
    let of_policy = given.policy.as_ref().and_then(|policy| policy.admin.as_ref());
    let Some(listen) = flags.admin.or(of_policy.map(|admin| admin.address.0)) else {
        return Ok(None);
    };
    let token = of_policy
        .and_then(|admin| admin.token.as_ref())
        .map(|token| KeysOfProcess.read(&token.into()).map_err(|why| Failure::usage(format!("`admin.token`: {why}"))));
    Ok(Some(Admin { listen, token: token.transpose()? }))
}

/// The files by which a store is found.
fn store_files(store: &policy::Store) -> Vec<PathBuf> {
    match store {
        policy::Store::Memory(_) => Vec::new(),
        policy::Store::Redis(redis) => {
            file_of(&redis.url).into_iter().chain(redis.ca.as_ref().map(PathBuf::from)).collect()
        }
    }
}

fn file_of(reference: &SecretRef) -> Option<PathBuf> {
    match reference {
        SecretRef::File(path) => Some(PathBuf::from(path)),
        SecretRef::Env(_) => None,
    }
}

/// Runs the command until a signal ends it.
pub(super) fn run(flags: &Guard, streams: &Streams) -> Result<Exit, Failure> {
    let reach = Reach::new()?;
    let mut before = Before::of(flags)?;
    let listener = match supervisor::listener()? {
        Some(listener) => Some(listener),
        None => before.first(),
    };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let mut watch = Watch::new(flags);
    let given = given(flags, address, streams)?;
    watch.follow(flags, &given);
    let mut tls = Source::default();
    let material = tls.material(flags, &given, streams)?;
    let is_tls = material.is_some();
    let plain = given.policy.as_ref().and_then(|policy| policy.listen.as_ref()).and_then(|one| one.plain.as_ref());
    let plain = plain.map(|one| Plain { listen: one.address.0, redirect: one.redirect.unwrap_or(false) });
    let admin = admin(flags, &given)?;
    let opened = Listening {
        main: listener,
        plain: plain.and_then(|one| before.socket(one.listen)),
        admin: admin.as_ref().and_then(|one| before.socket(one.listen)),
    };
    let workers = flags.workers.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let limits =
        given.policy.as_ref().and_then(|policy| policy.listen.as_ref()).and_then(|one| one.connections.as_ref());
    let asked = limits.and_then(|limits| limits.all).and_then(|all| NonZeroUsize::try_from(all).ok());
    let room = descriptors::room(asked, workers, descriptors::raised());
    let gateway = Gateway::start(Options {
        listen: given.listen,
        upstream: given.upstream.clone(),
        policy: given.policy.clone(),
        mode: given.mode,
        keys: &KeysOfProcess,
        known_keys: KnownKeys::Refuse,
        clock: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
        records: Some(log(flags.log.as_deref())?),
        workers,
        body_bytes_max: BODY_BYTES_MAX,
        edge: Edge { tls: material, plain, admin, opened, connections_max: room.connections_max },
    });
    let gateway = gateway.map_err(|error| not_started(&error))?;
    for setting in gateway.tolerated() {
        streams.remark(&format!("{} {}", paint(OPEN, "note:"), shown(&setting.to_string())));
    }
    summary::started(&gateway, &given, is_tls, streams);
    summary::room(room, streams);
    let offer = reach.offered(flags)?;
    let state = before.served()?;
    told(&state, streams);
    let running = Running { given, watch, tls, offer };
    let exit = control::until_stopped(&gateway, flags, running, reach, streams)?;
    told("STOPPING=1", streams);
    streams.remark("stopping: what is under way may end");
    streams.remark(&summary::ended(&gateway.stop()));
    Ok(exit)
}

/// Tells who started this process. Where that fails it is said, and the gateway serves all the same.
fn told(state: &str, streams: &Streams) {
    if let Err(error) = supervisor::tell(state) {
        streams.remark(&format!("{} `{state}` could not be told to `NOTIFY_SOCKET`: {error}", paint(OPEN, "note:")));
    }
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
        (Some(_), _) if policy.is_some_and(|policy| policy.upstream.len() > 1) => {
            let hint = "leave `--upstream` out: `servers` of each `[upstream.NAME]` say where requests go";
            Err(Failure::usage("the policy has several upstreams, and `--upstream` does not say which it is")
                .hint(hint))
        }
        (Some(server), of_policy) => {
            let upstream = of_policy.unwrap_or_else(|| Upstream::of(Vec::new()));
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
            KeysRef::Jwks(_) | KeysRef::Discovery(_) => {
                Err("keys at an address are fetched by a running gateway".to_owned())
            }
        }
    }

    fn since(&self, reference: &KeysRef) -> Option<Duration> {
        let KeysRef::File(path) = reference else { return None };
        fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()
    }

    fn opened(&self, path: &str) -> Result<fs::File, String> {
        ::guard::notes_file(Path::new(path)).map_err(|error| format!("`{path}` cannot be opened: {error}"))
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        // Those that cannot be read are not trusted; where none is left, that is told.
        rustls_native_certs::load_native_certs().certs.iter().map(|one| one.to_vec()).collect()
    }
}
