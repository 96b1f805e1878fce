//! `sorted(items, key=..., reverse=...)` and `list.sort`, where the values by which items are sorted are known.

use std::cmp::Ordering;

use super::Interp;
use crate::value::{Arguments, Site, Value};

/// Items whose keys are worked out; more stay as they are.
const SORTED_MAX: usize = 2_000;

impl Interp<'_> {
    /// The items in order; as they are where the order of any two is not known.
    pub(super) fn sorted(&mut self, items: Vec<Value>, arguments: &Arguments, site: Site) -> Vec<Value> {
        if items.len() > SORTED_MAX {
            return items;
        }
        let key = arguments.keyword("key").filter(|key| !key.is_none()).cloned();
        let mut keyed = Vec::with_capacity(items.len());
        for item in &items {
            let by = match &key {
                None => item.clone(),
                Some(key) => match self.call(key, Arguments::of([item.clone()]), site) {
                    Ok(by) => by,
                    Err(_) => return items,
                },
            };
            keyed.push((by, item.clone()));
        }
        let first = keyed.first().map(|(by, _)| by);
        if !first.is_some_and(|first| keyed.iter().all(|(by, _)| are_alike(first, by))) {
            return items;
        }
        let backwards = arguments.keyword("reverse").cloned().and_then(|given| self.truth(&given)).unwrap_or(false);
        // As Python's sort, both keep equal items in their order.
        keyed.sort_by(|a, b| {
            let order = order(&a.0, &b.0);
            if backwards { order.reverse() } else { order }
        });
        keyed.into_iter().map(|(_, item)| item).collect()
    }
}

/// Whether two values have an order: both are texts, numbers, or tuples of as many such.
fn are_alike(a: &Value, b: &Value) -> bool {
    match (a.plain(), b.plain()) {
        (Value::Str(_), Value::Str(_)) => true,
        (Value::Tuple(a), Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| are_alike(a, b))
        }
        (a, b) => a.as_int().is_some() && b.as_int().is_some(),
    }
}

/// The order of two values of one shape.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a.plain(), b.plain()) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Tuple(a), Value::Tuple(b)) => {
            let each = a.iter().zip(b.iter()).map(|(a, b)| order(a, b));
            each.fold(Ordering::Equal, Ordering::then)
        }
        (a, b) => a.as_int().cmp(&b.as_int()),
    }
}
