//! A configuration file as text to a draft, or to all of its mistakes.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Draft;
use super::diagnostics::Mistake;
use super::keys::KEYS;
use super::search::Place;
use policy::nearest::did_you_mean;

/// What a file holds for us.
#[derive(Debug)]
pub(super) enum Reading {
    /// Settings.
    Settings(Draft),
    /// Nothing: it belongs to others.
    NoSettings,
    /// It belongs to others, does not mention us and is no TOML.
    Broken,
}

/// Reads the settings of a file.
pub(super) fn read(text: &str, place: Place) -> Result<Reading, Vec<Mistake>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        if place == Place::ToolTable && !text.contains("tool.doorward") {
            return Ok(Reading::Broken);
        }
        let at = |error: &toml::de::Error| error.span().unwrap_or(0..0);
        let mistake = |error| Mistake::new(at(error), error.message(), "");
        return Err(errors.iter().map(mistake).collect());
    }
    match place {
        Place::File => settings(document.get_ref()).map(Reading::Settings),
        Place::ToolTable => match tool_table(document.get_ref()) {
            None => Ok(Reading::NoSettings),
            Some(value) => match value.get_ref() {
                DeValue::Table(table) => settings(table).map(Reading::Settings),
                _ => Err(vec![Mistake::new(value.span(), "`tool.doorward` is not a table", "write `[tool.doorward]`")]),
            },
        },
    }
}

fn tool_table<'a, 'i>(document: &'a DeTable<'i>) -> Option<&'a Spanned<DeValue<'i>>> {
    let tool = document.get("tool")?.get_ref().as_table()?;
    tool.get("doorward")
}

fn settings(table: &DeTable<'_>) -> Result<Draft, Vec<Mistake>> {
    let mut draft = Draft::default();
    let mut mistakes = Vec::new();
    for (name, value) in table {
        match KEYS.iter().find(|key| key.name == name.get_ref()) {
            Some(key) => {
                if let Err(found) = (key.read)(&mut draft, value) {
                    mistakes.extend(found);
                }
            }
            None => mistakes.push(unknown_key(name, &KEYS.iter().map(|key| key.name).collect::<Vec<_>>())),
        }
    }
    if mistakes.is_empty() { Ok(draft) } else { Err(mistakes) }
}

/// A key that does not exist, and the nearest one that does.
pub(super) fn unknown_key(name: &Spanned<Cow<'_, str>>, keys: &[&'static str]) -> Mistake {
    let hint = did_you_mean(name.get_ref(), keys.iter().copied()).unwrap_or_else(|| {
        let all: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        format!("the keys are {}", all.join(", "))
    });
    let message = format!("unknown key `{}`", name.get_ref());
    Mistake::new(name.span(), message, hint)
}
