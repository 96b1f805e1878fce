//! What a build of the gateway cannot enforce of a policy: settings whose layer is not built.

use std::collections::BTreeSet;
use std::fmt;

use crate::identity::{Algorithm, Identity, JwtIdentity, KeysRef, Subject};
use crate::limit::{Action, Limit};
use crate::policy::Policy;
use crate::route::{Grant, Owner, RouteSettings};
use crate::settings::{Mode, Upstream};
use crate::store::Store;

/// What a build of the gateway may have: each setting of a policy needs one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// TLS towards clients.
    Tls,
    /// Client certificates.
    ClientCertificates,
    /// `X-Forwarded-For` of trusted proxies.
    TrustedProxies,
    /// Whose connection it is, as a proxy says it first.
    ProxyProtocol,
    /// How many connections clients may hold.
    ConnectionLimits,
    /// Several servers of one upstream.
    Balance,
    /// Several upstreams in one policy.
    Upstreams,
    /// Asking servers whether they are well.
    Health,
    /// Time-outs of the upstream.
    Timeouts,
    /// JSON Web Tokens signed with HS256 or RS256 by a key of a file or variable.
    Jwt,
    /// The other algorithms.
    JwtAlgorithms,
    /// Key sets that are fetched.
    Jwks,
    /// Tokens in a header field of another name, or in a cookie.
    JwtCarriers,
    /// API keys.
    ApiKeys,
    /// Tokens of which the authorization server is asked.
    Introspection,
    /// Taking tokens back.
    Revocation,
    /// The names of client certificates.
    CertificateNames,
    /// Names and passwords.
    Basic,
    /// Signed webhooks.
    Webhooks,
    /// A service that is asked about each request.
    ForwardAuth,
    /// Credentials that the application verifies.
    Application,
    /// Scopes, roles and permissions.
    Roles,
    /// The owner as a parameter of the path.
    OwnerParameter,
    /// The owner in the response.
    OwnerResponse,
    /// The owner as the application shows it before the request goes on.
    OwnerLookup,
    /// A subject that is looked up.
    SubjectLookup,
    /// Tenants.
    Tenant,
    /// Conditions of grants.
    Conditions,
    /// Ids that callers were given.
    LearnedIds,
    /// Roles that include others.
    RoleHierarchy,
    /// Telling the application who asks.
    IdentityHeaders,
    /// Limits of rates.
    Limits,
    /// Holding requests back, or letting them wait.
    LimitActions,
    /// State in Redis.
    Redis,
    /// Keeping answers.
    Cache,
    /// Announcing deprecation and sunset.
    Deprecation,
    /// 410 after the sunset.
    Sunset,
    /// Rules for fields and sizes of requests.
    RequestRules,
    /// Rules for fields of responses.
    ResponseRules,
    /// Patterns of shields for parameters.
    VirtualPatch,
    /// Fields that shields refuse.
    RefuseFields,
    /// Versions that are selected outside the path.
    Version,
}

/// A setting of a policy that a build cannot enforce.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotEnforced {
    /// Where it stands: `routes."GET /x".limits`.
    pub setting: String,
    /// What would have to be built.
    pub layer: Layer,
    /// Whether more would be admitted than the policy says. In enforce mode a policy with such a setting must be
    /// refused; in report mode, and for the others, a warning is enough.
    pub restricts: bool,
}

impl fmt::Display for NotEnforced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not enforced by this build", self.setting)
    }
}

impl Policy {
    /// The settings that a build with these layers does not enforce, those that restrict first.
    pub fn not_enforced(&self, built: &BTreeSet<Layer>) -> Vec<NotEnforced> {
        let mut uses = Uses { built, found: Vec::new() };
        self.needs(&mut uses);
        let mut found = uses.found;
        found.sort_by_key(|one| !one.restricts);
        found
    }

    /// Whether a gateway with these layers must refuse to start with this policy.
    pub fn is_refused_by(&self, built: &BTreeSet<Layer>) -> bool {
        self.mode == Mode::Enforce && self.not_enforced(built).iter().any(|one| one.restricts)
    }

    fn needs(&self, uses: &mut Uses<'_>) {
        if let Some(listen) = &self.listen {
            uses.needs(!listen.trusted_proxies.is_empty(), "listen.trusted_proxies", Layer::TrustedProxies, false);
            uses.needs(listen.tls.is_some(), "listen.tls", Layer::Tls, true);
            uses.needs(listen.plain.is_some(), "listen.plain", Layer::Tls, true);
            let speaks = listen.proxy_protocol == Some(true);
            uses.needs(speaks, "listen.proxy_protocol", Layer::ProxyProtocol, true);
            uses.needs(listen.connections.is_some(), "listen.connections", Layer::ConnectionLimits, true);
            let client_ca = listen.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
            uses.needs(client_ca, "listen.tls.client_ca", Layer::ClientCertificates, true);
        }
        uses.needs(self.upstream.len() > 1, "upstream", Layer::Upstreams, true);
        for (name, upstream) in &self.upstream {
            upstream_needs(upstream, &format!("upstream.{name}"), uses);
        }
        for (name, identity) in &self.identity {
            let at = format!("identity.{name}");
            match identity {
                Identity::Jwt(jwt) => jwt_needs(jwt, &at, uses),
                Identity::ApiKey(_) => uses.needs(true, &at, Layer::ApiKeys, true),
                Identity::Introspection(one) => {
                    uses.needs(true, &at, Layer::Introspection, true);
                    uses.needs(one.revocable == Some(true), &format!("{at}.revocable"), Layer::Revocation, true);
                }
                Identity::ClientCertificate(_) => uses.needs(true, &at, Layer::CertificateNames, true),
                Identity::Basic(_) => uses.needs(true, &at, Layer::Basic, true),
                Identity::Webhook(_) => uses.needs(true, &at, Layer::Webhooks, true),
                Identity::ForwardAuth(_) => uses.needs(true, &at, Layer::ForwardAuth, true),
                Identity::Application(_) => uses.needs(true, &at, Layer::Application, true),
            }
        }
        uses.needs(!self.roles.is_empty(), "roles", Layer::RoleHierarchy, false);
        uses.needs(self.identity_headers.is_some(), "identity_headers", Layer::IdentityHeaders, true);
        uses.needs(matches!(self.store, Some(Store::Redis(_))), "store", Layer::Redis, true);
        for (name, limit) in &self.limits {
            limit_needs(limit, &format!("limits.{name}"), uses);
        }
        for route in &self.routes {
            let at = format!("routes.\"{}\"", route.key);
            uses.needs(route.key.id().version().is_some(), &at, Layer::Version, true);
            route_needs(&route.settings, &at, uses);
        }
    }
}

struct Uses<'b> {
    built: &'b BTreeSet<Layer>,
    found: Vec<NotEnforced>,
}

impl Uses<'_> {
    fn needs(&mut self, is_used: bool, setting: &str, layer: Layer, restricts: bool) {
        if is_used && !self.built.contains(&layer) {
            self.found.push(NotEnforced { setting: setting.to_owned(), layer, restricts });
        }
    }
}

fn upstream_needs(upstream: &Upstream, at: &str, uses: &mut Uses<'_>) {
    uses.needs(upstream.servers.len() > 1, &format!("{at}.servers"), Layer::Balance, false);
    uses.needs(upstream.balance.is_some(), &format!("{at}.balance"), Layer::Balance, false);
    uses.needs(upstream.health.is_some(), &format!("{at}.health"), Layer::Health, false);
    uses.needs(upstream.timeout.is_some(), &format!("{at}.timeout"), Layer::Timeouts, false);
}

fn jwt_needs(jwt: &JwtIdentity, at: &str, uses: &mut Uses<'_>) {
    uses.needs(true, at, Layer::Jwt, true);
    let others = jwt.algorithms.iter().any(|one| !matches!(one, Algorithm::Hs256 | Algorithm::Rs256));
    uses.needs(others || jwt.algorithms.len() > 1, &format!("{at}.algorithms"), Layer::JwtAlgorithms, true);
    let fetched = matches!(jwt.keys, KeysRef::Jwks(_) | KeysRef::Discovery(_));
    uses.needs(fetched, &format!("{at}.keys"), Layer::Jwks, true);
    uses.needs(jwt.header.is_some(), &format!("{at}.header"), Layer::JwtCarriers, true);
    uses.needs(jwt.cookie.is_some(), &format!("{at}.cookie"), Layer::JwtCarriers, true);
    uses.needs(jwt.revocable == Some(true), &format!("{at}.revocable"), Layer::Revocation, true);
    let lookup = matches!(jwt.subject, Some(Subject::Lookup(_)));
    uses.needs(lookup, &format!("{at}.subject"), Layer::SubjectLookup, true);
}

fn limit_needs(limit: &Limit, at: &str, uses: &mut Uses<'_>) {
    let waits = matches!(limit.action, Some(Action::Delay(_) | Action::Queue(_)));
    uses.needs(waits, &format!("{at}.action"), Layer::LimitActions, true);
}

fn route_needs(settings: &RouteSettings, at: &str, uses: &mut Uses<'_>) {
    for (index, grant) in settings.allow.iter().enumerate() {
        grant_needs(grant, &format!("{at}.allow[{index}]"), uses);
    }
    uses.needs(!settings.limits.is_empty(), &format!("{at}.limits"), Layer::Limits, true);
    uses.needs(settings.login.is_some(), &format!("{at}.login"), Layer::Limits, true);
    uses.needs(settings.cache.is_some(), &format!("{at}.cache"), Layer::Cache, false);
    uses.needs(settings.deprecated.is_some(), &format!("{at}.deprecated"), Layer::Deprecation, false);
    uses.needs(settings.sunset.is_some(), &format!("{at}.sunset"), Layer::Sunset, true);
    uses.needs(settings.request.is_some(), &format!("{at}.request"), Layer::RequestRules, true);
    uses.needs(settings.response.is_some(), &format!("{at}.response"), Layer::ResponseRules, true);
    for (index, shield) in settings.shields.iter().enumerate() {
        let Some(patch) = &shield.patch else { continue };
        let at = format!("{at}.shields[{index}].patch");
        uses.needs(patch.parameter.is_some() || patch.pattern.is_some(), &at, Layer::VirtualPatch, true);
        uses.needs(!patch.refuse_fields.is_empty(), &at, Layer::RefuseFields, true);
    }
}

fn grant_needs(grant: &Grant, at: &str, uses: &mut Uses<'_>) {
    let roles = [("scope", &grant.scope), ("role", &grant.role), ("permission", &grant.permission)];
    for (key, names) in roles {
        uses.needs(names.is_some(), &format!("{at}.{key}"), Layer::Roles, true);
    }
    let owner = match &grant.owner {
        Some(Owner::Response(_)) => Some(Layer::OwnerResponse),
        Some(Owner::Parameter(_)) => Some(Layer::OwnerParameter),
        Some(Owner::Lookup(_)) => Some(Layer::OwnerLookup),
        None => None,
    };
    if let Some(layer) = owner {
        uses.needs(true, &format!("{at}.owner"), layer, true);
    }
    uses.needs(grant.tenant.is_some(), &format!("{at}.tenant"), Layer::Tenant, true);
    uses.needs(grant.learned.is_some(), &format!("{at}.learned"), Layer::LearnedIds, true);
    uses.needs(grant.when.is_some(), &format!("{at}.when"), Layer::Conditions, true);
}
