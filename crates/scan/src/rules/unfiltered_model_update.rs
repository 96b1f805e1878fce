//! `unfiltered-model-update`: the request names the columns that are written.

use model::{Confidence, Effect, Endpoint, Fix, ObjectEffect, Persona, Sensitivity, Severity, Shield, Shielding, Weakness};

use super::api::{Api, may_change};
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unfiltered-model-update",
    weakness: Weakness::MassAssignment,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the request names the columns that are written",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that make or change an object with whatever fields the request brings: `Model(**request.json)`, a `setattr` loop or `update(**data)` over a body without a schema,
`__dict__.update(...)`, a statement of SQL whose columns are keys of the request. Where a schema names the fields that get through, it is silent.

Where one of the columns that the client can set grants rights or worth, names the owner or is a credential, the severity is critical.

## Why is this bad?

The client sets columns that nobody meant it to set: a role, an owner, a balance.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.patch("/orders/{order_id}")
def change_order(order_id: int, change: dict, session: SessionDep, user: CurrentUser):  # <- here
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    for name, value in change.items():
        setattr(order, name, value)
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


class Change(BaseModel):
    address: str


@app.patch("/orders/{order_id}")
def change_order(order_id: int, change: Change, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    for name, value in change.model_dump().items():
        setattr(order, name, value)
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import request
from flask_login import current_user, login_required

from shop import Order, app, db


@app.post("/orders")
@login_required
def add_order():  # <- here
    order = Order(**request.get_json())
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}, 201


@app.patch("/orders/<int:order_id>")
@login_required
def change_order(order_id):  # <- here
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    for name, value in request.json.items():
        setattr(order, name, value)
    db.session.commit()
    return {"id": order.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_login import current_user, login_required

from shop import Order, app, db

SETTABLE = ("address",)


@app.post("/orders")
@login_required
def add_order():
    order = Order(user_id=current_user.id, address=request.json["address"])
    db.session.add(order)
    db.session.commit()
    return {"id": order.id}, 201


@app.patch("/orders/<int:order_id>")
@login_required
def change_order(order_id):
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    data = request.get_json()
    for name in SETTABLE:
        if name in data:
            setattr(order, name, data[name])
    db.session.commit()
    return {"id": order.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

With a schema, as flask-smorest takes it:

```python good
from flask_login import current_user, login_required
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields

from shop import Order, app, db

api = Api(app, spec_kwargs={"title": "Shop", "version": "1", "openapi_version": "3.0.2"})
orders = Blueprint("orders", __name__, url_prefix="/orders")


class Change(Schema):
    address = fields.String(required=True)


@orders.route("/<int:order_id>", methods=["PATCH"])
@login_required
@orders.arguments(Change)
def change_order(change, order_id):
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    for name, value in change.items():
        setattr(order, name, value)
    db.session.commit()
    return {"id": order.id}


api.register_blueprint(orders)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, past the serializer:

```python bad
# file: views.py
from rest_framework.response import Response
from rest_framework.views import APIView

from models import Order


class OrderDetail(APIView):
    def patch(self, request, pk):  # <- here
        Order.objects.filter(pk=pk, user=request.user).update(**request.data)
        return Response(status=204)
# file: urls.py
from django.urls import path

from views import OrderDetail

urlpatterns = [path("orders/<int:pk>/", OrderDetail.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderDetail(APIView):
    def patch(self, request, pk):
        order = get_object_or_404(Order, pk=pk, user=request.user)
        serializer = OrderSerializer(order, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
# file: urls.py
from django.urls import path

from views import OrderDetail

urlpatterns = [path("orders/<int:pk>/", OrderDetail.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Take a schema that names the fields which clients may set, and write those; in Django REST framework a serializer whose `fields` are those.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if !may_change(endpoint) {
        return None;
    }
    let write = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) | Effect::Update(write) if write.mass.as_ref().is_some_and(|mass| mass.open) => Some(write),
        _ => None,
    })?;
    let column = worst(endpoint, api, write);
    let what = column.as_ref().map_or_else(String::new, |column| format!(", `{column}` among them"));
    let message = format!(
        "`{} {}` writes whatever columns of `{}` the request names{what}",
        endpoint.method(),
        endpoint.path(),
        write.object,
    );
    let mut trace: Vec<model::Evidence> = write.mass.iter().map(|mass| mass.evidence.clone()).collect();
    trace.extend(write.evidence.iter().cloned());
    Some(Draft {
        severity: if column.is_some() { Severity::Critical } else { RULE.severity },
        confidence: Confidence::High,
        persona: RULE.persona,
        message,
        trace,
        fix: Some(Fix::text(fix(endpoint, api))),
        shielding: match column {
            Some(column) => Shielding::Shielded(Shield {
                layer: "virtual_patch".into(),
                policy: format!("refuse_fields = [\"/{column}\"]"),
            }),
            None => Shielding::Undecided,
        },
    })
}

fn fix(endpoint: &Endpoint, api: &Api<'_>) -> &'static str {
    if api.is_rest_framework(endpoint) {
        return "give the request to a serializer whose `fields` are those that clients may set, and save that";
    }
    "take a schema that names the fields which clients may set, and write those"
}

/// A column that the client can set and surely must not: it grants rights or worth, says whose it is, or proves who somebody is.
fn worst(endpoint: &Endpoint, api: &Api<'_>, write: &ObjectEffect) -> Option<String> {
    let model = api.object(&write.object)?;
    let owner = model.owner.as_ref().and_then(|owner| owner.value()).map(|owner| &*owner.column);
    let undeclared = |name: &str| endpoint.undeclared_writes.iter().any(|one| one.object == write.object && *one.column == *name);
    let columns = || model.columns.iter().filter(|column| undeclared(&column.name));
    let privileged = columns().find(|column| column.privileged);
    let owning = || columns().find(|column| owner == Some(&*column.name) && !model.primary_key.contains(&column.name));
    let secret = || columns().find(|column| column.sensitivity == Sensitivity::Credential);
    privileged.or_else(owning).or_else(secret).map(|column| column.name.to_string())
}
