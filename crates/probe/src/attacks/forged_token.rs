//! `forged-token`: a token that the run signs itself, with the key that stands in the code.

use std::sync::Arc;

use model::{Endpoint, KeySource, Method, Secret, TokenKind, TokenRecipe, Weakness};
use serde_json::Value;

use super::{Attack, Case, Exchanged, Judged};
use crate::api::{Api, path_parameters};
use crate::calls::Givens;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::request::{Learned, Request};
use crate::run::{Caller, Run, Trouble, obstacle};
use crate::session::{Person, unexpected};
use crate::token::{self, Algorithm};
use crate::values::declared;
use crate::verdict::Verdict;

pub(super) const ATTACK: Attack = Attack {
    name: "forged-token",
    weaknesses: &[Weakness::WeakTokenKey],
    summary: "a token signed with the key that stands in the code is accepted",
    page: PAGE,
    unshielded: Some(
        "a token correctly signed with a known key cannot be told from a real one: give the application and the gateway a \
         new key, and let the gateway refuse the known one",
    ),
    cases,
    exchange,
};

const PAGE: &str = "## The exchange

The claims are those of B's own token, issued a second earlier; the signature is made with the key that the scan found in the code.

```http
GET /users/me    Bearer, as issued to B             200, shows B    positive control
GET /users/me    Bearer, signed with the known key  200, shows B    the attack
GET /users/me    Bearer, signed with another key    401             negative control
```

## What it proves

Whoever has read the code can act as anybody: the key is the one in use. Only identities of this run are forged.

## Held

The forged token is refused: the key in the code is not the one in use there.
";

/// One case for each token whose key is known: at the endpoint that shows best who asks.
fn cases<'m>(api: &Api<'m>) -> Vec<Case<'m>> {
    let findings = &api.report.findings;
    let finding = findings.iter().find(|one| ATTACK.weaknesses.contains(&one.weakness));
    let forgeable = |one: &&TokenRecipe| one.kind == TokenKind::Jwt && known_key(one).is_some();
    let own = api.recipe().into_iter().filter(forgeable);
    let case = |recipe| Some(Case { endpoint: mirror(api)?, finding, recipe: Some(recipe) });
    own.filter_map(case).collect()
}

/// The key that a token is checked with, where the code holds it.
fn known_key(recipe: &TokenRecipe) -> Option<&Secret<String>> {
    let check = recipe.check.as_ref().filter(|check| !check.is_by_public_key());
    let sources = [check.map(|check| &check.key), recipe.issue.as_ref().map(|issue| &issue.key)];
    sources.into_iter().flatten().find_map(|source| match source {
        KeySource::Literal { value, .. } => value.as_ref(),
        KeySource::Setting { default, .. } => default.as_ref(),
        _ => None,
    })
}

/// The last segments of paths that often answer with who asks. They choose what is tried, and prove nothing.
const SELF: &[&str] = &["me", "self", "whoami", "profile", "account"];

/// The endpoint that shows best who asks: of those that ask for an identity and nothing else, the one whose answer has most
/// of what is known of a principal.
pub(super) fn mirror<'m>(api: &Api<'m>) -> Option<&'m Endpoint> {
    let principal = api.principal_object().and_then(|object| api.object(object));
    let shown = |endpoint: &Endpoint| {
        let answer = endpoint.response.as_ref().filter(|answer| !answer.many);
        let schema = answer.and_then(|answer| api.schemas.of(answer.schema.as_ref()?)).unwrap_or_default();
        let is_column = |name: &str| principal.is_some_and(|object| object.column(name).is_some());
        declared(&schema).filter(|name| is_column(name)).count()
    };
    let simple = |one: &&Endpoint| {
        *one.method() == Method::Get
            && api.admits_identified(one)
            && path_parameters(one) == 0
            && one.effects.iter().all(|effect| !effect.writes())
    };
    api.endpoints().filter(simple).max_by_key(|one| {
        let template = one.id().template();
        let is_self = template.trim_end_matches('/').rsplit('/').next().is_some_and(|last| SELF.contains(&last));
        (shown(one), is_self, std::cmp::Reverse(template.len()))
    })
}

fn exchange<'r, 'm>(run: &'r mut Run<'m>, case: &'r Case<'m>, side: Side) -> Exchanged<'r> {
    Box::pin(forge(run, case, side))
}

async fn forge<'m>(run: &mut Run<'m>, case: &Case<'m>, side: Side) -> Result<Judged, Trouble> {
    let endpoint = case.endpoint;
    let Some((recipe, key)) = case.recipe.and_then(|recipe| Some((recipe, known_key(recipe)?))) else {
        return obstacle("the key is not known");
    };
    let Some(algorithm) = algorithm(recipe) else {
        return Ok(Judged::new(Verdict::NotSent, "the tokens are not signed with HMAC, which is what is forged"));
    };
    let index = run.person(1).await?;
    let Some(person) = run.known(index).cloned() else { return obstacle("the identity is not known") };
    let request = run.request(endpoint, &Givens::new(), None, None, 0)?;
    let (genuine, _) = run.send(side, Role::Control, &Caller::Person(index), request.clone()).await?;
    if !genuine.is_success() {
        return Ok(Judged::without_control(unexpected(endpoint, &genuine)));
    }
    if !shows(&genuine, &person) {
        return Ok(Judged::without_control("the answer to B's own token does not show B"));
    }
    let forged = counterfeit(&person, algorithm, key.expose().as_bytes())?;
    let known = Forgery { label: "forged", variable: "FORGED", token: forged };
    let answer = present(run, side, Role::Attack, &request, known).await?;
    if !answer.is_success() {
        return Ok(match answer.turns_away() {
            true => Judged::held(format!("the forged token gets {}: that key is not in use there", answer.status), &answer),
            false => Judged::new(Verdict::Inconclusive, format!("the forged token gets {}", answer.status)),
        });
    }
    if !shows(&answer, &person) {
        return Ok(Judged::new(Verdict::Inconclusive, "the forged token is taken, and the answer does not show B"));
    }
    let other_key = run.random.hex(64);
    let other = counterfeit(&person, algorithm, other_key.as_bytes())?;
    let twin = Forgery { label: "wrong key", variable: "WRONG", token: other };
    let refused = present(run, side, Role::Negative, &request, twin).await?;
    Ok(match refused.turns_away() {
        true => Judged::new(
            Verdict::Proved,
            format!("a token signed with the key in the code acts as B; one with another key gets {}", refused.status),
        ),
        false => Judged::new(
            Verdict::Inconclusive,
            format!("a token signed with any key gets {}: the signature decides nothing", refused.status),
        ),
    })
}

fn algorithm(recipe: &TokenRecipe) -> Option<Algorithm> {
    let issued = recipe.issue.as_ref().and_then(|issue| issue.algorithm.value()).map(|name| &**name);
    let checked = recipe.check.iter().flat_map(|check| &check.algorithms).map(|name| &**name);
    issued.into_iter().chain(checked).find_map(Algorithm::named)
}

/// A token that the run made.
pub(super) struct Forgery {
    pub(super) label: &'static str,
    pub(super) variable: &'static str,
    pub(super) token: String,
}

/// Sends a request with a token that the run made.
pub(super) async fn present(
    run: &mut Run<'_>,
    side: Side,
    role: Role,
    request: &Request,
    forgery: Forgery,
) -> Result<Answer, Trouble> {
    let name: Arc<str> = forgery.variable.into();
    let token = Learned { name, value: Value::from(forgery.token), is_secret: true };
    let caller = Caller::Bearer { label: forgery.label, token };
    let (answer, _) = run.send(side, role, &caller, request.clone()).await?;
    Ok(answer)
}

/// B's token, issued a second earlier, so that it is another one whatever the key.
fn counterfeit(person: &Person, algorithm: Algorithm, key: &[u8]) -> Result<String, Trouble> {
    let genuine = person.token.text();
    let (Some(header), Some(mut claims)) = (token::header(&genuine), token::claims(&genuine)) else {
        return obstacle("the token that was issued is no JSON Web Token");
    };
    match claims.get("iat").and_then(Value::as_i64) {
        Some(issued) => _ = claims.insert("iat".to_owned(), Value::from(issued - 1)),
        None => match claims.get("exp").and_then(Value::as_i64) {
            Some(expires) => _ = claims.insert("exp".to_owned(), Value::from(expires - 1)),
            None => _ = claims.insert("iat".to_owned(), Value::from(0)),
        },
    }
    token::forged(&header, &claims, algorithm, key)
        .map_or_else(|| obstacle("the token could not be signed"), Ok)
}

/// Whether an answer shows who asked: the canary of the account, or its key.
pub(super) fn shows(answer: &Answer, person: &Person) -> bool {
    let Some(document) = &answer.json else { return false };
    let by_canary = person.canary.as_ref().is_some_and(|canary| canary.is_in(document));
    let is_key = |value: &Value| person.id.as_ref().is_some_and(|id| id.value == *value);
    by_canary || document.as_object().is_some_and(|fields| fields.values().any(is_key))
}
