//! `user-input-in-ldap-filter`: a value of the request becomes part of an LDAP filter.

use model::{Persona, Severity, Weakness};

use super::flow::Says;
use super::{Check, Rule, flow};
use crate::flows::Use;

pub(super) const RULE: Rule = Rule {
    name: "user-input-in-ldap-filter",
    weakness: Weakness::LdapInjection,
    severity: Severity::High,
    persona: Persona::Regular,
    summary: "a value of the request becomes part of an LDAP filter",
    page: PAGE,
    checks: &[Check::Flow(Use::Ldap, Says { becomes: "becomes part of an LDAP filter", fix: FIX, counts: flow::always, judged: flow::as_it_is })],
};

const PAGE: &str = r#"## What it does

Follows what a client sends to filters and names of searches in LDAP directories.

## Why is this bad?

`*)(uid=*` finds everybody, and where a login searches, it lets in whoever sends it.

## Example

```python bad
import ldap3
from flask import Flask, request

app = Flask(__name__)


@app.get("/people")
def people():
    connection = ldap3.Connection(ldap3.Server("ldap.example.com"))
    connection.search("ou=people", f"(uid={request.args['uid']})")  # <- here
    return {"found": len(connection.entries)}
```

Use instead:

```python good
import ldap3
from flask import Flask, request
from ldap3.utils.conv import escape_filter_chars

app = Flask(__name__)


@app.get("/people")
def people():
    connection = ldap3.Connection(ldap3.Server("ldap.example.com"))
    connection.search("ou=people", f"(uid={escape_filter_chars(request.args['uid'])})")
    return {"found": len(connection.entries)}
```

## Fix

Escape each value: `ldap3.utils.conv.escape_filter_chars`, `ldap.filter.escape_filter_chars`; for names `escape_rdn`, `escape_dn_chars`.
"#;

const FIX: &str = "escape the value with `escape_filter_chars` (in names with `escape_rdn` or `escape_dn_chars`)";
