//! JSON: the report as it is, two blanks per level, so that it reads well in a diff. Same report, same bytes.

use model::{Application, Endpoint, Gap, Project, Report, SchemaVersion, Tool};
use serde::Serialize;

use super::text::is_treacherous;

/// The report.
pub(crate) fn report(report: &Report) -> String {
    written(report)
}

/// The inventory: the report without findings, schemas and objects.
pub(crate) fn routes(report: &Report) -> String {
    written(&Inventory {
        schema_version: report.schema_version,
        tool: &report.tool,
        project: &report.project,
        endpoints: &report.endpoints,
        applications: &report.applications,
        gaps: &report.gaps,
    })
}

/// The JSON Schema of the report.
pub(crate) fn schema() -> String {
    written(&Report::json_schema())
}

/// Anything else that is one document.
pub(crate) fn document(value: &impl Serialize) -> String {
    written(value)
}

/// One line of a file of documents.
pub(crate) fn line(value: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string(value).expect("the types of evidence have text keys and no failing serializer");
    text.push('\n');
    harmless(text)
}

#[derive(Serialize)]
struct Inventory<'a> {
    schema_version: SchemaVersion,
    tool: &'a Tool,
    project: &'a Project,
    endpoints: &'a [Endpoint],
    applications: &'a [Application],
    gaps: &'a [Gap],
}

fn written(value: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(value).expect("the report's types have text keys and no failing serializer");
    text.push('\n');
    harmless(text)
}

/// JSON whose strings are also safe to see: a terminal obeys control characters of 8 bits, which JSON leaves as they are.
fn harmless(text: String) -> String {
    let obeyed = |c: char| c != '\n' && is_treacherous(c);
    // Most reports are plain ASCII: a look at the bytes takes a fraction of the time.
    let is_plain = text.bytes().all(|byte| byte == b'\n' || matches!(byte, b' '..=b'~'));
    if is_plain || !text.contains(obeyed) {
        return text;
    }
    // Beyond the line breaks of the layout they stand in strings only, and all of them have four digits.
    text.chars().map(|c| if obeyed(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_report_reads_back() {
        let sample = samples::shop();
        let text = report(&sample);
        assert!(text.starts_with("{\n  \"schema_version\": 1,\n") && text.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), sample);
        assert_eq!(report(&sample), text);
    }

    #[test]
    fn the_inventory_has_the_endpoints_of_the_report() {
        let sample = samples::shop();
        let all: serde_json::Value = serde_json::from_str(&report(&sample)).unwrap();
        let text = routes(&sample);
        let inventory: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(inventory["endpoints"], all["endpoints"]);
        assert_eq!(inventory.get("findings"), None);
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_reads_back() {
        let text = "a\u{9b}31m\u{7f}\u{202e}\u{1b}[2Jé\n";
        let written = written(&text);
        assert_eq!(written, "\"a\\u009b31m\\u007f\\u202e\\u001b[2Jé\\n\"\n");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn the_schema_is_json() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        assert!(schema["properties"]["endpoints"].is_object());
    }
}
