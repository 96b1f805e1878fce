//! `access-not-as-documented`: the OpenAPI document and the code disagree about who is admitted.

use model::{
    AccessVerdict, AuthRequirement, Certainty, Confidence, Endpoint, Evidence, Fix, Persona, Severity, Shielding, Test,
    Weakness,
};
use openapi::{Document, Operation};

use super::api::{Api, is_open, is_protected};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "access-not-as-documented",
    weakness: Weakness::UndocumentedAccess,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint that admits others than its OpenAPI document says",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Compares who an endpoint admits with what the OpenAPI document beside the code says of it (`security` of the operation, or else of the
document):

- the document asks for a scheme, and the code is proven to admit everybody: high. Where the path says that everybody is meant (`login`,
  `health`), the document most likely forgot `security: []`: low, and for the pedantic persona;
- the document says by `security: []` that everybody is admitted, and the code asks who calls: low, for the pedantic persona;
- the document asks for scopes, and the code for nothing but a login: medium, for the pedantic persona.

A document that does not speak of security says nothing about it.

## Why is this bad?

The document is what was agreed upon, and what reviewers, clients and gateways go by. Where it says that a login is asked for and the code
does not, either the code has a hole, or everybody works with a wrong picture of what is protected.

## Example

```python bad
# file: main.py
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    if token not in USERS:
        raise HTTPException(status_code=401)
    return USERS[token]


@app.get("/orders", dependencies=[Depends(signed_in)])
def list_orders() -> list[str]:
    return []


@app.get("/invoices")
def list_invoices() -> list[str]:  # <- here
    return []


# file: openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: "1"}
security: [{login: []}]
paths:
  /orders:
    get:
      responses: {"200": {description: all}}
  /invoices:
    get:
      responses: {"200": {description: all}}
components:
  securitySchemes:
    login: {type: http, scheme: bearer}
```

Use instead what the document says:

```python good
# file: main.py
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    if token not in USERS:
        raise HTTPException(status_code=401)
    return USERS[token]


@app.get("/orders", dependencies=[Depends(signed_in)])
def list_orders() -> list[str]:
    return []


@app.get("/health")
def health() -> str:
    return "well"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: "1"}
security: [{login: []}]
paths:
  /orders:
    get:
      responses: {"200": {description: all}}
  /health:
    get:
      security: []
      responses: {"200": {description: alive}}
components:
  securitySchemes:
    login: {type: http, scheme: bearer}
```

## Fix

Let the code ask for what the document says. Where everybody is meant, say so in the document: `security: []` at the operation.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    api.documented(endpoint).find_map(|(document, operation)| {
        let (documented, asks) = (&operation.security, asked(operation));
        if documented.requirement.admits_everybody() {
            let is_said = documented.line.is_some();
            let is_proven = endpoint.access.certainty() == Certainty::Proven && is_protected(&endpoint.access);
            return (is_said && is_proven).then(|| documented_as_open(endpoint, document, operation));
        }
        if is_open(&endpoint.access) {
            return Some(open(endpoint, api, document, operation, &asks));
        }
        scopes(endpoint, document, operation)
    })
}

/// The document asks for something, and the code does not.
fn open<'a>(
    endpoint: &'a Endpoint,
    api: &Api<'a>,
    document: &Document,
    operation: &Operation,
    asks: &str,
) -> Draft {
    // The sibling comes first: a policy asks for what it asks for.
    let mut trace = refusal::trace(endpoint, api);
    trace.push(place(document, operation, format!("the document asks for {asks}")));
    let (severity, confidence, persona) = match words::purpose(endpoint) {
        Some((Purpose::Everybody, _)) => (Severity::Low, Confidence::Low, Persona::Pedantic),
        Some((Purpose::Service, _)) => (RULE.severity, Confidence::Medium, Persona::Pedantic),
        None if endpoint.access.setting().is_some() => (RULE.severity, Confidence::Low, RULE.persona),
        None => (RULE.severity, Confidence::High, RULE.persona),
    };
    Draft {
        severity,
        confidence,
        persona,
        message: format!(
            "`{}` says that `{} {}` asks for {asks}; the code admits everybody",
            document.file,
            endpoint.method(),
            endpoint.path(),
        ),
        trace,
        fix: Some(Fix::text(format!(
            "let the code ask for {asks}; or, where everybody is meant, say so in `{}`: `security: []`",
            document.file
        ))),
        shielding: Shielding::Undecided,
    }
}

/// The document says that everybody is admitted, and the code asks who calls.
fn documented_as_open(endpoint: &Endpoint, document: &Document, operation: &Operation) -> Draft {
    let mut trace = vec![place(document, operation, "the document admits everybody".to_owned())];
    trace.extend(endpoint.access.evidence().iter().cloned());
    Draft {
        severity: Severity::Low,
        confidence: Confidence::High,
        persona: Persona::Pedantic,
        message: format!(
            "`{}` says that everybody may call `{} {}`; the code turns callers away",
            document.file,
            endpoint.method(),
            endpoint.path(),
        ),
        trace,
        fix: Some(Fix::text(format!("say in `{}` what is asked for", document.file))),
        shielding: Shielding::Unshielded { reason: "nobody is admitted who should not be".to_owned() },
    }
}

/// Every alternative of the document asks for a scope, and the code for nothing but a login.
fn scopes(endpoint: &Endpoint, document: &Document, operation: &Operation) -> Option<Draft> {
    let is_scope = |test: &Test| matches!(test, Test::Scope(_));
    let alternatives = operation.security.requirement.alternatives();
    let scoped = !alternatives.is_empty() && alternatives.iter().all(|one| one.iter().any(|c| is_scope(&c.test)));
    let access = &endpoint.access;
    let only_login = access.verdict() == AccessVerdict::Authenticated && access.certainty() == Certainty::Proven;
    if !scoped || !only_login {
        return None;
    }
    let asks = asked(operation);
    let mut trace = vec![place(document, operation, format!("the document asks for {asks}"))];
    trace.extend(access.evidence().iter().cloned());
    Some(Draft {
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        persona: Persona::Pedantic,
        message: format!(
            "`{}` says that `{} {}` asks for {asks}; the code admits whoever is logged in",
            document.file,
            endpoint.method(),
            endpoint.path(),
        ),
        trace,
        fix: Some(Fix::text(format!("let the code check what the document promises: {asks}"))),
        shielding: Shielding::Undecided,
    })
}

/// What the document asks for, for a person: schemes and scopes of all alternatives.
fn asked(operation: &Operation) -> String {
    let name = |test: &Test| match test {
        Test::Scheme(name) => Some(format!("`{name}`")),
        Test::Scope(name) => Some(format!("the scope `{name}`")),
        _ => None,
    };
    let alternative = |one: &model::Alternative| {
        let names: Vec<String> = one.iter().filter_map(|condition| name(&condition.test)).collect();
        names.join(" with ")
    };
    let requirement: &AuthRequirement = &operation.security.requirement;
    let all: Vec<String> = requirement.alternatives().iter().map(alternative).collect();
    if all.is_empty() { "what nobody has".to_owned() } else { all.join(" or ") }
}

fn place(document: &Document, operation: &Operation, what: String) -> Evidence {
    Evidence::new(document.file.clone(), operation.security.line.unwrap_or(operation.line), what)
}
