//! `known-password`: an account is made whose password stands in the code.

use model::{Confidence, Effect, Endpoint, ObjectEffect, Persona, Severity, Weakness, WrittenFrom};

use super::api::Api;
use python::code::Expr;

use super::{Check, Draft, Rule, Whole, literal_passwords, secret_names};
use crate::bodies::Body;
use crate::calls::{Call, Given, Watched};
use crate::sql::{self, Operand, Piece, Text};

pub(super) const RULE: Rule = Rule {
    name: "known-password",
    weakness: Weakness::DefaultCredentials,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an account is made whose password stands in the code",
    page: PAGE,
    checks: &[Check::Call(HASHES, of_call), Check::Endpoint(of_endpoint), Check::Body(&["INSERT", "insert"], of_body), Check::BodyWith(literal_passwords::SOUGHT, of_assignment)],
};

const PAGE: &str = r#"## What it does

Finds functions that hash passwords (`generate_password_hash`, `bcrypt.hashpw`, `make_password`, `PasswordHasher().hash`, `pwd_context.hash`) where they are given a text
that stands in the code, endpoints and functions that make a user whose password is one (`user.password = "..."`, `user.set_password("...")`, `User.objects.create_user(..., password="...")`), and `INSERT`
statements that do. Tests are left out, and functions whose name says that they make up somebody for a demonstration.

## Why is this bad?

The account exists wherever the application runs, often with all rights, and its password is known to everybody who has read the code.

## Example

```python bad
from fastapi import FastAPI
from werkzeug.security import generate_password_hash

app = FastAPI()
ACCOUNTS: dict[str, str] = {}


@app.post("/setup")
def setup():
    ACCOUNTS["admin"] = generate_password_hash("Admin-2024")  # <- here
    return {"ok": True}
```

```python bad
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    password_hash = db.Column(db.String(200))

    def set_password(self, text):
        self.password_hash = generate_password_hash(text)


def first_user():
    if User.query.first() is None:
        admin = User(name="admin")
        admin.set_password("Admin-2024")  # <- here
        db.session.add(admin)
        db.session.commit()
```

Use instead:

```python good
import os

from fastapi import FastAPI
from werkzeug.security import generate_password_hash

app = FastAPI()
ACCOUNTS: dict[str, str] = {}


@app.post("/setup")
def setup():
    ACCOUNTS["admin"] = generate_password_hash(os.environ["FIRST_ADMIN_PASSWORD"])
    return {"ok": True}
```

```python good
import os

from werkzeug.security import generate_password_hash

from shop import User, app, db


@app.cli.command("first-user")
def first_user():
    hashed = generate_password_hash(os.environ["FIRST_ADMIN_PASSWORD"])
    db.session.add(User(name="admin", password_hash=hashed, role="admin"))
    db.session.commit()


@app.get("/health")
def health():
    return {"ok": True}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django:

```python bad
# file: views.py
from django.contrib.auth.models import User
from rest_framework.decorators import api_view
from rest_framework.response import Response


def first_user():
    if not User.objects.exists():
        User.objects.create_superuser("admin", password="Admin-2024")  # <- here


@api_view(["GET"])
def read_me(request):
    return Response({"name": request.user.username})
# file: urls.py
from django.urls import path

from views import read_me

urlpatterns = [path("me/", read_me)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
import os

from django.contrib.auth.models import User
from rest_framework.decorators import api_view
from rest_framework.response import Response


def first_user():
    if not User.objects.exists():
        User.objects.create_superuser("admin", password=os.environ["FIRST_ADMIN_PASSWORD"])


@api_view(["GET"])
def read_me(request):
    return Response({"name": request.user.username})
# file: urls.py
from django.urls import path

from views import read_me

urlpatterns = [path("me/", read_me)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Make the first password when the application is set up: from the environment, or a random one that is shown once.
"#;

const HASHES: &[Watched] = &[
    Watched { name: "werkzeug.security.generate_password_hash", needle: "generate_password_hash" },
    Watched { name: "bcrypt.hashpw", needle: "hashpw" },
    Watched { name: "django.contrib.auth.hashers.make_password", needle: "make_password" },
    Watched { name: "argon2.hash_password", needle: "hash_password" },
];
const FIX: &str = "make the first password when the application is set up: from the environment, or a random one that is shown once";
const NO_SHIELD: &str = "whoever signs in with the password is not told apart from the account's owner";

/// A user is made with a text of the code as its password.
fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let write = endpoint.effects.iter().find_map(|effect| match effect {
        Effect::Create(write) if api.is_principal(&write.object) && has_known_password(write) => Some(write),
        _ => None,
    })?;
    let message = format!(
        "`{} {}` makes a `{}` whose password stands in the code: whoever has read it can sign in",
        endpoint.method(),
        endpoint.path(),
        write.object,
    );
    Some(Draft { trace: write.evidence.clone(), ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD) })
}

fn has_known_password(write: &ObjectEffect) -> bool {
    write.written.iter().any(|one| one.from == WrittenFrom::Text && secret_names::names_a_password(&one.column))
}

/// A statement inserts a user with a password that stands in it.
fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found: Vec<(Draft, u32)> = Vec::new();
    if !may_hold_a_statement(body.text(body.span)) {
        return found;
    }
    for (id, expr) in body.code().exprs() {
        let Expr::Str(text) = expr else { continue };
        let Some(table) = inserts_known_password(text.as_str(), whole) else { continue };
        let line = body.line(body.code().expr_span(id));
        if found.is_empty() {
            let message = format!("a row of `{table}` is made with a password that stands in the code: whoever has read it can sign in");
            found.push((Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), line));
        }
    }
    found
}

/// Whether a constant may begin with `INSERT` somewhere, or a part of one behind a hole: methods are called so, too.
fn may_hold_a_statement(text: &str) -> bool {
    let inserts = ["insert", "INSERT", "Insert"].into_iter().flat_map(|word| text.match_indices(word));
    inserts.into_iter().any(|(at, _)| {
        let mut before = text[..at].trim_end();
        while let Some(shorter) = ["\\n", "\\t", "\\r", "\\"].iter().find_map(|escape| before.strip_suffix(escape)) {
            before = shorter.trim_end();
        }
        before.ends_with(['"', '\'', '}'])
    })
}

/// A function that is no endpoint makes a user with a password that stands in it: of those, what they write is known.
fn of_assignment(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let draft = |given: &literal_passwords::LiteralPassword<'_>| {
        let whom = given.model.map_or_else(|| "an account".to_owned(), |model| format!("a `{}`", model.name));
        let message = format!("{whom} is given a password that stands in the code: whoever has read it can sign in");
        (Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(given.span))
    };
    let found = if body.endpoints.is_empty() { literal_passwords::given(body, whole) } else { Vec::new() };
    found.iter().take(1).map(draft).collect()
}

/// The table into which a statement inserts a password that is no hash.
fn inserts_known_password(text: &str, whole: &Whole<'_>) -> Option<String> {
    let begin = text.trim_start().get(..6)?;
    if !begin.eq_ignore_ascii_case("insert") || text.split(['\'', '"']).any(secret_names::is_hash) {
        return None;
    }
    let statement = sql::statement(&Text::new(vec![Piece::Known(text.to_owned())]))?;
    let table = statement.table?;
    let model = whole.report.objects.iter().find(|model| model.table.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&table)));
    let column = |name: &str| match name.strip_prefix('#') {
        Some(index) => model.and_then(|model| Some(model.columns.get(index.parse::<usize>().ok()?)?.name.to_string())),
        None => Some(name.to_owned()),
    };
    let is_known = |(name, operand): &(std::sync::Arc<str>, Operand)| {
        *operand == Operand::Constant && column(name).is_some_and(|name| secret_names::names_a_password(&name))
    };
    statement.written.iter().any(is_known).then(|| table.to_string())
}

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let password = call.given(Some(0), "password").and_then(Given::text)?;
    if password.is_empty() || secret_names::is_hash(password) {
        return None;
    }
    // Hashed so that an unknown name takes as long as a known one.
    let is_dummy = call.text.to_lowercase().contains("dummy") || call.line_text.to_lowercase().contains("dummy");
    let message = "an account is given a password that stands in the code: whoever has read it can sign in".to_owned();
    (!is_dummy).then(|| Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD))
}
