//! Who is admitted, in the words of OpenAPI: `security` of each operation, `securitySchemes`, and an extension for the rest.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    Access, Alternative, Application, AuthRequirement, Certainty, Place, SecurityScheme, SecuritySchemeKind, Test,
};
use serde_json::{Map, Value, json};

use super::names::{self, Names};

/// The scheme of an operation whose guard was not understood, or names no scheme: nobody may take it for an open one.
const NOT_NAMED: &str = "doorward-not-understood";

/// The security schemes of an application, and those that the document needs besides.
pub(super) struct Schemes<'r> {
    application: &'r Application,
    names: Names,
    keys: IndexMap<Arc<str>, String>,
    declared: Map<String, Value>,
}

impl<'r> Schemes<'r> {
    pub(super) fn new(application: &'r Application) -> Self {
        let mut schemes = Self { application, names: Names::default(), keys: IndexMap::new(), declared: Map::new() };
        for name in application.security_schemes.keys() {
            schemes.key(name);
        }
        schemes
    }

    pub(super) fn into_declared(self) -> Map<String, Value> {
        self.declared
    }

    /// Writes who an operation admits.
    pub(super) fn admit(&mut self, access: &Access, operation: &mut Map<String, Value>) {
        let security = match access.requirement() {
            Some(requirement) => self.security(requirement),
            None => json!([self.not_named()]),
        };
        operation.insert("security".to_owned(), security);
        if let Some(rest) = not_said(access) {
            operation.insert("x-doorward-access".to_owned(), rest);
        }
    }

    /// The alternatives, each with its schemes. An empty list and an empty alternative admit everybody, so that neither is
    /// written for anything else.
    fn security(&mut self, requirement: &AuthRequirement) -> Value {
        if requirement.admits_everybody() {
            return json!([]);
        }
        if requirement.admits_nobody() {
            return json!([self.not_named()]);
        }
        let mut written: Vec<Value> = Vec::new();
        for alternative in requirement.alternatives() {
            let entry = self.entry(alternative);
            if !written.contains(&entry) {
                written.push(entry);
            }
        }
        Value::Array(written)
    }

    fn entry<'a>(&mut self, alternative: &'a Alternative) -> Value {
        let tests = || alternative.iter().map(|condition| &condition.test);
        let scope = |test: &'a Test| match test {
            Test::Scope(scope) => Some(&**scope),
            _ => None,
        };
        let scopes: Vec<&str> = tests().filter_map(scope).collect();
        let mut entry = Map::new();
        for test in tests() {
            if let Test::Scheme(name) = test {
                let takes_scopes = self.takes_scopes(name);
                let scopes = if takes_scopes { scopes.as_slice() } else { &[] };
                entry.insert(self.key(name), json!(scopes));
            }
        }
        if entry.is_empty() { self.not_named() } else { Value::Object(entry) }
    }

    fn takes_scopes(&self, name: &str) -> bool {
        let kind = self.application.security_schemes.get(name).map(|scheme| &scheme.kind);
        matches!(kind, Some(SecuritySchemeKind::Oauth2 { .. } | SecuritySchemeKind::OpenIdConnect { .. }))
    }

    /// The key of a scheme, which is declared the first time.
    fn key(&mut self, name: &Arc<str>) -> String {
        if let Some(key) = self.keys.get(name) {
            return key.clone();
        }
        let key = self.names.unique(&names::component(name), &[]);
        let scheme = self.application.security_schemes.get(name);
        self.declared.insert(key.clone(), declaration(name, scheme));
        self.keys.insert(Arc::clone(name), key.clone());
        key
    }

    fn not_named(&mut self) -> Value {
        let what = "What is asked for was not understood, or is no security scheme: see `x-doorward-access`.";
        let scheme = || json!({"type": "http", "scheme": "bearer", "description": what, "x-doorward-custom": true});
        self.declared.entry(NOT_NAMED).or_insert_with(scheme);
        json!({ NOT_NAMED: [] })
    }
}

/// What `security` does not say of an access: that it is not certain, what switches it, and more than schemes and scopes.
fn not_said(access: &Access) -> Option<Value> {
    let is_said = |test: &Test| matches!(test, Test::Scheme(_) | Test::Scope(_));
    let whole = access.requirement().is_some_and(|requirement| {
        !requirement.admits_nobody() && requirement.conditions().all(|condition| is_said(&condition.test))
    });
    if whole && access.certainty() == Certainty::Proven && access.setting().is_none() {
        return None;
    }
    let mut said = Map::from_iter([
        ("verdict".to_owned(), json!(access.verdict())),
        ("certainty".to_owned(), json!(access.certainty())),
    ]);
    if let Some(requirement) = access.requirement().filter(|_| !whole) {
        said.insert("requirement".to_owned(), json!(requirement));
    }
    if let Some(reason) = access.known().reason().or_else(|| access.known().gap().map(|gap| &*gap.reason)) {
        said.insert("reason".to_owned(), json!(reason));
    }
    if let Some(setting) = access.setting() {
        said.insert("configurable-by".to_owned(), json!(setting));
    }
    Some(Value::Object(said))
}

/// A security scheme as OpenAPI declares it.
fn declaration(name: &str, scheme: Option<&SecurityScheme>) -> Value {
    match scheme.map(|scheme| &scheme.kind) {
        Some(SecuritySchemeKind::Http { scheme }) if !scheme.is_empty() => json!({"type": "http", "scheme": &**scheme}),
        Some(SecuritySchemeKind::ApiKey { parameter }) => api_key(parameter.place, &parameter.name),
        Some(SecuritySchemeKind::Oauth2 { flow, token_url, scopes }) => {
            oauth2(flow.as_deref(), token_url.as_deref(), scopes)
        }
        Some(SecuritySchemeKind::OpenIdConnect { url: Some(url) }) => {
            json!({"type": "openIdConnect", "openIdConnectUrl": &**url})
        }
        Some(SecuritySchemeKind::MutualTls) => json!({"type": "mutualTLS"}),
        Some(SecuritySchemeKind::Session { cookie }) => api_key(Place::Cookie, cookie.as_deref().unwrap_or("session")),
        Some(SecuritySchemeKind::Custom { parameters }) if parameters.len() == 1 => {
            api_key(parameters[0].place, &parameters[0].name)
        }
        _ => json!({
            "type": "http", "scheme": "bearer", "x-doorward-custom": true,
            "description": format!("The application's own check, `{name}`; what it reads was not worked out."),
        }),
    }
}

fn api_key(place: Place, name: &str) -> Value {
    let place = match place {
        Place::Query => "query",
        Place::Cookie | Place::Session => "cookie",
        _ => "header",
    };
    json!({"type": "apiKey", "in": place, "name": name})
}

/// A flow is written where all is known that it must say.
fn oauth2(flow: Option<&str>, token_url: Option<&str>, scopes: &IndexMap<Arc<str>, String>) -> Value {
    match (flow, token_url) {
        (Some(flow @ ("password" | "clientCredentials")), Some(url)) => {
            json!({"type": "oauth2", "flows": {flow: {"tokenUrl": url, "scopes": scopes}}})
        }
        _ => json!({"type": "oauth2", "flows": {}}),
    }
}
