//! `object-read-without-owner-check`: an endpoint that answers with whatever object the client names.

use model::{
    AccessVerdict, Certainty, Confidence, Effect, Endpoint, Fix, Known, ObjectEffect, OwnerCheck,
    OwnerPath, Persona, Severity, Shield, Shielding, Weakness,
};

use super::api::{Api, handler_name, may_change, reads};
use super::owners::{self, owner_in_words};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "object-read-without-owner-check",
    weakness: Weakness::BrokenObjectLevelAuthorization,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint answers with any object whose key the client sends, whoever owns it",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for the signed-in that look an object up by a key from the request and answer with it, where the object has an
owner (a foreign key to the model of the principals, here or one step up) and nothing compares that owner with the
principal: not the look-up, not a condition on any way to the answer, in the handler or below it.

What counts is what the code does on every way to the answer: `Order.user_id == user.id` in the query, `order.user_id != user.id`
before a refusal, a look-up that begins with the principal. A role that lets somebody past the comparison is an alternative
to it. A function that is called `check_owner` and compares nothing is not.

It is silent where everybody may read such objects elsewhere and nothing compares their owner, where the endpoint asks for a role or a scope (unless another
one that asks for the same compares the owner), and where something that is not understood may compare. Everybody sees it where another endpoint compares the owner of the same
objects, so that they are private; where none does, or all of them are shown elsewhere, only the pedantic persona does.

## Why is this bad?

Keys are counted or leak: whoever has an account reads the objects of all others by changing a number in the address.
This is the first of OWASP's ten risks of APIs.

## Example

```python bad
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tokens import claims_of


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def get_session():
    with Session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(session: SessionDep, token: Annotated[str, Depends(scheme)]) -> User:
    user = session.get(User, int(claims_of(token)["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


CurrentUser = Annotated[User, Depends(signed_in)]
app = FastAPI()


@app.get("/orders")
def list_orders(session: SessionDep, user: CurrentUser):
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: SessionDep, user: CurrentUser):  # <- here
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404)
    return order
# file: tokens.py
import os

import jwt


def claims_of(token: str) -> dict:
    return jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
```

Use instead a look-up among the principal's own, or compare before the answer:

```python good
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tokens import claims_of


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_admin: Mapped[bool] = mapped_column(default=False)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def get_session():
    with Session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(session: SessionDep, token: Annotated[str, Depends(scheme)]) -> User:
    user = session.get(User, int(claims_of(token)["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


CurrentUser = Annotated[User, Depends(signed_in)]
app = FastAPI()


@app.get("/orders/{order_id}")
def read_order(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    return order


@app.get("/orders/{order_id}/invoice")
def read_invoice(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.get(Order, order_id)
    if order is None or order.user_id != user.id:
        raise HTTPException(status_code=404)
    return order


@app.get("/orders/{order_id}/receipt")
def read_receipt(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404)
    if not user.is_admin and order.user_id != user.id:
        raise HTTPException(status_code=403)
    return order
# file: tokens.py
import os

import jwt


def claims_of(token: str) -> dict:
    return jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
```

Flask, with Flask-Login and Flask-SQLAlchemy:

```python bad
from flask import jsonify
from flask_login import current_user, login_required

from shop import Order, app


@app.get("/orders")
@login_required
def list_orders():
    orders = Order.query.filter_by(user_id=current_user.id).all()
    return jsonify([{"id": order.id, "address": order.address} for order in orders])


@app.get("/orders/<int:order_id>")
@login_required
def read_order(order_id):  # <- here
    order = Order.query.get_or_404(order_id)
    return jsonify(id=order.id, address=order.address)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, jsonify
from flask_login import current_user, login_required

from shop import Order, app, db


@app.get("/orders/<int:order_id>")
@login_required
def read_order(order_id):
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    return jsonify(id=order.id, address=order.address)


@app.get("/orders/<int:order_id>/receipt")
@login_required
def read_receipt(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id and current_user.role != "admin":
        abort(404)
    return jsonify(id=order.id, address=order.address)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `get_queryset` says what there is for whom:

```python bad
# file: views.py
from rest_framework import generics, serializers

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderList(generics.ListAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)


class OrderDetail(generics.RetrieveAPIView):  # <- here
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
# file: urls.py
from django.urls import path

from views import OrderDetail, OrderList

urlpatterns = [
    path("orders/", OrderList.as_view()),
    path("orders/<int:pk>/", OrderDetail.as_view()),
]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.shortcuts import get_object_or_404
from rest_framework import permissions, serializers, viewsets
from rest_framework.decorators import api_view
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


class IsOwner(permissions.BasePermission):
    def has_object_permission(self, request, view, order):
        return order.user == request.user


class ReceiptViewSet(viewsets.mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAuthenticated, IsOwner]


@api_view(["GET"])
def read_invoice(request, order_id):
    order = get_object_or_404(Order, pk=order_id, user=request.user)
    return Response(OrderSerializer(order).data)
# file: urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from views import OrderViewSet, ReceiptViewSet, read_invoice

router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("receipts", ReceiptViewSet, basename="receipt")
urlpatterns = [path("", include(router.urls)), path("invoices/<int:order_id>/", read_invoice)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Limit the look-up to the principal's own objects (`.where(Order.id == order_id, Order.user_id == user.id)`, `filter_by(id=order_id, user_id=current_user.id)`, `get_queryset` that filters by
`self.request.user`), so that another
one's is not found; or compare after it and answer 404. Put it into one function that every endpoint of the resource uses.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    // A `POST` may only look something up.
    let only_asks = || !endpoint.effects.iter().any(Effect::writes);
    let may_read = reads(endpoint) || (may_change(endpoint) && only_asks());
    if !may_read {
        return None;
    }
    let read = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Read(read) if is_unchecked(read) => Some(read),
        _ => None,
    })?;
    let model = api.object(&read.object)?;
    let known = model.owner.as_ref()?;
    let owner = known.value()?;
    let sibling = owners::nearest_check(endpoint, api, read);
    // A role may entitle to all objects, unless those who have it are kept to their own elsewhere.
    let same_role = |other: &Endpoint| other.access.requirement() == endpoint.access.requirement();
    let is_asked = match endpoint.access.verdict() {
        AccessVerdict::Authenticated => true,
        AccessVerdict::Restricted => sibling.is_some_and(|(other, _)| same_role(other)),
        AccessVerdict::Public | AccessVerdict::Unknown => false,
    };
    if !is_asked {
        return None;
    }
    let is_sure = matches!(known, Known::Proven { .. }) && endpoint.access.certainty() == Certainty::Proven;
    // Profiles of others are often meant to be seen; what they keep to themselves is not.
    let is_secret = owners::shows_a_secret(api, read);
    let is_principal = api.is_principal(&read.object);
    let (confidence, persona) = match (sibling.is_some(), is_read_by_all(api, read)) {
        (_, _) if api.has_guard_named_after_a_role(endpoint) => (Confidence::Low, Persona::Pedantic),
        (_, false) if is_secret && endpoint.access.certainty() == Certainty::Proven => (Confidence::Medium, RULE.persona),
        (_, _) if is_principal => (Confidence::Low, Persona::Pedantic),
        (true, false) if is_sure => (Confidence::High, RULE.persona),
        (true, false) => (Confidence::Medium, Persona::Pedantic),
        (false, false) | (true, true) => (Confidence::Low, Persona::Pedantic),
        (false, true) => return None,
    };
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message: message(endpoint, read, owner),
        trace: owners::trace(endpoint, read, sibling),
        fix: Some(fix(endpoint, read, owner, sibling)),
        shielding: shielding(endpoint, api, owner),
    })
}

/// Whether a client picks the object, it is answered with, and nobody is seen to ask whose it is.
fn is_unchecked(read: &ObjectEffect) -> bool {
    let by_client = read.key.as_ref().is_some_and(|key| key.place.is_chosen_by_client());
    read.answered && !read.many && by_client && read.owner_check == OwnerCheck::Absent
}

/// Whether objects of the model are shown to everybody, or all of them to all who are signed in.
fn is_read_by_all(api: &Api<'_>, read: &ObjectEffect) -> bool {
    let shows = |endpoint: &Endpoint| {
        let admits_many = matches!(endpoint.access.verdict(), AccessVerdict::Public | AccessVerdict::Authenticated);
        let is_public = endpoint.access.verdict() == AccessVerdict::Public;
        admits_many
            && endpoint.effects.iter().any(|effect| match effect {
                // Who shows to all what gives people away forgot a check there, too.
                Effect::Read(other)
                    if other.object == read.object
                        && other.answered
                        && owners::private_column(api, other).is_none() =>
                {
                    let unlimited = other.owner_check == OwnerCheck::Absent && (is_public || other.many);
                    unlimited && (other.many || is_public)
                }
                _ => false,
            })
    };
    api.own_endpoints().any(shows)
}

fn message(endpoint: &Endpoint, read: &ObjectEffect, owner: &OwnerPath) -> String {
    let key = read.key.as_ref().map_or("a key", |key| &*key.name);
    format!(
        "`{} {}` answers with the `{}` that `{key}` names, whoever owns it: on no way to the answer of `{}` is {} compared \
         with who asks",
        endpoint.method(),
        endpoint.path(),
        read.object,
        handler_name(endpoint),
        owner_in_words(read, owner),
    )
}

fn fix(endpoint: &Endpoint, read: &ObjectEffect, owner: &OwnerPath, sibling: Option<(&Endpoint, &ObjectEffect)>) -> Fix {
    let like = sibling.map(|(other, _)| format!("`{} {}` compares the owner; do the same here: ", other.method(), other.path()));
    let text = format!(
        "{}look the `{}` up among those whose {} is the principal, and answer 404 if it is not found. If all who are signed in are \
         meant to read it, {}",
        like.unwrap_or_default(),
        read.object,
        owner_in_words(read, owner),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Fix::text(text)
}

/// A gateway compares the owner in the answer, if it is there and holds what the token names.
fn shielding(endpoint: &Endpoint, api: &Api<'_>, owner: &OwnerPath) -> Shielding {
    let fields = api.answered_fields(endpoint);
    let column = &owner.column;
    if !owner.through.is_empty() || !fields.iter().any(|field| **field == **column) {
        return Shielding::Unshielded { reason: format!("the answer does not say whose it is: it does not hold `{column}`") };
    }
    let referenced = owner.references.as_deref().unwrap_or("id");
    match api.claim_of(referenced) {
        Some(claim) => Shielding::Shielded(Shield {
            layer: "ownership".into(),
            policy: format!("owner = {{ response = \"/{column}\" }}  # must be the claim `{claim}`"),
        }),
        None => Shielding::Unshielded {
            reason: format!("`{column}` holds `{referenced}` of the owner, and no claim of the token is known to hold it"),
        },
    }
}
