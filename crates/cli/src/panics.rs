//! Defects of Doorward: a panic ends as exit code 4 with what to report, never as a raw trace.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Mutex;

use crate::outcome::{Exit, Failure};

/// The last panic of any thread. The analysis catches those of single files and makes gaps of them, so one that
/// reaches [`caught`] is the last.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// From now on panics are recorded instead of printed.
pub(crate) fn record() {
    panic::set_hook(Box::new(|info| {
        let mut text = described(info);
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            let _ = write!(text, "\n{backtrace}");
        }
        if let Ok(mut last) = LAST.lock() {
            *last = Some(text);
        }
    }));
}

/// Runs something; a panic in it is a failure that says what to report.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Failure> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
        let last = LAST.lock().ok().and_then(|mut last| last.take());
        failure(&last.unwrap_or_else(|| "no message".to_owned()))
    })
}

fn described(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    match info.location() {
        Some(place) => format!("{message}, at {place}"),
        None => message.to_owned(),
    }
}

fn failure(what: &str) -> Failure {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let issues = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");
    Failure::new(Exit::Internal, format!("Doorward failed: {what}"))
        .hint(format!(
            "this is a defect of Doorward, not of your code. Please report it at {issues} with the line above, the \
             command, and `doorward {version} {system} {machine}`"
        ))
        .hint("if you can, add the file or folder that it fails on; `RUST_BACKTRACE=1` shows where")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_exit_4_with_what_to_report() {
        let failure = failure("index out of bounds, at crates/scan/src/lib.rs:1:2");
        assert_eq!(failure.exit, Exit::Internal);
        let text = anstream::adapter::strip_str(&failure.to_string()).to_string();
        assert!(text.starts_with("error: Doorward failed: index out of bounds, at crates/scan/"));
        assert!(text.contains("/issues") && text.contains(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn a_panic_is_caught() {
        let failure = caught(|| panic!("on purpose")).unwrap_err();
        assert_eq!(failure.exit, Exit::Internal);
        assert_eq!(caught(|| 1).unwrap(), 1);
    }
}
