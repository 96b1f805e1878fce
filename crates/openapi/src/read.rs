//! Reading a document: its version, servers, paths and what all operations share.

mod operation;
mod security;
mod server;

use std::sync::Arc;

use model::{GapKind, Method, PathPattern, Route};
use serde_json::Map;

use crate::references::resolved;
use crate::schemas::{Gaps, Schemas};
use crate::tree::Node;
use crate::{Document, Operation, ReadError, Security, Server, Version};

/// The keys of a path item that are methods.
const METHODS: &[(&str, Method)] = &[
    ("get", Method::Get),
    ("put", Method::Put),
    ("post", Method::Post),
    ("delete", Method::Delete),
    ("options", Method::Options),
    ("head", Method::Head),
    ("patch", Method::Patch),
    ("trace", Method::Trace),
];

impl Document {
    /// Reads a document: JSON or YAML, whatever its file is called.
    pub fn read(file: impl Into<Arc<str>>, text: &str) -> Result<Self, ReadError> {
        let root = Node::read(text)?;
        let version = version(&root).ok_or(ReadError::NoDocument)?;
        Ok(Reader::new(file.into(), &root, version).document())
    }
}

/// The version of the specification that a document names.
fn version(root: &Node) -> Option<Version> {
    let named = |key: &str| root.get(key).and_then(Node::scalar);
    match (named("openapi").as_deref(), named("swagger").as_deref()) {
        (Some(version), _) if version == "3" || version.starts_with("3.0") => Some(Version::V3_0),
        (Some(version), _) if version.starts_with("3.") => Some(Version::V3_1),
        (_, Some(version)) if version == "2" || version.starts_with("2.") => Some(Version::Swagger2),
        _ => None,
    }
}

/// What is known while a document is read.
struct Reader<'n> {
    root: &'n Node,
    version: Version,
    file: Arc<str>,
    schemas: Schemas<'n>,
    gaps: Gaps,
    /// Who is admitted where an operation does not say.
    security: Security,
}

/// A path item with what stands around its operations.
struct Item<'n> {
    path: &'n str,
    node: &'n Node,
    servers: Vec<Server>,
}

impl<'n> Reader<'n> {
    fn new(file: Arc<str>, root: &'n Node, version: Version) -> Self {
        let schemas = Schemas::new(root, version);
        let mut gaps = Gaps::new(Arc::clone(&file));
        let security = security::of_document(root, &mut gaps);
        Self { root, version, file, schemas, gaps, security }
    }

    fn document(mut self) -> Document {
        let operations = self.operations();
        let info = |key: &str| self.root.get("info").and_then(|info| info.get(key)?.scalar()).map(Arc::from);
        let security_schemes = security::schemes(self.root, self.version, &self.file);
        Document {
            version: self.version,
            title: info("title"),
            api_version: info("version"),
            servers: server::of_document(self.root, self.version),
            operations,
            security_schemes,
            scheme_extensions: security::extensions(self.root, self.version),
            extensions: self.root.extensions(),
            schemas: self.schemas.into_named(&mut self.gaps),
            gaps: self.gaps.into_found(),
            file: self.file,
        }
    }

    fn operations(&mut self) -> Vec<Operation> {
        let paths = self.root.get("paths").into_iter().flat_map(Node::entries);
        let mut found = Vec::new();
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            self.item(path, item, &mut found);
        }
        found
    }

    /// The operations of a path item, and of the one it refers to.
    fn item(&mut self, path: &'n str, node: &'n Node, found: &mut Vec<Operation>) {
        let referenced = match resolved(self.root, node) {
            Ok(referenced) => referenced,
            Err(error) => {
                self.gaps.add_reference(GapKind::UnresolvedRoute, node.line, error);
                node
            }
        };
        let servers = server::own(node);
        let own = Item { path, node, servers: servers.clone() };
        self.operations_of(&own, |_| true, found);
        if !std::ptr::eq(node, referenced) {
            let servers = if servers.is_empty() { server::own(referenced) } else { servers };
            let item = Item { path, node: referenced, servers };
            self.operations_of(&item, |method| node.get(method).is_none(), found);
        }
    }

    fn operations_of(&mut self, item: &Item<'n>, wanted: impl Fn(&str) -> bool, found: &mut Vec<Operation>) {
        for (key, node) in item.node.entries() {
            let method = METHODS.iter().find(|(name, _)| *name == key);
            if let Some((_, method)) = method.filter(|_| wanted(key) && node.map().is_some()) {
                let route = Route::new(method.clone(), PathPattern::from_display(item.path));
                found.push(self.operation(item, route, node));
            }
        }
    }

    fn operation(&mut self, item: &Item<'n>, route: Route, node: &'n Node) -> Operation {
        let own_servers = server::own(node);
        let mut extensions: Map<_, _> = item.node.extensions();
        extensions.extend(node.extensions());
        let taken = self.taken(item.node, node);
        Operation {
            route,
            path: item.path.into(),
            line: node.line,
            servers: if own_servers.is_empty() { item.servers.clone() } else { own_servers },
            operation_id: node.text_of("operationId").map(Arc::from),
            tags: node.get("tags").into_iter().flat_map(Node::items).filter_map(Node::text).map(Arc::from).collect(),
            deprecated: node.get("deprecated").is_some_and(Node::is_true),
            security: security::of_operation(node, &mut self.gaps).unwrap_or_else(|| self.security.clone()),
            parameters: taken.parameters,
            body: taken.body,
            answers: self.answers(node),
            extensions,
        }
    }
}
