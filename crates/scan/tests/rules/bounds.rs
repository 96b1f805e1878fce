//! The bounds of what is followed: each reached, and passed by one.

use std::fmt::Write;

use crate::project::scanned_files;

/// How many findings of a rule there are.
fn count(rule: &str, text: &str) -> usize {
    let report = scanned_files([("main.py", text)]);
    assert_eq!(report.gaps, [], "the program is understood");
    report.findings.iter().filter(|finding| &*finding.rule == rule).count()
}

/// A handler that runs so many commands.
fn running(commands: usize) -> String {
    let mut text =
        "import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get('/run')\ndef run(name: str):\n"
            .to_owned();
    (0..commands).for_each(|at| writeln!(text, "    os.system('echo {at} ' + name)").unwrap());
    text
}

#[test]
fn flows_of_one_endpoint_are_bounded() {
    const FLOWS_MAX: usize = 64;
    assert_eq!(count("user-input-in-command", &running(FLOWS_MAX)), FLOWS_MAX);
    assert_eq!(count("user-input-in-command", &running(FLOWS_MAX + 1)), FLOWS_MAX);
}

/// A schema with so many resolvers, of which the last runs a command.
fn resolving(count: usize) -> String {
    let mut text = "import os\nimport graphene\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\nclass Query(graphene.ObjectType):\n".to_owned();
    for at in 1..=count {
        let run = if at == count { "os.system(name)" } else { "name" };
        writeln!(text, "    def resolve_{at}(self, info, name):\n        return {run}\n").unwrap();
    }
    text + "\n@app.get('/')\ndef index():\n    return 'x'\n"
}

#[test]
fn resolvers_are_bounded() {
    const PLAYS_MAX: usize = 500;
    assert_eq!(count("user-input-in-command", &resolving(PLAYS_MAX)), 1);
    assert_eq!(count("user-input-in-command", &resolving(PLAYS_MAX + 1)), 0);
}

/// A schema of which an argument is a number, in so many lists.
fn listed(depth: usize) -> String {
    let kind = format!("{}graphene.Int{}", "graphene.List(".repeat(depth), ")".repeat(depth));
    format!(
        "import os\nimport graphene\nfrom flask import Flask\n\napp = Flask(__name__)\n\n\nclass Query(graphene.ObjectType):\n    disk = graphene.Field(graphene.String, name={kind})\n\n    def resolve_disk(self, info, name):\n        return os.popen(name)\n\n\n@app.get('/')\ndef index():\n    return 'x'\n"
    )
}

#[test]
fn types_inside_types_are_bounded() {
    const NESTING_MAX: usize = 4;
    assert_eq!(count("user-input-in-command", &listed(NESTING_MAX)), 0);
    assert_eq!(count("user-input-in-command", &listed(NESTING_MAX + 1)), 1);
}

/// Whether what a page prints raw is found: a handler that renders the first of some templates with `values`, and those.
fn is_printed(values: &str, templates: &[String]) -> bool {
    let code = format!(
        "from flask import Flask, render_template, request\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef page():\n    raw = request.args['raw']\n    return render_template('0.html', values={values})\n"
    );
    let names: Vec<String> = (0..templates.len()).map(|at| format!("templates/{at}.html")).collect();
    let beside = names.iter().zip(templates).map(|(name, text)| (name.as_str(), text.as_str()));
    let report = scanned_files([("app.py", code.as_str())].into_iter().chain(beside));
    report.findings.iter().any(|finding| &*finding.rule == "user-input-in-html")
}

#[test]
fn templates_inside_each_other_are_bounded() {
    const DEPTH_MAX: usize = 8;
    let chain = |count: usize| -> Vec<String> {
        let inner = (1..count).map(|at| format!("{{% include '{at}.html' %}}"));
        inner.chain(["{{ values|safe }}".to_owned()]).collect()
    };
    assert!(is_printed("raw", &chain(DEPTH_MAX)));
    assert!(!is_printed("raw", &chain(DEPTH_MAX + 1)));
}

#[test]
fn templates_of_one_page_are_bounded() {
    const PARTS_MAX: usize = 64;
    let beside = |count: usize| -> Vec<String> {
        let page: String = (1..count).map(|at| format!("{{% include '{at}.html' %}}")).collect();
        let parts = (1..count).map(|at| if at + 1 == count { "{{ values|safe }}" } else { "" }.to_owned());
        [page].into_iter().chain(parts).collect()
    };
    assert!(is_printed("raw", &beside(PARTS_MAX)));
    assert!(!is_printed("raw", &beside(PARTS_MAX + 1)));
}

#[test]
fn values_that_a_template_prints_are_bounded() {
    const VALUES_MAX: usize = 32;
    let page = ["{% for value in values %}{{ value|safe }}{% endfor %}".to_owned()];
    let values = |count: usize| format!("[{}raw]", "'x', ".repeat(count - 1));
    assert!(is_printed(&values(VALUES_MAX), &page));
    assert!(!is_printed(&values(VALUES_MAX + 1), &page));
}

/// A handler whose body has a field with so many checks, of which the last one alone makes it clean.
fn checked(checks: usize) -> String {
    let mut text = "\
import os
from fastapi import FastAPI
from pydantic import BaseModel, field_validator

app = FastAPI()


class Job(BaseModel):
    name: str
"
    .to_owned();
    for at in 1..=checks {
        let test = if at == checks { "v not in ('a', 'b')" } else { "len(v) > 90" };
        write!(
            text,
            "\n    @field_validator('name')\n    @classmethod\n    def check_{at}(cls, v):\n        if {test}:\n            raise ValueError(v)\n        return v\n"
        )
        .unwrap();
    }
    text + "\n\n@app.post('/run')\ndef run(job: Job):\n    os.system('echo ' + job.name)\n"
}

#[test]
fn checks_of_one_field_are_bounded() {
    const VALIDATORS_MAX: usize = 4;
    assert_eq!(count("user-input-in-command", &checked(VALIDATORS_MAX)), 0);
    assert_eq!(count("user-input-in-command", &checked(VALIDATORS_MAX + 1)), 1, "the last one is not asked");
}

/// A loop that is left in so many ways, of which the last one alone keeps what the client wrote.
fn left(ways: usize) -> String {
    let mut text = "\
import os
from fastapi import FastAPI, Request

app = FastAPI()


@app.get('/run')
def run(request: Request, name: str):
    command = 'true'
    for item in request.query_params:
"
    .to_owned();
    for at in 1..=ways {
        let kept = if at == ways { "name" } else { "'false'" };
        writeln!(text, "        if item == 'way {at}':\n            command = {kept}\n            break").unwrap();
    }
    text + "    os.system(command)\n"
}

#[test]
fn turns_that_leave_a_loop_are_bounded() {
    const LEFT_TURNS_MAX: usize = 16;
    assert_eq!(count("user-input-in-command", &left(LEFT_TURNS_MAX)), 1);
    assert_eq!(count("user-input-in-command", &left(LEFT_TURNS_MAX + 1)), 0, "the last one is forgotten");
}

/// A handler that writes what a client sent to so many files, and makes objects of the first.
fn writing(files: usize) -> String {
    let mut text = "import pickle\nfrom fastapi import FastAPI, Request\n\napp = FastAPI()\n\n\n@app.post('/run')\nasync def run(request: Request):\n    data = await request.body()\n".to_owned();
    (0..files).for_each(|at| writeln!(text, "    open('/tmp/{at}', 'wb').write(data)").unwrap());
    text + "    pickle.load(open('/tmp/0', 'rb'))\n"
}

#[test]
fn writes_that_are_looked_back_at_are_bounded() {
    const WRITES_MAX: usize = 32;
    assert_eq!(count("user-input-deserialized", &writing(WRITES_MAX)), 1);
    assert_eq!(count("user-input-deserialized", &writing(WRITES_MAX + 1)), 0);
}

/// A handler that lets through so many letters, none of which does harm.
fn lettered(letters: u32) -> String {
    let letters: String = (0..letters).filter_map(|at| char::from_u32(0x4E00 + at)).collect();
    format!(
        "\
import os
from fastapi import FastAPI

app = FastAPI()


@app.get('/run')
def run(name: str):
    if any(letter not in '{letters}' for letter in name):
        raise ValueError(name)
    os.system('echo ' + name)
"
    )
}

#[test]
fn letters_that_are_let_through_are_bounded() {
    const LETTERS_MAX: u32 = 256;
    assert_eq!(count("user-input-in-command", &lettered(LETTERS_MAX)), 0);
    assert_eq!(count("user-input-in-command", &lettered(LETTERS_MAX + 1)), 1, "nothing is said of so many");
}
