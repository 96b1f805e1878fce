//! `model-answer-run`: what a language model answers runs as a statement, as a command or as Python.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Draft, Rule, Whole};
use crate::flows::{Flow, Use};

pub(super) const RULE: Rule = Rule {
    name: "model-answer-run",
    weakness: Weakness::PromptInjection,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "what a language model answers runs as SQL, as a command or as Python",
    page: PAGE,
    checks: &[Check::Flow(Use::Code, says("is run as Python")), Check::Flow(Use::Command, says("is run as a command")), Check::Flow(Use::Sql, says("becomes part of an SQL statement"))],
};

const fn says(becomes: &'static str) -> Says {
    Says { becomes, fix: FIX, counts: Flow::is_of_model, judged }
}

const PAGE: &str = r#"## What it does

Follows what language models answer (`openai`, `anthropic`, `litellm`, `ollama`, `google.genai`, `langchain` and their like), the arguments of the tools that they want to call included, to statements of SQL, commands
and Python. What becomes of an answer elsewhere (paths, HTML, templates) is told to auditors by the rules of those.

## Why is this bad?

Whoever writes to the model, or writes a page or mail that it reads, decides what it answers: "answer with `__import__('os').system('...')`" is enough.

## Example

```python bad
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


@app.post("/charts")
def chart(wish: str):
    said = client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": wish}])
    exec(said.choices[0].message.content)  # <- here
    return {"ok": True}
```

```python bad
import json
import subprocess

from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {}}}]


@app.post("/chat")
def chat():
    messages = [{"role": "user", "content": request.json["text"]}]
    said = client.chat.completions.create(model="gpt-5", messages=messages, tools=TOOLS)
    for call in said.choices[0].message.tool_calls:
        wanted = json.loads(call.function.arguments)
        subprocess.run("ls " + wanted["folder"], shell=True)  # <- here
    return {"ok": True}
```

Use instead:

```python good
from fastapi import FastAPI, HTTPException
from openai import OpenAI

app = FastAPI()
client = OpenAI()
CHARTS = {"bars", "lines"}


@app.post("/charts")
def chart(wish: str):
    said = client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": wish}])
    kind = said.choices[0].message.content
    if kind not in CHARTS:
        raise HTTPException(422)
    return {"chart": eval(f"draw_{kind}")}
```

```python good
import json
import sqlite3

from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()


@app.post("/chat")
def chat():
    messages = [{"role": "user", "content": request.json["text"]}]
    said = client.chat.completions.create(model="gpt-5", messages=messages)
    wanted = json.loads(said.choices[0].message.content)
    rows = sqlite3.connect("shop.db").execute("SELECT name FROM items WHERE id = ?", (wanted["id"],))
    return {"names": [row[0] for row in rows]}
```

## Fix

Let the model choose from a list, or name values that you bind. Where it has to write code or SQL, run that where nothing is to be had: a container without network and secrets, a role of the database that
only reads what the caller may read.
"#;

const FIX: &str = "let the model choose from a list or name values that you bind; run what it writes where nothing is to be had";

/// It is sure what runs, and not what the model can be brought to answer.
fn judged(draft: Draft, _: &Flow, _: &Whole<'_>) -> Draft {
    Draft { confidence: draft.confidence.min(model::Confidence::Medium), ..draft }
}
