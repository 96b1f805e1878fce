//! `archive-unpacked-outside`: the members of an archive that a client sent are written wherever it says.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "archive-unpacked-outside",
    weakness: Weakness::ArchiveTraversal,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the members of an archive that a client sent are written wherever it says",
    page: PAGE,
    checks: &[Check::Flow(Use::Archive, Says { becomes: "is unpacked wherever its members say", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows archives that a client sends to `extractall` and `extract` of `tarfile` and to `shutil.unpack_archive`, also through a file that the program wrote before. With `filter="data"` (or
`"tar"`, or a function of your own) they are silent, and so is what unpacks only members whose names were looked at. `zipfile` makes names harmless by itself; a name of `namelist()` or
`infolist()` that is joined to a folder by hand is told by `user-input-in-path`.

Since Python 3.14 `filter="data"` is what happens if nothing is said; write it down while older versions run the program.

## Why is this bad?

A member called `../../.ssh/authorized_keys`, or a link to another folder and a file behind it, is written there.

## Example

```python bad
import tarfile

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/themes")
def install(theme: UploadFile):
    with tarfile.open(fileobj=theme.file) as archive:
        archive.extractall("themes")  # <- here
    return {"ok": True}
```

```python bad
import os
import tarfile
import uuid

from flask import Flask, request

app = Flask(__name__)


@app.post("/themes")
def install():
    path = os.path.join("incoming", uuid.uuid4().hex)
    request.files["theme"].save(path)
    archive = tarfile.open(path)
    for member in archive.getmembers():
        archive.extract(member, "themes")  # <- here
    return {"ok": True}
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"

# file: shop/urls.py
import tarfile

from django.http import HttpResponse
from django.urls import path


def install(request):
    archive = tarfile.open(fileobj=request.FILES["theme"])
    archive.extractall("themes")  # <- here
    return HttpResponse()


urlpatterns = [path("themes", install)]
```

Use instead:

```python good
import tarfile

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/themes")
def install(theme: UploadFile):
    with tarfile.open(fileobj=theme.file) as archive:
        archive.extractall("themes", filter="data")
    return {"ok": True}
```

```python good
import os
import tarfile

from flask import Flask, abort, request

app = Flask(__name__)
FOLDER = os.path.realpath("themes")


@app.post("/themes")
def install():
    archive = tarfile.open(fileobj=request.files["theme"].stream)
    for member in archive.getmembers():
        target = os.path.realpath(os.path.join(FOLDER, member.name))
        if not target.startswith(FOLDER + os.sep) or not member.isfile():
            abort(400)
    archive.extractall(FOLDER)
    return {"ok": True}
```

```python good
import zipfile

from flask import Flask, request

app = Flask(__name__)


@app.post("/themes")
def install():
    with zipfile.ZipFile(request.files["theme"]) as archive:
        if sum(member.file_size for member in archive.infolist()) > 10_000_000:
            return {"ok": False}, 413
        archive.extractall("themes")
    return {"ok": True}
```

## Fix

`archive.extractall(folder, filter="data")`: it refuses names that lead out, links out of the folder, devices and owners.
"#;

const FIX: &str = "`filter=\"data\"` refuses members that lead out of the folder, links and devices";
