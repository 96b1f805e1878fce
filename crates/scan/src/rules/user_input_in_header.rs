//! `user-input-in-header`: a value of the request becomes part of the head of a mail or an answer, where nothing refuses ends of lines.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-header",
    weakness: Weakness::HeaderInjection,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of the head of a mail or an answer",
    page: PAGE,
    checks: &[Check::Flow(Use::Header, Says { becomes: "becomes part of a head, in which it may begin lines of its own", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to heads that nothing protects: the text of a mail that `smtplib` is handed as it is, before its first empty line, and `send_header` of `http.server`. Werkzeug, Starlette's servers
and Django refuse ends of lines in the fields of an answer, and `email.message.EmailMessage`, Django's `EmailMessage` and Flask-Mail in those of a mail: these are silent.

## Why is this bad?

`Hello\r\nBcc: everybody@example.com` adds a field: mail is sent in your name to whom the client likes, with the text that it likes.

## Example

```python bad
import smtplib

from fastapi import FastAPI

app = FastAPI()


@app.post("/contact")
def contact(subject: str, text: str):
    with smtplib.SMTP("localhost") as server:
        server.sendmail("shop@example.com", "us@example.com", f"Subject: {subject}\n\n{text}")  # <- here
    return {"ok": True}
```

```python bad
import smtplib

from flask import Flask, request

app = Flask(__name__)


@app.post("/contact")
def contact():
    message = "From: " + request.form["from"] + "\nSubject: Contact\n\n" + request.form["text"]
    server = smtplib.SMTP("localhost")
    server.sendmail("shop@example.com", ["us@example.com"], message)  # <- here
    return {"ok": True}
```

Use instead:

```python good
import smtplib
from email.message import EmailMessage

from fastapi import FastAPI

app = FastAPI()


@app.post("/contact")
def contact(subject: str, text: str):
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "shop@example.com"
    message["To"] = "us@example.com"
    message.set_content(text)
    with smtplib.SMTP("localhost") as server:
        server.send_message(message)
    return {"ok": True}
```

```python good
import smtplib

from flask import Flask, request

app = Flask(__name__)


@app.post("/contact")
def contact():
    message = "From: shop@example.com\nSubject: Contact\n\n" + request.form["text"]
    server = smtplib.SMTP("localhost")
    server.sendmail("shop@example.com", ["us@example.com"], message)
    return {"ok": True}
```

## Fix

Build mails with `email.message.EmailMessage`, which refuses ends of lines in its fields; elsewhere refuse `\r` and `\n`.
"#;

const FIX: &str = "build mails with `email.message.EmailMessage`; elsewhere refuse `\\r` and `\\n`";
