//! The words by which enumerations of the model are written in flags, in configuration and in output: one table each.

use model::{AccessVerdict, Certainty, Confidence, Origin, Persona, Severity};

/// An enumeration with its words, in the order in which they are listed.
pub(crate) struct Words<T: 'static>(&'static [(T, &'static str)]);

/// How bad.
pub(crate) const SEVERITIES: Words<Severity> = Words(&[
    (Severity::Critical, "critical"),
    (Severity::High, "high"),
    (Severity::Medium, "medium"),
    (Severity::Low, "low"),
    (Severity::Info, "info"),
]);

/// How sure a finding is.
pub(crate) const CONFIDENCES: Words<Confidence> =
    Words(&[(Confidence::High, "high"), (Confidence::Medium, "medium"), (Confidence::Low, "low")]);

/// Who looks.
pub(crate) const PERSONAS: Words<Persona> =
    Words(&[(Persona::Regular, "regular"), (Persona::Pedantic, "pedantic"), (Persona::Auditor, "auditor")]);

/// Who is admitted, as in reports.
pub(crate) const VERDICTS: Words<AccessVerdict> = Words(&[
    (AccessVerdict::Public, "public"),
    (AccessVerdict::Authenticated, "authenticated"),
    (AccessVerdict::Restricted, "restricted"),
    (AccessVerdict::Unknown, "unknown"),
]);

/// How sure a statement is.
pub(crate) const CERTAINTIES: Words<Certainty> =
    Words(&[(Certainty::Proven, "proven"), (Certainty::Assumed, "assumed"), (Certainty::Unknown, "unknown")]);

/// Whose code answers.
pub(crate) const ORIGINS: Words<Origin> =
    Words(&[(Origin::Project, "project"), (Origin::Framework, "framework"), (Origin::Library, "library")]);

impl<T: Copy + PartialEq> Words<T> {
    /// The words in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(_, word)| *word)
    }

    /// What a word means.
    pub(crate) fn read(&self, word: &str) -> Option<T> {
        let found = self.0.iter().find(|(_, known)| *known == word);
        found.map(|(value, _)| *value)
    }

    /// The word for a value.
    pub(crate) fn of(&self, value: T) -> &'static str {
        let found = self.0.iter().find(|(known, _)| *known == value);
        found.map_or("unknown", |(_, word)| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words are those of the JSON, so that a user meets each thing under one name.
    fn assert_as_in_json<T: Copy + PartialEq + serde::Serialize>(words: &Words<T>) {
        for (value, word) in words.0 {
            assert_eq!(serde_json::to_value(value).unwrap(), *word);
            assert!(words.read(word) == Some(*value));
        }
    }

    #[test]
    fn words_are_those_of_the_json() {
        assert_as_in_json(&SEVERITIES);
        assert_as_in_json(&CONFIDENCES);
        assert_as_in_json(&PERSONAS);
        assert_as_in_json(&VERDICTS);
        assert_as_in_json(&CERTAINTIES);
        assert_as_in_json(&ORIGINS);
    }
}
