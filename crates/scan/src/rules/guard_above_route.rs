//! `guard-above-route`: a guard stands above the decorator that adds the route, where it does nothing.

use model::{Confidence, Endpoint, Fix, Persona, Severity, Shielding, Weakness};

use super::api::{Api, handler_name, is_open};
use super::{Check, Draft, Rule};
use crate::access::GUARDS_NOTHING;

pub(super) const RULE: Rule = Rule {
    name: "guard-above-route",
    weakness: Weakness::MisplacedGuard,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a guard stands above the decorator that adds the route, where it does nothing",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds handlers with a decorator that would refuse callers, or is called a guard, above the decorator that adds the route. What is registered is what stands
below: the route decorator hands the function on as it got it.

## Why is this bad?

The handler looks protected and is not: nobody is asked who they are.

## Example

```python bad
from flask import Flask, abort, request
from functools import wraps

app = Flask(__name__)


def login_required(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        if "Authorization" not in request.headers:
            abort(401)
        return view(*args, **kwargs)

    return wrapper


@login_required
@app.delete("/orders/<int:order_id>")
def delete_order(order_id):  # <- here
    return {"deleted": order_id}
```

Use instead:

```python good
from flask import Flask, abort, request
from functools import wraps

app = Flask(__name__)


def login_required(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        if "Authorization" not in request.headers:
            abort(401)
        return view(*args, **kwargs)

    return wrapper


@app.delete("/orders/<int:order_id>")
@login_required
def delete_order(order_id):
    return {"deleted": order_id}
```

## Fix

Put the route decorator on top.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let places: Vec<_> = endpoint.access.evidence().iter().filter(|place| place.what.ends_with(GUARDS_NOTHING)).collect();
    if !is_open(&endpoint.access) || places.is_empty() {
        return None;
    }
    let message = format!(
        "what guards `{}` stands above the decorator that adds `{} {}`: it does nothing there, and everybody may call it",
        handler_name(endpoint),
        endpoint.method(),
        endpoint.path(),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message,
        trace: places.into_iter().cloned().collect(),
        fix: Some(Fix::text("put the decorator that adds the route on top")),
        shielding: Shielding::Undecided,
    })
}
