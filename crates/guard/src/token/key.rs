//! One key, judged when it is loaded: what it serves is decided by its type and by the policy, never by a token.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};
use policy::Algorithm;
use sha2::{Digest, Sha256};

use super::{KEY_BYTES_MAX, RSA_KEY_BITS_MAX, RSA_KEY_BITS_MIN};

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is none.
    #[error("the key cannot be read: {0}")]
    Unreadable(String),
    /// It is too short.
    #[error(
        "the key has {bytes} bytes, and {} needs {} (RFC 7518 section 3.2)", .algorithm.word(), hmac_bytes_min(*.algorithm)
    )]
    ShortSecret {
        /// What it is for.
        algorithm: Algorithm,
        /// How long it is.
        bytes: usize,
    },
    /// It is too long to be one.
    #[error("the key has more than {KEY_BYTES_MAX} bytes")]
    TooLong,
    /// It is too short, or longer than what is verified with.
    #[error(
        "the RSA key has {bits} bits, and from {RSA_KEY_BITS_MIN} (RFC 7518 section 3.3) to {RSA_KEY_BITS_MAX} are taken"
    )]
    RsaLength {
        /// How long it is.
        bits: usize,
    },
    /// With such an exponent signatures can be made without the key.
    #[error("the public exponent of the RSA key is even, 1, or longer than 32 bits")]
    RsaExponent,
    /// It was made by hardware whose keys can be computed from their public part (CVE-2017-15361).
    #[error("the RSA key was made by a generator whose keys can be broken (ROCA, CVE-2017-15361): make a new one")]
    Roca,
    /// A public key or a certificate is no secret.
    #[error("the key is in PEM, which is no secret for HMAC: whoever knows it could sign")]
    PublicSecret,
    /// What verifies needs no more than the public key.
    #[error("this is a private key: the gateway needs the public one alone, and nobody else should have this")]
    Private,
    /// It is no key.
    #[error("this is no key: {0}")]
    NotKey(String),
    /// It is a key for something else.
    #[error("{key} is for none of `algorithms`")]
    NotServed {
        /// What it is.
        key: &'static str,
    },
    /// One of the keys of a set.
    #[error("the key `{kid}`: {error}")]
    Of {
        /// Which.
        kid: String,
        /// What is wrong with it.
        error: Box<KeyError>,
    },
    /// Two keys have one name, so that the name says nothing.
    #[error("two keys of the set have the `kid` `{0}`")]
    TwiceNamed(String),
    /// It cannot be told which of them signs.
    #[error("there are several certificates, and it cannot be told which is of the issuer: write its public key alone")]
    Certificates,
    /// Secrets and public keys are in one set.
    #[error("secrets and public keys stand in one set: whoever knows a public key could sign with it")]
    Mixed,
    /// A secret can be read by everybody.
    #[error("the set that is fetched holds a secret (`oct`), which everybody can fetch")]
    SharedSecret,
    /// There are too many of them.
    #[error("the set has more than {} keys", super::KEYS_MAX)]
    TooMany,
    /// No token could say which of them it is signed with.
    #[error("more than {} keys have no `kid`, and a token is not tried with so many", super::KEYS_TRIED_MAX)]
    Unnamed,
    /// There is none that the policy takes.
    #[error("the set holds no key for `algorithms`{0}")]
    None(String),
    /// It stands in the code.
    #[error(
        "the key is one of `refuse_keys`: everybody knows it who has read the code. Make a new one, and give it to the \
         application and to the gateway"
    )]
    Known,
}

/// What a key is made of, before it is judged.
pub(super) enum Material<'k> {
    /// A secret.
    Secret(&'k [u8]),
    /// Modulus and exponent, big-endian.
    Rsa { modulus: &'k [u8], exponent: &'k [u8] },
    /// A point on a curve (SEC 1 section 2.3.3).
    Ec { curve: Curve, point: &'k [u8] },
    /// A public key of Ed25519 (RFC 8032 section 5.1.5).
    Ed25519(&'k [u8]),
}

/// A curve of ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    /// P-256, for ES256.
    P256,
    /// P-384, for ES384.
    P384,
    /// P-521, for ES512.
    P521,
}

/// A key that serves.
pub(crate) struct Key {
    /// Its name in a set.
    pub(super) kid: Option<String>,
    /// How each algorithm that it serves is verified.
    verifiers: Vec<(Algorithm, Verifies)>,
    /// What tells it from every other key.
    pub(super) id: [u8; 32],
}

enum Verifies {
    Hmac(Box<hmac::Key>),
    Signature(ParsedPublicKey),
}

impl Key {
    /// Judges a key for those of these algorithms that are of its type; there must be one.
    pub(super) fn new(
        kid: Option<String>,
        material: &Material<'_>,
        algorithms: &[Algorithm],
    ) -> Result<Self, KeyError> {
        let served: Vec<Algorithm> = algorithms.iter().copied().filter(|one| material.serves(*one)).collect();
        if served.is_empty() {
            return Err(KeyError::NotServed { key: material.told() });
        }
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        };
        add(kid.as_deref().unwrap_or_default().as_bytes());
        add(&[u8::from(kid.is_some())]);
        served.iter().for_each(|one| add(one.word().as_bytes()));
        let verifiers = match material {
            Material::Secret(secret) => {
                add(secret);
                secrets(secret, &served)?
            }
            Material::Rsa { modulus, exponent } => {
                let (modulus, exponent) = (significant(modulus), significant(exponent));
                judge_rsa(modulus, exponent)?;
                let der = rsa_public_key(modulus, exponent);
                add(&der);
                public(&der, &served)?
            }
            Material::Ec { point, .. } | Material::Ed25519(point) => {
                add(point);
                public(point, &served)?
            }
        };
        Ok(Self { kid, verifiers, id: digest.finalize().into() })
    }

    /// Whether it serves this algorithm.
    pub(super) fn serves(&self, algorithm: Algorithm) -> bool {
        self.verifiers.iter().any(|(known, _)| *known == algorithm)
    }

    /// Whether it is a secret.
    pub(super) fn is_secret(&self) -> bool {
        self.verifiers.iter().any(|(_, one)| matches!(one, Verifies::Hmac(_)))
    }

    /// Whether this is its signature of a text. MACs are compared in constant time.
    pub(super) fn signed(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let verifier = self.verifiers.iter().find(|(known, _)| *known == algorithm);
        verifier.is_some_and(|(_, verifier)| match verifier {
            Verifies::Hmac(key) => hmac::verify(key, text, signature).is_ok(),
            Verifies::Signature(key) => key.verify_sig(text, signature).is_ok(),
        })
    }
}

impl Material<'_> {
    fn serves(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Es512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Secret(_) => algorithm.is_symmetric(),
            Self::Rsa { .. } => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
            Self::Ec { curve: Curve::P256, .. } => algorithm == Es256,
            Self::Ec { curve: Curve::P384, .. } => algorithm == Es384,
            Self::Ec { curve: Curve::P521, .. } => algorithm == Es512,
            Self::Ed25519(_) => algorithm == EdDsa,
        }
    }

    fn told(&self) -> &'static str {
        match self {
            Self::Secret(_) => "a secret",
            Self::Rsa { .. } => "an RSA key",
            Self::Ec { curve: Curve::P256, .. } => "a key on P-256",
            Self::Ec { curve: Curve::P384, .. } => "a key on P-384",
            Self::Ec { curve: Curve::P521, .. } => "a key on P-521",
            Self::Ed25519(_) => "an Ed25519 key",
        }
    }
}

/// The fewest bytes of a secret: as many as the hash has (RFC 7518 section 3.2).
pub(super) const fn hmac_bytes_min(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs384 => 48,
        Algorithm::Hs512 => 64,
        _ => super::HMAC_KEY_BYTES_MIN,
    }
}

fn secrets(secret: &[u8], served: &[Algorithm]) -> Result<Vec<(Algorithm, Verifies)>, KeyError> {
    let judged = served.iter().map(|algorithm| {
        if secret.len() < hmac_bytes_min(*algorithm) {
            return Err(KeyError::ShortSecret { algorithm: *algorithm, bytes: secret.len() });
        }
        let hash = match algorithm {
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            _ => hmac::HMAC_SHA256,
        };
        Ok((*algorithm, Verifies::Hmac(Box::new(hmac::Key::new(hash, secret)))))
    });
    judged.collect()
}

fn public(key: &[u8], served: &[Algorithm]) -> Result<Vec<(Algorithm, Verifies)>, KeyError> {
    let parsed = served.iter().map(|algorithm| {
        let of = verification(*algorithm).ok_or(KeyError::NotServed { key: "a public key" })?;
        let key = ParsedPublicKey::new(of, key).map_err(|error| KeyError::NotKey(error.to_string()))?;
        Ok((*algorithm, Verifies::Signature(key)))
    });
    parsed.collect()
}

/// How signatures of public keys are verified (RFC 7518 section 3.1, RFC 8037 section 3.1).
fn verification(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
        Algorithm::Es512 => &ECDSA_P521_SHA512_FIXED,
        Algorithm::EdDsa => &ED25519,
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
    })
}

/// A number without the zeros in front.
fn significant(number: &[u8]) -> &[u8] {
    let at = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    number.get(at..).unwrap_or_default()
}

fn judge_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = (modulus.len() * 8).saturating_sub(leading);
    if !(RSA_KEY_BITS_MIN..=RSA_KEY_BITS_MAX).contains(&bits) {
        return Err(KeyError::RsaLength { bits });
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    if exponent.len() > size_of::<u32>() || !is_odd(exponent) || exponent == [1] {
        return Err(KeyError::RsaExponent);
    }
    if !is_odd(modulus) {
        return Err(KeyError::NotKey("the modulus is even".to_owned()));
    }
    if is_roca(modulus) { Err(KeyError::Roca) } else { Ok(()) }
}

/// Whether a modulus has the mark of the generator of CVE-2017-15361: modulo each of these primes it is a power of 65537. Of
/// other moduli one in some 150 million has it by chance.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut powers = std::iter::successors(Some(1), |power| Some(power * (65_537 % prime) % prime));
        // They come round after at most as many steps as the prime.
        powers.by_ref().zip(0..*prime).any(|(power, _)| power == rest)
    })
}

/// An `RSAPublicKey` (RFC 8017 appendix A.1.1).
fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    der(0x30, &[integer(modulus), integer(exponent)].concat())
}

fn integer(number: &[u8]) -> Vec<u8> {
    let is_high = number.first().is_some_and(|byte| *byte >= 0x80);
    let sign: &[u8] = if is_high { &[0] } else { &[] };
    der(0x02, &[sign, number].concat())
}

/// A DER element.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    if let Ok(short @ ..0x80) = u8::try_from(contents.len()) {
        element.push(short);
    } else {
        let length = contents.len().to_be_bytes();
        let digits = significant(&length);
        element.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
        element.extend_from_slice(digits);
    }
    element.extend_from_slice(contents);
    element
}

/// Keys never show themselves.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serves: Vec<&str> = self.verifiers.iter().map(|(algorithm, _)| algorithm.word()).collect();
        f.debug_struct("Key").field("kid", &self.kid).field("serves", &serves).finish_non_exhaustive()
    }
}
