//! `user-input-in-session`: a value of the request is kept in the session as it is.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-session",
    weakness: Weakness::TrustBoundaryViolation,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "a value of the request is kept in the session as it is",
    page: PAGE,
    checks: &[Check::Flow(Use::Session, Says { becomes: "is kept in the session as it is", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends into the session, where later code takes it for what the application itself put there.

## Why is this bad?

A session is signed, so that what is in it is believed. What the client wrote there itself is signed, too.

## Example

```python bad
from flask import Flask, request, session

app = Flask(__name__)


@app.post("/role")
def choose():
    session["role"] = request.form["role"]  # <- here
    return {"ok": True}
```

Use instead:

```python good
from flask import Flask, abort, request, session

app = Flask(__name__)
LANGUAGES = ["en", "de"]


@app.post("/language")
def choose():
    language = request.form["language"]
    if language not in LANGUAGES:
        abort(400)
    session["language"] = language
    return {"ok": True}
```

## Fix

Check the value before it is kept, and keep what decides about rights in the database.
"#;

const FIX: &str = "check the value against a list of your own before it is kept";
