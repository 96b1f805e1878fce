//! `guard-that-never-rejects`: what endpoints ask to protect them lets everybody pass.

use model::{AccessVerdict, Certainty, Confidence, Endpoint, Evidence, Persona, Severity, Weakness};

use python::Symbol;
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, api, fields, secret_names};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "guard-that-never-rejects",
    weakness: Weakness::IneffectiveGuard,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "what endpoints ask to protect them lets everybody pass",
    page: PAGE,
    checks: &[Check::Body(&["def "], of_body)],
};

const PAGE: &str = r#"## What it does

Finds dependencies and decorators whose name says that they ask who somebody is (`require_auth`, `get_current_user`, `login_required`), and permission classes of Django REST framework
whose `has_permission` always answers yes, where nothing in their code refuses anybody and endpoints rely on them that are proven to admit everybody. Those whose name says that they may find nobody (`optional_user`) are silent.

## Why is this bad?

The endpoint looks protected, so that nobody looks again: everybody may call it, often as a user with all rights.

## Example

```python bad
from fastapi import Depends, FastAPI

app = FastAPI()
ORDERS = []


def get_current_user():  # <- here
    return {"name": "admin", "role": "admin"}


@app.post("/orders")
def add_order(text: str, user: dict = Depends(get_current_user)):
    ORDERS.append((user["name"], text))
```

```python bad
from functools import wraps

from flask import Flask, g, request

app = Flask(__name__)
ORDERS = []


def login_required(view):  # <- here
    @wraps(view)
    def asked(*args, **values):
        g.user = request.headers.get("X-User", "guest")
        return view(*args, **values)

    return asked


@app.delete("/orders/<int:number>")
@login_required
def delete_order(number):
    del ORDERS[number]
    return {}
```

Use instead:

```python good
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()
ORDERS = []
TOKENS = {}


def get_current_user(authorization: str = Header("")):
    user = TOKENS.get(authorization)
    if user is None:
        raise HTTPException(status_code=401)
    return user


@app.post("/orders")
def add_order(text: str, user: dict = Depends(get_current_user)):
    ORDERS.append((user["name"], text))
```

```python good
from functools import wraps

from flask import Flask, abort, g, request

app = Flask(__name__)
ORDERS = []
TOKENS = {}


def login_required(view):
    @wraps(view)
    def asked(*args, **values):
        g.user = TOKENS.get(request.headers.get("Authorization"))
        if g.user is None:
            abort(401)
        return view(*args, **values)

    return asked


@app.delete("/orders/<int:number>")
@login_required
def delete_order(number):
    del ORDERS[number]
    return {}
```

Django REST framework:

```python bad
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from models import Order


class HasPermission(BasePermission):
    def has_permission(self, request, view):  # <- here
        return True


@api_view(["DELETE"])
@permission_classes([HasPermission])
def delete_order(request, order_id):
    Order.objects.filter(pk=order_id).delete()
    return Response(status=204)
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from models import Order


class HasPermission(BasePermission):
    def has_permission(self, request, view):
        return request.user.has_perm("orders.delete_order")


@api_view(["DELETE"])
@permission_classes([HasPermission])
def delete_order(request, order_id):
    Order.objects.filter(pk=order_id).delete()
    return Response(status=204)
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

Django, where a decorator of one's own asks nobody:

```python bad
# file: views.py
from functools import wraps

from django.http import JsonResponse

from models import Order


def login_required(view):  # <- here
    @wraps(view)
    def asked(request, *args, **values):
        request.who = request.user if request.user.is_authenticated else None
        return view(request, *args, **values)

    return asked


@login_required
def delete_order(request, order_id):
    Order.objects.filter(pk=order_id).delete()
    return JsonResponse({})
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from functools import wraps

from django.http import JsonResponse

from models import Order


def login_required(view):
    @wraps(view)
    def asked(request, *args, **values):
        if not request.user.is_authenticated:
            return JsonResponse({"error": "sign in"}, status=401)
        return view(request, *args, **values)

    return asked


@login_required
def delete_order(request, order_id):
    Order.objects.filter(pk=order_id).delete()
    return JsonResponse({})
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Refuse whom it does not know: `raise HTTPException(status_code=401)` in FastAPI, `abort(401)` in Flask, `return request.user.is_authenticated` in a
permission class of Django REST framework. If it is not meant to refuse, give it a name that says so.
"#;

/// Words of names that say that somebody is asked who they are, or what they may do.
const ASKS: &[&str] = &["auth", "authenticate", "authenticated", "authorize", "authorized", "login", "permission", "permissions", "admin", "role", "roles"];
/// Words of them before `user`, `token`, `key` or `jwt`.
const VERBS: &[&str] = &["current", "require", "required", "verify", "check", "validate", "ensure"];
const CREDENTIALS: &[&str] = &["user", "token", "key", "jwt", "session", "credentials"];
/// Words of names that say that they may find nobody.
const MAYBE: &[&str] = &["optional", "maybe", "anonymous", "or", "if", "try", "url", "form", "page", "router", "backend", "provider", "service"];
/// What code says that refuses somebody, or lets something else do so.
const REFUSES: &[&str] = &[
    "raise", "abort", "401", "403", "redirect", "nauthorized", "orbidden", "Depends(", "Security(", "denied", "assert", "HTTPException", "await self.", "super()",
];
/// Endpoints that are named.
const NAMED_MAX: usize = 5;
const FIX: &str = "refuse whom it does not know: `raise HTTPException(status_code=401)` in FastAPI, `abort(401)` in Flask, `return request.user.is_authenticated` in a permission class; if it is not meant to refuse, give it a name that says so";
const NO_SHIELD: &str = "whom the endpoints are meant for stands nowhere: the rules about open endpoints have their shields";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let text = body.text(body.span);
    if !body.endpoints.is_empty() || !asks_by_name(body.name.as_str()) || REFUSES.iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let permission = permission_class(body, whole);
    let relies = |endpoint: &&Endpoint| {
        let is_open = endpoint.access.verdict() == AccessVerdict::Public && endpoint.access.certainty() == Certainty::Proven;
        let by_class = || permission.is_some_and(|class| asks_class(whole, endpoint, class));
        is_open && (names_it(whole, endpoint, body.name.as_str()) || by_class())
    };
    let open: Vec<&Endpoint> = whole.report.endpoints.iter().filter(relies).collect();
    if open.is_empty() {
        return Vec::new();
    }
    let name = permission.unwrap_or(body.name);
    let message = match open.len() {
        1 => format!("`{name}` refuses nobody, and `{} {}` relies on it", open[0].method(), open[0].path()),
        count => format!("`{name}` refuses nobody, and {count} endpoints rely on it"),
    };
    let place = |one: &&Endpoint| {
        Evidence::new(one.handler.file.clone(), one.handler.line, format!("`{} {}` admits everybody", one.method(), one.path()))
    };
    let trace = open.iter().take(NAMED_MAX).map(place).collect();
    vec![(Draft { trace, ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD) }, body.line(body.span))]
}

/// The class of Django REST framework whose answer to who may call is always yes.
fn permission_class(body: &Body<'_>, whole: &Whole<'_>) -> Option<Symbol> {
    let mut answers = body.statements().filter_map(|(stmt, _)| match stmt {
        Stmt::Return(answer) => Some(answer),
        _ => None,
    });
    let is_yes = |answer: Option<ExprId>| answer.is_some_and(|answer| matches!(body.code.expr(answer), Expr::True));
    if body.name.as_str() != "has_permission" || !answers.next().is_some_and(is_yes) || !answers.all(is_yes) {
        return None;
    }
    fields::class_around(whole.program, &body.source.path, body.line(body.span)).map(|(name, _)| name)
}

/// Whether the view that answers, or a decorator around it, names a class among those whom it asks.
fn asks_class(whole: &Whole<'_>, endpoint: &Endpoint, class: Symbol) -> bool {
    let at = &endpoint.handler;
    let view = fields::class_around(whole.program, &at.file, at.line).map(|(_, text)| text);
    let texts = [view, api::head_of(whole.program, endpoint)];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut lines = texts.into_iter().flatten().flat_map(str::lines).filter(|line| line.contains("permission_classes"));
    lines.any(|line| line.split(|c| !is_word(c)).any(|word| word == class.as_str()))
}

fn asks_by_name(name: &str) -> bool {
    let has = |words: &[&str]| secret_names::has_word(name, words);
    !has(MAYBE) && (has(ASKS) || (has(VERBS) && has(CREDENTIALS)))
}

/// Whether decorators or parameters of a handler name a function: `@login_required`, `Depends(get_current_user)`.
fn names_it(whole: &Whole<'_>, endpoint: &Endpoint, name: &str) -> bool {
    let Some(head) = api::head_of(whole.program, endpoint) else { return false };
    let depends = ["Depends(", "Security("].into_iter().any(|call| is_in(head, &format!("{call}{name}")));
    depends || head.lines().any(|line| decorates(line, name))
}

/// Whether it stands in a text and ends there.
fn is_in(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(at, _)| text[at + wanted.len()..].starts_with([')', ',', '(', ' ']))
}

fn decorates(line: &str, name: &str) -> bool {
    let called = line.trim().strip_prefix('@').and_then(|line| line.split('(').next());
    called.is_some_and(|called| called.trim().rsplit('.').next() == Some(name))
}
