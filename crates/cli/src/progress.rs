//! Shows how far a scan is, on a terminal, once it takes long enough for somebody to wonder.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use scan::{Phase, Progress, Silent};

use crate::streams::Streams;

/// Shorter scans show nothing.
const DELAY: Duration = Duration::from_millis(300);

/// More often than this nobody can read.
const INTERVAL: Duration = Duration::from_millis(80);

/// Clears the line that the cursor is in (ECMA-48: CR, erase in line).
const CLEAR: &[u8] = b"\r\x1b[2K";

/// What tells the user how far a scan is: a line on the standard error if somebody watches it, else nothing.
pub(crate) fn shown_on(streams: &Streams) -> Box<dyn Progress> {
    if streams.watched { Box::new(Line::new(streams.look.ellipsis())) } else { Box::new(Silent) }
}

/// A line that is written again and again, and cleared at the end.
struct Line {
    started: Instant,
    drawn: Mutex<Option<Instant>>,
    ellipsis: &'static str,
}

impl Line {
    fn new(ellipsis: &'static str) -> Self {
        Self { started: Instant::now(), drawn: Mutex::new(None), ellipsis }
    }
}

impl Progress for Line {
    fn advance(&self, phase: Phase, done: usize, total: usize) {
        if self.started.elapsed() < DELAY {
            return;
        }
        // A worker that finds another one drawing has nothing to add.
        let Ok(mut drawn) = self.drawn.try_lock() else {
            return;
        };
        if drawn.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        let mut line = CLEAR.to_vec();
        line.extend(text(phase, done, total, self.ellipsis).as_bytes());
        let mut out = io::stderr().lock();
        let _ = out.write_all(&line).and_then(|()| out.flush());
        *drawn = Some(Instant::now());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.drawn.lock().is_ok_and(|drawn| drawn.is_some()) {
            let mut out = io::stderr().lock();
            let _ = out.write_all(CLEAR).and_then(|()| out.flush());
        }
    }
}

fn text(phase: Phase, done: usize, total: usize, ellipsis: &str) -> String {
    let what = match phase {
        Phase::Walk => "looking for files",
        Phase::Parse => "reading files",
        Phase::Evaluate => "putting applications together",
        Phase::Judge => "judging what protects endpoints",
    };
    match (done, total) {
        (0, 0) => format!("{what}{ellipsis}"),
        (done, 0) => format!("{what}{ellipsis} {done}"),
        (done, total) => format!("{what}{ellipsis} {done}/{total}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_known() {
        assert_eq!(text(Phase::Walk, 12, 0, "..."), "looking for files... 12");
        assert_eq!(text(Phase::Parse, 3, 9, "…"), "reading files… 3/9");
        assert_eq!(text(Phase::Evaluate, 0, 0, "…"), "putting applications together…");
    }

    #[test]
    fn a_short_scan_shows_nothing() {
        let line = Line::new("…");
        line.advance(Phase::Walk, 1, 0);
        assert!(line.drawn.lock().unwrap().is_none());
    }
}
