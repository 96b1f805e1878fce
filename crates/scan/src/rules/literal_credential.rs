//! `literal-credential`: a password, key or token that stands in the code.

use model::{Confidence, Persona, Severity, Weakness};

use super::literal_secret_key::is_for_development;
use super::{Check, Draft, Rule, Whole, secret_names};
use crate::literals::{Literal, Use};

pub(super) const RULE: Rule = Rule {
    name: "literal-credential",
    weakness: Weakness::HardcodedSecret,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a password, key or token stands in the code",
    page: PAGE,
    checks: &[Check::Literal(of_literal)],
};

const PAGE: &str = r#"## What it does

Finds texts that are compared with a password (`password == "..."`), given to an account as its password, or assigned to a name that says
that it holds a password, a key or a token. Reading the environment, an empty text, placeholders (`<token>`, `changeme`), names of fields and
headers, addresses and sentences are none; neither is what stands in tests, or in files and classes for development. The text itself is
never printed.

What a login compares with a text, and what looks like a real secret, is told to everybody. Other texts under such names are told to the
auditor: a name is no proof.

## Why is this bad?

The text is known to everybody who can read the code, it is the same wherever the application runs, and nobody changes it after a leak.

## Example

```python bad
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

app = FastAPI()
PAYMENT_API_KEY = "pk9Xw2Rt7Lq4Vb8Nz1"  # <- here


@app.post("/login")
def login(username: Annotated[str, Form()], password: Annotated[str, Form()]):
    if username != "admin" or password != "Wint3r-2024":  # <- here
        raise HTTPException(status_code=401)
    return {"ok": True}
```

Use instead:

```python good
import os
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

from accounts import verify

app = FastAPI()
PAYMENT_API_KEY = os.environ["PAYMENT_API_KEY"]
PASSWORD_FIELD = "password"


@app.post("/login")
def login(username: Annotated[str, Form()], password: Annotated[str, Form()]):
    if not verify(username, password):
        raise HTTPException(status_code=401)
    return {"ok": True}
# file: accounts.py
from argon2 import PasswordHasher

HASHES: dict[str, str] = {}


def verify(username: str, password: str) -> bool:
    return username in HASHES and PasswordHasher().verify(HASHES[username], password)
```

## Fix

Read it from the environment or a secret store, and make a new one: this one is known. Accounts that are made when the application is set
up get a password that is made then, or none until somebody sets one.
"#;

/// Names for keys that sign: told by rules of their own.
const OTHER_RULES: &[&str] = &["SECRET_KEY", "secret_key", "SESSION_SECRET", "session_secret", "COOKIE_SECRET", "cookie_secret"];
/// The shortest password, and the shortest key or token, that is looked at.
const PASSWORD_CHARS_MIN: usize = 3;
const KEY_CHARS_MIN: usize = 6;

fn of_literal(literal: &Literal, _: &Whole<'_>) -> Option<Draft> {
    let text = literal.text()?;
    if OTHER_RULES.contains(&&*literal.name) || secret_names::is_placeholder(text) || is_for_development(literal) {
        return None;
    }
    let is_password = secret_names::names_a_password(&literal.name);
    if !is_password && !secret_names::names_a_secret(&literal.name) {
        return None;
    }
    let least = if is_password { PASSWORD_CHARS_MIN } else { KEY_CHARS_MIN };
    // `type="password"`, `grant_type="password"`: a text that repeats the name is no secret.
    let normal = |text: &str| secret_names::words(text).concat();
    if text.chars().count() < least || normal(text) == normal(&literal.name) || (is_password && secret_names::is_hash(text)) {
        return None;
    }
    let (confidence, persona) = judged(literal, text, is_password)?;
    let message = match literal.used {
        Use::Compared => format!("`{}` is compared with a text that stands in the code: whoever has read it is let in", literal.name),
        Use::Argument | Use::Entry if is_password => {
            format!("`{}` is given a text that stands in the code: an account with a known password", literal.name)
        }
        Use::Default => format!("`{}` has a default that stands in the code, and that works until another one is set", literal.name),
        _ => format!("`{}` holds a text that stands in the code: whoever has read it has the secret", literal.name),
    };
    Some(Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona))
}

/// How sure it is, and who sees it.
fn judged(literal: &Literal, text: &str, is_password: bool) -> Option<(Confidence, Persona)> {
    let looks_random = secret_names::looks_random(text);
    let is_prose = secret_names::is_prose_or_name(text);
    match literal.used {
        // `user.password == "LDAP"`: a word for where it is kept.
        Use::Compared if is_password && text.chars().all(char::is_uppercase) => None,
        Use::Compared if is_password => Some((Confidence::High, Persona::Regular)),
        // What fills a database for trying it out.
        _ if looks_random && secret_names::has_word(&literal.file, MADE_UP) => Some((Confidence::Low, Persona::Pedantic)),
        _ if looks_random => Some((Confidence::Medium, Persona::Regular)),
        Use::Argument | Use::Entry if is_password && !text.contains(' ') => Some((Confidence::Low, Persona::Pedantic)),
        _ if is_prose && (text.contains(' ') || text.contains('/') || text.contains('{')) => None,
        Use::Default | Use::Assigned | Use::Compared => Some((Confidence::Low, Persona::Auditor)),
        Use::Argument | Use::Entry => None,
    }
}

/// Words of files with made-up data.
const MADE_UP: &[&str] = &["seed", "seeds", "fixture", "fixtures", "demo", "example", "examples", "sample", "samples"];
const FIX: &str = "read it from the environment or a secret store, without a default, and make a new one: this one is known";
const NO_SHIELD: &str = "who uses the text is not told apart from who may: a gateway cannot change what the code compares";
