//! `weak-security-header`: a header for browsers protects from nothing, or weakens.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole, header_fields};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "weak-security-header",
    weakness: Weakness::MissingSecurityHeaders,
    severity: Severity::Low,
    persona: Persona::Regular,
    summary: "a header for browsers protects from nothing, or weakens",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["XSS-Protection", "xss-protection", "ontent-Security-Policy", "ontent-security-policy", "X_XSS_PROTECTION", "SECURE_BROWSER_XSS_FILTER", "Public-Key-Pins", "Expect-CT"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `X-XSS-Protection: 1`, which browsers took out; `Public-Key-Pins` and `Expect-CT`, which they took out, too; and a `Content-Security-Policy` that admits scripts from
anywhere or inside of the page (`default-src *`, `script-src 'unsafe-inline'` without a nonce or hash). Everybody is told of a policy that admits both: it is none.

## Why is this bad?

The filter of `X-XSS-Protection: 1` was taken out because it made holes where there were none, and who sends it believes to be protected. A policy that admits every script is no
policy.

## Example

```python bad
from fastapi import FastAPI, Request

app = FastAPI()


@app.middleware("http")
async def harden(request: Request, call_next):
    response = await call_next(request)
    response.headers["X-XSS-Protection"] = "1; mode=block"  # <- here
    response.headers["Content-Security-Policy"] = "default-src * 'unsafe-inline'"  # <- here
    return response


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
from fastapi import FastAPI, Request

app = FastAPI()


@app.middleware("http")
async def harden(request: Request, call_next):
    response = await call_next(request)
    response.headers["X-XSS-Protection"] = "0"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


@app.get("/")
def index():
    return {"ok": True}
```

## Fix

`X-XSS-Protection: 0` or nothing; for an API `Content-Security-Policy: default-src 'none'; frame-ancestors 'none'`.
"#;

const FIX: &str = "`X-XSS-Protection: 0` or nothing; for an API `Content-Security-Policy: default-src 'none'; frame-ancestors 'none'`";
const NO_SHIELD: &str = "no layer of the gateway writes headers for browsers yet";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let text = |id: ExprId| body.constant(id).and_then(Constant::text);
    let settings = body.statements().filter_map(|(stmt, _)| match stmt {
        Stmt::Assign { targets, value } => match code.expr(*code.list(targets).first()?) {
            Expr::Name(name) if name == "SECURE_BROWSER_XSS_FILTER" => Some((name.as_str(), value)),
            _ => None,
        },
        _ => None,
    });
    let told = |(field, value): (&str, ExprId)| {
        let (written, mut persona) = (text(value), Persona::Pedantic);
        let message = match field.to_ascii_lowercase().as_str() {
            "x-xss-protection" if written.is_some_and(|value| value.trim_start().starts_with('1')) => {
                "the filter of `X-XSS-Protection: 1` is gone from browsers, and made holes where there were none: send `0` or nothing".to_owned()
            }
            "secure_browser_xss_filter" if body.constant(value) == Some(Constant::Truth(true)) => {
                "`SECURE_BROWSER_XSS_FILTER` does nothing since Django 4: the filter is gone from browsers".to_owned()
            }
            "public-key-pins" | "expect-ct" => format!("`{field}` is gone from browsers: it protects from nothing"),
            "content-security-policy" if written.is_some_and(admits_any_script) => {
                if written.is_some_and(is_no_policy) {
                    persona = RULE.persona;
                }
                "the policy admits scripts from anywhere or inside of the page: it stops nothing that somebody gets into it".to_owned()
            }
            _ => return None,
        };
        let draft = Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD).for_persona(persona);
        Some((draft, body.line(code.expr_span(value))))
    };
    settings.chain(header_fields::set(body)).filter_map(told).collect()
}

/// Whether a policy admits scripts of any site, or any in the page.
fn admits_any_script(policy: &str) -> bool {
    let Some(sources) = of_scripts(policy) else { return false };
    let has_marks = sources.contains("'nonce-") || sources.contains("'sha256-") || sources.contains("'strict-dynamic'");
    (admits_any_site(sources) || has(sources, "'unsafe-inline'")) && !has_marks
}

/// Whether a policy admits both.
fn is_no_policy(policy: &str) -> bool {
    of_scripts(policy).is_some_and(|sources| admits_any_site(sources) && has(sources, "'unsafe-inline'"))
}

/// The sources of scripts (Content Security Policy level 3, section 6.1).
fn of_scripts(policy: &str) -> Option<&str> {
    let directive = |name: &str| policy.split(';').map(str::trim).find_map(|one| one.strip_prefix(name));
    directive("script-src ").or_else(|| directive("default-src "))
}

fn admits_any_site(sources: &str) -> bool {
    ["*", "https:", "http:"].iter().any(|source| has(sources, source))
}

fn has(sources: &str, source: &str) -> bool {
    sources.split_whitespace().any(|one| one == source)
}
