//! Keys that an issuer publishes (RFC 7517), where the client of a library fetches them from an address that it was given. What a
//! program fetches by itself is not followed: which of its requests gave the key is not known.

use std::sync::Arc;

use model::KeySource;
use python::interp::Interp;
use python::value::Value;

use crate::frameworks::attribute;

/// The class of keys that a description says are fetched.
const CLASS: &str = "jwt.jwks_client._Published";

/// Where a key comes from that is fetched; nothing for any other.
pub(super) fn fetched(interp: &Interp<'_>, key: &Value) -> Option<KeySource> {
    if !interp.derives_from(&interp.class_of(key), CLASS) {
        return None;
    }
    let address = attribute(interp, key, "address").unwrap_or(Value::None);
    let setting = address.labels().setting.map(|setting| setting.as_str().into());
    Some(KeySource::Jwks { url: address.as_str().map(Arc::from), setting })
}
