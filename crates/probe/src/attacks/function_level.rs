//! `function-level`: somebody without the role does what is meant for those who have it.

use model::{EndpointKind, Weakness};

use super::writes::{self, Cast, Contrast};
use super::{Attack, Case, Exchanged, Judged, cases_of_findings};
use crate::api::{self, Api};
use crate::evidence::Side;
use crate::run::{Caller, Run};
use crate::session::{ADMINISTRATOR, ADMINISTRATOR_VARIABLE};
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "function-level",
    weaknesses: &[Weakness::BrokenFunctionLevelAuthorization, Weakness::InconsistentAuthorization],
    summary: "somebody without the role does what is meant for those who have it",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

An administrator, whose credential is in `DOORWARD_PROBE_TOKEN_ADMIN`, makes an object; where anybody may make one, A does. B is an
identity that registering gives, without a role.

```http
GET /products/7      as ADMIN  200                       positive control: it is there
DELETE /products/7   as B      204                       the attack
GET /products/7      as ADMIN  404                       re-read: it is gone
GET /users           as B      403                       negative control: the API knows that B has no role
```

Where the endpoint changes an object, the administrator does it first, B does it with a new canary, and the administrator reads that.

## What it proves

Somebody without a role did what the siblings of the endpoint keep to a role, to an object that this run made, while the same API refuses
that somebody elsewhere for want of a role. That it is not meant for everybody who is signed in is what the finding says.

## What it does not prove

A success status alone proves nothing: what was done is read back. Where nothing that B wrote can be told from what else changes, it is
OBSERVED. Objects that this run did not make are never touched; without
somebody who may make one, it is NOT SENT.

## Held

B gets 401, 403 or 404, and the administrator succeeds, through the same gateway.
";

/// What findings name, that writes.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    cases_of_findings(api, ATTACK.weaknesses)
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        let endpoint = case.endpoint;
        if endpoint.kind() == EndpointKind::Websocket {
            return Ok(Judged::new(Verdict::NotSent, "it is a WebSocket, and this build attacks requests only"));
        }
        if let Some(reason) = run.unsendable(endpoint) {
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        if endpoint.method().is_safe() && !api::changes(endpoint) {
            let reason = "it reads, and nothing that this run made tells whether that is for everybody";
            return Ok(Judged::new(Verdict::NotSent, reason));
        }
        let owner = if run.options.administrator.is_some() { ADMINISTRATOR } else { 0 };
        let cast = Cast { owner, attacker: Caller::Person(1), contrast: Contrast::Role };
        let mut judged = writes::write(run, endpoint, side, &cast).await;
        if owner != ADMINISTRATOR
            && let Err(crate::run::Trouble::Obstacle(reason)) = &mut judged
        {
            let hint = format!(" (`{ADMINISTRATOR_VARIABLE}` may hold the credential of an administrator)");
            reason.push_str(&hint);
        }
        judged
    })
}
