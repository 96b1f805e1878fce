//! `constant-nonce`: what has to differ each time (a nonce, an initialisation vector, a salt) stands in the code.

use model::{Confidence, Persona, Severity, Weakness};

use python::code::Expr;

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "constant-nonce",
    weakness: Weakness::ConstantNonce,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a nonce, an initialisation vector or a salt stands in the code",
    page: PAGE,
    checks: &[
        Check::Call(TAKE_ONE, of_call),
        Check::BodyWith(Sought::words(&[".encrypt("]).and(&["AESGCM", "ChaCha20Poly1305", "AESCCM", "AESSIV"]).in_modules_too(), of_body),
    ],
};

const PAGE: &str = r#"## What it does

Finds ciphers of `cryptography` and PyCryptodome whose nonce or initialisation vector stands in the code, and `hashlib.pbkdf2_hmac`, `hashlib.scrypt` and their kin of
`cryptography` whose salt does; salts of what is no password by its name are for the auditor.

## Why is this bad?

Two texts that are encrypted with the same key and nonce give each other away; in GCM and CTR so does the key stream, and then anything can be forged. With one salt for
all, one table breaks all passwords.

## Example

```python bad
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI

app = FastAPI()
NONCE = b"000000000000"


@app.get("/notes/{text}")
def encrypted(text: str):
    key = bytes.fromhex(os.environ["NOTE_KEY"])
    return {"note": AESGCM(key).encrypt(NONCE, text.encode(), None).hex()}  # <- here
```

```python bad
import hashlib
import os

from flask import Flask, request

app = Flask(__name__)


@app.post("/login")
def login():
    password = request.data
    hashed = hashlib.pbkdf2_hmac("sha256", password, b"salt of the shop", 600_000)  # <- here
    return {"ok": hashed == os.environb[b"ADMIN_HASH"]}
```

Use instead:

```python good
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI

app = FastAPI()


@app.get("/notes/{text}")
def encrypted(text: str):
    key = bytes.fromhex(os.environ["NOTE_KEY"])
    nonce = os.urandom(12)
    return {"note": (nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).hex()}
```

## Fix

Make it anew each time (`os.urandom(12)`, `os.urandom(16)` for a salt) and keep it beside what it was used for: it is no secret.
"#;

const TAKE_ONE: &[Watched] = &[
    Watched { name: "cryptography.hazmat.primitives.ciphers.modes.", needle: "modes.CBC" },
    Watched { name: "cryptography.hazmat.primitives.ciphers.modes.", needle: "modes.CFB" },
    Watched { name: "cryptography.hazmat.primitives.ciphers.modes.", needle: "modes.CTR" },
    Watched { name: "cryptography.hazmat.primitives.ciphers.modes.", needle: "modes.GCM" },
    Watched { name: "cryptography.hazmat.primitives.ciphers.modes.", needle: "modes.OFB" },
    Watched { name: "cryptography.hazmat.primitives.kdf.", needle: "PBKDF2HMAC" },
    Watched { name: "Crypto.Cipher.AES.new", needle: "AES.new" },
    Watched { name: "Cryptodome.Cipher.AES.new", needle: "AES.new" },
    Watched { name: "Crypto.Protocol.KDF.", needle: "PBKDF2" },
    Watched { name: "hashlib.pbkdf2_hmac", needle: "pbkdf2_hmac" },
    Watched { name: "hashlib.scrypt", needle: "hashlib.scrypt" },
];
const FIX: &str = "make it anew each time (`os.urandom(12)`; 16 bytes for a salt or an initialisation vector), and keep it beside what it was used for";
const NO_SHIELD: &str = "how the application encrypts and hashes is nothing that a gateway sees";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let (what, given) = asked_of(call)?;
    let stands_in_code = |given: &Given| matches!(given, Given::Text(_));
    if !given.alternatives().iter().all(stands_in_code) {
        return None;
    }
    // A salt that derives one key from a long secret may stand anywhere.
    let names = || call.text.split(|c: char| !c.is_alphanumeric() && c != '_').chain(call.within.as_deref());
    let is_harmless = what == "salt" && !names().any(secret_names::names_a_password);
    Some(if is_harmless { told(what).for_persona(Persona::Auditor) } else { told(what) })
}

fn told(what: &str) -> Draft {
    let why = match what {
        "salt" => "one table breaks all that was hashed with it",
        _ => "two texts that are encrypted with it give each other away",
    };
    Draft::of(&RULE, Confidence::High, format!("the {what} stands in the code: {why}"), FIX, NO_SHIELD)
}

/// Methods of objects that a class of `cryptography` makes.
fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let Expr::Attribute(of, method) = body.code().expr(function) else { continue };
        let nonce = body.argument(body.code().call_arguments(arguments), Some(0), "nonce");
        let is_constant = nonce.and_then(|nonce| body.constant(nonce)).is_some_and(|given| given.text().is_some());
        let is_cipher = |name: String| name.starts_with("cryptography.") && name.contains(".aead.");
        if method == "encrypt" && is_constant && body.origin(of).is_some_and(is_cipher) {
            found.push((told("nonce"), body.line(body.code().expr_span(id))));
        }
    }
    found
}

/// What a call takes that has to differ each time, and what it is given.
fn asked_of(call: &Call) -> Option<(&'static str, &Given)> {
    let parts: Vec<&str> = call.name.split('.').collect();
    let of = |what: &'static str, place, name| call.given(place, name).map(|given| (what, given));
    match parts.as_slice() {
        ["cryptography", .., "modes", "CBC" | "CFB" | "CFB8" | "OFB" | "GCM"] => {
            of("initialisation vector", Some(0), "initialization_vector")
        }
        ["cryptography", .., "modes", "CTR"] => of("nonce", Some(0), "nonce"),
        ["cryptography", .., "PBKDF2HMAC"] | ["hashlib", "pbkdf2_hmac"] => of("salt", Some(2), "salt"),
        ["Crypto" | "Cryptodome", "Cipher", _, "new"] => {
            of("initialisation vector", Some(2), "iv").or_else(|| of("nonce", None, "nonce"))
        }
        ["Crypto" | "Cryptodome", .., "PBKDF2"] => of("salt", Some(1), "salt"),
        ["hashlib", "scrypt"] => of("salt", None, "salt"),
        _ => None,
    }
}
