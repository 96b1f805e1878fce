//! The API as data: applications, endpoints, who is admitted, what handlers do, objects, weaknesses and findings.
//! Depends on nothing of ours and does no I/O.
//!
//! Every type reads and writes the JSON of `doorward scan --format json` ([`Report`]). What follows from something else
//! is computed, never set apart: an endpoint's id from its [`Route`], a verdict from its [`AuthRequirement`], CWE ids
//! from the [`Weakness`].

mod access;
mod application;
mod effect;
mod endpoint;
mod endpoint_id;
mod finding;
mod fingerprint;
mod gap;
mod known;
mod location;
mod method;
mod object;
mod parameter;
mod path;
mod principal;
mod report;
mod requirement;
mod schema;
mod secret;
mod token;
mod weakness;

pub use access::{Access, AccessVerdict};
pub use application::{
    Application, CaseRule, ConverterRule, DoubleSlash, MatchOrder, MethodMismatch, Middleware, MiddlewarePurpose,
    MountKind, MountPoint, RouterRules, TrailingSlash,
};
pub use effect::{
    Effect, IdProducer, MassWrite, NobodysWrite, ObjectEffect, OutsideEffect, OwnerCheck, Sink, SinkKind,
    UndeclaredWrite, WrittenColumn, WrittenFrom,
};
pub use endpoint::{
    Deprecation, Endpoint, EndpointKind, Handler, Origin, RateLimit, RequestBody, Response, Route, UnknownFields,
    Unreached,
};
pub use endpoint_id::{EndpointId, EndpointIdError};
pub use finding::{
    Confidence, Edit, Finding, FindingState, Fix, FixSafety, Persona, Proof, ProofOutcome, Severity, Shield, Shielding,
};
pub use fingerprint::{Fingerprint, FingerprintError, FingerprintKey, Fingerprints, Subject};
pub use gap::{Gap, GapKind};
pub use known::{Certainty, Evidence, Known};
pub use location::Location;
pub use method::{ExtensionMethod, Method, MethodError};
pub use object::{Column, ForeignKey, ObjectModel, OwnerPath, Sensitivity};
pub use parameter::{Bounds, Parameter, ParameterRef, Place, ValueType};
pub use path::{Converter, Part, PathParameter, PathPattern, Piece, RegexPart, Segment};
pub use principal::{ClaimBinding, Principal, SecurityScheme, SecuritySchemeKind};
pub use report::{ApiDocument, CallShare, Project, Report, SchemaVersion, Tool};
pub use requirement::{Alternative, AuthRequirement, Binding, Condition, Decided, SecurityRequirement, Test};
pub use schema::{Schema, SchemaError, SchemaRef};
pub use secret::{REDACTED, Secret};
pub use token::{CredentialExchange, KeySource, TokenCarrier, TokenCheck, TokenIssue, TokenKind, TokenRecipe};
pub use weakness::{Weakness, WeaknessError};
