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
    let wants_document = destinations.iter().any(|one| one.format == RoutesFormat::Openapi);
    if flags.application.is_some() && !wants_document {
        let message = "`--application` is for `--format openapi`, which writes one application";
        return Err(Failure::usage(message).hint("the other formats list the endpoints of all"));
    }
    let settings = config::of_path(&flags.path, streams)?.resolved();
    let analysis = analysis::of_path(&flags.path, flags.jobs, &settings, streams)?;
    let failure = analysis::nothing_understood(&analysis.report);
    if wants_document && analysis.report.applications.is_empty() {
        // There is nothing that a document would be of.
        return failure.map_or(Ok(Exit::Clean), Err);
    }
    for destination in &destinations {
        if analysis.is_empty() && destination.format == RoutesFormat::Terminal {
            continue;
        }
        let text = written(&analysis, flags, destination.format, streams)?;
        deliver(&text, destination.file.as_deref(), streams)?;
    }
    failure.map_or(Ok(Exit::Clean), Err)
}

fn written(analysis: &Analysis, flags: &Routes, format: RoutesFormat, streams: &Streams) -> Result<Text, Failure> {
    let report = &analysis.report;
    let text = match format {
        RoutesFormat::Openapi => {
            let application = analysis::application(report, flags.application.as_deref(), streams)?;
            Text::ForPrograms(json::document(&openapi::write(report, application)))
        }
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
    };
    Ok(text)
}
