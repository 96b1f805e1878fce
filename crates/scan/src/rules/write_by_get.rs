//! `write-by-get`: a GET changes or deletes what its address names.

use model::{
    Access, AccessVerdict, Confidence, Effect, Endpoint, Evidence, Fix, Method, ObjectEffect, Persona, Place, SecuritySchemeKind, Sensitivity, Severity,
    Shielding, Test, Weakness, WrittenFrom,
};

use super::api::{Api, handler_name};
use super::secret_names::has_word;
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "write-by-get",
    weakness: Weakness::UnsafeSafeMethod,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a GET changes or deletes what its address names",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints for GET whose handler deletes or changes the object that the address names, or makes one of what the address says. What is written on the side is not told: counters, times of the last use, rows of logs,
codes that are valid once, and what is filled in when it is first asked for.

Where the caller is known by a cookie everybody sees it, because any page can make a browser send a GET. Elsewhere it is told to the pedantic.

## Why is this bad?

Browsers, crawlers, link previews and caches send GET by themselves and send it again; an image on another site is enough to make a visitor delete something. Protections against forged
requests leave GET out, because it must not change anything (RFC 9110, section 9.2.1).

## Example

```python bad
from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from deps import CurrentUser, SessionDep
from models import Order

app = FastAPI()


@app.get("/orders/{order_id}/delete")
def delete_order(order_id: int, session: SessionDep, user: CurrentUser):  # <- here
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    session.delete(order)
    session.commit()
    return {}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException
from sqlalchemy import select

from deps import CurrentUser, SessionDep
from models import Order

app = FastAPI()


@app.delete("/orders/{order_id}")
def delete_order(order_id: int, session: SessionDep, user: CurrentUser):
    order = session.scalar(select(Order).where(Order.id == order_id, Order.user_id == user.id))
    if order is None:
        raise HTTPException(status_code=404)
    session.delete(order)
    session.commit()
    return {}
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

Flask, where a browser sends the session by itself:

```python bad
from flask import abort
from flask_login import current_user, login_required

from shop import Order, app, db


@app.route("/orders/<int:order_id>/delete")
@login_required
def delete_order(order_id):  # <- here
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(404)
    db.session.delete(order)
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
from flask import abort
from flask_login import current_user, login_required

from shop import Order, app, db


@app.post("/orders/<int:order_id>/delete")
@login_required
def delete_order(order_id):
    order = db.get_or_404(Order, order_id)
    if order.user_id != current_user.id:
        abort(404)
    db.session.delete(order)
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django REST framework:

```python bad
# file: views.py
from rest_framework.decorators import api_view
from rest_framework.response import Response

from models import Order


@api_view(["GET"])
def delete_order(request, order_id):  # <- here
    Order.objects.filter(pk=order_id, user=request.user).delete()
    return Response(status=204)
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/delete/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
from rest_framework.decorators import api_view
from rest_framework.response import Response

from models import Order


@api_view(["DELETE"])
def delete_order(request, order_id):
    Order.objects.filter(pk=order_id, user=request.user).delete()
    return Response(status=204)
# file: urls.py
from django.urls import path

from views import delete_order

urlpatterns = [path("orders/<int:order_id>/", delete_order)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Let another method do it: `@app.delete`, `@app.post`, `methods=["POST"]`, `@api_view(["DELETE"])`, `@require_POST`; and a form with a token instead of a link.
"#;

/// Words of columns that only say that something was looked at.
const ASIDE: &[&str] = &[
    "views", "view", "hits", "count", "counter", "seen", "accessed", "access", "last", "visited", "visits", "at", "read", "clicks", "downloads",
    "updated", "cache", "cached", "hash", "expires", "refreshed", "synced", "used", "usage",
];
/// Words of models whose rows only say that something happened, or keep what is worked out again.
const RECORDS: &[&str] = &[
    "log", "logs", "history", "event", "events", "audit", "visit", "visits", "view", "views", "cache", "session", "sessions", "download", "downloads", "state",
    "nonce", "statistics", "metric", "metrics", "job", "jobs", "task",
];
/// Words of keys that are sent to somebody and valid once.
const CODES: &[&str] = &["token", "code", "state", "otp", "signature", "nonce", "ticket", "hash", "uid", "uidb64", "key"];
const SHIELDLESS: &str = "a gateway cannot let the same change pass by another method";

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    if *endpoint.method() != Method::Get || endpoint.route.pattern().parameters().any(|one| has_word(&one.name, CODES)) {
        return None;
    }
    let (write, verb) = endpoint.effects.iter().find_map(|effect| {
        let (write, verb, is_told) = match effect {
            Effect::Delete(write) => (write, "deletes", is_named_by_client(write)),
            Effect::Update(write) => (write, "changes", (is_named_by_client(write) || takes_values(write)) && is_no_aside(write)),
            Effect::Create(write) => (write, "adds a", takes_values(write)),
            _ => return None,
        };
        let is_new = matches!(effect, Effect::Create(_));
        let is_kept = !is_record(&write.object) && (is_new || !is_found_by_code(api, write));
        (is_told && is_kept && is_done_here(endpoint, api, write)).then_some((write, verb))
    })?;
    let is_by_cookie = knows_by_cookie(endpoint, api);
    let message = format!("`GET {}` {verb} `{}`: whoever is made to open the address does", endpoint.path(), write.object);
    let text = format!(
        "let another method do it, `DELETE` or `POST`. If it is meant, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let (confidence, persona) = match is_by_cookie {
        true => (Confidence::High, RULE.persona),
        false => (Confidence::Medium, Persona::Pedantic),
    };
    let handler = &endpoint.handler;
    let answers = Evidence::new(handler.file.clone(), handler.line, "answers GET");
    Some(Draft {
        severity: if is_by_cookie { RULE.severity } else { Severity::Low },
        confidence,
        persona,
        message,
        trace: std::iter::once(answers).chain(write.evidence.iter().cloned()).collect(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Unshielded { reason: SHIELDLESS.to_owned() },
    })
}

/// Whether the address picks the object; one that a code in it picks is valid once.
fn is_named_by_client(write: &ObjectEffect) -> bool {
    let is_plain = |name: &str| !has_word(name, CODES);
    !write.many && write.key.as_ref().is_some_and(|key| matches!(key.place, Place::Path | Place::Query) && is_plain(&key.name))
}

/// Whether the address says what is written.
fn takes_values(write: &ObjectEffect) -> bool {
    let is_of_address =
        |one: &model::WrittenColumn| one.parameter.as_ref().is_some_and(|p| matches!(p.place, Place::Path | Place::Query));
    let is_given = |one: &&model::WrittenColumn| one.from == WrittenFrom::Parameter && is_of_address(one);
    write.written.iter().filter(is_given).any(|one| !has_word(&one.column, ASIDE))
}

/// Whether more is changed than what says that somebody looked.
fn is_no_aside(write: &ObjectEffect) -> bool {
    !write.columns.is_empty() && !write.columns.iter().any(|column| has_word(column, ASIDE))
}

/// Whether rows of a model only say that something happened.
fn is_record(object: &str) -> bool {
    has_word(object, RECORDS)
}

/// Whether a row is looked up by what was sent to somebody.
fn is_found_by_code(api: &Api<'_>, write: &ObjectEffect) -> bool {
    let is_code = |column: &model::Column| column.sensitivity == Sensitivity::Credential && write.filters.contains(&column.name);
    api.object(&write.object).is_some_and(|model| model.columns.iter().any(is_code))
}

/// Whether the handler itself does it, and not code that looks after what it looks up.
fn is_done_here(endpoint: &Endpoint, api: &Api<'_>, write: &ObjectEffect) -> bool {
    let lines = api.text_of_handler(endpoint).map_or(0, |text| text.lines().count());
    let own = endpoint.handler.line..endpoint.handler.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    let is_here = |place: &Evidence| place.file == endpoint.handler.file && own.contains(&place.line);
    // The last of what happens, behind the calls that lead there, is the write.
    let places = write.evidence.iter().filter(|place| !place.what.starts_with("on the way"));
    places.rev().take(1).any(is_here)
}

/// Whether a browser sends by itself what says who the caller is.
fn knows_by_cookie(endpoint: &Endpoint, api: &Api<'_>) -> bool {
    const SESSIONS: &[&str] = &["flask_login", "session[", "session.get", " in session", "flask_security"];
    let by_scheme = |access: &Access| {
        let conditions = access.requirement().into_iter().flat_map(model::AuthRequirement::conditions);
        let schemes = conditions.filter_map(|one| match &one.test {
            Test::Scheme(name) => api.application.security_schemes.get(name),
            _ => None,
        });
        schemes.into_iter().any(|scheme| matches!(&scheme.kind, SecuritySchemeKind::ApiKey { parameter } if parameter.place == Place::Cookie))
    };
    let is_asked = matches!(endpoint.access.verdict(), AccessVerdict::Authenticated | AccessVerdict::Restricted);
    let is_flask = matches!(&*endpoint.framework, "flask" | "quart");
    is_asked && (by_scheme(&endpoint.access) || (is_flask && api.speaks_of(SESSIONS)))
}
