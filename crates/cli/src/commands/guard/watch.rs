//! Which files count for a running gateway, and whether they changed. Folders are watched and contents compared: editors and
//! deployments put a new file, or a new link, in the place of the old one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::Given;
use crate::arguments::Guard;

/// The files whose change may change what code admits.
const CODE: &[&str] = &["py", "toml", "ini", "cfg", "env", "yaml", "yml", "json"];

/// The files that count.
pub(super) struct Watch {
    watcher: Option<RecommendedWatcher>,
    failure: Option<String>,
    changed: Arc<Notify>,
    names: Arc<Mutex<BTreeSet<OsString>>>,
    folders: BTreeSet<PathBuf>,
    contents: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Watch {
    /// Watches what the flags name. Made before anything is read, so that no change is missed.
    pub(super) fn new(flags: &Guard) -> Self {
        let (changed, names) = (Arc::new(Notify::new()), Arc::<Mutex<BTreeSet<OsString>>>::default());
        let (told, known, is_code) = (changed.clone(), names.clone(), flags.code.is_some());
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| counts(&event, &known, is_code)) {
                told.notify_one();
            }
        });
        let mut watch = Self {
            failure: watcher.as_ref().err().map(ToString::to_string),
            watcher: watcher.ok(),
            changed,
            names,
            folders: BTreeSet::new(),
            contents: BTreeMap::new(),
        };
        if let Some(code) = &flags.code {
            watch.folder(code, RecursiveMode::Recursive);
        }
        watch.files(flags.policy.iter().cloned().collect());
        watch
    }

    /// Why changes are not noticed, if they are not.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Watches what a policy names. Called before its keys are read.
    pub(super) fn follow(&mut self, flags: &Guard, given: &Given) {
        self.files(flags.policy.iter().cloned().chain(given.files(flags.tls.as_ref())).collect());
    }

    fn files(&mut self, files: BTreeSet<PathBuf>) {
        for file in &files {
            let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            self.folder(parent, RecursiveMode::NonRecursive);
        }
        let names = files.iter().filter_map(|file| file.file_name().map(OsStr::to_owned));
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names.collect();
        let mut known = std::mem::take(&mut self.contents);
        // What was seen of a file before it was read counts, not what it holds by now.
        let seen = |file: PathBuf| {
            let contents = known.remove(&file).unwrap_or_else(|| fs::read(&file).ok());
            (file, contents)
        };
        self.contents = files.into_iter().map(seen).collect();
    }

    fn folder(&mut self, folder: &Path, mode: RecursiveMode) {
        if self.folders.contains(folder) {
            return;
        }
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        match watcher.watch(folder, mode) {
            Ok(()) => _ = self.folders.insert(folder.to_owned()),
            Err(error) => self.failure = Some(format!("`{}`: {error}", folder.display())),
        }
    }

    /// Waits until something happens to a file that counts.
    pub(super) async fn event(&self) {
        self.changed.notified().await;
    }

    /// Looks at the files; says whether one holds something else than the last time. One that cannot be read counts once it
    /// can be again.
    pub(super) fn look(&mut self) -> bool {
        let mut is_other = false;
        for (file, known) in &mut self.contents {
            let Ok(bytes) = fs::read(file) else {
                continue;
            };
            if known.as_ref() != Some(&bytes) {
                *known = Some(bytes);
                is_other = true;
            }
        }
        is_other
    }
}

/// Whether an event may be about a file that counts.
fn counts(event: &Event, names: &Mutex<BTreeSet<OsString>>, is_code: bool) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    event.paths.iter().any(|path| {
        let name = path.file_name().unwrap_or_default();
        let is_code_file = is_code && path.extension().is_some_and(|end| CODE.iter().any(|known| end == *known));
        // Kubernetes changes all files of a volume at once by the link `..data`.
        is_code_file || names.contains(name) || name.as_encoded_bytes().starts_with(b"..")
    })
}
