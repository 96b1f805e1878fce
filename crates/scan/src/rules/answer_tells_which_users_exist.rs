//! `answer-tells-which-users-exist`: a login says whether it is the name or the password that is wrong.

use model::{Confidence, Evidence, Persona, Severity, Weakness};
use python::code::{Expr, Span};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "answer-tells-which-users-exist",
    weakness: Weakness::UserEnumeration,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a login says whether it is the name or the password that is wrong",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["assword"]).and(WRONG).and(SAYS_MISSING), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that answer with one text where there is no such account and with another where the password is wrong: the texts say so themselves
("user does not exist", "wrong password").

## Why is this bad?

Whoever tries names learns which of them have an account: for a list of addresses that is the first half of guessing passwords, and for some
services alone bad enough.

## Example

```python bad
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

from accounts import password_of

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    known = password_of(name)
    if known is None:
        raise HTTPException(status_code=401, detail="this user does not exist")
    if known != password:
        raise HTTPException(status_code=401, detail="the password is wrong")  # <- here
    return {"ok": True}
# file: accounts.py
def password_of(name: str) -> str | None:
    return {}.get(name)
```

Use instead:

```python good
from typing import Annotated

from fastapi import FastAPI, Form, HTTPException

from accounts import password_of

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    if password_of(name) != password:
        raise HTTPException(status_code=401, detail="name or password is wrong")
    return {"ok": True}
# file: accounts.py
def password_of(name: str) -> str | None:
    return {}.get(name)
```

Flask:

```python bad
from flask import request
from flask_login import login_user
from werkzeug.security import check_password_hash

from shop import User, app


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None:
        return {"error": "User not found"}, 401
    if not check_password_hash(user.password_hash, request.json["password"]):
        return {"error": "Wrong password"}, 401  # <- here
    login_user(user)
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_login import login_user
from werkzeug.security import check_password_hash, generate_password_hash

from shop import User, app

NOBODY = generate_password_hash("")


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    known = NOBODY if user is None else user.password_hash
    if not check_password_hash(known, request.json["password"]) or user is None:
        return {"error": "Wrong name or password"}, 401
    login_user(user)
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework; `authenticate` hashes in both cases:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def login(request):
    user = User.objects.filter(username=request.data["name"]).first()
    if user is None:
        raise AuthenticationFailed("No account with this name")
    if not user.check_password(request.data["password"]):
        raise AuthenticationFailed("Incorrect password")  # <- here
    token, _ = Token.objects.get_or_create(user=user)
    return Response({"token": token.key})
# file: urls.py
from django.urls import path

from views import login

urlpatterns = [path("login/", login)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth import authenticate
from rest_framework.authtoken.models import Token
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def login(request):
    user = authenticate(request, username=request.data["name"], password=request.data["password"])
    if user is None:
        raise AuthenticationFailed("Name or password is wrong")
    token, _ = Token.objects.get_or_create(user=user)
    return Response({"token": token.key})
# file: urls.py
from django.urls import path

from views import login

urlpatterns = [path("login/", login)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Answer both with the same status and text, and hash a password in both cases, so that the time tells nothing, either.
"#;

const WRONG: &[&str] = &["incorrect", "wrong", "invalid", "not correct", "does not match", "doesn't match", "mismatch", "not match"];
const MISSING: &[&str] =
    &["not exist", "not found", "doesn't exist", "no such", "unknown", "not registered", "no account", "isn't registered", "no user"];
/// The same as a text that is written in quotes may hold them.
const SAYS_MISSING: &[&str] =
    &["t exist", "not found", "no such", "unknown", "t registered", "no account", "no user"];
const ACCOUNTS: &[&str] = &["user", "account", "email", "e-mail", "name"];
const FIX: &str = "answer both with the same status and text: \"name or password is wrong\"";
const NO_SHIELD: &str = "a gateway cannot know which of the two answers of the same endpoint was meant";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let (mut of_password, mut of_account): (Option<Span>, Option<Span>) = (None, None);
    for (id, expr) in body.code().exprs() {
        let Expr::Str(text) = expr else { continue };
        let text = text.as_str().to_lowercase();
        // A doc string speaks of both.
        if text.contains('\n') || text.len() > 200 {
            continue;
        }
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let span = body.code().expr_span(id);
        let is_either = text.contains(" or ") || text.contains('/');
        if text.contains("password") && says(WRONG) && !is_either {
            of_password.get_or_insert(span);
        } else if says(ACCOUNTS) && says(MISSING) && !text.contains("password") {
            of_account.get_or_insert(span);
        }
    }
    let (Some(password), Some(account)) = (of_password, of_account) else { return Vec::new() };
    let message = format!("`{}` says whether the name or the password is wrong: names that have an account can be told", body.name);
    let other = Evidence::new(std::sync::Arc::clone(&body.source.path), body.line(account), "says that there is no such account");
    let draft = Draft { trace: vec![other], ..Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD) };
    vec![(draft, body.line(password))]
}
