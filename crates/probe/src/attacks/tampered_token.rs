//! `tampered-token`: tokens that nobody issued, made of a genuine one without any key: a JSON Web Token (RFC 8725 sections 2.1 and 3.1), or
//! one that is looked up, by the application or by the authorization server that it asks (RFC 7662).

use model::{Finding, TokenKind, Weakness};
use serde_json::Value;

use super::forged_token::{Forgery, mirror, present, shows};
use super::{Attack, Case, Exchanged, Judged, finding_at};
use crate::api::Api;
use crate::calls::Givens;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::run::{Caller, Run, obstacle};
use crate::session::unexpected;
use crate::token;
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "tampered-token",
    weaknesses: &[Weakness::UnverifiedToken, Weakness::TokenAlgorithmConfusion],
    summary: "a token is accepted that was changed, has no signature, or chose its own algorithm",
    page: PAGE,
    unshielded: None,
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

Each token is made of the one that was issued to B, without any key: the claims stay B's, so that nobody else is acted as.

```http
GET /users/me    Bearer, as issued to B                        200, shows B    positive control
GET /users/me    Bearer, `alg` is `none`, no signature         401             the attack
GET /users/me    Bearer, as issued, without its signature      401             the attack
GET /users/me    Bearer, other claims, the signature of before 401             the attack
GET /users/me    Bearer, HMAC with an empty key                401             the attack
GET /users/me    Bearer, three words                           401             negative control
```

Of a token that is looked up, or that a framework signs, they are the genuine one with one character changed, and its first half.

## What it proves

Where one of them is answered as B, and a text that is no token is turned away: whoever knows what a token looks like can act as
anybody, without a key; or needs to know, or to guess, only a part of one.

## Held

Every one of them is turned away, and the genuine one is not: with 401 or 403, with 400, 404 or 422, or to somewhere else.
";

/// How many requests it may send on each side: the genuine token, each of its twins, what is no token.
const REQUESTS: usize = 6;

/// One case for each API whose tokens are known: at the endpoint that shows best who asks.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let Some(recipe) = api.recipe() else { return Vec::new() };
    let case = |endpoint| {
        let here = finding_at(api, endpoint, ATTACK.weaknesses);
        // What is found elsewhere is about tokens of this kind alone.
        let is_of_kind = |one: &&Finding| recipe.kind == TokenKind::Jwt && ATTACK.weaknesses.contains(&one.weakness);
        let elsewhere = || api.report.findings.iter().find(is_of_kind);
        Case { endpoint, finding: here.or_else(elsewhere), recipe: Some(recipe) }
    };
    mirror(api).map(case).into_iter().collect()
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(async move {
        let index = run.person(1).await?;
        let Some(person) = run.known(index).cloned() else { return obstacle("the identity is not known") };
        let Some(twins) = twins(&person.token.text()) else {
            return obstacle("the token that was issued is too short to change it");
        };
        run.allow(&case.endpoint.id().clone(), REQUESTS);
        let request = run.request(case.endpoint, &Givens::new(), None, None, 0)?;
        let (genuine, _) = run.send(side, Role::Control, &Caller::Person(index), request.clone()).await?;
        if !genuine.is_success() {
            return Ok(Judged::without_control(unexpected(case.endpoint, &genuine)));
        }
        let (mut refused, mut unclear): (Option<(Answer, usize)>, Option<String>) = (None, None);
        for (what, twin) in twins {
            let answer = present(run, side, Role::Attack, &request, twin).await?;
            if answer.turns_away() {
                let count = refused.map_or(0, |(_, count)| count);
                refused = Some((answer, count + 1));
                continue;
            }
            // What is said of one says nothing of the next: an application may fail at one and take the other.
            if !answer.is_success() {
                unclear.get_or_insert(format!("a token {what} gets {}", answer.status));
                continue;
            }
            if !shows(&answer, &person) {
                unclear.get_or_insert(format!("a token {what} is taken, and the answer does not show B"));
                continue;
            }
            let token = "no.token.here".to_owned();
            let none = Forgery { label: "no token", variable: "NO_TOKEN", token };
            let answer = present(run, side, Role::Negative, &request, none).await?;
            return Ok(match answer.turns_away() {
                true => Judged::new(
                    Verdict::Proved,
                    format!("a token {what} acts as B; what is no token gets {}", answer.status),
                ),
                false => Judged::new(
                    Verdict::Inconclusive,
                    format!("what is no token gets {}, too: nothing is decided by it", answer.status),
                ),
            });
        }
        if let Some(claim) = unclear {
            return Ok(Judged::new(Verdict::Inconclusive, claim));
        }
        let Some((answer, count)) = refused else { return obstacle("no token was made") };
        let claim = format!("{count} tokens that nobody issued get {}, while the genuine one is taken", answer.status);
        Ok(Judged::held(claim, &answer))
    })
}

/// A token that the run made, and what is said of it.
type Twin = (&'static str, Forgery);

fn twin(what: &'static str, label: &'static str, variable: &'static str, token: String) -> Twin {
    (what, Forgery { label, variable, token })
}

/// What can be made of a token without a key; nothing where it is too short.
fn twins(genuine: &str) -> Option<Vec<Twin>> {
    twins_of_claims(genuine).or_else(|| twins_of_text(genuine))
}

/// Of a JSON Web Token; nothing where it is none that can be read.
fn twins_of_claims(genuine: &str) -> Option<Vec<Twin>> {
    let (header, claims) = (token::header(genuine)?, token::claims(genuine)?);
    let (signed, signature) = genuine.rsplit_once('.')?;
    let mut unsigned = header.clone();
    unsigned.insert("alg".to_owned(), Value::from("none"));
    let mut changed = claims.clone();
    // A claim that no reader knows: the one who is acted as stays the same.
    changed.insert("changed".to_owned(), Value::from(true));
    let empty_key = token::forged(&header, &claims, token::Algorithm::Hs256, b"")?;
    Some(vec![
        twin("whose `alg` is `none`", "unsigned", "UNSIGNED", format!("{}.", token::joined(&unsigned, &claims)?)),
        twin("without its signature", "stripped", "STRIPPED", format!("{signed}.")),
        twin("with other claims", "changed", "CHANGED", format!("{}.{signature}", token::joined(&header, &changed)?)),
        twin("signed with an empty key", "empty key", "EMPTY_KEY", empty_key),
    ])
}

/// How short a token may be that is cut in half: the half of a shorter one may be another one by chance.
const TEXT_CHARS_MIN: usize = 16;

/// Of a token that is looked up or signed by a framework.
fn twins_of_text(genuine: &str) -> Option<Vec<Twin>> {
    let mut changed: Vec<char> = genuine.chars().collect();
    if changed.len() < TEXT_CHARS_MIN {
        return None;
    }
    let half = changed[..changed.len() / 2].iter().collect();
    // Near the end stands the signature, if there is one; its last character may hold bits that nobody reads.
    let last = changed.iter().rposition(char::is_ascii_alphanumeric)?;
    let at = changed[..last].iter().rposition(char::is_ascii_alphanumeric)?;
    // Whoever compares without regard to case reads another letter there as well.
    changed[at] = if changed[at].eq_ignore_ascii_case(&'A') { 'B' } else { 'A' };
    Some(vec![
        twin("with one character changed", "changed", "CHANGED", changed.into_iter().collect()),
        twin("that is the first half of one", "half", "HALF", half),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_twin_is_another_token_of_the_same_holder() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        let (header, claims) = (map(json!({ "alg": "HS256" })), map(json!({ "sub": "7" })));
        let genuine = token::forged(&header, &claims, token::Algorithm::Hs256, b"a key").unwrap();
        let twins = twins(&genuine).unwrap();
        let mut texts: Vec<&str> = twins.iter().map(|(_, twin)| twin.token.as_str()).chain([genuine.as_str()]).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), 5);
        for (_, twin) in &twins {
            assert_eq!(token::claims(&twin.token).unwrap()["sub"], "7", "{}", twin.label);
        }
        assert_eq!(token::header(&twins[0].1.token).unwrap()["alg"], "none");
    }

    #[test]
    fn a_token_that_is_looked_up_is_changed_and_cut() {
        let of = |genuine: &str| {
            let twins = twins(genuine)?;
            Some(twins.into_iter().map(|(_, twin)| twin.token).collect::<Vec<_>>())
        };
        assert_eq!(of("0123456789abcdef").unwrap(), ["0123456789abcdAf", "01234567"]);
        assert_eq!(of("0123456789abcAd==").unwrap(), ["0123456789abcBd==", "01234567"]);
        assert_eq!(of("0123456789abcdab").unwrap(), ["0123456789abcdBb", "01234567"]);
        assert_eq!(of("0123456789abcde"), None);
        assert_eq!(of(&"-".repeat(TEXT_CHARS_MIN)), None, "nothing in it can be changed");
    }
}
