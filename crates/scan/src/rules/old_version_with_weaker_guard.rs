//! `old-version-with-weaker-guard`: an old version of an endpoint asks for less than the new one.

use model::{AccessVerdict, Confidence, Endpoint, Evidence, Fix, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{Api, is_protected};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "old-version-with-weaker-guard",
    weakness: Weakness::OldVersion,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an old version of an endpoint asks for less than the new one, or still answers",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints below a version (`/v1/orders`) of which there is a newer one (`/v2/orders`) with the same method. Where the old one asks nobody and the new one does, or asks for no role
where the new one does, everybody sees it; that it still answers at all is for the auditor.

## Why is this bad?

What was mended in the new version is open in the old one, and nobody looks there any more.

## Example

```python bad
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader

app = FastAPI()
scheme = APIKeyHeader(name="X-Key")


def signed_in(key: Annotated[str, Depends(scheme)]):
    if key not in {}:
        raise HTTPException(status_code=401)


@app.get("/v1/orders")
def list_orders_v1():  # <- here
    return []


@app.get("/v2/orders", dependencies=[Depends(signed_in)])
def list_orders():
    return []
```

Use instead:

```python good
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import APIKeyHeader

app = FastAPI()
scheme = APIKeyHeader(name="X-Key")


def signed_in(key: Annotated[str, Depends(scheme)]):
    if key not in {}:
        raise HTTPException(status_code=401)


@app.get("/v2/orders", dependencies=[Depends(signed_in)])
def list_orders():
    return []
```

## Fix

Take the old version out, or give it the guard of the new one and a date on which it ends (`Deprecation`, RFC 9745, and `Sunset`, RFC 8594).
"#;

fn of_endpoint(endpoint: &Endpoint, api: &Api<'_>) -> Option<Draft> {
    let newer = api.newest_version_of(endpoint)?;
    let is_public = |one: &Endpoint| one.access.verdict() == AccessVerdict::Public;
    let asks_for_less = (is_public(endpoint) && is_protected(&newer.access))
        || (endpoint.access.verdict() == AccessVerdict::Authenticated && newer.access.verdict() == AccessVerdict::Restricted);
    let (severity, confidence, persona, what) = if asks_for_less {
        (RULE.severity, Confidence::High, RULE.persona, format!("asks for less than `{}`, which asks for {}", newer.path(), refusal::asked_by(&newer.access)))
    } else {
        (Severity::Low, Confidence::Low, Persona::Auditor, format!("still answers beside `{}`", newer.path()))
    };
    Some(Draft {
        severity,
        confidence,
        persona,
        message: format!("`{} {}` {what}", endpoint.method(), endpoint.path()),
        trace: vec![Evidence::new(newer.handler.file.clone(), newer.handler.line, "the newer version")],
        fix: Some(Fix::text("take the old version out, or give it the guard of the new one and a date on which it ends")),
        shielding: Shielding::Shielded(Shield { layer: "version".into(), policy: "sunset = \"DATE\"  # refused from then on".into() }),
    })
}
