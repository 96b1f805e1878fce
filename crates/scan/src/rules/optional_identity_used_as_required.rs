//! `optional-identity-used-as-required`: a handler writes down who the request acts for, although nobody need be.

use model::{Certainty, Confidence, Endpoint, Evidence, Fix, NobodysWrite, Persona, Severity, Shielding, Weakness};

use super::api::{Api, handler_name};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "optional-identity-used-as-required",
    weakness: Weakness::OptionalIdentity,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint writes down for whom it acts, and admits requests that come from nobody",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that write who a request acts for into a row (its owner, its author), and that a request without any credential reaches, too: what identifies the caller may
find nobody (`auto_error=False`, `jwt_required(optional=True)`, a dependency that returns `None`), and no code on the way to the write looks at whether it did. Each such endpoint
is played twice, with a credential and without one, and the column is told that holds the caller in the first play and nothing in the second.

Where the column may be null, rows of nobody may be meant: that is told to the pedantic alone.

## Why is this bad?

The handler takes for granted that somebody is there. Whoever leaves the credential out makes rows that belong to nobody, and that no check of an owner applies to; or the database
refuses them in the end, after all else that the handler did.

## Example

```python bad
import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

from deps import SessionDep
from models import Order, User

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login", auto_error=False)


def caller(token: Annotated[str | None, Depends(scheme)]) -> int | None:
    if token is None:
        return None
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    return int(claims["sub"])


@app.post("/orders")
def add_order(address: str, session: SessionDep, caller: Annotated[int | None, Depends(caller)]):  # <- here
    order = Order(user_id=caller, address=address)
    session.add(order)
    session.commit()
    return {"id": order.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

from deps import CurrentUser, SessionDep
from models import Order, User

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="login", auto_error=False)


def caller(token: Annotated[str | None, Depends(scheme)]) -> int | None:
    if token is None:
        return None
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    return int(claims["sub"])


@app.post("/orders")
def add_order(address: str, session: SessionDep, caller: Annotated[int | None, Depends(caller)]):
    if caller is None:
        raise HTTPException(status_code=401)
    order = Order(user_id=caller, address=address)
    session.add(order)
    session.commit()
    return {"id": order.id}


@app.post("/users/me/orders")
def add_own_order(address: str, session: SessionDep, user: CurrentUser):
    order = Order(user_id=user.id, address=address)
    session.add(order)
    session.commit()
    return {"id": order.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask with Flask-JWT-Extended:

```python bad
from flask import request
from flask_jwt_extended import JWTManager, get_jwt_identity, jwt_required

from shop import Order, app, db

JWTManager(app)


@app.post("/orders")
@jwt_required(optional=True)
def add_order():  # <- here
    order = Order(user_id=get_jwt_identity(), address=request.json["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_jwt_extended import JWTManager, get_jwt_identity, jwt_required

from shop import Order, app, db

JWTManager(app)


@app.post("/orders")
@jwt_required()
def add_order():
    order = Order(user_id=get_jwt_identity(), address=request.json["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}


@app.post("/carts")
@jwt_required(optional=True)
def add_to_cart():
    user_id = get_jwt_identity()
    if user_id is None:
        return {"error": "sign in"}, 401
    order = Order(user_id=user_id, address=request.json["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, whose `request.user` is an `AnonymousUser` without an `id` where everybody is admitted:

```python bad
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from models import Order


@api_view(["POST"])
@permission_classes([AllowAny])
def add_order(request):  # <- here
    order = Order.objects.create(user_id=request.user.id, address=request.data["address"])
    return Response({"id": order.pk})
# file: urls.py
from django.urls import path

from views import add_order

urlpatterns = [path("orders/", add_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response

from models import Order


@api_view(["POST"])
@permission_classes([IsAuthenticated])
def add_order(request):
    order = Order.objects.create(user_id=request.user.id, address=request.data["address"])
    return Response({"id": order.pk})


@api_view(["POST"])
@permission_classes([AllowAny])
def add_to_cart(request):
    if not request.user.is_authenticated:
        return Response({"error": "sign in"}, status=401)
    order = Order.objects.create(user_id=request.user.id, address=request.data["address"])
    return Response({"id": order.pk})
# file: urls.py
from django.urls import path

from views import add_order, add_to_cart

urlpatterns = [path("orders/", add_order), path("carts/", add_to_cart)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Use what refuses whoever is not known: a dependency that raises 401 (`auto_error=True`, which is the default), `@jwt_required()`, `IsAuthenticated`. Where guests are meant to call it, too, test for them
before the write, and say in a comment what becomes of their rows.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let (write, may_be_null) = endpoint.written_for_nobody.iter().map(|write| (write, may_be_null(write, api))).min_by_key(|one| one.1)?;
    let message = format!(
        "`{} {}` writes who it acts for into `{}.{}`, and admits requests that act for nobody: nothing tests whether somebody was identified",
        endpoint.method(),
        endpoint.path(),
        write.object,
        write.column,
    );
    let text = format!(
        "identify the caller by what refuses with 401 whoever is not known, or test it before the write. If guests are meant to, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let is_proven = endpoint.access.certainty() == Certainty::Proven;
    let (confidence, persona) = match may_be_null {
        false if is_proven => (Confidence::High, RULE.persona),
        false => (Confidence::Medium, RULE.persona),
        true => (Confidence::Low, Persona::Pedantic),
    };
    let handler = &endpoint.handler;
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace: vec![
            Evidence::new(handler.file.clone(), handler.line, "a request without a credential gets here"),
            write.evidence.clone(),
        ],
        fix: Some(Fix::text(text)),
        shielding: Shielding::Undecided,
    })
}

/// Whether rows of nobody are allowed.
fn may_be_null(write: &NobodysWrite, api: &Api<'_>) -> bool {
    let column = api.object(&write.object).and_then(|object| object.column(&write.column));
    column.is_some_and(|column| column.nullable)
}
