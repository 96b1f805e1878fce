//! Fingerprints: the identity of a finding across edits, for baselines, policies and proofs.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::EndpointId;

/// The identity of a finding: 32 hexadecimal digits. Made of rule, subject, symbol, normalised sink text and ordinal,
/// never of a line number, so that it survives edits elsewhere.
///
/// It is the first half of a SHA-256, not a fast hash: whoever can open a pull request must not be able to write a
/// weakness whose fingerprint equals one in the baseline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Fingerprint([u8; 16]);

/// A text that is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FingerprintError;

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An endpoint of an application.
    Endpoint {
        /// The application's name.
        application: Arc<str>,
        /// The endpoint.
        id: EndpointId,
    },
    /// A file, relative to the scanned root, with `/`.
    File(Arc<str>),
}

/// What a fingerprint is made of, the ordinal apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FingerprintKey {
    /// The rule's name.
    pub rule: Arc<str>,
    /// What the finding is about.
    pub subject: Subject,
    /// The qualified name of the function or class; empty at module level.
    pub symbol: Arc<str>,
    /// The normalised text of the sink or of the marked code.
    sink: String,
}

/// Counts findings that are alike, so that each gets a fingerprint of its own. Ask in source order.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<FingerprintKey, u32>,
}

impl Fingerprints {
    /// The fingerprint of the next finding with this key.
    pub fn next(&mut self, key: FingerprintKey) -> Fingerprint {
        let fingerprint = Fingerprint::of(&key, self.seen.get(&key).copied().unwrap_or(0));
        *self.seen.entry(key).or_default() += 1;
        fingerprint
    }
}

impl FingerprintKey {
    /// A key; the sink text is normalised: blanks, the kind of quotes and trailing commas do not count, so that a
    /// formatter changes no fingerprint.
    pub fn new(rule: impl Into<Arc<str>>, subject: Subject, symbol: impl Into<Arc<str>>, sink: &str) -> Self {
        Self { rule: rule.into(), subject, symbol: symbol.into(), sink: normalise(sink) }
    }
}

impl Fingerprint {
    /// The fingerprint of the finding with this key after `ordinal` others with the same one.
    pub fn of(key: &FingerprintKey, ordinal: u32) -> Self {
        let (kind, application, subject) = match &key.subject {
            Subject::Endpoint { application, id } => ("endpoint", &**application, id.to_string()),
            Subject::File(file) => ("file", "", file.to_string()),
        };
        let ordinal = ordinal.to_string();
        let mut hash = Sha256::new_with_prefix("doorward fingerprint 1\0");
        for field in [&key.rule, kind, application, &subject, &key.symbol, &key.sink, &ordinal] {
            // The length first: no two lists of fields are the same bytes.
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        let mut half = [0; 16];
        for (to, from) in half.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(half)
    }
}

/// Drops blanks except between words, writes every quote as `"`, and drops commas before a closing bracket.
fn normalise(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut blank = false;
    for c in code.chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if matches!(c, ')' | ']' | '}') {
            out.truncate(out.trim_end_matches(',').len());
        }
        if blank && is_word(c) && out.ends_with(is_word) {
            out.push(' ');
        }
        out.push(if c == '\'' { '"' } else { c });
        blank = false;
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 32 || !text.bytes().all(digit) {
            return Err(FingerprintError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| FingerprintError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl fmt::Display for FingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint is 32 hexadecimal digits in lower case")
    }
}

impl std::error::Error for FingerprintError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(file: &str, symbol: &str, sink: &str) -> FingerprintKey {
        FingerprintKey::new("user-input-in-sql", Subject::File(file.into()), symbol, sink)
    }

    #[test]
    fn a_formatter_changes_no_fingerprint() {
        let before = "db.execute(f'select {x}',y , [1,2])";
        let after = "db.execute(\n    f\"select {x}\",\n    y,\n    [1, 2],\n)";
        assert_eq!(key("a.py", "f", before), key("a.py", "f", after));
        assert_ne!(normalise("not a"), normalise("nota"));
    }

    #[test]
    fn findings_that_are_alike_are_told_apart_by_their_order() {
        let mut fingerprints = Fingerprints::default();
        let first = fingerprints.next(key("a.py", "f", "eval(x)"));
        let second = fingerprints.next(key("a.py", "f", "eval( x )"));
        let other = fingerprints.next(key("b.py", "f", "eval(x)"));
        assert_eq!(first, Fingerprint::of(&key("a.py", "f", "eval(x)"), 0));
        assert_eq!(second, Fingerprint::of(&key("a.py", "f", "eval(x)"), 1));
        assert!(first != second && first != other && second != other);
    }

    #[test]
    fn fingerprints_never_change_between_versions() {
        let endpoint = Subject::Endpoint { application: "app.main:app".into(), id: "GET /orders/{}".parse().unwrap() };
        let key = FingerprintKey::new("object-read-without-owner-check", endpoint, "app.read", "");
        assert_eq!(Fingerprint::of(&key, 0).to_string(), "031bd2c8655af6c5ac5227f3494622ab");
    }

    proptest! {
        #[test]
        fn fields_do_not_run_into_each_other(a in "[ab]{0,3}", b in "[ab]{0,3}", c in "[ab]{0,3}", d in "[ab]{0,3}") {
            let (left, right) = (key(&a, &b, "x"), key(&c, &d, "x"));
            prop_assert_eq!(Fingerprint::of(&left, 0) == Fingerprint::of(&right, 0), left == right);
        }

        #[test]
        fn normalising_twice_changes_nothing(code in "[a-c '\",()\\[\\]\n]*") {
            let once = normalise(&code);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn text_round_trips(rule in "[a-z-]{1,9}", ordinal in any::<u32>()) {
            let key = FingerprintKey::new(rule, Subject::File("a.py".into()), "", "");
            let fingerprint = Fingerprint::of(&key, ordinal);
            prop_assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        }
    }
}
