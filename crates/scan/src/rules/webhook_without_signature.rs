//! `webhook-without-signature`: a webhook believes whoever calls it.

use model::{Confidence, Endpoint, Fix, Persona, Severity, Shield, Shielding, Weakness};

use super::api::{Api, handler_name, is_open, may_change};
use super::words::{self, Purpose};
use super::{Check, Draft, Rule, refusal};

pub(super) const RULE: Rule = Rule {
    name: "webhook-without-signature",
    weakness: Weakness::UnsignedWebhook,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a webhook believes whoever calls it",
    page: PAGE,
    checks: &[Check::Endpoint(of_endpoint)],
};

const PAGE: &str = r#"## What it does

Finds endpoints that other services call (`webhook`, `webhooks`, `callback` as a whole segment of the path) with a method that changes something, on whose way nothing refuses
a request that is not signed. A signature that is compared, in the handler or a dependency, makes the endpoint protected.

## Why is this bad?

Whoever knows the address tells the application that an order was paid or a parcel arrived.

## Example

```python bad
from fastapi import FastAPI

app = FastAPI()
PAID: set[int] = set()


@app.post("/webhooks/payments")
def payment(order_id: int):  # <- here
    PAID.add(order_id)
```

Use instead:

```python good
import hmac
import os
from hashlib import sha256

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
PAID: set[str] = set()


@app.post("/webhooks/payments")
async def payment(request: Request):
    body = await request.body()
    expected = hmac.new(os.environ["WEBHOOK_KEY"].encode(), body, sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        raise HTTPException(status_code=401)
    PAID.add("order")
```

Flask:

```python bad
from flask import request

from shop import Order, app, db


@app.post("/webhooks/delivery")
def delivered():  # <- here
    order = db.get_or_404(Order, request.json["order"])
    order.address = request.json["address"]
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

```python good
import hmac
import os
from hashlib import sha256

from flask import abort, request

from shop import Order, app, db


@app.post("/webhooks/delivery")
def delivered():
    expected = hmac.new(os.environ["WEBHOOK_KEY"].encode(), request.get_data(), sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)
    order = db.get_or_404(Order, request.json["order"])
    order.address = request.json["address"]
    db.session.commit()
    return "", 204
# with shop.py (`app`, `db`, `User`, `Order`, `admin_required`)
```

Django:

```python bad
# file: views.py
import json

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models import Order


@csrf_exempt
@require_POST
def delivered(request):  # <- here
    data = json.loads(request.body)
    Order.objects.filter(pk=data["order"]).update(address=data["address"])
    return HttpResponse(status=204)
# file: urls.py
from django.urls import path

from views import delivered

urlpatterns = [path("webhooks/delivery/", delivered)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

```python good
# file: views.py
import hmac
import json
import os
from hashlib import sha256

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models import Order


@csrf_exempt
@require_POST
def delivered(request):
    expected = hmac.new(os.environ["WEBHOOK_KEY"].encode(), request.body, sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        return HttpResponse(status=401)
    data = json.loads(request.body)
    Order.objects.filter(pk=data["order"]).update(address=data["address"])
    return HttpResponse(status=204)
# file: urls.py
from django.urls import path

from views import delivered

urlpatterns = [path("webhooks/delivery/", delivered)]
# with settings.py (`TokenAuthentication` and `IsAuthenticated` by default) and models.py (`Order`)
```

## Fix

Compute the HMAC of the raw body with the key that you share with the sender, compare it with the header (`hmac.compare_digest`), and refuse what is older than
minutes.
"#;

fn of_endpoint<'a>(endpoint: &'a Endpoint, _: &Api<'a>) -> Option<Draft> {
    let Some((Purpose::Service, word)) = words::purpose(endpoint) else { return None };
    if !may_change(endpoint) || !is_open(&endpoint.access) {
        return None;
    }
    let message = format!(
        "`{} {}` believes whoever calls it: no check of its sender's signature was seen (`{word}`)",
        endpoint.method(),
        endpoint.path(),
    );
    let text = format!(
        "compute the HMAC of the raw body, compare it with the sender's (`hmac.compare_digest`), and answer 401 where they differ. If it is meant for everybody, {}",
        refusal::say_why(RULE.name, &format!("`{}`", handler_name(endpoint))),
    );
    Some(Draft {
        severity: RULE.severity,
        confidence: Confidence::Medium,
        persona: RULE.persona,
        message,
        trace: Vec::new(),
        fix: Some(Fix::text(text)),
        shielding: Shielding::Shielded(Shield {
            layer: "webhook".into(),
            policy: "identity = { kind = \"hmac\", header = \"...\", key = { env = \"WEBHOOK_KEY\" } }".into(),
        }),
    })
}
