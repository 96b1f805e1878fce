//! Where the gateway gets the keys: always by a reference. Where the code holds one, a comment says which line must be mended.

use model::{ConfiguredKey, KeySource};

use super::{Carried, Derived, VerifiedBy};
use crate::identity::{ApiKeyIdentity, Identity, KeysRef};
use crate::settings::SecretRef;
use crate::value::{Form, HeaderName, KeyDigest, KeysUrl, Variable};

/// How the address of a discovery document ends (`OpenID` Connect Discovery 1.0, section 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The identity of a key that the application has in its configuration. It is known to the gateway by its digest, which an operator writes
/// down: until then the gateway does not start.
pub(super) fn api_key(name: String, header: HeaderName, key: &ConfiguredKey, mut notes: Vec<String>) -> Derived {
    let at = &key.evidence;
    notes.push(format!("{}:{}: {}", at.file, at.line, at.what));
    notes.push(match &key.source {
        KeySource::Setting { name, has_default: false, .. } => {
            format!("the application compares it with the setting `{name}`")
        }
        KeySource::Setting { name, .. } => format!(
            "the application compares it with the setting `{name}`, whose default stands in the code: set another one, it is known \
             to all readers"
        ),
        KeySource::Literal { bytes, evidence, .. } => format!(
            "the key ({bytes} bytes) stands in the code: {}:{}. Make a new one: whoever has read the code has the old one",
            evidence.file, evidence.line
        ),
        _ => "the application compares it with a key of its configuration".to_owned(),
    });
    let file = format!("{name}.keys");
    notes.push(format!(
        "to be filled: `{file}` with a table `[[key]]` for that key: `prefix` (how it begins, 4 characters or more), `digest` (\"sha256:\" \
         and the SHA-256 of the whole key in hex) and `owner`. `doorward secret api-key` makes a new one, which the application needs as \
         well. Without the file the gateway does not start"
    ));
    let identity = ApiKeyIdentity { header, keys: SecretRef::File(file) };
    let carried = Carried { verified_by: VerifiedBy::Gateway, ..Carried::default() };
    Derived { name, identity: Identity::ApiKey(identity), carried, notes, not_expressed: 0 }
}

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
        Some(KeySource::Jwks { url: Some(url), setting }) if KeysUrl::parse(url).is_ok() => match KeysUrl::parse(url) {
            Ok(address) => {
                if let Some(setting) = setting {
                    notes.push(format!(
                        "the address of the keys is the default of the setting `{setting}`: write here what yours is set to"
                    ));
                }
                if url.ends_with(DISCOVERY) { KeysRef::Discovery(address) } else { KeysRef::Jwks(address) }
            }
            Err(_) => variable(&own),
        },
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
