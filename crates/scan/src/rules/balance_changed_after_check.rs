//! `balance-changed-after-check`: a balance or stock is checked and then changed, and two requests at once pass the check.

use model::{Confidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, holds};

pub(super) const RULE: Rule = Rule {
    name: "balance-changed-after-check",
    weakness: Weakness::RaceCondition,
    severity: Severity::High,
    persona: Persona::Pedantic,
    summary: "a balance or stock is checked and then changed, and two requests at once pass the check",
    page: PAGE,
    checks: &[Check::Body(&["balance", "stock", "credits", "quantity", "points", "remaining", "used", "uses"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds functions that compare a balance, a stock or a number of uses of something that was read, and then change the same attribute, without a lock on the row (`with_for_update`, `select_for_update`), an
update that the database computes (`F(...)`, `SET balance = balance - ?`) or a transaction that serialises.

## Why is this bad?

Two requests at once both read the old value, both pass, and both are served: an account is spent twice.

## Example

```python bad
from fastapi import FastAPI, HTTPException

from store import account_of

app = FastAPI()


@app.post("/withdraw")
def withdraw(amount: int):
    account = account_of("me")
    if account.balance < amount:
        raise HTTPException(status_code=400)
    account.balance -= amount  # <- here
    return {"balance": account.balance}
# file: store.py
class Account:
    balance = 100


def account_of(name: str) -> Account:
    return Account()
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException

from store import locked_account_of

app = FastAPI()


@app.post("/withdraw")
def withdraw(amount: int):
    account = locked_account_of("me", with_for_update=True)
    if account.balance < amount:
        raise HTTPException(status_code=400)
    account.balance -= amount
    return {"balance": account.balance}
# file: store.py
class Account:
    balance = 100


def locked_account_of(name: str, with_for_update: bool) -> Account:
    return Account()
```

## Fix

Lock the row when you read it (`with_for_update()`, `select_for_update()`), or let the database check and change in one statement
(`UPDATE ... SET balance = balance - :n WHERE id = :id AND balance >= :n`) and look at how many rows it changed.
"#;

const WORDS: &[&str] = &["balance", "stock", "credits", "quantity", "points", "remaining", "used", "uses", "seats", "budget"];
const LOCKS: &[&str] = &["for_update", "FOR UPDATE", "F(", "lock", "Lock", "atomic", "SERIALIZABLE", "begin_nested"];
const FIX: &str = "lock the row when you read it (`with_for_update()`), or let the database check and change in one statement";
const NO_SHIELD: &str = "a gateway can let requests of one account through one at a time, but not those of two instances of the application";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let text = body.text(body.span);
    if LOCKS.iter().any(|word| text.contains(word)) || !names_one_twice(text) {
        return Vec::new();
    }
    let mut compared: Vec<(Vec<Symbol>, u32)> = Vec::new();
    for (id, expr) in body.code().exprs() {
        let span = body.code().expr_span(id);
        if matches!(expr, Expr::Compare(..)) {
            let inside = body.code().exprs().filter(|(inner, _)| holds(span, body.code().expr_span(*inner)));
            compared.extend(inside.filter_map(|(inner, _)| Some((counted(body, inner)?, span.start))));
        }
    }
    for (stmt, span) in body.statements() {
        let target = match stmt {
            Stmt::AugAssign { target, .. } => Some(target),
            Stmt::Assign { targets, .. } => body.code().list(targets).first().copied(),
            _ => None,
        };
        let Some(attribute) = target.and_then(|target| counted(body, target)) else { continue };
        if compared.iter().any(|(other, at)| *other == attribute && *at < span.start) {
            let name = attribute.last().map_or("it", |name| name.as_str());
            let message = format!("`{name}` is checked and then changed: two requests at once both pass the check");
            return vec![(Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(span))];
        }
    }
    Vec::new()
}

/// Whether an attribute that counts something stands in a text more than once: where it is compared, and where it is changed.
fn names_one_twice(text: &str) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    text.split('.').skip(1).any(|behind| {
        let name = behind.trim_start();
        let name = &name[..name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len())];
        let is_again = seen.contains(&name);
        if !is_again && secret_names::has_word(name, WORDS) {
            seen.push(name);
        }
        is_again
    })
}

/// An attribute that counts something, with what it is one of.
fn counted(body: &Body<'_>, id: ExprId) -> Option<Vec<Symbol>> {
    let Expr::Attribute(_, name) = body.code().expr(id) else { return None };
    secret_names::has_word(name.as_str(), WORDS).then(|| body.callee(id))
}
