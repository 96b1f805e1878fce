//! The way of records to the log. A thread that makes one writes its line into a buffer of its own; one thread takes what is
//! in the buffers and writes it. Nobody who serves waits for the log, or wakes anybody for a line while more of them come.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use super::Record;

/// The most bytes of lines that wait to be written, in the buffers of all threads. Beyond them a record is lost, and counted:
/// traffic never waits.
pub const RECORDS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long lines gather before they are written.
const GATHER_TIME: Duration = Duration::from_millis(10);
/// What an empty buffer may keep of its room.
const ROOM_KEPT_BYTES: usize = 256 * 1024;

/// Lines that wait.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    records: u64,
}

/// The lines of one thread. Who writes takes them as a whole, so that a line never waits for another thread's.
type Buffer = Arc<Mutex<Lines>>;

/// Where a thread puts its records.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    way: Option<Way>,
}

/// The way to the thread that writes.
#[derive(Debug, Clone)]
struct Way {
    own: Buffer,
    all: Arc<Mutex<Vec<Buffer>>>,
    waiting: Arc<Waiting>,
    /// Wakes who writes; closed with the last [`Records`].
    wake: SyncSender<()>,
}

/// What is known of the records beside the buffers.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// The bytes of the lines in the buffers.
    bytes: AtomicUsize,
    /// Whether who writes looks into the buffers from time to time, and need not be woken.
    is_awake: AtomicBool,
    /// Records that were lost, and of which the log does not say so yet.
    untold: AtomicU64,
    /// Records that were lost.
    lost: AtomicU64,
    /// Why the log could not be written first.
    failure: OnceLock<String>,
}

impl Waiting {
    fn lose(&self, records: u64) {
        self.untold.fetch_add(records, Ordering::Relaxed);
        self.lost.fetch_add(records, Ordering::Relaxed);
    }

    /// How many records were lost: too many waited, or the log could not be written.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Why the log could not be written, when that happened first.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }
}

/// The thread that writes; it ends when every [`Records`] of it is gone.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Says nothing, and is closed when the thread has ended.
    ended: Option<Receiver<()>>,
    pub(crate) waiting: Arc<Waiting>,
}

/// Nothing below can panic half way, so that what is behind a poisoned lock is whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Records {
    /// Records that nobody wants.
    pub(crate) fn nowhere() -> (Self, Writing) {
        (Self { way: None }, Writing { ended: None, waiting: Arc::default() })
    }

    /// Records that are written by a thread of their own.
    pub(crate) fn written_to(out: Box<dyn Write + Send>) -> std::io::Result<(Self, Writing)> {
        let (wake, woken) = sync_channel::<()>(1);
        let (end, ended) = sync_channel::<()>(0);
        let (own, waiting) = (Buffer::default(), Arc::<Waiting>::default());
        let all = Arc::new(Mutex::new(vec![own.clone()]));
        let log = Log { out, all: all.clone(), waiting: waiting.clone(), taken: Lines::default(), is_torn: false };
        let write = move || {
            let _end = end;
            log.write_all(&woken);
        };
        // It is not joined: a log that takes nothing would hold it for ever.
        thread::Builder::new().name("doorward-records".to_owned()).spawn(write)?;
        let way = Way { own, all, waiting: waiting.clone(), wake };
        Ok((Self { way: Some(way) }, Writing { ended: Some(ended), waiting }))
    }

    /// For another thread: the same log, with a buffer of its own.
    pub(crate) fn of_thread(&self) -> Self {
        let way = self.way.as_ref().map(|way| {
            let own = Buffer::default();
            locked(&way.all).push(own.clone());
            Way { own, ..way.clone() }
        });
        Self { way }
    }

    /// Writes the line of a record into the buffer of this thread; where too much waits, counts it as lost.
    pub(crate) fn write(&self, record: &Record<'_>) {
        let Some(way) = &self.way else {
            return;
        };
        let waiting = &way.waiting;
        let is_written = {
            let lines = &mut *locked(&way.own);
            let before = lines.bytes.len();
            record.write(&mut lines.bytes);
            let count = lines.bytes.len() - before;
            let is_room = waiting.bytes.fetch_add(count, Ordering::Relaxed).saturating_add(count) <= RECORDS_BYTES_MAX;
            if is_room {
                lines.records += 1;
            } else {
                lines.bytes.truncate(before);
                waiting.bytes.fetch_sub(count, Ordering::Relaxed);
            }
            is_room
        };
        if !is_written {
            waiting.lose(1);
        }
        if !waiting.is_awake.swap(true, Ordering::AcqRel) {
            // Full means that it is woken already; closed, that it has ended.
            let _ = way.wake.try_send(());
        }
    }

    /// Whether anybody wants them.
    pub(crate) fn are_wanted(&self) -> bool {
        self.way.is_some()
    }
}

impl Writing {
    /// Waits until everything is written, and no longer than this: a log that takes nothing must not keep the program.
    /// Says whether everything is.
    pub(crate) fn join(self, time_max: Duration) -> bool {
        let waited = self.ended.map(|ended| ended.recv_timeout(time_max));
        !matches!(waited, Some(Err(RecvTimeoutError::Timeout)))
    }
}

/// Who writes.
struct Log {
    out: Box<dyn Write + Send>,
    all: Arc<Mutex<Vec<Buffer>>>,
    waiting: Arc<Waiting>,
    /// What was taken out of a buffer; its room goes back there.
    taken: Lines,
    /// Whether the last line that was written is a part of one.
    is_torn: bool,
}

impl Log {
    fn write_all(mut self, woken: &Receiver<()>) {
        while woken.recv().is_ok() {
            loop {
                // To be woken for each record costs who serves more than the record: what comes in the meantime wakes nobody.
                thread::sleep(GATHER_TIME);
                if self.write_waiting() {
                    continue;
                }
                self.waiting.is_awake.store(false, Ordering::Release);
                // What came between the last look and that wakes nobody, either.
                if !self.write_waiting() || self.waiting.is_awake.swap(true, Ordering::AcqRel) {
                    break;
                }
            }
        }
        self.write_waiting();
    }

    /// Writes what is in the buffers, behind how many were lost; whether there was anything in them.
    fn write_waiting(&mut self) -> bool {
        let buffers = locked(&self.all).clone();
        let mut is_any = false;
        self.tell_lost();
        for buffer in &buffers {
            std::mem::swap(&mut *locked(buffer), &mut self.taken);
            let count = self.taken.bytes.len();
            is_any |= count > 0;
            self.waiting.bytes.fetch_sub(count, Ordering::Relaxed);
            self.flush(0);
        }
        is_any
    }

    /// Says in the log how many records were lost, where some were.
    fn tell_lost(&mut self) {
        let records = self.waiting.untold.swap(0, Ordering::Relaxed);
        if records > 0 {
            Record::Lost { records }.write(&mut self.taken.bytes);
            self.flush(records);
        }
    }

    /// How many bytes the log took, and why no more. What was torn before is ended first, so that the next line is one.
    fn put(&mut self) -> (usize, std::io::Result<()>) {
        let mut taken = 0;
        let mut put = || {
            if self.is_torn {
                self.out.write_all(b"\n")?;
                self.is_torn = false;
            }
            while let Some(rest) = self.taken.bytes.get(taken..).filter(|rest| !rest.is_empty()) {
                match self.out.write(rest) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        taken += count;
                        self.is_torn = rest.get(..count).is_some_and(|part| !part.ends_with(b"\n"));
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            self.out.flush()
        };
        let done = put();
        (taken, done)
    }

    /// Writes what was taken; `told` is how many lost records it tells of. A log that cannot be written, such as a closed pipe
    /// or a full disk, must not end the gateway: what it did not take is lost, and counted.
    fn flush(&mut self, told: u64) {
        if self.taken.bytes.is_empty() {
            return;
        }
        let (taken, written) = self.put();
        let records = std::mem::take(&mut self.taken.records);
        if let Err(error) = written {
            let whole = self.taken.bytes.iter().take(taken).filter(|byte| **byte == b'\n').count();
            self.waiting.lose(records.saturating_sub(whole as u64));
            self.waiting.untold.fetch_add(told, Ordering::Relaxed);
            let _ = self.waiting.failure.set(error.to_string());
        }
        self.taken.bytes.clear();
        self.taken.bytes.shrink_to(ROOM_KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::{About, Access, Time};
    use super::*;

    /// So that a test that hangs fails.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A log that can be read while it is written, and that may be held.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn access(status: u16, endpoint: &str) -> Record<'_> {
        let about = About {
            time: Time(Duration::from_millis(1_002)),
            request_id: "1-1",
            address: "127.0.0.1",
            endpoint: endpoint.into(),
        };
        Record::Access(Access { about, trace_id: None, status, reason: None, server: None, duration_ms: 2 })
    }

    fn line_bytes(endpoint: &str) -> usize {
        let mut line = Vec::new();
        access(200, endpoint).write(&mut line);
        line.len()
    }

    #[test]
    fn lines_of_a_thread_keep_their_order_and_none_is_lost_while_others_write() {
        const EACH: u16 = 2_000;
        let log = Shared::default();
        let (records, writing) = Records::written_to(Box::new(log.clone())).unwrap();
        thread::scope(|scope| {
            for name in ["a", "b", "c"] {
                let records = records.of_thread();
                scope.spawn(move || {
                    for status in 0..EACH {
                        records.write(&access(status, name));
                        if status % 500 == 0 {
                            thread::sleep(GATHER_TIME * 2);
                        }
                    }
                });
            }
        });
        drop(records);
        assert!(writing.join(PATIENCE));
        let lines: Vec<serde_json::Value> =
            log.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for name in ["a", "b", "c"] {
            let statuses =
                lines.iter().filter(|line| line["endpoint"] == name).filter_map(|line| line["status"].as_u64());
            assert!(statuses.eq(0..u64::from(EACH)), "{name}");
        }
        assert_eq!(lines.len(), usize::from(EACH) * 3);
    }

    #[test]
    fn records_wait_up_to_the_bound_of_their_bytes_and_what_is_lost_is_told() {
        let log = Shared::default();
        let (records, writing) = Records::written_to(Box::new(log.clone())).unwrap();
        // Who writes takes what waits, and then stands; what comes after that stays where it is.
        let held = log.0.clone();
        let held = held.lock().unwrap();
        records.write(&access(200, "first"));
        let bytes = || writing.waiting.bytes.load(Ordering::Relaxed);
        while bytes() > 0 {
            thread::yield_now();
        }
        records.write(&access(201, &"a".repeat(RECORDS_BYTES_MAX - line_bytes(""))));
        assert_eq!((bytes(), writing.waiting.lost()), (RECORDS_BYTES_MAX, 0), "at the bound");
        records.write(&access(202, ""));
        assert_eq!((bytes(), writing.waiting.lost()), (RECORDS_BYTES_MAX, 1), "one past it");
        drop((records, held));
        let waiting = writing.waiting.clone();
        assert!(writing.join(PATIENCE));
        let text = log.text();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |key: &str| lines.iter().filter_map(|line| line[key].as_u64()).collect::<Vec<_>>();
        assert_eq!((of("status"), of("records")), (vec![200, 201], vec![1]));
        assert_eq!(waiting.bytes.load(Ordering::Relaxed), 0);
    }

    /// A log that takes nothing until it is told to fail.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.recv();
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_that_takes_nothing_is_not_waited_for_for_ever() {
        let (_go_on, stuck) = channel();
        let (records, writing) = Records::written_to(Box::new(Stuck(stuck))).unwrap();
        records.write(&access(200, "GET /a"));
        drop(records);
        assert!(!writing.join(Duration::ZERO));
    }

    #[test]
    fn what_a_log_did_not_take_is_lost_and_counted() {
        let (go_on, stuck) = channel();
        let (records, writing) = Records::written_to(Box::new(Stuck(stuck))).unwrap();
        for _ in 0..3 {
            records.write(&access(200, "GET /a"));
        }
        drop((records, go_on));
        let waiting = writing.waiting.clone();
        assert!(writing.join(PATIENCE));
        assert_eq!(waiting.lost(), 3);
        assert!(waiting.failure().is_some());
        assert_eq!(waiting.bytes.load(Ordering::Relaxed), 0);
    }

    /// A disk that takes so many bytes, and more once there is room again.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let (written, room) = &mut *self.0.lock().unwrap();
            let taken = bytes.get(..*room.min(&mut bytes.len())).unwrap();
            if taken.is_empty() {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            written.extend_from_slice(taken);
            *room -= taken.len();
            Ok(taken.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_tears_no_line_but_the_one_that_filled_it() {
        let disk = Disk(Arc::new(Mutex::new((Vec::new(), 250))));
        let (waiting, own) = (Arc::<Waiting>::default(), Buffer::default());
        let all = Arc::new(Mutex::new(vec![own.clone()]));
        let (wake, _woken) = sync_channel(1);
        let records = Records { way: Some(Way { own, all: all.clone(), waiting: waiting.clone(), wake }) };
        let (taken, out) = (Lines::default(), Box::new(disk.clone()));
        let mut log = Log { out, all, waiting: waiting.clone(), taken, is_torn: false };
        let mut write = |status: u16| {
            records.write(&access(status, "GET /a"));
            log.write_waiting()
        };
        assert!([200, 201, 202].into_iter().all(&mut write));
        disk.0.lock().unwrap().1 = 10_000;
        assert!(write(203));
        let text = String::from_utf8(disk.0.lock().unwrap().0.clone()).unwrap();
        let status =
            |line: &str| serde_json::from_str(line).ok().and_then(|one: serde_json::Value| one["status"].as_u64());
        // The torn one, and the one that tells of what was lost.
        assert_eq!(text.lines().map(status).collect::<Vec<_>>(), [Some(200), None, None, Some(203)], "{text}");
        assert_eq!(waiting.lost(), 2);
    }
}
