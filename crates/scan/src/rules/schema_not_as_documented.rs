//! `schema-not-as-documented`: parameters, bodies and status codes that the OpenAPI document gives otherwise than the code.

use model::{Confidence, Endpoint, Evidence, Fix, Persona, Severity, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule};
use crate::documents::{Difference, differences};

pub(super) const RULE: Rule = Rule {
    name: "schema-not-as-documented",
    weakness: Weakness::SpecificationDrift,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "parameters, bodies or status codes that differ from the OpenAPI document",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

/// Differences that are told of one endpoint; the others are counted.
const TOLD_MAX: usize = 6;

const PAGE: &str = r#"## What it does

Compares what an endpoint takes and answers with the OpenAPI document beside the code: query parameters with their types and limits,
fields of bodies, whether they must be given, the status code of success. One finding for each endpoint names all differences.

Only what the code declares is compared: a handler that reads the request by itself says nothing about it. Where the code merely is
not seen to say what the document does (a parameter, a limit), the finding is for the pedantic persona.

## Why is this bad?

A gateway that validates by the document refuses what the code would take, and lets through what it would not. A field that the code
takes and the document does not have is one that nobody reviewed. A limit that the document promises and the code does not keep is no limit.

## Example

```python bad
# file: main.py
from fastapi import FastAPI, Query
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    title: str
    amount: int
    discount: int = 0


@app.post("/orders", status_code=201)
def add_order(order: Order) -> str:  # <- here
    return "added"


@app.get("/orders")
def list_orders(limit: int = Query(default=10, le=1000)) -> str:  # <- here
    return "none"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses: {"200": {description: added}}
    get:
      parameters: [{in: query, name: limit, schema: {type: integer, maximum: 100}}]
      responses: {"200": {description: all}}
components:
  schemas:
    Order:
      type: object
      required: [title, amount]
      properties: {title: {type: string}, amount: {type: integer}}
```

Use instead the same in both:

```python good
# file: main.py
from fastapi import FastAPI, Query
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    title: str
    amount: int


@app.post("/orders", status_code=201)
def add_order(order: Order) -> str:
    return "added"


@app.get("/orders")
def list_orders(limit: int = Query(default=10, le=100)) -> str:
    return "none"


# file: openapi.yaml
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses: {"201": {description: added}}
    get:
      parameters: [{in: query, name: limit, schema: {type: integer, maximum: 100}}]
      responses: {"200": {description: all}}
components:
  schemas:
    Order:
      type: object
      required: [title, amount]
      properties: {title: {type: string}, amount: {type: integer}}
```

## Fix

Say the same in both. `doorward routes --format openapi` writes a document from the code.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    api.documented(endpoint).find_map(|(document, operation)| {
        let mut found = differences(endpoint, api.schemas(), document, operation);
        let is_certain = found.iter().any(|one| one.is_certain);
        if is_certain {
            found.retain(|one| one.is_certain);
        }
        if found.is_empty() {
            return None;
        }
        let place = |one: &Difference| Evidence::new(document.file.clone(), one.line, one.what.clone());
        let told: Vec<&str> = found.iter().take(TOLD_MAX).map(|one| &*one.what).collect();
        let further = match found.len() - told.len() {
            0 => String::new(),
            count => format!("; {count} more"),
        };
        let (confidence, persona) =
            if is_certain { (Confidence::High, RULE.persona) } else { (Confidence::Low, Persona::Pedantic) };
        Some(Draft {
            severity: RULE.severity,
            confidence,
            persona,
            message: format!(
                "`{}` does not say of `{} {}` what the code does: {}{further}",
                document.file,
                endpoint.method(),
                endpoint.path(),
                told.join("; "),
            ),
            trace: found.iter().take(TOLD_MAX).map(place).collect(),
            fix: Some(Fix::text(format!("say the same in the code and in `{}`", document.file))),
            shielding: Shielding::Unshielded { reason: "which of the two is right is for their owner to say".to_owned() },
        })
    })
}
