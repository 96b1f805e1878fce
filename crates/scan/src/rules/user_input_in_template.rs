//! `user-input-in-template`: a value of the request becomes part of a template.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-template",
    weakness: Weakness::TemplateInjection,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of a template",
    page: PAGE,
    checks: &[Check::Flow(Use::Template, Says { becomes: "becomes part of a template", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the source of templates: `render_template_string`, `Template(...)`, `from_string`. What is given to a template as a variable is right.

Auditors are told, too, with low severity, where a variable of the environment, or what a command is given, becomes part of a template.

## Why is this bad?

Templates are programs: `{{ cycler.__init__.__globals__.os.popen("id").read() }}` runs one on the server, and the secret key is `{{ config }}`.

## Example

```python bad
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string(f"<h1>Hello {request.args['name']}</h1>")  # <- here
```

```python bad
from fastapi import FastAPI
from jinja2 import Environment

app = FastAPI()
environment = Environment(autoescape=True)


@app.post("/preview")
def preview(body: str):
    return {"html": environment.from_string(body).render()}  # <- here
```

Use instead:

```python good
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string("<h1>Hello {{ name }}</h1>", name=request.args["name"])
```

```python good
from fastapi import FastAPI
from jinja2 import Environment

app = FastAPI()
environment = Environment(autoescape=True)


@app.post("/preview")
def preview(body: str):
    return {"html": environment.from_string("<p>{{ body }}</p>").render(body=body)}
```

## Fix

Keep templates in files, and give them what a client sent as variables. Where users write templates, use a language without code, or `SandboxedEnvironment` in a process of its own.
"#;

const FIX: &str = "give it to the template as a variable: `render_template_string(\"Hello {{ name }}\", name=name)`";
