//! The captures in `README.md` are real output: every block behind `<!-- capture: doorward ... -->` is compared with what the
//! command prints today, at 80 columns and without colour. A line `...` stands for lines left out; the time is masked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MARK: &str = "<!-- capture: doorward ";
const LEFT_OUT: &str = "...";

/// A marked block: the arguments of its command, and its lines.
#[derive(Debug, PartialEq, Eq)]
struct Capture<'t> {
    arguments: Vec<&'t str>,
    lines: Vec<&'t str>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn captures(text: &str) -> Vec<Capture<'_>> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix(MARK) else {
            continue;
        };
        let arguments = rest.trim_end_matches("-->").split_whitespace().collect();
        assert_eq!(lines.next(), Some("```text"), "behind `{line}`");
        found.push(Capture { arguments, lines: lines.by_ref().take_while(|line| *line != "```").collect() });
    }
    found
}

/// What the command prints, and its exit code.
fn printed(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_doorward"))
        .args(arguments)
        .args(["--color", "never"])
        .current_dir(root())
        .stdin(Stdio::null())
        .env("COLUMNS", "80")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}

/// A closing line without the time that the scan took: `4,256 lines in 30 ms`.
fn masked(line: &str) -> &str {
    line.split_once(" lines in ").map_or(line.trim_end(), |(before, _)| before)
}

/// The first line of a capture that the output does not hold where it should. Between two `...` lines must be neighbours; a
/// capture that does not begin or end with `...` begins or ends where the output does.
fn stale_line<'c>(capture: &[&'c str], output: &str) -> Option<&'c str> {
    let output: Vec<&str> = output.lines().map(masked).collect();
    let runs: Vec<&[&str]> = capture.split(|line| *line == LEFT_OUT).collect();
    let mut from = 0;
    for (index, run) in runs.iter().enumerate() {
        let (is_first, is_last) = (index == 0, index + 1 == runs.len());
        let Some(latest) = output.len().checked_sub(run.len()) else {
            return run.first().copied();
        };
        let earliest = if is_last && !run.is_empty() { from.max(latest) } else { from };
        let starts = earliest..=if is_first { 0 } else { latest };
        let agreeing = |start: usize| {
            let pairs = run.iter().zip(&output[start..]);
            pairs.take_while(|(line, there)| masked(line) == **there).count()
        };
        // The place that agrees the longest: where none agrees throughout, its next line is the stale one.
        let best = starts.map(|start| (agreeing(start), start)).rev().max_by_key(|(count, _)| *count);
        match best {
            Some((count, start)) if count == run.len() => from = start + count,
            Some((count, _)) => return Some(run[count]),
            None => return run.first().copied(),
        }
    }
    None
}

#[test]
fn the_captures_are_what_the_command_prints() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let captures = captures(&readme);
    assert!(!captures.is_empty(), "README.md holds no `{MARK}`");
    for capture in captures {
        let command = format!("doorward {}", capture.arguments.join(" "));
        let (output, _) = printed(&capture.arguments);
        if let Some(line) = stale_line(&capture.lines, &output) {
            panic!("README.md is stale: `{command}` does not print\n{line}\nhere, but\n{output}");
        }
    }
}

#[test]
fn the_first_command_exits_1_as_the_readme_says() {
    let (_, code) = printed(&["scan", "examples/shop"]);
    assert_eq!(code, Some(1));
}

#[test]
fn a_capture_is_read_with_its_command() {
    let text = "x\n<!-- capture: doorward scan a/b -->\n```text\n1\n...\n2\n```\n3\n";
    let expected = Capture { arguments: vec!["scan", "a/b"], lines: vec!["1", "...", "2"] };
    assert_eq!(captures(text), [expected]);
}

#[test]
fn a_stale_line_is_found() {
    let output = "head\na\nb\nc\na\nd\n5 files, 90 lines in 7 ms\nend\n";
    let fresh = |capture: &[&'static str]| stale_line(capture, output);
    assert_eq!(fresh(&["head", "a", "...", "a", "d", "...", "end"]), None);
    assert_eq!(fresh(&["...", "5 files, 90 lines in 1.2 s", "end"]), None);
    assert_eq!(fresh(&["head", "..."]), None);
    for (capture, stale) in [
        (&["head", "b", "...", "end"][..], "b"),
        (&["...", "a", "c", "..."], "c"),
        (&["...", "d", "...", "b", "..."], "b"),
        (&["...", "5 files, 91 lines in 7 ms", "end"], "5 files, 91 lines in 7 ms"),
        (&["a", "..."], "a"),
        (&["...", "d"], "d"),
        (&["head", "...", "end", "more"], "end"),
        (&["head", "a"], "head"),
    ] {
        assert_eq!(stale_line(capture, output), Some(stale), "{capture:?}");
    }
}
