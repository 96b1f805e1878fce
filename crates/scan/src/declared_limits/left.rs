//! What slowapi and Flask-Limiter leave on views, blueprints and applications: limits at a handler, those of its blueprints where the
//! handler has none, and defaults where neither says that it overrides them.

use std::sync::Arc;

use model::{Evidence, Method, RateLimit};
use python::interp::Interp;
use python::value::Value;

use super::figures::rates;
use super::{Limits, by_setting, evidence_at, given, key_of, unknown};
use crate::frameworks::{RawRoute, attribute, django};

/// What a limiter leaves on what it limits, and on what it does not.
const LIMITS: &str = "_limits";
const UNLIMITED: &str = "_unlimited";
/// Options that make a limit one of some requests, or of another weight.
const PARTLY: &[&str] = &["exempt_when", "deduct_when", "cost"];
/// Classes of middleware that count what no decorator counts.
const MIDDLEWARE: &[&str] = &["slowapi.middleware.SlowAPIMiddleware", "slowapi.middleware.SlowAPIASGIMiddleware"];

/// A limit around a view or a blueprint.
struct Declared {
    limiter: Value,
    value: Value,
    scope: Value,
    options: Vec<(Value, Value)>,
    at: Evidence,
    /// Whether it counts requests of the method in question; nothing where that is not known.
    counts: Option<bool>,
}

impl Declared {
    fn overrides(&self) -> bool {
        !given(&self.options, "override_defaults").is_some_and(|value| matches!(value.plain(), Value::Bool(false)))
    }

    /// A function that gives the figures is asked anew for each request.
    fn is_computed(&self, interp: &Interp<'_>) -> bool {
        self.value.as_object().is_some_and(|value| !interp.is_class(&Value::Object(value)))
    }
}

/// What a limiter says of all routes.
#[derive(Clone, Copy)]
struct Defaults {
    /// The attribute that holds them.
    held: &'static str,
    /// What is told of one.
    told: &'static str,
    /// The name of the one count of all routes.
    shared: Option<&'static str>,
}

const BY_DEFAULT: Defaults = Defaults { held: "default_limits", told: "by default", shared: None };
const OF_ALL: Defaults = Defaults { held: "application_limits", told: "all routes together", shared: Some("global") };

/// Adds the limits of a route of Flask.
pub(super) fn of_flask(
    interp: &Interp<'_>,
    raw: &RawRoute,
    method: &Method,
    limits: &mut Limits,
    found: &mut Vec<RateLimit>,
) {
    let declared = declared_on(interp, &raw.endpoint, method, limits);
    let is_unlimited = django::along(interp, &raw.endpoint, UNLIMITED).is_some();
    let blueprints = blueprints(interp, raw);
    let is_spared = is_unlimited || blueprints.last().is_some_and(|own| attribute(interp, own, UNLIMITED).is_some());
    let mut declared = if is_unlimited { Vec::new() } else { declared };
    if declared.iter().all(|one| !one.overrides()) {
        declared.extend(of_blueprints(interp, &blueprints, method, limits));
    }
    for one in &declared {
        of_one(interp, one, false, found);
    }
    let is_static = raw.route.and_then(|rule| attribute(interp, &Value::Object(rule), "endpoint"));
    let is_static = is_static.and_then(|name| Some(name.as_str()?.rsplit('.').next() == Some("static")));
    if is_spared || is_static == Some(true) {
        return;
    }
    let by_default =
        declared.iter().all(|one| one.counts == Some(false)) || declared.iter().all(|one| !one.overrides());
    let app = raw.apps.first().map(|app| Value::Object(*app));
    let limiters = app.and_then(|app| attribute(interp, &app, "_limiters"));
    for limiter in limiters.map(|all| interp.partly_known_items(&all)).unwrap_or_default() {
        of_limiter(interp, &limiter, OF_ALL, false, found);
        if by_default {
            of_limiter(interp, &limiter, BY_DEFAULT, false, found);
        }
    }
}

/// Adds the limits of a route of FastAPI or Starlette. What no decorator counts is counted by the middleware of the application alone.
pub(super) fn of_slowapi(
    interp: &Interp<'_>,
    raw: &RawRoute,
    method: &Method,
    limits: &mut Limits,
    found: &mut Vec<RateLimit>,
) {
    let declared = declared_on(interp, &raw.endpoint, method, limits);
    if django::along(interp, &raw.endpoint, UNLIMITED).is_some() || *method == Method::WebSocket {
        return;
    }
    // It counts by the path that is asked for, unless it is told to count by the handler.
    let by_path = |limiter: &Value| {
        let style = attribute(interp, limiter, "key_style");
        style.is_none_or(|style| style.as_str() != Some("endpoint")) && raw.pattern.parameters().next().is_some()
    };
    for one in &declared {
        of_one(interp, one, by_path(&one.limiter), found);
    }
    let app = raw.apps.last().map(|app| Value::Object(*app));
    let listed = app.as_ref().and_then(|app| attribute(interp, app, "user_middleware"));
    let listed = listed.map(|listed| interp.partly_known_items(&listed)).unwrap_or_default();
    // One of the program's own decides by itself what it counts.
    let is_middleware = |class: &Value| interp.qualified_name(class).is_some_and(|name| MIDDLEWARE.contains(&name));
    let has_middleware =
        listed.iter().any(|entry| attribute(interp, entry, "cls").is_some_and(|cls| is_middleware(&cls)));
    let of_app = app.and_then(|app| attribute(interp, &attribute(interp, &app, "state")?, "limiter"));
    let is_left_to_middleware = has_middleware && declared.iter().all(|one| one.is_computed(interp));
    if let Some(limiter) = of_app.as_ref().filter(|_| is_left_to_middleware) {
        of_limiter(interp, limiter, OF_ALL, false, found);
        of_limiter(interp, limiter, BY_DEFAULT, by_path(limiter), found);
    } else if let Some(first) = declared.first().filter(|_| declared.iter().all(|one| !one.overrides())) {
        of_limiter(interp, &first.limiter, BY_DEFAULT, by_path(&first.limiter), found);
    }
}

/// The blueprints around a route, the outermost first.
fn blueprints(interp: &Interp<'_>, raw: &RawRoute) -> Vec<Value> {
    let listed = raw.route.and_then(|rule| attribute(interp, &Value::Object(rule), "blueprints"));
    let listed = listed.map(|listed| interp.partly_known_items(&listed)).unwrap_or_default();
    listed.iter().filter_map(|pair| interp.known_items(pair)?.into_iter().nth(1)).collect()
}

/// The limits of the innermost blueprint, and those of the ones around it unless it overrides them.
fn of_blueprints(interp: &Interp<'_>, blueprints: &[Value], method: &Method, limits: &mut Limits) -> Vec<Declared> {
    let Some((own, around)) = blueprints.split_last() else { return Vec::new() };
    if attribute(interp, own, UNLIMITED).is_some() {
        return Vec::new();
    }
    let mut found = declared_on(interp, own, method, limits);
    if found.is_empty() || !found.iter().all(Declared::overrides) {
        found.extend(around.iter().flat_map(|one| declared_on(interp, one, method, limits)));
    }
    found
}

fn declared_on(interp: &Interp<'_>, of: &Value, method: &Method, limits: &mut Limits) -> Vec<Declared> {
    let listed = django::along(interp, of, LIMITS).map(|listed| interp.partly_known_items(&listed));
    let mut found = Vec::new();
    for value in listed.unwrap_or_default() {
        let Some(object) = value.as_object().map(|obj| interp.object(obj)) else { continue };
        let held = |name: &str| attribute(interp, &value, name).unwrap_or(Value::None);
        let at = evidence_at(interp, object.made_by.unwrap_or(object.site));
        limits.note(&at);
        let options = interp.partly_known_entries(&held("options"));
        let counts = counts(interp, given(&options, "methods"), method);
        found.push(Declared {
            limiter: held("limiter"),
            value: held("value"),
            scope: held("scope"),
            options,
            at,
            counts,
        });
    }
    found
}

/// Whether a limit of some methods counts requests of one.
fn counts(interp: &Interp<'_>, methods: Option<Value>, method: &Method) -> Option<bool> {
    let Some(methods) = methods else { return Some(true) };
    let names: Option<Vec<String>> =
        interp.known_items(&methods)?.iter().map(|name| Some(name.as_str()?.to_uppercase())).collect();
    names.filter(|_| *method != Method::Any).map(|names| names.iter().any(|name| name == method.as_str()))
}

/// Adds a limit around a view or a blueprint.
fn of_one(interp: &Interp<'_>, one: &Declared, by_path: bool, found: &mut Vec<RateLimit>) {
    if one.counts == Some(false) || is_off(interp, &one.limiter) {
        return;
    }
    let key = given(&one.options, "key_func").or_else(|| attribute(interp, &one.limiter, "key_func"));
    let path = (by_path && one.scope.is_none()).then(|| "path".into());
    let by: Vec<Arc<str>> = path.into_iter().chain(key.and_then(|key| key_of(interp, &key))).collect();
    let weighs_one = |value: &Value| value.as_int() == Some(1);
    let is_partly = |name: &&&str| given(&one.options, name).is_some_and(|value| !weighs_one(&value));
    let partly = PARTLY.iter().find(is_partly).map(|name| format!(", not of all requests: `{name}`"));
    let partly = partly.or_else(|| one.counts.is_none().then(|| ", of some methods".to_owned()));
    let partly = partly.or_else(|| seldom(interp, &one.limiter));
    let shared = match (one.scope.is_none(), one.scope.as_str()) {
        (true, _) => None,
        (false, Some(scope)) => Some(Arc::from(scope)),
        // Which others it counts together with is not known.
        (false, None) => return found.push(unknown(by, &one.at)),
    };
    let what = format!("{}{}{}", one.at.what, by_setting(&one.value), partly.as_deref().unwrap_or_default());
    let at = Evidence { what, ..one.at.clone() };
    let known = one.value.as_str().and_then(rates).filter(|_| partly.is_none());
    add(known, RateLimit { shared, ..unknown(by, &at) }, found);
}

/// Adds what a limiter says of all routes.
fn of_limiter(interp: &Interp<'_>, limiter: &Value, of: Defaults, by_path: bool, found: &mut Vec<RateLimit>) {
    let Some(object) = limiter.as_object().map(|obj| interp.object(obj)).filter(|_| !is_off(interp, limiter)) else {
        return;
    };
    let held = |name: &str| attribute(interp, limiter, name);
    let mut at = evidence_at(interp, object.made_by.unwrap_or(object.site));
    // What else it is told, where it counts and with which password, is nobody's business.
    let made = at.what.trim_matches('`').split('(').next().unwrap_or_default();
    at.what = format!("`{made}(...)`");
    let options = held("options").map(|options| interp.partly_known_entries(&options)).unwrap_or_default();
    let is_partly =
        |name: &&&str| given(&options, &format!("{}_{name}", of.held)).is_some_and(|v| v.as_int() != Some(1));
    let per_method = of.shared.is_some() && given(&options, "application_limits_per_method").is_some();
    let seldom = seldom(interp, limiter);
    let is_whole = !PARTLY.iter().any(|name| is_partly(&name)) && !per_method && seldom.is_none();
    let key = held("key_func").and_then(|key| key_of(interp, &key));
    let by: Vec<Arc<str>> = by_path.then(|| "path".into()).into_iter().chain(key).collect();
    let listed = held(of.held).unwrap_or(Value::None);
    let listed = if listed.as_str().is_some() { vec![listed] } else { interp.partly_known_items(&listed) };
    for value in listed {
        let figure = value.as_str().map(|text| format!(" `{text}`")).unwrap_or_default();
        let figure = if by_setting(&value).is_empty() { figure } else { by_setting(&value) };
        let what = format!("{}, {}{figure}{}", at.what, of.told, seldom.as_deref().unwrap_or_default());
        let known = value.as_str().and_then(rates).filter(|_| is_whole);
        let at = Evidence { what, ..at.clone() };
        add(known, RateLimit { shared: of.shared.map(Arc::from), ..unknown(by.clone(), &at) }, found);
    }
}

/// Adds a limit for each of its figures, or one whose figures are not known.
fn add(known: Option<Vec<(u64, u64)>>, limit: RateLimit, found: &mut Vec<RateLimit>) {
    let all = match known {
        Some(known) => known
            .into_iter()
            .map(|(quota, window_s)| RateLimit { quota: Some(quota), window_s: Some(window_s), ..limit.clone() })
            .collect(),
        None => vec![limit],
    };
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
}

/// Whether a limiter is switched off, as the code says.
fn is_off(interp: &Interp<'_>, limiter: &Value) -> bool {
    let is_off = |value: &Value| matches!(value.plain(), Value::Bool(false)) && value.labels().setting.is_none();
    attribute(interp, limiter, "enabled").is_some_and(|value| is_off(&value))
}

/// Why a limiter does not count each request, where it does not.
fn seldom(interp: &Interp<'_>, limiter: &Value) -> Option<String> {
    let is =
        |name: &str, wanted: bool| attribute(interp, limiter, name).is_some_and(|v| v.plain() == &Value::Bool(wanted));
    if is("auto_check", false) {
        return Some(", counted only where the code calls `check`".to_owned());
    }
    if is("enabled", false) {
        return Some(", switched off by the default of a setting".to_owned());
    }
    is("has_filters", true).then(|| ", not of all requests: `request_filter`".to_owned())
}
