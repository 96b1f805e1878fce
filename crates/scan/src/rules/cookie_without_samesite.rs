//! `cookie-without-samesite`: a cookie goes along with requests that other sites make.

use model::{Confidence, Persona, Severity, Weakness};

use super::cookies::{self, Lacks};
use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "cookie-without-samesite",
    weakness: Weakness::CookieForOtherSites,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a cookie goes along with requests that other sites make",
    page: PAGE,
    checks: &[Check::BodyWith(cookies::SOUGHT, of_body)],
};

const PAGE: &str = r#"## What it does

Finds `set_cookie(...)` with `samesite="none"`, and for the auditor those without `samesite`; `SESSION_COOKIE_SAMESITE = "None"` and Starlette's `SessionMiddleware(same_site="none")`.
What a setting decides is silent.

## Why is this bad?

The cookie goes along with requests that other sites make, so that their pages can act in the name of their visitors. Where nothing is said, Chrome and Edge take `Lax` for it,
Firefox and Safari do not.

## Example

```python bad
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response):
    response.set_cookie("session_id", "5f3a", secure=True, httponly=True, samesite="none")  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask, make_response

app = Flask(__name__)


@app.post("/login")
def login():
    response = make_response({"ok": True})
    response.set_cookie("session_id", "5f3a", secure=True, httponly=True)  # <- here
    return response
```

Use instead:

```python good
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response):
    # Starlette says `SameSite=Lax` where nothing is said.
    response.set_cookie("session_id", "5f3a", secure=True, httponly=True)
    return {"ok": True}
```

```python good
from flask import Flask, make_response

app = Flask(__name__)


@app.post("/login")
def login():
    response = make_response({"ok": True})
    response.set_cookie("session_id", "5f3a", secure=True, httponly=True, samesite="Lax")
    return response
```

## Fix

`samesite="lax"`, or `"strict"` where nobody comes from another site. Where other sites have to send it, check `Origin` or a token against forged requests.
"#;

const FIX: &str = "`samesite=\"lax\"`; where other sites have to send it, check `Origin` or a token against forged requests";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let told = |one: cookies::Lacking| {
        let message = match one.lacks {
            Lacks::Refused => format!("{} goes along with requests that other sites make", one.what),
            Lacks::Unsaid => format!("{} says nothing of `SameSite`: some browsers send it along with requests that other sites make", one.what),
        };
        let severity = if one.lets_in { RULE.severity } else { Severity::Low };
        let draft = Draft::of(&RULE, Confidence::High, message, FIX, cookies::NO_SHIELD).for_persona(if one.lacks == Lacks::Refused && one.lets_in { Persona::Pedantic } else { Persona::Auditor });
        (Draft { severity, ..draft }, one.line)
    };
    cookies::lacking(body, cookies::SAME_SITE).into_iter().map(told).collect()
}
