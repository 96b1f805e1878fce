//! The colours. Text is always written with them; the stream drops them where they are not shown.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects, Style};

/// Headings.
pub(crate) const HEADING: Style = Style::new().effects(Effects::BOLD);
/// What is there to look up, not to read.
pub(crate) const FAINT: Style = Style::new().effects(Effects::DIMMED);
/// Names that can be typed.
pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();
/// `error:`
pub(crate) const ERROR: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
/// `hint:`
pub(crate) const HINT: Style = AnsiColor::BrightCyan.on_default().effects(Effects::BOLD);
/// Everybody may change something.
pub(crate) const OPEN_WRITE: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// Everybody may read.
pub(crate) const OPEN: Style = AnsiColor::Yellow.on_default();
/// The identified may pass.
pub(crate) const GUARDED: Style = AnsiColor::Green.on_default();
/// Few may pass.
pub(crate) const RESTRICTED: Style = AnsiColor::Cyan.on_default();
/// Not understood.
pub(crate) const UNSURE: Style = AnsiColor::Magenta.on_default();

/// A text in a colour.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line with its code spans in the colour of code; the backticks stay, for readers without colour.
pub(crate) fn coded(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        // One has no end: it goes on in another line, and nothing tells which.
        return line.to_owned();
    }
    let coloured = |(index, piece): (usize, &&str)| {
        if index % 2 == 1 { paint(CODE, format!("`{piece}`")) } else { (*piece).to_owned() }
    };
    pieces.iter().enumerate().map(coloured).collect()
}
