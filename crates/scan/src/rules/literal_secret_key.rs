//! `literal-secret-key`: the key with which a framework signs sessions and links stands in the code.

use model::{Confidence, Persona, Severity, Weakness};

use super::{Check, Draft, Rule, Whole, secret_names};
use crate::literals::{Literal, Use};

pub(super) const RULE: Rule = Rule {
    name: "literal-secret-key",
    weakness: Weakness::HardcodedSecret,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the key that signs sessions, cookies or links stands in the code",
    page: PAGE,
    checks: &[Check::Literal(of_literal)],
};

const PAGE: &str = r#"## What it does

Finds the key of a framework (`SECRET_KEY` of Flask, Quart and Django, `app.secret_key`, `SECRET_KEY_FALLBACKS`, the `secret_key` of
Starlette's `SessionMiddleware`) where its text stands in the code, or as the default of a setting. A key from the environment without a
default, from a file, or made anew at each start is none. A default is told with medium confidence: what runs may set another one.
Classes and files for tests and development are left out. The key itself is never printed.

## Why is this bad?

Whoever can read the code, in a repository, an image or an old backup, can sign a session that says that they are anybody: an
administrator, for example. With Django they can also forge links that reset passwords.

## Example

```python bad
from flask import Flask

app = Flask(__name__)
app.secret_key = "b7Qe2-nL94-xPz1"  # <- here


@app.get("/orders")
def list_orders():
    return []
```

Use instead:

```python good
import os

from flask import Flask

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]


@app.get("/orders")
def list_orders():
    return []
```

## Fix

Make a new key (`doorward secret generate`), give it to the application through its environment or a secret store, and let the
application end at once where none is set. The old key stays known: sessions that it signed end with the new one.
"#;

/// Names of the keys of frameworks.
const KEYS: &[&str] = &["SECRET_KEY", "secret_key", "SESSION_SECRET", "session_secret", "COOKIE_SECRET", "cookie_secret"];

fn of_literal(literal: &Literal, _: &Whole<'_>) -> Option<Draft> {
    let text = literal.text().filter(|_| KEYS.contains(&&*literal.name))?;
    if text.is_empty() || literal.used == Use::Compared || is_for_development(literal) {
        return None;
    }
    let is_default = literal.used == Use::Default;
    let confidence = if is_default { Confidence::Medium } else { Confidence::High };
    let message = if is_default {
        format!("the key `{}` has a default that stands in the code: unless something sets another one, whoever has read the code can sign a session for anybody", literal.name)
    } else {
        format!("the key `{}` stands in the code: whoever has read it can sign a session for anybody", literal.name)
    };
    let draft = Draft::of(&RULE, confidence, message, FIX, NO_SHIELD);
    let is_refused_later = is_default && secret_names::is_placeholder(text);
    Some(if is_refused_later { draft.for_persona(Persona::Pedantic) } else { draft })
}

const FIX: &str = "read a new key from the environment (`os.environ[\"SECRET_KEY\"]`), without a default, and take this one out of the code";
const NO_SHIELD: &str = "a session that is signed with the key is as good as a real one: a gateway cannot tell them apart";

/// Whether a class or file is for tests or development by its name.
pub(super) fn is_for_development(literal: &Literal) -> bool {
    let file = literal.file.rsplit('/').next().unwrap_or("");
    let words = [secret_names::words(&literal.of), secret_names::words(file.trim_end_matches(".py"))].concat();
    words.iter().any(|w| matches!(w.as_str(), "test" | "tests" | "testing" | "dev" | "develop" | "development" | "local" | "ci"))
}
