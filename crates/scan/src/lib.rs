//! A Python project to an API model, findings and gaps: reads the code, never runs or installs it.

mod access;
mod assembly;
mod bodies;
mod calls;
mod declared_limits;
mod defects;
mod described;
mod documents;
mod effects;
mod facts;
mod flows;
mod frameworks;
mod inventory;
mod literals;
mod objects;
mod packs;
mod parameters;
mod principal;
mod producers;
mod project;
mod registrations;
pub mod rules;
mod schemas;
mod schemes;
mod sql;
mod templates;
mod tokens;

use std::path::PathBuf;

use model::{Report, Tool};

pub use flows::{
    Argument, ENTRIES_MAX, NAME_BYTES_MAX, Sanitizer, TeamFlows, TeamSink, USES, UnusedName, Use, is_qualified_name,
};
pub use project::Sources;

/// What to scan, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A directory or one Python file.
    pub root: PathBuf,
    /// Worker threads; none for one per core.
    pub jobs: Option<usize>,
    /// Globs of paths that are left out, as in `.gitignore`.
    pub exclude: Vec<String>,
    /// What the team names as sources, sinks and sanitizers beyond our tables.
    pub flows: TeamFlows,
}

/// What a scan found.
#[derive(Debug)]
pub struct Scan {
    /// Endpoints, findings, gaps.
    pub report: Report,
    /// The texts of the files, to show findings in them.
    pub sources: Sources,
    /// Names of the team's tables that nothing in the program calls or imports.
    pub unused_names: Vec<UnusedName>,
}

/// Why nothing could be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is nothing at the path.
    #[error("`{}` does not exist", .0.display())]
    NotFound(PathBuf),
    /// The path cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A glob to leave out is not a glob.
    #[error("`{glob}` in `exclude` is not a glob: {reason}")]
    BadGlob {
        /// The glob.
        glob: String,
        /// Why.
        reason: String,
    },
    /// No Python file was found.
    #[error("no Python files in `{}`", .0.display())]
    NoPython(PathBuf),
}

/// Told how far a scan is.
pub trait Progress: Sync {
    /// A phase goes on: `done` of `total` (0 where the total is not known).
    fn advance(&self, phase: Phase, done: usize, total: usize);
}

/// The phases of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking for files.
    Walk,
    /// Reading and parsing files.
    Parse,
    /// Putting the applications together.
    Evaluate,
    /// Judging what protects each endpoint.
    Judge,
}

/// A [`Progress`] that nobody looks at.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _: Phase, _: usize, _: usize) {}
}

/// Scans a project.
///
/// Everything runs on a thread with a large stack: the parser and the evaluator recurse, within bounds of their own.
pub fn scan(options: &Options, tool: Tool, progress: &dyn Progress) -> Result<Scan, ScanError> {
    std::thread::scope(|scope| {
        let run = || -> Result<Scan, ScanError> {
            let project = project::Project::read(options, progress)?;
            let report = inventory::report(&project, options, tool, progress);
            let unused_names = options.flows.unused(&project.program);
            let sources = project.into_sources(&tokens::keys_in_code(&report), &rules::lines_with_secrets(&report));
            Ok(Scan { report, sources, unused_names })
        };
        let worker = std::thread::Builder::new().stack_size(project::WORKER_STACK_BYTES).spawn_scoped(scope, run);
        let worker = worker.map_err(|source| ScanError::Unreadable { path: options.root.clone(), source })?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
