//! `user-input-in-path`: a value of the request names a file.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-path",
    weakness: Weakness::PathTraversal,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of the request names a file",
    page: PAGE,
    checks: &[Check::Flow(Use::Path, Says { becomes: "names a file", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to paths of files that are opened, sent, moved or deleted. `os.path.basename`, `secure_filename` and `safe_join` leave nothing of a folder in a
name, and what `is_relative_to` admits lies below its folder. `startswith` proves nothing: `/srv/files-private` begins with `/srv/files`.

## Why is this bad?

`../../etc/passwd`, or `/etc/passwd` behind `os.path.join`, reads what the application can read: its keys, its settings, its source.

## Example

```python bad
from fastapi import FastAPI
from fastapi.responses import FileResponse

app = FastAPI()


@app.get("/files")
def download(name: str):
    return FileResponse(f"/srv/files/{name}")  # <- here
```

```python bad
import os

from flask import Flask, request

app = Flask(__name__)


@app.get("/logs")
def logs():
    path = os.path.join("logs", request.args.get("file"))
    with open(path) as file:  # <- here
        return {"text": file.read()}
```

```python bad
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()
FOLDER = Path("uploads")


@app.post("/files")
def upload(file: UploadFile):
    (FOLDER / file.filename).write_bytes(file.file.read())  # <- here
    return {"ok": True}
```

Use instead:

```python good
import os

from fastapi import FastAPI
from fastapi.responses import FileResponse

app = FastAPI()


@app.get("/files")
def download(name: str):
    return FileResponse(f"/srv/files/{os.path.basename(name)}")
```

```python good
from flask import Flask, request, send_from_directory

app = Flask(__name__)


@app.get("/logs")
def logs():
    return send_from_directory("logs", request.args["file"])
```

```python good
from pathlib import Path

from fastapi import FastAPI, HTTPException

app = FastAPI()
FOLDER = Path("/srv/files").resolve()


@app.get("/files")
def download(name: str):
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER):
        raise HTTPException(404)
    return {"text": path.read_text()}
```

## Fix

Take a name and no path: `os.path.basename`, `secure_filename`, `send_from_directory`; or resolve the path and ask `is_relative_to` of the folder. Better still, give files ids of your own.
"#;

const FIX: &str = "take a name and no path (`os.path.basename`, `secure_filename`, `send_from_directory`), or `resolve()` it and refuse what `is_relative_to(folder)` does not admit";
