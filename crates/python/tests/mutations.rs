//! Thousands of programs that nobody would write: those of the literate suites and of `hostile/`, with tokens left out, doubled,
//! exchanged and mixed. Each is read, drawn and evaluated; none may panic or pass its bounds. The same inputs in every run.

mod driver;

use std::fs;
use std::path::Path;

use driver::{TINY, evaluate_within, on_big_stack};

/// Programs that are made.
const INPUTS: usize = 3_000;
/// The longest program that is mutated, in bytes: longer ones say nothing new.
const PROGRAM_BYTES_MAX: usize = 4_000;
/// Seconds for one program on a busy machine in a debug build.
const SECONDS_MAX: u64 = 5;

/// What grammars and evaluators stumble over.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "*", "**", "@", "->", ":=", ";", "\n", "\n    ", "\t", "\\", "'", "\"", "f'{", "'''", "!r", "\0", "é", "\u{feff}",
    "None", "self", "super()", "x", "0", "-1", "9223372036854775807", "1e999", "0x", "1j", "def ", "class ", "lambda ", "async ", "await ", "yield ", "yield from ",
    "return ", "raise ", "try:", "except* ", "finally:", "match x:", "case _:", "with ", "global ", "nonlocal ", "del ", "import ", "from . import ", "*rest", "type X = ",
    "while True:", "for x in x:", "if x:", "else:", "__getattr__", "__init__", "__class__", "__dict__", "__import__", "__memo__", "__fill__", "__labelled__", "__eq__",
];

/// A generator of numbers that is the same on every machine (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(0) % end.max(1)
    }
}

/// The Python blocks of the Markdown files in a folder of `tests`, in order of their names.
fn blocks(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let texts =
        paths.iter().filter(|p| p.extension().is_some_and(|e| e == "md")).map(|p| fs::read_to_string(p).expect("text"));
    texts.flat_map(|text| blocks_of(&text)).filter(|block| block.len() <= PROGRAM_BYTES_MAX).collect()
}

fn blocks_of(text: &str) -> Vec<String> {
    let parts = text.split("```python").skip(1).filter_map(|part| part.split_once('\n')?.1.split_once("```"));
    parts.map(|(block, _)| block.to_owned()).collect()
}

/// Words, numbers, runs of blanks, and single characters for all else.
fn tokens(text: &str) -> Vec<&str> {
    let class = |c: char| if c.is_alphanumeric() || c == '_' { 1 } else { u8::from(c == ' ') * 2 };
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match class(first) {
            0 => first.len_utf8(),
            same => rest.find(|c| class(c) != same).unwrap_or(rest.len()),
        };
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    found
}

fn mutated(programs: &[Vec<&str>], numbers: &mut Numbers) -> String {
    let mut program = programs[numbers.below(programs.len())].clone();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(program.len());
        let end = (at + 1 + numbers.below(8)).min(program.len());
        match numbers.below(6) {
            0 => drop(program.drain(at..end)),
            1 => {
                let doubled: Vec<&str> = program[at..end].repeat(1 + numbers.below(4));
                program.splice(at..at, doubled);
            }
            2 if !program.is_empty() => {
                let other = numbers.below(program.len());
                program.swap(at, other);
            }
            3 => {
                let other = &programs[numbers.below(programs.len())];
                let from = numbers.below(other.len());
                let to = (from + 1 + numbers.below(40)).min(other.len());
                program.splice(at..end, other[from..to].iter().copied());
            }
            4 => program.truncate(at),
            _ => program.insert(at, WORDS[numbers.below(WORDS.len())]),
        }
    }
    program.concat()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a bound on the time that a program may take")]
fn mutated_programs_end_without_a_panic() {
    let texts = [blocks("suites"), blocks("hostile")].concat();
    assert!(texts.len() > 100, "only {} programs", texts.len());
    on_big_stack(move || {
        let programs: Vec<Vec<&str>> = texts.iter().map(|text| tokens(text)).collect();
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for _ in 0..INPUTS {
            let text = mutated(&programs, &mut numbers);
            let started = std::time::Instant::now();
            let ended = std::panic::catch_unwind(|| evaluate_within(&[("main.py", text.as_bytes())], TINY));
            assert!(ended.is_ok(), "a panic, printed above, for\n{text}");
            assert!(started.elapsed().as_secs() < SECONDS_MAX, "{:?} for\n{text}", started.elapsed());
        }
    });
}

#[test]
fn programs_are_cut_into_tokens_and_put_together() {
    assert_eq!(tokens("def é1(a):\n    x=10"), ["def", " ", "é1", "(", "a", ")", ":", "\n", "    ", "x", "=", "10"]);
    for text in blocks("suites") {
        assert_eq!(tokens(&text).concat(), text);
    }
}
