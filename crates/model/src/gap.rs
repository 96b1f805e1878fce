//! What the scanner could not read or understand. Gaps are counted in every report and listed on request;
//! nothing is ever dropped silently.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that the scanner could not read or understand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What kind of thing was not understood.
    pub kind: GapKind,
    /// The file it is about, relative to the scanned root, with `/`.
    pub file: Arc<str>,
    /// The line, counted from 1; absent where the whole file is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What was seen and why it could not be understood, for a person.
    pub reason: String,
}

/// The kinds of gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// The file or directory could not be opened or read (permission, vanished, an I/O error).
    Unreadable,
    /// The file is larger than the limit on source files.
    FileTooLarge,
    /// The file nests or chains deeper than the limit; it was not parsed.
    TooDeep,
    /// The bytes are not text (NUL, not a regular file).
    NotText,
    /// The bytes are not valid in the encoding that the file declares; unreadable bytes were replaced.
    Encoding,
    /// The file has syntax errors; what could be parsed was read.
    Syntax,
    /// A notebook, which is not read.
    Notebook,
    /// A route whose path, methods or handler could not be worked out.
    UnresolvedRoute,
    /// A router, mount or sub-application that could not be worked out.
    UnresolvedRouter,
    /// A dependency or guard that could not be worked out: it never counts as protection.
    UnresolvedGuard,
    /// A schema or parameter type that could not be worked out.
    UnresolvedSchema,
    /// The evaluation of a module or factory reached its step, depth or size limit.
    EvaluationLimit,
    /// An application of a framework that is not understood: its endpoints are not listed.
    UnknownFramework,
    /// A part of the analysis failed on this input (a defect of the scanner); the rest went on.
    Internal,
}

impl GapKind {
    /// Whether the gap means that a file was not, or not wholly, read (`--strict` and `project.unreadable`).
    pub fn is_unreadable(self) -> bool {
        matches!(
            self,
            Self::Unreadable | Self::FileTooLarge | Self::TooDeep | Self::NotText | Self::Encoding | Self::Syntax
        )
    }
}
