//! `privileged-field-without-role`: who is signed in, or anybody, sets what grants rights or worth.

use model::{
    AccessVerdict, Column, Confidence, Effect, Endpoint, Evidence, Fix, ObjectEffect, Persona, Severity, Shield, Shielding, Weakness,
    WrittenColumn, WrittenFrom,
};

use super::api::{Api, handler_name, may_change};
use super::{Check, Draft, Rule, refusal, secret_names};

pub(super) const RULE: Rule = Rule {
    name: "privileged-field-without-role",
    weakness: Weakness::PrivilegeEscalation,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a request can set a role, a balance or the like, and its sender needs no role",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that ask for no role and change or make objects with a column that grants rights or worth (`role`, `is_admin`, `verified`, `balance`), where the body
that they take has a field of that name, or keeps fields that it does not name.

## Why is this bad?

Whoever has an account makes themselves an administrator.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


class RoleChange(BaseModel):
    name: str
    role: str


@app.put("/users/role")
def change_role(change: RoleChange, session: SessionDep, user: CurrentUser):  # <- here
    other = session.scalar(select(User).where(User.name == change.name))
    if other is None:
        raise HTTPException(status_code=404)
    other.role = change.role
    session.commit()
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


class RoleChange(BaseModel):
    name: str
    role: str


class Profile(BaseModel):
    name: str


@app.put("/users/role")
def change_role(change: RoleChange, session: SessionDep, user: Administrator):
    other = session.scalar(select(User).where(User.name == change.name))
    if other is None:
        raise HTTPException(status_code=404)
    other.role = change.role
    session.commit()


@app.put("/profile")
def change_profile(profile: Profile, session: SessionDep, user: CurrentUser):
    user.name = profile.name
    session.commit()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import request
from flask_login import login_required

from shop import User, app, db


@app.put("/users/<int:user_id>")
@login_required
def change_user(user_id):  # <- here
    user = db.get_or_404(User, user_id)
    user.name = request.json["name"]
    user.role = request.json.get("role", user.role)
    db.session.commit()
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_login import current_user, login_required

from shop import User, admin_required, app, db


@app.put("/profile")
@login_required
def change_profile():
    current_user.name = request.json["name"]
    db.session.commit()
    return {"id": current_user.id}


@app.put("/users/<int:user_id>/role")
@admin_required
def change_role(user_id):
    user = db.get_or_404(User, user_id)
    user.role = request.json["role"]
    db.session.commit()
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

A form of Flask-WTF sets what it declares:

```python bad
from flask import redirect, render_template
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import StringField

from shop import app, db


class ProfileForm(FlaskForm):
    name = StringField("Name")
    role = StringField("Role")


@app.route("/profile", methods=["GET", "POST"])
@login_required
def change_profile():  # <- here
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        return redirect("/profile")
    return render_template("profile.html", form=form)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff"]


class Profile(generics.RetrieveUpdateAPIView):  # <- here
    serializer_class = UserSerializer

    def get_object(self):
        return self.request.user
# file: urls.py
from django.urls import path

from views import Profile

urlpatterns = [path("profile/", Profile.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers, viewsets
from rest_framework.permissions import IsAdminUser


class ProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff"]
        read_only_fields = ["is_staff"]


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "email", "is_staff"]


class Profile(generics.RetrieveUpdateAPIView):
    serializer_class = ProfileSerializer

    def get_object(self):
        return self.request.user


class UserViewSet(viewsets.ModelViewSet):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from views import Profile, UserViewSet

router = DefaultRouter()
router.register("users", UserViewSet)
urlpatterns = [path("", include(router.urls)), path("profile/", Profile.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Ask for a role, or take the field out of what the endpoint takes: what a user may say about themselves is a schema of its own.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let is_for_many = matches!(endpoint.access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Public);
    if !may_change(endpoint) || !is_for_many {
        return None;
    }
    let (effect, column) = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Update(write) => Some((write, settable(endpoint, api, write)?)),
        // A new object of another kind, such as a token with scopes, is its maker's own.
        Effect::Create(write) if api.is_principal(&write.object) => Some((write, settable(endpoint, api, write)?)),
        _ => None,
    })?;
    let who = match endpoint.access.verdict() {
        AccessVerdict::Public => "everybody",
        _ => "whoever is signed in",
    };
    let message = format!(
        "`{} {}` lets {who} set `{}.{}`: it grants rights or worth, and no role is asked for",
        endpoint.method(),
        endpoint.path(),
        effect.object,
        column.name,
    );
    let text = format!(
        "ask for a role, or take `{}` out of what the endpoint takes. If it is meant, {}",
        column.name,
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let mut trace = effect.evidence.clone();
    trace.push(Evidence::new(endpoint.handler.file.clone(), endpoint.handler.line, format!("takes `{}`", column.name)));
    let (confidence, persona) =
        if api.may_refuse_by_role_who_sets(endpoint, &column.name) { (Confidence::Low, Persona::Pedantic) } else { (Confidence::High, RULE.persona) };
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace,
        fix: Some(Fix::text(text)),
        shielding: Shielding::Shielded(Shield {
            layer: "virtual_patch".into(),
            policy: format!("refuse_fields = [\"/{}\"]", column.name),
        }),
    })
}

/// Words of columns that grant rights or worth, whatever they are columns of.
const RIGHTS: &[&str] = &["role", "roles", "admin", "superuser", "staff", "balance", "credit", "credits", "permissions"];

/// The privileged column that the body of a request can set.
fn settable<'a>(endpoint: &Endpoint, api: &Api<'a>, write: &ObjectEffect) -> Option<&'a Column> {
    let fields = api.taken_fields(endpoint);
    // Scopes and the like of other objects are what these are about.
    let counts = |column: &Column| {
        let words = secret_names::words(&column.name);
        column.privileged && (api.is_principal(&write.object) || words.iter().any(|word| RIGHTS.contains(&word.as_str())))
    };
    let sets = |column: &&Column| {
        let is_written = write.columns.is_empty() || write.columns.contains(&column.name);
        counts(column) && is_written && fields.iter().any(|field| **field == *column.name)
    };
    let undeclared = |column: &&Column| {
        counts(column) && endpoint.undeclared_writes.iter().any(|w| w.object == write.object && w.column == column.name)
    };
    // Where no schema says what the request has, the code does: `data["role"]`.
    let taken = |column: &&Column| {
        let is_given = |one: &WrittenColumn| match one.from {
            WrittenFrom::Parameter => one.column == column.name,
            WrittenFrom::Other => one.column == column.name && api.takes_by_name(endpoint, &column.name),
            _ => false,
        };
        counts(column) && write.written.iter().any(is_given)
    };
    let model = api.object(&write.object)?;
    let columns = || model.columns.iter();
    columns().find(sets).or_else(|| columns().find(undeclared)).or_else(|| columns().find(taken))
}
