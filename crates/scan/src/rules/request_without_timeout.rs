//! `request-without-timeout`: a request to another system waits without end.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, Span};

use super::{Check, Draft, Rule, Whole, flow, outbound};
use crate::bodies::{Body, Constant, Sought};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "request-without-timeout",
    weakness: Weakness::MissingTimeout,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a request to another system waits without end",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["requests", "httpx", "urlopen"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds functions of `requests` and `urllib.request.urlopen` without `timeout`, and `timeout=None` given to them or to `httpx`, whose own default is five seconds. Methods of a
session are told where it is seen to be one of `requests`. Where a client says which address is asked, everybody is told, others are told to the pedantic persona.

## Why is this bad?

When the other side does not answer, the worker waits for ever; after as many requests as there are workers the API is down. Who may say what is asked can have it wait for
a server of their own.

## Example

```python bad
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    return requests.get("https://bank.example/rates").json()  # <- here
```

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()
CLIENT = httpx.AsyncClient(timeout=None)  # <- here


@app.get("/rates")
async def rates():
    return (await CLIENT.get("https://bank.example/rates")).json()
```

Use instead:

```python good
import httpx
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    return {"one": requests.get("https://bank.example/rates", timeout=5).json(), "other": httpx.get("https://bank.example/").json()}
```

## Fix

`timeout=5`, or as long as the other side takes on a bad day; `requests` takes one each time.
"#;

const FIX: &str = "`timeout=5`, or as long as the other side takes on a bad day";
const NO_SHIELD: &str = "the gateway ends the request that waits, and the worker waits on";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let told = |span: Span| {
        let line = body.line(span);
        let is_said = |flow: &Flow| flow.used_as == Use::Url && flow.names_host() && flow.at.line == line && *flow.at.file == *body.source.path;
        if whole.code.flows.iter().any(|one| is_said(one) && flow::is_of_many(one, whole)) {
            let message = "the request waits without end for an answer of a server that the client names: some of them keep all workers busy".to_owned();
            let draft = Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD);
            return (Draft { severity: Severity::Medium, ..draft }, line);
        }
        let message = "the request waits for an answer without end: some of them keep all workers busy".to_owned();
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(Persona::Pedantic), line)
    };
    let mut found: Vec<(Draft, u32)> = Vec::new();
    for call in outbound::sent(body) {
        let given = call.named("timeout").map(|value| body.constant(value));
        let is_endless = match call.library {
            Some("requests" | "niquests") => !call.makes_client() && !call.is_open() && matches!(given, None | Some(Some(Constant::Nothing))),
            Some("httpx") => given == Some(Some(Constant::Nothing)),
            _ => false,
        };
        if is_endless {
            found.push(told(call.span));
        }
    }
    for (id, expr) in body.code().exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let given = body.code().call_arguments(arguments);
        let is_open = given.iter().any(|one| matches!(one.kind, python::code::ArgumentKind::DoubleStar));
        let is_urlopen = body.qualified(function).is_some_and(|name| name == "urllib.request.urlopen");
        if is_urlopen && !is_open && body.argument(given, Some(2), "timeout").is_none() {
            found.push(told(body.code().expr_span(id)));
        }
    }
    found
}
