//! The workspace as `cargo metadata` and the file system show it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::modules::reached;
use super::source::Source;

/// The workspace that these tests belong to.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) metadata: Metadata,
}

/// The part of `cargo metadata` that the checks read.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// A dependency as the manifest declares it; `path` is set for our own crates.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    pub(crate) path: Option<PathBuf>,
}

/// A library, binary, test, example or build script.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

impl Package {
    /// The folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().expect("a manifest lies in a folder")
    }
}

impl Target {
    /// Whether no user runs this: test, bench, example or build code.
    pub(crate) fn is_test(&self) -> bool {
        self.kind.iter().any(|kind| matches!(kind.as_str(), "test" | "bench" | "example" | "custom-build"))
    }
}

impl Workspace {
    /// Asks cargo about the workspace; dependencies are not resolved, so that nothing is downloaded.
    pub(crate) fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf();
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(&root)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
        Self { root, metadata }
    }

    /// Every Rust file of every member.
    pub(crate) fn sources(&self) -> Vec<Source> {
        self.metadata.packages.iter().flat_map(|package| self.package_sources(package)).collect()
    }

    fn package_sources(&self, package: &Package) -> Vec<Source> {
        let reached = reached(package);
        rust_files(package.folder())
            .into_iter()
            .map(|path| {
                let relative = self.relative(&path);
                let is_test = is_test_path(&relative) || reached.get(&path) == Some(&true);
                let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{relative}: {error}"));
                Source::new(&relative, &package.name, &text, is_test)
            })
            .collect()
    }

    /// A path relative to the root, with `/`.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

/// Whether a file is test, example or build code because of where it lies.
pub(crate) fn is_test_path(relative: &str) -> bool {
    relative.ends_with("/build.rs")
        || relative.ends_with("/tests.rs")
        || relative.split('/').any(|part| matches!(part, "tests" | "benches" | "examples" | "fuzz"))
}

/// All Rust files below a folder, sorted; build output and hidden folders are left out.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let entry = entry.expect("a folder entry can be read");
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_file_tells_test_code() {
        for path in ["tests/architecture.rs", "crates/a/tests/b.rs", "crates/a/src/b/tests.rs", "crates/a/build.rs"] {
            assert!(is_test_path(path), "{path}");
        }
        for path in ["crates/a/src/lib.rs", "crates/a/src/latests.rs", "xtask/src/main.rs"] {
            assert!(!is_test_path(path), "{path}");
        }
    }

    #[test]
    fn the_walk_skips_build_output() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in ["src/a.rs", "target/b.rs", ".git/c.rs", "src/d.py"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
        assert_eq!(rust_files(folder.path()), [folder.path().join("src/a.rs")]);
    }
}
