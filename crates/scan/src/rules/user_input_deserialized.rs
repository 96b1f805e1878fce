//! `user-input-deserialized`: a value of the request is turned into objects of any class.

use model::{Edit, Fix, FixSafety, Persona, Severity, Weakness};
use python::code::{Argument, ArgumentKind, Expr};
use python::lower;

use super::flow::Says;
use super::{Check, Draft, Rule, Whole, flow};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "user-input-deserialized",
    weakness: Weakness::UnsafeDeserialization,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request is turned into objects of any class",
    page: PAGE,
    checks: &[Check::Flow(Use::Objects, Says { becomes: "is turned into objects of any class", fix: FIX, counts: flow::always, judged })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to `pickle` and its family, `yaml.load` without a safe loader, `jsonpickle`, `marshal`, `shelve`, `torch.load`.

Auditors are told, too, with low severity, where such bytes stand in a variable of the environment, or in what a command is given. A file that they name is meant.

## Why is this bad?

A pickle is a program: to load it is to run it. A cookie, an upload and a message of a queue are written by whoever likes to.

## Example

```python bad
import base64
import pickle

from flask import Flask, request

app = Flask(__name__)


@app.get("/cart")
def cart():
    saved = pickle.loads(base64.b64decode(request.cookies["cart"]))  # <- here
    return {"items": len(saved)}
```

```python bad
import yaml
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/import")
async def load(request: Request):
    return yaml.load(await request.body(), Loader=yaml.Loader)  # <- here
```

Use instead:

```python good
import json

from flask import Flask, request

app = Flask(__name__)


@app.get("/cart")
def cart():
    saved = json.loads(request.cookies["cart"])
    return {"items": len(saved)}
```

```python good
import yaml
from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/import")
async def load(request: Request):
    return yaml.load(await request.body(), Loader=yaml.SafeLoader)
```

## Fix

Exchange JSON, or `yaml.safe_load`. Where a pickle cannot be avoided, sign it and verify the signature first.
"#;

const FIX: &str = "exchange JSON, or use `yaml.safe_load`; a pickle that cannot be avoided is signed, and the signature verified before it is loaded";

/// What loads plain values as another function of `yaml` loads any objects.
const SAFE: &[(&str, &str)] = &[
    ("load", "safe_load"),
    ("load_all", "safe_load_all"),
    ("full_load", "safe_load"),
    ("full_load_all", "safe_load_all"),
    ("unsafe_load", "safe_load"),
    ("unsafe_load_all", "safe_load_all"),
];

/// Documents that name classes of Python do not load any more: whether some are meant to is for a person to say.
fn judged(draft: Draft, flow: &Flow, whole: &Whole<'_>) -> Draft {
    let file = whole.program.file(flow.site.file);
    let edit = flow.by.strip_prefix("yaml.").and_then(|_| loaded_safely(file.slice(flow.site.span))).map(|text| {
        let offset = |at: u32| (at + file.bom_bytes) as usize;
        let span = flow.site.span;
        Edit { file: file.path.clone(), start: offset(span.start), end: offset(span.end), text }
    });
    let Some(edit) = edit else { return draft };
    let text = format!("`{}` makes plain values only", edit.text);
    Draft { fix: Some(Fix { safety: FixSafety::Unsafe, edits: vec![edit], text }), ..draft }
}

/// `yaml.load(x, Loader=yaml.Loader)` as `yaml.safe_load(x)`; nothing where something else is given, or where the module does not stand before the
/// name: what `load` alone is called otherwise, an import says.
fn loaded_safely(call: &str) -> Option<String> {
    let (code, expr) = lower::annotation(call)?;
    let Expr::Call { function, arguments } = code.expr(expr) else { return None };
    let Expr::Attribute(module, name) = code.expr(function) else { return None };
    let Expr::Name(module) = code.expr(module) else { return None };
    let (_, safe) = SAFE.iter().find(|(known, _)| name == *known)?;
    let document = match code.call_arguments(arguments) {
        [document] | [document, Argument { kind: ArgumentKind::Positional, .. }] => document,
        [document, Argument { kind: ArgumentKind::Keyword(word), .. }] if *word == "Loader" => document,
        _ => return None,
    };
    let span = code.expr_span(document.value);
    let document = call.get(span.start as usize..span.end as usize).filter(|_| document.kind == ArgumentKind::Positional)?;
    Some(format!("{module}.{safe}({document})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_rewritten_where_nothing_else_is_given() {
        for (call, expected) in [
            ("yaml.load(text)", Some("yaml.safe_load(text)")),
            ("yaml.load(text, Loader=yaml.Loader)", Some("yaml.safe_load(text)")),
            ("y.load_all(await request.body(), y.FullLoader)", Some("y.safe_load_all(await request.body())")),
            ("yaml.unsafe_load(\n    text,\n)", Some("yaml.safe_load(text)")),
            ("load(text)", None),
            ("yaml.load(stream=text)", None),
            ("yaml.load(*texts)", None),
            ("yaml.load(text, Loader=yaml.Loader, version=1)", None),
            ("yaml.load(text, **options)", None),
            ("yaml.dump(text)", None),
        ] {
            assert_eq!(loaded_safely(call).as_deref(), expected, "{call}");
        }
    }
}
