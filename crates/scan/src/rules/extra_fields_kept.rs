//! `extra-fields-kept`: a body keeps fields that its schema does not name, and they may reach an object.

use model::{Confidence, Effect, Endpoint, Fix, Persona, Severity, Shield, Shielding, UnknownFields, Weakness};

use super::api::{Api, may_change};
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "extra-fields-kept",
    weakness: Weakness::MassAssignment,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a body keeps fields that its schema does not name, and an object is written with it",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints whose body keeps fields that its schema does not name (`extra="allow"`, `class Config: extra = "allow"`; `unknown = INCLUDE` in
marshmallow), where the handler makes or changes an
object. Bodies of which nothing is written are silent. Serializers of Django REST framework drop what they do not name; code
that writes whatever a request has, past any schema, is told by `unfiltered-model-update`.

## Why is this bad?

The client sets columns that nobody meant it to set: an owner, a role, a price.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


class Change(BaseModel):
    model_config = ConfigDict(extra="allow")
    address: str


@app.patch("/orders/{order_id}")
def change_order(order_id: int, change: Change, session: SessionDep, user: CurrentUser):  # <- here
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    for name, value in change.model_dump().items():
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
    order.address = change.address
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask, with flask-smorest and marshmallow:

```python bad
from flask_login import current_user, login_required
from flask_smorest import Api, Blueprint
from marshmallow import INCLUDE, Schema, fields

from shop import Order, app, db

api = Api(app, spec_kwargs={"title": "Shop", "version": "1", "openapi_version": "3.0.2"})
orders = Blueprint("orders", __name__, url_prefix="/orders")


class Change(Schema):
    class Meta:
        unknown = INCLUDE

    address = fields.String(required=True)


@orders.route("/<int:order_id>", methods=["PATCH"])
@login_required
@orders.arguments(Change)
def change_order(change, order_id):  # <- here
    order = Order.query.filter_by(id=order_id, user_id=current_user.id).first_or_404()
    for name, value in change.items():
        setattr(order, name, value)
    db.session.commit()
    return {"id": order.id}


api.register_blueprint(orders)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

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

Django Ninja, whose schemas are those of Pydantic:

```python bad
# file: api.py
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Schema
from ninja.security import django_auth
from pydantic import ConfigDict

from models import Order

api = NinjaAPI(auth=django_auth)


class Change(Schema):
    model_config = ConfigDict(extra="allow")
    address: str


@api.patch("/orders/{order_id}")
def change_order(request, order_id: int, change: Change):  # <- here
    order = get_object_or_404(Order, pk=order_id, user=request.user)
    for name, value in change.dict().items():
        setattr(order, name, value)
    order.save()
    return {"id": order.pk}
# file: urls.py
from django.urls import path

from api import api

urlpatterns = [path("api/", api.urls)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: api.py
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from models import Order

api = NinjaAPI(auth=django_auth)


class Change(Schema):
    address: str


@api.patch("/orders/{order_id}")
def change_order(request, order_id: int, change: Change):
    order = get_object_or_404(Order, pk=order_id, user=request.user)
    order.address = change.address
    order.save()
    return {"id": order.pk}
# file: urls.py
from django.urls import path

from api import api

urlpatterns = [path("api/", api.urls)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Leave the setting out, or refuse what is not named (`extra="forbid"` in Pydantic, `unknown = RAISE` in marshmallow), and write the fields that are meant one by one.
"#;

const FIX: &str = "refuse what the schema does not name (`extra=\"forbid\"` in Pydantic, `unknown = RAISE` in marshmallow), and write the fields that are \
                   meant one by one";

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let keeps = endpoint.request_body.as_ref()?.unknown_fields == Some(UnknownFields::Kept);
    if !keeps || !may_change(endpoint) {
        return None;
    }
    let write = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Update(write) | Effect::Create(write) => Some(write),
        _ => None,
    })?;
    let message = format!(
        "`{} {}` keeps fields that its schema does not name, and writes a `{}`: the client may set any of its columns",
        endpoint.method(),
        endpoint.path(),
        write.object,
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona: RULE.persona,
        message,
        trace: write.evidence.clone(),
        fix: Some(Fix::text(FIX)),
        shielding: Shielding::Shielded(shield(endpoint, api, &write.object)),
    })
}

/// The fields are refused that grant rights or worth and that the schema does not name; where none is known, whatever it does not
/// name.
fn shield(endpoint: &Endpoint, api: &Api<'_>, object: &str) -> Shield {
    let columns = api.object(object).map(|object| object.columns.as_slice()).unwrap_or_default();
    let named = api.taken_fields(endpoint);
    let is_extra = |name: &str| !named.iter().any(|field| **field == *name);
    let extra = columns.iter().filter(|one| one.privileged && is_extra(&one.name));
    let fields: Vec<String> = extra.map(|one| format!("\"/{}\"", one.name)).collect();
    match fields.is_empty() {
        true => Shield { layer: "schema".into(), policy: "unknown_fields = \"refuse\"".into() },
        false => Shield { layer: "virtual_patch".into(), policy: format!("refuse_fields = [{}]", fields.join(", ")) },
    }
}
