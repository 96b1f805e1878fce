//! `short-code`: a code that lets somebody in is short enough to be found by trying.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "short-code",
    weakness: Weakness::WeakRecoveryToken,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a code that lets somebody in has fewer than six digits",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["rand", "choice"]).and(CODES), of_body)],
};

const PAGE: &str = r#"## What it does

Finds code that makes a PIN, a one-time password, or a code for recovery or verification of fewer than six digits, however good the source of its numbers
is: `randint(1000, 9999)`, `secrets.randbelow(10_000)`, a join over `range(4)`.

## Why is this bad?

A code of four digits is found after 5,000 tries on average: a minute's work where tries are not limited.

## Example

```python bad
import secrets
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
CODES: dict[str, str] = {}


@app.post("/forgot-password")
def forgot_password(name: Annotated[str, Form()]):
    reset_code = "".join(str(secrets.randbelow(10)) for _ in range(4))  # <- here
    CODES[name] = reset_code
    return {"ok": True}
```

Use instead:

```python good
import secrets
from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
CODES: dict[str, str] = {}


@app.post("/forgot-password")
def forgot_password(name: Annotated[str, Form()]):
    reset_code = secrets.token_urlsafe(16)
    CODES[name] = reset_code
    return {"ok": True}
```

## Fix

Send a link with `secrets.token_urlsafe(16)`; where people type the code, six digits at least, valid for minutes and for a few tries.
"#;

const CODES: &[&str] = &["otp", "pin", "code", "passcode", "token", "reset", "verification"];
/// What makes numbers of which the code says how many there are.
const MAKES: &[&str] = &["randint", "randbelow", "randrange", "digits"];
const FIX: &str = "send a link with `secrets.token_urlsafe(16)`; where people type it, six digits at least, for minutes and a few tries";
const NO_SHIELD: &str = "a limit of tries in front of what takes the code helps; how long it is stands in the code";
/// The numbers that six digits tell apart.
const LEAST: i64 = 1_000_000;
const DIGITS_MIN: i64 = 6;

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    if !MAKES.iter().any(|word| body.text(body.span).contains(word)) {
        return Vec::new();
    }
    for (stmt, span) in body.statements() {
        let python::code::Stmt::Assign { targets, value } = stmt else { continue };
        let target = body.code().list(targets).first().map(|target| body.text(body.code().expr_span(*target)).to_owned());
        let around = format!("{} {}", target.unwrap_or_default(), body.name);
        let names = around.split(|c: char| !c.is_alphanumeric() && c != '_').flat_map(secret_names::words);
        let says = names.into_iter().find(|word| CODES.contains(&word.as_str()));
        let (Some(word), Some(count)) = (says, possibilities(body, value)) else { continue };
        if count < LEAST {
            let message = format!("what `{word}` names is one of {count} numbers: it is found by trying");
            return vec![(Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(span))];
        }
    }
    Vec::new()
}

/// How many codes an expression may make; none if it is not known to make digits.
fn possibilities(body: &Body<'_>, value: ExprId) -> Option<i64> {
    let within = body.code().expr_span(value);
    let text = body.text(within);
    let inside = || body.code().exprs().filter(|(id, _)| crate::bodies::holds(within, body.code().expr_span(*id)));
    let numbers = |name: &str| {
        inside().find_map(|(_, expr)| {
            let Expr::Call { function, arguments } = expr else { return None };
            let is_called = body.callee(function).last().is_some_and(|last| *last == name);
            let number = |argument: &python::code::Argument| match body.code().expr(argument.value) {
                Expr::Int(number) => Some(number),
                _ => None,
            };
            let all: Option<Vec<i64>> = body.code().call_arguments(arguments).iter().map(number).collect();
            is_called.then_some(all).flatten()
        })
    };
    let repeats = numbers("range").and_then(|all| all.last().copied()).or_else(|| keyword(body, within, "k"));
    let each = match (numbers("randint"), numbers("randbelow").or_else(|| numbers("randrange"))) {
        (Some(all), _) if all.len() == 2 => Some(all[1] - all[0] + 1),
        (_, Some(all)) => match all.as_slice() {
            [end] => Some(*end),
            [start, end] => Some(end - start),
            _ => None,
        },
        _ => text.contains("digits").then_some(10),
    }?;
    match repeats {
        Some(times) if each <= 10 => Some(if times >= DIGITS_MIN { LEAST } else { each.max(1).pow(u32::try_from(times).ok()?) }),
        Some(_) => None,
        None => Some(each).filter(|each| *each > 10),
    }
}

/// The number that a keyword is given: `choices(digits, k=4)`.
fn keyword(body: &Body<'_>, within: python::code::Span, name: &str) -> Option<i64> {
    body.code().exprs().find_map(|(id, expr)| {
        let Expr::Call { arguments, .. } = expr else { return None };
        if !crate::bodies::holds(within, body.code().expr_span(id)) {
            return None;
        }
        body.code().call_arguments(arguments).iter().find_map(|argument| match (argument.kind, body.code().expr(argument.value)) {
            (python::code::ArgumentKind::Keyword(own), Expr::Int(number)) if own == name => Some(number),
            _ => None,
        })
    })
}
