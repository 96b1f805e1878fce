//! `host-in-link`: the host that a request names stands in a link that somebody else is sent.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "host-in-link",
    weakness: Weakness::HostHeaderTrust,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "the host that a request names stands in a link that somebody else is sent",
    page: PAGE,
    checks: &[Check::Flow(Use::Link, Says { becomes: "is the host of a link that somebody is sent", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows the host of a request (`request.host`, `host_url`, `url_root`, `url_for(..., _external=True)`, `request.base_url` of Starlette, the fields `Host` and `X-Forwarded-Host`) to the text of a mail. Where it
becomes a redirect, or an address in the markup of an answer, that is for auditors: the client sees what it sent itself, unless a cache keeps it. Programs that name their hosts (`SERVER_NAME`, `TRUSTED_HOSTS`,
`TrustedHostMiddleware`) are silent, and so is Django, which asks `ALLOWED_HOSTS`.

## Why is this bad?

Somebody asks for a new password of yours with `Host: evil.example`. The mail comes from the shop, its link leads to `evil.example`, and brings the token along.

## Example

```python bad
import smtplib
from email.message import EmailMessage

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/password")
def reset(request: Request):
    mail = EmailMessage()
    mail["To"] = "user@example.com"
    mail.set_content(f"https://{request.headers['host']}/password/4711")  # <- here
    smtplib.SMTP("localhost").send_message(mail)
    return {"ok": True}
```

```python bad
from flask import Flask, request, url_for
from flask_mail import Mail, Message

app = Flask(__name__)
mail = Mail(app)


@app.post("/password")
def reset():
    link = url_for("choose", token="4711", _external=True)
    mail.send(Message("A new password", recipients=["user@example.com"], body=f"Follow {link}"))  # <- here
    return {"ok": True}


@app.get("/password/<token>")
def choose(token):
    return {"ok": True}
```

Use instead:

```python good
import smtplib
from email.message import EmailMessage

from fastapi import FastAPI

app = FastAPI()
ADDRESS = "https://shop.example"


@app.post("/password")
def reset():
    mail = EmailMessage()
    mail["To"] = "user@example.com"
    mail.set_content(f"{ADDRESS}/password/4711")
    smtplib.SMTP("localhost").send_message(mail)
    return {"ok": True}
```

```python good
from flask import Flask, url_for
from flask_mail import Mail, Message

app = Flask(__name__)
app.config["SERVER_NAME"] = "shop.example"
mail = Mail(app)


@app.post("/password")
def reset():
    link = url_for("choose", token="4711", _external=True)
    mail.send(Message("A new password", recipients=["user@example.com"], body=f"Follow {link}"))
    return {"ok": True}


@app.get("/password/<token>")
def choose(token):
    return {"ok": True}
```

## Fix

Take the address from the configuration: `SERVER_NAME`, a setting of your own; or refuse hosts that are not yours (`TrustedHostMiddleware`, `TRUSTED_HOSTS`).
"#;

const FIX: &str = "take the address from the configuration (`SERVER_NAME`, a setting), or refuse hosts that are not yours (`TrustedHostMiddleware`)";
