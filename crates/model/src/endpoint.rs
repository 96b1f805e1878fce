//! Endpoints: one method on one path template, with everything that is known about it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Access, Effect, EndpointId, Evidence, IdProducer, Method, NobodysWrite, Parameter, PathPattern, SchemaRef, Sink,
    UndeclaredWrite,
};

/// One method on one path template of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// How a request selects it; gives `id`, `method`, `path`, `kind` and `host`.
    #[serde(flatten)]
    pub route: Route,
    /// The application it belongs to, by name.
    pub application: Arc<str>,
    /// The framework that answers, in lower case: `fastapi`.
    pub framework: Arc<str>,
    /// Whose code it is.
    pub origin: Origin,
    /// The function or method that answers.
    pub handler: Handler,
    /// What the handler takes from the request outside the body.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// The body it takes; null where it takes none.
    #[serde(default)]
    pub request_body: Option<RequestBody>,
    /// What it answers when all is well; null where that is not known.
    #[serde(default)]
    pub response: Option<Response>,
    /// Who is admitted.
    pub access: Access,
    /// What the handler does.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// The rate limits that the code declares.
    #[serde(default)]
    pub limits: Vec<RateLimit>,
    /// The version of the API it belongs to; null where there is none.
    #[serde(default)]
    pub version: Option<Arc<str>>,
    /// Whether it is marked as deprecated.
    #[serde(default)]
    pub deprecated: bool,
    /// When and for what it goes, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<Deprecation>,
    /// OpenAPI tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Arc<str>>,
    /// The router, blueprint or view set it was registered on, as a reader would name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<Arc<str>>,
    /// Whether the application's own OpenAPI document shows it. Left out of the JSON when true.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    #[schemars(default = "yes")]
    pub in_schema: bool,
    /// The name in the application's OpenAPI document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<Arc<str>>,
    /// The columns that name who a request acts for, where the handler writes them for nobody: a request without a credential gets there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_for_nobody: Vec<NobodysWrite>,
    /// Columns that a request can set although the declared schema does not name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undeclared_writes: Vec<UndeclaredWrite>,
    /// Dangerous calls that values of the request reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sinks: Vec<Sink>,
    /// Endpoints that give the ids which this one takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub producers: Vec<IdProducer>,
    /// Further registrations for the same requests, which the router never picks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreached: Vec<Unreached>,
}

/// A registration for requests that another one, which the router prefers, already takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unreached {
    /// Its method.
    pub method: Method,
    /// What would answer.
    pub handler: Handler,
    /// Who would be admitted.
    pub access: Access,
}

/// How a request selects an endpoint: the method, the path template, and the host where it selects. The id, the path and
/// the kind follow from these and are never set apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "RouteJson", try_from = "RouteJson")]
#[schemars(with = "RouteJson")]
pub struct Route {
    id: EndpointId,
    pattern: PathPattern,
    host: Option<PathPattern>,
}

/// The protocol of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// Requests and responses.
    Http,
    /// A WebSocket.
    Websocket,
}

/// Whose code answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The project's own.
    Project,
    /// The framework's: documentation pages, the OpenAPI document, static files.
    Framework,
    /// A library's that the project mounts or registers.
    Library,
}

/// The function, method or object that answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Handler {
    /// Relative to the scanned root, with `/`; where it is not the project's, the file that registers it.
    pub file: Arc<str>,
    /// The line of `def` (or of the registration), counted from 1.
    pub line: u32,
    /// The qualified name: `app.api.routes.items.read_item`.
    pub name: Arc<str>,
}

/// The body that an endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct RequestBody {
    /// Its schema; null where it is read without one.
    #[serde(default)]
    pub schema: Option<SchemaRef>,
    /// The media types it is read as (RFC 9110 section 8.3.1); empty where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content_types: Vec<Arc<str>>,
    /// Whether a request without it is refused.
    #[serde(default)]
    pub required: bool,
    /// What happens to fields that the schema does not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_fields: Option<UnknownFields>,
    /// The most bytes that are read, where something checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_max: Option<u64>,
}

/// What happens to fields that a schema does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownFields {
    /// The request is refused.
    Refused,
    /// They are dropped.
    Dropped,
    /// They reach the handler.
    Kept,
}

/// What an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// The schema of its body; null where it has none.
    #[serde(default)]
    pub schema: Option<SchemaRef>,
    /// The status code (RFC 9110 section 15), where the code says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The media type, where the code says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Arc<str>>,
    /// Whether the body is a list of what the schema describes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// Whether the framework writes the body through the schema, so that other fields do not leave.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filtered: bool,
}

/// A rate limit that the code declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// How many requests in a window; null where that is not known.
    pub quota: Option<u64>,
    /// The window in seconds; null where that is not known.
    pub window_s: Option<u64>,
    /// What is counted: `address`, `principal`, `key`, `path` (each that is asked for), or a name of the library's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Arc<str>>,
    /// The name of the count that endpoints share; absent: each endpoint counts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Arc<str>>,
    /// Whether it counts only requests of who is not signed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// The place that declares it.
    pub evidence: Evidence,
}

/// When and for what a deprecated endpoint goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Deprecation {
    /// Since when it is deprecated (RFC 9745), as an RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Arc<str>>,
    /// When it stops answering (RFC 8594), as an RFC 3339 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sunset: Option<Arc<str>>,
    /// The endpoint that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<EndpointId>,
}

impl Endpoint {
    /// An endpoint of the project of which only the essential is known.
    pub fn new(
        route: Route,
        application: impl Into<Arc<str>>,
        framework: impl Into<Arc<str>>,
        handler: Handler,
        access: Access,
    ) -> Self {
        Self {
            route,
            application: application.into(),
            framework: framework.into(),
            origin: Origin::Project,
            handler,
            parameters: Vec::new(),
            request_body: None,
            response: None,
            access,
            effects: Vec::new(),
            limits: Vec::new(),
            version: None,
            deprecated: false,
            deprecation: None,
            tags: Vec::new(),
            router: None,
            in_schema: true,
            operation_id: None,
            written_for_nobody: Vec::new(),
            undeclared_writes: Vec::new(),
            sinks: Vec::new(),
            producers: Vec::new(),
            unreached: Vec::new(),
        }
    }

    /// The id, unique within the application.
    pub fn id(&self) -> &EndpointId {
        self.route.id()
    }

    /// The method.
    pub fn method(&self) -> &Method {
        self.route.id().method()
    }

    /// The full path as the client sees it, parameters as `{name}`.
    pub fn path(&self) -> String {
        self.route.pattern().to_string()
    }

    /// The protocol.
    pub fn kind(&self) -> EndpointKind {
        self.route.kind()
    }
}

impl Route {
    /// A method on a full path template; a leading slash is added where it lacks.
    pub fn new(method: Method, pattern: PathPattern) -> Self {
        let pattern = pattern.rooted();
        Self { id: EndpointId::new(method, &pattern), pattern, host: None }
    }

    /// The same route on one host.
    #[must_use]
    pub fn with_host(self, host: PathPattern) -> Self {
        Self { id: self.id.with_host(&host), host: (!host.is_empty()).then_some(host), ..self }
    }

    /// The same route for one version that is selected outside the path.
    #[must_use]
    pub fn with_selected_version(self, version: &str) -> Self {
        Self { id: self.id.with_version(version), ..self }
    }

    /// The n-th route with this method and template, from 1: see [`EndpointId::with_variant`].
    #[must_use]
    pub fn with_variant(self, variant: u32) -> Self {
        Self { id: self.id.with_variant(variant), ..self }
    }

    /// The id.
    pub fn id(&self) -> &EndpointId {
        &self.id
    }

    /// The full path template.
    pub fn pattern(&self) -> &PathPattern {
        &self.pattern
    }

    /// The host, where it selects.
    pub fn host(&self) -> Option<&PathPattern> {
        self.host.as_ref()
    }

    /// The protocol.
    pub fn kind(&self) -> EndpointKind {
        match self.id.method() {
            Method::WebSocket => EndpointKind::Websocket,
            _ => EndpointKind::Http,
        }
    }
}

impl Handler {
    /// A handler at the line of its `def`.
    pub fn new(file: impl Into<Arc<str>>, line: u32, name: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line, name: name.into() }
    }
}

/// The JSON of a route, flattened into its endpoint's.
#[derive(Serialize, Deserialize, JsonSchema)]
struct RouteJson {
    /// Method and path template with parameter names erased.
    id: EndpointId,
    /// An HTTP method, `*` or `WS`.
    method: Method,
    /// The full path as the client sees it, parameters as `{name}`.
    path: String,
    /// The protocol.
    kind: EndpointKind,
    /// The host, where it selects; else null.
    #[serde(default)]
    host: Option<String>,
    /// The path template in full, where `path` does not say all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pattern: Option<PathPattern>,
}

impl From<Route> for RouteJson {
    fn from(route: Route) -> Self {
        Self {
            method: route.id.method().clone(),
            path: route.pattern.to_string(),
            kind: route.kind(),
            host: route.host.as_ref().map(PathPattern::to_string),
            pattern: (!route.pattern.is_plain()).then(|| route.pattern.clone()),
            id: route.id,
        }
    }
}

impl TryFrom<RouteJson> for Route {
    type Error = String;

    fn try_from(json: RouteJson) -> Result<Self, String> {
        let pattern = json.pattern.unwrap_or_else(|| PathPattern::from_display(&json.path));
        let host = json.host.as_deref().map(PathPattern::from_display);
        let mut route = Self::new(json.method, pattern).with_variant(json.id.variant());
        if let Some(host) = host {
            route = route.with_host(host);
        }
        if let Some(version) = json.id.version() {
            route = route.with_selected_version(&PathPattern::decode(version));
        }
        if route.id != json.id || route.kind() != json.kind || route.pattern.to_string() != json.path {
            return Err(format!("`{}` contradicts `method`, `path`, `host` or `kind`", json.id));
        }
        Ok(route)
    }
}

fn yes() -> bool {
    true
}
