//! `identity-from-cookie`: a cookie that its client can write says who the request acts for.

use model::{Confidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{ArgumentKind, CompareOp, Expr, ExprId, Span};

use super::fields::{assignments, field_of, within};
use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, holds};

pub(super) const RULE: Rule = Rule {
    name: "identity-from-cookie",
    weakness: Weakness::ForgeableIdentity,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a cookie that its client can write says who the request acts for",
    page: PAGE,
    checks: &[Check::Body(&["ookies", "COOKIES", "set_cookie"], of_body)],
};

const PAGE: &str = r#"## What it does

Finds functions that take a user's name or id from a plain cookie and look up or decide by it (`User.objects.get(id=request.COOKIES["userid"])`, `session.split("|")[0] == "admin"`), and
logins that set a session cookie which is only encoded (`base64`) and not signed. Cookies that are signed or encrypted, and session ids that the server makes and looks up, are silent.

## Why is this bad?

The client writes the cookie: whoever puts another name into it is that user, without a password.

## Example

```python bad
from flask import Flask, request

app = Flask(__name__)
USERS = {"ada": {"email": "ada@example.com"}}


@app.get("/profile")
def profile():
    user = request.cookies.get("username")
    return USERS[user]  # <- here
```

```python bad
import base64

from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/admin")
def admin(request: Request):
    cookie = base64.b64decode(request.cookies["session"]).decode()
    name = cookie.split(":")[0]
    if name == "admin":  # <- here
        return {"secrets": []}
    return {}
```

Use instead:

```python good
from flask import Flask, abort, session

app = Flask(__name__)
USERS = {"ada": {"email": "ada@example.com"}}


@app.get("/profile")
def profile():
    if "username" not in session:
        abort(401)
    return USERS[session["username"]]
```

```python good
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
SESSIONS = {}


@app.get("/profile")
def profile(request: Request):
    user = SESSIONS.get(request.cookies.get("session_id"))
    if user is None:
        raise HTTPException(status_code=401)
    return user
```

## Fix

Keep who is signed in on the server, under a random session id, or in a cookie that the framework signs (`flask.session`, `request.session`, `get_signed_cookie`).
"#;

/// Words of cookies that name somebody.
const WHO: &[&str] = &["user", "userid", "username", "uid", "email", "login", "account", "customer", "member"];
/// Words of cookies that stand for a session.
const SESSION: &[&str] = &["session", "sessionid", "sid", "token", "auth", "remember", "login", "user", "userid", "username"];
/// What a function says that checks what it was given.
const CHECKS: &[&str] =
    &["unsign", "verify", "Signer", "signed", "jwt", "hmac", "decrypt", "Fernet", "erializer", "compare_digest", "signature"];
/// What takes a text apart that somebody else put together.
const TAKES_APART: &[&str] = &["b64decode", ".split(", "json.loads", "pickle.loads", "literal_eval", "fromhex", "unhexlify"];
/// What puts one together without a key.
const ENCODES: &[&str] = &["b64encode", ".hex()", "hexlify"];
/// Functions that look something up.
const LOOKS_UP: &[&str] =
    &["filter", "filter_by", "get", "get_or_404", "get_object_or_404", "first_or_404", "find_one", "get_user", "load_user", "execute"];
const PLACES: &[&str] = &["cookies", "COOKIES"];
const FIX: &str = "keep who is signed in on the server, under a random session id, or in a cookie that the framework signs (`session[...]`)";
const NO_SHIELD: &str = "a gateway cannot know who the cookie should have named";

/// A cookie, and whether the code takes apart what it holds.
#[derive(Clone)]
struct Cookie {
    name: String,
    is_taken_apart: bool,
}

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    if CHECKS.iter().any(|word| body.text(body.span).contains(word)) {
        return Vec::new();
    }
    decided(body).or_else(|| encoded(body)).into_iter().collect()
}

/// The first place that looks something up or decides by a cookie that says who.
fn decided(body: &Body<'_>) -> Option<(Draft, u32)> {
    let kept = kept(body);
    let cookie_in = |span: Span| cookie_in(body, span, &kept);
    let says_who = |cookie: &Cookie| cookie.is_taken_apart || secret_names::has_word(&cookie.name, WHO);
    let (span, cookie) = body.code().exprs().find_map(|(id, expr)| {
        let span = body.code().expr_span(id);
        let by = match expr {
            Expr::Compare(left, rest) => match body.code().compare(rest) {
                [(CompareOp::Eq, right)] if is_text(body, *right) => body.code().expr_span(left),
                [(CompareOp::In, right)] if !is_cookies(body, *right) => body.code().expr_span(left),
                _ => return None,
            },
            Expr::Subscript(of, index) if !is_cookies(body, of) => body.code().expr_span(index),
            Expr::Call { function, arguments } => {
                let looks = body.callee(function).last().is_some_and(|name| LOOKS_UP.contains(&name.as_str()));
                let all = body.code().call_arguments(arguments);
                let given = all.iter().filter(|a| a.kind != ArgumentKind::Star && a.kind != ArgumentKind::DoubleStar);
                let mut spans = given.filter(|_| looks && !is_cookies(body, function)).map(|a| body.code().expr_span(a.value));
                spans.find(|span| cookie_in(*span).is_some())?
            }
            _ => return None,
        };
        let cookie = cookie_in(by).filter(says_who)?;
        Some((span, cookie))
    })?;
    let message = format!("the cookie `{}` says who `{}` acts for, and its client can write it", cookie.name, body.name);
    Some((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(span)))
}

/// A session cookie that is encoded and not signed.
fn encoded(body: &Body<'_>) -> Option<(Draft, u32)> {
    let (span, name) = body.code().exprs().find_map(|(id, expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let all = body.code().call_arguments(arguments);
        let [name, value, ..] = all else { return None };
        let Expr::Str(text) = body.code().expr(name.value) else { return None };
        let sets = body.callee(function).last().is_some_and(|name| *name == "set_cookie") && secret_names::has_word(text.as_str(), SESSION);
        let value = match body.code().expr(value.value) {
            Expr::Name(name) => assignments(body).filter(|(own, _)| *own == name).last()?.1,
            _ => value.value,
        };
        let value = body.code().expr_span(value);
        let is_encoded = ENCODES.iter().any(|word| body.text(value).contains(word));
        let mut names = body.names_in(value);
        let names_who = names.any(|(name, _)| secret_names::has_word(name.as_str(), WHO));
        (sets && is_encoded && names_who).then(|| (body.code().expr_span(id), text.as_str().to_owned()))
    })?;
    let message = format!("the cookie `{name}` says who is signed in, encoded and not signed: its client can write another name into it");
    Some((Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), body.line(span)))
}

/// The names that hold a cookie, or a part of one.
fn kept(body: &Body<'_>) -> Vec<(Symbol, Cookie)> {
    let mut kept: Vec<(Symbol, Cookie)> = Vec::new();
    for (name, value) in assignments(body) {
        let span = body.code().expr_span(value);
        if let Some(cookie) = cookie_in(body, span, &kept) {
            kept.push((name, cookie));
        }
    }
    kept
}

/// The cookie that a piece of code holds.
fn cookie_in(body: &Body<'_>, span: Span, kept: &[(Symbol, Cookie)]) -> Option<Cookie> {
    let direct = within(body, span).find_map(|(id, _)| field_of(body, id, PLACES));
    let by_name = || body.names_in(span).find_map(|(name, _)| kept.iter().rev().find(|(own, _)| *own == name).map(|(_, c)| c.clone()));
    let found = direct.map(|name| Cookie { name, is_taken_apart: false }).or_else(by_name)?;
    let takes = || TAKES_APART.iter().any(|word| body.text(span).contains(word));
    Some(Cookie { is_taken_apart: found.is_taken_apart || takes(), ..found })
}

fn is_cookies(body: &Body<'_>, of: ExprId) -> bool {
    body.callee(of).iter().any(|name| PLACES.contains(&name.as_str()))
}

fn is_text(body: &Body<'_>, id: ExprId) -> bool {
    matches!(body.code().expr(id), Expr::Str(text) if !text.as_str().is_empty()) && holds(body.span, body.code().expr_span(id))
}
