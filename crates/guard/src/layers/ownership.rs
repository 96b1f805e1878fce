//! Whose the object is: the principal's subject or tenant must be a parameter of the path, be what the application shows when
//! it is asked first, or be shown in the answer, which is withheld until it is.

mod lookup;

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use model::Method;
use policy::{Grant, Owner};

use crate::exchange::{Answer, Exchange, Principal};
use crate::obligation::{Obligations, Shown};
use crate::pipeline::{BodyNeed, Layer, LayerName, Verdict, needed};
use crate::record::Decision;
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::text_of;
use lookup::{Looked, LookedUp};

/// The most bytes of an answer in which the owner is looked for. A longer one is refused.
pub(crate) const OWNED_BODY_BYTES_MAX: usize = 1024 * 1024;

/// With these an answer would hold a part of the object, or none of it, and nothing could be compared.
pub(super) const PARTIAL: [http::HeaderName; 7] =
    [ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE];

/// Compares what the principal is with whose the object is.
struct Ownership(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.asks_for(|_| true), Ownership(site.clone()))
}

impl Layer for Ownership {
    fn response_body(&self, exchange: &Exchange) -> BodyNeed {
        match &exchange.answer {
            Answer::Withheld(withheld) if withheld.is_promised() => BodyNeed::Buffer(OWNED_BODY_BYTES_MAX),
            _ => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.grants.is_empty() {
            return Verdict::Continue;
        }
        let asks = |(_, grant): &(usize, &Grant)| grant.owner.is_some() || grant.tenant.is_some();
        if !exchange.open_grants().iter().any(asks) {
            // Where nobody is known, that was told before, in report mode alone.
            if exchange.admitted_as().is_some() {
                exchange.decided(LayerName::OWNERSHIP, Decision::Admitted, "a grant holds");
            }
            return Verdict::Continue;
        }
        let asked = lookup::questions(exchange, &self.0);
        if asked.is_empty() || holds_without(exchange) {
            return decide(exchange, &LookedUp::new());
        }
        lookup::ask(exchange, asked, |exchange, found| decide(exchange, &found))
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let Answer::Withheld(withheld) = &mut exchange.answer else {
            return Verdict::Continue;
        };
        if !withheld.is_promised() {
            return Verdict::Continue;
        }
        match withheld.discharge() {
            Ok(()) => {
                exchange.decided(LayerName::OWNERSHIP, Decision::Admitted, "the answer may be shown");
                Verdict::Continue
            }
            Err(refusal) => Verdict::Refuse(refusal),
        }
    }
}

/// Whether somebody is admitted whatever the application shows.
fn holds_without(exchange: &Exchange) -> bool {
    let nothing = LookedUp::new();
    let mut shown = each(exchange, |index, grant, principal| shown(exchange, grant, principal, nothing.get(&index)));
    shown.any(|shown| shown.is_ok_and(|shown| shown.is_empty()))
}

/// What is made of every pair of an open grant and a principal of its identity.
fn each<'e, T>(exchange: &'e Exchange, make: impl Fn(usize, &'e Grant, &'e Principal) -> T) -> impl Iterator<Item = T> {
    exchange.open_grants().into_iter().flat_map(move |(index, grant)| {
        let principals = exchange.principals.iter().filter(|one| one.identity == grant.identity);
        principals.map(|principal| make(index, grant, principal)).collect::<Vec<_>>()
    })
}

fn decide(exchange: &mut Exchange, looked: &LookedUp) -> Verdict {
    let all: Vec<_> =
        each(exchange, |index, grant, principal| shown(exchange, grant, principal, looked.get(&index))).collect();
    let promised: Vec<Vec<Shown>> = all.iter().filter_map(|one| one.as_ref().ok().cloned()).collect();
    if promised.is_empty() {
        let why: Vec<String> = all.into_iter().filter_map(Result::err).collect();
        // Nobody is known: only in report mode, where that was told already.
        let is_known = !exchange.principals.is_empty();
        let failed = looked.values().find_map(Looked::failure);
        let refusal = failed.unwrap_or_else(|| Refusal::new(Reason::NotAllowed, why.join("; ")));
        return if is_known { Verdict::Refuse(refusal) } else { Verdict::Continue };
    }
    exchange.obligations = Obligations::any_of(promised);
    if exchange.obligations.is_empty() {
        exchange.decided(LayerName::OWNERSHIP, Decision::Admitted, "a grant holds");
        return Verdict::Continue;
    }
    if exchange.method == Method::Head {
        return Verdict::Refuse(Refusal::new(Reason::NotAllowed, "the answer to HEAD does not show an owner"));
    }
    for name in PARTIAL {
        exchange.parts.headers.remove(name);
    }
    Verdict::Continue
}

/// What the answer must show for a grant to hold; an error where it does not hold at all.
fn shown(
    exchange: &Exchange,
    grant: &Grant,
    principal: &Principal,
    looked: Option<&Looked>,
) -> Result<Vec<Shown>, String> {
    let parameter = |name: &str| {
        exchange.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut shown = Vec::new();
    if let Some(owner) = &grant.owner {
        let subject = principal.subject.as_ref().ok_or("the principal has no subject")?;
        match owner {
            Owner::Parameter(name) if parameter(name) == subject => {}
            Owner::Parameter(name) => return Err(format!("the parameter `{name}` is not the principal")),
            Owner::Lookup(_) => looked.ok_or("the owner was not looked up")?.is(subject)?,
            Owner::Response(pointer) => shown.push(Shown { pointer: pointer.clone(), equals: subject.clone() }),
        }
    }
    if let Some(tenant) = &grant.tenant {
        let claim = principal.claims.pointer(tenant.claim.as_str()).and_then(text_of);
        let claim = claim.ok_or("the principal has no tenant")?;
        match &tenant.parameter {
            Some(name) if parameter(name) == claim => {}
            Some(name) => return Err(format!("the parameter `{name}` is not the tenant of the principal")),
            None => {}
        }
        if let Some(pointer) = &tenant.response {
            shown.push(Shown { pointer: pointer.clone(), equals: claim });
        }
    }
    Ok(shown)
}
