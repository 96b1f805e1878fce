//! `user-input-deserialized`: a value of the request is turned into objects of any class.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-deserialized",
    weakness: Weakness::UnsafeDeserialization,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request is turned into objects of any class",
    page: PAGE,
    checks: &[Check::Flow(Use::Objects, Says { becomes: "is turned into objects of any class", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to `pickle` and its family, `yaml.load` without a safe loader, `jsonpickle`, `marshal`, `shelve`, `torch.load`.

## Why is this bad?

A pickle is a program: to load it is to run it. A cookie, an upload and a message of a queue are written by whoever likes to.

## Example

```python bad
import base64
import pickle

from flask import Flask, request

app = Flask(__name__)


@app.get("/cart")
def cart():
    saved = pickle.loads(base64.b64decode(request.cookies["cart"]))  # <- here
    return {"items": len(saved)}
```

```python bad
import yaml
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/import")
async def load(request: Request):
    return yaml.load(await request.body(), Loader=yaml.Loader)  # <- here
```

Use instead:

```python good
import json

from flask import Flask, request

app = Flask(__name__)


@app.get("/cart")
def cart():
    saved = json.loads(request.cookies["cart"])
    return {"items": len(saved)}
```

```python good
import yaml
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/import")
async def load(request: Request):
    return yaml.load(await request.body(), Loader=yaml.SafeLoader)
```

## Fix

Exchange JSON, or `yaml.safe_load`. Where a pickle cannot be avoided, sign it and verify the signature first.
"#;

const FIX: &str = "exchange JSON, or use `yaml.safe_load`; a pickle that cannot be avoided is signed, and the signature verified before it is loaded";
