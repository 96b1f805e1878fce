//! The example shop's own tests through a gateway that verifies, restricts, compares owners and limits all by itself, while the
//! keys of the tokens rotate: the next key is published, tokens are signed with it in the middle of the tests, and only when
//! nobody needs the first one any more it goes. Nobody whose token is valid is refused meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::guarded::{Guard, derived, fresh_key};
use crate::process::{Owned, announce, read};
use crate::python::Venv;
use crate::shop::{Shop, free_address, settings, suite};
use crate::tally::Tally;

/// What the shop's tokens are signed with first: its own key, which has no name, as the shop has it.
const FIRST: &str = "";
/// The name of the key that comes after it.
const NEXT: &str = "next";
/// How long a file that changed may take to count.
const RELOAD_SECONDS_MAX: u64 = 30;
/// How long half of the tests may take.
const MIDDLE_SECONDS_MAX: u64 = 600;

/// What a maintainer would write in the place of what the code alone can verify: the name of the identity, and its section.
/// Each `FOLDER` is where its files lie.
const IDENTITIES: &[(&str, &str)] = &[
    (
        "OAuth2PasswordBearer",
        "kind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { file = \"FOLDER/keys.json\" }\nroles = \"/role\"\n",
    ),
    (
        "verify_api_key",
        "kind = \"api-key\"\nheader = \"X-Api-Key\"\nkeys = { file = \"FOLDER/SHOP_INVENTORY_API_KEY.keys\" }\n",
    ),
    (
        "require_partner_key",
        "kind = \"api-key\"\nheader = \"X-Partner-Key\"\nkeys = { file = \"FOLDER/SHOP_PARTNER_API_KEY.keys\" }\n",
    ),
];
/// What is added: who sends payments, and how often anything may be asked for.
const ADDED: &str = "
[identity.payments]
kind = \"webhook\"
sender = \"hmac\"
secrets = [{ env = \"SHOP_PAYMENT_WEBHOOK_SECRET\" }]
header = \"X-Payment-Signature\"
timestamp_header = \"X-Payment-Timestamp\"
[limits.each]
quota = 6000
window_s = 60
by = [\"principal\"]
[limits.at-once]
quota = 64
window_s = 60
by = [\"principal\"]
counting = \"concurrent\"
[limits.documents]
quota = 20
window_s = 600
by = [\"principal\"]
";
/// Limits of every route, and of one more.
const LIMITS: &str = "\"each\", \"at-once\"";
const DOCUMENTS: &str = "GET /api/v1/cart/document";
/// Who is admitted elsewhere than derived: the route, and its grant.
const GRANTS: &[(&str, &str)] = &[
    ("POST /api/v1/webhooks/payments", "{ identity = \"payments\" }"),
    ("PATCH /api/v1/orders/{order_id}/note", OWN_ORDER),
    ("POST /api/v1/orders/{order_id}/cancel", OWN_ORDER),
    ("DELETE /api/v1/orders/{order_id}", OWN_ORDER),
];
const OWN_ORDER: &str = "{ identity = \"OAuth2PasswordBearer\", owner = { lookup = { endpoint = \"GET /api/v1/orders/{order_id}\", field = \"/user_id\" } } }";

/// What the caller saw.
#[derive(Deserialize)]
struct Seen {
    sent: u64,
    refused: Vec<String>,
    signed_by: std::collections::BTreeMap<String, u64>,
}

/// Where everything lies.
struct Stage<'s> {
    venv: &'s Venv,
    folder: &'s Path,
    data: PathBuf,
    /// The keys: of now, and the next one.
    keys: [(&'static str, String); 2],
}

/// Runs the tests; gives what they came to, and what failed.
pub(crate) fn tested(venv: &Venv, folder: &Path, data: &Path) -> Result<(Tally, Option<String>)> {
    announce("the same with identities, roles, owners and limits, while keys rotate");
    let data = data.join("secured");
    fs::create_dir_all(&data)?;
    let stage = Stage { venv, folder, data, keys: [(FIRST, fresh_key()), (NEXT, fresh_key())] };
    let address = free_address()?;
    let mut settings = settings(folder, &stage.data, address)?;
    let [(_, first), _] = &stage.keys;
    settings.push(("SHOP_JWT_SECRET".to_owned(), first.clone()));
    settings.push(("SHOP_KEY_RING".to_owned(), stage.ring().display().to_string()));
    stage.signs_with(&[0])?;
    stage.accepts(&[0])?;
    let script = stage.script("shop.py", include_str!("secured/shop.py"))?;
    let mut shop =
        Shop::start_with(venv, folder, &settings, &stage.data.join("log.txt"), &[&script.to_string_lossy()])?;
    shop.wait(address)?;
    let mut guard = Guard::with(&stage.policy(&settings)?, address, &settings, &stage.data)?;
    let url = guard.address()?;
    let done = stage.rotated(&guard, &settings, &url);
    let counted = guard.stop()?;
    let (tally, failure) = done.with_context(|| format!("the shop said:\n{}", shop.said()))?;
    println!("while keys rotated: {counted}");
    Ok((tally, failure.map(|status| format!("{status}, while keys rotated ({counted})"))))
}

impl Stage<'_> {
    /// The tests with a change of keys in their middle, and what must hold behind them.
    fn rotated(&self, guard: &Guard, settings: &[(String, String)], url: &str) -> Result<(Tally, Option<String>)> {
        let caller = self.script("caller.py", include_str!("secured/caller.py"))?;
        self.script("middle.py", include_str!("secured/middle.py"))?;
        let mut load = self.venv.program("python");
        let load = load.arg(&caller).args(["load", url]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let load = Owned(load.spawn().context("the caller could not be started")?);
        let middle = self.data.join("middle");
        let mut with_plugin = settings.to_vec();
        with_plugin.push(("SUITE_MIDDLE".to_owned(), middle.display().to_string()));
        with_plugin.push(("PYTHONPATH".to_owned(), self.data.display().to_string()));
        with_plugin.push(("PYTEST_ADDOPTS".to_owned(), "-p middle".to_owned()));
        let is_over = AtomicBool::new(false);
        let (tested, rotated) = thread::scope(|scope| {
            let rotating = scope.spawn(|| self.rotate(guard, &middle, &is_over));
            let tested = suite(self.venv, self.folder, &with_plugin, url);
            is_over.store(true, Ordering::Release);
            (tested, rotating.join())
        });
        let (mut tally, failure) = tested?;
        match rotated {
            Ok(rotated) => rotated?,
            Err(_) => bail!("the keys did not rotate"),
        }
        let seen = finished(load)?;
        self.checked(&serde_json::from_str(&seen).context("the caller said something else")?)?;
        // Nobody needs the first key any more.
        self.signs_with(&[1])?;
        self.reloaded(guard, &[1])?;
        let wrong: Vec<String> =
            serde_json::from_str(&read(self.venv.program("python").arg(&caller).args(["after", url, &seen]))?)?;
        if !wrong.is_empty() {
            bail!("behind the rotation:\n  {}", wrong.join("\n  "));
        }
        tally.passed += 1;
        Ok((tally, failure))
    }

    /// Publishes the next key, then has tokens signed with it, when half of the tests have begun.
    fn rotate(&self, guard: &Guard, middle: &Path, is_over: &AtomicBool) -> Result<()> {
        waited(MIDDLE_SECONDS_MAX, "half of the tests did not begin", || {
            if is_over.load(Ordering::Acquire) {
                bail!("the tests were over before the keys rotated");
            }
            Ok(middle.exists())
        })?;
        self.reloaded(guard, &[0, 1])?;
        self.signs_with(&[1, 0])?;
        match is_over.load(Ordering::Acquire) {
            true => bail!("the tests were over before the keys had rotated"),
            false => Ok(()),
        }
    }

    /// What the caller saw: nothing refused, and tokens of both keys.
    fn checked(&self, seen: &Seen) -> Result<()> {
        println!("a caller beside the tests: {} rounds, tokens of each key: {:?}", seen.sent, seen.signed_by);
        if !seen.refused.is_empty() {
            bail!(
                "{} valid requests were refused while keys rotated:\n  {}",
                seen.refused.len(),
                seen.refused.join("\n  ")
            );
        }
        for (name, _) in &self.keys {
            if seen.signed_by.get(*name).is_none_or(|count| *count == 0) {
                bail!("the caller was given no token that `{name}` signed");
            }
        }
        Ok(())
    }

    fn ring(&self) -> PathBuf {
        self.data.join("ring.json")
    }

    /// The keys of the shop from now on: it signs with the first of these.
    fn signs_with(&self, which: &[usize]) -> Result<()> {
        let key = |(name, secret): &(&str, String)| json!({ "kid": Some(*name).filter(|name| !name.is_empty()), "secret": secret });
        replaced(
            &self.ring(),
            &json!(which.iter().map(|index| key(&self.keys[*index])).collect::<Vec<_>>()).to_string(),
        )
    }

    /// The keys of the gateway from now on.
    fn accepts(&self, which: &[usize]) -> Result<()> {
        let key = |(name, secret): &(&str, String)| {
            let mut key = json!({ "kty": "oct", "alg": "HS256", "k": base64_url(secret.as_bytes()) });
            if !name.is_empty() {
                key["kid"] = json!(name);
            }
            key
        };
        let keys: Vec<_> = which.iter().map(|index| key(&self.keys[*index])).collect();
        replaced(&self.data.join("keys.json"), &json!({ "keys": keys }).to_string())
    }

    /// The same, and they count.
    fn reloaded(&self, guard: &Guard, which: &[usize]) -> Result<()> {
        let before = guard.reloads();
        self.accepts(which)?;
        waited(RELOAD_SECONDS_MAX, "the gateway does not read the new keys", || Ok(guard.reloads() > before))
    }

    /// A script, beside the data.
    fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.data.join(name);
        fs::write(&file, text)?;
        Ok(file)
    }

    /// The derived policy, with what a maintainer adds.
    fn policy(&self, settings: &[(String, String)]) -> Result<PathBuf> {
        let file = derived(self.folder, &self.data)?;
        for name in ["SHOP_INVENTORY_API_KEY", "SHOP_PARTNER_API_KEY"] {
            let (_, key) = settings.iter().find(|(known, _)| known == name).with_context(|| format!("no `{name}`"))?;
            self.script(&format!("{name}.keys"), &self.key_entry(key)?)?;
        }
        fs::write(&file, secured(&fs::read_to_string(&file)?, &self.data.display().to_string())?)?;
        Ok(file)
    }

    /// A key as the gateway keeps it.
    fn key_entry(&self, key: &str) -> Result<String> {
        let script = "import hashlib, sys; print(hashlib.sha256(sys.argv[1].encode()).hexdigest())";
        let digest = read(self.venv.program("python").args(["-c", script, key]))?;
        let prefix: String = key.chars().take(12).collect();
        Ok(format!("[[key]]\nprefix = \"{prefix}\"\ndigest = \"sha256:{}\"\nowner = \"{prefix}\"\n", digest.trim()))
    }
}

/// A derived policy with identities that the gateway verifies, owners that it looks up, and limits.
fn secured(derived: &str, folder: &str) -> Result<String> {
    let mut text = String::new();
    let (mut grants, mut identities) = (0, 0);
    // A section with what belongs to it; what stands before the first is none.
    let mut parts: Vec<String> = vec![String::new()];
    for line in derived.lines() {
        if line.starts_with('[') && !line.starts_with("[[") {
            parts.push(String::new());
        }
        let last = parts.last_mut().context("there is one")?;
        writeln!(last, "{line}")?;
    }
    for part in parts {
        let header = part.lines().next().unwrap_or_default().to_owned();
        let named = |name: &str| header == format!("[identity.{name}]");
        let route = header.strip_prefix("[routes.\"").and_then(|rest| rest.strip_suffix("\"]"));
        if let Some((_, body)) = IDENTITIES.iter().find(|(name, _)| named(name)) {
            identities += 1;
            writeln!(text, "{header}\n{}", body.replace("FOLDER", folder))?;
        } else if let Some(route) = route {
            let grant = GRANTS.iter().find(|(name, _)| *name == route).map(|(_, grant)| *grant);
            grants += usize::from(grant.is_some());
            text += &route_with(&part, route, grant)?;
        } else {
            text += &part;
        }
    }
    if (identities, grants) != (IDENTITIES.len(), GRANTS.len()) {
        bail!("the derived policy has not all of the identities and routes that are changed here:\n{derived}");
    }
    Ok(text + ADDED)
}

/// The section of a route with the limits of all, and with another grant where one is given.
fn route_with(section: &str, route: &str, grant: Option<&str>) -> Result<String> {
    let limits = if route == DOCUMENTS { format!("\"documents\", {LIMITS}") } else { LIMITS.to_owned() };
    let mut text = String::new();
    let is_limited = section.lines().any(|line| line.starts_with("limits = ["));
    for (index, line) in section.lines().enumerate() {
        match (line.strip_prefix("limits = ["), line.starts_with("allow = ["), grant) {
            (Some(rest), ..) => writeln!(text, "limits = [{limits}, {rest}")?,
            (None, true, Some(grant)) => writeln!(text, "allow = [{grant}]")?,
            _ => writeln!(text, "{line}")?,
        }
        if index == 0 && !is_limited {
            writeln!(text, "limits = [{limits}]")?;
        }
    }
    Ok(text)
}

/// A file with other contents, at once: nobody reads half of it.
fn replaced(file: &Path, text: &str) -> Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    Ok(fs::rename(new, file)?)
}

fn waited(seconds_max: u64, failure: &str, is_so: impl Fn() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(seconds_max);
    while !is_so()? {
        if Instant::now() > deadline {
            bail!("{failure} within {seconds_max} s");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Closes the input of a process, and gives what it printed.
fn finished(mut process: Owned) -> Result<String> {
    drop(process.stdin.take());
    let mut printed = String::new();
    process.stdout.take().context("what it prints is read")?.read_to_string(&mut printed)?;
    let status = process.wait()?;
    if !status.success() {
        bail!("the caller ended with {status}");
    }
    Ok(printed)
}

/// Base64 for addresses, without padding (RFC 4648 section 5).
fn base64_url(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        text.extend((0..=three.len()).map(|index| char::from(SIGNS[number >> (18 - 6 * index) & 63])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_rfc_says() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("??>", "Pz8-")]
        {
            assert_eq!(base64_url(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_route_gets_limits_and_its_grant() {
        let section =
            "[routes.\"A\"]\nallow = [{ identity = \"a\" }]\nlimits = [\"login\"]\n[[routes.\"A\".shields]]\n";
        assert_eq!(
            route_with(section, "A", Some("{ identity = \"b\" }")).unwrap(),
            "[routes.\"A\"]\nallow = [{ identity = \"b\" }]\nlimits = [\"each\", \"at-once\", \"login\"]\n[[routes.\"A\".shields]]\n"
        );
        let section = format!("[routes.\"{DOCUMENTS}\"]\nallow = [\n  {{ identity = \"a\" }},\n]\n");
        assert_eq!(
            route_with(&section, DOCUMENTS, None).unwrap(),
            format!(
                "[routes.\"{DOCUMENTS}\"]\nlimits = [\"documents\", \"each\", \"at-once\"]\nallow = [\n  {{ identity = \"a\" }},\n]\n"
            )
        );
        assert!(secured("version = 1\n", "f").is_err());
    }
}
