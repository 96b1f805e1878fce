//! `csrf-protection-off`: the protection against forged requests is switched off.

use model::{Shield, Shielding, Confidence, Persona, Severity, Weakness};
use python::code::{Expr, Stmt};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "csrf-protection-off",
    weakness: Weakness::CrossSiteRequestForgery,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "the protection against forged requests is switched off",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["WTF_CSRF", "csrf = False", "csrf=False"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `WTF_CSRF_ENABLED = False`, `WTF_CSRF_CHECK_DEFAULT = False` and forms of Flask-WTF with `csrf = False` in their `Meta`. Files and classes for tests and development are silent,
and so is what a setting decides.

## Why is this bad?

A browser sends its cookies with every request, whoever's page makes it: another site can let its visitors change what they may change, in their name.

## Example

```python bad
from flask import Flask, session

app = Flask(__name__)
app.config["WTF_CSRF_ENABLED"] = False  # <- here


@app.post("/transfer")
def transfer():
    return {"from": session.get("user")}
```

Use instead:

```python good
from flask import Flask, session

app = Flask(__name__)


class TestingConfig:
    WTF_CSRF_ENABLED = False


@app.post("/transfer")
def transfer():
    return {"from": session.get("user")}
```

## Fix

Take the line out. An API whose callers send a token in a header needs no protection, and no cookie either.
"#;

/// Settings and fields that switch it off.
const SWITCHES: &[&str] = &["WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"];
const FIX: &str = "take the line out; tests switch it off in a configuration of their own";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let file = body.source.path.rsplit('/').next().unwrap_or("").trim_end_matches(".py");
    if is_for_development(file) || is_for_development(body.name.as_str()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        let Some(target) = code.list(targets).first() else { continue };
        let name = match code.expr(*target) {
            Expr::Name(name) | Expr::Attribute(_, name) => Some(name.as_str()),
            Expr::Subscript(_, index) => body.constant(index).and_then(Constant::text),
            _ => None,
        };
        let around = code.classes().iter().filter(|class| code.block(class.body).iter().any(|id| code.stmt_span(*id) == span));
        let classes: Vec<&str> = around.map(|class| class.name.as_str()).collect();
        let is_switch = name.is_some_and(|name| SWITCHES.contains(&name) || name == "csrf" && classes.contains(&"Meta"));
        // What is not checked by default may be checked where it has to be.
        let is_checked = name == Some("WTF_CSRF_CHECK_DEFAULT") && body.source.text.contains(".protect(");
        let is_tested = classes.iter().any(|class| is_for_development(class));
        if is_switch && !is_tested && !is_checked && body.constant(value) == Some(Constant::Truth(false)) {
            let message = "the protection against forged requests is off: another site can make its visitors' browsers act in their name".to_owned();
            let shield = Shield { layer: "cross_site".into(), policy: "cross_site = \"refuse\"  # requests that another site makes, by `Sec-Fetch-Site` and `Origin`".into() };
            let draft = Draft::of(&RULE, Confidence::Medium, message, FIX, "");
            found.push((Draft { shielding: Shielding::Shielded(shield), ..draft }, body.line(span)));
        }
    }
    found
}

fn is_for_development(name: &str) -> bool {
    secret_names::has_word(name, &["test", "tests", "testing", "dev", "develop", "development", "local", "ci"])
}
