//! How tokens are issued and checked, and how one registers and logs in.

use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EndpointId, Evidence, Known, ParameterRef, Secret};

/// How one kind of token is issued and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRecipe {
    /// The security scheme that takes it.
    pub scheme: Arc<str>,
    /// What kind of token it is.
    pub kind: TokenKind,
    /// Where a request carries it.
    #[serde(default)]
    pub carried: Option<TokenCarrier>,
    /// How it is issued; null where the project does not issue it.
    #[serde(default)]
    pub issue: Option<TokenIssue>,
    /// How it is checked; null where that is not known.
    #[serde(default)]
    pub check: Option<TokenCheck>,
    /// How one registers.
    #[serde(default)]
    pub register: Option<CredentialExchange>,
    /// How one logs in.
    #[serde(default)]
    pub login: Option<CredentialExchange>,
}

/// The kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// A value signed by the framework (`itsdangerous`, Django's signing).
    Signed,
    /// A value that is looked up.
    Opaque,
}

/// Where a request carries a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct TokenCarrier {
    /// The header, cookie or parameter.
    pub parameter: ParameterRef,
    /// What stands before the token, such as `Bearer `.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub prefix: Arc<str>,
}

/// How a token is issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenIssue {
    /// The algorithm (RFC 7518 section 3.1): `HS256`.
    pub algorithm: Known<Arc<str>>,
    /// Where the key comes from.
    pub key: KeySource,
    /// The claims, each with where its value comes from, in the words of the code.
    #[serde(default)]
    pub claims: IndexMap<Arc<str>, String>,
    /// How long it is valid, in seconds; null where it has no end or that is not known.
    #[serde(default)]
    pub lifetime_s: Option<u64>,
    /// The place that issues it.
    pub evidence: Evidence,
}

/// How a token is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenCheck {
    /// Whether the signature is verified.
    pub signature: Known<bool>,
    /// The algorithms that are accepted; empty where the code lists none.
    #[serde(default)]
    pub algorithms: Vec<Arc<str>>,
    /// Where the key comes from.
    pub key: KeySource,
    /// The registered claims that are verified (RFC 7519 section 4.1): `exp`, `aud`, `iss`.
    #[serde(default)]
    pub claims: Vec<Arc<str>>,
    /// Of these `aud` must hold one; absent where it is not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Known<Vec<Arc<str>>>>,
    /// What `iss` must be, one of these; absent where it is not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Known<Vec<Arc<str>>>>,
    /// The place that checks it.
    pub evidence: Evidence,
}

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum KeySource {
    /// It stands in the code.
    Literal {
        /// The key itself: known to this process, never written anywhere.
        #[serde(skip)]
        value: Option<Secret<String>>,
        /// Its length in bytes.
        bytes: usize,
        /// Where it stands.
        evidence: Evidence,
    },
    /// A setting or environment variable.
    Setting {
        /// Its name.
        name: Arc<str>,
        /// The environment variable that sets it, where that is not its name in capitals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        variable: Option<Arc<str>>,
        /// The default that stands in the code, if one does.
        #[serde(skip)]
        default: Option<Secret<String>>,
        /// Whether there is such a default.
        has_default: bool,
        /// Where the default stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Evidence>,
    },
    /// A file.
    File {
        /// Its path as the code says it.
        path: Arc<str>,
    },
    /// Keys that an issuer publishes (RFC 7517).
    Jwks {
        /// Their address, or that of the discovery document that names it; null where it is not known.
        url: Option<Arc<str>>,
        /// The setting that holds it, with the address as its default, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        setting: Option<Arc<str>>,
    },
    /// Made anew when the application starts.
    Generated,
    /// Not understood, for a reason.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// How one registers or logs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CredentialExchange {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The parameter that takes the name.
    pub name: ParameterRef,
    /// The parameter that takes the password; null where there is none.
    #[serde(default)]
    pub password: Option<ParameterRef>,
    /// Where the answer's body holds the token, as a JSON Pointer (RFC 6901); null where it holds none.
    #[serde(default)]
    pub token: Option<Arc<str>>,
}

/// The first letters of the algorithms (RFC 7518 section 3.1, RFC 8037) that sign with one key and verify with another.
const ASYMMETRIC: &[&str] = &["RS", "PS", "ES", "Ed"];

impl TokenCheck {
    /// Whether a key that stands in the code is no secret: what asymmetric algorithms verify with is meant to be public,
    /// unless the code verifies with the private key itself.
    pub fn is_by_public_key(&self) -> bool {
        let (KeySource::Literal { value: text, .. } | KeySource::Setting { default: text, has_default: true, .. }) =
            &self.key
        else {
            return false;
        };
        let holds = |words: &str| text.as_ref().is_some_and(|text| text.expose().contains(words));
        let is_asymmetric = |name: &Arc<str>| ASYMMETRIC.iter().any(|begin| name.starts_with(begin));
        match self.algorithms.as_slice() {
            [] => holds("PUBLIC KEY-----") || holds("-----BEGIN CERTIFICATE-----"),
            all => all.iter().all(is_asymmetric) && !holds("PRIVATE KEY-----"),
        }
    }
}

impl KeySource {
    /// A key that stands in the code.
    pub fn literal(value: impl Into<String>, evidence: Evidence) -> Self {
        let value = value.into();
        Self::Literal { bytes: value.len(), value: Some(Secret::new(value)), evidence }
    }

    /// A setting without a default.
    pub fn setting(name: impl Into<Arc<str>>) -> Self {
        Self::Setting { name: name.into(), variable: None, default: None, has_default: false, evidence: None }
    }

    /// A setting whose default stands in the code.
    pub fn setting_with_default(name: impl Into<Arc<str>>, default: impl Into<String>) -> Self {
        Self::Setting {
            name: name.into(),
            variable: None,
            default: Some(Secret::new(default.into())),
            has_default: true,
            evidence: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asymmetric_algorithms_verify_with_is_public() {
        let place = || Evidence::new("app/config.py", 3, "`KEY = ...`");
        let is_public = |algorithms: &[&str], key: &str| {
            let check = TokenCheck {
                signature: Known::proven(true, Vec::new()),
                algorithms: algorithms.iter().map(|name| Arc::from(*name)).collect(),
                key: KeySource::literal(key, place()),
                claims: Vec::new(),
                audience: None,
                issuer: None,
                evidence: place(),
            };
            check.is_by_public_key()
        };
        let (public, private) = ("-----BEGIN PUBLIC KEY-----\nMIIB", "-----BEGIN RSA PRIVATE KEY-----\nMIIE");
        assert!(is_public(&["RS256"], public) && is_public(&["ES256", "EdDSA"], public) && is_public(&[], public));
        assert!(!is_public(&["RS256"], private), "what signs is secret");
        assert!(!is_public(&["HS256"], public), "whoever knows it signs with it");
        assert!(!is_public(&["RS256", "HS256"], public) && !is_public(&[], "hunter2"));
    }

    #[test]
    fn a_key_in_the_code_is_never_written() {
        let key = KeySource::literal("hunter2", Evidence::new("app/config.py", 3, "`KEY = ...`"));
        let json = serde_json::to_string(&key).unwrap();
        assert!(!json.contains("hunter2") && !format!("{key:?}").contains("hunter2"));
        assert!(json.contains(r#""from":"literal""#) && json.contains(r#""bytes":7"#));
        let default = KeySource::setting_with_default("SECRET_KEY", "hunter2");
        assert!(!serde_json::to_string(&default).unwrap().contains("hunter2"));
    }
}
