//! `cors-as-csrf-protection`: CORS is taken for protection against forged requests.

use model::{Shield, Shielding, Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "cors-as-csrf-protection",
    weakness: Weakness::CrossSiteRequestForgery,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "CORS is taken for protection against forged requests",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["CORSMiddleware", "CORS("]).and(&["csrf", "cross-site request", "cross site request"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds configuration of CORS under a comment or in a function that calls it protection against forged requests, where nothing else in the project protects against them.

## Why is this bad?

CORS says which pages may *read* answers. Forms and simple requests are sent without asking, with the cookies of the visitor, and what they change is changed.

## Example

```python bad
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
# CSRF protection
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)  # <- here


@app.post("/orders")
def create_order():
    return {"ok": True}
```

Use instead:

```python good
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
# Pages of the shop may read what we answer.
app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)


@app.post("/orders")
def create_order():
    return {"ok": True}
```

## Fix

Refuse requests that change something and whose `Sec-Fetch-Site` is `cross-site` (where there is none, whose `Origin` is foreign); cookies with `SameSite=Lax`; or a token in a header instead of
a cookie.
"#;

/// Lines before a call in which it is said what it is for.
const LINES_BEFORE: usize = 3;
/// What speaks of it.
const SAYS: &[&str] = &["csrf", "cross-site request", "cross site request"];
/// What protects indeed.
const PROTECTS: &[&str] = &["CSRFProtect", "CsrfViewMiddleware", "CSRFMiddleware", "csrf_token", "Sec-Fetch-Site", "sec-fetch-site", "X-CSRF", "x-csrf", "CsrfProtect"];
const FIX: &str = "refuse requests of other sites by `Sec-Fetch-Site` or `Origin`, and set cookies with `SameSite=Lax`";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let is_cors = |id: ExprId| body.callee(id).last().is_some_and(|last| last == "CORSMiddleware" || last == "CORS");
        let hands = code.call_arguments(arguments).first().is_some_and(|one| is_cors(one.value));
        let line = body.line(code.expr_span(id));
        if (is_cors(function) || hands) && is_called_protection(body, line) && !whole.speaks_of(PROTECTS) {
            let message = "CORS says who may read answers: requests of other sites are sent all the same, and what they change is changed".to_owned();
            let shield = Shield { layer: "cross_site".into(), policy: "cross_site = \"refuse\"  # requests that another site makes, by `Sec-Fetch-Site` and `Origin`".into() };
            let draft = Draft::of(&RULE, Confidence::Medium, message, FIX, "");
            found.push((Draft { shielding: Shielding::Shielded(shield), ..draft }, line));
        }
    }
    found
}

/// Whether the comment above a line, or one on it, calls what stands there protection against forged requests.
fn is_called_protection(body: &Body<'_>, line: u32) -> bool {
    let end = usize::try_from(line).unwrap_or(usize::MAX);
    let comments = body.source.text.lines().take(end).skip(end.saturating_sub(LINES_BEFORE + 1)).filter_map(|line| line.split_once('#'));
    let by_comment = comments.map(|(_, comment)| comment.to_lowercase()).any(|comment| SAYS.iter().any(|word| comment.contains(word)));
    by_comment || secret_names::has_word(body.name.as_str(), &["csrf"])
}
