//! The gateway: a policy in, a running gateway out. `pipeline.rs` is the place to begin: one table of everything that
//! happens to a request.
//!
//! - Bytes of a client are read strictly, before anybody else reads them ([`downstream`]). What can be read in two ways is
//!   refused, in every mode; what passes is forwarded as it came.
//! - Only the end of the pipeline makes an [`Admitted`](pipeline::Admitted), and [`upstream::forward`] takes nothing else.
//! - A [`Refusal`] tells the client the kind of problem; why, stands in the audit trail ([`record`]).
//! - No environment, no clock, no file: keys, time and the log are given by the caller.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use std::sync::Arc;
//! use doorward_guard::{Edge, Gateway, Keys, KnownKeys, Options, BODY_BYTES_MAX};
//!
//! struct NoKeys;
//! impl Keys for NoKeys {
//!     fn read(&self, _: &policy::KeysRef) -> Result<model::Secret<Vec<u8>>, String> {
//!         Err("there are none".to_owned())
//!     }
//! }
//!
//! let gateway = Gateway::start(Options {
//!     listen: "127.0.0.1:0".parse().unwrap(),
//!     upstream: policy::Upstream::of(vec!["http://127.0.0.1:8000".parse().unwrap()]),
//!     policy: None,
//!     mode: policy::Mode::Report,
//!     keys: &NoKeys,
//!     known_keys: KnownKeys::Refuse,
//!     clock: Arc::new(|| std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()),
//!     records: None,
//!     workers: NonZeroUsize::MIN,
//!     body_bytes_max: BODY_BYTES_MAX,
//!     edge: Edge::default(),
//! }).unwrap();
//! assert_ne!(gateway.address().port(), 0);
//! assert_eq!(gateway.stop().seen, 0);
//! ```

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails may end"))]

mod admin;
mod api_key;
mod body;
mod carrier;
mod control;
mod dates;
pub mod downstream;
mod edge;
mod entrance;
mod exchange;
mod fields;
mod gateway;
mod generation;
mod identities;
mod io;
mod json;
mod kept;
mod layers;
mod learned;
mod metrics;
mod obligation;
pub mod pipeline;
mod quota;
pub mod record;
mod refusal;
mod sending;
mod serving;
mod shared;
mod site;
mod store;
mod thread;
mod timer;
mod tls;
mod token;
mod trial;
mod turn;
pub mod upstream;
mod worker;

pub use admin::{ACCOUNT_BYTES_MAX, ADMIN_CONNECTIONS_MAX, ADMIN_TIME_MAX, Admin};
pub use api_key::{API_KEY_BYTES_MAX, API_KEY_FILE_BYTES_MAX, ApiKeysError};
pub use body::{Body, BodyError};
pub use edge::{Edge, Listening, Plain};
pub use entrance::{CONNECTIONS_PER_ADDRESS_MAX, REQUESTS_PER_CONNECTION_MAX};
pub use gateway::{BODY_BYTES_MAX, CONNECTIONS_MAX, DRAIN_TIME_MAX, Gateway, Options, StartError};
pub use generation::{Change, Reloaded};
pub use identities::password::{BASIC_BYTES_MAX, FAILED_TIME, FAILED_TRIES_MAX, USERS_FILE_BYTES_MAX, hashed};
pub use identities::webhook::{SIGNATURES_KEPT_MAX, WEBHOOK_SECRET_BYTES_MIN};
pub use layers::revocation::{REVOCATION_SEEN_TIME, REVOKED_TIME};
pub use learned::{LEARNED_ALL_MAX, LEARNED_IDS_MAX, LEARNED_PRINCIPALS_MAX};
pub use metrics::ROUTES_COUNTED_MAX;
pub use obligation::Withheld;
pub use quota::{EXACT_QUOTA_MAX, QUOTA_KEYS_MAX};
pub use refusal::{Reason, Refusal};
pub use site::{KEY_OLD_DAYS, Keys, KnownKeys, SiteError, Tolerated, built};
pub use store::lease::{LEASE_TIME, LEASED_PART, LEASES_MAX};
pub use store::link::{NODES_MAX, RETURNS_MAX, STORE_CONNECT_TIME_MAX, STORE_FAILURES_MAX, STORE_TIME_MAX, StoreState};
pub use store::notes::{NOTES_MAX, notes_file};
pub use tls::{CERTIFICATES_MAX, CertificateText, HANDSHAKE_TIME_MAX, TlsError, TlsMaterial};
pub use token::{
    CLOCK_SKEW_MAX, HMAC_KEY_BYTES_MIN, KEY_BYTES_MAX, KEYS_COOLDOWN, KEYS_MAX, KEYS_STALE_TIME_MAX, KEYS_TRIED_MAX,
    KeyError, RSA_KEY_BITS_MAX, RSA_KEY_BITS_MIN, TOKEN_BYTES_MAX, TOKENS_KEPT_BYTES_MAX, TOKENS_KEPT_MAX, Token,
    TokenError, Verifier,
};
pub use trial::{Caller, End, Question, Trial, tried};
pub use upstream::pool::STREAMS_MAX as UPSTREAM_STREAMS_MAX;
pub use upstream::servers::{SERVERS_MAX, ServerState};
pub use worker::{Clock, Counters};
