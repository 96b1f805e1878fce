//! Projects in temporary folders, scanned for real.

use std::fs;
use std::path::Path;

use doorward_scan::{Options, Silent, scan};
use model::{Report, Tool};

/// Scans a folder.
pub(crate) fn scanned(root: &Path) -> Report {
    let tool = Tool { name: "doorward".into(), version: "0".into() };
    let options = Options { root: root.to_owned(), ..Options::default() };
    scan(&options, tool, &Silent).unwrap().report
}

/// Scans files in a folder of their own.
pub(crate) fn scanned_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    scanned(folder.path())
}

/// The begin of an application that protects something.
const GUARDED: &str = "\
import os
from fastapi import Depends, FastAPI, Header, HTTPException

def guard(x_key: str = Header()):
    if x_key != open('/run/key').read():
        raise HTTPException(401)

app = FastAPI(openapi_url=None)

@app.get('/guarded', dependencies=[Depends(guard)])
def guarded(): ...
";

/// Scans an application that protects something and goes on with these lines; lines of findings count from these.
pub(crate) fn scanned_beside_guarded(lines: &str) -> Report {
    let before = u32::try_from(GUARDED.lines().count()).unwrap();
    let mut report = scanned_files([("main.py", &*format!("{GUARDED}{lines}"))]);
    for finding in &mut report.findings {
        finding.location.line = finding.location.line.saturating_sub(before);
    }
    report
}
