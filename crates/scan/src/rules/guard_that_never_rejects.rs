//! `guard-that-never-rejects`: what endpoints ask to protect them lets everybody pass.

use model::{AccessVerdict, Certainty, Confidence, Endpoint, Evidence, Method, Persona, Severity, Test, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, api, fields, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "guard-that-never-rejects",
    weakness: Weakness::IneffectiveGuard,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "what endpoints ask to protect them lets everybody pass",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["def"]).in_those_named(asks_by_name), of_body)],
};

const PAGE: &str = r#"## What it does

Finds dependencies and decorators whose name says that they ask who somebody is (`require_auth`, `get_current_user`, `login_required`), and permission classes of Django REST framework
whose `has_permission` always answers yes, where nothing in their code refuses anybody and endpoints rely on them that are proven to admit everybody. Those whose name says that they may find nobody (`optional_user`) are silent.

Finds, too, what is given a token, a key or a password and takes whatever it is given: the `authenticate` of a class of Django Ninja that decides nothing and returns something
that is true, and a dependency behind a security scheme of FastAPI that decides nothing and returns the same for every token.

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

```python bad
from django.urls import path
from ninja import NinjaAPI
from ninja.security import HttpBearer

ROOT_URLCONF = __name__
ORDERS = []


class Token(HttpBearer):
    def authenticate(self, request, token):  # <- here
        return token


api = NinjaAPI(auth=Token())


@api.post("/orders")
def add_order(request, text: str):
    ORDERS.append(text)


urlpatterns = [path("api/", api.urls)]
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
/// Calls that name a dependency.
const DEPENDS: &[&str] = &["Depends(", "Security("];
/// Endpoints that are named.
const NAMED_MAX: usize = 5;
const FIX: &str = "refuse whom it does not know: `raise HTTPException(status_code=401)` in FastAPI, `abort(401)` in Flask, `return request.user.is_authenticated` in a permission class; if it is not meant to refuse, give it a name that says so";
const NO_SHIELD: &str = "whom the endpoints are meant for stands nowhere: the rules about open endpoints have their shields";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    if !body.endpoints.is_empty() {
        return Vec::new();
    }
    that_refuses_nobody(body, whole).or_else(|| that_takes_anything(body, whole)).into_iter().collect()
}

/// A guard that nothing makes refuse anybody.
fn that_refuses_nobody(body: &Body<'_>, whole: &Whole<'_>) -> Option<(Draft, u32)> {
    let text = body.text(body.span);
    if REFUSES.iter().any(|word| text.contains(word)) {
        return None;
    }
    let permission = permission_class(body);
    let relies = |endpoint: &&Endpoint| {
        let is_open = endpoint.access.verdict() == AccessVerdict::Public && endpoint.access.certainty() == Certainty::Proven;
        let by_class = || permission.is_some_and(|class| asks_class(whole, endpoint, class));
        // Browsers ask with OPTIONS before they send a credential.
        let is_preflight = *endpoint.method() == Method::Options;
        is_open && !is_preflight && (names_it(whole, endpoint, body.name.as_str()) || by_class())
    };
    let open: Vec<&Endpoint> = whole.report.endpoints.iter().filter(relies).collect();
    let name = permission.unwrap_or(body.name.as_str());
    Some((drafted(name, &open, "refuses nobody", "admits everybody", Confidence::High)?, body.line(body.span)))
}

fn drafted(name: &str, open: &[&Endpoint], does: &str, so: &str, confidence: Confidence) -> Option<Draft> {
    let message = match open {
        [] => return None,
        [one] => format!("`{name}` {does}, and `{} {}` relies on it", one.method(), one.path()),
        many => format!("`{name}` {does}, and {} endpoints rely on it", many.len()),
    };
    let place = |one: &&Endpoint| {
        Evidence::new(one.handler.file.clone(), one.handler.line, format!("`{} {}` {so}", one.method(), one.path()))
    };
    let trace = open.iter().take(NAMED_MAX).map(place).collect();
    Some(Draft { trace, ..Draft::of(&RULE, confidence, message, FIX, NO_SHIELD) })
}

/// A guard that is given a credential by a library, which refuses whoever brings none, and takes any.
fn that_takes_anything(body: &Body<'_>, whole: &Whole<'_>) -> Option<(Draft, u32)> {
    let answer = the_same_answer(body)?;
    let signature = signature_of(body);
    let is_given_back = matches!(body.code().expr(answer), Expr::Name(_));
    let class = (body.name == "authenticate" && signature.split(',').count() > 2).then(|| class_around(body)).flatten();
    let declared = whole.report.applications.iter().flat_map(|one| one.security_schemes.keys());
    let declared: Vec<&str> = declared.map(|name| &**name).collect();
    let is_known = |scheme: &str| scheme == body.name.as_str() || declared.contains(&scheme);
    let relies = |endpoint: &&Endpoint| {
        if let Some(class) = class {
            return &*endpoint.framework == "django" && admits_alone(endpoint, |scheme| scheme == class);
        }
        // What is handed on may be looked at elsewhere.
        !is_given_back && is_the_only_one(body, whole, endpoint) && admits_alone(endpoint, is_known)
    };
    let open: Vec<&Endpoint> = whole.report.endpoints.iter().filter(relies).collect();
    let confidence = if is_given_back { Confidence::Medium } else { Confidence::High };
    let draft = drafted(body.name.as_str(), &open, "takes whatever it is given", "admits whoever brings anything", confidence)?;
    Some((draft, body.line(body.span)))
}

/// Whether a function is all that stands between an endpoint and the scheme that it needs.
fn is_the_only_one(body: &Body<'_>, whole: &Whole<'_>, endpoint: &Endpoint) -> bool {
    let line = body.line(body.span);
    let needs = |place: &Evidence| place.file == body.source.path && place.line == line;
    let depends = |head: &str| DEPENDS.iter().map(|call| head.matches(call).count()).sum::<usize>();
    names_it(whole, endpoint, body.name.as_str())
        && endpoint.access.evidence().first().is_some_and(needs)
        && api::head_of(whole.program, endpoint).is_some_and(|head| depends(head) == 1)
}

/// Whether schemes of which this is said are all that one of the ways to an endpoint asks for.
fn admits_alone(endpoint: &Endpoint, is_it: impl Fn(&str) -> bool) -> bool {
    let by = |test: &Test| matches!(test, Test::Scheme(name) if is_it(name));
    let ways = endpoint.access.requirement().map(model::AuthRequirement::alternatives);
    ways.into_iter().flatten().any(|way| !way.is_empty() && way.iter().all(|condition| by(&condition.test)))
}

/// What neither decides nor calls anything.
fn is_plain(expr: Expr) -> bool {
    use Expr::{Bytes, Dict, False, Format, Int, List, Name, None, OtherNumber, Set, Str, True, Tuple};
    let is_constant = matches!(expr, None | True | False | Int(_) | OtherNumber | Str(_) | Bytes(_) | Format(_));
    is_constant || matches!(expr, Name(_) | Tuple(_) | List(_) | Set(_) | Dict(_))
}

/// What a body returns that decides nothing and calls nothing, if that is always true.
fn the_same_answer(body: &Body<'_>) -> Option<ExprId> {
    let mut answer = None;
    for (statement, _) in body.statements() {
        match statement {
            Stmt::Return(Some(value)) => answer = Some(value),
            Stmt::Assign { .. } | Stmt::AnnAssign { .. } | Stmt::Pass => {}
            Stmt::Expr(text) if matches!(body.code().expr(text), Expr::Str(_)) => {}
            _ => return None,
        }
    }
    let answer = answer.filter(|_| body.code().exprs().all(|(_, expr)| is_plain(expr)))?;
    let is_true = match body.code().expr(answer) {
        Expr::True => true,
        Expr::Int(number) => number != 0,
        Expr::Str(text) => !text.as_str().is_empty(),
        Expr::Tuple(items) | Expr::List(items) | Expr::Set(items) | Expr::Dict(items) => !body.code().list(items).is_empty(),
        // The token itself: none is no reason to ask.
        Expr::Name(name) => signature_of(body).split(',').skip(1).any(|one| one.trim().split([':', '=', ' ']).next() == Some(name.as_str())),
        _ => false,
    };
    is_true.then_some(answer)
}

/// The parameters, as they are written.
fn signature_of<'b>(body: &'b Body<'_>) -> &'b str {
    let text = body.text(body.span);
    let begin = text.find('(').map_or(0, |at| at + 1);
    let ends = |(at, _): &(usize, &str)| text[*at + 1..].trim_start().starts_with([':', '-']);
    let end = text.match_indices(')').find(ends).map_or(begin, |(at, _)| at.max(begin));
    &text[begin..end]
}

/// The name of the class in whose body a function stands.
fn class_around<'b>(body: &'b Body<'_>) -> Option<&'b str> {
    let before = body.source.text.get(..body.span.start as usize)?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let around = |line: &&str| !line.trim().is_empty() && indent(line) < own && line.trim_start().starts_with("class ");
    let named = before.lines().rev().find(around)?.trim_start().strip_prefix("class ")?;
    named.split(['(', ':', '[']).next().map(str::trim)
}

/// The class of Django REST framework whose answer to who may call is always yes.
fn permission_class<'b>(body: &'b Body<'_>) -> Option<&'b str> {
    let is_yes = body.name == "has_permission"
        && the_same_answer(body).is_some_and(|answer| matches!(body.code().expr(answer), Expr::True));
    is_yes.then(|| class_around(body)).flatten()
}

/// Whether the view that answers, or a decorator around it, names a class among those whom it asks.
fn asks_class(whole: &Whole<'_>, endpoint: &Endpoint, class: &str) -> bool {
    let at = &endpoint.handler;
    let view = fields::class_around(whole.program, &at.file, at.line).map(|(_, text)| text);
    let texts = [view, api::head_of(whole.program, endpoint)];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut lines = texts.into_iter().flatten().flat_map(str::lines).filter(|line| line.contains("permission_classes"));
    lines.any(|line| line.split(|c| !is_word(c)).any(|word| word == class))
}

fn asks_by_name(name: &str) -> bool {
    let has = |words: &[&str]| secret_names::has_word(name, words);
    !has(MAYBE) && (has(ASKS) || (has(VERBS) && has(CREDENTIALS)))
}

/// Whether decorators or parameters of a handler name a function: `@login_required`, `Depends(get_current_user)`.
fn names_it(whole: &Whole<'_>, endpoint: &Endpoint, name: &str) -> bool {
    let Some(head) = api::head_of(whole.program, endpoint) else { return false };
    let depends = DEPENDS.iter().any(|call| is_in(head, &format!("{call}{name}")));
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
