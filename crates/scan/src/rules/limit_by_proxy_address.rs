//! `limit-by-proxy-address`: requests are counted by an address that a proxy hides.

use model::{Shield, Shielding, Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "limit-by-proxy-address",
    weakness: Weakness::ProxyHeaderTrust,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "requests are counted by an address that a proxy hides",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["get_remote_address", "get_ipaddr"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `Limiter(key_func=get_remote_address)` of slowapi and Flask-Limiter in applications in which nothing speaks of a proxy: no `ProxyFix`, no `ProxyHeadersMiddleware`, no
`forwarded_allow_ips`. `get_ipaddr` takes the first address that `X-Forwarded-For` names, which its client writes.

## Why is this bad?

Behind a proxy all requests come from its address: all users share one limit, and one of them uses it up for all. With an address that the client writes there is no limit.

## Example

```python bad
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)  # <- here
app.state.limiter = limiter


@app.get("/")
@limiter.limit("5/minute")
def index(request: Request):
    return {"ok": True}
```

Use instead:

```python good
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)
app.state.limiter = limiter
app.add_middleware(ProxyHeadersMiddleware, trusted_hosts="10.0.0.2")


@app.get("/")
@limiter.limit("5/minute")
def index(request: Request):
    return {"ok": True}
```

## Fix

Let the server believe the proxy and nobody else (`--forwarded-allow-ips 10.0.0.2`, `ProxyFix(app.wsgi_app, x_for=1)`), and count by who is signed in where somebody is.
"#;

/// What speaks of a proxy that is believed.
const BELIEVES: &[&str] = &["ProxyFix", "ProxyHeadersMiddleware", "forwarded_allow_ips", "forwarded-allow-ips", "proxy_headers", "proxy-headers"];
const FIX: &str = "let the server believe the proxy alone (`--forwarded-allow-ips 10.0.0.2`, `ProxyFix(app.wsgi_app, x_for=1)`), and count by who is signed in";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        if body.callee(function).last().is_none_or(|last| last != "Limiter") {
            continue;
        }
        let by = |name: &str| code.call_arguments(arguments).iter().any(|one| body.callee(one.value).last().is_some_and(|last| last == name));
        let message = if by("get_ipaddr") {
            "requests are counted by the address that `X-Forwarded-For` names: its client writes another one each time"
        } else if by("get_remote_address") && !whole.speaks_of(BELIEVES) {
            "behind a proxy all requests come from its address: all users share one limit"
        } else {
            continue;
        };
        let shield = Shield { layer: "limits".into(), policy: "limits = [\"login\"]  # by the address of the client, which the gateway sees".to_owned() };
        let draft = Draft::of(&RULE, Confidence::Low, message.to_owned(), FIX, "");
        found.push((Draft { shielding: Shielding::Shielded(shield), ..draft }, body.line(code.expr_span(id))));
    }
    found
}
