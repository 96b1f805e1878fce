//! One application's scan on one line.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::measure::Used;

/// The counts of one scan.
pub(crate) struct Summary {
    name: String,
    files: u64,
    lines: u64,
    verdicts: Counts,
    rules: Counts,
    gaps: Counts,
    used: Used,
}

impl Summary {
    /// Counts what a scan's JSON holds.
    pub(crate) fn new(name: &str, scan: &Value, used: Used) -> Self {
        Self {
            name: name.to_owned(),
            files: scan["project"]["files"].as_u64().unwrap_or(0),
            lines: scan["project"]["lines"].as_u64().unwrap_or(0),
            verdicts: Counts::of(&scan["endpoints"], "/access/verdict"),
            rules: Counts::of(&scan["findings"], "/rule"),
            gaps: Counts::of(&scan["gaps"], "/kind"),
            used,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, files, lines, verdicts, rules, gaps, used } = self;
        write!(f, "{name}: {files} files, {lines} lines, endpoints {verdicts}, findings {rules}, gaps {gaps}, ")?;
        let code = used.code.map_or("signal".to_owned(), |code| code.to_string());
        write!(f, "{:.2} CPU s, {} MB, exit {code}", used.cpu_seconds, used.peak_bytes / 1_000_000)
    }
}

/// How often each value of one field occurs.
struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn of(list: &Value, field: &str) -> Self {
        let mut counts = BTreeMap::new();
        for item in list.as_array().into_iter().flatten() {
            let value = item.pointer(field).and_then(Value::as_str).unwrap_or("?");
            *counts.entry(value.to_owned()).or_default() += 1;
        }
        Self(counts)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.values().sum::<usize>())?;
        if !self.0.is_empty() {
            let parts: Vec<String> = self.0.iter().map(|(value, count)| format!("{value} {count}")).collect();
            write!(f, " ({})", parts.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_scan_is_one_line() {
        let scan = json!({
            "project": {"files": 2, "lines": 30},
            "endpoints": [
                {"access": {"verdict": "public"}}, {"access": {"verdict": "restricted"}}, {"access": {"verdict": "public"}},
            ],
            "findings": [{"rule": "unauthenticated-write"}],
            "gaps": [],
        });
        let used = Used { cpu_seconds: 0.25, wall_seconds: 0.2, peak_bytes: 12_345_678, code: Some(1) };
        assert_eq!(
            Summary::new("shop", &scan, used).to_string(),
            "shop: 2 files, 30 lines, endpoints 3 (public 2, restricted 1), findings 1 (unauthenticated-write 1), gaps 0, \
             0.25 CPU s, 12 MB, exit 1"
        );
    }
}
