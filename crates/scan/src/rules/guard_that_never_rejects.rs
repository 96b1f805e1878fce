//! `guard-that-never-rejects`: what endpoints ask to protect them lets everybody pass.

use model::{AccessVerdict, Certainty, Confidence, Endpoint, Evidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole, api, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "guard-that-never-rejects",
    weakness: Weakness::IneffectiveGuard,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "what endpoints ask to protect them lets everybody pass",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["def"]).in_those_named(asks_by_name), of_body)],
};

const PAGE: &str = r#"## What it does

Finds dependencies and decorators whose name says that they ask who somebody is (`require_auth`, `get_current_user`, `login_required`), that nothing in their code makes refuse anybody, and on which endpoints
rely that are proven to admit everybody. Those whose name says that they may find nobody (`optional_user`) are silent.

## Why is this bad?

The endpoint looks protected, so that nobody looks again: everybody may call it, often as a user with all rights.

## Example

```python bad
from fastapi import Depends, FastAPI

app = FastAPI()
ORDERS = []


def get_current_user():  # <- here
    return {"name": "admin", "role": "admin"}


@app.post("/orders")
def add_order(text: str, user: dict = Depends(get_current_user)):
    ORDERS.append((user["name"], text))
```

```python bad
from functools import wraps

from flask import Flask, g, request

app = Flask(__name__)
ORDERS = []


def login_required(view):  # <- here
    @wraps(view)
    def asked(*args, **values):
        g.user = request.headers.get("X-User", "guest")
        return view(*args, **values)

    return asked


@app.delete("/orders/<int:number>")
@login_required
def delete_order(number):
    del ORDERS[number]
    return {}
```

Use instead:

```python good
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()
ORDERS = []
TOKENS = {}


def get_current_user(authorization: str = Header("")):
    user = TOKENS.get(authorization)
    if user is None:
        raise HTTPException(status_code=401)
    return user


@app.post("/orders")
def add_order(text: str, user: dict = Depends(get_current_user)):
    ORDERS.append((user["name"], text))
```

## Fix

Refuse whom it does not know: `raise HTTPException(status_code=401)`, `abort(401)`. If it is not meant to refuse, give it a name that says so.
"#;

/// Words of names that say that somebody is asked who they are, or what they may do.
const ASKS: &[&str] = &["auth", "authenticate", "authenticated", "authorize", "authorized", "login", "permission", "permissions", "admin", "role", "roles"];
/// Words of them before `user`, `token`, `key` or `jwt`.
const VERBS: &[&str] = &["current", "require", "required", "verify", "check", "validate", "ensure"];
const CREDENTIALS: &[&str] = &["user", "token", "key", "jwt", "session", "credentials"];
/// Words of names that say that they may find nobody.
const MAYBE: &[&str] = &["optional", "maybe", "anonymous", "or", "if", "try", "url", "form", "page", "router", "backend", "provider", "service"];
/// What code says that refuses somebody, or lets something else do so.
const REFUSES: &[&str] = &[
    "raise", "abort", "401", "403", "redirect", "nauthorized", "orbidden", "Depends(", "Security(", "denied", "assert", "HTTPException", "await self.", "super()",
];
/// Endpoints that are named.
const NAMED_MAX: usize = 5;
const FIX: &str = "refuse whom it does not know: `raise HTTPException(status_code=401)`, `abort(401)`; if it is not meant to refuse, give it a name that says so";
const NO_SHIELD: &str = "whom the endpoints are meant for stands nowhere: the rules about open endpoints have their shields";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let refuses = || REFUSES.iter().any(|word| body.text(body.span).contains(word));
    if !body.endpoints.is_empty() || refuses() {
        return Vec::new();
    }
    let relies = |endpoint: &&Endpoint| {
        let is_open = endpoint.access.verdict() == AccessVerdict::Public && endpoint.access.certainty() == Certainty::Proven;
        is_open && names_it(whole, endpoint, body.name.as_str())
    };
    let open: Vec<&Endpoint> = whole.report.endpoints.iter().filter(relies).collect();
    if open.is_empty() {
        return Vec::new();
    }
    let name = body.name;
    let message = match open.len() {
        1 => format!("`{name}` refuses nobody, and `{} {}` relies on it", open[0].method(), open[0].path()),
        count => format!("`{name}` refuses nobody, and {count} endpoints rely on it"),
    };
    let place = |one: &&Endpoint| {
        Evidence::new(one.handler.file.clone(), one.handler.line, format!("`{} {}` admits everybody", one.method(), one.path()))
    };
    let trace = open.iter().take(NAMED_MAX).map(place).collect();
    vec![(Draft { trace, ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD) }, body.line(body.span))]
}

fn asks_by_name(name: &str) -> bool {
    let has = |words: &[&str]| secret_names::has_word(name, words);
    !has(MAYBE) && (has(ASKS) || (has(VERBS) && has(CREDENTIALS)))
}

/// Whether decorators or parameters of a handler name a function: `@login_required`, `Depends(get_current_user)`.
fn names_it(whole: &Whole<'_>, endpoint: &Endpoint, name: &str) -> bool {
    let Some(head) = api::head_of(whole.program, endpoint) else { return false };
    let depends = ["Depends(", "Security("].into_iter().any(|call| is_in(head, &format!("{call}{name}")));
    depends || head.lines().any(|line| decorates(line, name))
}

/// Whether it stands in a text and ends there.
fn is_in(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(at, _)| text[at + wanted.len()..].starts_with([')', ',', '(', ' ']))
}

fn decorates(line: &str, name: &str) -> bool {
    let called = line.trim().strip_prefix('@').and_then(|line| line.split('(').next());
    called.is_some_and(|called| called.trim().rsplit('.').next() == Some(name))
}
