//! Who a request acts for, and how it says so.

use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Known, ParameterRef};

/// Who a request acts for, as handlers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Principal {
    /// What gives it to handlers: the qualified name of a dependency, of a request attribute or of a library's proxy.
    pub source: Arc<str>,
    /// The security scheme by which it is identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Arc<str>>,
    /// The object model that holds principals, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Arc<str>>,
    /// Its field that identifies it: `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<str>>,
    /// Its fields that hold roles or rights: `role`, `is_superuser`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Arc<str>>,
    /// Its field that holds the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// How the token's claim leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Known<ClaimBinding>>,
    /// The places that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// What identifies a principal: the claim in the token, and the column of the user model that the claim holds. An owner
/// column often holds an integer while `sub` holds a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ClaimBinding {
    /// The claim: `sub` (RFC 7519 section 4.1.2).
    pub claim: Arc<str>,
    /// The column of the principal's object model that holds its value.
    pub column: Arc<str>,
}

/// How a request proves who it acts for: a security scheme of OpenAPI 3.1 (section 4.8.27), and what it cannot say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityScheme {
    /// Its kind.
    #[serde(flatten)]
    pub kind: SecuritySchemeKind,
    /// Where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// The kinds of security schemes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum SecuritySchemeKind {
    /// An `Authorization` field (RFC 9110 section 11).
    Http {
        /// The scheme in lower case: `bearer`, `basic`.
        scheme: Arc<str>,
    },
    /// A key in a header, query parameter or cookie.
    ApiKey {
        /// Where it stands.
        parameter: ParameterRef,
    },
    /// OAuth 2 (RFC 6749).
    Oauth2 {
        /// The flow as OpenAPI names it: `password`, `authorizationCode`; null where it is not known.
        flow: Option<Arc<str>>,
        /// Where tokens are issued.
        token_url: Option<Arc<str>>,
        /// Scopes with their descriptions.
        scopes: IndexMap<Arc<str>, String>,
    },
    /// `OpenID` Connect.
    OpenIdConnect {
        /// The discovery document's address.
        url: Option<Arc<str>>,
    },
    /// A client certificate.
    MutualTls,
    /// A session cookie of the framework or of a library.
    Session {
        /// The cookie's name; null where it is not known.
        cookie: Option<Arc<str>>,
    },
    /// The project's own check, such as a signature over the body.
    Custom {
        /// The parameters it reads.
        parameters: Vec<ParameterRef>,
    },
}

impl From<SecuritySchemeKind> for SecurityScheme {
    fn from(kind: SecuritySchemeKind) -> Self {
        Self { kind, evidence: None }
    }
}
