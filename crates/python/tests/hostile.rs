//! Hostile input: whatever the bytes, reading and evaluating them ends soon, with a value or a gap, on the stack that the scanner
//! gives its workers.

mod driver;

use std::fmt::Write;
use std::path::Path;

use doorward_python::interp::Limits;
use driver::{SMALL, evaluate, evaluate_within, kinds, on_big_stack, read, shown};
use model::GapKind;

/// Reading and evaluating a text ends within its time; debug builds are slow, so the bound is generous.
#[expect(clippy::disallowed_methods, reason = "a bound on the time that a hostile file may take")]
fn ends(text: &str) -> Vec<GapKind> {
    let owned = text.to_owned();
    let started = std::time::Instant::now();
    let gaps = on_big_stack(move || evaluate(&[("main.py", owned.as_bytes())]).gaps);
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?} for {text:.80}");
    gaps
}

fn nested(depth: usize, open: &str, inner: &str, close: &str) -> String {
    format!("x = {}{inner}{}\n", open.repeat(depth), close.repeat(depth))
}

#[test]
fn long_and_deep_expressions() {
    let too_deep = [
        format!("x = 1{}\n", "+1".repeat(10_000)),
        format!("x = 2{}\n", "**2".repeat(10_000)),
        "(".repeat(400_000),
        "[".repeat(400_000),
        "{".repeat(400_000),
        nested(1_000, "f(", "1", ")"),
        nested(1_000, "(lambda: ", "1", ")"),
        nested(201, "[", "1", "]"),
        format!("x = a{}\n", ".b".repeat(100_000)),
        format!("x = a{}\n", "()".repeat(100_000)),
        format!("x = a{}\n", "[0]".repeat(100_000)),
        format!("x = {}a\n", "not ".repeat(100_000)),
        format!("x = {}a\n", "-".repeat(100_000)),
        format!("x = {}a\n", "lambda: ".repeat(100_000)),
        format!("x = {}1\n", "1 if a else ".repeat(100_000)),
        format!("x = {}1\n", "a < ".repeat(100_000)),
        format!("x = {}1\n", "a and ".repeat(100_000)),
        format!("x = {}1\n", "await ".repeat(100_000)),
        format!("{}pass\n", "if a: ".to_string() + &"x = ".repeat(100_000)),
        format!("x{} = 1\n", " : a".repeat(100_000)),
    ];
    for text in too_deep {
        assert!(ends(&text).contains(&GapKind::TooDeep), "{text:.60}");
    }
}

#[test]
fn expressions_at_the_bounds_are_evaluated() {
    // 4,000 operators, 200 brackets: the deepest trees that the parser is given.
    let at_bound = [
        format!("x = 1{}\n", "+1".repeat(4_000)),
        format!("x = 2{}\n", "**2".repeat(4_000)),
        format!("x = a{}\n", ".b".repeat(4_000)),
        format!("x = a{}\n", "()".repeat(1_900)),
        format!("x = a{}\n", "[0]".repeat(1_900)),
        format!("x = {}a\n", "not ".repeat(3_999)),
        format!("x = {}a\n", "-".repeat(3_999)),
        format!("x = {}a\n", "lambda: ".repeat(1_900)),
        format!("x = {}1\n", "1 if a else ".repeat(1_900)),
        format!("x = {}1\n", "a < ".repeat(3_999)),
        format!("x = {}1\n", "a and ".repeat(3_999)),
        format!("x = {}1\n", "await ".repeat(3_999)),
        format!("x = {}a\n", "~".repeat(3_999)),
        nested(200, "(", "1", ")"),
        nested(200, "[", "1", "]"),
        nested(198, "f(", "1", ")"),
        nested(198, "{1: ", "1", "}"),
        nested(190, "(a or (b and ", "1", "))").replace("))", ")"),
        nested(99, "f'{", "1", "}'"),
        nested(99, "[x for x in ", "y", "]"),
    ];
    for text in at_bound {
        let gaps = ends(&text);
        assert!(!gaps.contains(&GapKind::Internal), "{text:.60}");
    }
}

#[test]
fn deep_blocks() {
    let blocks = |depth: usize, head: &str| {
        (0..depth).map(|i| format!("{}{head}\n", " ".repeat(i))).collect::<String>() + &" ".repeat(depth) + "pass\n"
    };
    for head in ["if a:", "while a:", "for i in a:", "with a:", "class A:", "def f():", "try:", "match a:"] {
        assert!(ends(&blocks(100_000 / 50, head)).contains(&GapKind::TooDeep), "{head}");
        let gaps = ends(&blocks(100, head));
        assert!(!gaps.contains(&GapKind::TooDeep) || head == "match a:", "{head}: {gaps:?}");
    }
    let tries = (0..90).map(|i| format!("{}try:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(90) + "a()\n";
    let closing: String = (0..90).rev().map(|i| format!("{0}finally:\n{0} b()\n", " ".repeat(i))).collect();
    ends(&(tries + &closing));
}

#[test]
fn long_chains_of_branches() {
    for count in [1_000, 20_000] {
        ends(&format!("from lib import a\nif a == 0:\n    x = 0\n{}", "elif a:\n    x = 1\n".repeat(count)));
        ends(&format!("from lib import a\nmatch a:\n{}", "    case 1:\n        x = 1\n".repeat(count)));
        ends(&format!("from lib import a\ntry:\n    a()\n{}", "except a:\n    x = 1\n".repeat(count)));
    }
}

#[test]
fn many_conditions_do_not_multiply() {
    ends(&format!("from lib import a\n{}", "if a():\n    x = 1\nelse:\n    x = 2\n".repeat(2_000)));
    let function = format!("def f(a):\n{}    return 2\n", "    if a():\n        return 1\n".repeat(2_000));
    ends(&format!("from lib import a\n{function}x = f(a)\n"));
    let assigned: String = (0..2_000).map(|i| format!("    if a():\n        x{i} = 1\n")).collect();
    ends(&format!("from lib import a\ndef f():\n{assigned}\nf()\n"));
}

#[test]
fn huge_literals() {
    ends(&format!("x = '{}'\n", "a".repeat(3_000_000)));
    ends(&format!("x = b'{}'\n", "a".repeat(3_000_000)));
    ends(&format!("x = {}\n", "9".repeat(200_000)));
    ends(&format!("x = 0x{}\n", "f".repeat(200_000)));
    ends(&format!("x = [{}]\n", "1, ".repeat(200_000)));
    ends(&format!("x = {{{}}}\n", (0..20_000).map(|i| format!("{i}: 1, ")).collect::<String>()));
    ends(&format!("x = {{{}}}\n", (0..20_000).map(|i| format!("{i}, ")).collect::<String>()));
    ends(&format!("def f({}): pass\nf()\n", (0..5_000).map(|i| format!("a{i}=1, ")).collect::<String>()));
    ends(&format!("f({})\n", (0..5_000).map(|i| format!("a{i}=1, ")).collect::<String>()));
    ends(&format!(
        "from lib import {}\n",
        (0..20_000).map(|i| format!("a{i}, ")).collect::<String>().trim_end_matches(", ")
    ));
    ends(
        &format!("{} = 1\n", (0..10_000).map(|i| format!("a{i}")).collect::<Vec<_>>().join(" = "))
            .replace(" = ", ", ")
            .replace(", 1\n", " = lib\n"),
    );
    ends(
        &"@d\n"
            .repeat(3_000)
            .clone()
            .replace("@d\n", "@lib.d\n")
            .chars()
            .chain("def f(): pass\n".chars())
            .collect::<String>(),
    );
    ends(&format!("class A({}): pass\n", (0..2_000).map(|i| format!("lib.B{i}, ")).collect::<String>()));
    ends(
        &(0..2_000)
            .map(|i| if i == 0 { "class A0: pass\n".to_owned() } else { format!("class A{i}(A{}): pass\n", i - 1) })
            .collect::<String>(),
    );
}

#[test]
fn bytes_that_are_not_python() {
    assert_eq!(kinds(b"x = 1\0y = 2\n"), [GapKind::NotText]);
    assert_eq!(kinds(b"\xff\xfex\0=\0"), [GapKind::NotText]);
    assert_eq!(kinds(b"\xfe\xff\0x\0="), [GapKind::NotText]);
    assert_eq!(kinds(b"x = '\xff\xfe\xfd'\n"), [GapKind::Encoding]);
    assert!(kinds(b"\x7fELF\x02\x01\x01\x00").contains(&GapKind::NotText));
    assert!(kinds(b"PK\x03\x04 \x00").contains(&GapKind::NotText));
    assert_eq!(kinds(b""), []);
    assert_eq!(kinds(b"\xef\xbb\xbf"), []);
    assert_eq!(kinds(b"\n\r\r\n\x0c\n"), []);
    let noise: Vec<u8> =
        (0..200_000u32).map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 24 & 0xff).unwrap_or(0).max(1)).collect();
    on_big_stack(move || read(&noise));
}

#[test]
fn encodings() {
    let value = |bytes: &[u8]| {
        let owned = bytes.to_vec();
        on_big_stack(move || shown(&[("main.py", &owned)], "x"))
    };
    assert_eq!(value(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"), "'é'");
    assert_eq!(value(b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n"), "'€'");
    assert_eq!(value(b"# coding: shift_jis\nx = '\x83e'\n"), "'テ'");
    assert_eq!(value("# coding: utf8\nx = 'é'\n".as_bytes()), "'é'");
    assert_eq!(value("\u{feff}x = 'é'\n".as_bytes()), "'é'");
    assert_eq!(value(b"x = 1\n# coding: latin-1\ny = '\xe9'\n"), "1");
    assert_eq!(value(b"x = 1\r\ny = 2\r\n"), "1");
    assert_eq!(value(b"x = 1\ry = 2\r"), "1");
}

#[test]
fn python_2_and_half_typed_files_give_what_can_be_read() {
    let value = |text: &str| {
        let owned = text.to_owned();
        on_big_stack(move || shown(&[("main.py", owned.as_bytes())], "x"))
    };
    assert_eq!(value("print 'hello'\nx = 1\n"), "1");
    assert_eq!(value("try:\n    pass\nexcept ValueError, e:\n    pass\nx = 1\n"), "1");
    assert_eq!(value("exec 'code' in ns\nx = 1\n"), "1");
    assert_eq!(value("raise E, 'text'\nx = 1\n"), "1");
    assert_eq!(value("x = 1\ndef f(\n"), "1");
    assert_eq!(value("x = 1\nclass A(\n    def m(self):\n"), "1");
    assert_eq!(value("x = 1\ny = [1, 2\n"), "1");
    assert_eq!(value("x = 1\ny = 'unterminated\n"), "1");
    assert_eq!(value("x = 1\ny = '''unterminated\n"), "1");
    assert_eq!(value("x = 1\n<<<<<<< HEAD\ny = 2\n=======\ny = 3\n>>>>>>> b\n"), "1");
    assert_eq!(value("x = 1\nfor in range(3):\n"), "1");
    assert_eq!(value("x = 1\n  y = 2\n z = 3\n"), "1");
    assert_eq!(value("x = 1\nfrom import y\nimport\nfrom . import\n"), "1");
    assert_eq!(value("x = 1\nlambda: (yield)\n@\ndef\n"), "1");
    assert_eq!(value("x = 1\nreturn 5\nbreak\ncontinue\nyield 1\nawait f()\n"), "1");
}

#[test]
fn modules_that_import_each_other_end() {
    let circle = |count: usize| -> Vec<(String, Vec<u8>)> {
        let module = |i: usize| {
            (format!("m{i}.py"), format!("import m{0}\nfrom m{0} import *\nx = m{0}.x\n", (i + 1) % count).into_bytes())
        };
        (0..count).map(module).chain([("main.py".to_owned(), b"import m0\nx = m0.x\n".to_vec())]).collect()
    };
    for count in [1, 2, 300] {
        let files = circle(count);
        on_big_stack(move || evaluate(&files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
    }
    // A chain: each module is run inside the run of the one before it.
    let chain: Vec<(String, Vec<u8>)> = (0..2_000)
        .map(|i| (format!("m{i}.py"), format!("import m{}\nx = {i}\n", i + 1).into_bytes()))
        .chain([("main.py".to_owned(), b"import m0\n".to_vec())])
        .collect();
    on_big_stack(move || evaluate(&chain.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
    // Each module calls a deep function of the next while it is being imported.
    let calls: Vec<(String, Vec<u8>)> = (0..500)
        .map(|i| {
            (
                format!("m{i}.py"),
                format!("def f(n):\n    import m{}\n    return [f(n - 1)]\nx = f(9)\n", i + 1).into_bytes(),
            )
        })
        .chain([("main.py".to_owned(), b"import m0\n".to_vec())])
        .collect();
    on_big_stack(move || evaluate(&calls.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect::<Vec<_>>()));
}

#[test]
fn one_stack_holds_what_the_bounds_allow() {
    // Blocks, expressions and calls inside each other through modules: all three at their bounds at once.
    let module = |i: usize| {
        let (deep, shallow) = ("elif a: pass\n".repeat(3_000), " elif a: pass\n".repeat(60));
        let inner = format!("{}__import__('m{}'){}", "[".repeat(190), i + 1, "]".repeat(190));
        let call = format!("def f(n):\n if a: pass\n{shallow} else: return {inner}\n");
        let through = (0..40).map(|n| {
            format!("def g{n}(n): return [{}]\n", if n == 0 { "f(n)".into() } else { format!("g{}(n)", n - 1) })
        });
        let text = format!(
            "from lib import a\n{call}{}if a: pass\n{deep}else: x = {}g39(1)\n",
            through.collect::<String>(),
            "not ".repeat(200)
        );
        (format!("m{i}.py"), text.into_bytes())
    };
    let chain: Vec<_> = (0..30).map(module).chain([("main.py".to_owned(), b"import m0\n".to_vec())]).collect();
    let cases = format!("from lib import a\nmatch a:\n{}", "  case 1: pass\n".repeat(200_000));
    let imports: Vec<_> =
        (0..20_000).map(|i| (format!("m{i}.py"), format!("import m{}\n", i + 1).into_bytes())).collect();
    let last = ("main.py".to_owned(), b"import m0\n".to_vec());
    for files in [chain, vec![("main.py".to_owned(), cases.into_bytes())], imports.into_iter().chain([last]).collect()]
    {
        let gaps = on_big_stack(move || {
            let files: Vec<_> = files.iter().map(|(p, b)| (p.as_str(), b.as_slice())).collect();
            evaluate_within(&files, Limits { steps: 400_000, ..SMALL }).gaps
        });
        assert!(gaps.contains(&GapKind::EvaluationLimit), "{gaps:?}");
    }
}

/// The programs of a file of `hostile/`: paths and texts, in order.
fn programs(name: &str) -> Vec<Vec<(String, String)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(name);
    let text = std::fs::read_to_string(path).expect("a file of programs");
    let mut found: Vec<Vec<(String, String)>> = Vec::new();
    let (mut body, mut joins): (Option<(String, String)>, bool) = (None, false);
    for line in text.lines() {
        match (&mut body, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let path = info.split_once("path=").map_or("main.py", |(_, path)| path);
                body = Some((path.to_owned(), String::new()));
            }
            (None, None) => joins = false,
            (Some(_), Some(_)) => {
                let file = body.take().expect("a block");
                match found.last_mut().filter(|_| joins) {
                    Some(program) => program.push(file),
                    None => found.push(vec![file]),
                }
                joins = true;
            }
            (Some((_, text)), None) => repeat(line, text),
        }
    }
    found
}

/// A line, or as many as it says.
fn repeat(line: &str, text: &mut String) {
    let times = line.strip_prefix("# ").and_then(|rest| rest.split_once(" times: "));
    let counted = times.and_then(|(count, line)| Some((count.parse().ok()?, line)));
    let (count, line) = counted.unwrap_or((1usize, line));
    for i in 0..count {
        let _ = writeln!(text, "{}", line.replace("{i}", &i.to_string()));
    }
}

#[expect(clippy::disallowed_methods, reason = "a bound on the time that a hostile program may take")]
fn all_end(name: &str, limits: Limits) {
    let programs = programs(name);
    assert!(programs.len() > 5, "only {} programs", programs.len());
    for program in programs {
        let begin: String = program[0].1.chars().take(120).collect();
        let started = std::time::Instant::now();
        on_big_stack(move || {
            let files: Vec<(&str, &[u8])> = program.iter().map(|(p, t)| (p.as_str(), t.as_bytes())).collect();
            evaluate_within(&files, limits);
        });
        let took = started.elapsed();
        assert!(took.as_secs() < 20, "{took:?} for\n{begin}");
    }
}

#[test]
fn programs_that_never_end() {
    // A debug build would take minutes within the bounds of a scan; `cargo nextest run --release` tests those.
    all_end("programs.md", if cfg!(debug_assertions) { SMALL } else { Limits::default() });
}
