//! `session-id-from-client`: whoever signs in keeps a session id that somebody else may have chosen.

use model::{Confidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{Expr, ExprId, Span, Stmt};

use super::fields::{assignments, within};
use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, holds};

pub(super) const RULE: Rule = Rule {
    name: "session-id-from-client",
    weakness: Weakness::SessionFixation,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "whoever signs in keeps a session id that somebody else may have chosen",
    page: PAGE,
    checks: &[Check::Body(&["ession", "SESSION"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds session cookies that are set to a value of the request, and logins that write who has signed in into a session which the server keeps under an id (`aiohttp_session`,
Flask-Session) without a new id (`new_session`, `session.regenerate`, `session.clear()`). Sessions that are signed cookies have no id, and Django's `login` makes a new one: they are silent.

## Why is this bad?

Who can give a visitor a session id, by a link or from a neighbouring domain, waits until they sign in and is then signed in as them.

## Example

```python bad
from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/resume")
def resume():
    response = make_response("welcome back")
    session_id = request.args["session"]
    response.set_cookie("SESSIONID", session_id)  # <- here
    return response
```

Use instead:

```python good
import secrets

from flask import Flask, make_response

app = Flask(__name__)


@app.get("/resume")
def resume():
    response = make_response("welcome back")
    response.set_cookie("SESSIONID", secrets.token_urlsafe(32), secure=True, httponly=True, samesite="Lax")
    return response
```

## Fix

Make a new random id when somebody signs in, and forget the old one.
"#;

/// Words of cookies that hold a session id.
const SESSION: &[&str] = &["session", "sessionid", "sid", "sess", "jsessionid", "phpsessid"];
/// What the client chooses, as code reads it.
const OF_CLIENT: &[&str] = &["request.args", "request.GET", "request.POST", "request.form", "request.values", "query_params", "request.query", "params"];
/// Sessions that a server keeps under an id.
const KEPT: &[&str] = &["get_session(", "flask_session"];
/// What makes a new id, or forgets what the old one held.
const RENEWS: &[&str] = &["new_session", "invalidate()", "regenerate", "cycle_key", "flush()", ".clear()", "renew"];
/// What looks whether a password is right.
const CHECKS: &[&str] = &["check_password", "checkpw", "verify_password", ".verify(", "check_password_hash", "authenticate("];
const WHO: &[&str] = &["user", "userid", "username", "uid", "account", "login", "email"];
const FIX: &str = "make a new random id when somebody signs in, and forget the old one";
const NO_SHIELD: &str = "a gateway does not know which session is new";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let cookie = memchr::memmem::find(body.text(body.span).to_ascii_lowercase().as_bytes(), b"cookie");
    let chosen = cookie.and_then(|_| chosen(body));
    let found = chosen.map(|span| (span, "the client chooses the id of its session"));
    let found = found.or_else(|| kept(body).map(|span| (span, "who signs in keeps the session id that they came with")));
    let Some((span, what)) = found else { return Vec::new() };
    let message = format!("{what}: whoever gave it to them is signed in, too");
    vec![(Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(span))]
}

/// Where a session cookie is set to what the client chose.
fn chosen(body: &Body<'_>) -> Option<Span> {
    let of_client = of_client(body);
    let is_chosen = |value: ExprId| {
        let span = body.code().expr_span(value);
        reads_client(body, span) || of_client.iter().any(|name| body.names(span, *name))
    };
    let is_session = |name: ExprId| matches!(body.code().expr(name), Expr::Str(text) if secret_names::has_word(text.as_str(), SESSION));
    let set = body.code().exprs().find_map(|(id, expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let [name, value, ..] = body.code().call_arguments(arguments) else { return None };
        let sets = body.callee(function).last().is_some_and(|last| *last == "set_cookie");
        (sets && is_session(name.value) && is_chosen(value.value)).then(|| body.code().expr_span(id))
    });
    set.or_else(|| {
        body.statements().find_map(|(stmt, span)| {
            let Stmt::Assign { targets, value } = stmt else { return None };
            let is_cookie = |target: &ExprId| match body.code().expr(*target) {
                Expr::Subscript(of, name) => is_session(name) && body.text(body.code().expr_span(of)).to_lowercase().contains("cookie"),
                _ => false,
            };
            (body.code().list(targets).iter().any(is_cookie) && is_chosen(value)).then_some(span)
        })
    })
}

/// Where a login writes who has signed in into a session that keeps its id.
fn kept(body: &Body<'_>) -> Option<Span> {
    let says = |words: &[&str]| words.iter().any(|word| body.text(body.span).contains(word));
    let is_kept = says(KEPT) || body.source.text.contains("flask_session");
    if !is_kept || !says(CHECKS) || says(RENEWS) {
        return None;
    }
    body.statements().find_map(|(stmt, span)| {
        let Stmt::Assign { targets, .. } = stmt else { return None };
        let says_who = |target: &ExprId| match body.code().expr(*target) {
            Expr::Subscript(of, name) => {
                let is_session = body.text(body.code().expr_span(of)).ends_with("session");
                is_session && matches!(body.code().expr(name), Expr::Str(text) if secret_names::has_word(text.as_str(), WHO))
            }
            _ => false,
        };
        (body.code().list(targets).iter().any(says_who) && holds(body.span, span)).then_some(span)
    })
}

/// The names that hold what the client chose.
fn of_client(body: &Body<'_>) -> Vec<Symbol> {
    assignments(body).filter(|(_, value)| reads_client(body, body.code().expr_span(*value))).map(|(name, _)| name).collect()
}

/// Whether a piece of code reads a field of the request.
fn reads_client(body: &Body<'_>, span: Span) -> bool {
    within(body, span).any(|(id, expr)| {
        let of = match expr {
            Expr::Subscript(of, _) => of,
            Expr::Call { function, .. } => match body.code().expr(function) {
                Expr::Attribute(of, name) if name == "get" => of,
                _ => return false,
            },
            _ => return false,
        };
        let text = body.text(body.code().expr_span(of));
        OF_CLIENT.iter().any(|word| text == *word || text.ends_with(&format!(".{word}"))) && holds(span, body.code().expr_span(id))
    })
}
