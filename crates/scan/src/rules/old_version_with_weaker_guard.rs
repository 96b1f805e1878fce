//! `old-version-with-weaker-guard`: an old version of an endpoint asks for less than the new one.

use model::{AccessVerdict, Confidence, Endpoint, Evidence, Fix, Persona, Segment, Severity, Shield, Shielding, Weakness};

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

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let (version, rest) = version_of(endpoint)?;
    let newer = |other: &'a Endpoint| {
        let (number, path) = version_of(other)?;
        (number > version && path == rest).then_some((number, other))
    };
    let same_method = api.own_endpoints().filter(|other| other.method() == endpoint.method());
    let (_, newer) = same_method.filter_map(newer).max_by_key(|(number, _)| *number)?;
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

/// The version that a path names, and the path without it, parameters without their names.
fn version_of(endpoint: &Endpoint) -> Option<(u32, Vec<&str>)> {
    let mut version = None;
    let mut rest = Vec::new();
    for segment in endpoint.route.pattern().segments() {
        match segment {
            Segment::Literal(text) => match text.strip_prefix('v').and_then(|number| number.parse::<u32>().ok()) {
                Some(number) if version.is_none() => version = Some(number),
                _ => rest.push(text),
            },
            _ => rest.push("{}"),
        }
    }
    Some((version?, rest))
}
