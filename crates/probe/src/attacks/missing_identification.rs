//! `missing-identification`: a call without any credential, where siblings ask for one.

use model::{Endpoint, EndpointKind, Finding, Response, Weakness};
use serde_json::Value;

use super::writes::{self, Cast, Contrast};
use super::{Attack, Case, Exchanged, Judged, finding_at, refused_by};
use crate::api::{self, Api};
use crate::calls::Givens;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::run::{Caller, Run, Trouble};
use crate::session::unexpected;
use crate::values::required;
use crate::verdict::Verdict;

/// The status of a call that does not say who makes it, and of one by somebody who may not (RFC 9110 sections 15.5.2, 15.5.4).
const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;

pub(super) const ATTACK: Attack = Attack {
    name: "missing-identification",
    weaknesses: &[
        Weakness::MissingAuthentication,
        Weakness::IneffectiveGuard,
        Weakness::OptionalIdentity,
        Weakness::MisplacedGuard,
        Weakness::UnsignedWebhook,
    ],
    summary: "an endpoint that is not meant for everybody answers a call without credentials",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

```http
GET /users/7/contact   as A        200                                   positive control
GET /users/7/contact   anonymous   200, holds A's canary                 the attack
GET /users/me          anonymous   401                                   negative control: a sibling refuses
```

Where the endpoint writes, it writes to an object that this run made:

```http
PUT /banners/3         as A        200                                   positive control
PUT /banners/3         anonymous   200                                   the attack, with a new canary
GET /banners           as A        the object has changed                re-read
GET /users/me          anonymous   401                                   negative control
```

## What it proves

Somebody who shows nothing got the data of the response model or of this run's own account, or changed an object, while the same
API turns away who shows nothing elsewhere. That it is not meant for everybody is what the finding says.

## What it does not prove

A success status alone proves nothing. Where an answer has no model and no canary, it is OBSERVED.

## Held

An anonymous call gets 401 or 403 (or is sent elsewhere) where A succeeds. Behind the guard also where the guard asks for a role
that no account of the run has: the anonymous call gets 401 and A, who is identified, 403. Then `control_passed` is false.
";

/// Somebody who shows nothing writes what A made.
const NOBODY: Cast = Cast { owner: 0, attacker: Caller::Nobody, contrast: Contrast::Sibling };

/// What findings name, reads before writes; then the siblings that serve as negative controls, as right twins.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let of = |endpoint| {
        let finding: Option<&Finding> = finding_at(api, endpoint, ATTACK.weaknesses);
        Some(Case { endpoint, finding: Some(finding?), recipe: None })
    };
    let mut cases: Vec<Case<'_>> = api.endpoints().filter_map(of).collect();
    cases.sort_by_key(|case| (rank(case.endpoint), case.endpoint.id().clone()));
    let siblings: Vec<&Endpoint> = cases.iter().filter_map(|case| api.protected_sibling(case.endpoint)).collect();
    let mut twins: Vec<Case<'_>> = Vec::new();
    for endpoint in siblings.into_iter().filter(|one| api.admits_identified(one)) {
        if !twins.iter().any(|twin| twin.endpoint.id() == endpoint.id()) {
            twins.push(Case { endpoint, finding: None, recipe: None });
        }
    }
    twins.extend(cases);
    twins
}

/// Reads first, then what makes, changes, deletes.
fn rank(endpoint: &Endpoint) -> u8 {
    use model::Method::{Delete, Get, Head, Post};
    match endpoint.method() {
        Get | Head => 0,
        Post => 1,
        Delete => 3,
        _ => 2,
    }
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        if case.endpoint.kind() == EndpointKind::Websocket {
            return Ok(Judged::new(Verdict::NotSent, "it is a WebSocket, and this build attacks requests only"));
        }
        if let Some(reason) = run.unsendable(case.endpoint) {
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        if case.endpoint.method().is_safe() && !api::changes(case.endpoint) {
            return read(run, case.endpoint, side).await;
        }
        writes::write(run, case.endpoint, side, &NOBODY).await
    })
}

async fn read<'m>(run: &mut Run<'m>, endpoint: &'m Endpoint, side: Side) -> Result<Judged, Trouble> {
    let a = run.person(0).await?;
    let givens = run.path_givens(endpoint, a, 0).await?;
    let request = run.request(endpoint, &givens, None, None, 0)?;
    let (own, _) = run.send(side, Role::Control, &Caller::Person(a), request.clone()).await?;
    if asks_for_more(side, &own) {
        let (answer, _) = run.send(side, Role::Attack, &Caller::Nobody, request).await?;
        return Ok(without_identification(&answer, &own));
    }
    if !own.is_success() {
        return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, &own))));
    }
    let (answer, number) = run.send(side, Role::Attack, &Caller::Nobody, request).await?;
    if answer.refuses() {
        run.refusals.insert((side, endpoint.id().clone()), number);
        return Ok(Judged::held(format!("an anonymous call gets {}, while A is answered", answer.status), &answer));
    }
    if answer.redirects() || answer.hides() {
        return Ok(Judged::held(format!("an anonymous call gets {} and no data, while A is answered", answer.status), &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("an anonymous call gets {}", answer.status)));
    }
    let Some(shown) = shown(run, endpoint, &answer) else {
        let claim = "an anonymous call gets 2xx; neither a response model nor a canary tells what that is".to_owned();
        return Ok(Judged::new(Verdict::Observed, claim));
    };
    let claim = format!("an anonymous call is answered with {shown}");
    proved(run, endpoint, side, claim).await
}

/// Whether a gateway knows who A is and asks for more than an account of this run has, as a shield does that asks for a role.
pub(super) fn asks_for_more(side: Side, own: &Answer) -> bool {
    side == Side::Guard && own.status == FORBIDDEN && refused_by(own).is_some()
}

/// What is shown where nobody of this run may pass the gateway. It holds the anonymous call if that gets another answer than A: then
/// it reads credentials, and this call lacks one. That the right caller passes is not shown.
pub(super) fn without_identification(answer: &Answer, own: &Answer) -> Judged {
    let claim = format!("an anonymous call gets {}; A is identified and gets {}", answer.status, own.status);
    if answer.status == UNAUTHORIZED && refused_by(answer).is_some() {
        let claim = format!("{claim}: the gateway asks for more than an account of this run has");
        return Judged { control_passed: false, ..Judged::held(claim, answer) };
    }
    Judged::without_control(claim)
}

/// What an answer shows that is not for everybody.
fn shown(run: &Run<'_>, endpoint: &Endpoint, answer: &Answer) -> Option<String> {
    let document = answer.json.as_ref()?;
    let canaries = run.people.values().flatten().filter_map(|person| person.canary.as_ref());
    let of_fixtures = run.fixtures.iter().filter_map(|fixture| fixture.canary.as_ref());
    if canaries.chain(of_fixtures).any(|canary| canary.is_in(document)) {
        return Some("the canary of an object of this run".to_owned());
    }
    let response: &Response = endpoint.response.as_ref()?;
    let schema = run.api.schemas.of(response.schema.as_ref()?)?;
    let first = match document {
        Value::Array(items) => items.first()?,
        one => one,
    };
    let names: Vec<&str> = required(&schema).collect();
    let is_of_model = !names.is_empty() && names.iter().all(|name| first.get(name).is_some());
    is_of_model.then(|| format!("the fields of the response model (`{}`)", names.join("`, `")))
}

/// Proved, if a sibling turns away who shows nothing; observed, if there is nothing to compare with.
pub(super) async fn proved(
    run: &mut Run<'_>,
    endpoint: &Endpoint,
    side: Side,
    claim: String,
) -> Result<Judged, Trouble> {
    let Some(sibling) = run.api.protected_sibling(endpoint) else {
        return Ok(Judged::new(Verdict::Observed, format!("{claim}; no sibling that refuses could be asked")));
    };
    let id = sibling.id().clone();
    if let Some(number) = run.refusals.get(&(side, id.clone())) {
        let number = *number;
        run.cite(number, Role::Negative);
        return Ok(Judged::new(Verdict::Proved, format!("{claim}; `{id}` refuses one")));
    }
    let request = run.request(sibling, &Givens::new(), None, None, 0)?;
    let (answer, number) = run.send(side, Role::Negative, &Caller::Nobody, request).await?;
    if !answer.refuses() {
        let claim = format!("{claim}; `{id}` gets {} as well and does not refuse", answer.status);
        return Ok(Judged::new(Verdict::Observed, claim));
    }
    run.refusals.insert((side, id.clone()), number);
    Ok(Judged::new(Verdict::Proved, format!("{claim}; `{id}` refuses one")))
}
