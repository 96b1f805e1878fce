//! The example shop's own tests, against a shop that is started for them on a free port of loopback: an example that does
//! not work teaches nothing. Then the same through the gateway: what should pass must not be refused, whatever the gateway
//! verifies, and while keys rotate (`secured.rs`).

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::guarded::{Guard, fresh_key};
use crate::process::{Owned, announce, root, tee};
use crate::python::Venv;
use crate::secured;
use crate::tally::Tally;

/// How long the shop may take to listen.
const START_SECONDS_MAX: u64 = 60;

/// Runs the shop's tests: how many passed, and what failed if any did.
pub(crate) fn check() -> (Tally, Option<String>) {
    match tested() {
        Ok((tally, None)) => (tally, None),
        Ok((tally, Some(status))) => {
            let failed = tally.failed.max(1);
            (Tally { failed, ..tally }, Some(format!("the tests of `examples/shop` ({status})")))
        }
        Err(error) => {
            (Tally { failed: 1, ..Tally::default() }, Some(format!("the tests of `examples/shop`: {error:#}")))
        }
    }
}

/// The tests against the shop itself, and again through the gateway.
fn tested() -> Result<(Tally, Option<String>)> {
    announce("starting examples/shop");
    let folder = root().join("examples").join("shop");
    let venv = Venv::kept("shop")?;
    let requirements = folder.join("requirements-dev.txt");
    venv.install(&["-r", &requirements.to_string_lossy()]).context("installing the shop's requirements")?;
    let data = tempfile::tempdir()?;
    let address = free_address()?;
    let mut settings = settings(&folder, data.path(), address)?;
    let key = fresh_key();
    settings.push(("SHOP_JWT_SECRET".to_owned(), key.clone()));
    let mut shop = Shop::start(&venv, &folder, &settings, &data.path().join("log.txt"))?;
    shop.wait(address)?;
    let (mut tally, failure) = suite(&venv, &folder, &settings, &format!("http://{address}"))?;
    if failure.is_some() {
        return Ok((tally, failure.map(|status| format!("{status}; the shop said:\n{}", shop.said()))));
    }
    announce("the same through `doorward guard`, with a policy from the shop's code");
    let mut guard = Guard::start(&folder, address, &key, data.path())?;
    let url = guard.address()?;
    let (guarded, failure) = suite(&venv, &folder, &settings, &url)?;
    tally += guarded;
    let counted = guard.stop()?;
    println!("through the gateway: {counted}");
    if counted.starts_with("0 ") {
        bail!("the gateway saw no request");
    }
    if failure.is_some() {
        return Ok((tally, failure.map(|status| format!("{status}, through the gateway ({counted})"))));
    }
    drop(shop);
    let (secured, failure) = secured::tested(&venv, &folder, data.path())?;
    tally += secured;
    Ok((tally, failure))
}

/// Runs the shop's tests against an address.
pub(crate) fn suite(
    venv: &Venv,
    folder: &Path,
    settings: &[(String, String)],
    url: &str,
) -> Result<(Tally, Option<String>)> {
    let mut pytest = venv.program("python");
    pytest.args(["-m", "pytest", "--quiet", "--color=no"]).current_dir(folder).envs(settings.iter().cloned());
    let (status, output) = tee(pytest.env("SHOP_URL", url))?;
    Ok((Tally::of_pytest(&output), (!status.success()).then(|| status.to_string())))
}

/// The values of `.env.example`, which tests and shop share, with a database and a folder that vanish.
pub(crate) fn settings(folder: &Path, data: &Path, address: SocketAddr) -> Result<Vec<(String, String)>> {
    let file = folder.join(".env.example");
    let text = fs::read_to_string(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let pairs = text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| line.split_once('='));
    let mut settings: Vec<_> = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
    let database = format!("sqlite:///{}", data.join("shop.db").display());
    settings.extend([
        ("SHOP_DATABASE_URL".to_owned(), database),
        ("SHOP_DATA_DIR".to_owned(), data.join("var").display().to_string()),
        ("SHOP_HOST".to_owned(), address.ip().to_string()),
        ("SHOP_PORT".to_owned(), address.port().to_string()),
        ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
    ]);
    Ok(settings)
}

/// An address that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?)
}

/// The running shop; it ends when this is dropped.
pub(crate) struct Shop {
    process: Owned,
    log: PathBuf,
}

impl Shop {
    pub(crate) fn start(venv: &Venv, folder: &Path, settings: &[(String, String)], log: &Path) -> Result<Self> {
        Self::start_with(venv, folder, settings, log, &["-m", "app"])
    }

    /// The shop as these arguments of Python start it.
    pub(crate) fn start_with(
        venv: &Venv,
        folder: &Path,
        settings: &[(String, String)],
        log: &Path,
        arguments: &[&str],
    ) -> Result<Self> {
        let out = fs::File::create(log)?;
        let mut command: Command = venv.program("python");
        command.args(arguments).current_dir(folder).envs(settings.iter().cloned()).stdin(Stdio::null());
        let process = command.stdout(out.try_clone()?).stderr(out).spawn().context("the shop could not be started")?;
        Ok(Self { process: Owned(process), log: log.to_path_buf() })
    }

    /// Waits until the shop listens.
    pub(crate) fn wait(&mut self, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while Instant::now() < deadline {
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the shop ended at once ({status}):\n{}", self.said());
            }
            thread::sleep(Duration::from_millis(100));
        }
        bail!("the shop did not listen within {START_SECONDS_MAX} s:\n{}", self.said())
    }

    /// The end of what the shop printed.
    pub(crate) fn said(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}
