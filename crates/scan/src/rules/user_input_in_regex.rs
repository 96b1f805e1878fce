//! `user-input-in-regex`: a value of the request becomes a regular expression.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-regex",
    weakness: Weakness::RegexInjection,
    severity: Severity::Medium,
    persona: Persona::Auditor,
    summary: "a value of the request becomes a regular expression",
    page: PAGE,
    checks: &[Check::Flow(Use::Regex, Says { becomes: "becomes a regular expression", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the patterns of `re`. `re.escape` makes it clean.

## Why is this bad?

`(a+)+$` keeps a worker busy for hours, and a pattern may find what it should not.

## Example

```python bad
import re

from fastapi import FastAPI

app = FastAPI()
NAMES = ["ada", "grace"]


@app.get("/names")
def names(pattern: str):
    return [name for name in NAMES if re.search(pattern, name)]  # <- here
```

Use instead:

```python good
import re

from fastapi import FastAPI

app = FastAPI()
NAMES = ["ada", "grace"]


@app.get("/names")
def names(pattern: str):
    return [name for name in NAMES if re.search(re.escape(pattern), name)]
```

## Fix

`re.escape` the value, or use `in`. Where users write patterns, use an engine in linear time (`re2`) and a bound on their length.
"#;

const FIX: &str = "use `re.escape(value)`, or `value in text`";
