//! `plain-http-request`: a request to another system goes without TLS.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId};

use super::{Check, Draft, Rule, Whole, outbound};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "plain-http-request",
    weakness: Weakness::CleartextTransport,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a request to another system goes without TLS",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["http://"]).and(&["requests", "httpx", "aiohttp", "get(", "post(", "urlopen"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds requests of `requests`, `httpx`, `aiohttp` and `urllib` whose address stands in the code and begins with `http://`. This machine, hosts without a dot (services of a compose
file or a cluster) and private addresses are silent.

## Why is this bad?

Everybody on the way reads what is sent, and can change what comes back.

## Example

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    return httpx.get("http://bank.example/rates").json()  # <- here
```

Use instead:

```python good
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates")
def rates():
    return {"rates": httpx.get("https://bank.example/rates").json(), "own": httpx.get("http://rates:8000/").json()}
```

## Fix

`https://`.
"#;

const FIX: &str = "`https://`";
const NO_SHIELD: &str = "what the application sends to others does not pass the gateway";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    for call in outbound::sent(body) {
        let address = call.given.iter().take(2).find_map(|one| plain(body, one.value));
        if let Some(host) = address.filter(|_| call.library.is_some()) {
            let message = format!("the request to `{host}` goes without TLS: everybody on the way reads and changes it");
            found.push((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(call.span)));
        }
    }
    found
}

/// The host of a plain address that is not near.
fn plain(body: &Body<'_>, value: ExprId) -> Option<String> {
    let (code, id) = body.written(value)?;
    let text = match code.expr(id) {
        Expr::Str(text) => text.as_str(),
        Expr::Format(parts) => match code.expr(*code.list(parts).first()?) {
            Expr::Str(text) => text.as_str(),
            _ => return None,
        },
        _ => return None,
    };
    let host = text.strip_prefix("http://")?.split(['/', ':', '?']).next()?;
    let is_private = ["127.", "10.", "192.168.", "169.254.", "172."].iter().any(|begin| host.starts_with(begin));
    let is_inside = [".local", ".internal", ".svc", ".localhost", ".lan"].iter().any(|end| host.ends_with(end)) || host.contains(".svc.");
    (host.contains('.') && !is_private && !is_inside && !host.starts_with("0.")).then(|| host.to_owned())
}
