//! How findings about open endpoints speak: what is open, who turns callers away elsewhere, what to do.

use std::fmt::Write;

use model::{Access, Alternative, Condition, Confidence, Endpoint, Evidence, Fix, Test};

use super::api::{Api, asks_itself, handler_name};
use crate::access::{GUARDS_NOTHING, IN_HANDLER};

/// Endpoints that a finding about a whole application names.
const NAMED_MAX: usize = 10;

/// What is wrong with an open endpoint.
pub(super) fn message(endpoint: &Endpoint) -> String {
    let mut text = format!(
        "everybody may call `{} {}`: nothing on the way to `{}` refuses a request without credentials",
        endpoint.method(),
        endpoint.path(),
        handler_name(endpoint),
    );
    text.push_str(&switched(endpoint.access.setting()));
    if !endpoint.in_schema {
        text.push_str("; that the OpenAPI document leaves it out protects nothing");
    }
    for place in endpoint.access.evidence() {
        let _ = write!(text, "; {} (line {})", place.what, place.line);
    }
    text
}

/// What is wrong with an application that is not seen to ask anybody, or that a setting tells not to; `may` says what everybody may do
/// at how many endpoints.
pub(super) fn message_of_all(api: &Api<'_>, may: &str, count: usize) -> String {
    let name = &api.application.name;
    let (few, all) = (api.protected(), api.all());
    let asks = match (few, api.is_open_throughout()) {
        (0, _) => "asks nobody who they are".to_owned(),
        (few, true) => format!("asks who they are at {few} of {all} endpoints only"),
        (_, false) => format!("does not ask who they are at {count} of {all} endpoints unless it is told to"),
    };
    let mut text = format!("`{name}` {asks}: everybody may {may}");
    text.push_str(&switched(api.setting()));
    if api.not_understood() > 0 {
        let _ = write!(text, "; what guards {} others was not understood", api.not_understood());
    }
    text
}

/// What to do about an application that is not seen to ask anybody.
pub(super) fn fix_of_all(rule: &str, api: &Api<'_>) -> Fix {
    let why = say_why(rule, "the line that makes the application");
    let means = match api.setting() {
        Some(setting) => format!("let `{setting}` be on by default, or on wherever others can reach the application"),
        None => match &*api.application.framework {
            "flask" => "give the application a `before_request` hook that refuses callers without credentials with 401",
            "django" => {
                "give the settings a middleware that refuses callers without credentials (`LoginRequiredMiddleware`), and \
                 `IsAuthenticated` as `DEFAULT_PERMISSION_CLASSES` to Django REST framework"
            }
            _ => "give the application a dependency or a middleware that refuses callers without credentials with 401",
        }
        .to_owned(),
    };
    Fix::text(format!("{means}; if something in front of it does, {why}"))
}

/// How sure it is that it should ask: something in front of it may.
pub(super) fn confidence_in_all(api: &Api<'_>) -> Confidence {
    if api.setting().is_some() || api.not_understood() > 0 {
        return Confidence::Low;
    }
    Confidence::Medium
}

/// What a setting has to do with it.
fn switched(setting: Option<&str>) -> String {
    setting
        .map_or_else(String::new, |setting| format!("; `{setting}` switches a check on, and its default leaves it off"))
}

/// What to do about an open endpoint: ask for what its nearest protected sibling asks for, or say why not.
pub(super) fn fix<'a>(rule: &str, endpoint: &'a Endpoint, api: &Api<'a>) -> Fix {
    let mut text = String::new();
    if endpoint.access.evidence().iter().any(|place| place.what.ends_with(GUARDS_NOTHING)) {
        text.push_str("move the decorator that guards below the one that adds the route: what is above it is never called; or else: ");
    }
    let sibling = api.nearest_protected(endpoint);
    if let Some(sibling) = sibling {
        let _ = write!(text, "{}; so should this one: ", asks_for(sibling));
    }
    let has_dependency = sibling.is_some_and(|sibling| !asks_itself(sibling));
    let means = match &*api.application.framework {
        "fastapi" if has_dependency => {
            "add the same dependency to the route, its router or the `include_router` that adds it"
        }
        "fastapi" => {
            "add a dependency that refuses callers without credentials to the route, its router or the `include_router` that adds it"
        }
        "flask" => {
            "refuse callers without credentials in a decorator below the one that adds the route (`@login_required`, `@jwt_required()`), \
             or in a `before_request` hook of its blueprint"
        }
        "django" if api.is_rest_framework(endpoint) => {
            "refuse callers without credentials by the `permission_classes` of the view (`[IsAuthenticated]`)"
        }
        "django" => {
            "refuse callers without credentials by `@login_required` around the view, or by `LoginRequiredMixin` as the first base of \
             its class"
        }
        _ => "refuse callers without credentials in the handler or a middleware around it",
    };
    let _ = write!(text, "{means}. If everybody is meant to call it, ");
    text.push_str(&say_why(rule, "the handler"));
    if endpoint.deprecated {
        text.push_str(". It is deprecated: if nobody calls it any more, remove it");
    }
    Fix::text(text)
}

/// How to say that it is meant.
pub(super) fn say_why(rule: &str, place: &str) -> String {
    format!("say why in a comment at {place}: `# doorward: ignore[{rule}] REASON`")
}

/// The nearest protected endpoint, and what protects it.
pub(super) fn trace<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Vec<Evidence> {
    // What is seen of an open endpoint is what guards nothing.
    let mut places = endpoint.access.evidence().to_vec();
    let Some(sibling) = api.nearest_protected(endpoint) else {
        return places;
    };
    places.push(place_of(sibling, asks_for(sibling)));
    places.extend(sibling.access.evidence().first().cloned());
    places
}

fn asks_for(endpoint: &Endpoint) -> String {
    let (method, path) = (endpoint.method(), endpoint.path());
    if asks_itself(endpoint) {
        return format!("`{method} {path}` turns unknown callers away in its own code");
    }
    format!("`{method} {path}` asks for {}", asked_by(&endpoint.access))
}

/// Some of many endpoints, a place each.
pub(super) fn places(endpoints: &[&Endpoint]) -> Vec<Evidence> {
    let named = endpoints.iter().take(NAMED_MAX);
    let place = |one: &&Endpoint| place_of(one, format!("`{} {}`", one.method(), one.path()));
    named.map(place).collect()
}

fn place_of(endpoint: &Endpoint, what: String) -> Evidence {
    Evidence::new(endpoint.handler.file.clone(), endpoint.handler.line, what)
}

/// What a requirement asks for, in words: "`bearer` and the role `admin`".
pub(super) fn asked_by(access: &Access) -> String {
    let Some(requirement) = access.requirement() else {
        return "a login".to_owned();
    };
    let words = |conditions: &Alternative| {
        let words: Vec<_> = conditions.iter().map(condition).collect();
        words.join(" and ")
    };
    let alternatives: Vec<_> = requirement.alternatives().iter().map(words).collect();
    if alternatives.is_empty() {
        return "what nobody has".to_owned();
    }
    alternatives.join(", or ")
}

fn condition(condition: &Condition) -> String {
    match &condition.test {
        Test::Scheme(name) if **name == *IN_HANDLER => "a login".to_owned(),
        Test::Scheme(name) => format!("`{name}`"),
        Test::Scope(name) => format!("the scope `{name}`"),
        Test::Role(name) => format!("the role `{name}`"),
        Test::Permission(name) => format!("the permission `{name}`"),
        Test::Ownership(_) => "ownership".to_owned(),
        Test::Tenant(_) => "the tenant".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::{AuthRequirement, Binding};

    use super::*;

    #[test]
    fn requirements_in_words() {
        let of = AuthRequirement::of;
        let bearer = of(Test::Scheme("bearer".into()));
        let admin = bearer.and(&of(Test::Role("admin".into())));
        let owner = bearer.and(&of(Test::Ownership(Binding::default())));
        let text = |requirement| asked_by(&Access::required(requirement, vec![]));
        assert_eq!(text(bearer), "`bearer`");
        assert_eq!(text(admin.or(&owner)), "`bearer` and the role `admin`, or `bearer` and ownership");
    }
}
