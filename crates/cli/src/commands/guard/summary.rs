//! What a gateway says when it starts and when it ends: where it listens, what it admits, and what is not protected.

use std::fmt::Write as _;
use std::net::IpAddr;

use ::guard::{Counters, Gateway};
use policy::{Identity, JwtIdentity, KeysRef, MemoryStore, Mode, Policy, ServerUrl, Store};

use super::Given;
use super::descriptors::Room;
use crate::output::palette::{GUARDED, OPEN, paint};
use crate::output::text::{counted, shown};
use crate::streams::Streams;

/// The most routes in a mode of their own that are named.
const ROUTES_TOLD_MAX: usize = 10;
const SECONDS_OF_DAY: u64 = 86_400;

/// Where it listens and what it does, then what must not be taken for protected.
pub(super) fn started(gateway: &Gateway, given: &Given, is_tls: bool, streams: &Streams) {
    let scheme = if is_tls { "https" } else { "http" };
    let servers = given.upstreams().flat_map(|upstream| &upstream.servers).map(ToString::to_string);
    streams.remark(&format!(
        "{} on {scheme}://{}, in front of {}; {}",
        paint(GUARDED, "guarding"),
        gateway.address(),
        servers.collect::<Vec<_>>().join(", "),
        given.told()
    ));
    if let Some(policy) = &given.policy {
        let (public, protected, closed) = policy.admissions();
        streams.remark(&format!(
            "revision {}: {public} admit everybody, {protected} the identified, {closed} nobody; anything else is {}",
            gateway.revision(),
            if given.mode == Mode::Enforce { "refused" } else { "reported" }
        ));
    }
    for (name, age) in gateway.key_ages() {
        let days = usize::try_from(age.as_secs() / SECONDS_OF_DAY).unwrap_or(usize::MAX);
        streams.remark(&format!("`{}` is in use for {}", shown(&name), counted(days, "day", "days")));
    }
    for (name, url) in fetched(given) {
        let (name, url) = (shown(name), shown(url));
        streams.remark(&format!("keys of `{name}` are fetched from {url}: records `keys` say what came of it"));
    }
    store(gateway, given, streams);
    if let Some(admin) = gateway.admin_address() {
        streams.remark(&format!("answering /healthz, /readyz, /metrics and /-/policy on http://{admin}"));
    }
    if let Some(plain) = gateway.plain_address() {
        streams.remark(&format!("refusing what comes without TLS on http://{plain}"));
    }
    for line in not_protected(given, !is_tls && !gateway.address().ip().is_loopback()) {
        streams.remark(&format!("{} {}", paint(OPEN, "not protected:"), shown(&line)));
    }
}

/// Where limits are counted, and what is kept of them.
fn store(gateway: &Gateway, given: &Given, streams: &Streams) {
    let Some(store) = given.policy.as_ref().and_then(|policy| policy.store.as_ref()) else {
        return;
    };
    let counted = format!("limits are counted in {}", store.told());
    match (store, gateway.store()) {
        (Store::Memory(MemoryStore { path: Some(path) }), _) => {
            streams.remark(&format!("{counted}; locked accounts are kept in {}", shown(path)));
        }
        (Store::Memory(_), _) => streams.remark(&counted),
        (Store::Redis(_), Some(state)) if !state.is_up => {
            let why = shown(state.why.as_deref().unwrap_or("nobody answers")).to_string();
            streams.remark(&format!(
                "{} {counted}, which does not answer: {why}; until it does, `when_store_down` of each limit says what happens",
                paint(OPEN, "note:")
            ));
        }
        (Store::Redis(_), _) => streams.remark(&format!("{counted}, which answers")),
    }
}

/// Identities whose keys are fetched, with the address.
fn fetched(given: &Given) -> impl Iterator<Item = (&str, &str)> {
    let identities = given.policy.iter().flat_map(|policy| &policy.identity);
    identities.filter_map(|(name, identity)| match identity {
        Identity::Jwt(JwtIdentity { keys: KeysRef::Jwks(url) | KeysRef::Discovery(url), .. }) => {
            Some((name.as_str(), url.as_str()))
        }
        _ => None,
    })
}

/// How many clients there is room for, where the system sets the bound.
pub(super) fn room(room: Room, streams: &Streams) {
    if let (Some(descriptors), Some(connections)) = (room.too_few, room.connections_max) {
        streams.remark(&format!(
            "{} this process may open {descriptors} files: {connections} clients are served at once, more of them wait \
             (`ulimit -n`, or `LimitNOFILE=` of the unit)",
            paint(OPEN, "note:")
        ));
    }
}

/// What the gateway leaves open, a line each.
fn not_protected(given: &Given, is_read_on_the_way: bool) -> Vec<String> {
    let mut lines = Vec::new();
    match (&given.policy, given.mode) {
        (None, _) => lines.push("every endpoint: only what can be read in two ways is refused".to_owned()),
        (Some(policy), Mode::Report) if policy.enforces_anything(Mode::Report) => {
            lines.push(format!("anything but {}: mode `report` refuses nobody else", in_mode(policy, Mode::Enforce)));
        }
        (Some(_), Mode::Report) => {
            lines.push("anything: mode `report` refuses nobody, it says whom it would".to_owned());
        }
        (Some(_), Mode::Enforce) => {}
    }
    if let Some(policy) = given.policy.as_ref().filter(|_| given.mode == Mode::Enforce) {
        let reported = in_mode(policy, Mode::Report);
        if !reported.is_empty() {
            lines.push(format!("what is refused by {reported}: there it is only reported"));
        }
    }
    let identities = given.policy.iter().flat_map(|policy| &policy.identity);
    let delegated = identities.filter(|(_, one)| matches!(one, Identity::Application(_)));
    let names: Vec<String> = delegated.map(|(name, _)| format!("`{name}`")).collect();
    if !names.is_empty() {
        lines.push(format!("against forged credentials of {}: the application verifies them", names.join(", ")));
    }
    if is_read_on_the_way {
        lines.push("against readers on the way: clients speak without TLS (`--tls CERT,KEY`)".to_owned());
    }
    let is_remote = |host: &str| host != "localhost" && !host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let is_plain = |one: &&ServerUrl| !one.tls && is_remote(&one.host);
    let plain: Vec<String> =
        given.upstreams().flat_map(|upstream| &upstream.servers).filter(is_plain).map(ToString::to_string).collect();
    if !plain.is_empty() {
        lines.push(format!("against readers between gateway and application: {} without TLS", plain.join(", ")));
    }
    lines
}

/// The layers and routes that say of themselves that they are in a mode.
fn in_mode(policy: &Policy, mode: Mode) -> String {
    let layers =
        policy.layers.iter().filter(|(_, one)| one.mode == mode).map(|(layer, _)| format!("`{}`", layer.word()));
    let routes: Vec<_> = policy.routes.iter().filter(|route| route.settings.mode == Some(mode)).collect();
    let more = routes.len().saturating_sub(ROUTES_TOLD_MAX);
    let named = routes.iter().take(ROUTES_TOLD_MAX).map(|route| format!("`{}`", route.key));
    let more = (more > 0).then(|| format!("{} more", counted(more, "route", "routes")));
    layers.chain(named).chain(more).collect::<Vec<_>>().join(", ")
}

/// What it has done.
pub(super) fn ended(counters: &Counters) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_in_a_mode_of_their_own_are_named_up_to_the_bound() {
        let told = |count: usize| {
            let routes = (0..count).map(|index| format!("[routes.\"GET /r{index}\"]\nmode = \"report\"\n"));
            let policy = Policy::parse(&format!("version = 1\n{}", routes.collect::<String>())).unwrap();
            (in_mode(&policy, Mode::Report), in_mode(&policy, Mode::Enforce))
        };
        let (at, others) = told(ROUTES_TOLD_MAX);
        assert_eq!((at.matches("GET /r").count(), at.contains("more"), others.as_str()), (ROUTES_TOLD_MAX, false, ""));
        let (past, _) = told(ROUTES_TOLD_MAX + 1);
        assert!(
            past.matches("GET /r").count() == ROUTES_TOLD_MAX && past.ends_with("`GET /r9`, 1 route more"),
            "{past}"
        );
    }
}
