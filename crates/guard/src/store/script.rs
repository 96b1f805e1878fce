//! The script that decides in Redis: what it is asked, and what it says. One call is one decision, by the clock of the server.

use std::sync::LazyLock;
use std::time::Duration;

use policy::Counting;
use redis::{Cmd, Script};

use crate::quota::Rate;

/// The script, with its digest.
static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(TEXT));
const TEXT: &str = include_str!("take.lua");
/// How many numbers an answer has for each limit, and before all of them.
const NUMBERS_EACH: usize = 3;
const NUMBERS_BEFORE: usize = 2;

/// What is wanted of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What it is counted under.
    pub(crate) name: String,
    pub(crate) rate: Rate,
    pub(crate) want: u32,
    /// With less than this there is none.
    pub(crate) least: u32,
    /// How much is given back, and when it was taken.
    pub(crate) back: u32,
    pub(crate) back_taken: Duration,
}

/// What the script says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decided {
    /// So much of each was taken at this moment of the server.
    Taken(Duration, Vec<Granted>),
    /// This one has too little, and nothing was taken.
    Over(usize, Duration),
}

/// What was taken of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) count: u32,
    pub(crate) left: u32,
    pub(crate) more_in: Duration,
}

/// The command that runs it: by its digest, or with its text where the server does not know it yet.
pub(crate) fn command(wanted: &[Wanted], with_text: bool) -> Cmd {
    let mut command = redis::cmd(if with_text { "EVAL" } else { "EVALSHA" });
    command.arg(if with_text { TEXT } else { TAKE.get_hash() }).arg(wanted.len());
    for one in wanted {
        command.arg(&one.name);
    }
    for one in wanted {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        command.arg(way(one.rate.counting)).arg(one.rate.quota).arg(micros(one.rate.window));
        command.arg(one.want).arg(one.least).arg(one.back).arg(micros(one.back_taken));
    }
    command
}

/// How the script calls a way to count. What is under way is counted like a window that slides: each is given back at its end.
fn way(counting: Counting) -> &'static str {
    match counting {
        Counting::SlidingWindow | Counting::Concurrent => "s",
        Counting::FixedWindow => "f",
        Counting::Gcra => "g",
    }
}

/// Reads an answer; nothing where it is none of the script.
pub(crate) fn read(numbers: &[i64], asked: usize) -> Option<Decided> {
    let ([over, now], each) = numbers.split_first_chunk::<NUMBERS_BEFORE>()?;
    let micros = |number: i64| Some(Duration::from_micros(u64::try_from(number).ok()?));
    let granted: Option<Vec<Granted>> = each
        .as_chunks::<NUMBERS_EACH>()
        .0
        .iter()
        .map(|[count, left, more_in]| {
            let (count, left) = (u32::try_from(*count).ok()?, u32::try_from(*left).ok()?);
            Some(Granted { count, left, more_in: micros(*more_in)? })
        })
        .collect();
    let granted = granted.filter(|granted| granted.len() == asked)?;
    match usize::try_from(*over).ok()?.checked_sub(1) {
        None => Some(Decided::Taken(micros(*now)?, granted)),
        Some(index) => granted.get(index).map(|one| Decided::Over(index, one.more_in)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let (moment, second) = (Duration::from_micros(7), Duration::from_secs(1));
        let granted = Granted { count: 2, left: 3, more_in: second };
        assert_eq!(read(&[0, 7, 2, 3, 1_000_000], 1), Some(Decided::Taken(moment, vec![granted])));
        assert_eq!(read(&[2, 7, 0, 3, 0, 0, 0, 1_000_000], 2), Some(Decided::Over(1, second)));
        for wrong in
            [&[][..], &[0], &[0, 7], &[0, 7, 1, 1], &[3, 7, 0, 0, 0, 0, 0, 0], &[0, 7, -1, 0, 0], &[-1, 7, 1, 1, 1]]
        {
            assert_eq!(
                read(wrong, wrong.len().saturating_sub(NUMBERS_BEFORE).div_ceil(NUMBERS_EACH).max(1)),
                None,
                "{wrong:?}"
            );
        }
    }
}
