//! Where data and talk go: data to the standard output, talk to the standard error, colour only where it is shown.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::arguments::{Talk, When};
use crate::outcome::Failure;
use crate::output::look::Look;

/// The width where there is no terminal to ask.
const WIDTH_DEFAULT: usize = 80;

/// The standard streams, and what is known of the reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams {
    /// How text for people is laid out.
    pub(crate) look: Look,
    /// Whether gaps and every finding are listed.
    pub(crate) verbose: bool,
    /// Whether only findings and errors are wanted.
    pub(crate) quiet: bool,
    /// Whether somebody watches the standard error.
    pub(crate) watched: bool,
    color: ColorChoice,
}

impl Streams {
    /// The streams of this process, as the flags and the environment have them.
    pub(crate) fn of_process(talk: Talk) -> Self {
        let width = width();
        Self {
            look: Look {
                width: width.unwrap_or(WIDTH_DEFAULT),
                unicode: is_unicode(|name| std::env::var(name).ok()),
                unbroken: width.is_none(),
            },
            verbose: talk.verbose,
            quiet: talk.quiet,
            watched: io::stderr().is_terminal() && !talk.quiet,
            color: match talk.color {
                When::Auto => ColorChoice::Auto,
                When::Always => ColorChoice::Always,
                When::Never => ColorChoice::Never,
            },
        }
    }

    /// Writes text for people to the standard output.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = AutoStream::new(io::stdout().lock(), self.color);
        delivered(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// Writes text for people to the standard error, as a line.
    pub(crate) fn say(&self, text: &str) {
        let mut out = AutoStream::new(io::stderr().lock(), self.color);
        // Where the standard error is gone, there is nobody to tell.
        let _ = writeln!(out, "{text}");
    }

    /// Writes text for people to the standard error unless they asked for quiet.
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }
}

/// Writes data to the standard output as it is.
pub(crate) fn write_data(data: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    delivered(out.write_all(data).and_then(|()| out.flush()))
}

/// A reader that has seen enough (`doorward scan | head`) is no failure.
fn delivered(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("the standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// The width of the terminal; in a pipe that of `COLUMNS`, where it is set, and otherwise none.
fn width() -> Option<usize> {
    let terminal = terminal_size::terminal_size_of(io::stdout());
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.map(|(width, _)| usize::from(width.0)).or_else(columns).filter(|width| *width > 0)
}

/// Whether the locale is UTF-8: the first that is set of the variables that POSIX names, in its order of precedence.
fn is_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    match locale {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        // Windows has no locale variables, and its terminals read UTF-8.
        None => cfg!(windows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let unicode = |set: &[(&str, &str)]| {
            is_unicode(|name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(unicode(&[("LANG", "de_CH.UTF-8")]));
        assert!(unicode(&[("LC_ALL", ""), ("LANG", "C.utf8")]));
        assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]));
        assert!(!unicode(&[("LANG", "de_CH.ISO-8859-1")]));
        assert_eq!(unicode(&[]), cfg!(windows));
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        assert!(delivered(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(delivered(Err(ErrorKind::StorageFull.into())).is_err());
    }
}
