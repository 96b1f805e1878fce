//! `doorward secret`: credentials that the gateway verifies.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Read};

use model::Secret;
use policy::{ApiKey, KeyDigest, User};
use serde_json::json;

use super::policy::today;
use crate::arguments::{self, SecretApiKey, SecretFormat, SecretHashPassword};
use crate::outcome::{Exit, Failure};
use crate::streams::{Streams, write_data};

/// With what every key begins, so that scanners for secrets find one that got into a repository.
const MARK: &str = "dw";
/// How many random bytes tell keys apart, and how many are secret.
const NAME_BYTES: usize = 4;
const SECRET_BYTES: usize = 32;
/// How many random bytes make equal passwords different hashes (RFC 9106 section 3.1).
const SALT_BYTES: usize = 16;
/// The fewest characters of a password that somebody chose (NIST SP 800-63B section 3.1.1.2), and the most bytes.
const PASSWORD_CHARS_MIN: usize = 15;
const PASSWORD_BYTES_MAX: u64 = 256;

/// Runs the command.
pub(super) fn run(command: &arguments::Secret, streams: &Streams) -> Result<Exit, Failure> {
    match command {
        arguments::Secret::ApiKey(flags) => api_key(flags, streams),
        arguments::Secret::HashPassword(flags) => hash_password(flags, streams),
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
    let prefix = format!("{MARK}_{}", random::<NAME_BYTES>()?);
    let key = format!("{prefix}_{}", random::<SECRET_BYTES>()?);
    let prefix = prefix.parse().map_err(|why: String| Failure::new(Exit::Internal, why))?;
    let digest = KeyDigest::of(key.as_bytes());
    let (owner, scopes) = (flags.owner.clone(), flags.scope.clone());
    Ok((
        Secret::new(key),
        ApiKey { prefix, digest, owner, scopes, created: Some(created), expires, quota: flags.quota },
    ))
}

/// Hashes a password, and prints what the gateway keeps of it.
fn hash_password(flags: &SecretHashPassword, streams: &Streams) -> Result<Exit, Failure> {
    let is_wrong = |scope: &String| scope.is_empty() || scope.contains(char::is_whitespace);
    let is_name = !flags.name.is_empty() && !flags.name.contains(|c: char| c == ':' || c.is_control());
    if !is_name || flags.scope.iter().any(is_wrong) || flags.role.iter().any(String::is_empty) {
        return Err(Failure::usage("a name has no colon, a role is not empty, and a scope is one word"));
    }
    let password = if flags.generate { Secret::new(random::<SECRET_BYTES>()?) } else { password_given()? };
    let hash = guard::hashed(password.expose().as_bytes(), &random_bytes::<SALT_BYTES>()?);
    let hash = hash.and_then(|hash| hash.parse()).map_err(|why| Failure::new(Exit::Internal, why))?;
    let (name, scopes, roles) = (flags.name.clone(), flags.scope.clone(), flags.role.clone());
    let entry = User { name, hash, scopes, roles }.to_toml();
    let identity = format!("[identity.{0}]\nkind = \"basic\"\nusers = {{ file = \"{0}.users\" }}\n", flags.identity);
    let shown = flags.generate.then(|| password.expose().as_str());
    match flags.format {
        SecretFormat::Terminal => {
            let made = shown.map(|password| format!("# The password, for its owner alone:\n{password}\n\n"));
            let text = format!(
                "{}# What the gateway keeps of it, for the file of users:\n{entry}\n\
                 # The policy, where it does not name that file yet:\n{identity}",
                made.unwrap_or_default()
            );
            write_data(text.as_bytes())?;
            if flags.generate {
                streams.remark(
                    "the password is kept nowhere: give it to its owner now, over a way that nobody else reads",
                );
            }
        }
        SecretFormat::Json => {
            let mut document = json!({ "schema_version": 1, "entry": entry, "identity": identity });
            if let Some(password) = shown {
                document["password"] = password.into();
            }
            write_data(format!("{document:#}\n").as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}

/// The first line of standard input. What is typed at a terminal would be seen there.
fn password_given() -> Result<Secret<String>, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let hint = "write `< FILE`, or have one made: `--generate`";
        return Err(Failure::usage("the password is read from standard input, not from a terminal").hint(hint));
    }
    let mut line = String::new();
    let read = input.lock().take(PASSWORD_BYTES_MAX + 1).read_line(&mut line);
    read.map_err(|error| Failure::usage(format!("the password cannot be read: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < PASSWORD_CHARS_MIN
        || u64::try_from(line.len()).is_ok_and(|len| len > PASSWORD_BYTES_MAX)
    {
        let message =
            format!("a password has {PASSWORD_CHARS_MIN} characters or more, and at most {PASSWORD_BYTES_MAX} bytes");
        return Err(Failure::usage(message).hint("have one made: `--generate`"));
    }
    Ok(Secret::new(password.to_owned()))
}

/// Random bytes of the system.
fn random_bytes<const COUNT: usize>() -> Result<[u8; COUNT], Failure> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(Exit::Internal, format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

/// Random bytes of the system, as hexadecimal digits.
fn random<const COUNT: usize>() -> Result<String, Failure> {
    Ok(random_bytes::<COUNT>()?.iter().fold(String::new(), |mut digits, byte| {
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
