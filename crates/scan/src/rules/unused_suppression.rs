//! `unused-suppression`: a comment that suppresses nothing.

use model::{Confidence, Fix, Persona, Severity, Shielding, Weakness};

use super::suppressions::Suppression;
use super::{Check, Draft, RULES, Rule};

pub(super) const RULE: Rule = Rule {
    name: "unused-suppression",
    weakness: Weakness::SpecificationDrift,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "a comment that suppresses a finding has no effect",
    page: PAGE,
    checks: &[Check::Suppression(of_suppression)],
};

const PAGE: &str = r#"## What it does

Finds comments `# doorward: ignore[rule] reason` that suppress nothing: the rule finds nothing there (any more), there is
no rule of that name, or the comment names none. A comment speaks about the statement on whose line it stands, about the
function whose decorator's line it stands on, and, alone on its line, about what follows directly.

## Why is this bad?

Who reads it believes that the endpoint is open on purpose, though it is protected; and when the protection is lost by
mistake, the comment hides exactly that.

## Example

```python bad
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def require_key(x_api_key: str = Header()) -> None:
    if x_api_key != app.state.key:
        raise HTTPException(status_code=401)


@app.post("/feedback", dependencies=[Depends(require_key)])
# doorward: ignore[unauthenticated-write] the public form  # <- here
def send_feedback(text: str) -> None:
    pass


@app.post("/votes")
def vote(text: str) -> None:  # doorward: ignore[unauthenticated-wriet] everybody may vote  # <- here
    pass


@app.post("/likes")
def like(text: str) -> None:  # doorward: ignore everybody may like  # <- here
    pass
```

```python good
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def require_key(x_api_key: str = Header()) -> None:
    if x_api_key != app.state.key:
        raise HTTPException(status_code=401)


@app.post("/feedback", dependencies=[Depends(require_key)])
def send_feedback(text: str) -> None:
    pass


# doorward: ignore[unauthenticated-write] everybody may vote
@app.post("/votes")
def vote(text: str) -> None:
    pass
```

## Fix

Delete the comment, or correct the name of the rule (`doorward rules` lists them).
"#;

fn of_suppression(suppression: &Suppression) -> Option<Draft> {
    let is_rule = |name: &str| RULES.iter().any(|rule| rule.name == name);
    let mut unused = suppression.rules.iter().filter(|(_, used)| !used);
    let unknown = suppression.rules.iter().find(|(rule, _)| !is_rule(rule));
    let why = match (unknown, suppression.reason.is_some()) {
        _ if suppression.rules.is_empty() => "it names no rule, in brackets".to_owned(),
        (Some((rule, _)), _) => format!("there is no rule `{rule}`"),
        (None, true) => {
            let (rule, _) = unused.next()?;
            format!("`{rule}` finds nothing here")
        }
        // That it gives no reason is told by another rule.
        (None, false) => return None,
    };
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::High,
        persona: RULE.persona,
        message: format!("`{}` has no effect: {why}", suppression.text),
        trace: Vec::new(),
        fix: Some(Fix::text(
            "delete the comment, or name a rule that finds something here: `doorward rules` lists them",
        )),
        shielding: Shielding::Undecided,
    })
}
