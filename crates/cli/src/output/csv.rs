//! CSV (RFC 4180) of the inventory, a line per endpoint, for spreadsheets.

use model::{Endpoint, Report};

use super::access::{admitted, granted_by};
use super::text::shown;
use crate::words::{CERTAINTIES, ORIGINS, VERDICTS};

const HEADER: [&str; 13] = [
    "application",
    "method",
    "path",
    "host",
    "verdict",
    "certainty",
    "access",
    "granted_by",
    "file",
    "line",
    "handler",
    "origin",
    "deprecated",
];

/// The inventory.
pub(crate) fn routes(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = std::iter::once(HEADER.map(str::to_owned))
        .chain(report.endpoints.iter().map(record))
        .try_for_each(|record| writer.write_record(record.map(|field| harmless(&field))));
    written.expect("writing to memory does not fail");
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("all fields are text")
}

fn record(endpoint: &Endpoint) -> [String; 13] {
    let access = &endpoint.access;
    let host = endpoint.route.host();
    [
        endpoint.application.to_string(),
        endpoint.method().to_string(),
        endpoint.path(),
        host.map(ToString::to_string).unwrap_or_default(),
        VERDICTS.of(access.verdict()).to_owned(),
        CERTAINTIES.of(access.certainty()).to_owned(),
        admitted(access),
        granted_by(access),
        endpoint.handler.file.to_string(),
        endpoint.handler.line.to_string(),
        endpoint.handler.name.to_string(),
        ORIGINS.of(endpoint.origin).to_owned(),
        endpoint.deprecated.to_string(),
    ]
}

/// A field that no spreadsheet takes for a formula and no terminal for a command: text of the scanned code must not compute
/// or do anything (OWASP, "CSV Injection").
fn harmless(field: &str) -> String {
    let field = shown(field);
    if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_line_per_endpoint() {
        insta::assert_snapshot!(routes(&samples::shop()));
    }

    #[test]
    fn formulas_are_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("/items"), "/items");
        assert_eq!(harmless("/a\u{1b}[2J\n"), "/a\\u{1b}[2J\\u{a}");
    }
}
