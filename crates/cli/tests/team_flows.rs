//! A team's own sources, sinks and sanitizers (`[tool.doorward.flows]`), as `doorward scan` tells of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A configuration that names functions and methods of the program, one by the name by which another module has it, and two libraries that
/// nobody described.
const TABLES: &str = r#"[project]
name = "shop"

[tool.doorward.flows]
sources = ["shop.inbox.receive", "vendorqueue.Client.take", "shop.inbox.Inbox.next"]
sanitizers = [{ name = "shop.text.clean", for = ["html"] }, { name = "shop.text.Text.plain" }]
sinks = [
    { name = "shop.db.run", argument = 0, use = "sql" },
    { name = "shop.db.Database.run", argument = "statement", use = "sql" },
    { name = "shop.db.Database.page", argument = 0, use = "html" },
    { name = "vendordb.Connection.run", argument = 0, use = "sql" },
    { name = "vendordb.shell", use = "command" },
    { name = "shop.show", argument = 0, use = "html" },
]
"#;

/// Handlers, and a worker that nothing calls; what is to be found is marked.
const MAIN: &str = r#"from fastapi import FastAPI
import vendordb
import vendorqueue

from shop import db, inbox, show
from shop.text import Text, clean

app = FastAPI()
database = db.Database()

@app.get("/run")
def run(q: str):
    db.run(q)  # <- here

@app.get("/kw")
def kw(q: str):
    db.run(statement=q)  # <- here

@app.get("/method")
def method(q: str):
    database.run(1, "select " + q)  # <- here

@app.get("/other")
def other(q: str):
    database.run(q, "select 1")

@app.get("/static")
def static(q: str):
    db.Database.page(q)  # <- here

@app.get("/cleaned")
def cleaned(q: str):
    show(clean(q))
    db.run(clean(q))  # <- here
    db.run(Text.plain(q))

@app.get("/vendor")
def vendor(q: str):
    vendordb.Connection("x").run(q)  # <- here
    vendordb.shell("a", target=q)  # <- here

@app.get("/show")
def shown(q: str):
    show(q)  # <- here

@app.get("/sources")
def sources():
    db.run(inbox.receive())  # <- here
    db.run(vendorqueue.Client().take())  # <- here
    row = inbox.Inbox().next()
    db.run(f"select * from {row['table']}")  # <- here

def worker():
    while True:
        message = inbox.receive()
        db.run(message["sql"])  # <- here
"#;

const MARK: &str = "# <- here";

const OTHERS: &[(&str, &str)] = &[
    (
        "shop/__init__.py",
        r"from shop.web import show
",
    ),
    (
        "shop/web.py",
        r"def show(page):
    print(page)
",
    ),
    (
        "shop/inbox.py",
        r#"def receive():
    return ""

class Inbox:
    def next(self):
        return {"table": "x"}
"#,
    ),
    (
        "shop/text.py",
        r#"def clean(text):
    return text.replace("<", "")

class Text:
    @staticmethod
    def plain(text):
        return text
"#,
    ),
    (
        "shop/db.py",
        r"def run(statement, *, limit=1):
    return statement

class Database:
    def run(self, limit, statement):
        return statement

    @staticmethod
    def page(text):
        return text
",
    ),
];

fn project(configuration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [("pyproject.toml", configuration), ("shop/main.py", MAIN)];
    for (name, text) in files.iter().chain(OTHERS) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn scanned(folder: &Path) -> (Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(["scan", "--format", "json"]).current_dir(folder).stdin(Stdio::null());
    let Output { stdout, stderr, .. } = command.output().unwrap();
    (serde_json::from_slice(&stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Rule and line of each finding in the handlers about what reaches a use.
fn flows(report: &Value) -> Vec<(&str, u64)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let about_flows = findings.filter(|one| one["rule"].as_str().unwrap().starts_with("user-input-in-"));
    let mut found: Vec<_> =
        about_flows.map(|one| (one["rule"].as_str().unwrap(), one["location"]["line"].as_u64().unwrap())).collect();
    found.sort_by_key(|(_, line)| *line);
    found
}

#[test]
fn what_a_team_names_is_followed() {
    let folder = project(TABLES);
    let (report, talk) = scanned(folder.path());
    assert_eq!(talk, "", "every name is used");
    let found = flows(&report);
    let marked = MAIN.lines().zip(1..).filter(|(line, _)| line.contains(MARK)).map(|(_, number)| number);
    assert_eq!(found.iter().map(|(_, line)| *line).collect::<Vec<u64>>(), marked.collect::<Vec<u64>>());
    let count = |rule: &str| found.iter().filter(|(name, _)| *name == rule).count();
    assert_eq!((count("user-input-in-sql"), count("user-input-in-html"), count("user-input-in-command")), (9, 2, 1));
    let of_source = report["findings"].as_array().unwrap().iter().filter_map(|one| one["message"].as_str());
    let of_source: Vec<_> = of_source.filter(|message| message.contains("what `shop.inbox.receive` gives")).collect();
    assert_eq!(of_source.len(), 2, "in a handler and in the worker: {of_source:?}");
}

/// A folder that is no package below one that is none either, and functions in every shape.
const BUS: &str = r#"
import functools

def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

async def pull():
    return {}

def stream():
    while True:
        yield ""

class Base:
    def topic(self):
        return ""

class Bus(Base):
    pass

@traced
def clean(text):
    return text

class Query:
    def __init__(self, text):
        self.text = text
"#;

const OVER_THE_BUS: &str = r#"
import os

from flask import Flask, get_flashed_messages, jsonify, request
from shop import bus

app = Flask(__name__)

@app.route("/pulled")
async def pulled():
    message = await bus.pull()
    os.system(message["command"])  # <- here
    return {}

@app.route("/streamed")
def streamed():
    for message in bus.stream():
        os.system(message)  # <- here
    return {}

@app.route("/inherited")
def inherited():
    os.system(bus.Bus().topic())  # <- here
    return {}

@app.route("/described")
def described():
    os.system(get_flashed_messages()[0])  # <- here
    return jsonify(request.args["q"])  # <- here

@app.route("/made")
def made():
    bus.Query(request.args["q"])  # <- here
    bus.Query(bus.clean(request.args["q"]))
    return {}
"#;

#[test]
fn names_stand_for_functions_of_every_shape() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = r#"
        [flows]
        sources = ["shop.bus.pull", "shop.bus.stream", "shop.bus.Bus.topic", "flask.get_flashed_messages"]
        sanitizers = [{ name = "shop.bus.clean" }]
        sinks = [{ name = "flask.jsonify", use = "ldap" }, { name = "shop.bus.Query", argument = 0, use = "sql" }]
    "#;
    fs::create_dir_all(folder.path().join("src/shop")).unwrap();
    for (name, text) in [("doorward.toml", configuration), ("src/shop/bus.py", BUS), ("src/shop/main.py", OVER_THE_BUS)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let (report, talk) = scanned(folder.path());
    assert_eq!(talk, "", "every name is used");
    let found: Vec<u64> = flows(&report).iter().map(|(_, line)| *line).collect();
    let marked = OVER_THE_BUS.lines().zip(1..).filter(|(line, _)| line.contains(MARK)).map(|(_, number)| number);
    assert_eq!(found, marked.collect::<Vec<u64>>());
}

#[test]
fn without_the_tables_nothing_of_it_is_known() {
    let folder = project("[project]\nname = \"shop\"\n");
    assert_eq!(flows(&scanned(folder.path()).0), []);
}

#[test]
fn a_sanitizer_cleans_for_the_uses_that_it_names() {
    let without = TABLES.replace("sanitizers", "# sanitizers");
    let folder = project(&without);
    let line = |text: &str| MAIN.lines().zip(1..).find(|(line, _)| line.contains(text)).unwrap().1;
    let (cleaned, plain) = (line("show(clean(q))"), line("db.run(Text.plain(q))"));
    let found = flows(&scanned(folder.path()).0).iter().map(|(_, line)| *line).collect::<Vec<u64>>();
    assert!(found.contains(&cleaned) && found.contains(&plain), "{found:?}");
}

#[test]
fn names_that_nothing_uses_are_told() {
    let names = [
        ("shop.inbox.recieve", "`recieve` stands nowhere in the code"),
        ("shop.inbx.receive", "`inbx` does not stand in `shop/__init__.py`"),
        ("shop.inbox.Outbox.next", "`Outbox` does not stand in `shop/inbox.py`"),
        ("othervendor.Client.take", "`othervendor` is imported nowhere"),
    ];
    let listed = names.map(|(name, _)| format!("\"{name}\""));
    let folder = project(&format!("[tool.doorward.flows]\nsources = [{}]\n", listed.join(", ")));
    let (_, talk) = scanned(folder.path());
    for (name, reason) in names {
        let warning = format!("warning: `{name}` of the configured `flows` is never used: {reason}\n");
        assert!(talk.contains(&warning), "{talk}");
    }
    assert_eq!(talk.lines().count(), names.len(), "{talk}");
}
