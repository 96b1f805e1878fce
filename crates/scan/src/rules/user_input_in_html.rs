//! `user-input-in-html`: a value of the request becomes HTML.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-html",
    weakness: Weakness::CrossSiteScripting,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of the request becomes HTML",
    page: PAGE,
    checks: &[Check::Flow(Use::Html, Says { becomes: "becomes HTML", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to pages that are built as texts: what a handler of Flask returns (or one of FastAPI with `response_class=HTMLResponse`), `HTMLResponse`, `HttpResponse`, `Markup`, `mark_safe`. `escape` makes it clean; templates do that themselves.

## Why is this bad?

Whoever gets somebody to follow a link runs JavaScript with the rights of that somebody: reads what they see, does what they may.

## Example

```python bad
from flask import Flask, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    name = request.args.get("name", "you")
    return f"<h1>Hello {name}</h1>"  # <- here
```

```python bad
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.get("/hello")
def hello(name: str):
    return HTMLResponse("<h1>Hello " + name + "</h1>")  # <- here
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"

# file: shop/urls.py
from django.urls import path
from shop.views import hello
urlpatterns = [path("hello", hello)]

# file: shop/views.py
from django.http import HttpResponse

def hello(request):
    return HttpResponse("<h1>Hello %s</h1>" % request.GET.get("name"))  # <- here
```

Use instead:

```python good
from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)


@app.get("/hello")
def hello():
    name = request.args.get("name", "you")
    return f"<h1>Hello {escape(name)}</h1>"
```

```python good
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return jsonify(request.args.get("name", "you"))
```

```python good
from fastapi import FastAPI

app = FastAPI()


@app.get("/hello")
def hello(name: str):
    return {"greeting": "Hello " + name}
```

## Fix

Use templates with automatic escaping, or `markupsafe.escape` each value; answer JSON where no page is meant.
"#;

const FIX: &str = "use a template with automatic escaping, or `markupsafe.escape` the value";
