//! Which findings are shown.

use model::{Finding, Persona, Report};

use super::Settings;

/// The findings that were found and are not shown, counted by the first reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hidden {
    /// Their rule was not asked for.
    pub(crate) by_rule: usize,
    /// They are not severe enough.
    pub(crate) by_severity: usize,
    /// They are for another persona.
    pub(crate) by_persona: usize,
    /// The persona that would see all of those.
    pub(crate) persona: Option<Persona>,
}

impl Hidden {
    /// All of them.
    pub(crate) fn total(&self) -> usize {
        self.by_rule + self.by_severity + self.by_persona
    }
}

impl Settings {
    /// Takes what is not to be shown out of a report.
    pub(crate) fn select(&self, report: &mut Report) -> Hidden {
        let mut hidden = Hidden::default();
        report.findings.retain(|finding| {
            if !self.asks_for(finding) {
                hidden.by_rule += 1;
                false
            } else if finding.severity < self.min_severity {
                hidden.by_severity += 1;
                false
            } else if !self.persona.sees(finding.persona) {
                hidden.by_persona += 1;
                hidden.persona = hidden.persona.max(Some(finding.persona));
                false
            } else {
                true
            }
        });
        hidden
    }

    fn asks_for(&self, finding: &Finding) -> bool {
        let named = |rules: &[&str]| rules.contains(&&*finding.rule);
        let selected = self.select.as_ref().is_none_or(|rules| named(rules));
        selected && !named(&self.ignore)
    }
}

#[cfg(test)]
mod tests {
    use model::Severity;

    use super::super::Draft;
    use super::*;
    use crate::output::samples;

    #[test]
    fn each_finding_is_hidden_for_one_reason() {
        let settings = Settings {
            ignore: vec!["unauthenticated-read"],
            min_severity: Severity::High,
            ..Draft::default().resolved()
        };
        let mut report = samples::shop();
        report.findings = vec![
            samples::finding("unauthenticated-write", Severity::High, "a.py", 1),
            samples::finding("unauthenticated-read", Severity::High, "a.py", 2),
            samples::finding("unauthenticated-write", Severity::Low, "a.py", 3),
            Finding {
                persona: Persona::Auditor,
                ..samples::finding("unauthenticated-write", Severity::High, "a.py", 4)
            },
        ];
        let hidden = settings.select(&mut report);
        let shown: Vec<u32> = report.findings.iter().map(|one| one.location.line).collect();
        assert_eq!(shown, [1]);
        assert_eq!(hidden, Hidden { by_rule: 1, by_severity: 1, by_persona: 1, persona: Some(Persona::Auditor) });
        assert_eq!(hidden.total(), 3);
    }
}
