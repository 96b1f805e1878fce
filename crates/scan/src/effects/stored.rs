//! What the database holds and a page prints as it is: columns that one endpoint prints, and another lets clients write.

use std::sync::Arc;

use model::{Evidence, ValueType};

use super::trace::{Kind, Reader, Trace};
use crate::flows::Held;
use crate::objects::Models;

/// A column of a model where a page prints it.
#[derive(Debug, Clone)]
pub(crate) struct PrintedColumn {
    model: usize,
    /// Which one; none where it is not known.
    column: Option<Arc<str>>,
    at: Evidence,
    rendered: Option<Evidence>,
}

/// What a client stores and a page prints as it is.
#[derive(Debug)]
pub(crate) struct Stored {
    /// The model, and the column where it is known.
    pub(crate) model: Arc<str>,
    pub(crate) column: Option<Arc<str>>,
    /// Where it is printed.
    pub(crate) at: Evidence,
    /// The call that renders that, where it is a template.
    pub(crate) rendered: Option<Evidence>,
    /// Where it is written.
    pub(crate) written: Option<Evidence>,
    /// The endpoint that prints it, and the one that writes it, by their index.
    pub(crate) printer: usize,
    pub(crate) writer: usize,
}

impl Reader<'_, '_> {
    /// The columns that rows in a page stand for.
    pub(super) fn printed(&self, held: &[Held]) -> Vec<PrintedColumn> {
        held.iter().filter_map(|one| self.printed_column(one)).collect()
    }

    fn printed_column(&self, held: &Held) -> Option<PrintedColumn> {
        let event = self.seen(held.event);
        let model = self.model_of_event(&event)?;
        let mut names = held.parts.iter().filter(|part| !part.starts_with('#'));
        let column = match (names.next(), names.next()) {
            (Some(name), None) => self.column(model, name),
            (None, _) => self.selected(&event, &held.parts),
            // What a row leads to is of another model.
            (Some(_), Some(_)) => return None,
        };
        Some(PrintedColumn { model, column, at: held.at.clone(), rendered: held.rendered.clone() })
    }

    /// `row[1]`, where the statement says what it selects.
    fn selected(&self, event: &super::trace::Seen<'_>, parts: &[Arc<str>]) -> Option<Arc<str>> {
        let at = parts.last()?.strip_prefix('#')?.parse::<usize>().ok()?;
        event.sql?.statement.selected.get(at)?.clone()
    }
}

/// What clients store and pages print, in all endpoints.
pub(crate) fn stored(traces: &[Trace], models: &Models) -> Vec<Stored> {
    let mut found: Vec<Stored> = Vec::new();
    for (printer, trace) in traces.iter().enumerate() {
        for printed in &trace.printed {
            let is_told = |one: &Stored| (&one.at.file, one.at.line) == (&printed.at.file, printed.at.line);
            if found.iter().any(is_told) {
                continue;
            }
            let Some((writer, written)) = writer(traces, models, printed) else { continue };
            found.push(Stored {
                model: Arc::clone(&models.all[printed.model].name),
                column: printed.column.clone(),
                at: printed.at.clone(),
                rendered: printed.rendered.clone(),
                written,
                printer,
                writer,
            });
        }
    }
    found
}

/// The first endpoint in which a client says what a column holds, and where.
fn writer(traces: &[Trace], models: &Models, printed: &PrintedColumn) -> Option<(usize, Option<Evidence>)> {
    let model = &models.all[printed.model];
    let is_text = |name: &str| {
        let column = model.column(name);
        column.is_none_or(|one| matches!(one.value_type, ValueType::Any | ValueType::String | ValueType::Url))
    };
    let is_meant = |name: &str| printed.column.as_deref().is_none_or(|column| column == name) && is_text(name);
    if printed.column.as_deref().is_some_and(|column| !is_text(column)) {
        return None;
    }
    traces.iter().enumerate().find_map(|(at, trace)| {
        let writes = trace
            .rows
            .iter()
            .filter(|row| row.model == printed.model && matches!(row.kind, Kind::Create | Kind::Update));
        let row = writes.into_iter().find(|row| {
            row.mass.is_some() || row.written.iter().any(|(name, source)| source.is_of_request() && is_meant(name))
        })?;
        Some((at, row.evidence.first().cloned()))
    })
}
