//! `login-tries`: wrong passwords, one after another, at the account of an identity that nothing else needs.

use model::Weakness;

use super::{Attack, Case, Exchanged, Judged, finding_at};
use crate::api::Api;
use crate::evidence::{Role, Side};
use crate::run::{Caller, Run, obstacle};
use crate::session::{THROW_AWAY, unexpected};
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "login-tries",
    weaknesses: &[Weakness::UnlimitedLoginAttempts],
    summary: "passwords of an account can be tried without limit",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

The account is one that this run made, and that no other attack needs from then on: it may be locked.

```http
POST /login    C's password            200                     positive control
POST /login    a wrong password        401                     the attack, up to 20 times
POST /login    a wrong password        429                     where there is a limit
POST /login    C's password            200                     re-read: nobody locked the account in silence
```

## What it proves

That so many wrong passwords of one account are taken one after another is OBSERVED, and never proved: the limit may come later.

## What it does not prove

Whether passwords of many accounts can be tried, and whether many addresses together can.

## Held

Before the last of them one is refused with 429, 423 or 403; or the right password is no longer taken: the account is locked.
";

/// Wrong passwords on each side, at most.
const TRIES_MAX: usize = 20;
/// Too many requests (RFC 6585), locked (RFC 4918).
const LIMITED: [u16; 2] = [429, 423];
/// What may be a limit as well, where the first wrong password gets something else.
const FORBIDDEN: u16 = 403;
/// What a wrong password gets.
const REFUSES: [u16; 3] = [400, 401, FORBIDDEN];

/// The login that the run itself uses, where the scan says that it has no limit, or which one it has.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let login = api.recipe().and_then(|recipe| recipe.login.as_ref());
    let endpoint = login.filter(|login| login.password.is_some()).and_then(|login| api.endpoint(&login.endpoint));
    let case = |endpoint| {
        let finding = finding_at(api, endpoint, ATTACK.weaknesses);
        (finding.is_some() || !endpoint.limits.is_empty()).then_some(Case { endpoint, finding, recipe: None })
    };
    endpoint.and_then(case).into_iter().collect()
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        let index = run.person(THROW_AWAY).await?;
        run.allow(&case.endpoint.id().clone(), TRIES_MAX + 2);
        let right = run.login_with(index, None)?;
        let (answer, _) = run.send(side, Role::Control, &Caller::Nobody, right).await?;
        if !answer.is_success() {
            return Ok(Judged::without_control(unexpected(case.endpoint, &answer)));
        }
        let mut first: Option<u16> = None;
        for count in 1..=TRIES_MAX {
            let wrong = run.random.hex(24);
            let wrong = run.login_with(index, Some(wrong))?;
            let (answer, _) = run.send(side, Role::Attack, &Caller::Nobody, wrong).await?;
            let is_forbidden = answer.status == FORBIDDEN && first.is_some_and(|first| first != FORBIDDEN);
            if is_forbidden || LIMITED.contains(&answer.status) {
                let claim = format!("of wrong passwords of one account the {} gets {}", ordinal(count), answer.status);
                return Ok(Judged::held(claim, &answer));
            }
            // What is no refusal of a password says nothing of how many are taken.
            if !REFUSES.contains(&answer.status) {
                return Ok(Judged::new(Verdict::Inconclusive, format!("a wrong password gets {}", answer.status)));
            }
            first.get_or_insert(answer.status);
        }
        let Some(first) = first else { return obstacle("nothing was tried") };
        let right = run.login_with(index, None)?;
        let (answer, _) = run.send(side, Role::ReRead, &Caller::Nobody, right).await?;
        if REFUSES.contains(&answer.status) || LIMITED.contains(&answer.status) {
            let claim = format!("after {TRIES_MAX} wrong passwords the right one gets {}: it is locked", answer.status);
            return Ok(Judged::held(claim, &answer));
        }
        if !answer.is_success() {
            let claim = format!("after {TRIES_MAX} wrong passwords the right one gets {}", answer.status);
            return Ok(Judged::new(Verdict::Inconclusive, claim));
        }
        let claim = format!("{TRIES_MAX} wrong passwords of one account get {first}, and the right one is taken behind them");
        Ok(Judged::new(Verdict::Observed, claim))
    })
}

fn ordinal(count: usize) -> String {
    let end = match (count % 10, count % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{count}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_endings() {
        assert_eq!([1, 2, 3, 4, 11, 12, 13, 20, 21].map(ordinal).join(" "), "1st 2nd 3rd 4th 11th 12th 13th 20th 21st");
    }
}
