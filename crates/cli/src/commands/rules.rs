//! `doorward rules`: the list of rules.

use crate::outcome::{Exit, Failure};
use crate::output::terminal;
use crate::streams::Streams;

/// Runs the command.
pub(super) fn run(streams: &Streams) -> Result<Exit, Failure> {
    streams.print(&terminal::rules(&streams.look))?;
    Ok(Exit::Clean)
}
