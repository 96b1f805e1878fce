//! `unreachable-route`: a registration that no request reaches, because another one takes its requests.

use std::fmt::Write;

use model::{AccessVerdict, Confidence, Endpoint, Evidence, Fix, Persona, Severity, Shielding, Unreached, Weakness};

use super::api::{Api, is_open, is_protected};
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unreachable-route",
    weakness: Weakness::GuardBypassByPath,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a route that another one takes the requests of",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds routes that no request reaches. Either the same method and path is registered twice, and the handler that answers is told, with
those that do not; or an earlier route has a parameter where a later one has a word (`/users/{id}` before `/users/me`), and the
later one is told.

Which of them answers is what the router of the framework says: Starlette, FastAPI and Django take the first that matches, Django by
its path alone; Flask and Quart take the most specific, and of equal ones the first. Registrations in two branches of one `if` are none of these,
and neither is the same handler under the same guards twice.

Where the handler that is not reached has a guard and the one that answers has none, the severity is high: who wrote the guard believes it to hold.

## Why is this bad?

Code that is not reached is believed to run. A check in it is a check that is never made, and a mistake that is mended in it is not mended.

## Example

The second registration was meant to replace the first:

```python bad
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


def admin(request: Request) -> None:
    if request.headers.get("authorization") != "secret":
        raise HTTPException(401)


@app.get("/reports/{report_id}")
def read_report(report_id: int) -> str:  # <- here
    return "found"


@app.get("/reports/{id}", dependencies=[Depends(admin)])
def read_report_as_admin(id: int) -> str:
    return "found"


@app.get("/users/{user_id}")
def read_user(user_id: int) -> str:
    return "found"


@app.get("/users/me")
def read_me() -> str:  # <- here
    return "found"
```

Use instead one registration, and words before parameters:

```python good
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


def admin(request: Request) -> None:
    if request.headers.get("authorization") != "secret":
        raise HTTPException(401)


@app.get("/reports/{report_id}", dependencies=[Depends(admin)])
def read_report(report_id: int) -> str:
    return "found"


@app.get("/users/me")
def read_me() -> str:
    return "found"


@app.get("/users/{user_id}")
def read_user(user_id: int) -> str:
    return "found"
```

In Flask the order does not matter:

```python good
from flask import Flask

app = Flask(__name__)


@app.get("/users/<user>")
def read_user(user):
    return user


@app.get("/users/me")
def read_me():
    return "me"
```

## Fix

Take out the registration that is not meant, or put the route with the word before the one with the parameter.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if !endpoint.unreached.is_empty() {
        return Some(of_twice(endpoint));
    }
    let before = api.registered_before(endpoint)?;
    let (method, path) = (endpoint.method(), endpoint.path());
    let (taken_by, at) = (before.path(), &before.handler);
    let mut message = format!("`{method} {path}` is never reached: `{taken_by}` is registered before it and takes its requests");
    if is_protected(&endpoint.access) && is_open(&before.access) {
        message.push_str(", without the guard that this one has");
    }
    let what = format!("`{taken_by}` is registered first");
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message,
        trace: vec![Evidence::new(at.file.clone(), at.line, what)],
        fix: Some(Fix::text(format!("register `{path}` before `{taken_by}`"))),
        shielding: unshielded(),
    })
}

/// The same requests, registered more than once.
fn of_twice(endpoint: &Endpoint) -> Draft {
    let loses_guard = |one: &&Unreached| {
        is_open(&endpoint.access) && is_protected(&one.access)
            || endpoint.access.verdict() == AccessVerdict::Authenticated && one.access.verdict() == AccessVerdict::Restricted
    };
    let guarded = endpoint.unreached.iter().find(loses_guard);
    let told = guarded.or(endpoint.unreached.first());
    let mut message = format!("`{} {}` is registered more than once: this handler answers", endpoint.method(), endpoint.path());
    if let Some(other) = told {
        let at = &other.handler;
        let name = at.name.rsplit('.').next().unwrap_or(&at.name);
        let _ = write!(message, ", `{name}` at {}:{} never does", at.file, at.line);
    }
    if guarded.is_some() {
        message.push_str("; the guard of that one is never asked");
    }
    let place = |one: &Unreached| Evidence::new(one.handler.file.clone(), one.handler.line, "never reached");
    Draft {
        severity: if guarded.is_some() { Severity::High } else { RULE.severity },
        confidence: Confidence::High,
        persona: RULE.persona,
        message,
        trace: endpoint.unreached.iter().map(place).collect(),
        fix: Some(Fix::text("take out the registration that is not meant")),
        shielding: unshielded(),
    }
}

fn unshielded() -> Shielding {
    Shielding::Unshielded { reason: "a gateway sees the request that the application answers, not the one that was meant".to_owned() }
}
