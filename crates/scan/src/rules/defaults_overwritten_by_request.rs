//! `defaults-overwritten-by-request`: the request overwrites values that the code has set.

use model::{Confidence, Evidence, Persona, Severity, Weakness};
use python::Symbol;
use python::code::{ArgumentKind, Expr, ExprId, Span, Stmt};

use super::fields::{assignments, within};
use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought, holds};

pub(super) const RULE: Rule = Rule {
    name: "defaults-overwritten-by-request",
    weakness: Weakness::MassAssignment,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "the request overwrites values that the code has set",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["request", "await"]).and(OF_REQUEST).and(COPIES), of_body)],
};

const PAGE: &str = r#"## What it does

Finds handlers that fill a dict with values of their own (a price, a rate, a status), copy every field of the request over it (`values.update(data)`, a loop over
`data.items()`), and then go on with one of their own values.

## Why is this bad?

The client names the field that nobody meant it to set, and the code takes the client's value for its own.

## Example

```python bad
from flask import Flask, request

app = Flask(__name__)
RATES = {"EUR": 1.08}


@app.post("/exchange")
def exchange():
    data = request.get_json()
    values = {"amount": 0, "rate": RATES["EUR"]}
    for name, value in data.items():
        values[name] = value  # <- here
    return {"paid": values["amount"] * values["rate"]}
```

Use instead:

```python good
from flask import Flask, request

app = Flask(__name__)
RATES = {"EUR": 1.08}


@app.post("/exchange")
def exchange():
    data = request.get_json()
    values = {"amount": data["amount"], "rate": RATES["EUR"]}
    return {"paid": values["amount"] * values["rate"]}
```

```python good
from flask import Flask, request

app = Flask(__name__)
DEFAULTS = {"size": 20}


@app.get("/items")
def list_items():
    options = {"size": 20, "page": 1}
    options.update(request.args)
    return {"size": options["size"]}
```

## Fix

Take the fields that clients may set by name, or put your own values over those of the request: `{**data, "rate": rate}`.
"#;

/// What the text of code says that reads a request.
const OF_REQUEST: &[&str] = &["request.json", "request.get_json", "request.form", "request.POST", "request.data", "request.body", ".json()"];
/// What it says that copies all fields of one.
const COPIES: &[&str] = &["update", ".items()"];
const FIX: &str = "take the fields that clients may set by name, or put your own values over those of the request: `{**data, \"rate\": rate}`";
const NO_SHIELD: &str = "which fields the request may have stands nowhere";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let of_request = of_request(body);
    for (name, value) in assignments(body) {
        let own = own_values(body, value, &of_request);
        if own.is_empty() {
            continue;
        }
        let Some(copy) = copy_over(body, name, &of_request) else { continue };
        let Some((key, place)) = taken_behind(body, name, copy, &own) else { continue };
        let message = format!("the request overwrites `{key}`, which the code has set itself, and `{}` goes on with it", body.name);
        let used = Evidence::new(std::sync::Arc::clone(&body.source.path), body.line(place), format!("goes on with `{key}`"));
        let draft = Draft { trace: vec![used], ..Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD) };
        return vec![(draft, body.line(copy))];
    }
    Vec::new()
}

/// The names that hold what the request brought.
fn of_request(body: &Body<'_>) -> Vec<Symbol> {
    let reads = |value: &ExprId| {
        let text = body.text(body.code().expr_span(*value));
        OF_REQUEST.iter().any(|word| text.contains(word)) && !matches!(body.code().expr(*value), Expr::Subscript(..))
    };
    assignments(body).filter(|(_, value)| reads(value)).map(|(name, _)| name).collect()
}

/// The keys of a dict whose values are neither constants nor of the request: what the code works out itself.
fn own_values(body: &Body<'_>, value: ExprId, of_request: &[Symbol]) -> Vec<Symbol> {
    let Expr::Dict(run) = body.code().expr(value) else { return Vec::new() };
    let pairs = body.code().list(run).chunks_exact(2);
    let own = pairs.filter_map(|pair| match (body.code().expr(pair[0]), body.code().expr(pair[1])) {
        (Expr::Str(_), Expr::Str(_) | Expr::Int(_) | Expr::None | Expr::True | Expr::False | Expr::OtherNumber) => None,
        (Expr::Str(key), _) => {
            let span = body.code().expr_span(pair[1]);
            let is_own = !of_request.iter().any(|name| body.names(span, *name)) && !body.text(span).contains("request");
            is_own.then_some(key)
        }
        _ => None,
    });
    own.collect()
}

/// Where all fields of the request are copied over a dict.
fn copy_over(body: &Body<'_>, dict: Symbol, of_request: &[Symbol]) -> Option<Span> {
    let is_request = |span: Span| {
        of_request.iter().any(|name| body.names(span, *name)) || OF_REQUEST.iter().any(|word| body.text(span).contains(word))
    };
    let updates = body.code().exprs().find_map(|(id, expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let [argument] = body.code().call_arguments(arguments) else { return None };
        let is_update = matches!(body.callee(function).as_slice(), [of, last] if *of == dict && *last == "update");
        let is_whole = argument.kind != ArgumentKind::Star && is_request(body.code().expr_span(argument.value));
        let is_plain = matches!(body.code().expr(argument.value), Expr::Name(_) | Expr::Call { .. } | Expr::Attribute(..));
        (is_update && is_whole && is_plain).then(|| body.code().expr_span(id))
    });
    updates.or_else(|| {
        body.statements().find_map(|(stmt, _)| {
            let Stmt::For { target, iter, body: block, .. } = stmt else { return None };
            let iterated = body.code().expr_span(iter);
            if !body.text(iterated).ends_with(".items()") || !is_request(iterated) {
                return None;
            }
            let Expr::Tuple(names) = body.code().expr(target) else { return None };
            let Expr::Name(key) = body.code().expr(*body.code().list(names).first()?) else { return None };
            // Nothing but the copy: a condition may be the list of fields that are meant.
            let [only] = body.code().block(block) else { return None };
            let Stmt::Assign { targets, .. } = body.code().stmt(*only) else { return None };
            let sets = body.code().list(targets).iter().any(|target| match body.code().expr(*target) {
                Expr::Subscript(of, index) => {
                    matches!(body.code().expr(of), Expr::Name(name) if name == dict)
                        && matches!(body.code().expr(index), Expr::Name(name) if name == key)
                }
                _ => false,
            });
            sets.then(|| body.code().stmt_span(*only))
        })
    })
}

/// Where one of the code's own values is taken out again.
fn taken_behind(body: &Body<'_>, dict: Symbol, copy: Span, own: &[Symbol]) -> Option<(Symbol, Span)> {
    let behind = Span { start: copy.end, ..body.span };
    within(body, behind).find_map(|(id, expr)| {
        let (of, key) = match expr {
            Expr::Subscript(of, index) => (of, index),
            Expr::Call { function, arguments } => {
                let Expr::Attribute(of, name) = body.code().expr(function) else { return None };
                (of, body.code().call_arguments(arguments).first().filter(|_| name == "get")?.value)
            }
            _ => return None,
        };
        let Expr::Str(key) = body.code().expr(key) else { return None };
        let is_dict = matches!(body.code().expr(of), Expr::Name(name) if name == dict);
        let span = body.code().expr_span(id);
        (is_dict && own.contains(&key) && holds(body.span, span)).then_some((key, span))
    })
}
