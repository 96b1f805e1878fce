//! Which files are read: `.gitignore` honoured; virtual environments, installed packages and build output never, at any depth.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, WalkBuilder};
use model::{Gap, GapKind};

use super::{documents, templates};
use crate::{Options, Phase, Progress, ScanError};

/// Directories that hold no code of the project, whatever their depth.
const NEVER: &[&str] = &[
    "site-packages",
    "dist-packages",
    "node_modules",
    "__pycache__",
    "__pypackages__",
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "virtualenv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "bower_components",
];

/// Build output, unless it is a package of the project ([`is_package`]).
const BUILD_OUTPUT: &[&str] = &["build", "dist", "_build", "target", "htmlcov"];

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// The directory that paths are relative to.
    pub(super) base: PathBuf,
    /// Python files, relative, with `/`, sorted.
    pub(super) files: Vec<String>,
    /// JSON and YAML files, relative: some may be OpenAPI documents.
    pub(super) documents: Vec<String>,
    /// Files that may be templates, relative, sorted.
    pub(super) templates: Vec<String>,
    /// Further directories from which absolute imports start.
    pub(super) roots: Vec<String>,
    /// What was seen and not read.
    pub(super) gaps: Vec<Gap>,
    /// Whether a whole directory was listed (and not one file).
    pub(super) whole: bool,
}

/// Lists the files of a project.
pub(super) fn discover(options: &Options, progress: &dyn Progress) -> Result<Found, ScanError> {
    let root = &options.root;
    let metadata = fs::metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ScanError::NotFound(root.clone()),
        _ => ScanError::Unreadable { path: root.clone(), source },
    })?;
    if !metadata.is_dir() {
        return one_file(root);
    }
    fs::read_dir(root).map_err(|source| ScanError::Unreadable { path: root.clone(), source })?;
    let mut found = Found { base: root.clone(), whole: true, ..Found::default() };
    for entry in walker(options)?.build() {
        match entry {
            Ok(entry) => {
                found.visit(&entry);
                progress.advance(Phase::Walk, found.files.len(), 0);
            }
            Err(error) => {
                let path = path_of(&error).unwrap_or_else(|| root.clone());
                let file = relative(root, &path).into();
                let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                found.gaps.push(Gap { kind: GapKind::Unreadable, file, line: None, reason });
            }
        }
    }
    found.files.sort();
    documents::sort(&mut found.documents);
    found.templates.sort();
    found.roots.sort();
    found.roots.dedup();
    Ok(found)
}

fn one_file(path: &Path) -> Result<Found, ScanError> {
    let is_python = path.extension().is_some_and(|e| e == "py" || e == "pyw");
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    match name {
        Some(name) if is_python => {
            let base = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
            Ok(Found { base, files: vec![name], ..Found::default() })
        }
        _ => Err(ScanError::NoPython(path.to_path_buf())),
    }
}

fn walker(options: &Options) -> Result<WalkBuilder, ScanError> {
    let mut overrides = OverrideBuilder::new(&options.root);
    for glob in &options.exclude {
        let bad = |e: ignore::Error| ScanError::BadGlob { glob: glob.clone(), reason: e.to_string() };
        overrides.add(&format!("!{glob}")).map_err(bad)?;
    }
    let overrides = overrides
        .build()
        .map_err(|e| ScanError::BadGlob { glob: options.exclude.join(", "), reason: e.to_string() })?;
    let mut builder = WalkBuilder::new(&options.root);
    builder
        .require_git(false)
        .follow_links(false)
        .overrides(overrides)
        .filter_entry(|entry| entry.depth() == 0 || !is_never_read(entry));
    Ok(builder)
}

fn is_never_read(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|t| t.is_dir()) {
        return false;
    }
    let name = entry.file_name().to_string_lossy();
    let path = entry.path();
    NEVER.contains(&&*name)
        || name.ends_with(".egg-info")
        || name.ends_with(".dist-info")
        || path.join("pyvenv.cfg").exists()
        || (BUILD_OUTPUT.contains(&&*name) && !is_package(path))
}

/// Whether a directory with the name of build output is code: a package, or modules side by side below the root of a project. What
/// builds put there lies deeper, in a folder for a platform or a library.
fn is_package(directory: &Path) -> bool {
    let at_root = ["pyproject.toml", "setup.py", "setup.cfg"];
    let beside = |name: &&str| directory.parent().is_some_and(|parent| parent.join(name).exists());
    let is_module = |entry: fs::DirEntry| entry.path().extension().is_some_and(|e| e == "py");
    directory.join("__init__.py").exists()
        || (!at_root.iter().any(beside)
            && fs::read_dir(directory).is_ok_and(|entries| entries.flatten().any(is_module)))
}

impl Found {
    fn visit(&mut self, entry: &DirEntry) {
        let path = entry.path();
        let file = relative(&self.base, path);
        let Some(kind) = entry.file_type() else {
            return;
        };
        let name = entry.file_name().to_string_lossy();
        if kind.is_dir() {
            if name == "src" {
                self.roots.push(file);
            }
            return;
        }
        if matches!(&*name, "pyproject.toml" | "setup.py" | "setup.cfg" | "manage.py" | "requirements.txt") {
            self.roots.push(python::program::parent(&file).unwrap_or_default());
        }
        if name.ends_with(".py") || name.ends_with(".pyw") {
            let (kind, reason) = match kind {
                kind if kind.is_symlink() => (GapKind::NotText, "a symbolic link, which is not followed"),
                kind if !kind.is_file() => (GapKind::NotText, "not a regular file"),
                _ if path.to_str().is_none() => (GapKind::Unreadable, "its name is not UTF-8"),
                _ => return self.files.push(file),
            };
            self.gaps.push(Gap { kind, file: file.into(), line: None, reason: reason.to_owned() });
        } else if kind.is_file() && documents::is_candidate(&file) {
            self.documents.push(file);
        } else if kind.is_file() && templates::is_candidate(&file) {
            self.templates.push(file);
        } else if name.ends_with(".ipynb") {
            let reason = "notebooks are not read: export it as a script to have it scanned".to_owned();
            self.gaps.push(Gap { kind: GapKind::Notebook, file: file.into(), line: None, reason });
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// A path relative to the root, with `/`.
fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What a file is for, judged by its path inside the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Code of the application.
    Source,
    /// Tests and their fixtures.
    Test,
    /// Examples and documentation.
    Example,
    /// Database migrations.
    Migration,
}

/// What a file is for.
pub(crate) fn role_of(path: &Arc<str>) -> Role {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of_name =
        ["conftest.py", "tests.py"].contains(&name) || name.starts_with("test_") || name.ends_with("_test.py");
    let mut role = if of_name { Role::Test } else { Role::Source };
    for part in directory.split('/') {
        role = match (part, role) {
            (_, Role::Test) | ("tests" | "test" | "testing" | "test_utils" | "e2e", _) => return Role::Test,
            ("examples" | "example" | "docs" | "docs_src" | "samples" | "benchmarks", _) => Role::Example,
            ("migrations" | "alembic", Role::Source) => Role::Migration,
            (_, so_far) => so_far,
        };
    }
    role
}

#[cfg(test)]
mod tests {
    use super::{Role, role_of};

    #[test]
    fn folders_and_names_say_what_a_file_is_for() {
        for (path, role) in [
            ("app/main.py", Role::Source),
            ("main.py", Role::Source),
            ("app/test_main.py", Role::Test),
            ("conftest.py", Role::Test),
            ("docs/tests/main.py", Role::Test),
            ("migrations/tests/main.py", Role::Test),
            ("migrations/examples/main.py", Role::Example),
            ("examples/migrations/main.py", Role::Example),
            ("app/alembic/env.py", Role::Migration),
            ("app/tests", Role::Source),
            ("app/latest/main.py", Role::Source),
        ] {
            assert_eq!(role_of(&path.into()), role, "{path}");
        }
    }
}
