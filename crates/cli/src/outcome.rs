//! What comes of a command: an exit code, and for a failure the words that explain it.

use std::fmt;
use std::process::ExitCode;

use crate::output::palette::{ERROR, HINT, coded, paint};
use crate::output::text::shown_lines;

/// The exit codes of all commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above the threshold.
    Clean = 0,
    /// Findings at or above the threshold.
    Found = 1,
    /// A usage or configuration error.
    Usage = 2,
    /// Nothing was scanned, or (`--strict`) not everything was.
    Unscanned = 3,
    /// A defect of Doorward.
    Internal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do what it was asked to. Shown with what, why and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    message: Message,
    hints: Vec<String>,
}

#[derive(Debug)]
enum Message {
    /// A sentence, to be introduced by `error:`.
    Sentence(String),
    /// Diagnostics that were rendered with their source.
    Rendered(String),
}

impl Failure {
    /// A failure in one sentence.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: Message::Sentence(message.into()), hints: Vec::new() }
    }

    /// A mistake in what the user asked for.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The failure as text for a log.
    pub(crate) fn plain(&self) -> String {
        match &self.message {
            Message::Sentence(text) | Message::Rendered(text) => anstream::adapter::strip_str(text).to_string(),
        }
    }

    /// A failure whose diagnostics were already rendered.
    pub(crate) fn rendered(exit: Exit, diagnostics: String) -> Self {
        Self { exit, message: Message::Rendered(diagnostics), hints: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to do about it, if something is known.
    #[must_use]
    pub(crate) fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Message::Sentence(text) => write!(f, "{} {}", paint(ERROR, "error:"), coded(&shown_lines(text)))?,
            Message::Rendered(text) => f.write_str(text)?,
        }
        for hint in &self.hints {
            write!(f, "\n{} {}", paint(HINT, "hint:"), coded(&shown_lines(hint)))?;
        }
        Ok(())
    }
}
