//! The examples on the rules' pages, as tests: in a block marked `python bad` the rule fires on exactly the lines marked
//! `# <- here`, in one marked `python good` nowhere.

use crate::project::scanned_files;
use doorward_scan::rules::{RULES, Rule};

const MARK: &str = "# <- here";
const FILE: &str = "# file: ";
/// Lines that stand for the files which many examples have beside them: tables, a session, who is signed in.
const BESIDE: &[(&str, &[(&str, &str)])] = &[
    (
        "# with models.py ",
        &[("models.py", include_str!("beside/models.py")), ("deps.py", include_str!("beside/deps.py"))],
    ),
    ("# with shop.py ", &[("shop.py", include_str!("beside/flask/shop.py"))]),
    (
        "# with settings.py ",
        &[
            ("settings.py", include_str!("beside/django/settings.py")),
            ("models.py", include_str!("beside/django/models.py")),
        ],
    ),
];

/// An example: what it is marked as, where it stands in the page, its files.
struct Example {
    is_bad: bool,
    line: usize,
    files: Vec<(String, String)>,
}

fn examples(rule: &Rule) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = rule.page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(marks) = line.strip_prefix("```").filter(|marks| !marks.is_empty()) else {
            continue;
        };
        let is_bad = match marks {
            "python bad" => true,
            "python good" => false,
            other => panic!("{}: what is `{other}`?", rule.name),
        };
        let code = lines.by_ref().map(|(_, line)| line);
        found.push(Example { is_bad, line: index + 1, files: files(code.take_while(|line| *line != "```")) });
    }
    found
}

fn files<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in lines {
        if let Some(name) = line.strip_prefix(FILE) {
            found.push((name.to_owned(), String::new()));
            continue;
        }
        if let Some((_, beside)) = BESIDE.iter().find(|(begin, _)| line.starts_with(begin)) {
            found.extend(beside.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
            continue;
        }
        if found.is_empty() {
            found.push(("main.py".to_owned(), String::new()));
        }
        let (_, text) = found.last_mut().unwrap();
        text.push_str(line);
        text.push('\n');
    }
    found
}

/// The marked lines, as `main.py:3`.
fn marked(files: &[(String, String)]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, text) in files {
        let lines = text.lines().enumerate();
        let marked = lines.filter(|(_, line)| line.contains(MARK));
        found.extend(marked.map(|(index, _)| format!("{name}:{}", index + 1)));
    }
    found.sort();
    found
}

fn fired(rule: &Rule, files: &[(String, String)]) -> Vec<String> {
    let report = scanned_files(files.iter().map(|(name, text)| (&**name, &**text)));
    assert!(!report.endpoints.is_empty(), "no endpoint was found");
    assert_eq!(report.gaps, [], "an example is understood");
    let own = report.findings.iter().filter(|finding| &*finding.rule == rule.name);
    let place = |finding: &model::Finding| format!("{}:{}", finding.location.file, finding.location.line);
    let mut found: Vec<String> = own.map(place).collect();
    found.sort();
    // One class of Django REST framework answers at several endpoints.
    found.dedup();
    found
}

#[test]
fn every_bad_example_fires_where_it_is_marked_and_no_good_one_does() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let examples = examples(rule);
        let bad = examples.iter().filter(|example| example.is_bad).count();
        assert!(bad > 0 && bad < examples.len(), "{} shows bad and good code", rule.name);
        for example in examples {
            let expected = marked(&example.files);
            let place = format!("{}, line {} of its page", rule.name, example.line);
            assert_eq!(expected.is_empty(), !example.is_bad, "{place}: marks");
            let found = fired(rule, &example.files);
            if found != expected {
                wrong.push(format!("{place}: expected {expected:?}, found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
