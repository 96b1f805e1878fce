//! Who requests act for: what dependencies give after a credential was checked, and which claim leads there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{ClaimBinding, Endpoint, Known, ObjectModel, Principal, Test};

use crate::effects::{Identified, Trace};
use crate::objects::Models;

/// Words of columns that say what somebody may do.
const ROLES: &[&str] = &["role", "roles", "admin", "superuser", "staff", "scopes", "permissions", "moderator"];

/// A model is that of principals if at least one of so many endpoints that ask for a credential acts for one of its rows.
const FEW: usize = 10;

/// The principals of an application, those of most endpoints first.
pub(crate) fn principals(traces: &[(&Endpoint, &Trace)], models: &Models) -> Vec<Principal> {
    let mut seen: BTreeMap<(Option<usize>, Arc<str>), (usize, Principal)> = BTreeMap::new();
    for (endpoint, trace) in traces {
        for one in first_of_each_model(&trace.identified) {
            let entry = seen.entry((one.model, Arc::clone(&one.source)));
            let (count, known) = entry.or_insert_with(|| (0, principal(one, endpoint, models)));
            *count += 1;
            // Only one endpoint was played with the check itself.
            if known.claim.is_none() && one.by.is_some() {
                *known = principal(one, endpoint, models);
            }
        }
    }
    let mut found: Vec<(usize, Principal)> = Vec::new();
    for ((model, _), (count, principal)) in seen {
        // A model's principal is told once: by the dependency that most endpoints have.
        let same = found.iter_mut().find(|(_, p)| model.is_some() && p.object == principal.object);
        match same {
            Some(known) if (known.1.claim.is_some(), known.0) >= (principal.claim.is_some(), count) => {}
            Some(known) => *known = (count, principal),
            None => found.push((count, principal)),
        }
    }
    found.sort_by(|a, b| (b.0, &a.1.source).cmp(&(a.0, &b.1.source)));
    let main = model_of_principals(traces).map(|index| Arc::clone(&models.all[index].name));
    // What a link leads to is nobody.
    let asking = traces.iter().filter(|(_, trace)| !trace.identified.is_empty()).count();
    found.retain(|(count, p)| p.object.is_none() || p.object == main || count * FEW >= asking);
    if found.iter().any(|(_, p)| main.is_some() && p.object == main) {
        found.retain(|(_, p)| p.object.is_some());
    } else {
        // Whatever else is made of a credential is no principal of its own.
        found.retain(|(_, p)| p.object.is_none());
        found.truncate(1);
    }
    found.into_iter().map(|(_, principal)| principal).collect()
}

/// The model whose rows most endpoints act for.
pub(crate) fn model_of_principals(traces: &[(&Endpoint, &Trace)]) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, trace) in traces {
        for model in first_of_each_model(&trace.identified).filter_map(|one| one.model) {
            *counts.entry(model).or_default() += 1;
        }
    }
    let asking = traces.iter().filter(|(_, trace)| !trace.identified.is_empty()).count();
    let most = counts.into_iter().max_by_key(|(model, count)| (*count, std::cmp::Reverse(*model)));
    // What a link or a cookie of a few endpoints leads to is not who requests act for.
    most.filter(|(_, count)| count * FEW >= asking).map(|(model, _)| model)
}

/// The model that columns refer to which the program compares with who the request acts for: where a token's claims or a session say who
/// that is, no row of it may ever be looked up.
pub(crate) fn model_referred_to(models: &[ObjectModel], confirmed: &[BTreeSet<Arc<str>>]) -> Option<usize> {
    let mut counts: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
    for (model, confirmed) in models.iter().zip(confirmed) {
        let keys =
            model.foreign_keys.iter().filter(|key| key.columns.len() == 1 && confirmed.contains(&key.columns[0]));
        keys.for_each(|key| *counts.entry(&key.object).or_default() += 1);
    }
    let (name, _) = counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name)))?;
    models.iter().position(|model| model.name == *name)
}

/// The innermost dependency that gives each: others pass on what it gave.
fn first_of_each_model(identified: &[Identified]) -> impl Iterator<Item = &Identified> {
    let is_first = |(index, one): &(usize, &Identified)| !identified[..*index].iter().any(|o| o.model == one.model);
    let all = identified.iter().enumerate().filter(is_first).map(|(_, one)| one);
    let has_model = identified.iter().any(|one| one.model.is_some());
    all.filter(move |one| one.model.is_some() || !has_model)
}

fn principal(one: &Identified, endpoint: &Endpoint, models: &Models) -> Principal {
    let model = one.model.map(|index| &models.all[index]);
    let claim = one.by.as_ref().and_then(|(column, claim)| {
        let binding = ClaimBinding { claim: claim.clone()?, column: Arc::clone(column) };
        Some(Known::proven(binding, vec![one.evidence.clone()]))
    });
    Principal {
        source: Arc::clone(&one.source),
        scheme: scheme_of(endpoint),
        object: model.map(|m| Arc::clone(&m.name)),
        identity: model.and_then(|m| m.primary_key.first().cloned()),
        roles: model.map(roles).unwrap_or_default(),
        tenant: None,
        claim,
        evidence: vec![one.evidence.clone()],
    }
}

/// The scheme by which an endpoint's callers are identified.
pub(crate) fn scheme_of(endpoint: &Endpoint) -> Option<Arc<str>> {
    let conditions = endpoint.access.requirement().into_iter().flat_map(model::AuthRequirement::conditions);
    let mut schemes = conditions.filter_map(|c| match &c.test {
        Test::Scheme(name) => Some(Arc::clone(name)),
        _ => None,
    });
    schemes.next()
}

fn roles(model: &ObjectModel) -> Vec<Arc<str>> {
    let says = |name: &str| ROLES.iter().any(|w| name.split('_').any(|part| part == *w));
    model.columns.iter().filter(|c| c.privileged && says(&c.name)).map(|c| Arc::clone(&c.name)).collect()
}
