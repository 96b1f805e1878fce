//! The sections of a policy beside its routes: where the gateway listens, what it forwards to, who is identified how.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use crate::key::RouteKey;
use crate::mistake::Mistake;
use crate::operation::ConnectionLimits;
use crate::reading::{Found, Table, Value, inline, read_table, table_of, unexpected};
use crate::value::{
    Address, Date, Form, HeaderName, KeyDigest, KeysUrl, Network, Pointer, ServerUrl, Variable, forms, quoted,
};

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

/// Who is identified, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a policy has a handful of them")]
pub enum Identity {
    /// By a JSON Web Token (RFC 7519).
    Jwt(JwtIdentity),
    /// By a key that the client was given.
    ApiKey(ApiKeyIdentity),
    /// By the application: the gateway asks for a credential, and the application verifies it.
    Application(ApplicationIdentity),
}

table! {
    /// Identification by a JSON Web Token.
    pub struct JwtIdentity {
        /// What `iss` must be; absent: it is not checked.
        pub issuer: Option<String>,
        /// Of these `aud` must hold one; absent: a token with `aud` is refused.
        pub audience: Vec<String>,
        /// The algorithms that are accepted. A token never chooses another one.
        pub algorithms: Vec<Algorithm>,
        /// Where the keys come from.
        pub keys: KeysRef,
        /// Digests of keys that are known to others: with one of them the gateway does not start in enforce mode.
        pub refuse_keys: Vec<KeyDigest>,
        /// Since when the keys are in use; absent: since the file was written.
        pub keys_since: Option<Date>,
        /// The header field that carries the token, as `Bearer` or alone; absent: `Authorization`, as `Bearer`.
        pub header: Option<HeaderName>,
        /// The cookie that carries it instead.
        pub cookie: Option<String>,
        /// Where the claims hold the roles: a text or a list of texts.
        pub roles: Option<Pointer>,
        /// Where they hold the scopes; absent: `/scope`, separated by blanks (RFC 8693 section 4.2).
        pub scopes: Option<Pointer>,
        /// Where they hold the permissions.
        pub permissions: Option<Pointer>,
        /// What identifies the principal, as owner columns hold it; absent: the claim `sub`.
        pub subject: Option<Subject>,
    }
}

words! {
    /// A signature algorithm (RFC 7518 section 3.1, RFC 8037). `none` is none.
    pub enum Algorithm {
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
        /// RSA PKCS#1 with SHA-256.
        Rs256 = "RS256",
        /// RSA PKCS#1 with SHA-384.
        Rs384 = "RS384",
        /// RSA PKCS#1 with SHA-512.
        Rs512 = "RS512",
        /// RSA PSS with SHA-256.
        Ps256 = "PS256",
        /// RSA PSS with SHA-384.
        Ps384 = "PS384",
        /// RSA PSS with SHA-512.
        Ps512 = "PS512",
        /// ECDSA with P-256.
        Es256 = "ES256",
        /// ECDSA with P-384.
        Es384 = "ES384",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl Algorithm {
    /// Whether one secret both signs and verifies.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    /// The algorithm of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == name)
    }
}

one_of! {
    /// Where the keys of tokens come from. A policy never holds one.
    pub enum KeysRef, "{ env = \"JWT_KEY\" }" {
        /// A file: a secret for HMAC, else public keys in PEM or a JSON Web Key Set.
        File(String) = "file",
        /// An environment variable that holds the same.
        Env(Variable) = "env",
        /// A JSON Web Key Set (RFC 7517) at an address.
        Jwks(KeysUrl) = "jwks_url",
        /// A discovery document (`OpenID` Connect Discovery 1.0) that names one.
        Discovery(KeysUrl) = "discovery",
    }
}

table! {
    /// Identification by a key that the client was given.
    pub struct ApiKeyIdentity {
        /// The header field that carries the key.
        pub header: HeaderName,
        /// The digests (SHA-256) of the keys, each with owner, scopes and expiry: tables `[[key]]`, as `doorward secret api-key`
        /// prints them.
        pub keys: SecretRef,
    }
}

table! {
    /// Identification by the application alone: a key, a session or a signature that only it can check. Where a carrier is
    /// named, a request without it is refused; of several, all must be there.
    pub struct ApplicationIdentity {
        /// The header field that carries the credential.
        pub header: Option<HeaderName>,
        /// The cookie that carries it.
        pub cookie: Option<String>,
        /// The parameter of the query that carries it.
        pub query: Option<String>,
    }
}

/// What identifies a principal, as owner columns hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A claim of the token.
    Claim(String),
    /// A field of what the application answers to the principal, cached.
    Lookup(Lookup),
}

table! {
    /// A question to the application, asked with the credential of the principal.
    pub struct Lookup {
        /// The endpoint that is asked.
        pub lookup: RouteKey,
        /// Where its answer holds the value.
        pub field: Pointer,
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

impl Identity {
    /// The keys with their values, `kind` first.
    pub(crate) fn entries(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Jwt(jwt) => with_kind("jwt", jwt.entries()),
            Self::ApiKey(key) => with_kind("api-key", key.entries()),
            Self::Application(application) => with_kind("application", application.entries()),
        }
    }

    /// The kind as it stands in a policy.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "jwt",
            Self::ApiKey(_) => "api-key",
            Self::Application(_) => "application",
        }
    }
}

impl Value for Identity {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match kind_of(found, &["jwt", "api-key", "application"], mistakes)? {
            "jwt" => tagged(found, mistakes).map(Self::Jwt),
            "api-key" => tagged(found, mistakes).map(Self::ApiKey),
            _ => tagged(found, mistakes).map(Self::Application),
        }
    }

    fn text(&self) -> String {
        inline(&self.entries())
    }
}

impl JsonSchema for Identity {
    fn schema_name() -> Cow<'static, str> {
        "Identity".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kinds = [
            tagged_schema::<JwtIdentity>(generator, "jwt"),
            tagged_schema::<ApiKeyIdentity>(generator, "api-key"),
            tagged_schema::<ApplicationIdentity>(generator, "application"),
        ];
        json_schema!({ "description": "Who is identified, and how.", "oneOf": kinds })
    }
}

impl Value for Subject {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match found.get_ref() {
            DeValue::String(_) => String::read(found, mistakes).map(Self::Claim),
            DeValue::Table(_) => <Lookup as Value>::read(found, mistakes).map(Self::Lookup),
            _ => {
                let expected = "the name of a claim, or `{ lookup = \"GET /me\", field = \"/id\" }`";
                mistakes.push(unexpected(found, expected));
                None
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Claim(claim) => quoted(claim),
            Self::Lookup(lookup) => Value::text(lookup),
        }
    }
}

impl JsonSchema for Subject {
    fn schema_name() -> Cow<'static, str> {
        "Subject".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let lookup = generator.subschema_for::<Lookup>();
        json_schema!({ "oneOf": [{ "type": "string", "description": "A claim." }, lookup] })
    }
}
