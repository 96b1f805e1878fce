//! Values that never show themselves.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// What is shown in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// A secret: `Debug`, `Display` and `Serialize` show `[redacted]` whatever it holds. Reading it takes `expose`, which is
/// easy to search for.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(with = "String")]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, no longer hidden.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(REDACTED)
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// Compares every byte whatever the first ones are, so that the time taken tells nothing but the length.
impl<T: AsRef<[u8]>> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (self.0.as_ref(), other.0.as_ref());
        let differing = left.iter().zip(right).fold(0, |bits, (a, b)| bits | (a ^ b));
        left.len() == right.len() && std::hint::black_box(differing) == 0
    }
}

impl<T: AsRef<[u8]>> Eq for Secret<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Config {
        user: String,
        key: Secret<String>,
        spare: Option<Secret<Vec<u8>>>,
    }

    #[test]
    fn no_way_of_formatting_shows_a_planted_secret() {
        let planted = "s3cr3t-canary";
        let config = Config {
            user: "ada".to_owned(),
            key: Secret::new(planted.to_owned()),
            spare: Some(Secret::new(planted.as_bytes().to_vec())),
        };
        let shown = [
            format!("{config:?}"),
            format!("{config:#?}"),
            format!("{}", config.key),
            format!("{:>40}", config.key),
            serde_json::to_string(&config).unwrap(),
        ];
        for text in shown {
            assert!(text.contains(REDACTED) && !text.contains(planted), "{text}");
            assert!(!text.contains("115, 51"), "{text}");
        }
    }

    #[test]
    fn a_configuration_can_hold_one() {
        let config: Config = serde_json::from_str(r#"{"user": "ada", "key": "k", "spare": null}"#).unwrap();
        assert_eq!(config.key.expose(), "k");
        assert_eq!(config.user, "ada");
    }

    #[test]
    fn equality_is_of_the_whole_value() {
        let secret = |text: &str| Secret::new(text.to_owned());
        assert_eq!(secret("abc"), secret("abc"));
        for other in ["abd", "ab", "abcd", ""] {
            assert_ne!(secret("abc"), secret(other));
        }
    }
}
