//! `passlib-with-bcrypt`: passwords are hashed by a library that nobody keeps, and that fails with bcrypt 5.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "passlib-with-bcrypt",
    weakness: Weakness::UnmaintainedDependency,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "passwords are hashed by a library that nobody keeps, and that fails with bcrypt 5",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["CryptContext", "passlib.hash"]).and(&["bcrypt"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `CryptContext(schemes=["bcrypt"])` of passlib.

## Why is this bad?

passlib has had no release since 2020, and imports `crypt`, which Python 3.13 has no more. With bcrypt 5 it fails at the first hash: it tries a password of more than 72 bytes to find out
what the library does, and that is refused now. Until then what is behind the 72nd byte did not count.

## Example

```python bad
from fastapi import FastAPI
from passlib.context import CryptContext

app = FastAPI()
hasher = CryptContext(schemes=["bcrypt"], deprecated="auto")  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
from fastapi import FastAPI
from pwdlib import PasswordHash

app = FastAPI()
hasher = PasswordHash.recommended()


@app.get("/")
def index():
    return {"ok": True}
```

## Fix

`pwdlib` with argon2 (`PasswordHash.recommended()`), or `argon2-cffi`. When somebody logs in whose hash is an old one, verify that with `bcrypt` itself and keep a new one.
"#;

const FIX: &str = "`pwdlib` (`PasswordHash.recommended()`) or `argon2-cffi`; verify old hashes with `bcrypt` itself and renew them at the login";
const NO_SHIELD: &str = "how passwords are kept is nothing that a gateway sees";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let Some(name) = body.qualified(function) else { continue };
        let schemes = body.argument(code.call_arguments(arguments), Some(0), "schemes").and_then(|value| body.texts(value));
        let takes_bcrypt = schemes.is_some_and(|all| all.iter().any(|scheme| scheme.starts_with("bcrypt")));
        if name == "passlib.context.CryptContext" && takes_bcrypt || name.starts_with("passlib.hash.bcrypt") {
            let message = "passlib is no longer kept: with bcrypt 5 it fails at the first hash, with Python 3.13 at its import".to_owned();
            found.push((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(code.expr_span(id))));
        }
    }
    found
}
