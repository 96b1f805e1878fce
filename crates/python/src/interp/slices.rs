//! Parts of sequences: `text[1:]`, `routes[:-1]`, `parts[::2]`.

use std::sync::Arc;

use super::{Eval, Interp};
use crate::code::Run;
use crate::value::{Kind, Site, Value};

impl Interp<'_> {
    /// `of[lower:upper:step]`; not known where a bound is not.
    pub(super) fn sliced(&mut self, of: &Value, bounds: Run, site: Site) -> Eval<Value> {
        let code = Arc::clone(&self.frame().code);
        let mut known = Some([None; 3]);
        let mut labels = of.labels();
        for (at, bound) in code.list(bounds).iter().enumerate() {
            let bound = self.eval(*bound)?;
            labels = labels.and(bound.labels());
            match (bound.plain(), bound.as_int()) {
                (Value::None, _) => {}
                (_, Some(bound)) => {
                    if let Some(slot) = known.as_mut().and_then(|k| k.get_mut(at)) {
                        *slot = Some(bound);
                    }
                }
                _ => known = None,
            }
        }
        let Some([lower, upper, step]) = known else {
            return self.subscript(of, &Value::unknown_with("a slice", labels), site);
        };
        let pick = |length: usize| picked(length, lower, upper, step);
        let part = match of.plain() {
            Value::Str(text) => {
                let letters: Vec<char> = text.chars().collect();
                Value::str(&pick(letters.len()).into_iter().map(|at| letters[at]).collect::<String>())
            }
            Value::Tuple(items) => {
                Value::Tuple(pick(items.len()).into_iter().map(|at| items[at].clone()).collect::<Vec<_>>().into())
            }
            Value::Object(obj) => match &self.object(*obj).kind {
                Kind::List { items, open, set: false } => {
                    let (items, open) = (pick(items.len()).into_iter().map(|at| items[at].clone()).collect(), *open);
                    self.make(Kind::List { items, open, set: false }, site)
                }
                _ => return self.subscript(of, &Value::unknown_with("a slice", labels), site),
            },
            _ => return self.subscript(of, &Value::unknown_with("a slice", labels), site),
        };
        Ok(part.with(labels))
    }
}

/// The positions that a slice of a sequence takes, in order.
fn picked(length: usize, lower: Option<i64>, upper: Option<i64>, step: Option<i64>) -> Vec<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let step = step.unwrap_or(1);
    let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let take = |at: i64| usize::try_from(at).ok();
    if step > 0 {
        let lower = from_end(lower.unwrap_or(0)).clamp(0, length);
        let upper = from_end(upper.unwrap_or(length)).clamp(0, length);
        let by = usize::try_from(step).unwrap_or(usize::MAX);
        return (lower..upper).step_by(by).filter_map(take).collect();
    }
    let lower = from_end(lower.unwrap_or(length - 1)).clamp(-1, length - 1);
    let upper = upper.map_or(-1, |u| from_end(u).clamp(-1, length - 1));
    let by = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX).max(1);
    (upper + 1..=lower).rev().step_by(by).filter_map(take).collect()
}
