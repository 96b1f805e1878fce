//! Several values in one: the items of a tuple, the alternatives of a union. How much there is inside, and its labels, are
//! known without a look at it: a program of a few lines may put a tuple into itself a thousand times over.

use std::ops::Deref;
use std::rc::Rc;

use crate::value::{Labels, Value};

/// Values inside a tuple or a union, those inside its parts included. Parts that would exceed it are not known.
pub const SIZE_MAX: usize = 10_000;

/// Values that belong together, shared and never changed.
#[derive(Debug, Clone)]
pub struct Many(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    items: Box<[Value]>,
    size: usize,
    labels: Labels,
}

impl Many {
    /// How many values there are, those inside its parts included.
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// The labels of all of them.
    pub fn labels(&self) -> Labels {
        self.0.labels
    }
}

impl Deref for Many {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.items
    }
}

impl PartialEq for Many {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || (self.0.size == other.0.size && self.0.items == other.0.items)
    }
}

impl From<Vec<Value>> for Many {
    fn from(mut items: Vec<Value>) -> Self {
        let labels = items.iter().fold(Labels::NONE, |all, item| all.and(item.labels()));
        let size = |items: &[Value]| items.iter().map(size_of).sum();
        let mut all = size(&items);
        if all > SIZE_MAX && all > items.len() {
            for item in items.iter_mut().filter(|item| size_of(item) > 1) {
                *item = Value::unknown_with("a part of a very large tuple", item.labels());
            }
            all = size(&items);
        }
        Self(Rc::new(Inner { items: items.into(), size: all, labels }))
    }
}

impl<const N: usize> From<[Value; N]> for Many {
    fn from(items: [Value; N]) -> Self {
        Vec::from(items).into()
    }
}

impl FromIterator<Value> for Many {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

fn size_of(value: &Value) -> usize {
    match value.plain() {
        Value::Tuple(items) | Value::Union(items) => 1 + items.size(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuple_in_itself_stays_small() {
        let mut value = Value::Tuple([].into());
        for _ in 0..100_000 {
            value = Value::Tuple([value.clone(), value].into());
            let Value::Tuple(items) = &value else { unreachable!("a tuple") };
            assert!(items.size() <= SIZE_MAX);
        }
        assert_eq!(value, value.clone());
    }

    #[test]
    fn labels_are_those_of_all_parts() {
        let inner = Value::Tuple([Value::None.with(Labels::bit(2))].into());
        assert_eq!(Value::Tuple([inner, Value::Int(1)].into()).labels(), Labels::bit(2));
    }
}
