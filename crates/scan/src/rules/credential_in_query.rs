//! `credential-in-query`: a password, key or token is taken from the query of a URL.

use model::{Confidence, Endpoint, Fix, Parameter, Persona, Place, Severity, Shield, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule, secret_names};

pub(super) const RULE: Rule = Rule {
    name: "credential-in-query",
    weakness: Weakness::CredentialInUrl,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a password, key or token is taken from the query of a URL",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints with a parameter of the query that by its name is a password, a key or an access token. Tokens that work once (of links that confirm or reset), and WebSockets, which cannot send
headers from a browser, are for the pedantic persona.

## Why is this bad?

URLs are kept in logs, histories and the `Referer` of what is linked: whoever reads there has it.

## Example

```python bad
from fastapi import FastAPI, HTTPException

app = FastAPI()
KEYS: set[str] = set()


@app.get("/reports")
def list_reports(api_key: str):  # <- here
    if api_key not in KEYS:
        raise HTTPException(status_code=401)
    return []
```

Use instead:

```python good
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException

app = FastAPI()
KEYS: set[str] = set()


@app.get("/reports")
def list_reports(x_api_key: Annotated[str, Header()]):
    if x_api_key not in KEYS:
        raise HTTPException(status_code=401)
    return []
```

## Fix

Take it from a header (`Authorization`, `X-API-Key`).
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let is_credential = |parameter: &&Parameter| parameter.place == Place::Query && secret_names::names_a_secret(&parameter.name);
    let parameter = endpoint.parameters.iter().find(is_credential)?;
    let path = endpoint.path().to_lowercase();
    let is_once = ["reset", "verify", "confirm", "callback", "unsubscribe", "activate", "invite"].iter().any(|word| path.contains(word));
    let is_socket = endpoint.kind() == model::EndpointKind::Websocket;
    let persona = if is_once || is_socket { Persona::Pedantic } else { RULE.persona };
    let message = format!(
        "`{} {}` takes `{}` from the query: URLs are kept in logs and histories",
        endpoint.method(),
        endpoint.path(),
        parameter.name,
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona,
        message,
        trace: Vec::new(),
        fix: Some(Fix::text("take it from a header: `Authorization`, or one of its own")),
        shielding: Shielding::Shielded(Shield {
            layer: "virtual_patch".into(),
            policy: format!("refuse_parameters = [\"{}\"]  # once clients send it in a header", parameter.name),
        }),
    })
}
