//! `undocumented-endpoint`: an endpoint that the OpenAPI document of its application leaves out.

use std::fmt::Write;

use model::{Confidence, Endpoint, Evidence, Fix, Persona, Severity, Shielding, Weakness};

use super::api::{self, Api, is_open};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule};
use crate::documents::{Around, Described};

pub(super) const RULE: Rule = Rule {
    name: "undocumented-endpoint",
    weakness: Weakness::UndocumentedEndpoint,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "an endpoint that the OpenAPI document leaves out",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint), Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that are in the code and in none of the OpenAPI documents beside it that describe the application. A document
describes one where at least half of its operations are in the code; one of another service is left alone.

An endpoint is told of by itself where at least half of what begins like its path is documented. Where nothing is that begins like it, it is told
of if the document has nearly all there is; or half, and the endpoint may change something, or its path says `debug`, `admin` and the like: pages beside
an API stand in no document. Where hardly anything is, the document was not
meant to list it: that is said once, for the pedantic persona, together with what hides itself (`include_in_schema=False`). Where the path
says that everybody is meant (`login`, `health`), it is for information. What a framework adds, applications that are mounted, and
WebSockets stand in no document.

## Why is this bad?

What is in no document is tested by nobody who tests by it, allowed by no gateway that is made from it, and reviewed by nobody who
reads it. It is found by those who look: paths that were left behind, made for debugging, or not meant to be there yet.

## Example

The document is older than the code:

```python bad
# file: main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/books/{book_id}")
def read_book(book_id: int) -> str:
    return "found"


@app.post("/books/{book_id}/redeem")
def redeem(book_id: int) -> str:  # <- here
    return "done"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Books, version: "1"}
paths:
  /books/{id}:
    get:
      responses: {"200": {description: found}}
```

Use instead one that is written from the code:

```python good
# file: main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/books/{book_id}")
def read_book(book_id: int) -> str:
    return "found"


@app.post("/books/{book_id}/redeem")
def redeem(book_id: int) -> str:
    return "done"


# file: openapi.yaml
openapi: 3.1.0
info: {title: Books, version: "1"}
paths:
  /books/{book}:
    get:
      responses: {"200": {description: found}}
  /books/{book}/redeem:
    post:
      responses: {"200": {description: done}}
```

A document of another service says nothing about this one:

```python good
# file: main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/books/{book_id}")
def read_book(book_id: int) -> str:
    return "found"


# file: clients/openapi.yaml
openapi: 3.1.0
info: {title: Payments, version: "2"}
paths:
  /charges:
    post:
      responses: {"201": {description: charged}}
  /refunds:
    post:
      responses: {"201": {description: refunded}}
```

## Fix

Describe it in the document, or write the document anew: `doorward routes --format openapi` writes one from the code. Where nobody
is meant to call it, take it out of the code.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if !api.coverage.is_left_out(endpoint) || !stands_out(endpoint, api) {
        return None;
    }
    // A page on which one logs in, a sign of life: nobody misses it in the document.
    let is_expected = matches!(words::purpose(endpoint), Some((Purpose::Everybody, _)));
    let documents = named(api);
    let mut message = format!("`{} {}` is served, and {documents} leaves it out", endpoint.method(), endpoint.path());
    if is_open(&endpoint.access) {
        message.push_str("; everybody may call it");
    }
    Some(Draft {
        severity: if is_expected { Severity::Info } else { RULE.severity },
        confidence: Confidence::High,
        persona: if is_expected { Persona::Pedantic } else { RULE.persona },
        message,
        trace: places(api),
        fix: Some(Fix::text(format!("describe it in {documents}, or take it out where nobody is meant to call it"))),
        shielding: Shielding::Unshielded {
            reason: "whether it is meant to be served is for its owner to say; `allow = []` at its route refuses it".to_owned(),
        },
    })
}

/// Whether an endpoint would be documented if the document were up to date. A page beside an API would not.
fn stands_out(endpoint: &Endpoint, api: &Api<'_>) -> bool {
    match api.coverage.around(endpoint) {
        Around::Most => true,
        Around::HalfOfAll => api::may_change(endpoint) || words::sensitive(endpoint).is_some(),
        Around::Little => false,
    }
}

/// What the document was not meant to list, as far as one can see.
fn of_api(api: &Api<'_>) -> Option<Draft> {
    let own = || api.own_endpoints();
    let beside = own().filter(|one| api.coverage.is_left_out(one) && !stands_out(one, api)).count();
    let hidden = own().filter(|one| api.coverage.is_hidden(one)).count();
    if api.documents.is_empty() || beside + hidden == 0 {
        return None;
    }
    let (documented, all) = api.coverage.share();
    let mut message = format!("{} has {documented} of {all} endpoints of `{}`", named(api), api.application.name);
    if hidden > 0 {
        let _ = write!(message, "; {hidden} more are in no document that the framework writes");
    }
    Some(Draft {
        severity: Severity::Info,
        confidence: Confidence::High,
        persona: Persona::Pedantic,
        message,
        trace: places(api),
        fix: Some(Fix::text("nothing, if that is meant; else write the document anew from the code")),
        shielding: Shielding::Undecided,
    })
}

/// The documents of an application.
fn named(api: &Api<'_>) -> String {
    let names: Vec<String> = api.documents.iter().map(|one| format!("`{}`", one.document.file)).collect();
    names.join(" or ")
}

fn places(api: &Api<'_>) -> Vec<Evidence> {
    let place = |one: &&Described<'_>| {
        let file = one.document.file.clone();
        Evidence::new(file, 1, format!("describes `{}`, with {} operations", one.application, one.document.operations.len()))
    };
    api.documents.iter().map(place).collect()
}
