//! What an attack showed: the verdict, the claim in one sentence, and the exchanges that bear it out.

use std::sync::Arc;

use model::{EndpointId, Fingerprint, Handler, Weakness};
use serde::Serialize;

use crate::evidence::Exchange;

/// What an attack showed. A success status alone never is a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The weakness was exploited: positive control, negative control, and a canary or a re-read.
    Proved,
    /// The legitimate caller got through, the attack did not.
    Held,
    /// Something was seen that speaks for the weakness and does not prove it.
    Observed,
    /// What came back says neither.
    Inconclusive,
    /// The attack was not sent.
    NotSent,
}

impl Verdict {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "PROVED",
            Self::Held => "HELD",
            Self::Observed => "OBSERVED",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::NotSent => "NOT_SENT",
        }
    }
}

/// One attack on one endpoint, with what it showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// The attack, by name.
    pub attack: &'static str,
    /// The weakness that it proves.
    pub weakness: Weakness,
    /// Its CWE ids.
    pub cwe: &'static [u32],
    /// Its ids of the OWASP API Security Top 10 2023.
    pub owasp_api: &'static [&'static str],
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The function that answers.
    pub handler: Handler,
    /// The finding that says so; null where the model holds the endpoint to be right.
    pub finding: Option<Fingerprint>,
    /// What was shown.
    pub verdict: Verdict,
    /// The same in one sentence.
    pub claim: String,
    /// Requests that it took, without those that made identities and objects.
    pub requests: usize,
    /// What the same attack showed through a gateway; null where there is none.
    pub behind_guard: Option<BehindGuard>,
    /// The exchanges in order.
    pub exchanges: Vec<Exchange>,
}

/// What an attack showed through a gateway.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BehindGuard {
    /// What was shown.
    pub verdict: GuardVerdict,
    /// The layer that refused; null where the application did, or where the gateway does not tell.
    pub layer: Option<Arc<str>>,
    /// The gateway's own refusal, as its answer names it.
    pub refusal: Option<Refusal>,
    /// The same in one sentence.
    pub claim: String,
    /// Whether the legitimate caller got through the same gateway.
    pub control_passed: bool,
    /// The exchanges in order.
    pub exchanges: Vec<Exchange>,
}

/// A refusal of a gateway: a problem (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The last word of the problem's type.
    pub reason: Arc<str>,
    /// The exchange, as the gateway's records name it.
    pub request_id: Option<Arc<str>>,
}

/// What an attack showed through a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardVerdict {
    /// The legitimate caller got through, the attack did not.
    Held,
    /// The attack got through.
    Unshielded,
    /// What came back says neither.
    Inconclusive,
}

impl GuardVerdict {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "HELD",
            Self::Unshielded => "UNSHIELDED",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}
