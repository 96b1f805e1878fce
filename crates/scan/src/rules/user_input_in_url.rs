//! `user-input-in-url`: a value of the request decides where a request is sent.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Draft, Rule, Whole, flow};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-url",
    weakness: Weakness::ServerSideRequestForgery,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of the request decides where a request is sent",
    page: PAGE,
    checks: &[Check::Flow(Use::Url, Says { becomes: "decides where a request is sent", fix: FIX, counts: flow::always, judged })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the address of requests that the application makes. Where scheme and host stand in the code and only the path or the query is the
client's, it is told to auditors, with low severity. So is an address that is a variable of the environment without a default, where everybody may
have the request sent and gets what it answers.

## Why is this bad?

The application reaches what the client cannot: `http://169.254.169.254/` gives the keys of the machine, `http://localhost:6379/` a database without a password.

## Example

```python bad
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/preview")
async def preview(url: str):
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)  # <- here
    return {"text": answer.text}
```

```python bad
import requests
from flask import Flask, request

app = Flask(__name__)


@app.post("/webhooks")
def test_webhook():
    hook = request.get_json()
    requests.post(hook["target"], json={"ping": True}, timeout=5)  # <- here
    return {"ok": True}
```

Use instead:

```python good
import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI()
FEEDS = {"news": "https://news.example.com/feed", "blog": "https://blog.example.com/feed"}


@app.get("/preview")
async def preview(feed: str):
    if feed not in FEEDS:
        raise HTTPException(404)
    async with httpx.AsyncClient() as client:
        answer = await client.get(FEEDS[feed])
    return {"text": answer.text}
```

```python good
import requests
from flask import Flask, request

app = Flask(__name__)


@app.get("/users")
def user():
    number = request.args.get("id", type=int)
    return requests.get(f"https://users.example.com/{number}", timeout=5).json()
```

## Fix

Look the address up in a list of your own. Where any address must be possible, resolve the name once, refuse addresses that are not global, connect to exactly that
address, and do not follow redirects.
"#;

const FIX: &str = "look the address up in a list of your own, or compare its host with one; where any must be possible, refuse addresses that are not global, and redirects";

/// Where scheme and host stand in the code, little is left to the client.
fn judged(draft: Draft, flow: &Flow, _: &Whole<'_>) -> Draft {
    if flow.is_of_environment() {
        let message = format!("{} decides where a request is sent for everybody, who get what it answers", flow::source_of(flow));
        return Draft { message, ..draft };
    }
    if flow.names_host() {
        return draft;
    }
    let message = format!("{} becomes part of the path or query of a request", flow::source_of(flow));
    Draft { severity: Severity::Low, message, ..draft.for_persona(Persona::Auditor) }
}
