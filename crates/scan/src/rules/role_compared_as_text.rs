//! `role-compared-as-text`: a role is looked for inside a text, so that a piece of a name is as good as the name.

use model::{Confidence, Edit, Fix, FixSafety, Persona, Severity, ValueType, Weakness};
use python::Symbol;
use python::code::{CompareOp, Expr, ExprId, Span, Stmt};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "role-compared-as-text",
    weakness: Weakness::LooseRoleComparison,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a role is looked for inside a text, where a piece of a name is as good as the name",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&[" in ", ".startswith(", ".endswith("]).and(ROLES), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `role in "admin,editor"` and `role in ("admin")`: Python looks for a piece of a text there, because no comma makes a tuple. So it does where a constant of the module is such a text. Fixed by hand or by `--fix`: the names become a tuple.

To the pedantic it tells of roles that are compared by how they begin or end (`role.startswith("admin")`), and of a name that is looked for inside a role that is a text (`"admin" in user.role`).

## Why is this bad?

`"a"`, `""` and `"min,ed"` are all in `"admin,editor"`: whoever has an empty role, or one whose name is a piece of another, passes.

## Example

```python bad
from fastapi import FastAPI, HTTPException

from deps import CurrentUser

app = FastAPI()
EDITORS = "admin,editor"


@app.get("/report")
def report(user: CurrentUser):
    if user.role not in ("admin"):  # <- here
        raise HTTPException(status_code=403)
    return {}


@app.get("/drafts")
def drafts(user: CurrentUser):
    if user.role not in EDITORS:  # <- here
        raise HTTPException(status_code=403)
    return {}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException

from deps import CurrentUser

app = FastAPI()
EDITORS = ("admin", "editor")


@app.get("/report")
def report(user: CurrentUser):
    if user.role not in ("admin",):
        raise HTTPException(status_code=403)
    return {}


@app.get("/drafts")
def drafts(user: CurrentUser):
    if user.role not in EDITORS:
        raise HTTPException(status_code=403)
    return {}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import abort
from flask_login import current_user, login_required

from shop import app


@app.get("/report")
@login_required
def report():
    if current_user.role not in "admin,editor":  # <- here
        abort(403)
    return {}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort
from flask_login import current_user, login_required

from shop import app


@app.get("/report")
@login_required
def report():
    if current_user.role not in {"admin", "editor"}:
        abort(403)
    return {}
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response


class IsEditor(BasePermission):
    def has_permission(self, request, view):
        return request.user.role in "admin,editor"  # <- here


@api_view(["GET"])
@permission_classes([IsEditor])
def report(request):
    return Response({})
# file: urls.py
from django.urls import path

from views import report

urlpatterns = [path("report/", report)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission
from rest_framework.response import Response


class IsEditor(BasePermission):
    def has_permission(self, request, view):
        return request.user.role in ("admin", "editor")


@api_view(["GET"])
@permission_classes([IsEditor])
def report(request):
    return Response({})
# file: urls.py
from django.urls import path

from views import report

urlpatterns = [path("report/", report)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Write a tuple or a set: `("admin", "editor")`, and of one name `("admin",)` or plain `==`.
"#;

/// Words of names that hold what somebody may do.
const ROLES: &[&str] = &["role", "permission", "scope", "group", "privilege", "usertype", "user_type"];
/// The same as they stand in names.
const ROLE_WORDS: &[&str] =
    &["role", "roles", "permission", "permissions", "scope", "scopes", "group", "groups", "privilege", "privileges", "usertype"];
const FIX: &str = "compare with a tuple of whole names";
const NO_SHIELD: &str = "the policy asks for the roles that the code asks for, as whole names, where it knows them";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = Vec::new();
    for (id, expr) in body.code().exprs() {
        let line = body.line(body.code().expr_span(id));
        match expr {
            Expr::Compare(left, rest) => {
                let [(CompareOp::In | CompareOp::NotIn, right)] = body.code().compare(rest) else { continue };
                let draft = in_text(body, left, *right).or_else(|| piece_of_role(body, left, *right, whole));
                found.extend(draft.map(|draft| (draft, line)));
            }
            Expr::Call { function, arguments } => {
                let [given] = body.code().call_arguments(arguments) else { continue };
                found.extend(by_begin(body, function, given.value).map(|draft| (draft, line)));
            }
            _ => {}
        }
    }
    found
}

/// `role in "admin,editor"`
fn in_text(body: &Body<'_>, left: ExprId, right: ExprId) -> Option<Draft> {
    let name = role(body, left)?;
    let (text, edit) = match body.code().expr(right) {
        Expr::Str(text) => (text, Some(edit(body, body.code().expr_span(right), text))),
        Expr::Name(name) => (constant(body, name)?, None),
        _ => return None,
    };
    let message = format!("`{name}` is looked for inside the text `\"{text}\"`: every piece of it is as good as a whole name");
    let draft = Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD);
    let Some(edit) = edit else { return Some(draft) };
    let text = format!("compare with a tuple: `{}`", edit.text);
    Some(Draft { fix: Some(Fix { safety: FixSafety::Safe, edits: vec![edit], text }), ..draft })
}

/// `"admin" in user.role`, where that is a column of texts.
fn piece_of_role(body: &Body<'_>, left: ExprId, right: ExprId, whole: &Whole<'_>) -> Option<Draft> {
    let (Expr::Str(wanted), Expr::Attribute(..)) = (body.code().expr(left), body.code().expr(right)) else { return None };
    let name = role(body, right)?;
    let principals = whole.report.applications.iter().flat_map(|one| &one.principals).filter_map(|one| one.object.as_ref());
    let mut models = principals.filter_map(|name| whole.report.objects.iter().find(|model| model.name == *name));
    let is_text = models.any(|model| model.column(&name).is_some_and(|column| column.value_type == ValueType::String));
    let message = format!("`\"{wanted}\"` is looked for inside the text `{name}`: a role whose name holds it passes");
    is_text.then(|| Draft::of(&RULE, Confidence::Medium, message, "compare with `==`", NO_SHIELD).for_persona(Persona::Pedantic))
}

/// `role.startswith("admin")`
fn by_begin(body: &Body<'_>, function: ExprId, given: ExprId) -> Option<Draft> {
    let Expr::Attribute(of, method) = body.code().expr(function) else { return None };
    let part = match method.as_str() {
        "startswith" => "begins",
        "endswith" => "ends",
        _ => return None,
    };
    // `role.startswith("group:")` takes a name apart.
    let is_word = matches!(body.code().expr(given), Expr::Str(text) if text.as_str().chars().all(char::is_alphabetic));
    let name = role(body, of).filter(|name| is_word && secret_names::has_word(name, &["role", "roles", "usertype"]))?;
    let message = format!("`{name}` is compared by how it {part}: other roles may {} so, too", part.trim_end_matches('s'));
    Some(Draft::of(&RULE, Confidence::Low, message, "compare with `==`", NO_SHIELD).for_persona(Persona::Pedantic))
}

/// The name of what holds a role: `user.role`, `claims["role"]`.
fn role(body: &Body<'_>, id: ExprId) -> Option<String> {
    let name = match body.code().expr(id) {
        Expr::Subscript(_, index) => match body.code().expr(index) {
            Expr::Str(text) => text,
            _ => return None,
        },
        Expr::Name(name) | Expr::Attribute(_, name) => name,
        _ => return None,
    };
    secret_names::has_word(name.as_str(), ROLE_WORDS).then(|| name.to_string())
}

/// The text that a name of the module stands for, where it stands for nothing else.
fn constant(body: &Body<'_>, name: Symbol) -> Option<Symbol> {
    let module = &body.source.code;
    let mut values = module.statements_with_spans().filter_map(|(stmt, _)| match stmt {
        Stmt::Assign { targets, value } => {
            let is_it = |target: &ExprId| matches!(module.expr(*target), Expr::Name(own) if own == name);
            module.list(targets).iter().any(is_it).then_some(value)
        }
        _ => None,
    });
    let value = values.next().filter(|_| values.next().is_none())?;
    match module.expr(value) {
        Expr::Str(text) => Some(text),
        _ => None,
    }
}

/// The change that makes a tuple of a text.
fn edit(body: &Body<'_>, span: Span, text: Symbol) -> Edit {
    let names = text.as_str().split([',', ' ', '|', ';']).filter(|name| !name.is_empty());
    let quoted: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    let tuple = match quoted.as_slice() {
        [only] => format!("({only},)"),
        all => format!("({})", all.join(", ")),
    };
    Edit { file: body.source.path.clone(), start: span.start as usize, end: span.end as usize, text: tuple }
}
