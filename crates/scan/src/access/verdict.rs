//! From one play to who is admitted.

use std::sync::Arc;

use model::{Access, AuthRequirement, Condition, Evidence, Test};
use python::interp::{Interp, Literal};
use python::value::{Labels, Site};

use super::conditions::Asked;
use super::{Play, Refusal};

/// What a play came to.
#[derive(Debug)]
pub(super) struct Verdict {
    required: bool,
    /// Why it is not proven.
    assumed: Option<String>,
    setting: Option<Arc<str>>,
    evidence: Vec<Evidence>,
    schemes: Vec<Arc<str>>,
    unknown: Option<(Site, String)>,
}

/// Judges a play; `labels` are those that a condition must carry to count as a check of the caller.
pub(super) fn of(interp: &Interp<'_>, play: Play, labels: u16) -> Verdict {
    let default = |path: &[Literal]| path.iter().all(|l| interp.condition(l.condition).default.is_none_or(|d| d == l.holds));
    let (by_default, otherwise): (Vec<_>, Vec<_>) = play.passes.alternatives().iter().partition(|p| default(p));
    let gates = |path: &[Literal]| gates_of(interp, path, &play.refusals, labels);
    let ungated: Vec<&[Literal]> = by_default.iter().map(|p| p.as_slice()).filter(|p| gates(p).is_empty()).collect();
    let gated: Vec<&[Literal]> = by_default.iter().map(|p| p.as_slice()).filter(|p| !gates(p).is_empty()).collect();
    let live: Vec<&Refusal> = play.refusals.iter().filter(|r| r.paths.alternatives().iter().any(|p| default(p))).collect();
    let always = by_default.is_empty() && !live.is_empty();
    // Where only data decides whether the check is made at all, it counts as made.
    let by_data = !gated.is_empty() && ungated.iter().all(|p| data_decides(interp, p, &gated, labels));
    let required = always || (!gated.is_empty() && (ungated.is_empty() || by_data));
    let assumed = (required && !always && !ungated.is_empty()).then(|| "data that the scan does not see decides whether it is checked".to_owned());
    let relevant: Vec<&Refusal> = if required { live } else { Vec::new() };
    Verdict {
        required,
        assumed: assumed.or_else(|| play.passes.is_merged().then(|| "there are more ways through the code than are kept apart".to_owned())),
        setting: setting(interp, &play, &otherwise, required, labels),
        evidence: evidence(&relevant),
        schemes: play.schemes,
        unknown: play.unknown,
    }
}

/// The literals of a passing path whose other side is refused.
fn gates_of(interp: &Interp<'_>, path: &[Literal], refusals: &[Refusal], labels: u16) -> Vec<Literal> {
    let refused = |literal: &Literal| {
        let other = Literal { holds: !literal.holds, ..*literal };
        refusals.iter().any(|r| r.paths.alternatives().iter().any(|f| f.contains(&other) && f.iter().all(|l| *l == other || path.contains(l))))
    };
    path.iter().filter(|l| interp.condition(l.condition).labels.has(labels) && refused(l)).copied().collect()
}

/// Whether an unchecked path differs from a checked one in something that neither the caller nor a setting decides.
fn data_decides(interp: &Interp<'_>, path: &[Literal], gated: &[&[Literal]], labels: u16) -> bool {
    path.iter().any(|l| {
        let condition = interp.condition(l.condition).labels;
        let other = Literal { holds: !l.holds, ..*l };
        !condition.has(labels) && !condition.has(Labels::CONFIGURATION) && gated.iter().any(|g| g.contains(&other))
    })
}

/// The setting that switches the check, on or off.
fn setting(interp: &Interp<'_>, play: &Play, otherwise: &[&Vec<Literal>], required: bool, labels: u16) -> Option<Arc<str>> {
    let of = |path: &[Literal]| {
        path.iter().find_map(|l| {
            let condition = interp.condition(l.condition);
            let name = condition.labels.setting.filter(|_| condition.default.is_some_and(|d| d != l.holds));
            name.map(|n| Arc::from(n.as_str()))
        })
    };
    if required {
        // Switched off, the request passes.
        return otherwise.iter().filter(|p| gates_of(interp, p, &play.refusals, labels).is_empty()).find_map(|p| of(p));
    }
    play.refusals.iter().flat_map(|r: &Refusal| r.paths.alternatives().to_vec()).find_map(|p| of(&p))
}

fn evidence(refusals: &[&Refusal]) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for refusal in refusals {
        if !found.contains(&refusal.evidence) {
            found.push(refusal.evidence.clone());
        }
    }
    found
}

impl Verdict {
    pub(super) fn is_required(&self) -> bool {
        self.required
    }

    pub(super) fn schemes(&self) -> Vec<Arc<str>> {
        self.schemes.clone()
    }

    /// A guard that could not be worked out.
    pub(super) fn unknown(&self) -> Option<(Site, String)> {
        self.unknown.clone()
    }

    /// The access of the endpoint, with what is asked for beyond an identity.
    pub(super) fn into_access(self, asked: Asked) -> Access {
        let access = if self.required {
            let mut tests: Vec<Test> = asked.schemes.iter().map(|s| Test::Scheme(Arc::clone(s))).collect();
            tests.dedup();
            let mut requirement = match tests.is_empty() {
                true => AuthRequirement::of(Test::Scheme(self.name().into())),
                // Several schemes are alternatives: each is asked, one suffices.
                false => AuthRequirement::any_of(tests.into_iter().map(|t| [Condition::from(t)].into_iter().collect())),
            };
            for test in asked.tests {
                requirement = requirement.and(&AuthRequirement::of(test));
            }
            match self.assumed {
                Some(reason) => Access::assumed(requirement, reason, self.evidence),
                None => Access::required(requirement, self.evidence),
            }
        } else {
            Access::public(Vec::new())
        };
        match self.setting {
            Some(setting) => access.configurable_by(setting),
            None => access,
        }
    }

    /// Where no scheme object is used: the name of what refuses.
    fn name(&self) -> String {
        let first = self.evidence.first().and_then(|e| e.what.split('`').nth(1).map(str::to_owned));
        first.unwrap_or_else(|| "credential".to_owned())
    }
}
