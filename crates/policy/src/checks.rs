//! Contradictions: what each part allows and the whole does not.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::ops::Range;

use model::{Method, PathPattern};
use toml::de::{DeTable, DeValue};

use crate::condition::{ClaimIs, Condition, Operand};
use crate::identity::{ClientCertificateIdentity, Identity, KeysRef, Sender, WebhookIdentity};
use crate::key::RouteKey;
use crate::learned::Learned;
use crate::limit::{Counted, Counting, Limit, Sharing};
use crate::matching::Converters;
use crate::mistake::{Mistake, listed};
use crate::nearest::did_you_mean;
use crate::policy::{Partly, RouterKind, RouterSettings, sections};
use crate::reading::Found;
use crate::route::{Admits, Grant, Owner, OwnerLookup, RouteSettings};
use crate::settings::{Balance, Upstream};
use crate::value::Form;

/// What the checks look at: the sections as far as they could be read.
struct Whole<'p> {
    upstream: &'p Partly<String, Upstream>,
    identity: &'p Partly<String, Identity>,
    limits: &'p Partly<String, Limit>,
    router: Option<&'p RouterSettings>,
    /// Of what some route gives ids.
    given: BTreeSet<&'p str>,
}

/// Adds every contradiction. What could not be read was told already and is passed over.
pub(crate) fn contradictions(
    document: &DeTable<'_>,
    upstream: &Partly<String, Upstream>,
    identity: &Partly<String, Identity>,
    limits: &Partly<String, Limit>,
    router: Option<&RouterSettings>,
    routes: &Partly<RouteKey, RouteSettings>,
    mistakes: &mut Vec<Mistake>,
) {
    let given = routes.iter().filter_map(|(_, settings)| settings.as_ref()).flat_map(|settings| &settings.gives);
    let given = given.map(|gives| &*gives.objects).collect();
    let whole = Whole { upstream, identity, limits, router, given };
    secrets(document, mistakes);
    if let Some(listen) = document.get("listen")
        && let Some(table) = listen.get_ref().as_table()
        && let (Some(plain), None) = (table.get("plain"), table.get("tls"))
    {
        let message = "an address that refuses what comes without TLS needs TLS beside it";
        mistakes.push(Mistake::new(plain.span(), message, "write `[listen.tls]`, or leave `plain` out"));
    }
    proxy_protocol(document, mistakes);
    store(document, mistakes);
    for (key, found) in sections(document, "upstream") {
        if let Some((_, Some(one))) = upstream.iter().find(|(name, _)| *name == **key.get_ref()) {
            upstream_alone(one, found, mistakes);
        }
    }
    for (key, found) in sections(document, "identity") {
        if let Some((_, Some(one))) = identity.iter().find(|(name, _)| *name == **key.get_ref()) {
            identity_alone(one, found, mistakes);
        }
    }
    certificates_asked(document, identity, mistakes);
    identity_headers(document, identity, mistakes);
    for (key, found) in sections(document, "limits") {
        if let Some((_, Some(one))) = limits.iter().find(|(name, _)| *name == **key.get_ref()) {
            limit_alone(one, found, mistakes);
        }
    }
    crate::router::contradictions(document, router, mistakes);
    let mut seen: Vec<&RouteKey> = Vec::new();
    for (name, found) in sections(document, "routes") {
        let Ok(key) = RouteKey::parse(name.get_ref()) else {
            continue;
        };
        let Some((key, settings)) = routes.iter().find(|(known, _)| *known == key) else {
            continue;
        };
        if let Some(twin) = seen.iter().find(|twin| twin.id() == key.id()) {
            let hint = if twin.pattern().erased() == key.pattern().erased() && converters(twin) != converters(key) {
                "where converters tell them apart, write ` variant=2` behind the second one".to_owned()
            } else {
                format!("names of parameters do not tell routes apart: keep one of them (`{twin}`)")
            };
            mistakes.push(Mistake::new(name.span(), format!("`{}` stands twice", key.id()), hint));
        }
        seen.push(key);
        if let Some(settings) = settings {
            whole.route(key, settings, found, mistakes);
        }
    }
}

fn converters(key: &RouteKey) -> Vec<&str> {
    key.pattern().parameters().map(|parameter| parameter.converter.name()).collect()
}

/// Whoever may say whose connection it is must be named.
fn proxy_protocol(document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) {
    let Some(listen) = document.get("listen").and_then(|listen| listen.get_ref().as_table()) else {
        return;
    };
    let trusts_nobody =
        listen.get("trusted_proxies").is_none_or(|found| found.get_ref().as_array().is_some_and(|all| all.is_empty()));
    if let Some(spoken) =
        listen.get("proxy_protocol").filter(|spoken| spoken.get_ref().as_bool() == Some(true) && trusts_nobody)
    {
        let message = "nobody may say whose connection it is: every connection would be ended";
        mistakes.push(Mistake::new(
            spoken.span(),
            message,
            "write `trusted_proxies = [\"10.0.0.0/8\"]` with the networks of your proxies",
        ));
    }
}

/// A Redis is found in one way.
fn store(document: &DeTable<'_>, mistakes: &mut Vec<Mistake>) {
    let Some(store) = document.get("store") else { return };
    let is_cluster = store.get_ref().get("cluster").and_then(|found| found.get_ref().as_bool()) == Some(true);
    if let Some(sentinel) = store.get_ref().get("sentinel").filter(|_| is_cluster) {
        let message = "a cluster has no Sentinels: its nodes look after each other";
        mistakes.push(Mistake::new(sentinel.span(), message, "keep one of `cluster` and `sentinel`"));
    }
}

/// Where a value stands below another one; where it is absent, the place of the nearest that is there.
pub(crate) fn place(found: Found<'_, '_>, path: &[&str]) -> Range<usize> {
    let mut at = found;
    for step in path {
        let next = match (at.get_ref(), step.parse::<usize>()) {
            (DeValue::Array(items), Ok(index)) => items.get(index),
            (DeValue::Table(table), _) => table.get(*step),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at.span()
}

fn upstream_alone(upstream: &Upstream, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
    let mut add = |is_wrong: bool, key: &[&str], message: &str, hint: &str| {
        if is_wrong {
            mistakes.push(Mistake::new(place(found, key), message.to_owned(), hint.to_owned()));
        }
    };
    let hint = "write `servers = [\"http://127.0.0.1:8000\"]`";
    add(upstream.servers.is_empty(), &["servers"], "an upstream needs a server", hint);
    let is_twice = |(index, one): (usize, _)| upstream.servers.iter().skip(index + 1).any(|other| other == one);
    let has_twins = upstream.servers.iter().enumerate().any(is_twice);
    add(has_twins, &["servers"], "a server stands twice", "name each server once");
    let by_hash = upstream.balance == Some(Balance::Hash);
    let hint = "write `hash_by = \"address\"` or another of `principal`, `header:X-Session`";
    add(by_hash && upstream.hash_by.is_none(), &["balance"], "by a hash of what a server is chosen is not said", hint);
    let hint = "write `balance = \"hash\"`, or leave `hash_by` out";
    add(!by_hash && upstream.hash_by.is_some(), &["hash_by"], "nothing is chosen by a hash", hint);
    if let Some(tls) = &upstream.tls {
        let hint = "write the addresses with `https://`, or leave `tls` out";
        let is_spoken = upstream.servers.iter().any(|server| server.tls);
        add(!is_spoken, &["tls"], "no server of this upstream is spoken to over TLS", hint);
        let hint = "a certificate is shown with its key: write both, or neither";
        let is_half = tls.certificate.is_some() != tls.key.is_some();
        add(is_half, &["tls"], "only one of `certificate` and `key` is there", hint);
    }
    let share = upstream.retry.as_ref().and_then(|retry| retry.budget_percent).map_or(0, NonZeroU32::get);
    let hint = "write a share of all requests, such as 20; `attempts = 1` sends nothing again";
    add(share > 100, &["retry", "budget_percent"], "more than all requests cannot be sent again", hint);
}

fn limit_alone(limit: &Limit, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
    let mut add = |is_wrong: bool, key: &str, message: &str, hint: &str| {
        if is_wrong {
            mistakes.push(Mistake::new(place(found, &[key]), message.to_owned(), hint.to_owned()));
        }
    };
    let hint = "write `by = [\"principal\"]` or another of `address`, `key`, `route`, `body:/field`, `header:Name`";
    add(limit.by.is_empty(), "by", "a limit must say what it counts apart", hint);
    let is_concurrent = limit.counting == Some(Counting::Concurrent);
    let hint = "leave `mode` out: each request is asked for at the store, and given back there";
    let is_leased = limit.mode == Some(Sharing::Leased);
    add(is_concurrent && is_leased, "mode", "what is under way cannot be leased: it would be under way nowhere", hint);
    let hint = "leave `counted` out: what is under way is counted until it ends, well or not";
    let is_counted = limit.counted == Some(Counted::Failures);
    add(is_concurrent && is_counted, "counted", "whether a request fails is not known while it is under way", hint);
}

fn identity_alone(identity: &Identity, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
    let both_carriers = match identity {
        Identity::Jwt(jwt) => jwt.header.is_some() && jwt.cookie.is_some(),
        Identity::Introspection(one) => one.header.is_some() && one.cookie.is_some(),
        _ => false,
    };
    if both_carriers {
        let message = "a token comes from one place, not from `header` and `cookie`";
        mistakes.push(Mistake::new(place(found, &["cookie"]), message, "keep one of them"));
    }
    let jwt = match identity {
        Identity::Jwt(jwt) => jwt,
        Identity::Webhook(webhook) => return webhook_alone(webhook, found, mistakes),
        Identity::ClientCertificate(certificates) => return certificates_alone(certificates, found, mistakes),
        _ => return,
    };
    if jwt.algorithms.is_empty() {
        let hint = "write the one that your issuer uses: `algorithms = [\"RS256\"]`";
        mistakes.push(Mistake::new(place(found, &["algorithms"]), "no algorithm is accepted", hint));
    }
    let symmetric = jwt.algorithms.iter().filter(|one| one.is_symmetric()).count();
    let public = matches!(jwt.keys, KeysRef::Jwks(_) | KeysRef::Discovery(_));
    if symmetric > 0 && (symmetric < jwt.algorithms.len() || public) {
        let message = "HMAC beside public keys: whoever knows a public key could sign with it";
        let hint = "name HMAC algorithms with a secret alone, or the others with public keys alone";
        mistakes.push(Mistake::new(place(found, &["algorithms"]), message, hint));
    }
}

fn webhook_alone(webhook: &WebhookIdentity, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
    let mut add = |is_wrong: bool, key: &str, message: &str, hint: &str| {
        if is_wrong {
            mistakes.push(Mistake::new(place(found, &[key]), message, hint));
        }
    };
    let hint = "write `secrets = [{ env = \"WEBHOOK_SECRET\" }]`";
    add(webhook.secrets.is_empty(), "secrets", "nobody can sign without a secret", hint);
    let is_own = webhook.sender == Sender::Hmac;
    let hint = "write `header = \"X-Signature\"` with the field of your sender";
    add(is_own && webhook.header.is_none(), "header", "it is not said which field holds the signature", hint);
    let is_known = !is_own && (webhook.header.is_some() || webhook.timestamp_header.is_some());
    add(is_known, "header", "the fields of this sender are known", "leave it out, or write `sender = \"hmac\"`");
}

fn certificates_alone(identity: &ClientCertificateIdentity, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
    let is_twin = |(index, one): (usize, &crate::identity::CertificateClient)| {
        identity.clients.iter().skip(index + 1).any(|other| other.name == one.name)
    };
    if identity.clients.iter().enumerate().any(is_twin) {
        mistakes.push(Mistake::new(place(found, &["clients"]), "a client stands twice", "name each client once"));
    }
}

/// Fields that mean something else on the way to an application: what the gateway wrote there would not be who asks.
const TAKEN: &[&str] = &[
    "accept",
    "authorization",
    "connection",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-request-id",
];
/// How such fields begin, of which there are families.
const TAKEN_PREFIXES: &[&str] = &["content-", "if-", "sec-", "x-forwarded-"];

/// Who asks is told in fields that are nothing else, each once.
fn identity_headers(document: &DeTable<'_>, identity: &Partly<String, Identity>, mistakes: &mut Vec<Mistake>) {
    let Some(table) = document.get("identity_headers").and_then(|found| found.get_ref().as_table()) else {
        return;
    };
    let of_assertion = table.get("assertion").and_then(|assertion| assertion.get_ref().get("header"));
    let fields =
        ["subject", "identity", "roles", "scopes"].iter().filter_map(|key| table.get(*key)).chain(of_assertion);
    let carriers: Vec<String> = identity
        .iter()
        .filter_map(|(_, one)| one.as_ref())
        .flat_map(|one| match one {
            Identity::ForwardAuth(service) => service.request_headers.iter().collect(),
            other => other.header().into_iter().collect::<Vec<_>>(),
        })
        .map(|name| name.as_str().to_ascii_lowercase())
        .collect();
    let mut seen: Vec<String> = Vec::new();
    for field in fields {
        let Some(name) = field.get_ref().as_str().map(str::to_ascii_lowercase) else { continue };
        let is_taken = TAKEN.contains(&name.as_str()) || TAKEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let why = if is_taken {
            Some("this field means something else to an application")
        } else if carriers.contains(&name) {
            Some("this field carries a credential")
        } else if seen.contains(&name) {
            Some("two things cannot be told in one field")
        } else {
            None
        };
        if let Some(why) = why {
            mistakes.push(Mistake::new(field.span(), why, "write one of its own, such as `X-Auth-Subject`"));
        }
        seen.push(name);
    }
}

/// Without an authority nobody can show a certificate.
fn certificates_asked(document: &DeTable<'_>, identity: &Partly<String, Identity>, mistakes: &mut Vec<Mistake>) {
    let tls = document.get("listen").and_then(|listen| listen.get_ref().get("tls"));
    if tls.and_then(|tls| tls.get_ref().get("client_ca")).is_some() {
        return;
    }
    for (key, found) in sections(document, "identity") {
        let one = identity.iter().find(|(name, _)| *name == **key.get_ref()).and_then(|(_, one)| one.as_ref());
        if matches!(one, Some(Identity::ClientCertificate(_))) {
            let hint = "name the authorities of your clients: `[listen.tls]` `client_ca = \"partners.pem\"`";
            mistakes.push(Mistake::new(found.span(), "no client is asked for a certificate", hint));
        }
    }
}

/// Literal secrets: a text where a reference to one must stand. It is never repeated in the message.
fn secrets(document: &DeTable<'_>, mistakes: &mut [Mistake]) {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut add = |found: Option<Found<'_, '_>>| {
        places.extend(found.filter(|found| found.get_ref().is_str()).map(toml::Spanned::span));
    };
    for (_, identity) in sections(document, "identity") {
        for key in ["keys", "client_secret", "users"] {
            add(identity.get_ref().get(key));
        }
        for secret in
            identity.get_ref().get("secrets").and_then(|found| found.get_ref().as_array()).into_iter().flatten()
        {
            add(Some(secret));
        }
    }
    for (_, upstream) in sections(document, "upstream") {
        add(upstream.get_ref().get("tls").and_then(|tls| tls.get_ref().get("key")));
    }
    let key =
        document.get("listen").and_then(|listen| listen.get_ref().get("tls")).and_then(|tls| tls.get_ref().get("key"));
    add(key);
    let headers = document.get("identity_headers").and_then(|found| found.get_ref().get("assertion"));
    add(headers.and_then(|assertion| assertion.get_ref().get("key")));
    add(document.get("store").and_then(|store| store.get_ref().get("url")));
    for mistake in mistakes {
        if places.contains(&mistake.span) {
            "a secret cannot stand in a policy".clone_into(&mut mistake.message);
            "expected a reference: `{ env = \"NAME\" }` or `{ file = \"path\" }`".clone_into(&mut mistake.hint);
        }
    }
}

impl Whole<'_> {
    fn route(&self, key: &RouteKey, settings: &RouteSettings, found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) {
        if let Some(router) = self.router {
            agreement(router, key, settings, found, mistakes);
        }
        let mut told = |path: &[&str], message: String, hint: String| {
            mistakes.push(Mistake::new(place(found, path), message, hint));
        };
        if let Some(name) = &settings.upstream {
            known("upstream", name, self.upstream, &mut |message, hint| told(&["upstream"], message, hint));
        } else if self.upstream.len() > 1 {
            let names = listed(self.upstream.iter().map(|(name, _)| &**name));
            told(
                &[],
                "the policy has several upstreams, and none is named here".to_owned(),
                format!("write `upstream = ...`: one of {names}"),
            );
        }
        for (index, name) in settings.limits.iter().enumerate() {
            let index = index.to_string();
            known("limit", name, self.limits, &mut |message, hint| told(&["limits", &index], message, hint));
        }
        self.cost(settings, &mut told);
        if settings.access.is_some() && !settings.gives.is_empty() {
            let message = "`access = \"public\"` admits everybody, so nobody is known to whom ids are given".to_owned();
            told(&["gives"], message, "keep one of them".to_owned());
        }
        if settings.access.is_some() && !settings.allow.is_empty() {
            let message = "`access = \"public\"` admits everybody, so `allow` says nothing".to_owned();
            told(&["allow"], message, "keep one of them".to_owned());
        }
        if let (Some(deprecated), Some(sunset)) = (settings.deprecated, settings.sunset)
            && sunset < deprecated
        {
            let message = format!("`sunset` is before `deprecated` ({deprecated})");
            told(&["sunset"], message, "a route is deprecated first".to_owned());
        }
        for (index, shield) in settings.shields.iter().enumerate() {
            let Some(patch) = &shield.patch else { continue };
            let is_half = patch.parameter.is_some() != patch.pattern.is_some();
            if is_half || (patch.parameter.is_none() && patch.refuse_fields.is_empty()) {
                let message = "a patch says what it refuses".to_owned();
                let hint = "write `parameter` with `pattern`, or `refuse_fields = [\"/role\"]`".to_owned();
                told(&["shields", &index.to_string(), "patch"], message, hint);
            }
        }
        for (index, grant) in settings.allow.iter().enumerate() {
            let index = index.to_string();
            self.grant(key, grant, &mut |at, message, hint| told(&["allow", &index, at], message, hint));
        }
    }

    /// What costs more than a quota is never admitted.
    fn cost(&self, settings: &RouteSettings, told: &mut dyn FnMut(&[&str], String, String)) {
        let Some(cost) = settings.cost else { return };
        let named = self.limits.iter().filter(|(name, _)| settings.limits.contains(name));
        for (name, quota) in named.filter_map(|(name, limit)| Some((name, limit.as_ref()?.quota))) {
            if cost > quota {
                let message =
                    format!("a request costs {cost}, and the limit `{name}` has {quota}: none is ever admitted");
                told(&["cost"], message, format!("write a cost of at most {quota}, or a larger `quota`"));
            }
        }
        // Keys may have quotas of their own, which the policy does not see.
        let is_of_keys = |grant: &Grant| {
            self.identity.iter().any(|(name, one)| *name == grant.identity && matches!(one, Some(Identity::ApiKey(_))))
        };
        if settings.limits.is_empty() && !settings.allow.iter().any(is_of_keys) {
            let message = "a request costs something, and no limit counts it".to_owned();
            told(&["cost"], message, "name one: `limits = [\"default\"]`".to_owned());
        }
    }

    /// An id that no answer gives nobody has ever been given.
    fn learned(&self, key: &RouteKey, learned: &Learned, told: &mut dyn FnMut(&str, String, String)) {
        parameter("learned", &learned.parameter, key, told);
        if self.given.contains(&*learned.objects) {
            return;
        }
        let names = || self.given.iter().copied();
        let hint = did_you_mean(&learned.objects, names()).unwrap_or_else(|| {
            let example = format!("gives = [{{ objects = \"{}\", id = \"/id\" }}]", learned.objects.escape_debug());
            format!("write `{example}` at the route whose answer lists them")
        });
        let name = learned.objects.escape_debug();
        told("learned", format!("no route gives ids of `{name}`: nobody is ever admitted by this"), hint);
    }

    fn grant(&self, key: &RouteKey, grant: &Grant, told: &mut dyn FnMut(&str, String, String)) {
        known("identity", &grant.identity, self.identity, &mut |message, hint| told("identity", message, hint));
        let identity = self.identity.iter().find(|(name, _)| *name == grant.identity).and_then(|(_, one)| one.as_ref());
        if let Some(identity) = identity {
            carried(identity, grant, told);
        }
        let owner = match &grant.owner {
            Some(Owner::Response(_)) => Some(true),
            Some(other) => {
                for name in other.parameters() {
                    parameter("owner", name, key, told);
                }
                if let Owner::Lookup(lookup) = other {
                    looked_up("owner", lookup, told);
                }
                Some(false)
            }
            None => None,
        };
        if let Some(learned) = &grant.learned {
            self.learned(key, learned, told);
        }
        for name in grant.when.iter().flat_map(Condition::operands).filter_map(Operand::parameter) {
            parameter("when", name, key, told);
        }
        let tenant = grant.tenant.as_ref().map(|tenant| {
            if tenant.parameter.is_some() == tenant.response.is_some() {
                let hint = "write exactly one of `parameter` and `response`".to_owned();
                told("tenant", "it is not said what must be the tenant".to_owned(), hint);
            }
            if let Some(name) = &tenant.parameter {
                parameter("tenant", name, key, told);
            }
            tenant.response.is_some()
        });
        for (what, in_response) in [("owner", owner), ("tenant", tenant)] {
            if in_response == Some(true) && !is_undone_by_withholding(key.method()) {
                let message =
                    format!("a check in the response comes too late: `{}` has changed something by then", key.method());
                told(what, message, "expected `{ parameter = ... }`, or a safe method: GET, HEAD, OPTIONS".to_owned());
            }
        }
    }
}

/// A converter that is not known may match anything, so that nobody can tell whether this route or a later one answers.
fn agreement(
    router: &RouterSettings,
    key: &RouteKey,
    settings: &RouteSettings,
    found: Found<'_, '_>,
    mistakes: &mut Vec<Mistake>,
) {
    if settings.admits() == Admits::Nobody {
        return;
    }
    let mut told = |what: String, hint: String| {
        let message = format!("it cannot be shown which requests the application gives to this route: {what}");
        mistakes.push(Mistake::new(found.span(), message, hint));
    };
    let converters = Converters::of(router);
    let patterns = key.host().into_iter().chain([key.pattern()]);
    if let Some(parameter) = patterns.flat_map(PathPattern::parameters).find(|one| !converters.is_known(&one.converter))
    {
        let name = parameter.converter.name();
        let hint = did_you_mean(name, converters.names()).unwrap_or_else(|| {
            let known = listed(converters.names());
            format!("leave `allow` empty (such requests are refused), or use one of {known}")
        });
        told(format!("the converter `{name}` is not known"), hint);
    }
    if key.host().is_some() && router.kind != RouterKind::Starlette {
        let what = format!("how the router `{}` compares hosts is not known", router.kind.word());
        told(what, "leave `allow` empty (such requests are refused), or leave the host out".to_owned());
    }
}

/// Withholding the answer undoes what a method does only if it does nothing.
fn is_undone_by_withholding(method: &Method) -> bool {
    method.is_safe()
}

/// What an identity of this kind can never show.
fn carried(identity: &Identity, grant: &Grant, told: &mut dyn FnMut(&str, String, String)) {
    if let Identity::Application(_) = identity {
        delegated(&grant.identity, grant, told);
        return;
    }
    let asked = |is_it: fn(&Condition) -> bool| {
        let conditions = grant.when.iter().flat_map(Condition::each);
        conditions.into_iter().any(is_it)
    };
    let is_role = |one: &Condition| matches!(one, Condition::Role(_));
    let is_permission = |one: &Condition| matches!(one, Condition::Permission(_));
    let is_scope = |one: &Condition| matches!(one, Condition::Scope(_));
    let never = [
        ("role", grant.role.is_some() || asked(is_role), identity.roles_at(), "roles"),
        ("permission", grant.permission.is_some() || asked(is_permission), identity.permissions_at(), "permissions"),
        ("scope", grant.scope.is_some() || asked(is_scope), identity.scopes_at(), "scopes"),
    ];
    let name = &grant.identity;
    for (what, _, _, key) in never.into_iter().filter(|(_, is_asked, place, _)| *is_asked && place.is_none()) {
        let hint = match identity {
            Identity::Jwt(_) | Identity::Introspection(_) => {
                format!("write where the claims hold them: `[identity.{name}]` `{key} = \"/{key}\"`")
            }
            Identity::ForwardAuth(_) if what != "permission" => {
                format!("write which field of the answer holds them: `[identity.{name}]` `{key} = \"X-Auth-{key}\"`")
            }
            _ => format!("an identity of kind `{}` carries no {key}", identity.kind()),
        };
        told(what, format!("nobody whom `{name}` identifies ever has a {what}"), hint);
    }
    let is_token = matches!(identity, Identity::Jwt(_) | Identity::Introspection(_));
    let has_no_subject = matches!(identity, Identity::Webhook(_));
    // Of others no more is known than this.
    let is_known = |claim: &ClaimIs| ["/sub", "/scope", "/roles"].contains(&claim.claim.as_str()) && !has_no_subject;
    let conditions = grant.when.iter().flat_map(Condition::each);
    let is_unknown = |one: &Condition| matches!(one, Condition::Claim(claim) if !is_known(claim));
    let compares_unknown = !is_token && conditions.into_iter().any(is_unknown);
    for (what, is_never) in [
        ("claim like this", compares_unknown),
        ("tenant", !is_token && grant.tenant.is_some()),
        ("owner", has_no_subject && grant.owner.is_some()),
        ("learned id", has_no_subject && grant.learned.is_some()),
    ] {
        if is_never {
            let hint = format!("leave it out, or ask for another identity: `{}` does not tell", identity.kind());
            let place = match what {
                "claim like this" => "when",
                "learned id" => "learned",
                other => other,
            };
            told(place, format!("nobody whom `{name}` identifies ever has a {what}"), hint);
        }
    }
}

/// What the application verifies tells the gateway nothing.
fn delegated(name: &str, grant: &Grant, told: &mut dyn FnMut(&str, String, String)) {
    let asked = [
        ("scope", "scope", grant.scope.is_some()),
        ("role", "role", grant.role.is_some()),
        ("permission", "permission", grant.permission.is_some()),
        ("owner", "owner", grant.owner.is_some()),
        ("tenant", "tenant", grant.tenant.is_some()),
        ("learned", "subject", grant.learned.is_some()),
        ("when", "when", grant.when.is_some()),
    ];
    for (place, what, _) in asked.into_iter().filter(|(.., is_asked)| *is_asked) {
        let hint = "leave it out: the application verifies the credential, and what its holder may do".to_owned();
        told(
            place,
            format!("the gateway does not know the {what} of whom the application identifies as `{name}`"),
            hint,
        );
    }
}

fn parameter(what: &str, name: &str, key: &RouteKey, told: &mut dyn FnMut(&str, String, String)) {
    if !key.has_parameter(name) {
        let names: Vec<&str> = key.pattern().parameters().map(|parameter| &*parameter.name).collect();
        let hint = did_you_mean(name, names.iter().copied())
            .unwrap_or_else(|| format!("the parameters of the path are: {}", listed(names.iter().copied())));
        told(what, format!("the path has no parameter `{}`", name.escape_debug()), hint);
    }
}

/// What the gateway asks on its own must change nothing, and have a path that it can write.
fn looked_up(what: &str, lookup: &OwnerLookup, told: &mut dyn FnMut(&str, String, String)) {
    let asked = &lookup.endpoint;
    if lookup.key.is_some() != lookup.parameter.is_some() {
        let hint = "write both `key` and `parameter`, or neither where the answer is the object".to_owned();
        told(what, "which item of the list is the object is not said".to_owned(), hint);
    }
    if *asked.method() != Method::Get || asked.host().is_some() {
        let hint = "write an endpoint such as `GET /orders/{order_id}`".to_owned();
        told(what, format!("`{asked}` cannot be asked before a request: only `GET` on a path can"), hint);
    }
}

fn known<T>(kind: &str, name: &str, sections: &Partly<String, T>, told: &mut dyn FnMut(String, String)) {
    if sections.iter().any(|(known, _)| known == name) {
        return;
    }
    let names = || sections.iter().map(|(known, _)| &**known);
    let hint = did_you_mean(name, names()).unwrap_or_else(|| match sections.len() {
        0 => format!("the policy names no {kind}: add `[{}.{name}]`", if kind == "limit" { "limits" } else { kind }),
        _ => format!("those of the policy are: {}", listed(names())),
    });
    told(format!("there is no {kind} `{}`", name.escape_debug()), hint);
}
