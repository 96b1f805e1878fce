//! A project in memory: which files there are, read and parsed in parallel.

mod discovery;
mod documents;
mod metadata;
mod templates;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Gap, GapKind};
use python::limits::FILE_BYTES_MAX;
use python::program::{Loader, Program, STUBS};
use python::source::SourceFile;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub(crate) use discovery::{Role, role_of};
pub(crate) use documents::{Documents, Written};
pub(crate) use templates::Templates;

use documents::Candidates;

use crate::literals::{self, Literal};
use crate::{Options, Phase, Progress, ScanError, defects, packs};

/// The stack of a worker: the parser recurses, within [`python::limits`]. It is reserved, not used.
pub(crate) const WORKER_STACK_BYTES: usize = 256 * 1024 * 1024;

/// The largest text file beside the code that is read (`.env`, project metadata), in bytes.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;
/// How many directories above the scanned one are searched for the project's metadata.
const METADATA_LEVELS: usize = 4;

/// The texts of the files of a project, by path relative to the scanned root.
#[derive(Debug, Default)]
pub struct Sources {
    texts: FxHashMap<Arc<str>, Box<str>>,
}

impl Sources {
    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(AsRef::as_ref)
    }
}

/// What was read.
pub(crate) struct Project {
    pub(crate) program: Program,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) files: usize,
    pub(crate) lines: usize,
    /// What stands in the files under telling names.
    pub(crate) literals: Vec<Literal>,
    documents: Candidates,
    pub(crate) templates: Templates,
}

impl Project {
    /// Finds, reads and parses the files.
    pub(crate) fn read(options: &Options, progress: &dyn Progress) -> Result<Self, ScanError> {
        let found = discovery::discover(options, progress)?;
        let mut gaps = found.gaps;
        let total = found.files.len();
        let done = AtomicUsize::new(0);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(options.jobs.unwrap_or(0))
            .stack_size(WORKER_STACK_BYTES)
            .build();
        let read = || -> Vec<ReadFile> {
            found
                .files
                .par_iter()
                .map(|relative| {
                    let result = defects::caught(&relative.as_str().into(), None, "reading this file", || {
                        read_file(&found.base, relative)
                    });
                    let result = result.unwrap_or_else(|gap| (None, vec![gap]));
                    progress.advance(Phase::Parse, done.fetch_add(1, Ordering::Relaxed) + 1, total);
                    result
                })
                .collect()
        };
        let results = match pool {
            Ok(pool) => pool.install(read),
            Err(_) => read(),
        };
        let mut files = Vec::with_capacity(results.len());
        let mut literals = Vec::new();
        for (file, file_gaps) in results {
            if let Some((file, of_file)) = file {
                files.push(file);
                literals.extend(of_file);
            }
            gaps.extend(file_gaps);
        }
        if files.is_empty() && gaps.is_empty() {
            return Err(ScanError::NoPython(options.root.clone()));
        }
        let lines = files.iter().map(SourceFile::line_count).sum();
        let count = files.len();
        let documents = Candidates::new(found.base.clone(), found.documents);
        let templates = Templates::new(found.base.clone(), found.templates);
        let loader = Disk { base: found.base, whole: found.whole };
        let program = Program::new(files, found.roots, Box::new(loader));
        Ok(Self { program, gaps, files: count, lines, literals, documents, templates })
    }

    /// The OpenAPI documents beside the code, read when somebody asks first, and those that could not be.
    pub(crate) fn documents(&self) -> &Documents {
        self.documents.read()
    }

    /// The texts, to show findings in them; what is secret in them is not shown: the secrets that are known, and the string constants
    /// of lines that hold one.
    pub(crate) fn into_sources(self, secrets: &[&str], lines: &[(Arc<str>, u32)]) -> Sources {
        let own = self.program.into_files().filter(|file| !file.path.starts_with(STUBS));
        let hidden = |file: SourceFile| {
            let of_file = lines.iter().filter(|(path, _)| *path == file.path).map(|(_, line)| *line).collect();
            (file.path, masked_lines(masked(file.text, secrets), &of_file))
        };
        let mut texts: FxHashMap<_, _> = own.map(hidden).collect();
        texts.extend(self.documents.into_texts());
        texts.extend(self.templates.into_texts());
        Sources { texts }
    }
}

/// A text in which string constants that are secrets are stars, as many as they have bytes: places stay where they are.
fn masked(text: Box<str>, secrets: &[&str]) -> Box<str> {
    let mut text = text;
    for secret in secrets {
        for quote in ['"', '\''] {
            let constant = format!("{quote}{secret}{quote}");
            if text.contains(&constant) {
                text = text.replace(&constant, &format!("{quote}{}{quote}", "*".repeat(secret.len()))).into();
            }
        }
    }
    text
}

/// A text in which the string constants of some lines, counted from 1, are stars.
fn masked_lines(text: Box<str>, lines: &BTreeSet<u32>) -> Box<str> {
    if lines.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for (line, content) in (1..).zip(text.split_inclusive('\n')) {
        if !lines.contains(&line) {
            out.push_str(content);
            continue;
        }
        let mut quote = None;
        for c in content.chars() {
            match quote {
                None if matches!(c, '"' | '\'') => quote = Some(c),
                Some(open) if c == open => quote = None,
                Some(_) if c != '\n' && c != '\r' => {
                    out.extend(std::iter::repeat_n('*', c.len_utf8()));
                    continue;
                }
                _ => {}
            }
            out.push(c);
        }
    }
    out.into()
}

/// A file with the literals in it, and what could not be read.
type ReadFile = (Option<(SourceFile, Vec<Literal>)>, Vec<Gap>);

fn read_file(base: &Path, relative: &str) -> ReadFile {
    let path: Arc<str> = relative.into();
    let failed = |kind, reason: String| (None, vec![Gap { kind, file: Arc::clone(&path), line: None, reason }]);
    let full = base.join(relative);
    match fs::metadata(&full) {
        Ok(metadata) if !metadata.is_file() => {
            return failed(GapKind::NotText, "not a regular file".to_owned());
        }
        Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
            let reason = format!("{} MiB: files over {} MiB are not read", metadata.len() >> 20, FILE_BYTES_MAX >> 20);
            return failed(GapKind::FileTooLarge, reason);
        }
        Ok(_) => {}
        Err(error) => return failed(GapKind::Unreadable, error.to_string()),
    }
    let is_source = role_of(&path) == Role::Source;
    match fs::read(&full) {
        Ok(bytes) => {
            // Literals are looked for while the tree is there: bodies need not be parsed again.
            let places = |text: &str| if is_source { literals::places(text) } else { Vec::new() };
            let (mut file, gaps) = SourceFile::with_bodies(path, bytes, &places);
            let literals = literals::of_file(&file, &file.wanted);
            file.forget_bodies();
            (Some((file, literals)), gaps)
        }
        Err(error) => failed(GapKind::Unreadable, error.to_string()),
    }
}

/// Files that only an import of a scanned file asks for: of the package around the scanned folder or file.
struct Disk {
    base: PathBuf,
    /// Whether everything below the base is in the program already.
    whole: bool,
}

impl Loader for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(library) = path.strip_prefix(STUBS) {
            return packs::source(library.trim_start_matches('/')).map(|text| text.as_bytes().to_vec());
        }
        if self.whole && !path.starts_with("..") {
            return None;
        }
        let full = self.base.join(path);
        let metadata = fs::metadata(&full).ok()?;
        if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
            return None;
        }
        fs::read(full).ok()
    }

    fn text(&self, path: &str) -> Option<String> {
        let full = self.base.join(path);
        let metadata = fs::metadata(&full).ok()?;
        let small = metadata.is_file() && metadata.len() <= TEXT_BYTES_MAX;
        small.then(|| fs::read_to_string(full).ok()).flatten()
    }

    fn directory_name(&self, path: &str) -> Option<String> {
        let full = fs::canonicalize(self.base.join(path)).ok()?;
        Some(full.file_name()?.to_string_lossy().into_owned())
    }

    fn entry_points(&self) -> Vec<[String; 3]> {
        let metadata = (0..METADATA_LEVELS).find_map(|up| self.text(&format!("{}pyproject.toml", "../".repeat(up))));
        metadata
            .and_then(|text| toml::from_str::<toml::Table>(&text).ok())
            .map(|table| metadata::entry_points(&table))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_stars_where_they_are_constants() {
        let text = "KEY = \"hunter2\"\nhunter2 = ['hunter2', 'hunter22']\n";
        let shown = "KEY = \"*******\"\nhunter2 = ['*******', 'hunter22']\n";
        assert_eq!(&*masked(text.into(), &["hunter2"]), shown);
        assert_eq!(&*masked(text.into(), &[]), text);
    }

    #[test]
    fn constants_of_lines_that_hold_a_secret_are_stars() {
        let text = "a = \"x\"\nif p == 'hünter' and n == \"é\":\n    b = 'y'\n";
        let shown = "a = \"x\"\nif p == '*******' and n == \"**\":\n    b = 'y'\n";
        assert_eq!(&*masked_lines(text.into(), &BTreeSet::from([2])), shown);
        assert_eq!(&*masked_lines(text.into(), &BTreeSet::new()), text);
    }

    #[test]
    fn a_file_that_vanished_is_a_gap() {
        let (file, gaps) = read_file(Path::new("."), "vanished.py");
        assert!(file.is_none());
        assert_eq!(
            gaps.iter().map(|gap| (gap.kind, &*gap.file)).collect::<Vec<_>>(),
            [(GapKind::Unreadable, "vanished.py")]
        );
    }
}
