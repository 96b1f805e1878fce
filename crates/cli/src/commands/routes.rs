//! `doorward routes`: every endpoint with what protects it.

use super::analysis::{self, Analysis};
use crate::arguments::{Routes, RoutesFormat};
use crate::config::{self, Hidden};
use crate::outcome::{Exit, Failure};
use crate::output::destination::{Text, deliver, destinations};
use crate::output::terminal::{self, View};
use crate::output::{csv, json, markdown};
use crate::streams::Streams;

/// Runs the command.
pub(super) fn run(flags: &Routes, streams: &Streams) -> Result<Exit, Failure> {
    let destinations = destinations(flags.format, &flags.output)?;
    let settings = config::of_path(&flags.path, streams)?.resolved();
    let analysis = analysis::of_path(&flags.path, flags.jobs, settings.exclude, streams)?;
    for destination in &destinations {
        let text = written(&analysis, destination.format, streams);
        deliver(&text, destination.file.as_deref(), streams)?;
    }
    match analysis::nothing_understood(&analysis.report) {
        Some(failure) => Err(failure),
        None => Ok(Exit::Clean),
    }
}

fn written(analysis: &Analysis, format: RoutesFormat, streams: &Streams) -> Text {
    let report = &analysis.report;
    match format {
        RoutesFormat::Json => Text::ForPrograms(json::routes(report)),
        RoutesFormat::Csv => Text::ForPrograms(csv::routes(report)),
        RoutesFormat::Markdown => Text::ForPrograms(markdown::routes(report)),
        RoutesFormat::Terminal => Text::ForPeople(terminal::routes(&View {
            report,
            source: &|file| analysis.sources.text(file),
            hidden: Hidden::default(),
            elapsed: analysis.elapsed,
            look: streams.look,
            verbose: streams.verbose,
            quiet: streams.quiet,
        })),
    }
}
