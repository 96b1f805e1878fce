//! Running other programs: from the root of the workspace, with a clear message when one fails.

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Read, Write};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// A process that ends with whoever started it.
pub(crate) struct Owned(pub(crate) Child);

impl Deref for Owned {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Owned {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Where cargo builds, and where everything lies that these commands make.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A command that runs in the root of the workspace.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs this program, with arguments separated by spaces.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments.split_whitespace());
    cargo
}

/// Whether a subcommand of cargo is installed.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    let mut asked = cargo(subcommand);
    asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Says on stderr what happens next.
pub(crate) fn announce(what: &str) {
    eprintln!("\n== {what}");
}

/// Runs a command to its end; what it prints goes through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(&shown(command));
    let status = command.status().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it printed on stdout; what it printed on stderr is shown when it fails.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("`{}` could not be started", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}\n{}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, lets through what it prints, and returns that too.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    announce(&shown(command));
    if io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.with_context(|| format!("`{}` could not be started", shown(command)))?;
    let stderr = child.stderr.take().map(|pipe| thread::spawn(|| forward(pipe, &mut io::stderr())));
    let mut text = child.stdout.take().map(|pipe| forward(pipe, &mut io::stdout())).unwrap_or_default();
    text += &stderr.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok((child.wait()?, text))
}

/// Copies a pipe as it fills. What cannot be written any more is still read, so that the child does not stall.
fn forward(mut pipe: impl Read, to: &mut impl Write) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 8192]);
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        let _ = to.write_all(&buffer[..count]).and_then(|()| to.flush());
        all.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Builds the release binary and says where it lies.
pub(crate) fn release_binary() -> Result<PathBuf> {
    run(&mut cargo("build --release --package doorward"))?;
    Ok(target().join("release").join(format!("doorward{}", env::consts::EXE_SUFFIX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_says_what_failed() {
        let error = run(&mut command("false")).expect_err("`false` fails");
        assert_eq!(error.to_string(), "`false` failed: exit status: 1");
        let error = run(&mut command("no-such-program-here")).expect_err("it does not exist");
        assert_eq!(error.to_string(), "`no-such-program-here` could not be started");
    }

    #[test]
    fn what_goes_through_is_kept() {
        let (status, text) = tee(command("sh").args(["-c", "echo out; echo err >&2; exit 3"])).expect("sh runs");
        assert_eq!((status.code(), text.as_str()), (Some(3), "out\nerr\n"));
    }
}
