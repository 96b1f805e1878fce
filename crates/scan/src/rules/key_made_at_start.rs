//! `key-made-at-start`: a key is made anew where none is set.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Constant, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "key-made-at-start",
    weakness: Weakness::InsecureDefault,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a key is made anew where none is set",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["token_hex", "token_urlsafe", "token_bytes", "urandom", "generate_key", "uuid4"]).and(&["secret", "key"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds code that makes the key for sessions or tokens itself: `SECRET_KEY = secrets.token_hex(32)`, also as the default of a variable of the environment. Where such a key is printed,
`password-in-log` says so.

## Why is this bad?

Each worker and each start has another key: tokens of one are refused by the next, so somebody soon writes the key that was printed into the code. And nobody notices that the
deployment has none.

## Example

```python bad
import os
import secrets

from fastapi import FastAPI

app = FastAPI()
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(32)  # <- here


@app.get("/")
def index():
    return {"ok": bool(SECRET_KEY)}
```

```python bad
import os
import secrets

from flask import Flask

app = Flask(__name__)
SECRET_KEY = os.getenv("SECRET_KEY")
if SECRET_KEY is None:
    SECRET_KEY = secrets.token_hex(32)  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
import os
import secrets

from fastapi import FastAPI

app = FastAPI()
SECRET_KEY = os.environ["SECRET_KEY"]


@app.post("/keys")
def new_key():
    api_key = secrets.token_urlsafe(32)
    return {"id": api_key}
```

## Fix

`os.environ["SECRET_KEY"]`: the application ends at once where none is set. `doorward secret generate` makes one.
"#;

/// What makes something that nobody can guess.
const MAKES: &[&str] = &["secrets.token_hex", "secrets.token_urlsafe", "secrets.token_bytes", "os.urandom", "cryptography.fernet.Fernet.generate_key", "uuid.uuid4"];
const FIX: &str = "`os.environ[\"SECRET_KEY\"]` without a default: the application ends at once where none is set";
const NO_SHIELD: &str = "the keys of the application are nothing that a gateway sees";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let (target, value) = match stmt {
            Stmt::Assign { targets, value } => (code.list(targets).first().copied(), value),
            Stmt::AnnAssign { target, value: Some(value), .. } => (Some(target), value),
            _ => continue,
        };
        let Some(name) = target.and_then(|target| named(body, target)) else { continue };
        // Inside of a function only what outlives it: a setting of the application.
        let is_global = body.name.as_str().is_empty() || name.chars().all(|c| c.is_uppercase() || c == '_') || name == "secret_key";
        let is_key = secret_names::has_word(&name, &["key"]) && secret_names::names_a_secret(&name) || secret_names::has_word(&name, &["secret"]);
        let within = code.expr_span(value);
        let makes = code.exprs().any(|(id, expr)| match expr {
            Expr::Call { function, .. } => {
                holds(within, code.expr_span(id)) && body.qualified(function).is_some_and(|name| MAKES.contains(&name.as_str()))
            }
            _ => false,
        });
        if is_global && is_key && makes {
            let message = format!("`{name}` is made anew in each worker and at each start: what one signs the next refuses");
            found.push((Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(span)));
        }
    }
    found
}

fn named(body: &Body<'_>, target: ExprId) -> Option<String> {
    match body.code().expr(target) {
        Expr::Name(name) | Expr::Attribute(_, name) => Some(name.to_string()),
        Expr::Subscript(_, index) => body.constant(index).and_then(Constant::text).map(str::to_owned),
        _ => None,
    }
}
