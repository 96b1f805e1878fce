//! Other tools on the same tree, each from PyPI in an environment below the build folder.

use std::path::Path;
use std::process::Command;

use crate::measure::Measured;
use crate::process::{announce, read};
use crate::python::Venv;

/// A tool to compare with, and how it is asked for the same work: its security checks, no cache, little output.
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool { name: "ruff", arguments: &["check", "--select", "S", "--isolated", "--no-cache", "--quiet", "--exit-zero"] },
    Tool { name: "bandit", arguments: &["-r", "-q", "--exit-zero"] },
    Tool { name: "apiposture", arguments: &["scan"] },
];

/// A tool that could be installed.
pub(crate) struct Peer {
    tool: &'static Tool,
    version: String,
    program: std::path::PathBuf,
}

impl Peer {
    /// The name with the version.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.tool.name, self.version)
    }

    /// The tool on a folder.
    pub(crate) fn on(&self, root: &Path) -> Measured {
        let mut command = Command::new(&self.program);
        command.args(self.tool.arguments).arg(root);
        Measured::new(command)
    }
}

/// The tools that could be installed; what could not is said and left out.
pub(crate) fn installed() -> Vec<Peer> {
    TOOLS.iter().filter_map(|tool| install(tool).inspect_err(|error| skip(tool, error)).ok()).collect()
}

fn skip(tool: &Tool, error: &anyhow::Error) {
    announce(&format!("{} could not be installed and is left out: {error:#}", tool.name));
}

fn install(tool: &'static Tool) -> anyhow::Result<Peer> {
    let venv = Venv::kept("bench")?;
    venv.install(&[tool.name])?;
    let asked = format!("import importlib.metadata as m; print(m.version('{}'))", tool.name);
    let version = read(venv.program("python").args(["-c", &asked]))?.trim().to_owned();
    Ok(Peer { tool, version, program: venv.path(tool.name) })
}
