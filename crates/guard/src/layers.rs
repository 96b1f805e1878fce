//! The layers, one file each. `pipeline.rs` says in which order they are entered.

pub(crate) mod access_log;
pub(crate) mod api_key;
pub(crate) mod application;
pub(crate) mod audit;
pub(crate) mod client_address;
pub(crate) mod cors;
pub(crate) mod cors_preflight;
pub(crate) mod cross_site;
pub(crate) mod endpoint;
pub(crate) mod identified;
pub(crate) mod jwt;
pub(crate) mod limits;
pub(crate) mod normalize;
pub(crate) mod ownership;
pub(crate) mod redact;
pub(crate) mod request_id;
pub(crate) mod roles;
pub(crate) mod scopes;
pub(crate) mod security_headers;
pub(crate) mod subject;
pub(crate) mod trace;
pub(crate) mod virtual_patch;
