//! What is written about exchanges: one line of JSON for each record. Records are types, so that a credential cannot get
//! into one: none has a place for a header, a query or a body.

use std::io::{BufWriter, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use serde::Serialize;

/// The most records that wait to be written. When the queue is full a record is lost, and counted: traffic never waits.
pub const RECORDS_MAX: usize = 16 * 1024;
/// The most bytes of a path in a record.
pub const PATH_BYTES_MAX: usize = 512;

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
    /// The status of the answer.
    pub status: u16,
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

/// Where records go: a queue with a bound, before a thread that writes.
#[derive(Debug, Clone)]
pub struct Records {
    queue: Option<SyncSender<Record>>,
    lost: Arc<AtomicU64>,
}

/// The thread that writes; it ends when every [`Records`] of it is gone.
#[derive(Debug)]
pub(crate) struct Writing(Option<JoinHandle<()>>);

impl Records {
    /// Records that nobody wants.
    pub(crate) fn nowhere() -> (Self, Writing) {
        (Self { queue: None, lost: Arc::default() }, Writing(None))
    }

    /// Records that are written by a thread of their own.
    pub(crate) fn written_to(out: Box<dyn Write + Send>) -> std::io::Result<(Self, Writing)> {
        let (queue, records) = sync_channel(RECORDS_MAX);
        let lost = Arc::<AtomicU64>::default();
        let counted = lost.clone();
        let write = move || write_all(&records, &counted, out);
        let thread = thread::Builder::new().name("doorward-records".to_owned()).spawn(write)?;
        Ok((Self { queue: Some(queue), lost }, Writing(Some(thread))))
    }

    /// Queues a record; where the queue is full, counts it as lost.
    pub(crate) fn write(&self, record: Record) {
        if let Some(queue) = &self.queue
            && let Err(TrySendError::Full(_)) = queue.try_send(record)
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether anybody wants them.
    pub(crate) fn are_wanted(&self) -> bool {
        self.queue.is_some()
    }
}

impl Writing {
    /// Waits until everything is written.
    pub(crate) fn join(mut self) {
        if let Some(thread) = self.0.take() {
            // A thread that panicked wrote what it could.
            let _ = thread.join();
        }
    }
}

fn write_all(records: &Receiver<Record>, lost: &AtomicU64, out: Box<dyn Write + Send>) {
    let mut out = BufWriter::new(out);
    loop {
        // Lines leave together while more are waiting, and at once when none is.
        let next = match records.try_recv() {
            Err(TryRecvError::Empty) => {
                let _ = out.flush();
                records.recv().ok()
            }
            next => next.ok(),
        };
        let count = lost.swap(0, Ordering::Relaxed);
        let told = (count > 0).then_some(Record::Lost { records: count });
        let is_over = next.is_none();
        for record in told.into_iter().chain(next) {
            // A log that cannot be written, such as a closed pipe, must not end the gateway.
            let _ = serde_json::to_writer(&mut out, &record).map_err(std::io::Error::from).and_then(|()| writeln!(out));
        }
        if is_over {
            let _ = out.flush();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

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
        Record::Access(Access { about, status, duration_ms: 2 })
    }

    #[test]
    fn a_record_is_one_line() {
        let log = Shared::default();
        let (records, writing) = Records::written_to(Box::new(log.clone())).unwrap();
        records.write(access(200));
        drop(records);
        writing.join();
        let expected = concat!(
            r#"{"record":"access","time":"1.000","request_id":"1-1","address":"127.0.0.1","endpoint":"GET /a","#,
            r#""status":200,"duration_ms":2}"#,
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
        writing.join();
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
}
