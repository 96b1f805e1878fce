//! What a suppression takes away, and what it does not.

use crate::project::{scanned_beside_guarded, scanned_files};

/// The findings about an application that goes on with these lines: `rule line`.
fn found(lines: &str) -> Vec<String> {
    let findings = scanned_beside_guarded(lines).findings;
    let told = findings.iter();
    told.map(|one| format!("{} {}", one.rule, one.location.line)).collect()
}

#[test]
fn a_reason_above_beside_or_between_takes_the_finding_away() {
    for lines in [
        "# doorward: ignore[unauthenticated-write] the form\n@app.post('/a')\ndef a(): ...\n",
        "@app.post('/a')  # doorward: ignore[unauthenticated-write] the form\ndef a(): ...\n",
        "@app.post(\n  '/a',  # doorward: ignore[unauthenticated-write] the form\n)\ndef a(): ...\n",
        "@app.post('/a')\n# doorward: ignore[unauthenticated-write] the form\ndef a(): ...\n",
        "@app.post('/a')\nasync def a(\n    x: int,\n):  # doorward: ignore[unauthenticated-write] the form\n    ...\n",
    ] {
        assert_eq!(found(lines), [""; 0], "{lines}");
    }
}

#[test]
fn elsewhere_for_another_rule_or_in_a_string_it_takes_nothing_away() {
    let write = "unauthenticated-write";
    let lines = format!(
        "# doorward: ignore[{write}] the form\n\n@app.post('/a')\ndef a():\n    x = 1  # doorward: ignore[{write}] the form\n"
    );
    let unused = |line| format!("unused-suppression {line}");
    assert_eq!(found(&lines), [unused(1), format!("{write} 4"), unused(5)], "{lines}");
    let other = "@app.post('/a')\ndef a(): ...  # doorward: ignore[unauthenticated-read] the form\n";
    assert_eq!(found(other), [format!("{write} 2"), unused(2)]);
    let string = "@app.post('# doorward: ignore[unauthenticated-write] x')\ndef a(): ...\n";
    assert_eq!(found(string), [format!("{write} 2")]);
}

#[test]
fn without_a_reason_the_finding_stays() {
    let lines = "@app.post('/a')\ndef a(): ...  # doorward: ignore[unauthenticated-write]\n";
    assert_eq!(found(lines), ["unauthenticated-write 2", "suppression-without-reason 2"]);
}

#[test]
fn one_comment_may_name_several_rules() {
    let lines = "@app.post('/a')\ndef a(): ...  # doorward: ignore[unauthenticated-write, unauthenticated-read] form\n";
    assert_eq!(found(lines), ["unused-suppression 2"]);
    let lines = "@app.api_route('/metrics', methods=['GET', 'POST'])\n\
        def a(): ...  # doorward: ignore[unauthenticated-write, unauthenticated-read] local\n";
    assert_eq!(found(lines), [""; 0]);
}

#[test]
fn an_application_that_asks_nobody_is_suppressed_where_it_is_made() {
    let text = "\
from fastapi import FastAPI

app = FastAPI(openapi_url=None)  # doorward: ignore[unauthenticated-write] the gateway asks

@app.post('/a')
def a(): ...

@app.delete('/b')
def b(): ...

@app.get('/c')
def c(): ...
";
    assert_eq!(scanned_files([("main.py", text)]).findings, []);
    let open = text.replace("  # doorward: ignore[unauthenticated-write] the gateway asks", "");
    let report = scanned_files([("main.py", &*open)]);
    assert_eq!(
        report.findings[0].message,
        "`main:app` asks nobody who they are: everybody may call the 2 endpoints that may change something"
    );
    assert_eq!(report.findings.len(), 1);
}
