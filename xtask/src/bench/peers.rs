//! Other tools on the same tree, each from PyPI in an environment below the build folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::measure::Measured;
use crate::process::read;
use crate::python::Venv;

/// A tool to compare with, and how it is asked for the same work: its security checks, no cache, little output.
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
    /// The argument that names its rules, where it brings none of its own.
    rules: Option<&'static str>,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "ruff",
        arguments: &["check", "--select", "S", "--isolated", "--no-cache", "--quiet", "--exit-zero"],
        rules: None,
    },
    Tool { name: "bandit", arguments: &["-r", "-q", "--exit-zero"], rules: None },
    Tool {
        name: "semgrep",
        arguments: &["scan", "--quiet", "--metrics", "off", "--disable-version-check"],
        rules: Some("--config"),
    },
    Tool { name: "apiposture", arguments: &["scan"], rules: None },
];

/// A tool that could be installed.
pub(crate) struct Peer {
    tool: &'static Tool,
    version: String,
    program: PathBuf,
    rules: Option<PathBuf>,
}

impl Peer {
    /// The name with the version.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.tool.name, self.version)
    }

    /// The tool on a folder.
    pub(crate) fn on(&self, root: &Path) -> Measured {
        let mut command = Command::new(&self.program);
        command.args(self.tool.arguments);
        if let (Some(argument), Some(rules)) = (self.tool.rules, &self.rules) {
            command.arg(argument).arg(rules);
        }
        command.arg(root);
        Measured::new(command)
    }
}

/// The tools that could be installed, and those that are missing, with the reason.
pub(crate) fn installed(rules: Option<&Path>) -> (Vec<Peer>, Vec<String>) {
    let (mut peers, mut missing) = (Vec::new(), Vec::new());
    for tool in TOOLS {
        match install(tool, rules) {
            Ok(peer) => peers.push(peer),
            Err(error) => missing.push(format!("{}: {error:#}", tool.name)),
        }
    }
    (peers, missing)
}

fn install(tool: &'static Tool, rules: Option<&Path>) -> Result<Peer> {
    let rules = rules.filter(|_| tool.rules.is_some()).map(Path::to_owned);
    if tool.rules.is_some() && rules.is_none() {
        bail!("it brings no rules of its own, and `--{}-rules` names none", tool.name);
    }
    let venv = Venv::kept("bench")?;
    venv.install(&[tool.name])?;
    let asked = format!("import importlib.metadata as m; print(m.version('{}'))", tool.name);
    let version = read(venv.program("python").args(["-c", &asked]))?.trim().to_owned();
    Ok(Peer { tool, version, program: venv.path(tool.name), rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_brings_no_rules_is_missing_without_any() {
        let semgrep = TOOLS.iter().find(|tool| tool.name == "semgrep").expect("it is listed");
        let missing = install(semgrep, None).err().expect("it is missing").to_string();
        assert_eq!(missing, "it brings no rules of its own, and `--semgrep-rules` names none");
    }
}
