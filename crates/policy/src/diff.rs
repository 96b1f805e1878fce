//! What a change of a policy means: who gains and who loses what. Endpoints are compared by what happens to a request that
//! means them, not by the text of an entry: a route that goes may leave its requests to another one.

use std::fmt::Write;
use std::num::NonZeroU32;

use model::{Converter, Method, Part};

use crate::answers::{Cors, CrossSite, Headers, Redact, RemovableField};
use crate::identity::{ApiKeyIdentity, Identity, JwtIdentity};
use crate::key::RouteKey;
use crate::matching::{Converters, Expression, Match, Matcher, RequestPath};
use crate::operation::ModeLayer;
use crate::policy::Policy;
use crate::route::{Admits, Grant, RouteSettings};
use crate::settings::Mode;
use crate::store::Store;
use crate::value::{Form, HeaderName};

/// One consequence of a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Consequence {
    /// Whether somebody gains something: these come first.
    pub opens: bool,
    /// The endpoint, or the part of the policy.
    pub what: String,
    /// Who gains or loses what.
    pub change: String,
}

/// Everything that changes from one policy to another, what opens first.
pub fn diff(old: &Policy, new: &Policy) -> Vec<Consequence> {
    let mut found = Vec::new();
    mode(old, new, &mut found);
    identities(old, new, &mut found);
    limits(old, new, &mut found);
    store(old, new, &mut found);
    proxies(old, new, &mut found);
    told(old, new, &mut found);
    headers(old, new, &mut found);
    redact(old, new, &mut found);
    cors(old.cors.as_ref(), new.cors.as_ref(), &mut found);
    let matchers = [old, new].map(|policy| Matcher::new(&policy.routes, &policy.router));
    let mut keys: Vec<&RouteKey> = old.routes.iter().chain(&new.routes).map(|route| &route.key).collect();
    keys.sort();
    keys.dedup_by(|a, b| a.id() == b.id() && a.pattern() == b.pattern());
    for key in keys {
        let [before, after] =
            [(old, &matchers[0]), (new, &matchers[1])].map(|(policy, matcher)| meant(policy, matcher, key));
        let is_delegated =
            |grant: &Grant| matches!(new.identity_named(&grant.identity), Some(Identity::Application(_)));
        route(key, before, after, &is_delegated, &mut found);
    }
    found.sort_by_key(|one| !one.opens);
    found.dedup();
    found
}

/// The settings that a request gets which means a route.
fn meant<'p>(policy: &'p Policy, matcher: &Matcher, key: &RouteKey) -> Option<&'p RouteSettings> {
    meant_route(policy, matcher, key).and_then(|index| policy.routes.get(index)).map(|route| &route.settings)
}

/// The index of the route that answers a request which means this one.
pub(crate) fn meant_route(policy: &Policy, matcher: &Matcher, key: &RouteKey) -> Option<usize> {
    let converters = Converters::of(&policy.router);
    let path = witness(key.pattern().parts(), &converters);
    let host = key.host().map(|host| witness(host.parts(), &converters));
    let method = if *key.method() == Method::Any { Method::Post } else { key.method().clone() };
    let path = RequestPath::new(path.as_bytes()).ok()?;
    match matcher.find(&method, host.as_deref(), &path) {
        Match::Found(found) => Some(found.route),
        _ => None,
    }
}

/// A text that a template matches, percent-encoded where it must be.
fn witness(parts: &[Part], converters: &Converters<'_>) -> String {
    let mut path = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => push_encoded(&mut path, text),
            Part::Parameter(parameter) if converters.expression_of(&parameter.converter).is_some() => {
                let expression = converters.expression_of(&parameter.converter);
                push_encoded(&mut path, &expression.map(Expression::example).unwrap_or_default());
            }
            Part::Parameter(parameter) => path.push_str(match parameter.converter {
                Converter::Integer => "7",
                Converter::Float => "7.5",
                Converter::Uuid => "7e57ed00-0000-4000-8000-000000000000",
                _ => "zz-witness",
            }),
            Part::Regex(_) => path.push_str("zz-witness"),
        }
    }
    path
}

fn push_encoded(path: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:;@!$&'()*+,=".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

fn mode(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    if old.mode != new.mode {
        let opens = new.mode == Mode::Report;
        let change = if opens {
            "nothing is refused any more, it is only reported"
        } else {
            "what is not admitted is refused now"
        };
        found.push(Consequence { opens, what: "mode".to_owned(), change: change.to_owned() });
    }
    for layer in ModeLayer::ALL {
        let said = |policy: &Policy| policy.layers.iter().find(|(known, _)| known == layer).map(|(_, one)| one.mode);
        let [before, after] = [old, new].map(|policy| policy.mode_of(policy.mode, Some(*layer), None));
        if said(old) != said(new) && before != after {
            let opens = after == Mode::Report;
            let change = if opens { "what it refused is only reported" } else { "what it reported is refused now" };
            found.push(Consequence { opens, what: format!("layers.{}", layer.word()), change: change.to_owned() });
        }
    }
    let refuses = |policy: &Policy| policy.cross_site != Some(CrossSite::Allow);
    let crossing = match (refuses(old), refuses(new)) {
        (true, false) => Some((true, "pages of other sites may change things with the cookie of their visitor")),
        (false, true) => Some((false, "pages of other sites may no longer change things with a cookie")),
        (true, true) | (false, false) => None,
    };
    if let Some((opens, change)) = crossing {
        found.push(Consequence { opens, what: "cross_site".to_owned(), change: change.to_owned() });
    }
    if old.router != new.router {
        let change = "the gateway picks routes by other rules of the router";
        found.push(Consequence { opens: false, what: "router".to_owned(), change: change.to_owned() });
    }
}

/// What holds of who asks, and what the application is told of it.
fn told(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    if old.roles != new.roles {
        let change = "which roles include others is another: who has one may do more, or less";
        found.push(Consequence { opens: true, what: "roles".to_owned(), change: change.to_owned() });
    }
    if old.identity_headers != new.identity_headers {
        let opens = new.identity_headers.is_none();
        let change = match opens {
            true => "clients may send the fields in which the application was told who asks",
            false => "the application is told who asks by other fields",
        };
        found.push(Consequence { opens, what: "identity_headers".to_owned(), change: change.to_owned() });
    }
}

fn identities(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    for (name, after) in &new.identity {
        let Some(before) = old.identity_named(name).filter(|before| *before != after) else {
            continue;
        };
        let what = format!("identity `{name}`");
        if let (Identity::Jwt(before), Identity::Jwt(after)) = (before, after) {
            jwt(before, after, &what, found);
        } else if let Some(opens) = quotas_alone(before, after) {
            let change = "how often its keys may be used changes".to_owned();
            found.push(Consequence { opens, what, change });
        } else {
            let change = match after {
                Identity::Application(_) => {
                    "it is delegated: the application alone verifies the credential, as this says"
                }
                _ => "another credential is taken: who is identified by it changes",
            };
            found.push(Consequence { opens: true, what, change: change.to_owned() });
        }
    }
}

/// Where nothing of an identity differs but how often its keys may be used: whether somebody may gain by it.
fn quotas_alone(before: &Identity, after: &Identity) -> Option<bool> {
    let (Identity::ApiKey(before), Identity::ApiKey(after)) = (before, after) else { return None };
    if (&before.header, &before.keys) != (&after.header, &after.keys) {
        return None;
    }
    let is_more = match (before.quota, after.quota) {
        (Some(before), Some(after)) => admits_more((before.count, before.window_s), (after.count, after.window_s)),
        (before, after) => before.is_some() && after.is_none(),
    };
    let how = |one: &ApiKeyIdentity| (one.quota_mode, one.quota_when_store_down);
    Some(is_more || how(before) != how(after))
}

/// Whether some quota, as a count and the seconds of its window, ever admits more than another did: as many whole windows of the one as
/// begin in one of the other may be full.
fn admits_more(before: (NonZeroU32, NonZeroU32), after: (NonZeroU32, NonZeroU32)) -> bool {
    let windows = u64::from(before.1.get()).div_ceil(u64::from(after.1.get()));
    u64::from(after.0.get()) * windows > u64::from(before.0.get())
}

fn jwt(before: &JwtIdentity, after: &JwtIdentity, what: &str, found: &mut Vec<Consequence>) {
    let mut add = |opens, change: String| found.push(Consequence { opens, what: what.to_owned(), change });
    for algorithm in after.algorithms.iter().filter(|one| !before.algorithms.contains(one)) {
        add(true, format!("tokens signed with {} are accepted", algorithm.word()));
    }
    for algorithm in before.algorithms.iter().filter(|one| !after.algorithms.contains(one)) {
        add(false, format!("tokens signed with {} are no longer accepted", algorithm.word()));
    }
    if before.keys != after.keys {
        add(true, "other keys are trusted".to_owned());
    }
    if before.refuse_keys.iter().any(|key| !after.refuse_keys.contains(key)) {
        add(true, "a key that others know is no longer refused".to_owned());
    }
    if after.refuse_keys.iter().any(|key| !before.refuse_keys.contains(key)) {
        add(false, "a key that others know is refused: the gateway does not start with it".to_owned());
    }
    if before.issuer != after.issuer {
        add(
            true,
            match &after.issuer {
                Some(issuer) => format!("tokens of `{issuer}` are accepted"),
                None => "tokens of every issuer are accepted".to_owned(),
            },
        );
    }
    if before.audience != after.audience {
        let wider = after.audience.iter().any(|one| !before.audience.contains(one));
        add(wider, format!("tokens for other audiences are accepted: {:?}", after.audience));
    }
    let places = |one: &JwtIdentity| {
        (
            one.roles.clone(),
            one.scopes.clone(),
            one.permissions.clone(),
            one.subject.clone(),
            one.header.clone(),
            one.cookie.clone(),
        )
    };
    if places(before) != places(after) {
        add(true, "who somebody is, or what they may do, is read from another place of the token".to_owned());
    }
}

fn proxies(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    let [before, after] = [old, new]
        .map(|policy| policy.listen.as_ref().map(|listen| (listen.trusted_proxies.clone(), listen.forwarded_by)))
        .map(Option::unwrap_or_default);
    let mut add =
        |opens, change: String| found.push(Consequence { opens, what: "listen.trusted_proxies".to_owned(), change });
    for network in after.0.iter().filter(|network| !before.0.contains(network)) {
        add(true, format!("proxies of {} are believed who the client is", network.form()));
    }
    for network in before.0.iter().filter(|network| !after.0.contains(network)) {
        add(false, format!("proxies of {} are no longer believed", network.form()));
    }
    if before.1 != after.1 && !after.0.is_empty() {
        add(true, "another field says who the client is".to_owned());
    }
    let [before, after] = [old, new].map(|policy| policy.listen.as_ref().and_then(|listen| listen.proxy_protocol));
    match (before.unwrap_or(false), after.unwrap_or(false)) {
        (false, true) => add(true, "they say whose connection it is, and nobody else is served".to_owned()),
        (true, false) => {
            add(true, "they no longer say whose connection it is: all clients have their address".to_owned());
        }
        (true, true) | (false, false) => {}
    }
}

fn headers(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    let [before, after] = [old, new].map(|policy| policy.headers.clone().unwrap_or_else(Headers::usual));
    let mut add = |opens, change: String| found.push(Consequence { opens, what: "headers".to_owned(), change });
    for field in after.off.iter().filter(|field| !before.off.contains(field)) {
        add(true, format!("`{}` is as the application has it", field.word()));
    }
    for field in before.off.iter().filter(|field| !after.off.contains(field)) {
        add(false, format!("`{}` is set on answers", field.word()));
    }
    if (Headers { off: Vec::new(), ..before }) != (Headers { off: Vec::new(), ..after }) {
        add(true, "other values are set on answers".to_owned());
    }
}

fn redact(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    let [before, after] = [old, new].map(|policy| policy.redact.clone().unwrap_or_else(Redact::usual));
    let mut add = |opens, change: String| found.push(Consequence { opens, what: "redact".to_owned(), change });
    match (before.replaces_error_bodies(), after.replaces_error_bodies()) {
        (true, false) => add(true, "what the application says of its errors is told to clients".to_owned()),
        (false, true) => add(false, "what the application says of its errors is no longer told".to_owned()),
        (true, true) | (false, false) => {}
    }
    let told = before.remove_headers.iter().filter(|name| !after.remove_headers.contains(name));
    let kept = after.keep_headers.iter().filter(|name| !before.keep_headers.contains(name));
    for name in told.map(RemovableField::as_str).chain(kept.map(HeaderName::as_str)) {
        add(true, format!("`{name}` of the application is told to clients"));
    }
    let removed = after.remove_headers.iter().filter(|name| !before.remove_headers.contains(name));
    let lost = before.keep_headers.iter().filter(|name| !after.keep_headers.contains(name));
    for name in removed.map(RemovableField::as_str).chain(lost.map(HeaderName::as_str)) {
        add(false, format!("`{name}` of the application is no longer told"));
    }
}

fn cors(old: Option<&Cors>, new: Option<&Cors>, found: &mut Vec<Consequence>) {
    let mut add = |opens, change: String| found.push(Consequence { opens, what: "cors".to_owned(), change });
    match (old, new) {
        (None, None) => {}
        (Some(_), None) => add(true, "the application alone says which other origins may read answers".to_owned()),
        (None, Some(_)) => add(true, "the gateway says which other origins may read answers".to_owned()),
        (Some(before), Some(after)) => {
            for origin in after.origins.iter().filter(|origin| !before.origins.contains(origin)) {
                add(true, format!("pages of `{}` may read answers", origin.form()));
            }
            for origin in before.origins.iter().filter(|origin| !after.origins.contains(origin)) {
                add(false, format!("pages of `{}` may no longer read answers", origin.form()));
            }
            if before.credentials.unwrap_or(false) != after.credentials.unwrap_or(false) {
                let opens = after.credentials == Some(true);
                add(
                    opens,
                    if opens { "requests may carry cookies" } else { "requests may not carry cookies" }.to_owned(),
                );
            }
            if (&before.headers, &before.expose) != (&after.headers, &after.expose) {
                add(true, "other fields may be sent, or read".to_owned());
            }
        }
    }
}

/// Another store has counted nothing yet.
fn store(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    let told = |policy: &Policy| policy.store.as_ref().map_or("the memory of this process", Store::told);
    if old.store != new.store && !new.limits.is_empty() {
        found.push(Consequence {
            opens: true,
            what: "store".to_owned(),
            change: format!("limits begin to count anew in {}, before in {}", told(new), told(old)),
        });
    }
}

fn limits(old: &Policy, new: &Policy, found: &mut Vec<Consequence>) {
    for (name, after) in &new.limits {
        let Some(before) = old.limit_named(name).filter(|before| *before != after) else {
            continue;
        };
        found.push(Consequence {
            opens: admits_more((before.quota, before.window_s), (after.quota, after.window_s))
                || (&before.by, before.action, before.counting, before.counted, before.mode, before.when_store_down)
                    != (&after.by, after.action, after.counting, after.counted, after.mode, after.when_store_down),
            what: format!("limit `{name}`"),
            change: format!(
                "{} in {} s, before {} in {} s",
                after.quota, after.window_s, before.quota, before.window_s
            ),
        });
    }
}

fn route(
    key: &RouteKey,
    before: Option<&RouteSettings>,
    after: Option<&RouteSettings>,
    is_delegated: &dyn Fn(&Grant) -> bool,
    found: &mut Vec<Consequence>,
) {
    let mut add = |opens, change: String| found.push(Consequence { opens, what: key.to_string(), change });
    let admits = |settings: Option<&RouteSettings>| match settings.map(RouteSettings::admits) {
        None | Some(Admits::Nobody) => Who::Nobody,
        Some(Admits::Everybody) => Who::Everybody,
        Some(Admits::AnyOf(grants)) => Who::Some(grants.to_vec()),
    };
    match (admits(before), admits(after)) {
        (Who::Everybody, Who::Everybody) | (Who::Nobody, Who::Nobody) => {}
        (was, Who::Everybody) => add(true, format!("everybody is admitted, before {}", was.told())),
        (Who::Everybody, Who::Nobody) => add(false, "nobody is admitted any more, before everybody".to_owned()),
        (Who::Everybody, is) => add(false, format!("not everybody is admitted any more, only {}", is.told())),
        (was, is) => {
            let (was, is) = (was.grants(), is.grants());
            for grant in is.iter().filter(|grant| !was.iter().any(|known| is_implied(grant, known))) {
                let how =
                    if is_delegated(grant) { " (delegated: the application verifies the credential)" } else { "" };
                add(true, format!("{} is admitted{how}", grant.told()));
            }
            for grant in was.iter().filter(|grant| !is.iter().any(|known| is_implied(grant, known))) {
                add(false, format!("{} is no longer admitted", grant.told()));
            }
        }
    }
    if let (Some(before), Some(after)) = (before, after) {
        restrictions(before, after, &mut add);
    }
}

/// What holds on a route beside who is admitted.
fn restrictions(before: &RouteSettings, after: &RouteSettings, add: &mut dyn FnMut(bool, String)) {
    if before.login != after.login {
        let change = match (&before.login, &after.login) {
            (_, None) => "wrong passwords are no longer counted",
            (None, Some(_)) => "wrong passwords are counted",
            (Some(_), Some(_)) => "wrong passwords are counted in another way",
        };
        add(before.login.is_some(), change.to_owned());
    }
    let cost = |settings: &RouteSettings| settings.cost.map_or(1, NonZeroU32::get);
    if cost(before) != cost(after) {
        let change = format!("a request takes {} of its limits, before {}", cost(after), cost(before));
        add(cost(after) < cost(before), change);
    }
    if before.gives != after.gives {
        let change = match (before.gives.is_empty(), after.gives.is_empty()) {
            (_, true) => "its answers give callers no ids any more",
            (true, false) => "its answers give callers ids",
            (false, false) => "its answers give callers other ids",
        };
        add(!after.gives.is_empty(), change.to_owned());
    }
    for name in before.limits.iter().filter(|name| !after.limits.contains(name)) {
        add(true, format!("the limit `{name}` no longer holds"));
    }
    for name in after.limits.iter().filter(|name| !before.limits.contains(name)) {
        add(false, format!("the limit `{name}` holds"));
    }
    for shield in before.shields.iter().filter(|one| !after.shields.iter().any(|known| known.finding == one.finding)) {
        add(true, format!("the shield of finding `{}` is gone", shield.finding));
    }
    for shield in after.shields.iter().filter(|one| !before.shields.iter().any(|known| known.finding == one.finding)) {
        add(false, format!("a shield blocks finding `{}` until {}", shield.finding, shield.expires));
    }
    for shield in &after.shields {
        let known = before.shields.iter().find(|known| known.finding == shield.finding);
        if known.is_some_and(|known| known.patch != shield.patch) {
            add(true, format!("the shield of finding `{}` has another rule", shield.finding));
        }
    }
    if before.request != after.request {
        add(before.request.is_some(), "other rules hold for what a request may hold".to_owned());
    }
    if before.response != after.response {
        add(before.response.is_some(), "other rules hold for what a response may hold".to_owned());
    }
    if before.sunset != after.sunset {
        let told = after.sunset.map_or_else(|| "it no longer ends".to_owned(), |day| format!("it ends on {day}"));
        add(before.sunset.is_some() && after.sunset.is_none_or(|day| Some(day) > before.sunset), told);
    }
    if before.mode != after.mode {
        let (opens, told) = match after.mode {
            Some(Mode::Report) => (true, "what is not admitted here is only reported"),
            Some(Mode::Enforce) => (false, "what is not admitted here is refused, whatever the mode of the policy"),
            None => (before.mode == Some(Mode::Enforce), "what is not admitted here is treated as the policy says"),
        };
        add(opens, told.to_owned());
    }
    if before.upstream != after.upstream {
        add(false, "another upstream answers".to_owned());
    }
}

enum Who {
    Nobody,
    Some(Vec<Grant>),
    Everybody,
}

impl Who {
    fn grants(self) -> Vec<Grant> {
        match self {
            Self::Some(grants) => grants,
            Self::Nobody | Self::Everybody => Vec::new(),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::Everybody => "everybody".to_owned(),
            Self::Some(grants) => grants.iter().map(Grant::told).collect::<Vec<_>>().join(" or "),
        }
    }
}

/// Whether whoever meets a grant also meets the other one, which asks for no more.
fn is_implied(grant: &Grant, by: &Grant) -> bool {
    let fewer = |by: &Option<crate::value::AllOf>, grant: &Option<crate::value::AllOf>| {
        let asked = |of: &Option<crate::value::AllOf>| of.as_ref().map(|all| all.names().to_vec()).unwrap_or_default();
        asked(by).iter().all(|name| asked(grant).contains(name))
    };
    grant.identity == by.identity
        && fewer(&by.scope, &grant.scope)
        && fewer(&by.role, &grant.role)
        && fewer(&by.permission, &grant.permission)
        && (by.owner.is_none() || by.owner == grant.owner)
        && (by.tenant.is_none() || by.tenant == grant.tenant)
        && (by.learned.is_none() || by.learned == grant.learned)
        && (by.when.is_none() || by.when == grant.when)
}
