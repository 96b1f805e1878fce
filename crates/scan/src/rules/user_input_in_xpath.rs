//! `user-input-in-xpath`: a value of the request becomes part of an `XPath` expression.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-xpath",
    weakness: Weakness::XpathInjection,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of an XPath expression",
    page: PAGE,
    checks: &[Check::Flow(Use::Xpath, Says { becomes: "becomes part of an XPath expression", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to XPath expressions of lxml, ElementTree and elementpath.

## Why is this bad?

`' or '1'='1` selects every node of the document: other users, and what they keep there.

## Example

```python bad
import lxml.etree
from flask import Flask, request

app = Flask(__name__)


@app.get("/employees")
def employee():
    tree = lxml.etree.parse("employees.xml")
    found = tree.xpath("/staff/employee[@id='" + request.args["id"] + "']")  # <- here
    return {"found": len(found)}
```

Use instead:

```python good
import lxml.etree
from flask import Flask, request

app = Flask(__name__)


@app.get("/employees")
def employee():
    tree = lxml.etree.parse("employees.xml")
    found = tree.xpath("/staff/employee[@id=$id]", id=request.args["id"])
    return {"found": len(found)}
```

## Fix

Give values as variables: `tree.xpath('//user[@id=$id]', id=value)`.
"#;

const FIX: &str = "give the value as a variable: `tree.xpath(\"//user[@id=$id]\", id=value)`";
