//! How many files and sockets this process may have open, and how many clients that is enough for.

use std::num::NonZeroUsize;

use ::guard::CONNECTIONS_MAX;

/// What the gateway needs beside connections: its log, its sockets, what watches files, questions to it.
const RESERVED: usize = 128;
/// What one client needs: its connection, and one to the application.
const OF_A_CLIENT: usize = 2;

/// How many clients are served at once, and whether the system set the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// The most connections; nothing where the usual bound holds.
    pub(super) connections_max: Option<NonZeroUsize>,
    /// How many descriptors there are, where they are too few for what was asked for.
    pub(super) too_few: Option<u64>,
}

/// The room for what a policy asks for, or for the usual bound of each worker.
pub(super) fn room(asked: Option<NonZeroUsize>, workers: NonZeroUsize, descriptors: Option<u64>) -> Room {
    let wanted = asked.map_or_else(|| CONNECTIONS_MAX.saturating_mul(workers.get()), NonZeroUsize::get);
    let possible =
        descriptors.map(|all| usize::try_from(all).unwrap_or(usize::MAX).saturating_sub(RESERVED) / OF_A_CLIENT);
    match possible {
        Some(possible) if possible < wanted => {
            Room { connections_max: NonZeroUsize::new(possible.max(1)), too_few: descriptors }
        }
        _ => Room { connections_max: asked, too_few: None },
    }
}

/// Raises the bound as far as this process may, and says what it is then.
#[cfg(unix)]
pub(super) fn raised() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() {
        return Some(hard);
    }
    Some(soft)
}

/// Elsewhere nobody sets one.
#[cfg(not(unix))]
pub(super) fn raised() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_served_as_there_are_descriptors_for() {
        let number = |count| NonZeroUsize::new(count).unwrap();
        let room = |asked: Option<usize>, descriptors| {
            let Room { connections_max, too_few } = room(asked.map(number), number(2), descriptors);
            (connections_max.map(NonZeroUsize::get), too_few)
        };
        let enough = u64::try_from(CONNECTIONS_MAX * 4 + RESERVED).unwrap();
        assert_eq!(room(None, Some(enough)), (None, None));
        assert_eq!(room(None, Some(enough - 1)), (Some(CONNECTIONS_MAX * 2 - 1), Some(enough - 1)));
        assert_eq!(room(Some(100), Some(328)), (Some(100), None));
        assert_eq!(room(Some(101), Some(328)), (Some(100), Some(328)));
        assert_eq!(room(Some(100), Some(10)), (Some(1), Some(10)));
        assert_eq!(room(Some(100), None), (Some(100), None));
    }
}
