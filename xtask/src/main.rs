//! Developer commands: `cargo xtask test|ready|demo|wheel|bench|soak|corpus`.

mod bench;
mod corpus;
mod demo;
mod document;
mod gateways;
mod guarded;
mod http2;
mod measure;
mod process;
mod proved;
mod python;
mod ready;
mod router;
mod secured;
mod shop;
mod soak;
mod suite;
mod tally;
mod wheel;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser};

/// Developer commands of Doorward.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
enum Command {
    /// Runs every test: the workspace, the documentation's examples, `examples/shop`, the router, HTTP/2, the OpenAPI document, the wheel.
    Test(TestFlags),
    /// Runs what must hold before a commit: format, lints, documentation, dependencies, then every test.
    Ready(TestFlags),
    /// Builds the release binary, starts `examples/shop`, and proves its findings directly and through the guard.
    Demo,
    /// Builds the wheel, installs it into a fresh environment and tries the command.
    Wheel,
    /// Measures a cold scan against only parsing the same files, beside other tools.
    Bench(bench::Flags),
    /// Runs the gateway under mixed traffic with resets: flat memory, no lost descriptor, no failed request.
    Soak(soak::Flags),
    /// Scans every application folder below a folder; scores and compares the results.
    Corpus(corpus::Flags),
    /// Runs one command and writes what it used; `bench` and `corpus` call it.
    #[command(hide = true)]
    Measure {
        /// Where to write the report.
        #[arg(long)]
        report: PathBuf,
        /// The command and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
struct TestFlags {
    /// Leaves the tests of the workspace itself out.
    #[arg(long)]
    no_workspace: bool,
    /// Leaves the wheel out: for local work, where its release build is slow.
    #[arg(long)]
    no_wheel: bool,
    /// Leaves the tests of `examples/shop` out, which install its requirements, start it, and guard it.
    #[arg(long)]
    no_shop: bool,
    /// Leaves out the comparison of the policy's match with the routers of Starlette, Werkzeug and Django, which installs them.
    #[arg(long)]
    no_router: bool,
    /// Leaves out HTTP/2 frame by frame, which installs the Python package that makes the frames.
    #[arg(long)]
    no_http2: bool,
    /// Leaves out the validation of the OpenAPI document of `examples/shop`, which installs a validator.
    #[arg(long)]
    no_document: bool,
}

impl TestFlags {
    /// What is tested.
    fn parts(&self) -> Vec<suite::Part> {
        let shop = if self.no_shop { vec![] } else { vec![suite::Part::Shop, suite::Part::Proved] };
        let wheel = (!self.no_wheel).then_some(suite::Part::Wheel);
        let router = (!self.no_router).then_some(suite::Part::Router);
        let workspace = (!self.no_workspace).then_some(suite::Part::Workspace);
        let document = (!self.no_document).then_some(suite::Part::Document);
        let http2 = (!self.no_http2).then_some(suite::Part::Http2);
        workspace.into_iter().chain(router).chain(http2).chain(document).chain(shop).chain(wheel).collect()
    }
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Test(flags) => suite::run(&flags.parts()),
        Command::Ready(flags) => ready::run(&flags.parts()),
        Command::Demo => demo::run(),
        Command::Wheel => wheel::run(),
        Command::Bench(flags) => bench::run(&flags),
        Command::Soak(flags) => soak::run_for(&flags),
        Command::Corpus(flags) => corpus::run(&flags),
        Command::Measure { report, command } => measure::child(&report, &command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
