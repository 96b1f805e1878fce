//! The attacks against a library in this process: with its holes, without them, and where each control says otherwise.

use crate::library::server::{CLOSED, OPEN, Oddity, Served, Traits};
use crate::library::{against, attacked, proof, told};
use doorward_probe::{GuardVerdict, Level, Role, Target, Verdict};
use model::Secret;

#[tokio::test]
async fn every_hole_is_proved_and_every_twin_holds() {
    let (outcome, served) = attacked(OPEN, |_| {}).await;
    assert_eq!(
        told(&outcome),
        [
            "PROVED object-read GET /notes/{}",
            "HELD object-read GET /notes/{}/card",
            "PROVED forged-token GET /me",
            "HELD missing-identification GET /notes",
            "OBSERVED missing-identification GET /settings",
            "PROVED missing-identification GET /users/{}/contact",
            "PROVED missing-identification POST /banners",
            "NOT_SENT missing-identification POST /reset",
            "PROVED missing-identification PUT /banners/{}",
            "NOT_SENT missing-identification PUT /stock/{}",
            "PROVED missing-identification DELETE /banners/{}",
            "HELD tampered-token GET /me",
        ]
    );
    assert_eq!(served.counts(), (0, 0, 0), "nothing is left behind");
    assert_eq!(outcome.left_behind, []);
    assert_eq!((outcome.coverage.attacked, outcome.coverage.not_sent, outcome.coverage.could_not), (9, 2, 0));
}

#[tokio::test]
async fn nothing_is_proved_where_there_is_no_hole() {
    let (outcome, served) = attacked(CLOSED, |_| {}).await;
    assert_eq!(
        told(&outcome),
        [
            "HELD object-read GET /notes/{}",
            "HELD object-read GET /notes/{}/card",
            "PROVED forged-token GET /me", // the key is in use: that is no matter of checks
            "HELD missing-identification GET /notes",
            "HELD missing-identification GET /settings",
            "HELD missing-identification GET /users/{}/contact",
            "HELD missing-identification POST /banners",
            "NOT_SENT missing-identification POST /reset",
            "HELD missing-identification PUT /banners/{}",
            "NOT_SENT missing-identification PUT /stock/{}",
            "HELD missing-identification DELETE /banners/{}",
            "HELD tampered-token GET /me",
        ]
    );
    assert_eq!(served.counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_proof_has_its_controls() {
    let (outcome, _served) = attacked(OPEN, |_| {}).await;
    let roles = |attack: &str, endpoint: &str| -> Vec<(Role, Option<String>, u16)> {
        let exchanges = proof(&outcome, attack, endpoint).exchanges.iter();
        let row = |one: &doorward_probe::Exchange| {
            (one.role, one.caller.as_deref().map(str::to_owned), one.response.as_ref().unwrap().status)
        };
        exchanges.map(row).collect()
    };
    let by = |name: &str| Some(name.to_owned());
    assert_eq!(
        roles("object-read", "GET /notes/{}"),
        [
            (Role::Control, by("A"), 200),
            (Role::Attack, by("B"), 200),
            (Role::Negative, None, 401),
            (Role::Negative, by("B"), 200),
        ]
    );
    assert_eq!(
        roles("forged-token", "GET /me"),
        [(Role::Control, by("B"), 200), (Role::Attack, by("forged"), 200), (Role::Negative, by("wrong key"), 401)]
    );
    assert_eq!(
        roles("missing-identification", "DELETE /banners/{}"),
        [
            (Role::ReRead, by("A"), 200),
            (Role::Attack, None, 204),
            (Role::ReRead, by("A"), 200),
            (Role::Negative, None, 401),
        ]
    );
}

#[tokio::test]
async fn what_everybody_reads_is_not_told_as_read_by_another() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::ShowsNotes, ..OPEN }, |_| {}).await;
    let read = proof(&outcome, "object-read", "GET /notes/{}");
    assert_eq!(read.verdict, Verdict::Inconclusive);
    assert_eq!(read.claim, "everybody gets the `Note`: that is missing identification, not this");
}

#[tokio::test]
async fn what_the_other_can_list_is_shared() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::ListsAll, ..OPEN }, |_| {}).await;
    let read = proof(&outcome, "object-read", "GET /notes/{}");
    assert_eq!(read.verdict, Verdict::Inconclusive);
    assert_eq!(read.claim, "B can list the `Note` of A by `GET /notes`: it is shared, or that list is what is wrong");
}

#[tokio::test]
async fn a_signature_that_decides_nothing_proves_nothing_about_the_key() {
    let (outcome, _served) = attacked(Traits { oddity: Oddity::TrustsTokens, ..OPEN }, |_| {}).await;
    let forged = proof(&outcome, "forged-token", "GET /me");
    assert_eq!(forged.verdict, Verdict::Inconclusive);
    assert_eq!(forged.claim, "a token signed with any key gets 200: the signature decides nothing");
}

#[tokio::test]
async fn what_never_may_be_sent_is_not_sent_and_says_why() {
    let (outcome, served) = attacked(OPEN, |options| options.level = Level::Full).await;
    let reset = proof(&outcome, "missing-identification", "POST /reset");
    assert_eq!(reset.claim, "it changes tables (`metadata.drop_all`): that is never sent");
    let stock = proof(&outcome, "missing-identification", "PUT /stock/{}");
    assert_eq!(stock.claim, "no endpoint of the model lets an identity make one (`Product`)");
    let sent = served.seen().into_iter().filter(|one| one.line.contains("/reset") || one.line.contains("/stock"));
    assert_eq!(sent.count(), 0);
}

#[tokio::test]
async fn every_request_names_its_run() {
    let (outcome, served) = attacked(OPEN, |_| {}).await;
    let seen = served.seen();
    let host = Some(served.address.to_string());
    assert!(seen.iter().all(|one| one.run.as_ref() == Some(&outcome.run) && one.host == host), "{seen:?}");
    assert_eq!(seen.len(), outcome.requests + outcome.undo.len());
}

#[tokio::test]
async fn what_cannot_be_undone_is_listed() {
    let (outcome, served) = attacked(Traits { oddity: Oddity::KeepsAll, ..OPEN }, |_| {}).await;
    let (users, notes, banners) = served.counts();
    assert!(users == 2 && notes == 1 && banners >= 2);
    assert_eq!(outcome.left_behind.len(), users + notes + banners);
    let reasons: Vec<&str> = outcome.left_behind.iter().map(|one| &*one.reason).collect();
    assert!(reasons.contains(&"taking it away was answered with 403"), "{reasons:?}");
}

#[tokio::test]
async fn an_account_is_deleted_on_the_path_that_shows_it_where_the_model_does_not_know() {
    let served = Served::start(OPEN).await;
    let folder = tempfile::tempdir().unwrap();
    let options = crate::library::options(Target::of(served.address), folder.path());
    let mut report = crate::library::model_of::report();
    let leaving = report.endpoints.iter_mut().find(|one| one.id().to_string() == "DELETE /me").unwrap();
    leaving.effects.clear();
    let (_stopper, stop) = tokio::sync::watch::channel(false);
    let run = doorward_probe::probe(&report, &report.applications[0], &options, &crate::library::Still, stop);
    let outcome = run.await.unwrap();
    assert_eq!((served.counts(), outcome.left_behind), ((0, 0, 0), vec![]));
    let asked = served.seen().into_iter().filter(|one| one.line == "GET /me").count();
    assert!(asked >= 2, "whether each credential still works was looked at");
}

#[tokio::test]
async fn what_goes_with_its_owner_is_looked_for_and_not_taken_for_granted() {
    let (outcome, served) = attacked(Traits { oddity: Oddity::Cascades, ..OPEN }, |_| {}).await;
    assert_eq!((served.counts(), outcome.left_behind), ((0, 0, 0), vec![]));
    // Where B cannot read the note of A, that B gets 404 tells nothing: it is listed.
    let (outcome, served) = attacked(Traits { oddity: Oddity::Cascades, ..CLOSED }, |_| {}).await;
    assert_eq!(served.counts(), (0, 0, 0));
    let left: Vec<(&str, &str)> = outcome.left_behind.iter().map(|one| (&*one.object, &*one.reason)).collect();
    assert_eq!(left, [("Note", "taking it away was answered with 409")]);
}

#[tokio::test]
async fn two_given_credentials_take_the_place_of_accounts() {
    let served = Served::start(OPEN).await;
    let tokens = [served.member(), served.member()];
    let outcome = against(&served, |options| options.tokens = tokens.map(Secret::new).to_vec()).await.unwrap();
    let verdict = |attack: &str, endpoint: &str| proof(&outcome, attack, endpoint).verdict;
    assert_eq!(verdict("object-read", "GET /notes/{}"), Verdict::Proved);
    assert!(served.seen().iter().all(|one| one.line != "POST /register" && one.line != "DELETE /me"));
    assert_eq!(served.counts(), (2, 0, 0), "the members are still there, and nothing else");
}

#[tokio::test]
async fn at_the_level_of_reads_nothing_is_made() {
    let (outcome, served) = attacked(OPEN, |options| options.level = Level::Read).await;
    assert_eq!((served.seen().len(), served.counts()), (0, (0, 0, 0)));
    assert!(outcome.nothing_was_sent());
    let note = proof(&outcome, "object-read", "GET /notes/{}");
    assert_eq!((note.verdict, &*note.claim), (Verdict::NotSent, "no identity: at the level `read` none is made"));
}

#[tokio::test]
async fn the_same_attacks_go_through_a_gateway() {
    let open = Served::start(OPEN).await;
    let gateway = open.beside(Traits { oddity: Oddity::Gateway, ..CLOSED }).await;
    let outcome = against(&open, |options| options.through = Some(Target::of(gateway.address))).await.unwrap();
    let told = outcome.proofs.iter().filter_map(|proof| {
        let behind = proof.behind_guard.as_ref()?;
        let by = behind.refusal.as_ref().map_or("the application", |refusal| &refusal.reason);
        Some(format!("{} {} {} by {by}", behind.verdict.as_str(), proof.attack, proof.endpoint))
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "HELD object-read GET /notes/{} by not-allowed",
            "HELD object-read GET /notes/{}/card by not-allowed",
            "UNSHIELDED forged-token GET /me by the application",
            "HELD missing-identification GET /notes by not-allowed",
            "HELD missing-identification GET /settings by not-allowed",
            "HELD missing-identification GET /users/{}/contact by not-allowed",
            "HELD missing-identification POST /banners by not-allowed",
            "HELD missing-identification PUT /banners/{} by not-allowed",
            "HELD missing-identification DELETE /banners/{} by not-allowed",
            "HELD tampered-token GET /me by not-allowed",
        ]
    );
    assert_eq!(outcome.count(Verdict::Proved), 6);
    assert_eq!((open.counts(), outcome.left_behind), ((0, 0, 0), vec![]));
}

#[tokio::test]
async fn a_gateway_that_asks_for_a_role_holds_who_shows_nothing_and_the_control_is_said_to_be_missing() {
    let open = Served::start(OPEN).await;
    let gateway = open.beside(Traits { oddity: Oddity::StrictGateway, ..CLOSED }).await;
    let outcome = against(&open, |options| options.through = Some(Target::of(gateway.address))).await.unwrap();
    for endpoint in ["POST /banners", "PUT /banners/{}", "DELETE /banners/{}"] {
        let behind = proof(&outcome, "missing-identification", endpoint).behind_guard.clone().unwrap();
        assert_eq!(
            (behind.verdict, behind.control_passed),
            (GuardVerdict::Held, false),
            "{endpoint}: {}",
            behind.claim
        );
        assert!(
            behind.claim.starts_with("an anonymous call gets 401; A is identified and gets 403"),
            "{}",
            behind.claim
        );
    }
    assert_eq!((open.counts(), outcome.left_behind), ((0, 0, 0), vec![]));
}

#[tokio::test]
async fn nothing_is_held_where_the_legitimate_caller_does_not_get_through() {
    // Another library: it knows neither accounts nor objects of the first one, and refuses everybody.
    let (open, other) = (Served::start(OPEN).await, Served::start(CLOSED).await);
    let outcome = against(&open, |options| options.through = Some(Target::of(other.address))).await.unwrap();
    let behind = |attack: &str, endpoint: &str| {
        let behind = proof(&outcome, attack, endpoint).behind_guard.clone().unwrap();
        (behind.verdict, behind.control_passed)
    };
    assert_eq!(behind("object-read", "GET /notes/{}"), (GuardVerdict::Inconclusive, false));
    assert_eq!(behind("missing-identification", "GET /notes"), (GuardVerdict::Inconclusive, false));
    assert_eq!(behind("forged-token", "GET /me"), (GuardVerdict::Inconclusive, false));
}

#[tokio::test]
async fn a_script_sends_again_what_was_proved() {
    let (outcome, served) = attacked(OPEN, |_| {}).await;
    let script = doorward_probe::script(&outcome).unwrap();
    for line in [
        &format!("TARGET=${{TARGET:-http://{}}}", served.address),
        "TOKEN_A=$(printf %s \"$ANSWER\" | jq -r '.[\"access_token\"]')",
        "FORGED=$(forge \"$TOKEN_B\" \"$KEY\")",
        "# the attack, as anonymous: 204 then",
    ] {
        assert!(script.contains(line), "{line}\n{script}");
    }
    assert!(!script.contains(crate::library::KEY));
    assert!(!script.contains("Dw1!\""), "no password stands in it");
}

#[tokio::test]
async fn a_script_uses_no_variable_that_it_does_not_set() {
    let open = Served::start(OPEN).await;
    let gateway = open.beside(CLOSED).await;
    let outcome = against(&open, |options| options.through = Some(Target::of(gateway.address))).await.unwrap();
    let script = doorward_probe::script(&outcome).unwrap();
    let used = script.split("${").skip(1).filter_map(|rest| rest.split(['}', ':']).next());
    for name in used.filter(|name| !matches!(*name, "TARGET" | "KEY")) {
        assert!(script.contains(&format!("\n{name}=")), "{name}\n{script}");
    }
}

#[tokio::test]
async fn evidence_shows_no_secret() {
    let (outcome, _served) = attacked(OPEN, |_| {}).await;
    let text = serde_json::to_string(&outcome).unwrap();
    assert!(
        !text.contains("s3cret")
            && !text.contains("eyJ")
            && !text.contains("Dw1!")
            && !text.contains(crate::library::KEY)
    );
    let (outcome, _served) = attacked(OPEN, |options| options.show = true).await;
    let text = serde_json::to_string(&outcome).unwrap();
    assert!(text.contains("s3cret") && text.contains("eyJ"));
}
