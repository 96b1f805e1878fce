//! `admin-without-role`: what is for administrators is open to whoever is signed in.

use model::{AccessVerdict, Certainty, Confidence, Endpoint, Evidence, Fix, Persona, Segment, Severity, Shielding, Weakness};

use super::api::{Api, handler_name};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "admin-without-role",
    weakness: Weakness::BrokenFunctionLevelAuthorization,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "what is for administrators is open to whoever is signed in",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints with a whole segment `admin`, `management` or the like in their path that ask who somebody is, but for no role, where other endpoints below the same segment do
ask for one. Where none does, only the pedantic persona sees it: a word is no proof.

## Why is this bad?

Every account is an administrator.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/admin/users")
def list_users(session: SessionDep, user: Administrator):
    return [one.name for one in session.scalars(select(User)).all()]


@app.get("/admin/orders")
def list_orders(session: SessionDep, user: CurrentUser):  # <- here
    return [one.address for one in session.scalars(select(Order)).all()]
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


@app.get("/admin/users")
def list_users(session: SessionDep, user: Administrator):
    return [one.name for one in session.scalars(select(User)).all()]


@app.get("/admin/orders")
def list_orders(session: SessionDep, user: Administrator):
    return [one.address for one in session.scalars(select(Order)).all()]
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

## Fix

Put the guard on the router of all that is for administrators, so that no handler can forget it.
"#;

const WORDS: &[&str] = &["admin", "administration", "backoffice", "back-office", "management", "staff", "superuser"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, api: &Api<'a>) -> Option<Draft> {
    let word = word_of(endpoint).filter(|_| endpoint.access.verdict() == AccessVerdict::Authenticated)?;
    let below = |other: &&Endpoint| {
        other.access.verdict() == AccessVerdict::Restricted && word_of(other).is_some_and(|own| own == word)
    };
    let sibling = api.own_endpoints().find(below);
    let is_sure = endpoint.access.certainty() == Certainty::Proven && !api.may_refuse_by_role(endpoint);
    let (confidence, persona) = match sibling {
        Some(_) if is_sure => (Confidence::High, RULE.persona),
        Some(_) => (Confidence::Medium, Persona::Pedantic),
        None => (Confidence::Low, Persona::Pedantic),
    };
    let asked = sibling.map(|other| refusal::asked_by(&other.access));
    let beside = asked.as_deref().map_or_else(String::new, |asked| format!("; others below `{word}` ask for {asked}"));
    let message =
        format!("`{} {}` lets in whoever is signed in{beside}", endpoint.method(), endpoint.path());
    let text = format!(
        "ask for {} here, too. If everybody who is signed in is meant, {}",
        asked.as_deref().unwrap_or("a role"),
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    let place = |other: &Endpoint| Evidence::new(other.handler.file.clone(), other.handler.line, "asks for a role");
    Some(Draft {
        severity: RULE.severity,
        confidence,
        persona,
        message,
        trace: sibling.map(place).into_iter().collect(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Undecided,
    })
}

fn word_of(endpoint: &Endpoint) -> Option<&'static str> {
    endpoint.route.pattern().segments().iter().find_map(|segment| match segment {
        Segment::Literal(text) => WORDS.iter().copied().find(|word| text.eq_ignore_ascii_case(word)),
        _ => None,
    })
}
