//! Files that a play wrote: what is read from one again is what was written there.

use std::rc::Rc;

use super::Interp;
use crate::intern::Symbol;
use crate::term::Term;
use crate::value::{Arguments, Kind, Labels, Site, Value};

/// The event that something was written to a file: the path, and what.
const WROTE: &str = "wrote";
/// Writes that are looked back at, the last ones first.
const WRITES_MAX: usize = 32;
/// Functions that open a file by the path that they are given first.
const OPENING: &[&str] = &[
    "open",
    "io.open",
    "codecs.open",
    "gzip.open",
    "bz2.open",
    "lzma.open",
    "aiofiles.open",
    "aiofiles.threadpool.open",
    "anyio.open_file",
];
/// Functions that open a file of their own, which nobody else has.
const OPENING_OWN: &[&str] = &[
    "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile",
    "tempfile.SpooledTemporaryFile",
    "aiofiles.tempfile.NamedTemporaryFile",
    "aiofiles.tempfile.TemporaryFile",
];
/// Functions that copy a file to another: both are opened, or named by their paths.
const COPYING: &[&str] = &["shutil.copyfileobj", "shutil.copyfile", "shutil.copy", "shutil.copy2", "shutil.move"];

impl Interp<'_> {
    /// What an opened file stands for, if a function opens one.
    pub(super) fn opened_file(&self, name: &str, arguments: &Arguments, site: Site) -> Option<Term> {
        if !self.is_watching() {
            return None;
        }
        if OPENING_OWN.contains(&name) {
            let own = format!("<{:?}:{}>", site.file, site.span.start);
            return Some(Term::Opened(Rc::new(Value::str(&own))));
        }
        let path = arguments.positional.first().filter(|_| OPENING.contains(&name))?;
        self.path_of(path).map(|path| Term::Opened(Rc::new(path)))
    }

    /// The labels of a file that a function opens: of what was written there before.
    pub(super) fn held_by_opened(&mut self, name: &str, arguments: &Arguments) -> Labels {
        let path = arguments.positional.first().filter(|_| OPENING.contains(&name)).cloned();
        path.and_then(|path| self.held_in(&path)).unwrap_or(Labels::NONE)
    }

    /// The path of a file: of one that is opened, of its name, or what names one.
    fn path_of(&self, value: &Value) -> Option<Value> {
        match (value.term(), value.plain()) {
            (Some(Term::Opened(path)), _) => Some((**path).clone()),
            (Some(Term::Part(of, part)), _) if *part == "name" || *part == "file" => match &**of {
                Term::Opened(path) => Some((**path).clone()),
                _ => Some(value.clone()),
            },
            (_, Value::Str(text)) => Some(value.clone()).filter(|_| !text.is_empty()),
            (_, Value::Unknown(_) | Value::Union(_)) => Some(value.clone()),
            (_, Value::Object(obj)) => match &self.object(*obj).kind {
                Kind::Instance { .. } => self.object(*obj).attributes.get(Symbol::new("_path")).cloned(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Notes what a method of an opened file writes: `file.write(data)`.
    pub(super) fn note_written(&mut self, method: &Value, arguments: &Arguments, site: Site) {
        let Some(Term::Part(of, name)) = method.term().filter(|_| self.is_watching()) else { return };
        let Term::Opened(path) = &**of else { return };
        if (*name == "write" || *name == "writelines")
            && let Some(written) = arguments.positional.first()
        {
            let (path, written) = ((**path).clone(), written.clone());
            self.note_write(path, written, site);
        }
    }

    /// Notes what a function of a library copies from one file to another.
    pub(super) fn note_copied(&mut self, name: &str, arguments: &Arguments, site: Site) {
        if !self.is_watching() || !COPYING.contains(&name) {
            return;
        }
        let [from, to, ..] = arguments.positional.as_slice() else { return };
        let Some(path) = self.path_of(to) else { return };
        // Of a name only what the file holds is copied.
        let copied = match self.held_in(from) {
            Some(held) => Value::unknown_with("what a file holds", held),
            None if name == "shutil.copyfileobj" => from.clone(),
            None => return,
        };
        self.note_write(path, copied, site);
    }

    fn note_write(&mut self, path: Value, written: Value, site: Site) {
        if self.labels_within(&written, 0).raw & self.trails.uses.in_files != 0 {
            let arguments = Arguments::of([Value::str(WROTE), path, written]);
            self.note_only(Symbol::new(WROTE), &arguments, site);
        }
    }

    /// The labels of what was written to the file that a value is, or names; none where nothing raw was.
    pub(super) fn held_in(&mut self, value: &Value) -> Option<Labels> {
        let writes = |interp: &Self| interp.events.iter().any(|event| event.what == WROTE);
        if !self.is_watching() || !writes(self) {
            return None;
        }
        let path = self.path_of(value)?;
        let wrote = self.events.iter().rev().filter(|event| event.what == WROTE).take(WRITES_MAX);
        let same = wrote.filter(|event| event.arguments.positional.first() == Some(&path));
        let held = same
            .filter_map(|event| event.arguments.positional.get(1))
            .fold(Labels::NONE, |labels, written| labels.and(self.labels_within(written, 0)));
        if held.raw == 0 {
            return None;
        }
        // What this comes to is of what was written before: it is not the same another time.
        self.changes.effects += 1;
        Some(held.cleared(!self.trails.uses.in_files & !Labels::FAR))
    }

    /// The arguments of a function that reads files: each with what was written there.
    pub(super) fn with_held(&mut self, name: Symbol, arguments: &Arguments) -> Option<Arguments> {
        if !self.is_watching() || !self.trails.uses.reading.contains(&name) {
            return None;
        }
        let mut made = arguments.clone();
        let all = made.positional.iter_mut().chain(made.keywords.iter_mut().map(|(_, value)| value));
        let mut is_held = false;
        for value in all {
            if let Some(held) = self.held_in(value) {
                let held = Value::unknown_with("what a file holds", held);
                *value = std::mem::replace(value, Value::None).or(held);
                is_held = true;
            }
        }
        is_held.then_some(made)
    }

    /// The labels of what a method of an opened file gives: `file.read()`.
    pub(super) fn read_back(&mut self, method: &Value, labels: Labels) -> Labels {
        let Some(Term::Part(of, name)) = method.term().filter(|_| self.is_watching()) else { return labels };
        if !matches!(&**of, Term::Opened(_)) || !name.as_str().starts_with("read") {
            return labels;
        }
        let file = Value::unknown("a file").standing_for(Some((**of).clone()));
        self.held_in(&file).map_or(labels, |held| labels.and(held))
    }
}
