//! `decision-by-proxy-header`: code compares what a field says that any client can write with an address or host of its own.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{CompareOp, Expr, ExprId};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "decision-by-proxy-header",
    weakness: Weakness::ProxyHeaderTrust,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a field that any client can write decides by address or host",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["forwarded", "FORWARDED", "orwarded-", "eal-", "REAL_IP", "real-ip", "-Host", "-host", "X_HOST", "lient-", "CLIENT_IP", "onnecting-", "-URL", "-Url", "-url"]), of_body)],
};

const PAGE: &str = r#"## What it does

Finds comparisons of `X-Forwarded-For`, `X-Forwarded-Host`, `X-Real-IP`, `X-Host`, `X-Client-IP`, `X-Original-URL` and their like with texts that stand in the code: `==`, `in`,
`startswith`. What the server itself knows (`request.client.host`, `request.remote_addr`) is silent.

## Why is this bad?

Whoever writes the field decides. A proxy in front adds to what the client sent, and often leaves it as it is; a request that goes around it has no proxy at all.

## Example

```python bad
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


@app.get("/metrics")
def metrics(request: Request):
    if request.headers.get("X-Forwarded-For") != "10.0.0.7":  # <- here
        raise HTTPException(403)
    return {"requests": 12}
```

```python bad
from flask import Flask, abort, request

app = Flask(__name__)
INSIDE = ["127.0.0.1", "10.0.0.7"]


@app.get("/metrics")
def metrics():
    address = request.headers.get("X-Real-IP", "").split(",")[0].strip()
    if address not in INSIDE:  # <- here
        abort(403)
    return {"requests": 12}
```

Django:

```python bad
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
# file: urls.py
from django.http import HttpResponseForbidden, JsonResponse
from django.urls import path


def metrics(request):
    if not request.META["HTTP_X_FORWARDED_FOR"].startswith("10."):  # <- here
        return HttpResponseForbidden()
    return JsonResponse({"requests": 12})


urlpatterns = [path("metrics", metrics)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


@app.get("/metrics")
def metrics(request: Request):
    if request.client.host != "10.0.0.7":
        raise HTTPException(403)
    return {"requests": 12, "scheme": request.headers.get("X-Forwarded-Proto") == "https"}
```

## Fix

Ask for a credential. Where an address has to do, take the one that the server knows, and let it believe the proxy alone (`uvicorn --forwarded-allow-ips 10.0.0.2`,
`ProxyFix(app.wsgi_app, x_for=1)`).
"#;

const FIX: &str = "ask for a credential; or take the address that the server knows, and let it believe the proxy alone (`--forwarded-allow-ips 10.0.0.2`, `ProxyFix(app.wsgi_app, x_for=1)`)";
const NO_SHIELD: &str = "the gateway removes such fields from what clients send, in every mode and without an entry: what the application then compares is its own to say";
/// Fields with which a proxy says where from, and for what, a request came; in lower case, without dashes.
const FIELDS: &[&str] = &[
    "forwarded", "xforwardedfor", "xforwardedhost", "xforwardedserver", "xrealip", "xhost", "xclientip", "xclusterclientip", "trueclientip",
    "cfconnectingip", "xoriginalurl", "xrewriteurl", "xremoteip", "xremoteaddr", "xoriginatingip",
];
/// Calls and indices between a field and what is compared.
const STEPS_MAX: usize = 8;

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let compared = code.exprs().filter_map(|(id, expr)| {
        let field = match expr {
            Expr::Compare(left, rest) => match code.compare(rest) {
                [(CompareOp::Eq | CompareOp::NotEq | CompareOp::In | CompareOp::NotIn, right)] => {
                    between(body, left, *right).or_else(|| between(body, *right, left))?
                }
                _ => return None,
            },
            Expr::Call { function, arguments } => match (code.expr(function), code.call_arguments(arguments)) {
                (Expr::Attribute(of, name), [first]) if name == "startswith" => between(body, of, first.value)?,
                _ => return None,
            },
            _ => return None,
        };
        Some((draft(field), body.line(code.expr_span(id))))
    });
    compared.collect()
}

fn draft(field: &str) -> Draft {
    let message = format!("`{field}` decides here, and any client can write it");
    Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD)
}

/// The field that one side is, where the other stands in the code.
fn between(body: &Body<'_>, side: ExprId, other: ExprId) -> Option<&'static str> {
    let texts = body.texts(other)?;
    // `":" in host` asks how it is written.
    let is_telling = !texts.is_empty() && texts.iter().all(|text| text.contains(char::is_alphanumeric));
    field(body, side).filter(|_| is_telling)
}

/// The field of proxies that an expression is a part of.
fn field(body: &Body<'_>, of: ExprId) -> Option<&'static str> {
    let (code, mut at) = body.written(of)?;
    for _ in 0..STEPS_MAX {
        let (from, key) = match code.expr(at) {
            Expr::Call { function, arguments } => {
                let Expr::Attribute(from, method) = code.expr(function) else { return None };
                (from, code.call_arguments(arguments).first().map(|one| one.value).filter(|_| method == "get"))
            }
            Expr::Subscript(from, key) => (from, Some(key)),
            _ => return None,
        };
        if let Some(Expr::Str(name)) = key.map(|key| code.expr(key))
            && is_of_request(code, from)
        {
            return Some(name.as_str()).filter(|name| is_of_proxies(name));
        }
        at = from;
    }
    None
}

/// Whether something holds the fields of a request: `request.headers`, `request.META`, `environ`.
fn is_of_request(code: &python::code::Code, of: ExprId) -> bool {
    match code.expr(of) {
        Expr::Attribute(_, name) | Expr::Name(name) => matches!(name.as_str(), "headers" | "META" | "environ"),
        _ => false,
    }
}

fn is_of_proxies(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    FIELDS.contains(&plain.strip_prefix("http").unwrap_or(&plain))
}
