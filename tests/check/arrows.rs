//! Which crate may use which, as `cargo metadata` sees it.

use super::source::Violation;
use super::workspace::{Metadata, Package};

/// Every crate of ours and what it may use of ours. A crate that is not in the table may not exist: adding one is a
/// decision about arrows, so it is made here.
const ARROWS: &[(&str, &[&str])] = &[
    ("doorward-model", &[]),
    ("doorward-openapi", &["doorward-model"]),
    ("doorward-policy", &["doorward-model", "doorward-openapi"]),
    ("doorward-python", &["doorward-model"]),
    ("doorward-scan", &["doorward-model", "doorward-openapi", "doorward-python"]),
    ("doorward-guard", &["doorward-model", "doorward-openapi", "doorward-policy"]),
    ("doorward-probe", &["doorward-model"]),
    ("doorward", EVERYTHING),
    ("doorward-tests", EVERYTHING),
    ("xtask", &[]),
];

const EVERYTHING: &[&str] = &["*"];

/// Crates from outside that only one crate of ours may use: by prefix of the name.
const RESERVED: &[(&str, &str)] = &[("ruff_", "doorward-python")];

/// Dependencies that the table does not allow, of every kind: a development dependency is an arrow, too.
pub(crate) fn forbidden(metadata: &Metadata) -> Vec<Violation> {
    metadata.packages.iter().flat_map(forbidden_of).collect()
}

fn forbidden_of(package: &Package) -> Vec<Violation> {
    let violation = |what: String| Violation { file: package.manifest_path.display().to_string(), line: 1, what };
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
        return vec![violation(format!("`{}` is not in the table of crates and their arrows", package.name))];
    };
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let kind = dependency.kind.as_deref().unwrap_or("normal");
        let name = dependency.name.as_str();
        if dependency.path.is_some() && *allowed != EVERYTHING && !allowed.contains(&name) {
            let rule = format!("it may use {allowed:?} of ours");
            found.push(violation(format!("`{}` -> `{name}` ({kind}) is forbidden: {rule}", package.name)));
        }
        if let Some((prefix, owner)) = RESERVED.iter().find(|(prefix, _)| name.starts_with(prefix))
            && package.name != *owner
        {
            let rule = format!("only `{owner}` may use `{prefix}*`");
            found.push(violation(format!("`{}` -> `{name}` ({kind}) is forbidden: {rule}", package.name)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn violations(name: &str, dependency: &str, kind: Option<&str>, ours: bool) -> Vec<String> {
        let path = ours.then_some("somewhere");
        let metadata = json!({"packages": [{
            "name": name, "manifest_path": "crates/x/Cargo.toml", "targets": [],
            "dependencies": [{"name": dependency, "kind": kind, "path": path}],
        }]});
        let metadata = serde_json::from_value(metadata).expect("the shape of cargo metadata");
        forbidden(&metadata).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn allowed_arrows_are_silent() {
        assert!(violations("doorward-scan", "doorward-python", None, true).is_empty());
        assert!(violations("doorward", "doorward-guard", None, true).is_empty());
        assert!(violations("doorward-python", "ruff_python_parser", None, false).is_empty());
    }

    #[test]
    fn a_forbidden_arrow_is_found_whatever_its_kind() {
        for kind in [None, Some("dev"), Some("build")] {
            assert_eq!(violations("doorward-guard", "doorward-python", kind, true).len(), 1, "{kind:?}");
        }
        let message = violations("doorward-model", "doorward-scan", None, true);
        let expected =
            "crates/x/Cargo.toml:1: `doorward-model` -> `doorward-scan` (normal) is forbidden: it may use [] of ours";
        assert_eq!(message, [expected]);
    }

    #[test]
    fn the_python_parser_is_reserved() {
        assert_eq!(violations("doorward-scan", "ruff_python_ast", None, false).len(), 1);
        assert_eq!(violations("xtask", "ruff_python_parser", Some("dev"), false).len(), 1);
    }

    #[test]
    fn an_unknown_crate_must_enter_the_table() {
        assert_eq!(violations("doorward-utils", "serde", None, false).len(), 1);
    }
}
