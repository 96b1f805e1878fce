//! Literate cases of the inventory: which endpoints an application answers, with what, and who is admitted. `*.md`.
//!
//! A case is a section (`## title`) with the files of a project, fenced blocks that begin with ```` ```python path=app/main.py ````
//! (`main.py` where no path is given), and one block `routes`: what the scan must say, an endpoint a line in its order:
//!
//! ```text
//! GET /items/{id}  restricted: bearer & role:admin  main.py:7  id:path:integer limit:query:integer?
//! ```
//!
//! Method and path (and `on HOST`), who is admitted (`~` before it where that is assumed, `[SETTING]` behind it where a
//! setting decides), the `def` of the handler, and its parameters where a case is about them (`params` in the fence). What
//! FastAPI itself adds (documentation) is left out unless the fence says `all`. With `effects` in the fence what a handler does
//! follows below it, and which answers give the ids that it takes; `objects`, `principals` and `tokens` list those. Mounts and gaps follow on lines that begin with
//! `mount` and `gap`, security schemes (`schemes` in the fence) with `scheme`, named schemas (`bodies`) with `schema`. Below an open endpoint stands what guards nothing, below each what is registered for the same requests and not reached. `BLESS=1` writes what the scan says into the suites.

mod facts;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use doorward_scan::{Options, Silent, scan};
use model::{Access, AccessVerdict, Certainty, Endpoint, Origin, Report, Tool};

#[derive(Default)]
struct Case {
    title: String,
    files: Vec<(String, String)>,
    /// The words in the fence of the expected block, and the block.
    expected: Option<(String, String)>,
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
        let (kind, words) = info.split_once(' ').unwrap_or((info, ""));
        if kind == "routes" {
            case.expected = Some((words.to_owned(), body));
        } else {
            let path = words.strip_prefix("path=").unwrap_or("main.py");
            case.files.push((path.to_owned(), body));
        }
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

/// A report as a `routes` block.
fn shown(report: &Report, words: &str) -> String {
    let (all, params) = (words.contains("all"), words.contains("params"));
    let mut text = String::new();
    for endpoint in report.endpoints.iter().filter(|e| all || e.origin == Origin::Project) {
        let route = &endpoint.route;
        let host = route.host().map_or(String::new(), |h| format!(" on {h}"));
        let handler = &endpoint.handler;
        let place = if endpoint.origin == Origin::Project {
            format!("{}:{}", handler.file, handler.line)
        } else {
            format!("{:?}", endpoint.origin).to_lowercase()
        };
        let _ =
            write!(text, "{} {}{host}  {}  {place}", endpoint.method(), route.pattern(), admitted(&endpoint.access));
        if params {
            let _ = write!(text, "  {}", parameters(endpoint));
        }
        text.push('\n');
        for place in endpoint.access.evidence().iter().filter(|_| endpoint.access.verdict() == AccessVerdict::Public) {
            let _ = writeln!(text, "  {}:{} {}", place.file, place.line, place.what);
        }
        for other in &endpoint.unreached {
            let (at, admitted) = (&other.handler, admitted(&other.access));
            let _ = writeln!(text, "  unreached: {} {admitted}  {}:{}", other.method, at.file, at.line);
        }
        if words.contains("effects") {
            facts::effects(&mut text, endpoint);
        }
    }
    facts::of_report(&mut text, report, words);
    for mount in report.applications.iter().flat_map(|a| &a.mounts) {
        let _ = writeln!(text, "mount {} {}", mount.path, format!("{:?}", mount.kind).to_lowercase());
    }
    if words.contains("bodies") {
        for (name, schema) in &report.schemas {
            let _ = writeln!(text, "schema {name} {}", schema.as_value());
        }
    }
    for (name, scheme) in report.applications.iter().flat_map(|a| &a.security_schemes) {
        if words.contains("schemes") {
            let json = serde_json::to_string(&scheme.kind).expect("a scheme");
            let line = scheme.evidence.as_ref().map_or(0, |e| e.line);
            let _ = writeln!(text, "scheme {name} {json} line {line}");
        }
    }
    for gap in &report.gaps {
        let kind = serde_json::to_value(gap.kind).expect("a kind");
        let _ = writeln!(text, "gap {}:{} {}", gap.file, gap.line.unwrap_or(0), kind.as_str().unwrap_or(""));
    }
    text
}

fn admitted(access: &Access) -> String {
    let mut text = String::new();
    if access.certainty() == Certainty::Assumed {
        text.push('~');
    }
    let _ = write!(text, "{}", format!("{:?}", access.verdict()).to_lowercase());
    let value = access.requirement().map(|r| serde_json::to_value(r).expect("a requirement"));
    let any = value.as_ref().and_then(|v| v["any_of"].as_array().cloned()).unwrap_or_default();
    let alternatives: Vec<String> = any
        .iter()
        .map(|all| {
            let tests = all.as_array().into_iter().flatten().flat_map(|test| test.as_object().into_iter().flatten());
            let texts = tests.map(|(kind, value)| match (kind.as_str(), value.as_str()) {
                ("scheme", Some(name)) => name.to_owned(),
                (kind, Some(value)) => format!("{kind}:{value}"),
                (kind, None) => format!("{kind}:{value}"),
            });
            texts.collect::<Vec<_>>().join(" & ")
        })
        .filter(|text| !text.is_empty())
        .collect();
    if !alternatives.is_empty() {
        let _ = write!(text, ": {}", alternatives.join(" | "));
    }
    if let Some(setting) = access.setting() {
        let _ = write!(text, " [{setting}]");
    }
    text
}

fn parameters(endpoint: &Endpoint) -> String {
    let mut all: Vec<String> = Vec::new();
    for parameter in &endpoint.parameters {
        let json = serde_json::to_value(parameter).expect("a parameter");
        let word = |key: &str| json[key].as_str().unwrap_or("?").to_owned();
        let bounds: Vec<String> =
            json["bounds"].as_object().into_iter().flatten().map(|(k, v)| format!("{k}={v}")).collect();
        let bounds = if bounds.is_empty() { String::new() } else { format!("[{}]", bounds.join(",")) };
        let optional = if parameter.required { "" } else { "?" };
        all.push(format!("{}:{}:{}{bounds}{optional}", word("name"), word("in"), word("type")));
    }
    if let Some(body) = &endpoint.request_body {
        all.push(format!("body:{}", name_or_schema(&serde_json::to_value(body).expect("a body"))));
    }
    if let Some(response) = &endpoint.response {
        let json = serde_json::to_value(response).expect("a response");
        let many = if json["many"] == true { "list of " } else { "" };
        let status = json["status"].as_u64().map_or(String::new(), |s| format!("{s} "));
        all.push(format!("-> {status}{many}{}", name_or_schema(&json)));
    }
    all.join(" ")
}

fn name_or_schema(json: &serde_json::Value) -> String {
    let schema = &json["schema"];
    schema.as_str().map_or_else(|| schema.to_string(), str::to_owned)
}

fn suites() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inventory");
    let entries = std::fs::read_dir(folder).expect("the folder of the suites").flatten().map(|e| e.path());
    let mut suites: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    suites.sort();
    suites
}

#[test]
#[expect(clippy::disallowed_methods, reason = "asks whether to write what is found into the suites")]
fn every_case_of_every_suite() {
    let bless = std::env::var_os("BLESS").is_some();
    let (mut count, mut wrong) = (0, String::new());
    for suite in suites() {
        let text = std::fs::read_to_string(&suite).expect("a suite");
        let mut blessed = text.clone();
        for case in cases(&text) {
            let (words, expected) = case.expected.unwrap_or_else(|| panic!("{}: nothing is expected", case.title));
            let found = shown(&scanned(&case.files), &words);
            count += 1;
            if found != expected {
                let name = suite.file_name().unwrap_or_default().display();
                let _ = writeln!(wrong, "{name}: {}\nexpected\n{expected}found\n{found}", case.title);
                let fence = format!("{} {words}", "```routes").trim_end().to_owned();
                let section = blessed.find(&format!("## {}\n", case.title)).unwrap_or(0);
                if let Some(at) = blessed[section..].find(&format!("{fence}\n{expected}```")) {
                    let start = section + at + fence.len() + 1;
                    blessed.replace_range(start..start + expected.len(), &found);
                }
            }
        }
        if bless {
            std::fs::write(&suite, blessed).expect("a suite");
        }
    }
    assert!(count > 20, "only {count} cases");
    assert!(wrong.is_empty() || bless, "{wrong}");
}
