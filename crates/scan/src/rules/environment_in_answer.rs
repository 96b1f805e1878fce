//! `environment-in-answer`: an endpoint answers with the environment of its process.

use model::{AccessVerdict, Confidence, Persona, Severity, Shield, Shielding, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "environment-in-answer",
    weakness: Weakness::DebugEndpoint,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "an endpoint answers with the environment of its process",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["environ", "sys.modules", "globals()"]).in_handlers(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers, and functions that they are made of, which put all of `os.environ` into what they return (`dict(os.environ)`, a loop over its items), not one
variable of it.

## Why is this bad?

The environment is where keys and passwords of the application are kept.

## Example

```python bad
import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/debug")
def debug():
    return {"environment": dict(os.environ)}  # <- here
```

Use instead:

```python good
import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/version")
def version():
    return {"version": os.environ.get("APP_VERSION", "unknown")}
```

## Fix

Take the endpoint out. What has to be known about a running application is said by one value at a time.
"#;

const FIX: &str = "take the endpoint out, or answer with the one value that is needed";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    if body.endpoints.is_empty() {
        return Vec::new();
    }
    let is_whole = |id: python::code::ExprId| {
        let span = body.code().expr_span(id);
        let end = span.end as usize;
        let rest = body.source.text.get(end..).unwrap_or_default();
        let one_of_it = [".get", ".setdefault", ".pop", "[", ".update"].iter().any(|begin| rest.starts_with(begin));
        // `"KEY" in os.environ`
        let before = body.source.text.get(..span.start as usize).unwrap_or_default().trim_end();
        let is_asked_for_one = before.ends_with(" in") && !body.line_of(span).trim_start().starts_with("for ");
        !one_of_it && !is_asked_for_one
    };
    let place = body.code().exprs().find_map(|(id, expr)| match expr {
        Expr::Attribute(_, name) if name == "environ" && body.text(body.code().expr_span(id)) == "os.environ" && is_whole(id) => {
            Some(body.code().expr_span(id))
        }
        _ => None,
    });
    let Some(place) = place else { return Vec::new() };
    let is_public = body.endpoints.iter().filter_map(|index| whole.report.endpoints.get(*index));
    let is_public = is_public.into_iter().any(|endpoint| endpoint.access.verdict() == AccessVerdict::Public);
    let who = if is_public { "everybody" } else { "whoever is let in" };
    let message = format!("`{}` answers {who} with the environment of the process, in which keys and passwords are kept", body.name);
    let draft = Draft {
        severity: if is_public { Severity::Critical } else { RULE.severity },
        shielding: Shielding::Shielded(Shield {
            layer: "route".into(),
            policy: "allow = []  # nobody: the endpoint is refused until it is gone".into(),
        }),
        ..Draft::of(&RULE, Confidence::High, message, FIX, "")
    };
    vec![(draft, body.line(place))]
}
