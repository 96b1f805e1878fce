//! `doorward man`: the manual page, with the flags of every command.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::arguments::Arguments;
use crate::outcome::{Exit, Failure};
use crate::streams::write_data;

/// Runs the command.
pub(super) fn run() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    write_page(&mut page).expect("writing to memory does not fail");
    write_data(&page)?;
    Ok(Exit::Clean)
}

fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    let command = Arguments::command();
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    for subcommand in command.get_subcommands() {
        write_subcommand(page, "doorward", subcommand)?;
    }
    write_notes(page, "SH", &command)?;
    man.render_version_section(page)
}

fn write_subcommand(page: &mut Vec<u8>, parent: &str, command: &Command) -> io::Result<()> {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string);
    let mut heading = Roff::new();
    heading.control("SH", [name.to_uppercase().as_str()]);
    heading.text([bold(name.clone()), roman(format!(": {}", about.unwrap_or_default()))]);
    page.write_all(heading.render().as_bytes())?;
    let man = Man::new(command.clone().disable_help_flag(true));
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    // What clap_mangen makes a section of the page is here a part of the command's.
    let options = String::from_utf8_lossy(&options).replace(".SH ", ".SS ");
    page.write_all(options.as_bytes())?;
    write_notes(page, "SS", command)?;
    command.get_subcommands().try_for_each(|subcommand| write_subcommand(page, &name, subcommand))
}

/// Examples and what else follows the flags, line by line as in `--help`.
fn write_notes(page: &mut Vec<u8>, level: &str, command: &Command) -> io::Result<()> {
    let Some(notes) = command.get_after_help() else {
        return Ok(());
    };
    let mut roff = Roff::new();
    roff.control(level, ["NOTES"]);
    roff.control("nf", []);
    for line in notes.to_string().lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    page.write_all(roff.render().as_bytes())
}
