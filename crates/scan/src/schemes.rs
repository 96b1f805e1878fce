//! The security schemes of an application: what its dependencies declare a client must send, and what stands in for one.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{Endpoint, Evidence, ParameterRef, Place, SecurityScheme, SecuritySchemeKind, Test};
use python::Symbol;
use python::interp::Interp;
use python::value::Value;

use crate::access::dependencies_of;
use crate::frameworks::{RawRoute, attribute};

/// The name of a security scheme object in the application's OpenAPI document; none for what is not one.
pub(crate) fn name_of(interp: &Interp<'_>, callable: &Value) -> Option<Arc<str>> {
    let class = interp.class_of(callable);
    interp.in_mro(class.as_object()?, Symbol::new("__scheme__"), None)?;
    let own = attribute(interp, callable, "scheme_name").and_then(|n| n.as_str().map(Arc::from));
    own.or_else(|| interp.qualified_name(&class).and_then(|n| n.rsplit('.').next()).map(Arc::from))
}

/// Every scheme that a route declares, or that an access names, sorted by name.
pub(crate) fn declared(
    interp: &mut Interp<'_>,
    routes: &[RawRoute],
    endpoints: &[Endpoint],
) -> IndexMap<Arc<str>, SecurityScheme> {
    let mut found: IndexMap<Arc<str>, SecurityScheme> = IndexMap::new();
    for raw in routes {
        for callable in dependencies_of(interp, raw) {
            let Some(name) = name_of(interp, &callable) else { continue };
            if !found.contains_key(&name) {
                let scheme = SecurityScheme { kind: kind_of(interp, &callable), evidence: made_at(interp, &callable) };
                found.insert(name, scheme);
            }
        }
    }
    for endpoint in endpoints {
        let conditions = endpoint.access.requirement().into_iter().flat_map(model::AuthRequirement::conditions);
        for condition in conditions {
            if let Test::Scheme(name) = &condition.test {
                // The project's own check: what refuses is where it is declared.
                found.entry(Arc::clone(name)).or_insert_with(|| SecurityScheme {
                    kind: well_known(name),
                    evidence: endpoint.access.evidence().first().cloned(),
                });
            }
        }
    }
    found.sort_keys();
    found
}

/// What stands for a scheme that a description names.
fn well_known(name: &str) -> SecuritySchemeKind {
    match name {
        "session" => SecuritySchemeKind::ApiKey { parameter: ParameterRef::new(Place::Cookie, "sessionid") },
        "token" => SecuritySchemeKind::ApiKey { parameter: ParameterRef::new(Place::Header, "Authorization") },
        "basic" => SecuritySchemeKind::Http { scheme: "basic".into() },
        "JWT" => SecuritySchemeKind::Http { scheme: "bearer".into() },
        _ => SecuritySchemeKind::Custom { parameters: Vec::new() },
    }
}

fn kind_of(interp: &Interp<'_>, scheme: &Value) -> SecuritySchemeKind {
    let class = interp.class_of(scheme);
    let is = |name: &str| interp.derives_from(&class, &format!("fastapi.security.schemes.{name}"));
    let text = |name: &str| attribute(interp, scheme, name).and_then(|v| v.as_str().map(Arc::<str>::from));
    let places = [("APIKeyHeader", Place::Header), ("APIKeyQuery", Place::Query), ("APIKeyCookie", Place::Cookie)];
    if let (Some((_, place)), Some(name)) = (places.iter().find(|(class, _)| is(class)), text("name")) {
        return SecuritySchemeKind::ApiKey { parameter: ParameterRef::new(*place, name) };
    }
    let http = ["HTTPBearer", "HTTPBasic", "HTTPDigest"].into_iter().find(|class| is(class));
    if let Some(scheme) = http.and_then(|class| class.strip_prefix("HTTP")) {
        return SecuritySchemeKind::Http { scheme: scheme.to_lowercase().into() };
    }
    if is("HTTPBase") {
        return SecuritySchemeKind::Http { scheme: text("scheme").unwrap_or_default() };
    }
    if is("OAuth2") {
        let flow = match () {
            () if is("OAuth2PasswordBearer") => Some("password".into()),
            () if is("OAuth2AuthorizationCodeBearer") => Some("authorizationCode".into()),
            () => None,
        };
        return SecuritySchemeKind::Oauth2 { flow, token_url: text("tokenUrl"), scopes: scopes_of(interp, scheme) };
    }
    if is("OpenIdConnect") {
        return SecuritySchemeKind::OpenIdConnect { url: text("openIdConnectUrl") };
    }
    SecuritySchemeKind::Custom { parameters: Vec::new() }
}

/// The scopes with their descriptions.
fn scopes_of(interp: &Interp<'_>, scheme: &Value) -> IndexMap<Arc<str>, String> {
    let entries = attribute(interp, scheme, "scopes").and_then(|s| interp.known_entries(&s)).unwrap_or_default();
    let text = |v: &Value| v.as_str().or_else(|| interp.enum_value(v)?.as_str()).map(str::to_owned);
    entries.iter().filter_map(|(k, v)| Some((text(k)?.into(), text(v).unwrap_or_default()))).collect()
}

fn made_at(interp: &Interp<'_>, scheme: &Value) -> Option<Evidence> {
    let object = interp.object(scheme.as_object()?);
    let site = object.made_by.unwrap_or(object.site);
    let file = interp.program().file(site.file);
    Some(Evidence::new(Arc::clone(&file.path), file.line(site.span.start), "declares the scheme".to_owned()))
}
