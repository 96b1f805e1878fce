//! `statements-in-log`: every statement and its values are written to a log.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "statements-in-log",
    weakness: Weakness::SecretInLog,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "every statement and its values are written to a log",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["create_engine(", "create_async_engine(", "SQLALCHEMY_ECHO"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `create_engine(..., echo=True)` of SQLAlchemy, and `SQLALCHEMY_ECHO = True`. What a setting decides is silent.

## Why is this bad?

With `echo` each statement goes to the log with its values: hashes of passwords, tokens, addresses, whatever is written or looked for.

## Example

```python bad
from fastapi import FastAPI
from sqlalchemy import create_engine

app = FastAPI()
engine = create_engine("sqlite:///shop.db", echo=True)  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
import os

from fastapi import FastAPI
from sqlalchemy import create_engine

app = FastAPI()
engine = create_engine("sqlite:///shop.db", echo=os.environ.get("SQL_ECHO") == "1", hide_parameters=True)


@app.get("/")
def index():
    return {"ok": True}
```

## Fix

Leave `echo` out; where statements are wanted, `hide_parameters=True` keeps their values away.
"#;

const FIX: &str = "leave `echo` out; where statements are wanted, `hide_parameters=True` keeps their values away";
const NO_SHIELD: &str = "the application's log is nothing that a gateway sees";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let is_true = |value: ExprId| matches!(body.constant(value), Some(Constant::Truth(true))) || body.constant(value).and_then(Constant::text) == Some("debug");
    let calls = code.exprs().filter_map(|(id, expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let given = code.call_arguments(arguments);
        let makes_engine = body.callee(function).last().is_some_and(|last| last == "create_engine" || last == "create_async_engine");
        let says = |name: &str| body.argument(given, None, name).is_some_and(is_true);
        (makes_engine && says("echo") && !says("hide_parameters")).then(|| body.line(code.expr_span(id)))
    });
    let settings = body.statements().filter_map(|(stmt, span)| match stmt {
        Stmt::Assign { targets, value } => {
            let is_it = |target: &ExprId| match code.expr(*target) {
                Expr::Name(name) => name == "SQLALCHEMY_ECHO",
                Expr::Subscript(_, index) => body.constant(index).and_then(Constant::text) == Some("SQLALCHEMY_ECHO"),
                _ => false,
            };
            (code.list(targets).iter().any(is_it) && is_true(value)).then(|| body.line(span))
        }
        _ => None,
    });
    let told = |line: u32| {
        let message = "every statement is written to a log with its values: hashes of passwords, tokens, addresses".to_owned();
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), line)
    };
    calls.chain(settings).map(told).collect()
}
