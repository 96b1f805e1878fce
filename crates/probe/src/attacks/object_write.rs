//! `object-write`: somebody changes or deletes an object of somebody else by its key.

use model::{Effect, Endpoint, EndpointKind, ObjectEffect, Weakness};

use super::writes::{self, Cast, Contrast};
use super::{Attack, Case, Exchanged, Judged, finding_at};
use crate::api::{Api, in_path};
use crate::evidence::Side;
use crate::run::{Caller, Run};
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "object-write",
    weaknesses: &[Weakness::BrokenObjectLevelAuthorization],
    summary: "somebody changes or deletes an object of somebody else by its key",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

Two identities, A and B, made by the application's own register and login handlers. A makes an object.

```http
PATCH /notes/7       as A      200                       positive control
PATCH /notes/7       as B      200                       the attack, with a new canary
GET /notes/7         as A      200, holds B's canary     re-read
PATCH /notes/7       anonymous 401                       negative control
```

Where the endpoint deletes, A reads the object before, and it is gone afterwards.

## What it proves

What A made, and what has an owner, was changed or deleted by B, who knew its key. If an anonymous call can do it as well, that is
missing identification and not this.

## What it does not prove

That somebody could learn the key of an object. Where nothing that B wrote can be told from what else changes, as with a counter that
everybody may count up, it is OBSERVED.

## Held

B gets 401, 403 or 404 where A succeeds.
";

/// B against what A made.
const OTHERS: Cast = Cast { owner: 0, attacker: Caller::Person(1), contrast: Contrast::Anonymous };

/// What findings name, and on the same paths what is right, as its twins.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let writable = |one: &&Endpoint| one.kind() == EndpointKind::Http && !one.method().is_safe() && written(one).is_some();
    let of = |endpoint: &'m Endpoint| Case { endpoint, finding: finding_at(api, endpoint, ATTACK.weaknesses), recipe: None };
    let all: Vec<Case<'_>> = api.endpoints().filter(writable).map(of).collect();
    let is_found = |template: &str| {
        all.iter().any(|case| case.finding.is_some() && case.endpoint.id().template() == template)
    };
    let mut cases: Vec<Case<'_>> =
        all.iter().filter(|case| is_found(case.endpoint.id().template())).copied().collect();
    cases.sort_by_key(|case| (case.finding.is_none(), case.endpoint.id().clone()));
    cases
}

/// The object with an owner that an endpoint changes or deletes by its key.
fn written(endpoint: &Endpoint) -> Option<&ObjectEffect> {
    endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Update(write) | Effect::Delete(write) => {
            (write.owner.is_some() && !write.many && in_path(write).is_some()).then_some(write)
        }
        _ => None,
    })
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        if let Some(reason) = run.unsendable(case.endpoint) {
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        run.person(0).await?;
        if let Some(reason) = run.lacks_role(case.endpoint, 0) {
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        writes::write(run, case.endpoint, side, &OTHERS).await
    })
}
