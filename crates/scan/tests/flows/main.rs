//! Literate pairs of the flow rules: a handler in which what the client sends does harm, and its twin in which it cannot. `*.md`.
//!
//! A case is a section (`## title`) with the files of one application, fenced blocks that begin with ```` ```python path=app/main.py ````
//! (`main.py` where no path is given; a Django project has its `manage.py` and settings beside `shop/urls.py`). Each pair in it begins with a
//! comment `# pair: what it is about`. A line that ends with `# <- rule` must be found by that rule, for the persona auditor; every other line by
//! none of the flow rules. In a case whose title begins with `Not right yet` a line may end with `# <~ rule` (it is found, and should not be)
//! or `# <? rule` (it should be, and is not): what is said of it now, so that a change shows.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use doorward_scan::{Options, Silent, scan};
use model::{Report, Tool};

/// Pairs that there are at least.
const PAIRS_MIN: usize = 120;
const PAIR: &str = "# pair: ";
const FOUND: [&str; 2] = ["# <- ", "# <~ "];
const WRONG: [&str; 2] = ["# <~ ", "# <? "];
const DJANGO: &[(&str, &str)] = &[
    ("manage.py", "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n"),
    ("shop/settings.py", "ROOT_URLCONF = \"shop.urls\"\nINSTALLED_APPS = [\"rest_framework\"]\n"),
    ("shop/__init__.py", ""),
];

#[derive(Default)]
struct Case {
    title: String,
    files: Vec<(String, String)>,
}

impl Case {
    /// How many pairs it holds; each has two functions at least.
    fn pairs(&self) -> usize {
        let regions = self.files.iter().flat_map(|(_, text)| text.split(PAIR).skip(1));
        regions.inspect(|pair| assert!(pair.matches("def ").count() > 1, "{}: no twin: {pair}", self.title)).count()
    }

    /// The marked lines, as `main.py:3 user-input-in-sql`.
    fn marked(&self, marks: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for (name, text) in &self.files {
            for (index, line) in text.lines().enumerate() {
                let rules = marks.iter().flat_map(|mark| line.split(mark).skip(1));
                let rules = rules.filter_map(|rule| rule.split_whitespace().next());
                found.extend(rules.map(|rule| format!("{name}:{} {rule}", index + 1)));
            }
        }
        found.sort();
        found
    }
}

/// Splits a suite into its cases.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
        }
        let (Some(info), Some(case)) = (line.strip_prefix("```"), cases.last_mut()) else { continue };
        let body: String = lines.by_ref().take_while(|l| *l != "```").fold(String::new(), |all, l| all + l + "\n");
        let name = info.split_once("path=").map_or("main.py", |(_, name)| name);
        if name == "shop/urls.py" {
            case.files.extend(DJANGO.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        }
        case.files.push((name.to_owned(), body));
    }
    cases
}

fn scanned(files: &[(String, String)]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let tool = Tool { name: "doorward".into(), version: "0".into() };
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    scan(&options, tool, &Silent).expect("a scan").report
}

fn is_of_flows(rule: &str) -> bool {
    rule.starts_with("user-input-")
        || rule.starts_with("archive-")
        || matches!(
            rule,
            "upload-of-any-type" | "stored-input-in-html" | "super-linear-regex" | "host-in-link" | "model-answer-run"
        )
}

/// What is wrong with a case.
fn checked(case: &Case) -> String {
    let report = scanned(&case.files);
    let mut wrong = String::new();
    for gap in &report.gaps {
        let _ = writeln!(wrong, "  gap {}:{} {:?} {}", gap.file, gap.line.unwrap_or(0), gap.kind, gap.reason);
    }
    let own = report.findings.iter().filter(|finding| is_of_flows(&finding.rule));
    let mut found: Vec<String> = own.map(|f| format!("{}:{} {}", f.location.file, f.location.line, f.rule)).collect();
    found.sort();
    found.dedup();
    let expected = case.marked(&FOUND);
    for one in expected.iter().filter(|one| !found.contains(one)) {
        let _ = writeln!(wrong, "  not found: {one}");
    }
    for one in found.iter().filter(|one| !expected.contains(one)) {
        let _ = writeln!(wrong, "  found: {one}");
    }
    if !case.title.starts_with("Not right yet") && !case.marked(&WRONG).is_empty() {
        let _ = writeln!(wrong, "  is not right, and is not said to be so");
    }
    wrong
}

/// The suites, in their order.
fn suites() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows");
    let entries = std::fs::read_dir(folder).expect("the suites");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths
}

#[test]
fn every_marked_line_is_found_and_no_other() {
    let (mut wrong, mut pairs) = (String::new(), 0);
    for path in suites() {
        let text = std::fs::read_to_string(&path).expect("a suite");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for case in cases(&text) {
            // What is not right yet does not count.
            pairs += if case.title.starts_with("Not right yet") { 0 } else { case.pairs() };
            let said = checked(&case);
            if !said.is_empty() {
                let _ = writeln!(wrong, "{name}: {}\n{said}", case.title);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(pairs >= PAIRS_MIN, "{pairs} pairs");
}
