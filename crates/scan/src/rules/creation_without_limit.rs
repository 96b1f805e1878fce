//! `creation-without-limit`: everybody may make rows, as many as they like.

use model::{AccessVerdict, Certainty, Confidence, Effect, Endpoint, Method, Persona, Severity, Shield, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule, limits, unauthenticated_write, words};

pub(super) const RULE: Rule = Rule {
    name: "creation-without-limit",
    weakness: Weakness::BusinessFlowAbuse,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "everybody may make rows, as many as they like",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that everybody may call, without signing in, and that add a row to a table with each request, where nothing limits how often: no limiter
around the handler, no middleware that limits, no captcha, and nothing in the handler that counts or answers 429.

Only the auditor sees it: a gateway that is not part of the repository may limit.

## Why is this bad?

A script fills the table within minutes: with advertisements, with what others have to sort out by hand, until the disk is full or every list is slow.

## Example

```python bad
from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
engine = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/comments")
def add(text: str):  # <- here
    with Session(engine) as session:
        session.add(Comment(text=text))
        session.commit()
```

Use instead:

```python good
from fastapi import FastAPI, Request
from slowapi import Limiter
from slowapi.util import get_remote_address
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
limiter = Limiter(key_func=get_remote_address)
engine = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/comments")
@limiter.limit("5/minute")
def add(request: Request, text: str):
    with Session(engine) as session:
        session.add(Comment(text=text))
        session.commit()
```

Flask, with Flask-Limiter:

```python bad
from flask import request

from shop import app, db


class Comment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)


@app.post("/comments")
def add():  # <- here
    db.session.add(Comment(text=request.json["text"]))
    db.session.commit()
    return "", 201
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from shop import app, db

limiter = Limiter(get_remote_address, app=app)


class Comment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)


@app.post("/comments")
@limiter.limit("5/minute")
def add():
    db.session.add(Comment(text=request.json["text"]))
    db.session.commit()
    return "", 201
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, with its throttles:

```python bad
# file: views.py
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from comments import Comment


class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ["text"]


class AddComment(generics.CreateAPIView):  # <- here
    serializer_class = CommentSerializer
    permission_classes = [AllowAny]
# file: comments.py
from django.db import models


class Comment(models.Model):
    text = models.TextField()
# file: urls.py
from django.urls import path

from views import AddComment

urlpatterns = [path("comments/", AddComment.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.throttling import AnonRateThrottle

from comments import Comment


class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ["text"]


class CommentThrottle(AnonRateThrottle):
    rate = "5/minute"


class AddComment(generics.CreateAPIView):
    serializer_class = CommentSerializer
    permission_classes = [AllowAny]
    throttle_classes = [CommentThrottle]
# file: comments.py
from django.db import models


class Comment(models.Model):
    text = models.TextField()
# file: urls.py
from django.urls import path

from views import AddComment

urlpatterns = [path("comments/", AddComment.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Limit by address, and ask for an account or a captcha where people are meant to write.
"#;

const FIX: &str = "limit how often one address may call it, or let only those write who are signed in";

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let write = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) => Some(write),
        _ => None,
    })?;
    let is_read = matches!(*endpoint.method(), Method::Get | Method::Head | Method::Options);
    let is_open = endpoint.access.verdict() == AccessVerdict::Public && endpoint.access.certainty() == Certainty::Proven;
    // What middleware writes down of every request is not what a view does that only shows; the first account is made once.
    let is_once = words::purpose(endpoint).is_some_and(|(_, word)| word == "setup");
    if is_read || !is_open || is_once || unauthenticated_write::only_shows(endpoint) || !endpoint.limits.is_empty() || limits::around(api.application) || api.speaks_of_a_limit(endpoint) {
        return None;
    }
    let message = format!(
        "everybody may add to `{}` by `{} {}`, as often as they like",
        write.object,
        endpoint.method(),
        endpoint.path(),
    );
    Some(Draft {
        trace: write.evidence.clone(),
        shielding: Shielding::Shielded(Shield {
            layer: "limits".into(),
            policy: "limits = [\"write\"]".to_owned(),
        }),
        ..Draft::of(&RULE, Confidence::Medium, message, FIX, "")
    })
}
