//! What the decision of a limit adds to a request: counted in the memory of the gateway, in a Redis that answers, and in one that
//! hangs, or dies, while requests come. They come at an even pace, far below what the gateway can do, so that what is seen is how long
//! it takes and not how long others take; each is measured from when it was due.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::peers::{GATEWAY_CORE, LOAD_CORE, Running, Way, pinned};
use super::{Flags, free, usage};
use crate::measure::median;
use crate::process::{Owned, command, read};

/// What a decision may add to the slowest of a hundred requests, whatever the store does.
const ADDED_MS_MAX: f64 = 5.0;
/// How many connections ask, and how often each.
const CONNECTIONS: u32 = 16;
const EACH_EVERY: Duration = Duration::from_millis(20);
/// How long an answer may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// How long Redis may take to answer after it was started.
const START_TIME_MAX: Duration = Duration::from_secs(10);
/// By which variable the gateway is told where it is.
const VARIABLE: &str = "BENCH_REDIS";

/// What becomes of the store while requests come: in the second third of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nothing.
    Well,
    /// It is stopped by a signal, and goes on.
    Hangs,
    /// It is killed, and started again.
    Dies,
}

/// What is measured.
struct Scenario {
    name: &'static str,
    /// How the limit is counted; nothing: there is none.
    limit: Option<&'static str>,
    in_redis: bool,
    fate: Fate,
    /// Whether requests are refused with 503 while the store is away.
    is_closed: bool,
}

const fn well(name: &'static str, limit: Option<&'static str>, in_redis: bool) -> Scenario {
    Scenario { name, limit, in_redis, fate: Fate::Well, is_closed: false }
}

const fn ill(name: &'static str, limit: &'static str, fate: Fate) -> Scenario {
    Scenario { name, limit: Some(limit), in_redis: true, fate, is_closed: false }
}

const STRICT: &str = "mode = \"strict\"\n";
const OPEN: &str = "mode = \"strict\"\nwhen_store_down = \"open\"\n";
const CLOSED: &str = "mode = \"strict\"\nwhen_store_down = \"closed\"\n";
const SCENARIOS: &[Scenario] = &[
    well("no limit", None, false),
    well("memory", Some(""), false),
    well("Redis, leased", Some(""), true),
    well("Redis, strict", Some(STRICT), true),
    ill("Redis hangs, leased, `local`", "", Fate::Hangs),
    ill("Redis hangs, strict, `local`", STRICT, Fate::Hangs),
    ill("Redis hangs, strict, `open`", OPEN, Fate::Hangs),
    Scenario { is_closed: true, ..ill("Redis hangs, strict, `closed`", CLOSED, Fate::Hangs) },
    ill("Redis dies, strict, `local`", STRICT, Fate::Dies),
    Scenario { is_closed: true, ..ill("Redis dies, strict, `closed`", CLOSED, Fate::Dies) },
];

/// One measured run.
#[derive(Clone, Default)]
struct Taken {
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    /// Microseconds on a processor of the gateway for each request.
    cost: f64,
    statuses: BTreeMap<u16, usize>,
}

/// Measures it; gives back the bars that were missed.
pub(super) fn measure(flags: &Flags, doorward: &Path, folder: &Path, origin: SocketAddr) -> Result<Vec<&'static str>> {
    // The load has the core of the load: what this process starts for the gateway says otherwise.
    let own = std::process::id().to_string();
    read(command("taskset").args(["--all-tasks", "--cpu-list", "-p", &LOAD_CORE.to_string(), &own]))?;
    let mut taken: Vec<Vec<Taken>> = SCENARIOS.iter().map(|_| Vec::new()).collect();
    for run in 0..flags.runs {
        for (scenario, runs) in SCENARIOS.iter().zip(&mut taken) {
            eprintln!("run {} of {}: {}", run + 1, flags.runs, scenario.name);
            runs.push(one(scenario, flags, doorward, folder, origin)?);
        }
    }
    let pace = f64::from(CONNECTIONS) / EACH_EVERY.as_secs_f64();
    println!("### What a limit adds: {pace:.0} requests a second over {CONNECTIONS} connections\n");
    println!("| limit | p50 ms | p99 ms | p50 added | p99 added | slowest ms | CPU µs / request | answers |");
    println!("|---|--:|--:|--:|--:|--:|--:|---|");
    let middle = |runs: &[Taken], of: fn(&Taken) -> f64| median(runs.iter().map(of).collect());
    let base = taken.first().cloned().unwrap_or_default();
    let mut missed = Vec::new();
    for (scenario, runs) in SCENARIOS.iter().zip(&taken) {
        let (p50, p99) = (middle(runs, |run| run.p50_ms), middle(runs, |run| run.p99_ms));
        let added = [p50 - middle(&base, |run| run.p50_ms), p99 - middle(&base, |run| run.p99_ms)];
        let (max, cost) = (middle(runs, |run| run.max_ms), middle(runs, |run| run.cost));
        println!(
            "| {} | {p50:.2} | {p99:.2} | {:.2} | {:.2} | {max:.1} | {cost:.1} | {} |",
            scenario.name,
            added[0],
            added[1],
            told(runs)
        );
        missed.extend((added[1] > ADDED_MS_MAX || !scenario.is_as_declared(runs)).then_some(scenario.name));
    }
    let verdict = if missed.is_empty() { "kept".to_owned() } else { format!("MISSED by {}", missed.join("; ")) };
    println!("\n- p99 added at most {ADDED_MS_MAX} ms, and answers as declared: {verdict}\n");
    Ok(missed)
}

impl Scenario {
    /// Whether nothing but what the policy declares was answered: 503 where it refuses without the store, and only then.
    fn is_as_declared(&self, runs: &[Taken]) -> bool {
        let is_declared = |status: u16| status == 200 || (status == 503 && self.is_closed);
        let has_refused = |run: &Taken| run.statuses.contains_key(&503);
        runs.iter()
            .all(|run| run.statuses.keys().all(|status| is_declared(*status)) && has_refused(run) == self.is_closed)
    }

    fn policy(&self, origin: SocketAddr) -> String {
        let store = format!("[store]\nkind = \"redis\"\nurl = {{ env = \"{VARIABLE}\" }}\n");
        let store = if self.in_redis { store } else { String::new() };
        let limited = "[limits.each]\nquota = 1000000\nwindow_s = 60\nby = [\"address\"]\n";
        let limit = self.limit.map_or_else(String::new, |limit| format!("{limited}{limit}"));
        let named = self.limit.map_or("", |_| "limits = [\"each\"]\n");
        let servers = format!("version = 1\nmode = \"enforce\"\n[upstream.origin]\nservers = [\"http://{origin}\"]\n");
        format!("{servers}{store}{limit}[routes.\"GET /orders\"]\naccess = \"public\"\n{named}")
    }
}

fn told(runs: &[Taken]) -> String {
    let mut all = BTreeMap::new();
    for (status, count) in runs.iter().flat_map(|run| &run.statuses) {
        *all.entry(status).or_insert(0) += count;
    }
    all.iter().map(|(status, count)| format!("{count} × {status}")).collect::<Vec<_>>().join(", ")
}

fn one(scenario: &Scenario, flags: &Flags, doorward: &Path, folder: &Path, origin: SocketAddr) -> Result<Taken> {
    let file = folder.join("limits.toml");
    fs::write(&file, scenario.policy(origin))?;
    let mut redis = scenario.in_redis.then(|| Redis::start(free()?)).transpose()?;
    let address = free()?;
    let mut guard = pinned(GATEWAY_CORE, doorward);
    guard.args(["guard", "--workers", "1", "--listen", &address.to_string(), "--log", "/dev/null", "--policy"]);
    guard.arg(&file);
    if let Some(redis) = &redis {
        guard.env(VARIABLE, format!("redis://{}/0", redis.address));
    }
    let running = Running::start(guard, "doorward guard", Way::Plain, address, folder.join("limits.txt"))?;
    // What a fresh process does once is not what a request costs.
    paced(address, Duration::from_secs(1))?;
    let time = Duration::from_secs(u64::from(flags.seconds) * 3);
    let before = usage::processor(running.id())?;
    let asked = thread::scope(|scope| {
        let asking = scope.spawn(|| paced(address, time));
        let fate = redis.as_mut().map_or(Ok(()), |redis| redis.meets(scenario.fate, time / 3));
        let asked = asking.join().map_err(|_| anyhow::anyhow!("the load panicked"));
        fate.and(asked).flatten()
    });
    let asked = asked.with_context(|| format!("{}:\n{}", scenario.name, running.said()))?;
    let used = usage::processor(running.id())?.saturating_sub(before);
    Ok(Taken::of(asked, used))
}

impl Taken {
    fn of(mut asked: Vec<(Duration, u16)>, used: Duration) -> Self {
        asked.sort_unstable();
        let count = asked.len().max(1);
        let at =
            |part: usize| asked.get((asked.len() * part / 100).min(count - 1)).map_or(0.0, |(took, _)| millis(*took));
        let mut statuses = BTreeMap::new();
        for (_, status) in &asked {
            *statuses.entry(*status).or_insert(0) += 1;
        }
        let requests = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let cost = used.as_secs_f64() * 1e6 / requests;
        Self { p50_ms: at(50), p99_ms: at(99), max_ms: at(100), cost, statuses }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Asks at an even pace for a while, over all connections: how long each answer took from when its request was due, and its status.
fn paced(address: SocketAddr, time: Duration) -> Result<Vec<(Duration, u16)>> {
    let began = Instant::now();
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|index| {
            // Not all at once.
            let first = began + EACH_EVERY * index / CONNECTIONS;
            thread::spawn(move || one_after_another(address, first, began + time))
        })
        .collect();
    let mut all = Vec::new();
    for one in asking {
        all.extend(one.join().map_err(|_| anyhow::anyhow!("a connection panicked"))??);
    }
    Ok(all)
}

fn one_after_another(address: SocketAddr, first: Instant, end: Instant) -> Result<Vec<(Duration, u16)>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    let (mut taken, mut due) = (Vec::new(), first);
    while due < end {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(b"GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let status = status(&mut stream)?;
        taken.push((due.elapsed(), status));
        due += EACH_EVERY;
    }
    Ok(taken)
}

/// Reads an answer to its end, as its length says.
fn status(stream: &mut TcpStream) -> Result<u16> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        match stream.read(&mut buffer)? {
            0 => bail!("the connection ended:\n{}", String::from_utf8_lossy(&bytes)),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if bytes.len() >= end + 4 + length.context("an answer without a length")? {
            return head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("an answer without a status");
        }
    }
}

/// A Redis of its own; it ends when this is dropped.
struct Redis {
    process: Owned,
    address: SocketAddr,
}

impl Redis {
    fn start(address: SocketAddr) -> Result<Self> {
        let mut server = pinned(LOAD_CORE, "redis-server");
        server
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"])
            .arg(address.port().to_string());
        let process = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut redis = Self { process: Owned(process), address };
        let deadline = Instant::now() + START_TIME_MAX;
        while TcpStream::connect(address).is_err() {
            if redis.process.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("`redis-server` does not listen on {address}");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(redis)
    }

    /// Has it meet its fate for the second of three thirds.
    fn meets(&mut self, fate: Fate, third: Duration) -> Result<()> {
        thread::sleep(third);
        match fate {
            Fate::Well => {}
            Fate::Hangs => {
                self.signal("-STOP")?;
                thread::sleep(third);
                self.signal("-CONT")?;
            }
            Fate::Dies => {
                self.process.kill()?;
                self.process.wait()?;
                thread::sleep(third);
                *self = Self::start(self.address)?;
            }
        }
        Ok(())
    }

    fn signal(&self, signal: &str) -> Result<()> {
        read(command("kill").args([signal, &self.process.id().to_string()])).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_a_hundred_is_told_and_what_was_answered() {
        let asked =
            (1..=200).map(|millis| (Duration::from_millis(millis), if millis == 7 { 503 } else { 200 })).collect();
        let taken = Taken::of(asked, Duration::from_millis(4));
        assert_eq!((taken.p50_ms, taken.p99_ms, taken.max_ms, taken.cost), (101.0, 199.0, 200.0, 20.0));
        assert_eq!(told(&[taken.clone(), taken.clone()]), "398 × 200, 2 × 503");
        let scenario = |is_closed| Scenario { is_closed, ..ill("a", STRICT, Fate::Dies) };
        assert!(
            scenario(true).is_as_declared(std::slice::from_ref(&taken)) && !scenario(false).is_as_declared(&[taken])
        );
        let never = Taken { statuses: [(200, 5)].into(), ..Taken::default() };
        assert!(
            scenario(false).is_as_declared(std::slice::from_ref(&never)) && !scenario(true).is_as_declared(&[never])
        );
    }

    #[test]
    fn each_scenario_is_a_policy_of_its_own() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let policies: std::collections::BTreeSet<String> = SCENARIOS.iter().map(|one| one.policy(address)).collect();
        assert_eq!(policies.len(), 6, "what differs is the fate of the store");
        assert!(!SCENARIOS[0].policy(address).contains("limit"));
    }
}
