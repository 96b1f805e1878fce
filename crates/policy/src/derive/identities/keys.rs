//! Where the gateway gets the keys: always by a reference. Where the code holds one, a comment says which line must be mended.

use model::KeySource;

use crate::identity::KeysRef;
use crate::value::{Form, KeyDigest, KeysUrl, Variable};

/// The key that everybody knows who has read the code.
pub(super) fn known(source: &KeySource) -> Option<KeyDigest> {
    match source {
        KeySource::Literal { value: Some(key), .. } | KeySource::Setting { default: Some(key), .. } => {
            Some(KeyDigest::of(key.expose().as_bytes()))
        }
        _ => None,
    }
}

/// A reference to the key of tokens, and what must be done to it.
pub(super) fn of(
    name: &str,
    source: Option<&KeySource>,
    notes: &mut Vec<String>,
    not_expressed: &mut usize,
) -> KeysRef {
    let own = format!("{}_KEY", name.to_ascii_uppercase().replace('-', "_"));
    match source {
        Some(KeySource::Literal { bytes, evidence, .. }) => {
            notes.push(format!(
                "the key ({bytes} bytes) stands in the code: {}:{}. Make a new one and give it to the application and, by this \
                 variable, to the gateway: whoever has read the code can sign with the old one",
                evidence.file, evidence.line
            ));
            variable(&own)
        }
        Some(KeySource::Setting { name, variable: set_by, has_default, .. }) => {
            notes.push(format!("the application reads the key from the setting `{name}`"));
            if *has_default {
                notes.push(format!(
                    "a default of `{name}` stands in the code: set another one, it is known to all readers"
                ));
            }
            let upper = set_by
                .as_deref()
                .map_or_else(|| name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase(), str::to_owned);
            Variable::parse(&upper).map_or_else(|_| variable(&own), KeysRef::Env)
        }
        Some(KeySource::File { path }) if !path.is_empty() => KeysRef::File(path.to_string()),
        Some(KeySource::Jwks { url: Some(url), setting }) if let Ok(address) = KeysUrl::parse(url) => {
            if let Some(setting) = setting {
                notes.push(format!(
                    "the address of the keys is the default of the setting `{setting}`: write here what yours is set to"
                ));
            }
            KeysRef::Jwks(address)
        }
        other => {
            let why = match other {
                Some(KeySource::Generated) => "the application makes its key anew at each start".to_owned(),
                Some(KeySource::Unknown { reason }) => format!("where the key comes from: {reason}"),
                Some(KeySource::Jwks { setting: Some(setting), .. }) => format!(
                    "the address of the published keys, which the setting `{setting}` holds: with \
                     `keys = {{ jwks_url = \"...\" }}` the gateway fetches them"
                ),
                Some(KeySource::Jwks { .. }) => "the address of the published keys".to_owned(),
                _ => "where the key of the tokens comes from".to_owned(),
            };
            notes.push(format!("not understood: {why}. Give it to the gateway by this variable"));
            *not_expressed += 1;
            variable(&own)
        }
    }
}

fn variable(name: &str) -> KeysRef {
    match Variable::parse(name).or_else(|_| Variable::parse(&format!("DOORWARD_{name}"))) {
        Ok(name) => KeysRef::Env(name),
        // The name of a scheme that begins with a digit and holds nothing else that a variable may.
        Err(_) => KeysRef::File("jwt.key".to_owned()),
    }
}
