//! Where a policy has state kept: what limits have counted, who is locked out.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::mistake::Mistake;
use crate::reading::{Found, Value, inline};
use crate::settings::{SecretRef, kind_of, tagged, tagged_schema, with_kind};
use crate::value::{Form, forms};

/// Where limits, lockouts and revocations are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In this process.
    Memory(MemoryStore),
    /// In Redis or Valkey, for several instances.
    Redis(RedisStore),
}

table! {
    /// The memory of this process.
    pub struct MemoryStore {
        /// A file that keeps what must survive a restart: lockouts, revocations; absent: nothing does.
        pub path: Option<String>,
    }
}

table! {
    /// Redis (5 or newer) or Valkey. Several gateways with the same one count as one.
    pub struct RedisStore {
        /// Its address, which may hold a password: `redis://:password@host:6379/0`, with TLS `rediss://`. Of a cluster, or of
        /// Sentinels, several with commas between them.
        pub url: SecretRef,
        /// Whether it is a cluster.
        pub cluster: Option<bool>,
        /// Where the addresses are those of Sentinels: the name that they know the master by.
        pub sentinel: Option<String>,
        /// The file of the authorities that vouch for it, in PEM; absent: those that this system trusts.
        pub ca: Option<String>,
        /// What its keys begin with, where several gateways share it that have nothing in common; absent: `doorward`.
        pub prefix: Option<KeysPrefix>,
        /// Milliseconds within which it answers, or counts as down; absent: 25.
        pub timeout_ms: Option<NonZeroU32>,
    }
}

/// What keys of a store begin with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeysPrefix(String);

impl KeysPrefix {
    /// The most characters.
    pub const CHARS_MAX: usize = 64;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Form for KeysPrefix {
    const EXPECTED: &'static str = "up to 64 letters, digits, `-`, `_`, `.` or `:`, such as \"doorward\"";

    fn parse(text: &str) -> Result<Self, String> {
        // A brace would say where the key is kept in a cluster.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        match !text.is_empty() && text.len() <= Self::CHARS_MAX && text.chars().all(is_plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("`{}` is nothing that keys begin with", text.escape_debug())),
        }
    }

    fn form(&self) -> String {
        self.0.clone()
    }
}

forms!(KeysPrefix);

impl Store {
    /// The keys with their values, `kind` first.
    pub(crate) fn entries(&self) -> Vec<(&'static str, String)> {
        use crate::reading::Table;
        match self {
            Self::Memory(memory) => with_kind("memory", memory.entries()),
            Self::Redis(redis) => with_kind("redis", redis.entries()),
        }
    }

    /// What it is, for a reader.
    pub fn told(&self) -> &'static str {
        match self {
            Self::Memory(_) => "the memory of this process",
            Self::Redis(RedisStore { cluster: Some(true), .. }) => "a cluster of Redis",
            Self::Redis(RedisStore { sentinel: Some(_), .. }) => "Redis, found by Sentinels",
            Self::Redis(_) => "Redis",
        }
    }
}

impl Value for Store {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        match kind_of(found, &["memory", "redis"], mistakes)? {
            "redis" => tagged(found, mistakes).map(Self::Redis),
            _ => tagged(found, mistakes).map(Self::Memory),
        }
    }

    fn text(&self) -> String {
        inline(&self.entries())
    }
}

impl JsonSchema for Store {
    fn schema_name() -> Cow<'static, str> {
        "Store".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kinds =
            [tagged_schema::<MemoryStore>(generator, "memory"), tagged_schema::<RedisStore>(generator, "redis")];
        json_schema!({ "description": "Where limits, lockouts and revocations are kept.", "oneOf": kinds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_begin_with_is_plain_and_no_longer_than_the_bound() {
        assert!(KeysPrefix::parse(&"a".repeat(KeysPrefix::CHARS_MAX)).is_ok());
        for wrong in ["", "a b", "a{b}", &"a".repeat(KeysPrefix::CHARS_MAX + 1)] {
            assert!(KeysPrefix::parse(wrong).is_err(), "{wrong}");
        }
    }
}
