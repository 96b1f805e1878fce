//! `refresh-token-kept`: a refresh token is exchanged for a new one, and stays valid.

use model::{Confidence, Effect, Endpoint, ObjectEffect, ObjectModel, Persona, Sensitivity, Severity, Weakness};

use super::api::{Api, may_change};
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "refresh-token-kept",
    weakness: Weakness::RefreshTokenReuse,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a token is exchanged for a new one, and the old one stays valid",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that look a token up among those that the application keeps, make another one there, and neither delete nor change the one that was shown: both are valid from then on.

## Why is this bad?

A refresh token that was stolen works for as long as it was made for, however often its owner gets a new one; and that it is used twice, by which a theft is noticed, means nothing (RFC 9700, section 4.14).

## Example

```python bad
# file: main.py
import secrets

from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from deps import SessionDep
from tokens import RefreshToken

app = FastAPI()


@app.post("/refresh")
def refresh(token: str, session: SessionDep):  # <- here
    known = session.scalar(select(RefreshToken).where(RefreshToken.token == token))
    if known is None:
        raise HTTPException(status_code=401)
    new = RefreshToken(user_id=known.user_id, token=secrets.token_urlsafe(32))
    session.add(new)
    session.commit()
    return {"refresh_token": new.token}
# file: tokens.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class RefreshToken(Base):
    __tablename__ = "refresh_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token: Mapped[str]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
# file: main.py
import secrets

from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from deps import SessionDep
from tokens import RefreshToken

app = FastAPI()


@app.post("/refresh")
def refresh(token: str, session: SessionDep):
    known = session.scalar(select(RefreshToken).where(RefreshToken.token == token))
    if known is None:
        raise HTTPException(status_code=401)
    new = RefreshToken(user_id=known.user_id, token=secrets.token_urlsafe(32))
    session.add(new)
    session.delete(known)
    session.commit()
    return {"refresh_token": new.token}
# file: tokens.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import Base


class RefreshToken(Base):
    __tablename__ = "refresh_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token: Mapped[str]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
import secrets

from flask import abort, request

from shop import app, db


class RefreshToken(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"), nullable=False)
    token = db.Column(db.String(80), nullable=False)


@app.post("/refresh")
def refresh():  # <- here
    known = RefreshToken.query.filter_by(token=request.json["token"]).first()
    if known is None:
        abort(401)
    new = RefreshToken(user_id=known.user_id, token=secrets.token_urlsafe(32))
    db.session.add(new)
    db.session.commit()
    return {"refresh_token": new.token}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
import secrets

from flask import abort, request

from shop import app, db


class RefreshToken(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"), nullable=False)
    token = db.Column(db.String(80), nullable=False)
    revoked = db.Column(db.Boolean, nullable=False, default=False)


@app.post("/refresh")
def refresh():
    known = RefreshToken.query.filter_by(token=request.json["token"], revoked=False).first()
    if known is None:
        abort(401)
    known.revoked = True
    new = RefreshToken(user_id=known.user_id, token=secrets.token_urlsafe(32))
    db.session.add(new)
    db.session.commit()
    return {"refresh_token": new.token}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
import secrets

from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from tokens import RefreshToken


@api_view(["POST"])
@permission_classes([AllowAny])
def refresh(request):  # <- here
    known = RefreshToken.objects.get(token=request.data["token"])
    new = RefreshToken.objects.create(user=known.user, token=secrets.token_urlsafe(32))
    return Response({"refresh_token": new.token})
# file: tokens.py
from django.conf import settings
from django.db import models


class RefreshToken(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token = models.CharField(max_length=80)
# file: urls.py
from django.urls import path

from views import refresh

urlpatterns = [path("refresh/", refresh)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
import secrets

from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from tokens import RefreshToken


@api_view(["POST"])
@permission_classes([AllowAny])
def refresh(request):
    known = RefreshToken.objects.get(token=request.data["token"])
    new = RefreshToken.objects.create(user=known.user, token=secrets.token_urlsafe(32))
    known.delete()
    return Response({"refresh_token": new.token})
# file: tokens.py
from django.conf import settings
from django.db import models


class RefreshToken(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    token = models.CharField(max_length=80)
# file: urls.py
from django.urls import path

from views import refresh

urlpatterns = [path("refresh/", refresh)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Delete the token that was shown, or mark it as used, in the same transaction in which the new one is made; and if one is shown again that was used, end all of its family.
"#;

const FIX: &str = "delete the token that was shown, or mark it as used, where the new one is made";
const NO_SHIELD: &str = "a gateway does not know which tokens were exchanged already";

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if !may_change(endpoint) {
        return None;
    }
    let made = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(made) => credential(api, made).filter(|(model, column)| is_shown(endpoint, model, column)).map(|(model, _)| (made, model)),
        _ => None,
    });
    let (made, model) = made.filter(|(_, model)| !api.is_principal(&model.name))?;
    let ends = |effect: &Effect| matches!(effect, Effect::Update(one) | Effect::Delete(one) if one.object == model.name);
    if endpoint.effects.iter().any(ends) {
        return None;
    }
    let message = format!(
        "`{} {}` makes another `{}` for one that is shown, and that one stays valid",
        endpoint.method(),
        endpoint.path(),
        model.name,
    );
    Some(Draft { trace: made.evidence.clone(), ..Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD) })
}

/// The credential that a new row holds.
fn credential<'a>(api: &Api<'a>, made: &ObjectEffect) -> Option<(&'a ObjectModel, &'a str)> {
    let model = api.object(&made.object)?;
    let is_given = |column: &&model::Column| column.sensitivity == Sensitivity::Credential && made.columns.contains(&column.name);
    model.columns.iter().find(is_given).map(|column| (model, &*column.name))
}

/// Whether a row of the same model is looked up by the credential that the request shows.
fn is_shown(endpoint: &Endpoint, model: &ObjectModel, column: &str) -> bool {
    endpoint.effects.iter().any(|effect| match effect {
        Effect::Read(read) => {
            let by_client = read.key.as_ref().is_some_and(|key| key.place.is_chosen_by_client());
            read.object == model.name && !read.many && by_client && read.filters.iter().any(|filter| **filter == *column)
        }
        _ => false,
    })
}
