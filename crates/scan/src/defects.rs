//! Defects of Doorward that a project brings out: each is a gap with its place, and the run goes on.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use model::{Gap, GapKind};

/// Runs a part of the analysis; a gap if it panics.
pub(crate) fn caught<T>(
    file: &Arc<str>,
    line: Option<u32>,
    what: impl Display,
    run: impl FnOnce() -> T,
) -> Result<T, Gap> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| gap(file, line, what))
}

/// What was lost at a place: "reading this file".
pub(crate) fn gap(file: &Arc<str>, line: Option<u32>, what: impl Display) -> Gap {
    let reason = format!("{what} failed inside Doorward: please report it");
    Gap { kind: GapKind::Internal, file: Arc::clone(file), line, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_gap_with_its_place() {
        let file: Arc<str> = "app/main.py".into();
        assert_eq!(caught(&file, None, "reading this file", || 1), Ok(1));
        let gap = caught::<()>(&file, Some(3), "judging `GET /x`", || panic!("on purpose")).unwrap_err();
        assert_eq!(gap.kind, GapKind::Internal);
        assert_eq!((&*gap.file, gap.line), ("app/main.py", Some(3)));
        assert_eq!(gap.reason, "judging `GET /x` failed inside Doorward: please report it");
    }
}
