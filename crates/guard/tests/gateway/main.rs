//! The gateway over real sockets, in front of a small application in this process.

#![expect(clippy::disallowed_macros, reason = "a test says what it counted, and what it skipped")]

mod accounting;
mod admin;
mod answers;
mod api_keys;
mod application;
mod carriers;
mod client;
mod connections;
mod cross_origin;
mod decisions;
mod desync;
mod forged_tokens;
mod http1_vectors;
mod http2;
mod identities;
mod issuer;
mod jose_vectors;
mod key_sets;
mod learned;
mod limits;
mod logins;
mod modern;
mod modes;
mod origin;
mod preface;
mod proxies;
mod quiet;
mod redis;
mod relay;
mod reload;
mod revocation;
mod running;
mod script;
mod secrets;
mod secure_servers;
mod servers;
mod store;
mod tls;
mod upstreams;
mod wire;
mod writes;
