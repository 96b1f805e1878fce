//! What protects an endpoint, and how that is known.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AuthRequirement, Certainty, Evidence, Gap, Known};

/// Who is admitted to an endpoint, as the code says. The verdict follows from the requirement and is never set apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "AccessJson", try_from = "AccessJson")]
#[schemars(with = "AccessJson")]
pub struct Access {
    requirement: Known<AuthRequirement>,
    configurable_by: Option<Arc<str>>,
}

/// The short form of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessVerdict {
    /// Everybody is admitted.
    Public,
    /// Every identified principal is admitted.
    Authenticated,
    /// Only some principals are admitted: by role, scope, permission, ownership or tenant.
    Restricted,
    /// What protects the endpoint was not understood.
    Unknown,
}

impl Access {
    /// Proven to admit everybody: nothing on the way from the application to the handler rejects.
    pub fn public(evidence: Vec<Evidence>) -> Self {
        Self::required(AuthRequirement::everybody(), evidence)
    }

    /// Proven to ask for a requirement.
    pub fn required(requirement: AuthRequirement, evidence: Vec<Evidence>) -> Self {
        Known::proven(requirement, evidence).into()
    }

    /// Taken to ask for a requirement, for a reason.
    pub fn assumed(requirement: AuthRequirement, reason: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Known::assumed(requirement, reason).with_evidence(evidence).into()
    }

    /// Not understood.
    pub fn unknown(gap: Gap) -> Self {
        Known::unknown(gap).into()
    }

    /// The same access, with the setting that switches it.
    #[must_use]
    pub fn configurable_by(self, setting: impl Into<Arc<str>>) -> Self {
        Self { configurable_by: Some(setting.into()), ..self }
    }

    /// What this and another guard on the same way ask for together.
    ///
    /// A guard that was not understood never counts as protection, and takes none away: beside a guard that rejects
    /// somebody it changes nothing (its gap is reported); beside none the whole is unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let configurable_by = self.configurable_by.or(other.configurable_by);
        let requirement = match (self.requirement, other.requirement) {
            (Known::Unknown { gap }, known) | (known, Known::Unknown { gap }) => match known.value() {
                Some(requirement) if !requirement.admits_everybody() => known,
                _ => Known::Unknown { gap },
            },
            (left, right) => both(&left, &right),
        };
        Self { requirement, configurable_by }
    }

    /// The verdict.
    pub fn verdict(&self) -> AccessVerdict {
        match self.requirement() {
            None => AccessVerdict::Unknown,
            Some(requirement) if requirement.admits_everybody() => AccessVerdict::Public,
            Some(requirement) if requirement.is_restricted() => AccessVerdict::Restricted,
            Some(_) => AccessVerdict::Authenticated,
        }
    }

    /// How sure it is.
    pub fn certainty(&self) -> Certainty {
        self.requirement.certainty()
    }

    /// Who is admitted, proven or assumed.
    pub fn requirement(&self) -> Option<&AuthRequirement> {
        self.requirement.value()
    }

    /// Who is admitted, with how it is known.
    pub fn known(&self) -> &Known<AuthRequirement> {
        &self.requirement
    }

    /// The places that show it.
    pub fn evidence(&self) -> &[Evidence] {
        self.requirement.evidence()
    }

    /// The setting that switches it.
    pub fn setting(&self) -> Option<&str> {
        self.configurable_by.as_deref()
    }
}

fn both(left: &Known<AuthRequirement>, right: &Known<AuthRequirement>) -> Known<AuthRequirement> {
    let requirement = match (left.value(), right.value()) {
        (Some(left), Some(right)) => left.and(right),
        _ => return left.clone(),
    };
    let reasons: Vec<_> = [left.reason(), right.reason()].into_iter().flatten().collect();
    let joined = if reasons.is_empty() {
        Known::proven(requirement, Vec::new())
    } else {
        Known::assumed(requirement, reasons.join("; "))
    };
    let mut evidence = left.evidence().to_vec();
    for place in right.evidence() {
        if !evidence.contains(place) {
            evidence.push(place.clone());
        }
    }
    joined.with_evidence(evidence)
}

impl From<Known<AuthRequirement>> for Access {
    fn from(requirement: Known<AuthRequirement>) -> Self {
        Self { requirement, configurable_by: None }
    }
}

/// The JSON of an access.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Access")]
struct AccessJson {
    /// The short form of the requirement.
    verdict: AccessVerdict,
    /// How sure it is.
    certainty: Certainty,
    /// Who is admitted; null where it is unknown.
    requirement: Option<AuthRequirement>,
    /// The places that show it.
    #[serde(default)]
    evidence: Vec<Evidence>,
    /// The setting that switches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    configurable_by: Option<Arc<str>>,
    /// Why it is assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What was not understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<Gap>,
}

impl From<Access> for AccessJson {
    fn from(access: Access) -> Self {
        Self {
            verdict: access.verdict(),
            certainty: access.certainty(),
            requirement: access.requirement().cloned(),
            evidence: access.evidence().to_vec(),
            reason: access.requirement.reason().map(str::to_owned),
            gap: access.requirement.gap().cloned(),
            configurable_by: access.configurable_by,
        }
    }
}

impl TryFrom<AccessJson> for Access {
    type Error = String;

    fn try_from(json: AccessJson) -> Result<Self, String> {
        let requirement = match (json.certainty, json.requirement, json.reason, json.gap) {
            (Certainty::Proven, Some(value), None, None) => Known::proven(value, json.evidence),
            (Certainty::Assumed, Some(value), reason, None) => {
                Known::assumed(value, reason.unwrap_or_default()).with_evidence(json.evidence)
            }
            (Certainty::Unknown, None, None, Some(gap)) => Known::unknown(gap),
            _ => return Err("`certainty` contradicts `requirement`, `reason` or `gap`".to_owned()),
        };
        let access = Self { requirement, configurable_by: json.configurable_by };
        if access.verdict() == json.verdict {
            Ok(access)
        } else {
            Err("`verdict` contradicts `requirement`".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{GapKind, Test};

    fn gap() -> Gap {
        Gap {
            kind: GapKind::UnresolvedGuard,
            file: "app/deps.py".into(),
            line: Some(7),
            reason: "`vendor.guard` is not in the project".into(),
        }
    }

    fn identified() -> AuthRequirement {
        AuthRequirement::of(Test::Scheme("bearer".into()))
    }

    #[test]
    fn the_verdict_follows_from_the_requirement() {
        let admin = identified().and(&AuthRequirement::of(Test::Role("admin".into())));
        let table = [
            (Access::public(vec![]), AccessVerdict::Public),
            (Access::required(identified(), vec![]), AccessVerdict::Authenticated),
            (Access::required(admin.clone(), vec![]), AccessVerdict::Restricted),
            (Access::required(admin.or(&identified()), vec![]), AccessVerdict::Authenticated),
            (Access::required(AuthRequirement::nobody(), vec![]), AccessVerdict::Restricted),
            (Access::unknown(gap()), AccessVerdict::Unknown),
        ];
        for (access, verdict) in table {
            assert_eq!(access.verdict(), verdict);
            let json = serde_json::to_value(&access).unwrap();
            assert_eq!(serde_json::from_value::<Access>(json).unwrap(), access);
        }
    }

    #[test]
    fn a_guard_that_is_not_understood_never_counts_as_protection() {
        let unknown = Access::unknown(gap());
        let guarded = Access::required(identified(), vec![]);
        let open = Access::public(vec![]);
        assert_eq!(unknown.clone().and(open.clone()), unknown);
        assert_eq!(open.and(unknown.clone()), unknown);
        assert_eq!(unknown.clone().and(guarded.clone()), guarded);
        assert_eq!(guarded.clone().and(unknown.clone()), guarded);
        assert_eq!(unknown.clone().and(unknown.clone()), unknown);
    }

    #[test]
    fn guards_on_the_same_way_add_up() {
        let place = |line| Evidence::new("app/deps.py", line, "raises 401");
        let both = Access::required(identified(), vec![place(1)]).and(
            Access::assumed(
                AuthRequirement::of(Test::Role("admin".into())),
                "default of `ADMIN_ONLY`",
                vec![place(1), place(2)],
            )
            .configurable_by("ADMIN_ONLY"),
        );
        assert_eq!(
            serde_json::to_value(&both).unwrap(),
            json!({
                "verdict": "restricted", "certainty": "assumed",
                "requirement": {"any_of": [[{"scheme": "bearer"}, {"role": "admin"}]]},
                "evidence": [{"file": "app/deps.py", "line": 1, "what": "raises 401"},
                             {"file": "app/deps.py", "line": 2, "what": "raises 401"}],
                "configurable_by": "ADMIN_ONLY", "reason": "default of `ADMIN_ONLY`",
            })
        );
    }

    #[test]
    fn contradictions_are_refused() {
        for json in [
            json!({"verdict": "public", "certainty": "proven", "requirement": {"any_of": []}}),
            json!({"verdict": "unknown", "certainty": "unknown", "requirement": null}),
            json!({"verdict": "public", "certainty": "proven", "requirement": null}),
        ] {
            assert!(serde_json::from_value::<Access>(json).is_err());
        }
    }
}
