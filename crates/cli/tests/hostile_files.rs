//! Folders that hold what no project should: each strange file is a gap, the run goes on, and nothing that a project says
//! reaches the terminal as a command.

#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const OPEN_APPLICATION: &str = "from fastapi import FastAPI\n\napp = FastAPI()\nITEMS = {}\n\n\n@app.post('/items/{item_id}')\n\
                                def write_item(item_id: int, name: str):\n    ITEMS[item_id] = name\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env("LANG", "C.UTF-8").env_remove("LC_ALL");
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("RUST_BACKTRACE");
    command.output().unwrap()
}

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.py"), OPEN_APPLICATION).unwrap();
    folder
}

/// The report of a scan that found the open endpoint of the application, whatever lies beside it.
#[track_caller]
fn report(folder: &Path) -> Value {
    let output = run(folder, &["scan", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["endpoints"].as_array().unwrap().iter().any(|endpoint| endpoint["id"] == "POST /items/{}"));
    report
}

/// File and kind of each gap, in order.
fn gaps(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["gaps"].as_array().unwrap().iter().map(|gap| (text(&gap["file"]), text(&gap["kind"]))).collect()
}

#[test]
fn what_is_no_file_of_text_is_a_gap() {
    let folder = project();
    let at = |name: &str| folder.path().join(name);
    File::create(at("huge.py")).unwrap().set_len(200 << 20).unwrap();
    fs::write(at("binary.py"), b"\x7fELF\x02\x01\x01\0\0\0").unwrap();
    fs::write(at("nul.py"), b"x = 1\0\n").unwrap();
    fs::write(at("invalid.py"), b"x = '\xff\xfe'\n").unwrap();
    fs::write(at("latin.py"), b"# coding: latin-1\nx = '\xe9'\n").unwrap();
    fs::write(at("marked.py"), b"\xef\xbb\xbfx = 1\n").unwrap();
    fs::write(at("empty.py"), b"").unwrap();
    fs::create_dir(at("package.py")).unwrap();
    fs::write(at("package.py/inner.py"), b"x = 1\0\n").unwrap();
    symlink("main.py", at("link.py")).unwrap();
    symlink("gone.py", at("dangling.py")).unwrap();
    symlink("itself.py", at("itself.py")).unwrap();
    symlink(".", at("circle")).unwrap();
    symlink("..", at("package.py/up")).unwrap();
    let _socket = UnixListener::bind(at("socket.py")).unwrap();
    assert!(Command::new("mkfifo").arg(at("pipe.py")).status().unwrap().success());
    fs::write(folder.path().join(OsStr::from_bytes(b"bytes\xff.py")), "x = 1\n").unwrap();
    fs::create_dir(folder.path().join(OsStr::from_bytes(b"folder\xff"))).unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"folder\xff/inner.py")), "x = 1\n").unwrap();

    let found = report(folder.path());
    let expected = [
        ("binary.py", "not-text"),
        ("bytes\u{fffd}.py", "unreadable"),
        ("dangling.py", "not-text"),
        ("folder\u{fffd}/inner.py", "unreadable"),
        ("huge.py", "file-too-large"),
        ("invalid.py", "encoding"),
        ("itself.py", "not-text"),
        ("link.py", "not-text"),
        ("nul.py", "not-text"),
        ("package.py/inner.py", "not-text"),
        ("pipe.py", "not-text"),
        ("socket.py", "not-text"),
    ];
    assert_eq!(gaps(&found), expected.map(|(file, kind)| (file.to_owned(), kind.to_owned())));
    let not_utf_8 = found["gaps"].as_array().unwrap().iter().find(|gap| gap["file"] == "bytes\u{fffd}.py").unwrap();
    assert_eq!(not_utf_8["reason"], "its name is not UTF-8");
    assert_eq!(run(folder.path(), &["scan", "--strict", "--fail-on", "critical"]).status.code(), Some(3));
}

#[test]
fn each_of_them_alone_is_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe.py")).status().unwrap().success());
    symlink("itself.py", folder.path().join("itself.py")).unwrap();
    for path in [".", "pipe.py", "itself.py", "/dev/null"] {
        let output = run(folder.path(), &["scan", path]);
        let code = if path == "itself.py" { [2, 3] } else { [3, 3] };
        assert!(output.status.code().is_some_and(|c| code.contains(&c)), "{path}: {output:?}");
    }
}

#[test]
fn what_may_not_be_read_is_a_gap() {
    let folder = project();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("secret.py"), "x = 1\n").unwrap();
    fs::create_dir(at("closed")).unwrap();
    for name in ["secret.py", "closed"] {
        fs::set_permissions(at(name), Permissions::from_mode(0o000)).unwrap();
    }
    // The superuser reads everything, so there is nothing to see.
    let superuser = File::open(at("secret.py")).is_ok();
    let found = report(folder.path());
    fs::set_permissions(at("closed"), Permissions::from_mode(0o700)).unwrap();
    let expected = [("closed", "unreadable"), ("secret.py", "unreadable")].map(|(f, k)| (f.to_owned(), k.to_owned()));
    assert_eq!(gaps(&found), if superuser { Vec::new() } else { expected.to_vec() });
}

#[test]
fn many_files_and_deep_folders_are_walked() {
    let folder = project();
    fs::create_dir(folder.path().join("many")).unwrap();
    for i in 0..10_000 {
        File::create(folder.path().join(format!("many/m{i}.py"))).unwrap();
    }
    let deep = folder.path().join("d/".repeat(500));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("deepest.py"), "x = 1\0\n").unwrap();
    let found = report(folder.path());
    assert_eq!(found["project"]["files"], 10_002);
    assert_eq!(gaps(&found), [(format!("{}deepest.py", "d/".repeat(500)), "not-text".to_owned())]);
}

/// What a terminal obeys: of 7 bits, of 8 bits, and marks that turn the direction of text.
const COMMANDS: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r\u{8}\u{7f}";

#[test]
fn nothing_of_the_project_is_a_command_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(format!("{name}\u{1b}[31m\n\u{9b}\u{202e}.py"));
    let application = format!(
        "from fastapi import FastAPI, Depends\nfrom lib import \u{e9}\n\napp = FastAPI(title='{COMMANDS}')\nITEMS = {{}}\n\n\n\
         @app.post('/items{COMMANDS}/{{item_id}}', tags=['{COMMANDS}'])  # {COMMANDS}\n\
         def write_item(item_id: int, name: str = '{COMMANDS}'):  # {COMMANDS}\n    ITEMS[item_id] = name # doorward: ignore[{COMMANDS}]\n\n\n\
         @app.post('/x', dependencies=[Depends(getattr(\u{e9}, '{COMMANDS}'))])\ndef x(): pass\n\n\n\
         @app.get('/y' + getattr(\u{e9}, '{COMMANDS}'))\ndef y(): pass\n"
    )
    .replace('\r', "\\r");
    fs::write(named("app"), application).unwrap();
    let operation = serde_json::json!({"post": {
        "operationId": COMMANDS, "security": [{COMMANDS: [COMMANDS]}], "responses": {},
        "parameters": [{"in": "query", "name": COMMANDS, "schema": {"$ref": COMMANDS}}],
    }});
    let paths =
        serde_json::json!({format!("/items{COMMANDS}/{{id}}"): operation, "/x": operation, COMMANDS: operation});
    let document = serde_json::json!({"openapi": "3.1.0", "info": {"title": COMMANDS}, "paths": paths}).to_string();
    fs::write(folder.path().join("openapi\u{1b}[31m\u{9b}\u{202e}.json"), document).unwrap();
    fs::write(named("broken"), format!("x = {COMMANDS}\n").replace('\r', "")).unwrap();
    fs::write(named("binary"), "\0").unwrap();
    fs::create_dir(folder.path().join("f\u{1b}[2J\u{9b}")).unwrap();

    let all: &[&[&str]] = &[
        &["scan"],
        &["scan", "--verbose", "--persona", "auditor"],
        &["scan", "--quiet"],
        &["scan", "--format", "json"],
        &["scan", "--strict"],
        &["routes"],
        &["routes", "--format", "json"],
        &["routes", "--format", "csv"],
        &["routes", "--format", "markdown"],
        &["routes", "--format", "openapi"],
        &["routes", "--verbose"],
        &["scan", "f\u{1b}[2J\u{9b}"],
        &["scan", "gone\u{1b}[2J\u{9b}"],
        &["scan", "--exclude", "[\u{1b}[2J\u{9b}"],
        &["explain", "\u{1b}[2J\u{9b}"],
        &["\u{1b}[2J\u{9b}"],
    ];
    let with_settings = |text: &str| fs::write(folder.path().join("f\u{1b}[2J\u{9b}/doorward.toml"), text).unwrap();
    with_settings("\"a\\u001b[2J\u{9b}\u{202e}\" = 1 # \u{9b}\n");
    for arguments in all {
        let output = run(folder.path(), arguments);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_ne!(output.status.code(), Some(4), "{arguments:?}: {text}");
        let commands: Vec<char> = text.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert_eq!(commands, [], "{arguments:?}:\n{text:?}");
        assert!(output.status.code() != Some(1) || text.contains("items"), "{arguments:?}: {text}");
    }
}
