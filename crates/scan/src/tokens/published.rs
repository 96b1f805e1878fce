//! Keys that an issuer publishes (RFC 7517): a client of the library fetches them, or the program itself does while it checks a token.

use std::sync::Arc;

use model::KeySource;
use python::interp::Interp;
use python::value::Value;

use crate::frameworks::attribute;

/// The class of keys that a description says are fetched.
const CLASS: &str = "jwt.jwks_client._Published";
/// What begins the names of functions that fetch.
const FETCHES: &[&str] = &["requests.", "httpx.", "urllib.request.", "urllib3.", "aiohttp."];
/// How the address of a discovery document ends: it names that of the keys.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Where a key comes from that is fetched; nothing for any other.
pub(super) fn fetched(interp: &Interp<'_>, key: &Value) -> Option<KeySource> {
    if interp.derives_from(&interp.class_of(key), CLASS) {
        return Some(at(&attribute(interp, key, "address").unwrap_or(Value::None)));
    }
    let Value::Unknown(unknown) = key.plain() else { return None };
    let fetches = |name: &str| FETCHES.iter().any(|begin| name.starts_with(begin));
    unknown.library.filter(|library| fetches(library.as_str()))?;
    let mut addresses: Vec<&Value> = Vec::new();
    for event in interp.events().iter().filter(|event| event.what == "call") {
        if let [name, address, ..] = event.arguments.positional.as_slice()
            && name.as_str().is_some_and(fetches)
            && !addresses.iter().any(|known| known.as_str() == address.as_str())
        {
            addresses.push(address);
        }
    }
    let is_discovery = |address: &&&Value| address.as_str().is_some_and(|text| text.ends_with(DISCOVERY));
    let address = match addresses.as_slice() {
        [only] => only,
        all => all.iter().find(is_discovery)?,
    };
    Some(at(address))
}

/// Keys that are published at an address.
fn at(address: &Value) -> KeySource {
    let setting = address.labels().setting.map(|setting| setting.as_str().into());
    KeySource::Jwks { url: address.as_str().map(Arc::from), setting }
}
