//! `user-input-in-log`: a value of the request becomes part of a log line.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-log",
    weakness: Weakness::LogInjection,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "a value of the request becomes part of a log line",
    page: PAGE,
    checks: &[Check::Flow(Use::Log, Says { becomes: "becomes part of a log line", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the messages of `logging` and `loguru`, and to files whose name ends with `.log`. Formatters that write JSON escape line feeds: there it is harmless.

## Why is this bad?

A line feed in the value begins a new line, which looks like one of the application's own: traces are covered up, and somebody else is blamed.

## Example

```python bad
import logging

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)


@app.get("/search")
def search(q: str):
    logger.info("searched for %s", q)  # <- here
    return []
```

Use instead:

```python good
import logging

from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)


@app.get("/search")
def search(q: str):
    logger.info("searched for %r", repr(q))
    return []
```

## Fix

Write logs as JSON, or `repr` the value.
"#;

const FIX: &str = "write logs as JSON, or `repr` the value";
