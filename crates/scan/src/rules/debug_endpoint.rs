//! `debug-endpoint`: an endpoint for debugging or testing is served.

use model::{AccessVerdict, Confidence, Endpoint, Fix, Persona, Segment, Severity, Shield, Shielding, Weakness};

use super::api::Api;
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "debug-endpoint",
    weakness: Weakness::DebugEndpoint,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "an endpoint whose path says that it is for debugging or testing is served",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints of the project's own for everybody, or for whoever is signed in, with a whole segment `debug`, `test`, `dump`, `phpinfo` or the like in their path.

## Why is this bad?

They were made to look inside, and are forgotten: what they show or do is asked of nobody else.

## Example

```python bad
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select

from deps import Administrator, CurrentUser, SessionDep
from models import Order, User

app = FastAPI()


@app.get("/debug/orders")
def dump(session: SessionDep, user: CurrentUser):  # <- here
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()
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


@app.get("/orders")
def list_orders(session: SessionDep, user: CurrentUser):
    return session.scalars(select(Order).where(Order.user_id == user.id)).all()
# with models.py (`User`, `Order`) and deps.py (`SessionDep`, `CurrentUser`, `Administrator`)
```

## Fix

Take it out of what is deployed.
"#;

const WORDS: &[&str] = &["debug", "_debug", "__debug__", "test", "tests", "dump", "phpinfo", "createdb", "resetdb", "seed", "populate"];

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let is_for_many = matches!(endpoint.access.verdict(), AccessVerdict::Public | AccessVerdict::Authenticated);
    let word = endpoint.route.pattern().segments().iter().find_map(|segment| match segment {
        Segment::Literal(text) => WORDS.iter().find(|word| text.eq_ignore_ascii_case(word)),
        _ => None,
    });
    let word = word.filter(|_| is_for_many)?;
    let is_public = endpoint.access.verdict() == AccessVerdict::Public;
    let changes = endpoint.effects.iter().any(model::Effect::writes);
    let persona = if is_public && (changes || word.contains("debug")) { RULE.persona } else { Persona::Pedantic };
    let who = if is_public { "everybody" } else { "whoever is signed in" };
    let message = format!(
        "`{} {}` is served to {who}, and `{word}` in its path says that it is for those who develop it",
        endpoint.method(),
        endpoint.path(),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona,
        message,
        trace: Vec::new(),
        fix: Some(Fix::text("take it out of what is deployed")),
        shielding: Shielding::Shielded(Shield { layer: "route".into(), policy: "allow = []  # nobody".into() }),
    })
}
