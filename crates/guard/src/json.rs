//! JSON as every reader of it reads it: what readers may take differently is not read.

use std::collections::HashSet;
use std::fmt;

use http::HeaderValue;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The value of a text; an error says what the text is, in a clause behind its name.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, &'static str> {
    let value = serde_json::from_slice(bytes).map_err(|_| "is no JSON")?;
    let is_clear = serde_json::from_slice::<Unambiguous>(bytes).is_ok();
    is_clear.then_some(value).ok_or("has a key twice, and readers differ in which they take")
}

/// A JSON text in which no object has a key twice.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which no object has a key twice")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            entries.next_value::<Self>()?;
            if !keys.insert(key) {
                return Err(serde::de::Error::custom("a key stands twice"));
            }
        }
        Ok(self)
    }
}

/// Whether a media type is JSON: `application/json`, and types that end in `+json` (RFC 6839).
pub(crate) fn is_named(media_type: &HeaderValue) -> bool {
    let Ok(text) = media_type.to_str() else { return false };
    let name = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"))
}
