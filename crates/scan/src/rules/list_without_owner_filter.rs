//! `list-without-owner-filter`: a list shows the objects of all owners to whoever is signed in.

use model::{AccessVerdict, Certainty, Confidence, Effect, Endpoint, Fix, Known, Method, ObjectEffect, OwnerCheck, Persona, Severity, Shielding, Weakness};

use super::api::{Api, handler_name, reads};
use super::owners::{self, owner_in_words};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "list-without-owner-filter",
    weakness: Weakness::UnscopedList,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a list shows the objects of all owners to whoever is signed in",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds `GET` endpoints (and views of Django that take any method and change nothing) for the signed-in that answer with a list of objects that have an owner, where the query is not limited to the principal's own, and
another endpoint compares the owner of the same objects, or a column that they show gives people away, so that they are private. Where that is not so, the objects may be meant for all, and only the auditor sees it.

It is silent where the endpoint asks for a role or a scope.

## Why is this bad?

Who asks for their own orders gets everybody's.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/orders")
def list_orders(session: SessionDep, user: CurrentUser):  # <- here
    return session.scalars(select(Order)).all()


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    return order
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/orders")
def list_orders(session: SessionDep, user: CurrentUser):
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()


@app.get("/admin/orders")
def list_all_orders(session: SessionDep, user: Administrator):
    return session.scalars(select(Order)).all()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import abort, jsonify
from flask_login import current_user, login_required

from shop import Order, app, db


@app.get("/orders")
@login_required
def list_orders():  # <- here
    orders = Order.query.order_by(Order.id).all()
    return jsonify([{"id": order.id, "address": order.address} for order in orders])


@app.get("/orders/<int:order_id>")
@login_required
def read_order(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(404)
    return jsonify(id=order.id, address=order.address)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import jsonify
from flask_login import current_user, login_required

from shop import Order, admin_required, app


def shown(orders):
    return jsonify([{"id": order.id, "address": order.address} for order in orders])


@app.get("/orders")
@login_required
def list_orders():
    return shown(Order.query.filter_by(user_id=current_user.id).order_by(Order.id).all())


@app.get("/admin/orders")
@admin_required
def list_all_orders():
    return shown(Order.query.order_by(Order.id).all())
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework import mixins, permissions, serializers, viewsets

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class IsOwner(permissions.BasePermission):
    def has_object_permission(self, request, view, order):
        return order.user == request.user


# `IsOwner` is asked about one object, and never about a list.
class OrderViewSet(viewsets.ReadOnlyModelViewSet):  # <- here
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAuthenticated, IsOwner]
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet)
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAdminUser

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer

    def get_queryset(self):
        return super().get_queryset().filter(user=self.request.user)


class AllOrdersViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import AllOrdersViewSet, OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet)
router.register("admin/orders", AllOrdersViewSet, basename="any-order")
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Limit the query to the principal's own (`.where(Order.user_id == user.id)`, `filter_by(user_id=current_user.id)`; in Django REST framework in `get_queryset`, as
permissions about objects are not asked about lists).
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    // A view of Django takes any method, and may only look something up.
    let is_view = *endpoint.method() == Method::Any && !endpoint.effects.iter().any(Effect::writes);
    if !(reads(endpoint) || is_view) || endpoint.access.verdict() != AccessVerdict::Authenticated {
        return None;
    }
    let read = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Read(read) if is_unlimited(read) => Some(read),
        _ => None,
    })?;
    let known = api.object(&read.object)?.owner.as_ref()?;
    let owner = known.value()?;
    // A list of the principals themselves, or of one of them, is often meant.
    if api.is_principal(&read.object) {
        return None;
    }
    let sibling = owners::nearest_check(endpoint, api, read);
    let is_sure = matches!(known, Known::Proven { .. }) && endpoint.access.certainty() == Certainty::Proven;
    let is_secret = owners::shows_a_secret(api, read) && endpoint.access.certainty() == Certainty::Proven;
    let (confidence, persona) = match sibling.is_some() {
        _ if api.has_guard_named_after_a_role(endpoint) => (Confidence::Low, Persona::Auditor),
        _ if is_secret => (Confidence::Medium, RULE.persona),
        true if is_sure => (Confidence::Medium, RULE.persona),
        true => (Confidence::Low, Persona::Pedantic),
        false => (Confidence::Low, Persona::Auditor),
    };
    let of_whom = if read.filters.contains(&owner.column) { "whichever owner the request names" } else { "all owners" };
    let message = format!(
        "`{} {}` lists `{}` of {of_whom} to whoever is signed in: {} is not compared with who asks",
        endpoint.method(),
        endpoint.path(),
        read.object,
        owner_in_words(read, owner),
    );
    let text = format!(
        "limit the query to those whose {} is the principal. If all who are signed in are meant to read them, {}",
        owner_in_words(read, owner),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace: owners::trace(endpoint, read, sibling),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Unshielded { reason: "a gateway that took objects out of a list would change what it means".to_owned() },
    })
}

fn is_unlimited(read: &ObjectEffect) -> bool {
    read.many && read.answered && read.owner_check == OwnerCheck::Absent
}
