//! `user-input-in-code`: a value of the request is run as Python.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-code",
    weakness: Weakness::CodeInjection,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request is run as Python",
    page: PAGE,
    checks: &[Check::Flow(Use::Code, Says { becomes: "is run as Python", fix: FIX, counts: flow::of_no_model, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to `eval`, `exec`, `compile`, and to the names of modules that are imported.

Auditors are told, too, with low severity, where Python stands in a variable of the environment, or in what a command is given. A module that they name is meant.

## Why is this bad?

Whoever sends `__import__("os").system("...")` runs programs with the rights of the application. Leaving out builtins does not help.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()


@app.get("/calculate")
def calculate(expression: str):
    return {"result": eval(expression)}  # <- here
```

```python bad
from flask import Flask, request

app = Flask(__name__)


@app.post("/rules")
def rule():
    data = request.get_json()
    exec(f"check = lambda order: {data['rule']}")  # <- here
    return {"ok": True}
```

Use instead:

```python good
import ast

from fastapi import FastAPI

app = FastAPI()


@app.get("/calculate")
def calculate(expression: str):
    return {"result": ast.literal_eval(expression)}
```

```python good
from flask import Flask, request

app = Flask(__name__)
RULES = {"paid": "order.paid", "large": "order.total > 100"}


@app.post("/rules")
def rule():
    data = request.get_json()
    exec(f"check = lambda order: {RULES[data['rule']]}")
    return {"ok": True}
```

## Fix

Read data with `json.loads` or `ast.literal_eval`, and look up what may be done in a dict of your own.
"#;

const FIX: &str = "do not run it: read data with `json.loads` or `ast.literal_eval`, and look up what may be done in a dict of your own";
