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
    checks: &[
        Check::BodyWith(Sought::words(&["passw", "pwd", "secret", "token", "api_key", "SECRET", "_KEY"]).and(WRITES).in_modules_too(), of_body),
        Check::BodyWith(Sought::words(PERSONAL).and(WRITES), of_personal_data),
    ],
};

const PAGE: &str = r#"## What it does

Finds calls of loggers (`logger.info(...)`, `logging.debug(...)`, `print(...)`) that are given a value whose name says that it is a password, a key or a
token. Text that only speaks of one is silent, and so is what masks, hashes or shortens it (`mask(token)`, `len(password)`, `token[:4]`). Passwords, and what is written
where a module is imported, are told to everybody, other keys and tokens to the pedantic persona, and numbers of people, cards and accounts, birthdays and addresses of mail to the auditor.

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

A key that is made where none is set, and printed:

```python bad
import os
import secrets

from flask import Flask

app = Flask(__name__)
SECRET_KEY = os.getenv("SECRET_KEY")
if not SECRET_KEY:
    SECRET_KEY = secrets.token_urlsafe(32)
    print(f"SECRET_KEY is not set, using {SECRET_KEY}")  # <- here


@app.get("/")
def index():
    return {"ok": True}
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

/// Words of names of what is known of people.
const PERSONAL: &[&str] = &["email", "ssn", "iban", "cvv", "phone", "birthday", "birthdate", "passport", "card_number", "credit_card", "date_of_birth"];
/// Methods of loggers.
const METHODS: &[&str] = &["debug", "info", "warning", "warn", "error", "critical", "exception", "log"];
/// A call that writes to a log holds one of these.
const WRITES: &[&str] = &["print", ".debug", ".info", ".warn", ".error", ".critical", ".exception", ".log"];
const FIX: &str = "leave it out of the log: who asked and what came of it is enough";
const NO_SHIELD: &str = "the application's log is nothing that a gateway sees";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    if !secret_names::holds_a_secret(body.text(body.span)) {
        return Vec::new();
    }
    let told = |(name, line): (String, u32)| {
        let is_password = secret_names::names_a_password(&name);
        // Inside of functions much is called a key or a secret that only names one.
        let is_setting = body.name.as_str().is_empty();
        let persona = if is_password || is_setting { RULE.persona } else { Persona::Pedantic };
        let message = format!("`{name}` is written to a log: whoever reads it has it");
        let confidence = if is_password { Confidence::High } else { Confidence::Medium };
        (Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona), line)
    };
    logged(body, secret_names::names_a_secret).into_iter().map(told).collect()
}

fn of_personal_data(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let told = |(name, line): (String, u32)| {
        let message = format!("`{name}` is written to a log: logs are copied, and kept for longer than what is known of people may be");
        let draft = Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD).for_persona(Persona::Auditor);
        (Draft { severity: Severity::Low, ..draft }, line)
    };
    logged(body, names_personal_data).into_iter().map(told).collect()
}

/// What is written to a log under a name of some kind, and the line.
fn logged(body: &Body<'_>, is_named: fn(&str) -> bool) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        if !is_log(body, function) {
            continue;
        }
        let given = body.code().call_arguments(arguments).iter().map(|argument| body.code().expr_span(argument.value));
        let name = given.into_iter().find_map(|given| named_in(body, given, is_named));
        found.extend(name.map(|name| (name, body.line(body.code().expr_span(id)))));
    }
    found
}

fn names_personal_data(name: &str) -> bool {
    secret_names::has_word(name, PERSONAL) || ["card_number", "credit_card", "phone_number", "date_of_birth"].contains(&name)
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

/// The name of some kind under which something is given as it is.
fn named_in(body: &Body<'_>, within: Span, is_named: fn(&str) -> bool) -> Option<String> {
    body.code().exprs().find_map(|(id, expr)| {
        let span = body.code().expr_span(id);
        let (Expr::Name(name) | Expr::Attribute(_, name)) = expr else { return None };
        (holds(within, span) && is_named(name.as_str()) && !is_changed(body, within, span)).then(|| name.to_string())
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
