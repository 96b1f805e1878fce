//! A document as a tree that knows its lines: JSON with `serde_json`, everything else as YAML with `serde-saphyr`. What a
//! document can cost is bounded here, before anything is made of it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use memchr::memchr_iter;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error, Spanned, alias_limits, budget, options};

use crate::ReadError;

/// The largest document that is read, in bytes: the largest that is published has 46 MiB.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// The most lists and maps inside each other: twice as many as in any of thousands of published documents.
pub const DEPTH_MAX: usize = 64;

/// The most values of a document, those that YAML's aliases repeat counted each time.
pub const NODES_MAX: usize = 8_000_000;

/// The most parser events that YAML's aliases may repeat, nested ones counted each time ("billion laughs").
pub const REPEATED_MAX: usize = 200_000;

/// A value of the document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// The line of its key, counted from 1; of its first key where it has none of its own.
    pub(crate) line: u32,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Box<str>),
    List(Vec<Node>),
    Map(IndexMap<Box<str>, Node>),
}

impl Node {
    /// Reads a text.
    pub(crate) fn read(text: &str) -> Result<Self, ReadError> {
        if text.len() > BYTES_MAX {
            return Err(ReadError::TooLarge { bytes: text.len() });
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('{') {
            // A mapping of YAML's flow style begins like JSON, too.
            return json(text).or_else(|error| match error {
                ReadError::Syntax { .. } => yaml(text).map_err(|_| error),
                bound => Err(bound),
            });
        }
        yaml(text)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key)
    }

    pub(crate) fn map(&self) -> Option<&IndexMap<Box<str>, Self>> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.map().into_iter().flatten().map(|(key, node)| (&**key, node))
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Self> {
        let items = match &self.kind {
            Kind::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter()
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text, or what YAML reads as something else: `version: 1.0`.
    pub(crate) fn scalar(&self) -> Option<Cow<'_, str>> {
        match &self.kind {
            Kind::Text(text) => Some(Cow::Borrowed(text)),
            Kind::Number(number) => Some(Cow::Owned(number.to_string())),
            Kind::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        self.kind == Kind::Bool(true)
    }

    /// The text of a key.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The value as JSON, without its lines.
    pub(crate) fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.to_string()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(map) => Value::Object(map.iter().map(|(key, node)| (key.to_string(), node.to_json())).collect()),
        }
    }

    /// The specification extensions (`x-...`) of an object.
    pub(crate) fn extensions(&self) -> Map<String, Value> {
        let extensions = self.entries().filter(|(key, _)| key.starts_with("x-"));
        extensions.map(|(key, node)| (key.to_owned(), node.to_json())).collect()
    }
}

/// What both readers share: how much was read, and where they are.
struct Reading<'t, S> {
    text: &'t str,
    nodes: Cell<usize>,
    refused: Cell<Option<Refused>>,
    /// The place up to which lines are counted, and the line there.
    place: Cell<(usize, u32)>,
    /// How keys say where they stand.
    syntax: PhantomData<S>,
}

/// The bound that was passed.
#[derive(Clone, Copy)]
enum Refused {
    Depth,
    Nodes,
}

impl<'t, S> Reading<'t, S> {
    fn new(text: &'t str) -> Self {
        let (nodes, refused, place) = (Cell::new(0), Cell::new(None), Cell::new((0, 1)));
        Self { text, nodes, refused, place, syntax: PhantomData }
    }

    /// Counts one value, and refuses it where it is one too many or too deep.
    fn admit<E: de::Error>(&self, depth: usize) -> Result<(), E> {
        let nodes = self.nodes.get() + 1;
        self.nodes.set(nodes);
        let refused = if depth > DEPTH_MAX {
            Refused::Depth
        } else if nodes > NODES_MAX {
            Refused::Nodes
        } else {
            return Ok(());
        };
        self.refused.set(Some(refused));
        Err(E::custom("a bound was passed"))
    }

    fn line(&self) -> u32 {
        self.place.get().1
    }

    fn error(&self, line: u64, reason: String) -> ReadError {
        match self.refused.get() {
            Some(Refused::Depth) => ReadError::TooDeep,
            Some(Refused::Nodes) => ReadError::TooManyValues,
            None => ReadError::Syntax { line: u32::try_from(line).unwrap_or(u32::MAX), reason },
        }
    }
}

/// How a reader gives keys with their lines.
trait Syntax: Sized {
    fn next_key<'de, A: MapAccess<'de>>(reading: &Reading<'_, Self>, map: &mut A)
    -> Result<Option<Box<str>>, A::Error>;
}

/// Keys of JSON are pieces of the text, unless they are escaped: where they lie in it is where they stand.
struct Json;

impl Syntax for Json {
    fn next_key<'de, A: MapAccess<'de>>(
        reading: &Reading<'_, Self>,
        map: &mut A,
    ) -> Result<Option<Box<str>>, A::Error> {
        map.next_key_seed(JsonKey(reading))
    }
}

struct JsonKey<'r, 't>(&'r Reading<'t, Json>);

impl<'de> DeserializeSeed<'de> for JsonKey<'_, '_> {
    type Value = Box<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Box<str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for JsonKey<'_, '_> {
    type Value = Box<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Box<str>, E> {
        let (from, line) = self.0.place.get();
        let text = self.0.text;
        let offset = key.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        if let Some(passed) = text.as_bytes().get(from..offset) {
            let lines = u32::try_from(memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX);
            self.0.place.set((offset, line.saturating_add(lines)));
        }
        Ok(key.into())
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Box<str>, E> {
        Ok(key.into())
    }
}

/// Keys of YAML are told with their lines; those of an alias stand where the alias does.
struct Yaml;

impl Syntax for Yaml {
    fn next_key<'de, A: MapAccess<'de>>(
        reading: &Reading<'_, Self>,
        map: &mut A,
    ) -> Result<Option<Box<str>>, A::Error> {
        let Some(key) = map.next_key::<Spanned<Box<str>>>()? else { return Ok(None) };
        let line = u32::try_from(key.referenced.line()).unwrap_or(u32::MAX);
        if line > 0 {
            reading.place.set((0, line));
        }
        Ok(Some(key.value))
    }
}

/// Reads one value.
struct Seed<'r, 't, S> {
    reading: &'r Reading<'t, S>,
    depth: usize,
}

impl<'de, S: Syntax> DeserializeSeed<'de> for Seed<'_, '_, S> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let line = self.reading.line();
        self.reading.admit(self.depth)?;
        let kind = deserializer.deserialize_any(&self)?;
        let first = match &kind {
            // Items have no key of their own.
            Kind::Map(map) => map.first().map(|(_, node)| node.line),
            _ => None,
        };
        Ok(Node { kind, line: first.unwrap_or(line) })
    }
}

impl<'de, S: Syntax> Visitor<'de> for &Seed<'_, '_, S> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON or YAML")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Kind, E> {
        Ok(Number::from_f64(value).map_or(Kind::Null, Kind::Number))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.into()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value.into()))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<Kind, E> {
        Ok(Kind::Text(String::from_utf8_lossy(value).into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Seed { reading: self.reading, depth: self.depth + 1 })? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(key) = S::next_key(self.reading, &mut map)? {
            let line = self.reading.line();
            let node = map.next_value_seed(Seed { reading: self.reading, depth: self.depth + 1 })?;
            entries.insert(key, Node { line, ..node });
        }
        Ok(Kind::Map(entries))
    }
}

fn json(text: &str) -> Result<Node, ReadError> {
    let reading = Reading::<Json>::new(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Seed { reading: &reading, depth: 0 }.deserialize(&mut deserializer);
    read.and_then(|node| deserializer.end().map(|()| node))
        .map_err(|error| reading.error(error.line() as u64, error.to_string()))
}

fn yaml(text: &str) -> Result<Node, ReadError> {
    let reading = Reading::<Yaml>::new(text);
    let options = options! {
        budget: budget! {
            max_events: NODES_MAX * 3,
            max_nodes: NODES_MAX,
            max_depth: DEPTH_MAX + 1,
            max_total_scalar_bytes: BYTES_MAX,
            max_aliases: REPEATED_MAX,
            max_anchors: REPEATED_MAX,
            // One answer that two hundred operations repeat is no attack.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: alias_limits! { max_total_replayed_events: REPEATED_MAX },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        null_as_string: true,
        with_snippet: false,
    };
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        Seed { reading: &reading, depth: 0 }.deserialize(deserializer)
    });
    read.map_err(|error| match innermost(&error) {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } if reading.refused.get().is_none() => {
            ReadError::TooDeep
        }
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasReplayStackDepthExceeded { .. } => {
            ReadError::TooManyValues
        }
        other => {
            let line = other.location().map_or(1, |location| location.line());
            reading.error(line, other.to_string())
        }
    })
}

/// An error without what it is wrapped in where an alias repeated it.
fn innermost(error: &Error) -> &Error {
    let mut error = error.without_snippet();
    while let Error::AliasError { error: inner, .. } = error {
        error = inner;
    }
    error
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Every key of a text with its line, in order.
    fn keys(text: &str) -> Vec<(String, u32)> {
        fn visit(node: &Node, found: &mut Vec<(String, u32)>) {
            node.items().for_each(|item| visit(item, found));
            for (key, value) in node.entries() {
                found.push((key.to_owned(), value.line));
                visit(value, found);
            }
        }
        let mut found = Vec::new();
        visit(&Node::read(text).unwrap(), &mut found);
        found
    }

    #[test]
    fn keys_know_their_lines_in_json_and_yaml() {
        let json = "\u{feff}{\n  \"a\": {\"b\": 1,\n\n    \"c\": [{\"d\": null}, {\n \"\\u0065\": true}]},\n \"f\": \"\\n\"}\n";
        // An escaped key stands at the line of the key before it.
        assert_eq!(keys(json), [("a", 2), ("b", 2), ("c", 4), ("d", 4), ("e", 4), ("f", 6)].map(owned));
        let yaml = "a:\n  b: 1\n\n  c:\n    - d:\n    -\n      e: true\nf: |\n  x\n  y\n200: z\n";
        assert_eq!(keys(yaml), [("a", 1), ("b", 2), ("c", 4), ("d", 5), ("e", 7), ("f", 8), ("200", 11)].map(owned));
        assert_eq!(keys("{a: 1,\n b: {c: 2}}"), [("a", 1), ("b", 2), ("c", 2)].map(owned), "flow style is no JSON");
    }

    fn owned((key, line): (&str, u32)) -> (String, u32) {
        (key.to_owned(), line)
    }

    #[test]
    fn items_stand_where_their_first_key_does() {
        let root = Node::read("a:\n  - x: 1\n    y: 2\n  - x: 3\n").unwrap();
        assert_eq!(root.get("a").unwrap().items().map(|item| item.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn json_and_yaml_give_the_same_tree() {
        let values = [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1.5",
            "\"a\\u00e9\\n\"",
            "[1, [], {}]",
            "{\"a\": {\"1\": 2}}",
        ];
        for value in values {
            let json = json(&format!("{{\"k\": {value}}}")).unwrap();
            assert_eq!(yaml(&format!("k: {value}\n")).unwrap(), json, "{value}");
        }
        let same = Node::read("{\"a\": 1,\n\"a\": 2}").unwrap();
        assert_eq!(Node::read("a: 1\na: 2\n").unwrap(), same, "the last one counts");
    }

    #[test]
    fn what_yaml_reads_by_other_rules_is_text() {
        let root =
            Node::read("{on: yes, off: no, v: 1.10, date: 2024-01-01, n: ~, base: &b {x: 1}, m: {<<: *b, y: 2}}")
                .unwrap();
        let expected = serde_json::json!({
            "on": "yes", "off": "no", "v": 1.1, "date": "2024-01-01", "n": null, "base": {"x": 1}, "m": {"x": 1, "y": 2}
        });
        assert_eq!(root.to_json(), expected);
    }

    #[test]
    fn what_is_neither_is_told_with_its_line() {
        for (text, line) in [("{\n\"a\": ]}", 2), ("a: 1\nb: [", 2), ("{% block %}", 1)] {
            match Node::read(text) {
                Err(ReadError::Syntax { line: told, .. }) => assert_eq!(told, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn bytes_have_a_bound() {
        let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
        assert!(Node::read(&padded(BYTES_MAX)).is_ok());
        assert_eq!(Node::read(&padded(BYTES_MAX + 1)), Err(ReadError::TooLarge { bytes: BYTES_MAX + 1 }));
    }

    #[test]
    fn depth_has_a_bound() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            // The outermost map is at depth 0, its value at 1, and what stands in the innermost list one deeper.
            let nested = |depth: usize| format!("{{\"k\": {}1{}}}", open.repeat(depth), close.repeat(depth));
            for read in [json, yaml] {
                assert!(read(&nested(DEPTH_MAX - 1)).is_ok(), "{open}");
                assert_eq!(read(&nested(DEPTH_MAX)), Err(ReadError::TooDeep), "{open}");
                assert!(read(&nested(100_000)).is_err(), "{open}: far beyond, the parser itself gives up");
            }
        }
        let indented = |depth: usize| (0..=depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>();
        assert!(yaml(&indented(DEPTH_MAX - 1)).is_ok());
        assert_eq!(yaml(&indented(DEPTH_MAX)), Err(ReadError::TooDeep));
    }

    #[test]
    fn values_have_a_bound() {
        let read = |text: &str| {
            let reading = Reading::<Json>::new(text);
            reading.nodes.set(NODES_MAX - 3);
            let mut deserializer = serde_json::Deserializer::from_str(text);
            let read = Seed { reading: &reading, depth: 0 }.deserialize(&mut deserializer);
            read.map_err(|error| reading.error(1, error.to_string()))
        };
        assert!(read("[1, 2]").is_ok());
        assert_eq!(read("[1, 2, 3]"), Err(ReadError::TooManyValues));
    }

    #[test]
    fn what_aliases_repeat_has_a_bound() {
        // A list of 98 items is 100 events, and so is what repeats it.
        let repeated = |times: usize| {
            let list = vec!["1"; 98].join(",");
            format!("a: &a [{list}]\nb: [{}]\n", vec!["*a"; times].join(","))
        };
        assert!(Node::read(&repeated(REPEATED_MAX / 100)).is_ok());
        assert_eq!(Node::read(&repeated(REPEATED_MAX / 100 + 1)), Err(ReadError::TooManyValues));
        let mut laughs = String::from("a0: &a0 ha\n");
        for level in 1..30 {
            let six = vec![format!("*a{}", level - 1); 6].join(",");
            let _ = writeln!(laughs, "a{level}: &a{level} [{six}]");
        }
        assert_eq!(Node::read(&laughs), Err(ReadError::TooManyValues));
    }
}
