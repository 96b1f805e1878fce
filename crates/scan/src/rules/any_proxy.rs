//! `any-proxy`: anybody is believed to be the proxy.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Argument, Expr, ExprId};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "any-proxy",
    weakness: Weakness::ProxyHeaderTrust,
    severity: Severity::Medium,
    persona: Persona::Pedantic,
    summary: "anybody is believed to be the proxy",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["forwarded_allow_ips", "ProxyHeadersMiddleware", "ProxyFix", "orwarded-"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `forwarded_allow_ips="*"` of uvicorn, `ProxyHeadersMiddleware(trusted_hosts="*")`, `ProxyFix` that counts more than two proxies, and code that takes the first address of
`X-Forwarded-For` for the client's.

## Why is this bad?

A client writes `X-Forwarded-For: 10.0.0.1` itself, and the proxies add theirs behind it. Who is believed without being the proxy chooses its address: limits, lists of addresses
and logs are about whoever it likes.

## Example

```python bad
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, proxy_headers=True, forwarded_allow_ips="*")  # <- here
```

```python bad
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    return {"you": request.headers["X-Forwarded-For"].split(",")[0]}  # <- here
```

Use instead:

```python good
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, proxy_headers=True, forwarded_allow_ips="10.0.0.2")
```

```python good
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)


@app.get("/")
def index():
    return {"you": request.remote_addr}
```

## Fix

Name the addresses of the proxy: `forwarded_allow_ips="10.0.0.2"`; for Flask `ProxyFix(app.wsgi_app, x_for=1)` with as many as there are, which counts from the right.
"#;

/// More proxies than applications stand behind.
const PROXIES_BELIEVED: i64 = 2;
const FIX: &str = "name the addresses of the proxy (`forwarded_allow_ips=\"10.0.0.2\"`), or count from the right: `ProxyFix(app.wsgi_app, x_for=1)`";
const NO_SHIELD: &str = "behind a gateway every request comes from it; that the application believes others is in its code";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let what = match expr {
            Expr::Call { function, arguments } => of_call(body, function, code.call_arguments(arguments)),
            Expr::Subscript(of, index) => (body.constant(index) == Some(Constant::Number(0)) && takes_apart(body, of)).then_some("the first address of `X-Forwarded-For` is what the client wrote"),
            _ => None,
        };
        if let Some(what) = what {
            let message = format!("{what}: it chooses the address that limits and logs are about");
            found.push((Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(code.expr_span(id))));
        }
    }
    found
}

fn of_call(body: &Body<'_>, function: ExprId, given: &[Argument]) -> Option<&'static str> {
    let callee = body.callee(function).last()?.as_str();
    let is_any = |name: &str| {
        let value = body.argument(given, None, name);
        value.and_then(|value| body.texts(value)).is_some_and(|texts| texts.contains(&"*"))
    };
    let hands_proxies = |one: &Argument| body.callee(one.value).last().is_some_and(|last| last == "ProxyHeadersMiddleware");
    if is_any("forwarded_allow_ips") || is_any("trusted_hosts") && (callee == "ProxyHeadersMiddleware" || given.first().is_some_and(hands_proxies)) {
        return Some("whoever sends the request is believed to be the proxy");
    }
    let counted = body.argument(given, Some(1), "x_for").and_then(|value| body.constant(value));
    let is_too_many = matches!(counted, Some(Constant::Number(count)) if count > PROXIES_BELIEVED);
    (callee == "ProxyFix" && is_too_many).then_some("more proxies are counted than there are, and the client writes the rest")
}

/// Whether a text is one of forwarded addresses, taken apart: `request.headers["X-Forwarded-For"].split(",")`.
fn takes_apart(body: &Body<'_>, of: ExprId) -> bool {
    let Expr::Call { function, .. } = body.code().expr(of) else { return false };
    let Expr::Attribute(receiver, method) = body.code().expr(function) else { return false };
    if method != "split" && method != "partition" {
        return false;
    }
    let Some((code, written)) = body.written(receiver) else { return false };
    let text = body.text(code.expr_span(written)).to_ascii_lowercase().replace('_', "-");
    text.contains("x-forwarded-for")
}
