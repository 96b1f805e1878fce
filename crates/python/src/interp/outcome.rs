//! What a call may do.

use super::Paths;
use crate::value::{Labels, Site, Value};

/// An exception that may leave a call.
#[derive(Debug, Clone)]
pub struct Raised {
    /// The exception: an instance or a class.
    pub exception: Value,
    /// Where it is raised.
    pub site: Site,
    /// Under which conditions.
    pub paths: Paths,
}

/// What a call may do.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it returns; none if it never does.
    pub value: Option<Value>,
    /// Under which conditions it returns.
    pub paths: Paths,
    /// What it may raise.
    pub raised: Vec<Raised>,
    /// What it returns early, with the conditions, while exploring.
    pub returned: Vec<(Value, Site, Paths)>,
    /// Under which conditions it yields, if it does.
    pub yielded: Paths,
    /// Whether a bound was reached: the rest is not known.
    pub limited: bool,
    /// Where a bound was reached: conditions under which it may still return. Those under which it raised before are not among them.
    pub unfinished: Paths,
}

impl Outcome {
    /// That of a call that is not followed: it may go on, under these conditions, and nothing else is known.
    pub fn unseen(paths: Paths, labels: Labels) -> Self {
        let value = Some(Value::unknown_with("what takes too many steps to work out", labels));
        Self {
            value,
            unfinished: paths.clone(),
            paths,
            raised: Vec::new(),
            returned: Vec::new(),
            yielded: Paths::never(),
            limited: true,
        }
    }
}
