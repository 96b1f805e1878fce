//! What becomes of a request, step by step, without a server: what `doorward policy test` shows. The bytes of a head are read by
//! the strict codec and taken through the layers of the pipeline, by the code that a running gateway runs; only what would be
//! asked of the application is not asked, and said.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::LOCATION;
use policy::{
    Counted, Counting, Grant, Identity, JwtIdentity, KeysRef, Limit, Match, Matcher, Mode, ModeLayer, Owner, Policy,
    RequestPath, RouterKind, Sharing, Store, Subject, Upstream, WhenStoreDown,
};
use serde_json::{Map, Value};

use crate::body::Body;
use crate::dates::Dates;
use crate::downstream::Connection;
use crate::downstream::codec::{Codec, Event};
use crate::downstream::head::Head;
use crate::entrance::Entrance;
use crate::exchange::{Exchange, Principal};
use crate::identities::{Identities, Loading};
use crate::layers::identity_headers::Told;
use crate::layers::limits::key_quota;
use crate::pipeline::{LayerName, Onlooker, Pipeline, Verdict};
use crate::record::Records;
use crate::refusal::{Reason, Refusal};
use crate::site::{Keys, Site, SiteError, built, held_back, route_names};
use crate::upstream::upstreams::Upstreams;
use crate::worker::{self, Clock, Ids, Worker};

/// A request that is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The method; `WS` asks for a WebSocket.
    pub method: String,
    /// The target as it stands on the wire.
    pub target: String,
    /// The fields, `Name: value`.
    pub fields: Vec<String>,
    /// Its body. Where the fields do not say what it is, it is JSON.
    pub body: Vec<u8>,
    /// The address that it comes from.
    pub address: IpAddr,
    /// Who asks, as if the credential had been verified.
    pub caller: Option<Caller>,
}

/// Who asks, as if the credential had been verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    /// The identity that was shown, by its name in the policy.
    pub identity: String,
    /// The roles that it carries.
    pub roles: Vec<String>,
    /// The scopes that it carries.
    pub scopes: Vec<String>,
    /// The permissions that it carries.
    pub permissions: Vec<String>,
    /// Other claims with their values; a dot leads into an object.
    pub claims: Vec<(String, String)>,
}

/// What becomes of a request, with the steps that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What each layer said that said something, in order.
    pub steps: Vec<String>,
    /// What becomes of the request.
    pub end: End,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It goes to the application.
    Admitted {
        /// What the application must show, in its answer or when it is asked beforehand: one of these; none: nothing is
        /// looked at.
        if_shown: Vec<String>,
    },
    /// The gateway answers.
    Answered {
        /// With this status.
        status: u16,
        /// Where it sends the client, if it does.
        location: Option<String>,
    },
    /// It is refused.
    Refused {
        /// By this layer.
        layer: LayerName,
        /// For this reason.
        reason: Reason,
        /// What the audit trail says.
        detail: String,
        /// What of the policy is in report mode, so that the request goes on and this is only said.
        reported_by: Option<String>,
    },
}

/// Tries a request, as a gateway in enforce mode would take it.
pub fn tried(policy: &Policy, keys: &dyn Keys, clock: Clock, question: &Question) -> std::io::Result<Trial> {
    let mut steps = Vec::new();
    let site = Arc::new(site(policy, keys, question, &mut steps));
    let upstream = Upstream::of(vec![nowhere()?]);
    let upstreams = Upstreams::of(&upstream, None, keys, None).map_err(std::io::Error::other)?;
    let worker = Rc::new(Worker {
        site: site.clone(),
        series: Arc::default(),
        relays: upstreams.relays(1),
        upstreams: Arc::new(upstreams),
        counters: Arc::new(worker::Counting::new()),
        records: Records::nowhere().0,
        subjects: Rc::default(),
        quotas: Arc::default(),
        ids: Rc::new(Ids::of_worker(0, clock())),
        dates: Dates::default(),
        clock,
    });
    let (request, head) = match read(question) {
        Ok((request, head)) => (request, Ok(head)),
        Err(refusal) => (Request::new(Body::empty()), Err(refusal)),
    };
    let connection = Rc::new(Connection::new(SocketAddr::new(question.address, 0)));
    let mut exchange = Exchange::begun(worker, connection, request, head, None);
    let caller = question.caller.as_ref().map(|caller| principal(caller, policy));
    exchange.principals.extend(caller.clone());
    let mut witness = Witness { site: &site, caller, steps, end: None, if_shown: Vec::new(), seen: Seen::default() };
    witness.seen = Seen::of(&exchange);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(Pipeline::new(&site).enter(&mut exchange, &mut witness));
    Ok(witness.told(&exchange))
}

/// An address that nothing is sent to.
fn nowhere() -> std::io::Result<policy::ServerUrl> {
    "http://127.0.0.1:9".parse().map_err(std::io::Error::other)
}

/// The compiled policy in enforce mode, with the keys that can be read.
fn site(policy: &Policy, keys: &dyn Keys, question: &Question, steps: &mut Vec<String>) -> Site {
    let mut identities = Identities::default();
    let loading = Loading { keys, refuses_known: false, before: None };
    for (name, identity) in &policy.identity {
        let why = match identity {
            Identity::Jwt(JwtIdentity { keys: KeysRef::Jwks(url) | KeysRef::Discovery(url), .. }) => {
                format!("tokens of `{name}` are not verified here: a gateway fetches the keys from {}", url.as_str())
            }
            _ => match identities.load(name, identity, &loading, &mut Vec::new()) {
                Ok(()) => continue,
                Err(SiteError::Key { error, .. }) => format!("tokens of `{name}` cannot be verified here: {error}"),
                Err(SiteError::ApiKeys { error, .. }) => {
                    format!("keys of `{name}` cannot be compared with here: {error}")
                }
                Err(error) => format!("credentials cannot be verified here: {error}"),
            },
        };
        if !question.fields.is_empty() {
            steps.push(format!("key: {why}"));
        }
    }
    let told = policy.identity_headers.as_ref().and_then(|settings| Told::load(settings, keys).ok());
    let matcher = Matcher::new(&policy.routes, &policy.router);
    let entrance = Entrance::of(Some(policy));
    Site {
        policy: Some(policy.clone()),
        route_names: route_names(policy),
        matcher: Some(matcher),
        mode: Mode::Enforce,
        identities,
        told,
        entrance,
        store: None,
        notes: Arc::default(),
        learned: None,
        held_back: held_back(policy),
    }
}

/// The request as it would be read from the wire.
fn read(question: &Question) -> Result<(Request<Body>, Head), Refusal> {
    let is_websocket = question.method == "WS";
    let method = if is_websocket { "GET" } else { &question.method };
    let mut fields = question.fields.clone();
    if !fields.iter().any(|field| field.split(':').next().is_some_and(|name| name.eq_ignore_ascii_case("host"))) {
        fields.insert(0, "Host: localhost".to_owned());
    }
    if is_websocket {
        fields.extend(WEBSOCKET.map(str::to_owned));
    }
    if !question.body.is_empty() {
        let of_body =
            [("Content-Type", "application/json".to_owned()), ("Content-Length", question.body.len().to_string())];
        for (name, value) in of_body {
            let is_it = |field: &String| field.split(':').next().is_some_and(|known| known.eq_ignore_ascii_case(name));
            if !fields.iter().any(is_it) {
                fields.push(format!("{name}: {value}"));
            }
        }
    }
    let text = format!("{method} {} HTTP/1.1\r\n{}\r\n\r\n", question.target, fields.join("\r\n"));
    let mut codec = Codec::new(u64::try_from(question.body.len()).unwrap_or(u64::MAX));
    codec.bytes().extend_from_slice(text.as_bytes());
    match codec.advance() {
        Event::Head(read) => Ok((read.request.map(|()| Body::from(Bytes::from(question.body.clone()))), read.head)),
        Event::Refused(refusal) | Event::BodyRefused(refusal) => Err(refusal),
        _ => Err(Refusal::new(Reason::RequestLine, "the request does not end")),
    }
}

/// What a client sends that asks for a WebSocket (RFC 6455 section 4.1).
const WEBSOCKET: [&str; 4] = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// The caller as the layers know principals.
fn principal(caller: &Caller, policy: &Policy) -> Principal {
    let mut claims = Value::Object(Map::new());
    for (name, value) in &caller.claims {
        put(&mut claims, std::iter::once(name.clone()), value.clone().into());
        if name.contains('.') {
            put(&mut claims, name.split('.').map(str::to_owned), value.clone().into());
        }
    }
    let mut subject = None;
    if let Some(Identity::Jwt(jwt)) = policy.identity_named(&caller.identity) {
        let name = match &jwt.subject {
            Some(Subject::Claim(claim)) => claim,
            Some(Subject::Lookup(_)) | None => "sub",
        };
        subject = claims.get(name).and_then(Value::as_str).map(str::to_owned);
        for (place, names) in [(&jwt.roles, &caller.roles), (&jwt.permissions, &caller.permissions)] {
            if let Some(place) = place.as_ref().filter(|_| !names.is_empty()) {
                put(&mut claims, place.tokens(), names.clone().into());
            }
        }
        if !caller.scopes.is_empty() {
            let place: Vec<String> =
                jwt.scopes.as_ref().map_or_else(|| vec!["scope".to_owned()], |place| place.tokens().collect());
            put(&mut claims, place.into_iter(), caller.scopes.join(" ").into());
        }
    }
    match policy.identity_named(&caller.identity) {
        None | Some(Identity::Jwt(_) | Identity::Application(_)) => {}
        Some(identity) => {
            let name = match identity {
                Identity::Introspection(one) => one.subject.as_deref().unwrap_or("sub"),
                _ => "sub",
            };
            subject = claims.get(name).and_then(Value::as_str).map(str::to_owned);
            let places = [
                (identity.roles_at(), &caller.roles),
                (identity.permissions_at(), &caller.permissions),
                (identity.scopes_at(), &caller.scopes),
            ];
            for (place, names) in places {
                if let Some(place) = place.and_then(|place| place.parse::<policy::Pointer>().ok()) {
                    put(&mut claims, place.tokens(), names.clone().into());
                }
            }
        }
    }
    Principal { identity: caller.identity.clone(), subject, claims: Arc::new(claims), key: None }
}

/// Puts a value below names, each an object in the one before.
fn put(within: &mut Value, names: impl Iterator<Item = String>, value: Value) {
    let mut at = within;
    for name in names {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(object) = at else { return };
        at = object.entry(name).or_insert(Value::Null);
    }
    *at = value;
}

/// What is known of an exchange between two layers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    address: Option<IpAddr>,
    is_open: bool,
    route: Option<usize>,
    principals: usize,
    tried: usize,
    grants: Vec<usize>,
}

impl Seen {
    fn of(exchange: &Exchange) -> Self {
        Self {
            address: Some(exchange.client.address),
            is_open: exchange.is_open,
            route: exchange.route,
            principals: exchange.principals.len(),
            tried: exchange.tried.len(),
            grants: exchange.grants.clone(),
        }
    }
}

/// Looks on while a request enters the layers, and writes down what changes.
struct Witness<'s> {
    site: &'s Site,
    caller: Option<Principal>,
    steps: Vec<String>,
    end: Option<End>,
    if_shown: Vec<String>,
    seen: Seen,
}

impl Witness<'_> {
    /// Says which limits a request would be counted by.
    fn counted(&mut self, exchange: &Exchange) {
        let named = exchange.route().map(|route| route.settings.limits.as_slice()).unwrap_or_default();
        let policy = self.site.policy.as_ref();
        let cost = exchange.route().and_then(|route| route.settings.cost).map_or(1, std::num::NonZeroU32::get);
        let cost = if cost > 1 { format!(" as {cost}") } else { String::new() };
        let limits = named.iter().filter_map(|name| Some((name, policy?.limit_named(name)?)));
        let told = limits.map(|(name, limit)| {
            let by: Vec<String> = limit.by.iter().map(ToString::to_string).collect();
            let what = if limit.counted == Some(Counted::Failures) { ", failures alone" } else { "" };
            let quota = match limit.counting {
                Some(Counting::Concurrent) => format!("{} at once", limit.quota),
                _ => format!("{} in {} s", limit.quota, limit.window_s),
            };
            format!("`{name}` counts it{cost}: {quota} by {}{what}{}", by.join(" and "), counted_in(policy, limit))
        });
        let login = exchange.route().and_then(|route| route.settings.login.as_ref()).map(|login| {
            let steps = login.steps().into_iter().map(|(tries, seconds)| format!("{tries} in {seconds} s"));
            let (account, steps) = (login.account.as_str(), steps.collect::<Vec<_>>().join(", "));
            format!("wrong passwords of the account in `{account}` from one network: {steps}")
        });
        let of_key = exchange.admitted_as().and_then(|one| {
            let (quota, identity) = key_quota(self.site, &one.identity, one.key.as_ref()?)?;
            let (count, window_s) = (quota.count, quota.window_s);
            let (mode, down) = (identity.quota_mode, identity.quota_when_store_down);
            let whose = "the quota of the key itself counts it";
            Some(format!("{whose}{cost}: {count} in {window_s} s{}", in_store(policy, Sharing::Leased, mode, down)))
        });
        for told in of_key.into_iter().chain(told).chain(login).collect::<Vec<_>>() {
            self.say(LayerName::LIMITS, &told);
        }
    }
}

/// In which store, and what happens without it, where there is more than the memory of the gateway.
fn counted_in(policy: Option<&Policy>, limit: &Limit) -> String {
    let usual = if limit.counting == Some(Counting::Concurrent) { Sharing::Strict } else { Sharing::Leased };
    in_store(policy, usual, limit.mode, limit.when_store_down)
}

fn in_store(policy: Option<&Policy>, usual: Sharing, mode: Option<Sharing>, down: Option<WhenStoreDown>) -> String {
    let Some(store @ Store::Redis(_)) = policy.and_then(|policy| policy.store.as_ref()) else {
        return String::new();
    };
    let how = mode.unwrap_or(usual).word();
    let down = match down.unwrap_or(WhenStoreDown::Local) {
        WhenStoreDown::Local => "each gateway counts alone",
        WhenStoreDown::Open => "nothing is limited",
        WhenStoreDown::Closed => "it is refused",
    };
    format!(", in {} ({how}; while that is down, {down})", store.told())
}

impl Onlooker for Witness<'_> {
    fn instead_of_waiting(&mut self, layer: LayerName, exchange: &mut Exchange) -> Option<Verdict> {
        if layer == LayerName::OWNERSHIP {
            self.if_shown.extend(exchange.open_grants().iter().map(|(_, grant)| looked_up(grant, exchange)));
            self.say(layer, "the application is asked whose the object is");
        } else if layer != LayerName::SUBJECT {
            self.say(layer, "a running gateway looks at the credential, or asks about it; here that is not done");
        } else {
            let subject = self.caller.as_ref().and_then(|caller| caller.subject.clone());
            self.say(
                layer,
                &match &subject {
                    Some(subject) => {
                        format!("the application is asked who it is; taken to answer `{}`", shown(subject))
                    }
                    None => {
                        "the application is asked who it is; `--claim sub=...` says what it would answer".to_owned()
                    }
                },
            );
            for principal in &mut exchange.principals {
                principal.subject.clone_from(&subject);
            }
        }
        Some(Verdict::Continue)
    }

    fn entered(&mut self, layer: LayerName, verdict: &Verdict, exchange: &Exchange) {
        let now = Seen::of(exchange);
        let before = std::mem::replace(&mut self.seen, now);
        if before.address != self.seen.address {
            self.say(layer, &format!("the client is {}", exchange.client.address));
        }
        if before.route != self.seen.route || self.seen.is_open && !before.is_open {
            self.routed(layer, exchange);
        }
        for principal in exchange.principals.iter().skip(before.principals) {
            let how = match self.site.identity(&principal.identity) {
                Some(Identity::Application(_)) => "is delegated: the application verifies the credential",
                _ => "is shown",
            };
            self.say(layer, &format!("`{}` {how}", principal.identity));
        }
        // Whoever was taken to be shown need not show anything.
        let taken = self.caller.as_ref().map(|caller| format!("`{}`: ", caller.identity));
        let is_taken = |why: &str| taken.as_ref().is_some_and(|taken| why.starts_with(taken.as_str()));
        for tried in exchange.tried.iter().skip(before.tried).filter(|tried| !is_taken(&tried.why)) {
            self.say(layer, &tried.why);
        }
        if before.route == self.seen.route {
            let allow = exchange.route().map(|route| route.settings.allow.as_slice()).unwrap_or_default();
            let gone = before.grants.iter().filter(|index| !self.seen.grants.contains(index));
            let gone: Vec<String> = gone.filter_map(|index| Some(allow.get(*index)?.told())).collect();
            for grant in gone {
                self.say(layer, &format!("{grant} does not hold"));
            }
        }
        match layer {
            LayerName::LIMITS => self.counted(exchange),
            LayerName::LEARNED => self.learned(exchange),
            _ => {}
        }
        match verdict {
            Verdict::Refuse(refusal) => {
                let layer = if refusal.layer == LayerName::RELAY { layer } else { refusal.layer };
                let reported_by = self.reported_by(layer, exchange);
                // Where layer or route report for themselves, the request goes on here, too.
                if let Some(what) = reported_by.as_ref().filter(|_| !exchange.says(layer)) {
                    let (status, detail) = (refusal.reason.status(), &refusal.detail);
                    let said =
                        format!("{detail} ({}, {status}): {what} is in report mode, it is only said", refusal.reason);
                    return self.say(layer, &said);
                }
                self.end =
                    Some(End::Refused { layer, reason: refusal.reason, detail: refusal.detail.clone(), reported_by });
            }
            Verdict::Answer(response) => {
                let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let status = response.status().as_u16();
                self.say(layer, "the gateway answers");
                self.end = Some(End::Answered { status, location: location.map(str::to_owned) });
            }
            Verdict::Continue | Verdict::Wait(_) => {}
        }
    }
}

impl Witness<'_> {
    fn say(&mut self, layer: LayerName, what: &str) {
        self.steps.push(format!("{layer}: {what}"));
    }

    /// Which ids the caller must have been given: what a running gateway knows is not known here.
    fn learned(&mut self, exchange: &Exchange) {
        let grants = exchange.open_grants();
        let asked: Vec<_> = grants.iter().filter_map(|(_, grant)| grant.learned.as_ref()).collect();
        let mode = if exchange.says(LayerName::LEARNED) { "" } else { "; else it is only said" };
        let told: Vec<String> = asked
            .iter()
            .map(|asked| {
                let value = exchange.parameters.iter().find(|(name, _)| *name == asked.parameter);
                let value = value.map_or_else(String::new, |(_, value)| shown(value));
                format!("the caller was given `{value}` of `{}` before{mode}", asked.objects)
            })
            .collect();
        let is_decisive = !asked.is_empty() && asked.len() == grants.len() && mode.is_empty();
        for told in &told {
            self.say(LayerName::LEARNED, &format!("a running gateway looks whether {told}"));
        }
        self.if_shown.extend(told.into_iter().filter(|_| is_decisive));
    }

    /// What of the policy is in report mode where a layer refuses.
    fn reported_by(&self, layer: LayerName, exchange: &Exchange) -> Option<String> {
        let policy = self.site.policy.as_ref().filter(|_| !layer.is_always_enforced())?;
        let (named, route) = (ModeLayer::named(layer.as_str()), exchange.route());
        if policy.mode_of(policy.mode, named, route.map(|route| &route.settings)) == Mode::Enforce {
            return None;
        }
        let of_layer = policy.layers.iter().any(|(known, one)| Some(*known) == named && one.mode == Mode::Report);
        Some(match route.filter(|route| route.settings.mode == Some(Mode::Report)) {
            _ if of_layer => format!("`layers.{layer}`"),
            Some(route) => format!("`routes.\"{}\"`", route.key),
            None => "the policy".to_owned(),
        })
    }

    /// Which route it is, with the values of its parameters.
    fn routed(&mut self, layer: LayerName, exchange: &Exchange) {
        let (Some(policy), Some(matcher), Some(route)) = (&self.site.policy, &self.site.matcher, exchange.route())
        else {
            let what = if exchange.preflight.is_some() {
                "a browser asks beforehand"
            } else {
                "it goes on to the application"
            };
            return self.say(layer, what);
        };
        let Ok(path) = RequestPath::new(exchange.parts.uri.path().as_bytes()) else { return };
        if path.raw() != path.decoded() {
            self.say(layer, &format!("the path is decoded once to `{}`", shown(path.decoded())));
        }
        let how = match policy.router.kind {
            RouterKind::Starlette | RouterKind::Django => "is the first that matches",
            RouterKind::Werkzeug => "is the most specific that matches",
        };
        self.say(layer, &format!("`{}` {how}", route.key));
        let host = exchange.parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        if let Match::Found(found) = matcher.find(&exchange.method, host, &path) {
            if found.by_framework {
                self.say(layer, "no route takes the method: the framework answers, and no handler runs");
            }
            for parameter in route.key.pattern().parameters() {
                if let Some(value) = found.parameter(&parameter.name) {
                    self.say(layer, &format!("{} = `{}`", parameter.name, shown(value)));
                }
            }
        }
        if exchange.is_open {
            self.say(layer, "`public`: everybody is admitted");
        }
        for (_, grant) in exchange.open_grants() {
            self.say(layer, &format!("allows {}", grant.told()));
        }
    }

    fn told(mut self, exchange: &Exchange) -> Trial {
        if let (Some(policy), Some(route)) = (&self.site.policy, exchange.route()) {
            let at = format!("routes.\"{}\".", route.key);
            let settings = policy.not_enforced(&built());
            let of_route = settings.iter().filter(|one| one.restricts && one.setting.starts_with(&at));
            self.steps.extend(of_route.map(|one| format!("note: {one}: a gateway does not start with it")));
        }
        let mut if_shown = self.if_shown;
        if_shown.extend(exchange.obligations.told());
        Trial { steps: self.steps, end: self.end.unwrap_or(End::Admitted { if_shown }) }
    }
}

/// What the application must show before the request goes on, or afterwards where the grant does not look it up.
fn looked_up(grant: &Grant, exchange: &Exchange) -> String {
    let Some(Owner::Lookup(lookup)) = &grant.owner else {
        return format!("it is {}", grant.told());
    };
    let principal = exchange.principals.iter().find(|one| one.identity == grant.identity);
    let subject = principal
        .and_then(|one| one.subject.as_deref())
        .map_or_else(|| "who asks".to_owned(), |subject| format!("`{}`", shown(subject)));
    format!("`{}` shows `{}` = {subject} first", lookup.endpoint, lookup.field.as_str())
}

/// Text of a request, without what would change what a reader sees.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::Secret;
    use policy::KeysRef;

    use super::*;

    const POLICY: &str = r#"
version = 1
[listen]
address = "127.0.0.1:1"
trusted_proxies = ["10.0.0.0/8"]
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/access/roles"
[identity.staff]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
subject = { lookup = "GET /me", field = "/id" }
[identity.published]
kind = "jwt"
algorithms = ["ES256"]
keys = { jwks_url = "https://id.example/keys" }
[identity.partner]
kind = "api-key"
header = "X-Key"
keys = { env = "PARTNERS" }
[identity.hook]
kind = "application"
cookie = "session"
[cors]
origins = ["https://app.example"]
[routes."GET /o/{id}"]
allow = [{ identity = "users", owner = { response = "/owner" } }, { identity = "users", role = "admin" }]
[routes."PUT /o/{id}"]
allow = [{ identity = "staff", owner = { lookup = { endpoint = "GET /o/{id}", field = "/owner" } } }]
[routes."GET /u/{user}"]
allow = [{ identity = "users", owner = { parameter = "user" } }]
[limits.tries]
quota = 5
window_s = 60
by = ["address", "body:/user"]
counted = "failures"
[limits.all]
quota = 9
window_s = 1
by = ["route"]
[routes."POST /hook"]
allow = [{ identity = "hook" }]
limits = ["tries", "all"]
[routes."GET /me"]
allow = [{ identity = "staff", tenant = { claim = "/org/id", response = "/org" } }]
[routes."GET /published"]
allow = [{ identity = "published", scope = "read" }]
[routes."GET /partner"]
allow = [{ identity = "partner", scope = "read", owner = { response = "/owner" } }]
[routes."GET /mine"]
allow = [{ identity = "users" }]
gives = [{ objects = "notes", id = "/id" }]
[routes."GET /mine/{id}"]
allow = [{ identity = "users", learned = { parameter = "id", objects = "notes" } }]
[routes."GET /open"]
access = "public"
[routes."WS /open"]
access = "public"
[routes."GET /shut"]
"#;

    struct NoKeys;

    impl Keys for NoKeys {
        fn read(&self, _: &KeysRef) -> Result<Secret<Vec<u8>>, String> {
            Err("there are none".to_owned())
        }
    }

    /// The steps and the end of a request, as lines.
    fn told(request: &str, fields: &[&str], caller: Option<Caller>) -> String {
        let policy = Policy::parse(POLICY).unwrap();
        let (method, target) = request.split_once(' ').unwrap();
        let question = Question {
            method: method.to_owned(),
            target: target.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            body: Vec::new(),
            address: IpAddr::from([10, 0, 0, 1]),
            caller,
        };
        let trial = tried(&policy, &NoKeys, Arc::new(|| Duration::ZERO), &question).unwrap();
        let end = match trial.end {
            End::Admitted { if_shown } => format!("admitted {}", if_shown.join(" or ")),
            End::Answered { status, location } => format!("answered {status} {location:?}"),
            End::Refused { layer, reason, detail, .. } => format!("{reason} by {layer}: {detail}"),
        };
        [trial.steps, vec![end.trim().to_owned()]].concat().join("\n")
    }

    fn caller(identity: &str, claims: &[(&str, &str)], roles: &[&str]) -> Caller {
        Caller {
            identity: identity.to_owned(),
            claims: claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Caller::default()
        }
    }

    #[test]
    fn each_layer_that_says_something_is_told() {
        let seven = || Some(caller("users", &[("sub", "7")], &[]));
        assert_eq!(
            told("GET /o/1", &[], seven()),
            "endpoint: `GET /o/{id}` is the first that matches\nendpoint: id = `1`\n\
             endpoint: allows `users` with `/owner` of the answer as its subject\n\
             endpoint: allows `users` with the role `admin`\nroles: `users` with the role `admin` does not hold\n\
             admitted the answer, which is withheld otherwise, holds `/owner` = `7`"
        );
        assert!(told("GET /o/1", &[], Some(caller("users", &[], &["admin"]))).ends_with("\nadmitted"));
        assert!(told("GET /u/%37", &[], seven()).contains("the path is decoded once to `/u/7`"));
        assert!(told("GET /u/7", &[], seven()).ends_with("\nadmitted"));
        assert!(
            told("GET /u/8", &[], seven())
                .ends_with("not-allowed by ownership: the parameter `user` is not the principal")
        );
        let nobody = told("GET /u/8", &["Authorization: Bearer a"], None);
        assert!(nobody.starts_with("key: tokens of `users` cannot be verified here"), "{nobody}");
        assert!(nobody.contains("\nnot-identified by jwt"), "{nobody}");
        let tenant = told("GET /me", &[], Some(caller("staff", &[("org.id", "9")], &[])));
        assert!(tenant.ends_with("admitted the answer, which is withheld otherwise, holds `/org` = `9`"), "{tenant}");
    }

    #[test]
    fn keys_that_are_not_here_are_told_and_who_is_taken_to_have_one_goes_on() {
        let fetched = told("GET /published", &["Authorization: Bearer a"], None);
        assert!(
            fetched.contains(
                "tokens of `published` are not verified here: a gateway fetches the keys from https://id.example/keys"
            ),
            "{fetched}"
        );
        assert!(fetched.contains("\nnot-identified by jwt: `published`: no key is there"), "{fetched}");
        let none = told("GET /partner", &["X-Key: a"], None);
        assert!(none.contains("keys of `partner` cannot be compared with here: the keys cannot be read"), "{none}");
        assert!(none.contains("\nnot-identified by api_key: `partner`: no keys are there"), "{none}");
        for identity in ["published", "partner"] {
            let with = |scopes: &[&str]| Caller {
                scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
                ..caller(identity, &[("sub", "acme")], &[])
            };
            let request = format!("GET /{identity}");
            assert!(told(&request, &[], Some(with(&["other", "read"]))).contains("\nadmitted"), "{identity}");
            let refused = told(&request, &[], Some(with(&["other"])));
            assert!(refused.contains("the scope `read` is missing"), "{identity}: {refused}");
        }
        let owner = told(
            "GET /partner",
            &[],
            Some(Caller { scopes: vec!["read".to_owned()], ..caller("partner", &[("sub", "acme")], &[]) }),
        );
        assert!(owner.ends_with("holds `/owner` = `acme`"), "{owner}");
    }

    #[test]
    fn what_is_refused_says_by_which_layer() {
        for (request, fields, end) in [
            ("GET /none", &[][..], "unknown-endpoint by endpoint: no route has this path"),
            ("POST /open", &[], "method-not-allowed by endpoint: the path is known with GET alone"),
            ("GET /shut", &[], "not-allowed by endpoint: `allow` is empty: nobody is admitted"),
            ("GET /o/..%2f1", &[], "encoded-slash by normalize: an encoded slash in the path"),
            ("GET /open", &["Host: a", "Host: b"], "two-hosts by normalize"),
            ("GET /open", &["X_User: a"], "look-alike-field by normalize"),
            ("POST /hook", &["Cookie: session=a", "Sec-Fetch-Site: cross-site"], "cross-site-request by cross_site"),
            ("POST /hook", &[], "not-identified by application"),
        ] {
            let told = told(request, fields, None);
            assert!(told.lines().last().unwrap().starts_with(end), "{request} {fields:?}: {told}");
        }
    }

    #[test]
    fn what_a_running_gateway_knows_is_said() {
        let seven = Some(caller("users", &[("sub", "7")], &[]));
        let said =
            "learned: a running gateway looks whether the caller was given `3` of `notes` before; else it is only said";
        let trial = told("GET /mine/3", &[], seven);
        assert!(trial.contains(said) && trial.ends_with("\nadmitted"), "{trial}");
    }

    #[test]
    fn what_the_application_would_be_asked_is_said_and_not_asked() {
        let told = |claims: &[(&str, &str)]| told("PUT /o/1", &[], Some(caller("staff", claims, &[])));
        let known = told(&[("sub", "7")]);
        assert!(known.contains("\nsubject: the application is asked who it is; taken to answer `7`\n"), "{known}");
        assert!(known.ends_with("\nadmitted `GET /o/{id}` shows `/owner` = `7` first"), "{known}");
        assert!(told(&[]).contains("`--claim sub=...` says what it would answer"));
        assert!(told(&[]).ends_with("\nadmitted `GET /o/{id}` shows `/owner` = who asks first"), "{}", told(&[]));
    }

    #[test]
    fn what_goes_on_or_is_answered_is_told() {
        let open = told("GET /open", &["X-Forwarded-For: 192.0.2.7"], None);
        assert!(open.contains("client_address: the client is 192.0.2.7\n"), "{open}");
        assert!(open.ends_with("endpoint: `public`: everybody is admitted\nadmitted"), "{open}");
        assert!(told("WS /open", &[], None).ends_with("\nadmitted"));
        assert!(told("POST /hook", &["Cookie: session=a"], None).contains("\napplication: `hook` is delegated"));
        let limited = told("POST /hook", &["Cookie: session=a"], None);
        assert!(
            limited.ends_with(
                "\nlimits: `tries` counts it: 5 in 60 s by address and body:/user, failures alone\n\
                 limits: `all` counts it: 9 in 1 s by route\nadmitted"
            ),
            "{limited}"
        );
        let asks = ["Origin: https://app.example", "Access-Control-Request-Method: POST"];
        assert!(told("OPTIONS /hook", &asks, None).ends_with("answered 204 None"));
        let other = ["Origin: https://b.example", "Access-Control-Request-Method: POST"];
        assert!(told("OPTIONS /hook", &other, None).contains("\ncross-origin-not-allowed by cors_preflight"));
    }
}
