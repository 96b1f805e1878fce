//! The whole policy: a token with claims and scope, a limit by subject, CORS, headers, a log of JSON. Beside `HAProxy` doing the same, and beside
//! FastAPI that does it in its own process.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::load::{Load, Sent};
use super::peers::{GATEWAY_CORE, Gateway, Peer, Running, Way, pinned};
use super::{Flags, free, usage, verdict};
use crate::measure::median;
use crate::process::run;
use crate::python::Venv;

/// How many tokens are made: more than a gateway keeps.
const TOKENS: usize = 40_000;
/// A repeated token may cost this share of what it costs `HAProxy`; a new one this.
const REPEATED_RATIO_MAX: f64 = 0.5;
const NEW_RATIO_MAX: f64 = 0.85;
/// FastAPI with the gateway before it may cost this share of FastAPI that does it all.
const OUTSIDE_RATIO_MAX: f64 = 0.25;

/// Signs the tokens, once for all runs: RS256, for ten years.
const SIGN: &str = r"
import jwt, sys, time
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], 'rb').read(), None)
with open(sys.argv[2], 'w') as out:
    for n in range(int(sys.argv[3])):
        claims = {'iss': 'https://id.example', 'aud': 'shop', 'sub': f'user-{n}', 'scope': 'orders:read profile',
                  'iat': int(time.time()), 'exp': int(time.time()) + 10 * 365 * 86400, 'jti': f'{n:032x}'}
        out.write(jwt.encode(claims, key, 'RS256') + '\n')
";

/// What is measured: a load, and what of its costs is compared.
const LOADS: &[(&str, usize, f64)] = &[
    ("one token, again and again", 1, REPEATED_RATIO_MAX),
    ("10,000 tokens in turn", 10_000, REPEATED_RATIO_MAX),
    ("40,000 tokens in turn, more than are kept", TOKENS, NEW_RATIO_MAX),
];

/// What there is to measure with.
struct Bench<'b> {
    flags: &'b Flags,
    doorward: &'b Path,
    folder: &'b Path,
    origin: SocketAddr,
    venv: Venv,
}

/// Measures it; gives back the bars that were missed.
pub(super) fn measure(flags: &Flags, doorward: &Path, folder: &Path, origin: SocketAddr) -> Result<Vec<&'static str>> {
    let venv = Venv::kept("tokens")?;
    venv.install(&["fastapi==0.124.4", "uvicorn[standard]==0.38.0", "slowapi==0.1.9", "PyJWT[crypto]==2.10.1"])?;
    let bench = Bench { flags, doorward, folder, origin, venv };
    bench.made()?;
    let mut missed = Vec::new();
    for (name, tokens, allowed) in LOADS {
        println!(
            "### Whole policy: {name}\n\n| gateway | CPU µs / request | requests / s | p50 ms | p99 ms |\n|---|--:|--:|--:|--:|"
        );
        let load = Load::Tokens(*tokens);
        let ours = bench.row("doorward guard", load, &|bench| bench.gateway(Peer::Doorward))?;
        let theirs = bench.row("HAProxy", load, &|bench| bench.gateway(Peer::Haproxy))?;
        println!("\n- {}\n", verdict("cost / HAProxy", ours / theirs, *allowed));
        missed.extend((ours / theirs > *allowed).then_some(*name));
    }
    let name = "10,000 tokens in turn, FastAPI behind it";
    println!(
        "### Whole policy: {name}\n\n| what | CPU µs / request | requests / s | p50 ms | p99 ms |\n|---|--:|--:|--:|--:|"
    );
    let load = Load::Tokens(10_000);
    let outside = bench.row("doorward guard and bare FastAPI", load, &Bench::outside)?;
    let inside = bench.row("FastAPI with PyJWT and slowapi", load, &|bench| Ok(vec![bench.fastapi(true)?]))?;
    println!("\n- {}\n", verdict("cost / FastAPI alone", outside / inside, OUTSIDE_RATIO_MAX));
    missed.extend((outside / inside > OUTSIDE_RATIO_MAX).then_some(name));
    Ok(missed)
}

impl Bench<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The key pair and the tokens, unless they are there.
    fn made(&self) -> Result<()> {
        let (key, public, tokens) = (self.file("rsa.key"), self.file("rsa.pem"), self.file("tokens.txt"));
        if fs::read_to_string(&tokens).is_ok_and(|text| text.lines().count() == TOKENS) {
            return Ok(());
        }
        eprintln!("signing {TOKENS} tokens");
        run(Command::new("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048"))?;
        run(Command::new("openssl").args(["rsa", "-pubout", "-in"]).arg(&key).arg("-out").arg(&public))?;
        let mut sign = self.venv.program("python");
        run(sign.args(["-c", SIGN]).arg(&key).arg(&tokens).arg(TOKENS.to_string()))
    }

    /// A gateway before the origin.
    fn gateway(&self, peer: Peer) -> Result<Vec<Running>> {
        Ok(vec![self.before(peer, self.origin)?])
    }

    fn before(&self, peer: Peer, origin: SocketAddr) -> Result<Running> {
        let (doorward, folder) = (self.doorward, self.folder);
        Gateway { peer, way: Way::Tokens, doorward, folder, origin, address: free()? }.start()
    }

    /// The gateway, and FastAPI that does nothing of it.
    fn outside(&self) -> Result<Vec<Running>> {
        let fastapi = self.fastapi(false)?;
        Ok(vec![self.before(Peer::Doorward, fastapi.address)?, fastapi])
    }

    fn fastapi(&self, is_secured: bool) -> Result<Running> {
        let (file, address) = (self.file("app.py"), free()?);
        fs::write(&file, include_str!("app.py"))?;
        let mut uvicorn = pinned(GATEWAY_CORE, self.venv.path("python"));
        uvicorn.arg(&file).arg(address.to_string());
        uvicorn.env("SECURED", u8::from(is_secured).to_string()).env("PUBLIC_KEY", self.file("rsa.pem"));
        Running::start(uvicorn, "FastAPI", Way::Tokens, address, self.file("fastapi.txt"))
    }

    /// The median cost of some runs, all processes together; prints the row.
    fn row(&self, name: &str, load: Load, start: &dyn Fn(&Self) -> Result<Vec<Running>>) -> Result<f64> {
        let runs: Vec<(f64, Sent)> = (0..self.flags.runs).map(|_| self.one(load, start)).collect::<Result<_>>()?;
        let of = |of: fn(&(f64, Sent)) -> f64| median(runs.iter().map(of).collect());
        let cost = of(|run| run.0);
        let (rate, p50, p99) = (of(|run| run.1.rate), of(|run| run.1.p50_ms), of(|run| run.1.p99_ms));
        println!("| {name} | {cost:.1} | {rate:.0} | {p50:.2} | {p99:.2} |");
        Ok(cost)
    }

    fn one(&self, load: Load, start: &dyn Fn(&Self) -> Result<Vec<Running>>) -> Result<(f64, Sent)> {
        let running = start(self)?;
        let [first, ..] = running.as_slice() else { bail!("nothing was started") };
        load.send(first, self.folder, 1)?;
        let used = || running.iter().map(|one| usage::processor(one.id())).sum::<Result<std::time::Duration>>();
        let before = used()?;
        let sent = load.send(first, self.folder, self.flags.seconds)?;
        let used = used()?.saturating_sub(before);
        if sent.failed > 0 {
            bail!("{} of {} requests to {} failed:\n{}", sent.failed, sent.requests, first.name(), first.said());
        }
        Ok((used.as_secs_f64() * 1e6 / sent.requests.max(1.0), sent))
    }
}
