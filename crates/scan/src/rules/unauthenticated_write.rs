//! `unauthenticated-write`: an endpoint that may change something and admits everybody.

use model::{Confidence, Effect, Endpoint, Persona, Severity, Shielding, Weakness};

use super::api::{Api, handler_name, is_among, is_open, may_change};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule, login_without_limit, refusal};

pub(super) const RULE: Rule = Rule {
    name: "unauthenticated-write",
    weakness: Weakness::MissingAuthentication,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint that may change something admits everybody",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint), Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds endpoints with a method that may change something (`POST`, `PUT`, `PATCH`, `DELETE`, a WebSocket; a `GET` that makes or drops tables) on whose way no
check ever turns a caller away: not in the application, the router, the include, the dependencies, the middleware or the
handler. A dependency counts by what it does: one that only opens a database session, or that logs an unknown key and goes
on, protects nothing.

It speaks only where that is proven. What could not be worked out is listed as a gap.

Where the path says that everybody has to be admitted (`login`, `register`, `password-reset` and the like, as whole
segments), it is silent, and so it is for webhooks, of which another rule speaks. An application that asks nobody who they are, or at one
endpoint in twenty at most, gets one finding where it is made.

## Why is this bad?

Whoever can reach the port can make, change or delete what the endpoint makes, changes or deletes. Nobody has to
guess: the OpenAPI document lists it. Often the router's guard was forgotten in one `include_router`.

## Example

One router of two is included with the guard:

```python bad
# file: main.py
from fastapi import Depends, FastAPI

from banners import router as banners
from coupons import router as coupons
from guards import signed_in

app = FastAPI()
app.include_router(coupons, dependencies=[Depends(signed_in)])
app.include_router(banners)
# file: guards.py
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    if token not in USERS:
        raise HTTPException(status_code=401)
    return USERS[token]
# file: coupons.py
from fastapi import APIRouter

router = APIRouter(prefix="/coupons")


@router.post("")
def create_coupon(code: str) -> str:
    return code
# file: banners.py
from fastapi import APIRouter

router = APIRouter(prefix="/banners")


@router.post("")
def create_banner(text: str) -> str:  # <- here
    return text


@router.delete("/{banner_id}")
async def delete_banner(banner_id: int) -> None:  # <- here
    pass
```

Use instead the same guard for both:

```python good
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    if token not in USERS:
        raise HTTPException(status_code=401)
    return USERS[token]


banners = APIRouter(prefix="/banners")


@banners.post("")
def create_banner(text: str) -> str:
    return text


@banners.delete("/{banner_id}")
async def delete_banner(banner_id: int) -> None:
    pass


app = FastAPI()
app.include_router(banners, dependencies=[Depends(signed_in)])
```

A guard that never refuses, and an optional user that nobody tests:

```python bad
import logging
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, WebSocket
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
KEYS = {}
maybe = OAuth2PasswordBearer(tokenUrl="login", auto_error=False)


def check_key(x_api_key: Annotated[str | None, Header()] = None) -> str | None:
    if x_api_key not in KEYS:
        logging.warning("unknown key")
    return x_api_key


def require_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    if x_api_key not in KEYS:
        raise HTTPException(status_code=401)


@app.put("/stock/{sku}", dependencies=[Depends(check_key)])
def set_stock(sku: str, count: int) -> int:  # <- here
    return count


@app.post("/stock/{sku}/adjust", dependencies=[Depends(require_key)])
def adjust_stock(sku: str, by: int) -> int:
    return by


@app.post("/reviews/{review_id}/report")
def report_review(review_id: int, token: Annotated[str | None, Depends(maybe)]) -> str:  # <- here
    return f"reported by {token}"


@app.websocket("/live")
async def live(socket: WebSocket) -> None:  # <- here
    await socket.accept()
```

```python good
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, WebSocket, WebSocketException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
KEYS = {}
maybe = OAuth2PasswordBearer(tokenUrl="login", auto_error=False)


def require_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    if x_api_key not in KEYS:
        raise HTTPException(status_code=401)


@app.put("/stock/{sku}", dependencies=[Depends(require_key)])
def set_stock(sku: str, count: int) -> int:
    return count


@app.post("/reviews/{review_id}/report")
def report_review(review_id: int, token: Annotated[str | None, Depends(maybe)]) -> str:
    if token is None:
        raise HTTPException(status_code=401)
    return f"reported by {token}"


def socket_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    if x_api_key not in KEYS:
        raise WebSocketException(code=1008)


@app.websocket("/live", dependencies=[Depends(socket_key)])
async def live(socket: WebSocket) -> None:
    await socket.accept()
```

A decorator above the one that adds the route is never called for a request:

```python bad
from functools import wraps

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


def signed_in(handler):
    @wraps(handler)
    async def guarded(request: Request):
        if "authorization" not in request.headers:
            raise HTTPException(status_code=401)
        return await handler(request)
    return guarded


@signed_in
@app.post("/restart")
async def restart(request: Request) -> None:  # <- here
    pass


@app.post("/stop")
@signed_in
async def stop(request: Request) -> None:
    pass
```

```python good
from functools import wraps

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


def signed_in(handler):
    @wraps(handler)
    async def guarded(request: Request):
        if "authorization" not in request.headers:
            raise HTTPException(status_code=401)
        return await handler(request)
    return guarded


@app.post("/restart")
@signed_in
async def restart(request: Request) -> None:
    pass
```

An application that asks nobody is told so once:

```python bad
from fastapi import FastAPI

app = FastAPI()  # <- here


@app.post("/notes")
def create_note(text: str) -> str:
    return text


@app.put("/notes/{note_id}")
def change_note(note_id: int, text: str) -> str:
    return text


@app.delete("/notes/{note_id}")
def delete_note(note_id: int) -> None:
    pass
```

What is meant for everybody says why:

```python good
from fastapi import FastAPI

app = FastAPI()


@app.post("/feedback")
# doorward: ignore[unauthenticated-write] the form on our front page, limited by the gateway
def send_feedback(text: str) -> None:
    pass
```

Flask, where a blueprint has a hook before its requests and its neighbour has none:

```python bad
from flask import Blueprint, request
from flask_login import current_user

from shop import Order, app, db, manager

orders = Blueprint("orders", __name__, url_prefix="/orders")
imports = Blueprint("imports", __name__, url_prefix="/imports")


@orders.before_request
def ask_who():
    if not current_user.is_authenticated:
        return manager.unauthorized()


@orders.post("")
def add_order():
    db.session.add(Order(user_id=current_user.id, address=request.json["address"]))
    db.session.commit()
    return "", 201


@imports.post("")
def import_orders():  # <- here
    for row in request.json:
        db.session.add(Order(user_id=row["user"], address=row["address"]))
    db.session.commit()
    return "", 201


app.register_blueprint(orders)
app.register_blueprint(imports)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import Blueprint, request
from flask_login import current_user, login_required

from shop import Order, admin_required, app, db

orders = Blueprint("orders", __name__, url_prefix="/orders")
imports = Blueprint("imports", __name__, url_prefix="/imports")


@orders.before_request
@login_required
def ask_who():
    pass


@orders.post("")
def add_order():
    db.session.add(Order(user_id=current_user.id, address=request.json["address"]))
    db.session.commit()
    return "", 201


@imports.post("")
@admin_required
def import_orders():
    for row in request.json:
        db.session.add(Order(user_id=row["user"], address=row["address"]))
    db.session.commit()
    return "", 201


app.register_blueprint(orders)
app.register_blueprint(imports)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `AllowAny`, or an empty list, puts the default of the settings out of force:

```python bad
# file: views.py
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)


@api_view(["POST"])
@permission_classes([AllowAny])
def import_orders(request):  # <- here
    for row in request.data:
        Order.objects.create(user_id=row["user"], address=row["address"])
    return Response(status=201)
# file: urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from views import OrderViewSet, import_orders

router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
urlpatterns = [path("", include(router.urls)), path("imports/", import_orders)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAdminUser
from rest_framework.response import Response

from models import Order


@api_view(["POST"])
@permission_classes([IsAdminUser])
def import_orders(request):
    for row in request.data:
        Order.objects.create(user_id=row["user"], address=row["address"])
    return Response(status=201)


@api_view(["POST"])
def add_order(request):
    order = Order.objects.create(user=request.user, address=request.data["address"])
    return Response({"id": order.pk}, status=201)
# file: urls.py
from django.urls import path

from views import add_order, import_orders

urlpatterns = [path("imports/", import_orders), path("orders/", add_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Add the dependency that protects its siblings: to the route (`dependencies=[Depends(...)]`), to the `APIRouter`, or to the
`include_router` that adds it. In Flask put the decorator that refuses below the one that adds the route, or a `before_request` hook
on the blueprint; in Django REST framework let `DEFAULT_PERMISSION_CLASSES` be `IsAuthenticated`, and open views one by one; in Django use
`login_required` or `LoginRequiredMixin`. Where everybody is meant to call it, say why in a comment on the line of `def` or above it.
"#;

/// Whether it is a view of Django's own that changes nothing, whatever the method.
pub(super) fn only_shows(endpoint: &Endpoint) -> bool {
    const SHOWS: &[&str] = &["RedirectView", "TemplateView"];
    &*endpoint.framework == "django" && SHOWS.contains(&handler_name(endpoint))
}

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    // A `GET` that makes or drops tables changes more than most.
    let changes = may_change(endpoint) || endpoint.effects.iter().any(|effect| matches!(effect, Effect::SchemaChange(_)));
    if !changes || !is_open(&endpoint.access) || is_among(&api.writes_together, endpoint) {
        return None;
    }
    // A view of Django takes any method, whether it looks at it or not; so do the views of its own.
    let is_django = &*endpoint.framework == "django";
    let is_any = *endpoint.method() == model::Method::Any || !api.is_written_out(endpoint);
    if is_django && is_any && !api.may_write_by_any_method(endpoint) {
        return None;
    }
    // What middleware writes down of every request is not what such a view does.
    if only_shows(endpoint) {
        return None;
    }
    let mut draft = Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message: refusal::message(endpoint),
        trace: refusal::trace(endpoint, api),
        fix: Some(refusal::fix(RULE.name, endpoint, api)),
        shielding: Shielding::Undecided,
    };
    if words::only_asks(endpoint) || api.is_open_throughout() {
        draft.confidence = Confidence::Medium;
    }
    match words::purpose(endpoint) {
        // Another rule speaks of what services call.
        Some((Purpose::Everybody | Purpose::Service, _)) => return None,
        None => {}
    }
    if endpoint.access.setting().is_some() {
        draft.confidence = Confidence::Low;
    }
    // It is where people sign in, whatever its path says.
    if api.text_of_handler(endpoint).is_some_and(login_without_limit::checks_password) {
        draft = Draft { confidence: Confidence::Low, ..draft.for_persona(Persona::Auditor) };
    }
    Some(draft)
}

fn of_api(api: &Api<'_>) -> Option<Draft> {
    if api.writes_together.is_empty() {
        return None;
    }
    let count = api.writes_together.len();
    Some(Draft {
        severity: RULE.severity,
        confidence: refusal::confidence_in_all(api),
        persona: RULE.persona,
        message: refusal::message_of_all(api, &format!("call the {count} endpoints that may change something"), count),
        trace: refusal::places(&api.writes_together),
        fix: Some(refusal::fix_of_all(RULE.name, api)),
        shielding: Shielding::Undecided,
    })
}
