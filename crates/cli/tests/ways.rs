//! A way over three files, from a handler to a database, as `doorward scan` shows it to people.

use std::fs;
use std::process::{Command, Stdio};

const FILES: &[(&str, &str)] = &[
    ("shop/__init__.py", ""),
    (
        "shop/main.py",
        r#"from fastapi import FastAPI

from shop import reports

app = FastAPI()


@app.get("/reports")
def report(customer: str, year: int):
    wanted = customer.strip()
    return reports.of_customer(wanted, year)
"#,
    ),
    (
        "shop/reports.py",
        r#"from shop import database


def of_customer(name, year):
    condition = f"customer = '{name}'"
    rows = database.orders(condition, year)
    return {"orders": [row[0] for row in rows]}
"#,
    ),
    (
        "shop/database.py",
        r#"import sqlite3

connection = sqlite3.connect("shop.db")


def orders(where, year):
    statement = f"SELECT id FROM orders WHERE {where} AND year = {year}"
    return connection.execute(statement).fetchall()
"#,
    ),
];

#[test]
fn the_steps_of_a_way_are_numbered_and_each_file_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(["scan", "--quiet"]).current_dir(folder.path()).stdin(Stdio::null());
    command
        .env("COLUMNS", "100")
        .env("LANG", "C.UTF-8")
        .env("NO_COLOR", "1")
        .env_remove("LC_ALL")
        .env_remove("LC_CTYPE");
    let output = command.output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}
