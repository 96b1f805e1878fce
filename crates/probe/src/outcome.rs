//! What a run comes to: the proofs, what was covered, and what is left behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::EndpointId;
use serde::Serialize;

use crate::evidence::{Exchange, Role};
use crate::journal::LeftBehind;
use crate::verdict::{Proof, Verdict};

/// The version of the format of [`Outcome`].
const SCHEMA_VERSION: u32 = 1;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The version of this format.
    pub schema_version: u32,
    /// The base address.
    pub target: String,
    /// The base address of the gateway, if there was one.
    pub through: Option<String>,
    /// The value of `X-Probe-Run` in every request.
    pub run: String,
    /// One for each attack on an endpoint.
    pub proofs: Vec<Proof>,
    /// What was attacked.
    pub coverage: Coverage,
    /// Why the run stopped before its end, if it did.
    pub halted: Option<String>,
    /// Requests that were sent, those that undo apart.
    pub requests: usize,
    /// What the run made and could not take away.
    pub left_behind: Vec<LeftBehind>,
    /// What made identities and objects, in order.
    pub setup: Vec<Exchange>,
    /// What took them away.
    pub undo: Vec<Exchange>,
    /// The names with which identities registered, by letter.
    #[serde(skip)]
    pub(crate) names: Vec<(Arc<str>, String)>,
}

/// How many endpoints were attacked, and how many not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Coverage {
    /// Endpoints of the application's own code.
    pub endpoints: usize,
    /// Those of which an attack showed something.
    pub attacked: usize,
    /// Those to which an attack was not sent.
    pub not_sent: usize,
    /// Those of which an attack could show nothing.
    pub could_not: usize,
}

/// What a run is named by.
pub(crate) struct Named {
    pub(crate) target: String,
    pub(crate) through: Option<String>,
    pub(crate) run: String,
    pub(crate) requests: usize,
    pub(crate) halted: Option<String>,
    pub(crate) endpoints: usize,
    pub(crate) names: Vec<(Arc<str>, String)>,
}

impl Outcome {
    pub(crate) fn new(named: Named, proofs: Vec<Proof>, exchanges: &[Exchange], left_behind: Vec<LeftBehind>) -> Self {
        let of = |role: Role| exchanges.iter().filter(move |one| one.role == role).cloned().collect();
        Self {
            schema_version: SCHEMA_VERSION,
            target: named.target,
            through: named.through,
            run: named.run,
            coverage: Coverage::of(named.endpoints, &proofs),
            proofs,
            halted: named.halted,
            requests: named.requests,
            left_behind,
            setup: of(Role::Setup),
            undo: of(Role::Undo),
            names: named.names,
        }
    }

    /// How many proofs have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.proofs.iter().filter(|proof| proof.verdict == verdict).count()
    }

    /// Whether no attack left this machine: then nothing was tested, whatever the reason.
    pub fn nothing_was_sent(&self) -> bool {
        let attacks =
            |proof: &Proof| proof.exchanges.iter().any(|one| one.role == Role::Attack && one.response.is_some());
        !self.proofs.iter().any(attacks)
    }
}

impl Coverage {
    fn of(endpoints: usize, proofs: &[Proof]) -> Self {
        let with = |verdicts: &[Verdict]| -> BTreeSet<&EndpointId> {
            proofs.iter().filter(|one| verdicts.contains(&one.verdict)).map(|one| &one.endpoint).collect()
        };
        let attacked = with(&[Verdict::Proved, Verdict::Held, Verdict::Observed]);
        let could_not = with(&[Verdict::Inconclusive]);
        let not_sent = with(&[Verdict::NotSent]);
        Self {
            endpoints,
            attacked: attacked.len(),
            could_not: could_not.difference(&attacked).count(),
            not_sent: not_sent.iter().filter(|one| !attacked.contains(*one) && !could_not.contains(*one)).count(),
        }
    }
}
