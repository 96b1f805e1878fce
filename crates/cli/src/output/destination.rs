//! Where reports go: what `--format` and `--output` ask for together.

use std::path::Path;

use clap::ValueEnum;

use crate::arguments::RoutesFormat;
use crate::outcome::Failure;
use crate::streams::{Streams, write_data};
use policy::nearest::did_you_mean;

/// A report in a format, for a file or the standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination<F> {
    /// How it is written.
    pub(crate) format: F,
    /// The file; none for the standard output.
    pub(crate) file: Option<String>,
}

/// Text of a report, and who reads it.
#[derive(Debug)]
pub(crate) enum Text {
    /// People: with colours, which only a terminal keeps.
    ForPeople(String),
    /// Programs: as it is.
    ForPrograms(String),
}

/// What `--format` and `--output` ask for.
///
/// `FILE` takes the place of the standard output; `FORMAT=FILE` is written beside it. Where no format is named, the end
/// of the file's name says it; a name without an end, or that of a text, gets the first of the formats.
pub(crate) fn destinations<F: ValueEnum + Copy>(
    format: Option<F>,
    outputs: &[String],
) -> Result<Vec<Destination<F>>, Failure> {
    let default = F::value_variants()[0];
    let mut found = Vec::new();
    let mut instead = Vec::new();
    for output in outputs {
        match output.split_once('=') {
            Some((name, file)) if is_format_name(name) => {
                found.push(Destination { format: format_named(name, output)?, file: file_named(file, output)? });
            }
            _ => {
                let format = match format.or_else(|| format_of_name(output)) {
                    Some(format) => format,
                    None if is_text(output) => default,
                    None => return Err(no_format::<F>(output)),
                };
                instead.push(Destination { format, file: file_named(output, output)? });
            }
        }
    }
    match instead.len() {
        0 => found.insert(0, Destination { format: format.unwrap_or(default), file: None }),
        1 => found.splice(0..0, instead).for_each(drop),
        _ => {
            return Err(Failure::usage("more than one `--output` without a format")
                .hint("write `--output FORMAT=FILE` for each but the first"));
        }
    }
    Ok(found)
}

/// Writes a text where it belongs.
pub(crate) fn deliver(text: &Text, file: Option<&str>, streams: &Streams) -> Result<(), Failure> {
    let Some(file) = file else {
        return match text {
            Text::ForPeople(text) => streams.print(text),
            Text::ForPrograms(text) => write_data(text.as_bytes()),
        };
    };
    let plain = match text {
        Text::ForPeople(text) => anstream::adapter::strip_str(text).to_string(),
        Text::ForPrograms(text) => text.clone(),
    };
    std::fs::write(file, plain).map_err(|error| {
        let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty());
        let missing = folder.filter(|folder| !folder.exists());
        Failure::usage(format!("`{file}` cannot be written: {error}"))
            .maybe_hint(missing.map(|folder| format!("there is no folder `{}`", folder.display())))
    })
}

/// `a=b.json` might be a file; what stands before `=` must look like a format's name to be taken for one.
fn is_format_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn format_named<F: ValueEnum>(name: &str, output: &str) -> Result<F, Failure> {
    F::from_str(name, false).map_err(|_| {
        Failure::usage(format!("`{name}` in `--output {output}` is no format"))
            .maybe_hint(did_you_mean(name, names::<F>().iter().map(String::as_str)))
            .hint(format!("the formats are {}", listed::<F>()))
            .hint(format!("for a file of this name write `--output ./{output}`"))
    })
}

/// The format that a file's name ends with: `routes.csv`, `API.md`.
fn format_of_name<F: ValueEnum>(file: &str) -> Option<F> {
    let extension = Path::new(file).extension()?.to_str()?;
    let name = if extension == "md" { "markdown" } else { extension };
    F::from_str(name, true).ok()
}

/// Whether a file of this name holds text for people, as far as its end says: it has none, or that of a text.
fn is_text(file: &str) -> bool {
    let extension = Path::new(file).extension().and_then(|extension| extension.to_str());
    extension.is_none_or(|extension| ["txt", "text", "log", "out"].iter().any(|e| extension.eq_ignore_ascii_case(e)))
}

/// A file whose name ends like that of another format than can be written here.
fn no_format<F: ValueEnum>(output: &str) -> Failure {
    let failure = Failure::usage(format!("the end of `--output {output}` names no format of this command"))
        .hint(format!("name the format with `--format`: {}", listed::<F>()));
    match format_of_name::<RoutesFormat>(output) {
        Some(_) => failure.hint(format!("`doorward routes --output {output}` lists the endpoints like that")),
        None => failure,
    }
}

/// The names of the formats.
fn listed<F: ValueEnum>() -> String {
    let names: Vec<String> = names::<F>().iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn names<F: ValueEnum>() -> Vec<String> {
    let named = |format: &F| Some(format.to_possible_value()?.get_name().to_owned());
    F::value_variants().iter().filter_map(named).collect()
}

/// `-` is the standard output, as everywhere.
fn file_named(file: &str, output: &str) -> Result<Option<String>, Failure> {
    match file {
        "" => Err(Failure::usage(format!("`--output {output}` names no file"))),
        "-" => Ok(None),
        file => Ok(Some(file.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::RoutesFormat::{self, Csv, Json, Markdown, Terminal};
    use crate::arguments::ScanFormat;

    fn asked(format: Option<RoutesFormat>, outputs: &[&str]) -> Vec<(RoutesFormat, Option<String>)> {
        let outputs: Vec<_> = outputs.iter().map(|&output| output.to_owned()).collect();
        let found = destinations(format, &outputs).unwrap();
        found.into_iter().map(|one| (one.format, one.file)).collect()
    }

    fn refused(outputs: &[&str]) -> String {
        let outputs: Vec<_> = outputs.iter().map(|&output| output.to_owned()).collect();
        let failure = destinations::<RoutesFormat>(None, &outputs).unwrap_err();
        anstream::adapter::strip_str(&failure.to_string()).to_string()
    }

    #[test]
    fn a_file_takes_the_place_of_the_standard_output() {
        let file = |name: &str| Some(name.to_owned());
        assert_eq!(asked(None, &[]), [(Terminal, None)]);
        assert_eq!(asked(Some(Json), &[]), [(Json, None)]);
        assert_eq!(asked(None, &["r.csv"]), [(Csv, file("r.csv"))]);
        assert_eq!(asked(None, &["API.md"]), [(Markdown, file("API.md"))]);
        assert_eq!(asked(None, &["report.txt"]), [(Terminal, file("report.txt"))]);
        assert_eq!(asked(Some(Json), &["r.csv"]), [(Json, file("r.csv"))]);
        assert_eq!(asked(None, &["json=a", "csv=b"]), [(Terminal, None), (Json, file("a")), (Csv, file("b"))]);
        assert_eq!(
            asked(None, &["json=a", "b.md", "csv=-"]),
            [(Markdown, file("b.md")), (Json, file("a")), (Csv, None)]
        );
        assert_eq!(asked(None, &["./a=b.json"]), [(Json, file("./a=b.json"))]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        insta::assert_snapshot!(refused(&["jsn=a.json"]));
        insta::assert_snapshot!(refused(&["a.json", "b.csv"]));
        insta::assert_snapshot!(refused(&["json="]));
        insta::assert_snapshot!(refused(&["routes.xlsx"]));
    }

    #[test]
    fn a_format_of_another_command_is_pointed_at() {
        let failure = destinations::<ScanFormat>(None, &["routes.csv".to_owned()]).unwrap_err();
        insta::assert_snapshot!(anstream::adapter::strip_str(&failure.to_string()).to_string());
    }
}
