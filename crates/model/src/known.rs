//! Three-valued knowledge: rules speak on proof, policy denies on doubt, and what is not known is a gap.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Gap;

/// One place in the code that supports a statement; also one step of a finding's trace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Relative to the scanned root, with `/`.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// What stands there, in one clause: `get_current_user raises 403`.
    pub what: String,
}

impl Evidence {
    /// Evidence at a line of a file.
    pub fn new(file: impl Into<Arc<str>>, line: u32, what: impl Into<String>) -> Self {
        Self { file: file.into(), line, what: what.into() }
    }
}

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Follows from the code.
    Proven,
    /// Taken to be so, for a stated reason.
    Assumed,
    /// Not understood; there is a gap.
    Unknown,
}

/// A value together with how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "certainty", rename_all = "kebab-case")]
pub enum Known<T> {
    /// The code shows it.
    Proven {
        /// What is known.
        value: T,
        /// The places that show it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// Taken to be so: a default of a setting, a habit of a framework, the meaning of a name.
    Assumed {
        /// What is assumed.
        value: T,
        /// Why.
        reason: String,
        /// The places that suggest it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    },
    /// Not understood.
    Unknown {
        /// What could not be understood.
        gap: Gap,
    },
}

impl<T> Known<T> {
    /// A value that the code shows.
    pub fn proven(value: T, evidence: Vec<Evidence>) -> Self {
        Self::Proven { value, evidence }
    }

    /// A value that is assumed for a reason.
    pub fn assumed(value: T, reason: impl Into<String>) -> Self {
        Self::Assumed { value, reason: reason.into(), evidence: Vec::new() }
    }

    /// Nothing but a gap.
    pub fn unknown(gap: Gap) -> Self {
        Self::Unknown { gap }
    }

    /// How sure this is.
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::Proven { .. } => Certainty::Proven,
            Self::Assumed { .. } => Certainty::Assumed,
            Self::Unknown { .. } => Certainty::Unknown,
        }
    }

    /// The value, proven or assumed.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Proven { value, .. } | Self::Assumed { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// The value if the code shows it: what rules may speak on.
    pub fn proven_value(&self) -> Option<&T> {
        match self {
            Self::Proven { value, .. } => Some(value),
            Self::Assumed { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The places that show or suggest it.
    pub fn evidence(&self) -> &[Evidence] {
        match self {
            Self::Proven { evidence, .. } | Self::Assumed { evidence, .. } => evidence,
            Self::Unknown { .. } => &[],
        }
    }

    /// Adds places that show or suggest it; a gap has none.
    #[must_use]
    pub fn with_evidence(mut self, more: impl IntoIterator<Item = Evidence>) -> Self {
        match &mut self {
            Self::Proven { evidence, .. } | Self::Assumed { evidence, .. } => evidence.extend(more),
            Self::Unknown { .. } => {}
        }
        self
    }

    /// Why it is assumed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Assumed { reason, .. } => Some(reason),
            Self::Proven { .. } | Self::Unknown { .. } => None,
        }
    }

    /// What was not understood.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Unknown { gap } => Some(gap),
            Self::Proven { .. } | Self::Assumed { .. } => None,
        }
    }

    /// The same knowledge about something computed from the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Proven { value, evidence } => Known::Proven { value: f(value), evidence },
            Self::Assumed { value, reason, evidence } => Known::Assumed { value: f(value), reason, evidence },
            Self::Unknown { gap } => Known::Unknown { gap },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GapKind;

    #[test]
    fn rules_see_only_what_is_proven() {
        let evidence = vec![Evidence::new("app/main.py", 3, "`app = FastAPI()`")];
        let proven = Known::proven(1, evidence.clone());
        let assumed = Known::assumed(2, "default of `AUTH_ENABLED`");
        let unknown = Known::<i32>::unknown(Gap {
            kind: GapKind::UnresolvedGuard,
            file: "app/main.py".into(),
            line: Some(4),
            reason: "`guards.load()` is not in the project".into(),
        });
        assert_eq!(proven.proven_value(), Some(&1));
        assert_eq!(proven.evidence(), evidence);
        assert_eq!((assumed.proven_value(), assumed.value()), (None, Some(&2)));
        assert_eq!(unknown.value(), None);
        assert_eq!(assumed.map(|n| n + 1).value(), Some(&3));
    }
}
