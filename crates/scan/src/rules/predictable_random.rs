//! `predictable-random`: numbers come from a source that can be guessed.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "predictable-random",
    weakness: Weakness::PredictableRandom,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "numbers come from a source that can be guessed",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["rand", "choice", "sample", "shuffle", "uniform", "triangular", "variate", "gauss"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds every call of a function of `random` that gives numbers, bytes or choices. `secrets` and `random.SystemRandom` are silent. It is for the auditor: most chance is for
nothing that has to stay secret. Where the code says that it is for something secret, `guessable-secret` tells it to everybody.

## Why is this bad?

`random` is a Mersenne Twister: whoever has seen 624 of its numbers knows all that follow.

## Example

```python bad
import random

from fastapi import FastAPI

app = FastAPI()


@app.get("/draw")
def draw():
    return {"winner": random.choice(["one", "two"])}  # <- here
```

```python bad
from random import randbytes

from flask import Flask

app = Flask(__name__)


@app.get("/draw")
def draw():
    return {"winner": randbytes(16).hex()}  # <- here
```

Use instead:

```python good
import random
import secrets

from fastapi import FastAPI

app = FastAPI()
RANDOM = random.SystemRandom()


@app.get("/draw")
def draw():
    return {"winner": secrets.choice(["one", "two"]), "second": random.SystemRandom().random(), "third": RANDOM.randint(1, 6)}
```

## Fix

`secrets.token_urlsafe(32)`, `secrets.choice(...)`, `secrets.randbelow(...)`; for other distributions the same functions of `random.SystemRandom()`.
"#;

/// The functions that give what comes next.
const MAKES: &[&str] = &[
    "random", "randint", "randrange", "randbytes", "getrandbits", "choice", "choices", "sample", "shuffle", "uniform", "triangular", "normalvariate",
    "gauss", "expovariate", "betavariate", "gammavariate", "lognormvariate", "vonmisesvariate", "paretovariate", "weibullvariate", "binomialvariate",
];
const FIX: &str = "`secrets.token_urlsafe(32)`, `secrets.choice(...)`, `secrets.randbelow(...)`, or the same function of `random.SystemRandom()`";
const NO_SHIELD: &str = "what `random` made can be computed, whoever stands before the application";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, .. } = expr else { continue };
        let Some(name) = body.qualified(function) else { continue };
        let parts: Vec<&str> = name.split('.').collect();
        let (["random", made] | ["random", "Random", made]) = parts.as_slice() else { continue };
        if MAKES.contains(made) {
            let message = format!("`random.{made}` can be guessed by whoever has seen enough of its numbers: nothing secret may come from it");
            found.push((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(body.code().expr_span(id))));
        }
    }
    found
}
