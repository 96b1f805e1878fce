//! The commands: one file each.

mod analysis;
mod attacked;
mod completions;
mod explain;
mod guard;
mod man;
mod policy;
mod probe;
mod prove;
mod routes;
mod rules;
mod scan;
mod secret;

use crate::arguments::Command;
use crate::outcome::{Exit, Failure};
use crate::streams::Streams;

/// Runs a command.
pub(crate) fn run(command: Command, streams: &Streams) -> Result<Exit, Failure> {
    match command {
        Command::Scan(flags) => scan::run(&flags, streams),
        Command::Routes(flags) => routes::run(&flags, streams),
        Command::Policy(command) => policy::run(&command, streams),
        Command::Guard(flags) => guard::run(&flags, streams),
        Command::Probe(flags) => probe::run(&flags, streams),
        Command::Prove(flags) => prove::run(&flags, streams),
        Command::Secret(command) => secret::run(&command, streams),
        Command::Explain { name } => explain::run(&name, streams),
        Command::Rules => rules::run(streams),
        Command::Completions { shell } => completions::run(shell),
        Command::Man => man::run(),
    }
}
