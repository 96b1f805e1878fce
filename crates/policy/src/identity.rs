//! Identities: how somebody proves who it is, and what is known of whom it proves.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use toml::de::DeValue;

use crate::key::RouteKey;
use crate::limit::{Quota, Sharing, WhenStoreDown};
use crate::mistake::Mistake;
use crate::reading::{Found, Table, Value, inline, unexpected};
use crate::settings::{SecretRef, kind_of, tagged, tagged_schema, with_kind};
use crate::value::{Date, HeaderName, KeyDigest, KeysUrl, Pointer, Variable, quoted};

/// Who is identified, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// By a JSON Web Token (RFC 7519).
    Jwt(JwtIdentity),
    /// By a key that the client was given.
    ApiKey(ApiKeyIdentity),
    /// By a token of which the authorization server is asked (RFC 7662).
    Introspection(IntrospectionIdentity),
    /// By the certificate that the client shows (mutual TLS).
    ClientCertificate(ClientCertificateIdentity),
    /// By name and password (RFC 7617).
    Basic(BasicIdentity),
    /// By the signature of a webhook.
    Webhook(WebhookIdentity),
    /// By a service that is asked about each request.
    ForwardAuth(ForwardAuthIdentity),
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
        /// Whether its tokens can be taken back, by `POST /-/revoke` of the admin address; absent: no. It is looked up for each
        /// request, in a store that gateways share at most every two seconds for each token.
        pub revocable: Option<bool>,
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
        /// ECDSA with P-521.
        Es512 = "ES512",
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

impl From<&SecretRef> for KeysRef {
    fn from(reference: &SecretRef) -> Self {
        match reference {
            SecretRef::File(path) => Self::File(path.clone()),
            SecretRef::Env(name) => Self::Env(name.clone()),
        }
    }
}

table! {
    /// Identification by a key that the client was given.
    pub struct ApiKeyIdentity {
        /// The header field that carries the key.
        pub header: HeaderName,
        /// The digests (SHA-256) of the keys, each with owner, scopes, expiry and quota: tables `[[key]]`, as `doorward secret
        /// api-key` prints them.
        pub keys: SecretRef,
        /// How often each key may be used whose entry says nothing of it, whatever the route; absent: as the limits of the route
        /// say.
        pub quota: Option<Quota>,
        /// How several gateways share the quotas of keys in one store; absent: `leased`.
        pub quota_mode: Option<Sharing>,
        /// What happens to requests with a key that has a quota when the store does not answer; absent: counted in this process.
        pub quota_when_store_down: Option<WhenStoreDown>,
    }
}

table! {
    /// Identification by a token that tells the gateway nothing: the authorization server is asked whether it holds (OAuth 2.0
    /// Token Introspection, RFC 7662).
    pub struct IntrospectionIdentity {
        /// The introspection endpoint.
        pub url: KeysUrl,
        /// As whom the gateway asks.
        pub client_id: String,
        /// The secret with which it does.
        pub client_secret: SecretRef,
        /// What `iss` must be; absent: it is not looked at.
        pub issuer: Option<String>,
        /// Of these `aud` must hold one; absent: it is not looked at.
        pub audience: Vec<String>,
        /// For how many seconds an answer counts, and never past `exp`; absent: 30. A token that is revoked counts for as long.
        pub cache_s: Option<u32>,
        /// The header field that carries the token, as `Bearer` or alone; absent: `Authorization`, as `Bearer`.
        pub header: Option<HeaderName>,
        /// The cookie that carries it instead.
        pub cookie: Option<String>,
        /// Where the answer holds the roles: a text or a list of texts.
        pub roles: Option<Pointer>,
        /// Where it holds the scopes; absent: `/scope`, separated by blanks.
        pub scopes: Option<Pointer>,
        /// Where it holds the permissions.
        pub permissions: Option<Pointer>,
        /// The member that identifies the principal, as owner columns hold it; absent: `sub`.
        pub subject: Option<String>,
        /// Whether its tokens can be taken back, by `POST /-/revoke` of the admin address; absent: no. It is looked up for each
        /// request, in a store that gateways share at most every two seconds for each token.
        pub revocable: Option<bool>,
    }
}

table! {
    /// Identification by the certificate that the client shows when it connects: one of the authorities in `listen.tls.client_ca`.
    pub struct ClientCertificateIdentity {
        /// The name of the certificate that identifies the client; absent: `common-name`. A certificate that holds several of the
        /// kind identifies nobody.
        pub name: Option<CertificateName>,
        /// The clients that are known; none: everybody with a certificate, without scopes and roles.
        pub clients: Vec<CertificateClient>,
    }
}

words! {
    /// A name of a certificate.
    pub enum CertificateName {
        /// The common name of the subject (RFC 5280 section 4.1.2.6).
        CommonName = "common-name",
        /// A DNS name among the alternative names (RFC 5280 section 4.2.1.6).
        Dns = "dns",
        /// A mail address among them.
        Email = "email",
        /// A URI among them, such as a SPIFFE id.
        Uri = "uri",
    }
}

table! {
    /// A client that shows a certificate.
    pub struct CertificateClient {
        /// What the name of its certificate is.
        pub name: String,
        /// What it may be used for.
        pub scopes: Vec<String>,
        /// The roles that it has.
        pub roles: Vec<String>,
    }
}

table! {
    /// Identification by name and password (HTTP Basic, RFC 7617), for machines that know nothing else.
    pub struct BasicIdentity {
        /// The users: tables `[[user]]`, as `doorward secret hash-password` prints them.
        pub users: SecretRef,
    }
}

table! {
    /// Identification of whoever knows a secret and signs what it sends with it.
    pub struct WebhookIdentity {
        /// Who sends, and so how it is signed.
        pub sender: Sender,
        /// The secrets of which one must have signed: several while they change.
        pub secrets: Vec<SecretRef>,
        /// By how many seconds the time of the signature may differ from now, and for how long the same signature is not taken
        /// again; absent: 300.
        pub tolerance_s: Option<NonZeroU32>,
        /// The most bytes of a body; absent: 1 MiB. It is read whole before anything else is done.
        pub body_bytes_max: Option<NonZeroU32>,
        /// Of `hmac` alone: the field with the signature.
        pub header: Option<HeaderName>,
        /// Of `hmac` alone: the field with the seconds since 1970. Then `SECONDS.BODY` is signed, else the body alone.
        pub timestamp_header: Option<HeaderName>,
    }
}

words! {
    /// Who sends webhooks.
    pub enum Sender {
        /// Stripe: `Stripe-Signature`.
        Stripe = "stripe",
        /// GitHub: `X-Hub-Signature-256`.
        Github = "github",
        /// Slack: `X-Slack-Signature`.
        Slack = "slack",
        /// Whoever follows Standard Webhooks: `webhook-signature`.
        Standard = "standard",
        /// Anybody with HMAC-SHA-256 in hex or Base64, with or without `sha256=` before it.
        Hmac = "hmac",
    }
}

table! {
    /// Identification by a service that is asked about each request: it answers 2xx and says who it is, or 401 or 403.
    pub struct ForwardAuthIdentity {
        /// The address that is asked by `GET`, with `X-Forwarded-Method`, `-Uri`, `-Host`, `-Proto` and `-For`.
        pub url: KeysUrl,
        /// The fields of the request that it is shown; none: `Authorization` and `Cookie`. A request with none of them is not asked
        /// about.
        pub request_headers: Vec<HeaderName>,
        /// The field of its answer that identifies the principal.
        pub subject: HeaderName,
        /// The field that holds the roles, separated by commas.
        pub roles: Option<HeaderName>,
        /// The field that holds the scopes, separated by blanks.
        pub scopes: Option<HeaderName>,
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

table! {
    /// What the application is told of who asks. What clients send in these fields is taken out of every request.
    pub struct IdentityHeaders {
        /// The field with the subject.
        pub subject: Option<HeaderName>,
        /// The field with the name of the identity.
        pub identity: Option<HeaderName>,
        /// The field with the roles, separated by commas.
        pub roles: Option<HeaderName>,
        /// The field with the scopes, separated by blanks.
        pub scopes: Option<HeaderName>,
        /// The field with all of it in a JSON Web Token of the gateway, which the application can verify.
        pub assertion: Option<Assertion>,
    }
}

table! {
    /// A JSON Web Token in which the gateway says who asks: HS256, for a minute.
    pub struct Assertion {
        /// The field.
        pub header: HeaderName,
        /// The secret with which it is signed: 32 bytes or more.
        pub key: SecretRef,
        /// What `aud` is; absent: `doorward`.
        pub audience: Option<String>,
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

/// Where tokens hold scopes unless the policy says otherwise (RFC 8693 section 4.2), and where the gateway writes them itself.
const SCOPES: &str = "/scope";
/// Where the gateway writes roles itself.
const ROLES: &str = "/roles";

impl Identity {
    /// The keys with their values, `kind` first.
    pub(crate) fn entries(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Jwt(jwt) => with_kind("jwt", jwt.entries()),
            Self::ApiKey(key) => with_kind("api-key", key.entries()),
            Self::Introspection(one) => with_kind("introspection", one.entries()),
            Self::ClientCertificate(one) => with_kind("client-certificate", one.entries()),
            Self::Basic(one) => with_kind("basic", one.entries()),
            Self::Webhook(one) => with_kind("webhook", one.entries()),
            Self::ForwardAuth(one) => with_kind("forward-auth", one.entries()),
            Self::Application(application) => with_kind("application", application.entries()),
        }
    }

    /// The kind as it stands in a policy.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "jwt",
            Self::ApiKey(_) => "api-key",
            Self::Introspection(_) => "introspection",
            Self::ClientCertificate(_) => "client-certificate",
            Self::Basic(_) => "basic",
            Self::Webhook(_) => "webhook",
            Self::ForwardAuth(_) => "forward-auth",
            Self::Application(_) => "application",
        }
    }

    /// Where what is known of a principal holds its roles; nothing where an identity of this kind never has any.
    pub fn roles_at(&self) -> Option<&str> {
        match self {
            Self::Jwt(one) => one.roles.as_ref().map(Pointer::as_str),
            Self::Introspection(one) => one.roles.as_ref().map(Pointer::as_str),
            Self::ForwardAuth(one) => one.roles.as_ref().map(|_| ROLES),
            Self::ClientCertificate(_) | Self::Basic(_) => Some(ROLES),
            Self::ApiKey(_) | Self::Webhook(_) | Self::Application(_) => None,
        }
    }

    /// Where it holds the permissions.
    pub fn permissions_at(&self) -> Option<&str> {
        match self {
            Self::Jwt(one) => one.permissions.as_ref().map(Pointer::as_str),
            Self::Introspection(one) => one.permissions.as_ref().map(Pointer::as_str),
            _ => None,
        }
    }

    /// Where it holds the scopes.
    pub fn scopes_at(&self) -> Option<&str> {
        match self {
            Self::Jwt(JwtIdentity { scopes: Some(pointer), .. })
            | Self::Introspection(IntrospectionIdentity { scopes: Some(pointer), .. }) => Some(pointer.as_str()),
            Self::ForwardAuth(one) => one.scopes.as_ref().map(|_| SCOPES),
            Self::Webhook(_) | Self::Application(_) => None,
            _ => Some(SCOPES),
        }
    }

    /// Whether its tokens can be taken back.
    pub fn is_revocable(&self) -> bool {
        let said = match self {
            Self::Jwt(one) => one.revocable,
            Self::Introspection(one) => one.revocable,
            _ => None,
        };
        said == Some(true)
    }

    /// The cookie that carries the credential.
    pub fn cookie(&self) -> Option<&str> {
        match self {
            Self::Jwt(one) => one.cookie.as_deref(),
            Self::Introspection(one) => one.cookie.as_deref(),
            Self::Application(one) => one.cookie.as_deref(),
            _ => None,
        }
    }

    /// The header field that carries the credential, where it is not `Authorization`.
    pub fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Jwt(one) => one.header.as_ref(),
            Self::Introspection(one) => one.header.as_ref(),
            Self::ApiKey(one) => Some(&one.header),
            Self::Application(one) => one.header.as_ref(),
            _ => None,
        }
    }
}

/// The kinds, in the order in which they are told.
const KINDS: &[&str] =
    &["jwt", "api-key", "introspection", "client-certificate", "basic", "webhook", "forward-auth", "application"];

impl Value for Identity {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match kind_of(found, KINDS, mistakes)? {
            "jwt" => tagged(found, mistakes).map(Self::Jwt),
            "api-key" => tagged(found, mistakes).map(Self::ApiKey),
            "introspection" => tagged(found, mistakes).map(Self::Introspection),
            "client-certificate" => tagged(found, mistakes).map(Self::ClientCertificate),
            "basic" => tagged(found, mistakes).map(Self::Basic),
            "webhook" => tagged(found, mistakes).map(Self::Webhook),
            "forward-auth" => tagged(found, mistakes).map(Self::ForwardAuth),
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
            tagged_schema::<IntrospectionIdentity>(generator, "introspection"),
            tagged_schema::<ClientCertificateIdentity>(generator, "client-certificate"),
            tagged_schema::<BasicIdentity>(generator, "basic"),
            tagged_schema::<WebhookIdentity>(generator, "webhook"),
            tagged_schema::<ForwardAuthIdentity>(generator, "forward-auth"),
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

#[cfg(test)]
mod tests {
    use crate::{Notes, Policy, print};

    /// A policy with an identity of each kind and everything that can be said of it.
    const ALL: &str = r#"version = 1
[listen]
address = "0.0.0.0:8443"
[listen.tls]
certificate = "api.pem"
key = { file = "api.key" }
client_ca = "partners.pem"
[identity.opaque]
kind = "introspection"
url = "https://id.example/introspect"
client_id = "gateway"
client_secret = { env = "CLIENT_SECRET" }
issuer = "https://id.example"
audience = ["shop"]
cache_s = 10
cookie = "token"
roles = "/realm_access/roles"
scopes = "/scp"
permissions = "/permissions"
subject = "username"
revocable = true
[identity.partners]
kind = "client-certificate"
name = "uri"
clients = [{ name = "spiffe://example/orders", scopes = ["orders:read"], roles = ["robot"] }]
[identity.machines]
kind = "basic"
users = { file = "machines.users" }
[identity.payments]
kind = "webhook"
sender = "hmac"
secrets = [{ env = "NEW" }, { env = "OLD" }]
tolerance_s = 60
body_bytes_max = 65536
header = "X-Signature"
timestamp_header = "X-Timestamp"
[identity.legacy]
kind = "forward-auth"
url = "http://127.0.0.1:9091/verify"
request_headers = ["Cookie"]
subject = "X-User"
roles = "X-Roles"
scopes = "X-Scopes"
[roles]
admin = ["editor", "a \"role\""]
editor = ["viewer"]
[identity_headers]
subject = "X-Auth-Subject"
identity = "X-Auth-Identity"
roles = "X-Auth-Roles"
scopes = "X-Auth-Scopes"
assertion = { header = "X-Auth-Assertion", key = { env = "ASSERTION_KEY" }, audience = "shop" }
[routes."GET /a"]
allow = [
  { identity = "opaque", role = "a", scope = "b", permission = "c", tenant = { claim = "/t", response = "/t" } },
  { identity = "partners", role = "a", scope = "b", owner = { response = "/o" } },
  { identity = "machines", role = "a", scope = "b" },
  { identity = "payments" },
  { identity = "legacy", role = "a", scope = "b" },
]
"#;

    #[test]
    fn every_kind_is_read_and_written() {
        let policy = Policy::parse(ALL).unwrap_or_else(|mistakes| panic!("{}", mistakes.listed("p")));
        assert_eq!(Policy::parse(&print(&policy, &Notes::default())).unwrap(), policy);
        let schema = Policy::json_schema().as_value().to_string();
        for kind in super::KINDS {
            assert!(schema.contains(&format!("{{\"const\":\"{kind}\"}}")), "{kind}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let told = |from: &str, to: &str| {
            assert!(ALL.contains(from), "{from}");
            Policy::parse(&ALL.replacen(from, to, 1)).map_err(|mistakes| mistakes.listed("p")).unwrap_err()
        };
        for (from, to, why) in [
            ("cookie = \"token\"", "cookie = \"token\"\nheader = \"X-T\"", "a token comes from one place"),
            ("client_ca = \"partners.pem\"", "", "no client is asked for a certificate"),
            (
                "roles = [\"robot\"] }]",
                "roles = [\"robot\"] }, { name = \"spiffe://example/orders\" }]",
                "stands twice",
            ),
            ("secrets = [{ env = \"NEW\" }, { env = \"OLD\" }]", "", "nobody can sign without a secret"),
            ("header = \"X-Signature\"\n", "", "it is not said which field holds the signature"),
            ("sender = \"hmac\"", "sender = \"stripe\"", "the fields of this sender are known"),
            ("{ identity = \"payments\" }", "{ identity = \"payments\", scope = \"a\" }", "ever has a scope"),
            (
                "{ identity = \"payments\" }",
                "{ identity = \"payments\", owner = { response = \"/o\" } }",
                "ever has a owner",
            ),
            (
                "{ identity = \"machines\", role = \"a\", scope = \"b\" }",
                "{ identity = \"machines\", when = { not = { claim = \"/suspended\", is = { value = \"true\" } } } }",
                "ever has a claim like this",
            ),
            ("roles = \"X-Roles\"", "", "write which field of the answer holds them"),
            ("url = \"https://id.example/introspect\"", "url = \"http://id.example/introspect\"", "without TLS"),
            ("kind = \"basic\"", "kind = \"basik\"", "did you mean `basic`?"),
            ("\"X-Auth-Subject\"", "\"Authorization\"", "this field means something else to an application"),
            ("\"X-Auth-Subject\"", "\"Content-Length\"", "this field means something else to an application"),
            ("\"X-Auth-Subject\"", "\"x-auth-roles\"", "two things cannot be told in one field"),
            (
                "request_headers = [\"Cookie\"]",
                "request_headers = [\"X-Auth-Scopes\"]",
                "this field carries a credential",
            ),
        ] {
            let told = told(from, to);
            assert!(told.contains(why), "{to}: {told}");
        }
        for from in ["client_secret = { env = \"CLIENT_SECRET\" }", "users = { file = \"machines.users\" }"] {
            let to = format!("{} = \"planted\"", from.split(' ').next().unwrap());
            let told = told(from, &to);
            assert!(told.contains("a secret cannot stand in a policy") && !told.contains("planted"), "{told}");
        }
        let told = told("secrets = [{ env = \"NEW\" }, { env = \"OLD\" }]", "secrets = [\"planted\"]");
        assert!(told.contains("a secret cannot stand in a policy") && !told.contains("planted"), "{told}");
    }
}
