//! `doorward completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::outcome::{Exit, Failure};
use crate::streams::write_data;

/// Runs the command.
pub(super) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "doorward", &mut script);
    write_data(&script)?;
    Ok(Exit::Clean)
}
