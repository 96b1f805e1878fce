//! `object-write-without-owner-check`: an endpoint changes or deletes whatever object the client names.

use model::{
    AccessVerdict, Certainty, Confidence, Effect, Endpoint, Fix, Known, ObjectEffect, OwnerCheck, Persona, Severity, Weakness,
};

use super::api::{Api, handler_name};
use super::owners::{self, owner_in_words};
use super::{Check, Draft, Rule, refusal, words};

pub(super) const RULE: Rule = Rule {
    name: "object-write-without-owner-check",
    weakness: Weakness::BrokenObjectLevelAuthorization,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "an endpoint changes or deletes any object whose key the client sends, whoever owns it",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for the signed-in that look an object up by a key from the request and change or delete it, where the object has an owner (a foreign
key to the model of the principals, here or one step up; for the principals' own model, the row itself) and nothing compares that owner with the
principal: not the look-up, not a condition on any way to the change, in the handler or below it.

It is silent where the endpoint asks for a role or a scope (unless another one that asks for the same compares the owner), and where something that is not
understood may compare. Where the account of a client is taken from its request although it is known who asks, that is said.

## Why is this bad?

Keys are counted or leak: whoever has an account changes or deletes the objects of all others by changing a number.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    return order


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, session: SessionDep, user: CurrentUser):  # <- here
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404)
    session.delete(order)
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


class Change(BaseModel):
    address: str


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    session.delete(order)


@app.put("/orders/{order_id}")
def change_order(order_id: int, change: Change, session: SessionDep, user: CurrentUser):
    order = session.get(Order, order_id)
    if order is None or order.user_id != user.id:
        raise HTTPException(status_code=404)
    order.address = change.address


@app.delete("/admin/orders/{order_id}")
def delete_any_order(order_id: int, session: SessionDep, user: Administrator):
    order = session.get(Order, order_id)
    session.delete(order)
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import abort, request
from flask_login import current_user, login_required

from shop import Order, app, db


@app.get("/orders/<int:order_id>")
@login_required
def read_order(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(404)
    return {"id": order.id, "address": order.address}


@app.put("/orders/<int:order_id>")
@login_required
def change_order(order_id):  # <- here
    order = db.get_or_404(Order, order_id)
    order.address = request.json["address"]
    db.session.commit()
    return {"id": order.id}


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):  # <- here
    order = Order.query.get_or_404(order_id)
    db.session.delete(order)
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, request
from flask_login import current_user, login_required

from shop import Order, admin_required, app, db


def own_order(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(404)
    return order


@app.put("/orders/<int:order_id>")
@login_required
def change_order(order_id):
    order = own_order(order_id)
    order.address = request.json["address"]
    db.session.commit()
    return {"id": order.id}


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):
    db.session.delete(own_order(order_id))
    db.session.commit()
    return "", 204


@app.delete("/admin/orders/<int:order_id>")
@admin_required
def delete_any_order(order_id):
    db.session.delete(db.get_or_404(Order, order_id))
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)

    @action(detail=True, methods=["post"])
    def move(self, request, pk=None):  # <- here
        order = Order.objects.get(pk=pk)
        order.address = request.data["address"]
        order.save()
        return Response(OrderSerializer(order).data)
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAdminUser
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

    @action(detail=True, methods=["post"])
    def move(self, request, pk=None):
        order = self.get_object()
        order.address = request.data["address"]
        order.save()
        return Response(OrderSerializer(order).data)


class AllOrdersViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import AllOrdersViewSet, OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("admin/orders", AllOrdersViewSet, basename="any-order")
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Limit the look-up to the principal's own objects, so that another one's is not found; or compare after it and answer 404. Put it into one function
that every endpoint of the resource uses.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let (write, verb) = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Update(write) if is_unchecked(write) => Some((write, "changes")),
        Effect::Delete(write) if is_unchecked(write) => Some((write, "deletes")),
        _ => None,
    })?;
    let known = api.object(&write.object)?.owner.as_ref()?;
    let owner = known.value()?;
    let sibling = owners::nearest_check(endpoint, api, write);
    let same_role = |other: &Endpoint| other.access.requirement() == endpoint.access.requirement();
    let is_asked = match endpoint.access.verdict() {
        AccessVerdict::Authenticated => true,
        AccessVerdict::Restricted => sibling.is_some_and(|(other, _)| same_role(other)),
        AccessVerdict::Public | AccessVerdict::Unknown => false,
    };
    if !is_asked || (verb == "changes" && words::reacts(endpoint)) {
        return None;
    }
    let is_sure = matches!(known, Known::Proven { .. }) && endpoint.access.certainty() == Certainty::Proven;
    let (confidence, persona) = match sibling.is_some() {
        _ if api.has_guard_named_after_a_role(endpoint) => (Confidence::Low, Persona::Pedantic),
        true if is_sure => (Confidence::High, RULE.persona),
        true => (Confidence::Medium, RULE.persona),
        // Objects that everybody in a team works on have an author, and no owner.
        false if is_sure => (Confidence::Medium, RULE.persona),
        false => (Confidence::Low, Persona::Pedantic),
    };
    let key = write.key.as_ref().map_or("a key", |key| &*key.name);
    let message = format!(
        "`{} {}` {verb} the `{}` that `{key}` names, whoever owns it: on no way there is {} compared with who asks",
        endpoint.method(),
        endpoint.path(),
        write.object,
        owner_in_words(write, owner),
    );
    let text = format!(
        "look the `{}` up among those whose {} is the principal, and answer 404 if it is not found. If all who are signed in are meant to \
         do it, {}",
        write.object,
        owner_in_words(write, owner),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace: owners::trace(endpoint, write, sibling),
        fix: Some(Fix::text(text)),
        shielding: owners::shielding_of_write(endpoint, api, write, owner),
    })
}

/// Whether a client picks the object, and nobody is seen to ask whose it is.
fn is_unchecked(write: &ObjectEffect) -> bool {
    let by_client = write.key.as_ref().is_some_and(|key| key.place.is_chosen_by_client());
    !write.many && by_client && write.owner_check == OwnerCheck::Absent
}
