//! What a handler does: to objects, and to the world outside.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Evidence, ParameterRef, Place, ValueType};

/// One thing that a handler does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// Reads objects.
    Read(ObjectEffect),
    /// Creates an object.
    Create(ObjectEffect),
    /// Changes objects.
    Update(ObjectEffect),
    /// Deletes objects.
    Delete(ObjectEffect),
    /// Starts a process.
    Process(OutsideEffect),
    /// Reads or writes a file.
    File(OutsideEffect),
    /// Sends an HTTP request.
    OutboundHttp(OutsideEffect),
    /// Sends mail or another message to a person.
    Mail(OutsideEffect),
    /// Moves money.
    Money(OutsideEffect),
    /// Creates, drops or resets tables.
    SchemaChange(OutsideEffect),
}

/// What is done to an object model's objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ObjectEffect {
    /// The object model, by name.
    pub object: Arc<str>,
    /// Where the key comes from; null where many or a new object is meant.
    #[serde(default)]
    pub key: Option<ParameterRef>,
    /// The owner column; null where the model has none.
    #[serde(default)]
    pub owner: Option<Arc<str>>,
    /// Whether the owner is compared with the principal.
    pub owner_check: OwnerCheck,
    /// The columns that are compared in the look-up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Arc<str>>,
    /// The columns that are written; of what is read, those that the answer holds, where it is known not to hold all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Arc<str>>,
    /// Where the values of written columns come from, as far as that is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<WrittenColumn>,
    /// The write whose columns the request names; null where the code names them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mass: Option<MassWrite>,
    /// The tenant column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Arc<str>>,
    /// Whether the tenant is compared with the principal's; absent where the model has no tenant column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_check: Option<OwnerCheck>,
    /// Whether the answer holds it or parts of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    /// Whether the answer holds all of its columns, unless its schema leaves some out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// Whether any number of objects is meant, as in a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// The places that show it and its checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// A column that is written, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct WrittenColumn {
    /// The column.
    pub column: Arc<str>,
    /// What its value is made of.
    pub from: WrittenFrom,
    /// The part of the request; null where the value is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<ParameterRef>,
}

/// What a written value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenFrom {
    /// The request.
    Parameter,
    /// Who the request acts for.
    Principal,
    /// A text that stands in the code.
    Text,
    /// Another value that stands there.
    Constant,
    /// Something else, or not known.
    Other,
}

/// A write whose columns the request names: `Model(**data)`, a loop over `setattr`, `update(**data)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct MassWrite {
    /// Where the names stand.
    #[serde(rename = "in")]
    pub place: Place,
    /// The schema that limits them, by name; null where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Arc<str>>,
    /// Whether the request may name any column: no schema limits them, or it keeps what it does not declare.
    pub open: bool,
    /// The place that writes.
    pub evidence: Evidence,
}

/// What is done outside the object models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct OutsideEffect {
    /// The call, by qualified name: `subprocess.run`.
    pub call: Arc<str>,
    /// The parameters that reach it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterRef>,
    /// The places that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// Whether an object's owner (or tenant) is compared with the principal on every way to the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerCheck {
    /// It is, or the look-up is limited to the principal's own.
    Proven,
    /// It is not.
    Absent,
    /// Not understood, or there is no owner.
    Unknown,
}

/// A column that a request can set although the declared schema does not name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct UndeclaredWrite {
    /// The object model.
    pub object: Arc<str>,
    /// The column.
    pub column: Arc<str>,
    /// The column's type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Where the request can carry it.
    #[serde(rename = "in")]
    pub place: Place,
    /// The place that writes it.
    pub evidence: Evidence,
}

/// A column that names who a request acts for, and that a request without a credential sets to nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct NobodysWrite {
    /// The object model.
    pub object: Arc<str>,
    /// The column.
    pub column: Arc<str>,
    /// The place that writes it.
    pub evidence: Evidence,
}

/// A dangerous call that a value of the request reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Sink {
    /// What the value becomes part of.
    pub kind: SinkKind,
    /// The parameter that reaches it.
    pub parameter: ParameterRef,
    /// The place of the call.
    pub evidence: Evidence,
    /// The text around the value, where it is known: the regular expression, the SQL with `{}` for the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a value becomes part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SinkKind {
    /// The text of an SQL statement.
    Sql,
    /// A query of a document database.
    Nosql,
    /// An LDAP filter or name.
    Ldap,
    /// An `XPath` expression.
    Xpath,
    /// A shell command or the arguments of a process.
    Command,
    /// Python code.
    Code,
    /// The text of a template.
    Template,
    /// Bytes that are deserialised into objects.
    Deserialization,
    /// An XML document.
    Xml,
    /// A path in the file system.
    Path,
    /// The address of an outbound request.
    Url,
    /// A regular expression, or a text matched against one that is super-linear.
    Regex,
    /// HTML.
    Html,
    /// The target of a redirect.
    Redirect,
    /// A header field of a response or mail.
    Header,
    /// A log line.
    Log,
    /// The prompt of a language model.
    Prompt,
}

/// The endpoint whose answer (or request) gives an id that a parameter of this endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct IdProducer {
    /// The parameter that takes the id.
    pub parameter: ParameterRef,
    /// The endpoint that gives it.
    pub endpoint: crate::EndpointId,
    /// Where it stands there, as a JSON Pointer (RFC 6901) into the body.
    pub pointer: Arc<str>,
    /// Whether the client chose it in that endpoint's request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen_by_client: bool,
}

impl Effect {
    /// What is done to objects.
    pub fn object(&self) -> Option<&ObjectEffect> {
        match self {
            Self::Read(effect) | Self::Create(effect) | Self::Update(effect) | Self::Delete(effect) => Some(effect),
            _ => None,
        }
    }

    /// What is done outside the object models.
    pub fn outside(&self) -> Option<&OutsideEffect> {
        match self {
            Self::Process(effect)
            | Self::File(effect)
            | Self::OutboundHttp(effect)
            | Self::Mail(effect)
            | Self::Money(effect)
            | Self::SchemaChange(effect) => Some(effect),
            _ => None,
        }
    }

    /// The same, to complete it.
    pub fn outside_mut(&mut self) -> Option<&mut OutsideEffect> {
        match self {
            Self::Process(effect)
            | Self::File(effect)
            | Self::OutboundHttp(effect)
            | Self::Mail(effect)
            | Self::Money(effect)
            | Self::SchemaChange(effect) => Some(effect),
            _ => None,
        }
    }

    /// Whether it changes something. A file or an outbound request counts: nothing says that it only reads.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Read(_))
    }

    /// Whether no test may cause it on a system that somebody uses: it cannot be undone, or it leaves the system.
    pub fn is_never_sent(&self) -> bool {
        matches!(self, Self::Process(_) | Self::Mail(_) | Self::Money(_) | Self::SchemaChange(_))
    }
}

impl ObjectEffect {
    /// An effect on an object model without key, owner or known check.
    pub fn on(object: impl Into<Arc<str>>) -> Self {
        Self {
            object: object.into(),
            key: None,
            owner: None,
            owner_check: OwnerCheck::Unknown,
            filters: Vec::new(),
            columns: Vec::new(),
            written: Vec::new(),
            mass: None,
            tenant: None,
            tenant_check: None,
            answered: false,
            whole: false,
            many: false,
            evidence: Vec::new(),
        }
    }
}
