//! `cookie-without-secure`: a cookie travels without TLS, too.

use model::{Confidence, Persona, Severity, Weakness};

use super::api::Api;
use super::cookies::{self, Lacks};
use super::form_without_csrf_protection::SESSIONS;
use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "cookie-without-secure",
    weakness: Weakness::InsecureCookie,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a cookie travels without TLS, too",
    page: PAGE,
    checks: &[Check::BodyWith(cookies::SOUGHT, of_body), Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds `set_cookie(...)` with `secure=False` or without `secure`, `SESSION_COOKIE_SECURE = False` and its kin, and Starlette's `SessionMiddleware` without
`https_only=True`. Cookies that let somebody in (a session, a token, by their names or what is put into them) and those that hold pickled objects are told to everybody, others to the auditor. What a setting
decides is silent. Flask and Django applications with sessions in which nothing speaks of `SESSION_COOKIE_SECURE` are told to the pedantic persona.

## Why is this bad?

Without `Secure` a browser sends the cookie with a plain `http://` request, too: one picture on any page makes it do so, and whoever is on the way has the session.

## Example

```python bad
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response):
    response.set_cookie("session_id", "5f3a", httponly=True, samesite="lax")  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask, make_response

app = Flask(__name__)


@app.post("/theme")
def theme():
    response = make_response({"ok": True})
    response.set_cookie("theme", "dark", secure=False, httponly=True)  # <- here
    return response
```

```python bad
from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware

from settings import settings

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=settings.secret_key)  # <- here


@app.get("/")
def index():
    return {"ok": True}
# file: settings.py
import os


class Settings:
    secret_key = os.environ["SECRET_KEY"]


settings = Settings()
```

Django, by its settings:

```python bad
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
SESSION_COOKIE_SECURE = False  # <- here
# file: urls.py
from django.http import JsonResponse
from django.urls import path


def index(request):
    return JsonResponse({"ok": True})


urlpatterns = [path("", index)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

Use instead:

```python good
import os

from fastapi import FastAPI, Response

app = FastAPI()
ONLY_TLS = os.environ.get("COOKIES_WITHOUT_TLS") != "1"


@app.post("/login")
def login(response: Response):
    response.set_cookie("session_id", "5f3a", secure=True, httponly=True, samesite="lax")
    response.set_cookie("theme", "dark", secure=ONLY_TLS)
    return {"ok": True}
```

## Fix

`secure=True`; `SESSION_COOKIE_SECURE = True` and `CSRF_COOKIE_SECURE = True`; `https_only=True` for Starlette's `SessionMiddleware`. Browsers take
`http://localhost` as safe, so that development goes on.
"#;

const FIX: &str = "`secure=True`; by settings `SESSION_COOKIE_SECURE = True`; for `SessionMiddleware` `https_only=True`";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let told = |one: cookies::Lacking| {
        let why = if one.lacks == Lacks::Refused { "is sent" } else { "says nothing of `Secure` and is sent" };
        let message = format!("{} {why} without TLS, too: whoever is on the way can read it", one.what);
        let draft = Draft {
            severity: if one.lets_in { RULE.severity } else { Severity::Low },
            ..Draft::of(&RULE, Confidence::High, message, FIX, cookies::NO_SHIELD).for_persona(one.persona())
        };
        (draft, one.line)
    };
    cookies::lacking(body, cookies::SECURE).into_iter().map(told).collect()
}

/// An application that keeps sessions and leaves the setting as it is.
fn of_api(api: &Api<'_>) -> Option<Draft> {
    const SAYS: &[&str] = &["SESSION_COOKIE_SECURE", "session_cookie_secure", "Talisman", "COOKIE_SECURE"];
    let keeps_sessions = match &*api.application.framework {
        "flask" | "quart" => api.speaks_of(SESSIONS),
        "django" => api.application.middleware.iter().any(|one| one.name.contains("SessionMiddleware")),
        _ => false,
    };
    if !keeps_sessions || api.speaks_of(SAYS) {
        return None;
    }
    let message = "the session's cookie is sent without TLS, too, unless `SESSION_COOKIE_SECURE` says otherwise, and nothing does".to_owned();
    Some(Draft::of(&RULE, Confidence::Medium, message, FIX, cookies::NO_SHIELD).for_persona(Persona::Pedantic))
}
