//! `user-input-in-redirect`: a value of the request decides where the browser goes next.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-redirect",
    weakness: Weakness::OpenRedirect,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a value of the request decides where the browser goes next",
    page: PAGE,
    checks: &[Check::Flow(Use::Redirect, Says { becomes: "decides where the browser goes next", fix: FIX, counts, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the target of redirects. A target that begins with a path or a host of the program's own is right.

## Why is this bad?

A link to your own site that ends at another one is what a phishing mail needs, and a token in the address goes along.

## Example

```python bad
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

app = FastAPI()


@app.get("/continue")
def go_on(next: str = "/"):
    return RedirectResponse(next)  # <- here
```

```python bad
from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/out")
def out():
    target = request.args.get("next") or "/"
    return redirect(target)  # <- here
```

Use instead:

```python good
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

app = FastAPI()
TARGETS = {"orders": "/orders", "profile": "/me"}


@app.get("/continue")
def go_on(next: str = "orders"):
    return RedirectResponse(TARGETS.get(next, "/"))
```

```python good
from flask import Flask, redirect, request, url_for

app = Flask(__name__)


@app.get("/out")
def out():
    return redirect(url_for("profile", name=request.args.get("name")))
```

```python good
from typing import Annotated

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

app = FastAPI()
TARGETS = ["/orders", "/me"]


def known(target: str) -> str:
    if target not in TARGETS:
        raise ValueError("no such page")
    return target


@app.get("/continue")
def go_on(next: Annotated[str, AfterValidator(known)] = "/orders"):
    return RedirectResponse(next)
```

## Fix

Redirect to names that you look up, or to paths only: in Django ask `url_has_allowed_host_and_scheme`. A leading `/` is not enough: `//evil.example` begins with one.
"#;

const FIX: &str = "look the target up in a list of your own, or admit it only where it has no scheme and no host (`//host` begins with a slash, too)";

/// A path of one's own is right, and where the browser came from nobody but its user chooses.
fn counts(flow: &Flow) -> bool {
    flow.names_host() && !flow.is_referer()
}
