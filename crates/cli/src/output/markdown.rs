//! Markdown of the inventory: a table per application, for documentation and pull requests.

use std::fmt::Write;

use model::{Endpoint, Report};

use super::access::{self, Tally, admitted, remarks};
use super::groups::{ApplicationGroup, RouterGroup, grouped};
use super::text::{counted, shown};

/// The inventory.
pub(crate) fn routes(report: &Report) -> String {
    let mut out = String::new();
    for group in grouped(report) {
        if !out.is_empty() {
            out.push('\n');
        }
        application(&mut out, &group);
    }
    if report.endpoints.iter().any(is_assumed) {
        out.push_str("\n\\* assumed, not proven: a default or a setting decides.\n");
    }
    out
}

fn application(out: &mut String, group: &ApplicationGroup<'_>) {
    let tally = Tally::of(endpoints(group).copied());
    let count = counted(tally.total(), "endpoint", "endpoints");
    let _ = write!(out, "## {}\n\n{count}", code(group.name));
    if tally.total() > 0 {
        let _ = write!(out, ": {}", tally.listed());
    }
    out.push_str(".\n");
    for router in &group.routers {
        let _ = writeln!(out, "\n### {}\n", escaped(&router.name));
        table(out, router);
    }
}

fn table(out: &mut String, router: &RouterGroup<'_>) {
    out.push_str("| Method | Path | Access | Granted by | Handler |\n|---|---|---|---|---|\n");
    for endpoint in &router.endpoints {
        let host = endpoint.route.host();
        let path = format!("{}{}", host.map(ToString::to_string).unwrap_or_default(), endpoint.path());
        let place = format!("{}:{}", endpoint.handler.file, endpoint.handler.line);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            escaped(endpoint.method().as_str()),
            code(&path),
            escaped(&admitted(&endpoint.access)),
            escaped(&remarks(endpoint)),
            code(&place),
        );
    }
}

fn endpoints<'a, 'r>(group: &'a ApplicationGroup<'r>) -> impl Iterator<Item = &'a &'r Endpoint> {
    group.routers.iter().flat_map(|router| &router.endpoints)
}

fn is_assumed(endpoint: &Endpoint) -> bool {
    admitted(&endpoint.access).ends_with(access::ASSUMED)
}

/// Text that stands for itself (`CommonMark`, section 2.4), in a cell too.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in shown(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code span. A bar would end the cell even there (GFM, section 4.10), and a backtick the span.
fn code(text: &str) -> String {
    format!("`{}`", shown(text).replace('|', "\\|").replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_table_per_router() {
        insta::assert_snapshot!(routes(&samples::shop()));
    }

    #[test]
    fn text_of_the_project_is_no_markup() {
        assert_eq!(escaped("a_b|<i>"), "a\\_b\\|\\<i\\>");
        assert_eq!(code("a|`b`"), "`a\\|'b'`");
    }
}
