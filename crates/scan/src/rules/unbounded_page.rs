//! `unbounded-page`: the client says how many rows are read, without a limit.

use model::{Endpoint, Parameter, Shield, Shielding, ValueType, Confidence, Persona, Severity, Weakness};
use python::code::{Expr, Stmt};

use super::api::Api;
use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "unbounded-page",
    weakness: Weakness::UnboundedResult,
    severity: Severity::Medium,
    persona: Persona::Pedantic,
    summary: "the client says how many rows are read, without a limit",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint), Check::BodyWith(Sought::words(&["args.get(", "GET.get(", "query_params.get("]).and(NAMES), of_body)],
};

const PAGE: &str = r#"## What it does

Finds parameters of the query for the length of a page (`limit`, `page_size`, `per_page` ...) without an upper bound, where the handler uses them: in FastAPI an `int` without
`Query(le=...)`, in Flask and Django `int(request.args.get("limit"))`. What is bounded in the handler (`min(limit, 100)`, a comparison) is silent.

## Why is this bad?

`?limit=1000000000` makes one request read the whole table, and memory, database and network are busy with it; a few of them stop the API.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()
ORDERS = [{"id": number} for number in range(100)]


@app.get("/orders")
def list_orders(limit: int = 20):  # <- here
    return ORDERS[:limit]
```

```python bad
from flask import Flask, request

app = Flask(__name__)
ORDERS = [{"id": 1}]


@app.get("/orders")
def list_orders():
    limit = int(request.args.get("limit", 20))  # <- here
    return ORDERS[:limit]
```

Use instead:

```python good
from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()
ORDERS = [{"id": number} for number in range(100)]


@app.get("/orders")
def list_orders(limit: Annotated[int, Query(ge=1, le=100)] = 20):
    return ORDERS[:limit]


@app.get("/newest")
def list_newest(limit: int = 20):
    return ORDERS[: min(limit, 100)]
```

## Fix

`limit: Annotated[int, Query(ge=1, le=100)] = 20`; elsewhere `min(limit, 100)`.
"#;

/// Names of the length of a page.
const NAMES: &[&str] = &["limit", "page_size", "pagesize", "per_page", "perpage", "size", "count", "take", "first"];
const FIX: &str = "`limit: Annotated[int, Query(ge=1, le=100)] = 20`; elsewhere `min(limit, 100)`";

fn of_endpoint(endpoint: &Endpoint, api: &Api<'_>) -> Option<Draft> {
    let unbounded = |parameter: &&Parameter| {
        parameter.place == model::Place::Query
            && parameter.value_type == ValueType::Integer
            && NAMES.contains(&parameter.name.to_lowercase().as_str())
            && parameter.bounds.maximum.is_none()
            && parameter.bounds.exclusive_maximum.is_none()
    };
    let parameter = endpoint.parameters.iter().find(unbounded)?;
    let text = api.text_of_handler(endpoint)?;
    // What is handed on by another function is not followed: the name has to be used behind the head of the function.
    let body = text.split_once("):").or_else(|| text.split_once("->")).map_or("", |(_, body)| body);
    (body.contains(&*parameter.name) && !is_bounded(body, &parameter.name)).then(|| told(&parameter.name))
}

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        let Some(Expr::Name(target)) = code.list(targets).first().map(|target| code.expr(*target)) else { continue };
        let text = body.text(code.expr_span(value));
        let is_of_query = ["args.get(", "GET.get(", "query_params.get("].iter().any(|read| text.contains(read));
        let is_number = text.contains("int(") || text.contains("type=int");
        let all = body.text(body.span);
        if is_of_query && is_number && NAMES.contains(&target.as_str()) && !is_bounded(all, target.as_str()) {
            found.push((told(target.as_str()), body.line(span)));
        }
    }
    found
}

/// Whether a text sets a bound to a name, or turns away what is too large.
fn is_bounded(text: &str, name: &str) -> bool {
    let compared = [" > ", " >= ", " < ", " <= "].iter().any(|sign| {
        text.contains(&format!("{name}{sign}")) || text.contains(&format!("{sign}{name}"))
    });
    compared || text.contains("min(") || text.contains("clamp") || text.contains("validate")
}

fn told(name: &str) -> Draft {
    let message = format!("`{name}` is as large as the client likes: one request reads the whole table");
    let shield = Shield { layer: "virtual_patch".into(), policy: format!("parameter = \"{name}\"\npattern = \"[0-9]{{1,2}}|100\"") };
    let draft = Draft::of(&RULE, Confidence::Medium, message, FIX, "");
    Draft { shielding: Shielding::Shielded(shield), ..draft }
}
