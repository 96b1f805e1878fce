//! The journal: what a run is about to make is written down before the request leaves, and undone in reverse. What cannot be
//! undone is listed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::EndpointId;
use serde::Serialize;
use serde_json::{Value, json};

use crate::request::Request;
use crate::run::Caller;

/// Something that the run made and could not take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// The object model, or `account`.
    pub object: Arc<str>,
    /// Its key or name; null where the answer did not tell.
    pub key: Option<String>,
    /// The endpoint that made it.
    pub made_by: EndpointId,
    /// Why it is still there.
    pub reason: String,
}

/// One thing that may have been made.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) object: Arc<str>,
    pub(crate) key: Option<String>,
    pub(crate) made_by: EndpointId,
    pub(crate) state: State,
}

/// What is known of it.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// The request left; what came of it is not known.
    Planned,
    /// It is there, and this takes it away.
    Made(Box<Undo>),
    /// It is there, and nothing takes it away, for a reason.
    Stays(String),
    /// It is not there: refused, or gone again.
    Gone,
}

/// How something is taken away.
#[derive(Debug, Clone)]
pub(crate) struct Undo {
    pub(crate) request: Request,
    pub(crate) caller: Caller,
}

/// The entries, in memory and in a file that outlives a crash.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Journal {
    /// Begins a journal in a new file that only its owner reads.
    pub(crate) fn begin(path: &Path, run_id: &str, target: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut journal = Self { file: options.open(path)?, path: path.to_owned(), entries: Vec::new() };
        journal.write(&json!({"run": run_id, "target": target}))?;
        Ok(journal)
    }

    /// Writes down what the next request may make.
    pub(crate) fn plan(&mut self, object: &Arc<str>, key: Option<String>, made_by: &EndpointId) -> io::Result<usize> {
        let index = self.entries.len();
        self.write(&json!({"before": index, "object": object, "key": key, "made_by": made_by}))?;
        let entry = Entry { object: Arc::clone(object), key, made_by: made_by.clone(), state: State::Planned };
        self.entries.push(entry);
        Ok(index)
    }

    /// Writes down what came of it. What is in memory counts even where the file can no longer be written.
    pub(crate) fn settle(&mut self, index: usize, key: Option<String>, state: State) -> io::Result<()> {
        let Some(entry) = self.entries.get_mut(index) else { return Ok(()) };
        entry.key = key.or_else(|| entry.key.take());
        let (word, detail) = match &state {
            State::Planned => ("planned", None),
            State::Made(undo) => ("made", Some(format!("{} {}", undo.request.method, undo.request.path.shown(false)))),
            State::Stays(reason) => ("stays", Some(reason.clone())),
            State::Gone => ("gone", None),
        };
        entry.state = state;
        let line = json!({"entry": index, "state": word, "key": entry.key, "undo": detail});
        self.write(&line)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// What is still there. The file goes if that is nothing.
    pub(crate) fn close(self) -> Vec<LeftBehind> {
        let left: Vec<LeftBehind> = self.entries.into_iter().filter_map(Entry::left_behind).collect();
        if left.is_empty() {
            // It served its purpose; one that stays does no harm.
            let _ = std::fs::remove_file(&self.path);
        }
        left
    }

    fn write(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.file, "{line}")?;
        self.file.sync_data()
    }
}

impl Entry {
    fn left_behind(self) -> Option<LeftBehind> {
        let reason = match self.state {
            State::Gone => return None,
            State::Planned => "no answer told whether it was made".to_owned(),
            State::Made(_) => "it was not undone".to_owned(),
            State::Stays(reason) => reason,
        };
        Some(LeftBehind { object: self.object, key: self.key, made_by: self.made_by, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> EndpointId {
        "POST /orders".parse().unwrap()
    }

    #[test]
    fn it_is_written_before_and_goes_when_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::begin(&path, "r1", "http://127.0.0.1:1").unwrap();
        let index = journal.plan(&"Order".into(), None, &endpoint()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.ends_with("{\"before\":0,\"object\":\"Order\",\"key\":null,\"made_by\":\"POST /orders\"}\n"),
            "{text}"
        );
        journal.settle(index, Some("7".to_owned()), State::Gone).unwrap();
        assert_eq!(journal.close(), []);
        assert!(!path.exists());
    }

    #[test]
    fn what_stays_is_listed_and_so_is_what_nobody_knows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::begin(&path, "r1", "t").unwrap();
        let first = journal.plan(&"Order".into(), None, &endpoint()).unwrap();
        journal.plan(&"account".into(), Some("dw@example.com".to_owned()), &endpoint()).unwrap();
        journal.settle(first, Some("7".to_owned()), State::Stays("409".to_owned())).unwrap();
        let left = journal.close();
        let told: Vec<_> = left.iter().map(|one| (&*one.object, one.key.as_deref(), one.reason.as_str())).collect();
        assert_eq!(
            told,
            [("Order", Some("7"), "409"), ("account", Some("dw@example.com"), "no answer told whether it was made")]
        );
        assert!(path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it_and_it_replaces_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let _journal = Journal::begin(&path, "r1", "t").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Journal::begin(&path, "r2", "t").is_err());
    }
}
