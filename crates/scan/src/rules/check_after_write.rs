//! `check-after-write`: the handler refuses only after it has written.

use model::{Confidence, Effect, Persona, Severity, Weakness};
use python::code::{Block, Expr, ExprId, Span, Stmt};

use super::{Check, Draft, Rule, Whole, login_without_limit, secret_names};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "check-after-write",
    weakness: Weakness::CheckAfterEffect,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint asks what the caller may do only after it has written",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(WRITES).and(REFUSALS).in_handlers(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that commit or save, and then refuse with 401 or 403 under a condition that they could have looked at before, where nothing on the way to the write refuses anybody. A handler that rolls back, or that
writes within `atomic`, is silent: there the refusal undoes the write.

## Why is this bad?

The answer says 403, and what it forbids is done. Nobody looks at the row again, and the logs show a refusal.

## Example

```python bad
from fastapi import FastAPI, HTTPException

from deps import CurrentUser, SessionDep
from models import Order

app = FastAPI()


@app.put("/orders/{order_id}")
def change_order(order_id: int, address: str, session: SessionDep, user: CurrentUser):
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404)
    order.address = address
    session.commit()
    if order.user_id != user.id:
        raise HTTPException(status_code=403)  # <- here
    return {"id": order.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException

from deps import CurrentUser, SessionDep
from models import Order

app = FastAPI()


@app.put("/orders/{order_id}")
def change_order(order_id: int, address: str, session: SessionDep, user: CurrentUser):
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404)
    if order.user_id != user.id:
        raise HTTPException(status_code=403)
    order.address = address
    session.commit()
    return {"id": order.id}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask:

```python bad
from flask import abort
from flask_login import current_user, login_required

from shop import Order, app, db


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):
    order = db.get_or_404(Order, order_id)
    db.session.delete(order)
    db.session.commit()
    if order.user_id != current_user.id:
        abort(403)  # <- here
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort
from flask_login import current_user, login_required

from shop import Order, app, db


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(403)
    db.session.delete(order)
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework, where `atomic` takes the write back:

```python bad
# file: views.py
from rest_framework.decorators import api_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from models import Order


@api_view(["PUT"])
def change_order(request, order_id):
    order = Order.objects.get(pk=order_id)
    order.address = request.data["address"]
    order.save()
    if order.user != request.user:
        raise PermissionDenied()  # <- here
    return Response({"id": order.pk})
# file: urls.py
from django.urls import path

from views import change_order

urlpatterns = [path("orders/<int:order_id>/", change_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from models import Order


@api_view(["PUT"])
def change_order(request, order_id):
    order = Order.objects.get(pk=order_id)
    if order.user != request.user:
        raise PermissionDenied()
    order.address = request.data["address"]
    order.save()
    return Response({"id": order.pk})
# file: urls.py
from django.urls import path

from views import change_order

urlpatterns = [path("orders/<int:order_id>/", change_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Move the condition above the write: first who may, then what is done.
"#;

/// What stands in the code of what writes for good.
const WRITES: &[&str] = &[".commit(", ".save(", ".delete(", ".create(", ".update("];
/// What stands in the code of what refuses.
const REFUSALS: &[&str] = &["401", "403", "PermissionDenied", "Forbidden", "Unauthorized", "NotAuthenticated", "AuthenticationFailed"];
/// What takes a write back.
const UNDOES: &[&str] = &["rollback", "atomic", "ATOMIC", "session.begin()", ".begin() as"];
/// Words of conditions about who asks.
const WHO: &[&str] = &[
    "user", "owner", "role", "roles", "admin", "staff", "superuser", "permission", "permissions", "author", "creator", "member", "tenant", "organization", "team",
    "caller", "identity", "principal", "allowed", "can", "may", "has",
];
const FIX: &str = "move the condition above the write: first who may, then what is done";
const NO_SHIELD: &str = "a gateway does not know the condition; where it asks for a role or an owner that its policy can name, that rule has the shield";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let text = body.text(body.span);
    // What counts failed logins is written before they are refused.
    if UNDOES.iter().any(|word| text.contains(word)) || login_without_limit::checks_password(text) {
        return Vec::new();
    }
    let endpoints = || body.endpoints.iter().filter_map(|index| whole.report.endpoints.get(*index));
    let changes = |effect: &Effect| effect.object().is_some() && effect.writes();
    if !endpoints().any(|endpoint| endpoint.effects.iter().any(changes)) {
        return Vec::new();
    }
    let is_django = endpoints().any(|endpoint| &*endpoint.framework == "django");
    let mut way = Way { body, is_django, written: None, refuses: false, found: None };
    way.walk(body.code().body);
    let Some((refusal, written)) = way.found else { return Vec::new() };
    let at = body.line(written);
    let message = format!("`{}` refuses here, and has written already, on line {at}: who is refused has done it", body.name);
    let mut draft = Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD);
    draft.trace = vec![model::Evidence::new(body.source.path.clone(), at, "writes for good")];
    vec![(draft, body.line(refusal))]
}

/// A way through a function from its begin.
struct Way<'b> {
    body: &'b Body<'b>,
    is_django: bool,
    /// What is written for good on every way here.
    written: Option<Span>,
    /// Whether somebody was refused before.
    refuses: bool,
    /// The first refusal behind a write, and the write.
    found: Option<(Span, Span)>,
}

impl Way<'_> {
    /// The statements of a block, one after the other.
    fn walk(&mut self, block: Block) {
        for id in self.body.code().block(block) {
            let (stmt, span) = (self.body.code().stmt(*id), self.body.code().stmt_span(*id));
            match stmt {
                Stmt::If { test, body, orelse } => self.condition(test, span, [body, orelse]),
                Stmt::With { body, .. } | Stmt::Try { body, .. } => self.walk(body),
                // What calls something inside may be refused there.
                _ if self.writes(stmt) => self.written = self.written.or(Some(span)),
                _ => self.refuses |= self.refusal_in(span).is_some(),
            }
            if self.found.is_some() {
                return;
            }
        }
    }

    /// `if order.user_id != user.id: raise HTTPException(403)`
    fn condition(&mut self, test: ExprId, span: Span, sides: [Block; 2]) {
        let is_about_caller = self.names(test).any(|name| secret_names::has_word(name, WHO));
        let refusal = self.direct_refusal(sides[0]).or_else(|| self.direct_refusal(sides[1]));
        match (self.written, refusal) {
            (Some(written), Some(refusal)) if !self.refuses && is_about_caller => self.found = Some((refusal, written)),
            _ => self.refuses |= self.refusal_in(span).is_some(),
        }
    }

    /// A refusal that is a statement of a block itself, where nothing is written before.
    fn direct_refusal(&self, block: Block) -> Option<Span> {
        let spans = self.body.code().block(block).iter().map(|id| (self.body.code().stmt(*id), self.body.code().stmt_span(*id)));
        let mut plain = spans.take_while(|(stmt, _)| !self.writes(*stmt));
        plain.find_map(|(stmt, span)| {
            let is_plain = matches!(stmt, Stmt::Raise { .. } | Stmt::Return(Some(_)) | Stmt::Expr(_));
            is_plain.then(|| self.refusal_in(span)).flatten()
        })
    }

    /// Where a piece of the code refuses somebody.
    fn refusal_in(&self, span: Span) -> Option<Span> {
        REFUSALS.iter().any(|word| self.body.text(span).contains(word)).then_some(span)
    }

    /// Whether a statement writes for good.
    fn writes(&self, stmt: Stmt) -> bool {
        let (Stmt::Expr(value) | Stmt::Assign { value, .. }) = stmt else { return false };
        let value = match self.body.code().expr(value) {
            Expr::Await(inner) => inner,
            _ => value,
        };
        let Expr::Call { function, .. } = self.body.code().expr(value) else { return false };
        let names = self.body.callee(function);
        let Some(last) = names.last().filter(|_| names.len() > 1) else { return false };
        match last.as_str() {
            "commit" => true,
            "save" | "delete" | "create" | "update" => self.is_django,
            _ => false,
        }
    }

    /// The names and attributes in an expression.
    fn names(&self, id: ExprId) -> impl Iterator<Item = &'static str> {
        let outer = self.body.code().expr_span(id);
        let inside = self.body.code().exprs().filter(move |(inner, _)| holds(outer, self.body.code().expr_span(*inner)));
        inside.filter_map(|(_, expr)| match expr {
            Expr::Name(name) | Expr::Attribute(_, name) => Some(name.as_str()),
            _ => None,
        })
    }
}
