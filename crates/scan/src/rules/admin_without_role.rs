//! `admin-without-role`: what is for administrators is open to whoever is signed in.

use model::{AccessVerdict, Certainty, Confidence, Endpoint, Evidence, Fix, Persona, Segment, Severity, Shielding, Weakness};

use super::api::{Api, handler_name};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "admin-without-role",
    weakness: Weakness::BrokenFunctionLevelAuthorization,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "what is for administrators is open to whoever is signed in",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints with a whole segment `admin`, `management` or the like in their path that ask who somebody is, but for no role, where other endpoints below the same segment do
ask for one. Where none does, only the pedantic persona sees it: a word is no proof.

## Why is this bad?

Every account is an administrator.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/admin/users")
def list_users(session: SessionDep, user: Administrator):
    return [one.name for one in session.scalars(select(User)).all()]


@app.get("/admin/orders")
def list_orders(session: SessionDep, user: CurrentUser):  # <- here
    return [one.address for one in session.scalars(select(Order)).all()]
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


@app.get("/admin/users")
def list_users(session: SessionDep, user: Administrator):
    return [one.name for one in session.scalars(select(User)).all()]


@app.get("/admin/orders")
def list_orders(session: SessionDep, user: Administrator):
    return [one.address for one in session.scalars(select(Order)).all()]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import jsonify
from flask_login import login_required

from shop import Order, User, admin_required, app


@app.get("/admin/users")
@admin_required
def list_users():
    return jsonify([user.name for user in User.query.all()])


@app.get("/admin/orders")
@login_required
def list_orders():  # <- here
    return jsonify([order.address for order in Order.query.all()])
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import Blueprint, jsonify

from shop import Order, User, admin_required, app

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.before_request
@admin_required
def ask_for_role():
    pass


@admin.get("/users")
def list_users():
    return jsonify([user.name for user in User.query.all()])


@admin.get("/orders")
def list_orders():
    return jsonify([order.address for order in Order.query.all()])


app.register_blueprint(admin)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework import permissions, serializers, viewsets

from models import Order


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username"]


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class UserViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [permissions.IsAdminUser]


class OrderViewSet(viewsets.ReadOnlyModelViewSet):  # <- here
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAuthenticated]
# file: urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from views import OrderViewSet, UserViewSet

router = DefaultRouter()
router.register("users", UserViewSet)
router.register("orders", OrderViewSet)
urlpatterns = [path("api/admin/", include(router.urls))]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from rest_framework import permissions, serializers, viewsets

from models import Order


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username"]


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class AdminViewSet(viewsets.ReadOnlyModelViewSet):
    permission_classes = [permissions.IsAdminUser]


class UserViewSet(AdminViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer


class OrderViewSet(AdminViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
# file: urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from views import OrderViewSet, UserViewSet

router = DefaultRouter()
router.register("users", UserViewSet)
router.register("orders", OrderViewSet)
urlpatterns = [path("api/admin/", include(router.urls))]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Put the guard on the router, the blueprint (`before_request`) or the base class (`permission_classes`) of all that is for administrators, so that no handler can
forget it.
"#;

const WORDS: &[&str] = &["admin", "administration", "backoffice", "back-office", "management", "staff", "superuser"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let word = word_of(endpoint).filter(|_| endpoint.access.verdict() == AccessVerdict::Authenticated)?;
    let below = |other: &&Endpoint| {
        other.access.verdict() == AccessVerdict::Restricted && word_of(other).is_some_and(|own| own == word)
    };
    let sibling = api.own_endpoints().find(below);
    let is_sure = endpoint.access.certainty() == Certainty::Proven && !api.may_refuse_by_role(endpoint);
    let (confidence, persona) = match sibling {
        Some(_) if is_sure => (Confidence::High, RULE.persona),
        Some(_) => (Confidence::Medium, Persona::Pedantic),
        None => (Confidence::Low, Persona::Pedantic),
    };
    let asked = sibling.map(|other| refusal::asked_by(&other.access));
    let beside = asked.as_deref().map_or_else(String::new, |asked| format!("; others below `{word}` ask for {asked}"));
    let message =
        format!("`{} {}` lets in whoever is signed in{beside}", endpoint.method(), endpoint.path());
    let text = format!(
        "ask for {} here, too. If everybody who is signed in is meant, {}",
        asked.as_deref().unwrap_or("a role"),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let place = |other: &Endpoint| Evidence::new(other.handler.file.clone(), other.handler.line, "asks for a role");
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace: sibling.map(place).into_iter().collect(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Undecided,
    })
}

fn word_of(endpoint: &Endpoint) -> Option<&'static str> {
    endpoint.route.pattern().segments().iter().find_map(|segment| match segment {
        Segment::Literal(text) => WORDS.iter().copied().find(|word| text.eq_ignore_ascii_case(word)),
        _ => None,
    })
}
