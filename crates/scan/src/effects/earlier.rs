//! What is looked up first and then written or read once more by the same key: `note = notes.get(id)`, a check of its owner, and then
//! `notes.update(id, data)`. What is known of the first holds for the second.

use python::interp::Paths;
use python::term::Term;

use super::ownership;
use super::trace::{Kind, Reader, Row, Seen};

/// Look-ups of a model by one key that are asked about.
const EARLIER_MAX: usize = 8;

impl Reader<'_, '_> {
    /// Takes over what is compared with the principal of another look-up of the same key, on every way to some points.
    pub(super) fn judge_by_others(&self, row: &mut Row, event: &Seen<'_>, points: &[&Paths]) {
        let by_request = row.key.as_ref().is_some_and(|(_, source)| source.is_of_request());
        if !by_request || !row.compared.is_empty() {
            return;
        }
        for other in self.by_same_key(row, event) {
            let of = Term::Made(other.index);
            let by_condition = ownership::compared(self.interp, &of, points);
            row.is_doubtful |= by_condition.is_doubtful;
            let paths = by_condition.paths.into_iter().map(|path| self.by_names(path, row.model, &other));
            row.compared.extend(paths);
            if ownership::is_found(self.interp, &of, points) {
                let mut found = self.row(Kind::Read, row.model, &other);
                self.judge_clauses(&mut found, &other, points);
                row.compared.extend(found.compared);
            }
        }
    }

    fn by_same_key(&self, row: &Row, event: &Seen<'_>) -> Vec<Seen<'_>> {
        let all = 0..u32::try_from(self.interp.events().len()).unwrap_or(u32::MAX);
        let looks_up =
            |other: &Seen<'_>| matches!(other.what.as_str(), "get" | "read" | "related" | "sql" | "executed" | "store");
        let others = all.filter(|index| *index != event.index).map(|index| self.seen(index)).filter(looks_up);
        let same_model = others.filter(|other| self.model_of_event(other) == Some(row.model));
        same_model.filter(|other| self.row(Kind::Read, row.model, other).key == row.key).take(EARLIER_MAX).collect()
    }
}
