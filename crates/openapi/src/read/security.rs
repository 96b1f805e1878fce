//! Who is admitted, and how requests say who they act for.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    AuthRequirement, Evidence, GapKind, ParameterRef, Place, SecurityRequirement, SecurityScheme, SecuritySchemeKind,
};
use serde_json::{Map, Value};

use crate::schemas::Gaps;
use crate::tree::{Kind, Node};
use crate::{Security, Version};

/// What a document asks for where an operation does not say: nothing, if it does not say either.
pub(super) fn of_document(root: &Node, gaps: &mut Gaps) -> Security {
    of_operation(root, gaps).unwrap_or_else(|| Security { requirement: AuthRequirement::from_openapi(&[]), line: None })
}

/// What an operation asks for itself.
pub(super) fn of_operation(node: &Node, gaps: &mut Gaps) -> Option<Security> {
    let list = node.get("security").filter(|list| matches!(list.kind, Kind::List(_)))?;
    let entries: Vec<SecurityRequirement> = list.items().filter_map(entry).collect();
    let is_empty = list.items().next().is_none();
    let requirement = if entries.is_empty() && !is_empty {
        gaps.add(GapKind::UnresolvedGuard, list.line, "`security` holds nothing that names a scheme".to_owned());
        AuthRequirement::nobody()
    } else {
        AuthRequirement::from_openapi(&entries)
    };
    Some(Security { requirement, line: Some(list.line) })
}

/// An entry; what is none at all (`- null`) admits nobody more.
fn entry(node: &Node) -> Option<SecurityRequirement> {
    if let Some(name) = node.text() {
        // Not what the specification says, and what is meant is clear.
        return Some(SecurityRequirement::from_iter([(name.to_owned(), Vec::new())]));
    }
    let scopes = |node: &Node| node.items().filter_map(Node::text).map(str::to_owned).collect();
    node.map().map(|map| map.iter().map(|(name, node)| (name.to_string(), scopes(node))).collect())
}

/// The security schemes of a document.
pub(super) fn schemes(root: &Node, version: Version, file: &Arc<str>) -> IndexMap<Arc<str>, SecurityScheme> {
    let scheme = |node: &Node| SecurityScheme {
        kind: kind(node),
        evidence: Some(Evidence::new(Arc::clone(file), node.line, "declares the scheme")),
    };
    declared(root, version).map(|(name, node)| (name.into(), scheme(node))).collect()
}

/// The specification extensions of the schemes that have any.
pub(super) fn extensions(root: &Node, version: Version) -> IndexMap<Arc<str>, Map<String, Value>> {
    let extended = declared(root, version).map(|(name, node)| (Arc::from(name), node.extensions()));
    extended.filter(|(_, extensions)| !extensions.is_empty()).collect()
}

fn declared(root: &Node, version: Version) -> impl Iterator<Item = (&str, &Node)> {
    let schemes = match version {
        Version::Swagger2 => root.get("securityDefinitions"),
        Version::V3_0 | Version::V3_1 => root.get("components").and_then(|node| node.get("securitySchemes")),
    };
    schemes.into_iter().flat_map(Node::entries)
}

fn kind(node: &Node) -> SecuritySchemeKind {
    let text = |key: &str| node.text_of(key);
    match text("type") {
        Some("basic") => SecuritySchemeKind::Http { scheme: "basic".into() },
        Some("http") => SecuritySchemeKind::Http { scheme: text("scheme").unwrap_or_default().to_lowercase().into() },
        Some("apiKey") => {
            let place = match text("in") {
                Some("query") => Place::Query,
                Some("cookie") => Place::Cookie,
                _ => Place::Header,
            };
            SecuritySchemeKind::ApiKey { parameter: ParameterRef::new(place, text("name").unwrap_or_default()) }
        }
        Some("oauth2") => oauth2(node),
        Some("openIdConnect") => SecuritySchemeKind::OpenIdConnect { url: text("openIdConnectUrl").map(Arc::from) },
        Some("mutualTLS") => SecuritySchemeKind::MutualTls,
        _ => SecuritySchemeKind::Custom { parameters: Vec::new() },
    }
}

/// The flow of Swagger 2, or the first one of 3.x.
fn oauth2(node: &Node) -> SecuritySchemeKind {
    let first = node.get("flows").into_iter().flat_map(Node::entries).find(|(name, _)| !name.starts_with("x-"));
    let (flow, node) = match first {
        Some((flow, node)) => (Some(flow), node),
        None => (node.text_of("flow"), node),
    };
    let flow = flow.map(|name| match name {
        "application" => "clientCredentials",
        "accessCode" => "authorizationCode",
        same => same,
    });
    let scopes = node.get("scopes").into_iter().flat_map(Node::entries);
    let scopes = scopes.filter(|(name, _)| !name.starts_with("x-"));
    SecuritySchemeKind::Oauth2 {
        flow: flow.map(Arc::from),
        token_url: node.text_of("tokenUrl").map(Arc::from),
        scopes: scopes.map(|(name, node)| (name.into(), node.text().unwrap_or_default().to_owned())).collect(),
    }
}
