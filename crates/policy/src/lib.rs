//! The policy of the gateway: what is admitted, to whom, and how it is read, written, compiled, derived and compared.
//! Depends on `model` alone and does no I/O: it is given texts, dates and requests.
//!
//! - [`Policy::parse`] reads TOML, with every mistake at once ([`Mistakes`]); [`print`](fn@print) writes it back, with comments.
//! - An absent route is refused, an absent or empty `allow` admits nobody, a policy with a mistake is no policy.
//! - [`Matcher`] picks the route that the application's own router would pick; [`RequestPath`] says which bytes reach it.
//! - [`Policy::not_enforced`] lists the settings that a build without some layers cannot enforce. In enforce mode a
//!   gateway must refuse to start on those that [restrict](NotEnforced::restricts): what it cannot enforce it must not
//!   seem to enforce.

#[macro_use]
mod declare;

mod answers;
mod api_keys;
mod checks;
mod condition;
mod derive;
mod diff;
mod identity;
mod key;
mod learned;
mod limit;
mod login;
mod matching;
mod mistake;
pub mod nearest;
mod not_enforced;
mod one_key;
mod operation;
mod policy;
mod print;
mod reading;
mod remarks;
mod roles;
mod route;
mod router;
mod settings;
mod store;
mod users;
mod value;

pub use answers::{
    Cors, CrossSite, FIELD_VALUE_BYTES_MAX, FieldValue, Headers, Origin, PREFLIGHT_AGE_S_MAX, Redact, RemovableField,
    SecurityField,
};
pub use api_keys::{API_KEYS_MAX, ApiKey, ApiKeyFile, KeyPrefix};
pub use condition::{CONDITION_DEPTH_MAX, CONDITIONS_MAX, ClaimIs, Condition, Operand};
pub use derive::{Counts, DeriveOptions, Derived, derive};
pub use diff::{Consequence, diff};
pub use identity::{
    Algorithm, ApiKeyIdentity, ApplicationIdentity, Assertion, BasicIdentity, CertificateClient, CertificateName,
    ClientCertificateIdentity, ForwardAuthIdentity, Identity, IdentityHeaders, IntrospectionIdentity, JwtIdentity,
    KeysRef, Lookup, Sender, Subject, WebhookIdentity,
};
pub use key::RouteKey;
pub use learned::{Gives, Learned, WhenUnknown};
pub use limit::{Action, ActionTable, CountBy, Counted, Counting, Limit, Quota, Sharing, WhenStoreDown};
pub use login::Login;
pub use matching::{Expression, Found, Match, Matcher, PathRefusal, RequestPath};
pub use mistake::{Mistake, Mistakes};
pub use not_enforced::{Layer, NotEnforced};
pub use operation::{ConnectionLimits, LayerSettings, Layers, Log, ModeLayer};
pub use policy::{
    ConverterSettings, ConverterTable, DoubleSlash, Named, Policy, RouterKind, RouterSettings, TrailingSlash,
};
pub use print::{Notes, print};
pub use reading::kind_of;
pub use remarks::Remark;
pub use roles::RoleHierarchy;
pub use route::{
    Access, Admits, Cache, Grant, Owner, OwnerLookup, Patch, RequestRules, ResponseRules, RoutePolicy, RouteSettings,
    Shield, Tenant, UnknownFields,
};
pub use settings::{
    Admin, Balance, Capacity, Certificate, Eject, ForwardedBy, HashBy, Health, Listen, Mode, Plain, Protocol, Retry,
    SecretRef, TargetPath, Timeout, Tls, TlsVersion, Upstream, UpstreamTls,
};
pub use store::{KeysPrefix, MemoryStore, RedisStore, Store};
pub use users::{HashKind, PasswordHash, USERS_MAX, User, UserFile};
pub use value::{Address, AllOf, Date, HeaderName, KeyDigest, KeysUrl, Network, Pattern, Pointer, ServerUrl, Variable};
