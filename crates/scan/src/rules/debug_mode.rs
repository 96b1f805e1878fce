//! `debug-mode`: the application runs with debugging on.

use model::{Confidence, Persona, Severity, Weakness};

use super::literal_secret_key::is_for_development;
use super::{Check, Draft, Rule, Whole};
use crate::calls::{Call, Given, Watched};
use crate::literals::{Literal, Use, Written};

pub(super) const RULE: Rule = Rule {
    name: "debug-mode",
    weakness: Weakness::DebugMode,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the application runs with debugging on",
    page: PAGE,
    checks: &[Check::Call(RUNS, of_call), Check::Literal(of_literal)],
};

const PAGE: &str = r#"## What it does

Finds `app.run(debug=True)` of Flask and Quart, `debug=True` given to `FastAPI` or `Starlette`, `DEBUG = True` in the settings of Django and
Flask, and `app.debug = True`. What a setting decides whose default is off is silent, and so are files and classes for tests and
development. `app.run(debug=True)` that runs only where the file is started as a script, and listens to this machine alone, is told to the
pedantic persona: servers for production import the application instead.

## Why is this bad?

With debugging on an error answers with the code around it, local variables and settings. The debugger of Werkzeug runs any Python
that somebody types into it; its PIN can be computed from what errors and files give away.

## Example

```python bad
from flask import Flask

app = Flask(__name__)


@app.get("/orders")
def list_orders():
    return []


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)  # <- here
```

Use instead:

```python good
import os

from flask import Flask

app = Flask(__name__)


@app.get("/orders")
def list_orders():
    return []


if __name__ == "__main__":
    app.run(debug=os.environ.get("APP_DEBUG") == "1")
```

## Fix

Leave it off, and switch it on where you develop: `flask run --debug`, `fastapi dev`, a variable of the environment that is off where it is not
set.
"#;

/// How a text speaks of the parameter: `logger.debug(...)` does not.
const RUNS: &[Watched] = &[
    Watched { name: "flask.Flask.run", needle: "debug=" },
    Watched { name: "flask.Flask.run", needle: "debug =" },
    Watched { name: "flask.Flask.run", needle: "debug)" },
    Watched { name: "flask.Flask.run", needle: "debug," },
    Watched { name: "flask.Flask.run", needle: "debug_mode" },
    Watched { name: "flask.Flask.run", needle: "debug\"" },
    Watched { name: "flask.Flask.run", needle: "debug'" },
    Watched { name: "flask.Flask.run", needle: "use_debugger" },
];
/// What takes `debug=True`.
const TAKES: &[&str] = &["FastAPI", "Starlette", "Litestar", "Sanic", "Application", "APIFlask"];
const FIX: &str = "take it out; where you develop, `flask run --debug`, `fastapi dev` or a variable of the environment switches it on";
const NO_SHIELD: &str = "a gateway can replace the answers of errors, but the debugger is for whoever reaches the application";

fn of_call(call: &Call, _: &Whole<'_>) -> Option<Draft> {
    let is_on = |name: &str, at| call.given(at, name).is_some_and(Given::is_true);
    if !is_on("debug", Some(2)) && !is_on("use_debugger", None) {
        return None;
    }
    let host = call.given(Some(0), "host").and_then(Given::text).unwrap_or("127.0.0.1");
    let is_for_all = !matches!(host, "127.0.0.1" | "localhost" | "::1");
    let persona = if call.is_script && !is_for_all { Persona::Pedantic } else { RULE.persona };
    let listens = if is_for_all { format!(" and listens on `{host}`") } else { String::new() };
    let message = format!("the application runs with the debugger on{listens}: whoever reaches it can run Python in it");
    Some(Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(persona))
}

fn of_literal(literal: &Literal, whole: &Whole<'_>) -> Option<Draft> {
    if literal.value != Written::True || is_for_development(literal) || !is_debug(literal) {
        return None;
    }
    let is_django = whole.report.project.frameworks.iter().any(|name| &**name == "django");
    let (confidence, persona) = match literal.used {
        // `DEBUG = True` in a module that is no settings module may be anybody's.
        Use::Assigned if &*literal.name == "DEBUG" && literal.of.is_empty() && !is_django => {
            (Confidence::Low, Persona::Pedantic)
        }
        Use::Assigned => (Confidence::Medium, RULE.persona),
        Use::Argument => (Confidence::High, RULE.persona),
        _ => return None,
    };
    let message = "debugging is on: an error answers with code, variables and settings".to_owned();
    Some(Draft::of(&RULE, confidence, message, FIX, NO_SHIELD).for_persona(persona))
}

fn is_debug(literal: &Literal) -> bool {
    match literal.used {
        Use::Argument => &*literal.name == "debug" && TAKES.contains(&&*literal.of),
        Use::Assigned => match &*literal.name {
            "DEBUG" => true,
            "debug" => &*literal.of == "app" || &*literal.of == "application",
            _ => false,
        },
        _ => false,
    }
}
