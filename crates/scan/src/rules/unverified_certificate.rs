//! `unverified-certificate`: a client believes whoever answers.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Span, Stmt};

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
`AutoAddPolicy` of Paramiko. What a setting decides is silent, and under a condition that speaks of it (`if settings.skip_verify:`) it is told to the pedantic persona.

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

const CERTIFICATE: &str = "the certificate of the other side";
const FIX: &str = "leave it on; for certificates of your own `verify=\"/path/ca.pem\"` or `ssl.create_default_context(cafile=...)`";
const NO_SHIELD: &str = "what the application sends to others does not pass the gateway";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = of_clients(body);
    found.extend(of_calls(body));
    found.extend(of_contexts(body));
    found.sort_unstable_by_key(|(_, span)| (body.line(*span), span.start));
    found.dedup_by_key(|(_, span)| body.line(*span));
    let told = |(what, span): (&str, Span)| {
        let persona = if is_chosen(body, span) { Persona::Pedantic } else { RULE.persona };
        let message = format!("{what} is not verified: whoever is on the way can answer in its place");
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(persona), body.line(span))
    };
    found.into_iter().map(told).collect()
}

/// Requests, and clients that send them.
fn of_clients(body: &Body<'_>) -> Vec<(&'static str, Span)> {
    let is = |value: Option<ExprId>, truth: bool| value.is_some_and(|value| body.constant(value) == Some(Constant::Truth(truth)));
    let unverified = |call: &outbound::Sent<'_>| match call.library {
        Some("aiohttp") => is(call.named("ssl"), false) || is(call.named("verify_ssl"), false),
        _ => is(call.named("verify"), false) || is(call.named("disable_ssl_certificate_validation"), true),
    };
    let sent = outbound::sent(body);
    sent.iter().filter(|call| unverified(call)).map(|call| (CERTIFICATE, call.span)).collect()
}

fn of_calls(body: &Body<'_>) -> Vec<(&'static str, Span)> {
    let code = body.code();
    let one = |(id, expr): (ExprId, Expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let given = code.call_arguments(arguments);
        let hands = |word: &str| given.iter().any(|one| body.callee(one.value).last().is_some_and(|last| last == word));
        let is_policy = body.callee(function).last().is_some_and(|last| last == "set_missing_host_key_policy");
        let what = if is_policy && (hands("AutoAddPolicy") || hands("WarningPolicy")) {
            "the key of the host"
        } else if body.qualified(function).is_some_and(|name| name == "ssl._create_unverified_context")
            || body.argument(given, None, "cert_reqs").is_some_and(|value| is_none(body, value))
        {
            CERTIFICATE
        } else {
            return None;
        };
        Some((what, code.expr_span(id)))
    };
    code.exprs().filter_map(one).collect()
}

/// What is set on a context or a session: `context.verify_mode = ssl.CERT_NONE`.
fn of_contexts(body: &Body<'_>) -> Vec<(&'static str, Span)> {
    let code = body.code();
    let is_false = |value: ExprId| body.constant(value) == Some(Constant::Truth(false));
    let is_session = |of: ExprId| body.origin(of).is_some_and(|of| of.starts_with("requests.") || of.starts_with("httpx."));
    let one = |(stmt, span): (Stmt, Span)| {
        let Stmt::Assign { targets, value } = stmt else { return None };
        let Expr::Attribute(of, name) = code.expr(*code.list(targets).first()?) else { return None };
        let is_off = match name.as_str() {
            "verify_mode" => is_none(body, value),
            "check_hostname" => is_false(value),
            "verify" => is_false(value) && is_session(of),
            "_create_default_https_context" => body.qualified(value).is_some_and(|value| value == "ssl._create_unverified_context"),
            _ => false,
        };
        is_off.then_some((CERTIFICATE, span))
    };
    body.statements().filter_map(one).collect()
}

/// Whether somebody chose it for a case: under a condition that speaks of it, under a name that says so, or beside what verifies otherwise.
fn is_chosen(body: &Body<'_>, span: Span) -> bool {
    const SPEAKS: &[&str] = &["verif", "insecure", "ssl", "tls", "cert", "ignore", "skip", "host_key", "check", "https"];
    const OTHERWISE: &[&str] = &["CERT_REQUIRED", "load_verify_locations", "check_hostname = True"];
    let speaks = |text: &str| SPEAKS.iter().any(|word| text.to_lowercase().contains(word));
    let conditions = body.conditions_around(span);
    let name = body.line_of(span).split('=').next().unwrap_or("").trim().to_lowercase();
    let text = body.text(body.span);
    conditions.into_iter().any(speaks)
        || [name.as_str(), body.name.as_str()].iter().any(|name| name.contains("insecure") || name.contains("unverified"))
        || !body.name.as_str().is_empty() && OTHERWISE.iter().any(|word| text.contains(word))
}

/// Whether a value is `ssl.CERT_NONE`, or the text of the same meaning.
fn is_none(body: &Body<'_>, value: ExprId) -> bool {
    body.callee(value).last().is_some_and(|last| last == "CERT_NONE")
        || body.constant(value).and_then(Constant::text).is_some_and(|text| text.trim_start_matches("CERT_").eq_ignore_ascii_case("none"))
}
