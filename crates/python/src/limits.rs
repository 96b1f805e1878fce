//! Bounds on source files, and a check of nesting and runs of operators before the parser sees a text: the parser and the
//! destructors of its trees recurse, so a hostile file could otherwise overflow the stack.
//!
//! The check is one pass over the bytes that does not know strings or comments and so over-estimates. Only when it exceeds a
//! bound are the tokens looked at, which decides.

/// Brackets inside brackets. `CPython`'s tokenizer stops at 200 as well.
pub const BRACKET_DEPTH_MAX: u32 = 200;
/// Blocks inside blocks. `CPython`'s tokenizer stops at 100 as well.
pub const INDENT_DEPTH_MAX: u32 = 100;
/// Operators, dots, keywords and brackets in one expression, between two commas.
pub const OPERATOR_RUN_MAX: u32 = 4_000;
/// The largest source file that is read, in bytes.
pub const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// Which bound a text exceeds, for a person.
pub fn exceeded(text: &str) -> Option<String> {
    suspicious(text.as_bytes()).then(|| crate::lower::nesting_exceeded(text)).flatten()
}

/// What a byte may mean for the bounds; [`CLASSES`] says which byte is what.
const PLAIN: u8 = 0;
const RUN: u8 = 1;
const OPEN: u8 = 2;
const CLOSE: u8 = 3;
const NEWLINE: u8 = 4;

const CLASSES: [u8; 256] = {
    let mut classes = [PLAIN; 256];
    let runs = b"+-*/%&|^~@.: \t";
    let mut i = 0;
    while i < runs.len() {
        classes[runs[i] as usize] = RUN;
        i += 1;
    }
    classes[b'(' as usize] = OPEN;
    classes[b'[' as usize] = OPEN;
    classes[b'{' as usize] = OPEN;
    classes[b')' as usize] = CLOSE;
    classes[b']' as usize] = CLOSE;
    classes[b'}' as usize] = CLOSE;
    classes[b'\n' as usize] = NEWLINE;
    classes
};

/// Whether a bound may be exceeded. Indentation counts as a run, so deep blocks are noticed too: a hundred nested blocks
/// need lines that begin with a hundred blanks.
fn suspicious(bytes: &[u8]) -> bool {
    let (mut depth, mut run) = (0u32, 0u32);
    let mut line_start = 0usize;
    for (at, &byte) in bytes.iter().enumerate() {
        match CLASSES[byte as usize] {
            PLAIN => {}
            RUN => {
                run += 1;
                if run > OPERATOR_RUN_MAX {
                    return true;
                }
            }
            OPEN => {
                depth += 1;
                run += 1;
                if depth > BRACKET_DEPTH_MAX || run > OPERATOR_RUN_MAX {
                    return true;
                }
            }
            CLOSE => depth = depth.saturating_sub(1),
            _ => {
                if depth == 0 {
                    run = 0;
                }
                line_start = at + 1;
                continue;
            }
        }
        if run > INDENT_DEPTH_MAX && at - line_start == INDENT_DEPTH_MAX as usize && blank(&bytes[line_start..at]) {
            return true;
        }
    }
    false
}

fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| matches!(b, b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: u32) -> String {
        let depth = depth as usize;
        format!("x = {}1{}\n", "(".repeat(depth), ")".repeat(depth))
    }

    fn sum(operators: u32) -> String {
        format!("x = 1{}\n", "+1".repeat(operators as usize))
    }

    fn blocks(depth: u32) -> String {
        let headers: Vec<_> = (0..depth).map(|i| format!("{}if x:\n", " ".repeat(i as usize))).collect();
        headers.concat() + &" ".repeat(depth as usize) + "pass\n"
    }

    #[test]
    fn at_the_bound_is_read_and_one_past_it_is_not() {
        for (at, past) in [
            (nested(BRACKET_DEPTH_MAX), nested(BRACKET_DEPTH_MAX + 1)),
            (sum(OPERATOR_RUN_MAX), sum(OPERATOR_RUN_MAX + 1)),
            (blocks(INDENT_DEPTH_MAX), blocks(INDENT_DEPTH_MAX + 1)),
        ] {
            assert_eq!(exceeded(&at), None);
            assert!(exceeded(&past).is_some(), "{past:.60}");
        }
    }

    #[test]
    fn strings_and_comments_do_not_count() {
        assert_eq!(exceeded(&format!("# {}\nx = '{}'\n", "(".repeat(900), "+".repeat(9000))), None);
        let table = format!("x = [\n{}]\n", "    {'a': 1, 'b': 2 + 3},\n".repeat(5000));
        assert_eq!(exceeded(&table), None);
    }
}
