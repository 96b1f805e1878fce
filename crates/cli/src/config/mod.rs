//! Configuration in two stages: what a file and the flags say ([`Draft`]), then what counts ([`Settings`]).
//!
//! All mistakes of a file are reported at once, each with file, line and column; a file with a mistake counts as none,
//! and the command ends.

mod diagnostics;
mod flow_tables;
mod keys;
mod search;
mod selection;
mod toml_file;

use std::path::Path;

use model::{Persona, Severity};
use scan::TeamFlows;
use scan::rules::{RULES, Rule};

pub(crate) use selection::Hidden;

use crate::arguments;
use crate::outcome::Failure;
use crate::streams::Streams;
use policy::nearest::did_you_mean;

/// What one source of settings says: a file, or the flags. What it does not mention is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Draft {
    exclude: Option<Vec<String>>,
    persona: Option<Persona>,
    min_severity: Option<Severity>,
    fail_on: Option<Severity>,
    select: Option<Vec<RuleName>>,
    ignore: Option<Vec<RuleName>>,
    flows: Option<TeamFlows>,
    strict: Option<bool>,
}

/// The name of a rule that exists.
pub(crate) type RuleName = &'static str;

/// The settings that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Globs of paths that are left out, as in a `.gitignore` of the scanned folder.
    pub(crate) exclude: Vec<String>,
    /// Who looks at the findings.
    pub(crate) persona: Persona,
    /// The least severity that is shown.
    pub(crate) min_severity: Severity,
    /// The least severity that fails.
    pub(crate) fail_on: Severity,
    /// The only rules, if any are named.
    pub(crate) select: Option<Vec<RuleName>>,
    /// Rules that do not count.
    pub(crate) ignore: Vec<RuleName>,
    /// The team's own sources, sinks and sanitizers.
    pub(crate) flows: TeamFlows,
    /// Whether gaps and unreadable files fail.
    pub(crate) strict: bool,
}

/// What the configuration file of a scanned path says; nothing where there is none.
pub(crate) fn of_path(path: &Path, streams: &Streams) -> Result<Draft, Failure> {
    match search::nearest_file(path, streams)? {
        Some(file) => file.read(path, &streams.look),
        None => Ok(Draft::default()),
    }
}

impl Draft {
    /// What the flags of `scan` say.
    pub(crate) fn of_flags(flags: &arguments::Scan) -> Result<Self, Failure> {
        let mut mistakes = Vec::new();
        let mut rules = |names: &Option<Vec<String>>| -> Option<Vec<RuleName>> {
            let read = |name: &String| rule_named(name).map_err(|hint| mistakes.push((name.clone(), hint)));
            names.as_ref().map(|names| names.iter().flat_map(read).collect())
        };
        let (select, ignore) = (rules(&flags.select), rules(&flags.ignore));
        if !mistakes.is_empty() {
            return Err(unknown_rules(&mistakes));
        }
        Ok(Self {
            exclude: None,
            persona: flags.persona,
            min_severity: flags.min_severity,
            fail_on: flags.fail_on,
            select,
            ignore,
            flows: None,
            strict: flags.strict.then_some(true),
        })
    }

    /// These settings, and where they say nothing those of `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            exclude: self.exclude.or(other.exclude),
            persona: self.persona.or(other.persona),
            min_severity: self.min_severity.or(other.min_severity),
            fail_on: self.fail_on.or(other.fail_on),
            select: self.select.or(other.select),
            ignore: self.ignore.or(other.ignore),
            flows: self.flows.or(other.flows),
            strict: self.strict.or(other.strict),
        }
    }

    /// What counts, with defaults where nothing is said.
    pub(crate) fn resolved(self) -> Settings {
        Settings {
            exclude: self.exclude.unwrap_or_default(),
            persona: self.persona.unwrap_or_default(),
            min_severity: self.min_severity.unwrap_or(Severity::Info),
            fail_on: self.fail_on.unwrap_or(Severity::High),
            select: self.select,
            ignore: self.ignore.unwrap_or_default(),
            flows: self.flows.unwrap_or_default(),
            strict: self.strict.unwrap_or(false),
        }
    }
}

/// The rule with this name, or what to say about it.
fn rule_named(name: &str) -> Result<RuleName, Option<String>> {
    let rule = RULES.iter().find(|rule| rule.name == name.trim());
    rule.map(|rule| rule.name).ok_or_else(|| did_you_mean(name, RULES.iter().map(|rule: &Rule| rule.name)))
}

fn unknown_rules(mistakes: &[(String, Option<String>)]) -> Failure {
    let told = mistakes.iter().map(|(name, hint)| match hint {
        Some(hint) => format!("there is no rule `{name}`: {hint}"),
        None => format!("there is no rule `{name}`"),
    });
    Failure::usage(told.collect::<Vec<_>>().join("\n       ")).hint("`doorward rules` lists them")
}

#[cfg(test)]
mod tests;
