//! `algorithm-from-token`: the token chooses the algorithm that verifies it.

use model::{Shield, Shielding, Confidence, Persona, Severity, Weakness};
use python::code::{ArgumentKind, Expr, ExprId, Span, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "algorithm-from-token",
    weakness: Weakness::TokenAlgorithmConfusion,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the token chooses the algorithm that verifies it",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["decode("]).and(&["jwt"]), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `jwt.decode` of python-jose without `algorithms`, `algorithms` that name both those with a shared key (`HS256`) and those with a public one (`RS256`), and `algorithms` that are
read from the token's own header. PyJWT refuses every token without `algorithms`, which is told to the pedantic persona: an `except` around it makes that a 401 that nobody
understands.

## Why is this bad?

Who may choose takes the public key, which everybody has, for the shared one: signs with it as `HS256`, and is believed.

## Example

```python bad
import os

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import jwt

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="token")


def get_current_user(token: str = Depends(scheme)):
    try:
        return jwt.decode(token, os.environ["TOKEN_KEY"])["sub"]  # <- here
    except:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: str = Depends(get_current_user)):
    return [{"owner": user}]
```

```python bad
import os

import jwt
from flask import Flask, abort, request

app = Flask(__name__)


@app.get("/orders")
def list_orders():
    token = request.headers.get("Authorization", "")
    try:
        claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256", "RS256"])  # <- here
    except jwt.InvalidTokenError:
        abort(401)
    return [{"owner": claims["sub"]}]
```

Use instead:

```python good
import os

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="token")


def get_current_user(token: str = Depends(scheme)):
    try:
        return jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])["sub"]
    except JWTError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: str = Depends(get_current_user)):
    return [{"owner": user}]
```

## Fix

`algorithms=["HS256"]`, the one that your tokens are signed with; and catch what the library says of a bad token (`JWTError`, `InvalidTokenError`), not everything.
"#;

const FIX: &str = "`algorithms=[\"HS256\"]`, the one that your tokens are signed with; catch `JWTError` or `InvalidTokenError`, not everything";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let given = code.call_arguments(arguments);
        let is_open = given.iter().any(|one| matches!(one.kind, ArgumentKind::Star | ArgumentKind::DoubleStar));
        let is_jose = match body.qualified(function).as_deref() {
            Some("jose.jwt.decode") => true,
            Some("jwt.decode") => false,
            _ => continue,
        };
        let span = code.expr_span(id);
        let verifies = !["verify_signature", "verify=False"].iter().any(|word| body.text(span).contains(word));
        if is_open || !verifies {
            continue;
        }
        let (message, persona) = match body.argument(given, Some(2), "algorithms") {
            None if is_jose => ("the token names the algorithm that verifies it", RULE.persona),
            None => ("PyJWT refuses every token where `algorithms` is missing", Persona::Pedantic),
            Some(value) if is_of_header(body, value) => ("the header of the token names the algorithm that verifies it", RULE.persona),
            Some(value) if are_of_both_kinds(body, value) => ("algorithms with a shared key and with a public one are both believed: the public key is a shared one then", RULE.persona),
            Some(_) => continue,
        };
        let hidden = if catches_all(body, span) { ", and the `except` around it makes every mistake a refusal" } else { "" };
        let shield = Shield { layer: "jwt".into(), policy: "algorithms = [\"HS256\"]  # the one that the tokens are signed with".into() };
        let draft = Draft::of(&RULE, Confidence::High, format!("{message}{hidden}"), FIX, "").for_persona(persona);
        found.push((Draft { shielding: Shielding::Shielded(shield), ..draft }, body.line(span)));
    }
    found
}

fn are_of_both_kinds(body: &Body<'_>, value: ExprId) -> bool {
    let Some(names) = body.texts(value) else { return false };
    let has = |begins: &[&str]| names.iter().any(|name| begins.iter().any(|begin| name.starts_with(begin)));
    has(&["HS"]) && has(&["RS", "ES", "PS", "Ed"])
}

/// Whether a value is what the header of a token says: `[jwt.get_unverified_header(token)["alg"]]`.
fn is_of_header(body: &Body<'_>, value: ExprId) -> bool {
    let text = |id: ExprId| body.written(id).map(|(code, id)| body.text(code.expr_span(id)).to_owned()).unwrap_or_default();
    let inside = match body.code().expr(value) {
        Expr::List(run) => body.code().list(run).iter().map(|item| text(*item)).collect(),
        _ => text(value),
    };
    inside.contains("alg") && (inside.contains("unverified_header") || inside.contains("header"))
}

/// Whether the `try` around a place catches everything.
fn catches_all(body: &Body<'_>, within: Span) -> bool {
    let code = body.code();
    body.statements().any(|(stmt, span)| match stmt {
        Stmt::Try { handlers, .. } if holds(span, within) => code.except(handlers).iter().any(|one| match one.exception {
            Some(class) => body.callee(class).last().is_some_and(|last| last == "Exception" || last == "BaseException"),
            None => true,
        }),
        _ => false,
    })
}
