//! The file of API keys that an identity of kind `api-key` names: who was given which key, what it is for, until when, and how
//! often it may be used. It holds digests, so that whoever reads it can use none of them.
//!
//! ```
//! let text = r#"
//! [[key]]
//! prefix = "dw_4f9a2c81"
//! digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//! owner = "acme"
//! scopes = ["orders:read"]
//! created = 2026-01-01
//! expires = 2027-01-01
//! quota = "1000/day"
//! "#;
//! let keys = doorward_policy::ApiKey::parse_all(text).unwrap();
//! assert_eq!((keys[0].prefix.as_str(), keys[0].owner.as_str()), ("dw_4f9a2c81", "acme"));
//! assert_eq!(keys[0].quota.map(|quota| quota.count.get()), Some(1000));
//! ```

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use toml::de::DeTable;

use crate::limit::Quota;
use crate::mistake::{Mistake, Mistakes};
use crate::reading::{Table, read_table};
use crate::value::{Date, Form, KeyDigest, forms};

/// The most keys of a file.
pub const API_KEYS_MAX: usize = 4096;

/// The fewest and the most characters of a prefix.
const PREFIX_CHARS_MIN: usize = 4;
const PREFIX_CHARS_MAX: usize = 32;

table! {
    /// A key that a client was given.
    pub struct ApiKey {
        /// What the key begins with. It tells the key from others, in logs as well, and is no secret.
        pub prefix: KeyPrefix,
        /// The digest of the whole key.
        pub digest: KeyDigest,
        /// Who was given it: the subject, as owner columns hold it.
        pub owner: String,
        /// What it is for; absent: for routes that ask for no scope.
        pub scopes: Vec<String>,
        /// Since when it is in use.
        pub created: Option<Date>,
        /// The first day (UTC) on which it does not hold any more; absent: it holds until it is taken out of the file.
        pub expires: Option<Date>,
        /// How often it may be used in all, whatever the route; absent: as `quota` of the identity says.
        pub quota: Option<Quota>,
    }
}

table! {
    /// A file of keys.
    pub struct ApiKeyFile {
        /// The keys, each as `[[key]]`.
        pub key: Vec<ApiKey>,
    }
}

/// What a key begins with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for KeyPrefix {
    const EXPECTED: &'static str = "the beginning of a key: 4 to 32 letters, digits and `_`, `-`, `.`";

    fn parse(text: &str) -> Result<Self, String> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        // The text may be the key itself, put into the wrong place: it is not repeated.
        match (PREFIX_CHARS_MIN..=PREFIX_CHARS_MAX).contains(&text.len()) && is_plain {
            true => Ok(Self(text.to_owned())),
            false => Err("this is no prefix of a key".to_owned()),
        }
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

forms!(KeyPrefix);

/// Entries, each with its place, and mistakes.
type Entries<T> = (Vec<T>, Vec<Range<usize>>, Vec<Mistake>);

/// The entries of a file of credentials, each with its place, and what is wrong with them alone.
pub(crate) fn entries<F: Table, T>(
    text: &str,
    name: &str,
    of: impl FnOnce(F) -> Vec<T>,
) -> Result<Entries<T>, Mistakes> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What a parser shows of a text might be a secret that somebody wrote there.
        let told = |error: &toml::de::Error| {
            let hint = format!("write `[[{name}]]` and its fields below");
            Mistake::new(error.span().unwrap_or(0..0), "this is no TOML", hint)
        };
        return Err(Mistakes::new(text, errors.iter().map(told).collect()));
    }
    let mut mistakes = Vec::new();
    let read = read_table::<F>(document.get_ref(), 0..0, &[], &mut mistakes);
    let spans = document.get_ref().get(name).and_then(|found| found.get_ref().as_array());
    let spans = spans.into_iter().flatten().map(toml::Spanned::span).collect();
    Ok((read.map(of).unwrap_or_default(), spans, mistakes))
}

impl ApiKey {
    /// Reads a file of keys, or tells every mistake in it.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Mistakes> {
        let (keys, spans, mut mistakes) = entries::<ApiKeyFile, _>(text, "key", |file| file.key)?;
        let (mut prefixes, mut digests) = (HashSet::new(), HashSet::new());
        for (key, span) in keys.iter().zip(spans) {
            let mut add = |is_wrong: bool, message: &str, hint: &str| {
                if is_wrong {
                    mistakes.push(Mistake::new(span.clone(), message, hint));
                }
            };
            let hint = "one of them is the other, or make a new key: `doorward secret api-key`";
            add(!prefixes.insert(&key.prefix), "two keys have this prefix", hint);
            add(!digests.insert(&key.digest), "a key stands twice", "take one of them out");
            add(key.owner.is_empty(), "nobody was given this key", "write `owner = \"...\"`");
            let is_wrong = |scope: &String| scope.is_empty() || scope.contains(char::is_whitespace);
            add(key.scopes.iter().any(is_wrong), "a scope is empty or has a blank", "write each scope as one word");
        }
        if keys.len() > API_KEYS_MAX {
            let message = format!("there are more than {API_KEYS_MAX} keys");
            mistakes.push(Mistake::new(0..0, message, "give them to several identities"));
        }
        if mistakes.is_empty() { Ok(keys) } else { Err(Mistakes::new(text, mistakes)) }
    }

    /// The key as it stands in a file.
    pub fn to_toml(&self) -> String {
        let mut text = "[[key]]\n".to_owned();
        for (name, value) in Table::entries(self) {
            // Into memory everything can be written.
            let _ = writeln!(text, "{name} = {value}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: usize) -> ApiKey {
        ApiKey {
            prefix: KeyPrefix(format!("dw_{index:08}")),
            digest: KeyDigest::of(&index.to_be_bytes()),
            owner: "a \"b\"".to_owned(),
            scopes: vec!["orders:read".to_owned(), "orders:write".to_owned()],
            created: "2026-01-01".parse().ok(),
            expires: None,
            quota: (index % 2 == 1).then(|| "1000/day".parse().unwrap()),
        }
    }

    #[test]
    fn a_key_is_read_back_from_what_is_written() {
        let keys = [key(1), key(2)];
        let text: String = keys.iter().map(ApiKey::to_toml).collect();
        assert_eq!(ApiKey::parse_all(&text).unwrap(), keys);
        assert_eq!(ApiKey::parse_all("").unwrap(), []);
    }

    #[test]
    fn every_mistake_is_told_at_its_place_and_nothing_that_may_be_a_key() {
        let planted = "planted: this is a key itself, and not its beginning";
        let digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let text = format!(
            "[[key]]\nprefix = \"{planted}\"\ndigest = \"{planted}\"\nowner = \"a\"\n\
             [[key]]\nprefix = \"dw_1\"\ndigest = \"{digest}\"\nowner = \"\"\nscopes = [\"a b\"]\n\
             [[key]]\nprefix = \"dw_1\"\ndigest = \"{digest}\"\nowner = \"a\"\nexpire = 2026-01-01\nquota = \"9/dai\"\n"
        );
        let told = ApiKey::parse_all(&text).unwrap_err().listed("keys");
        assert!(!told.contains("planted"), "{told}");
        assert!(told.contains("keys:2:10: this is no prefix of a key"), "{told}");
        assert!(told.contains("unknown key `expire`; did you mean `expires`?"), "{told}");
        assert!(told.contains("keys:15:9: `9/dai` is no quota") && told.contains("\"1000/day\""), "{told}");
        let twins = format!("{}{}", key(1).to_toml(), key(1).to_toml());
        let told = ApiKey::parse_all(&twins).unwrap_err().to_string();
        assert!(told.contains("two keys have this prefix") && told.contains("a key stands twice"), "{told}");
        assert!(!ApiKey::parse_all(&format!("{planted} = = 1")).unwrap_err().to_string().contains("planted"));
    }

    #[test]
    fn at_the_bounds_it_is_read_and_one_past_them_it_is_not() {
        let is_read = |chars: usize| KeyPrefix::parse(&"a".repeat(chars)).is_ok();
        assert!(is_read(PREFIX_CHARS_MIN) && !is_read(PREFIX_CHARS_MIN - 1));
        assert!(is_read(PREFIX_CHARS_MAX) && !is_read(PREFIX_CHARS_MAX + 1));
        let file = |count: usize| (0..count).map(|index| key(index).to_toml()).collect::<String>();
        assert_eq!(ApiKey::parse_all(&file(API_KEYS_MAX)).map(|keys| keys.len()), Ok(API_KEYS_MAX));
        assert!(ApiKey::parse_all(&file(API_KEYS_MAX + 1)).is_err());
    }
}
