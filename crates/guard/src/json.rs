//! JSON as every reader of it reads it: what readers may take differently is not read.

use std::fmt;

use http::HeaderValue;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The value of a text; an error says what the text is, in a clause behind its name.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, &'static str> {
    match serde_json::from_slice::<Clear>(bytes) {
        Ok(Clear(value)) => Ok(value),
        // Nothing else is said of a text that is JSON.
        Err(error) if error.is_data() => Err(TWICE),
        Err(_) => Err(NO_JSON),
    }
}

/// What a text is that is no JSON.
pub(crate) const NO_JSON: &str = "is no JSON";
/// What one is in which an object has a key twice.
const TWICE: &str = "has a key twice, and readers differ in which they take";

/// A value in which no object has a key twice.
struct Clear(Value);

impl<'de> Deserialize<'de> for Clear {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

/// Makes a value of what is read, in one pass.
struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which no object has a key twice")
    }

    fn visit_bool<E>(self, is_so: bool) -> Result<Value, E> {
        Ok(Value::Bool(is_so))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Clear(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Clear(value))) = entries.next_entry::<String, Clear>()? {
            if object.insert(key, value).is_some() {
                return Err(serde::de::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Whether a media type is JSON that every reader reads as UTF-8: `application/json`, and types that end in `+json` (RFC 6839).
pub(crate) fn is_named(media_type: &HeaderValue) -> bool {
    let Ok(text) = media_type.to_str() else { return false };
    let name = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"));
    is_json && is_utf8(media_type)
}

/// Whether a media type names no other charset than UTF-8. JSON has none (RFC 8259 section 8.1), but there are frameworks that decode
/// as it says, whatever the type: in UTF-7 a name has many spellings.
pub(crate) fn is_utf8(media_type: &HeaderValue) -> bool {
    let Ok(text) = media_type.to_str() else { return false };
    let text = text.to_ascii_lowercase();
    // However it is quoted: what looks like one and is none says nothing good.
    text.match_indices("charset").all(|(at, word)| {
        let value = text.get(at + word.len()..).unwrap_or_default();
        let value = value.trim_start_matches(['*', ' ', '\t', '=', '"', '\'']);
        let ends = |sign: char| !(sign.is_ascii_alphanumeric() || "-_.:+".contains(sign));
        matches!(value.split(ends).next(), Some("utf-8" | "utf8" | "us-ascii" | "ascii"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_is_read_as_utf8_or_not_at_all() {
        let is_named = |text: &str| is_named(&HeaderValue::from_str(text).unwrap());
        for text in [
            "application/json",
            "application/problem+json; charset=UTF-8",
            "application/json;charset=\"utf8\"",
            "Application/JSON; a=b",
        ] {
            assert!(is_named(text), "{text}");
        }
        for text in [
            "text/json",
            "application/json; charset=utf-7",
            "application/json; a=b; Charset = \"UTF-16\"",
            "application/json; charset=utf-8; charset=utf-7",
            "application/json; charset='utf-7'",
            "application/json; charset*=utf-7''x",
            "application/json; charset=",
        ] {
            assert!(!is_named(text), "{text}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told_from_what_is_no_json() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#, r#"{"a":1,"b":2,"a":3}"#] {
            assert_eq!(read(text.as_bytes()), Err(TWICE), "{text}");
        }
        for text in ["", "{", "{a:1}", "1 2", "nul", "1e999", "\"\u{1}\"", &"[".repeat(10_000)] {
            assert_eq!(read(text.as_bytes()), Err(NO_JSON), "{text}");
        }
        assert_eq!(read(b"\"\xff\""), Err(NO_JSON), "no UTF-8");
    }

    proptest! {
        /// Where no key stands twice, it is what everybody else reads.
        #[test]
        fn it_is_what_everybody_reads(
            keys in prop::collection::hash_map("[a-c\u{e9}\"]{0,3}", prop_oneof![
                any::<i64>().prop_map(Value::from),
                any::<u64>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from),
                any::<bool>().prop_map(Value::from),
                "\\PC{0,8}".prop_map(Value::from),
                Just(Value::Null),
                Just(serde_json::json!([1, [], {}, {"a": [-1.5]}])),
            ], 0..8),
        ) {
            let text = Value::Object(keys.into_iter().collect()).to_string();
            prop_assert_eq!(read(text.as_bytes()), Ok(serde_json::from_str(&text).unwrap()));
        }
    }
}
