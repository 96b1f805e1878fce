//! `price-from-client`: what somebody pays is what their request says, although the database knows the price.

use model::{
    AccessVerdict, Confidence, Effect, Endpoint, Evidence, ObjectEffect, OutsideEffect, ParameterRef, Persona, Severity, Weakness,
};

use super::api::{Api, may_change};
use super::secret_names::has_word;
use super::{Check, Draft, Rule, amounts};

pub(super) const RULE: Rule = Rule {
    name: "price-from-client",
    weakness: Weakness::ClientControlledPrice,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "what is paid is what the request says, although the database knows the price",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that write a price, an amount or a total from the request into a row, where that row, or the rows that are its parts, refer to a model that has a price of its own; and endpoints that
charge an amount from the request at a payment service, where a model of the application has a price.

It is silent where a role is asked for, where the handler compares the amount with something, and where the row refers to nothing that has a price: who adds a product says what it costs.

## Why is this bad?

The page shows the right price, and the request says another one: whoever sends it by hand buys everything for a cent.

## Example

```python bad
# file: main.py
from fastapi import FastAPI
from pydantic import BaseModel

from catalogue import Product, Purchase
from deps import CurrentUser, SessionDep

app = FastAPI()


class NewPurchase(BaseModel):
    product_id: int
    quantity: int
    total: float


@app.post("/purchases")
def buy(new: NewPurchase, session: SessionDep, user: CurrentUser):  # <- here
    purchase = Purchase(user_id=user.id, product_id=new.product_id, quantity=new.quantity, total=new.total)
    session.add(purchase)
    session.commit()
    return {"id": purchase.id}
# file: catalogue.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[float]


class Purchase(Base):
    __tablename__ = "purchases"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    total: Mapped[float]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
# file: main.py
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from catalogue import Product, Purchase
from deps import Administrator, CurrentUser, SessionDep

app = FastAPI()


class NewPurchase(BaseModel):
    product_id: int
    quantity: int = Field(ge=1)


class NewProduct(BaseModel):
    price: float


@app.post("/purchases")
def buy(new: NewPurchase, session: SessionDep, user: CurrentUser):
    product = session.get(Product, new.product_id)
    if product is None:
        raise HTTPException(status_code=404)
    purchase = Purchase(user_id=user.id, product_id=product.id, quantity=new.quantity, total=product.price * new.quantity)
    session.add(purchase)
    session.commit()
    return {"id": purchase.id}


@app.post("/products")
def add_product(new: NewProduct, session: SessionDep, user: Administrator):
    product = Product(price=new.price)
    session.add(product)
    session.commit()
    return {"id": product.id}
# file: catalogue.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[float]


class Purchase(Base):
    __tablename__ = "purchases"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    total: Mapped[float]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask, where the amount goes to a payment service:

```python bad
import stripe
from flask import request
from flask_login import login_required

from shop import app, db


class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    price = db.Column(db.Integer, nullable=False)


@app.get("/products/<int:product_id>")
@login_required
def show(product_id):
    product = db.get_or_404(Product, product_id)
    return {"price": product.price}


@app.post("/payments")
@login_required
def pay():  # <- here
    intent = stripe.PaymentIntent.create(amount=request.json["amount"], currency="eur")
    return {"secret": intent.client_secret}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
import stripe
from flask import request
from flask_login import login_required

from shop import app, db


class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    price = db.Column(db.Integer, nullable=False)


@app.post("/payments")
@login_required
def pay():
    product = db.get_or_404(Product, request.json["product_id"])
    intent = stripe.PaymentIntent.create(amount=product.price, currency="eur")
    return {"secret": intent.client_secret}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework import generics, serializers

from catalogue import Purchase


class PurchaseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Purchase
        fields = ["id", "product", "total"]


class Purchases(generics.CreateAPIView):  # <- here
    serializer_class = PurchaseSerializer

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
# file: catalogue.py
from django.conf import settings
from django.db import models


class Product(models.Model):
    price = models.DecimalField(max_digits=8, decimal_places=2)


class Purchase(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=8, decimal_places=2)
# file: urls.py
from django.urls import path

from views import Purchases

urlpatterns = [path("purchases/", Purchases.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import generics, serializers

from catalogue import Purchase


class PurchaseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Purchase
        fields = ["id", "product", "total"]
        read_only_fields = ["total"]


class Purchases(generics.CreateAPIView):
    serializer_class = PurchaseSerializer

    def perform_create(self, serializer):
        product = serializer.validated_data["product"]
        serializer.save(user=self.request.user, total=product.price)
# file: catalogue.py
from django.conf import settings
from django.db import models


class Product(models.Model):
    price = models.DecimalField(max_digits=8, decimal_places=2)


class Purchase(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    total = models.DecimalField(max_digits=8, decimal_places=2)
# file: urls.py
from django.urls import path

from views import Purchases

urlpatterns = [path("purchases/", Purchases.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Take the keys of what is bought and how many pieces, look the prices up, and compute the amount on the server. Take the field out of the schema of the body (`read_only_fields` in a serializer), so that nobody sends it.
"#;

/// Words of what people may say an amount for.
const CHOSEN: &[&str] = &[
    "bid", "bids", "offer", "offers", "donation", "donations", "donate", "tip", "tips", "deposit", "deposits", "topup", "pledge", "budget", "refund",
    "refunds", "expense", "expenses", "invoice", "invoices", "listing", "listings",
];
/// Words of calls that take money from somebody.
const CHARGES: &[&str] = &["create", "sale", "charge", "capture", "create_async"];
const NO_SHIELD: &str = "what something costs is known to the application alone";

/// What is paid, and how it is known that the request says it.
struct Found<'a> {
    parameter: &'a ParameterRef,
    message: String,
    trace: Vec<Evidence>,
    confidence: Confidence,
}

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let is_for_many = matches!(endpoint.access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Public);
    if !may_change(endpoint) || !is_for_many || api.has_guard_named_after_a_role(endpoint) {
        return None;
    }
    let found = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) | Effect::Update(write) => of_row(endpoint, api, write),
        Effect::Money(call) => of_payment(endpoint, api, call),
        _ => None,
    })?;
    let text = api.text_of_handler(endpoint).unwrap_or_default();
    if amounts::compares(text, &found.parameter.name) {
        return None;
    }
    let fix = format!("look the price up and compute the amount on the server; take `{}` out of what the endpoint takes", found.parameter.name);
    let is_chosen = has_word(&endpoint.path().replace(['/', '-'], "_"), CHOSEN) || has_word(&found.parameter.name, CHOSEN);
    let draft = Draft { trace: found.trace, ..Draft::of(&RULE, found.confidence, found.message, fix, NO_SHIELD) };
    Some(match is_chosen {
        true => Draft { confidence: Confidence::Low, ..draft.for_persona(Persona::Pedantic) },
        false => draft,
    })
}

/// A row of what somebody bought.
fn of_row<'a>(endpoint: &Endpoint, api: &Api<'a>, write: &'a ObjectEffect) -> Option<Found<'a>> {
    let model = api.object(&write.object)?;
    let (of, price, by) = amounts::priced(api, model)?;
    // What refers to it without saying to which of them, or what belongs to nobody, is another kind of what is sold.
    let is_bought = by.is_none_or(|by| write.columns.iter().any(|column| **column == *by));
    let written = amounts::numbers_written(model, write, amounts::is_sum).next().filter(|_| is_bought && model.owner.is_some())?;
    let message = format!(
        "`{} {}` writes what the request says into `{}.{}`, and `{}.{}` holds the price: whoever calls it says what they pay",
        endpoint.method(),
        endpoint.path(),
        model.name,
        written.column,
        of.name,
        price.name,
    );
    let holds = Evidence::new(of.evidence.file.clone(), of.evidence.line, format!("holds `{}`", price.name));
    Some(Found {
        parameter: written.parameter.as_ref()?,
        message,
        trace: write.evidence.iter().cloned().chain([holds]).collect(),
        confidence: if by.is_some() { Confidence::High } else { Confidence::Medium },
    })
}

/// A charge at a payment service.
fn of_payment<'a>(endpoint: &Endpoint, api: &Api<'a>, call: &'a OutsideEffect) -> Option<Found<'a>> {
    let parameter = call.parameters.iter().find(|one| one.place.is_chosen_by_client() && amounts::is_sum(&one.name))?;
    if !call.call.rsplit('.').next().is_some_and(|last| CHARGES.contains(&last)) {
        return None;
    }
    let is_used = |name: &str| api.application.objects.iter().any(|own| **own == *name);
    let (of, price) = api.objects().filter(|one| is_used(&one.name)).find_map(|one| Some((one, amounts::price_of(one)?)))?;
    let message = format!(
        "`{} {}` charges `{}` as the request says it, and `{}.{}` holds a price: whoever calls it says what they pay",
        endpoint.method(),
        endpoint.path(),
        parameter.name,
        of.name,
        price.name,
    );
    Some(Found { parameter, message, trace: call.evidence.clone(), confidence: Confidence::Medium })
}
