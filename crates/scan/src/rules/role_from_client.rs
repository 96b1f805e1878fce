//! `role-from-client`: the request itself says which role its sender has.

use model::{Confidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{CompareOp, Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, fields, secret_names};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "role-from-client",
    weakness: Weakness::RoleTakenFromClient,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a cookie, header or field of the request says which role its sender has",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["ookies", "COOKIES", "eaders", "META", "user_agent"]).and(SAYS), of_body)],
};

const PAGE: &str = r#"## What it does

Finds conditions on a plain cookie or header that by its name says what somebody may do (`request.cookies.get("admin") == "1"`,
`request.headers["X-Role"]`), on the `User-Agent`, and on a cookie that names the user. Sessions and tokens that are signed and verified, and headers that
hold a credential (`Authorization`, `X-API-Key`), are silent.

## Why is this bad?

The client writes the request: whoever sets the cookie has the role.

## Example

```python bad
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()


@app.get("/reports")
def list_reports(request: Request):
    if request.cookies.get("is_admin") == "1":  # <- here
        return ["all"]
    raise HTTPException(status_code=403)
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException, Request

from sessions import role_of

app = FastAPI()


@app.get("/reports")
def list_reports(request: Request):
    if role_of(request.cookies.get("session")) == "admin":
        return ["all"]
    raise HTTPException(status_code=403)
# file: sessions.py
ROLES: dict[str, str] = {}


def role_of(session: str | None) -> str | None:
    return ROLES.get(session or "")
```

Flask:

```python bad
from flask import abort, jsonify, request

from shop import Order, app


@app.get("/reports")
def list_reports():
    if request.headers.get("X-Role") == "admin":  # <- here
        return jsonify([order.address for order in Order.query.all()])
    abort(403)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort, jsonify
from flask_login import current_user, login_required

from shop import Order, app


@app.get("/reports")
@login_required
def list_reports():
    if current_user.role == "admin":
        return jsonify([order.address for order in Order.query.all()])
    abort(403)
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from models import Order


class IsAdministrator(BasePermission):
    def has_permission(self, request, view):
        return request.COOKIES.get("is_admin") == "1"  # <- here


@api_view(["GET"])
@permission_classes([IsAdministrator])
def list_reports(request):
    return Response([order.address for order in Order.objects.all()])
# file: urls.py
from django.urls import path

from views import list_reports

urlpatterns = [path("reports/", list_reports)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from models import Order


class IsAdministrator(BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user.is_staff


@api_view(["GET"])
@permission_classes([IsAdministrator])
def list_reports(request):
    return Response([order.address for order in Order.objects.all()])
# file: urls.py
from django.urls import path

from views import list_reports

urlpatterns = [path("reports/", list_reports)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Read the role from what the server keeps about who is signed in, or from a token whose signature it verifies.
"#;

/// Words that say what somebody may do.
const RIGHTS: &[&str] = &["admin", "role", "roles", "staff", "superuser", "permission", "permissions", "privilege", "privileged", "moderator"];
/// The same as a text holds them, and what names the browser.
const SAYS: &[&str] = &["admin", "role", "staff", "superuser", "permission", "privilege", "moderator", "agent"];
/// Where a request keeps what its client writes.
const PLACES: &[&str] = &["cookies", "COOKIES", "headers", "META"];
const FIX: &str = "read it from what the server keeps about who is signed in, or from a token whose signature it verifies";
const NO_SHIELD: &str = "a gateway can remove the field, but then nobody has the role: the code has to ask the server's own data";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found: Vec<(Draft, u32)> = Vec::new();
    let kept = kept_in_names(body);
    for test in tests(body) {
        let span = body.code().expr_span(test);
        let direct = body.code().exprs().filter(|(id, _)| holds(span, body.code().expr_span(*id)));
        let by_name = |id| match body.code().expr(id) {
            Expr::Name(name) => kept.iter().find(|(own, _)| *own == name).map(|(_, field)| field.clone()),
            _ => None,
        };
        let field = direct.filter_map(|(id, _)| field_of(body, id).or_else(|| by_name(id))).find(|field| decides(field));
        let Some(field) = field else { continue };
        let line = body.line(span);
        if found.iter().any(|(_, other)| *other == line) {
            continue;
        }
        let message = format!("`{field}` of the request says what its sender may do: whoever writes it may");
        found.push((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), line));
    }
    found
}

/// What conditions compare with a constant, or test as it is.
fn tests(body: &Body<'_>) -> Vec<ExprId> {
    let compared = body.code().exprs().filter(|(_, expr)| match expr {
        Expr::Compare(left, rest) => {
            let constant = |id: ExprId| matches!(body.code().expr(id), Expr::Str(_) | Expr::True | Expr::Int(_));
            matches!(body.code().compare(*rest), [(CompareOp::Eq, right)] if constant(*right) || constant(*left))
        }
        _ => false,
    });
    let mut all: Vec<ExprId> = compared.map(|(id, _)| id).collect();
    for (stmt, _) in body.statements() {
        if let Stmt::If { test, .. } = stmt
            && matches!(body.code().expr(test), Expr::Call { .. } | Expr::Subscript(..) | Expr::Name(_))
        {
            all.push(test);
        }
    }
    all
}

/// Names that are assigned a field of the request.
fn kept_in_names(body: &Body<'_>) -> Vec<(Symbol, String)> {
    let field = |(name, value): (Symbol, ExprId)| field_of(body, value).map(|field| (name, field));
    fields::assignments(body).filter_map(field).collect()
}

/// The field that an expression reads; what names the browser is one, too.
fn field_of(body: &Body<'_>, id: ExprId) -> Option<String> {
    fields::field_of(body, id, PLACES).or_else(|| match body.code().expr(id) {
        Expr::Attribute(of, name) if name == "user_agent" && body.callee(of).last().is_some_and(|n| *n == "request") => {
            Some("User-Agent".to_owned())
        }
        _ => None,
    })
}

fn decides(field: &str) -> bool {
    let words = secret_names::words(field);
    let is_agent = words.windows(2).any(|pair| pair[0] == "user" && pair[1] == "agent");
    is_agent || words.iter().any(|word| RIGHTS.contains(&word.as_str()) || word == "isadmin")
}
