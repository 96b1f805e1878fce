//! `public-documentation`: the documentation of the API is served to everybody.

use model::{Endpoint, Shield, Shielding, Confidence, Persona, Severity, Weakness};

use super::api::{Api, is_open};
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "public-documentation",
    weakness: Weakness::ExposedManagement,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "the documentation of the API is served to everybody",
    page: PAGE,
    checks: &[Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds applications whose pages of documentation or whose OpenAPI document everybody can read: those that FastAPI and other frameworks add by themselves.

## Why is this bad?

Whoever looks for a way in reads there which endpoints exist and what they take. It is no hole by itself, and for a public API it is meant; so it is for the auditor.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()  # <- here


@app.get("/orders")
def list_orders():
    return []
```

Use instead:

```python good
from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/orders")
def list_orders():
    return []
```

## Fix

`FastAPI(docs_url=None, redoc_url=None, openapi_url=None)`, or let a setting decide that is off in production.
"#;

const FIX: &str = "`docs_url=None, redoc_url=None, openapi_url=None`, or a setting that decides it and is off in production";

fn of_api(api: &Api<'_>) -> Option<Draft> {
    let is_open = |endpoint: &&Endpoint| is_open(&endpoint.access);
    let is_about = |endpoint: &&Endpoint| {
        let last = endpoint.path().rsplit('/').next().unwrap_or_default().to_lowercase();
        ["docs", "redoc", "openapi.json", "swagger.json", "swagger"].contains(&last.as_str())
    };
    let of_framework = api.foreign_endpoints().filter(is_open).filter(is_about);
    let paths: Vec<String> = of_framework.map(|endpoint| format!("`{}`", endpoint.path())).collect();
    if paths.is_empty() {
        return None;
    }
    let message = format!("{} tell everybody which endpoints exist and what they take", paths.join(", "));
    let shield = Shield { layer: "route".into(), policy: "allow = []  # nobody".into() };
    let draft = Draft::of(&RULE, Confidence::High, message, FIX, "");
    Some(Draft { shielding: Shielding::Shielded(shield), ..draft })
}
