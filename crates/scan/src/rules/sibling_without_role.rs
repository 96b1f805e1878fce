//! `sibling-without-role`: one way to a resource asks for less than its siblings.

use model::{Access, AccessVerdict, Certainty, Confidence, Effect, Endpoint, Evidence, Fix, OwnerCheck, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{self, Api, handler_name};
use super::{Check, Draft, Rule, refusal, words};

pub(super) const RULE: Rule = Rule {
    name: "sibling-without-role",
    weakness: Weakness::InconsistentAuthorization,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "one way to change a resource asks for no role, and its siblings do",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that change or delete objects for whoever is signed in, where other endpoints that change objects of the same kind, or the same resource by its path, ask for a
role, a scope or a permission. Those that only touch the principal's own objects are silent.

## Why is this bad?

Who may not change the menu deletes it: the role was forgotten in one handler of three.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


class Item(BaseModel):
    address: str


@app.post("/orders")
def add_order(item: Item, session: SessionDep, user: Administrator):
    session.add(Order(user_id=user.id, address=item.address))


@app.put("/orders/{order_id}")
def change_order(order_id: int, item: Item, session: SessionDep, user: Administrator):
    order = session.get(Order, order_id)
    order.address = item.address


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, session: SessionDep, user: CurrentUser):  # <- here
    order = session.get(Order, order_id)
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


class Item(BaseModel):
    address: str


@app.put("/orders/{order_id}")
def change_order(order_id: int, item: Item, session: SessionDep, user: Administrator):
    order = session.get(Order, order_id)
    order.address = item.address


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, session: SessionDep, user: Administrator):
    order = session.get(Order, order_id)
    session.delete(order)
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import request
from flask_login import current_user, login_required

from shop import Order, admin_required, app, db


@app.post("/orders")
@admin_required
def add_order():
    db.session.add(Order(user_id=current_user.id, address=request.json["address"]))
    db.session.commit()
    return "", 201


@app.put("/orders/<int:order_id>")
@admin_required
def change_order(order_id):
    order = db.get_or_404(Order, order_id)
    order.address = request.json["address"]
    db.session.commit()
    return "", 204


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):  # <- here
    db.session.delete(db.get_or_404(Order, order_id))
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request

from shop import Order, admin_required, app, db


@app.put("/orders/<int:order_id>")
@admin_required
def change_order(order_id):
    order = db.get_or_404(Order, order_id)
    order.address = request.json["address"]
    db.session.commit()
    return "", 204


@app.delete("/orders/<int:order_id>")
@admin_required
def delete_order(order_id):
    db.session.delete(db.get_or_404(Order, order_id))
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `get_permissions` names the actions that need a role and forgets one:

```python bad
# file: views.py
from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAdminUser, IsAuthenticated

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ModelViewSet):  # <- here
    queryset = Order.objects.all()
    serializer_class = OrderSerializer

    def get_permissions(self):
        if self.action in ["create", "update", "partial_update"]:
            return [IsAdminUser()]
        return [IsAuthenticated()]
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
from rest_framework.permissions import IsAdminUser, IsAuthenticated

from models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id", "address"]


class OrderViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer

    def get_permissions(self):
        if self.action in ["list", "retrieve"]:
            return [IsAuthenticated()]
        return [IsAdminUser()]
# file: urls.py
from rest_framework.routers import DefaultRouter

from views import OrderViewSet

router = DefaultRouter()
router.register("orders", OrderViewSet)
urlpatterns = router.urls
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Ask for what the siblings ask for: put the guard on the router, the blueprint or the class, so that the next endpoint has it, too.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let is_open_to_all = endpoint.access.verdict() == AccessVerdict::Authenticated;
    if !is_open_to_all || !api::may_change(endpoint) || is_about_own(endpoint, api) || words::reacts(endpoint) {
        return None;
    }
    let asks = |other: &&'a Endpoint| other.access.verdict() == AccessVerdict::Restricted && api::may_change(other);
    let same_path = api.own_endpoints_beside(endpoint);
    let changed = changed(endpoint);
    let same_objects = |other: &Endpoint| self::changed(other).any(|object| changed.clone().any(|own| own == object));
    let all: Vec<&Endpoint> = same_path.iter().copied().filter(asks).collect();
    let by_objects = all.iter().filter(|other| same_objects(other)).count();
    let open = same_path.iter().filter(|other| {
        api::may_change(other) && other.access.verdict() == AccessVerdict::Authenticated
    });
    // Where most ask for no role, those that do are the exception.
    if all.is_empty() || all.len() < open.count() {
        return None;
    }
    let nearest = all.iter().max_by_key(|other| (same_objects(other), other.method() == endpoint.method()))?;
    // Many may make what few may change.
    let makes = |one: &Endpoint| one.effects.iter().any(|effect| matches!(effect, Effect::Create(_)));
    let only_makes = makes(endpoint) && !endpoint.effects.iter().any(|e| matches!(e, Effect::Update(_) | Effect::Delete(_)));
    let is_like = !only_makes || all.iter().any(|other| makes(other) && same_objects(other));
    let named = |effect: &model::ObjectEffect| effect.key.as_ref().is_some_and(|key| key.place.is_chosen_by_client());
    let writes = endpoint.effects.iter().filter(|effect| matches!(effect, Effect::Update(_) | Effect::Delete(_)));
    let takes_another = writes.filter_map(Effect::object).any(named);
    // Who makes a new one names no other: what else it changes is that one's.
    let is_creation = makes(endpoint) && !api::takes_id(endpoint);
    let is_sure = by_objects > 0 && is_like && takes_another && !is_creation && !api.may_refuse_by_role(endpoint) && endpoint.access.certainty() == Certainty::Proven;
    let (confidence, persona) =
        if is_sure { (Confidence::High, RULE.persona) } else { (Confidence::Medium, Persona::Pedantic) };
    let asked = refusal::asked_by(&nearest.access);
    let alike = all.iter().max_by_key(|one| (same_objects(one), one.path() == endpoint.path())).unwrap_or(nearest);
    let message = format!(
        "`{} {}` lets in whoever is signed in; `{} {}` and {} more that change the same ask for {asked}",
        endpoint.method(),
        endpoint.path(),
        nearest.method(),
        nearest.path(),
        all.len() - 1,
    );
    let text = format!(
        "ask for {asked} here, too. If everybody who is signed in is meant to do it, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let mut trace = places(endpoint);
    trace.push(Evidence::new(nearest.handler.file.clone(), nearest.handler.line, format!("asks for {asked}")));
    trace.extend(nearest.access.evidence().iter().take(2).cloned());
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace,
        fix: Some(Fix::text(text)),
        shielding: shielding(&alike.access),
    })
}

/// The objects that an endpoint makes, changes or deletes.
fn changed(endpoint: &Endpoint) -> impl Iterator<Item = &str> + Clone {
    endpoint.effects.iter().filter(|effect| effect.writes()).filter_map(|effect| effect.object()).map(|effect| &*effect.object)
}

/// Whether all that it changes is the principal's own.
fn is_about_own(endpoint: &Endpoint, api: &Api<'_>) -> bool {
    let mut writes = endpoint.effects.iter().filter(|effect| effect.writes()).filter_map(Effect::object).peekable();
    let is_own = |effect: &model::ObjectEffect| {
        let by_credential = effect.key.as_ref().is_some_and(|key| !key.place.is_chosen_by_client());
        effect.owner_check == OwnerCheck::Proven || by_credential || (api.is_principal(&effect.object) && effect.key.is_none())
    };
    writes.peek().is_some() && writes.all(is_own)
}

fn places(endpoint: &Endpoint) -> Vec<Evidence> {
    let writes = endpoint.effects.iter().filter(|effect| effect.writes()).filter_map(Effect::object);
    writes.flat_map(|effect| effect.evidence.iter().take(2).cloned()).collect()
}

fn shielding(access: &Access) -> Shielding {
    let roles = access.requirement().into_iter().flat_map(model::AuthRequirement::conditions).find_map(|c| match &c.test {
        model::Test::Role(role) => Some(format!("role = \"{role}\"")),
        model::Test::Scope(scope) => Some(format!("scope = \"{scope}\"")),
        _ => None,
    });
    match roles {
        Some(policy) => Shielding::Shielded(Shield { layer: "roles".into(), policy }),
        None => Shielding::Unshielded { reason: "what the siblings ask for is nothing that a token says".to_owned() },
    }
}
