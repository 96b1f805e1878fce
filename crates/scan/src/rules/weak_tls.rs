//! `weak-tls`: old versions or weak ciphers of TLS are allowed.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Expr, ExprId, Stmt};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Constant, Sought};

pub(super) const RULE: Rule = Rule {
    name: "weak-tls",
    weakness: Weakness::WeakTls,
    severity: Severity::Medium,
    persona: Persona::Regular,
    summary: "old versions or weak ciphers of TLS are allowed",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["PROTOCOL_", "OP_NO_", "minimum_version", "set_ciphers", "ssl_version", "ssl_minimum_version"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds `ssl.PROTOCOL_SSLv3`, `PROTOCOL_TLSv1` and `PROTOCOL_TLSv1_1`, a `minimum_version` below TLS 1.2, `options` from which `OP_NO_SSLv3` and its kin are taken, and lists of
ciphers with `ALL`, `NULL`, `EXPORT`, `RC4` or `DES`, or of security level 0.

## Why is this bad?

Who is on the way makes both sides agree on the weakest that both allow, and breaks that.

## Example

```python bad
import ssl

from fastapi import FastAPI

app = FastAPI()
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # <- here
CONTEXT.set_ciphers("ALL:@SECLEVEL=0")  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
import ssl

from fastapi import FastAPI

app = FastAPI()
CONTEXT = ssl.create_default_context()
CONTEXT.minimum_version = ssl.TLSVersion.TLSv1_2


@app.get("/")
def index():
    return {"ok": True}
```

## Fix

`ssl.create_default_context()`, which allows TLS 1.2 and 1.3 and ciphers that hold.
"#;

/// Versions that are broken.
const OLD: &[&str] = &["PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1"];
const FIX: &str = "`ssl.create_default_context()`, which allows TLS 1.2 and 1.3 and ciphers that hold";
const NO_SHIELD: &str = "TLS ends before the gateway, or behind it";

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let of_ssl = |id: ExprId| body.qualified(id).and_then(|name| name.strip_prefix("ssl.").map(str::to_owned));
    let mut found: Vec<(String, u32)> = Vec::new();
    for (id, expr) in code.exprs() {
        let line = body.line(code.expr_span(id));
        match expr {
            Expr::Attribute(..) | Expr::Name(_) => {
                let name = of_ssl(id).filter(|name| OLD.contains(&name.as_str()));
                found.extend(name.map(|name| (format!("`{name}` is broken"), line)));
            }
            Expr::Call { function, arguments } if body.callee(function).last().is_some_and(|last| last == "set_ciphers") => {
                let given = body.argument(code.call_arguments(arguments), Some(0), "cipherlist");
                let list = given.and_then(|given| body.constant(given)).and_then(Constant::text);
                found.extend(list.filter(|list| are_weak(list)).map(|list| (format!("`{list}` allows ciphers that are broken"), line)));
            }
            _ => {}
        }
    }
    for (stmt, span) in body.statements() {
        let (target, value) = match stmt {
            Stmt::Assign { targets, value } => (code.list(targets).first().copied(), value),
            Stmt::AugAssign { target, value, .. } => (Some(target), value),
            _ => continue,
        };
        let Some(Expr::Attribute(_, name)) = target.map(|target| code.expr(target)) else { continue };
        let what = match name.as_str() {
            "minimum_version" => of_ssl(value).filter(|version| ["SSLv3", "TLSv1", "TLSv1_1", "MINIMUM_SUPPORTED"].iter().any(|old| version.ends_with(&format!(".{old}")))),
            // `context.options &= ~ssl.OP_NO_SSLv3`
            "options" => match code.expr(value) {
                Expr::Unary(_, of) => of_ssl(of).filter(|option| ["OP_NO_SSLv2", "OP_NO_SSLv3", "OP_NO_TLSv1", "OP_NO_TLSv1_1"].contains(&option.as_str())),
                _ => None,
            },
            _ => None,
        };
        found.extend(what.map(|what| (format!("`{what}` lets a broken version in"), body.line(span))));
    }
    let told = |(what, line): (String, u32)| {
        let message = format!("{what}: who is on the way makes both sides use it");
        (Draft::of(&RULE, Confidence::High, message, FIX, NO_SHIELD), line)
    };
    found.dedup();
    found.into_iter().map(told).collect()
}

fn are_weak(list: &str) -> bool {
    let mut parts = list.split([':', ',', ' ', '@']);
    parts.any(|part| matches!(part, "ALL" | "COMPLEMENTOFALL" | "NULL" | "eNULL" | "aNULL" | "EXPORT" | "EXP" | "LOW" | "RC4" | "DES" | "SECLEVEL=0"))
}
