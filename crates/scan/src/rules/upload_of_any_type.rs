//! `upload-of-any-type`: a file is kept under the name that its client gave it, whatever its type.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "upload-of-any-type",
    weakness: Weakness::UnrestrictedUpload,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "a file is kept under the name that its client gave it, whatever its type",
    page: PAGE,
    checks: &[Check::Flow(Use::Suffix, Says { becomes: "gives a file that is kept its suffix", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows the name of an upload to the name under which the file is kept. Whatever the program finds out about that name before (a list of suffixes, a
function that looks at it) is taken as a check of its type. `secure_filename` leaves the suffix as it is.

## Why is this bad?

A file called `page.html` or `image.svg` that is served again runs JavaScript on your site, and one called `job.py` or `shell.php` may be run by whoever
finds it in that folder.

## Example

```python bad
from pathlib import Path

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/avatars")
async def upload(file: UploadFile):
    (Path("media") / Path(file.filename).name).write_bytes(await file.read())  # <- here
    return {"ok": True}
```

```python bad
import os

from flask import Flask, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.post("/avatars")
def upload():
    file = request.files["file"]
    name = secure_filename(file.filename)
    file.save(os.path.join("media", name))  # <- here
    return {"ok": True}
```

Use instead:

```python good
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


@app.post("/avatars")
async def upload(file: UploadFile):
    if file.content_type not in SUFFIXES:
        raise HTTPException(415)
    (Path("media") / f"{uuid4()}{SUFFIXES[file.content_type]}").write_bytes(await file.read())
    return {"ok": True}
```

```python good
import os

from flask import Flask, abort, request
from werkzeug.utils import secure_filename

app = Flask(__name__)
SUFFIXES = {"png", "jpg"}


def is_allowed(name):
    return "." in name and name.rsplit(".", 1)[1].lower() in SUFFIXES


@app.post("/avatars")
def upload():
    file = request.files["file"]
    if not is_allowed(file.filename):
        abort(415)
    file.save(os.path.join("media", secure_filename(file.filename)))
    return {"ok": True}
```

## Fix

Compare the suffix with a list of your own, look at what stands in the file, keep it under a name that you make (`uuid4()`), and serve it from another host or with
`Content-Disposition: attachment` and `X-Content-Type-Options: nosniff`.
"#;

const FIX: &str = "compare the suffix with a list of your own, and keep the file under a name that you make";
