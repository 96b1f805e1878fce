//! `cookie-without-httponly`: scripts of a page can read a cookie that is for the server alone.

use model::{Confidence, Persona, Severity, Weakness};

use super::cookies::{self, Lacks};
use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "cookie-without-httponly",
    weakness: Weakness::CookieForScripts,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "scripts of a page can read a cookie that is for the server alone",
    page: PAGE,
    checks: &[Check::BodyWith(cookies::SOUGHT, of_body)],
};

const PAGE: &str = r#"## What it does

Finds `set_cookie(...)` with `httponly=False` or without `httponly`, and `SESSION_COOKIE_HTTPONLY = False`. Cookies that let somebody in (a session, a token, by their names or
what is put into them) and those that hold pickled objects are told to everybody, others to the auditor: a page may have to read them.

## Why is this bad?

One script that somebody gets into a page sends the cookie away, and with it the session. With `HttpOnly` it cannot read it.

## Example

```python bad
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response):
    response.set_cookie("access_token", "5f3a", secure=True, samesite="lax")  # <- here
    return {"ok": True}
```

```python bad
from fastapi import FastAPI, Response

app = FastAPI()


def begin():
    return "5f3a"


@app.post("/login")
def login(answer: Response):
    answer.headers["Set-Cookie"] = f"session={begin()}; Path=/; Secure"  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask

app = Flask(__name__)
app.config["SESSION_COOKIE_HTTPONLY"] = False  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Django:

```python bad
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
# file: urls.py
from django.http import JsonResponse
from django.urls import path


def login(request):
    response = JsonResponse({"ok": True})
    response.set_cookie("jwt", "5f3a", secure=True)  # <- here
    return response


urlpatterns = [path("login", login)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

Use instead:

```python good
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response):
    response.set_cookie("access_token", "5f3a", secure=True, httponly=True, samesite="lax")
    return {"ok": True}
```

## Fix

`httponly=True`. What a page has to know of its user, give it in an answer.
"#;

const FIX: &str = "`httponly=True`; what a page has to know of its user, give it in an answer";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let told = |one: cookies::Lacking| {
        let message = match one.lacks {
            Lacks::Refused => format!("{} can be read by every script of the page: `httponly` is refused", one.what),
            Lacks::Unsaid => format!("{} can be read by every script of the page: it says nothing of `HttpOnly`", one.what),
        };
        let severity = if one.lets_in { RULE.severity } else { Severity::Low };
        let draft = Draft::of(&RULE, Confidence::High, message, FIX, cookies::NO_SHIELD).for_persona(one.persona());
        (Draft { severity, ..draft }, one.line)
    };
    cookies::lacking(body, cookies::HTTP_ONLY).into_iter().map(told).collect()
}
