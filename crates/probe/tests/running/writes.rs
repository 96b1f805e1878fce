//! Attacks on what is written by whoever is signed in: objects of others, what is meant for a role, fields that grant rights.

use crate::library::model_of::report_with_writes;
use crate::library::server::{CLOSED, OPEN, Oddity, Served, Traits};
use crate::library::{about, proof};
use doorward_probe::{GuardVerdict, Level, Outcome, Role, Target, Verdict};
use model::Secret;

const NOTE: (&str, &str) = ("object-write", "PATCH /notes/{}");
const BOOK: (&str, &str) = ("function-level", "DELETE /books/{}");
const ACCOUNT: (&str, &str) = ("mass-assignment", "PATCH /me");

/// A run of somebody who has the credential of an administrator.
async fn attacked(traits: Traits) -> (Outcome, Served) {
    let served = Served::start(traits).await;
    let administrator = Secret::new(served.administrator());
    let run = about(&report_with_writes(), &served, |options| options.administrator = Some(administrator)).await;
    (run.expect("the run begins"), served)
}

fn verdict(outcome: &Outcome, (attack, endpoint): (&str, &str)) -> (Verdict, String) {
    let proof = proof(outcome, attack, endpoint);
    (proof.verdict, proof.claim.clone())
}

fn roles(outcome: &Outcome, (attack, endpoint): (&str, &str)) -> Vec<(Role, String, u16)> {
    let exchanges = proof(outcome, attack, endpoint).exchanges.iter();
    let row = |one: &doorward_probe::Exchange| {
        let caller = one.caller.as_deref().unwrap_or("anonymous").to_owned();
        (one.role, caller, one.response.as_ref().unwrap().status)
    };
    exchanges.map(row).collect()
}

#[tokio::test]
async fn holes_are_proved_and_nothing_is_left() {
    let (outcome, served) = attacked(OPEN).await;
    for case in [NOTE, BOOK, ACCOUNT] {
        assert_eq!(verdict(&outcome, case).0, Verdict::Proved, "{case:?}: {}", verdict(&outcome, case).1);
    }
    assert_eq!(verdict(&outcome, ("object-write", "DELETE /notes/{}")).0, Verdict::Held, "the twin on the same path");
    assert_eq!((served.counts(), served.books()), ((1, 0, 0), 0), "the administrator is left");
    assert_eq!(outcome.left_behind, []);
}

#[tokio::test]
async fn a_script_asks_for_the_credential_that_the_run_was_given() {
    let (outcome, _served) = attacked(OPEN).await;
    let script = doorward_probe::script(&outcome).unwrap();
    let (head, rest) = script.split_once("# Identities and objects").unwrap();
    assert!(head.contains(": \"${TOKEN_ADMIN:?set TOKEN_ADMIN to the credential that the run was given}\""), "{head}");
    assert!(rest.contains("${TOKEN_ADMIN}") && !head.contains("TOKEN_A}"));
    let set_back = rest.split_once("# Take away what was made.").unwrap().1;
    assert!(set_back.contains("\"role\""), "what was set is set back: {set_back}");
}

#[tokio::test]
async fn nothing_is_proved_where_there_is_no_hole() {
    let (outcome, served) = attacked(CLOSED).await;
    for case in [NOTE, BOOK, ACCOUNT] {
        assert_eq!(verdict(&outcome, case).0, Verdict::Held, "{case:?}: {}", verdict(&outcome, case).1);
    }
    assert_eq!(verdict(&outcome, ACCOUNT).1, "a request with `role` gets 200, and it is as it was");
    assert_eq!((served.counts(), served.books()), ((1, 0, 0), 0));
}

#[tokio::test]
async fn a_proof_has_its_controls() {
    let (outcome, _served) = attacked(OPEN).await;
    let by = |role, name: &str, status| (role, name.to_owned(), status);
    assert_eq!(
        roles(&outcome, NOTE),
        [
            by(Role::Control, "A", 200),
            by(Role::Attack, "B", 200),
            by(Role::ReRead, "A", 200),
            by(Role::Negative, "anonymous", 401),
        ]
    );
    assert_eq!(
        roles(&outcome, BOOK),
        [
            by(Role::ReRead, "ADMIN", 200),
            by(Role::Attack, "B", 204),
            by(Role::ReRead, "ADMIN", 404),
            by(Role::Negative, "B", 403),
        ]
    );
    assert_eq!(
        roles(&outcome, ACCOUNT),
        [
            by(Role::ReRead, "C", 200),
            by(Role::Control, "C", 200),
            by(Role::Negative, "C", 200),
            by(Role::Attack, "C", 200),
            by(Role::ReRead, "C", 200),
        ]
    );
}

#[tokio::test]
async fn what_everybody_changes_is_not_told_as_changed_by_another() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::ChangesForAll, ..OPEN }).await;
    let (verdict, claim) = verdict(&outcome, NOTE);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(claim.ends_with("so does an anonymous call: that is missing identification, not this"), "{claim}");
}

#[tokio::test]
async fn a_success_without_an_effect_proves_nothing() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::Counts, ..OPEN }).await;
    let (verdict, claim) = verdict(&outcome, NOTE);
    assert_eq!((verdict, &*claim), (Verdict::Inconclusive, "B gets 200, and the `Note` is as it was"));
}

#[tokio::test]
async fn what_cannot_be_set_back_is_listed() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::Sticks, ..OPEN }).await;
    assert_eq!(verdict(&outcome, ACCOUNT).0, Verdict::Proved);
    let left: Vec<(&str, &str)> = outcome.left_behind.iter().map(|one| (&*one.object, &*one.reason)).collect();
    assert_eq!(left, [("User", "it could not be set back to what it was")]);
}

#[tokio::test]
async fn without_an_administrator_what_only_one_makes_is_not_sent() {
    let served = Served::start(OPEN).await;
    let outcome = about(&report_with_writes(), &served, |_| {}).await.unwrap();
    let (verdict, claim) = verdict(&outcome, BOOK);
    assert_eq!(verdict, Verdict::NotSent);
    assert!(claim.contains("asks for the role `admin`") && claim.contains("DOORWARD_PROBE_TOKEN_ADMIN"), "{claim}");
    assert!(served.seen().iter().all(|one| !one.line.contains("/books")));
}

#[tokio::test]
async fn at_the_level_of_reads_nothing_is_written() {
    let served = Served::start(OPEN).await;
    let outcome = about(&report_with_writes(), &served, |options| options.level = Level::Read).await.unwrap();
    for case in [NOTE, BOOK, ACCOUNT] {
        assert_eq!(verdict(&outcome, case).0, Verdict::NotSent);
    }
    assert_eq!(served.seen().len(), 0);
}

#[tokio::test]
async fn the_same_attacks_are_held_behind_a_gateway_that_lets_the_right_ones_through() {
    let open = Served::start(OPEN).await;
    let gateway = open.beside(Traits { oddity: Oddity::Gateway, ..CLOSED }).await;
    let administrator = Secret::new(open.administrator());
    let report = report_with_writes();
    let run = about(&report, &open, |options| {
        options.through = Some(Target::of(gateway.address));
        options.administrator = Some(administrator);
    });
    let outcome = run.await.unwrap();
    for case in [NOTE, BOOK, ACCOUNT] {
        let behind = proof(&outcome, case.0, case.1).behind_guard.clone().unwrap();
        assert_eq!((behind.verdict, behind.control_passed), (GuardVerdict::Held, true), "{case:?}: {}", behind.claim);
        assert!(behind.refusal.is_some());
    }
    assert_eq!((open.counts(), open.books(), outcome.left_behind), ((1, 0, 0), 0, vec![]));
}
