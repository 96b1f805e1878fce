//! From one play to who is admitted.

use std::sync::Arc;

use model::{Access, AuthRequirement, Condition, Evidence, Test};
use python::interp::{Interp, Literal, Paths};
use python::value::{Labels, Site};

use super::conditions::Asked;
use super::{IN_HANDLER, Play, Refusal, Scheme, label};

/// What a play came to.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    required: bool,
    /// Why it is not proven.
    assumed: Option<String>,
    evidence: Vec<Evidence>,
    schemes: Vec<Scheme>,
    unknown: Option<(Site, String)>,
    unseen: Option<String>,
    /// Nobody without a credential passes, and it does not show that this is for want of one.
    dead_end: bool,
    /// All that refuses, where nobody passes.
    refusals: Vec<Evidence>,
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
pub(super) fn of(interp: &Interp<'_>, play: &Play, stage: Stage) -> Verdict {
    let passes = play.passes.alternatives();
    let together = play.refusals.iter().fold(Paths::never(), |all, r| all.or(&r.paths));
    let checked: Vec<(&Vec<Literal>, Vec<&Refusal>)> =
        passes.iter().map(|p| (p, gates_of(interp, p, play, &together, stage))).collect();
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
    let relevant: Vec<&Refusal> = if required { always.iter().copied().chain(by_gates).collect() } else { Vec::new() };
    let own = if required { play.via.clone() } else { Vec::new() };
    let evidence = own.into_iter().chain(evidence(&relevant)).collect();
    // Nobody passes, for reasons that do not name the caller: whether a credential would help is for another play to say.
    let dead_end = passes.is_empty() && always.is_empty() && !play.refusals.is_empty();
    let refusals = if dead_end { self::evidence(&play.refusals.iter().collect::<Vec<_>>()) } else { Vec::new() };
    Verdict {
        required,
        assumed,
        dead_end,
        refusals,
        evidence,
        schemes: play.schemes.clone(),
        unknown: play.unknown.clone(),
        unseen: play.unseen.clone(),
        stage,
    }
}

/// The refusals on the other side of a condition of a passing path: those that the other side always comes to, or, where it comes to
/// several things, those among them if no way through is open to it.
fn gates_of<'r>(
    interp: &Interp<'_>,
    path: &[Literal],
    play: &'r Play,
    together: &Paths,
    stage: Stage,
) -> Vec<&'r Refusal> {
    let checks = |literal: &&Literal, refusal: &Refusal| {
        is_check(interp.condition(literal.condition).labels, refusal.status, stage)
    };
    let comes_to = |refusal: &Refusal, other: &Literal| refusal.paths.alternatives().iter().any(|f| f.contains(other));
    let gates = |literal: &&Literal, refusal: &Refusal| {
        let other = Literal { holds: !literal.holds, ..**literal };
        let always = |paths: &Paths| {
            let within = |f: &Vec<Literal>| f.contains(&other) && f.iter().all(|l| *l == other || path.contains(l));
            paths.alternatives().iter().any(within)
        };
        let closed = || {
            let beside = |f: &Vec<Literal>| f.contains(&other) && compatible(f, path, literal.condition);
            refusal.paths.alternatives().iter().any(beside)
                && play
                    .passes
                    .alternatives()
                    .iter()
                    .all(|p| p.contains(literal) || !compatible(p, path, literal.condition))
        };
        always(&refusal.paths) || (always(together) && comes_to(refusal, &other)) || closed()
    };
    play.refusals.iter().filter(|r| path.iter().any(|l| checks(&l, r) && gates(&l, r))).collect()
}

/// Whether two paths do not contradict each other, one condition aside.
fn compatible(one: &[Literal], other: &[Literal], aside: u32) -> bool {
    one.iter().all(|l| l.condition == aside || !other.contains(&Literal { holds: !l.holds, ..*l }))
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

    /// Whether nobody passes for reasons that do not name the caller.
    pub(super) fn is_dead_end(&self) -> bool {
        self.dead_end
    }

    /// The verdict on a dead end that a credential opens.
    pub(super) fn opened_by_credential(mut self) -> Self {
        self.required = true;
        self.evidence = std::mem::take(&mut self.refusals);
        self
    }

    pub(super) fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The names of what refuses.
    pub(super) fn refusing(&self) -> Vec<&str> {
        self.evidence.iter().filter_map(|e| e.what.split(' ').next()).collect()
    }

    pub(super) fn schemes(&self) -> Vec<Scheme> {
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
        let mut requirement = self.identification(&asked.schemes);
        for test in asked.tests {
            requirement = requirement.and(&AuthRequirement::of(test));
        }
        match self.assumed {
            Some(reason) => Access::assumed(requirement, reason, self.evidence),
            None => Access::required(requirement, self.evidence),
        }
    }

    /// The schemes that an admitted caller brings: every one that refuses by itself, or one of those that do not.
    fn identification(&self, schemes: &[Scheme]) -> AuthRequirement {
        let test = |scheme: &Scheme| Condition::from(Test::Scheme(Arc::clone(&scheme.name)));
        if schemes.iter().any(|s| s.refuses) {
            AuthRequirement::all_of(schemes.iter().filter(|s| s.refuses).map(test))
        } else if schemes.is_empty() {
            AuthRequirement::of(Test::Scheme(self.name().into()))
        } else {
            AuthRequirement::any_of(schemes.iter().map(|s| [test(s)].into_iter().collect()))
        }
    }

    /// Where no scheme object is used: the name of the guard that refuses; a handler is none.
    fn name(&self) -> String {
        if matches!(self.stage, Stage::Handler) {
            return IN_HANDLER.to_owned();
        }
        let first = self.evidence.first().and_then(|e| e.what.split(' ').next().map(str::to_owned));
        first.unwrap_or_else(|| "credential".to_owned())
    }
}
