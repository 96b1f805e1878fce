//! `ghost-endpoint`: an operation of the OpenAPI document that nothing in the code answers.

use model::{Confidence, Evidence, Fix, Persona, Severity, Shielding, Weakness};
use openapi::Operation;

use super::{Check, Draft, Rule};
use crate::documents::Described;

pub(super) const RULE: Rule = Rule {
    name: "ghost-endpoint",
    weakness: Weakness::GhostEndpoint,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "an operation of the OpenAPI document that no code answers",
    page: PAGE,
    checks: &[Check::Ghost(of_operation)],
};

const PAGE: &str = r#"## What it does

Finds operations of an OpenAPI document beside the code (3.0, 3.1 or Swagger 2; JSON or YAML) that no application of the project
answers. Names of parameters, a slash at the end of the path and a path before it that a server or a proxy adds do not matter.

It speaks only of a document at least half of whose operations are in the code, and only where the whole list of endpoints was
worked out: a route that could not be may be the one that is missed. `HEAD` and `OPTIONS` are answered by frameworks themselves.

## Why is this bad?

Clients, gateways and tests are made from the document. What it names and nobody serves is a path on which somebody else may answer one
day, a permission that stays in the gateway, and a check that everybody believes in and nobody runs.

## Example

The document kept what the code lost:

```python bad
# file: main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/books")
def list_books() -> str:
    return "all"


@app.get("/books/{book_id}")
def read_book(book_id: int) -> str:
    return "found"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Books, version: "1"}
paths:
  /books:
    get:
      responses: {"200": {description: all}}
  /books/{id}:
    get:
      responses: {"200": {description: found}}
  /books/{id}/availability:
    get:  # <- here
      responses: {"200": {description: in stock}}
```

Use instead a document that says what is served:

```python good
# file: main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/api/books/{book_id}")
def read_book(book_id: int) -> str:
    return "found"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Books, version: "1"}
servers: [{url: "https://books.example/api"}]
paths:
  /books/{id}/:
    get:
      responses: {"200": {description: found}}
```

## Fix

Take the operation out of the document, or write the document anew: `doorward routes --format openapi` writes one from the code.
Where the endpoint is meant to be there, find out where it went.
"#;

fn of_operation(operation: &Operation, described: &Described<'_>) -> Draft {
    let (method, path) = (operation.route.id().method(), &operation.path);
    let named = operation.operation_id.as_ref().map(|id| format!(" (`{id}`)")).unwrap_or_default();
    let document = &described.document.file;
    let nearest = described.nearest(operation);
    let trace = nearest.map(|at| Evidence::new(at.file.clone(), at.line, "what answers nearest to it")).into_iter();
    Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message: format!("`{document}` names `{method} {path}`{named}, which nothing in the code answers"),
        trace: trace.collect(),
        fix: Some(Fix::text(format!("take it out of `{document}`, or write the document anew from the code"))),
        shielding: Shielding::Unshielded { reason: "there is nothing that a request could reach".to_owned() },
    }
}
