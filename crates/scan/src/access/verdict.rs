//! From one play to who is admitted.

use std::sync::Arc;

use model::{Access, AuthRequirement, Condition, Evidence, Test};
use python::interp::{Interp, Literal};
use python::value::{Labels, Site};

use super::conditions::Asked;
use super::{Play, Refusal, label};

/// What a play came to.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    required: bool,
    /// Why it is not proven.
    assumed: Option<String>,
    evidence: Vec<Evidence>,
    schemes: Vec<Arc<str>>,
    unknown: Option<(Site, String)>,
    unseen: Option<String>,
    stage: Stage,
}

/// Which conditions are checks of the caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Middleware and dependencies: what looks at a credential, or answers 401 to something in the path or query.
    Outer,
    /// The handler: only what looks at a credential, since a handler also refuses for what else is in the request.
    Handler,
}

/// Judges a play.
pub(super) fn of(interp: &Interp<'_>, play: Play, stage: Stage) -> Verdict {
    let passes = play.passes.alternatives();
    let checked: Vec<(&Vec<Literal>, Vec<&Refusal>)> =
        passes.iter().map(|p| (p, gates_of(interp, p, &play.refusals, stage))).collect();
    let (gated, ungated): (Vec<_>, Vec<_>) = checked.iter().partition(|(_, gates)| !gates.is_empty());
    let always: Vec<&Refusal> = if passes.is_empty() {
        play.refusals.iter().filter(|r| is_about_caller(interp, r, stage)).collect()
    } else {
        Vec::new()
    };
    // Where only data decides whether the check is made at all, it counts as made.
    let by_data = !ungated.is_empty() && ungated.iter().all(|(p, _)| data_decides(interp, p, &gated, stage));
    let required = !always.is_empty() || (!gated.is_empty() && (ungated.is_empty() || by_data));
    let assumed = match (required, by_data, play.passes.is_merged()) {
        (true, true, _) => Some("data that the scan does not see decides whether it is checked".to_owned()),
        (_, _, true) => Some("there are more ways through the code than are kept apart".to_owned()),
        _ => None,
    };
    let by_gates = gated.iter().flat_map(|(_, gates)| gates.iter().copied());
    let relevant: Vec<&Refusal> = if required { always.into_iter().chain(by_gates).collect() } else { Vec::new() };
    let own = if required { play.via } else { Vec::new() };
    let evidence = own.into_iter().chain(evidence(&relevant)).collect();
    Verdict { required, assumed, evidence, schemes: play.schemes, unknown: play.unknown, unseen: play.unseen, stage }
}

/// The refusals on the other side of a condition of a passing path.
fn gates_of<'r>(interp: &Interp<'_>, path: &[Literal], refusals: &'r [Refusal], stage: Stage) -> Vec<&'r Refusal> {
    let refused = |literal: &Literal, refusal: &Refusal| {
        let other = Literal { holds: !literal.holds, ..*literal };
        refusal
            .paths
            .alternatives()
            .iter()
            .any(|f| f.contains(&other) && f.iter().all(|l| *l == other || path.contains(l)))
    };
    let counts = |literal: &Literal, refusal: &Refusal| {
        is_check(interp.condition(literal.condition).labels, refusal.status, stage)
    };
    refusals.iter().filter(|r| path.iter().any(|l| counts(l, r) && refused(l, r))).collect()
}

fn is_check(labels: Labels, status: i64, stage: Stage) -> bool {
    labels.has(label::CREDENTIAL) || (matches!(stage, Stage::Outer) && status == 401 && labels.has(label::INPUT))
}

/// Whether a refusal of all is made because of the caller: under a condition that looks at a credential, or under none that looks at
/// what else is in the request.
fn is_about_caller(interp: &Interp<'_>, refusal: &Refusal, stage: Stage) -> bool {
    let labels = |l: &Literal| interp.condition(l.condition).labels;
    let about = |path: &Vec<Literal>| {
        path.iter().any(|l| is_check(labels(l), refusal.status, stage))
            || !path.iter().any(|l| labels(l).has(label::BODY | label::INPUT))
    };
    refusal.paths.alternatives().iter().any(about)
}

/// Whether an unchecked path differs from a checked one in something that neither the caller nor a setting decides.
fn data_decides(
    interp: &Interp<'_>,
    path: &[Literal],
    gated: &[&(&Vec<Literal>, Vec<&Refusal>)],
    stage: Stage,
) -> bool {
    path.iter().any(|l| {
        let labels = interp.condition(l.condition).labels;
        let other = Literal { holds: !l.holds, ..*l };
        !is_check(labels, 401, stage) && !labels.has(label::BODY) && gated.iter().any(|(g, _)| g.contains(&other))
    })
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

    pub(super) fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    pub(super) fn schemes(&self) -> Vec<Arc<str>> {
        self.schemes.clone()
    }

    /// A guard that could not be worked out.
    pub(super) fn unknown(&self) -> Option<(Site, String)> {
        self.unknown.clone()
    }

    /// Why somebody may be refused all the same.
    pub(super) fn unseen(&self) -> Option<String> {
        self.unseen.clone()
    }

    /// The access of the endpoint, with what is asked for beyond an identity.
    pub(super) fn into_access(self, asked: Asked) -> Access {
        if !self.required {
            return match self.assumed {
                Some(reason) => Access::assumed(AuthRequirement::everybody(), reason, Vec::new()),
                None => Access::public(Vec::new()),
            };
        }
        let mut tests: Vec<Test> = asked.schemes.iter().map(|s| Test::Scheme(Arc::clone(s))).collect();
        tests.dedup();
        // Several schemes are alternatives: each is tried, one suffices.
        let mut requirement = match tests.is_empty() {
            true => AuthRequirement::of(Test::Scheme(self.name().into())),
            false => AuthRequirement::any_of(tests.into_iter().map(|t| [Condition::from(t)].into_iter().collect())),
        };
        for test in asked.tests {
            requirement = requirement.and(&AuthRequirement::of(test));
        }
        match self.assumed {
            Some(reason) => Access::assumed(requirement, reason, self.evidence),
            None => Access::required(requirement, self.evidence),
        }
    }

    /// Where no scheme object is used: the name of the guard that refuses; a handler is none.
    fn name(&self) -> String {
        if matches!(self.stage, Stage::Handler) {
            return "credential".to_owned();
        }
        let first = self.evidence.first().and_then(|e| e.what.split(' ').next().map(str::to_owned));
        first.unwrap_or_else(|| "credential".to_owned())
    }
}
