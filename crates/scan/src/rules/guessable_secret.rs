//! `guessable-secret`: a code, token or password that comes from a source of numbers that can be guessed.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::calls::{Call, Watched};

pub(super) const RULE: Rule = Rule {
    name: "guessable-secret",
    weakness: Weakness::WeakRecoveryToken,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a code, token or password is made of numbers that can be guessed",
    page: PAGE,
    checks: &[Check::Call(RANDOM, of_call)],
};

const PAGE: &str = r#"## What it does

Finds functions of `random` (`randint`, `choice`, `choices`, `sample` ...) that make something which has to stay secret: where the statement, or the
function around it, says that it is about a code, a PIN, a one-time password, a token, a key, a password or a session. `secrets`,
`random.SystemRandom` and `uuid4` are silent, and so is chance that nothing depends on. What only by the name of an account, card or order number looks like one
is told to the pedantic persona.

## Why is this bad?

`random` is a Mersenne Twister: whoever has seen enough of its numbers knows all that follow. And a code of three or four digits is found by
trying, whatever made it.

## Example

```python bad
import random
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
CODES: dict[str, str] = {}


@app.post("/forgot-password")
def forgot_password(name: Annotated[str, Form()]):
    CODES[name] = str(random.randint(1000, 9999))  # <- here
    return {"ok": True}
```

```python bad
import random
import string

from flask import Flask, jsonify

app = Flask(__name__)


@app.post("/sessions")
def begin():
    token = "".join(random.sample(string.ascii_letters, 20))  # <- here
    return jsonify(token=token)
```

Use instead:

```python good
import random
import secrets
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
CODES: dict[str, str] = {}


@app.post("/forgot-password")
def forgot_password(name: Annotated[str, Form()]):
    CODES[name] = secrets.token_urlsafe(32)
    return {"ok": True}


@app.get("/quote")
def quote():
    return random.choice(["one", "two"])
```

## Fix

Make it with `secrets` (`secrets.token_urlsafe(32)`; for digits that people type, six at least, `secrets.randbelow`), let it end after minutes and a
few tries, and keep its hash only.
"#;

const RANDOM: &[Watched] = &[
    Watched { name: "random.randint", needle: "randint" },
    Watched { name: "random.randrange", needle: "randrange" },
    Watched { name: "random.random", needle: "random.random" },
    Watched { name: "random.choice", needle: "choice(" },
    Watched { name: "random.choice", needle: "choices(" },
    Watched { name: "random.sample", needle: "sample(" },
    Watched { name: "random.getrandbits", needle: "getrandbits" },
    Watched { name: "random.randbytes", needle: "randbytes" },
];
/// Words that say that something has to stay secret.
const SECRET: &[&str] = &[
    "code", "otp", "pin", "token", "tokens", "password", "passwd", "pwd", "secret", "key", "session", "nonce", "salt", "csrf", "invite", "recovery",
    "reset", "cvv", "cvc", "captcha", "verification", "voucher", "coupon",
];
/// Words for numbers that identify, and had better not be guessed.
const NUMBERS: &[&str] = &["account", "card", "iban", "order", "reference", "transaction", "ticket", "authorization"];
/// Words that say that chance is for something else.
const HARMLESS: &[&str] =
    &["cache", "color", "colour", "sleep", "delay", "jitter", "backoff", "sample", "shuffle", "seed", "weights", "status", "country", "zip", "test"];
const FIX: &str = "make it with `secrets`: `secrets.token_urlsafe(32)`, or `secrets.randbelow(1_000_000)` for six digits that end after minutes and a few tries";
const NO_SHIELD: &str = "a limit of tries helps against short codes; what `random` made can be computed without trying";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let around = format!("{} {}", call.line_text, call.within.as_deref().unwrap_or(""));
    if secret_names::has_word(&call.file, HARMLESS) {
        return None;
    }
    let name = call.name.rsplit('.').next().unwrap_or(&call.name);
    // The function's own name says nothing of what it is for: `random.sample`.
    let words: Vec<String> = around
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| *word != name)
        .flat_map(secret_names::words)
        .collect();
    let says = |list: &[&str]| words.iter().find(|word| list.contains(&word.as_str())).cloned();
    if says(HARMLESS).is_some() {
        return None;
    }
    let (word, persona, confidence) = match (says(SECRET), says(NUMBERS)) {
        (Some(word), _) => (word, RULE.persona, Confidence::High),
        (None, Some(word)) => (word, Persona::Pedantic, Confidence::Medium),
        (None, None) => return None,
    };
    let message = format!("`random.{name}` makes what `{word}` says must stay secret: who has seen some of its numbers knows the next");
    Some(Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona))
}
