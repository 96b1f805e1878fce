//! Bounds on source files, and a check of nesting and runs of operators before the parser sees a text: the parser and the
//! destructors of its trees recurse, so a hostile file could otherwise overflow the stack.
//!
//! The check is one pass over the brackets that does not know strings or comments and so over-estimates. Only when it exceeds a
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

/// What a byte may mean for the bounds: how it changes the depth of brackets, and whether it counts in a run.
#[derive(Clone, Copy)]
struct Class {
    depth: i8,
    run: u8,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class { depth: 0, run: 0 }; 256];
    let runs = b"+-*/%&|^~@.: \t";
    let mut i = 0;
    while i < runs.len() {
        classes[runs[i] as usize].run = 1;
        i += 1;
    }
    let (open, close) = (b"([{", b")]}");
    i = 0;
    while i < open.len() {
        classes[open[i] as usize] = Class { depth: 1, run: 1 };
        classes[close[i] as usize].depth = -1;
        i += 1;
    }
    classes
};

/// Whether a bound may be exceeded. Only brackets are looked at, and how long the lines are that belong together by them: few are long
/// enough to be read.
fn suspicious(bytes: &[u8]) -> bool {
    if deeply_indented(bytes) {
        return true;
    }
    let mut opening = memchr::memchr3_iter(b'(', b'[', b'{', bytes).peekable();
    let mut closing = memchr::memchr3_iter(b')', b']', b'}', bytes).peekable();
    // Where lines begin that belong together, and what was looked at.
    let (mut start, mut seen, mut depth) = (0, 0, 0u32);
    loop {
        let (open, close) = (opening.peek().copied(), closing.peek().copied());
        let at = open.unwrap_or(bytes.len()).min(close.unwrap_or(bytes.len()));
        if depth == 0
            && let Some(end) = memchr::memrchr(b'\n', &bytes[seen..at])
        {
            let end = seen + end + 1;
            if end - start > OPERATOR_RUN_MAX as usize && lines_suspicious(&bytes[start..end]) {
                return true;
            }
            start = end;
        }
        if at == bytes.len() {
            return at - start > OPERATOR_RUN_MAX as usize && lines_suspicious(&bytes[start..]);
        }
        if open == Some(at) {
            opening.next();
            depth += 1;
        } else {
            closing.next();
            depth = depth.saturating_sub(1);
        }
        if depth > BRACKET_DEPTH_MAX {
            return true;
        }
        seen = at + 1;
    }
}

/// Whether so many blanks follow each other that they may be the indentation of blocks too deep: a hundred nested blocks need lines that
/// begin with a hundred blanks, of which one stands at each hundredth byte.
fn deeply_indented(bytes: &[u8]) -> bool {
    let indent = INDENT_DEPTH_MAX as usize;
    let blanks = |bytes: &mut dyn Iterator<Item = &u8>| bytes.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut places = (0..bytes.len()).step_by(indent).filter(|at| matches!(bytes[*at], b' ' | b'\t'));
    places.any(|at| blanks(&mut bytes[..at].iter().rev()) + blanks(&mut bytes[at..].iter()) >= indent)
}

/// The same by every byte of lines that belong together.
fn lines_suspicious(bytes: &[u8]) -> bool {
    let (mut depth, mut run) = (0i32, 0usize);
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        // Without a branch: what the next byte is cannot be foreseen. Depth and run are checked once a line.
        let mut deepest = 0;
        for byte in line {
            let class = CLASSES[usize::from(*byte)];
            depth = (depth + i32::from(class.depth)).max(0);
            deepest = deepest.max(depth);
            run += usize::from(class.run);
        }
        if deepest > BRACKET_DEPTH_MAX.cast_signed() || run > OPERATOR_RUN_MAX as usize {
            return true;
        }
        if depth == 0 {
            run = 0;
        }
    }
    false
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
