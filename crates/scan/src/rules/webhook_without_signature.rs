//! `webhook-without-signature`: a webhook believes whoever calls it.

use model::{Confidence, Endpoint, Fix, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{Api, handler_name, is_open, may_change};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "webhook-without-signature",
    weakness: Weakness::UnsignedWebhook,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a webhook believes whoever calls it",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that other services call (`webhook`, `webhooks`, `callback` as a whole segment of the path) with a method that changes something, on whose way nothing refuses
a request that is not signed. A signature that is compared, in the handler or a dependency, makes the endpoint protected.

## Why is this bad?

Whoever knows the address tells the application that an order was paid or a parcel arrived.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()
PAID: set[int] = set()


@app.post("/webhooks/payments")
def payment(order_id: int):  # <- here
    PAID.add(order_id)
```

Use instead:

```python good
import hmac
import os
from hashlib import sha256

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
PAID: set[str] = set()


@app.post("/webhooks/payments")
async def payment(request: Request):
    body = await request.body()
    expected = hmac.new(os.environ["WEBHOOK_KEY"].encode(), body, sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        raise HTTPException(status_code=401)
    PAID.add("order")
```

## Fix

Compute the HMAC of the raw body with the key that you share with the sender, compare it with the header (`hmac.compare_digest`), and refuse what is older than
minutes.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let Some((Purpose::Service, word)) = words::purpose(endpoint) else { return None };
    if !may_change(endpoint) || !is_open(&endpoint.access) {
        return None;
    }
    let message = format!(
        "`{} {}` believes whoever calls it: no check of its sender's signature was seen (`{word}`)",
        endpoint.method(),
        endpoint.path(),
    );
    let text = format!(
        "compute the HMAC of the raw body, compare it with the sender's (`hmac.compare_digest`), and answer 401 where they differ. If it is meant for everybody, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona: RULE.persona,
        message,
        trace: Vec::new(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Shielded(Shield {
            layer: "webhook".into(),
            policy: "identity = { kind = \"hmac\", header = \"...\", key = { env = \"WEBHOOK_KEY\" } }".into(),
        }),
    })
}
