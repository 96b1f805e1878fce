//! Names of files and modules, manifests, and the documents that a repository needs.

use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};

use super::source::{Source, Violation};
use super::workspace::Workspace;

/// Names that say nothing about what lives there.
const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

/// Files, folders and modules with a name that says nothing.
pub(crate) fn vague_names(source: &Source) -> Vec<Violation> {
    let is_vague = |name: &str| VAGUE.contains(&name.trim_end_matches(".rs"));
    let what = |name: &str| format!("`{name}` says nothing: name it for what lives there (forbidden: {VAGUE:?})");
    let parts = source.path.split('/').filter(|part| is_vague(part));
    let mut found: Vec<Violation> = parts.map(|part| source.violation(1, what(part))).collect();
    let mut modules = Modules::default();
    if let Ok(file) = &source.syntax {
        modules.visit_file(file);
    }
    let named = modules.named.into_iter().filter(|(name, _)| is_vague(name));
    found.extend(named.map(|(name, line)| source.violation(line, what(&name))));
    found
}

#[derive(Default)]
struct Modules {
    named: Vec<(String, usize)>,
}

impl<'ast> Visit<'ast> for Modules {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.named.push((module.ident.to_string(), module.ident.span().start().line));
        visit::visit_item_mod(self, module);
    }
}

/// The documents that every user or contributor looks for.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Documents that are absent or empty.
pub(crate) fn missing_documents(root: &Path) -> Vec<Violation> {
    let is_missing = |name: &&&str| fs::read_to_string(root.join(name)).map_or(true, |text| text.trim().is_empty());
    let report = |name: &&str| Violation { file: (*name).to_owned(), line: 1, what: "absent or empty".to_owned() };
    DOCUMENTS.iter().filter(is_missing).map(report).collect()
}

/// What each manifest of a member takes from the workspace, so that there is one version and one set of lints.
const INHERITED: &[&str] = &["version.workspace = true", "edition.workspace = true", "[lints]\nworkspace = true"];

/// Manifests that set a version, an edition or lints of their own.
pub(crate) fn manifests_without_inheritance(workspace: &Workspace) -> Vec<Violation> {
    let manifests = workspace.metadata.packages.iter().map(|package| &package.manifest_path);
    manifests
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            without_inheritance(&workspace.relative(path), &text)
        })
        .collect()
}

fn without_inheritance(path: &str, manifest: &str) -> Vec<Violation> {
    let missing = INHERITED.iter().filter(|line| !manifest.contains(*line));
    missing.map(|line| Violation { file: path.to_owned(), line: 1, what: format!("`{line}` is missing") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vague_name_is_found() {
        let lines = |path: &str, text: &str| -> Vec<usize> {
            let source = Source::new(path, "p", text, false);
            vague_names(&source).into_iter().map(|violation| violation.line).collect()
        };
        assert_eq!(lines("crates/a/src/utils.rs", ""), [1]);
        assert_eq!(lines("crates/a/src/common/b.rs", ""), [1]);
        assert_eq!(lines("crates/a/src/b.rs", "mod c;\nmod d { mod helpers {} }\n"), [2]);
        assert!(lines("crates/a/src/commonly.rs", "mod util_linux;\n").is_empty());
    }

    #[test]
    fn a_missing_or_empty_document_is_found() {
        let root = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(missing_documents(root.path()).len(), DOCUMENTS.len());
        for name in DOCUMENTS {
            fs::write(root.path().join(name), "text").expect("a file");
        }
        assert!(missing_documents(root.path()).is_empty());
        fs::write(root.path().join("README.md"), "\n").expect("a file");
        assert_eq!(missing_documents(root.path())[0].to_string(), "README.md:1: absent or empty");
    }

    #[test]
    fn a_manifest_of_its_own_mind_is_found() {
        let good = INHERITED.join("\n");
        assert!(without_inheritance("Cargo.toml", &good).is_empty());
        assert_eq!(without_inheritance("Cargo.toml", "version = \"0.2.0\"").len(), INHERITED.len());
    }
}
