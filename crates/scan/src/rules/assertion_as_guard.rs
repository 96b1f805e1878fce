//! `assertion-as-guard`: who may do something is asserted, which optimised Python does not do.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::Stmt;

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "assertion-as-guard",
    weakness: Weakness::GuardAsAssertion,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "who may do something is only asserted",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["assert"]).and(RIGHTS), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `assert` about the role, the rights or the identity of who asks, in handlers and in what guards them. Assertions about types
(`assert isinstance(...)`, `assert user is not None`) are for the type checker, and silent. Tests are left out.

## Why is this bad?

`python -O` and `PYTHONOPTIMIZE` drop assertions: the check is gone, and nothing says so. Where it is not dropped the answer is a 500.

## Example

```python bad
from typing import Annotated

from fastapi import Depends, FastAPI

from accounts import User, signed_in

app = FastAPI()


@app.delete("/users/{user_id}")
def delete_user(user_id: int, user: Annotated[User, Depends(signed_in)]):
    assert user.is_admin  # <- here
    return {"deleted": user_id}
# file: accounts.py
from dataclasses import dataclass

from fastapi import HTTPException, Request


@dataclass
class User:
    is_admin: bool


def signed_in(request: Request) -> User:
    if request.headers.get("Authorization") is None:
        raise HTTPException(status_code=401)
    return User(is_admin=False)
```

Use instead:

```python good
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from accounts import User, signed_in

app = FastAPI()


@app.delete("/users/{user_id}")
def delete_user(user_id: int, user: Annotated[User, Depends(signed_in)]):
    assert user is not None
    if not user.is_admin:
        raise HTTPException(status_code=403)
    return {"deleted": user_id}
# file: accounts.py
from dataclasses import dataclass

from fastapi import HTTPException, Request


@dataclass
class User:
    is_admin: bool


def signed_in(request: Request) -> User:
    if request.headers.get("Authorization") is None:
        raise HTTPException(status_code=401)
    return User(is_admin=False)
```

## Fix

Ask with `if`, and refuse with 403.
"#;

/// Words about what somebody may do.
const RIGHTS: &[&str] =
    &["admin", "role", "roles", "permission", "permissions", "scope", "scopes", "staff", "superuser", "authenticated", "authorized", "owner", "moderator"];
const FIX: &str = "ask with `if`, and raise 403 (or answer it) where the answer is no";
const NO_SHIELD: &str = "the policy asks for what the code asks for; an assertion is nothing that it could be derived from";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assert { test, .. } = stmt else { continue };
        let text = body.text(body.code().expr_span(test));
        if text.contains("isinstance(") || text.ends_with("is not None") {
            continue;
        }
        let names = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let says = names.flat_map(secret_names::words).find(|word| RIGHTS.contains(&word.as_str()));
        let Some(word) = says else { continue };
        let (confidence, persona) = match body.endpoints.is_empty() {
            false => (Confidence::High, RULE.persona),
            true => (Confidence::Low, Persona::Pedantic),
        };
        let message = format!("`{}` asserts what `{word}` says about who asks: `python -O` drops the check", body.name);
        found.push((Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona), body.line(span)));
    }
    found
}
