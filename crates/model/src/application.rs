//! Applications: what is served together, and how its router picks an endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EndpointId, Evidence, Method, Principal, SecurityScheme, TokenRecipe, ValueType};

/// An application that the code builds. A repository may hold several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// How a server would be told to run it: `app.main:app`. Unique in a report.
    pub name: Arc<str>,
    /// The framework, in lower case: `fastapi`.
    pub framework: Arc<str>,
    /// The file that makes it, relative to the scanned root, with `/`.
    pub file: Arc<str>,
    /// The line of that call, counted from 1.
    pub line: u32,
    /// Its endpoints in registration order: ids of the report's endpoints.
    pub endpoints: Vec<EndpointId>,
    /// How its router picks an endpoint.
    pub router: RouterRules,
    /// The methods that the framework adds by itself, where nothing declares them: `HEAD` beside each `GET`, `OPTIONS`
    /// beside all.
    #[serde(default)]
    pub implicit_methods: Vec<Method>,
    /// The middleware, the outermost first.
    #[serde(default)]
    pub middleware: Vec<Middleware>,
    /// What is served below a path and has no endpoints of its own that are known: directories of files, other applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountPoint>,
    /// The security schemes by name, as conditions name them.
    #[serde(default)]
    pub security_schemes: IndexMap<Arc<str>, SecurityScheme>,
    /// Who its requests act for.
    #[serde(default)]
    pub principals: Vec<Principal>,
    /// The object models it uses: names of the report's objects.
    #[serde(default)]
    pub objects: Vec<Arc<str>>,
    /// How tokens are issued and checked.
    #[serde(default)]
    pub tokens: Vec<TokenRecipe>,
}

/// Something that answers everything below a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct MountPoint {
    /// The path below which it answers, as the client sees it.
    pub path: Arc<str>,
    /// What is mounted.
    pub kind: MountKind,
    /// The place that mounts it.
    pub evidence: Evidence,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MountKind {
    /// Files of a directory.
    Files,
    /// An application whose endpoints are not known.
    Unknown,
}

/// How a router picks an endpoint for a request. The guard's match must pick the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RouterRules {
    /// Which of several matching templates wins.
    pub order: MatchOrder,
    /// What a method that the winning template does not take means.
    pub method_mismatch: MethodMismatch,
    /// What a missing or surplus slash at the end means.
    pub trailing_slash: TrailingSlash,
    /// Whether literals are compared with their case.
    pub case: CaseRule,
    /// What `//` in a request means.
    pub double_slash: DoubleSlash,
    /// The status of the router's own redirects (RFC 9110 section 15.4); null where it makes none.
    #[serde(default)]
    pub redirect_status: Option<u16>,
    /// The converters that templates may name.
    #[serde(default)]
    pub converters: BTreeMap<Arc<str>, ConverterRule>,
}

/// What a converter matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ConverterRule {
    /// The expression in Python syntax that the whole value must match; null where it is not known.
    pub regex: Option<Arc<str>>,
    /// Whether the value may contain `/`.
    #[serde(default)]
    pub rest: bool,
    /// What the handler receives.
    #[serde(rename = "type")]
    pub value_type: ValueType,
}

/// Which of several matching templates wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchOrder {
    /// The one that was registered first (Starlette, Django, aiohttp).
    FirstMatch,
    /// The most specific one, by the router's weights (Werkzeug, Sanic, Litestar).
    MostSpecific,
}

/// What it means when a template matches and its methods do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MethodMismatch {
    /// Later templates are tried (Starlette, Werkzeug).
    TryNext,
    /// The request is refused (Django: the view answers 405).
    Refuse,
}

/// What a missing or surplus slash at the end of a request's path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrailingSlash {
    /// Another path.
    Strict,
    /// The client is sent to the path that matches, with or without the slash.
    Redirect,
    /// The client is sent to the path with the slash; a surplus one is another path (Werkzeug, Django).
    RedirectToSlash,
    /// The same path.
    Ignored,
    /// One route says this, another one that.
    ByRoute,
}

/// Whether the literals of a template are compared with their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaseRule {
    /// `/Items` is another path than `/items`.
    Sensitive,
    /// They are the same.
    Insensitive,
}

/// What two slashes in a row mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DoubleSlash {
    /// Another path.
    Strict,
    /// The client is sent to the path with one (Werkzeug's `merge_slashes`).
    Redirect,
    /// The same path as with one.
    Merged,
}

/// A middleware or hook that runs around every endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Middleware {
    /// The qualified name: `starlette.middleware.cors.CORSMiddleware`.
    pub name: Arc<str>,
    /// What it is for.
    pub purpose: MiddlewarePurpose,
    /// Where it is added.
    pub evidence: Evidence,
    /// The arguments that are known.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub options: IndexMap<Arc<str>, Value>,
}

/// What a middleware is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MiddlewarePurpose {
    /// Finds out or demands the principal.
    Identify,
    /// Refuses by role, scope or permission.
    Authorize,
    /// Cross-origin resource sharing.
    Cors,
    /// Refuses cross-site requests.
    CrossSite,
    /// Limits rates or sizes.
    Limit,
    /// Checks the host name.
    Host,
    /// Demands TLS or redirects to it.
    Tls,
    /// Adds response headers.
    Headers,
    /// Keeps a session.
    Session,
    /// Trusts proxies' headers.
    Proxy,
    /// Caches responses.
    Cache,
    /// Something else, or not understood.
    Other,
}
