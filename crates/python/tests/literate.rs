//! Literate cases of the resolver and the interpreter: `suites/*.md`.
//!
//! A case is a section (`## title`) with one or more files, fenced blocks that begin with ```` ```python path=app/main.py ````.
//! The last file runs as a module, the others when something imports them. An assertion is a comment behind an assignment at
//! the left margin: `x = f()  # -> 'a'` holds when `Interp::show` of `x` prints `'a'` after the run; in a block that begins
//! with ```` ```python path=... not-run ```` no assertion is allowed and the file must not have run. Further blocks:
//!
//! - `roots` one directory a line, to look for absolute imports in;
//! - `entry-points` lines `group name = value` of the project's metadata;
//! - `text path=...` a file that is not Python;
//! - `outside` the name of the scanned directory itself;
//! - `gaps` what the run reports, one `file:line kind` a line. A case without it reports nothing.
//!
//! In `known-gaps.md` the part behind `  # python: ` says what Python itself prints: the assertion is on the imperfect present, so
//! that an improvement shows.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use doorward_python::Symbol;
use doorward_python::interp::{Interp, Limits};
use doorward_python::program::{Loader, Program};
use doorward_python::source::SourceFile;

/// One section of a suite.
#[derive(Default)]
struct Case {
    title: String,
    line: usize,
    files: Vec<File>,
    roots: Vec<String>,
    shelf: Shelf,
    gaps: Vec<String>,
}

struct File {
    path: String,
    /// The line of its fence.
    line: usize,
    text: String,
    runs: bool,
}

/// Everything that the program does not get from the start.
#[derive(Default, Clone)]
struct Shelf {
    outside: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    entry_points: Vec<[String; 3]>,
    root_name: String,
}

impl Loader for Shelf {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.outside.get(path).map(|text| text.clone().into_bytes())
    }

    fn text(&self, path: &str) -> Option<String> {
        self.texts.get(path).cloned()
    }

    fn directory_name(&self, path: &str) -> Option<String> {
        let names: Vec<&str> = self.root_name.split('/').collect();
        let ups = if path.is_empty() { 0 } else { path.split('/').count() };
        names.len().checked_sub(ups + 1).map(|at| names[at].to_owned())
    }

    fn entry_points(&self) -> Vec<[String; 3]> {
        self.entry_points.clone()
    }
}

/// Splits a suite into its cases.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), line: number + 1, ..Case::default() });
            continue;
        }
        let Some(info) = line.strip_prefix("```").filter(|i| !i.is_empty()) else {
            continue;
        };
        let mut body = String::new();
        for (_, inner) in lines.by_ref() {
            if inner == "```" {
                break;
            }
            let _ = writeln!(body, "{inner}");
        }
        let case = cases.last_mut().unwrap_or_else(|| panic!("a block before the first section, line {}", number + 1));
        case.add(info, number + 1, body);
    }
    cases
}

impl Case {
    fn add(&mut self, info: &str, line: usize, body: String) {
        let words: Vec<&str> = info.split(' ').collect();
        let path = words.iter().find_map(|w| w.strip_prefix("path=")).unwrap_or("").to_owned();
        match words[0] {
            "python" if path.starts_with("..") => {
                self.shelf.outside.insert(path, body);
            }
            "python" => self.files.push(File { path, line, text: body, runs: !words.contains(&"not-run") }),
            "roots" => self.roots.extend(body.lines().map(str::to_owned)),
            "text" => {
                self.shelf.texts.insert(path, body);
            }
            "outside" => body.trim().clone_into(&mut self.shelf.root_name),
            "gaps" => self.gaps.extend(body.lines().map(str::to_owned)),
            "entry-points" => self.shelf.entry_points.extend(body.lines().map(entry_point)),
            other => panic!("line {line}: unknown kind of block `{other}`"),
        }
    }

    /// What is wrong, one line a problem.
    fn problems(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut read = Vec::new();
        for file in &self.files {
            let (source, found) = SourceFile::new(file.path.as_str().into(), file.text.clone().into_bytes());
            read.push(source);
            gaps.extend(found);
        }
        let program = Program::new(read, self.roots.clone(), Box::new(self.shelf.clone()));
        let mut interp = Interp::new(&program, Limits::default());
        let entry = self
            .files
            .last()
            .and_then(|f| program.at(&f.path))
            .unwrap_or_else(|| panic!("`{}` has no file", self.title));
        interp.run_module(entry);
        gaps.extend(program.take_gaps());
        gaps.extend(interp.take_gaps());
        let found: Vec<String> =
            gaps.iter().map(|g| format!("{}:{} {:?}", g.file, g.line.unwrap_or(0), g.kind)).collect();
        let mut problems = Vec::new();
        if found != self.gaps {
            problems.push(format!("line {}: gaps {gaps:?}, expected {:?}", self.line, self.gaps));
        }
        for file in &self.files {
            self.check(file, &program, &interp, &mut problems);
        }
        problems
    }

    fn check(&self, file: &File, program: &Program, interp: &Interp, problems: &mut Vec<String>) {
        let ran = program.at(&file.path).is_some_and(|id| interp.modules_run().contains(&id));
        if ran != file.runs {
            problems.push(format!("line {}: `{}` {}", file.line, file.path, if ran { "ran" } else { "did not run" }));
        }
        let names = interp.module_names(|_, _| true);
        for (number, line) in file.text.lines().enumerate() {
            let Some((code, expected)) = line.split_once("  # -> ") else {
                continue;
            };
            let expected = expected.split("  # python: ").next().unwrap_or("");
            let name = code
                .split([' ', '=', ':', '('])
                .find(|w| !w.is_empty() && !matches!(*w, "def" | "class" | "async"))
                .unwrap_or("");
            let found =
                names.iter().find(|(id, n, _)| *n == Symbol::new(name) && *program.file(*id).path == *file.path);
            let shown = found.map_or_else(|| "not bound".to_owned(), |(_, _, value)| interp.show(value));
            if shown != expected || !ran {
                problems.push(format!(
                    "line {}: {}\n      expected {expected}\n      found    {shown}",
                    file.line + number + 1,
                    code.trim()
                ));
            }
        }
    }
}

fn entry_point(line: &str) -> [String; 3] {
    let (group, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (name, value) = rest.split_once(" = ").unwrap_or((rest, ""));
    [group, name, value].map(str::to_owned)
}

/// Evaluation recurses as deep as its bounds allow, so it gets the stack that the scanner gives it.
fn on_big_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let worker = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn run_suite(path: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(path).expect("a suite");
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (mut count, mut problems) = (0, Vec::new());
    for case in cases(&text) {
        count += case.files.iter().map(|f| f.text.matches("  # -> ").count()).sum::<usize>();
        let title = case.title.clone();
        let found = on_big_stack(move || case.problems());
        problems.extend(found.into_iter().map(|p| format!("{name}, {title}, {p}")));
    }
    (count, problems)
}

#[test]
fn every_assertion_of_the_suites_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites");
    let mut suites: Vec<_> =
        std::fs::read_dir(folder).expect("the suites").map(|e| e.expect("an entry").path()).collect();
    suites.sort();
    let (mut count, mut problems) = (0, Vec::new());
    for suite in suites.iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let (assertions, found) = run_suite(suite);
        assert!(assertions > 5, "{} has only {assertions} assertions", suite.display());
        count += assertions;
        problems.extend(found);
    }
    assert!(problems.is_empty(), "{} of {count} assertions fail:\n{}\n", problems.len(), problems.join("\n"));
}

#[test]
fn the_runner_notices_what_is_wrong() {
    let text = "## a\n```python path=b.py not-run\n```\n```python path=a.py\nimport b\nx = 1  # -> 2\n(\n```\n";
    let problems = on_big_stack(move || cases(text).remove(0).problems());
    assert_eq!(problems.len(), 3, "{problems:?}");
}
