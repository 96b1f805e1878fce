//! `naive-token-time`: the end of a token is a time without a zone.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "naive-token-time",
    weakness: Weakness::TokenWithoutExpiry,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "the end of a token is a time without a zone",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["utcnow", "utcfromtimestamp", "datetime.now()"]).and(&["exp", "jwt", "token"]), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `datetime.utcnow()` in functions that make tokens: where an `exp`, `iat` or `nbf` is in the statement or the function.

## Why is this bad?

The value has no zone, so `.timestamp()` and comparisons take it for local time: west of Greenwich the token lives for hours longer than it says, east of it it is born dead. Python 3.12 warns,
and a later one takes the function out.

## Example

```python bad
import os
from datetime import datetime, timedelta

import jwt
from fastapi import FastAPI

app = FastAPI()


@app.post("/login")
def login():
    claims = {"sub": "1", "exp": (datetime.utcnow() + timedelta(minutes=15)).timestamp()}  # <- here
    return {"token": jwt.encode(claims, os.environ["TOKEN_KEY"], algorithm="HS256")}
```

Use instead:

```python good
import os
from datetime import UTC, datetime, timedelta

import jwt
from fastapi import FastAPI

app = FastAPI()


@app.post("/login")
def login():
    claims = {"sub": "1", "exp": datetime.now(UTC) + timedelta(minutes=15)}
    return {"token": jwt.encode(claims, os.environ["TOKEN_KEY"], algorithm="HS256")}
```

## Fix

`datetime.now(UTC)`.
"#;

const FIX: &str = "`datetime.now(UTC)`";
const NO_SHIELD: &str = "a gateway can refuse tokens that live too long, but not tell which were meant to";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let text = body.text(body.span);
    let makes_tokens = text.contains(".encode(") && ["\"exp\"", "'exp'", "exp="].iter().any(|claim| text.contains(claim));
    if !makes_tokens {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let Some(name) = body.qualified(function) else { continue };
        let span = code.expr_span(id);
        let is_naive = name.ends_with("datetime.utcnow")
            || name.ends_with("datetime.now") && code.call_arguments(arguments).is_empty() && body.line_of(span).contains("timedelta");
        if is_naive && name.starts_with("datetime.") {
            let message = "the end of a token is made of a time without a zone: what takes it for local time is hours off".to_owned();
            found.push((Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(span)));
        }
    }
    found
}
