//! `any-origin`: pages of foreign sites may read answers.

use model::{Confidence, Middleware, MiddlewarePurpose, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};
use serde_json::Value;

use super::api::Api;
use super::origins::{Admits, Matches, of_pattern, of_text};
use super::{Check, Draft, Rule, Whole, header_fields};
use crate::bodies::{Body, Constant, Sought};
use crate::calls::{Call, Given, Watched};

pub(super) const RULE: Rule = Rule {
    name: "any-origin",
    weakness: Weakness::PermissiveCors,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "pages of foreign sites may read answers",
    page: PAGE,
    checks: &[
        Check::Middleware(of_middleware),
        Check::Call(FLASK, of_call),
        Check::BodyWith(Sought::words(&["CORS_ALLOW", "CORS_ORIGIN"]).in_modules_too(), of_settings),
        Check::BodyWith(Sought::words(&["ccess-control-allow-origin", "ccess-Control-Allow-Origin"]).in_modules_too(), of_body),
    ],
};

const PAGE: &str = r#"## What it does

Finds configuration of CORS that admits every origin, `null`, or one that anybody can have because a pattern is too loose: Starlette's `CORSMiddleware`, Flask-CORS,
django-cors-headers, and fields that the code sets by hand. Patterns are tried out as the library does it. Where answers to credentials may be read and the application
knows callers by a cookie, everybody is told; without cookies the pedantic persona, without credentials the auditor.

## Why is this bad?

With credentials admitted the page of any site makes its visitors' browsers ask the API in their name, and reads what it answers. `*` with credentials is forbidden by the
standard, so libraries send back the origin that asked, which is the same as a list of all sites there are. CORS is no protection against requests: it only says who may read the
answers.

## Example

```python bad
from fastapi import Cookie, FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  # <- here


@app.get("/me")
def me(session: str = Cookie()):
    return {"session": session}
```

```python bad
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(  # <- here
    CORSMiddleware,
    allow_origin_regex=r"https://.*shop\.example",
    allow_credentials=True,
)


@app.get("/me")
def me(request: Request):
    return {"session": request.cookies.get("session")}
```

```python bad
from flask import Flask, session
from flask_cors import CORS

app = Flask(__name__)
CORS(app, supports_credentials=True)  # <- here


@app.get("/me")
def me():
    return {"user": session.get("user")}
```

```python bad
from flask import Flask, request

app = Flask(__name__)


@app.after_request
def admit(response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")  # <- here
    response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


@app.get("/me")
def me():
    return {"user": request.cookies.get("user")}
```

Django:

```python bad
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
CORS_ALLOW_ALL_ORIGINS = True  # <- here
CORS_ALLOW_CREDENTIALS = True
# file: urls.py
from django.http import JsonResponse
from django.urls import path


def me(request):
    return JsonResponse({"user": request.COOKIES.get("user")})


urlpatterns = [path("me", me)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

Use instead:

```python good
from fastapi import Cookie, FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://shop.example"],
    allow_origin_regex=r"https://([a-z]+\.)?shop\.example",
    allow_credentials=True,
)


@app.get("/me")
def me(session: str = Cookie()):
    return {"session": session}
```

```python good
from flask import Flask, session
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins=["https://shop.example", r"https://\w+\.shop\.example$"], supports_credentials=True)


@app.get("/me")
def me():
    return {"user": session.get("user")}
```

## Fix

List the origins that need it. In patterns escape dots, begin names with `([a-z-]+\.)?`, and end with `$` where the library does not match the whole.
"#;

const FLASK: &[Watched] =
    &[Watched { name: "flask_cors.", needle: "CORS(" }, Watched { name: "flask_cors.", needle: "cors.init_app" }, Watched { name: "flask_cors.", needle: "cross_origin" }];
/// What code says that knows callers by a cookie.
const COOKIES: &[&str] =
    &["set_cookie(", "SessionMiddleware", "APIKeyCookie", ".cookies", "Cookie(", "COOKIES", "from flask import session", ", session", "flask_login", "django.contrib.sessions"];
const FIX: &str = "list the origins that need it: `allow_origins=[\"https://shop.example\"]`; where any may read, refuse credentials";
const NO_SHIELD: &str = "no layer of the gateway writes the fields of CORS yet";

/// What configuration says of foreign origins.
struct Told {
    admits: Admits,
    credentials: bool,
    /// The setting by whose default it says so.
    by_default_of: Option<String>,
}

impl Told {
    fn draft(&self, has_cookies: bool) -> Draft {
        let which = match &self.admits {
            Admits::Any => "every site".to_owned(),
            Admits::Null => "pages without an origin (`null`: a sandboxed frame of any site)".to_owned(),
            Admits::Foreign(origin) => format!("`{origin}`, which anybody can have"),
        };
        let default = self.by_default_of.as_ref().map(|name| format!(", unless `{name}` says otherwise")).unwrap_or_default();
        let what = if self.credentials { "may read what the API answers to the cookies of its visitors" } else { "may read what the API answers without credentials" };
        let (severity, persona) = match (self.credentials, has_cookies) {
            (true, true) => (RULE.severity, RULE.persona),
            (true, false) => (Severity::Low, Persona::Pedantic),
            (false, _) => (Severity::Low, Persona::Auditor),
        };
        let confidence = if self.by_default_of.is_some() { Confidence::Medium } else { Confidence::High };
        let draft = Draft::of(&RULE, confidence, format!("{which} {what}{default}"), FIX, NO_SHIELD);
        Draft { severity, ..draft.for_persona(persona) }
    }
}

fn of_middleware(one: &Middleware, api: &Api<'_>) -> Option<Draft> {
    if one.purpose != MiddlewarePurpose::Cors {
        return None;
    }
    let option = |name: &str| one.options.get(name).map(without_setting);
    let credentials = option("allow_credentials").is_some_and(|(value, _)| *value == Value::Bool(true));
    let of_pattern = option("allow_origin_regex").and_then(|(value, setting)| {
        Some((of_pattern(value.as_str()?, Matches::Whole)?, setting))
    });
    let of_list = || {
        let (value, setting) = option("allow_origins")?;
        let mut texts = value.as_array().into_iter().flatten().chain(Some(value)).filter_map(Value::as_str);
        Some((texts.find_map(of_text)?, setting))
    };
    let (admits, setting) = of_pattern.or_else(of_list)?;
    let told = Told { admits, credentials, by_default_of: setting.map(str::to_owned) };
    Some(told.draft(api.speaks_of(COOKIES)))
}

/// A value, and the setting whose default it is.
fn without_setting(value: &Value) -> (&Value, Option<&str>) {
    match value.get("setting") {
        Some(name) => (&value["default"], name.as_str()),
        None => (value, None),
    }
}

fn of_call(call: &Call, whole: &Whole<'_>) -> Option<Draft> {
    let is_true = |name: &str| call.given(None, name).is_some_and(Given::is_true);
    let resources = match call.given(None, "resources") {
        Some(Given::Entries(entries, false)) => entries.as_slice(),
        Some(Given::Text(_)) | None => &[],
        Some(_) => return None,
    };
    let mut of_resources = resources.iter().filter_map(|(_, options)| match options {
        Given::Entries(options, _) => options.iter().find(|(name, _)| name.text() == Some("origins")).map(|(_, given)| given),
        _ => None,
    });
    let origins = call.given(None, "origins").or_else(|| of_resources.next());
    let admits = match origins {
        None => Admits::Any,
        Some(Given::Items(items, _)) => items.iter().filter_map(Given::text).find_map(of_flask)?,
        Some(given) => of_flask(given.text()?)?,
    };
    let credentials = is_true("supports_credentials");
    Some(Told { admits, credentials, by_default_of: None }.draft(whole.speaks_of(COOKIES)))
}

/// Flask-CORS takes what looks like one for a regular expression, and matches its begin.
fn of_flask(origin: &str) -> Option<Admits> {
    let is_pattern = origin != "*" && ["*", "\\", "?", "$", "^", "[", "]"].iter().any(|sign| origin.contains(sign));
    if is_pattern { of_pattern(origin, Matches::Begin) } else { of_text(origin) }
}

/// The settings of django-cors-headers.
fn of_settings(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let settings: Vec<(&str, ExprId, u32)> = body
        .statements()
        .filter_map(|(stmt, span)| match stmt {
            Stmt::Assign { targets, value } => match body.code().expr(*body.code().list(targets).first()?) {
                Expr::Name(name) => Some((name.as_str(), value, body.line(span))),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let is_on = |value: ExprId| body.constant(value) == Some(Constant::Truth(true));
    let credentials = settings.iter().any(|(name, value, _)| *name == "CORS_ALLOW_CREDENTIALS" && is_on(*value));
    let admitted = settings.iter().filter_map(|(name, value, line)| {
        let admits = match *name {
            "CORS_ALLOW_ALL_ORIGINS" | "CORS_ORIGIN_ALLOW_ALL" => is_on(*value).then_some(Admits::Any),
            "CORS_ALLOWED_ORIGIN_REGEXES" | "CORS_ORIGIN_REGEX_WHITELIST" => {
                body.texts(*value)?.into_iter().find_map(|pattern| of_pattern(pattern, Matches::Begin))
            }
            _ => None,
        }?;
        Some((Told { admits, credentials, by_default_of: None }.draft(whole.speaks_of(COOKIES)), *line))
    });
    admitted.collect()
}

/// Fields of an answer that code sets by hand.
fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    const ORIGIN: &str = "access-control-allow-origin";
    let code = body.code();
    let text = body.text(body.span);
    let credentials = text.to_ascii_lowercase().contains("access-control-allow-credentials");
    // An origin that is looked up in a list, or compared, is not any.
    let is_checked = [" in ", "==", "match("].iter().any(|sign| text.contains(sign));
    let mut found = Vec::new();
    for value in header_fields::of(body, ORIGIN) {
        let admits = match body.constant(value).and_then(Constant::text) {
            // Browsers refuse `*` with credentials.
            Some(origin) => of_text(origin).filter(|admits| !credentials || *admits == Admits::Null),
            None => (is_reflected(body, value) && !is_checked).then_some(Admits::Any),
        };
        let Some(admits) = admits else { continue };
        let draft = Told { admits, credentials, by_default_of: None }.draft(whole.speaks_of(COOKIES));
        found.push((draft, body.line(code.expr_span(value))));
    }
    found
}

/// Whether a value is the origin that the request says.
fn is_reflected(body: &Body<'_>, value: ExprId) -> bool {
    let Some((code, written)) = body.written(value) else { return false };
    let text = body.text(code.expr_span(written)).to_ascii_lowercase();
    text.contains("origin") && ["headers", "request", "meta"].iter().any(|word| text.contains(word))
}
