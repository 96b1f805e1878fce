//! `password-in-log`: a password, key or token is written to a log.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, Span};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "password-in-log",
    weakness: Weakness::SecretInLog,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a password, key or token is written to a log",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["passw", "pwd", "secret", "token", "api_key"]).and(WRITES), of_body)],
};

const PAGE: &str = r#"## What it does

Finds calls of loggers (`logger.info(...)`, `logging.debug(...)`, `print(...)`) that are given a value whose name says that it is a password, a key or a
token. Text that only speaks of one is silent, and so is what masks, hashes or shortens it (`mask(token)`, `len(password)`, `token[:4]`).

## Why is this bad?

Logs are copied to many places, kept for long and read by many: whoever reads them can sign in as the users in them.

## Example

```python bad
import logging
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
log = logging.getLogger(__name__)


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    log.info(f"login of {name} with {password}")  # <- here
    return {"ok": False}
```

Use instead:

```python good
import logging
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
log = logging.getLogger(__name__)


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    log.info("login of %s, password of %d characters", name, len(password))
    return {"ok": False}
```

## Fix

Log who and what happened, never what proves who somebody is. What was logged already has to be changed.
"#;

/// Methods of loggers.
const METHODS: &[&str] = &["debug", "info", "warning", "warn", "error", "critical", "exception", "log"];
/// A call that writes to a log holds one of these.
const WRITES: &[&str] = &["print", ".debug", ".info", ".warn", ".error", ".critical", ".exception", ".log"];
const FIX: &str = "leave it out of the log: who asked and what came of it is enough";
const NO_SHIELD: &str = "the application's log is nothing that a gateway sees";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    if !secret_names::holds_a_secret(body.text(body.span)) {
        return found;
    }
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        if !is_log(body, function) {
            continue;
        }
        let span = body.code().expr_span(id);
        let given = body.code().call_arguments(arguments).iter().map(|argument| body.code().expr_span(argument.value));
        let Some(name) = given.into_iter().find_map(|given| secret_in(body, given)) else { continue };
        let is_password = secret_names::names_a_password(&name);
        let persona = if is_password { RULE.persona } else { Persona::Pedantic };
        let message = format!("`{name}` is written to a log: whoever reads it has it");
        let confidence = if is_password { Confidence::High } else { Confidence::Medium };
        found.push((Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona), body.line(span)));
    }
    found
}

fn is_log(body: &Body<'_>, function: python::code::ExprId) -> bool {
    let callee = body.callee(function);
    match callee.as_slice() {
        [only] => *only == "print",
        [of @ .., method] => {
            let is_logger = |name: &&python::Symbol| {
                let name = name.as_str().to_lowercase();
                name.contains("log") || name == "l"
            };
            METHODS.contains(&method.as_str()) && of.iter().any(|name| is_logger(&name))
        }
        [] => false,
    }
}

/// The name of a secret that is given as it is.
fn secret_in(body: &Body<'_>, within: Span) -> Option<String> {
    body.code().exprs().find_map(|(id, expr)| {
        let span = body.code().expr_span(id);
        let (Expr::Name(name) | Expr::Attribute(_, name)) = expr else { return None };
        let is_secret = secret_names::names_a_secret(name.as_str());
        (holds(within, span) && is_secret && !is_changed(body, within, span)).then(|| name.to_string())
    })
}

/// Whether a value stands inside of a call, is sliced, or is only asked about.
fn is_changed(body: &Body<'_>, within: Span, value: Span) -> bool {
    let is_around = |span: Span| holds(within, span) && holds(span, value) && span != value;
    body.code().exprs().any(|(id, expr)| {
        let span = body.code().expr_span(id);
        match expr {
            Expr::Call { .. } | Expr::Subscript(..) | Expr::Compare(..) | Expr::Unary(..) => is_around(span),
            // `token.id`: something about it.
            Expr::Attribute(of, _) => holds(within, span) && body.code().expr_span(of) == value,
            _ => false,
        }
    })
}
