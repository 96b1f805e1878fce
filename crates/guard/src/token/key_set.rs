//! The keys of an identity: a secret, public keys in PEM, or a JSON Web Key Set (RFC 7517). A set is judged as a whole when it
//! is loaded, so that nothing is left to a token but to name one of its keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::{Algorithm, KeyDigest};
use serde_json::Value;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521, OID_PKCS1_RSAENCRYPTION,
    OID_SIG_ED25519,
};
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::{PublicKey, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::jws::decoded;
use super::key::{Curve, Key, KeyError, Material};
use super::{KEY_BYTES_MAX, KEYS_MAX, KEYS_TRIED_MAX};
use crate::json;

/// The most bytes of the `kid` of a key, and of the text of it in messages.
pub(super) const KID_BYTES_MAX: usize = 256;

/// Keys that serve; there is one at least.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Arc<Key>>,
}

/// Which keys a token may be signed with.
pub(super) enum Found<'s> {
    /// One of these.
    Keys(Vec<&'s Arc<Key>>),
    /// None has the name that the token gives.
    Unknown,
    /// The token names none, and there are too many to try.
    TooMany,
}

/// A set as it was read, with what was passed over, and why.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) set: KeySet,
    pub(super) passed_over: Vec<String>,
}

/// What becomes of a key of a set.
enum Verdict {
    Serves(Key),
    /// It is for something else, or of a kind that is not understood (RFC 7517 section 5).
    PassedOver(&'static str),
    Refused(KeyError),
}

impl KeySet {
    /// What a file or a variable holds: a JSON Web Key or a set of them, keys in PEM, or else a secret. One key that is weak
    /// is a reason not to start. With whether one of them is known to everybody.
    pub(super) fn loaded(
        bytes: &[u8],
        algorithms: &[Algorithm],
        known: &[KeyDigest],
    ) -> Result<(Self, bool), KeyError> {
        if bytes.len() > KEY_BYTES_MAX {
            return Err(KeyError::TooLong);
        }
        let is_known = known.contains(&KeyDigest::of(bytes));
        if let Some(all) = web_keys(bytes)? {
            let mut keys = Vec::new();
            let mut others = Vec::new();
            for key in &all {
                match judged(key, algorithms) {
                    Verdict::Serves(key) => keys.push(key),
                    Verdict::PassedOver(why) => others.push(why),
                    Verdict::Refused(error) => return Err(named(key, error)),
                }
            }
            let holds_known = all.iter().filter_map(secret_of).any(|secret| known.contains(&KeyDigest::of(&secret)));
            return Ok((Self::of(keys, &others)?, is_known || holds_known));
        }
        let keys = match is_pem(bytes) {
            true if algorithms.iter().any(|one| one.is_symmetric()) => return Err(KeyError::PublicSecret),
            true => pem_keys(bytes, algorithms)?,
            false if algorithms.iter().any(|one| one.is_symmetric()) => {
                vec![Key::new(None, &Material::Secret(bytes), algorithms)?]
            }
            false => return Err(KeyError::NotKey("it is neither PEM nor a JSON Web Key (Set)".to_owned())),
        };
        Ok((Self::of(keys, &[])?, is_known))
    }

    /// What an issuer publishes. A key that is weak or not understood is passed over, so that one of them does not lock out
    /// everybody; a secret among them is refused with all others, because everybody can read it.
    pub(super) fn fetched(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Judged, KeyError> {
        let value = json::read(bytes).map_err(|why| KeyError::NotKey(format!("the answer {why}")))?;
        let all = value.get("keys").and_then(Value::as_array);
        let all = all.ok_or_else(|| KeyError::NotKey("the answer has no list `keys`".to_owned()))?;
        if all.len() > KEYS_MAX {
            return Err(KeyError::TooMany);
        }
        if all.iter().any(|key| key.get("kty").is_some_and(|kty| kty == "oct")) {
            return Err(KeyError::SharedSecret);
        }
        let (mut keys, mut others, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
        for key in all {
            match judged(key, algorithms) {
                Verdict::Serves(key) => keys.push(key),
                Verdict::PassedOver(why) => others.push(why),
                Verdict::Refused(error) => passed_over.push(named(key, error).to_string()),
            }
        }
        let set = match Self::of(keys, &others) {
            // What was wrong with those that are for us says more than that there are none.
            Err(KeyError::None(_)) if !passed_over.is_empty() => {
                return Err(KeyError::None(format!(": {}", passed_over.join("; "))));
            }
            set => set?,
        };
        Ok(Judged { set, passed_over })
    }

    fn of(keys: Vec<Key>, passed_over: &[&str]) -> Result<Self, KeyError> {
        if keys.is_empty() {
            let why = passed_over.iter().collect::<BTreeSet<_>>().into_iter().copied().collect::<Vec<_>>().join("; ");
            return Err(KeyError::None(if why.is_empty() { why } else { format!(": {why}") }));
        }
        if keys.len() > KEYS_MAX {
            return Err(KeyError::TooMany);
        }
        if keys.iter().any(Key::is_secret) && !keys.iter().all(Key::is_secret) {
            return Err(KeyError::Mixed);
        }
        if keys.iter().filter(|key| key.kid.is_none()).count() > KEYS_TRIED_MAX {
            return Err(KeyError::Unnamed);
        }
        let mut names = BTreeSet::new();
        for kid in keys.iter().filter_map(|key| key.kid.as_ref()) {
            if !names.insert(kid) {
                return Err(KeyError::TwiceNamed(kid.clone()));
            }
        }
        Ok(Self { keys: keys.into_iter().map(Arc::new).collect() })
    }

    /// The keys that a token of this algorithm may be signed with: the one of the name that it gives, else those that have none;
    /// where it gives none, all.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let of = |kid: Option<&str>| self.keys.iter().filter(|key| key.kid.as_deref() == kid).collect::<Vec<_>>();
        let named = match kid {
            None => self.keys.iter().collect(),
            Some(_) => Some(of(kid)).filter(|keys| !keys.is_empty()).unwrap_or_else(|| of(None)),
        };
        if named.is_empty() {
            return Found::Unknown;
        }
        let serving: Vec<_> = named.into_iter().filter(|key| key.serves(algorithm)).collect();
        if serving.len() > KEYS_TRIED_MAX { Found::TooMany } else { Found::Keys(serving) }
    }

    /// Whether this key is one of them.
    pub(super) fn holds(&self, id: &[u8; 32]) -> bool {
        self.keys.iter().any(|key| key.id == *id)
    }

    /// Whether both are the same keys.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.keys.len() == other.keys.len() && self.keys.iter().all(|key| other.holds(&key.id))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

/// The keys of a JSON Web Key Set, or the one of a JSON Web Key; nothing where the text is neither.
fn web_keys(bytes: &[u8]) -> Result<Option<Vec<Value>>, KeyError> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(None);
    }
    let value = match json::read(bytes) {
        Ok(value) => value,
        // A secret may begin in this way, too.
        Err(json::NO_JSON) => return Ok(None),
        Err(why) => return Err(KeyError::NotKey(format!("it {why}"))),
    };
    Ok(match value.get("keys").and_then(Value::as_array) {
        Some(all) => Some(all.clone()),
        None => value.get("kty").is_some().then(|| vec![value]),
    })
}

fn secret_of(key: &Value) -> Option<Vec<u8>> {
    decoded(key.get("k")?.as_str()?)
}

fn named(key: &Value, error: KeyError) -> KeyError {
    match key.get("kid").and_then(Value::as_str) {
        Some(kid) => KeyError::Of { kid: crate::record::cut(kid.to_owned(), KID_BYTES_MAX), error: Box::new(error) },
        None => error,
    }
}

/// Judges a JSON Web Key (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
fn judged(key: &Value, algorithms: &[Algorithm]) -> Verdict {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let is_there = |name: &str| key.get(name).is_some_and(|one| !one.is_null());
    if is_there("use") && text("use") != Some("sig") {
        return Verdict::PassedOver("a key is not for signatures (`use`)");
    }
    if let Some(operations) = key.get("key_ops")
        && !operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    {
        return Verdict::PassedOver("a key is not for verifying (`key_ops`)");
    }
    let kid = match key.get("kid") {
        None => None,
        Some(Value::String(kid)) if kid.len() <= KID_BYTES_MAX => Some(kid.clone()),
        Some(_) => return Verdict::Refused(KeyError::NotKey("its `kid` is no text, or too long".to_owned())),
    };
    let is_public = text("kty") != Some("oct");
    if is_public && is_there("d") {
        return Verdict::Refused(KeyError::Private);
    }
    // A key that says what it is for serves nothing else.
    let mut served = algorithms.to_vec();
    if is_there("alg") {
        served.retain(|one| Some(one.word()) == text("alg"));
        if served.is_empty() {
            return Verdict::PassedOver("a key is for another algorithm (`alg`)");
        }
    }
    with_material(key, |material| match material {
        Ok(material) => match Key::new(kid, &material, &served) {
            Ok(key) => Verdict::Serves(key),
            // It says that it is for an algorithm of another type.
            Err(error @ KeyError::NotServed { .. }) if is_there("alg") => Verdict::Refused(error),
            Err(KeyError::NotServed { .. }) => Verdict::PassedOver("a key is of another type"),
            Err(error) => Verdict::Refused(error),
        },
        Err(verdict) => verdict,
    })
}

/// Takes what a JSON Web Key is made of.
fn with_material(key: &Value, take: impl FnOnce(Result<Material<'_>, Verdict>) -> Verdict) -> Verdict {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let bytes = |name: &str| text(name).and_then(decoded);
    let broken = |what: &str| Err(Verdict::Refused(KeyError::NotKey(format!("its {what} cannot be read"))));
    match text("kty") {
        Some("oct") => match bytes("k") {
            Some(secret) => take(Ok(Material::Secret(&secret))),
            None => take(broken("`k`")),
        },
        Some("RSA") => match (bytes("n"), bytes("e")) {
            (Some(n), Some(e)) => take(Ok(Material::Rsa { modulus: &n, exponent: &e })),
            _ => take(broken("`n` and `e`")),
        },
        Some("EC") => {
            let (curve, length) = match text("crv") {
                Some("P-256") => (Curve::P256, 32),
                Some("P-384") => (Curve::P384, 48),
                Some("P-521") => (Curve::P521, 66),
                _ => return take(Err(Verdict::PassedOver("a key is on a curve that is not used here"))),
            };
            // Both coordinates have the full length (RFC 7518 section 6.2.1.2).
            match (bytes("x"), bytes("y")) {
                (Some(x), Some(y)) if x.len() == length && y.len() == length => {
                    take(Ok(Material::Ec { curve, point: &[&[4], &*x, &*y].concat() }))
                }
                _ => take(broken("`x` and `y`")),
            }
        }
        Some("OKP") if text("crv") == Some("Ed25519") => match bytes("x") {
            Some(x) if x.len() == 32 => take(Ok(Material::Ed25519(&x))),
            _ => take(broken("`x`")),
        },
        _ => take(Err(Verdict::PassedOver("a key is of a type that is not used here (`kty`)"))),
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"-----BEGIN ")
}

/// The public keys of a text in PEM (RFC 7468 sections 5 and 13, RFC 8017 appendix A.1.1).
fn pem_keys(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Vec<Key>, KeyError> {
    let (mut keys, mut certificates) = (Vec::new(), 0);
    for pem in Pem::iter_from_buffer(bytes) {
        let pem = pem.map_err(|error| KeyError::NotKey(error.to_string()))?;
        let of = |info: &SubjectPublicKeyInfo<'_>| public_key(info, algorithms);
        let key = match pem.label.as_str() {
            "PUBLIC KEY" => of(&read(SubjectPublicKeyInfo::from_der, &pem.contents)?)?,
            "RSA PUBLIC KEY" => {
                let key = read(RSAPublicKey::from_der, &pem.contents)?;
                Key::new(None, &Material::Rsa { modulus: key.modulus, exponent: key.exponent }, algorithms)?
            }
            "CERTIFICATE" => {
                certificates += 1;
                of(&read(x509_parser::parse_x509_certificate, &pem.contents)?.tbs_certificate.subject_pki)?
            }
            label if label.ends_with("PRIVATE KEY") => return Err(KeyError::Private),
            label => return Err(KeyError::NotKey(format!("`{}` is no public key", label.escape_debug()))),
        };
        keys.push(key);
        if keys.len() > KEYS_MAX {
            return Err(KeyError::TooMany);
        }
    }
    // The others of a chain are keys of authorities, who sign no tokens.
    if certificates > 1 { Err(KeyError::Certificates) } else { Ok(keys) }
}

/// All of some DER.
fn read<'d, T>(
    parse: impl FnOnce(&'d [u8]) -> Result<(&'d [u8], T), x509_parser::nom::Err<x509_parser::error::X509Error>>,
    der: &'d [u8],
) -> Result<T, KeyError> {
    match parse(der) {
        Ok(([], read)) => Ok(read),
        Ok(_) => Err(KeyError::NotKey("something follows behind it".to_owned())),
        Err(_) => Err(KeyError::NotKey("its DER cannot be read".to_owned())),
    }
}

fn public_key(info: &SubjectPublicKeyInfo<'_>, algorithms: &[Algorithm]) -> Result<Key, KeyError> {
    let bytes = &*info.subject_public_key.data;
    let not_key = |what: &str| KeyError::NotKey(what.to_owned());
    let kind = &info.algorithm.algorithm;
    if *kind == OID_PKCS1_RSAENCRYPTION {
        return match info.parsed() {
            Ok(PublicKey::RSA(key)) => {
                Key::new(None, &Material::Rsa { modulus: key.modulus, exponent: key.exponent }, algorithms)
            }
            _ => Err(not_key("its RSA key cannot be read")),
        };
    }
    if *kind == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
        let curve = match curve {
            Some(curve) if curve == OID_EC_P256 => Curve::P256,
            Some(curve) if curve == OID_NIST_EC_P384 => Curve::P384,
            Some(curve) if curve == OID_NIST_EC_P521 => Curve::P521,
            _ => return Err(not_key("it is on a curve that is not used here")),
        };
        return Key::new(None, &Material::Ec { curve, point: bytes }, algorithms);
    }
    if *kind == OID_SIG_ED25519 && bytes.len() == 32 {
        return Key::new(None, &Material::Ed25519(bytes), algorithms);
    }
    Err(not_key("it is of a type that is not used here"))
}
