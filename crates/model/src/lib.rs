//! The API as data. Depends on nothing of ours and does no I/O.

mod gap;
mod location;

pub use gap::{Gap, GapKind};
pub use location::Location;
