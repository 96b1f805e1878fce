//! The table `flows`: a team's own sources, sinks and sanitizers, by qualified name.

use std::borrow::Cow;
use std::sync::Arc;

use scan::{Argument, ENTRIES_MAX, NAME_BYTES_MAX, Sanitizer, TeamFlows, TeamSink, USES, Use, is_qualified_name};
use toml::Spanned;
use toml::de::DeTable;

use super::diagnostics::Mistake;
use super::keys::{Value, unexpected};
use super::toml_file::unknown_key;
use policy::nearest::did_you_mean;

const TABLES: &[&str] = &["sources", "sanitizers", "sinks"];
const SANITIZER_KEYS: &[&str] = &["name", "for"];
const SINK_KEYS: &[&str] = &["name", "argument", "use"];

/// Reads the table, or all of its mistakes.
pub(super) fn read(value: &Value<'_>) -> Result<TeamFlows, Vec<Mistake>> {
    let Some(table) = value.get_ref().as_table() else {
        return Err(vec![unexpected(value, "a table: `[flows]` with `sources`, `sanitizers` and `sinks`")]);
    };
    let (mut found, mut reader) = (TeamFlows::default(), Reader::default());
    reader.refuse_unknown(table, TABLES);
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "sources" => found.sources = reader.entries(value, "a list of qualified names", Reader::name),
            "sanitizers" => found.sanitizers = reader.entries(value, "a list of tables", Reader::sanitizer),
            "sinks" => found.sinks = reader.entries(value, "a list of tables", Reader::sink),
            _ => {}
        }
    }
    if reader.mistakes.is_empty() { Ok(found) } else { Err(reader.mistakes) }
}

/// Reads on after a mistake, so that all are told at once.
#[derive(Default)]
struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    /// The entries of one list, without those that are wrong.
    fn entries<T>(
        &mut self,
        value: &Value<'_>,
        expected: &str,
        read: fn(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(items) = value.get_ref().as_array() else {
            self.mistakes.push(unexpected(value, expected));
            return Vec::new();
        };
        if items.len() > ENTRIES_MAX {
            let message = format!("{} entries are too many", items.len());
            self.tell(value, message, format!("at most {ENTRIES_MAX} are read"));
            return Vec::new();
        }
        items.iter().filter_map(|item| read(self, item)).collect()
    }

    fn sanitizer(&mut self, value: &Value<'_>) -> Option<Sanitizer> {
        let table = self.entry(value, SANITIZER_KEYS, "`{ name = \"shop.text.clean\", for = [\"html\"] }`")?;
        let name = self.name_in(value, table);
        let uses = match entry_of(table, "for") {
            Some(uses) => self.uses(uses),
            None => Some(Vec::new()),
        };
        Some(Sanitizer { name: name?, uses: uses? })
    }

    fn sink(&mut self, value: &Value<'_>) -> Option<TeamSink> {
        let table = self.entry(value, SINK_KEYS, "`{ name = \"shop.db.run\", argument = 0, use = \"sql\" }`")?;
        let name = self.name_in(value, table);
        let argument = match entry_of(table, "argument") {
            Some(argument) => self.argument(argument).map(Some),
            None => Some(None),
        };
        let used_as = if let Some(word) = entry_of(table, "use") {
            self.used_as(word)
        } else {
            self.tell(value, "`use` is missing", format!("what the argument is used as: one of {}", words()));
            None
        };
        Some(TeamSink { name: name?, argument: argument?, used_as: used_as? })
    }

    fn entry<'a, 'i>(&mut self, value: &'a Value<'i>, keys: &[&'static str], example: &str) -> Option<&'a DeTable<'i>> {
        let Some(table) = value.get_ref().as_table() else {
            self.mistakes.push(unexpected(value, &format!("a table such as {example}")));
            return None;
        };
        self.refuse_unknown(table, keys);
        Some(table)
    }

    fn name_in(&mut self, value: &Value<'_>, table: &DeTable<'_>) -> Option<Arc<str>> {
        let Some(name) = entry_of(table, "name") else {
            self.tell(value, "`name` is missing", "the qualified name of a function: `module.function`");
            return None;
        };
        self.name(name)
    }

    fn name(&mut self, value: &Value<'_>) -> Option<Arc<str>> {
        let Some(name) = value.get_ref().as_str() else {
            self.mistakes.push(unexpected(value, "a qualified name, such as `\"module.function\"`"));
            return None;
        };
        if name.len() > NAME_BYTES_MAX {
            self.tell(value, "the name is too long", format!("at most {NAME_BYTES_MAX} bytes are read"));
        } else if name.is_empty() {
            self.tell(value, "the name is empty", "write `module.function` or `module.Class.method`");
        } else if !is_qualified_name(name) {
            let message = format!("`{name}` is not a qualified name");
            self.tell(value, message, "write `module.function` or `module.Class.method`");
        } else {
            return Some(name.into());
        }
        None
    }

    fn argument(&mut self, value: &Value<'_>) -> Option<Argument> {
        const EXPECTED: &str = "the place of the argument, counted from 0, or its name";
        if let Some(name) = value.get_ref().as_str() {
            if is_qualified_name(name) && !name.contains('.') {
                return Some(Argument::Name(name.into()));
            }
            self.tell(value, format!("`{name}` is not the name of an argument"), EXPECTED);
            return None;
        }
        let Some(place) = value.get_ref().as_integer() else {
            self.mistakes.push(unexpected(value, EXPECTED));
            return None;
        };
        // More arguments than a byte counts nobody writes.
        let read = u8::from_str_radix(place.as_str(), place.radix()).ok();
        if read.is_none() {
            self.tell(value, format!("`{}` is not the place of an argument", place.as_str()), "from 0 to 255");
        }
        read.map(|place| Argument::Place(place.into()))
    }

    fn uses(&mut self, value: &Value<'_>) -> Option<Vec<Use>> {
        let Some(items) = value.get_ref().as_array() else {
            self.mistakes.push(unexpected(value, "a list of uses, such as `[\"html\"]`"));
            return None;
        };
        if items.is_empty() {
            self.tell(value, "no use is named", "leave `for` out if it cleans for every use");
            return None;
        }
        let read: Vec<_> = items.iter().map(|item| self.used_as(item)).collect();
        read.into_iter().collect()
    }

    fn used_as(&mut self, value: &Value<'_>) -> Option<Use> {
        let Some(word) = value.get_ref().as_str() else {
            self.mistakes.push(unexpected(value, &format!("one of {}", words())));
            return None;
        };
        let found = USES.iter().find(|(known, _)| *known == word).map(|(_, used_as)| *used_as);
        if found.is_none() {
            let nearest = did_you_mean(word, USES.iter().map(|(known, _)| *known));
            let label = nearest.map_or_else(
                || format!("expected one of {}", words()),
                |nearest| format!("{nearest} The uses are {}", words()),
            );
            self.tell(value, format!("there is no use `{word}`"), label);
        }
        found
    }

    fn refuse_unknown(&mut self, table: &DeTable<'_>, keys: &[&'static str]) {
        let unknown = table.iter().map(|(key, _)| key).filter(|key| !keys.contains(&key.get_ref().as_ref()));
        self.mistakes.extend(unknown.map(|key: &Spanned<Cow<'_, str>>| unknown_key(key, keys)));
    }

    fn tell(&mut self, value: &Value<'_>, message: impl Into<String>, label: impl Into<String>) {
        self.mistakes.push(Mistake::new(value.span(), message, label));
    }
}

fn entry_of<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Value<'i>> {
    table.get(key)
}

/// All uses, as a message lists them.
fn words() -> String {
    let all: Vec<_> = USES.iter().map(|(word, _)| format!("`{word}`")).collect();
    all.join(", ")
}
