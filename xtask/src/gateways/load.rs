//! What the gateways are sent, by `wrk`, `h2load` and `openssl s_time`, and what those say of it.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::peers::{LOAD_CORE, Running, pinned};
use crate::process::read;

/// A kind of load.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// `GET` of 1 KiB, 64 connections.
    Small,
    /// The same as a page of another origin asks.
    FromPage,
    /// The same over HTTP/2.
    Http2,
    /// A new connection with a whole handshake each.
    Handshakes,
    /// 10 MiB from the origin.
    Down,
    /// 10 MiB to it.
    Up,
    /// As a page of another origin asks, with so many tokens in turn.
    Tokens(usize),
}

/// What was sent.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) requests: f64,
    pub(super) failed: u64,
    /// Requests a second.
    pub(super) rate: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Prints what was measured as one line of JSON.
const DONE: &str = r#"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"failed":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f}\n', summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"#;
const FROM_PAGE: &str = "wrk.headers['Origin'] = 'https://shop.example'\n";
const TOKENS: &str = r"
local requests, at = {}, 0
function init(args)
  for line in io.lines(file) do
    if #requests == count then break end
    wrk.headers['Authorization'] = 'Bearer ' .. line
    requests[#requests + 1] = wrk.format('GET', '/orders')
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
";
const UP: &str = "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/octet-stream'\nwrk.body = string.rep('x', 10 * 1024 * 1024)\n";

impl Load {
    /// Sends for some seconds.
    pub(super) fn send(self, to: &Running, folder: &Path, seconds: u32) -> Result<Sent> {
        match self {
            Self::Small => wrk(to, folder, "/orders", 64, "", seconds),
            Self::FromPage => wrk(to, folder, "/orders", 64, FROM_PAGE, seconds),
            Self::Down => wrk(to, folder, "/big", 4, "", seconds),
            Self::Up => wrk(to, folder, "/orders", 4, UP, seconds),
            Self::Http2 => h2load(to, seconds),
            Self::Handshakes => handshakes(to, seconds),
            Self::Tokens(count) => {
                let file = folder.join("tokens.txt");
                let script = format!("local file, count = '{}', {count}\n{FROM_PAGE}{TOKENS}", file.display());
                wrk(to, folder, "/orders", 64, &script, seconds)
            }
        }
    }
}

fn wrk(to: &Running, folder: &Path, path: &str, connections: u32, script: &str, seconds: u32) -> Result<Sent> {
    let file = folder.join("load.lua");
    fs::write(&file, format!("{script}{DONE}"))?;
    let mut wrk = pinned(LOAD_CORE, "wrk");
    wrk.args([
        "--threads",
        "1",
        "--connections",
        &connections.to_string(),
        "--duration",
        &format!("{seconds}s"),
        "--timeout",
        "30s",
        "--script",
    ]);
    let said = read(wrk.arg(&file).arg(format!("{}{path}", to.url())))?;
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .with_context(|| format!("wrk said no result:\n{said}"))?;
    let told: serde_json::Value = serde_json::from_str(line)?;
    let number = |name: &str| told[name].as_f64().unwrap_or(f64::NAN);
    Ok(Sent {
        requests: number("requests"),
        failed: told["failed"].as_u64().unwrap_or(u64::MAX),
        rate: number("requests") / number("seconds"),
        p50_ms: number("p50_ms"),
        p99_ms: number("p99_ms"),
    })
}

fn h2load(to: &Running, seconds: u32) -> Result<Sent> {
    let mut h2load = pinned(LOAD_CORE, "h2load");
    h2load.args(["--clients=8", "--max-concurrent-streams=8", &format!("--duration={seconds}")]);
    let said = read(h2load.arg(format!("{}/orders", to.url())))?;
    if !said.contains("Application protocol: h2") {
        bail!("{} does not speak HTTP/2:\n{said}", to.name());
    }
    let field = |line: &str, after: usize| -> Option<f64> {
        let words = said.lines().find(|one| one.trim_start().starts_with(line))?;
        words.split_whitespace().nth(after)?.trim_end_matches(',').parse().ok()
    };
    // `requests: 100 total, 100 started, 100 done, 98 succeeded, 2 failed, ...`; `finished in 5.00s, 100.00 req/s, ...`;
    // `time for request: min max mean sd +/-sd`.
    let requests = field("requests:", 7).with_context(|| format!("h2load said no result:\n{said}"))?;
    let failed =
        said.lines().find(|line| line.starts_with("status codes:")).is_none_or(|line| !line.contains("0 4xx, 0 5xx"));
    let mean = said
        .lines()
        .find_map(|line| line.strip_prefix("time for request:"))
        .and_then(|line| line.split_whitespace().nth(2).and_then(milliseconds));
    Ok(Sent {
        requests,
        failed: u64::from(failed),
        rate: field("finished", 3).unwrap_or(f64::NAN),
        p50_ms: mean.unwrap_or(f64::NAN),
        p99_ms: f64::NAN,
    })
}

/// `1.23ms`, `456us`, `1.2s` in milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    units.iter().find_map(|(unit, times)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * times))
}

fn handshakes(to: &Running, seconds: u32) -> Result<Sent> {
    let mut client = pinned(LOAD_CORE, "openssl");
    client.args(["s_time", "-new", "-tls1_3", "-time", &seconds.to_string(), "-connect", &to.address.to_string()]);
    let said = read(&mut client)?;
    // `1234 connections in 5 real seconds, 0 bytes read per connection`
    let line = said
        .lines()
        .find(|line| line.contains("real seconds"))
        .with_context(|| format!("openssl said no result:\n{said}"))?;
    let requests: f64 = line.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(Sent { requests, failed: 0, rate: requests / f64::from(seconds), p50_ms: f64::NAN, p99_ms: f64::NAN })
}

/// Connections that each had an answer, and stay.
pub(super) fn idle(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let one = |_| -> Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let (mut all, mut buffer) = (Vec::new(), [0; 8192]);
        while !all.windows(4).any(|four| four == b"\r\n\r\n") || !all.ends_with(b"}") {
            match stream.read(&mut buffer)? {
                0 => bail!("the connection ended:\n{}", String::from_utf8_lossy(&all)),
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
        Ok(stream)
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(milliseconds("1.5ms"), Some(1.5));
        assert_eq!(milliseconds("500us"), Some(0.5));
        assert_eq!(milliseconds("2s"), Some(2000.0));
        assert_eq!(milliseconds("fast"), None);
    }
}
