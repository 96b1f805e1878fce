//! `short-key`: a key pair is made that is too short.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "short-key",
    weakness: Weakness::ShortKey,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a key pair of RSA, DSA or an elliptic curve is too short",
    page: PAGE,
    checks: &[Check::Call(MAKES, of_call)],
};

const PAGE: &str = r#"## What it does

Finds keys of RSA, DSA and Diffie-Hellman of less than 2048 bits, and curves of less than 224, that `cryptography` or PyCryptodome make.

## Why is this bad?

RSA of 1024 bits is within reach of those who can pay for it, and what was recorded today is read then; 512 bits take hours.

## Example

```python bad
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

app = FastAPI()
KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # <- here


@app.get("/key")
def key_size():
    return {"bits": KEY.key_size}
```

Use instead:

```python good
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI

app = FastAPI()
KEY = rsa.generate_private_key(public_exponent=65537, key_size=3072)


@app.get("/key")
def key_size():
    return {"bits": KEY.key_size}
```

## Fix

`key_size=3072`, or a key of Ed25519, which has no size to choose.
"#;

const MAKES: &[Watched] = &[
    Watched { name: "cryptography.hazmat.primitives.asymmetric.", needle: "generate_private_key" },
    Watched { name: "cryptography.hazmat.primitives.asymmetric.", needle: "generate_parameters" },
    Watched { name: "Crypto.PublicKey.", needle: "RSA.generate" },
    Watched { name: "Crypto.PublicKey.", needle: "DSA.generate" },
    Watched { name: "Cryptodome.PublicKey.", needle: "RSA.generate" },
    Watched { name: "rsa.newkeys", needle: "rsa.newkeys" },
];
/// The fewest bits of a key whose strength is in its length.
const BITS_MIN: i64 = 2048;
/// Curves with too few bits.
const SHORT_CURVES: &[&str] = &["SECP192R1", "SECT163K1", "SECT163R2"];
const FIX: &str = "`key_size=3072`, or a key of Ed25519";
const NO_SHIELD: &str = "the keys that the application makes are nothing that a gateway sees";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let parts: Vec<&str> = call.name.split('.').collect();
    let bits = match parts.as_slice() {
        ["cryptography", .., "dsa", "generate_private_key"] => call.given(Some(0), "key_size"),
        ["cryptography", .., "rsa", "generate_private_key"] | ["cryptography", .., "dh", "generate_parameters"] => call.given(Some(1), "key_size"),
        ["cryptography", .., "ec", "generate_private_key"] => return of_curve(call),
        ["Crypto" | "Cryptodome", "PublicKey", "RSA" | "DSA", "generate"] => call.given(Some(0), "bits"),
        ["rsa", "newkeys"] => call.given(Some(0), "nbits"),
        _ => None,
    }?;
    let short = bits.alternatives().iter().find_map(|given| match given {
        Given::Number(bits) if *bits < BITS_MIN => Some(*bits),
        _ => None,
    })?;
    Some(Draft::of(&RULE, Confidence::High, format!("a key of {short} bits is too short: {BITS_MIN} are the least"), FIX, NO_SHIELD))
}

fn of_curve(call: &Call) -> Option<Draft> {
    let curve = SHORT_CURVES.iter().find(|curve| call.text.contains(**curve))?;
    Some(Draft::of(&RULE, Confidence::High, format!("the curve `{curve}` has too few bits"), FIX, NO_SHIELD))
}
