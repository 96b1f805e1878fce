//! Whose the object is: the principal's subject or tenant must be a parameter of the path, or be shown in the answer, which
//! is withheld until it is.

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use model::Method;
use policy::{Grant, Owner};

use crate::exchange::{Answer, Exchange, Principal};
use crate::obligation::{Obligations, Shown};
use crate::pipeline::{BodyNeed, Layer, LayerName, Verdict};
use crate::record::Decision;
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::text_of;

/// The most bytes of an answer in which the owner is looked for. A longer one is refused.
pub(crate) const OWNED_BODY_BYTES_MAX: usize = 1024 * 1024;

/// With these an answer would hold a part of the object, or none of it, and nothing could be compared.
const PARTIAL: [http::HeaderName; 7] =
    [ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE];

/// Compares what the principal is with whose the object is.
struct Ownership;

/// The layer.
pub(crate) fn layer(_: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Ownership)
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
        let (mut promised, mut why) = (Vec::new(), Vec::new());
        for (_, grant) in exchange.open_grants() {
            let principals = exchange.principals.iter().filter(|one| one.identity == grant.identity);
            for principal in principals {
                match shown(exchange, grant, principal) {
                    Ok(shown) => promised.push(shown),
                    Err(reason) => why.push(reason),
                }
            }
        }
        if promised.is_empty() {
            // Nobody is known: only in report mode, where that was told already.
            let is_known = !exchange.principals.is_empty();
            let refusal = Refusal::new(Reason::NotAllowed, why.join("; "));
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

/// What the answer must show for a grant to hold; an error where it does not hold at all.
fn shown(exchange: &Exchange, grant: &Grant, principal: &Principal) -> Result<Vec<Shown>, String> {
    let parameter = |name: &str| {
        exchange.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut shown = Vec::new();
    if let Some(owner) = &grant.owner {
        let subject = principal.subject.as_ref().ok_or("the principal has no subject")?;
        match owner {
            Owner::Parameter(name) if parameter(name) == subject => {}
            Owner::Parameter(name) => return Err(format!("the parameter `{name}` is not the principal")),
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
