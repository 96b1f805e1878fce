//! `stored-input-in-html`: a page prints as it is what clients let the database hold.

use model::{Confidence, Evidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole};
use crate::effects::Stored;

pub(super) const RULE: Rule = Rule {
    name: "stored-input-in-html",
    weakness: Weakness::CrossSiteScripting,
    severity: Severity::High,
    persona: Persona::Auditor,
    summary: "a page prints as it is what clients let the database hold",
    page: PAGE,
    checks: &[Check::Stored(check)],
};

const PAGE: &str = r#"## What it does

Looks for columns that a page prints without escaping (`{{ post.body|safe }}`, a block without `autoescape`, a text that a handler builds), and that some endpoint lets clients write as a text. Numbers, dates and choices are left out, and so is what went through a function that makes something else of it (`escape`, `bleach.clean`). Which row is printed, and whether something cleaned it in between, is not seen: auditors are told.

## Why is this bad?

Whoever writes the text runs JavaScript in the browser of everybody who looks at the page, with their rights, and needs nobody to follow a link.

## Example

```python bad
# file: app.py
from flask import Flask, redirect, render_template, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)
    body = db.Column(db.Text)


@app.post("/posts")
def write():
    db.session.add(Post(title=request.form["title"], body=request.form["body"]))
    db.session.commit()
    return redirect("/posts")


@app.get("/posts")
def posts():
    return render_template("posts.html", posts=Post.query.all())

# file: templates/posts.html
{% for post in posts %}
<h2>{{ post.title }}</h2>
{{ post.body|safe }} {# # <- here #}
{% endfor %}
```

Use instead:

```python good
# file: app.py
from flask import Flask, redirect, render_template, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    body = db.Column(db.Text)


@app.post("/posts")
def write():
    db.session.add(Post(body=request.form["body"]))
    db.session.commit()
    return redirect("/posts")


@app.get("/posts")
def posts():
    return render_template("posts.html", posts=Post.query.all())

# file: templates/posts.html
{% for post in posts %}
{{ post.body }}
{% endfor %}
```

## Fix

Leave escaping on where the page is made. If the text may hold markup, clean it where it is printed with a list of what is allowed (`nh3.clean`, `bleach.clean`).
"#;

const FIX: &str = "escape it where it is printed; clean what may hold markup with `nh3.clean`";
const NO_SHIELD: &str = "the gateway does not judge what stands in a value: what is harmless is known to the code alone";

fn check(stored: &Stored, whole: &Whole<'_>) -> Draft {
    let name = stored.column.as_ref().map_or_else(
        || format!("a column of `{}`", stored.model),
        |column| format!("`{column}` of `{}`", stored.model),
    );
    let writer = whole.report.endpoints.get(stored.writer);
    let by = writer.map_or_else(String::new, |one| format!(", and `{} {}` stores there what the client sends", one.method(), one.path()));
    let message = format!("{name} is printed as it is{by}");
    let mut draft = Draft::of(&RULE, Confidence::Low, message, FIX, NO_SHIELD);
    let written = stored.written.iter().map(|one| Evidence::new(one.file.clone(), one.line, "the client says here what it holds"));
    let steps = written.chain(stored.rendered.clone()).chain([stored.at.clone()]);
    draft.trace = steps.collect();
    draft
}
