//! `csrf-exempt-write`: a view that changes something is taken out of the protection against forged requests.

use model::{Confidence, Persona, Severity, Shield, Shielding, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::Body;

pub(super) const RULE: Rule = Rule {
    name: "csrf-exempt-write",
    weakness: Weakness::CrossSiteRequestForgery,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a view is exempt from the protection against forged requests",
    page: PAGE,
    checks: &[Check::Body(&["csrf_exempt", "csrf.exempt"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds views with `@csrf_exempt` (Django) or `@csrf.exempt` (Flask-WTF) in applications that know users by a cookie: where the view itself looks at the session, a
cookie or `request.user`. Views that ask for a token or a signature in a header instead, and webhooks, are silent.

## Why is this bad?

A browser sends its cookies with every request, whoever's page makes it: another site can let its visitors do what the view does, in their
name.

## Example

```python bad
from flask import Flask, session
from flask_wtf.csrf import CSRFProtect

app = Flask(__name__)
csrf = CSRFProtect(app)


@app.post("/transfer")
@csrf.exempt
def transfer():  # <- here
    return {"from": session.get("user")}
```

Use instead:

```python good
from flask import Flask, session
from flask_wtf.csrf import CSRFProtect

app = Flask(__name__)
csrf = CSRFProtect(app)


@app.post("/transfer")
def transfer():
    return {"from": session.get("user")}
```

## Fix

Take the exemption out and send the token with the form or in a header; or know callers by a token in a header, which browsers do not send by
themselves.
"#;

/// What speaks of a cookie by which the caller is known.
const BY_COOKIE: &[&str] = &["session", "request.user", "COOKIES", "cookies", "current_user"];
/// What speaks of a header by which it is.
const BY_HEADER: &[&str] = &["Authorization", "HTTP_AUTHORIZATION", "signature", "Signature", "hmac", "webhook", "api_key", "X-API"];
const FIX: &str = "take the exemption out, and send the token with the form or in a header";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let is_exemption = |decorator: &&&str| decorator.contains("csrf_exempt") || decorator.contains("csrf.exempt");
    if !body.decorators.iter().any(|decorator| is_exemption(&decorator)) {
        return Vec::new();
    }
    let text = body.text(body.span);
    let speaks = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let (confidence, persona) = match (speaks(BY_COOKIE), speaks(BY_HEADER)) {
        (true, false) => (Confidence::Medium, RULE.persona),
        (false, false) => (Confidence::Low, Persona::Auditor),
        (_, true) => return Vec::new(),
    };
    let message = format!("`{}` is exempt from the protection against forged requests: another site can make its visitors call it", body.name);
    let draft = Draft {
        shielding: Shielding::Shielded(Shield {
            layer: "cross_site".into(),
            policy: "cross_site = \"refuse\"  # requests that another site makes, by `Sec-Fetch-Site` and `Origin`".into(),
        }),
        ..Draft::of(&RULE, confidence, message, FIX, "").for_persona(persona)
    };
    vec![(draft, body.line(body.span))]
}
