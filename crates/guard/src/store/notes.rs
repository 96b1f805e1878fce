//! What is noted of somebody or something for a while: until when an account is locked, where it signed in well, what was
//! revoked. In memory, and where the policy names a file, there as well: it outlives the process.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use super::subject::Digested;
use crate::shared::Mutex;

/// The most notes that are kept. Behind it those go that end first.
pub const NOTES_MAX: usize = 64 * 1024;
/// How many of them go at once then.
const NOTES_GONE: usize = NOTES_MAX / 16;
/// The most notes that wait to be written.
const WRITTEN_MAX: usize = 4096;
/// How often a file is tried again that another process has, for which a gateway that takes over waits, or that took nothing.
const TRIED_EVERY: Duration = Duration::from_millis(200);

/// Under the digest of what it is about: the number, and until when it holds, in milliseconds since 1970.
const TABLE: TableDefinition<'_, Digested, (u64, u64)> = TableDefinition::new("notes");

/// A note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Note {
    number: u64,
    until: Duration,
}

/// The notes of a process.
#[derive(Default)]
pub(crate) struct Notes {
    kept: Arc<Mutex<HashMap<Digested, Note>>>,
    disk: Option<Disk>,
    /// How many of them are not in the file yet.
    unwritten: Arc<AtomicU64>,
}

/// Where they outlive the process.
struct Disk {
    path: String,
    writes: Option<SyncSender<(Digested, Note)>>,
    thread: Option<JoinHandle<()>>,
}

impl Notes {
    /// The notes of a file, and those that are made from now on. One that another process has is read as soon as it can be.
    pub(crate) fn kept_in(path: &str, file: File) -> Result<Self, String> {
        let notes = Self::default();
        let opened = match Opened::of(&file) {
            Ok(opened) => Some(opened),
            Err(Failed::Taken) => None,
            Err(Failed::Wrong(why)) => return Err(why),
        };
        if let Some(opened) = &opened {
            take_over(&notes.kept, opened.read().map_err(|error| error.to_string())?);
        }
        let (writes, to_write) = sync_channel(WRITTEN_MAX);
        let (kept, unwritten) = (notes.kept.clone(), notes.unwritten.clone());
        let work =
            move || Writing { opened, file: &file, kept: &kept, unwritten: &unwritten, written: 0 }.run(&to_write);
        let thread = thread::Builder::new().name("doorward-notes".to_owned()).spawn(work);
        let thread = thread.map_err(|error| error.to_string())?;
        Ok(Self { disk: Some(Disk { path: path.to_owned(), writes: Some(writes), thread: Some(thread) }), ..notes })
    }

    /// Where they are kept.
    pub(crate) fn path(&self) -> Option<&str> {
        self.disk.as_ref().map(|disk| disk.path.as_str())
    }

    /// How many notes, each as often as it was made, must outlive the process and are not in the file yet; none where there is no file.
    pub(crate) fn unwritten(&self) -> Option<u64> {
        self.disk.as_ref().map(|_| self.unwritten.load(Ordering::Relaxed))
    }

    /// The number that is noted.
    pub(crate) fn get(&self, of: &Digested, now: Duration) -> Option<u64> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(of).filter(|note| note.until > now).map(|note| note.number)
    }

    /// Notes a number for a while.
    pub(crate) fn put(&self, of: Digested, number: u64, lasts: Duration, now: Duration) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let note = put(&mut kept, of, Note { number, until: now.saturating_add(lasts) }, now);
        drop(kept);
        if let Some(writes) = self.disk.as_ref().and_then(|disk| disk.writes.as_ref()) {
            // A disk that is full or slow must not hold up a request: what does not fit is in memory alone for now.
            if writes.try_send((of, note)).is_err() {
                self.unwritten.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

fn put(kept: &mut HashMap<Digested, Note>, of: Digested, note: Note, now: Duration) -> Note {
    if kept.len() >= NOTES_MAX && !kept.contains_key(&of) {
        kept.retain(|_, note| note.until > now);
        if kept.len() >= NOTES_MAX {
            let mut ends: Vec<Duration> = kept.values().map(|note| note.until).collect();
            let (_, last, _) = ends.select_nth_unstable(NOTES_GONE);
            let last = *last;
            kept.retain(|_, note| note.until > last);
        }
    }
    // A longer one is not cut short.
    let until = kept.get(&of).map_or(note.until, |known| known.until.max(note.until));
    let note = Note { until, ..note };
    kept.insert(of, note);
    note
}

/// What was read from a file, beside what was noted since.
fn take_over(kept: &Mutex<HashMap<Digested, Note>>, read: Vec<(Digested, Note)>) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    for (of, note) in read.into_iter().take(NOTES_MAX) {
        kept.entry(of).or_insert(note);
    }
}

/// An open file.
struct Opened(Database);

/// Why there is none.
enum Failed {
    /// Another process has it.
    Taken,
    Wrong(String),
}

impl Opened {
    fn of(file: &File) -> Result<Self, Failed> {
        let wrong = |error: &dyn fmt::Display| Failed::Wrong(error.to_string());
        let file = file.try_clone().map_err(|error| wrong(&error))?;
        let opened = FileBackend::new(file).and_then(|file| Database::builder().create_with_backend(file));
        match opened {
            Ok(opened) => Ok(Self(opened)),
            Err(DatabaseError::DatabaseAlreadyOpen) => Err(Failed::Taken),
            Err(error) => Err(wrong(&error)),
        }
    }

    fn read(&self) -> Result<Vec<(Digested, Note)>, redb::Error> {
        let reading = self.0.begin_read()?;
        let table = match reading.open_table(TABLE) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut all = Vec::new();
        for entry in table.iter()? {
            let (of, note) = entry?;
            let (number, until) = note.value();
            all.push((of.value(), Note { number, until: Duration::from_millis(until) }));
        }
        Ok(all)
    }

    /// Writes notes, and takes out as many that are over.
    fn write(&self, notes: &[(Digested, Note)]) -> Result<(), redb::Error> {
        let writing = self.0.begin_write()?;
        {
            let mut table = writing.open_table(TABLE)?;
            for (of, note) in notes {
                let until = u64::try_from(note.until.as_millis()).unwrap_or(u64::MAX);
                table.insert(of, (note.number, until))?;
            }
        }
        writing.commit()?;
        Ok(())
    }

    /// Leaves nothing but these.
    fn keep_only(&self, kept: &HashMap<Digested, Note>) -> Result<(), redb::Error> {
        let writing = self.0.begin_write()?;
        writing.open_table(TABLE)?.retain(|of, _| kept.contains_key(&of))?;
        writing.commit()?;
        Ok(())
    }
}

/// What writes notes to a file. What it does not take is in memory, and is written with all that is there as soon as it takes it.
struct Writing<'w> {
    /// None while another process has it, and behind an error, after which a database asks to be opened anew.
    opened: Option<Opened>,
    file: &'w File,
    kept: &'w Mutex<HashMap<Digested, Note>>,
    unwritten: &'w AtomicU64,
    /// How many were written since what is over was taken out.
    written: usize,
}

impl Writing<'_> {
    /// Writes what comes until nobody notes anything more.
    fn run(&mut self, to_write: &Receiver<(Digested, Note)>) {
        loop {
            let is_over = if self.is_behind() {
                // However much comes meanwhile: all of it is written at once then.
                thread::sleep(TRIED_EVERY);
                self.catch_up(to_write);
                to_write.try_recv().map_err(|error| error == TryRecvError::Disconnected)
            } else {
                // Not for ever: what found no room in the queue is told by no message.
                to_write.recv_timeout(TRIED_EVERY).map_err(|error| error == RecvTimeoutError::Disconnected)
            };
            match is_over {
                Ok(first) => {
                    let some: Vec<_> = std::iter::once(first).chain(to_write.try_iter().take(WRITTEN_MAX)).collect();
                    self.add(&some);
                }
                Err(true) => return,
                Err(false) => {}
            }
        }
    }

    fn is_behind(&self) -> bool {
        self.opened.is_none() || self.unwritten.load(Ordering::Relaxed) > 0
    }

    fn add(&mut self, some: &[(Digested, Note)]) {
        if self.opened.as_ref().is_none_or(|opened| opened.write(some).is_err()) {
            self.opened = None;
            self.unwritten.fetch_add(some.len() as u64, Ordering::Relaxed);
            return;
        }
        self.written += some.len();
        if self.written >= NOTES_MAX {
            self.written = 0;
            let known = self.known();
            if let Some(opened) = &self.opened {
                // What is over and stays is read by nobody.
                let _ = opened.keep_only(&known);
            }
        }
    }

    /// Opens the file, where it is not, and writes all that is known.
    fn catch_up(&mut self, to_write: &Receiver<(Digested, Note)>) {
        // What waits is known: written by itself, it would stand over what is newer.
        let waiting = to_write.try_iter().take(WRITTEN_MAX).count() as u64;
        let before = self.unwritten.fetch_add(waiting, Ordering::Relaxed) + waiting;
        if self.opened.is_none() {
            self.opened = Opened::of(self.file).ok();
            // What another process has noted to its end.
            if let Some(read) = self.opened.as_ref().and_then(|opened| opened.read().ok()) {
                take_over(self.kept, read);
            }
        }
        let Some(opened) = &self.opened else { return };
        let all: Vec<(Digested, Note)> = if before > 0 { self.known().into_iter().collect() } else { Vec::new() };
        if all.is_empty() || opened.write(&all).is_ok() {
            self.unwritten.fetch_sub(before, Ordering::Relaxed);
        } else {
            self.opened = None;
        }
    }

    fn known(&self) -> HashMap<Digested, Note> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was noted is written before it is gone.
impl Drop for Disk {
    fn drop(&mut self) {
        self.writes = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has ended.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notes").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// Opens a file as notes are kept in one: for reading and writing, made where it is missing.
pub fn notes_file(path: &std::path::Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1000);
    const SECOND: Duration = Duration::from_secs(1);

    fn digest(index: usize) -> Digested {
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&index.to_be_bytes());
        digest
    }

    /// What is noted under the first digest, as soon as it is read.
    fn read_at_last(notes: &Notes) -> Option<u64> {
        let tries = (0..500).map(|_| {
            thread::sleep(Duration::from_millis(10));
            notes.get(&digest(1), NOW)
        });
        tries.flatten().next()
    }

    #[test]
    fn a_note_holds_for_its_time() {
        let notes = Notes::default();
        notes.put(digest(1), 7, SECOND, NOW);
        assert_eq!((notes.get(&digest(1), NOW), notes.get(&digest(2), NOW)), (Some(7), None));
        assert_eq!(notes.get(&digest(1), NOW + SECOND), None);
    }

    #[test]
    fn a_shorter_note_does_not_cut_a_longer_one_short() {
        let notes = Notes::default();
        notes.put(digest(1), 7, SECOND * 10, NOW);
        notes.put(digest(1), 8, SECOND, NOW);
        assert_eq!(notes.get(&digest(1), NOW + SECOND * 9), Some(8));
    }

    #[test]
    fn what_the_process_before_noted_last_is_read_though_nothing_was_noted_since() {
        let folder = tempfile::tempdir().unwrap();
        let file = || notes_file(&folder.path().join("notes")).unwrap();
        let first = Notes::kept_in("notes", file()).unwrap();
        let second = Notes::kept_in("notes", file()).unwrap();
        first.put(digest(1), 7, SECOND, NOW);
        drop(first);
        assert_eq!(read_at_last(&second), Some(7));
    }

    #[test]
    fn so_many_are_kept_and_those_that_end_first_make_room() {
        let notes = Notes::default();
        for index in 0..NOTES_MAX {
            notes.put(digest(index), 1, SECOND * u32::try_from(index + 1).unwrap(), NOW);
        }
        let count = || notes.kept.lock().unwrap().len();
        assert_eq!(count(), NOTES_MAX);
        notes.put(digest(NOTES_MAX), 1, SECOND, NOW);
        assert_eq!(count(), NOTES_MAX - NOTES_GONE);
        assert_eq!((notes.get(&digest(0), NOW), notes.get(&digest(NOTES_MAX - 1), NOW)), (None, Some(1)));
    }

    #[test]
    fn what_a_file_did_not_take_is_written_with_all_that_is_known_while_more_comes() {
        let folder = tempfile::tempdir().unwrap();
        let file = || notes_file(&folder.path().join("notes")).unwrap();
        let first = Opened::of(&file()).ok().unwrap();
        let notes = Notes::kept_in("notes", file()).unwrap();
        // More than wait for the disk: what finds no room there is known all the same.
        (0..=WRITTEN_MAX * 2).for_each(|index| notes.put(digest(index), 7, SECOND, NOW));
        let comes_until = |holds: fn(u64) -> bool| {
            let mut unwritten = (0..1000).map(|_| {
                thread::sleep(Duration::from_millis(10));
                notes.put(digest(1), 8, SECOND, NOW);
                notes.unwritten().unwrap()
            });
            assert!(unwritten.any(holds));
        };
        comes_until(|unwritten| unwritten > WRITTEN_MAX as u64);
        drop(first);
        comes_until(|unwritten| unwritten == 0);
        drop(notes);
        let next = Notes::kept_in("notes", file()).unwrap();
        assert_eq!([1, WRITTEN_MAX * 2].map(|index| next.get(&digest(index), NOW)), [Some(8), Some(7)]);
    }

    #[test]
    fn what_is_kept_in_a_file_outlives_the_process_and_waits_for_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = || notes_file(&folder.path().join("notes")).unwrap();
        let first = Notes::kept_in("notes", file()).unwrap();
        first.put(digest(1), 7, SECOND, NOW);
        let second = Notes::kept_in("notes", file()).unwrap();
        second.put(digest(2), 8, SECOND, NOW);
        assert_eq!(second.get(&digest(1), NOW), None, "the first one has the file");
        drop(first);
        assert_eq!(read_at_last(&second), Some(7));
        drop(second);
        let third = Notes::kept_in("notes", file()).unwrap();
        assert_eq!([1, 2, 3].map(|index| third.get(&digest(index), NOW)), [Some(7), Some(8), None]);
        assert_eq!(third.get(&digest(1), NOW + SECOND), None);
        std::fs::write(folder.path().join("wrong"), "no database").unwrap();
        let wrong = notes_file(&folder.path().join("wrong")).unwrap();
        assert!(Notes::kept_in("wrong", wrong).is_err());
    }
}
