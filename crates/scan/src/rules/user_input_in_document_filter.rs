//! `user-input-in-document-filter`: a value of a JSON body becomes part of a filter of documents.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-document-filter",
    weakness: Weakness::NosqlInjection,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of a JSON body becomes part of a filter of documents",
    page: PAGE,
    checks: &[Check::Flow(Use::Document, Says { becomes: "may be an operator in a filter of documents", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends in JSON, and what nothing says the type of, to the filters of MongoDB. A parameter or field that is declared as a text or a number, and what `str()`
makes, is no operator. Values of forms and of the query are texts.

## Why is this bad?

Instead of a password the client sends `{"$ne": null}`, and the filter finds the account whatever its password is.

## Example

```python bad
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient().shop


@app.post("/login")
def login():
    data = request.get_json()
    found = db.users.find_one({"name": data["name"], "password": data["password"]})  # <- here
    return {"ok": found is not None}
```

```python bad
from fastapi import Body, FastAPI
from pymongo import MongoClient

app = FastAPI()
db = MongoClient().shop


@app.post("/search")
def search(filter: dict = Body(...)):
    return [item["name"] for item in db.items.find(filter)]  # <- here
```

Use instead:

```python good
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient().shop


@app.post("/login")
def login():
    data = request.get_json()
    found = db.users.find_one({"name": str(data["name"])})
    return {"ok": found is not None}
```

```python good
from fastapi import FastAPI
from pydantic import BaseModel
from pymongo import MongoClient

app = FastAPI()
db = MongoClient().shop


class Wanted(BaseModel):
    name: str


@app.post("/search")
def search(wanted: Wanted):
    return [item["name"] for item in db.items.find({"name": wanted.name})]
```

## Fix

Declare the type of each field (Pydantic, marshmallow), or make it a text: `str(data["name"])`. Build filters yourself from fields that you name.
"#;

const FIX: &str = "declare the field as a text, or make it one: `str(value)`";
