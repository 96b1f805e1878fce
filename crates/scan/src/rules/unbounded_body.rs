//! `unbounded-body`: a body or an upload is read whatever its size.

use model::{Shield, Shielding, Confidence, Persona, Severity, Weakness};
use python::code::Expr;

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "unbounded-body",
    weakness: Weakness::UnboundedInput,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "a body or an upload is read whatever its size",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["request.body()", ".read()", "get_data(", "request.data", "request.files", "request.json()"]).in_handlers(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that read a whole body or upload into memory (`await request.body()`, `file.read()`, `request.get_data()`) where nothing in the application speaks of a greatest size:
no `MAX_CONTENT_LENGTH`, no `content-length` that is looked at, no limit of a middleware. Whether a proxy in front has one is not seen, so it is for the auditor.

## Why is this bad?

One upload of some gigabytes fills the memory of the worker, and a few of them the machine's.

## Example

```python bad
from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/pictures")
async def add_picture(file: UploadFile):
    content = await file.read()  # <- here
    return {"bytes": len(content)}
```

```python bad
from flask import Flask, request

app = Flask(__name__)


@app.post("/pictures")
def add_picture():
    return {"bytes": len(request.get_data())}  # <- here
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()
BYTES_MAX = 5_000_000


@app.post("/pictures")
async def add_picture(file: UploadFile):
    content = await file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise HTTPException(413)
    return {"bytes": len(content)}
```

```python good
from flask import Flask, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 5_000_000


@app.post("/pictures")
def add_picture():
    return {"bytes": len(request.get_data())}
```

## Fix

`app.config["MAX_CONTENT_LENGTH"]` in Flask; elsewhere read one byte more than is allowed (`file.read(BYTES_MAX + 1)`) and refuse; a limit of the proxy in front.
"#;

/// What code says that has a greatest size.
const BOUNDS: &[&str] = &["MAX_CONTENT_LENGTH", "content-length", "Content-Length", "content_length", "DATA_UPLOAD_MAX", "max_body", "MAX_BODY", "max_upload", "MAX_UPLOAD", "max_file_size", "MAX_FILE_SIZE", "client_max_size", "LimitUpload", "ContentSizeLimit"];
const FIX: &str = "`MAX_CONTENT_LENGTH` in Flask; elsewhere `file.read(BYTES_MAX + 1)` and refuse what is longer; a limit of the proxy in front";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let uploads: Vec<&str> = body.endpoints.iter().filter_map(|index| whole.report.endpoints.get(*index)).flat_map(|endpoint| &endpoint.parameters).map(|one| &*one.name).collect();
    let reads = code.exprs().find(|(_, expr)| match expr {
        Expr::Call { function, arguments } if code.call_arguments(*arguments).is_empty() => {
            let callee = body.callee(*function);
            let names: Vec<&str> = callee.iter().map(|name| name.as_str()).collect();
            match names.as_slice() {
                [.., "request", "body" | "get_data"] => true,
                // An upload that the handler takes, or one of `request.files`.
                [.., of, "read"] => uploads.contains(of) || ["file", "upload", "uploaded_file", "files", "upload_file"].contains(of),
                _ => false,
            }
        }
        _ => false,
    });
    let Some((id, _)) = reads.filter(|_| !whole.speaks_of(BOUNDS)) else { return Vec::new() };
    let message = "the whole body is read into memory, however large it is, and nothing in the application sets a limit".to_owned();
    let shield = Shield { layer: "limits".into(), policy: "body_bytes_max = 1_000_000".into() };
    let draft = Draft { shielding: Shielding::Shielded(shield), ..Draft::of(&RULE, Confidence::Low, message, FIX, "") };
    vec![(draft, body.line(code.expr_span(id)))]
}
