//! `secret-in-answer`: a password, PIN or reset token that the server has just made stands in its answer.

use model::{AccessVerdict, Confidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{Expr, ExprId};

use super::fields::{answers, assignments, shown, within};
use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "secret-in-answer",
    weakness: Weakness::SensitiveDataExposure,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a password, PIN or reset token that the server has just made stands in its answer",
    page: PAGE,
    checks: &[Check::Body(&["assword", "reset", "pin", "otp", "forgot", "passcode"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that make a password, a PIN or one-time code, or, where their name says that something is reset, recovered or verified, a token, and answer with it.
Answers to administrators are for the pedantic persona; tokens that a login gives out are silent.

## Why is this bad?

The secret proves that somebody reads the mailbox or holds the phone of the account. In the answer, whoever asks for it has it: a reset for a name takes the account over.

## Example

```python bad
import random

from fastapi import FastAPI

app = FastAPI()
PINS = {}


@app.post("/forgot-password")
def forgot_password(name: str):
    pin = str(random.randint(100000, 999999))
    PINS[name] = pin
    return {"message": "sent", "debug": {"pin": pin}}  # <- here
```

```python bad
import secrets

from flask import Flask, jsonify, request

app = Flask(__name__)
TOKENS = {}


@app.post("/reset-password")
def reset_password():
    token = secrets.token_urlsafe(16)
    TOKENS[token] = request.form["email"]
    answer = {"reset_token": token}
    return jsonify(answer)  # <- here
```

Use instead:

```python good
import secrets

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()
PINS = {}


def send_mail(name: str, text: str) -> None: ...


@app.post("/forgot-password")
def forgot_password(name: str, tasks: BackgroundTasks):
    pin = secrets.token_urlsafe(16)
    PINS[name] = pin
    tasks.add_task(send_mail, name, pin)
    return {"message": "sent"}
```

## Fix

Send it to the address of the account, and answer the same whether there is one or not.
"#;

/// Words of what is a secret wherever it is made.
const SECRETS: &[&str] = &["password", "passwd", "pin", "otp", "passcode", "pwd"];
/// Words of what is one where something is reset or verified.
const IF_RESET: &[&str] = &["token", "code", "link", "key"];
const RESETS: &[&str] = &["reset", "forgot", "recover", "recovery", "verify", "verification", "forgotten"];
/// The last parts of names of functions that make something up.
const MAKES: &[&str] = &[
    "token_hex", "token_urlsafe", "token_bytes", "randint", "randrange", "randbelow", "choice", "choices", "sample", "uuid4", "hexdigest",
    "urandom", "get_random_string", "make_token", "make_random_password",
];
const FIX: &str = "send it to the address of the account, and answer the same whether there is one or not";
const NO_SHIELD: &str = "a gateway that takes the field out leaves the rest of the answer to be looked through by hand: the code has to stop";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let Some(endpoint) = body.endpoints.first().and_then(|index| whole.report.endpoints.get(*index)) else { return Vec::new() };
    let secrets = made(body);
    let found = answers(body).find_map(|(answer, span)| {
        let name = shown(body, answer).into_iter().find(|name| secrets.contains(name))?;
        Some((name, span))
    });
    let Some((name, span)) = found else { return Vec::new() };
    let message = format!("`{}` answers with `{name}`, which it has just made to prove who somebody is", body.name);
    let draft = Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD);
    let draft = match endpoint.access.verdict() {
        AccessVerdict::Restricted => Draft { severity: Severity::Low, ..draft.for_persona(Persona::Pedantic) },
        _ => draft,
    };
    vec![(draft, body.line(span))]
}

/// The names that hold a secret that the function makes, and what is put together from it to be shown.
fn made(body: &Body<'_>) -> Vec<Symbol> {
    let mut found: Vec<Symbol> = Vec::new();
    let resets = secret_names::has_word(body.name.as_str(), RESETS);
    for (name, value) in assignments(body) {
        let is_named = secret_names::has_word(name.as_str(), SECRETS) || (secret_names::has_word(name.as_str(), IF_RESET) && (resets || secret_names::has_word(name.as_str(), RESETS)));
        let is_made = is_named && secret_names::words(name.as_str()).last().is_none_or(|last| last != "hash") && makes(body, value);
        if is_made || shown(body, value).iter().any(|name| found.contains(name)) {
            found.push(name);
        }
    }
    found
}

/// Whether an expression makes something up.
fn makes(body: &Body<'_>, value: ExprId) -> bool {
    within(body, body.code().expr_span(value)).any(|(_, expr)| {
        let Expr::Call { function, .. } = expr else { return false };
        let name = body.callee(function).last().copied();
        name.is_some_and(|name| MAKES.contains(&name.as_str()) || name.as_str().starts_with("generate_"))
    })
}
