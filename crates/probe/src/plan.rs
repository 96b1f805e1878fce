//! The road of a run: the cases that the attacks find in the model, each sent directly and then through the gateway, and in the
//! end everything undone.

use model::{Application, Report};
use tokio::sync::watch;

use crate::attacks::{ATTACKS, Attack, Case, Judged};
use crate::clock::Clock;
use crate::evidence::{Exchange, Role, Side};
use crate::outcome::{Named, Outcome};
use crate::run::{Options, ProbeError, Run, Trouble};
use crate::verdict::{BehindGuard, GuardVerdict, Proof, Verdict};

/// Endpoints that one attack is sent to.
pub(crate) const CASES_MAX: usize = 60;

/// Attacks an application that runs at [`Options::target`].
///
/// `stop` ends the run early when it becomes true: what was made is undone all the same.
pub async fn probe(
    report: &Report,
    application: &Application,
    options: &Options,
    clock: &dyn Clock,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, ProbeError> {
    let mut run = Run::begin(report, application, options, clock, stop).await?;
    let mut proofs = Vec::new();
    for attack in ATTACKS {
        for case in attack.cases(&run.api).into_iter().take(CASES_MAX) {
            proofs.push(proof(&mut run, attack, &case).await);
        }
    }
    run.clean_up().await;
    let named = Named {
        target: options.target.to_string(),
        through: options.through.as_ref().map(ToString::to_string),
        run: run.run_id.clone(),
        requests: run.requests(),
        halted: run.halted().map(ToString::to_string),
        endpoints: run.api.endpoints().count(),
        names: run.names(),
    };
    let (exchanges, left_behind) = run.end();
    Ok(Outcome::new(named, proofs, &exchanges, left_behind))
}

async fn proof<'m>(run: &mut Run<'m>, attack: &'static Attack, case: &Case<'m>) -> Proof {
    let (judged, exchanges) = judged(run, attack, case, Side::Direct).await;
    let showed = matches!(judged.verdict, Verdict::Proved | Verdict::Held | Verdict::Observed);
    let behind_guard = match showed && run.has_guard() {
        true => Some(behind_guard(run, attack, case).await),
        false => None,
    };
    let weakness = case.finding.map_or(attack.weaknesses[0], |finding| finding.weakness);
    Proof {
        attack: attack.name,
        weakness,
        cwe: weakness.cwe(),
        owasp_api: weakness.owasp_api(),
        endpoint: case.endpoint.id().clone(),
        handler: case.endpoint.handler.clone(),
        finding: case.finding.map(|finding| finding.fingerprint),
        verdict: judged.verdict,
        claim: judged.claim,
        requests: exchanges.len(),
        behind_guard,
        exchanges,
    }
}

async fn behind_guard<'m>(run: &mut Run<'m>, attack: &Attack, case: &Case<'m>) -> BehindGuard {
    let (judged, exchanges) = judged(run, attack, case, Side::Guard).await;
    let verdict = match judged.verdict {
        Verdict::Held => GuardVerdict::Held,
        Verdict::Proved | Verdict::Observed => GuardVerdict::Unshielded,
        _ => GuardVerdict::Inconclusive,
    };
    let claim = match (verdict, attack.unshielded) {
        (GuardVerdict::Unshielded, Some(reason)) => reason.to_owned(),
        _ => judged.claim,
    };
    BehindGuard {
        verdict,
        layer: None,
        refusal: judged.refusal,
        claim,
        control_passed: judged.control_passed,
        exchanges,
    }
}

/// One exchange, with what it showed. What stands in its way makes it inconclusive if something was sent, and else not sent.
async fn judged<'m>(run: &mut Run<'m>, attack: &Attack, case: &Case<'m>, side: Side) -> (Judged, Vec<Exchange>) {
    run.begin_attack();
    let showed = attack.exchange(run, case, side).await;
    let exchanges = run.cited();
    let judged = showed.unwrap_or_else(|trouble| {
        let reason = match trouble {
            Trouble::Obstacle(reason) => reason,
            Trouble::Halt(halt) => halt.to_string(),
        };
        let was_sent = exchanges.iter().any(|one| matches!(one.role, Role::Control | Role::Attack));
        let verdict = if was_sent { Verdict::Inconclusive } else { Verdict::NotSent };
        Judged { control_passed: false, ..Judged::new(verdict, reason) }
    });
    (judged, exchanges)
}
