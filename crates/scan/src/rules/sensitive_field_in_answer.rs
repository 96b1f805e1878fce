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


class Shown(BaseModel):
    id: int
    name: str


@app.get("/users/{user_id}", response_model=Shown)
def read_user(user_id: int, session: SessionDep, user: Administrator):
    return session.get(User, user_id)
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import jsonify

from shop import User, admin_required, app, db


@app.get("/users/<int:user_id>")
@admin_required
def read_user(user_id):  # <- here
    user = db.get_or_404(User, user_id)
    return jsonify(id=user.id, name=user.name, password_hash=user.password_hash)

# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import jsonify

from shop import User, admin_required, app, db


def shown(user):
    return {"id": user.id, "name": user.name}


@app.get("/users/<int:user_id>")
@admin_required
def read_user(user_id):
    return jsonify(shown(db.get_or_404(User, user_id)))


@app.get("/users")
@admin_required
def list_users():
    return jsonify([shown(user) for user in User.query.all()])
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `"__all__"` are all columns, the hash among them:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers
from rest_framework.permissions import IsAdminUser


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"


class UserDetail(generics.RetrieveAPIView):  # <- here
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from django.urls import path

from views import UserDetail

urlpatterns = [path("users/<int:pk>/", UserDetail.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers
from rest_framework.permissions import IsAdminUser


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "password"]
        extra_kwargs = {"password": {"write_only": True}}


class UserDetail(generics.RetrieveAPIView):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from django.urls import path

from views import UserDetail

urlpatterns = [path("users/<int:pk>/", UserDetail.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from rest_framework import generics, serializers
from rest_framework.permissions import IsAdminUser


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        shown.pop("password")
        return shown


class UserDetail(generics.RetrieveAPIView):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [IsAdminUser]
# file: urls.py
from django.urls import path

from views import UserDetail

urlpatterns = [path("users/<int:pk>/", UserDetail.as_view())]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Answer with a schema of its own that names what clients need: `response_model=UserPublic` in FastAPI, the `fields` of a serializer in Django REST framework (and
`write_only` for what they only send), a function that makes the answer in Flask.
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
        fix: Some(Fix::text(fix(endpoint, api))),
        shielding: Shielding::Shielded(Shield {
            layer: "redact".into(),
            policy: format!("redact = [\"{}\"]", what.trim_matches('`').rsplit('.').next().unwrap_or_default()),
        }),
    })
}

fn fix(endpoint: &Endpoint, api: &Api<'_>) -> &'static str {
    match &*api.application.framework {
        "fastapi" => "answer with a schema of its own that names what clients need: `response_model=UserPublic`",
        "django" if api.is_rest_framework(endpoint) => {
            "name what clients need in the `fields` of the serializer, and mark what they only send `write_only`"
        }
        _ => "answer with the fields that clients need, one by one, or with a schema that names them",
    }
}

/// A column of whole rows in an answer that should stay hidden, where no schema leaves it out.
fn hidden_in_rows<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<(&'a ObjectEffect, &'a str)> {
    let is_unfiltered = endpoint.response.as_ref().is_none_or(|response| !response.filtered);
    let is_secret = |column: &&model::Column| column.sensitivity == Sensitivity::Credential || is_hidden(&column.name);
    endpoint.effects.iter().filter(|_| is_unfiltered).find_map(|effect| match effect {
        Effect::Read(read) if read.answered => {
            let shown = |column: &&model::Column| read.whole || read.columns.contains(&column.name);
            let column = api.object(&read.object)?.columns.iter().filter(shown).find(is_secret)?;
            Some((read, &*column.name))
        }
        _ => None,
    })
}

fn is_hidden(field: &str) -> bool {
    let words = secret_names::words(field);
    let is = |word: &str| words.iter().any(|own| own == word);
    let is_card = is("card") && (is("number") || is("no"));
    let is_hash = is("hash") && (is("password") || is("pw"));
    let is_social = is("social") && is("security");
    secret_names::names_a_password(field) || is_hash || is_card || is_social || words.iter().any(|w| HIDDEN.contains(&w.as_str()))
}
