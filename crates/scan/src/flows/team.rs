//! A team's own sources, sinks and sanitizers, as its configuration names them: the same tables as ours, by the same qualified names.

use std::sync::Arc;

use memchr::memmem;
use python::Symbol;
use python::interp::{Event, Interp};
use python::program::{FileId, Program};
use python::value::Value;

use super::Use;
use crate::project::{Role, role_of};

/// The most entries of one table.
pub const ENTRIES_MAX: usize = 500;
/// The most bytes of a name.
pub const NAME_BYTES_MAX: usize = 300;

/// The words for uses in a configuration, in the order in which they are listed: those of which a rule tells.
pub const USES: &[(&str, Use)] = &[
    ("sql", Use::Sql),
    ("nosql", Use::Document),
    ("command", Use::Command),
    ("code", Use::Code),
    ("template", Use::Template),
    ("path", Use::Path),
    ("upload", Use::Suffix),
    ("url", Use::Url),
    ("redirect", Use::Redirect),
    ("html", Use::Html),
    ("log", Use::Log),
    ("ldap", Use::Ldap),
    ("xpath", Use::Xpath),
    ("deserialization", Use::Objects),
    ("archive", Use::Archive),
    ("packed", Use::Packed),
    ("xml", Use::Xml),
    ("header", Use::Header),
    ("link", Use::Link),
    ("cell", Use::Cell),
    ("prompt", Use::Prompt),
    ("regex", Use::Regex),
    ("matched", Use::Matched),
    ("session", Use::Session),
];

/// What a team names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamFlows {
    /// What these give is raw.
    pub sources: Vec<Arc<str>>,
    /// What these give is clean.
    pub sanitizers: Vec<Sanitizer>,
    /// These use what they are given.
    pub sinks: Vec<Sink>,
}

/// What makes a text clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanitizer {
    /// Its qualified name.
    pub name: Arc<str>,
    /// For which uses; none for all.
    pub uses: Vec<Use>,
}

/// What uses a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// Its qualified name.
    pub name: Arc<str>,
    /// Which of its arguments; none for each of them.
    pub argument: Option<Argument>,
    /// What as.
    pub used_as: Use,
}

/// One argument of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// By its place among those that are written, counted from 0.
    Place(usize),
    /// By its name.
    Name(Arc<str>),
}

/// A name of a team's tables that nothing in the program calls or imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedName {
    /// As it is written.
    pub name: Arc<str>,
    /// What is missing.
    pub reason: String,
}

impl TeamFlows {
    /// All names, each once, in their order.
    fn names(&self) -> Vec<&Arc<str>> {
        let sanitizers = self.sanitizers.iter().map(|one| &one.name);
        let mut all: Vec<_> =
            self.sources.iter().chain(sanitizers).chain(self.sinks.iter().map(|one| &one.name)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The names that nothing in a program calls or imports.
    pub(crate) fn unused(&self, program: &Program) -> Vec<UnusedName> {
        let missing = |name: &&Arc<str>| Some(UnusedName { name: Arc::clone(name), reason: missing(program, name)? });
        self.names().iter().filter_map(missing).collect()
    }
}

/// What a team names, by the names by which calls are noted.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(super) sources: Vec<Symbol>,
    pub(super) sanitizers: Vec<(Symbol, u32)>,
    pub(super) sinks: Vec<(Symbol, Sink)>,
}

impl Named {
    /// Finds the names in a program whose modules were run.
    pub(crate) fn of(team: &TeamFlows, interp: &mut Interp<'_>) -> Self {
        let mut found = Self::default();
        for name in &team.sources {
            found.sources.extend(noted(interp, name));
        }
        for one in &team.sanitizers {
            let uses =
                if one.uses.is_empty() { super::RAW } else { one.uses.iter().fold(0, |all, used| all | used.bits()) };
            found.sanitizers.extend(noted(interp, &one.name).into_iter().map(|name| (name, uses)));
        }
        for one in &team.sinks {
            found.sinks.extend(noted(interp, &one.name).into_iter().map(|name| (name, one.clone())));
        }
        found
    }

    /// Whether something is raw that no endpoint has to lead to.
    pub(crate) fn has_sources(&self) -> bool {
        !self.sources.is_empty()
    }

    /// What stands in the text of functions that call sources or sinks.
    pub(super) fn needles(&self) -> Vec<String> {
        let all = self.sources.iter().chain(self.sinks.iter().map(|(name, _)| name));
        all.map(|name| format!("{}(", last(name.as_str()))).collect()
    }

    /// What of a call's arguments its name has used, and what as.
    pub(super) fn used(&self, name: &str, event: &Event, interp: &Interp<'_>) -> Vec<(Use, Value)> {
        let sinks = self.sinks.iter().filter(|(known, _)| *known == name);
        sinks
            .flat_map(|(_, sink)| chosen(sink, name, event, interp).into_iter().map(|value| (sink.used_as, value)))
            .collect()
    }
}

/// The arguments that a sink uses.
fn chosen(sink: &Sink, name: &str, event: &Event, interp: &Interp<'_>) -> Vec<Value> {
    let given = &event.arguments;
    let taken = interp.taken_by(Symbol::new(name));
    let one = match (&sink.argument, taken) {
        (None, Some(taken)) => return taken.written(given).cloned().collect(),
        (None, None) => {
            let by_name = given.keywords.iter().map(|(_, value)| value);
            return given.positional.iter().skip(1).chain(by_name).cloned().collect();
        }
        (Some(Argument::Place(place)), Some(taken)) => taken.at(given, *place),
        (Some(Argument::Place(place)), None) => given.positional.get(place + 1),
        (Some(Argument::Name(name)), Some(taken)) => taken.named(given, name),
        (Some(Argument::Name(name)), None) => given.keyword(name),
    };
    one.into_iter().cloned().collect()
}

/// The names by which calls are noted of what goes by a name: that itself (a library without a description), where a module of the program
/// defines it, and where one has it from another.
fn noted(interp: &mut Interp<'_>, name: &str) -> Vec<Symbol> {
    let program = interp.program();
    let mut found = vec![Symbol::new(name)];
    let homes: Vec<(FileId, String)> =
        program.files().filter_map(|(id, _)| Some((id, within(program, id, name)?.to_owned()))).collect();
    for (file, names) in homes {
        found.push(Symbol::new(&format!("{}.{names}", program.name_of(file).1)));
        found.extend(interp.recovering(|i| i.noted_name(file, &names)).flatten());
    }
    found.sort_by_key(|name| name.as_str());
    found.dedup();
    found
}

/// What of a dotted name stands in a file's module. A folder without `__init__.py` is part of the name, too.
fn within<'n>(program: &Program, file: FileId, name: &'n str) -> Option<&'n str> {
    let behind = |module: &str| name.strip_prefix(module)?.strip_prefix('.').filter(|_| !module.is_empty());
    let by_name = || behind(&program.name_of(file).1);
    let by_path = || {
        let path = program.file(file).path.strip_suffix(".py")?;
        let parts: Vec<&str> = path.strip_suffix("/__init__").unwrap_or(path).split('/').collect();
        // The longest of them is the one that is meant.
        (0..parts.len()).find_map(|from| behind(&parts[from..].join(".")))
    };
    by_path().or_else(by_name)
}

/// What of a name is found nowhere in a program's own code, if anything.
fn missing(program: &Program, name: &str) -> Option<String> {
    let own: Vec<FileId> = program.files().filter(|(id, _)| !program.is_stub(*id)).map(|(id, _)| id).collect();
    let root = name.split('.').next().unwrap_or(name);
    let mentions = |word: &str| own.iter().any(|id| holds(&program.file(*id).text, word));
    if !mentions(last(name)) {
        return Some(format!("`{}` stands nowhere in the code", last(name)));
    }
    let home =
        own.iter().filter_map(|id| Some((*id, within(program, *id, name)?))).min_by_key(|(_, names)| names.len());
    if let Some((file, names)) = home {
        let file = program.file(file);
        let absent = names
            .rsplit_once('.')
            .map_or(names, |(classes, _)| classes)
            .split('.')
            .find(|one| !holds(&file.text, one))?;
        return Some(format!("`{absent}` does not stand in `{}`", file.path));
    }
    let is_own = |id: &&FileId| {
        role_of(&program.file(**id).path) == Role::Source && program.name_of(**id).1.split('.').next() == Some(root)
    };
    if name.contains('.') && own.iter().any(|id| is_own(&id)) {
        return Some(format!("`{root}` is of the program, and has no such module"));
    }
    (!mentions(root)).then(|| format!("`{root}` is imported nowhere"))
}

/// Whether a word stands in a text.
fn holds(text: &str, word: &str) -> bool {
    let is_part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii());
    memmem::find_iter(text.as_bytes(), word).any(|at| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        !is_part(before) && !is_part(text.as_bytes().get(at + word.len()))
    })
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a text may be the qualified name of a function.
pub fn is_qualified_name(text: &str) -> bool {
    let is_name = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|c| c.is_alphanumeric() || c == '_')
    };
    text.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn words_are_those_of_which_a_rule_tells() {
        let told: std::collections::BTreeSet<Use> = rules::uses().collect();
        assert_eq!(USES.iter().map(|(_, used)| *used).collect::<std::collections::BTreeSet<_>>(), told);
        assert_eq!(USES.len(), told.len(), "a word is there twice");
    }

    #[test]
    fn qualified_names() {
        for name in ["eval", "shop.db.run", "shop.db.Session.run", "_a.b2"] {
            assert!(is_qualified_name(name), "{name}");
        }
        for name in ["", ".", "shop..run", "shop.run()", "shop run", "2a.b", "shop.*", "shop:run"] {
            assert!(!is_qualified_name(name), "{name}");
        }
    }

    #[test]
    fn words_are_looked_for_not_parts_of_them() {
        assert!(holds("from shop import run", "run"));
        assert!(!holds("from shop import runner, rerun, run_", "run"));
    }
}
