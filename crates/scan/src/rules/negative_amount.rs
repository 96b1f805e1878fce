//! `negative-amount`: a quantity or an amount may be less than nothing.

use model::{AccessVerdict, Confidence, Effect, Endpoint, Evidence, ParameterRef, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{Api, may_change};
use super::secret_names::{self, has_word};
use super::{Check, Draft, Rule, amounts};

pub(super) const RULE: Rule = Rule {
    name: "negative-amount",
    weakness: Weakness::InvalidQuantity,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a quantity or an amount from the request may be less than nothing",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds numbers of a request that have no lower bound, neither in the schema nor in the handler, and that are taken off a balance, a stock or the like, or added to one; or that become the
quantity or the amount of a row that refers to something with a price. Other rows with such columns are told to the pedantic alone.

It is silent where the schema bounds the number from below (`Field(ge=1)`, `min_value`), where a validator speaks of it, and where the handler compares it with nothing (`amount <= 0`).

## Why is this bad?

Who sends -100 to another account takes 100 from it; minus three pieces of one product pay for something else in the same order. The check that a balance suffices lets every negative number pass.

## Example

```python bad
# file: main.py
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from accounts import Account
from deps import CurrentUser, SessionDep

app = FastAPI()


class Transfer(BaseModel):
    to: int
    amount: float


@app.post("/transfers")
def send(transfer: Transfer, session: SessionDep, user: CurrentUser):  # <- here
    own = session.get(Account, user.id)
    other = session.get(Account, transfer.to)
    if own is None or other is None or own.balance < transfer.amount:
        raise HTTPException(status_code=400)
    own.balance -= transfer.amount
    other.balance += transfer.amount
    session.commit()
    return {"balance": own.balance}
# file: accounts.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class Account(Base):
    __tablename__ = "accounts"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    balance: Mapped[float]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
# file: main.py
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from accounts import Account
from deps import CurrentUser, SessionDep

app = FastAPI()


class Transfer(BaseModel):
    to: int
    amount: float = Field(gt=0, allow_inf_nan=False)


@app.post("/transfers")
def send(transfer: Transfer, session: SessionDep, user: CurrentUser):
    own = session.get(Account, user.id)
    other = session.get(Account, transfer.to)
    if own is None or other is None or own.balance < transfer.amount:
        raise HTTPException(status_code=400)
    own.balance -= transfer.amount
    other.balance += transfer.amount
    session.commit()
    return {"balance": own.balance}
# file: accounts.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class Account(Base):
    __tablename__ = "accounts"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    balance: Mapped[float]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import abort, request
from flask_login import current_user, login_required

from shop import app, db


class Account(db.Model):
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"), primary_key=True)
    balance = db.Column(db.Float, nullable=False)


@app.post("/transfers")
@login_required
def send():  # <- here
    amount = float(request.json["amount"])
    own = db.session.get(Account, current_user.id)
    other = db.session.get(Account, request.json["to"])
    if own.balance < amount:
        abort(400)
    own.balance -= amount
    other.balance += amount
    db.session.commit()
    return {"balance": own.balance}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, request
from flask_login import current_user, login_required

from shop import app, db


class Account(db.Model):
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"), primary_key=True)
    balance = db.Column(db.Float, nullable=False)


@app.post("/transfers")
@login_required
def send():
    amount = float(request.json["amount"])
    if not amount > 0:
        abort(400)
    own = db.session.get(Account, current_user.id)
    other = db.session.get(Account, request.json["to"])
    if own.balance < amount:
        abort(400)
    own.balance -= amount
    other.balance += amount
    db.session.commit()
    return {"balance": own.balance}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework import generics, serializers

from catalogue import Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "product", "quantity"]


class Items(generics.CreateAPIView):  # <- here
    serializer_class = ItemSerializer

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
# file: catalogue.py
from django.conf import settings
from django.db import models


class Product(models.Model):
    price = models.DecimalField(max_digits=8, decimal_places=2)


class Item(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()
# file: urls.py
from django.urls import path

from views import Items

urlpatterns = [path("items/", Items.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import generics, serializers

from catalogue import Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "product", "quantity"]


class Items(generics.CreateAPIView):
    serializer_class = ItemSerializer

    def perform_create(self, serializer):
        serializer.save(user=self.request.user)
# file: catalogue.py
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models


class Product(models.Model):
    price = models.DecimalField(max_digits=8, decimal_places=2)


class Item(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
# file: urls.py
from django.urls import path

from views import Items

urlpatterns = [path("items/", Items.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Bound it where it comes in: `Field(gt=0, allow_inf_nan=False)` or `Query(ge=1)` in FastAPI, `min_value=1` in a serializer, `Range(min=1)` in a schema of marshmallow, `PositiveIntegerField` and a `CheckConstraint` in the model. A number that is
read by hand is compared: `if not amount > 0` also refuses what is not a number.
"#;

/// Words of columns that hold what somebody has.
const HELD: &[&str] = &["balance", "balances", "stock", "credit", "credits", "points", "funds", "wallet", "inventory", "coins"];
/// Words of numbers that say how much.
const COUNTED: &[&str] = &["amount", "quantity", "qty", "value", "sum", "total", "points", "credits", "price", "pieces", "coins", "units"];
/// Words of columns that are no quantity, whatever else they say.
const OTHER: &[&str] = &["id", "unit", "type", "page", "max", "min", "limit", "latitude", "longitude", "offset", "score", "discount"];
/// What a model says that lets the database or the framework refuse.
const BOUNDED: &[&str] = &["Positive", "MinValueValidator", "CheckConstraint", "min_value"];
/// What a class or handler says of values that it looks at.
const VALIDATES: &[&str] = &["validator", "validate", "Range(", "conint", "confloat", "condecimal", "NonNegative", "Positive"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if !may_change(endpoint) || endpoint.access.verdict() == AccessVerdict::Restricted {
        return None;
    }
    of_arithmetic(endpoint, api).or_else(|| of_row(endpoint, api))
}

/// A number of the request that is added to what somebody has, or taken off.
fn of_arithmetic<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let text = api.text_of_handler(endpoint)?;
    let updates = endpoint.effects.iter().filter_map(|effect| match effect {
        Effect::Update(write) => Some(write),
        _ => None,
    });
    let held = |write: &'a model::ObjectEffect| write.columns.iter().filter(|c| has_word(c, HELD)).map(move |c| (write, c));
    let (write, column, parameter) = updates.flat_map(held).find_map(|(write, column)| {
        let by_text = numbers(endpoint, api).into_iter().find(|number| is_added(text, column, &number.name));
        by_text.or_else(|| added_by_statement(write, column)).map(|number| (write, column, number))
    })?;
    if is_bounded(endpoint, api, &parameter) || asks_sign(text, &parameter.name) {
        return None;
    }
    let message = format!(
        "`{} {}` changes `{}.{column}` by `{}` as the request says it: that may be less than nothing, and then what is taken is given",
        endpoint.method(),
        endpoint.path(),
        write.object,
        parameter.name,
    );
    Some(draft(endpoint, &parameter, message, &write.evidence, Confidence::Medium, RULE.persona))
}

/// A number of the request that becomes a quantity or an amount of a row.
fn of_row<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    // `total_annotations` counts something else.
    let is_last = |name: &str| secret_names::words(name).last().is_some_and(|last| last != "value" && COUNTED.contains(&last.as_str()));
    let is_named = |name: &str| is_last(name) && !has_word(name, OTHER);
    let (write, model, written) = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) | Effect::Update(write) => {
            let model = api.object(&write.object)?;
            amounts::numbers_written(model, write, is_named).next().map(|written| (write, model, written))
        }
        _ => None,
    })?;
    let parameter = written.parameter.as_ref()?;
    let text = api.text_of_handler(endpoint).unwrap_or_default();
    let refuses = BOUNDED.iter().any(|word| api.text_of_class(model).contains(word));
    if refuses || is_bounded(endpoint, api, parameter) || asks_sign(text, &parameter.name) {
        return None;
    }
    let has_price = amounts::priced(api, model).is_some_and(|(_, _, by)| by.is_some());
    let (confidence, persona) = match has_price {
        true => (Confidence::Medium, RULE.persona),
        false => (Confidence::Low, Persona::Pedantic),
    };
    let message = format!(
        "`{} {}` writes `{}` into `{}.{}`, and nothing keeps it from being less than nothing",
        endpoint.method(),
        endpoint.path(),
        parameter.name,
        model.name,
        written.column,
    );
    Some(draft(endpoint, parameter, message, &write.evidence, confidence, persona))
}

fn draft(
    endpoint: &Endpoint,
    parameter: &ParameterRef,
    message: String,
    evidence: &[Evidence],
    confidence: Confidence,
    persona: Persona,
) -> Draft {
    let fix = match &*endpoint.framework {
        "fastapi" => format!("bound it in the schema: `{}: ... = Field(gt=0)`", parameter.name),
        "django" => format!("bound it in the serializer or the model: `min_value=1` for `{}`", parameter.name),
        _ => format!("bound it in the schema, or refuse it in the handler: `if not {} > 0`", parameter.name),
    };
    let shielding = Shielding::Shielded(Shield { layer: "schema".into(), policy: "a schema of the body that bounds the number from below".into() });
    Draft { trace: evidence.to_vec(), shielding, ..Draft::of(&RULE, confidence, message, fix, "").for_persona(persona) }
}

/// The numbers that a request names: by their types, or, where no schema says what the request has, by what the handler takes out of it.
fn numbers<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Vec<ParameterRef> {
    use model::{Place, ValueType};
    let is_number = |one: &&model::Parameter| matches!(one.value_type, ValueType::Integer | ValueType::Number | ValueType::Decimal);
    let is_counted = |name: &str| has_word(name, COUNTED) && !has_word(name, OTHER);
    let mut found: Vec<ParameterRef> = endpoint.parameters.iter().filter(is_number).map(model::Parameter::reference).collect();
    let fields = api.taken_fields(endpoint);
    found.extend(fields.iter().map(|name| ParameterRef::new(Place::Body, name.as_str())));
    let by_name = COUNTED.iter().filter(|name| api.takes_by_name(endpoint, name)).map(|name| ParameterRef::new(Place::Body, *name));
    found.extend(by_name);
    found.retain(|one| is_counted(&one.name));
    found
}

/// The number of the request that a statement adds to a column or takes off it: `SET balance = balance - ?`. What is written as it is has
/// the column's own name.
fn added_by_statement(write: &model::ObjectEffect, column: &str) -> Option<ParameterRef> {
    let is_it = |one: &&model::WrittenColumn| *one.column == *column && one.from == model::WrittenFrom::Parameter;
    let parameter = write.written.iter().find(is_it)?.parameter.clone()?;
    (*parameter.name != *column && has_word(&parameter.name, COUNTED)).then_some(parameter)
}

/// Whether a line of a text adds a number to a column, or takes it off.
fn is_added(text: &str, column: &str, number: &str) -> bool {
    let adds = |line: &str| ["+=", "-=", " + ", " - "].iter().any(|op| line.contains(op));
    text.lines().any(|line| adds(line) && amounts::names(line, column) && amounts::names(line, number))
}

fn is_bounded<'a>(endpoint: &'a Endpoint, api: &Api<'a>, parameter: &ParameterRef) -> bool {
    let validates = |text: &str| amounts::names(text, &parameter.name) && VALIDATES.iter().any(|word| text.contains(word));
    amounts::has_lower_bound(api, endpoint, parameter.place, &parameter.name)
        || api.text_of_body_class(endpoint).is_some_and(validates)
}

/// Whether a text compares a number with nothing, or takes its size alone.
fn asks_sign(text: &str, number: &str) -> bool {
    const SIGNS: &[&str] = &["<0", "<=0", ">0", ">=0", "<1", ">=1", "0<", "1<=", "range(", "MIN", "positive", "validate"];
    let made = [format!("{number}=abs("), format!("{number}=max(")];
    let asks = |line: &str| {
        let line: String = line.split_whitespace().collect();
        SIGNS.iter().any(|sign| line.contains(sign)) || made.iter().any(|made| line.starts_with(made))
    };
    text.lines().any(|line| amounts::names(line, number) && asks(line))
}
