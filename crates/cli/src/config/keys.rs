//! The keys of the configuration: one entry each, from which reading, error messages and help are made.

use model::{Persona, Severity};
use toml::Spanned;
use toml::de::DeValue;

use super::diagnostics::Mistake;
use super::{Draft, RuleName, flow_tables, rule_named};
use crate::words::{PERSONAS, SEVERITIES, Words};
use policy::nearest::did_you_mean;

/// A key of the configuration.
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// Puts its value into a draft.
    pub(super) read: fn(&mut Draft, &Value<'_>) -> Result<(), Vec<Mistake>>,
}

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// All keys.
pub(super) const KEYS: &[Key] = &[
    Key { name: "exclude", read: |draft, value| globs(value).map(|globs| draft.exclude = Some(globs)) },
    Key { name: "persona", read: |draft, value| persona(value).map(|persona| draft.persona = Some(persona)) },
    Key {
        name: "min-severity",
        read: |draft, value| severity(value).map(|severity| draft.min_severity = Some(severity)),
    },
    Key { name: "fail-on", read: |draft, value| severity(value).map(|severity| draft.fail_on = Some(severity)) },
    Key { name: "select", read: |draft, value| rules(value).map(|rules| draft.select = Some(rules)) },
    Key { name: "ignore", read: |draft, value| rules(value).map(|rules| draft.ignore = Some(rules)) },
    Key { name: "flows", read: |draft, value| flow_tables::read(value).map(|flows| draft.flows = Some(flows)) },
    Key { name: "strict", read: |draft, value| switch(value).map(|strict| draft.strict = Some(strict)) },
];

fn globs(value: &Value<'_>) -> Result<Vec<String>, Vec<Mistake>> {
    list(value, "a list of globs, such as `[\"legacy/\"]`", |_, glob| Ok(glob.to_owned()))
}

fn rules(value: &Value<'_>) -> Result<Vec<RuleName>, Vec<Mistake>> {
    list(value, "a list of names of rules", |item, name| {
        rule_named(name).map_err(|hint| {
            let hint = hint.unwrap_or_else(|| "`doorward rules` lists them".to_owned());
            Mistake::new(item.span(), format!("there is no rule `{name}`"), hint)
        })
    })
}

fn persona(value: &Value<'_>) -> Result<Persona, Vec<Mistake>> {
    word(value, &PERSONAS)
}

fn severity(value: &Value<'_>) -> Result<Severity, Vec<Mistake>> {
    word(value, &SEVERITIES)
}

fn switch(value: &Value<'_>) -> Result<bool, Vec<Mistake>> {
    let found = value.get_ref().as_bool();
    found.ok_or_else(|| vec![unexpected(value, "`true` or `false`")])
}

/// Each text of a list; all mistakes in it at once.
fn list<T>(
    value: &Value<'_>,
    expected: &str,
    read: impl Fn(&Value<'_>, &str) -> Result<T, Mistake>,
) -> Result<Vec<T>, Vec<Mistake>> {
    let Some(items) = value.get_ref().as_array() else {
        return Err(vec![unexpected(value, expected)]);
    };
    let (mut read_items, mut mistakes) = (Vec::new(), Vec::new());
    for item in items {
        let text = item.get_ref().as_str();
        match text.map_or_else(|| Err(unexpected(item, "a text")), |text| read(item, text)) {
            Ok(item) => read_items.push(item),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(read_items) } else { Err(mistakes) }
}

fn word<T: Copy + PartialEq>(value: &Value<'_>, words: &Words<T>) -> Result<T, Vec<Mistake>> {
    let all: Vec<_> = words.all().map(|word| format!("`{word}`")).collect();
    let expected = format!("one of {}", all.join(", "));
    let Some(text) = value.get_ref().as_str() else {
        return Err(vec![unexpected(value, &expected)]);
    };
    words.read(text).ok_or_else(|| {
        let nearest = did_you_mean(text, words.all());
        let hint = nearest.unwrap_or_else(|| format!("expected {expected}"));
        vec![Mistake::new(value.span(), format!("`{text}` is no such value"), hint)]
    })
}

/// A value that is not what a key takes.
pub(super) fn unexpected(value: &Value<'_>, expected: &str) -> Mistake {
    let kind = policy::kind_of(value.get_ref());
    let message = format!("the value has the wrong type: {kind}");
    Mistake::new(value.span(), message, format!("expected {expected}"))
}
