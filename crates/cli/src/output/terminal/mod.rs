//! The report for people, from what matters to most to what matters to few: endpoints, findings, gaps, and a last line
//! with counts and what to do next.

mod closing;
mod findings;
mod gaps;
mod inventory;
mod mounts;
mod page;
mod summary;
mod table;

use std::time::Duration;

use model::Report;

use super::look::Look;
use crate::config::Hidden;

pub(crate) use gaps::told as told_gaps;
pub(crate) use page::{attack, identifier, rule, rules, weakness};

/// Up to so many endpoints are all shown by `scan`; of more only the open ones, with a summary per router.
const ENDPOINTS_SHOWN_MAX: usize = 60;

/// What is shown of a scan.
pub(crate) struct View<'a> {
    /// What was found, already filtered.
    pub(crate) report: &'a Report,
    /// The texts of the scanned files.
    pub(crate) source: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The findings that were filtered out.
    pub(crate) hidden: Hidden,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// How text is laid out.
    pub(crate) look: Look,
    /// Whether gaps and every finding are listed in full.
    pub(crate) verbose: bool,
    /// Whether only findings are wanted.
    pub(crate) quiet: bool,
}

/// The report of `scan`.
pub(crate) fn scan(view: &View<'_>) -> String {
    if is_empty(view.report) {
        return gaps_alone(view);
    }
    let long = view.report.endpoints.len() > ENDPOINTS_SHOWN_MAX;
    let endpoints = if view.quiet {
        String::new()
    } else if long {
        summary::endpoints(view.report, &view.look)
    } else {
        inventory::endpoints(view.report, &view.look)
    };
    let findings = findings::all(view);
    if view.quiet {
        return findings;
    }
    joined(&[endpoints, findings, gaps::section(view), closing::of_scan(view)])
}

/// The inventory of `routes`.
pub(crate) fn routes(view: &View<'_>) -> String {
    if is_empty(view.report) {
        return gaps_alone(view);
    }
    let endpoints = inventory::endpoints(view.report, &view.look);
    if view.quiet {
        return endpoints;
    }
    joined(&[endpoints, gaps::section(view), closing::of_routes(view)])
}

/// Whether there is nothing to show: the command says why, and counts and advice would only hide that.
fn is_empty(report: &Report) -> bool {
    report.applications.is_empty() && report.endpoints.is_empty() && report.findings.is_empty()
}

/// Why there may be nothing to show, for those who asked.
fn gaps_alone(view: &View<'_>) -> String {
    if view.verbose { gaps::section(view) } else { String::new() }
}

/// Sections that are not empty, with an empty line between them.
fn joined(sections: &[String]) -> String {
    let sections: Vec<&str> = sections.iter().map(String::as_str).filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

#[cfg(test)]
mod tests;
