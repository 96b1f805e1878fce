//! What is written about exchanges: one line of JSON for each record. Records are types, so that a credential cannot get
//! into one: none has a place for a header, a query or a body.

use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use serde::Serialize;

/// The most records that wait to be written. When the queue is full a record is lost, and counted: traffic never waits.
pub const RECORDS_MAX: usize = 16 * 1024;
/// The most bytes of the records that wait.
pub const RECORDS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most bytes of a path in a record.
pub const PATH_BYTES_MAX: usize = 512;
/// The most bytes of who asks in a record.
pub const PRINCIPAL_BYTES_MAX: usize = 512;
/// How long records gather before they are written.
const GATHER_TIME: Duration = Duration::from_millis(2);
/// How many bytes of lines are written at once.
const WRITTEN_BYTES: usize = 8 * 1024;

/// A text of no more bytes than a bound; one that was cut ends with an ellipsis.
pub(crate) fn cut(mut text: String, bytes_max: usize) -> String {
    const ELLIPSIS: char = '\u{2026}';
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max.saturating_sub(ELLIPSIS.len_utf8())));
        text.push(ELLIPSIS);
    }
    text
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// One exchange, as it was answered.
    Access(Access),
    /// One decision about who asks, or what they may do.
    Security(SecurityEvent),
    /// What became of one exchange, and why.
    Audit(Audit),
    /// An answer was cut off after its head had left.
    Cut(Cut),
    /// It was found out how a server is.
    Server(ServerNews),
    /// A policy was loaded while the gateway ran, or was refused.
    Reload(Reload),
    /// So many records did not fit into the queue.
    Lost {
        /// How many.
        records: u64,
    },
}

/// What every record says of its exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// Seconds since 1970-01-01 UTC, with milliseconds.
    pub time: String,
    /// The exchange.
    pub request_id: String,
    /// The client.
    pub address: IpAddr,
    /// The endpoint of the policy; where there is none, method and path, cut at a bound.
    pub endpoint: String,
}

/// One exchange, as it was answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Access {
    /// When, who, what.
    #[serde(flatten)]
    pub about: About,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Why it is no answer of the application, where it was refused.
    pub reason: Option<&'static str>,
    /// The server that answered, as the policy has it.
    pub server: Option<Arc<str>>,
    /// Milliseconds until the head of the answer left.
    pub duration_ms: u64,
}

/// One decision about who asks, or what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecurityEvent {
    /// When, who, what.
    #[serde(flatten)]
    pub about: About,
    /// The layer that decided.
    pub layer: &'static str,
    /// What it decided.
    pub decision: Decision,
    /// Who asks, as far as that is known.
    pub principal: Option<String>,
    /// Why.
    pub reason: String,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The principal is known.
    Identified,
    /// The credential is there; the application verifies it.
    Delegated,
    /// It may go on.
    Admitted,
    /// It may not.
    Refused,
    /// It would have been refused in enforce mode.
    WouldRefuse,
    /// A part of the answer was taken out.
    Redacted,
    /// It would have been taken out in enforce mode.
    WouldRedact,
}

/// What became of one exchange, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// When, who, what.
    #[serde(flatten)]
    pub about: About,
    /// Who asks, as far as that is known.
    pub principal: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The layer that refused.
    pub layer: Option<&'static str>,
    /// The reason as the client was told it.
    pub reason: Option<&'static str>,
    /// What a maintainer needs to know.
    pub detail: Option<String>,
}

/// A policy was loaded while the gateway ran, or was refused, and the one before it stays in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reload {
    /// Seconds since 1970-01-01 UTC, with milliseconds.
    pub time: String,
    /// The revision of the policy that is in force now.
    pub revision: String,
    /// Why another one was not taken.
    pub refused: Option<String>,
    /// Who gains or loses what.
    pub changes: Vec<String>,
}

/// The application did not end an answer whose head had left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// Seconds since 1970-01-01 UTC, with milliseconds.
    pub time: String,
    /// The exchange.
    pub request_id: String,
    /// What happened, as a refusal would have it.
    pub reason: &'static str,
    /// What a maintainer needs to know.
    pub detail: String,
}

/// A server is well again, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerNews {
    /// Seconds since 1970-01-01 UTC, with milliseconds.
    pub time: String,
    /// The server, as the policy has it.
    pub server: String,
    /// Whether it answers as it should when it is asked how it is.
    pub is_well: bool,
    /// What it answered otherwise.
    pub detail: Option<String>,
}

/// What became of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The application answered.
    Forwarded,
    /// The gateway answered.
    Answered,
    /// It was refused.
    Refused,
    /// The application answered, and in enforce mode it would have been refused.
    WouldRefuse,
    /// Nobody was answered: the client left, or the exchange was lost.
    Abandoned,
}

/// Where records go: a queue with bounds, before a thread that writes.
#[derive(Debug, Clone)]
pub struct Records {
    queue: Option<SyncSender<Record>>,
    waiting: Arc<Waiting>,
}

/// What is known of the records beside the queue.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// The bytes of the records in the queue.
    bytes: AtomicUsize,
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

    /// How many records were lost: the queue was full, or the log could not be written.
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

impl Record {
    /// About how many bytes it takes while it waits.
    fn bytes(&self) -> usize {
        let about = |about: &About| about.time.len() + about.request_id.len() + about.endpoint.len();
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let texts = match self {
            Self::Access(access) => about(&access.about) + text(&access.trace_id),
            Self::Security(event) => about(&event.about) + text(&event.principal) + event.reason.len(),
            Self::Audit(audit) => about(&audit.about) + text(&audit.principal) + text(&audit.detail),
            Self::Cut(cut) => cut.time.len() + cut.request_id.len() + cut.detail.len(),
            Self::Server(news) => news.time.len() + news.server.len() + text(&news.detail),
            Self::Reload(reload) => {
                let changes: usize = reload.changes.iter().map(String::len).sum();
                text(&reload.refused) + changes
            }
            Self::Lost { .. } => 0,
        };
        size_of::<Self>() + texts
    }
}

impl Records {
    /// Records that nobody wants.
    pub(crate) fn nowhere() -> (Self, Writing) {
        let waiting = Arc::<Waiting>::default();
        (Self { queue: None, waiting: waiting.clone() }, Writing { ended: None, waiting })
    }

    /// Records that are written by a thread of their own.
    pub(crate) fn written_to(out: Box<dyn Write + Send>) -> std::io::Result<(Self, Writing)> {
        let (queue, records) = sync_channel(RECORDS_MAX);
        let (end, ended) = sync_channel::<()>(0);
        let waiting = Arc::<Waiting>::default();
        let log = Log { out, waiting: waiting.clone(), lines: Vec::new(), records: 0, told: 0, is_torn: false };
        let write = move || {
            let _end = end;
            log.write_all(&records);
        };
        // It is not joined: a log that takes nothing would hold it for ever.
        thread::Builder::new().name("doorward-records".to_owned()).spawn(write)?;
        Ok((Self { queue: Some(queue), waiting: waiting.clone() }, Writing { ended: Some(ended), waiting }))
    }

    /// Queues a record; where the queue is full, counts it as lost.
    pub(crate) fn write(&self, record: Record) {
        let Some(queue) = &self.queue else {
            return;
        };
        let bytes = record.bytes();
        let before = self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > RECORDS_BYTES_MAX || queue.try_send(record).is_err() {
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.waiting.lose(1);
        }
    }

    /// Whether anybody wants them.
    pub(crate) fn are_wanted(&self) -> bool {
        self.queue.is_some()
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

/// The writing end of the queue.
struct Log {
    out: Box<dyn Write + Send>,
    waiting: Arc<Waiting>,
    /// Lines that leave together.
    lines: Vec<u8>,
    /// How many records they hold.
    records: u64,
    /// Of how many lost ones they tell.
    told: u64,
    /// Whether the last line that was written is a part of one.
    is_torn: bool,
}

impl Log {
    fn write_all(mut self, records: &Receiver<Record>) {
        loop {
            // Lines leave together while more are waiting.
            let next = match records.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.flush();
                    let first = records.recv().ok();
                    // To be woken for each record costs the workers more than the record: what comes in the meantime wakes nobody.
                    thread::sleep(GATHER_TIME);
                    first
                }
                next => next.ok(),
            };
            let lost = self.waiting.untold.swap(0, Ordering::Relaxed);
            if lost > 0 {
                self.told += lost;
                self.line(&Record::Lost { records: lost });
            }
            let Some(record) = next else {
                return self.flush();
            };
            self.waiting.bytes.fetch_sub(record.bytes(), Ordering::Relaxed);
            self.records += 1;
            self.line(&record);
        }
    }

    fn line(&mut self, record: &Record) {
        // Into memory, a record of texts and numbers can always be written.
        let _ = serde_json::to_writer(&mut self.lines, record);
        self.lines.push(b'\n');
        if self.lines.len() >= WRITTEN_BYTES {
            self.flush();
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
            while let Some(rest) = self.lines.get(taken..).filter(|rest| !rest.is_empty()) {
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

    /// A log that cannot be written, such as a closed pipe or a full disk, must not end the gateway: what it did not take
    /// is lost, and counted.
    fn flush(&mut self) {
        let (taken, written) = self.put();
        let (records, told) = (std::mem::take(&mut self.records), std::mem::take(&mut self.told));
        let whole = self.lines.iter().take(taken).filter(|byte| **byte == b'\n').count();
        self.lines.clear();
        if let Err(error) = written {
            self.waiting.lose(records.saturating_sub(whole as u64));
            self.waiting.untold.fetch_add(told, Ordering::Relaxed);
            let _ = self.waiting.failure.set(error.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

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

    fn access(status: u16) -> Record {
        let about = About {
            time: "1.000".to_owned(),
            request_id: "1-1".to_owned(),
            address: IpAddr::from([127, 0, 0, 1]),
            endpoint: "GET /a".to_owned(),
        };
        Record::Access(Access { about, trace_id: None, status, reason: None, server: None, duration_ms: 2 })
    }

    #[test]
    fn a_record_is_one_line() {
        let log = Shared::default();
        let (records, writing) = Records::written_to(Box::new(log.clone())).unwrap();
        records.write(access(200));
        drop(records);
        assert!(writing.join(PATIENCE));
        let expected = concat!(
            r#"{"record":"access","time":"1.000","request_id":"1-1","address":"127.0.0.1","endpoint":"GET /a","#,
            r#""trace_id":null,"status":200,"reason":null,"server":null,"duration_ms":2}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(log.0.lock().unwrap().clone()).unwrap(), expected);
    }

    #[test]
    fn a_full_queue_loses_records_and_says_so() {
        let log = Shared::default();
        let held = log.0.clone();
        let (records, writing) = Records::written_to(Box::new(log.clone())).unwrap();
        {
            let _held = held.lock().unwrap();
            // One more than the queue holds may be in the hands of the writer, and some in its buffer.
            for _ in 0..RECORDS_MAX * 3 {
                records.write(access(200));
            }
        }
        drop(records);
        assert!(writing.join(PATIENCE));
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lost: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &serde_json::Value| line["record"] == "lost")
            .collect();
        let lost: u64 = lost.iter().filter_map(|line| line["records"].as_u64()).sum();
        let written = text.lines().filter(|line| line.contains("\"access\"")).count() as u64;
        assert!(lost > 0, "nothing was lost");
        assert_eq!(lost + written, (RECORDS_MAX * 3) as u64);
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
        records.write(access(200));
        drop(records);
        assert!(!writing.join(Duration::ZERO));
    }

    #[test]
    fn what_a_log_did_not_take_is_lost_and_counted() {
        let (go_on, stuck) = channel();
        let (records, writing) = Records::written_to(Box::new(Stuck(stuck))).unwrap();
        for _ in 0..3 {
            records.write(access(200));
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
        let waiting = Arc::<Waiting>::default();
        let (lines, out) = (Vec::new(), Box::new(disk.clone()));
        let mut log = Log { out, waiting: waiting.clone(), lines, records: 0, told: 0, is_torn: false };
        let mut write = |status: u16| {
            log.records += 1;
            log.line(&access(status));
            log.flush();
        };
        for status in [200, 201, 202] {
            write(status);
        }
        disk.0.lock().unwrap().1 = 10_000;
        write(203);
        let text = String::from_utf8(disk.0.lock().unwrap().0.clone()).unwrap();
        let status =
            |line: &str| serde_json::from_str(line).ok().and_then(|one: serde_json::Value| one["status"].as_u64());
        assert_eq!(text.lines().map(status).collect::<Vec<_>>(), [Some(200), None, Some(203)], "{text}");
        assert_eq!(waiting.lost(), 2);
    }

    #[test]
    fn records_wait_up_to_the_bound_of_their_bytes() {
        let (queue, kept) = sync_channel(RECORDS_MAX);
        let records = Records { queue: Some(queue), waiting: Arc::default() };
        let longer = |bytes: usize| {
            let mut record = access(200);
            let missing = bytes - record.bytes();
            match &mut record {
                Record::Access(access) => access.about.endpoint.push_str(&"a".repeat(missing)),
                _ => unreachable!(),
            }
            record
        };
        records.write(longer(RECORDS_BYTES_MAX));
        assert_eq!((kept.try_iter().count(), records.waiting.lost()), (1, 0));
        records.write(access(200));
        assert_eq!((kept.try_iter().count(), records.waiting.lost()), (0, 1), "one past the bound");
    }

    #[test]
    fn a_principal_is_cut_at_its_bound() {
        let at = "a".repeat(PRINCIPAL_BYTES_MAX);
        assert_eq!(cut(at.clone(), PRINCIPAL_BYTES_MAX), at);
        assert_eq!(cut(format!("{at}b"), PRINCIPAL_BYTES_MAX).len(), PRINCIPAL_BYTES_MAX);
    }
}
