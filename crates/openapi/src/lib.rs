//! OpenAPI 3.0, 3.1 and Swagger 2 documents to the model of an API, and the model to an OpenAPI 3.1 document. Does no I/O: a
//! document is a text, and what it refers to outside itself is never fetched.
//!
//! - [`Document::read`] gives [`Operation`]s: an [`EndpointId`](model::EndpointId) each, who is admitted, parameters, bodies
//!   and answers, with the lines where they stand, and schemas as JSON Schema 2020-12, whatever the version of the document.
//! - [`write()`] gives the document of an application, from what a scan knows of it.
//!
//! ```
//! use doorward_openapi::Document;
//!
//! let text = "openapi: 3.1.0\npaths:\n  /orders/{id}:\n    get:\n      responses: {}\n";
//! let document = Document::read("openapi.yaml", text)?;
//! let operation = &document.operations[0];
//! assert_eq!(operation.route.id().to_string(), "GET /orders/{}");
//! assert_eq!((&*operation.path, operation.line), ("/orders/{id}", 4));
//! # Ok::<(), doorward_openapi::ReadError>(())
//! ```

mod document;
mod read;
mod references;
mod schemas;
mod tree;
mod write;

pub use document::{Answer, Body, Content, Declared, Document, Operation, Security, Server, Status, Version};
pub use references::CHAIN_MAX;
pub use tree::{BYTES_MAX, DEPTH_MAX, NODES_MAX, REPEATED_MAX};
pub use write::write;

/// The tree of a text in JSON or YAML, as it stands: nothing in it is followed or converted. Bounded like a document.
///
/// ```
/// let tree = doorward_openapi::tree("paths:\n  /orders: {get: {operationId: shop.orders}}\n")?;
/// assert_eq!(tree["paths"]["/orders"]["get"]["operationId"], "shop.orders");
/// # Ok::<(), doorward_openapi::ReadError>(())
/// ```
pub fn tree(text: &str) -> Result<serde_json::Value, ReadError> {
    Ok(tree::Node::read(text)?.to_json())
}

/// Why a text is not read as a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than [`BYTES_MAX`].
    #[error("{} MiB: documents over {} MiB are not read", .bytes >> 20, BYTES_MAX >> 20)]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Its values nest deeper than [`DEPTH_MAX`].
    #[error("it nests more than {DEPTH_MAX} lists and maps inside each other")]
    TooDeep,
    /// It has more than [`NODES_MAX`] values, or aliases that repeat more than [`REPEATED_MAX`] of them.
    #[error("it has more than {NODES_MAX} values, or aliases that repeat more than {REPEATED_MAX} of them")]
    TooManyValues,
    /// It is neither JSON nor YAML.
    #[error("{reason}")]
    Syntax {
        /// Where, counted from 1.
        line: u32,
        /// What was expected.
        reason: String,
    },
    /// It is JSON or YAML, and no OpenAPI document: neither `openapi: 3.x` nor `swagger: 2.0` stands in it.
    #[error("it is no OpenAPI document: neither `openapi: 3.…` nor `swagger: 2.0` stands in it")]
    NoDocument,
}
