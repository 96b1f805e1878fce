//! `owner-from-client`: the client says to whom a new object belongs.

use model::{AccessVerdict, Confidence, Effect, Endpoint, Fix, ObjectEffect, OwnerCheck, Severity, Shield, Shielding, Weakness};
use model::Persona;

use super::api::{Api, handler_name};
use super::owners::owner_in_words;
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "owner-from-client",
    weakness: Weakness::OwnerTakenFromClient,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the client says to whom a new object belongs",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for the signed-in that make an object whose owner column is filled from the request, although it is known who asks. Endpoints that ask for a role or a
scope are silent: those who have it may act for others.

## Why is this bad?

Whoever is signed in makes orders, messages and payments in the name of others.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


class NewOrder(BaseModel):
    user_id: int
    address: str


@app.post("/orders")
def add_order(order: NewOrder, session: SessionDep, user: CurrentUser):  # <- here
    session.add(Order(user_id=order.user_id, address=order.address))
    session.commit()
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


class NewOrder(BaseModel):
    address: str


@app.post("/orders")
def add_order(order: NewOrder, session: SessionDep, user: CurrentUser):
    session.add(Order(user_id=user.id, address=order.address))
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import request
from flask_login import login_required

from shop import Order, app, db


@app.post("/orders")
@login_required
def add_order():  # <- here
    data = request.get_json()
    order = Order(user_id=data["user_id"], address=data["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}, 201
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_login import current_user, login_required

from shop import Order, app, db


@app.post("/orders")
@login_required
def add_order():
    data = request.get_json()
    order = Order(user_id=current_user.id, address=data["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}, 201
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where the owner is one of the serializer's fields:

```python bad
# file: views.py
from rest_framework import generics, serializers

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "user", "address"]


class OrderList(generics.ListCreateAPIView):  # <- here
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)
# file: urls.py
from django.urls import path

from views import OrderList

urlpatterns = [path("orders/", OrderList.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import generics, serializers

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "user", "address"]
        read_only_fields = ["user"]


class OrderList(generics.ListCreateAPIView):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
# file: urls.py
from django.urls import path

from views import OrderList

urlpatterns = [path("orders/", OrderList.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Take the owner from who is signed in (`current_user.id`, `serializer.save(user=self.request.user)`), and the field out of what the endpoint takes.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if endpoint.access.verdict() != AccessVerdict::Authenticated {
        return None;
    }
    let made = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(made) if is_for_whom_the_client_says(made) => Some(made),
        _ => None,
    })?;
    let owner = api.object(&made.object)?.owner.as_ref()?.value()?;
    let message = format!(
        "`{} {}` makes a `{}` whose {} comes from the request: whoever is signed in makes one for anybody",
        endpoint.method(),
        endpoint.path(),
        made.object,
        owner_in_words(made, owner),
    );
    let text = format!(
        "take it from who is signed in. If they are meant to act for others, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message,
        trace: made.evidence.clone(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Shielded(Shield {
            layer: "virtual_patch".into(),
            policy: format!("refuse_fields = [\"/{}\"]  # unless it is the claim that names the caller", owner.column),
        }),
    })
}

fn is_for_whom_the_client_says(made: &ObjectEffect) -> bool {
    made.owner_check == OwnerCheck::Absent
}
