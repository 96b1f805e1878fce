//! `denylist-validator`: a check refuses some texts that attacks are known to hold.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "denylist-validator",
    weakness: Weakness::IncompleteDenylist,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a check refuses some texts that attacks are known to hold",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["raise", "return False", "abort(", "replace("]).and(SIGNS).and(&["--", "<script", "/*", "union", "drop "]), of_body)],
};

const PAGE: &str = r#"## What it does

Finds checks that look for pieces of attacks in a text: a list with `'`, `;`, `--`, `DROP`, `UNION`, `<script` and the like, of which each is searched for.

## Why is this bad?

There is always another spelling (`/**/`, `0x27`, `%3Cscript`, `uNiOn`), so it stops nobody, and everybody believes that the text is clean now. And it turns away Mr O'Neill.

## Example

```python bad
from fastapi import FastAPI
from pydantic import BaseModel, field_validator

app = FastAPI()


class Search(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def no_injection(cls, value: str) -> str:
        for sign in ["'", ";", "--", "/*", "xp_"]:  # <- here
            if sign in value:
                raise ValueError("not allowed")
        return value


@app.post("/search")
def search(body: Search):
    return {"text": body.text}
```

Use instead:

```python good
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class Search(BaseModel):
    text: str = Field(max_length=100)
    column: Literal["name", "price"]


@app.post("/search")
def search(body: Search):
    return {"text": body.text}
```

## Fix

Bind values to statements (`text("... WHERE name = :name")`), escape where HTML is made, and admit what is meant: a `Literal`, an `Enum`, a pattern for the whole text.
"#;

/// Pieces of attacks as such lists hold them, in lower case.
const SIGNS: &[&str] = &[
    "'", "\"", ";", "--", "/*", "*/", "#", "xp_", "drop", "drop table", "select", "union", "insert", "delete", "update", "exec", "alter", "or 1=1", "' or '", "<script", "<script>",
    "javascript:", "onerror", "onerror=", "onload=", "../", "..", "&&", "||", "`", "$(",
];
/// Those that stand in no list of another kind.
const TELLING: &[&str] = &["--", "/*", "xp_", "drop", "drop table", "union", "or 1=1", "' or '", "<script", "<script>", "javascript:", "onerror="];
/// The fewest of them in a list that is one.
const SIGNS_MIN: usize = 3;
const FIX: &str = "bind values to statements, escape where HTML is made, and admit what is meant: a `Literal`, an `Enum`, a pattern for the whole text";
const NO_SHIELD: &str = "a gateway with the same list is avoided by the same spellings";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::For { iter, .. } = stmt else { continue };
        if body.texts(iter).is_some_and(|texts| is_denylist(&texts)) {
            found.push(body.line(span));
        }
    }
    for (id, expr) in code.exprs() {
        let Expr::Comprehension { generators, .. } = expr else { continue };
        let mut lists = code.comprehension(generators).iter().filter_map(|one| body.texts(one.iter));
        if lists.any(|texts| is_denylist(&texts)) {
            found.push(body.line(code.expr_span(id)));
        }
    }
    let told = |line: u32| {
        let message = "what attacks are known to hold is searched for: another spelling passes, and the text is believed to be clean".to_owned();
        (Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), line)
    };
    found.into_iter().map(told).collect()
}

fn is_denylist(texts: &[&str]) -> bool {
    let lower: Vec<String> = texts.iter().map(|text| text.trim().to_lowercase()).collect();
    let signs = lower.iter().filter(|text| SIGNS.contains(&text.as_str())).count();
    let is_telling = lower.iter().any(|text| TELLING.contains(&text.as_str()));
    signs >= SIGNS_MIN && is_telling && signs * 2 >= texts.len()
}
