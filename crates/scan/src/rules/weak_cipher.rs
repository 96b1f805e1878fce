//! `weak-cipher`: data is encrypted with a broken cipher or mode.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "weak-cipher",
    weakness: Weakness::WeakCryptography,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "data is encrypted with a broken cipher or in ECB mode",
    page: PAGE,
    checks: &[Check::Call(CIPHERS, of_call)],
};

const PAGE: &str = r#"## What it does

Finds DES, triple DES, RC2, RC4, Blowfish and their kin, and ECB mode, in `cryptography` and PyCryptodome.

## Why is this bad?

DES and RC4 are broken by trying or by statistics; ciphers with blocks of 64 bits give away text after some gigabytes. ECB encrypts equal blocks to equal blocks: what
repeats in the text is seen in what is encrypted, and blocks can be exchanged.

## Example

```python bad
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI

app = FastAPI()


@app.get("/notes/{text}")
def encrypted(text: str):
    key = bytes.fromhex(os.environ["NOTE_KEY"])
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # <- here
    return {"note": encryptor.update(text.encode()).hex()}
```

```python bad
import os

from Crypto.Cipher import DES
from flask import Flask, request

app = Flask(__name__)


@app.post("/notes")
def encrypted():
    cipher = DES.new(os.environb[b"NOTE_KEY"], DES.MODE_CFB)  # <- here
    return cipher.encrypt(request.data).hex()
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

```python good
import os

from Crypto.Cipher import AES
from flask import Flask, request

app = Flask(__name__)


@app.post("/notes")
def encrypted():
    cipher = AES.new(os.environb[b"NOTE_KEY"], AES.MODE_GCM)
    return cipher.nonce.hex() + cipher.encrypt(request.data).hex()
```

## Fix

`AESGCM` or `ChaCha20Poly1305` of `cryptography` with a nonce of `os.urandom(12)` each time; `Fernet` for short texts. What was encrypted is read with the old cipher once
and written with the new one.
"#;

const CIPHERS: &[Watched] = &[
    Watched { name: "cryptography.hazmat.primitives.ciphers.", needle: "modes.ECB" },
    Watched { name: "cryptography.hazmat.primitives.ciphers.", needle: "ECB()" },
    Watched { name: "cryptography.hazmat.", needle: "TripleDES" },
    Watched { name: "cryptography.hazmat.", needle: "ARC4" },
    Watched { name: "cryptography.hazmat.", needle: "Blowfish" },
    Watched { name: "cryptography.hazmat.", needle: "CAST5" },
    Watched { name: "cryptography.hazmat.", needle: "algorithms.IDEA" },
    Watched { name: "cryptography.hazmat.", needle: "algorithms.SEED" },
    Watched { name: "Crypto.Cipher.", needle: "MODE_ECB" },
    Watched { name: "Crypto.Cipher.", needle: "DES.new" },
    Watched { name: "Crypto.Cipher.", needle: "DES3.new" },
    Watched { name: "Crypto.Cipher.", needle: "ARC2.new" },
    Watched { name: "Crypto.Cipher.", needle: "CAST.new" },
    Watched { name: "Cryptodome.Cipher.", needle: "MODE_ECB" },
];
/// Ciphers that are broken, or whose blocks are too short.
const BROKEN: &[&str] = &["DES", "DES3", "TripleDES", "ARC2", "ARC4", "Blowfish", "CAST", "CAST5", "IDEA", "SEED", "RC2"];
const FIX: &str = "`AESGCM(key).encrypt(nonce, text, None)` of `cryptography`, with `nonce = os.urandom(12)` each time";
const NO_SHIELD: &str = "how the application encrypts is nothing that a gateway sees";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let what = cipher_of(call)?;
    let message = match what {
        "ECB" => "ECB encrypts equal blocks to equal blocks: what repeats in the text is seen, and blocks can be exchanged".to_owned(),
        cipher => format!("`{cipher}` is broken, or its blocks are too short: what it encrypts can be read"),
    };
    Some(Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD))
}

/// The broken cipher or mode that a call makes.
fn cipher_of(call: &Call) -> Option<&str> {
    let parts: Vec<&str> = call.name.split('.').collect();
    match parts.as_slice() {
        ["Crypto" | "Cryptodome", "Cipher", cipher, "new"] => {
            let is_ecb = |given: &Given| matches!(given, Given::Named(name) if name.ends_with(".MODE_ECB"));
            let mode = call.given(Some(1), "mode").filter(|mode| mode.alternatives().iter().any(is_ecb));
            BROKEN.contains(cipher).then_some(*cipher).or_else(|| mode.map(|_| "ECB"))
        }
        ["cryptography", "hazmat", .., "modes", "ECB"] => Some("ECB"),
        ["cryptography", "hazmat", .., "algorithms", cipher] => BROKEN.contains(cipher).then_some(*cipher),
        _ => None,
    }
}
