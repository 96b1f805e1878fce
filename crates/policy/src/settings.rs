//! The sections of a policy beside its routes: where the gateway listens, and what it forwards to.

use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::mistake::Mistake;
use crate::operation::ConnectionLimits;
use crate::reading::{Found, Table, read_table, table_of};
use crate::value::{Address, Form, HeaderName, Network, ServerUrl, Variable, forms, quoted};

words! {
    /// What happens to a request that the policy does not admit.
    pub enum Mode {
        /// It goes on, and what would have been refused is said.
        Report = "report",
        /// It is refused.
        Enforce = "enforce",
    }
}

table! {
    /// Where the gateway listens.
    pub struct Listen {
        /// The address and port.
        pub address: Address,
        /// Networks of proxies that are believed what they say of the client, read from the right.
        pub trusted_proxies: Vec<Network>,
        /// The field in which they say its address; absent: `X-Forwarded-For`.
        pub forwarded_by: Option<ForwardedBy>,
        /// TLS; absent means plain HTTP.
        pub tls: Option<Tls>,
        /// An address without TLS beside it, on which everything is refused.
        pub plain: Option<Plain>,
        /// Whether proxies of `trusted_proxies` say whose connection it is before anything else (PROXY protocol, version 1 or 2). A
        /// connection on which nobody does is ended.
        pub proxy_protocol: Option<bool>,
        /// What clients may hold of the gateway; absent: the usual.
        pub connections: Option<ConnectionLimits>,
    }
}

words! {
    /// The field in which a proxy says whose request it is. Only one is read: a proxy that sets one of them passes the other
    /// as the client made it up.
    pub enum ForwardedBy {
        /// Addresses alone.
        XForwardedFor = "X-Forwarded-For",
        /// `for=` of RFC 7239.
        Forwarded = "Forwarded",
    }
}

table! {
    /// TLS towards clients.
    pub struct Tls {
        /// The file of the certificate chain, in PEM.
        pub certificate: String,
        /// The private key.
        pub key: SecretRef,
        /// More certificates; each client gets the one for the name that it asks for.
        pub certificates: Vec<Certificate>,
        /// The oldest version that is spoken; absent: 1.2.
        pub minimum: Option<TlsVersion>,
        /// The file of authorities, in PEM: a client without a certificate of one of them gets no connection.
        pub client_ca: Option<String>,
    }
}

table! {
    /// A certificate and its key.
    pub struct Certificate {
        /// The file of the certificate chain, in PEM.
        pub certificate: String,
        /// The private key.
        pub key: SecretRef,
    }
}

table! {
    /// An address without TLS: requests there are refused, so that a client that is set up wrong is noticed.
    pub struct Plain {
        /// The address and port.
        pub address: Address,
        /// Whether browsers that open a page are sent to TLS instead.
        pub redirect: Option<bool>,
    }
}

table! {
    /// Where those ask who run the gateway: health, metrics, the policy in force.
    pub struct Admin {
        /// The address and port: of this machine, unless a token is asked for.
        pub address: Address,
        /// What they must show as `Authorization: Bearer`.
        pub token: Option<SecretRef>,
    }
}

words! {
    /// A version of TLS.
    pub enum TlsVersion {
        /// TLS 1.2 (RFC 5246).
        Tls12 = "1.2",
        /// TLS 1.3 (RFC 8446).
        Tls13 = "1.3",
    }
}

one_of! {
    /// Where a secret is found. A policy never holds one.
    pub enum SecretRef, "{ env = \"NAME\" }" {
        /// A file.
        File(String) = "file",
        /// An environment variable.
        Env(Variable) = "env",
    }
}

table! {
    /// A group of servers that run the same application.
    pub struct Upstream {
        /// Their addresses.
        pub servers: Vec<ServerUrl>,
        /// How one of them is chosen; absent: they take turns.
        pub balance: Option<Balance>,
        /// What requests of one server have in common, where one is chosen by a hash.
        pub hash_by: Option<HashBy>,
        /// The protocol that is spoken to them; absent: HTTP/1.1, or over TLS what they agree to.
        pub protocol: Option<Protocol>,
        /// TLS to them, where their addresses begin with `https`. What they show is always verified.
        pub tls: Option<UpstreamTls>,
        /// How they are asked whether they are well.
        pub health: Option<Health>,
        /// When one that fails is left alone for a while.
        pub eject: Option<Eject>,
        /// What is sent once more.
        pub retry: Option<Retry>,
        /// How much of it there is.
        pub capacity: Option<Capacity>,
        /// How long they may take.
        pub timeout: Option<Timeout>,
    }
}

impl Upstream {
    /// These servers, and everything else as it is when a policy says nothing.
    pub fn of(servers: Vec<ServerUrl>) -> Self {
        Self {
            servers,
            balance: None,
            hash_by: None,
            protocol: None,
            tls: None,
            health: None,
            eject: None,
            retry: None,
            capacity: None,
            timeout: None,
        }
    }
}

words! {
    /// How a server is chosen.
    pub enum Balance {
        /// The one with the fewest open requests.
        LeastRequests = "least-requests",
        /// One after the other.
        RoundRobin = "round-robin",
        /// By a hash of what `hash_by` names: the same goes to the same server as long as it is well.
        Hash = "hash",
    }
}

words! {
    /// The protocol that is spoken to servers.
    pub enum Protocol {
        /// HTTP/1.1 (RFC 9112).
        Http1 = "http/1.1",
        /// HTTP/2 (RFC 9113); without TLS by prior knowledge.
        Http2 = "http/2",
    }
}

/// What requests that go to the same server have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HashBy {
    /// Who asks; the address where that is not known.
    Principal,
    /// The address of the client.
    Address,
    /// A header field; the address where it is missing.
    Header(HeaderName),
}

impl Form for HashBy {
    const EXPECTED: &'static str = "`principal`, `address` or a field such as \"header:X-Session\"";

    fn parse(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("header:")) {
            ("principal", _) => Ok(Self::Principal),
            ("address", _) => Ok(Self::Address),
            (_, Some(name)) => HeaderName::parse(name).map(Self::Header),
            _ => Err(format!("nothing is hashed by `{}`", text.escape_debug())),
        }
    }

    fn form(&self) -> String {
        match self {
            Self::Principal => "principal".to_owned(),
            Self::Address => "address".to_owned(),
            Self::Header(name) => format!("header:{}", name.as_str()),
        }
    }
}

table! {
    /// TLS to the servers of an upstream.
    pub struct UpstreamTls {
        /// The file of the authorities that vouch for them, in PEM; absent: those that this system trusts.
        pub ca: Option<String>,
        /// The name that their certificates must be for; absent: the host of their address.
        pub server_name: Option<String>,
        /// The file of a certificate that the gateway shows them, in PEM.
        pub certificate: Option<String>,
        /// Its private key.
        pub key: Option<SecretRef>,
    }
}

table! {
    /// A question that is asked again and again.
    pub struct Health {
        /// The path that answers 2xx when all is well.
        pub path: TargetPath,
        /// Seconds between two questions; absent: 5.
        pub interval_s: Option<NonZeroU32>,
        /// Milliseconds until the answer must be there; absent: 2,000.
        pub timeout_ms: Option<NonZeroU32>,
        /// After how many wrong answers in a row a server is down; absent: 3.
        pub down_after: Option<NonZeroU32>,
        /// After how many right answers in a row it is well again; absent: 2.
        pub up_after: Option<NonZeroU32>,
    }
}

table! {
    /// When a server that fails gets no requests for a while. The last one always gets them.
    pub struct Eject {
        /// After how many requests in a row that it did not answer; absent: 5.
        pub failures: Option<NonZeroU32>,
        /// Seconds until it is tried again, longer each time; absent: 5.
        pub time_s: Option<NonZeroU32>,
    }
}

table! {
    /// What is sent once more: requests of which nothing was sent, and those that may be repeated and were not answered.
    pub struct Retry {
        /// How often a request is sent at most; absent: 3.
        pub attempts: Option<NonZeroU32>,
        /// The most repetitions, in percent of all requests; absent: 20. Ten in ten seconds are always allowed.
        pub budget_percent: Option<NonZeroU32>,
    }
}

table! {
    /// How much a server is given at once.
    pub struct Capacity {
        /// The most connections to a server, shared evenly by the workers; absent: 1,024 of each worker.
        pub connections: Option<NonZeroU32>,
        /// The most requests of a worker that wait for one of them; absent: 1,024.
        pub waiting: Option<NonZeroU32>,
    }
}

table! {
    /// How long a server may take.
    pub struct Timeout {
        /// Milliseconds until a connection stands; absent: 2,000.
        pub connect_ms: Option<NonZeroU32>,
        /// Seconds until the head of the answer is there; absent: 30.
        pub response_s: Option<NonZeroU32>,
        /// Seconds for which the body of an answer may be silent; absent: 300.
        pub idle_s: Option<NonZeroU32>,
    }
}

/// A path for requests that the gateway makes itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetPath(String);

impl TargetPath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for TargetPath {
    const EXPECTED: &'static str = "a path, such as \"/healthz\"";

    fn parse(text: &str) -> Result<Self, String> {
        let printable = text.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'#');
        if !text.starts_with('/') || text.starts_with("//") || !printable {
            return Err(format!("`{}` is no path", text.escape_debug()));
        }
        Ok(Self(text.to_owned()))
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

forms!(TargetPath, HashBy);

/// Reads a table whose `kind` says what its other keys are.
pub(crate) fn kind_of<'t>(found: Found<'t, '_>, kinds: &[&str], mistakes: &mut Vec<Mistake>) -> Option<&'t str> {
    let table = table_of(found, &["kind"], mistakes)?;
    let Some(kind) = table.get("kind") else {
        let hint = format!("write one of {}", crate::mistake::listed(kinds.iter().copied()));
        mistakes.push(Mistake::new(found.span(), "the key `kind` is missing", hint));
        return None;
    };
    crate::one_key::word(kind, kinds, mistakes)
}

pub(crate) fn tagged<T: Table>(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    let table = table_of(found, T::KEYS, mistakes)?;
    read_table(table, found.span(), &["kind"], mistakes)
}

pub(crate) fn with_kind(kind: &str, mut entries: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    entries.insert(0, ("kind", quoted(kind)));
    entries
}

pub(crate) fn tagged_schema<T: JsonSchema>(generator: &mut SchemaGenerator, kind: &str) -> Schema {
    let mut schema = T::json_schema(generator);
    if let Some(properties) = schema.get_mut("properties").and_then(|properties| properties.as_object_mut()) {
        properties.insert("kind".to_owned(), serde_json::json!({ "const": kind }));
    }
    if let Some(required) = schema.get_mut("required").and_then(|required| required.as_array_mut()) {
        required.insert(0, "kind".into());
    }
    schema
}
