//! `session-kept-at-login`: a login writes who somebody is into the session that was there before.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, login_without_limit, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "session-kept-at-login",
    weakness: Weakness::SessionFixation,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a login writes who somebody is into the session that was there before",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["session["]), of_body)],
};

const PAGE: &str = r#"## What it does

Finds functions that look whether a password is right and then write an identity into the session by hand (`request.session["user_id"] = user.pk`), where the session keeps its id: nothing gives it a new one
(`login()` of Django, `cycle_key()`, `flush()`, `new_session()` of aiohttp-session, `regenerate()` of Flask-Session).

It speaks of sessions that a server keeps under an id. The sessions of Flask and Starlette are all in the cookie: a cookie that somebody planted says nothing of who signs in later, so that they are silent
unless Flask-Session keeps them; and so is aiohttp-session with an encrypted cookie.

## Why is this bad?

Who makes a browser use a session whose id they know (by a link, another subdomain, a shared computer) waits until its user signs in, and is signed in, too.

## Example

Django:

```python bad
# file: views.py
from django.contrib.auth.hashers import check_password
from django.http import JsonResponse

from members import Member


def sign_in(request):
    member = Member.objects.get(name=request.POST["name"])
    if not check_password(request.POST["password"], member.password):
        return JsonResponse({"error": "wrong name or password"}, status=401)
    request.session["member_id"] = member.pk  # <- here
    return JsonResponse({})
# file: members.py
from django.db import models


class Member(models.Model):
    name = models.CharField(max_length=80, unique=True)
    password = models.CharField(max_length=200)
# file: urls.py
from django.urls import path

from views import sign_in

urlpatterns = [path("login/", sign_in)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

Use instead:

```python good
# file: views.py
from django.contrib.auth.hashers import check_password
from django.http import JsonResponse

from members import Member


def sign_in(request):
    member = Member.objects.get(name=request.POST["name"])
    if not check_password(request.POST["password"], member.password):
        return JsonResponse({"error": "wrong name or password"}, status=401)
    request.session.cycle_key()
    request.session["member_id"] = member.pk
    return JsonResponse({})
# file: members.py
from django.db import models


class Member(models.Model):
    name = models.CharField(max_length=80, unique=True)
    password = models.CharField(max_length=200)
# file: urls.py
from django.urls import path

from views import sign_in

urlpatterns = [path("login/", sign_in)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

Flask keeps the whole session in a signed cookie, which is right:

```python good
import os

from flask import Flask, abort, request, session
from werkzeug.security import check_password_hash

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
HASHES = {}


@app.post("/login")
def sign_in():
    name = request.json["name"]
    if not check_password_hash(HASHES.get(name, ""), request.json["password"]):
        abort(401)
    session["user_id"] = name
    return {}
```

FastAPI with Starlette's `SessionMiddleware` does the same:

```python good
import os

import bcrypt
from fastapi import FastAPI, HTTPException, Request
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_KEY"])
HASHES = {}


@app.post("/login")
async def sign_in(name: str, password: str, request: Request):
    if not bcrypt.checkpw(password.encode(), HASHES.get(name, b"")):
        raise HTTPException(status_code=401)
    request.session["user_id"] = name
    return {}
```

## Fix

In Django let `django.contrib.auth.login` do it, or call `request.session.cycle_key()` before. In aiohttp begin with `await new_session(request)`. With Flask-Session call `app.session_interface.regenerate(session)`.
"#;

/// Words of keys under which a session holds who somebody is.
const IDENTITIES: &[&str] = &["user", "userid", "uid", "username", "member", "account", "login", "logged", "auth", "authenticated", "identity", "email", "customer", "admin"];
/// What gives a session a new id.
const RENEWS: &[&str] =
    &["cycle_key", ".flush(", "new_session", "regenerate", ".invalidate(", "rotate", "auth.login(", "auth_login(", "django_login(", " login(", ".clear("];
/// What the code says of sessions that a server keeps.
const KEPT_BY_SERVER: &[&str] = &["flask_session", "RedisStorage", "MemcachedStorage", "redis_storage", "memcached_storage"];
const FIX: &str = "give the session a new id first: `request.session.cycle_key()` in Django, `await new_session(request)` in aiohttp, `regenerate(session)` with Flask-Session";
const NO_SHIELD: &str = "a gateway does not know which cookie names a session, and cannot make the application forget one";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let text = body.text(body.span);
    if RENEWS.iter().any(|word| text.contains(word)) || !proves(body, whole) || !is_kept_by_server(body, whole) {
        return Vec::new();
    }
    let is_identity = |stmt: &Stmt| match stmt {
        Stmt::Assign { targets, .. } => body.code().list(*targets).iter().any(|target| is_identity_of_session(body, *target)),
        _ => false,
    };
    let Some((_, span)) = body.statements().find(|(stmt, _)| is_identity(stmt)) else { return Vec::new() };
    let message = format!("`{}` signs somebody in, and the session keeps the id that it had before", body.name);
    vec![(Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(span))]
}

/// Whether somebody proves in it who they are: a password is looked at, by this function or by one that it hands one to.
fn proves(body: &Body<'_>, whole: &Whole<'_>) -> bool {
    const CHECKS: &[&str] = &["check_password", "verify_password", "authenticate("];
    let text = body.text(body.span);
    let answers = body.endpoints.iter().filter_map(|index| whole.report.endpoints.get(*index));
    let is_write = || answers.clone().any(|endpoint| !endpoint.method().is_safe());
    login_without_limit::checks_password(text) || CHECKS.iter().any(|word| text.contains(word)) || (is_write() && text.contains("password"))
}

/// `session["user_id"]`
fn is_identity_of_session(body: &Body<'_>, target: ExprId) -> bool {
    let Expr::Subscript(of, index) = body.code().expr(target) else { return false };
    let is_session = body.callee(of).last().is_some_and(|name| name.as_str() == "session");
    matches!(body.code().expr(index), Expr::Str(key) if is_session && secret_names::has_word(key.as_str(), IDENTITIES))
}

/// Whether the session is one that a server keeps under an id.
fn is_kept_by_server(body: &Body<'_>, whole: &Whole<'_>) -> bool {
    let frameworks: Vec<&str> = match body.endpoints.is_empty() {
        false => body.endpoints.iter().filter_map(|at| whole.report.endpoints.get(*at)).map(|one| &*one.framework).collect(),
        true => whole.report.applications.iter().map(|one| &*one.framework).collect(),
    };
    let django = frameworks.contains(&"django") && !speaks_of(whole, &["backends.signed_cookies"]);
    let others = frameworks.iter().any(|name| matches!(*name, "flask" | "quart" | "aiohttp"));
    django || (others && speaks_of(whole, KEPT_BY_SERVER))
}

/// Whether a file of the program's own holds one of some words.
fn speaks_of(whole: &Whole<'_>, words: &[&str]) -> bool {
    let files = whole.program.files().filter(|(id, _)| !whole.program.is_stub(*id));
    files.into_iter().any(|(_, file)| {
        words.iter().any(|word| memchr::memmem::find(file.text.as_bytes(), word.as_bytes()).is_some())
    })
}
