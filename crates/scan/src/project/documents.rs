//! OpenAPI documents beside the code: which files may be one, and reading them. They are read after the code is understood, and
//! only where it serves something.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use model::{Gap, GapKind};
use openapi::{Document, ReadError};

use super::{Role, role_of};

/// The most files that are looked into.
const CANDIDATES_MAX: usize = 4_096;
/// The most documents of a project, and their bytes in all.
const DOCUMENTS_MAX: usize = 32;
const BYTES_MAX: u64 = 128 * 1024 * 1024;
/// How far a file is read whose name does not say that it is a document, and how large such a one may be.
const HEAD_BYTES: u64 = 4 * 1024;
const UNNAMED_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Folders whose documents describe something else: what others wrote, and what tests are made of.
const OF_OTHERS: &[&str] = &[
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "fixtures",
    "testdata",
    "test_data",
    "cassettes",
    "__mocks__",
];

/// A document with its text.
pub(crate) struct Written {
    pub(crate) text: Box<str>,
    pub(crate) document: Document,
}

/// The documents of a project.
#[derive(Default)]
pub(crate) struct Documents {
    pub(crate) read: Vec<Written>,
    pub(crate) gaps: Vec<Gap>,
}

impl Documents {
    /// The text of a document.
    pub(crate) fn text(&self, file: &str) -> Option<&str> {
        self.read.iter().find(|one| *one.document.file == *file).map(|one| &*one.text)
    }
}

/// Files that may be documents.
pub(super) struct Candidates {
    base: PathBuf,
    files: Vec<String>,
    read: OnceLock<Documents>,
}

/// Whether a file may be a document, by its path.
pub(super) fn is_candidate(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let is_text = [".json", ".yaml", ".yml"].iter().any(|end| lower.ends_with(end));
    let is_of_others = || lower.split('/').any(|part| OF_OTHERS.contains(&part));
    is_text && !is_of_others() && role_of(&path.into()) != Role::Test
}

/// Brings what is likeliest to be a document to the front: what is named like one, then what lies higher.
pub(super) fn sort(files: &mut Vec<String>) {
    files.sort_by(|a, b| {
        let place = |file: &str| (!is_named(file), file.matches('/').count());
        (place(a), a).cmp(&(place(b), b))
    });
    files.truncate(CANDIDATES_MAX);
}

/// Whether the name of a file says that it is a document.
fn is_named(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.contains("openapi") || name.contains("swagger")
}

impl Candidates {
    pub(super) fn new(base: PathBuf, files: Vec<String>) -> Self {
        Self { base, files, read: OnceLock::new() }
    }

    pub(super) fn read(&self) -> &Documents {
        self.read.get_or_init(|| self.all())
    }

    /// The texts of those that were read.
    pub(super) fn into_texts(self) -> impl Iterator<Item = (Arc<str>, Box<str>)> {
        let read = self.read.into_inner().unwrap_or_default().read;
        read.into_iter().map(|one| (one.document.file, one.text))
    }

    fn all(&self) -> Documents {
        let mut found = Documents::default();
        let mut bytes = 0;
        for file in &self.files {
            let size = fs::metadata(self.base.join(file)).map_or(0, |metadata| metadata.len());
            if found.read.len() == DOCUMENTS_MAX || !self.is_worth_reading(file, size) {
                continue;
            }
            let failed = |kind, line, reason| Gap { kind, file: file.as_str().into(), line, reason };
            if !fits(bytes, size) {
                let reason = format!("{} MiB: no more OpenAPI documents are read", size >> 20);
                found.gaps.push(failed(GapKind::FileTooLarge, None, reason));
                continue;
            }
            bytes += size;
            let text = match fs::read(self.base.join(file)) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => {
                    found.gaps.push(failed(GapKind::Unreadable, None, error.to_string()));
                    continue;
                }
            };
            match Document::read(file.as_str(), &text) {
                Ok(document) => found.read.push(Written { text: text.into(), document }),
                Err(ReadError::NoDocument) => {}
                Err(error) => {
                    let (kind, line) = place_of(&error);
                    found.gaps.push(failed(kind, line, format!("an OpenAPI document: {error}")));
                }
            }
        }
        found
    }

    /// Whether a file is named like a document, or begins like one.
    fn is_worth_reading(&self, file: &str, size: u64) -> bool {
        is_named(file) || (size <= UNNAMED_BYTES_MAX && self.head(file).is_some_and(|head| begins_like_one(&head)))
    }

    fn head(&self, file: &str) -> Option<Vec<u8>> {
        let mut head = Vec::new();
        File::open(self.base.join(file)).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
        Some(head)
    }
}

/// Whether a file may still be read beside so many bytes.
fn fits(read: u64, size: u64) -> bool {
    size <= openapi::BYTES_MAX as u64 && read + size <= BYTES_MAX
}

/// Whether the begin of a file names the version of the specification at its top level, as far as one can see.
fn begins_like_one(head: &[u8]) -> bool {
    let names = ["openapi", "swagger"];
    if head.trim_ascii_start().starts_with(b"{") {
        return names.iter().any(|name| memmem::find(head, format!("\"{name}\"").as_bytes()).is_some());
    }
    let begins = |line: &[u8], name: &str| {
        let key = line.strip_prefix(b"\"").or_else(|| line.strip_prefix(b"'")).unwrap_or(line);
        let after = key.strip_prefix(name.as_bytes());
        after.is_some_and(|after| matches!(after, [b':', ..] | [b'"' | b'\'', b':', ..]))
    };
    head.split(|byte| *byte == b'\n').any(|line| names.iter().any(|name| begins(line, name)))
}

fn place_of(error: &ReadError) -> (GapKind, Option<u32>) {
    match error {
        ReadError::Syntax { line, .. } => (GapKind::Syntax, Some(*line)),
        ReadError::TooLarge { .. } => (GapKind::FileTooLarge, None),
        ReadError::TooDeep | ReadError::TooManyValues | ReadError::NoDocument => (GapKind::TooDeep, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> (Vec<String>, Vec<(GapKind, String)>) {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Vec::new();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            if is_candidate(name) {
                names.push((*name).to_owned());
            }
        }
        sort(&mut names);
        let candidates = Candidates::new(folder.path().to_owned(), names);
        let documents = candidates.read();
        let files = documents.read.iter().map(|one| one.document.file.to_string()).collect();
        (files, documents.gaps.iter().map(|gap| (gap.kind, gap.file.to_string())).collect())
    }

    const DOCUMENT: &str = "openapi: 3.0.0\npaths: {}\n";

    #[test]
    fn documents_are_found_by_name_and_by_content() {
        let (found, gaps) = read(&[
            ("a/b/OpenAPI-v1.YAML", DOCUMENT),
            ("spec.json", "{\n  \"swagger\": \"2.0\"}"),
            ("api/spec.yml", "# ours\n'openapi': 3.1.0\n"),
            ("compose.yml", "services:\n  swagger-ui:\n    image: x\n"),
            ("package.json", "{\"dependencies\": {\"openapi\": \"1\"}}"),
            ("openapi.config.json", "{}"),
            ("openapi.txt", DOCUMENT),
        ]);
        assert_eq!(found, ["a/b/OpenAPI-v1.YAML", "spec.json", "api/spec.yml"]);
        assert_eq!(gaps, []);
    }

    #[test]
    fn what_others_and_tests_hold_is_not_looked_at() {
        for path in
            ["tests/openapi.json", "app/vendor/x/openapi.json", "fixtures/swagger.yaml", "a/third_party/openapi.yml"]
        {
            assert_eq!(read(&[(path, DOCUMENT)]), (vec![], vec![]), "{path}");
        }
    }

    #[test]
    fn a_document_that_cannot_be_read_is_a_gap() {
        let deep = format!("{{\"openapi\": \"3.0.0\", \"x\": {}1{}}}", "[".repeat(100), "]".repeat(100));
        let (found, gaps) = read(&[("openapi.yaml", "openapi: 3.0.0\npaths: [\n"), ("swagger.json", &deep)]);
        assert_eq!(found, [""; 0]);
        assert_eq!(
            gaps,
            [(GapKind::Syntax, "openapi.yaml".to_owned()), (GapKind::TooDeep, "swagger.json".to_owned()),]
        );
    }

    #[test]
    fn documents_have_a_bound() {
        let names: Vec<String> = (0..=DOCUMENTS_MAX).map(|index| format!("openapi-{index:02}.yaml")).collect();
        let files: Vec<_> = names.iter().map(|name| (&**name, DOCUMENT)).collect();
        assert_eq!(read(&files[..DOCUMENTS_MAX]).0.len(), DOCUMENTS_MAX);
        let (found, _) = read(&files);
        assert_eq!(found, names[..DOCUMENTS_MAX]);
    }

    #[test]
    fn bytes_have_a_bound() {
        let largest = openapi::BYTES_MAX as u64;
        assert!(fits(BYTES_MAX - largest, largest) && !fits(BYTES_MAX - largest + 1, largest));
        assert!(!fits(0, largest + 1));
    }

    #[test]
    fn candidates_have_a_bound() {
        let sorted = |count: usize| {
            let mut names: Vec<String> = (0..count).map(|index| format!("{index}.json")).collect();
            names.push("a/b/c/openapi.json".to_owned());
            sort(&mut names);
            (names.len(), names[0].clone())
        };
        assert_eq!(sorted(CANDIDATES_MAX - 1), (CANDIDATES_MAX, "a/b/c/openapi.json".to_owned()));
        assert_eq!(sorted(CANDIDATES_MAX), (CANDIDATES_MAX, "a/b/c/openapi.json".to_owned()));
    }

    #[test]
    fn the_begin_of_a_file_says_whether_it_is_one() {
        let after = |bytes: u64| format!("{}\n{DOCUMENT}", "#".repeat(usize::try_from(bytes).unwrap() - 1));
        // `openapi:` has eight bytes.
        assert_eq!(read(&[("spec.yaml", &after(HEAD_BYTES - 8))]).0, ["spec.yaml"]);
        assert_eq!(read(&[("spec.yaml", &after(HEAD_BYTES - 7))]).0, [""; 0]);
    }

    #[test]
    fn what_is_not_named_like_one_must_be_small() {
        let padded = |bytes: usize| format!("openapi: 3.0.0\n{}", "#".repeat(bytes - 15));
        let most = usize::try_from(UNNAMED_BYTES_MAX).unwrap();
        assert_eq!(read(&[("spec.yaml", &padded(most))]).0, ["spec.yaml"]);
        assert_eq!(read(&[("spec.yaml", &padded(most + 1))]).0, [""; 0]);
        assert_eq!(read(&[("openapi.yaml", &padded(most + 1))]).0, ["openapi.yaml"]);
    }
}
