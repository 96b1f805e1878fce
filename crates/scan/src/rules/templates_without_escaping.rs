//! `templates-without-escaping`: an environment of templates does not escape what they print.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{ArgumentKind, Expr, Span, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "templates-without-escaping",
    weakness: Weakness::UnescapedTemplates,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "templates of pages do not escape what they print",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["autoescape", "Environment("]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `autoescape=False` where templates of pages are set up: `aiohttp_jinja2.setup`, `Jinja2Templates`, `app.jinja_env.autoescape`, `TEMPLATES` of Django, and a `jinja2.Environment` of which something is rendered for an answer. `jinja2.Environment()` escapes nothing unless it is told to, so it is found without the argument, too. Where nothing of an environment is seen to be answered (it may write configuration, mails, prompts), auditors are told.

## Why is this bad?

Every variable of every template has to be escaped by hand, and the first that is forgotten lets whoever wrote the value run JavaScript with the rights of whoever looks at the page.

## Example

```python bad
import aiohttp_jinja2
from aiohttp import web
from jinja2 import PackageLoader

app = web.Application()
aiohttp_jinja2.setup(app, loader=PackageLoader("shop", "templates"), autoescape=False)  # <- here


async def index(request):
    return web.Response(text="shop")


app.router.add_get("/", index)
```

```python bad
# file: main.py
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

app = FastAPI()
environment = Environment(loader=FileSystemLoader("templates"))  # <- here


@app.get("/", response_class=HTMLResponse)
def index():
    return environment.get_template("index.html").render(title="Shop")

# file: templates/index.html
<h1>{{ title }}</h1>
```

```python bad
from flask import Flask

app = Flask(__name__)
app.jinja_env.autoescape = False  # <- here


@app.get("/")
def index():
    return "shop"
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"autoescape": False},  # <- here
    },
]

# file: shop/urls.py
from django.http import HttpResponse
from django.urls import path

def index(request):
    return HttpResponse("shop")

urlpatterns = [path("", index)]
```

Use instead:

```python good
# file: main.py
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

app = FastAPI()
environment = Environment(loader=FileSystemLoader("templates"), autoescape=select_autoescape())


@app.get("/", response_class=HTMLResponse)
def index():
    return environment.get_template("index.html").render(title="Shop")

# file: templates/index.html
<h1>{{ title }}</h1>
```

## Fix

Leave escaping on, or turn it on: `autoescape=True`, `autoescape=select_autoescape()`; mark the few values that are markup with `Markup` where they are made.
"#;

const FIX: &str = "leave escaping on, or turn it on: `autoescape=select_autoescape()`";
const NO_SHIELD: &str = "the gateway does not know which part of a page is a value";

/// What makes an environment of templates.
const ENVIRONMENTS: &[&str] = &[
    "jinja2.Environment",
    "jinja2.environment.Environment",
    "jinja2.sandbox.SandboxedEnvironment",
    "jinja2.sandbox.ImmutableSandboxedEnvironment",
    "jinja2.nativetypes.NativeEnvironment",
];
/// What sets up the templates of pages.
const OF_PAGES: &[&str] = &[
    "aiohttp_jinja2.setup",
    "starlette.templating.Jinja2Templates",
    "fastapi.templating.Jinja2Templates",
    "sanic_jinja2.SanicJinja2",
];

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut found = calls(body, whole);
    found.extend(options(body));
    found.extend(set(body));
    let told = |(what, span, persona): (String, Span, Persona)| {
        let message = format!("{what}: what a template prints is markup unless it is escaped there");
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(persona), body.line(span))
    };
    found.into_iter().map(told).collect()
}

/// Calls that make an environment.
fn calls(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(String, Span, Persona)> {
    let code = body.code();
    let mut found = Vec::new();
    for (id, expr) in code.exprs() {
        let Expr::Call { function, arguments } = expr else { continue };
        let Some(name) = body.qualified(function) else { continue };
        let (is_environment, is_of_pages) =
            (ENVIRONMENTS.contains(&name.as_str()), OF_PAGES.contains(&name.as_str()));
        if !is_environment && !is_of_pages {
            continue;
        }
        let arguments = code.call_arguments(arguments);
        let (given, span) = (body.argument(arguments, None, "autoescape"), code.expr_span(id));
        let is_open = arguments.iter().any(|one| one.kind == ArgumentKind::DoubleStar);
        let what = match given.map(|given| body.constant(given)) {
            Some(Some(Constant::Truth(false))) => "`autoescape=False`".to_owned(),
            None if is_environment && !is_open => "an environment of Jinja escapes nothing by itself".to_owned(),
            _ => continue,
        };
        // The argument may stand on a line of its own.
        let place = given.map_or(span, |given| code.expr_span(given));
        let is_answered = is_of_pages || whole.renders_unescaped(&body.source.path, body.line(span));
        found.push((what, place, if is_answered { RULE.persona } else { Persona::Auditor }));
    }
    found
}

/// `"OPTIONS": {"autoescape": False}` of Django's `TEMPLATES`, and `jinja_options` of Flask.
fn options(body: &Body<'_>) -> Vec<(String, Span, Persona)> {
    let code = body.code();
    let mut found = Vec::new();
    for (_, expr) in code.exprs() {
        let Expr::Dict(pairs) = expr else { continue };
        for pair in code.list(pairs).chunks_exact(2) {
            let is_off = matches!(code.expr(pair[0]), Expr::Str(key) if key == "autoescape")
                && body.constant(pair[1]) == Some(Constant::Truth(false));
            if is_off && ["TEMPLATES", "jinja_options"].iter().any(|word| body.text(body.span).contains(word)) {
                found.push(("`\"autoescape\": False`".to_owned(), code.expr_span(pair[0]), RULE.persona));
            }
        }
    }
    found
}

/// `app.jinja_env.autoescape = False`
fn set(body: &Body<'_>) -> Vec<(String, Span, Persona)> {
    let code = body.code();
    let mut found = Vec::new();
    for (stmt, span) in body.statements() {
        let Stmt::Assign { targets, value } = stmt else { continue };
        let Some(Expr::Attribute(of, name)) = code.list(targets).first().map(|target| code.expr(*target)) else { continue };
        let is_of_app = matches!(code.expr(of), Expr::Attribute(_, of) if matches!(of.as_str(), "jinja_env" | "env"));
        if name == "autoescape" && is_of_app && body.constant(value) == Some(Constant::Truth(false)) {
            found.push(("`autoescape` is turned off".to_owned(), span, RULE.persona));
        }
    }
    found
}
