//! `form-without-csrf-protection`: an application knows users by a cookie, takes forms, and nothing tells its own pages from others.

use model::{Confidence, Endpoint, Fix, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{Api, is_protected, may_change};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "form-without-csrf-protection",
    weakness: Weakness::CrossSiteRequestForgery,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "an application knows users by a cookie and takes forms, and nothing refuses those of other sites",
    page: PAGE,
    checks: &[Check::Api(of_api)],
};

const PAGE: &str = r#"## What it does

Finds Flask and aiohttp applications that know who is signed in by a session cookie (Flask-Login, `session[...]`) and change something on forms, and in which nothing speaks of protection against forged
requests: no `CSRFProtect`, no `FlaskForm`, no Flask-SeaSurf, no check of `Origin`; and Django applications with sessions and without `CsrfViewMiddleware`.
A session cookie that is declared `SameSite` `Lax` or `Strict` is silent.

## Why is this bad?

A browser sends its cookies with every request, whoever's page makes it: a page of another site lets its visitors change their password or send money in their name.

## Example

```python bad
from flask import Flask, abort, request, session

app = Flask(__name__)  # <- here


@app.post("/email")
def change_email():
    if "user" not in session:
        abort(401)
    return {"email": request.form["email"]}
```

Use instead:

```python good
from flask import Flask, abort, request, session
from flask_wtf.csrf import CSRFProtect

app = Flask(__name__)
CSRFProtect(app)


@app.post("/email")
def change_email():
    if "user" not in session:
        abort(401)
    return {"email": request.form["email"]}
```

```python good
from flask import Flask, abort, request, session

app = Flask(__name__)
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


@app.post("/email")
def change_email():
    if "user" not in session:
        abort(401)
    return {"email": request.form["email"]}
```

## Fix

`CSRFProtect(app)` of Flask-WTF with the token in every form, or `django.middleware.csrf.CsrfViewMiddleware`; and `SESSION_COOKIE_SAMESITE = "Lax"`.
"#;

/// What the code says of an application that knows users by a session.
pub(super) const SESSIONS: &[&str] = &["flask_login", "session[", "session.get", " in session", "flask_security"];
/// What it says of forms.
const FORMS: &[&str] = &["request.form", "(request.form)", "Form(request", "FormData", "request.values"];
/// What it says of some protection.
const PROTECTS: &[&str] = &[
    "csrf", "CSRF", "Csrf", "FlaskForm", "flask_wtf", "seasurf", "SeaSurf", "SESSION_COOKIE_SAMESITE", "session_cookie_samesite",
    "Sec-Fetch-Site", "HTTP_ORIGIN", "xsrf", "XSRF",
];
const FIX: &str = "`CSRFProtect(app)` of Flask-WTF with the token in every form, and `SESSION_COOKIE_SAMESITE = \"Lax\"`";
const FIX_DJANGO: &str = "put `django.middleware.csrf.CsrfViewMiddleware` into `MIDDLEWARE`";

fn of_api(api: &Api<'_>) -> Option<Draft> {
    let is_django = &*api.application.framework == "django";
    let takes_forms = match &*api.application.framework {
        "flask" | "quart" => api.speaks_of(SESSIONS) && api.speaks_of(FORMS) && !api.speaks_of(PROTECTS),
        // What protects there is a middleware of the application; a word of it elsewhere, in a template, protects nothing.
        "aiohttp" => {
            let has_csrf = api.application.middleware.iter().any(|one| one.name.to_lowercase().contains("csrf"));
            api.speaks_of(&["aiohttp_session"]) && api.speaks_of(&["request.post()"]) && !has_csrf && !api.speaks_of(&["aiohttp_csrf"])
        }
        "django" => has_sessions_alone(api),
        _ => false,
    };
    if !takes_forms {
        return None;
    }
    let is_any = matches!(&*api.application.framework, "django" | "aiohttp");
    let changes = |endpoint: &&Endpoint| may_change(endpoint) && (is_any || is_protected(&endpoint.access));
    let writes: Vec<&Endpoint> = api.own_endpoints().filter(changes).collect();
    if writes.is_empty() {
        return None;
    }
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona: RULE.persona,
        message: format!(
            "users are known by a cookie, and nothing tells the application's own forms from those of other sites: they can make visitors call {}",
            match writes.len() {
                1 => "the endpoint that changes something".to_owned(),
                count => format!("the {count} endpoints that change something"),
            }
        ),
        trace: refusal::places(&writes),
        fix: Some(Fix::text(if is_django { FIX_DJANGO } else { FIX })),
        shielding: Shielding::Shielded(Shield {
            layer: "cross_site".into(),
            policy: "cross_site = \"refuse\"  # requests that another site makes, by `Sec-Fetch-Site` and `Origin`".into(),
        }),
    })
}

/// Whether the middleware of a Django application keeps sessions and does not look where a form comes from.
fn has_sessions_alone(api: &Api<'_>) -> bool {
    let has = |word: &str| api.application.middleware.iter().any(|one| one.name.contains(word));
    has("Session") && !has("Csrf")
}
