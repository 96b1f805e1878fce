//! What an OpenAPI document says, in the words of the model.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{AuthRequirement, EndpointId, Gap, Parameter, PathPattern, Route, Schema, SchemaRef, SecurityScheme};
use serde_json::{Map, Value};

/// An OpenAPI document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file, as it was named to [`Document::read`].
    pub file: Arc<str>,
    /// The version of the specification.
    pub version: Version,
    /// The title of the API.
    pub title: Option<Arc<str>>,
    /// The version of the API.
    pub api_version: Option<Arc<str>>,
    /// Where the API is served; empty where the document does not say.
    pub servers: Vec<Server>,
    /// Its operations, in their order.
    pub operations: Vec<Operation>,
    /// Its schemas as JSON Schema 2020-12, by name; references among them are [`Schema::reference`]s.
    pub schemas: IndexMap<Arc<str>, Schema>,
    /// Its security schemes by name.
    pub security_schemes: IndexMap<Arc<str>, SecurityScheme>,
    /// Their specification extensions (`x-bearerInfoFunc`), where they have any.
    pub scheme_extensions: IndexMap<Arc<str>, Map<String, Value>>,
    /// Specification extensions of the document.
    pub extensions: Map<String, Value>,
    /// What could not be read in it: references to elsewhere, or to nothing.
    pub gaps: Vec<Gap>,
}

/// The versions of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `swagger: 2.0`
    Swagger2,
    /// `openapi: 3.0.x`
    V3_0,
    /// `openapi: 3.1.x`, and later ones of the third version.
    V3_1,
}

/// Where an API is served (OpenAPI 3.1 section 4.8.5; `host`, `basePath` and `schemes` of Swagger 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// As the document writes it, variables replaced by their defaults.
    pub url: Arc<str>,
    /// The host with its port, where there is one.
    pub host: Option<Arc<str>>,
    /// The path below which the operations are served, without a slash at its end.
    pub prefix: PathPattern,
    /// Where it stands.
    pub line: u32,
}

/// One method on one path template of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its method and path, below the servers' prefixes.
    pub route: Route,
    /// The path as the document writes it.
    pub path: Arc<str>,
    /// Where it stands, counted from 1.
    pub line: u32,
    /// Its own servers; empty where those of the document serve it.
    pub servers: Vec<Server>,
    /// Its name.
    pub operation_id: Option<Arc<str>>,
    /// Its tags.
    pub tags: Vec<Arc<str>>,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
    /// Who is admitted.
    pub security: Security,
    /// What it takes outside the body, those of the path included.
    pub parameters: Vec<Declared<Parameter>>,
    /// The body it takes.
    pub body: Option<Declared<Body>>,
    /// What it answers, in the document's order.
    pub answers: Vec<Declared<Answer>>,
    /// Specification extensions, those of the path item first.
    pub extensions: Map<String, Value>,
}

/// Something with the line where it stands, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared<T> {
    /// What stands there.
    pub value: T,
    /// Where.
    pub line: u32,
}

/// Who an operation admits, and where that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// Who is admitted; everybody where nothing is said.
    pub requirement: AuthRequirement,
    /// The line of `security`, of the operation or of the document; none where neither has one.
    pub line: Option<u32>,
}

/// A body that an operation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What the document calls it: the name of the parameter in Swagger 2, `x-body-name` in 3.x.
    pub name: Option<Arc<str>>,
    /// Whether a request must have it.
    pub required: bool,
    /// By media type.
    pub content: Vec<Content>,
}

/// What an operation answers with one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// By media type; empty where it has no body.
    pub content: Vec<Content>,
}

/// A media type with the schema of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The media type or range; empty where the document does not say.
    pub media_type: Arc<str>,
    /// The schema, where there is one.
    pub schema: Option<SchemaRef>,
}

/// A key of `responses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// One status code.
    Code(u16),
    /// `2XX`: all that begin with this digit.
    Class(u8),
    /// All that are not named.
    Default,
}

impl Document {
    /// The ids of an operation as clients see it: below each of the paths at which it is served. One where the document
    /// names no server.
    pub fn served_ids(&self, operation: &Operation) -> Vec<EndpointId> {
        let servers = if operation.servers.is_empty() { &self.servers } else { &operation.servers };
        let mut ids: Vec<EndpointId> = Vec::new();
        let id = operation.route.id();
        for server in servers {
            let full = EndpointId::new(id.method().clone(), &server.prefix.concat(operation.route.pattern()));
            if !ids.contains(&full) {
                ids.push(full);
            }
        }
        if ids.is_empty() {
            ids.push(id.clone());
        }
        ids
    }

    /// The schema that a reference means.
    pub fn schema<'d>(&'d self, reference: &'d SchemaRef) -> Option<&'d Schema> {
        match reference {
            SchemaRef::Named(name) => self.schemas.get(name),
            SchemaRef::Inline(schema) => Some(schema),
        }
    }
}

impl Operation {
    /// A specification extension of the operation or else of its path item, such as `x-openapi-router-controller`.
    pub fn extension(&self, name: &str) -> Option<&Value> {
        self.extensions.get(name)
    }
}

impl Status {
    /// Whether a status code is one of these; `default` says nothing about any.
    pub fn names(self, code: u16) -> bool {
        match self {
            Self::Code(own) => own == code,
            Self::Class(digit) => code / 100 == u16::from(digit),
            Self::Default => false,
        }
    }

    /// Whether it is one of success.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Code(200..=299) | Self::Class(2))
    }
}
