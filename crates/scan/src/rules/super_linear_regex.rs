//! `super-linear-regex`: a value of the request is matched against an expression that takes exponential time.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Draft, Rule, Whole, flow};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "super-linear-regex",
    weakness: Weakness::SuperLinearRegex,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a value of the request is matched against an expression that takes exponential time",
    page: PAGE,
    checks: &[Check::Flow(Use::Matched, Says { becomes: "is matched against an expression that takes exponential time", fix: FIX, counts: flow::always, judged })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the texts that `re` matches, where the expression can read the same text in more than one way inside of a repetition: `(a+)+`,
`(\w+\s?)*`, `(a|a)*`. Where two repetitions behind each other read the same text (`\s*\s*$`, `.*a.*b`) the time grows with the square of the length or faster:
that is told to the auditor. Patterns of Pydantic 2 are matched in linear time and are silent.

## Why is this bad?

Thirty characters keep a worker busy for hours: Python tries all ways of reading them, and there are two for each character.

## Example

```python bad
import re

from fastapi import FastAPI

app = FastAPI()
WORDS = re.compile(r"^(\w+\s?)*$")


@app.get("/search")
def search(q: str):
    return {"ok": bool(WORDS.match(q))}  # <- here
```

Use instead:

```python good
import re

from fastapi import FastAPI

app = FastAPI()
WORDS = re.compile(r"^\w+(\s\w+)*$")


@app.get("/search")
def search(q: str):
    return {"ok": bool(WORDS.match(q))}
```

## Fix

Write the expression so that each character can be read in one way only, bound the length of the text first (`max_length`), or match with an engine in linear time (`re2`).
"#;

const FIX: &str = "write the expression so that each character is read in one way only, and bound the length of the text";

/// What takes the square of the length does harm with long texts alone.
fn judged(draft: Draft, flow: &Flow, _: &Whole<'_>) -> Draft {
    if !flow.is_minor {
        return draft;
    }
    let becomes = "is matched against an expression whose time grows with the square of its length, or faster";
    Draft { message: format!("{} {becomes}", flow::source_of(flow)), ..draft }
}
