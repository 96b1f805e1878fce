//! `user-input-in-sql`: a value of the request becomes part of the text of a statement.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-sql",
    weakness: Weakness::SqlInjection,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of the text of a statement of SQL",
    page: PAGE,
    checks: &[Check::Flow(Use::Sql, Says { becomes: "becomes part of the text of a statement of SQL", fix: FIX, counts: flow::of_no_model, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the text of statements: through variables, functions, attributes and text building of every kind, to drivers of
databases, `text()` of SQLAlchemy, `raw()` and `extra()` of Django. Numbers, dates, UUIDs and members of an enumeration hold no SQL, and neither does
what was looked up in a list of the program's own, or matched against a pattern without quotes.

Auditors are told, too, with low severity, where a variable of the environment without a default, or what a command is given, becomes part of a statement.

## Why is this bad?

Whoever sends `' OR 1=1 --` decides what the statement does: reads other tables, changes them, or runs programs on the database's host.

## Example

```python bad
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/items")
def search(q: str):
    db = sqlite3.connect("shop.db")
    statement = f"SELECT name FROM items WHERE name LIKE '%{q}%'"
    return db.execute(statement).fetchall()  # <- here
```

```python bad
import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.get("/items")
def search():
    db = sqlite3.connect("shop.db")
    column = request.args.get("sort", "name")
    return {"items": db.execute("SELECT name FROM items ORDER BY " + column).fetchall()}  # <- here
```

Use instead:

```python good
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/items")
def search(q: str):
    db = sqlite3.connect("shop.db")
    return db.execute("SELECT name FROM items WHERE name LIKE ?", (f"%{q}%",)).fetchall()
```

```python good
import sqlite3

from flask import Flask, abort, request

app = Flask(__name__)
COLUMNS = {"name", "price"}


@app.get("/items")
def search():
    db = sqlite3.connect("shop.db")
    column = request.args.get("sort", "name")
    if column not in COLUMNS:
        abort(400)
    return {"items": db.execute("SELECT name FROM items ORDER BY " + column).fetchall()}
```

## Fix

Give values to the driver beside the statement: `execute("... WHERE name = ?", (name,))`. Names of columns and tables cannot be given so: look them up in
a list of your own. Refusing quotes or words is no protection.
"#;

const FIX: &str = "bind the value: give it to the driver beside the statement (`execute(\"... WHERE name = ?\", (name,))`), \
    and look names of columns up in a list of your own";
