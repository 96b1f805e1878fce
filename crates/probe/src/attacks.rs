//! Attacks: what is tried on a running API, one file each. An attack file holds its page, its metadata, the cases that it
//! finds in the model, and the exchange; one word in `attacks! { }` registers it.
//!
//! Every proof has a positive control (the legitimate caller succeeds), the attack, a negative control (the same way can
//! refuse) and a canary or a re-read. What lacks one of them is observed, or inconclusive, and never proved.

use std::pin::Pin;
use std::sync::Arc;

use model::{Endpoint, Finding, TokenRecipe, Weakness};
use serde_json::Value;

use crate::api::Api;
use crate::client::Answer;
use crate::evidence::Side;
use crate::run::{Run, Trouble};
use crate::verdict::{Refusal, Verdict};

/// Declares the modules of the attacks and lists the attacks in this order: those that only read come first.
macro_rules! attacks {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// All attacks, in the order in which they are sent.
        pub static ATTACKS: &[Attack] = &[$($module::ATTACK),*];
    };
}

attacks! {
    object_read
    forged_token
    missing_identification
    object_write
    function_level
    mass_assignment
    tampered_token
    login_tries
}

mod writes;

/// An attack: what is tried, what it proves, and the page that explains it.
#[derive(Debug)]
pub struct Attack {
    /// What is tried: kebab-case, unique, never changed.
    pub name: &'static str,
    /// The weaknesses that it proves; the first one is its own.
    pub weaknesses: &'static [Weakness],
    /// What it does, a clause without a full stop.
    pub summary: &'static str,
    /// The exchange, what it proves and what not, in Markdown.
    pub page: &'static str,
    /// Why no gateway can tell the attack from a legitimate request, where that is so.
    pub unshielded: Option<&'static str>,
    cases: for<'m> fn(&Api<'m>) -> Vec<Case<'m>>,
    exchange: Exchanging,
}

/// The exchange of an attack: boxed, since a table holds it.
type Exchanging = for<'r, 'm> fn(&'r mut Run<'m>, &'r Case<'m>, Side) -> Exchanged<'r>;

type Exchanged<'r> = Pin<Box<dyn Future<Output = Result<Judged, Trouble>> + 'r>>;

/// One endpoint to attack.
#[derive(Clone, Copy)]
pub(crate) struct Case<'m> {
    pub(crate) endpoint: &'m Endpoint,
    /// What the scan says about it; none where it holds it to be right.
    pub(crate) finding: Option<&'m Finding>,
    /// The token that is forged.
    pub(crate) recipe: Option<&'m TokenRecipe>,
}

/// What an exchange showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) claim: String,
    /// Whether the legitimate caller got through.
    pub(crate) control_passed: bool,
    /// What refused, where the answer names it.
    pub(crate) refusal: Option<Refusal>,
}

impl Attack {
    pub(crate) fn cases<'m>(&self, api: &Api<'m>) -> Vec<Case<'m>> {
        (self.cases)(api)
    }

    pub(crate) fn exchange<'r, 'm>(&self, run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
        (self.exchange)(run, case, side)
    }

    /// The attack of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ATTACKS.iter().find(|attack| attack.name == name)
    }
}

impl Judged {
    pub(crate) fn new(verdict: Verdict, claim: impl Into<String>) -> Self {
        Self { verdict, claim: claim.into(), control_passed: true, refusal: None }
    }

    /// The legitimate caller did not get through, so that a refusal says nothing.
    pub(crate) fn without_control(claim: impl Into<String>) -> Self {
        Self { control_passed: false, ..Self::new(Verdict::Inconclusive, claim) }
    }

    /// The attack was turned away by this answer.
    pub(crate) fn held(claim: impl Into<String>, answer: &Answer) -> Self {
        Self { refusal: refused_by(answer), ..Self::new(Verdict::Held, claim) }
    }
}

/// The finding of one of these weaknesses at an endpoint.
pub(crate) fn finding_at<'m>(api: &Api<'m>, endpoint: &Endpoint, weaknesses: &[Weakness]) -> Option<&'m Finding> {
    let mut findings = api.report.findings.iter();
    findings.find(|one| {
        let is_here = one.application.as_ref().is_none_or(|name| *name == api.application.name);
        is_here && one.endpoint.as_ref() == Some(endpoint.id()) && weaknesses.contains(&one.weakness)
    })
}

/// One case for each endpoint at which a finding of one of these weaknesses stands, in the order of endpoints.
pub(crate) fn cases_of_findings<'m>(api: &Api<'m>, weaknesses: &[Weakness]) -> Vec<Case<'m>> {
    let of = |endpoint| {
        let finding = finding_at(api, endpoint, weaknesses)?;
        Some(Case { endpoint, finding: Some(finding), recipe: None })
    };
    let mut cases: Vec<Case<'_>> = api.endpoints().filter_map(of).collect();
    cases.sort_by_key(|case| case.endpoint.id().clone());
    cases
}

/// What refused: the last word of the problem's type (RFC 9457 section 3.1.1), which an application's own refusals lack.
pub(crate) fn refused_by(answer: &Answer) -> Option<Refusal> {
    if answer.media_type().as_deref() != Some("application/problem+json") {
        return None;
    }
    let problem = answer.json.as_ref()?;
    let kind = problem.get("type")?.as_str()?;
    let word = kind.rsplit(['/', ':', '#']).next().filter(|word| !word.is_empty() && *word != "blank")?;
    let request_id = problem.get("request_id").and_then(Value::as_str).map(Arc::from);
    Some(Refusal { reason: word.into(), request_id })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_lead_to_a_whole_page() {
        let names: BTreeSet<_> = ATTACKS.iter().map(|attack| attack.name).collect();
        assert_eq!(names.len(), ATTACKS.len());
        for attack in ATTACKS {
            let lower = |b: u8| b.is_ascii_lowercase() || b == b'-';
            assert!(attack.name.bytes().all(lower), "{}", attack.name);
            assert!(!attack.summary.ends_with('.') && !attack.weaknesses.is_empty(), "{}", attack.name);
            for heading in ["The exchange", "What it proves", "Held"] {
                assert!(attack.page.contains(&format!("## {heading}\n")), "{}: {heading}", attack.name);
            }
            assert_eq!(Attack::named(attack.name).map(|found| found.name), Some(attack.name));
        }
        assert!(Attack::named("no-such-attack").is_none());
    }
}
