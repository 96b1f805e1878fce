//! `debug-endpoint`: an endpoint for debugging or testing is served.

use model::{AccessVerdict, Confidence, Endpoint, Fix, Persona, Segment, Severity, Shield, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "debug-endpoint",
    weakness: Weakness::DebugEndpoint,
    severity: Severity::Medium,
    persona: Persona::Pedantic,
    summary: "an endpoint whose path says that it is for debugging or testing is served",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints of the project's own for everybody, or for whoever is signed in, with a whole segment `debug`, `test`, `dump`, `phpinfo` or the like in their path.

## Why is this bad?

They were made to look inside, and are forgotten: what they show or do is asked of nobody else.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/debug/orders")
def dump(session: SessionDep, user: CurrentUser):  # <- here
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()
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


@app.get("/orders")
def list_orders(session: SessionDep, user: CurrentUser):
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()
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

Take it out of what is deployed.
"#;

const WORDS: &[&str] = &["debug", "_debug", "__debug__", "test", "tests", "dump", "phpinfo", "createdb", "resetdb", "seed", "populate"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let is_for_many = matches!(endpoint.access.verdict(), AccessVerdict::Public | AccessVerdict::Authenticated);
    let word = endpoint.route.pattern().segments().iter().find_map(|segment| match segment {
        Segment::Literal(text) => WORDS.iter().find(|word| text.eq_ignore_ascii_case(word)),
        _ => None,
    });
    let word = word.filter(|_| is_for_many)?;
    let is_public = endpoint.access.verdict() == AccessVerdict::Public;
    let changes = endpoint.effects.iter().any(model::Effect::writes);
    let persona = if is_public && (changes || word.contains("debug")) { Persona::Regular } else { RULE.persona };
    let who = if is_public { "everybody" } else { "whoever is signed in" };
    let message = format!(
        "`{} {}` is served to {who}, and `{word}` in its path says that it is for those who develop it",
        endpoint.method(),
        endpoint.path(),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona,
        message,
        trace: Vec::new(),
        fix: Some(Fix::text("take it out of what is deployed")),
        shielding: Shielding::Shielded(Shield { layer: "route".into(), policy: "allow = []  # nobody".into() }),
    })
}
