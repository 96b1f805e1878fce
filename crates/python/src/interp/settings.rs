//! Settings classes: fields whose defaults a `.env` file beside the code overrides.

use super::Interp;
use crate::intern::{Symbol, known};
use crate::program::join;
use crate::value::{Kind, Obj, Value};

impl Interp<'_> {
    /// The values that the `.env` files of a settings class give its fields, by lower-case name of the variable.
    pub(super) fn environment_files(&mut self, class: Obj) -> Vec<(String, String)> {
        let Kind::Class(info) = self.kind(class) else {
            return Vec::new();
        };
        let (root, _) = self.program.name_of(info.file);
        let Some(files) = self.settings_option(class, "env_file") else {
            return Vec::new();
        };
        let names = match files.as_str() {
            Some(name) => vec![name.to_owned()],
            None => self
                .known_items(&files)
                .unwrap_or_default()
                .iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect(),
        };
        let mut found = Vec::new();
        for name in names.iter().filter(|n| !n.starts_with('/')) {
            if let Some(text) = self.program.text(&join(&root, name)) {
                found.extend(variables(&text));
            }
        }
        found
    }

    /// The name of the variable that sets a setting, in lower case; none where classes of settings do not agree on it.
    pub fn variable_of_setting(&self, setting: Symbol) -> Option<String> {
        let is_field = |class: Obj| {
            let annotated = self.linearised(class).iter().filter_map(Value::as_object).any(|base| {
                let Kind::Class(info) = self.kind(base) else { return false };
                info.annotations.iter().any(|(name, _)| *name == setting)
            });
            annotated || self.in_mro(class, setting, None).is_some()
        };
        let has_it = |class: &Obj| self.class_flag(*class, known::SETTINGS) && is_field(*class);
        let mut names =
            self.classes.iter().filter(|class| has_it(class)).map(|class| self.variable_of(*class, setting));
        let first = names.next()?;
        names.all(|other| other == first).then_some(first)
    }

    /// The name of the variable of a field, in lower case.
    pub(super) fn variable_of(&self, class: Obj, field: Symbol) -> String {
        let prefix =
            self.settings_option(class, "env_prefix").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        format!("{prefix}{field}").to_lowercase()
    }

    /// An option of `model_config` (Pydantic 2) or of the inner class `Config` (Pydantic 1).
    fn settings_option(&self, class: Obj, name: &str) -> Option<Value> {
        let config = self.in_mro(class, Symbol::new("model_config"), None);
        let entries = config.and_then(|c| self.known_entries(&c)).unwrap_or_default();
        let found = entries.into_iter().find(|(k, _)| k.as_str() == Some(name)).map(|(_, v)| v);
        found.or_else(|| {
            let inner = self.in_mro(class, Symbol::new("Config"), None)?.as_object()?;
            self.in_mro(inner, Symbol::new(name), None)
        })
    }

    /// A variable's text as the type of its field.
    pub(super) fn parsed(&self, text: &str, annotation: &Value) -> Value {
        match self.qualified_name(annotation) {
            Some("builtins.bool") => match text.to_lowercase().as_str() {
                "1" | "true" | "yes" | "on" | "t" | "y" => Value::Bool(true),
                "0" | "false" | "no" | "off" | "f" | "n" => Value::Bool(false),
                _ => Value::unknown("a boolean setting with another value"),
            },
            Some("builtins.int") => text.parse().map_or_else(|_| Value::unknown("a number"), Value::Int),
            Some("builtins.list" | "builtins.dict" | "builtins.set") => {
                Value::unknown("a setting that is not a plain text")
            }
            _ => Value::str(text),
        }
    }
}

/// `NAME=value` lines, as python-dotenv reads them: quotes and comments off, interpolation left alone.
fn variables(text: &str) -> Vec<(String, String)> {
    let line = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.split(*q).next());
        let plain = || value.split(" #").next().unwrap_or("").trim();
        Some((name.trim().to_lowercase(), quoted.unwrap_or_else(plain).to_owned()))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_of_an_environment_file() {
        let found = super::variables("# no\nA=1 # one\nexport B='x # y'\nC=\nbroken\nD=\"q\"\n");
        let expected = [("a", "1"), ("b", "x # y"), ("c", ""), ("d", "q")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(found, expected);
    }
}
