//! `database-without-tls`: what is sent to a database travels without TLS, or with whatever the server offers.

use model::{Confidence, Persona, Severity, Weakness};
use python::code::{Argument, ArgumentKind, BinaryOp, Code, Expr, ExprId};

use super::{Check, Draft, Rule, Whole};
use crate::bodies::{Body, Sought};

pub(super) const RULE: Rule = Rule {
    name: "database-without-tls",
    weakness: Weakness::CleartextTransport,
    severity: Severity::Low,
    persona: Persona::Auditor,
    summary: "nothing asks for TLS on the way to a database on another machine",
    page: PAGE,
    checks: &[Check::BodyWith(Sought::words(&["connect(", "_pool(", "_engine(", "Pool(", "Database("]).and(&["host", "://"]).in_modules_too(), of_body)],
};

const PAGE: &str = r#"## What it does

Finds connections to PostgreSQL, MySQL and MariaDB whose address the code writes or puts together, of which no part speaks of TLS (`sslmode`, `ssl`, `ssl_ca` ...). This
machine, sockets of it and hosts without a dot (services of a compose file or a cluster) are silent, and so is an address that comes from a setting as a whole.

## Why is this bad?

Drivers take TLS if the server offers it, or never ask for it: whoever is on the way reads each row, and the password.

## Example

```python bad
import os

import psycopg2
from fastapi import FastAPI

app = FastAPI()
database = psycopg2.connect(f"host={os.environ['DB_HOST']} dbname=shop user=shop password={os.environ['DB_PASSWORD']}")  # <- here


@app.get("/")
def index():
    return {"ok": True}
```

Use instead:

```python good
import os

import psycopg2
from fastapi import FastAPI

app = FastAPI()
database = psycopg2.connect(
    f"host={os.environ['DB_HOST']} dbname=shop user=shop password={os.environ['DB_PASSWORD']} sslmode=verify-full"
)
near = psycopg2.connect("host=localhost dbname=shop user=shop")


@app.get("/")
def index():
    return {"ok": True}
```

## Fix

PostgreSQL: `sslmode=verify-full` with the `sslrootcert` of the server's authority. MySQL and MariaDB: `ssl_ca` with `ssl_verify_identity`.
"#;

const FIX: &str =
    "ask for TLS and name the authority: `sslmode=verify-full` (PostgreSQL), `ssl_ca` with `ssl_verify_identity` (MySQL, MariaDB)";
const NO_SHIELD: &str = "what the application sends to its database does not pass the gateway";

/// Libraries whose connections go to another machine, by the first part of their names.
const DRIVERS: &[&str] = &[
    "psycopg2", "psycopg", "psycopg_pool", "asyncpg", "aiopg", "pg8000", "pymysql", "MySQLdb", "mysql", "aiomysql", "asyncmy", "sqlalchemy", "databases",
];
/// What they call what connects.
const CONNECTS: &[&str] = &[
    "connect", "create_pool", "create_engine", "create_async_engine", "ConnectionPool", "AsyncConnectionPool", "SimpleConnectionPool", "ThreadedConnectionPool",
    "Database",
];
/// Schemes of addresses of such databases.
const SCHEMES: &[&str] = &["postgres", "mysql", "mariadb"];
/// What stands in the text of an address for a piece that is not known.
const HOLE: char = '\u{0}';

fn of_body(body: &Body<'_>, _: &Whole<'_>) -> Vec<(Draft, u32)> {
    let code = body.code();
    let told = code.exprs().filter_map(|(id, expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let callee = body.callee(function);
        if !callee.last().is_some_and(|last| CONNECTS.contains(&last.as_str())) {
            return None;
        }
        let name = body.qualified(function).or_else(|| body.origin(function))?;
        let driver = name.split('.').next().filter(|root| DRIVERS.contains(root))?;
        let given = code.call_arguments(arguments);
        (!speaks_of_tls(body, given) && goes_elsewhere(body, driver, given)).then(|| {
            let message = format!("`{driver}` connects to another machine, and nothing asks for TLS: whoever is on the way may read the rows and the password");
            (Draft::of(&RULE, Confidence::Medium, message, FIX, NO_SHIELD), body.line(code.expr_span(id)))
        })
    });
    told.collect()
}

/// Whether an argument speaks of TLS, or may: what is given as `**options` is not seen.
fn speaks_of_tls(body: &Body<'_>, given: &[Argument]) -> bool {
    let is_about_tls = |name: &str| name.contains("ssl") || name == "connect_args" || name == "options";
    given.iter().any(|one| match one.kind {
        ArgumentKind::Star | ArgumentKind::DoubleStar => true,
        ArgumentKind::Keyword(name) if is_about_tls(name.as_str()) => true,
        _ => body.text(body.code().expr_span(one.value)).contains("ssl"),
    })
}

/// Whether the address, or the host alone, is written in the code and is not near.
fn goes_elsewhere(body: &Body<'_>, driver: &str, given: &[Argument]) -> bool {
    let address = ["dsn", "conninfo", "url"].iter().find_map(|name| body.argument(given, Some(0), name));
    let text = address.and_then(|address| body.written(address)).and_then(|(code, id)| text_of(code, id));
    if let Some(text) = text {
        return host_of(&text).is_some_and(|host| !is_near(host));
    }
    let host = body.argument(given, None, "host").filter(|_| driver != "sqlalchemy");
    host.and_then(|host| body.written(host)).is_some_and(|(code, id)| match code.expr(id) {
        Expr::Str(host) => !is_near(host.as_str()),
        // What a setting says, unless it says that this machine is meant where it says nothing else.
        Expr::Call { arguments, .. } => !code.call_arguments(arguments).iter().skip(1).any(
            |one| matches!(code.expr(one.value), Expr::Str(otherwise) if is_near(otherwise.as_str())),
        ),
        Expr::Subscript(..) | Expr::Attribute(..) => true,
        _ => false,
    })
}

/// The text of an address with a hole for each piece that is not known; none where nothing of it is written.
fn text_of(code: &Code, id: ExprId) -> Option<String> {
    match code.expr(id) {
        Expr::Str(text) => Some(text.as_str().to_owned()),
        Expr::Format(parts) => {
            let part = |id: &ExprId| match code.expr(*id) {
                Expr::Str(text) => text.as_str().to_owned(),
                _ => HOLE.to_string(),
            };
            Some(code.list(parts).iter().map(part).collect())
        }
        Expr::Binary(BinaryOp::Mod, left, _) => {
            let text = text_of(code, left)?;
            Some(text.replace("%s", "\0").replace("%d", "\0"))
        }
        Expr::Binary(BinaryOp::Add, left, right) => {
            let side = |id| text_of(code, id).unwrap_or_else(|| HOLE.to_string());
            Some(side(left) + &side(right))
        }
        Expr::Call { function, .. } => match code.expr(function) {
            Expr::Attribute(of, name) if name == "format" => text_of(code, of).map(|text| without_fields(&text)),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a format with a hole for each of its fields.
fn without_fields(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push(HOLE);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    text + rest
}

/// The host of an address or a list of `name=value` of such a database.
fn host_of(text: &str) -> Option<&str> {
    if text.contains("ssl") {
        return None;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let is_database = SCHEMES.iter().any(|begin| scheme.starts_with(begin));
        let authority = rest.split(['/', '?']).next().filter(|_| is_database)?;
        let host = authority.rsplit('@').next().unwrap_or(authority);
        return host.split(':').next();
    }
    let is_list = text.contains("dbname=") || text.contains("user=");
    text.split_whitespace().filter(|_| is_list).find_map(|part| part.strip_prefix("host="))
}

/// Whether a host is this machine, one beside it or none.
fn is_near(host: &str) -> bool {
    !host.contains(HOLE) && (!host.contains('.') || ["127.", "10.", "192.168.", "172."].iter().any(|begin| host.starts_with(begin)))
}
