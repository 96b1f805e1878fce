//! `error-detail-in-answer`: an answer holds the text of an unexpected error.

use std::sync::Arc;

use model::{AccessVerdict, Confidence, Evidence, Persona, Severity, Shield, Shielding, Weakness};
use python::Symbol;
use python::code::{ArgumentKind, Expr, ExprId, Handler, Span, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "error-detail-in-answer",
    weakness: Weakness::VerboseError,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "an answer holds the text of an unexpected error",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["except", "format_exc"]).and(NAMES_ONE), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that catch any exception, or that of a database, a file or the network, and put it (`str(e)`, `repr(e)`, `f"{e}"`, `e.args`), or a traceback
(`traceback.format_exc()`), into what they answer, by `return` or as the detail of an exception of the framework. An exception that the program or a library raises to tell
the client something (`ValueError`, `ValidationError`, an own class) is silent. In functions that are no handlers it is told to the pedantic persona, since
something around them may keep the text.

## Why is this bad?

The text of an error that nobody expected tells how the application works inside: statements of SQL, names of tables, paths, hosts,
sometimes credentials. Whoever looks for a hole reads there how near they are.

## Example

```python bad
from fastapi import FastAPI, HTTPException

from store import load

app = FastAPI()


@app.get("/orders/{order_id}")
def read_order(order_id: int):
    try:
        return load(order_id)
    except Exception as e:
        raise HTTPException(status_code=500, detail=str(e))  # <- here
# file: store.py
def load(order_id: int) -> dict:
    with open(f"orders/{order_id}.txt") as file:
        return {"text": file.read()}
```

Use instead:

```python good
import logging

from fastapi import FastAPI, HTTPException

from store import load

app = FastAPI()


@app.get("/orders/{order_id}")
def read_order(order_id: int):
    try:
        return load(order_id)
    except ValueError as e:
        raise HTTPException(status_code=400, detail=str(e))
    except Exception:
        logging.exception("reading an order failed")
        raise HTTPException(status_code=500, detail="the order could not be read")
# file: store.py
def load(order_id: int) -> dict:
    with open(f"orders/{order_id}.txt") as file:
        return {"text": file.read()}
```

## Fix

Log the exception (`logging.exception(...)`), and answer with a text of your own that says what the client can do. A number in both finds
one by the other.
"#;

/// Last parts of the names of exceptions that are not raised to tell the client something.
const UNEXPECTED: &[&str] = &[
    "Exception", "BaseException", "Error", "DatabaseError", "OperationalError", "ProgrammingError", "IntegrityError", "InterfaceError",
    "InternalError", "DataError", "SQLAlchemyError", "DBAPIError", "PyMongoError",
];
/// Those that the program may raise itself, or that rarely say much.
const OFTEN_MEANT: &[&str] = &[
    "OSError", "IOError", "ConnectionError", "RequestException", "RequestError", "HTTPError", "ClientError", "RuntimeError", "SystemError",
    "SubprocessError", "CalledProcessError", "FileNotFoundError", "PermissionError", "KeyError", "AttributeError", "TypeError", "IndexError",
    "ImportError", "RedisError",
];
/// Functions that end the handling of a request with an answer.
const ENDS: &[&str] = &["abort", "flash", "send_error"];
/// What the text of an answer holds.
const ANSWERS: &[&str] = &["return", "HTTP", "APIException", "HttpError", "WebSocketException", "abort", "flash", "send_error"];
/// What binds an exception to a name, or tells of the last one.
const NAMES_ONE: &[&str] = &[" as", "\tas", ")as", "\nas", "format_exc"];
const FIX: &str = "log it (`logging.exception(...)`) and answer with a text of your own";

fn of_body(body: &Body<'_>, whole: &Whole<'_>) -> Vec<(Draft, u32)> {
    let mut places: Vec<(Span, &str, bool)> = Vec::new();
    let text = body.text(body.span);
    if !text.contains("format_exc(") && !may_answer_with_an_exception(text) {
        return Vec::new();
    }
    for (stmt, _) in body.statements() {
        let Stmt::Try { handlers, .. } = stmt else { continue };
        for handler in body.code().except(handlers) {
            let is_caught = |names: &[&str]| catches(body, handler, names);
            let is_unexpected = handler.exception.is_none() || is_caught(UNEXPECTED);
            if is_unexpected || is_caught(OFTEN_MEANT) {
                let what = "the text of an error that nobody expected";
                places.extend(answers_of(body, handler).map(|span| (span, what, is_unexpected)));
            }
        }
    }
    places.extend(tracebacks(body).map(|span| (span, "a traceback", true)));
    // One finding of a function, at what is worst.
    places.sort_by_key(|(span, _, is_unexpected)| (!is_unexpected, span.start));
    let Some((span, what, is_unexpected)) = places.first().copied() else { return Vec::new() };
    let more = places.iter().skip(1).filter(|(other, ..)| *other != span).map(|(other, what, _)| {
        Evidence::new(Arc::clone(&body.source.path), body.line(*other), format!("answers with {what}, too"))
    });
    let mut trace: Vec<Evidence> = more.collect();
    trace.dedup();
    vec![(Draft { trace, ..draft(body, whole, what, is_unexpected) }, body.line(span))]
}

/// Whether a text, read line by line, may answer with what an `except` binds: most functions that bind one only log it. It
/// says yes more often than the code does.
fn may_answer_with_an_exception(text: &str) -> bool {
    text.match_indices("except").any(|(at, _)| {
        let Some((head, rest)) = text[at..].split_once(':') else { return false };
        let Some((before, name)) = head.rsplit_once(|c: char| !is_part(c)) else { return false };
        if names(before).last() != Some("as") {
            return false;
        }
        let mut held = vec![name];
        statements_in(rest).any(|statement| {
            if !held.iter().any(|name| names(statement).any(|own| own == *name)) {
                return false;
            }
            if let Some((targets, _)) = statement.split_once('=') {
                held.extend(names(targets));
            }
            ANSWERS.iter().any(|word| statement.contains(word))
        })
    })
}

/// The lines of a text; those that a bracket or a backslash joins are one.
fn statements_in(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (mut open, mut quote, mut escaped) = (0_i32, None, false);
        let is_end = |(_, c): &(usize, char)| {
            let is_escaped = escaped;
            escaped = *c == '\\' && !is_escaped;
            match (quote, c) {
                // A comment ends with its line.
                (Some('#'), '\n') => {
                    quote = None;
                    return open <= 0;
                }
                (Some('#'), _) => {}
                _ if is_escaped => {}
                (None, '"' | '\'' | '#') => quote = Some(*c),
                (Some(open), c) if open == *c => quote = None,
                (None, '(' | '[' | '{') => open += 1,
                (None, ')' | ']' | '}') => open -= 1,
                (None, '\n') => return open <= 0,
                _ => {}
            }
            false
        };
        let end = rest.char_indices().find(is_end).map_or(rest.len(), |(at, _)| at + 1);
        let (statement, behind) = rest.split_at(end);
        rest = behind;
        (!statement.is_empty()).then_some(statement)
    })
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_part(c)).filter(|name| !name.is_empty())
}

fn draft(body: &Body<'_>, whole: &Whole<'_>, what: &str, is_unexpected: bool) -> Draft {
    // Administrators may be told what is wrong.
    let is_for_few = |index: &usize| {
        whole.report.endpoints.get(*index).is_some_and(|one| one.access.verdict() == AccessVerdict::Restricted)
    };
    let is_for_few = !body.endpoints.is_empty() && body.endpoints.iter().all(is_for_few);
    let (confidence, persona) = match (body.endpoints.is_empty(), is_unexpected) {
        (false, true) if is_for_few => (Confidence::Medium, Persona::Pedantic),
        (false, true) => (Confidence::High, RULE.persona),
        (true, true) => (Confidence::Medium, Persona::Pedantic),
        (_, false) => (Confidence::Low, Persona::Auditor),
    };
    let message = format!("`{}` answers with {what}: it tells how the application works inside", body.name);
    Draft {
        shielding: Shielding::Shielded(Shield {
            layer: "redact".into(),
            policy: "redact.replace_error_bodies = true  # answers of 500 and more get a text of the gateway's".into(),
        }),
        ..Draft::of(&RULE, confidence, message, FIX, "").for_persona(persona)
    }
}

fn catches(body: &Body<'_>, handler: &Handler, names: &[&str]) -> bool {
    let Some(exception) = handler.exception else { return false };
    let classes = match body.code().expr(exception) {
        Expr::Tuple(run) => body.code().list(run).to_vec(),
        _ => vec![exception],
    };
    classes.iter().any(|class| body.callee(*class).last().is_some_and(|name| names.contains(&name.as_str())))
}

/// The answers in a handler of exceptions that hold the exception.
fn answers_of<'b>(body: &'b Body<'_>, handler: &Handler) -> impl Iterator<Item = Span> + use<'b> {
    let within = handler.span;
    let held = handler.name.map(|name| held_by(body, within, name)).unwrap_or_default();
    answers(body).filter(move |(answer, all)| {
        let inside = holds(within, *all) || held.iter().skip(1).any(|_| all.start > within.start);
        inside && held.iter().any(|name| body.names(*answer, *name)) && !only_tells_the_class(body, *answer, &held)
    })
    .map(|(_, all)| all)
}

/// The name of an exception, and those that are assigned something that holds it.
fn held_by(body: &Body<'_>, within: Span, name: Symbol) -> Vec<Symbol> {
    let mut held = vec![name];
    for (stmt, span) in body.statements().filter(|(_, span)| holds(within, *span)) {
        let Stmt::Assign { targets, value } = stmt else { continue };
        let text = body.text(span);
        if body.names(body.code().expr_span(value), name) && !text.contains("type(") {
            held.extend(body.code().list(targets).iter().filter_map(|target| match body.code().expr(*target) {
                Expr::Name(name) => Some(name),
                _ => None,
            }));
        }
    }
    held
}

/// What a function answers with: the expression, and the statement.
fn answers<'b>(body: &'b Body<'_>) -> impl Iterator<Item = (Span, Span)> + use<'b> {
    body.statements().filter_map(|(stmt, span)| {
        let expression = |id: ExprId| body.code().expr_span(id);
        match stmt {
            Stmt::Return(Some(value)) => Some((expression(value), span)),
            // `raise HTTPException(detail=str(e))`: what is raised is an answer if it is given the text.
            Stmt::Raise { exception: Some(exception), .. } => detail(body, exception).map(|detail| (expression(detail), span)),
            Stmt::Expr(value) => match body.code().expr(value) {
                Expr::Call { function, .. } => {
                    let name = body.callee(function).last().copied()?;
                    ENDS.contains(&name.as_str()).then(|| (expression(value), span))
                }
                _ => None,
            },
            _ => None,
        }
    })
}

/// What an exception of a framework is told to say.
fn detail(body: &Body<'_>, exception: ExprId) -> Option<ExprId> {
    let Expr::Call { function, arguments } = body.code().expr(exception) else { return None };
    let class = body.callee(function).last().copied()?;
    if !class.as_str().starts_with("HTTP") && !matches!(class.as_str(), "APIException" | "HttpError" | "WebSocketException") {
        return None;
    }
    let arguments = body.code().call_arguments(arguments);
    let by_name = arguments.iter().find(|a| matches!(a.kind, ArgumentKind::Keyword(name) if name == "detail" || name == "description"));
    by_name.or_else(|| arguments.iter().filter(|a| a.kind == ArgumentKind::Positional).nth(1)).map(|a| a.value)
}

/// `type(e).__name__` gives nothing away.
fn only_tells_the_class(body: &Body<'_>, answer: Span, held: &[Symbol]) -> bool {
    held.iter().all(|name| {
        let all = body.names_in(answer).filter(|(own, _)| own == name);
        all.into_iter().all(|(_, span)| {
            let before = body.source.text.get(answer.start as usize..span.start as usize).unwrap_or_default();
            before.trim_end().ends_with("type(") || before.trim_end().ends_with("isinstance(")
        })
    })
}

/// Answers that hold a traceback.
fn tracebacks<'b>(body: &'b Body<'_>) -> impl Iterator<Item = Span> + use<'b> {
    answers(body).filter(|(answer, _)| body.text(*answer).contains("format_exc(")).map(|(_, all)| all)
}


#[cfg(test)]
mod tests {
    use super::may_answer_with_an_exception;

    #[test]
    fn exceptions_that_are_only_logged_are_told_by_the_text() {
        let handler = |lines: &str| format!("try:\n    x()\nexcept (A,\n        B) as e:\n{lines}\nfinally:\n    return done\n");
        for lines in [
            "    return str(e)",
            "    return {\n        'error': ')' + str(e),\n    }",
            "    text = 'failed: {e}'  # don't\n    raise HTTPException(500, text)",
            "    raise HTTPException(\n        500,\n        detail=f\"it's {e}\",\n    ) from e",
        ] {
            assert!(may_answer_with_an_exception(&handler(lines)), "{lines}");
        }
        for lines in ["    log(e)\n    return None", "    raise", "    raise Failed() from e", "    error = e.args\n    log(error)"] {
            assert!(!may_answer_with_an_exception(&handler(lines)), "{lines}");
        }
        assert!(!may_answer_with_an_exception("try:\n    x()\nexcept E:\n    return E"));
    }
}
