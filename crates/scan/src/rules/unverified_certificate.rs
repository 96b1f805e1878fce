//! `unverified-certificate`: a client believes whoever answers.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, outbound};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "unverified-certificate",
    weakness: Weakness::UnverifiedTls,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a client does not verify the certificate or the host key of the other side",
    page: PAGE,
    checks: &[Check::BodyWith(
        Sought::words(&["verify", "ssl", "CERT_NONE", "cert_reqs", "check_hostname", "AutoAddPolicy", "WarningPolicy", "VERIFY_NONE", "validate_certs"]).in_modules_too(),
        of_body,
    )],
};

const PAGE: &str = r#"## What it does

Finds `verify=False` given to `requests`, `httpx` and their sessions, `ssl=False` given to `aiohttp`, `ssl._create_unverified_context()`, `CERT_NONE`, `check_hostname = False`, and
`AutoAddPolicy` of Paramiko. What a setting decides is silent.

## Why is this bad?

Without the check TLS hides the request from everybody but the one who is on the way: who can answer in the other side's place reads the credentials in it, and decides what the
application gets to read.

## Example

```python bad
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    return requests.get("https://bank.example/rates", timeout=5, verify=False).json()  # <- here
```

```python bad
import ssl
import urllib.request

from flask import Flask

app = Flask(__name__)


@app.get("/rates")
def rates():
    context = ssl.create_default_context()
    context.check_hostname = False  # <- here
    context.verify_mode = ssl.CERT_NONE  # <- here
    return urllib.request.urlopen("https://bank.example/rates", context=context, timeout=5).read()
```

```python bad
# file: views.py
import paramiko
from django.http import JsonResponse


def size(request):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # <- here
    return JsonResponse({"ok": True})
# file: urls.py
from django.urls import path

from views import size

urlpatterns = [path("size", size)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

Use instead:

```python good
import os
import ssl

import requests
from fastapi import FastAPI

app = FastAPI()
CONTEXT = ssl.create_default_context(cafile="/etc/ssl/bank.pem")


@app.get("/rates")
def rates():
    return requests.get("https://bank.example/rates", timeout=5, verify="/etc/ssl/bank.pem").json()


@app.get("/others")
def others():
    return requests.get("https://bank.example/others", timeout=5, verify=os.environ.get("VERIFY") != "0").json()
```

## Fix

Leave it on. For a certificate of your own give its authority: `verify="/path/ca.pem"`, `ssl.create_default_context(cafile=...)`; for SSH `load_system_host_keys()` and
`RejectPolicy`.
"#;

const FIX: &str = "leave it on; for certificates of your own `verify=\"/path/ca.pem\"` or `ssl.create_default_context(cafile=...)`";
const NO_SHIELD: &str = "what the application sends to others does not pass the gateway";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let is_false = |value: ExprId| body.constant(value) == Some(Constant::Truth(false));
    let mut found: Vec<(&str, u32)> = Vec::new();
    for call in outbound::sent(body) {
        let of_aiohttp = call.library == Some("aiohttp");
        let names: &[&str] = if of_aiohttp { &["ssl", "verify_ssl"] } else { &["verify", "disable_ssl_certificate_validation"] };
        for name in names {
            let is_off = |value: ExprId| is_false(value) != (*name == "disable_ssl_certificate_validation");
            let value = call.named(name).filter(|value| matches!(body.constant(*value), Some(Constant::Truth(_))) && is_off(*value));
            if value.is_some() {
                found.push(("the certificate of the other side", call.line));
            }
        }
    }
    let code = body.code();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let line = body.line(code.expr_span(id));
        let name = body.qualified(function).unwrap_or_default();
        let hands = |word: &str| code.call_arguments(arguments).iter().any(|one| body.callee(one.value).last().is_some_and(|last| last == word));
        match (name.as_str(), body.callee(function).last().map(|last| last.as_str())) {
            ("ssl._create_unverified_context", _) => found.push(("the certificate of the other side", line)),
            (_, Some("set_missing_host_key_policy")) if hands("AutoAddPolicy") || hands("WarningPolicy") => {
                found.push(("the key of the host", line));
            }
            _ => {
                let none = body.argument(code.call_arguments(arguments), None, "cert_reqs").filter(|value| is_none(body, *value));
                found.extend(none.map(|_| ("the certificate of the other side", line)));
            }
        }
    }
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        let Some(Expr::Attribute(of, name)) = code.list(targets).first().map(|target| code.expr(*target)) else { continue };
        let is_off = match name.as_str() {
            "verify_mode" => is_none(body, value),
            "check_hostname" => is_false(value),
            // `session.verify = False`
            "verify" => is_false(value) && body.origin(of).is_some_and(|of| of.starts_with("requests.") || of.starts_with("httpx.")),
            "_create_default_https_context" => body.qualified(value).is_some_and(|value| value == "ssl._create_unverified_context"),
            _ => false,
        };
        if is_off {
            found.push(("the certificate of the other side", body.line(span)));
        }
    }
    found.sort_unstable_by_key(|(_, line)| *line);
    found.dedup();
    let told = |(what, line): (&str, u32)| {
        let message = format!("{what} is not verified: whoever is on the way can answer in its place");
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), line)
    };
    found.into_iter().map(told).collect()
}

/// Whether a value is `ssl.CERT_NONE`, or the text of the same meaning.
fn is_none(body: &Body<'_>, value: ExprId) -> bool {
    body.callee(value).last().is_some_and(|last| last == "CERT_NONE")
        || body.constant(value).and_then(Constant::text).is_some_and(|text| text.trim_start_matches("CERT_").eq_ignore_ascii_case("none"))
}
