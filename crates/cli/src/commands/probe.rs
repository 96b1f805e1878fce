//! `doorward probe`: attacks on a running application, and what they prove.

use probe::Outcome;

use super::{analysis, attacked};
use crate::arguments::{Probe, ProbeFormat};
use crate::config;
use crate::outcome::{Exit, Failure};
use crate::output::destination::{Text, deliver, destinations};
use crate::output::{json, proofs};
use crate::streams::Streams;

/// Runs the command.
pub(super) fn run(flags: &Probe, streams: &Streams) -> Result<Exit, Failure> {
    let destinations = destinations(flags.format, &flags.attacked.output)?;
    let through = flags.through.as_deref().map(|text| attacked::target(text, "--through")).transpose()?;
    let options = attacked::options(&flags.attacked, through)?;
    let settings = config::of_path(&flags.path, streams)?.resolved();
    let mut analysis = analysis::of_path(&flags.path, flags.attacked.jobs, &settings, streams)?;
    settings.select(&mut analysis.report);
    if let Some(failure) = analysis::nothing_understood(&analysis.report) {
        return Err(failure);
    }
    let application = analysis::application(&analysis.report, flags.attacked.application.as_deref(), streams)?;
    let attacking = attacked::attack(&analysis.report, application, &options, streams);
    let outcome = attacked::runtime()?.block_on(attacking)?;
    for destination in &destinations {
        let text = written(&outcome, destination.format, streams);
        deliver(&text, destination.file.as_deref(), streams)?;
    }
    if let Some(file) = &flags.attacked.curl {
        attacked::write_script(file, &outcome, streams)?;
    }
    attacked::judged(&outcome)
}

fn written(outcome: &Outcome, format: ProbeFormat, streams: &Streams) -> Text {
    match format {
        ProbeFormat::Terminal => Text::ForPeople(proofs::report(outcome, streams.look, streams.verbose)),
        ProbeFormat::Json => Text::ForPrograms(json::document(outcome)),
        ProbeFormat::Jsonl => Text::ForPrograms(outcome.proofs.iter().map(json::line).collect()),
    }
}
