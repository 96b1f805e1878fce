//! Projects in temporary folders, scanned for real.

use std::fs;
use std::path::Path;

use doorward_scan::{Options, Silent, scan};
use model::{Report, Tool};

/// Scans a folder.
pub(crate) fn scanned(root: &Path) -> Report {
    let tool = Tool {
        name: "doorward".into(),
        version: "0".into(),
    };
    let options = Options {
        root: root.to_owned(),
        ..Options::default()
    };
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
    let mut report = scanned(folder.path());
    report.project.root = ".".to_owned();
    report
}
