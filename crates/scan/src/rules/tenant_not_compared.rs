//! `tenant-not-compared`: an endpoint reaches objects of whatever tenant the client names.

use model::{
    AccessVerdict, Certainty, Confidence, Effect, Endpoint, Evidence, Fix, ObjectEffect, OwnerCheck, OwnerPath, Persona, Severity,
    Shield, Shielding, Weakness, WrittenFrom,
};

use super::api::{Api, handler_name};
use super::{Check, Draft, Rule, refusal, words};

pub(super) const RULE: Rule = Rule {
    name: "tenant-not-compared",
    weakness: Weakness::BrokenTenantIsolation,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "an endpoint reaches objects of whatever tenant the client names",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for the signed-in that read, change, delete or add objects of a tenant (an organization, a workspace, a team that the model of the principals refers to, too), where the request names the object or
the tenant, and nothing compares that tenant with the principal's: not the look-up, not a condition on any way there, in the handler or below it.

Objects that have an owner are another rule's. Where a role is asked for, only the pedantic are told: it may be one that spans all tenants.

## Why is this bad?

Everybody with an account at one customer reads and changes what belongs to all others, by another number in the address.

## Example

```python bad
# file: main.py
from fastapi import FastAPI, HTTPException

from deps import CurrentUser, SessionDep
from models import Invoice

app = FastAPI()


@app.get("/invoices/{invoice_id}")
def read_invoice(invoice_id: int, session: SessionDep, user: CurrentUser):  # <- here
    invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        raise HTTPException(status_code=404)
    return invoice


@app.post("/organizations/{organization_id}/invoices")
def add_invoice(organization_id: int, total: int, session: SessionDep, user: CurrentUser):  # <- here
    session.add(Invoice(organization_id=organization_id, total=total))
    session.commit()
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))


class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    total: Mapped[int]
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
```

Use instead:

```python good
# file: main.py
from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from deps import CurrentUser, SessionDep
from models import Invoice

app = FastAPI()


@app.get("/invoices/{invoice_id}")
def read_invoice(invoice_id: int, session: SessionDep, user: CurrentUser):
    own = select(Invoice).where(Invoice.id == invoice_id, Invoice.organization_id == user.organization_id)
    invoice = session.scalar(own)
    if invoice is None:
        raise HTTPException(status_code=404)
    return invoice


@app.post("/organizations/{organization_id}/invoices")
def add_invoice(organization_id: int, total: int, session: SessionDep, user: CurrentUser):
    if organization_id != user.organization_id:
        raise HTTPException(status_code=404)
    session.add(Invoice(organization_id=user.organization_id, total=total))
    session.commit()
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))


class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    total: Mapped[int]
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
```

Flask:

```python bad
# file: main.py
import os

from flask import Flask
from flask_login import LoginManager, UserMixin, login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
db = SQLAlchemy(app)
manager = LoginManager(app)


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_id = db.Column(db.Integer, db.ForeignKey("team.id"), nullable=False)


class Board(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_id = db.Column(db.Integer, db.ForeignKey("team.id"), nullable=False)
    text = db.Column(db.Text, nullable=False)


@manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


@app.delete("/boards/<int:board_id>")
@login_required
def delete_board(board_id):  # <- here
    board = db.get_or_404(Board, board_id)
    db.session.delete(board)
    db.session.commit()
    return "", 204
```

```python good
# file: main.py
import os

from flask import Flask, abort
from flask_login import LoginManager, UserMixin, current_user, login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
db = SQLAlchemy(app)
manager = LoginManager(app)


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_id = db.Column(db.Integer, db.ForeignKey("team.id"), nullable=False)


class Board(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    team_id = db.Column(db.Integer, db.ForeignKey("team.id"), nullable=False)
    text = db.Column(db.Text, nullable=False)


@manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


@app.delete("/boards/<int:board_id>")
@login_required
def delete_board(board_id):
    board = db.get_or_404(Board, board_id)
    if board.team_id != current_user.team_id:
        abort(404)
    db.session.delete(board)
    db.session.commit()
    return "", 204
```

Django REST framework, with a model of users of one's own:

```python bad
# file: views.py
from rest_framework.decorators import api_view
from rest_framework.response import Response

from models import Invoice


@api_view(["DELETE"])
def delete_invoice(request, invoice_id):  # <- here
    invoice = Invoice.objects.get(pk=invoice_id)
    invoice.delete()
    return Response(status=204)
# file: models.py
from django.contrib.auth.models import AbstractUser
from django.db import models


class Organization(models.Model):
    name = models.CharField(max_length=80)


class User(AbstractUser):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)


class Invoice(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
AUTH_USER_MODEL = "models.User"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework.authtoken"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
# file: urls.py
from django.urls import path

from views import delete_invoice

urlpatterns = [path("invoices/<int:invoice_id>/", delete_invoice)]
```

```python good
# file: views.py
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.response import Response

from models import Invoice


@api_view(["DELETE"])
def delete_invoice(request, invoice_id):
    invoice = get_object_or_404(Invoice, pk=invoice_id, organization=request.user.organization)
    invoice.delete()
    return Response(status=204)
# file: models.py
from django.contrib.auth.models import AbstractUser
from django.db import models


class Organization(models.Model):
    name = models.CharField(max_length=80)


class User(AbstractUser):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)


class Invoice(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
AUTH_USER_MODEL = "models.User"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework.authtoken"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
# file: urls.py
from django.urls import path

from views import delete_invoice

urlpatterns = [path("invoices/<int:invoice_id>/", delete_invoice)]
```

## Fix

Take the tenant from the principal, and limit every look-up by it; best in one function or one default manager that all endpoints of the resource use. A tenant in the path is compared with the principal's before anything else.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let is_asked = matches!(endpoint.access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Restricted);
    let (reached, verb) = endpoint.effects.iter().filter(|_| is_asked).find_map(|effect| match effect {
        Effect::Read(read) if read.answered && is_foreign(endpoint, api, read) => Some((read, "reads")),
        Effect::Update(write) if is_foreign(endpoint, api, write) => Some((write, "changes")),
        Effect::Delete(write) if is_foreign(endpoint, api, write) => Some((write, "deletes")),
        Effect::Create(write) if is_added_to_any(write) => Some((write, "adds to")),
        _ => None,
    })?;
    let tenant = api.object(&reached.object)?.tenant.as_ref()?.value()?;
    let is_role = endpoint.access.verdict() == AccessVerdict::Restricted || api.has_guard_named_after_a_role(endpoint);
    let confidence = match endpoint.access.certainty() {
        Certainty::Proven => Confidence::Medium,
        _ => Confidence::Low,
    };
    let message = format!(
        "`{} {}` {verb} `{}` of whichever tenant the request names: on no way there is {} compared with the principal's",
        endpoint.method(),
        endpoint.path(),
        reached.object,
        in_words(reached, tenant),
    );
    let text = format!(
        "limit the look-up of `{}` to those whose {} is the principal's, and answer 404 for all others. If all who are signed in are meant to reach them, {}",
        reached.object,
        in_words(reached, tenant),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: if is_role { Confidence::Low } else { confidence },
        persona: if is_role { Persona::Pedantic } else { RULE.persona },
        message,
        trace: trace(endpoint, reached),
        fix: Some(Fix::text(text)),
        shielding: shielding(endpoint, api, tenant),
    })
}

/// Whether a client picks the object, or the tenant whose objects are listed, and nothing compares the tenant.
fn is_foreign(endpoint: &Endpoint, api: &Api<'_>, effect: &ObjectEffect) -> bool {
    if effect.tenant_check != Some(OwnerCheck::Absent) || effect.owner_check == OwnerCheck::Proven || effect.owner.is_some() {
        return false;
    }
    let by_key = effect.key.as_ref().is_some_and(|key| key.place.is_chosen_by_client());
    let names_tenant = |name: &str| effect.tenant.as_deref() == Some(name) || words::names_a_tenant(name);
    let is_listed = || {
        let by_tenant = effect.tenant.as_ref().is_some_and(|tenant| effect.filters.contains(tenant));
        by_tenant && endpoint.parameters.iter().any(|one| one.place.is_chosen_by_client() && names_tenant(&one.name))
    };
    let is_many = effect.many && api.object(&effect.object).is_some_and(|model| model.tenant.is_some());
    (by_key && !effect.many) || (is_many && is_listed())
}

/// Whether the request says to which tenant a new object belongs.
fn is_added_to_any(write: &ObjectEffect) -> bool {
    let by_request = |tenant: &str| write.written.iter().any(|one| one.from == WrittenFrom::Parameter && *one.column == *tenant);
    write.tenant_check == Some(OwnerCheck::Absent) && write.owner_check != OwnerCheck::Proven && write.tenant.as_deref().is_some_and(by_request)
}

fn in_words(effect: &ObjectEffect, tenant: &OwnerPath) -> String {
    match tenant.through.first() {
        None => format!("`{}.{}`", effect.object, tenant.column),
        Some(through) => format!("the `{}` of what `{}.{through}` leads to", tenant.column, effect.object),
    }
}

fn trace(endpoint: &Endpoint, effect: &ObjectEffect) -> Vec<Evidence> {
    let handler = &endpoint.handler;
    let named = effect.key.as_ref().map(|key| {
        Evidence::new(handler.file.clone(), handler.line, format!("takes `{}` from the request", key.name))
    });
    named.into_iter().chain(effect.evidence.iter().cloned()).collect()
}

/// A gateway compares a tenant that stands in the path with a claim of the token.
fn shielding(endpoint: &Endpoint, api: &Api<'_>, tenant: &OwnerPath) -> Shielding {
    let in_path = endpoint.route.pattern().parameters().find(|one| words::names_a_tenant(&one.name));
    let claim = tenant.references.as_deref().and_then(|column| api.claim_of(column));
    match (in_path, claim) {
        (Some(parameter), Some(claim)) => Shielding::Shielded(Shield {
            layer: "ownership".into(),
            policy: format!("tenant = {{ claim = \"/{claim}\", parameter = \"{}\" }}", parameter.name),
        }),
        _ => Shielding::Unshielded {
            reason: "no part of the path names the tenant that a claim of the token is known to hold".to_owned(),
        },
    }
}
