//! `doorward policy` as users and pipelines see it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A service with a public, a guarded and an open endpoint, and one behind a guard of a library that is not there.
const SHOP: &str = r#"
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from vendor import guard

app = FastAPI(docs_url=None, redoc_url=None)
scheme = OAuth2PasswordBearer(tokenUrl="token")
USERS = {}


def current_user(token: str = Depends(scheme)):
    user = USERS.get(token)
    if user is None:
        raise HTTPException(status_code=401)
    return user


@app.get("/health")
def health():
    return "ok"


@app.get("/orders/{order_id}")
def read_order(order_id: int, user=Depends(current_user)):
    return {}


@app.get("/vendor", dependencies=[Depends(guard)])
def vendor():
    return {}
"#;

/// The same as a Flask application, with rules that only its router tells apart.
const FLASK_SHOP: &str = r#"
from flask import Flask, abort, jsonify, request

app = Flask(__name__, static_folder=None)
USERS = {}


def current_user():
    user = USERS.get(request.headers.get("X-Api-Key"))
    if user is None:
        abort(401)
    return user


@app.route("/<page>")
def page(page):
    return page


@app.get("/health")
def health():
    return "ok"


@app.get("/orders/")
def orders():
    current_user()
    return jsonify([])


@app.get("/orders/<int:order_id>")
def read_order(order_id):
    current_user()
    return jsonify({})


@app.get("/<any(de, en):lang>/about")
def about(lang):
    return lang
"#;

const POLICY: &str = r#"version = 1

[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/role"

[routes."GET /orders/{order_id}"]
allow = [
  { identity = "users", owner = { response = "/owner_id" } },
  { identity = "users", role = "admin" },
]

[routes."GET /health"]
access = "public"
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.arg("policy").args(arguments).current_dir(folder).stdin(Stdio::null()).env("LANG", "C.UTF-8");
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

/// What a user sees: the command, both streams, the exit code.
fn shown(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}exit {}\n", text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

#[test]
fn a_policy_is_derived_and_valid() {
    let folder = folder(&[("main.py", SHOP)]);
    insta::assert_snapshot!(shown(folder.path(), &["derive", "--today", "2026-11-22"]));
    let written = run(folder.path(), &["derive", "--output", "p.toml", "--quiet"]);
    assert_eq!((written.status.code(), written.stdout.len(), written.stderr.len()), (Some(0), 0, 0));
    insta::assert_snapshot!(shown(folder.path(), &["check", "p.toml"]));
}

#[test]
fn a_flask_application_gets_its_grants() {
    let folder = folder(&[("app.py", FLASK_SHOP)]);
    let derived = run(folder.path(), &["derive", "--output", "policy.toml"]);
    let text = fs::read_to_string(folder.path().join("policy.toml")).unwrap_or_default();
    assert!(text.contains("kind = \"werkzeug\""), "{derived:?} {text}");
    for (method, path, told) in [
        ("GET", "/health", "endpoint: `GET /health` is the most specific that matches"),
        ("GET", "/imprint", "endpoint: `GET /{page}` is the most specific that matches"),
        ("GET", "/orders/7", "is delegated: the application verifies the credential"),
        ("GET", "/orders/7x", "no route has this path"),
        ("GET", "/orders", "/orders/"),
        ("GET", "/de/about", "endpoint: `GET /{lang:re1}/about` is the most specific that matches"),
        ("GET", "/fr/about", "no route has this path"),
        ("POST", "/health", "the path is known with GET, HEAD, OPTIONS alone"),
        ("OPTIONS", "/health", "the framework answers, and no handler runs"),
    ] {
        let shown = shown(folder.path(), &["test", "policy.toml", "--request", &format!("{method} {path}")]);
        assert!(shown.contains(told), "{method} {path}: {shown}\n{text}");
    }
}

#[test]
fn an_existing_file_is_never_written_over() {
    let folder = folder(&[("main.py", SHOP), ("p.toml", "mine\n")]);
    insta::assert_snapshot!(shown(folder.path(), &["derive", "--output", "p.toml"]));
    assert_eq!(fs::read_to_string(folder.path().join("p.toml")).unwrap(), "mine\n");
    assert!(shown(folder.path(), &["derive", "--output", "p.toml", "--force"]).ends_with("exit 0\n"));
    assert!(fs::read_to_string(folder.path().join("p.toml")).unwrap().contains("version = 1"));
}

#[test]
fn every_mistake_is_shown_in_the_file() {
    let broken = "version = 1\nmode = \"enforced\"\n\n[routes.\"GET /orders/{id}\"]\nallow = [{ identity = \"users\" }]\n\
                  acess = \"public\"\n\n[identity.user]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = \"hunter2\"\n\
                  [routes.\"GET /x\"]\nsunset = 2026-01-01T00:00:00Z\n";
    let folder = folder(&[("p.toml", broken)]);
    let shown = shown(folder.path(), &["check", "p.toml"]);
    insta::assert_snapshot!(shown);
    assert!(run(folder.path(), &["check", "missing.toml"]).status.code() == Some(2));
}

#[test]
fn a_request_is_explained() {
    let folder = folder(&[("p.toml", POLICY)]);
    let told: Vec<String> = [
        &["--request", "GET /health"][..],
        &["--request", "GET /orders/7"],
        &["--request", "GET /orders/7", "--as", "users", "--claim", "sub=7"],
        &["--request", "GET /orders/7", "--as", "users", "--role", "admin"],
        &["--request", "POST /orders/7", "--as", "users"],
        &["--request", "GET /orders/%2e%2e/health"],
        &["--request", "GET /orders/7", "--as", "user"],
        &["--request", "/orders/7"],
    ]
    .iter()
    .map(|arguments| shown(folder.path(), &[&["test", "p.toml"], *arguments].concat()))
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_is_only_reported_is_said_with_who_says_so() {
    let of = |mode: &str, layer: &str, route: &str| {
        let route = format!("[routes.\"GET /a\"]\n{route}allow = [{{ identity = \"users\", role = \"admin\" }}]\n");
        let users =
            "[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = { env = \"K\" }\nroles = \"/r\"\n";
        let folder = folder(&[("p.toml", &format!("version = 1\nmode = \"{mode}\"\n{layer}{users}{route}"))]);
        let text = shown(folder.path(), &["test", "p.toml", "--request", "GET /a", "--as", "users"]);
        text.lines().find(|line| line.contains("report mode")).map(str::to_owned)
    };
    let told = |what: &str| Some(format!("{what} is in report mode: the request goes on, and it is said"));
    let (layer, route) = ("[layers.roles]\nmode = \"report\"\n", "mode = \"report\"\n");
    assert_eq!(of("enforce", "", ""), None);
    assert_eq!(of("report", "", ""), told("the policy"));
    assert_eq!(of("enforce", layer, ""), told("`layers.roles`"));
    assert_eq!(of("enforce", "", route), told("`routes.\"GET /a\"`"));
    assert_eq!(of("report", "", "mode = \"enforce\"\n"), None);
}

#[test]
fn a_change_that_opens_is_exit_1() {
    let opened = POLICY.replace("allow = [\n", "allow = [\n  { identity = \"users\" },\n");
    let folder = folder(&[("old.toml", POLICY), ("new.toml", &opened)]);
    insta::assert_snapshot!(
        [["diff", "old.toml", "new.toml"], ["diff", "new.toml", "old.toml"], ["diff", "old.toml", "old.toml"]]
            .map(|arguments| shown(folder.path(), &arguments))
            .join("\n")
    );
}

#[test]
fn the_schema_is_json() {
    let folder = folder(&[]);
    let output = run(folder.path(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["title"], "Policy");
    assert_eq!(schema["properties"]["version"]["const"], 1);
}

#[test]
fn help_has_examples() {
    let folder = folder(&[]);
    for arguments in [&["--help"][..], &["derive", "--help"], &["test", "--help"]] {
        insta::assert_snapshot!(shown(folder.path(), arguments));
    }
}

#[test]
fn an_application_is_named_where_there_are_several() {
    let second = SHOP.replace("from vendor import guard\n", "").replace("Depends(guard)", "Depends(current_user)");
    let folder =
        folder(&[("main.py", SHOP), ("other.py", &second.replace("@app.get(\"/health\")", "@app.get(\"/x\")"))]);
    let told = shown(folder.path(), &["derive", "--application", "other:ap"]);
    assert!(told.contains("hint: did you mean `other:app`?") && told.ends_with("exit 2\n"), "{told}");
    assert!(shown(folder.path(), &["derive", "--application", "other:app"]).contains("[routes.\"GET /x\"]"));
}

#[test]
fn the_variable_of_the_key_is_the_one_that_sets_it_in_the_application() {
    let (folder, shared) = (
        tempfile::tempdir().unwrap(),
        "import jwt\nfrom fastapi import Depends, FastAPI, HTTPException\n\
        from fastapi.security import OAuth2PasswordBearer\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n",
    );
    let code = |prefix: &str, default: &str| {
        format!(
            "{shared}class Settings(BaseSettings):\n    model_config = SettingsConfigDict({prefix})\n    token_key: str{default}\n\n\
             settings = Settings()\napp = FastAPI()\nscheme = OAuth2PasswordBearer(tokenUrl=\"login\")\n\n\
             def signed_in(token: str = Depends(scheme)) -> str:\n    try:\n        \
             return jwt.decode(token, settings.token_key, algorithms=[\"HS256\"])[\"sub\"]\n    \
             except jwt.InvalidTokenError:\n        raise HTTPException(status_code=401)\n\n\
             @app.get(\"/orders\")\ndef orders(user: str = Depends(signed_in)):\n    return []\n"
        )
    };
    for (prefix, default, expected) in [
        ("env_prefix=\"books_\"", " = \"books-token-key-51c1\"", "keys = { env = \"BOOKS_TOKEN_KEY\" }"),
        ("env_prefix=\"books_\"", "", "keys = { env = \"BOOKS_TOKEN_KEY\" }"),
        ("", "", "keys = { env = \"TOKEN_KEY\" }"),
    ] {
        std::fs::write(folder.path().join("main.py"), code(prefix, default)).unwrap();
        let mut derive = std::process::Command::new(env!("CARGO_BIN_EXE_doorward"));
        let output = derive.args(["--color", "never", "policy", "derive"]).arg(folder.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(expected), "{expected}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Findings whose shields are entries of a whole policy.
const TOLD: &str = r#"
import traceback
from fastapi import FastAPI, Response

app = FastAPI()


@app.get("/health")
def health(response: Response):
    response.headers["X-Powered-By"] = "FastAPI 0.103"
    return {"ok": True}


@app.get("/fail")
def fail():
    try:
        return {"a": 1 / 0}
    except Exception:
        return {"error": traceback.format_exc()}


# CSRF protection
from fastapi.middleware.cors import CORSMiddleware

app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"], allow_credentials=True)


@app.post("/orders")
def create_order():
    return {"ok": True}
"#;

#[test]
fn the_entry_of_a_shield_is_read_as_a_policy_is() {
    let folder = folder(&[("main.py", TOLD)]);
    let mut scan = Command::new(env!("CARGO_BIN_EXE_doorward"));
    scan.args(["scan", "--format", "json", "--persona", "auditor"]).current_dir(folder.path());
    let report: serde_json::Value = serde_json::from_slice(&scan.output().unwrap().stdout).unwrap();
    for (rule, layer) in [
        ("technology-in-header", "redact"),
        ("error-detail-in-answer", "redact"),
        ("cors-as-csrf-protection", "cross_site"),
    ] {
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {report}"));
        let entry = format!("version = 1\n{}\n", found["shield"]["policy"].as_str().unwrap());
        fs::write(folder.path().join("p.toml"), &entry).unwrap();
        let shown = shown(folder.path(), &["check", "p.toml"]);
        assert!(found["shield"]["layer"] == layer && shown.ends_with("exit 0\n"), "{entry}{shown}");
    }
}
