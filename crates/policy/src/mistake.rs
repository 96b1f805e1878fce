//! Mistakes in a policy: where, what is wrong, what was expected.

use std::fmt;
use std::ops::Range;

/// A mistake at a place of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the text that it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected, or the nearest valid name.
    pub hint: String,
}

/// Every mistake of a policy, in the order of the file. A policy with a mistake is no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    text: String,
    found: Vec<Mistake>,
}

impl Mistake {
    /// A mistake, and what to do about it.
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: hint.into() }
    }
}

impl Mistakes {
    pub(crate) fn new(text: &str, mut found: Vec<Mistake>) -> Self {
        found.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        found.dedup();
        Self { text: text.to_owned(), found }
    }

    /// The mistakes in the order of the file.
    pub fn all(&self) -> &[Mistake] {
        &self.found
    }

    /// The line and the column (in characters) at which a mistake begins, both counted from 1.
    pub fn place(&self, mistake: &Mistake) -> (usize, usize) {
        let before = self.text.get(..mistake.span.start).unwrap_or(&self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// The mistakes as `file:line:column: what is wrong; what was expected`, one a line.
    pub fn listed(&self, file: &str) -> String {
        let line = |mistake: &Mistake| {
            let (line, column) = self.place(mistake);
            format!("{file}:{line}:{column}: {}; {}", mistake.message, mistake.hint)
        };
        self.found.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.listed("policy"))
    }
}

impl std::error::Error for Mistakes {}

/// Names for a sentence: `a`, `b`, `c`.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
