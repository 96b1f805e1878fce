//! What comments must say: each file what lives in it, each mark of unfinished work who owns it.

use super::source::{Source, Violation};

/// A file that does not open with `//!`.
pub(crate) fn missing_file_comment(source: &Source) -> Vec<Violation> {
    let opens = source.text.strip_prefix("//!").is_some_and(|rest| rest.starts_with(' '));
    if opens {
        return Vec::new();
    }
    vec![source.violation(1, "the first line must be `//!` and say what lives in the file")]
}

/// Marks of unfinished work; each needs an owner in parentheses and a reason after a colon.
const MARKS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

/// Comments that promise work which nobody owns.
pub(crate) fn todo_without_owner(source: &Source) -> Vec<Violation> {
    let text = without_strings(source);
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| Some((index + 1, line.split_once("//")?.1)))
        .flat_map(|(line, comment)| MARKS.iter().map(move |mark| (line, comment, *mark)))
        .filter(|(_, comment, mark)| comment.match_indices(mark).any(|(at, _)| !is_owned(comment, at, mark)))
        .map(|(line, _, mark)| {
            source.violation(line, format!("`{mark}` needs an owner and a reason: `{mark}(name): why`"))
        })
        .collect()
}

/// Whether the mark at this place is only part of a word, or is followed by `(name): reason`.
fn is_owned(comment: &str, at: usize, mark: &str) -> bool {
    let (before, after) = (&comment[..at], &comment[at + mark.len()..]);
    let joined = |c: char| c.is_alphanumeric() || c == '_' || c == '`';
    if before.ends_with(joined) || after.starts_with(joined) {
        return true;
    }
    after
        .strip_prefix('(')
        .and_then(|rest| rest.split_once("):"))
        .is_some_and(|(owner, reason)| !owner.trim().is_empty() && !reason.trim().is_empty())
}

/// The text with string literals blanked: Python in a test's string has comments of its own.
fn without_strings(source: &Source) -> String {
    let mut lines: Vec<Vec<char>> = source.text.lines().map(|line| line.chars().collect()).collect();
    for span in source.string_spans() {
        let (start, end) = (span.start(), span.end());
        for number in start.line..=end.line {
            let Some(line) = lines.get_mut(number - 1) else {
                continue;
            };
            let first = if number == start.line { start.column } else { 0 };
            let last = if number == end.line { end.column.min(line.len()) } else { line.len() };
            line.iter_mut().take(last).skip(first).for_each(|c| *c = ' ');
        }
    }
    lines.into_iter().map(|line| line.into_iter().collect::<String>() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<usize> {
        let source = Source::new("a.rs", "p", text, false);
        todo_without_owner(&source).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn a_file_must_open_with_its_purpose() {
        for bad in ["", "// a\n", "\n//! a\n", "//!\n//! a\n", "use a;\n//! a\n"] {
            assert_eq!(missing_file_comment(&Source::new("a.rs", "p", bad, false)).len(), 1, "{bad:?}");
        }
        assert!(missing_file_comment(&Source::new("a.rs", "p", "//! Things.\n", false)).is_empty());
    }

    #[test]
    fn a_mark_without_owner_is_found() {
        assert_eq!(marks("// TODO later\n"), [1]);
        assert_eq!(marks("fn a() {} // FIXME: broken\n"), [1]);
        assert_eq!(marks("/// TODO(): nobody\nfn a() {}\n"), [1]);
        assert_eq!(marks("// TODO(ana):\n"), [1]);
    }

    #[test]
    fn owned_marks_words_and_strings_are_silent() {
        assert!(marks("// TODO(ana): the parser drops this\n").is_empty());
        assert!(marks("// what `TODO` means\n// TODOS\n").is_empty());
        assert!(marks("const A: &str = \"http://a // TODO\";\nconst B: &str = r\"\n// TODO\n\";\n").is_empty());
    }
}
