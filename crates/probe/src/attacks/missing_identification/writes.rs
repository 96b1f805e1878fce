//! The exchange where the endpoint writes: to objects of the run's own, and what it did is read back.

use std::sync::Arc;

use model::{Effect, Endpoint, Method, ObjectEffect, Place};
use serde_json::Value;

use super::super::Judged;
use super::{asks_for_more, proved, without_identification};
use crate::api::Api;
use crate::calls::Givens;
use crate::canary::Canary;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::fixture::{Created, Creation, mark_field};
use crate::journal::State;
use crate::request::{Body, Learned};
use crate::run::{Caller, Run, Trouble, obstacle};
use crate::session::unexpected;
use crate::verdict::Verdict;

pub(super) async fn write<'m>(run: &mut Run<'m>, endpoint: &'m Endpoint, side: Side) -> Result<Judged, Trouble> {
    let Some(effect) = main_effect(&run.api, &run.roles(), endpoint) else {
        return Ok(Judged::new(Verdict::NotSent, "what it writes is not known, so nothing could be undone"));
    };
    if run.options.level == crate::run::Level::Read {
        return Ok(Judged::new(Verdict::NotSent, "it writes, and the level is `read`"));
    }
    match effect {
        Effect::Create(made) => create(run, endpoint, made, side).await,
        Effect::Delete(gone) => delete(run, endpoint, gone, side).await,
        Effect::Update(changed) => update(run, endpoint, changed, side).await,
        _ => Ok(Judged::new(Verdict::NotSent, "it writes outside the objects of the model")),
    }
}

/// The effect that the endpoint is for: what is done to an object that the request names comes before what is made, and of
/// what is made that which somebody can read again, before what is only noted (an audit entry).
fn main_effect<'e>(api: &Api<'_>, roles: &[String], endpoint: &'e Endpoint) -> Option<&'e Effect> {
    let rank = |effect: &&Effect| {
        let object = effect.object();
        let is_named = object.and_then(|one| one.key.as_ref()).is_some_and(|key| key.place.is_chosen_by_client());
        let is_of_method = matches!(
            (endpoint.method(), effect),
            (Method::Delete, Effect::Delete(_)) | (Method::Put | Method::Patch, Effect::Update(_))
        );
        let is_read = object.is_some_and(|one| {
            api.reader(&one.object, roles).is_some() || api.lister(&one.object, &Givens::new(), roles).is_some()
        });
        let makes = matches!(effect, Effect::Create(_));
        (object.is_some(), is_named && is_of_method, is_named, makes && is_read, makes)
    };
    // Of several alike the first.
    endpoint.effects.iter().filter(|effect| effect.writes()).rev().max_by_key(rank)
}

async fn create<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    made: &ObjectEffect,
    side: Side,
) -> Result<Judged, Trouble> {
    let (a, object) = (run.person(0).await?, Arc::clone(&made.object));
    let own = makes_one(run, endpoint, &object, a, side).await?;
    if let Some(own) = own.as_ref().filter(|own| !own.is_success() && !asks_for_more(side, own)) {
        return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, own))));
    }
    let Creation { request, above, canary } = run.creation(&object, a, endpoint, 0).await?;
    let sent = run.create(&object, endpoint, &Caller::Nobody, request, &above, (side, Role::Attack)).await?;
    let Created { answer, key, .. } = sent;
    if let Some(own) = own.as_ref().filter(|own| !own.is_success()) {
        return Ok(without_identification(&answer, own));
    }
    if answer.refuses() {
        return Ok(Judged::held(format!("an anonymous call gets {}, while A makes one (`{object}`)", answer.status), &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("an anonymous call gets {}", answer.status)));
    }
    let (Some(key), Some(canary)) = (key, canary) else {
        let claim = format!("an anonymous call gets {}; no key or no free text tells whether one (`{object}`) was made", answer.status);
        return Ok(Judged::new(Verdict::Observed, claim));
    };
    let seen = match look(run, &object, &key, &above, a).await {
        Ok(seen) => seen,
        Err(Trouble::Obstacle(reason)) => {
            return Ok(Judged::new(Verdict::Observed, format!("an anonymous call gets {}; {reason}", answer.status)));
        }
        Err(halt) => return Err(halt),
    };
    match seen {
        Some(document) if canary.is_in(&document) => {
            proved(run, endpoint, side, format!("an anonymous call made a new `{object}`, and A reads it")).await
        }
        _ => Ok(Judged::new(Verdict::Observed, format!("an anonymous call gets {}; A does not see the `{object}`", answer.status))),
    }
}

/// The positive control: A makes one, and what came back. Directly that is the object of A's own, which later attacks need as
/// well; none where A has it already.
async fn makes_one<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    object: &Arc<str>,
    a: usize,
    side: Side,
) -> Result<Option<Answer>, Trouble> {
    if side == Side::Direct {
        let index = run.fixture(object, a, 0).await?;
        if let Some((_, number)) = run.fixtures[index].made.clone().filter(|(made_by, _)| made_by == endpoint.id()) {
            run.cite(number, Role::Control);
            return Ok(None);
        }
    }
    let Creation { request, above, .. } = run.creation(object, a, endpoint, 0).await?;
    let way = (side, Role::Control);
    let own = run.create(object, endpoint, &Caller::Person(a), request, &above, way).await?;
    Ok(Some(own.answer))
}

async fn update<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    changed: &ObjectEffect,
    side: Side,
) -> Result<Judged, Trouble> {
    let a = run.person(0).await?;
    let Own { object, key, above, givens } = own(run, endpoint, changed, a).await?;
    let extra = mark_field(&run.api, endpoint, &object);
    let attempt = |run: &mut Run<'m>, canary: &Canary, variant| {
        run.request(endpoint, &givens, Some(canary), extra.as_deref(), variant)
    };
    let canary = run.canary();
    let request = attempt(run, &canary, 0)?;
    let (own, _) = run.send(side, Role::Control, &Caller::Person(a), request).await?;
    let canary = run.canary();
    let request = attempt(run, &canary, 1)?;
    if asks_for_more(side, &own) {
        let (answer, _) = run.send(side, Role::Attack, &Caller::Nobody, request).await?;
        return Ok(without_identification(&answer, &own));
    }
    if !own.is_success() {
        return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, &own))));
    }
    // A new canary cannot have been there before. Where there is none, what it was like before decides.
    let is_marked = matches!(&request.body, Body::Json(document, _) if canary.is_in(document));
    let before = match is_marked {
        true => None,
        false => look(run, &object, &key, &above, a).await?,
    };
    let (answer, _) = run.send(side, Role::Attack, &Caller::Nobody, request).await?;
    if answer.refuses() {
        return Ok(Judged::held(format!("an anonymous call gets {}, while A changes its `{object}`", answer.status), &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("an anonymous call gets {}", answer.status)));
    }
    let after = look(run, &object, &key, &above, a).await?;
    let has_changed = match &after {
        Some(document) if is_marked => canary.is_in(document),
        after => before.is_some() && before != *after,
    };
    if has_changed {
        return proved(run, endpoint, side, format!("an anonymous call changed the `{object}` of A, and A reads the change")).await;
    }
    Ok(Judged::new(Verdict::Inconclusive, format!("an anonymous call gets {}, and the `{object}` is as it was", answer.status)))
}

async fn delete<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    gone: &ObjectEffect,
    side: Side,
) -> Result<Judged, Trouble> {
    let a = run.person(0).await?;
    let Own { object, key, above, givens } = own(run, endpoint, gone, a).await?;
    let request = run.request(endpoint, &givens, None, None, 0)?;
    if look(run, &object, &key, &above, a).await?.is_none() {
        return Ok(Judged::without_control(format!("A does not see the `{object}` that A made")));
    }
    let (answer, _) = run.send(side, Role::Attack, &Caller::Nobody, request.clone()).await?;
    if answer.refuses() {
        let (own, _) = run.send(side, Role::Control, &Caller::Person(a), request).await?;
        if asks_for_more(side, &own) {
            return Ok(without_identification(&answer, &own));
        }
        if !own.is_success() {
            return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, &own))));
        }
        used_up(run, &object, &key);
        return Ok(Judged::held(format!("an anonymous call gets {}, while A deletes its `{object}`", answer.status), &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("an anonymous call gets {}", answer.status)));
    }
    if look(run, &object, &key, &above, a).await?.is_some() {
        let claim = format!("an anonymous call gets {}, and the `{object}` is still there", answer.status);
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    used_up(run, &object, &key);
    proved(run, endpoint, side, format!("an anonymous call deleted the `{object}` of A: A read it before, and it is gone")).await
}

/// An object of the run's own, and the values that name it to an endpoint.
struct Own {
    object: Arc<str>,
    key: Learned,
    above: Givens,
    givens: Givens,
}

async fn own<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    effect: &ObjectEffect,
    owner: usize,
) -> Result<Own, Trouble> {
    let object = Arc::clone(&effect.object);
    if run.api.principal_object() == Some(&object) {
        return obstacle("it writes to an account, and those of this run are still needed");
    }
    let Some(parameter) = &effect.key else {
        return obstacle(format!("which `{object}` it writes is not known, so it could be somebody's"));
    };
    if !parameter.place.is_chosen_by_client() {
        return obstacle(format!("the `{object}` follows from the credential, and nobody has none"));
    }
    let mut givens = run.path_givens(endpoint, owner, 0).await?;
    let index = run.fixture(&object, owner, 0).await?;
    let (key, above) = (run.fixtures[index].key.clone(), run.fixtures[index].above.clone());
    if parameter.place != Place::Path {
        givens.insert(parameter.clone(), key.clone().into());
    }
    Ok(Own { object, key, above, givens })
}

/// The object as its owner reads it, past any gateway; none where it is not there.
async fn look(
    run: &mut Run<'_>,
    object: &Arc<str>,
    key: &Learned,
    above: &Givens,
    owner: usize,
) -> Result<Option<Value>, Trouble> {
    run.look(Role::ReRead, &Caller::Person(owner), object, key, above).await
}

/// The object is gone: there is nothing to undo, and nothing more to do with it.
fn used_up(run: &mut Run<'_>, object: &Arc<str>, key: &Learned) {
    let is_it = |one: &&mut crate::fixture::Fixture| one.object == *object && one.key.value == key.value;
    let entry = run.fixtures.iter_mut().find(is_it).and_then(|fixture| {
        fixture.is_spent = true;
        fixture.entry
    });
    if let Some(entry) = entry {
        run.settle(entry, None, State::Gone);
    }
}
