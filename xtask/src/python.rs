//! Virtual environments below the build folder, and packages in them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow};

use crate::process::{command, read, target};

/// The Python to begin with: `$PYTHON`, or `python3`.
pub(crate) fn python() -> Command {
    command(env::var_os("PYTHON").unwrap_or_else(|| OsString::from("python3")))
}

/// A virtual environment.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment of that name, made if it is absent.
    pub(crate) fn kept(name: &str) -> Result<Self> {
        let venv = Self { folder: target().join("venvs").join(name) };
        if !venv.works() {
            venv.make()?;
        }
        Ok(venv)
    }

    /// A new environment of that name; an old one is removed first.
    pub(crate) fn fresh(name: &str) -> Result<Self> {
        let venv = Self { folder: target().join("venvs").join(name) };
        venv.make()?;
        Ok(venv)
    }

    fn works(&self) -> bool {
        let mut asked = self.program("python");
        asked.args(["-m", "pip", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    }

    fn make(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).with_context(|| format!("removing {}", self.folder.display()))?;
        }
        let hint = "hint: Python 3.11 or newer with the module `venv` is needed; `$PYTHON` names another one";
        read(python().args(["-m", "venv"]).arg(&self.folder)).map_err(|error| anyhow!("{error:#}\n{hint}"))?;
        Ok(())
    }

    /// A program of this environment.
    pub(crate) fn program(&self, name: &str) -> Command {
        command(self.path(name))
    }

    /// Where a program of this environment lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder.join(folder).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Installs packages; arguments are those of `pip install`.
    pub(crate) fn install(&self, arguments: &[&str]) -> Result<()> {
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(arguments);
        read(&mut pip).map(drop)
    }
}
