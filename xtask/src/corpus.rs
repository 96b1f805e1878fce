//! `cargo xtask corpus`: a scan of every application folder below a folder, one line each; scored against truth files,
//! saved, and compared with an earlier run. This is how one sees what a change does on real projects.

mod changes;
mod summary;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::measure::{Measured, made};
use crate::process::{read, release_binary, target};
use crate::python::python;
use changes::Snapshot;
use summary::Summary;

/// What to scan, and what to do with the results.
#[derive(Args)]
pub(crate) struct Flags {
    /// The folder whose folders (or links to folders) are scanned, one application each.
    #[arg(long)]
    dir: PathBuf,
    /// Truth files: `score.py` and NAME.csv or routes/NAME.csv for the folder NAME.
    #[arg(long)]
    truth: Option<PathBuf>,
    /// Prints every endpoint that a score counts as missed or wrong.
    #[arg(long, requires = "truth")]
    misses: bool,
    /// Writes the endpoints and findings for a later `--against`.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Prints what changed since the run that wrote this file.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Scans only the applications whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// The binary to run; without it, the release build of this tree.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// The results of one run by application.
type Snapshots = BTreeMap<String, Snapshot>;

/// Scans every application; a scan that crashed or printed no JSON fails the run, at its end.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let binary = match &flags.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => release_binary()?,
    };
    let before = flags.against.as_deref().map(read_snapshots).transpose()?;
    let (mut after, mut failures) = (Snapshots::new(), Vec::new());
    for (name, folder) in applications(flags)? {
        match scan(&binary, &name, &folder) {
            Ok((summary, scan)) => {
                println!("{summary}");
                after.insert(name.clone(), Snapshot::of(&scan));
                if let Some(score) = score(flags, &name)? {
                    println!("  {}", score.trim_end().replace('\n', "\n  "));
                }
            }
            Err(error) => {
                println!("{name}: FAILED: {error:#}");
                failures.push(name);
            }
        }
    }
    if let Some(before) = before {
        print!("{}", changes::shown(&before, &after));
    }
    if let Some(path) = &flags.save {
        fs::write(path, serde_json::to_vec(&after)?).with_context(|| path.display().to_string())?;
    }
    if !failures.is_empty() {
        bail!("no result for {}", failures.join(", "));
    }
    Ok(())
}

fn applications(flags: &Flags) -> Result<Vec<(String, PathBuf)>> {
    let entries = fs::read_dir(&flags.dir).with_context(|| format!("`{}` cannot be read", flags.dir.display()))?;
    let folders = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir());
    let named = folders.filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path)));
    let mut found: Vec<_> = named.filter(|(name, _)| !name.starts_with('.') && name.contains(&flags.only)).collect();
    found.sort();
    if found.is_empty() {
        bail!("`{}` holds no application folders", flags.dir.display());
    }
    Ok(found)
}

/// Where the JSON of the last scan of an application lies.
fn result_path(name: &str) -> PathBuf {
    target().join("corpus").join(format!("{name}.json"))
}

fn scan(binary: &Path, name: &str, folder: &Path) -> Result<(Summary, Value)> {
    made(&target().join("corpus"))?;
    let mut command = Command::new(binary);
    command.args(["scan", "--format", "json"]).arg(folder.canonicalize()?);
    let used = Measured { stdout: Some(result_path(name)), ..Measured::new(command) }.run()?;
    let finished = matches!(used.code, Some(0 | 1 | 3));
    let code = used.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
    if !finished {
        bail!("the scan ended with {code}");
    }
    let json = BufReader::new(File::open(result_path(name))?);
    let scan = serde_json::from_reader(json).with_context(|| format!("{code}, but stdout is no JSON"))?;
    Ok((Summary::new(name, &scan, used), scan))
}

/// What `score.py` says about the scan; nothing where there is no truth file of that name.
fn score(flags: &Flags, name: &str) -> Result<Option<String>> {
    let Some(folder) = &flags.truth else {
        return Ok(None);
    };
    let folder = folder.canonicalize().with_context(|| format!("`{}` cannot be read", folder.display()))?;
    let first = |paths: [PathBuf; 2]| paths.into_iter().find(|path| path.is_file());
    let Some(script) = first([folder.join("score.py"), folder.join("../score.py")]) else {
        bail!("there is no `score.py` in `{}` or above it", folder.display());
    };
    let file = format!("{name}.csv");
    let Some(truth) = first([folder.join(&file), folder.join("routes").join(&file)]) else {
        return Ok(None);
    };
    let mut scored = python();
    scored.arg(script).arg("routes").arg(truth).arg(result_path(name));
    scored.args(flags.misses.then_some("--misses"));
    read(&mut scored).map(Some)
}

fn read_snapshots(path: &Path) -> Result<Snapshots> {
    let text = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("`{}` was not written by `--save`", path.display()))
}
