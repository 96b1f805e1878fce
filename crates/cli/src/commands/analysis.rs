//! Runs the scanner for a command, and says what it means when nothing could be scanned.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::{Application, GapKind, Origin, Project, Report, Tool};
use scan::{Options, ScanError, Sources};

use crate::arguments::command_like;
use crate::config::Settings;
use crate::outcome::{Exit, Failure};
use crate::output::terminal::told_gaps;
use crate::output::text::{counted, shown};
use crate::progress;
use crate::streams::Streams;
use policy::nearest::did_you_mean;

/// What is looked for, for those in whose code it was not found.
const FRAMEWORKS: &str = "FastAPI, Starlette, Flask, Quart, Django and aiohttp";
/// Places of frameworks that are not understood, beside the message that nothing was.
const FRAMEWORKS_TOLD_MAX: usize = 3;

/// What a scan found, and how long it took.
pub(super) struct Analysis {
    /// Endpoints, findings, gaps.
    pub(super) report: Report,
    /// The texts of the files.
    pub(super) sources: Sources,
    /// How long it took.
    pub(super) elapsed: Duration,
}

/// Scans a path.
pub(super) fn of_path(
    path: &Path,
    jobs: Option<NonZeroUsize>,
    settings: &Settings,
    streams: &Streams,
) -> Result<Analysis, Failure> {
    let options = Options {
        root: path.to_owned(),
        jobs: jobs.map(NonZeroUsize::get),
        exclude: settings.exclude.clone(),
        flows: settings.flows.clone(),
    };
    let tool = Tool { name: "doorward".into(), version: env!("CARGO_PKG_VERSION").into() };
    let started = Instant::now();
    let progress = progress::shown_on(streams);
    let found = scan::scan(&options, tool.clone(), &*progress);
    drop(progress);
    let (report, sources) = match found {
        Ok(scan::Scan { report, sources, unused_names }) => {
            for unused in &unused_names {
                let (name, reason) = (shown(&unused.name), shown(&unused.reason));
                streams.remark(&format!("warning: `{name}` of the configured `flows` is never used: {reason}"));
            }
            (report, sources)
        }
        // Who reads a report is given one that says that nothing was there; `nothing_understood` says it to people.
        Err(ScanError::NoPython(path)) => {
            let project = Project { root: path.to_string_lossy().into_owned(), ..Project::default() };
            (Report::new(tool, project), Sources::default())
        }
        Err(error) => return Err(unscanned(&error)),
    };
    Ok(Analysis { report, sources, elapsed: started.elapsed() })
}

impl Analysis {
    /// Whether there is nothing that people could be shown.
    pub(super) fn is_empty(&self) -> bool {
        self.report.project.files == 0
    }
}

/// Why nothing was scanned, and what to do.
fn unscanned(error: &ScanError) -> Failure {
    match error {
        ScanError::NotFound(path) => {
            let failure = Failure::usage(error.to_string());
            match path.to_str().and_then(command_like) {
                Some(command) => failure.hint(format!("did you mean the command `doorward {command}`?")),
                None => failure.hint("name a folder or a Python file; without one the current folder is scanned"),
            }
        }
        ScanError::Unreadable { .. } => {
            Failure::new(Exit::Unscanned, error.to_string()).hint("run it as a user who may read it")
        }
        ScanError::BadGlob { .. } => Failure::usage(error.to_string()),
        ScanError::NoPython(path) => Failure::new(Exit::Unscanned, error.to_string()).hint(format!(
            "files that end in `.py` were looked for; what `.gitignore` or `exclude` names, virtual environments and \
                 build output are left out. Name the folder of your code: `doorward scan {}`",
            if path.as_os_str() == "." { "src" } else { "PATH" }
        )),
    }
}

/// The application that a command is about: the one asked for, or the one with the most endpoints.
pub(super) fn application<'r>(
    report: &'r Report,
    asked: Option<&str>,
    streams: &Streams,
) -> Result<&'r Application, Failure> {
    let names = || report.applications.iter().map(|one| &*one.name);
    if let Some(asked) = asked {
        return report.applications.iter().find(|one| *one.name == *asked).ok_or_else(|| {
            let listed: Vec<String> = names().map(|name| format!("`{}`", shown(name))).collect();
            Failure::usage(format!("there is no application `{asked}`"))
                .maybe_hint(did_you_mean(asked, names()))
                .hint(format!("the code has {}", listed.join(", ")))
        });
    }
    let most = report.applications.iter().rev().max_by_key(|one| one.endpoints.len());
    let largest = most.ok_or_else(|| Failure::new(Exit::Unscanned, "no application was understood"))?;
    for other in report.applications.iter().filter(|one| one.name != largest.name) {
        streams.remark(&format!(
            "note: `{}` is another application ({}); `--application` names it",
            shown(&other.name),
            counted(other.endpoints.len(), "endpoint", "endpoints")
        ));
    }
    Ok(largest)
}

/// Whether nothing was understood: there is no application, or one whose endpoints all were lost to gaps.
pub(super) fn nothing_understood(report: &Report) -> Option<Failure> {
    let project = &report.project;
    if project.files == 0 {
        return Some(unscanned(&ScanError::NoPython(PathBuf::from(&project.root))));
    }
    let files = counted(project.files, "Python file", "Python files");
    let lines = counted(project.lines, "line", "lines");
    let message = if report.applications.is_empty() && report.endpoints.is_empty() {
        format!("no application was understood in `{}`", shown(&project.root))
    } else if report.endpoints.iter().all(|e| e.origin == Origin::Framework) && !report.gaps.is_empty() {
        // What a framework adds by itself is not understood from the project.
        format!("no endpoint was understood in `{}`", shown(&project.root))
    } else {
        return None;
    };
    let unknown = report.gaps.iter().filter(|gap| gap.kind == GapKind::UnknownFramework);
    let told = unknown.map(|gap| format!("{} ({}:{})", gap.reason, shown(&gap.file), gap.line.unwrap_or(1)));
    let failure = told.take(FRAMEWORKS_TOLD_MAX).fold(Failure::new(Exit::Unscanned, message), Failure::hint);
    let mut failure = failure.hint(format!(
        "applications of {FRAMEWORKS} were looked for in {files}, {lines}; scan the folder in which yours is made"
    ));
    if !report.gaps.is_empty() {
        let gaps = told_gaps(report);
        failure = failure.hint(format!("{gaps}: `--verbose` lists what and why"));
    }
    Some(failure)
}
