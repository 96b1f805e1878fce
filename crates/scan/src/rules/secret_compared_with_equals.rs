//! `secret-compared-with-equals`: how long the comparison of a secret takes tells how much of a guess is right.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{CompareOp, Expr, ExprId};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "secret-compared-with-equals",
    weakness: Weakness::TimingDependentComparison,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a key, token or signature is compared with `==`",
    page: PAGE,
    checks: &[
        Check::BodyWith(Sought::words(&["=="]).and(SAYS), of_body),
        Check::BodyWith(Sought::words(&["!="]).and(SAYS), of_body_without_equals),
    ],
};

const PAGE: &str = r#"## What it does

Finds `==` and `!=` between two values of which one is by its name a key, a token, a secret or a signature, in code that does not use
`hmac.compare_digest`. Comparisons with constants are silent here: a secret in the code is another rule's.

## Why is this bad?

`==` ends at the first difference, so that the time it takes tells how much of a guess is right. Over a network it takes many tries, but
for a key that is valid for ever there are many.

## Example

```python bad
import os
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException

app = FastAPI()


@app.post("/jobs")
def start_job(api_key: Annotated[str, Header()]):
    if api_key != os.environ["API_KEY"]:  # <- here
        raise HTTPException(status_code=401)
    return {"ok": True}
```

Use instead:

```python good
import os
import secrets
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException

app = FastAPI()


@app.post("/jobs")
def start_job(api_key: Annotated[str, Header()]):
    if not secrets.compare_digest(api_key, os.environ["API_KEY"]):
        raise HTTPException(status_code=401)
    return {"ok": True}
```

## Fix

Compare with `secrets.compare_digest(a, b)`; texts that are not ASCII are encoded first.
"#;

/// A name of a secret or of a signature holds one of these.
const SAYS: &[&str] =
    &["secret", "key", "token", "credential", "passw", "passphrase", "pwd", "signature", "hmac", "digest"];
const FIX: &str = "compare with `secrets.compare_digest(a, b)`";
const NO_SHIELD: &str = "a gateway that checks the key itself compares in constant time: declare the scheme in its policy";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    let may_be_one = |name: &str| secret_names::names_a_secret(name) || secret_names::names_a_signature(name);
    let words = secret_names::SECRETS.as_ref();
    if words.is_some_and(|words| !secret_names::holds_a_name(body.text(body.span), words, may_be_one)) {
        return found;
    }
    for (id, expr) in body.code().exprs() {
        let Expr::Compare(left, rest) = expr else { continue };
        let [(CompareOp::Eq | CompareOp::NotEq, right)] = body.code().compare(rest) else { continue };
        let name = [left, *right].into_iter().find_map(|side| secret(body, side));
        let Some(name) = name.filter(|_| !is_constant(body, left) && !is_constant(body, *right)) else { continue };
        let message = format!("`{name}` is compared with `==`: how long that takes tells how much of a guess is right");
        let draft = Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD);
        found.push((draft, body.line(body.code().expr_span(id))));
    }
    found
}

/// The same for functions that hold no `==`, so that none is looked at twice.
fn of_body_without_equals(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    if body.text(body.span).contains("==") { Vec::new() } else { of_body(body, whole) }
}

fn secret(body: &Body<'_>, side: ExprId) -> Option<String> {
    let name = body.callee(side).last().copied()?;
    let is_password = secret_names::names_a_password(name.as_str());
    let is_signature = secret_names::names_a_signature(name.as_str());
    let is_secret = secret_names::names_a_secret(name.as_str()) && !is_password;
    (is_secret || is_signature).then(|| name.to_string())
}

fn is_constant(body: &Body<'_>, side: ExprId) -> bool {
    matches!(
        body.code().expr(side),
        Expr::Str(_) | Expr::Bytes(_) | Expr::None | Expr::True | Expr::False | Expr::Int(_) | Expr::OtherNumber
    )
}
