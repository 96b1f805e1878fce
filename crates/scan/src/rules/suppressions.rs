//! Suppressions: `# doorward: ignore[rule] reason` in a comment. One takes effect where it names a rule and a reason and
//! stands on the marked line, on a decorator of the marked function, or alone directly above these.

mod layout;

use std::sync::Arc;

use model::Finding;
use python::program::{Program, STUBS};
use rustc_hash::FxHashMap;

use layout::{Comment, Layout};

/// What opens a suppression inside a comment.
const MARK: &str = "doorward:";
const VERB: &str = "ignore";

/// A suppression as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suppression {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) column: u32,
    /// From `doorward:` to its end.
    pub(super) text: String,
    /// The rules that it names, with whether each has suppressed anything.
    pub(super) rules: Vec<(String, bool)>,
    pub(super) reason: Option<String>,
}

/// All suppressions of a project.
#[derive(Default)]
pub(super) struct Suppressions {
    all: Vec<Suppression>,
    layouts: FxHashMap<Arc<str>, Layout>,
}

impl Suppressions {
    /// Reads them from the files of a project. Most files hold none and are not looked at further.
    pub(super) fn of(program: &Program) -> Self {
        let mut found = Self::default();
        for (_, file) in program.files() {
            let is_own = !file.path.starts_with(STUBS) && !file.path.starts_with("..");
            if is_own && file.text.contains(MARK) {
                found.read(&file.path, &file.text);
            }
        }
        found.all.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        found
    }

    fn read(&mut self, file: &Arc<str>, text: &str) {
        let layout = Layout::of(text);
        let comments = layout.comments.iter();
        let before = self.all.len();
        self.all.extend(comments.filter_map(|comment| Suppression::of(file, comment)));
        if self.all.len() > before {
            self.layouts.insert(Arc::clone(file), layout);
        }
    }

    /// All of them, by file and line.
    pub(super) fn all(&self) -> &[Suppression] {
        &self.all
    }

    /// Whether one of them covers a finding; it then counts as used.
    pub(super) fn suppress(&mut self, finding: &Finding) -> bool {
        let Some(layout) = self.layouts.get(&finding.location.file) else {
            return false;
        };
        let lines = layout.around(finding.location.line);
        let mut covered = false;
        for suppression in &mut self.all {
            let there = suppression.file == finding.location.file
                && lines.contains(&suppression.line)
                && suppression.reason.is_some();
            for (rule, used) in &mut suppression.rules {
                if there && **rule == *finding.rule {
                    (*used, covered) = (true, true);
                }
            }
        }
        covered
    }
}

impl Suppression {
    fn of(file: &Arc<str>, comment: &Comment) -> Option<Self> {
        let at = comment.text.find(MARK)?;
        let rest = comment.text[at + MARK.len()..].trim_start();
        let rest = rest.strip_prefix(VERB)?;
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        // Another tool's comment may follow on the same line.
        let end = comment.text[at..].find(" #").map_or(comment.text.len(), |end| at + end);
        let rest = &rest[..rest.len() - (comment.text.len() - end)];
        let (names, reason) = match rest.trim_start().strip_prefix('[') {
            Some(list) => list.split_once(']').unwrap_or((list, "")),
            None => ("", rest),
        };
        let names = names.split(',').map(str::trim).filter(|n| !n.is_empty());
        let reason = reason.trim_matches(|c: char| !c.is_alphanumeric());
        let before = u32::try_from(comment.text[..at].chars().count()).unwrap_or(0);
        Some(Self {
            file: Arc::clone(file),
            line: comment.line,
            column: comment.column.saturating_add(before),
            text: comment.text[at..end].trim_end().to_owned(),
            rules: names.map(|name| (name.to_owned(), false)).collect(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Option<(Vec<String>, Option<String>, String)> {
        let layout = Layout::of(comment);
        let found = Suppression::of(&"a.py".into(), layout.comments.first()?)?;
        let rules = found.rules.into_iter().map(|(rule, _)| rule).collect();
        Some((rules, found.reason, found.text))
    }

    #[test]
    fn what_is_written_is_read() {
        let some = |rules: &[&str], reason: Option<&str>, text: &str| {
            let rules = rules.iter().map(ToString::to_string).collect();
            Some((rules, reason.map(str::to_owned), text.to_owned()))
        };
        assert_eq!(
            read("x = 1  # doorward: ignore[a-b] it is é meant.\n"),
            some(&["a-b"], Some("it is é meant"), "doorward: ignore[a-b] it is é meant.")
        );
        assert_eq!(
            read("# noqa: E501 doorward:ignore [a, b] - why  # fmt: skip"),
            some(&["a", "b"], Some("why"), "doorward:ignore [a, b] - why")
        );
        assert_eq!(read("# doorward: ignore[a] --"), some(&["a"], None, "doorward: ignore[a] --"));
        assert_eq!(read("# doorward: ignore because"), some(&[], Some("because"), "doorward: ignore because"));
        assert_eq!(read("# doorward: ignore[a"), some(&["a"], None, "doorward: ignore[a"));
        assert_eq!(read("# doorward: ignored[a] x"), None);
        assert_eq!(read("# doorward looks at this"), None);
        assert_eq!(read("x = '# doorward: ignore[a] x'"), None);
    }
}
