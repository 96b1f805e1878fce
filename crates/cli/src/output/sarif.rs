//! SARIF 2.1.0 (OASIS), which code scanning of forges and editors read: a result per finding, the way of what a client writes as a code flow, the
//! edits of a fix, and gaps as notifications of the tool.

use std::path::{Component, Path};

use model::{Edit, Evidence, Finding, Fix, Gap, Location, Report, Severity, Shielding};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use scan::rules::{RULES, Rule};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative addresses are relative to: the folder in which the command was run (section 3.4.4).
const BASE: &str = "SRCROOT";
/// What a path may not hold in an address (RFC 3986, section 3.3), with `:` and `?`, which begin another part of it.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The report.
pub(crate) fn report(report: &Report) -> String {
    let log = Log { report, prefix: prefix(&report.project.root) };
    json::document(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [log.run()] }))
}

/// The folder of a scanned path below the one in which the command was run, with `/` at its end. What stands elsewhere has none: its addresses
/// are relative to itself.
fn prefix(root: &str) -> String {
    let path = Path::new(root);
    let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    let mut prefix = String::new();
    for component in folder.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => prefix.extend([&*name.to_string_lossy(), "/"]),
            _ => return String::new(),
        }
    }
    prefix
}

struct Log<'r> {
    report: &'r Report,
    prefix: String,
}

impl Log<'_> {
    fn run(&self) -> Value {
        let rules: Vec<&Rule> = RULES.iter().filter(|rule| self.has(rule)).collect();
        let results: Vec<Value> = self.report.findings.iter().map(|finding| self.result(finding, &rules)).collect();
        let notifications: Vec<Value> = self.report.gaps.iter().map(|gap| self.notification(gap)).collect();
        json!({
            "tool": { "driver": {
                "name": "Doorward",
                "semanticVersion": self.report.tool.version,
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { BASE: { "description": { "text": "The folder in which `doorward scan` was run." } } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "results": results,
        })
    }

    fn has(&self, rule: &Rule) -> bool {
        self.report.findings.iter().any(|finding| &*finding.rule == rule.name)
    }

    fn result(&self, finding: &Finding, rules: &[&Rule]) -> Value {
        let at = rules.iter().position(|rule| rule.name == &*finding.rule);
        let mut result = Object::default();
        result.put("ruleId", &*finding.rule);
        result.put_some("ruleIndex", at);
        result.put("level", level(finding.severity));
        result.put("message", text(&said(finding)));
        result.put("locations", [json!({ "physicalLocation": self.physical(&finding.location) })]);
        result.put("partialFingerprints", json!({ "doorward/v1": finding.fingerprint }));
        let is_way = at.is_some_and(|at| rules[at].follows_a_way()) && finding.trace.len() > 1;
        let places = finding.trace.iter().map(|step| self.place(step));
        if is_way {
            let steps: Vec<Value> = places.map(|place| json!({ "location": place })).collect();
            result.put("codeFlows", [json!({ "threadFlows": [{ "locations": steps }] })]);
        } else if !finding.trace.is_empty() {
            result.put("relatedLocations", places.collect::<Vec<_>>());
        }
        let edited = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty());
        result.put_some("fixes", edited.map(|fix| [self.fix(fix)]));
        result.put("properties", properties(finding));
        Value::Object(result.0)
    }

    fn physical(&self, location: &Location) -> Value {
        let region = json!({
            "startLine": location.line.max(1),
            "startColumn": location.column.max(1),
            "endLine": location.end_line.max(location.line).max(1),
        });
        json!({ "artifactLocation": self.artifact(&location.file), "region": region })
    }

    fn place(&self, step: &Evidence) -> Value {
        let physical = json!({
            "artifactLocation": self.artifact(&step.file),
            "region": { "startLine": step.line.max(1) },
        });
        json!({ "physicalLocation": physical, "message": text(&step.what) })
    }

    fn artifact(&self, file: &str) -> Value {
        let path = format!("{}{file}", self.prefix);
        json!({ "uri": utf8_percent_encode(&path, ESCAPED).to_string(), "uriBaseId": BASE })
    }

    /// The edits, by file.
    fn fix(&self, fix: &Fix) -> Value {
        let changes = fix.edits.chunk_by(|a, b| a.file == b.file).map(|edits| {
            let replacements: Vec<Value> = edits.iter().map(replacement).collect();
            let file = edits.first().map_or("", |edit| &*edit.file);
            json!({ "artifactLocation": self.artifact(file), "replacements": replacements })
        });
        json!({ "description": text(&fix.text), "artifactChanges": changes.collect::<Vec<_>>() })
    }

    fn notification(&self, gap: &Gap) -> Value {
        let mut physical = Object::default();
        physical.put("artifactLocation", self.artifact(&gap.file));
        physical.put_some("region", gap.line.map(|line| json!({ "startLine": line.max(1) })));
        json!({
            "level": "note",
            "message": text(&gap.reason),
            "descriptor": { "id": gap.kind },
            "locations": [{ "physicalLocation": physical.0 }],
        })
    }
}

/// A JSON object that is put together.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, key: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).expect("the report's types have text keys and no failing serializer");
        self.0.insert(key.to_owned(), value);
    }

    fn put_some(&mut self, key: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }
}

fn text(of: &str) -> Value {
    json!({ "text": of })
}

/// The message, and what to do.
fn said(finding: &Finding) -> String {
    let mut message = finding.message.clone();
    if let Some(endpoint) = &finding.endpoint {
        message = format!("{endpoint}: {message}");
    }
    match &finding.fix {
        Some(fix) => format!("{message}\nFix: {}", fix.text),
        None => message,
    }
}

fn properties(finding: &Finding) -> Value {
    let mut properties = Object::default();
    properties.put("confidence", finding.confidence);
    properties.put("persona", finding.persona);
    properties.put_some("endpoint", finding.endpoint.as_ref());
    if let Shielding::Shielded(shield) = &finding.shielding {
        properties.put("shield", shield);
    }
    Value::Object(properties.0)
}

/// A rule, as forges show it: tags of GitHub for the weakness, and its number for the severity.
fn described(rule: &Rule) -> Value {
    let cwe = rule.weakness.cwe().iter().map(|id| format!("external/cwe/cwe-{id:03}"));
    let owasp = rule.weakness.owasp_api().iter().map(|id| format!("owasp/{id}"));
    let tags: Vec<String> = std::iter::once("security".to_owned()).chain(cwe).chain(owasp).collect();
    json!({
        "id": rule.name,
        "name": rule.weakness.name(),
        "shortDescription": text(rule.summary),
        "fullDescription": text(rule.weakness.title()),
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": tags,
            "precision": precision(rule),
            "security-severity": score(rule.severity),
        },
    })
}

/// How sure what a rule tells is, in GitHub's words.
fn precision(rule: &Rule) -> &'static str {
    match rule.persona {
        model::Persona::Regular => "high",
        model::Persona::Pedantic => "medium",
        model::Persona::Auditor => "low",
    }
}

/// SARIF has three levels (section 3.27.10).
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number in the range that GitHub takes for the severity: above 9.0 critical, from 7.0 high, from 4.0 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn replacement(edit: &Edit) -> Value {
    json!({
        "deletedRegion": { "byteOffset": edit.start, "byteLength": edit.end.saturating_sub(edit.start) },
        "insertedContent": text(&edit.text),
    })
}

#[cfg(test)]
mod tests {
    use model::FixSafety;

    use super::super::samples;
    use super::*;

    fn with(finding: Finding) -> Value {
        let sample = Report { findings: vec![finding], ..samples::shop() };
        serde_json::from_str(&report(&sample)).unwrap()
    }

    fn flow() -> Finding {
        let steps = [("app/a b.py", 3, "the client gives it here"), ("app/db.py", 9, "uses it")];
        Finding {
            trace: steps.map(|(file, line, what)| Evidence::new(file, line, what)).to_vec(),
            ..samples::finding("user-input-in-sql", Severity::High, "app/db.py", 9)
        }
    }

    #[test]
    fn what_a_client_writes_is_a_code_flow() {
        let log = with(flow());
        let result = &log["runs"][0]["results"][0];
        let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
        assert_eq!(steps.len(), 2);
        let first = &steps[0]["location"]["physicalLocation"];
        assert_eq!(first["artifactLocation"]["uri"], "app/a%20b.py");
        assert_eq!(first["region"]["startLine"], 3);
        assert_eq!(result["relatedLocations"], Value::Null);
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "user-input-in-sql");
    }

    #[test]
    fn places_of_other_rules_are_related() {
        let finding = Finding { rule: "sibling-without-role".into(), ..flow() };
        let result = &with(finding)["runs"][0]["results"][0];
        assert_eq!(result["codeFlows"], Value::Null);
        assert_eq!(result["relatedLocations"][1]["message"]["text"], "uses it");
    }

    #[test]
    fn edits_are_told_by_file() {
        let edit = |file: &str, start| Edit { file: file.into(), start, end: start + 2, text: "x".to_owned() };
        let edits = vec![edit("a.py", 1), edit("a.py", 7), edit("b.py", 4)];
        let fix = Fix { safety: FixSafety::Safe, edits, text: "do it".to_owned() };
        let log = with(Finding { fix: Some(fix), ..flow() });
        let changes = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"].as_array().unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0]["replacements"][1]["deletedRegion"], json!({ "byteOffset": 7, "byteLength": 2 }));
    }

    #[test]
    fn gaps_are_notifications() {
        let sample = samples::shop();
        let log: Value = serde_json::from_str(&report(&sample)).unwrap();
        let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert!(!told.is_empty() && told.len() == sample.gaps.len());
        assert_eq!(told[0]["message"]["text"], *sample.gaps[0].reason);
    }

    #[test]
    fn addresses_are_relative_to_where_the_command_was_run() {
        assert_eq!(prefix("."), "");
        assert_eq!(prefix("./backend/app"), "backend/app/");
        assert_eq!(prefix("../other"), "", "outside");
        assert_eq!(prefix("/srv/app"), "");
    }
}
