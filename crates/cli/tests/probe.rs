//! `doorward probe` and `doorward prove` as users and pipelines see them, where no application runs: what they say, the exit
//! codes, and that nothing is contacted that must not be. With a running one, `cargo xtask test` compares what they prove.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop")
}

fn command(words: &[&str], journal: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(["--color", "never"]).args(words).arg("--journal").arg(journal).env("COLUMNS", "100");
    command.env_remove("DOORWARD_PROBE_TOKEN_A").env_remove("DOORWARD_PROBE_TOKEN_ADMIN").stdin(Stdio::null());
    command
}

/// Runs a command on the shop against a target.
fn run(verb: &str, target: &str, more: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop();
    let words = [&[verb, shop.to_str().unwrap(), "--target", target], more].concat();
    let output = command(&words, &folder.path().join("journal.jsonl")).output().unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    (output, said)
}

/// An address of this machine on which nobody listens.
fn nowhere() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

#[test]
fn a_target_that_is_down_exits_3_and_says_so() {
    for verb in ["probe", "prove"] {
        let (output, said) = run(verb, &nowhere(), &[]);
        assert_eq!(output.status.code(), Some(3), "{verb}: {said}");
        assert!(said.contains("no attack could be sent: the target cannot be reached: http://127.0.0.1:"), "{said}");
        let table = String::from_utf8(output.stdout).unwrap();
        assert!(
            table.contains("stopped: the target cannot be reached") && table.contains("nothing left behind"),
            "{table}"
        );
    }
}

#[test]
fn another_machine_is_not_contacted_unless_it_is_allowed() {
    for verb in ["probe", "prove"] {
        let (output, said) = run(verb, "http://203.0.113.7:8000", &[]);
        assert_eq!(output.status.code(), Some(2), "{verb}: {said}");
        assert!(said.contains("`203.0.113.7` is 203.0.113.7, which is not this machine; nothing was sent"), "{said}");
        assert!(!said.contains("is written to"), "the fence comes before the journal: {said}");
        assert!(said.contains("hint: `--allow-host 203.0.113.7` allows it, if it is yours to attack"), "{said}");
    }
}

#[test]
fn an_address_that_cannot_be_meant_is_refused() {
    for (target, expected) in [
        ("https://127.0.0.1:8000", "asks for TLS, which this build of the probe does not speak"),
        ("127.0.0.1:8000", "is not a base address such as `http://127.0.0.1:8000`"),
        ("http://127.0.0.1/?a=b", "has a query, a fragment or a name with a password"),
    ] {
        let (output, said) = run("probe", target, &[]);
        assert_eq!(output.status.code(), Some(2), "{target}: {said}");
        assert!(said.contains(expected), "{target}: {said}");
    }
}

#[test]
fn programs_read_one_document_or_one_proof_a_line() {
    let (output, _) = run("probe", &nowhere(), &["--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["coverage"]["attacked"], 0);
    assert_eq!(document["left_behind"], serde_json::json!([]));
    let proofs = document["proofs"].as_array().unwrap();
    assert!(!proofs.is_empty() && proofs.iter().all(|proof| proof["verdict"] == "NOT_SENT"));
    let (output, _) = run("probe", &nowhere(), &["--format", "jsonl"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), proofs.len());
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn an_attack_is_explained() {
    let mut explain = Command::new(env!("CARGO_BIN_EXE_doorward"));
    let output = explain.args(["--color", "never", "explain", "object-read"]).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("somebody reads an object of somebody else by its key") && page.contains("positive control"));
    assert!(page.contains("broken-object-level-authorization"));
}

/// The target takes the first request and never answers it; the user loses patience.
#[cfg(unix)]
#[test]
fn an_interrupt_or_a_request_to_end_ends_the_run_and_reports() {
    ends_by("-INT");
    ends_by("-TERM");
}

/// A run that is sent a signal while it waits for an answer.
#[cfg(unix)]
fn ends_by(signal: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let shop = shop();
    let words = ["probe", shop.to_str().unwrap(), "--target", &target, "--timeout", "600"];
    let mut running = command(&words, &folder.path().join("journal.jsonl"));
    let running = running.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (_connection, _) = listener.accept().unwrap();
    let killed = Command::new("kill").args([signal, &running.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = running.wait_with_output().unwrap();
    let (table, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("interrupted: undoing what was made"), "{said}");
    assert!(table.contains("stopped: the run was interrupted"), "{table}");
    assert!(table.contains("left behind: User"), "whether the account was made is not known, so it is told: {table}");
    assert!(folder.path().join("journal.jsonl").exists());
}
