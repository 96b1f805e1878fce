//! What changed between two runs over the same applications: endpoints, their access, findings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Snapshots;

/// The part of a scan that is compared.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// Application and endpoint, with the access verdict and its certainty.
    endpoints: BTreeMap<String, String>,
    /// Fingerprint, with the rule and the place.
    findings: BTreeMap<String, String>,
}

impl Snapshot {
    /// Takes endpoints and findings from a scan's JSON.
    pub(crate) fn of(scan: &Value) -> Self {
        let text = |value: &Value, pointer: &str| -> String {
            value
                .pointer(pointer)
                .map_or(String::new(), |found| found.as_str().map_or(found.to_string(), str::to_owned))
        };
        let mut snapshot = Self::default();
        for endpoint in scan["endpoints"].as_array().into_iter().flatten() {
            let key = format!("{} [{}]", text(endpoint, "/id"), text(endpoint, "/application"));
            let access = format!("{} ({})", text(endpoint, "/access/verdict"), text(endpoint, "/access/certainty"));
            insert_unique(&mut snapshot.endpoints, &key, access);
        }
        for finding in scan["findings"].as_array().into_iter().flatten() {
            let place = format!("{}:{}", text(finding, "/location/file"), text(finding, "/location/line"));
            let shown = format!("{} {} {place}", text(finding, "/rule"), text(finding, "/endpoint"));
            insert_unique(&mut snapshot.findings, &text(finding, "/fingerprint"), shown);
        }
        snapshot
    }
}

/// Keeps both of two entries with one key: a scan that lists something twice must not look like one that lists it once.
fn insert_unique(map: &mut BTreeMap<String, String>, key: &str, value: String) {
    let mut unique = key.to_owned();
    for ordinal in 2.. {
        if !map.contains_key(&unique) {
            break;
        }
        unique = format!("{key} #{ordinal}");
    }
    map.insert(unique, value);
}

/// The changes, one a line below each application's name, and their sum last.
pub(crate) fn shown(before: &Snapshots, after: &Snapshots) -> String {
    let (mut text, nothing) = (String::new(), Snapshot::default());
    let mut sum = [0; 5];
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        if !after.contains_key(name) {
            let _ = writeln!(text, "\n{name}: not in this run");
            continue;
        }
        let (old, new) = (before.get(name).unwrap_or(&nothing), after.get(name).unwrap_or(&nothing));
        let changes = changes(old, new);
        if !changes.is_empty() {
            let _ = writeln!(text, "\n{name}:");
        }
        for (kind, line) in changes {
            sum[kind as usize] += 1;
            let _ = writeln!(text, "  {line}");
        }
    }
    let [gained, lost, access, found, gone] = sum;
    let _ = writeln!(
        text,
        "\nendpoints: {gained} new, {lost} lost, {access} with changed access; findings: {found} new, {gone} lost"
    );
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    EndpointNew,
    EndpointLost,
    AccessChanged,
    FindingNew,
    FindingLost,
}

fn changes(old: &Snapshot, new: &Snapshot) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    for (key, access) in &new.endpoints {
        match old.endpoints.get(key) {
            None => found.push((Kind::EndpointNew, format!("+ {key} {access}"))),
            Some(was) if was != access => {
                found.push((Kind::AccessChanged, format!("~ {key} {was} -> {access}")));
            }
            Some(_) => {}
        }
    }
    for (key, access) in old.endpoints.iter().filter(|(key, _)| !new.endpoints.contains_key(*key)) {
        found.push((Kind::EndpointLost, format!("- {key} {access}")));
    }
    for (_, finding) in new.findings.iter().filter(|(key, _)| !old.findings.contains_key(*key)) {
        found.push((Kind::FindingNew, format!("+ finding {finding}")));
    }
    for (_, finding) in old.findings.iter().filter(|(key, _)| !new.findings.contains_key(*key)) {
        found.push((Kind::FindingLost, format!("- finding {finding}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(endpoints: &[(&str, &str)], findings: &[&str]) -> Snapshots {
        let endpoints: Vec<Value> = endpoints
            .iter()
            .map(|(id, verdict)| json!({"id": id, "application": "m:app", "access": {"verdict": verdict, "certainty": "proven"}}))
            .collect();
        let findings: Vec<Value> = findings
            .iter()
            .map(|rule| json!({"rule": rule, "fingerprint": rule, "endpoint": null, "location": {"file": "m.py", "line": 3}}))
            .collect();
        Snapshots::from([("shop".to_owned(), Snapshot::of(&json!({"endpoints": endpoints, "findings": findings})))])
    }

    #[test]
    fn every_kind_of_change_is_shown() {
        let before = run(&[("GET /a", "public"), ("GET /b", "public")], &["old"]);
        let after = run(&[("GET /b", "restricted"), ("GET /c", "public")], &["new"]);
        let expected = "
shop:
  ~ GET /b [m:app] public (proven) -> restricted (proven)
  + GET /c [m:app] public (proven)
  - GET /a [m:app] public (proven)
  + finding new null m.py:3
  - finding old null m.py:3

endpoints: 1 new, 1 lost, 1 with changed access; findings: 1 new, 1 lost
";
        assert_eq!(shown(&before, &after), expected);
    }

    #[test]
    fn an_endpoint_listed_twice_is_a_change() {
        let once = run(&[("GET /a", "public")], &[]);
        let twice = run(&[("GET /a", "public"), ("GET /a", "public")], &[]);
        assert!(shown(&once, &twice).contains("+ GET /a [m:app] #2"));
        let same = "\nendpoints: 0 new, 0 lost, 0 with changed access; findings: 0 new, 0 lost\n";
        assert_eq!(shown(&twice, &twice), same);
    }
}
