//! `token-without-expiry`: tokens are issued that are valid for ever.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "token-without-expiry",
    weakness: Weakness::TokenWithoutExpiry,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "tokens are issued that are valid for ever",
    page: PAGE,
    checks: &[Check::Call(ENCODES, of_call)],
};

const PAGE: &str = r#"## What it does

Finds `jwt.encode` of claims that are all known and have no `exp`, and tokens of Flask-JWT-Extended that are told to have none (`expires_delta=False`,
`JWT_ACCESS_TOKEN_EXPIRES = False`). Where claims come from elsewhere, so that one of them may be an expiry, it is
silent.

## Why is this bad?

A token that was copied once, from a log, a browser or a backup, works until the key is changed, which ends the tokens of all. Logging out or
changing the password ends nothing.

## Example

```python bad
import os
from typing import Annotated

import jwt
from fastapi import FastAPI, Form

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    return {"token": jwt.encode({"sub": name}, os.environ["TOKEN_KEY"], algorithm="HS256")}  # <- here
```

Use instead:

```python good
import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import FastAPI, Form

app = FastAPI()


@app.post("/login")
def login(name: Annotated[str, Form()], password: Annotated[str, Form()]):
    end = datetime.now(UTC) + timedelta(minutes=15)
    return {"token": jwt.encode({"sub": name, "exp": end}, os.environ["TOKEN_KEY"], algorithm="HS256")}
```

Flask-JWT-Extended:

```python bad
from flask import abort, request
from flask_jwt_extended import JWTManager, create_access_token
from werkzeug.security import check_password_hash

from shop import User, app

JWTManager(app)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not check_password_hash(user.password_hash, request.json["password"]):
        abort(401)
    return {"token": create_access_token(identity=str(user.id), expires_delta=False)}  # <- here
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from datetime import timedelta

from flask import abort, request
from flask_jwt_extended import JWTManager, create_access_token
from werkzeug.security import check_password_hash

from shop import User, app

app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(minutes=15)
JWTManager(app)


@app.post("/login")
def login():
    user = User.query.filter_by(name=request.json["name"]).first()
    if user is None or not check_password_hash(user.password_hash, request.json["password"]):
        abort(401)
    return {"token": create_access_token(identity=str(user.id))}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
import os

import jwt
from django.contrib.auth import authenticate
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def login(request):
    user = authenticate(request, username=request.data["name"], password=request.data["password"])
    if user is None:
        return Response(status=401)
    token = jwt.encode({"sub": str(user.pk)}, os.environ["TOKEN_KEY"], algorithm="HS256")  # <- here
    return Response({"token": token})
# file: urls.py
from django.urls import path

from views import login

urlpatterns = [path("login/", login)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
import os
from datetime import UTC, datetime, timedelta

import jwt
from django.contrib.auth import authenticate
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def login(request):
    user = authenticate(request, username=request.data["name"], password=request.data["password"])
    if user is None:
        return Response(status=401)
    claims = {"sub": str(user.pk), "exp": datetime.now(UTC) + timedelta(minutes=15)}
    return Response({"token": jwt.encode(claims, os.environ["TOKEN_KEY"], algorithm="HS256")})
# file: urls.py
from django.urls import path

from views import login

urlpatterns = [path("login/", login)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Give it an `exp` of minutes (`datetime.now(UTC) + timedelta(minutes=15)`), and a refresh token that can be used once to those who stay.
"#;

const ENCODES: &[Watched] =
    &[Watched { name: "jwt.encode", needle: "jwt" }, Watched { name: "jose.jwt.encode", needle: "jwt" }];
const FIX: &str = "give it an `exp` of minutes: `\"exp\": datetime.now(UTC) + timedelta(minutes=15)`";
const FIX_OF_FLASK: &str = "leave `expires_delta=False` out, and let `JWT_ACCESS_TOKEN_EXPIRES` be minutes: `timedelta(minutes=15)`";
const NO_SHIELD: &str = "a gateway can refuse tokens without `exp`, but then nobody gets in until the code issues them";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let claims = call.given(None, "claims")?.alternatives();
    if claims.is_empty() || !claims.iter().all(never_ends) {
        return None;
    }
    let message = format!("`{}` issues a token without `exp`: once copied it works for ever", call.name);
    let by_flask = ["create_access_token", "create_refresh_token"].into_iter().any(|name| call.text.contains(name));
    let fix = if by_flask { FIX_OF_FLASK } else { FIX };
    Some(Draft::of(&RULE, Confidence::High, message, fix, NO_SHIELD))
}

/// Whether claims are all known, and none of them is an end.
fn never_ends(claims: &Given) -> bool {
    let Given::Entries(claims, false) = claims else { return false };
    // The name under which a library says who it is may be a setting.
    let is_named = |(name, _): &(Given, Given)| match name {
        Given::Setting(_, default) => default.text().is_some_and(|name| name != "exp"),
        name => name.text().is_some_and(|name| name != "exp"),
    };
    !claims.is_empty() && claims.iter().all(is_named)
}
