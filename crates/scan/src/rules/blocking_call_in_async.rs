//! `blocking-call-in-async`: a call that waits stops all requests of an asynchronous worker.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole, outbound};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "blocking-call-in-async",
    weakness: Weakness::BlockingCall,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a call that waits stops all requests of an asynchronous worker",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["async def"]).and(WAITS), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `time.sleep`, `requests.get` and its kin, `urllib.request.urlopen`, `subprocess.run` and its kin and `os.system` that an `async def` calls itself. What is handed to a thread
(`run_in_threadpool(requests.get, url)`, `asyncio.to_thread`) is no call there, and silent.

## Why is this bad?

A worker has one loop for all its requests. While the call waits no other request goes on: a client that makes it wait stops all the others.

## Example

```python bad
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/wait")
async def wait(seconds: int):
    time.sleep(seconds)  # <- here
    return {"ok": True}
```

Use instead:

```python good
import asyncio
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/wait")
async def wait(seconds: int):
    await asyncio.sleep(seconds)
    await asyncio.to_thread(time.sleep, 1)
    return {"ok": True}


@app.get("/thread")
def in_thread():
    time.sleep(1)
    return {"ok": True}
```

## Fix

`await asyncio.sleep(...)`, `httpx.AsyncClient`, `asyncio.create_subprocess_exec`; or `def` instead of `async def`, which FastAPI runs in a thread.
"#;

/// Modules of what waits.
const WAITS: &[&str] = &["sleep", "requests", "urlopen", "subprocess", "os.system"];
const FIX: &str = "`await asyncio.sleep(...)`, `httpx.AsyncClient`, `await asyncio.to_thread(...)`; or `def` instead of `async def`";
const NO_SHIELD: &str = "a limit of requests at once helps; that one stops all is in the code";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    if !body.is_async {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, .. } = expr else { continue };
        let Some(name) = body.qualified(function) else { continue };
        if waits(&name) {
            let message = format!("`{name}` waits inside of `async def`: until it is done no other request of the worker goes on");
            found.push((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(code.expr_span(id))));
        }
    }
    found
}

fn waits(name: &str) -> bool {
    match name.split('.').collect::<Vec<_>>().as_slice() {
        ["time", "sleep"] | ["urllib", "request", "urlopen"] | ["os", "system"] => true,
        ["subprocess", call] => ["run", "call", "check_call", "check_output", "getoutput"].contains(call),
        ["requests", call] => outbound::SENDS.contains(call),
        _ => false,
    }
}
