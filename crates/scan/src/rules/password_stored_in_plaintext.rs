//! `password-stored-in-plaintext`: a password of the request is stored as it is.

use model::{Confidence, Effect, Endpoint, ObjectEffect, ObjectModel, Persona, Severity, Weakness, WrittenFrom};

use super::api::Api;
use super::{Check, Draft, Rule, Whole, fields, literal_passwords, secret_names};
use crate::bodies::Body;
use crate::objects;

pub(super) const RULE: Rule = Rule {
    name: "password-stored-in-plaintext",
    weakness: Weakness::PlaintextPassword,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a password of the request is stored as it is",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint), Check::BodyWith(literal_passwords::SOUGHT, of_assignment)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that write a column for passwords with what the request brings, and functions that fill it with a text of the code: nothing on the way hashes it. Models whose own code hashes (a setter, a `save`, a type that encrypts) are silent.

## Why is this bad?

Whoever reads the table, a backup or a log of statements has the passwords of all users: here, and wherever else they use them.

## Example

```python bad
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from deps import SessionDep

app = FastAPI()


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]


class SignUp(BaseModel):
    name: str
    password: str


@app.post("/register")
def register(form: SignUp, session: SessionDep):  # <- here
    session.add(Account(name=form.name, password=form.password))
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

```python bad
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    password = db.Column(db.String)


@app.post("/register")
def register():  # <- here
    db.session.add(Account(name=request.form["name"], password=request.form["password"]))
    db.session.commit()
    return {"ok": True}
```

```python bad
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    password = db.Column(db.String(80))


def first_user(admin_password):
    admin = User()
    admin.name = "admin"
    admin.password = "changeit"  # <- here
    db.session.add(admin)
    db.session.commit()
```

Use instead:

```python good
from fastapi import FastAPI
from pydantic import BaseModel
from pwdlib import PasswordHash
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from deps import SessionDep

app = FastAPI()
hasher = PasswordHash.recommended()


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]


class SignUp(BaseModel):
    name: str
    password: str


@app.post("/register")
def register(form: SignUp, session: SessionDep):
    session.add(Account(name=form.name, password=hasher.hash(form.password)))
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

```python good
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    password = db.Column(db.String)


@app.post("/register")
def register():
    db.session.add(Account(name=request.form["name"], password=generate_password_hash(request.form["password"])))
    db.session.commit()
    return {"ok": True}
```

Django REST framework, where a `ModelSerializer` stores what it is sent:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny


class RegisterSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["username", "password"]
        extra_kwargs = {"password": {"write_only": True}}


class Register(generics.CreateAPIView):  # <- here
    queryset = User.objects.all()
    serializer_class = RegisterSerializer
    permission_classes = [AllowAny]
# file: urls.py
from django.urls import path

from views import Register

urlpatterns = [path("register/", Register.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny


class RegisterSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["username", "password"]
        extra_kwargs = {"password": {"write_only": True}}

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)


class Register(generics.CreateAPIView):
    queryset = User.objects.all()
    serializer_class = RegisterSerializer
    permission_classes = [AllowAny]
# file: urls.py
from django.urls import path

from views import Register

urlpatterns = [path("register/", Register.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Hash it with Argon2id before it is stored (`PasswordHash.recommended().hash(...)` of `pwdlib`, `make_password` of Django) and compare with the library's `verify`.
"#;

/// What the code of a model says that keeps passwords out of its table by itself.
const HASHES: &[&str] = &["hash", "crypt", "set_password", "make_password", "PasswordType", "PasswordField"];
/// What the code of a handler says that hashes what it has stored.
const HASHES_LATER: &[&str] = &[".set_password(", "make_password(", "generate_password_hash("];
const FIX: &str = "hash it with Argon2id before it is stored (`PasswordHash.recommended().hash(...)` of `pwdlib`, `make_password` of Django)";
const NO_SHIELD: &str = "what the application stores is out of a gateway's reach";

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let (write, column) = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) | Effect::Update(write) => Some((write, plain(write)?)),
        _ => None,
    })?;
    // What is saved first and hashed then is not what stays.
    if api.text_of_handler(endpoint).is_some_and(|text| HASHES_LATER.iter().any(|word| text.contains(word))) {
        return None;
    }
    let hashes_itself = |model: &ObjectModel| HASHES.iter().any(|word| api.text_of_class(model).contains(word));
    // A password for another service has to be sent there as it is.
    if objects::is_of_a_service(&write.object) || api.object(&write.object).is_some_and(|model| !names_somebody(model)) || api.object(&write.object).is_some_and(hashes_itself) {
        return None;
    }
    let message = format!(
        "`{} {}` stores a password as the request brings it: nothing hashes what `{}.{column}` is given",
        endpoint.method(),
        endpoint.path(),
        write.object,
    );
    let confidence = if api.is_principal(&write.object) { Confidence::High } else { Confidence::Medium };
    Some(Draft { trace: write.evidence.clone(), ..Draft::of(&RULE, confidence, message, FIX, NO_SHIELD) })
}

/// A function gives a user a password of the code, and nothing makes a hash of it.
fn of_assignment(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let is_plain = |model: &ObjectModel| {
        let text = fields::text_of_class(whole.program, model);
        names_somebody(model) && !HASHES.iter().any(|word| text.contains(word))
    };
    let drafts = literal_passwords::given(body, whole).into_iter().filter_map(|given| {
        let (model, column) = (given.model.filter(|model| is_plain(model))?, given.column?);
        let message = format!("a password is stored as it is: nothing hashes what `{}.{column}` is given", model.name);
        Some((Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(given.span)))
    });
    drafts.take(1).collect()
}

/// Whether a model says whose its rows are; of what is seen in use alone nothing is known.
fn names_somebody(model: &ObjectModel) -> bool {
    const WHO: &[&str] = &["name", "username", "email", "login", "mail", "user", "phone"];
    model.columns.iter().any(|column| secret_names::has_word(&column.name, WHO)) || model.primary_key.is_empty()
}

/// The column for passwords that is given what the request brings.
fn plain(write: &ObjectEffect) -> Option<&str> {
    let is_plain = |one: &&model::WrittenColumn| {
        one.from == WrittenFrom::Parameter && one.parameter.is_some() && secret_names::names_a_password(&one.column)
    };
    write.written.iter().find(is_plain).map(|one| &*one.column)
}
