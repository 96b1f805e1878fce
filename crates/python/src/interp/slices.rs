//! Parts of sequences: `text[1:]`, `routes[:-1]`, `parts[::2]`.

use std::sync::Arc;

use super::{Eval, Interp};
use crate::code::Run;
use crate::intern::Symbol;
use crate::term::Term;
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
        if let (Some(Term::Text(parts)), None) = (of.term(), step)
            && let Some(part) = slice_of_text(parts, lower, upper)
        {
            return Ok(self.joined(&part).with(labels.of_decision()));
        }
        let pick = |length: usize| picked(length, lower, upper, step);
        let part = match of.plain() {
            Value::Str(text) => {
                let letters: Vec<char> = text.chars().collect();
                Value::str(&pick(letters.len()).into_iter().map(|at| letters[at]).collect::<String>())
            }
            Value::Tuple(items) => {
                Value::Tuple(pick(items.len()).into_iter().map(|at| items[at].clone()).collect::<Vec<_>>().into())
            }
            Value::Object(obj) => match self.kind(*obj) {
                Kind::List { items, open, set: false } => {
                    let (items, open) = (pick(items.len()).into_iter().map(|at| items[at].clone()).collect(), *open);
                    self.make(Kind::List { items, open, set: false }, site)
                }
                _ => return self.subscript(of, &Value::unknown_with("a slice", labels), site),
            },
            _ => {
                let part = self.subscript(of, &Value::unknown_with("a slice", labels), site)?;
                return Ok(self.named_slice(part, lower, upper));
            }
        };
        Ok(part.with(labels))
    }
}

impl Interp<'_> {
    /// What is not known of a slice goes by its bounds.
    fn named_slice(&self, part: Value, lower: Option<i64>, upper: Option<i64>) -> Value {
        if part.labels().raw == 0 || !self.is_watching() {
            return part;
        }
        let shown = |bound: Option<i64>| bound.map_or(String::new(), |bound| bound.to_string());
        part.called(Symbol::new(&format!("[{}:{}]", shown(lower), shown(upper))))
    }
}

/// `text[lower:upper]` of a text that is joined of parts, some of which are not known: what of its ends is known may be cut off. None
/// where a bound lies in what is not.
fn slice_of_text(parts: &[Value], lower: Option<i64>, upper: Option<i64>) -> Option<Vec<Value>> {
    let letters = |part: &Value| part.as_str().map(|text| text.chars().collect::<Vec<char>>());
    let head: Vec<char> = parts.iter().map_while(letters).flatten().collect();
    let tail: Vec<char> = parts.iter().rev().map_while(letters).flat_map(|text| text.into_iter().rev()).collect();
    let (lower, upper) = (lower.unwrap_or(0), upper.unwrap_or(i64::MAX));
    let text = |letters: &[char]| Value::str(&letters.iter().collect::<String>());
    let from = usize::try_from(lower).ok();
    if let (Some(from), Ok(to)) = (from, usize::try_from(upper)) {
        if to <= head.len() {
            return Some(vec![text(head.get(from.min(to)..to)?)]);
        }
        if upper != i64::MAX {
            return None;
        }
    }
    // From the end: how many letters of it are left out.
    let left_out = if upper == i64::MAX { 0 } else { usize::try_from(upper.unsigned_abs()).ok()? };
    if left_out > tail.len() {
        return None;
    }
    let end: Vec<char> = tail[left_out..].iter().rev().copied().collect();
    let Some(from) = from else {
        let first = usize::try_from(lower.unsigned_abs()).ok()?.checked_sub(left_out)?;
        return (first <= end.len()).then(|| vec![text(&end[end.len() - first..])]);
    };
    let middle = parts.iter().skip_while(|part| part.as_str().is_some());
    let known_at_end = parts.iter().rev().take_while(|part| part.as_str().is_some()).count();
    let middle_count = middle.clone().count().checked_sub(known_at_end)?;
    let all = std::iter::once(text(head.get(from..)?)).chain(middle.take(middle_count).cloned());
    Some(all.chain([text(&end)]).collect())
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
