//! From what single endpoints do with tokens to how an application's tokens are made, checked, got and carried.

use std::sync::Arc;

use indexmap::IndexMap;
use model::{
    CredentialExchange, Endpoint, EndpointId, KeySource, ParameterRef, Place, Schema, SchemaRef, SecurityScheme,
    SecuritySchemeKind, TokenCarrier, TokenKind, TokenRecipe,
};

use super::Check;
use crate::effects::{Kind, Source, Trace, reference};
use crate::principal::scheme_of;

/// Segments of paths at which one registers.
const REGISTERS: &[&str] = &["register", "registration", "signup", "sign-up"];

/// The recipes of an application: one for each scheme and key that checks a token before a handler begins.
pub(crate) fn recipes(
    traces: &[(&Endpoint, &Trace)],
    schemes: &IndexMap<Arc<str>, SecurityScheme>,
    schemas: &IndexMap<Arc<str>, Schema>,
    principals: Option<usize>,
) -> Vec<TokenRecipe> {
    let mut found: Vec<TokenRecipe> = Vec::new();
    for (endpoint, trace) in traces {
        let Some(scheme) = scheme_of(endpoint) else { continue };
        for check in trace.checks.iter().filter(|c| c.guards) {
            let is_known = |r: &TokenRecipe| {
                r.scheme == scheme && r.check.as_ref().is_some_and(|c| c.evidence == check.check.evidence)
            };
            if !found.iter().any(is_known) {
                found.push(recipe(Arc::clone(&scheme), check, traces, schemes, schemas, principals));
            }
        }
    }
    found.sort_by(|a, b| (&a.scheme, evidence(a)).cmp(&(&b.scheme, evidence(b))));
    found
}

fn evidence(recipe: &TokenRecipe) -> Option<&model::Evidence> {
    recipe.check.as_ref().map(|c| &c.evidence)
}

fn recipe(
    scheme: Arc<str>,
    check: &Check,
    traces: &[(&Endpoint, &Trace)],
    schemes: &IndexMap<Arc<str>, SecurityScheme>,
    schemas: &IndexMap<Arc<str>, Schema>,
    principals: Option<usize>,
) -> TokenRecipe {
    let key = &check.check.key;
    let issued = |trace: &&(&Endpoint, &Trace)| trace.1.issues.iter().position(|i| same_key(&i.key, key));
    let mut issuers: Vec<(&Endpoint, &Trace, usize)> =
        traces.iter().filter_map(|t| Some((t.0, t.1, issued(&t)?))).collect();
    // Who logs in brings a name and a password; a refreshed token is no login.
    issuers.sort_by_cached_key(|(endpoint, trace, _)| {
        let exchange = exchange(endpoint, trace, schemas, principals);
        let has_password = exchange.is_some_and(|e| e.password.is_some());
        (!has_password, endpoint.access.verdict() != model::AccessVerdict::Public, endpoint.id().clone())
    });
    let issue = issuers.first().map(|(_, trace, index)| trace.issues[*index].clone());
    let login = issuers.iter().find_map(|(endpoint, trace, index)| {
        let mut login = exchange(endpoint, trace, schemas, principals)?;
        login.token = trace.answered_tokens.iter().find(|(i, _)| i == index).map(|(_, pointer)| Arc::clone(pointer));
        login.token.is_some().then_some(login)
    });
    TokenRecipe {
        kind: TokenKind::Jwt,
        carried: schemes.get(&scheme).and_then(carrier),
        issue,
        check: Some(check.check.clone()),
        register: register(traces, schemas, principals),
        login,
        scheme,
    }
}

/// Whether two keys are the same one.
fn same_key(a: &KeySource, b: &KeySource) -> bool {
    match (a, b) {
        (KeySource::Unknown { .. }, _) | (_, KeySource::Unknown { .. }) => false,
        (KeySource::Setting { name, .. }, KeySource::Setting { name: other, .. }) => name == other,
        (a, b) => a == b,
    }
}

fn carrier(scheme: &SecurityScheme) -> Option<TokenCarrier> {
    let bearer =
        || TokenCarrier { parameter: ParameterRef::new(Place::Header, "Authorization"), prefix: "Bearer ".into() };
    match &scheme.kind {
        SecuritySchemeKind::Oauth2 { .. } | SecuritySchemeKind::OpenIdConnect { .. } => Some(bearer()),
        SecuritySchemeKind::Http { scheme } if **scheme == *"bearer" => Some(bearer()),
        SecuritySchemeKind::ApiKey { parameter } => {
            Some(TokenCarrier { parameter: parameter.clone(), prefix: "".into() })
        }
        _ => None,
    }
}

/// The parameters of an endpoint that take a name and a password: a principal is looked up by the name.
fn exchange(
    endpoint: &Endpoint,
    trace: &Trace,
    schemas: &IndexMap<Arc<str>, Schema>,
    principals: Option<usize>,
) -> Option<CredentialExchange> {
    let by_request = |source: &Source| reference(source, endpoint).filter(|r| r.place.is_chosen_by_client());
    let looked_up = trace
        .rows
        .iter()
        .filter(|row| matches!(row.kind, Kind::Read | Kind::Update) && principals.is_none_or(|p| p == row.model))
        .find_map(|row| row.key.as_ref().and_then(|(_, source)| by_request(source)));
    let name = looked_up?;
    Some(CredentialExchange {
        endpoint: endpoint.id().clone(),
        password: password_of(endpoint, name.place, schemas),
        name,
        token: None,
    })
}

/// The field that takes a password, as its name says.
fn password_of(endpoint: &Endpoint, place: Place, schemas: &IndexMap<Arc<str>, Schema>) -> Option<ParameterRef> {
    let is_password =
        |name: &&str| matches!(name.to_lowercase().as_str(), "password" | "passwd" | "pass" | "plain_password");
    let schema = match endpoint.request_body.as_ref()?.schema.as_ref()? {
        SchemaRef::Named(name) => schemas.get(name)?,
        SchemaRef::Inline(schema) => schema,
    };
    let found = schema.properties().map(|(name, _)| name).find(is_password)?;
    Some(ParameterRef::new(place, found))
}

/// The open endpoint that makes a principal and takes a password.
fn register(
    traces: &[(&Endpoint, &Trace)],
    schemas: &IndexMap<Arc<str>, Schema>,
    principals: Option<usize>,
) -> Option<CredentialExchange> {
    let open = traces.iter().filter(|(e, _)| e.access.verdict() == model::AccessVerdict::Public);
    let mut found: Vec<CredentialExchange> = open
        .filter_map(|(endpoint, trace)| {
            let made = trace.rows.iter().find(|row| row.kind == Kind::Create && Some(row.model) == principals)?;
            let by_request = |(_, source): &(Arc<str>, Source)| reference(source, endpoint);
            // The name is what an existing account is looked up by, or else the first thing that the body gives.
            let name = exchange(endpoint, trace, schemas, principals).map(|e| e.name);
            let name = name.or_else(|| made.filters.iter().find_map(by_request))?;
            let password = password_of(endpoint, name.place, schemas);
            password.is_some().then(|| CredentialExchange {
                endpoint: endpoint.id().clone(),
                name,
                password,
                token: None,
            })
        })
        .collect();
    // Of several the one whose path says so: others may be for tests or for staff.
    let says_so =
        |id: &EndpointId| REGISTERS.iter().any(|word| id.template().split('/').any(|segment| segment == *word));
    found.sort_by(|a, b| (!says_so(&a.endpoint), &a.endpoint).cmp(&(!says_so(&b.endpoint), &b.endpoint)));
    found.into_iter().next()
}
