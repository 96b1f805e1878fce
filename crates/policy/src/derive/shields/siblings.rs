//! What protected endpoints beside one ask for, so that it can be asked for there, too.

use std::collections::BTreeSet;

use model::{Effect, Endpoint, Finding};

use super::super::{Context, Draft};
use crate::key::RouteKey;
use crate::route::Grant;

/// What a route asks for as its code does, before anything is shielded.
pub(super) struct Asked {
    pub(super) key: RouteKey,
    allow: Vec<Grant>,
    /// Whether its code asks for more than the policy says.
    says_less: bool,
}

impl Asked {
    pub(super) fn of(draft: &Draft) -> Self {
        let settings = &draft.route.settings;
        Self { key: draft.route.key.clone(), allow: settings.allow.clone(), says_less: draft.not_expressed > 0 }
    }

    /// Whether everybody who is admitted shows more than an identity.
    fn asks_for_more(&self) -> bool {
        self.allow.iter().all(|grant| grant.scope.is_some() || grant.role.is_some() || grant.permission.is_some())
    }

    /// What another route can ask for just the same: that the gateway verifies, and that no parameter or answer of this one
    /// takes part in.
    pub(super) fn transferable(&self, context: &Context<'_>) -> Option<Vec<Grant>> {
        let is_own = |grant: &Grant| {
            let carried = context.identities.of_name(&grant.identity);
            grant.owner.is_none() && carried.is_some_and(|(_, carried)| !carried.is_delegated())
        };
        (!self.says_less && !self.allow.is_empty() && self.allow.iter().all(is_own)).then(|| self.allow.clone())
    }
}

/// The protected endpoint that a finding compares with: its trace begins at the handler of that. One handler may serve several
/// endpoints; where they do not ask for the same, which is meant is not known.
pub(super) fn sibling<'a>(context: &Context<'_>, finding: &Finding, asked: &'a [Asked]) -> Option<&'a Asked> {
    let place = finding.trace.first()?;
    let is_there = |one: &&Endpoint| {
        let handler = &one.handler;
        handler.file == place.file && handler.line == place.line && Some(one.id()) != finding.endpoint.as_ref()
    };
    let there = context.report.endpoints_of(&context.application.name).filter(is_there);
    let mut found = there.filter_map(|one| asked.iter().find(|asked| asked.key.id() == one.id()));
    let first = found.next()?;
    let agree = found.all(|other| other.allow == first.allow && other.says_less == first.says_less);
    (agree && !(first.asks_for_more() && any_caller_is_served_beside(context, finding, asked))).then_some(first)
}

/// Whether the file of a finding's endpoint serves others to whoever is identified: then a role is not what all of it asks for, and
/// people may have business there.
fn any_caller_is_served_beside(context: &Context<'_>, finding: &Finding, asked: &[Asked]) -> bool {
    let own = context.report.endpoints_of(&context.application.name);
    let beside =
        own.filter(|one| one.handler.file == finding.location.file && Some(one.id()) != finding.endpoint.as_ref());
    let mut beside = beside.filter_map(|one| asked.iter().find(|asked| asked.key.id() == one.id()));
    beside.any(|one| !one.allow.is_empty() && !one.asks_for_more())
}

/// What an endpoint that changes the same objects of the same resource asks for beyond an identity: the nearest one, where all
/// of them ask for more. Where some admit whoever is identified, or the nearest differ, which is meant is not known.
pub(super) fn asking_more<'a>(
    context: &Context<'_>,
    endpoint: &Endpoint,
    asked: &'a [Asked],
) -> Result<&'a Asked, String> {
    let (own, resource) = (changed(endpoint), resource(endpoint));
    let is_beside = |one: &&Endpoint| {
        one.id() != endpoint.id()
            && one.id().template().starts_with(resource)
            && !one.method().is_safe()
            && changed(one).intersection(&own).next().is_some()
    };
    let beside = context.report.endpoints_of(&context.application.name).filter(is_beside);
    let of = |one: &Endpoint| asked.iter().find(|asked| asked.key.id() == one.id());
    let beside: Vec<(&Endpoint, &Asked)> = beside.filter_map(|one| Some((one, of(one)?))).collect();
    if let Some((open, _)) = beside.iter().find(|(_, one)| !one.allow.is_empty() && !one.asks_for_more()) {
        return Err(format!(
            "`{}` changes the same, for whoever is identified: which is meant is not known",
            open.id()
        ));
    }
    let nearness = |one: &Endpoint| {
        let its = one.id().template();
        let shared = its.split('/').zip(endpoint.id().template().split('/')).take_while(|(a, b)| a == b).count();
        (its == endpoint.id().template(), shared)
    };
    let strict = || beside.iter().filter(|(_, one)| !one.allow.is_empty());
    let nearest = strict().map(|(one, _)| nearness(one)).max().ok_or("no sibling says which role to ask for")?;
    let mut found = strict().filter(|(one, _)| nearness(one) == nearest).map(|(_, one)| *one);
    let first = found.next().ok_or("no sibling says which role to ask for")?;
    match found.find(|other| other.allow != first.allow) {
        Some(other) => Err(format!("`{}` and `{}` ask for different things", first.key, other.key)),
        None => Ok(first),
    }
}

/// The objects that an endpoint makes, changes or deletes.
fn changed(endpoint: &Endpoint) -> BTreeSet<&str> {
    let writes = endpoint.effects.iter().filter(|effect| effect.writes()).filter_map(Effect::object);
    writes.map(|effect| &*effect.object).collect()
}

/// The template up to its last parameter: what the endpoints of a collection and its items share.
fn resource(endpoint: &Endpoint) -> &str {
    let template = endpoint.id().template();
    template.rfind("/{").map_or(template, |at| &template[..at])
}
