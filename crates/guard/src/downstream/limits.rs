//! The bounds on what clients send; those on chunks and what stands behind them bound servers, too. Each is also a line of the table in ARCHITECTURE.md.

use std::time::Duration;

/// The most bytes of a head: request line, fields and the empty line.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The most bytes of a request target.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;
/// The most bytes of a method.
pub const METHOD_BYTES_MAX: usize = 24;
/// The most fields of a head.
pub const FIELDS_MAX: usize = 100;
/// The most bytes of a line between chunks, with its extensions.
pub const CHUNK_LINE_BYTES_MAX: usize = 256;
/// The most bytes of all extensions of the chunks of a body.
pub const EXTENSION_BYTES_MAX: usize = 8 * 1024;
/// The most fields behind the last chunk.
pub const TRAILER_FIELDS_MAX: usize = 32;
/// The most bytes of the fields behind the last chunk.
pub const TRAILER_BYTES_MAX: usize = 4 * 1024;
/// How long a connection may go on to ask when the gateway stops: the answer to the next request says that it ends. One that
/// ended at once would take a request with it that is under way.
pub const FAREWELL_TIME_MAX: Duration = Duration::from_secs(1);
/// How much of what a client sends behind its request is read while that is under way: behind more it is not seen that it has gone.
pub const AHEAD_BYTES_MAX: usize = 64 * 1024;
/// How much is read from a socket at once while a head is waited for.
pub const HEAD_READ_BYTES: usize = 4 * 1024;
/// How much is read from a socket at once, of what follows a head.
pub const READ_BYTES: usize = 16 * 1024;
/// From the first byte of a head to its last.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a new connection may be silent.
pub const FIRST_BYTE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a connection may be silent between two exchanges.
pub const IDLE_TIME_MAX: Duration = Duration::from_mins(1);
/// How long a body may be silent.
pub const BODY_IDLE_TIME_MAX: Duration = Duration::from_secs(30);
/// The fewest bytes of a body for each second that it was waited for, [`BODY_GRACE_TIME`] apart.
pub const BODY_BYTES_PER_S_MIN: u32 = 512;
/// How long a body may be slower.
pub const BODY_GRACE_TIME: Duration = Duration::from_secs(20);
/// How long a client may refuse to take more of an answer.
pub const WRITE_IDLE_TIME_MAX: Duration = Duration::from_mins(1);
/// How long what a client still sends is read that was answered already, so that it gets to read the answer.
pub const LINGER_TIME_MAX: Duration = Duration::from_secs(1);
/// How many bytes of it: who sends as many within that time is read for as long again, so many times.
pub const LINGER_BYTES_MAX: usize = 1024 * 1024;
/// How many times.
pub const LINGER_TIMES_MAX: usize = 64;
/// After how long in silence the system asks whether the other end is still there.
pub const PROBE_AFTER: Duration = Duration::from_mins(1);
/// How long it waits between two questions.
pub const PROBE_BETWEEN: Duration = Duration::from_secs(15);
/// After how many questions without an answer the connection ends.
pub const PROBES_MAX: u32 = 4;
/// The most streams of a connection of HTTP/2 that are open at once.
pub const HTTP2_STREAMS_MAX: u32 = 100;
/// The most streams that a client resets before anybody looked at them; one more ends the connection.
pub const HTTP2_PENDING_RESETS_MAX: usize = 20;
/// The most streams that are reset because they break the protocol; one more ends the connection.
pub const HTTP2_LOCAL_RESETS_MAX: usize = 100;
/// The most frames that carry nothing (settings, pings, windows, priorities, unknown ones) from one tick to the next, beside those
/// that bytes which are carried make up for.
pub const HTTP2_EMPTY_FRAMES_MAX: usize = 1000;
/// The most parts of bodies that carry nothing and end nothing, on one connection; `h2` has the same bound and does not say when
/// it was met.
pub const HTTP2_EMPTY_DATA_MAX: usize = 100;
/// The most streams that a client resets from one tick to the next, beside as many as were answered.
pub const HTTP2_RESETS_MAX: usize = 200;
/// The most bytes of an answer that wait for a client.
pub const HTTP2_SENT_BYTES_MAX: usize = 64 * 1024;
/// How often a connection of HTTP/2 is looked after. What it begins with, and a block of fields, must be whole before the
/// next tick but one.
pub const HTTP2_TICK: Duration = Duration::from_secs(10);
/// How many ticks a connection of HTTP/2 may be idle.
pub const HTTP2_IDLE_TICKS_MAX: u32 = 6;
/// How many ticks a client may take nothing of an answer.
pub const HTTP2_STALLED_TICKS_MAX: u32 = 6;
