//! `suppression-without-reason`: a comment that suppresses findings and does not say why.

use model::{Confidence, Fix, Persona, Severity, Shielding, Weakness};

use super::suppressions::Suppression;
use super::{Check, Draft, Rule};

pub(super) const RULE: Rule = Rule {
    name: "suppression-without-reason",
    weakness: Weakness::SpecificationDrift,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a comment that suppresses a finding gives no reason",
    page: PAGE,
    checks: &[Check::Suppression(of_suppression)],
};

const PAGE: &str = r#"## What it does

Finds comments `# doorward: ignore[rule]` after which no reason stands. Such a comment has no effect: the finding stays.

## Why is this bad?

A suppression is a decision about who may do what. Without its reason nobody can tell later whether it still holds, or
whether it ever did.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()


@app.post("/feedback")
def send_feedback(text: str) -> None:  # doorward: ignore[unauthenticated-write]  # <- here
    pass
```

```python good
from fastapi import FastAPI

app = FastAPI()


@app.post("/feedback")
def send_feedback(text: str) -> None:  # doorward: ignore[unauthenticated-write] the public form, limited by the gateway
    pass
```

## Fix

Write the reason after the bracket, on the same line: who decided what, and what protects the endpoint instead.
"#;

fn of_suppression(suppression: &Suppression) -> Option<Draft> {
    if suppression.reason.is_some() || suppression.rules.is_empty() {
        return None;
    }
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message: format!(
            "`{}` gives no reason, and so has no effect",
            suppression.text
        ),
        trace: Vec::new(),
        fix: Some(Fix::text(
            "write the reason after the bracket, on the same line",
        )),
        shielding: Shielding::Undecided,
    })
}
