//! `short-password-accepted`: a password of one character becomes somebody's.

use model::{Confidence, Effect, Endpoint, Evidence, ObjectEffect, Persona, Sensitivity, Severity, Shield, Shielding, Weakness};
use serde_json::Value;

use super::api::{Api, may_change};
use super::{Check, Draft, Rule, amounts, secret_names, words};
use crate::objects::is_account;

pub(super) const RULE: Rule = Rule {
    name: "short-password-accepted",
    weakness: Weakness::WeakPasswordPolicy,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a password of any length becomes somebody's",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints whose body has a field for a password without a least length, and that write the column of an object model which holds passwords or their hashes. It is silent where the schema bounds the field, where its class has a
validator, and where the handler measures the password or hands it to something that validates.

## Why is this bad?

Whoever may choose `1` does, and is the account that is guessed first. OWASP ASVS asks for 8 characters at least (6.2.1), better 15.

## Example

```python bad
# file: main.py
import bcrypt
from fastapi import FastAPI
from pydantic import BaseModel

from deps import SessionDep
from models import User

app = FastAPI()


class NewUser(BaseModel):
    name: str
    password: str


@app.post("/register")
def register(new: NewUser, session: SessionDep):  # <- here
    password_hash = bcrypt.hashpw(new.password.encode(), bcrypt.gensalt())
    user = User(name=new.name, password_hash=password_hash.decode(), role="user")
    session.add(user)
    session.commit()
    return {"id": user.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
# file: main.py
import bcrypt
from fastapi import FastAPI
from pydantic import BaseModel, Field

from deps import SessionDep
from models import User

app = FastAPI()


class NewUser(BaseModel):
    name: str
    password: str = Field(min_length=12, max_length=72)


@app.post("/register")
def register(new: NewUser, session: SessionDep):
    password_hash = bcrypt.hashpw(new.password.encode(), bcrypt.gensalt())
    user = User(name=new.name, password_hash=password_hash.decode(), role="user")
    session.add(user)
    session.commit()
    return {"id": user.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import request
from werkzeug.security import generate_password_hash

from shop import User, app, db


@app.post("/register")
def register():  # <- here
    data = request.json
    user = User(name=data["name"], password_hash=generate_password_hash(data["password"]))
    db.session.add(user)
    db.session.commit()
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, request
from werkzeug.security import generate_password_hash

from shop import User, app, db


@app.post("/register")
def register():
    data = request.json
    if len(data["password"]) < 12:
        abort(400)
    user = User(name=data["name"], password_hash=generate_password_hash(data["password"]))
    db.session.add(user)
    db.session.commit()
    return {"id": user.id}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `AUTH_PASSWORD_VALIDATORS` are asked only by who calls `validate_password`:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def register(request):  # <- here
    user = User(username=request.data["name"])
    user.set_password(request.data["password"])
    user.save()
    return Response({"id": user.pk}, status=201)
# file: urls.py
from django.urls import path

from views import register

urlpatterns = [path("register/", register)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["POST"])
@permission_classes([AllowAny])
def register(request):
    user = User(username=request.data["name"])
    validate_password(request.data["password"], user)
    user.set_password(request.data["password"])
    user.save()
    return Response({"id": user.pk}, status=201)
# file: urls.py
from django.urls import path

from views import register

urlpatterns = [path("register/", register)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

`Field(min_length=12)` in Pydantic, `min_length` and `validate_password` in a serializer, `Length(min=12)` in a schema or a form; and a list of common passwords that are refused. Ask for no kinds of characters.
"#;

/// What a handler or a class says that looks at how good a password is.
const LOOKS: &[&str] = &["len(", "validat", "strength", "policy", "min_length", "zxcvbn", "pwned", "complexity", "is_strong", "Length("];
/// Last words of paths where somebody signs in.
const LOGINS: &[&str] = &["login", "log-in", "signin", "sign-in", "token", "access-token"];
/// What a handler says that looks whether a password is right.
const SIGNS_IN: &[&str] = &["check_password", "verify_password", "authenticate(", "checkpw", ".verify("];
/// Words of columns that hold passwords, or their hashes.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd", "passhash", "pw"];
/// Words of those that hold what is sent to who forgot one, and of times.
const CODES: &[&str] = &["code", "token", "reset", "expiry", "expires", "at", "changed", "needs"];
/// Words of fields for the password that somebody has already.
const OLD: &[&str] = &["code", "token", "old", "current", "confirm", "repeat", "again", "temporary"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let write = endpoint.effects.iter().filter(|_| may_change(endpoint)).find_map(|effect| match effect {
        Effect::Create(write) | Effect::Update(write) if sets_password(api, write) => Some(write),
        _ => None,
    })?;
    let field = field(endpoint, api)?;
    let text = api.text_of_handler(endpoint).unwrap_or_default();
    // A login that hashes a password anew takes the one that somebody has.
    let is_known = !secret_names::has_word(&field, &["new"]) && SIGNS_IN.iter().any(|word| text.contains(word));
    let is_login = words::purpose(endpoint).is_some_and(|(_, word)| LOGINS.contains(&&*word));
    if is_known || is_login {
        return None;
    }
    let looks = |text: &str| LOOKS.iter().any(|word| text.contains(word));
    let by_class = api.text_of_body_class(endpoint).is_some_and(|class| amounts::names(class, &field) && looks(class));
    if looks(text) || by_class {
        return None;
    }
    let message = format!(
        "`{} {}` takes `{field}` of any length as the password of a `{}`",
        endpoint.method(),
        endpoint.path(),
        write.object,
    );
    let fix = match &*endpoint.framework {
        "fastapi" => format!("`{field}: str = Field(min_length=12)`"),
        "django" => format!("call `validate_password({field}, user)`, and set `AUTH_PASSWORD_VALIDATORS`"),
        _ => format!("refuse it where `len({field}) < 12`, or declare the length in a schema"),
    };
    let handler = &endpoint.handler;
    let takes = Evidence::new(handler.file.clone(), handler.line, format!("takes `{field}`"));
    Some(Draft {
        trace: std::iter::once(takes).chain(write.evidence.iter().cloned()).collect(),
        shielding: Shielding::Shielded(Shield { layer: "schema".into(), policy: "a schema of the body with a least length".into() }),
        ..Draft::of(&RULE, Confidence::Medium, message, fix, "")
    })
}

/// Whether it writes the column that holds somebody's password, or its hash. That of another service is kept as it is, and belongs to nobody who
/// signs in.
fn sets_password(api: &Api<'_>, write: &ObjectEffect) -> bool {
    let Some(model) = api.object(&write.object) else { return false };
    let is_somebody = api.is_principal(&model.name) || is_account(model);
    let holds = |column: &&model::Column| {
        let has = |words: &[&str]| secret_names::has_word(&column.name, words);
        let is_hash = has(&["hash", "hashed", "digest"]) || column.name.ends_with("hash");
        has(PASSWORDS) && !has(CODES) && column.sensitivity == Sensitivity::Credential && (is_somebody || is_hash)
    };
    model.columns.iter().filter(holds).any(|column| write.columns.contains(&column.name))
}

/// The field of the body that is the new password, if nothing bounds it.
fn field<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<String> {
    let is_new = |name: &str| secret_names::names_a_password(name) && !secret_names::has_word(name, OLD);
    let declared = api.taken_fields(endpoint);
    if declared.is_empty() {
        let names = ["password", "new_password", "passwd", "pwd"];
        return names.into_iter().find(|name| api.takes_by_name(endpoint, name)).map(str::to_owned);
    }
    let found = declared.into_iter().find(|name| is_new(name))?;
    api.taken_field(endpoint, &found).is_some_and(is_unbounded).then_some(found)
}

/// Whether a schema is that of a text of any length.
fn is_unbounded(schema: &Value) -> bool {
    const BOUNDS: &[&str] = &["minLength", "pattern", "enum", "$ref"];
    let alternatives: Vec<&Value> = ["anyOf", "oneOf", "allOf"].iter().filter_map(|word| schema.get(word)?.as_array()).flatten().collect();
    let is_text = schema.get("type").is_some_and(|kind| kind == "string" || kind.as_array().is_some_and(|all| all.contains(&"string".into())));
    let is_bound = BOUNDS.iter().any(|word| schema.get(word).is_some());
    !is_bound && (is_text || alternatives.iter().any(|one| is_unbounded(one))) && !alternatives.iter().any(|one| BOUNDS.iter().any(|word| one.get(word).is_some()))
}
