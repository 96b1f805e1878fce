//! `unauthenticated-read`: an endpoint that answers everybody although its surroundings ask who reads.

use model::{
    Confidence, Effect, Endpoint, Fix, Method, OwnerCheck, Persona, Severity, Shielding, Weakness,
};

use super::api::{self, Api, is_open, is_protected};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule, owners, refusal};

pub(super) const RULE: Rule = Rule {
    name: "unauthenticated-read",
    weakness: Weakness::MissingAuthentication,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "an endpoint that reads admits everybody where its siblings do not",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint), Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds `GET` endpoints on whose way no check ever turns a caller away, where something says that they are not meant for
everybody:

- most endpoints that read the same resource do ask who reads (`/users/{id}/contact` beside `/users`, `/users/me`);
- the path names an object by its id, and there is no list of such objects that everybody may read anyway;
- the answer holds objects with a column that gives people away (a card number, a key, a diagnosis), or personal ones that have an owner;
- a segment of the path is `admin`, `debug`, `internal`, `metrics`, `private` or the like.

All other open `GET` endpoints of an application that protects something, such as a public catalogue, are of low
severity and for the pedantic persona. Where the path says that everybody is meant (`health`, `docs`, `version` and the
like, as whole segments), it is silent.

It speaks only where that is proven. What could not be worked out is listed as a gap.

## Why is this bad?

Whoever can reach the port reads what the endpoint answers: other people's data, by counting up the id, or the
insides of the service.

## Example

One endpoint forgot what its siblings ask for:

```python bad
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(token: Annotated[str, Depends(scheme)]) -> str:
    if token not in USERS:
        raise HTTPException(status_code=401)
    return USERS[token]


users = APIRouter(prefix="/users")


@users.get("/me")
def read_me(user: Annotated[str, Depends(signed_in)]) -> str:
    return user


@users.get("/{user_id}", dependencies=[Depends(signed_in)])
def read_user(user_id: int) -> str:
    return USERS[user_id].name


@users.get("/{user_id}/contact")
def read_contact(user_id: int) -> str:  # <- here
    return USERS[user_id].email


app = FastAPI()
app.include_router(users)


@app.get("/debug/settings", include_in_schema=False)
def dump_settings() -> dict:  # <- here
    return {}
```

Use instead a guard for the router; a catalogue that everybody may read needs none, and what is meant says why:

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


users = APIRouter(prefix="/users", dependencies=[Depends(signed_in)])


@users.get("/me")
def read_me(user: Annotated[str, Depends(signed_in)]) -> str:
    return user


@users.get("/{user_id}")
def read_user(user_id: int) -> str:
    return USERS[user_id].name


@users.get("/{user_id}/contact")
def read_contact(user_id: int) -> str:
    return USERS[user_id].email


app = FastAPI()
app.include_router(users)


@app.get("/metrics")
def metrics() -> str:  # doorward: ignore[unauthenticated-read] only the cluster reaches this port
    return ""
```

Flask:

```python bad
from flask import jsonify
from flask_login import current_user, login_required

from shop import Order, User, app, db


@app.get("/users/me")
@login_required
def read_me():
    return jsonify(id=current_user.id, name=current_user.name)


@app.get("/users/<int:user_id>")
@login_required
def read_user(user_id):
    user = db.get_or_404(User, user_id)
    return jsonify(id=user.id, name=user.name)


@app.get("/users/<int:user_id>/orders")
def read_orders(user_id):  # <- here
    orders = Order.query.filter_by(user_id=user_id).all()
    return jsonify([order.address for order in orders])
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import jsonify
from flask_login import current_user, login_required

from shop import Order, app


@app.get("/users/me")
@login_required
def read_me():
    return jsonify(id=current_user.id, name=current_user.name)


@app.get("/users/me/orders")
@login_required
def read_orders():
    orders = Order.query.filter_by(user_id=current_user.id).all()
    return jsonify([order.address for order in orders])
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where a view opens what the settings close:

```python bad
# file: views.py
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

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
    permission_classes = [AllowAny]
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
from rest_framework import serializers, viewsets

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrderSerializer

    def get_queryset(self):
        return Order.objects.filter(user=self.request.user)
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet, basename="order")
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Add the dependency that protects its siblings: to the route (`dependencies=[Depends(...)]`), to the `APIRouter`, or to the
`include_router` that adds it. In Flask put the decorator that refuses below the one that adds the route, or a `before_request` hook
on the blueprint; in Django REST framework let `DEFAULT_PERMISSION_CLASSES` be `IsAuthenticated`, and open views one by one; in Django use
`login_required` or `LoginRequiredMixin`. Where everybody is meant to read it, say why in a comment on the line of `def` or above it.
"#;

/// Why a read is not meant for everybody.
enum Suspicion {
    /// Most of those that read the same resource ask who reads: how many of how many.
    OddOneOut { asking: usize, all: usize },
    /// The answer holds what somebody would want to keep to themselves: the object, and the column.
    Private(String),
    /// An object by its id, and no public list of them.
    ObjectById,
    /// A word in the path.
    Word(String),
    /// Nothing.
    None,
}

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    // A view of Django that takes any method and does not look at it.
    let is_view = *endpoint.method() == Method::Any
        && api.is_written_out(endpoint)
        && !api.may_write_by_any_method(endpoint);
    let reads = api::reads(endpoint) || is_view;
    if !reads || !is_open(&endpoint.access) || is_told_once(api, endpoint) {
        return None;
    }
    let suspicion = suspicion(endpoint, api);
    if is_view && !matches!(suspicion, Suspicion::Private(_)) {
        return None;
    }
    if matches!(suspicion, Suspicion::None) && api.is_static_page(endpoint) {
        return None;
    }
    let (severity, confidence, persona) = weight(&suspicion);
    let mut draft = Draft {
        severity,
        confidence,
        persona,
        message: refusal::message(endpoint) + &told(&suspicion),
        trace: refusal::trace(endpoint, api),
        fix: Some(refusal::fix(RULE.name, endpoint, api)),
        shielding: Shielding::Undecided,
    };
    match words::purpose(endpoint) {
        Some((Purpose::Everybody, _)) => return None,
        // A browser that comes back from a login elsewhere carries no token yet.
        Some((Purpose::Service, _)) => {
            draft.persona = Persona::Pedantic;
            draft.confidence = draft.confidence.min(Confidence::Medium);
        }
        None => {}
    }
    if matches!(suspicion, Suspicion::ObjectById) && words::shows_pictures(endpoint) {
        draft.persona = Persona::Pedantic;
    }
    if endpoint.access.setting().is_some() {
        draft.confidence = Confidence::Low;
    }
    Some(draft)
}

/// An application that only reads and asks nobody is public on purpose, as far as one can see.
fn of_api(api: &Api<'_>) -> Option<Draft> {
    if api.reads_together.is_empty() || !api.writes_together.is_empty() {
        return None;
    }
    let count = api.reads_together.len();
    let why = refusal::say_why(RULE.name, "the line that makes the application");
    Some(Draft {
        severity: Severity::Low,
        confidence: Confidence::Low,
        persona: Persona::Pedantic,
        message: refusal::message_of_all(api, &format!("read its {count} `GET` endpoints"), count),
        trace: refusal::places(&api.reads_together),
        fix: Some(Fix::text(format!("nothing, if that is meant; {why}"))),
        shielding: Shielding::Undecided,
    })
}

/// Whether a finding about the application (of this rule, or of the one about writes) covers the endpoint.
fn is_told_once(api: &Api<'_>, endpoint: &Endpoint) -> bool {
    let with_the_writes = api.is_open_throughout() && !api.writes_together.is_empty();
    with_the_writes || api::is_among(&api.reads_together, endpoint)
}

fn suspicion(endpoint: &Endpoint, api: &Api<'_>) -> Suspicion {
    let around = api.reads_around(endpoint);
    let asking = around
        .iter()
        .filter(|one| is_protected(&one.access))
        .count();
    let open = around.iter().filter(|one| is_open(&one.access)).count();
    let own = api::resource(endpoint);
    let has_open_list =
        around.iter().any(|one| is_open(&one.access) && !api::takes_id(one) && api::resource(one) == own);
    if asking > 0 && asking >= open {
        Suspicion::OddOneOut {
            asking,
            all: around.len(),
        }
    } else if let Some(column) = private(endpoint, api) {
        Suspicion::Private(column)
    } else if let Some(word) = words::sensitive(endpoint) {
        Suspicion::Word(word)
    } else if api::takes_id(endpoint) && !has_open_list && !api.is_open_throughout() {
        Suspicion::ObjectById
    } else {
        Suspicion::None
    }
}

/// What an answer holds that somebody would want to keep to themselves.
fn private(endpoint: &Endpoint, api: &Api<'_>) -> Option<String> {
    endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Read(read) if read.owner_check != OwnerCheck::Proven => {
            let column = owners::private_column(api, read)?;
            Some(format!("{}.{column}", read.object))
        }
        _ => None,
    })
}

fn weight(suspicion: &Suspicion) -> (Severity, Confidence, Persona) {
    match suspicion {
        Suspicion::OddOneOut { .. } => (RULE.severity, Confidence::High, RULE.persona),
        Suspicion::Private(_) | Suspicion::ObjectById | Suspicion::Word(_) => {
            (RULE.severity, Confidence::Medium, RULE.persona)
        }
        Suspicion::None => (Severity::Low, Confidence::Low, Persona::Pedantic),
    }
}

fn told(suspicion: &Suspicion) -> String {
    match suspicion {
        Suspicion::OddOneOut { asking, all } => {
            format!("; {asking} of the {all} endpoints that read this resource ask who reads it")
        }
        Suspicion::Private(column) => format!("; its answer holds `{column}`"),
        Suspicion::ObjectById => "; whoever counts up the id reads all".to_owned(),
        Suspicion::Word(word) => format!("; `{word}` in its path does not say that this is meant"),
        Suspicion::None => String::new(),
    }
}
