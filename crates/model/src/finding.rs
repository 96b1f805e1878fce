//! Findings and their life: found, then shielded or not, then proved or refuted.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EndpointId, Evidence, Fingerprint, Location, Weakness};

/// A weakness at one place in the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "FindingJson", from = "FindingJson")]
#[schemars(with = "FindingJson")]
pub struct Finding {
    /// The name of the rule that found it.
    pub rule: Arc<str>,
    /// The weakness; gives CWE, OWASP and ASVS ids.
    pub weakness: Weakness,
    /// How bad it is if it is so.
    pub severity: Severity,
    /// How sure it is that it is so.
    pub confidence: Confidence,
    /// Who sees it.
    pub persona: Persona,
    /// The application it belongs to, if one.
    pub application: Option<Arc<str>>,
    /// The endpoint it belongs to, if one.
    pub endpoint: Option<EndpointId>,
    /// The one primary place.
    pub location: Location,
    /// What is wrong here and what follows from it, for a person.
    pub message: String,
    /// The way there: from source to sink, or the places a reader must see.
    pub trace: Vec<Evidence>,
    /// How to mend it.
    pub fix: Option<Fix>,
    /// Whether a policy blocks it.
    pub shielding: Shielding,
    /// What an attack showed.
    pub proof: Option<Proof>,
    /// Its identity across edits.
    pub fingerprint: Fingerprint,
}

/// How bad a finding is if it is so. Ordered: `Info` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hardening.
    Low,
    /// Helps an attacker, or harms under conditions.
    Medium,
    /// Harms some users or data.
    High,
    /// Gives away the application or all data to anybody.
    Critical,
}

/// How sure a finding is. Ordered: `Low` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Rests on names or on guesses.
    Low,
    /// Rests on an assumption.
    Medium,
    /// Follows from the code.
    High,
}

/// Who sees a finding. Ordered: each sees what those before it see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Persona {
    /// Everybody: near-zero noise.
    #[default]
    Regular,
    /// Who also wants smells.
    Pedantic,
    /// Who wants everything worth a look, false positives welcome.
    Auditor,
}

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// Whether it may be applied without a look.
    pub safety: FixSafety,
    /// The changes, in order of file and start, never overlapping; empty where there is only text.
    pub edits: Vec<Edit>,
    /// What to do, for a person.
    pub text: String,
}

/// Whether a fix may be applied without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FixSafety {
    /// It changes nothing that the application is meant to do.
    Safe,
    /// It may: review it.
    Unsafe,
    /// It is words only.
    Text,
}

/// One change to a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// Relative to the scanned root, with `/`.
    pub file: Arc<str>,
    /// The first byte that goes, counted from the start of the file.
    pub start: usize,
    /// The byte after the last that goes.
    pub end: usize,
    /// What comes in its place.
    pub text: String,
}

/// A policy entry that blocks a finding's exploit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Shield {
    /// The layer that blocks it.
    pub layer: Arc<str>,
    /// The entry, as it would stand in a policy file.
    pub policy: String,
}

/// Whether a policy blocks a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Shielding {
    /// Nobody has asked yet.
    #[default]
    Undecided,
    /// A policy entry blocks it.
    Shielded(Shield),
    /// Nothing that a gateway can do blocks it, for a reason.
    Unshielded {
        /// Why.
        reason: String,
    },
}

/// What an attack showed of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The outcome.
    pub outcome: ProofOutcome,
    /// The attack's name.
    pub attack: Arc<str>,
    /// What it showed, in one sentence.
    pub claim: String,
}

/// The outcome of an attack on a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofOutcome {
    /// The weakness was exploited.
    Proved,
    /// The application held.
    Refuted,
}

/// Where in its life a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingState {
    /// Found in code.
    Found,
    /// Blocked by a policy.
    Shielded,
    /// Not blocked, with a reason.
    Unshielded,
    /// Proved by an attack.
    Proved,
    /// Refuted by an attack.
    Refuted,
}

impl Finding {
    /// A finding of which only the essential is known: regular persona, without trace, fix, shield or proof.
    pub fn new(
        rule: impl Into<Arc<str>>,
        weakness: Weakness,
        severity: Severity,
        confidence: Confidence,
        location: Location,
        message: impl Into<String>,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            rule: rule.into(),
            weakness,
            severity,
            confidence,
            persona: Persona::Regular,
            application: None,
            endpoint: None,
            location,
            message: message.into(),
            trace: Vec::new(),
            fix: None,
            shielding: Shielding::Undecided,
            proof: None,
            fingerprint,
        }
    }

    /// Where in its life it is.
    pub fn state(&self) -> FindingState {
        match (&self.proof, &self.shielding) {
            (Some(proof), _) => match proof.outcome {
                ProofOutcome::Proved => FindingState::Proved,
                ProofOutcome::Refuted => FindingState::Refuted,
            },
            (None, Shielding::Undecided) => FindingState::Found,
            (None, Shielding::Shielded(_)) => FindingState::Shielded,
            (None, Shielding::Unshielded { .. }) => FindingState::Unshielded,
        }
    }
}

impl Persona {
    /// Whether this reader sees findings for that one.
    pub fn sees(self, other: Self) -> bool {
        other <= self
    }
}

impl Fix {
    /// A fix in words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { safety: FixSafety::Text, edits: Vec::new(), text: text.into() }
    }
}

/// The JSON of a finding. The ids that follow from the weakness are written and not read.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingJson {
    /// The name of the rule that found it.
    rule: Arc<str>,
    /// The weakness.
    weakness: Weakness,
    /// How bad it is if it is so.
    severity: Severity,
    /// How sure it is that it is so.
    confidence: Confidence,
    /// Who sees it.
    persona: Persona,
    /// CWE ids.
    #[serde(skip_deserializing)]
    cwe: Vec<u32>,
    /// Ids of the OWASP API Security Top 10 2023.
    #[serde(skip_deserializing)]
    owasp_api: Vec<&'static str>,
    /// Ids of OWASP ASVS 5.0 requirements for which this is evidence.
    #[serde(skip_deserializing)]
    asvs: Vec<&'static str>,
    /// The application it belongs to, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<Arc<str>>,
    /// The endpoint it belongs to; null where it belongs to none.
    #[serde(default)]
    endpoint: Option<EndpointId>,
    /// The one primary place.
    location: Location,
    /// What is wrong here and what follows from it.
    message: String,
    /// The way there.
    #[serde(default)]
    trace: Vec<Evidence>,
    /// How to mend it; null where nothing is known.
    #[serde(default)]
    fix: Option<Fix>,
    /// The policy entry that blocks it; null where there is none.
    #[serde(default)]
    shield: Option<Shield>,
    /// Why no policy entry can block it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unshielded: Option<String>,
    /// What an attack showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
    /// Its identity across edits.
    fingerprint: Fingerprint,
}

impl From<Finding> for FindingJson {
    fn from(finding: Finding) -> Self {
        let (shield, unshielded) = match finding.shielding {
            Shielding::Undecided => (None, None),
            Shielding::Shielded(shield) => (Some(shield), None),
            Shielding::Unshielded { reason } => (None, Some(reason)),
        };
        Self {
            rule: finding.rule,
            weakness: finding.weakness,
            severity: finding.severity,
            confidence: finding.confidence,
            persona: finding.persona,
            cwe: finding.weakness.cwe().to_vec(),
            owasp_api: finding.weakness.owasp_api().to_vec(),
            asvs: finding.weakness.asvs().to_vec(),
            application: finding.application,
            endpoint: finding.endpoint,
            location: finding.location,
            message: finding.message,
            trace: finding.trace,
            fix: finding.fix,
            shield,
            unshielded,
            proof: finding.proof,
            fingerprint: finding.fingerprint,
        }
    }
}

impl From<FindingJson> for Finding {
    fn from(json: FindingJson) -> Self {
        Self {
            rule: json.rule,
            weakness: json.weakness,
            severity: json.severity,
            confidence: json.confidence,
            persona: json.persona,
            application: json.application,
            endpoint: json.endpoint,
            location: json.location,
            message: json.message,
            trace: json.trace,
            fix: json.fix,
            shielding: match (json.shield, json.unshielded) {
                (Some(shield), _) => Shielding::Shielded(shield),
                (None, Some(reason)) => Shielding::Unshielded { reason },
                (None, None) => Shielding::Undecided,
            },
            proof: json.proof,
            fingerprint: json.fingerprint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_and_personas_are_ordered() {
        assert!(Severity::Critical > Severity::High && Severity::Low > Severity::Info);
        assert!(Confidence::High > Confidence::Low);
        assert!(Persona::Auditor.sees(Persona::Regular));
        assert!(!Persona::Regular.sees(Persona::Pedantic));
    }

    #[test]
    fn a_finding_lives_from_found_to_proved() {
        let key =
            crate::FingerprintKey::new("user-input-in-sql", crate::Subject::File("a.py".into()), "f", "execute(q)");
        let location = Location { file: "a.py".into(), line: 1, end_line: 1, column: 1 };
        let mut finding = Finding::new(
            "user-input-in-sql",
            Weakness::SqlInjection,
            Severity::Critical,
            Confidence::High,
            location,
            "`q` from the query reaches the text of an SQL statement",
            Fingerprint::of(&key, 0),
        );
        assert_eq!(finding.state(), FindingState::Found);
        finding.shielding = Shielding::Unshielded { reason: "any text is a legal name".to_owned() };
        assert_eq!(finding.state(), FindingState::Unshielded);
        finding.proof = Some(Proof {
            outcome: ProofOutcome::Proved,
            attack: "sql-condition".into(),
            claim: "a condition in the name decides what is found".to_owned(),
        });
        assert_eq!(finding.state(), FindingState::Proved);
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
    }
}
