//! `token-without-expiry`: tokens are issued that are valid for ever.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "token-without-expiry",
    weakness: Weakness::TokenWithoutExpiry,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "tokens are issued that are valid for ever",
    page: PAGE,
    checks: &[Check::Call(ENCODES, of_call)],
};

const PAGE: &str = r#"## What it does

Finds `jwt.encode` of claims that are all known and have no `exp`. Where claims come from elsewhere, so that one of them may be an expiry, it is
silent.

## Why is this bad?

A token that was copied once, from a log, a browser or a backup, works until the key is changed, which ends the tokens of all. Logging out or
changing the password ends nothing.

## Example

```python bad
import os
from typing import Annotated

import jwt
from fastapi import FastAPI, Form

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    return {"token": jwt.encode({"sub": name}, os.environ["TOKEN_KEY"], algorithm="HS256")}  # <- here
```

Use instead:

```python good
import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import FastAPI, Form

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    end = datetime.now(UTC) + timedelta(minutes=15)
    return {"token": jwt.encode({"sub": name, "exp": end}, os.environ["TOKEN_KEY"], algorithm="HS256")}
```

## Fix

Give it an `exp` of minutes (`datetime.now(UTC) + timedelta(minutes=15)`), and a refresh token that can be used once to those who stay.
"#;

const ENCODES: &[Watched] =
    &[Watched { name: "jwt.encode", needle: "jwt" }, Watched { name: "jose.jwt.encode", needle: "jwt" }];
const FIX: &str = "give it an `exp` of minutes: `\"exp\": datetime.now(UTC) + timedelta(minutes=15)`";
const NO_SHIELD: &str = "a gateway can refuse tokens without `exp`, but then nobody gets in until the code issues them";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let claims = call.given(None, "claims")?.alternatives();
    if claims.is_empty() || !claims.iter().all(never_ends) {
        return None;
    }
    let message = format!("`{}` issues a token without `exp`: once copied it works for ever", call.name);
    Some(Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD))
}

/// Whether claims are all known, and none of them is an end.
fn never_ends(claims: &Given) -> bool {
    let Given::Entries(claims, false) = claims else { return false };
    let is_named = |(name, _): &(Given, Given)| name.text().is_some_and(|name| name != "exp");
    !claims.is_empty() && claims.iter().all(is_named)
}
