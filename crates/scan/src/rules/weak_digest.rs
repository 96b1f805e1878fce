//! `weak-digest`: something is digested with MD5 or SHA-1.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole, secret_names, words};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "weak-digest",
    weakness: Weakness::WeakDigest,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "something is digested with MD5 or SHA-1",
    page: PAGE,
    checks: &[Check::Call(DIGESTS, of_call)],
};

const PAGE: &str = r#"## What it does

Finds MD5, SHA-1 and their kin: `hashlib.md5(...)`, `hashlib.new("sha1")` whatever the way on which the name got there, `hashes.SHA1()` of `cryptography`,
`MD5.new()` of PyCryptodome. The regular persona sees those that protect something by the names around them (a signature, a secret, a token); others (the key of
a cache, an `ETag`) are for the auditor. Those that are given `usedforsecurity=False` are silent, and passwords are for `fast-password-hash`.

## Why is this bad?

Two texts with the same MD5 are made in seconds, and with the same SHA-1 for the price of some graphics cards: what one was signed or compared by also holds for
the other.

## Example

```python bad
import hashlib
import os
from typing import Annotated

from fastapi import FastAPI, Header, Request

app = FastAPI()


@app.post("/callback")
async def callback(request: Request, x_signature: Annotated[str, Header()]):
    body = await request.body()
    signature = hashlib.md5(os.environ["CALLBACK_SECRET"].encode() + body).hexdigest()  # <- here
    return {"ok": signature == x_signature}
```

Use instead:

```python good
import hashlib
import hmac
import os
from typing import Annotated

from fastapi import FastAPI, Header, Request

app = FastAPI()


@app.post("/callback")
async def callback(request: Request, x_signature: Annotated[str, Header()]):
    body = await request.body()
    signature = hmac.new(os.environ["CALLBACK_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    return {"ok": hmac.compare_digest(signature, x_signature)}
```

What the evaluator knows counts, not the text:

```python bad
import hashlib

from flask import Flask, request

app = Flask(__name__)
DIGESTS = {"old": "md5", "new": "sha512"}


@app.post("/files")
def digest():
    return hashlib.new(DIGESTS["old"], request.data).hexdigest()  # <- here
```

```python good
import hashlib

from flask import Flask, request

app = Flask(__name__)
DIGESTS = {"old": "md5", "new": "sha512"}


@app.post("/files")
def digest():
    return hashlib.new(DIGESTS["new"], request.data).hexdigest()


@app.get("/etag")
def etag():
    return hashlib.md5(request.data, usedforsecurity=False).hexdigest()
```

## Fix

`hashlib.sha256`, or `hmac.new(key, text, hashlib.sha256)` where a key is in it. Where collisions harm nobody, say so: `hashlib.md5(text,
usedforsecurity=False)`.
"#;

const DIGESTS: &[Watched] = &[
    Watched { name: "hashlib.md5", needle: "md5" },
    Watched { name: "hashlib.sha1", needle: "sha1" },
    Watched { name: "hashlib.new", needle: "hashlib.new" },
    Watched { name: "cryptography.hazmat.primitives.hashes.", needle: "hashes.MD5" },
    Watched { name: "cryptography.hazmat.primitives.hashes.", needle: "hashes.SHA1" },
    Watched { name: "Crypto.Hash.", needle: "MD5" },
    Watched { name: "Crypto.Hash.", needle: "SHA.new" },
    Watched { name: "Crypto.Hash.", needle: "SHA1.new" },
    Watched { name: "Cryptodome.Hash.", needle: "MD5" },
];
/// Digests for which collisions are made at will.
const BROKEN: &[&str] = &["md2", "md4", "md5", "sha", "sha1", "sha_1", "ripemd", "ripemd160", "md5_sha1"];
/// Last words of names of what has to be unforgeable.
const PROTECTED: &[&str] = &["signature", "sign", "hmac", "mac", "csrf", "nonce"];
const FIX: &str = "`hashlib.sha256`, or `hmac.new(key, text, hashlib.sha256)` where a key is in it; where collisions harm nobody, `usedforsecurity=False`";
const NO_SHIELD: &str = "what the application digests is nothing that a gateway sees";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    if call.given(None, "usedforsecurity").is_some_and(|given| *given == Given::Truth(false)) {
        return None;
    }
    let digest = digest_of(call)?;
    let names = || words::identifiers(&call.line_text).chain(call.within.as_deref());
    if names().any(secret_names::names_a_password) {
        return None;
    }
    let (persona, severity) = if names().any(is_protected) {
        (RULE.persona, RULE.severity)
    } else {
        (Persona::Auditor, Severity::Low)
    };
    let message = format!("`{digest}`: two texts with the same digest are made at will, so it proves nothing about a text");
    Some(Draft { severity, ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(persona) })
}

/// The broken digest that a call makes, if it may be one.
fn digest_of(call: &Call) -> Option<String> {
    let is_broken = |name: &str| BROKEN.contains(&name.to_lowercase().replace('-', "_").as_str());
    if &*call.name == "hashlib.new" {
        let given = call.given(Some(0), "name")?.alternatives();
        return given.iter().filter_map(Given::text).find(|name| is_broken(name)).map(str::to_owned);
    }
    let parts: Vec<&str> = call.name.split('.').collect();
    let (["Crypto" | "Cryptodome", "Hash", name, "new"] | ["cryptography", .., name] | ["hashlib", name]) =
        parts.as_slice()
    else {
        return None;
    };
    is_broken(name).then(|| (*name).to_owned())
}

fn is_protected(name: &str) -> bool {
    let last = secret_names::words(name).pop();
    secret_names::names_a_secret(name) || last.is_some_and(|last| PROTECTED.contains(&last.as_str()))
}
