//! `object-read`: somebody reads an object of somebody else by its key.

use std::sync::Arc;

use model::{EndpointId, Method, ObjectEffect, Weakness};

use super::{Attack, Case, Exchanged, Judged, finding_at};
use crate::api::{self, Api, in_path, reads};
use crate::calls::Givens;
use crate::canary::Canary;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::run::{Caller, Run, Trouble, obstacle};
use crate::session::unexpected;
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "object-read",
    weaknesses: &[Weakness::BrokenObjectLevelAuthorization],
    summary: "somebody reads an object of somebody else by its key",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

/// Lists of the same objects that are looked at.
const LISTS_MAX: usize = 3;

/// What is wrong with a list that shows more than is meant.
const OPEN_LISTS: &[Weakness] = &[Weakness::MissingAuthentication, Weakness::UnscopedList];

const PAGE: &str = "## The exchange

Two identities, A and B, made by the application's own register and login handlers. A makes an object with a canary in it.

```http
GET /orders/7        as A      200, holds the canary     positive control
GET /orders/7        as B      200, holds the canary     the attack
GET /orders/7        anonymous 401                       negative control
GET /orders          as B      200, without the canary   B cannot list it: it is not shared
```

## What it proves

Data that A made, and that has an owner, was given to B by its key alone. If an anonymous call gets it as well, that is missing
identification and not this. If B can list it, it is shared: INCONCLUSIVE.

## What it does not prove

That every object of the model is reachable: it was one of this run's own.

## Held

B gets 401, 403 or 404 while A gets the canary.
";

/// Reads by key in the path of objects that have an owner: those with a finding first.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let readable = |one: &&model::Endpoint| {
        *one.method() == Method::Get && read_by_key(one).is_some() && !api::changes(one)
    };
    let cases = api.endpoints().filter(readable).map(|endpoint| {
        let finding = finding_at(api, endpoint, ATTACK.weaknesses);
        Case { endpoint, finding, recipe: None }
    });
    let mut cases: Vec<Case<'_>> = cases.collect();
    cases.sort_by_key(|case| (case.finding.is_none(), case.endpoint.id().clone()));
    cases
}

/// The object with an owner that an endpoint reads by its key.
fn read_by_key(endpoint: &model::Endpoint) -> Option<&ObjectEffect> {
    reads(endpoint).find(|read| read.owner.is_some() && !read.many && in_path(read).is_some())
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(read(run, case, side))
}

async fn read<'m>(run: &mut Run<'m>, case: &Case<'m>, side: Side) -> Result<Judged, Trouble> {
    let endpoint = case.endpoint;
    if let Some(reason) = run.unsendable(endpoint) {
        return Ok(Judged::new(Verdict::NotSent, reason));
    }
    let Some(object) = read_by_key(endpoint).map(|read| Arc::clone(&read.object)) else {
        return obstacle("which object is read is not known");
    };
    let (a, b) = (run.person(0).await?, run.person(1).await?);
    // Registering may give the role that is asked for.
    if let Some(reason) = run.lacks_role(endpoint, a) {
        return Ok(Judged::new(Verdict::NotSent, reason));
    }
    let index = run.fixture(&object, a, 0).await?;
    let Some(canary) = run.fixtures[index].canary.clone() else {
        return obstacle(format!("the `{object}` has no free text that could hold a canary"));
    };
    let givens = run.path_givens(endpoint, a, 0).await?;
    let request = run.request(endpoint, &givens, None, None, 0)?;
    let (own, _) = run.send(side, Role::Control, &Caller::Person(a), request.clone()).await?;
    if !own.is_success() {
        return Ok(Judged::without_control(format!("to the owner {}", unexpected(endpoint, &own))));
    }
    let (others, _) = run.send(side, Role::Attack, &Caller::Person(b), request.clone()).await?;
    if others.refuses() || others.hides() {
        let claim = format!("B gets {} for the `{object}` that A reads", others.status);
        return Ok(Judged::held(claim, &others));
    }
    if others.is_success() && !has(&own, &canary) {
        let claim = format!("B is answered as A is, and nothing in the answer tells the `{object}` from another one");
        return Ok(Judged::new(Verdict::Observed, claim));
    }
    if !has(&others, &canary) {
        return Ok(Judged::new(Verdict::Inconclusive, format!("B gets {} without the canary", others.status)));
    }
    let (nobodys, _) = run.send(side, Role::Negative, &Caller::Nobody, request).await?;
    if has(&nobodys, &canary) {
        let claim = format!("everybody gets the `{object}`: that is missing identification, not this");
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    if !(nobodys.refuses() || nobodys.hides()) {
        let claim = format!("B reads the `{object}` of A; an anonymous call gets {}, which is no refusal", nobodys.status);
        return Ok(Judged::new(Verdict::Observed, claim));
    }
    if let Some(list) = listed(run, &object, b, &canary, side).await? {
        let claim = format!("B can list the `{object}` of A by `{list}`: it is shared, or that list is what is wrong");
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    let claim = format!("B read the `{object}` that A made, by its key; an anonymous call gets {}", nobodys.status);
    Ok(Judged::new(Verdict::Proved, claim))
}

fn has(answer: &Answer, canary: &Canary) -> bool {
    answer.is_success() && answer.json.as_ref().is_some_and(|document| canary.is_in(document))
}

/// The list in which somebody finds the object; none where there is no such list. One that is itself a finding shows
/// nothing about what is meant to be shared.
async fn listed(
    run: &mut Run<'_>,
    object: &str,
    person: usize,
    canary: &Canary,
    side: Side,
) -> Result<Option<EndpointId>, Trouble> {
    let listers = run.api.listers(object, &Givens::new(), &run.roles());
    let meant = listers.into_iter().filter(|one| finding_at(&run.api, one, OPEN_LISTS).is_none());
    for lister in meant.take(LISTS_MAX).collect::<Vec<_>>() {
        let request = run.request(lister, &Givens::new(), None, None, 0)?;
        let (answer, _) = run.send(side, Role::Negative, &Caller::Person(person), request).await?;
        if has(&answer, canary) {
            return Ok(Some(lister.id().clone()));
        }
    }
    Ok(None)
}
