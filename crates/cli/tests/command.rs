//! The command as users and pipelines see it: exit codes, streams, messages.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A handler that changes something and asks nobody who they are.
const OPEN_APPLICATION: &str = r#"
from fastapi import FastAPI

app = FastAPI()
ITEMS = {}


@app.post("/items/{item_id}")
def write_item(item_id: int, name: str):
    ITEMS[item_id] = name
    return {"ok": True}
"#;

/// The same behind a dependency that rejects.
const GUARDED_APPLICATION: &str = r#"
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
ITEMS = {}
USERS = {}
scheme = OAuth2PasswordBearer(tokenUrl="token")


def current_user(token: str = Depends(scheme)):
    user = USERS.get(token)
    if user is None:
        raise HTTPException(status_code=401)
    return user


@app.post("/items/{item_id}")
def write_item(item_id: int, name: str, user=Depends(current_user)):
    ITEMS[item_id] = name
    return {"ok": True}
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The command in a folder, with an environment in which nothing of the machine's shows.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command.env("LANG", "C.UTF-8");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn talk(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The endpoint of a report with this id.
#[track_caller]
fn endpoint<'a>(report: &'a Value, id: &str) -> &'a Value {
    let endpoints = report["endpoints"].as_array().unwrap();
    endpoints.iter().find(|one| one["id"] == id).unwrap()
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    let (out, talk) = (out(output), talk(output));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{talk}");
}

#[test]
fn an_empty_folder_is_exit_3() {
    let folder = folder(&[]);
    let output = run(folder.path(), &[]);
    assert_exit(&output, 3);
    assert_eq!(out(&output), "");
    let talk = talk(&output);
    assert!(talk.starts_with("error: no Python files in `.`\n"), "{talk}");
    assert!(talk.contains("hint: files that end in `.py` were looked for"), "{talk}");
}

#[test]
fn an_empty_folder_is_a_report_for_programs() {
    let folder = folder(&[]);
    for command in ["scan", "routes"] {
        let output = run(folder.path(), &[command, "--format", "json"]);
        assert_exit(&output, 3);
        let report: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
        assert_eq!((&report["schema_version"], &report["endpoints"]), (&1.into(), &serde_json::json!([])));
        assert!(talk(&output).starts_with("error: no Python files in `.`\n"));
    }
}

#[test]
fn a_path_that_does_not_exist_is_exit_2() {
    let folder = folder(&[]);
    let output = run(folder.path(), &["scan", "missing"]);
    assert_exit(&output, 2);
    assert!(talk(&output).starts_with("error: `missing` does not exist\nhint: "));
    assert_exit(&run(folder.path(), &["routes", "missing"]), 2);
}

#[test]
fn a_command_that_does_not_exist_names_the_nearest() {
    let folder = folder(&[]);
    let output = run(folder.path(), &["raotes"]);
    assert_exit(&output, 2);
    assert!(talk(&output).contains("hint: did you mean the command `doorward routes`?"));
    let output = run(folder.path(), &["rotues", "."]);
    assert_exit(&output, 2);
    let expected = "error: there is no command `rotues`, and no file or folder of this name\n\
                    hint: did you mean `doorward routes`?\n";
    assert_eq!(talk(&output), expected);
    let output = run(folder.path(), &["backend", "lib"]);
    assert_exit(&output, 2);
    assert!(talk(&output).contains("unexpected argument 'lib'"));
}

#[test]
fn a_folder_without_an_application_is_exit_3() {
    let folder = folder(&[("a.py", "print('x')\n"), ("b.py", "import os\n")]);
    for arguments in [&["scan"][..], &["routes"], &["scan", "--format", "json"]] {
        let output = run(folder.path(), arguments);
        assert_exit(&output, 3);
        let talk = talk(&output);
        assert!(talk.starts_with("error: no application was understood in `.`\n"), "{talk}");
        assert!(
            talk.contains(
                "FastAPI, Starlette, Flask, Quart, Django and aiohttp were looked for in 2 Python files, 2 lines"
            ),
            "{talk}"
        );
    }
}

#[test]
fn a_framework_that_is_not_understood_is_told_by_name_and_exit_3() {
    let folder = folder(&[("app/main.py", "from sanic import Sanic\n\napp = Sanic('shop')\n")]);
    for command in ["scan", "routes"] {
        let output = run(folder.path(), &[command]);
        assert_exit(&output, 3);
        let talk = talk(&output);
        assert!(
            talk.contains("hint: Sanic found; not understood yet: its endpoints are not listed (app/main.py:3)"),
            "{talk}"
        );
        assert!(talk.contains("1 framework not understood: `--verbose`"), "{talk}");
    }
}

#[test]
fn an_unknown_key_is_exit_2_with_its_place() {
    let folder = folder(&[
        ("pyproject.toml", "[project]\nname = \"x\"\n\n[tool.doorward]\npersna = \"auditor\"\n"),
        ("app/main.py", OPEN_APPLICATION),
    ]);
    fs::create_dir(folder.path().join(".git")).unwrap();
    for arguments in [&["scan"][..], &["routes"], &["scan", "app"]] {
        let output = run(folder.path(), arguments);
        assert_exit(&output, 2);
        let talk = talk(&output);
        assert!(talk.starts_with("error: unknown key `persna`"), "{talk}");
        assert!(talk.contains("pyproject.toml:5:1") && talk.contains("did you mean `persona`?"), "{talk}");
    }
}

#[test]
fn wrong_flags_are_exit_2_and_name_the_nearest() {
    let folder = folder(&[]);
    for (arguments, hint) in [
        (&["--stric"][..], "'--strict'"),
        (&["scan", "--fail-on", "hihg"], "'high'"),
        (&["scan", "--format", "jsn"], "'json'"),
        (&["scan", "--select", "unauthenticated-wriet"], "`unauthenticated-write`"),
        (&["routes", "--output", "jsn=x"], "`json`"),
        (&["explain", "broken-object-level-authorisation"], "`broken-object-level-authorization`"),
    ] {
        let output = run(folder.path(), arguments);
        assert_exit(&output, 2);
        assert!(talk(&output).contains(hint), "{arguments:?}: {}", talk(&output));
    }
}

#[test]
fn a_file_that_cannot_be_read_whole_fails_only_when_strict() {
    let folder = folder(&[("main.py", GUARDED_APPLICATION), ("old.py", "print 'x'\n")]);
    assert_exit(&run(folder.path(), &[]), 0);
    let output = run(folder.path(), &["--strict"]);
    assert_exit(&output, 3);
    let talk = talk(&output);
    assert!(talk.starts_with("error: not everything was scanned (`strict`): 1 file with syntax errors"), "{talk}");
    let listed = out(&run(folder.path(), &["--verbose"]));
    assert!(listed.contains("old.py:1"), "{listed}");
    fs::write(folder.path().join("doorward.toml"), "strict = true\n").unwrap();
    assert_exit(&run(folder.path(), &[]), 3);
    fs::write(folder.path().join("doorward.toml"), "strict = true\nexclude = ['old.py']\n").unwrap();
    assert_exit(&run(folder.path(), &[]), 0);
}

#[test]
fn an_open_write_is_exit_1_and_a_guarded_one_exit_0() {
    let open = folder(&[("main.py", OPEN_APPLICATION)]);
    let output = run(open.path(), &[]);
    assert_exit(&output, 1);
    let text = out(&output);
    assert!(text.contains("high[unauthenticated-write]: "), "{text}");
    assert!(text.contains("main.py:"), "{text}");
    assert_exit(&run(open.path(), &["--fail-on", "critical"]), 0);
    assert_exit(&run(open.path(), &["--ignore", "unauthenticated-write"]), 0);
    assert_exit(&run(open.path(), &["routes"]), 0);

    let guarded = folder(&[("main.py", GUARDED_APPLICATION)]);
    let output = run(guarded.path(), &[]);
    assert_exit(&output, 0);
    assert!(out(&output).contains("current_user"), "{}", out(&output));
}

#[test]
fn json_is_the_report_and_the_same_each_time() {
    let folder = folder(&[("main.py", OPEN_APPLICATION)]);
    let first = run(folder.path(), &["scan", "--format", "json"]);
    assert_exit(&first, 1);
    let report: Value = serde_json::from_slice(&first.stdout).unwrap();
    let endpoint = endpoint(&report, "POST /items/{}");
    assert_eq!(endpoint["handler"]["line"], 9);
    assert_eq!(endpoint["access"]["verdict"], "public");
    assert_eq!(report["findings"][0]["rule"], "unauthenticated-write");
    let second = run(folder.path(), &["scan", "--format", "json", "--jobs", "1"]);
    assert_eq!(first.stdout, second.stdout);
    let filtered = run(folder.path(), &["scan", "--format", "json", "--min-severity", "critical"]);
    let filtered: Value = serde_json::from_slice(&filtered.stdout).unwrap();
    assert_eq!(filtered["findings"], serde_json::json!([]));
}

#[test]
fn reports_are_written_to_files() {
    let folder = folder(&[("main.py", OPEN_APPLICATION)]);
    let output = run(folder.path(), &["--output", "json=a.json", "--output", "b.txt", "--color", "always"]);
    assert_exit(&output, 1);
    assert_eq!(out(&output), "", "a plain `--output` takes the place of the standard output");
    let json = fs::read_to_string(folder.path().join("a.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&json).is_ok());
    let text = fs::read_to_string(folder.path().join("b.txt")).unwrap();
    assert!(text.contains("unauthenticated-write") && !text.contains('\u{1b}'));
    let output = run(folder.path(), &["--output", "missing/a.json"]);
    assert_exit(&output, 2);
    assert!(talk(&output).contains("hint: there is no folder `missing`"));
}

#[test]
fn routes_have_formats() {
    let folder = folder(&[("main.py", OPEN_APPLICATION)]);
    let csv = out(&run(folder.path(), &["routes", "--format", "csv"]));
    assert!(csv.lines().any(|line| line.contains(",POST,/items/{item_id},")), "{csv}");
    let markdown = out(&run(folder.path(), &["routes", "--format", "markdown"]));
    assert!(markdown.contains("| POST | `/items/{item_id}` | public |"), "{markdown}");
    let json: Value = serde_json::from_slice(&run(folder.path(), &["routes", "--format", "json"]).stdout).unwrap();
    assert_eq!(endpoint(&json, "POST /items/{}")["path"], "/items/{item_id}");
    let document: Value =
        serde_json::from_slice(&run(folder.path(), &["routes", "--format", "openapi"]).stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["paths"]["/items/{item_id}"]["post"]["security"], serde_json::json!([]));
}

#[test]
fn a_document_is_of_one_application() {
    let other = "from fastapi import FastAPI\nadmin = FastAPI()\n\n@admin.get('/only')\ndef only(): ...\n";
    let folder = folder(&[("main.py", OPEN_APPLICATION), ("other.py", other)]);
    let asked = |arguments: &[&str]| run(folder.path(), &[&["routes", "--format", "openapi"], arguments].concat());
    let largest = asked(&[]);
    assert!(out(&largest).contains("/items/{item_id}") && !out(&largest).contains("/only"));
    assert!(talk(&largest).contains("`other:admin` is another application"), "{}", talk(&largest));
    assert!(out(&asked(&["--application", "other:admin"])).contains("/only"));
    let absent = asked(&["--application", "other:admim"]);
    assert_exit(&absent, 2);
    assert!(talk(&absent).contains("did you mean `other:admin`?"), "{}", talk(&absent));
    let without = run(folder.path(), &["routes", "--application", "other:admin"]);
    assert_exit(&without, 2);
    assert!(talk(&without).contains("`--application` is for `--format openapi`"));
    let nothing = run(tempfile::tempdir().unwrap().path(), &["routes", "--format", "openapi"]);
    assert_exit(&nothing, 3);
    assert_eq!(out(&nothing), "");
}

#[test]
fn colour_is_for_terminals_or_on_request() {
    let folder = folder(&[("main.py", OPEN_APPLICATION)]);
    let coloured = |arguments: &[&str]| out(&run(folder.path(), arguments)).contains('\u{1b}');
    assert!(!coloured(&["scan"]));
    assert!(coloured(&["scan", "--color", "always"]));
    assert!(!coloured(&["scan", "--color", "never"]));
    assert!(!coloured(&["scan", "--format", "json", "--color", "always"]));
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let folder = folder(&[("main.py", OPEN_APPLICATION)]);
    let output = command(folder.path(), &[]).env("LC_ALL", "C").output().unwrap();
    assert!(out(&output).is_ascii(), "{}", out(&output));
    assert!(!out(&run(folder.path(), &[])).is_ascii());
}

#[test]
fn quiet_says_only_what_was_found() {
    let guarded = folder(&[("main.py", GUARDED_APPLICATION)]);
    let output = run(guarded.path(), &["--quiet"]);
    assert_exit(&output, 0);
    assert_eq!((out(&output), talk(&output)), (String::new(), String::new()));
    let open = folder(&[("main.py", OPEN_APPLICATION)]);
    assert!(out(&run(open.path(), &["-q"])).starts_with("high[unauthenticated-write]"));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = folder(&[]);
    // A manual page is larger than a pipe's buffer may keep, and the reader is gone before the first byte.
    for arguments in [&["man"][..], &["rules"], &["scan", "--print-schema"], &["--help"]] {
        let mut child =
            command(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_exit(&output, 0);
        assert_eq!(talk(&output), "", "{arguments:?}");
    }
}

#[test]
fn the_schema_describes_the_report() {
    let folder = folder(&[]);
    let output = run(folder.path(), &["scan", "--print-schema"]);
    assert_exit(&output, 0);
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn rules_and_weaknesses_are_explained() {
    let folder = folder(&[]);
    let rules = run(folder.path(), &["rules"]);
    assert_exit(&rules, 0);
    assert!(out(&rules).contains("unauthenticated-write"));
    let rule = run(folder.path(), &["explain", "unauthenticated-write"]);
    assert_exit(&rule, 0);
    assert!(out(&rule).contains("CWE-306"), "{}", out(&rule));
    let weakness = run(folder.path(), &["explain", "missing-authentication"]);
    assert_exit(&weakness, 0);
    assert!(out(&weakness).contains("unauthenticated-write"), "{}", out(&weakness));
    for id in ["CWE-639", "cwe-639", "API1:2023", "OWASP API1:2023", "api1"] {
        let weaknesses = run(folder.path(), &["explain", id]);
        assert_exit(&weaknesses, 0);
        assert!(out(&weaknesses).contains("object-read-without-owner-check"), "{id}: {}", out(&weaknesses));
    }
    assert_exit(&run(folder.path(), &["explain", "CWE-63"]), 2);
}

#[test]
fn help_is_short_and_has_examples() {
    let folder = folder(&[]);
    let help = run(folder.path(), &["--help"]);
    assert_exit(&help, 0);
    insta::assert_snapshot!(out(&help));
    insta::assert_snapshot!(out(&run(folder.path(), &["scan", "--help"])));
    insta::assert_snapshot!(out(&run(folder.path(), &["routes", "-h"])));
}

#[test]
fn shells_and_manuals_know_every_command() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(folder.path(), &["completions", shell]);
        assert_exit(&output, 0);
        assert!(out(&output).contains("fail-on"), "{shell}");
    }
    let manual = out(&run(folder.path(), &["man"]));
    for part in ["doorward scan", "doorward routes", "doorward explain", "fail\\-on", "Exit codes"] {
        assert!(manual.contains(part), "{part}");
    }
}
