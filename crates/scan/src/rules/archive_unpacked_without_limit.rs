//! `archive-unpacked-without-limit`: packed bytes that a client sent are unpacked, however many they become.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "archive-unpacked-without-limit",
    weakness: Weakness::DecompressionBomb,
    severity: Severity::Medium,
    persona: Persona::Auditor,
    summary: "packed bytes that a client sent are unpacked, however many they become",
    page: PAGE,
    checks: &[Check::Flow(Use::Packed, Says { becomes: "is unpacked, however large that gets", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows archives and packed bytes that a client sends to what unpacks them: `extractall` and `read` of `zipfile` and `tarfile`, `decompress` of `gzip`, `zlib`, `bz2` and `lzma`, `shutil.unpack_archive`.
Files of a program that ask for the size of a member (`file_size`, `size`), or give a largest one (`max_length`), are silent: whether the bound is a good one is not judged.

## Why is this bad?

A thousandth of the bytes that come out came in: 10 MB of an archive fill a disk, and a few hundred KB in the memory stop the worker. A limit of the body does not help.

## Example

```python bad
import gzip

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/events")
async def take(request: Request):
    text = gzip.decompress(await request.body())  # <- here
    return {"bytes": len(text)}
```

```python bad
import zipfile

from flask import Flask, request

app = Flask(__name__)


@app.post("/themes")
def install():
    with zipfile.ZipFile(request.files["theme"]) as archive:
        archive.extractall("themes")  # <- here
    return {"ok": True}
```

Use instead:

```python good
import zlib

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
BYTES_MAX = 1_000_000


@app.post("/events")
async def take(request: Request):
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(await request.body(), max_length=BYTES_MAX)
    if unpacker.unconsumed_tail:
        raise HTTPException(413)
    return {"bytes": len(text)}
```

```python good
import zipfile

from flask import Flask, abort, request

app = Flask(__name__)
BYTES_MAX = 50_000_000


@app.post("/themes")
def install():
    with zipfile.ZipFile(request.files["theme"]) as archive:
        if sum(member.file_size for member in archive.infolist()) > BYTES_MAX:
            abort(413)
        archive.extractall("themes")
    return {"ok": True}
```

## Fix

Add up `file_size` (ZIP) or `size` (tar) of the members before, and refuse what is more than you can keep; `zlib.decompressobj().decompress(data, max_length)` for streams.
"#;

const FIX: &str = "add up the sizes of the members before and refuse too much; `zlib.decompressobj().decompress(data, max_length)`";
