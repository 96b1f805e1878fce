//! `unverified-token`: a token is believed whose signature nobody verified.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "unverified-token",
    weakness: Weakness::UnverifiedToken,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a token is read without verifying who signed it",
    page: PAGE,
    checks: &[Check::Call(DECODES, of_call)],
};

const PAGE: &str = r#"## What it does

Finds JSON Web Tokens that are read without verifying their signature (`verify=False`, `options={"verify_signature": False}`), or with an
algorithm `none` among those that are accepted. Constants and defaults of settings are followed.

A token that is read so only to find the key, the issuer or the tenant by which the same function then verifies it is told to the auditor alone.

## Why is this bad?

A token is text that anybody can write. Without a signature that is verified its `sub` is whatever the client likes to be, and its `role`, too.

## Example

```python bad
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})  # <- here
    return claims["sub"]


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

Use instead:

```python good
import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    try:
        return jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=401)


@app.get("/orders")
def list_orders(user: Annotated[str, Depends(signed_in)]):
    return []
```

Flask:

```python bad
from functools import wraps

import jwt
from flask import Flask, abort, g, jsonify, request

app = Flask(__name__)


def signed_in(view):
    @wraps(view)
    def asked(*args, **values):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            abort(401)
        g.user = jwt.decode(token, options={"verify_signature": False})["sub"]  # <- here
        return view(*args, **values)

    return asked


@app.get("/orders")
@signed_in
def list_orders():
    return jsonify(user=g.user, orders=[])
```

```python good
import os
from functools import wraps

import jwt
from flask import Flask, abort, g, jsonify, request

app = Flask(__name__)


def signed_in(view):
    @wraps(view)
    def asked(*args, **values):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            g.user = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])["sub"]
        except jwt.InvalidTokenError:
            abort(401)
        return view(*args, **values)

    return asked


@app.get("/orders")
@signed_in
def list_orders():
    return jsonify(user=g.user, orders=[])
```

Django REST framework, in an authentication class:

```python bad
# file: authentication.py
import jwt
from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        claims = jwt.decode(token, options={"verify_signature": False})  # <- here
        user = User.objects.filter(pk=claims["sub"]).first()
        if user is None:
            raise AuthenticationFailed
        return user, claims
# file: views.py
from rest_framework.decorators import api_view, authentication_classes
from rest_framework.response import Response

from authentication import BearerAuthentication
from models import Order


@api_view(["GET"])
@authentication_classes([BearerAuthentication])
def list_orders(request):
    return Response([order.address for order in Order.objects.filter(user=request.user)])
# file: urls.py
from django.urls import path

from views import list_orders

urlpatterns = [path("orders/", list_orders)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: authentication.py
import os

import jwt
from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
        except jwt.InvalidTokenError:
            raise AuthenticationFailed
        user = User.objects.filter(pk=claims["sub"]).first()
        if user is None:
            raise AuthenticationFailed
        return user, claims
# file: views.py
from rest_framework.decorators import api_view, authentication_classes
from rest_framework.response import Response

from authentication import BearerAuthentication
from models import Order


@api_view(["GET"])
@authentication_classes([BearerAuthentication])
def list_orders(request):
    return Response([order.address for order in Order.objects.filter(user=request.user)])
# file: urls.py
from django.urls import path

from views import list_orders

urlpatterns = [path("orders/", list_orders)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Verify it: `jwt.decode(token, key, algorithms=["HS256"])` with the one algorithm that is signed with, and answer 401 to what raises.
"#;

const DECODES: &[Watched] = &[
    Watched { name: "jwt.decode", needle: "jwt" },
    Watched { name: "jose.jwt.decode", needle: "jwt" },
    Watched { name: "jose.jwt.get_unverified_claims", needle: "get_unverified_claims" },
];
const FIX: &str = "verify it: `jwt.decode(token, key, algorithms=[\"HS256\"])` with the one algorithm that is signed with, and answer 401 to what raises";
const NO_SHIELD: &str = "a gateway that verifies tokens needs the key that they are signed with: derive a policy once the code names one";

fn of_call(call: &Call, whole: &Whole<'_>) -> Option<Draft> {
    let message = if let Some(by) = switched_off(call) {
        format!("`{}` reads a token without verifying its signature{by}: whoever writes one is whom it names", call.name)
    } else if accepts_none(call) {
        format!("`{}` accepts tokens of the algorithm `none`, which nobody has signed", call.name)
    } else {
        return None;
    };
    let is_only_a_look = whole.code.calls.iter().any(|other| {
        (&other.file, &other.within) == (&call.file, &call.within) && other.line > call.line && verifies(other)
    });
    let draft = Draft { trace: call.assigned(), ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD) };
    Some(if is_only_a_look { Draft { confidence: Confidence::Low, ..draft }.for_persona(Persona::Auditor) } else { draft })
}

/// Whether the signature is not verified: then what says so, in words, if it is the default of a setting.
fn switched_off(call: &Call) -> Option<String> {
    if call.name.ends_with("get_unverified_claims") {
        return Some(String::new());
    }
    let given = ["options", "extra"].into_iter().filter_map(|name| call.given(None, name));
    let mut entries = given.flat_map(|given| match given {
        Given::Entries(entries, _) => entries.as_slice(),
        _ => &[],
    });
    entries.find_map(|(name, value)| match (name.text()?, value) {
        ("verify_signature" | "verify", value) if is_off(value) => Some(String::new()),
        ("verify_signature" | "verify", Given::Setting(setting, default)) if is_off(default) => {
            Some(format!(" (`{setting}` says so by default)"))
        }
        _ => None,
    })
}

fn is_off(given: &Given) -> bool {
    match given {
        Given::Truth(truth) => !truth,
        Given::Either(all) => all.iter().any(is_off),
        _ => false,
    }
}

fn accepts_none(call: &Call) -> bool {
    let is_none = |given: &Given| given.text().is_some_and(|text| text.eq_ignore_ascii_case("none"));
    match call.given(None, "algorithms") {
        Some(Given::Items(items, _)) => items.iter().any(is_none),
        Some(given) => is_none(given),
        None => false,
    }
}

fn verifies(call: &Call) -> bool {
    call.name.ends_with("jwt.decode") && switched_off(call).is_none() && !accepts_none(call)
}
