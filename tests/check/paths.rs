//! What code may name: the Python parser, the model, input and output, clocks, the environment. Checked on tokens, so
//! that macro arguments count, and after expanding `use` groups.

use super::source::{Source, Token, Violation};

/// Where the crates of the Python parser may be named.
const LOWERING: &[&str] = &[
    "crates/python/src/lower.rs",
    "crates/python/src/lower/",
    "crates/python/examples/parse_only.rs", // the yardstick of the benchmark: the same parser and nothing else
];

/// Names of the parser's crates outside the one module that lowers its trees.
pub(crate) fn parser_outside_lowering(source: &Source) -> Vec<Violation> {
    if LOWERING.iter().any(|allowed| source.path.starts_with(allowed)) {
        return Vec::new();
    }
    let named = |token: &Token| is_word(&token.text) && token.text.starts_with("ruff_");
    let rule = "only `python::lower` may name the Python parser";
    let report = |token: Token| source.violation(token.line, format!("`{}`: {rule}", token.text));
    source.tokens().into_iter().filter(named).map(report).collect()
}

/// What the Python front end may take from the model: what was not understood, and places.
const FRONT_END_MAY_NAME: &[&str] = &["Gap", "GapKind", "Location", "Span"];

/// Names of the model in the Python front end that are neither gaps nor places.
pub(crate) fn model_beyond_the_front_end(source: &Source) -> Vec<Violation> {
    if source.package != "doorward-python" {
        return Vec::new();
    }
    let of_the_model = |name: &str| matches!(name, "model" | "doorward_model");
    paths(&source.product_tokens())
        .into_iter()
        .filter(|path| path.words.len() > 1 && of_the_model(&path.words[0]))
        .filter(|path| !FRONT_END_MAY_NAME.contains(&path.words[1].as_str()))
        .map(|path| {
            let rule = format!("the Python front end may name only {FRONT_END_MAY_NAME:?} of the model");
            source.violation(path.line, format!("`{}`: {rule}", path.words.join("::")))
        })
        .collect()
}

/// Crates that are data and conversions: they never touch the outside.
const DATA_CRATES: &[&str] = &["doorward-model", "doorward-openapi", "doorward-policy"];

/// Files, sockets and processes in the crates that do no input or output.
pub(crate) fn io_in_data_crates(source: &Source) -> Vec<Violation> {
    if !DATA_CRATES.contains(&source.package.as_str()) {
        return Vec::new();
    }
    let outside = ["fs", "net", "process", "env", "thread"];
    paths(&source.product_tokens())
        .into_iter()
        .filter(|path| path.words.len() > 1 && path.words[0] == "std" && outside.contains(&path.words[1].as_str()))
        .map(|path| {
            let rule = format!("`{}` does no input or output", source.package);
            source.violation(path.line, format!("`{}`: {rule}", path.words.join("::")))
        })
        .collect()
}

/// Packages that talk to the user, the clock and the environment.
const MAY_BE_AMBIENT: &[&str] = &["doorward", "doorward-tests", "xtask"];

/// Calls that depend on where and when the program runs.
const AMBIENT_CALLS: &[[&str; 2]] = &[
    ["env", "var"],
    ["env", "var_os"],
    ["env", "vars"],
    ["env", "vars_os"],
    ["SystemTime", "now"],
    ["Instant", "now"],
];

/// Macros that print.
const PRINTING: &[&str] = &["println", "eprintln", "print", "eprint", "dbg"];

/// Printing, clocks and environment variables outside the command line and the developer commands.
pub(crate) fn ambient_access(source: &Source) -> Vec<Violation> {
    if MAY_BE_AMBIENT.contains(&source.package.as_str()) {
        return Vec::new();
    }
    let tokens = source.product_tokens();
    let rule = "only `cli`, `xtask` and tests may print, read clocks or the environment";
    let called = paths(&tokens)
        .into_iter()
        .filter(|path| path.words.windows(2).any(|pair| AMBIENT_CALLS.iter().any(|call| pair == call)));
    let printed = tokens.windows(3).filter(|next| {
        PRINTING.contains(&next[0].text.as_str())
            && next[1].text == "!"
            && matches!(next[2].text.as_str(), "(" | "[" | "{")
    });
    let called = called.map(|path| source.violation(path.line, format!("`{}`: {rule}", path.words.join("::"))));
    let printed = printed.map(|next| source.violation(next[0].line, format!("`{}!`: {rule}", next[0].text)));
    called.chain(printed).collect()
}

/// A path as written, `use` groups expanded: `use a::{b, c::d}` is `a::b` and `a::c::d`.
#[derive(Debug, PartialEq, Eq)]
struct Path {
    words: Vec<String>,
    line: usize,
}

fn paths(tokens: &[Token]) -> Vec<Path> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if is_word(&tokens[at].text) {
            read_path(tokens, &mut at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads the path that starts at a word or an opening brace, and moves behind it.
fn read_path(tokens: &[Token], at: &mut usize, prefix: &[String], found: &mut Vec<Path>) {
    let (mut words, line) = (prefix.to_vec(), tokens[*at].line);
    loop {
        match tokens.get(*at).map(|token| token.text.as_str()) {
            Some(word) if is_word(word) => words.push(word.to_owned()),
            Some("{") => return read_group(tokens, at, &words, found),
            _ => break,
        }
        *at += 1;
        let colon = |at: usize| tokens.get(at).is_some_and(|token| token.text == ":");
        if !(colon(*at) && colon(*at + 1)) {
            break;
        }
        *at += 2;
    }
    found.push(Path { words, line });
}

/// Reads `{a, b::c}` behind a prefix, and moves behind it.
fn read_group(tokens: &[Token], at: &mut usize, prefix: &[String], found: &mut Vec<Path>) {
    *at += 1;
    while let Some(token) = tokens.get(*at) {
        if is_word(&token.text) {
            read_path(tokens, at, prefix, found);
        } else {
            *at += 1;
            if token.text == "}" {
                return;
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(check: fn(&Source) -> Vec<Violation>, path: &str, package: &str, text: &str) -> Vec<usize> {
        let source = Source::new(path, package, text, false);
        assert!(source.syntax.is_ok(), "the example parses");
        check(&source).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn groups_are_expanded() {
        let source = Source::new("a.rs", "p", "use a::{self, b, c::{d, e}};\nf::<G>(h::i);\n", false);
        assert!(source.syntax.is_err(), "a statement is no item");
        let source = Source::new("a.rs", "p", "use a::{b, c::{d, e}};\nfn f() { m!(h::i) }\n", false);
        let found: Vec<String> = paths(&source.tokens()).iter().map(|path| path.words.join("::")).collect();
        assert_eq!(found, ["use", "a::b", "a::c::d", "a::c::e", "fn", "f", "m", "h::i"]);
    }

    #[test]
    fn the_parser_outside_the_lowering_is_found() {
        let text = "use std::fs;\nuse ruff_python_ast::Expr;\nfn f() { m!(ruff_text_size::X) }\n";
        let check = parser_outside_lowering;
        assert_eq!(lines(check, "crates/python/src/values.rs", "doorward-python", text), [2, 3]);
        assert_eq!(lines(check, "crates/python/src/lowering.rs", "doorward-python", text), [2, 3]);
        assert!(lines(check, "crates/python/src/lower.rs", "doorward-python", text).is_empty());
        assert!(lines(check, "crates/python/src/lower/expr.rs", "doorward-python", text).is_empty());
        assert!(lines(check, "a.rs", "p", "//! About `ruff_python_ast`.\nconst A: &str = \"ruff_x\";\n").is_empty());
    }

    #[test]
    fn a_security_word_in_the_front_end_is_found() {
        let text = "use model::{Gap,\n Endpoint};\nfn f() -> model::Finding { crate::model::x() }\n";
        let check = model_beyond_the_front_end;
        assert_eq!(lines(check, "crates/python/src/a.rs", "doorward-python", text), [2, 3]);
        assert!(lines(check, "crates/scan/src/a.rs", "doorward-scan", text).is_empty());
    }

    #[test]
    fn io_in_a_data_crate_is_found() {
        let text =
            "use std::{fmt, fs::File};\nfn f() { std::net::lookup() }\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(lines(io_in_data_crates, "a.rs", "doorward-model", text), [1, 2]);
        assert!(lines(io_in_data_crates, "a.rs", "doorward-guard", text).is_empty());
    }

    #[test]
    fn ambient_access_is_found() {
        let text = "use std::env::{self, var};\nfn f() {\n println!(\"a\");\n m!(Instant::now());\n \
                    std::time::SystemTime::now();\n env::var_os(\"A\");\n dbg![1];\n}\n";
        let mut found = lines(ambient_access, "a.rs", "doorward-scan", text);
        found.sort_unstable();
        assert_eq!(found, [1, 3, 4, 5, 6, 7]);
        assert!(lines(ambient_access, "a.rs", "doorward", text).is_empty());
        let silent =
            "/// println!(\"a\")\nfn f() { env::args(); now(); if print != 1 {} }\n#[test]\nfn t() { println!() }\n";
        assert!(lines(ambient_access, "a.rs", "doorward-scan", silent).is_empty());
    }
}
