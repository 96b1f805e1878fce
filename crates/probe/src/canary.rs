//! Canaries: ten random hexadecimal digits in a field of an object that this run made. Where they turn up, that object
//! is; a hit cannot be a coincidence.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::random::Random;

/// How many hexadecimal digits: 40 bits, so that a chance hit among a million values is one in a million.
pub(crate) const DIGITS: usize = 10;

/// A mark that this run put into one of its own objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canary(Arc<str>);

impl Canary {
    pub(crate) fn new(random: &mut Random) -> Self {
        Self(random.hex(DIGITS).into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands in a text anywhere in a document.
    pub(crate) fn is_in(&self, document: &Value) -> bool {
        match document {
            Value::String(text) => text.contains(&*self.0),
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            Value::Object(fields) => fields.values().any(|value| self.is_in(value)),
            _ => false,
        }
    }
}

impl fmt::Display for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_found_in_values_at_any_depth_and_not_in_names() {
        let canary = Canary::new(&mut Random::new([3; 32]));
        assert_eq!(canary.as_str().len(), DIGITS);
        let text = format!("note {canary}");
        assert!(canary.is_in(&json!({"items": [{"note": text}]})));
        assert!(!canary.is_in(&json!({ canary.as_str(): ["other", 1, null] })));
    }
}
