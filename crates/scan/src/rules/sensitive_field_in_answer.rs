//! `sensitive-field-in-answer`: an answer holds a password, its hash, or another field that should stay hidden.

use model::{Confidence, Effect, Endpoint, Fix, ObjectEffect, Persona, Sensitivity, Severity, Shield, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule, secret_names};

pub(super) const RULE: Rule = Rule {
    name: "sensitive-field-in-answer",
    weakness: Weakness::SensitiveDataExposure,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an answer holds a password, its hash, or another field that should stay hidden",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints whose answer, by its schema, has a field for a password, its hash, a secret, a social security number, a card number or a security code; and
those that answer with whole rows of a table that has such a column, without a schema that leaves it out. Logins that answer with a token are silent.

## Why is this bad?

Whoever reads the answer has what only the server should have: a hash can be tried until it breaks, a card number can be used at once.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/users/{user_id}")
def read_user(user_id: int, session: SessionDep, user: Administrator):  # <- here
    return session.get(User, user_id)
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str]
# file: deps.py
import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from models import User


def get_session():
    with Session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(session: SessionDep, token: Annotated[str, Depends(scheme)]) -> User:
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    user = session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


CurrentUser = Annotated[User, Depends(signed_in)]


def administrator(user: CurrentUser) -> User:
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user


Administrator = Annotated[User, Depends(administrator)]
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


class Shown(BaseModel):
    id: int
    name: str


@app.get("/users/{user_id}", response_model=Shown)
def read_user(user_id: int, session: SessionDep, user: Administrator):
    return session.get(User, user_id)
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str]
# file: deps.py
import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from models import User


def get_session():
    with Session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(session: SessionDep, token: Annotated[str, Depends(scheme)]) -> User:
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    user = session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


CurrentUser = Annotated[User, Depends(signed_in)]


def administrator(user: CurrentUser) -> User:
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user


Administrator = Annotated[User, Depends(administrator)]
```

## Fix

Answer with a schema of its own that names what clients need (`response_model=UserPublic`).
"#;

/// Words of fields that nobody but the server has to know.
const HIDDEN: &[&str] = &["ssn", "cvv", "cvc", "ccn", "pin"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let by_schema = api.answered_fields(endpoint).into_iter().find(|field| is_hidden(field));
    let (what, trace, confidence) = if let Some(field) = by_schema {
        (format!("`{field}`"), Vec::new(), Confidence::High)
    } else {
        let (read, column) = hidden_in_rows(endpoint, api)?;
        (format!("`{}.{column}`", read.object), read.evidence.clone(), Confidence::Medium)
    };
    let message = format!("`{} {}` answers with {what}, which should stay hidden", endpoint.method(), endpoint.path());
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona: RULE.persona,
        message,
        trace,
        fix: Some(Fix::text("answer with a schema of its own that names what clients need: `response_model=UserPublic`")),
        shielding: Shielding::Shielded(Shield {
            layer: "redact".into(),
            policy: format!("redact = [\"{}\"]", what.trim_matches('`').rsplit('.').next().unwrap_or_default()),
        }),
    })
}

/// A column of whole rows in an answer that should stay hidden, where no schema leaves it out.
fn hidden_in_rows<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<(&'a ObjectEffect, &'a str)> {
    let is_unfiltered = endpoint.response.as_ref().is_none_or(|response| !response.filtered);
    let is_secret = |column: &&model::Column| column.sensitivity == Sensitivity::Credential || is_hidden(&column.name);
    endpoint.effects.iter().filter(|_| is_unfiltered).find_map(|effect| match effect {
        Effect::Read(read) if read.answered && answers_all(read) => {
            let column = api.object(&read.object)?.columns.iter().find(is_secret)?;
            Some((read, &*column.name))
        }
        _ => None,
    })
}

/// Whether the answer holds whole rows: what it takes of them is not known to be less.
fn answers_all(read: &ObjectEffect) -> bool {
    read.columns.is_empty()
}

fn is_hidden(field: &str) -> bool {
    let words = secret_names::words(field);
    let is = |word: &str| words.iter().any(|own| own == word);
    let is_card = is("card") && (is("number") || is("no"));
    let is_hash = is("hash") && (is("password") || is("pw"));
    let is_social = is("social") && is("security");
    secret_names::names_a_password(field) || is_hash || is_card || is_social || words.iter().any(|w| HIDDEN.contains(&w.as_str()))
}
