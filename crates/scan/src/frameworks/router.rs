//! How the routers pick a route: order, methods, slashes, converters. The match of a policy follows these rules.

use std::sync::Arc;

use model::{
    CaseRule, ConverterRule, DoubleSlash, MatchOrder, Method, MethodMismatch, RouterRules, TrailingSlash, ValueType,
};

use python::interp::Interp;
use python::value::Value;

use super::{App, Framework, attribute, django};

const UUID: &str = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}";
const DJANGO_UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const WERKZEUG_UUID: &str = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}";

impl Framework {
    /// How its router picks a route.
    pub(crate) fn router_rules(self) -> RouterRules {
        match self {
            Self::FastApi | Self::Starlette => starlette(),
            Self::Flask | Self::Quart => werkzeug(),
            Self::Django => django(),
            Self::Aiohttp => aiohttp(),
        }
    }

    /// The methods that it answers beside those that a route declares.
    pub(crate) fn implicit_methods(self) -> Vec<Method> {
        match self {
            Self::FastApi => Vec::new(),
            // Starlette answers HEAD where a route answers GET; FastAPI's own routes do not. Of aiohttp `add_get` adds it, `add_route` does not.
            Self::Starlette | Self::Aiohttp => vec![Method::Head],
            Self::Flask | Self::Quart | Self::Django => vec![Method::Head, Method::Options],
        }
    }
}

/// How the router of an application picks a route.
pub(crate) fn rules(interp: &Interp<'_>, app: &App) -> RouterRules {
    let mut rules = app.framework.router_rules();
    if app.framework == Framework::Django && !django::appends_slash(interp, app.object) {
        rules.trailing_slash = TrailingSlash::Strict;
        rules.redirect_status = None;
    }
    if matches!(app.framework, Framework::Flask | Framework::Quart)
        && let Some(map) = attribute(interp, &Value::Object(app.object), "url_map")
    {
        of_map(interp, &map, &mut rules);
    }
    rules
}

/// What a `Map` of Werkzeug and its rules say of slashes and converters.
fn of_map(interp: &Interp<'_>, map: &Value, rules: &mut RouterRules) {
    let said = |of: &Value, name: &str| match attribute(interp, of, name).map(|value| value.plain().clone()) {
        Some(Value::Bool(said)) => Said::Known(said),
        None | Some(Value::None) => Said::Nothing,
        Some(_) => Said::Unknown,
    };
    let listed = attribute(interp, map, "rules").map(|rules| interp.partly_known_items(&rules)).unwrap_or_default();
    let strict = said(map, "strict_slashes");
    let mut found: Vec<Said> = listed
        .iter()
        .map(|rule| match said(rule, "strict_slashes") {
            Said::Nothing => strict,
            own => own,
        })
        .collect();
    found.dedup();
    rules.trailing_slash = match found.as_slice() {
        [] | [Said::Known(true) | Said::Nothing] => TrailingSlash::RedirectToSlash,
        [Said::Known(false)] => TrailingSlash::Ignored,
        _ => TrailingSlash::ByRoute,
    };
    if said(map, "merge_slashes") == Said::Known(false) {
        rules.double_slash = DoubleSlash::Strict;
    }
    // What stands for one of Werkzeug's own converters matches what its class says.
    let replaced = attribute(interp, map, "converters").and_then(|own| interp.known_entries(&own)).unwrap_or_default();
    for name in replaced.iter().filter_map(|(name, _)| name.as_str()) {
        let name = if matches!(name, "default" | "string" | "any") { "str" } else { name };
        if let Some(rule) = rules.converters.get_mut(name) {
            rule.regex = None;
        }
    }
}

/// What code says of a switch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Known(bool),
    Nothing,
    Unknown,
}

fn converter(name: &str, regex: &str, rest: bool, value_type: ValueType) -> (Arc<str>, ConverterRule) {
    (Arc::from(name), ConverterRule { regex: Some(regex.into()), rest, value_type })
}

/// `starlette.routing`.
fn starlette() -> RouterRules {
    RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::Redirect,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: Some(307),
        converters: [
            converter("str", "[^/]+", false, ValueType::String),
            converter("path", ".*", true, ValueType::String),
            converter("int", "[0-9]+", false, ValueType::Integer),
            converter("float", r"[0-9]+(\.[0-9]+)?", false, ValueType::Number),
            converter("uuid", UUID, false, ValueType::Uuid),
        ]
        .into(),
    }
}

/// `werkzeug.routing`.
fn werkzeug() -> RouterRules {
    RouterRules {
        order: MatchOrder::MostSpecific,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::RedirectToSlash,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Redirect,
        redirect_status: Some(308),
        converters: [
            converter("str", "[^/]+", false, ValueType::String),
            converter("path", "[^/].*?", true, ValueType::String),
            converter("int", r"\d+", false, ValueType::Integer),
            converter("float", r"\d+\.\d+", false, ValueType::Number),
            converter("uuid", WERKZEUG_UUID, false, ValueType::Uuid),
        ]
        .into(),
    }
}

/// `django.urls.resolvers`, with `APPEND_SLASH`.
fn django() -> RouterRules {
    RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::Refuse,
        trailing_slash: TrailingSlash::RedirectToSlash,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: Some(301),
        converters: [
            converter("str", "[^/]+", false, ValueType::String),
            converter("path", ".+", true, ValueType::String),
            converter("int", "[0-9]+", false, ValueType::Integer),
            converter("slug", "[-a-zA-Z0-9_]+", false, ValueType::String),
            converter("uuid", DJANGO_UUID, false, ValueType::Uuid),
        ]
        .into(),
    }
}

/// `aiohttp.web_urldispatcher`. A path says itself what its parameters match; the routes are listed in the order in which they are tried.
/// Redirects between paths with and without a slash are made by middleware, where none of the routes matches.
fn aiohttp() -> RouterRules {
    RouterRules {
        order: MatchOrder::FirstMatch,
        method_mismatch: MethodMismatch::TryNext,
        trailing_slash: TrailingSlash::Strict,
        case: CaseRule::Sensitive,
        double_slash: DoubleSlash::Strict,
        redirect_status: None,
        converters: [
            converter("str", "[^{}/]+", false, ValueType::String),
            converter("path", ".*", true, ValueType::String),
        ]
        .into(),
    }
}
