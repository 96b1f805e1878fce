//! `any-host`: the application answers for any name of a host.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "any-host",
    weakness: Weakness::HostHeaderTrust,
    severity: Severity::Low,
    persona: Persona::Pedantic,
    summary: "the application answers for any name of a host",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["ALLOWED_HOSTS", "allowed_hosts"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `ALLOWED_HOSTS = ["*"]` of Django and `allowed_hosts=["*"]` of Starlette's `TrustedHostMiddleware`. Files for tests and development are silent.

## Why is this bad?

Links in mails (to reset a password), redirects and keys of caches are made of the host that the request names: who asks with another one gets the victim's link to their own site.

## Example

```python bad
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["*"]  # <- here
# file: urls.py
from django.http import JsonResponse
from django.urls import path


def index(request):
    return JsonResponse({"ok": True})


urlpatterns = [path("", index)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

```python bad
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

app = FastAPI()
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["*"])  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
# file: settings.py
import os

SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["shop.example"]
# file: urls.py
from django.http import JsonResponse
from django.urls import path


def index(request):
    return JsonResponse({"ok": True})


urlpatterns = [path("", index)]
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
```

## Fix

`ALLOWED_HOSTS = ["shop.example"]`. A proxy in front that passes on its own names alone is as good.
"#;

const FIX: &str = "list the names: `ALLOWED_HOSTS = [\"shop.example\"]`";
const NO_SHIELD: &str = "a gateway that listens for its own names alone is the fix; no layer of ours compares them yet";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let file = body.source.path.rsplit('/').next().unwrap_or("").trim_end_matches(".py");
    if secret_names::has_word(file, &["test", "tests", "testing", "dev", "development", "local"]) {
        return Vec::new();
    }
    let is_any = |value: ExprId| body.texts(value).is_some_and(|hosts| hosts.contains(&"*"));
    let settings = body.statements().filter_map(|(stmt, span)| match stmt {
        Stmt::Assign { targets, value } => {
            let is_it = |target: &ExprId| matches!(code.expr(*target), Expr::Name(name) if name == "ALLOWED_HOSTS");
            (code.list(targets).iter().any(is_it) && is_any(value)).then(|| body.line(span))
        }
        _ => None,
    });
    let calls = code.exprs().filter_map(|(id, expr)| match expr {
        Expr::Call { arguments, .. } => {
            let value = body.argument(code.call_arguments(arguments), None, "allowed_hosts")?;
            is_any(value).then(|| body.line(code.expr_span(id)))
        }
        _ => None,
    });
    let told = |line: u32| {
        let message = "the application answers for any host that a request names: links and caches are made of what the client says".to_owned();
        (Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), line)
    };
    settings.chain(calls).map(told).collect()
}
