//! The `doorward` command: reads the arguments, runs a command, and turns what came of it into an exit code.

mod arguments;
mod commands;
mod config;
mod outcome;
mod output;
mod panics;
mod progress;
mod streams;
mod words;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, mistyped_command, with_default_command};
use outcome::{Exit, Failure};
use streams::Streams;

fn main() -> ExitCode {
    panics::record();
    let words: Vec<_> = std::env::args_os().collect();
    let mistyped = mistyped_command(&words);
    let arguments = match Arguments::try_parse_from(with_default_command(words)) {
        Ok(arguments) => arguments,
        Err(refusal) => {
            if let Some(mistyped) = mistyped {
                return report(&mistyped).into();
            }
            // A reader of the help that has gone away is nothing to report.
            let _ = refusal.print();
            return if refusal.use_stderr() { Exit::Usage } else { Exit::Clean }.into();
        }
    };
    let streams = Streams::of_process(arguments.talk);
    let done = panics::caught(|| commands::run(arguments.command, &streams)).unwrap_or_else(Err);
    match done {
        Ok(exit) => exit,
        Err(failure) => {
            streams.say(&failure.to_string());
            failure.exit
        }
    }
    .into()
}

/// Tells of a failure before anything is known of how the user wants to be talked to.
fn report(failure: &Failure) -> Exit {
    anstream::eprintln!("{failure}");
    failure.exit
}
