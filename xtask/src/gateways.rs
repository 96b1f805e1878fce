//! `cargo xtask bench guard`: what a request costs in `doorward guard`, nginx and `HAProxy`, side by side in one run. The gateway has one core for itself;
//! the load and the origin share another. What counts is the time on a processor that the gateway took, as Linux accounts for it.

mod limits;
mod load;
mod peers;
mod tokens;
mod usage;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::measure::{made, median};
use crate::process::{release_binary, target};
use load::{Load, Sent};
use peers::{Gateway, Peer, Running, Way};

/// The plain request may cost this many times what the better peer takes.
const PLAIN_RATIO_MAX: f64 = 1.3;
/// With headers, CORS and a log of JSON it may cost as much as in nginx; over TLS as much as in the better peer.
const SAME_RATIO_MAX: f64 = 1.0;
/// What an idle connection may hold, in KiB.
const IDLE_KIB_MAX: f64 = 16.0;
/// How many connections stand idle.
const IDLE_CONNECTIONS: usize = 1_000;

/// How long to measure, and with what.
#[derive(Args)]
pub(crate) struct Flags {
    /// Seconds of load in each measured run.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Measured runs of each gateway in each scenario; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Nothing but the whole policy with tokens.
    #[arg(long)]
    tokens: bool,
    /// Nothing but what the decision of a limit adds, in memory and in a Redis that is well, hangs and dies.
    #[arg(long, conflicts_with = "tokens")]
    limits: bool,
    /// A binary to measure instead of a release build of this tree.
    #[arg(long)]
    doorward: Option<PathBuf>,
    /// Fails when a bar is missed.
    #[arg(long)]
    check: bool,
}

/// What is measured: what the gateways are set to do, and what they are sent.
struct Scenario {
    name: &'static str,
    way: Way,
    load: Load,
    /// Which peers the bar is about, and how many times their cost is allowed.
    bar: Option<(&'static [Peer], f64)>,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "plain, 64 connections, 1 KiB",
        way: Way::Plain,
        load: Load::Small,
        bar: Some((&[Peer::Nginx, Peer::Haproxy], PLAIN_RATIO_MAX)),
    },
    Scenario {
        name: "headers, CORS, log of JSON",
        way: Way::Full,
        load: Load::FromPage,
        bar: Some((&[Peer::Nginx], SAME_RATIO_MAX)),
    },
    Scenario {
        name: "TLS 1.3, keep-alive",
        way: Way::Tls,
        load: Load::Small,
        bar: Some((&[Peer::Nginx, Peer::Haproxy], SAME_RATIO_MAX)),
    },
    Scenario { name: "TLS 1.3, HTTP/2, 8 connections of 8 streams", way: Way::Tls, load: Load::Http2, bar: None },
    Scenario { name: "TLS 1.3, a handshake each", way: Way::Tls, load: Load::Handshakes, bar: None },
    Scenario { name: "10 MiB down", way: Way::Plain, load: Load::Down, bar: None },
    Scenario { name: "10 MiB up", way: Way::Plain, load: Load::Up, bar: None },
];

/// One measured run.
#[derive(Clone, Copy)]
struct Taken {
    sent: Sent,
    /// Microseconds on a processor for each request.
    cost: f64,
    /// Resident memory behind it, in MiB.
    memory: f64,
}

/// Measures every scenario and prints a Markdown table for it.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("what a process took is read from /proc: this runs on Linux alone");
    }
    let needed = [
        ("wrk", "wrk"),
        ("taskset", "util-linux"),
        ("nginx", "nginx-light"),
        ("haproxy", "haproxy"),
        ("openssl", "openssl"),
        ("h2load", "nghttp2-client"),
    ];
    let of_limits = [("redis-server", "redis-server"), ("taskset", "util-linux"), ("nginx", "nginx-light")];
    let needed = match (flags.limits, flags.tokens) {
        (true, _) => of_limits.to_vec(),
        (false, true) => needed.to_vec(),
        (false, false) => [&needed[..], &of_limits[..1]].concat(),
    };
    let missing: Vec<&str> =
        needed.iter().filter(|(program, _)| !peers::is_installed(program)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        bail!("missing: {0}. On Debian: apt-get install {0}", missing.join(" "));
    }
    let doorward = match &flags.doorward {
        Some(binary) => binary.clone(),
        None => release_binary()?,
    };
    let folder = made(&target().join("bench").join("guard"))?.to_owned();
    if !flags.limits {
        peers::certificate(&folder)?;
    }
    let origin = peers::origin(&folder, free()?)?;
    let mut missed = Vec::new();
    for scenario in SCENARIOS.iter().filter(|_| !flags.tokens && !flags.limits) {
        let taken = measure(scenario, flags, &doorward, &folder, origin.address)?;
        println!("{}", table(scenario, &taken));
        missed.extend(ratio(scenario, &taken).filter(|(ratio, allowed)| ratio > allowed).map(|_| scenario.name));
    }
    if !flags.limits {
        missed.extend(tokens::measure(flags, &doorward, &folder, origin.address)?);
    }
    if !flags.tokens {
        missed.extend(limits::measure(flags, &doorward, &folder, origin.address)?);
    }
    if !flags.tokens && !flags.limits {
        missed.extend(idle(&doorward, &folder, origin.address)?);
    }
    if flags.check && !missed.is_empty() {
        bail!("bars missed: {}", missed.join("; "));
    }
    Ok(())
}

/// An address of this machine that nobody has.
fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The runs of each gateway, in turns.
fn measure(
    scenario: &Scenario,
    flags: &Flags,
    doorward: &Path,
    folder: &Path,
    origin: SocketAddr,
) -> Result<Vec<(Peer, Vec<Taken>)>> {
    let mut taken: Vec<(Peer, Vec<Taken>)> = Peer::ALL.iter().map(|peer| (*peer, Vec::new())).collect();
    for run in 0..flags.runs {
        for (peer, runs) in &mut taken {
            eprintln!("run {} of {}: {}, {}", run + 1, flags.runs, peer.name(), scenario.name);
            let gateway = Gateway { peer: *peer, way: scenario.way, doorward, folder, origin, address: free()? };
            let running = gateway.start()?;
            // What a fresh process does once is not what a request costs.
            scenario.load.send(&running, folder, 1)?;
            runs.push(one(scenario, &running, folder, flags.seconds)?);
        }
    }
    Ok(taken)
}

fn one(scenario: &Scenario, running: &Running, folder: &Path, seconds: u32) -> Result<Taken> {
    let before = usage::processor(running.id())?;
    let sent = scenario.load.send(running, folder, seconds)?;
    let used = usage::processor(running.id())?.saturating_sub(before);
    if sent.failed > 0 {
        bail!(
            "{} of {} requests to {} failed ({}):\n{}",
            sent.failed,
            sent.requests,
            running.name(),
            scenario.name,
            running.said()
        );
    }
    let cost = used.as_secs_f64() * 1e6 / sent.requests.max(1.0);
    Ok(Taken { sent, cost, memory: usage::resident_kib(running.id())? / 1024.0 })
}

fn middle(runs: &[Taken], of: impl Fn(&Taken) -> f64) -> f64 {
    median(runs.iter().map(of).collect())
}

/// The cost in `doorward guard` by that of the cheapest of the peers that the bar names, and what is allowed.
fn ratio(scenario: &Scenario, taken: &[(Peer, Vec<Taken>)]) -> Option<(f64, f64)> {
    let (peers, allowed) = scenario.bar?;
    let cost =
        |wanted: Peer| taken.iter().find(|(peer, _)| *peer == wanted).map(|(_, runs)| middle(runs, |run| run.cost));
    let best = peers.iter().filter_map(|peer| cost(*peer)).fold(f64::INFINITY, f64::min);
    Some((cost(Peer::Doorward)? / best, allowed))
}

fn table(scenario: &Scenario, taken: &[(Peer, Vec<Taken>)]) -> String {
    let mut lines = vec![
        format!("### {}\n", scenario.name),
        "| gateway | CPU µs / request | requests / s | p50 ms | p99 ms | memory MiB |".to_owned(),
        "|---|--:|--:|--:|--:|--:|".to_owned(),
    ];
    lines.extend(taken.iter().map(|(peer, runs)| {
        let of = |of: fn(&Taken) -> f64| middle(runs, of);
        format!(
            "| {} | {:.1} | {:.0} | {:.2} | {:.2} | {:.1} |",
            peer.name(),
            of(|run| run.cost),
            of(|run| run.sent.rate),
            of(|run| run.sent.p50_ms),
            of(|run| run.sent.p99_ms),
            of(|run| run.memory),
        )
    }));
    if let Some((ratio, allowed)) = ratio(scenario, taken) {
        lines.push(format!("\n- {}", verdict("cost / the better peer", ratio, allowed)));
    }
    lines.join("\n") + "\n"
}

fn verdict(what: &str, measured: f64, allowed: f64) -> String {
    let verdict = if measured <= allowed { "kept" } else { "MISSED" };
    format!("{what}: {measured:.2}, bar {allowed:.2}: {verdict}")
}

/// What connections hold on which nothing happens.
fn idle(doorward: &Path, folder: &Path, origin: SocketAddr) -> Result<Option<&'static str>> {
    println!("### {IDLE_CONNECTIONS} idle connections\n\n| gateway | KiB / connection |\n|---|--:|");
    let mut is_missed = false;
    for peer in Peer::ALL {
        let running = Gateway { peer: *peer, way: Way::Plain, doorward, folder, origin, address: free()? }.start()?;
        load::idle(running.address, 1)?;
        let before = usage::resident_kib(running.id())?;
        let held = load::idle(running.address, IDLE_CONNECTIONS)?;
        let each = (usage::resident_kib(running.id())? - before).max(0.0)
            / f64::from(u16::try_from(held.len()).unwrap_or(u16::MAX));
        println!("| {} | {each:.1} |", peer.name());
        is_missed |= *peer == Peer::Doorward && each > IDLE_KIB_MAX;
    }
    println!();
    Ok(is_missed.then_some("idle connections"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(costs: [f64; 3]) -> Vec<(Peer, Vec<Taken>)> {
        let sent = Sent { requests: 1.0, failed: 0, rate: 10.0, p50_ms: 1.0, p99_ms: 2.0 };
        let one = |cost| vec![Taken { sent, cost, memory: 5.0 }];
        Peer::ALL.iter().copied().zip(costs.map(one)).collect()
    }

    #[test]
    fn the_bar_is_the_better_peer() {
        let text = table(&SCENARIOS[0], &taken([20.0, 16.0, 25.0]));
        assert!(text.contains("| nginx | 16.0 | 10 | 1.00 | 2.00 | 5.0 |"), "{text}");
        assert!(text.contains("cost / the better peer: 1.25, bar 1.30: kept"), "{text}");
        assert_eq!(ratio(&SCENARIOS[1], &taken([20.0, 16.0, 10.0])), Some((1.25, SAME_RATIO_MAX)));
    }
}
