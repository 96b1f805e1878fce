//! Targets that are not what they should be: each ends with a reason, and none with a proof.

use std::time::Duration;

use crate::library::server::{OPEN, Oddity, Served, Traits};
use crate::library::{against, attacked, told};
use doorward_probe::{FenceError, Limits, Outcome, ProbeError, Target, Verdict};
use tokio::sync::watch;

fn instead(oddity: Oddity) -> Traits {
    Traits { oddity, ..OPEN }
}

/// The one reason that all proofs of a run give.
fn reason(outcome: &Outcome) -> &str {
    assert!(outcome.nothing_was_sent(), "{:#?}", told(outcome));
    assert_eq!(outcome.count(Verdict::Proved) + outcome.count(Verdict::Held), 0);
    &outcome.proofs[0].claim
}

#[tokio::test]
async fn a_target_that_is_down() {
    let served = Served::start(OPEN).await;
    // A port that nobody listens on: taken and given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = against(&served, |options| options.target = Target::of(free)).await.unwrap();
    assert!(
        reason(&outcome).starts_with(&format!("the target cannot be reached: http://{free}: ")),
        "{}",
        reason(&outcome)
    );
    assert_eq!(outcome.requests, 1, "the first failure to connect ends it");
    assert_eq!(served.seen().len(), 0);
}

#[tokio::test]
async fn a_target_that_never_answers() {
    let (outcome, served) =
        attacked(instead(Oddity::Silent), |options| options.timeout = Duration::from_millis(50)).await;
    assert_eq!(reason(&outcome), "`POST /register`: no answer within 50ms");
    assert!(served.seen().len() <= doorward_probe::FAILURES_MAX);
    let left: Vec<&str> = outcome.left_behind.iter().map(|one| &*one.reason).collect();
    assert!(left.iter().all(|reason| *reason == "no answer told whether it was made") && !left.is_empty());
}

#[tokio::test]
async fn a_page_where_json_should_be() {
    let (outcome, _served) = attacked(instead(Oddity::Html), |_| {}).await;
    assert_eq!(
        reason(&outcome),
        "no identity: `POST /login` answers `text/html` where the code answers JSON: is this the API?"
    );
}

#[tokio::test]
async fn another_version_than_the_code() {
    let (outcome, _served) = attacked(instead(Oddity::OtherVersion), |_| {}).await;
    let expected = "no identity: `POST /register` answers 404, and the code has it: another version runs there, or the base \
                    address lacks a path";
    assert_eq!(reason(&outcome), expected);
    assert_eq!(outcome.left_behind, []);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (outcome, served) = attacked(instead(Oddity::Redirects), |_| {}).await;
    let expected = "no identity: `POST /register` redirects to `http://203.0.113.1/`, and redirects are not followed";
    assert_eq!(reason(&outcome), expected);
    assert!(served.seen().iter().all(|one| one.line == "POST /register"));
}

#[tokio::test]
async fn a_target_that_fails_is_left_alone() {
    let (outcome, served) = attacked(instead(Oddity::Failing), |_| {}).await;
    assert_eq!(served.seen().len(), doorward_probe::FAILURES_MAX.min(served.seen().len()));
    assert_eq!(reason(&outcome), "no identity: `POST /register` answers 500");
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let (outcome, _served) = attacked(instead(Oddity::Endless), |_| {}).await;
    assert_eq!(reason(&outcome), "no identity: `POST /login` answers with more than 1048576 bytes, which are not read");
}

#[tokio::test]
async fn a_host_that_is_not_this_machine_is_not_contacted() {
    let served = Served::start(OPEN).await;
    let far = Target::parse("http://203.0.113.7:8000").unwrap();
    for change in [true, false] {
        let refused = against(&served, |options| match change {
            true => options.target = far.clone(),
            false => options.through = Some(far.clone()),
        });
        assert!(matches!(refused.await, Err(ProbeError::Fence(FenceError::Outside { .. }))));
    }
    assert_eq!(served.seen().len(), 0);
}

#[tokio::test]
async fn the_budget_of_the_run_is_a_bound_and_what_was_made_is_undone() {
    let (outcome, served) = attacked(OPEN, |options| options.limits = Limits { total: 6, ..Limits::default() }).await;
    assert_eq!(outcome.requests, 6);
    assert_eq!(outcome.halted.as_deref(), Some("the budget of 6 requests is used up"));
    assert_eq!(served.counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_keeps_everything_from_being_sent() {
    let served = Served::start(OPEN).await;
    let refused = against(&served, |options| options.journal = "/no/such/folder/journal".into()).await;
    assert!(matches!(refused, Err(ProbeError::Journal { .. })));
    assert_eq!(served.seen().len(), 0);
}

#[tokio::test]
async fn an_application_without_a_register_handler() {
    let served = Served::start(OPEN).await;
    let folder = tempfile::tempdir().unwrap();
    let options = crate::library::options(Target::of(served.address), folder.path());
    let mut report = crate::library::model_of::report();
    report.applications[0].tokens[0].register = None;
    let (_stopper, stop) = watch::channel(false);
    let outcome =
        doorward_probe::probe(&report, &report.applications[0], &options, &crate::library::Still, stop).await.unwrap();
    assert_eq!(reason(&outcome), "no identity: the model knows no register handler");
    assert_eq!(served.seen().len(), 0);
}

#[tokio::test]
async fn an_interrupt_undoes_and_reports() {
    let served = Served::start(OPEN).await;
    let folder = tempfile::tempdir().unwrap();
    let options = crate::library::options(Target::of(served.address), folder.path());
    let report = crate::library::model_of::report();
    let (stopper, stop) = watch::channel(false);
    let run = doorward_probe::probe(&report, &report.applications[0], &options, &crate::library::Still, stop);
    let interrupt = async {
        while served.counts() != (2, 1, 0) {
            tokio::task::yield_now().await;
        }
        stopper.send(true).unwrap();
    };
    let (outcome, ()) = tokio::join!(run, interrupt);
    let outcome = outcome.unwrap();
    assert_eq!(outcome.halted.as_deref(), Some("the run was interrupted"));
    assert_eq!((served.counts(), outcome.left_behind), ((0, 0, 0), vec![]));
    assert!(!folder.path().join("journal.jsonl").exists());
}
