//! Whether two places of a file can both be reached in one run: those in two branches of one statement cannot.

use crate::code::{Block, Code, FunctionBody, Span, Stmt};
use crate::program::{FileId, Program};

/// Functions inside functions that are looked into.
const NESTING_MAX: usize = 16;

impl Program {
    /// Whether two places stand in different branches of one `if` or `match`: what is at one excludes what is at the other.
    pub fn exclude_each_other(&self, file: FileId, one: Span, other: Span) -> bool {
        let mut code = std::sync::Arc::clone(&self.file(file).code);
        for _ in 0..NESTING_MAX {
            if in_different_branches(&code, one, other) {
                return true;
            }
            let around = code.functions().iter().find_map(|function| match function.body {
                FunctionBody::Deferred(span) if holds(span, one) && holds(span, other) => Some(span),
                _ => None,
            });
            let Some(body) = around else { return false };
            code = self.body(file, body);
        }
        false
    }
}

fn in_different_branches(code: &Code, one: Span, other: Span) -> bool {
    code.stmts().iter().any(|stmt| match stmt {
        Stmt::If { body, orelse, .. } => apart(code, &[*body, *orelse], one, other),
        Stmt::Match { cases, .. } => {
            let bodies: Vec<Block> = code.match_cases(*cases).iter().map(|case| case.body).collect();
            apart(code, &bodies, one, other)
        }
        _ => false,
    })
}

/// Whether one block holds the one place, and another the other.
fn apart(code: &Code, blocks: &[Block], one: Span, other: Span) -> bool {
    let holding =
        |place: Span| blocks.iter().position(|block| span_of(code, *block).is_some_and(|at| holds(at, place)));
    matches!((holding(one), holding(other)), (Some(one), Some(other)) if one != other)
}

/// From the beginning of a block to its end. An `elif` is an `if` in the `else`, and ends where its test's branch does.
fn span_of(code: &Code, block: Block) -> Option<Span> {
    let start = code.stmt_span(*code.block(block).first()?).start;
    let (mut last, mut end) = (code.block(block).last(), start);
    while let Some(stmt) = last {
        end = end.max(code.stmt_span(*stmt).end);
        last = match code.stmt(*stmt) {
            Stmt::If { orelse, .. } => code.block(orelse).last(),
            _ => None,
        };
    }
    Some(Span { start, end })
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::NoFiles;
    use crate::source::SourceFile;

    const TEXT: &str = "\
if a:
    one()
elif b:
    two()
else:
    three()
if c:
    four()

def f():
    def g():
        match x:
            case 1:
                @six
                def h(): five()
            case _:
                seven()
";

    #[test]
    fn branches_of_one_statement_exclude_each_other_and_nothing_else_does() {
        let (file, gaps) = SourceFile::new("m.py".into(), TEXT.as_bytes().to_vec());
        assert_eq!(gaps, []);
        let program = Program::new(vec![file], Vec::new(), Box::new(NoFiles));
        let file = program.at("m.py").expect("the file");
        let at = |word: &str| {
            let start = u32::try_from(TEXT.find(word).expect("a word")).expect("a short text");
            Span { start, end: start + 3 }
        };
        let excluding = |one: &str, other: &str| program.exclude_each_other(file, at(one), at(other));
        assert!(excluding("one", "two"));
        assert!(excluding("three", "one"));
        assert!(excluding("six", "seven"));
        assert!(!excluding("one", "four"));
        assert!(!excluding("one", "one"));
        assert!(!excluding("one", "six"));
    }
}
