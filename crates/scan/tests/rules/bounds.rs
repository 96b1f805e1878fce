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
