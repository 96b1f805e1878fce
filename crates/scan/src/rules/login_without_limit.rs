//! `login-without-limit`: passwords or codes can be tried without limit.

use model::{AccessVerdict, Confidence, Method, Persona, Severity, Shield, Shielding, Weakness};

use super::{Check, Draft, Rule, Whole, limits};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "login-without-limit",
    weakness: Weakness::UnlimitedLoginAttempts,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "passwords or codes can be tried without limit",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["assword", "otp", "OTP", "pin", "code", "login"]).in_handlers(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for everybody that take a password, a PIN or a one-time code by which somebody signs in, resets a password or proves who they are, where nothing limits how often
it may be tried: no limiter around the handler (slowapi, Flask-Limiter, fastapi-limiter, django-ratelimit, throttles of Django REST framework, django-axes), no
middleware that limits, and nothing in the handler that counts or answers 429. Registering accounts without limit is told to the auditor.

## Why is this bad?

A list of a million passwords that leaked elsewhere is tried in an hour, a code of six digits in a day.

## Example

```python bad
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

from accounts import verify

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):  # <- here
    if not verify(name, password):
        raise HTTPException(status_code=401)
    return {"ok": True}
# file: accounts.py
PASSWORDS: dict[str, str] = {}


def verify(name: str, password: str) -> bool:
    return PASSWORDS.get(name) == password
```

Use instead:

```python good
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException, Request
from slowapi import Limiter
from slowapi.util import get_remote_address

from accounts import verify

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)


@app.post("/login")
@limiter.limit("5/minute")
def login(request: Request, name: Annotated[str, Form()], password: Annotated[str, Form()]):
    if not verify(name, password):
        raise HTTPException(status_code=401)
    return {"ok": True}
# file: accounts.py
PASSWORDS: dict[str, str] = {}


def verify(name: str, password: str) -> bool:
    return PASSWORDS.get(name) == password
```

Flask, with Flask-Limiter:

```python bad
from flask import abort, request
from flask_login import login_user
from werkzeug.security import check_password_hash

from shop import User, app


@app.post("/login")
def login():  # <- here
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not check_password_hash(user.password_hash, request.json["password"]):
        abort(401)
    login_user(user)
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import login_user
from werkzeug.security import check_password_hash

from shop import User, app

limiter = Limiter(get_remote_address, app=app)


@app.post("/login")
@limiter.limit("5/minute")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not check_password_hash(user.password_hash, request.json["password"]):
        abort(401)
    login_user(user)
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, with its throttles:

```python bad
# file: views.py
from django.contrib.auth import authenticate
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView


class Login(APIView):
    permission_classes = [AllowAny]

    def post(self, request):  # <- here
        user = authenticate(request, username=request.data["name"], password=request.data["password"])
        if user is None:
            return Response(status=401)
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
# file: urls.py
from django.urls import path

from views import Login

urlpatterns = [path("login/", Login.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth import authenticate
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView


class LoginThrottle(AnonRateThrottle):
    rate = "5/minute"


class Login(APIView):
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle]

    def post(self, request):
        user = authenticate(request, username=request.data["name"], password=request.data["password"])
        if user is None:
            return Response(status=401)
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})
# file: urls.py
from django.urls import path

from views import Login

urlpatterns = [path("login/", Login.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

Django, with django-ratelimit:

```python bad
# file: views.py
from django.contrib.auth import authenticate, login
from django.shortcuts import redirect, render


def sign_in(request):  # <- here
    if request.method == "POST":
        user = authenticate(request, username=request.POST["name"], password=request.POST["password"])
        if user is not None:
            login(request, user)
            return redirect("/")
    return render(request, "login.html")
# file: urls.py
from django.urls import path

from views import sign_in

urlpatterns = [path("login/", sign_in)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth import authenticate, login
from django.shortcuts import redirect, render
from django_ratelimit.decorators import ratelimit


@ratelimit(key="ip", rate="5/m", method="POST", block=True)
def sign_in(request):
    if request.method == "POST":
        user = authenticate(request, username=request.POST["name"], password=request.POST["password"])
        if user is not None:
            login(request, user)
            return redirect("/")
    return render(request, "login.html")
# file: urls.py
from django.urls import path

from views import sign_in

urlpatterns = [path("login/", sign_in)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Limit tries by account and by address, a few in a minute, with a delay that grows, and answer 429 past that. The gateway can do it until the
code does.
"#;

/// Segments of paths where somebody proves who they are.
const PROVES: &[&str] = &["login", "log-in", "signin", "sign-in", "token", "authenticate", "auth", "session", "sessions", "otp", "2fa", "mfa", "access-token"];
/// Segments of paths by which somebody gets back into an account.
const RECOVERS: &[&str] =
    &["reset", "reset-password", "password-reset", "forgot-password", "new-password", "recover", "verify", "verify-otp", "confirm"];
/// Those of them that send a letter or make an account, however often they succeed.
const LETTERS: &[&str] = &["reset", "reset-password", "password-reset", "forgot-password", "recover", "register", "signup", "sign-up", "registration"];
/// Segments of paths that make accounts.
const REGISTERS: &[&str] = &["register", "signup", "sign-up", "registration"];
const FIX: &str = "limit tries by account and by address, a few in a minute, and answer 429 past that";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    if body.endpoints.is_empty() {
        return Vec::new();
    }
    let text = body.text(body.span).to_lowercase();
    let is_limited_here = limits::speaks_of_one(&text) || body.decorators.iter().any(|decorator| limits::speaks_of_one(decorator));
    if is_limited_here {
        return Vec::new();
    }
    let endpoints = body.endpoints.iter().filter_map(|index| whole.report.endpoints.get(*index));
    for endpoint in endpoints {
        // Who is told that they are signed in already is refused, too, and not asked.
        let is_open = matches!(endpoint.access.verdict(), AccessVerdict::Public | AccessVerdict::Unknown) || signs_in(&text);
        let takes = !matches!(*endpoint.method(), Method::Get | Method::Head | Method::Options | Method::Delete);
        let path = endpoint.path();
        let Some((word, confidence, persona)) = kind(&path, &text).filter(|_| is_open && takes) else { continue };
        let application = whole.report.applications.iter().find(|one| one.name == endpoint.application);
        let is_limited = application.is_some_and(limits::around) || !endpoint.limits.is_empty();
        if is_limited || limits::has_throttles(whole.program, endpoint) {
            continue;
        }
        let message = format!(
            "`{} {}` may be called without limit, and `{word}` says that it takes a password or a code: they can be tried until one is right",
            endpoint.method(),
            path,
        );
        let draft = Draft {
            shielding: Shielding::Shielded(Shield {
                layer: "limits".into(),
                policy: if LETTERS.contains(&word) { "limits = [\"recovery\"]" } else { "limits = [\"login\"]" }.to_owned(),
            }),
            ..Draft::of(&RULE, confidence, message, FIX, "").for_persona(persona)
        };
        return vec![(draft, body.line(body.span))];
    }
    Vec::new()
}

/// What looks whether a password is right.
const PASSWORD_CHECKS: &[&str] = &["check_password(", "check_password_hash(", "checkpw(", "verify_password(", "authenticate("];

/// Whether a text looks whether a password is right.
pub(super) fn checks_password(text: &str) -> bool {
    PASSWORD_CHECKS.iter().any(|check| text.contains(check))
}

/// Whether a handler looks whether a password is right, and then keeps who has proved who they are.
fn signs_in(text: &str) -> bool {
    const KEEPS: &[&str] = &["session['user", "session[\"user", "session['username", "login_user(", "create_access_token("];
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    says(PASSWORD_CHECKS) && says(KEEPS)
}

/// What a handler is for, by the last words of its path and what stands in it.
fn kind<'p>(path: &'p str, text: &str) -> Option<(&'p str, Confidence, Persona)> {
    let segments = || path.split('/').filter(|segment| !segment.is_empty() && !segment.starts_with('{')).rev().take(2);
    let is = |words: &[&str]| {
        segments().find(|segment| {
            let segment = segment.to_lowercase().replace('_', "-");
            words.iter().any(|word| segment == *word || segment.ends_with(&format!("-{word}")) || segment.starts_with(&format!("{word}-")))
        })
    };
    let takes_password = text.contains("password") || text.contains("passwd") || text.contains("credentials");
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let takes_code = words.any(|word| matches!(word, "otp" | "pin" | "code" | "passcode"));
    let takes_token = text.contains("token");
    if let Some(word) = is(REGISTERS).filter(|_| takes_password) {
        return Some((word, Confidence::Low, Persona::Auditor));
    }
    if let Some(word) = is(RECOVERS).filter(|_| (takes_code || takes_token) && takes_password) {
        // A long token is not found by trying.
        return Some((word, Confidence::Medium, if takes_code { RULE.persona } else { Persona::Pedantic }));
    }
    let by_path = is(PROVES).filter(|_| takes_password || takes_code || takes_token).map(|word| {
        let (confidence, persona) = if takes_password { (Confidence::High, RULE.persona) } else { (Confidence::Low, Persona::Pedantic) };
        (word, confidence, persona)
    });
    // A page that is its own login, whatever its path says.
    let checks = || PASSWORD_CHECKS.iter().find(|check| takes_password && text.contains(*check));
    by_path.or_else(|| checks().map(|check| (check.trim_end_matches('('), Confidence::Medium, RULE.persona)))
}
