//! Attacks on how somebody proves who it is: tokens that nobody issued, passwords that are tried.

use crate::library::model_of::report;
use crate::library::server::{CLOSED, OPEN, Oddity, Served, Traits};
use crate::library::{about, attacked, proof};
use doorward_probe::{GuardVerdict, Outcome, Role, Target, Verdict};
use model::{Report, Weakness};

const TOKEN: (&str, &str) = ("tampered-token", "GET /me");
const LOGIN: (&str, &str) = ("login-tries", "POST /login");

fn with(oddity: Oddity) -> Traits {
    Traits { oddity, ..OPEN }
}

fn shown(outcome: &Outcome, (attack, endpoint): (&str, &str)) -> (Verdict, String) {
    let proof = proof(outcome, attack, endpoint);
    (proof.verdict, proof.claim.clone())
}

/// The model of a library whose login nothing limits, as the scan says.
fn unlimited() -> Report {
    let mut report = report();
    let mut finding = report.findings[0].clone();
    finding.weakness = Weakness::UnlimitedLoginAttempts;
    finding.endpoint = Some("POST /login".parse().unwrap());
    report.findings.push(finding);
    report
}

async fn tried(oddity: Oddity) -> (Outcome, Served) {
    let served = Served::start(with(oddity)).await;
    let outcome = about(&unlimited(), &served, |_| {}).await.unwrap();
    (outcome, served)
}

#[tokio::test]
async fn tokens_that_nobody_issued_are_refused_and_that_is_shown() {
    let (outcome, _served) = attacked(CLOSED, |_| {}).await;
    let claim = "4 tokens that nobody issued get 401, while the genuine one is taken".to_owned();
    assert_eq!(shown(&outcome, TOKEN), (Verdict::Held, claim));
    let exchanges = proof(&outcome, TOKEN.0, TOKEN.1).exchanges.iter();
    let sent: Vec<_> = exchanges.map(|one| (one.role, one.caller.as_deref().unwrap().to_owned())).collect();
    let attack = |caller: &str| (Role::Attack, caller.to_owned());
    assert_eq!(
        sent,
        [
            (Role::Control, "B".to_owned()),
            attack("unsigned"),
            attack("stripped"),
            attack("changed"),
            attack("empty key"),
        ]
    );
    let evidence = serde_json::to_string(&outcome).unwrap();
    assert!(!evidence.contains("eyJ"), "no token is shown");
}

#[tokio::test]
async fn a_token_without_a_signature_that_is_taken_is_proved() {
    let (outcome, _served) = attacked(with(Oddity::TakesUnsigned), |_| {}).await;
    let claim = "a token whose `alg` is `none` acts as B; what is no token gets 401".to_owned();
    assert_eq!(shown(&outcome, TOKEN), (Verdict::Proved, claim));
    let (outcome, _served) = attacked(with(Oddity::TrustsTokens), |_| {}).await;
    assert_eq!(shown(&outcome, TOKEN).0, Verdict::Proved, "no signature is looked at");
}

#[tokio::test]
async fn tokens_that_are_looked_up_are_changed_and_cut() {
    let (outcome, _served) = attacked(with(Oddity::LooksUp), |_| {}).await;
    let claim = "2 tokens that nobody issued get 401, while the genuine one is taken".to_owned();
    assert_eq!(shown(&outcome, TOKEN), (Verdict::Held, claim));
    let (outcome, _served) = attacked(with(Oddity::LooksUpBegins), |_| {}).await;
    let claim = "a token that is the first half of one acts as B; what is no token gets 401".to_owned();
    assert_eq!(shown(&outcome, TOKEN), (Verdict::Proved, claim));
}

#[tokio::test]
async fn a_token_that_is_called_malformed_is_refused() {
    let (outcome, _served) = attacked(with(Oddity::Malformed), |_| {}).await;
    let claim = "4 tokens that nobody issued get 422, while the genuine one is taken".to_owned();
    assert_eq!(shown(&outcome, TOKEN), (Verdict::Held, claim));
    let claim = "a token signed with the key in the code acts as B; one with another key gets 422".to_owned();
    assert_eq!(shown(&outcome, ("forged-token", "GET /me")), (Verdict::Proved, claim));
}

#[tokio::test]
async fn passwords_that_can_be_tried_are_observed_and_never_proved() {
    let (outcome, served) = tried(Oddity::None).await;
    let claim = "20 wrong passwords of one account get 401, and the right one is taken behind them".to_owned();
    assert_eq!(shown(&outcome, LOGIN), (Verdict::Observed, claim));
    let sent = served.seen().into_iter().filter(|one| one.line == "POST /login").count();
    let identities = 3;
    assert_eq!(sent, identities + 22, "the right one before and behind them");
    assert_eq!((served.counts(), outcome.left_behind), ((0, 0, 0), Vec::new()));
}

#[tokio::test]
async fn a_limit_and_a_lock_hold_and_a_login_without_a_finding_is_left_alone() {
    let (outcome, _served) = tried(Oddity::LimitsLogins).await;
    let claim = "of wrong passwords of one account the 4th gets 429".to_owned();
    assert_eq!(shown(&outcome, LOGIN), (Verdict::Held, claim));
    let (outcome, _served) = tried(Oddity::LocksInSilence).await;
    let claim = "after 20 wrong passwords the right one gets 401: it is locked".to_owned();
    assert_eq!(shown(&outcome, LOGIN), (Verdict::Held, claim));
    let (outcome, _served) = attacked(OPEN, |_| {}).await;
    assert!(outcome.proofs.iter().all(|proof| proof.attack != LOGIN.0));
}

#[tokio::test]
async fn behind_a_gateway_that_limits_passwords_are_held() {
    let served = Served::start(OPEN).await;
    let gateway = served.beside(with(Oddity::LimitsLogins)).await;
    let through = Some(Target::of(gateway.address));
    let outcome = about(&unlimited(), &served, |options| options.through = through).await.unwrap();
    let behind = |(attack, endpoint)| proof(&outcome, attack, endpoint).behind_guard.as_ref().unwrap();
    assert_eq!((behind(LOGIN).verdict, behind(LOGIN).control_passed), (GuardVerdict::Held, true));
    assert_eq!(behind(TOKEN).verdict, GuardVerdict::Held);
}
