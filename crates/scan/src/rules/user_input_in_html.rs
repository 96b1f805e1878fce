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

Follows what a client sends to pages: texts that a handler of Flask returns (or one of FastAPI with `response_class=HTMLResponse`), `HTMLResponse`, `HttpResponse`, `Markup`, `mark_safe`; and templates of Jinja and Django that print it as it is: `{{ x|safe }}`, a block without `autoescape`, an environment that does not escape, a file that Flask does not escape (`.txt`, `.j2`). A template is read where something renders it, with what it includes, extends and imports; what is told is the call that renders, and the last step is the line of the template. `escape` makes a text clean, and so do `|e`, `|tojson`, `|urlencode`.

Where a filter that is not known comes before `|safe`, where a value is escaped and stands in a script, in an attribute without quotes or at the begin of an address, and where a rendered text is not seen to be answered, auditors are told.

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

```python bad
# file: app.py
from flask import Flask, render_template, request

app = Flask(__name__)


@app.get("/search")
def search():
    return render_template("search.html", query=request.args.get("query"))  # <- here

# file: templates/search.html
<h1>Found for {{ query|safe }}</h1>
```

```python bad
# file: main.py
from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates

app = FastAPI()
templates = Jinja2Templates(directory="templates")


@app.get("/search")
def search(request: Request, query: str):
    return templates.TemplateResponse(request, "search.html", {"query": query})  # <- here

# file: templates/search.html
{% autoescape false %}<h1>Found for {{ query }}</h1>{% endautoescape %}
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"

# file: shop/urls.py
from django.urls import path
from shop.views import search
urlpatterns = [path("search", search)]

# file: shop/views.py
from django.shortcuts import render

def search(request):
    return render(request, "shop/search.html", {"query": request.GET.get("query")})  # <- here

# file: shop/templates/shop/search.html
<h1>Found for {{ query|default:"nothing"|safe }}</h1>
```

Use instead:

```python good
# file: app.py
from flask import Flask, render_template, request

app = Flask(__name__)


@app.get("/search")
def search():
    return render_template("search.html", query=request.args.get("query"))

# file: templates/search.html
<h1>Found for {{ query }}</h1>
```

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

Use templates with automatic escaping and without `|safe`, or `markupsafe.escape` each value; answer JSON where no page is meant.
"#;

const FIX: &str = "use a template with automatic escaping, or `markupsafe.escape` the value";
