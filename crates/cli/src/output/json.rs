//! JSON: the report as it is, two blanks per level, so that it reads well in a diff. Same report, same bytes.

use model::{Application, Endpoint, Gap, Project, Report, SchemaVersion, Tool};
use serde::Serialize;

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
    text
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
    fn the_schema_is_json() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        assert!(schema["properties"]["endpoints"].is_object());
    }
}
