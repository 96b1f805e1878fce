//! `doorward secret`: credentials that the gateway verifies.

use std::fmt::Write as _;

use model::Secret;
use policy::{ApiKey, KeyDigest};
use serde_json::json;

use super::policy::today;
use crate::arguments::{self, SecretApiKey, SecretFormat};
use crate::outcome::{Exit, Failure};
use crate::streams::{Streams, write_data};

/// With what every key begins, so that scanners for secrets find one that got into a repository.
const MARK: &str = "dw";
/// How many random bytes tell keys apart, and how many are secret.
const NAME_BYTES: usize = 4;
const SECRET_BYTES: usize = 32;

/// Runs the command.
pub(super) fn run(command: &arguments::Secret, streams: &Streams) -> Result<Exit, Failure> {
    match command {
        arguments::Secret::ApiKey(flags) => api_key(flags, streams),
    }
}

/// Makes a key, and prints it this once with what the gateway keeps of it.
fn api_key(flags: &SecretApiKey, streams: &Streams) -> Result<Exit, Failure> {
    let (key, entry) = made(flags)?;
    let identity = identity(flags);
    match flags.format {
        SecretFormat::Terminal => {
            write_data(told(key.expose(), &entry.to_toml(), &identity).as_bytes())?;
            streams.remark("the key is kept nowhere: give it to its owner now, over a way that nobody else reads");
        }
        SecretFormat::Json => {
            let document = json!({
                "schema_version": 1,
                "key": key.expose(),
                "prefix": entry.prefix.as_str(),
                "entry": entry.to_toml(),
                "identity": identity,
            });
            write_data(format!("{document:#}\n").as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}

fn made(flags: &SecretApiKey) -> Result<(Secret<String>, ApiKey), Failure> {
    let (created, expires) = (today(), flags.expires);
    if expires.is_some_and(|expires| expires <= created) {
        return Err(Failure::usage("the key would have expired already").hint("`--expires` is a day in the future"));
    }
    let is_wrong = |scope: &String| scope.is_empty() || scope.contains(char::is_whitespace);
    if flags.owner.trim().is_empty() || flags.scope.iter().any(is_wrong) {
        return Err(Failure::usage("an owner is a name, and a scope one word"));
    }
    let prefix = format!("{MARK}_{}", random(NAME_BYTES)?);
    let key = format!("{prefix}_{}", random(SECRET_BYTES)?);
    let prefix = prefix.parse().map_err(|why: String| Failure::new(Exit::Internal, why))?;
    let digest = KeyDigest::of(key.as_bytes());
    let (owner, scopes) = (flags.owner.clone(), flags.scope.clone());
    Ok((Secret::new(key), ApiKey { prefix, digest, owner, scopes, created: Some(created), expires }))
}

/// Random bytes of the system, as hexadecimal digits.
fn random(count: usize) -> Result<String, Failure> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(Exit::Internal, format!("the system gives no random numbers: {error}")))?;
    Ok(bytes.iter().fold(String::new(), |mut digits, byte| {
        // Into memory everything can be written.
        let _ = write!(digits, "{byte:02x}");
        digits
    }))
}

/// The section of the policy that reads such keys.
fn identity(flags: &SecretApiKey) -> String {
    let (name, header) = (&flags.identity, &flags.header);
    let header = toml::Value::from(header.as_str());
    format!("[identity.{name}]\nkind = \"api-key\"\nheader = {header}\nkeys = {{ file = \"{name}.keys\" }}\n")
}

fn told(key: &str, entry: &str, identity: &str) -> String {
    format!(
        "# The key, for its owner alone:\n{key}\n\n# What the gateway keeps of it, for the file of keys:\n{entry}\n\
         # The policy, where it does not name that file yet:\n{identity}"
    )
}
