//! `technology-in-header`: answers say which software made them, and which version.

use model::{Confidence, Persona, Severity, Shield, Shielding, Weakness};
use python::code::{ArgumentKind, Expr, ExprId, Span, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "technology-in-header",
    weakness: Weakness::TechnologyDisclosure,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "answers say which software made them",
    page: PAGE,
    checks: &[Check::Body(&["X-Powered-By", "x-powered-by", "X-AspNet-Version", "\"Server\"", "'Server'"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds code that puts `X-Powered-By` or `Server` with a text of its own on answers. `Server` without a number in it is silent: that name says little.

## Why is this bad?

Who looks for servers with a weakness that was published yesterday searches for exactly this text. It is of no use to anybody else.

## Example

```python bad
from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/health")
def health(response: Response):
    response.headers["X-Powered-By"] = "FastAPI 0.103"  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask

app = Flask(__name__)


@app.after_request
def sign(response):
    response.headers["Server"] = "shop/1.4.2 Python/3.12"  # <- here
    return response
```

Use instead:

```python good
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"ok": True}
```

## Fix

Take the line out. Uvicorn and Gunicorn leave out their own with `--no-server-header`.
"#;

const FIX: &str = "take the header out";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let found = set_on_answers(body).into_iter().find(|(name, value, _)| {
        let is_server = name.eq_ignore_ascii_case("server");
        let tells = |text: &str| !is_server || text.contains(|c: char| c.is_ascii_digit());
        matches!(body.code().expr(*value), Expr::Str(text) if tells(text.as_str()))
    });
    let Some((name, _, place)) = found else { return Vec::new() };
    let message = format!("answers say by `{name}` which software made them");
    let draft = Draft {
        shielding: Shielding::Shielded(Shield {
            layer: "redact".into(),
            policy: format!("redact.remove_headers = [\"{name}\"]"),
        }),
        ..Draft::of(&RULE, Confidence::High, message, FIX, "")
    };
    vec![(draft, body.line(place))]
}

/// The headers that tell, with what they are set to: `response.headers["X-Powered-By"] = ...`, `response["Server"] = ...`,
/// `headers={"Server": ...}`.
fn set_on_answers(body: &Body<'_>) -> Vec<(&'static str, ExprId, Span)> {
    let name_of = |id: ExprId| match body.code().expr(id) {
        Expr::Str(text) => ["X-Powered-By", "X-AspNet-Version", "Server"].into_iter().find(|one| text.as_str().eq_ignore_ascii_case(one)),
        _ => None,
    };
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        for target in body.code().list(targets) {
            if let Expr::Subscript(_, index) = body.code().expr(*target) {
                found.extend(name_of(index).map(|name| (name, value, span)));
            }
        }
    }
    for (_, expr) in body.code().exprs() {
        let Expr::Call { arguments, .. } = expr else { continue };
        for argument in body.code().call_arguments(arguments) {
            let is_headers = matches!(argument.kind, ArgumentKind::Keyword(name) if name == "headers");
            let Expr::Dict(entries) = body.code().expr(argument.value) else { continue };
            for pair in body.code().list(entries).chunks_exact(2).filter(|_| is_headers) {
                found.extend(name_of(pair[0]).map(|name| (name, pair[1], body.code().expr_span(pair[1]))));
            }
        }
    }
    found
}
