//! The layout of a Python text: where its logical lines and comments are. Enough of Python's lexical structure to tell a
//! comment from a string and a decorator from an operator; never fails, whatever the text is.

use std::collections::BTreeSet;

/// A comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// Its line, counted from 1.
    pub(super) line: u32,
    /// The column of its `#`, counted from 1 in characters.
    pub(super) column: u32,
    /// Its text, from `#` on.
    pub(super) text: String,
}

/// What a logical line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    Decorator,
    Code,
}

/// A statement, a decorator or a comment alone, over one or more physical lines. Blank lines are left out.
#[derive(Debug)]
struct LogicalLine {
    first: u32,
    last: u32,
    kind: Kind,
}

/// Where the logical lines and the comments of a text are.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) comments: Vec<Comment>,
    lines: Vec<LogicalLine>,
}

impl Layout {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader { rest: text, line: 1, column: 1, depth: 0, open: None, layout: Self::default() };
        while reader.step() {}
        reader.close();
        reader.layout
    }

    /// The lines from which a comment speaks about a line: those of its statement, of the decorators above it, and of the
    /// comments between and directly above them.
    pub(super) fn around(&self, line: u32) -> BTreeSet<u32> {
        let holds = |one: &LogicalLine| one.kind != Kind::Comment && (one.first..=one.last).contains(&line);
        let Some(at) = self.lines.iter().position(holds) else {
            return BTreeSet::from([line]);
        };
        let mut lines: BTreeSet<u32> = (self.lines[at].first..=self.lines[at].last).collect();
        let mut next = self.lines[at].first;
        for above in self.lines[..at].iter().rev() {
            let adjoins = above.last + 1 == next;
            let belongs = match above.kind {
                // Blank lines between decorators are legal, and rare.
                Kind::Decorator => true,
                Kind::Comment => adjoins,
                Kind::Code => false,
            };
            if !belongs {
                break;
            }
            lines.extend(above.first..=above.last);
            next = above.first;
        }
        lines
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
    /// Open brackets.
    depth: u32,
    /// The logical line that is being read.
    open: Option<(u32, Kind)>,
    layout: Layout,
}

impl Reader<'_> {
    /// Reads one character, comment or string.
    fn step(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else {
            return false;
        };
        match next {
            '\n' | '\r' if self.depth == 0 => {
                self.close();
                self.take(1);
            }
            '#' => self.comment(),
            '\'' | '"' => {
                self.begin(Kind::Code);
                self.string(next);
            }
            // The line goes on, whatever follows.
            '\\' => {
                let is_pair = self.rest.starts_with("\\\r\n");
                self.take(if is_pair { 3 } else { 2 });
            }
            _ => {
                match next {
                    '(' | '[' | '{' => self.depth += 1,
                    ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                if !next.is_whitespace() {
                    self.begin(if next == '@' { Kind::Decorator } else { Kind::Code });
                }
                self.take(1);
            }
        }
        true
    }

    fn comment(&mut self) {
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let comment = Comment { line: self.line, column: self.column, text: self.rest[..end].to_owned() };
        self.begin(Kind::Comment);
        self.take(comment.text.chars().count());
        self.layout.comments.push(comment);
    }

    /// Skips a string. One that does not end, ends with its line, or with the text where it has three quotes.
    fn string(&mut self, quote: char) {
        let triple = String::from(quote).repeat(3);
        let is_triple = self.rest.starts_with(&triple);
        self.take(if is_triple { 3 } else { 1 });
        while let Some(next) = self.rest.chars().next() {
            if is_triple && self.rest.starts_with(&triple) {
                return self.take(3);
            }
            match next {
                '\\' => self.take(2),
                '\n' | '\r' if !is_triple => return,
                _ if !is_triple && next == quote => return self.take(1),
                _ => self.take(1),
            }
        }
    }

    fn begin(&mut self, kind: Kind) {
        self.open.get_or_insert((self.line, kind));
    }

    fn close(&mut self) {
        if let Some((first, kind)) = self.open.take() {
            let last = self.line;
            self.layout.lines.push(LogicalLine { first, last, kind });
        }
    }

    /// Goes on by some characters.
    fn take(&mut self, count: usize) {
        let mut characters = self.rest.chars();
        for _ in 0..count {
            let Some(next) = characters.next() else { break };
            let is_pair = next == '\r' && characters.as_str().starts_with('\n');
            if (next == '\n' || next == '\r') && !is_pair {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else {
                self.column = self.column.saturating_add(1);
            }
        }
        self.rest = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_are_told_from_strings() {
        let text = "a = '#1' # one\nb = \"\"\"\n# no\n\\\"\"\" # no\n\"\"\" # two\nc = r'\\' # no' # three\r\n  # é\n";
        let found: Vec<_> =
            Layout::of(text).comments.into_iter().map(|comment| (comment.line, comment.column, comment.text)).collect();
        let expected = [(1, 10, "# one"), (5, 5, "# two"), (6, 16, "# three"), (7, 3, "# é")];
        assert_eq!(found, expected.map(|(line, column, text)| (line, column, text.to_owned())));
    }

    #[test]
    fn a_function_is_spoken_about_from_its_decorators_on() {
        let text = "\
x = 1
# above
@app.get(
    '/a',  # inside
)
# between
@cache
async def f(
    a=1,  # signature
):
    pass  # body

# apart

def g(): pass
# below
y = 2 \\
  @ 3
";
        let lines = |line| Layout::of(text).around(line).into_iter().collect::<Vec<_>>();
        assert_eq!(lines(8), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(lines(15), [15]);
        assert_eq!(lines(17), [16, 17, 18]);
        assert_eq!(lines(99), [99]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[ab@#'\"\\\\()\n\r é]*", line in 0..9_u32) {
            let layout = Layout::of(&text);
            prop_assert!(layout.around(line).contains(&line));
            for pair in layout.lines.windows(2) {
                prop_assert!(pair[0].last < pair[1].first);
            }
        }
    }
}
