//! Which values a set holds: found by their hash, where one after the other would take too long.

use std::hash::{DefaultHasher, Hash, Hasher};

use rustc_hash::FxHashMap;

use crate::value::Value;

/// Values that are found quickly.
pub(super) struct Members {
    values: Vec<Value>,
    /// Where values of a hash begin in `values`, and the next one of the same hash.
    first: FxHashMap<u64, usize>,
    next: Vec<Option<usize>>,
}

/// The values of both, each once, in the order in which they come.
pub(super) fn united(first: Vec<Value>, second: Vec<Value>) -> Vec<Value> {
    let mut all = Members::of(first);
    for value in second {
        if !all.has(&value) {
            all.push(value);
        }
    }
    all.values
}

impl Members {
    /// These values, also where they are equal.
    pub(super) fn of(values: Vec<Value>) -> Self {
        let mut all = Self {
            values: Vec::with_capacity(values.len()),
            first: FxHashMap::default(),
            next: Vec::with_capacity(values.len()),
        };
        values.into_iter().for_each(|value| all.push(value));
        all
    }

    fn push(&mut self, value: Value) {
        let at = self.values.len();
        self.next.push(self.first.insert(hash_of(&value), at));
        self.values.push(value);
    }

    pub(super) fn has(&self, value: &Value) -> bool {
        let mut at = self.first.get(&hash_of(value)).copied();
        while let Some(index) = at {
            if self.values[index] == *value {
                return true;
            }
            at = self.next[index];
        }
        false
    }
}

/// Equal for equal values. A program chooses its values, so the hash must not be one whose collisions are easily made.
fn hash_of(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    feed(value, &mut hasher);
    hasher.finish()
}

fn feed(value: &Value, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::None | Value::Ellipsis => {}
        Value::Bool(b) => b.hash(hasher),
        Value::Int(i) => i.hash(hasher),
        Value::Str(s) | Value::Bytes(s) => s.hash(hasher),
        Value::Tuple(items) | Value::Union(items) => items.iter().for_each(|item| feed(item, hasher)),
        Value::Object(obj) => obj.hash(hasher),
        Value::External(name) => name.hash(hasher),
        Value::Labelled(inner) => feed(&inner.0, hasher),
        Value::Unknown(unknown) => unknown.reason.hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_kept_once_in_order() {
        let int = Value::Int;
        let pair = |a, b| Value::Tuple([Value::Int(a), Value::Int(b)].into());
        let all = united(vec![int(2), pair(1, 2)], vec![int(1), int(2), pair(1, 2), pair(2, 1), int(1)]);
        assert_eq!(all, [int(2), pair(1, 2), int(1), pair(2, 1)]);
    }

    #[test]
    fn many_values_are_united_at_once() {
        let all = united(Vec::new(), (0..200_000).chain(0..200_000).map(Value::Int).collect());
        assert_eq!(all.len(), 200_000);
    }
}
