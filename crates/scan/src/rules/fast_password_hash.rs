//! `fast-password-hash`: passwords are hashed with what was made to be fast.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole, secret_names, words};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "fast-password-hash",
    weakness: Weakness::WeakPasswordHash,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "passwords are hashed with what was made to be fast",
    page: PAGE,
    checks: &[Check::Call(HASHES, of_call)],
};

const PAGE: &str = r#"## What it does

Finds `hashlib.md5`, `sha1`, `sha256` and their kin where what is hashed is a password: by the name of the value, or of the function around it.
`hashlib.scrypt`, `hashlib.pbkdf2_hmac`, argon2 and bcrypt are meant for passwords, and silent. Hashes of anything else, and those that are given
`usedforsecurity=False`, are silent, too.

## Why is this bad?

A graphics card tries tens of billions of such hashes in a second: from a leaked table most passwords are found in hours. Without a salt
they are found at once, in tables that exist.

## Example

```python bad
import hashlib
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
HASHES: dict[str, str] = {}


@app.post("/register")
def register(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    HASHES[name] = hashlib.md5(password.encode()).hexdigest()  # <- here
    return {"ok": True}
```

Use instead:

```python good
import hashlib
from typing import Annotated

from argon2 import PasswordHasher
from fastapi import FastAPI, Form

app = FastAPI()
HASHES: dict[str, str] = {}


@app.post("/register")
def register(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    HASHES[name] = PasswordHasher().hash(password)
    return {"ok": True}


@app.get("/files/{name}/etag")
def etag(name: str):
    return hashlib.sha256(name.encode()).hexdigest()
```

## Fix

Hash with argon2 (`argon2-cffi`), or with bcrypt of at least 10 rounds. When somebody logs in whose hash is an old one, verify that and keep a
new one in its place.
"#;

const HASHES: &[Watched] = &[
    Watched { name: "hashlib.md5", needle: "md5" },
    Watched { name: "hashlib.sha1", needle: "sha1" },
    Watched { name: "hashlib.sha224", needle: "sha224" },
    Watched { name: "hashlib.sha256", needle: "sha256" },
    Watched { name: "hashlib.sha384", needle: "sha384" },
    Watched { name: "hashlib.sha512", needle: "sha512" },
    Watched { name: "hashlib.new", needle: "hashlib.new" },
];
const FIX: &str = "hash it with argon2: `from argon2 import PasswordHasher`, `PasswordHasher().hash(password)`, `.verify(hash, password)`";
const NO_SHIELD: &str = "how passwords are kept is nothing that a gateway sees";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let is_harmless = |given: &Given| *given == Given::Truth(false);
    if call.given(None, "usedforsecurity").is_some_and(is_harmless) {
        return None;
    }
    let mut names = words::identifiers(&call.text);
    let by_value = names.any(secret_names::names_a_password);
    let within = call.within.as_deref().unwrap_or("");
    let by_function = secret_names::names_a_password(within) && !by_value;
    if !by_value && !by_function {
        return None;
    }
    let algorithm = call.name.rsplit('.').next().unwrap_or(&call.name);
    let confidence = if by_value { Confidence::High } else { Confidence::Medium };
    let message = format!("a password is hashed with `{algorithm}`: from a leaked table most passwords are found in hours");
    Some(Draft::of(&RULE, confidence, message, FIX, NO_SHIELD))
}
