//! The tree of modules from each target's first file: source files that no `mod` reaches, and files that only tests
//! reach.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::source::{Violation, is_test_only};
use super::workspace::{Package, Workspace, rust_files};

/// Files that a package compiles, with whether only its tests do.
pub(crate) type Reached = BTreeMap<PathBuf, bool>;

/// Source files that nothing compiles.
pub(crate) fn orphans(workspace: &Workspace) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &workspace.metadata.packages {
        let reached = reached(package);
        for path in rust_files(package.folder()).into_iter().filter(|path| !reached.contains_key(path)) {
            let what = "no `mod` reaches this file: name it in its parent or delete it".to_owned();
            found.push(Violation { file: workspace.relative(&path), line: 1, what });
        }
    }
    found
}

/// Every file of a package that some target compiles.
pub(crate) fn reached(package: &Package) -> Reached {
    let mut reached = Reached::new();
    for target in &package.targets {
        if let Some(folder) = target.src_path.parent() {
            walk(&target.src_path, folder, target.is_test(), &mut reached);
        }
    }
    reached
}

/// Records a file and the modules that it declares. `folder` is where they lie.
fn walk(file: &Path, folder: &Path, is_test: bool, reached: &mut Reached) {
    let already_as_product = reached.get(file) == Some(&false);
    if already_as_product || (is_test && reached.contains_key(file)) {
        return;
    }
    let Ok(text) = fs::read_to_string(file) else {
        return;
    };
    reached.insert(file.to_path_buf(), is_test);
    if let Ok(syntax) = syn::parse_file(&text) {
        let place = Place { file, folder, is_test };
        syntax.items.iter().for_each(|item| place.follow(item, reached));
    }
}

/// Where declarations are being read: the file, and the folder in which its modules lie.
struct Place<'a> {
    file: &'a Path,
    folder: &'a Path,
    is_test: bool,
}

impl Place<'_> {
    fn follow(&self, item: &syn::Item, reached: &mut Reached) {
        match item {
            syn::Item::Mod(module) => self.follow_module(module, reached),
            // A macro that registers words (`rules! { .. }`) may declare the modules of that name.
            syn::Item::Macro(call) if call.ident.is_none() => {
                for name in words(call.mac.tokens.clone()) {
                    self.follow_name(&name, self.is_test, reached);
                }
            }
            _ => {}
        }
    }

    fn follow_module(&self, module: &syn::ItemMod, reached: &mut Reached) {
        let (name, is_test) = (module.ident.to_string(), self.is_test || is_test_only(&module.attrs));
        if let Some((_, items)) = &module.content {
            let folder = self.folder.join(&name);
            let inside = Place { file: self.file, folder: &folder, is_test };
            for item in items {
                inside.follow(item, reached);
            }
        } else if let Some(path) = path_attribute(module) {
            let file = self.file.parent().unwrap_or(self.folder).join(path);
            walk(&file, file.parent().unwrap_or(self.folder), is_test, reached);
        } else {
            self.follow_name(&name, is_test, reached);
        }
    }

    fn follow_name(&self, name: &str, is_test: bool, reached: &mut Reached) {
        let name = name.trim_start_matches("r#");
        let folder = self.folder.join(name);
        walk(&self.folder.join(format!("{name}.rs")), &folder, is_test, reached);
        walk(&folder.join("mod.rs"), &folder, is_test, reached);
    }
}

fn path_attribute(module: &syn::ItemMod) -> Option<String> {
    let named = module.attrs.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => Some(&pair.value),
        _ => None,
    })?;
    match named {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn words(tokens: proc_macro2::TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for tree in tokens {
        match tree {
            proc_macro2::TokenTree::Ident(word) => found.push(word.to_string()),
            proc_macro2::TokenTree::Group(group) => found.extend(words(group.stream())),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::workspace::Metadata;

    /// Lays files into a temporary package and returns the paths for which `keep` holds.
    fn workspace_of(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let root = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let metadata = json!({"packages": [{
            "name": "p", "manifest_path": root.path().join("Cargo.toml"), "dependencies": [],
            "targets": [{"kind": ["lib"], "src_path": root.path().join("src/lib.rs")}],
        }]});
        let metadata: Metadata = serde_json::from_value(metadata).expect("the shape of cargo metadata");
        let workspace = Workspace { root: root.path().to_path_buf(), metadata };
        (root, workspace)
    }

    const FILES: &[(&str, &str)] = &[
        (
            "src/lib.rs",
            "mod a;\nmod b { mod c; }\n#[path = \"odd/e.rs\"]\nmod e;\nrules! { f }\n#[cfg(test)]\nmod suite;\n",
        ),
        ("src/a.rs", "mod d;\n"),
        ("src/a/d.rs", ""),
        ("src/b/c/mod.rs", ""),
        ("src/odd/e.rs", ""),
        ("src/f.rs", ""),
        ("src/suite.rs", "mod g;\n"),
        ("src/suite/g.rs", ""),
    ];

    #[test]
    fn every_way_to_declare_a_module_is_followed() {
        let (_root, workspace) = workspace_of(FILES);
        assert_eq!(orphans(&workspace), []);
        let tests = reached(&workspace.metadata.packages[0]).into_iter().filter(|(_, is_test)| *is_test);
        let tests: Vec<String> = tests.map(|(path, _)| workspace.relative(&path)).collect();
        assert_eq!(tests, ["src/suite/g.rs", "src/suite.rs"]);
    }

    #[test]
    fn an_orphan_is_found() {
        let files = [FILES, &[("src/d.rs", ""), ("src/b.rs", "")]].concat();
        let (_root, workspace) = workspace_of(&files);
        let found: Vec<String> = orphans(&workspace).into_iter().map(|violation| violation.file).collect();
        assert_eq!(found, ["src/b.rs", "src/d.rs"]);
    }
}
