//! Calls of libraries that send requests to other systems, as the code names them.

use python::code::{Argument, ArgumentKind, Expr, ExprId, Span};

use crate::bodies::Body;

/// Libraries that send requests.
const LIBRARIES: &[&str] = &["requests", "httpx", "aiohttp", "urllib3", "niquests", "httplib2", "tornado"];
/// Functions and methods that send one.
pub(super) const SENDS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request", "stream"];
/// What they are methods of.
const CLIENTS: &[&str] = &[
    "Session",
    "Client",
    "AsyncClient",
    "ClientSession",
    "TCPConnector",
    "PoolManager",
    "HTTPTransport",
    "AsyncHTTPTransport",
    "Http",
];

/// A call.
pub(super) struct Sent<'b> {
    /// The library by its imports; none where only the name of the method speaks of one.
    pub(super) library: Option<&'static str>,
    /// The last part of what is called.
    pub(super) method: String,
    /// What it is given.
    pub(super) given: &'b [Argument],
    /// Where it stands.
    pub(super) span: Span,
}

impl Sent<'_> {
    /// Whether arguments may be given that are not seen.
    pub(super) fn is_open(&self) -> bool {
        self.given.iter().any(|one| matches!(one.kind, ArgumentKind::Star | ArgumentKind::DoubleStar))
    }

    /// What it is given by a name.
    pub(super) fn named(&self, name: &str) -> Option<ExprId> {
        self.given.iter().find(|one| matches!(one.kind, ArgumentKind::Keyword(own) if own == name)).map(|one| one.value)
    }

    /// Whether what is called makes a client that sends requests later.
    pub(super) fn makes_client(&self) -> bool {
        CLIENTS.contains(&self.method.as_str())
    }
}

/// The calls of such libraries in a piece of code, and of methods that are called like theirs where its file imports one.
pub(super) fn sent<'b>(body: &'b Body<'_>) -> Vec<Sent<'b>> {
    let text = body.source.text.as_bytes();
    let is_spoken_of = |library: &str| {
        memchr::memmem::find(text, format!("import {library}").as_bytes()).is_some()
            || memchr::memmem::find(text, format!("from {library}").as_bytes()).is_some()
    };
    if !LIBRARIES.iter().any(|library| is_spoken_of(library)) {
        return Vec::new();
    }
    let code = body.code();
    let one = |(id, expr): (ExprId, Expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let method = body.callee(function).last()?.to_string();
        let is_like_one = SENDS.contains(&method.as_str()) || CLIENTS.contains(&method.as_str());
        if !is_like_one {
            return None;
        }
        let name = body.qualified(function).or_else(|| match code.expr(function) {
            Expr::Attribute(of, _) => body.origin(of),
            _ => None,
        });
        let library =
            name.and_then(|name| LIBRARIES.iter().find(|library| name.split('.').next() == Some(library)).copied());
        Some(Sent { library, method, given: code.call_arguments(arguments), span: code.expr_span(id) })
    };
    code.exprs().filter_map(one).collect()
}
