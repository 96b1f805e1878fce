//! Commands: what a shell reads, and what is only an argument.

use python::interp::Interp;
use python::value::{Arguments, Value};

/// Programs that run what they are given as a text.
const SHELLS: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "cmd",
    "cmd.exe",
    "powershell",
    "pwsh",
    "python",
    "python3",
    "perl",
    "ssh",
    "env",
    "xargs",
];

/// What of the arguments of `subprocess.run` and its siblings is read by a shell, and what is only an argument of a program.
pub(super) fn parts(interp: &Interp<'_>, given: &Arguments) -> (Vec<Value>, Vec<Value>) {
    let Some(command) = given.positional.get(1).or_else(|| given.keyword("args")) else { return Default::default() };
    let shell = given.keyword("shell");
    let by_shell = shell.is_some_and(|shell| !matches!(shell.plain(), Value::Bool(false) | Value::None));
    let items = match command.plain() {
        Value::Tuple(items) => items.to_vec(),
        _ => interp.partly_known_items(command),
    };
    if by_shell || items.is_empty() {
        // A text is the name of a program where no shell reads it: the client chooses what runs.
        return (vec![command.clone()], Vec::new());
    }
    // Behind `--` a program takes nothing for an option.
    let options = items.iter().skip(1).take_while(|item| item.as_str() != Some("--")).cloned();
    let program = items[0].as_str().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path));
    let is_shell = program.is_some_and(|name| SHELLS.contains(&name));
    match (program, is_shell) {
        (Some(_), false) => (Vec::new(), options.collect()),
        (Some(_), true) => (items[1..].to_vec(), Vec::new()),
        (None, _) => (vec![items[0].clone()], options.collect()),
    }
}
