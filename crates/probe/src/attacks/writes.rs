//! Exchanges with endpoints that write: to objects of the run's own, and what was done is read back. Who takes part is said by the
//! attack.

use std::sync::Arc;

use model::{Effect, Endpoint, Method, ObjectEffect, Place};
use serde_json::Value;

use super::Judged;
use super::missing_identification::{asks_for_more, proved, without_identification};
use crate::api::Api;
use crate::calls::Givens;
use crate::canary::Canary;
use crate::client::Answer;
use crate::evidence::{Role, Side};
use crate::fixture::{Created, Creation, mark_field};
use crate::journal::State;
use crate::request::{Body, Learned, Request};
use crate::run::{Caller, Run, Trouble, label, obstacle};
use crate::session::unexpected;
use crate::verdict::Verdict;

/// Who takes part in an exchange.
pub(super) struct Cast {
    /// Whose the object is: the legitimate caller, by number.
    pub(super) owner: usize,
    /// Who should not be able to do it.
    pub(super) attacker: Caller,
    /// What shows that the same API can refuse.
    pub(super) contrast: Contrast,
}

/// The negative control: what is refused in the same API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Contrast {
    /// A call without a credential, at the nearest protected sibling.
    Sibling,
    /// A call without a credential, at the very endpoint.
    Anonymous,
    /// A call of the attacker, at the nearest endpoint that asks for another role.
    Role,
}

impl Cast {
    /// The legitimate caller in words.
    fn owner(&self) -> Arc<str> {
        label(self.owner)
    }

    /// The attack in words.
    fn call(&self) -> String {
        match &self.attacker {
            Caller::Nobody => "an anonymous call".to_owned(),
            Caller::Person(index) => label(*index).to_string(),
            Caller::Bearer { label, .. } => (*label).to_owned(),
        }
    }

    /// Whether an answer turns the attacker away. To somebody who is known an object may also be hidden.
    fn is_turned_away(&self, answer: &Answer) -> bool {
        answer.refuses() || (!self.is_nobody() && answer.hides())
    }

    fn is_nobody(&self) -> bool {
        matches!(self.attacker, Caller::Nobody)
    }

    /// Whether a gateway asks the legitimate caller for more than an account of this run has, which says something about nobody
    /// alone.
    fn is_asked_for_more(&self, side: Side, own: &Answer) -> bool {
        self.is_nobody() && asks_for_more(side, own)
    }
}

pub(super) async fn write<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    side: Side,
    cast: &Cast,
) -> Result<Judged, Trouble> {
    for caller in [&Caller::Person(cast.owner), &cast.attacker] {
        if let Caller::Person(index) = caller {
            run.person(*index).await?;
        }
    }
    let Some(effect) = main_effect(&run.api, &run.roles(), endpoint) else {
        return Ok(Judged::new(Verdict::NotSent, "what it writes is not known, so nothing could be undone"));
    };
    if run.options.level == crate::run::Level::Read {
        return Ok(Judged::new(Verdict::NotSent, "it writes, and the level is `read`"));
    }
    match effect {
        Effect::Create(made) => create(run, endpoint, made, side, cast).await,
        Effect::Delete(gone) => delete(run, endpoint, gone, side, cast).await,
        Effect::Update(changed) => update(run, endpoint, changed, side, cast).await,
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
    cast: &Cast,
) -> Result<Judged, Trouble> {
    let (a, object, call) = (cast.owner, Arc::clone(&made.object), cast.call());
    let own = makes_one(run, endpoint, &object, a, side).await?;
    if let Some(own) = own.as_ref().filter(|own| !own.is_success() && !cast.is_asked_for_more(side, own)) {
        return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, own))));
    }
    let Creation { request, above, canary } = run.creation(&object, a, endpoint, 0).await?;
    let sent = run.create(&object, endpoint, &cast.attacker, request, &above, (side, Role::Attack)).await?;
    let Created { answer, key, entry, .. } = sent;
    if let Some(key) = &key {
        run.taken_away_by(entry, &object, key, &above, a);
    }
    if let Some(own) = own.as_ref().filter(|own| !own.is_success()) {
        return Ok(without_identification(&answer, own));
    }
    if cast.is_turned_away(&answer) {
        let claim = format!("{call} gets {}, while {} makes one (`{object}`)", answer.status, cast.owner());
        return Ok(Judged::held(claim, &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("{call} gets {}", answer.status)));
    }
    let (Some(key), Some(canary)) = (key, canary) else {
        let claim =
            format!("{call} gets {}; no key or no free text tells whether one (`{object}`) was made", answer.status);
        return Ok(Judged::new(Verdict::Observed, claim));
    };
    let seen = match look(run, &object, &key, &above, a).await {
        Ok(seen) => seen,
        Err(Trouble::Obstacle(reason)) => {
            return Ok(Judged::new(Verdict::Observed, format!("{call} gets {}; {reason}", answer.status)));
        }
        Err(halt) => return Err(halt),
    };
    match seen {
        Some(document) if canary.is_in(&document) => {
            let claim = format!("{call} made a new `{object}`, and {} reads it", cast.owner());
            contrasted(run, endpoint, side, cast, None, claim).await
        }
        _ => {
            let claim = format!("{call} gets {}; {} does not see the `{object}`", answer.status, cast.owner());
            Ok(Judged::new(Verdict::Observed, claim))
        }
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
    cast: &Cast,
) -> Result<Judged, Trouble> {
    let (a, call) = (cast.owner, cast.call());
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
    if cast.is_asked_for_more(side, &own) {
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
    let (answer, _) = run.send(side, Role::Attack, &cast.attacker, request.clone()).await?;
    if cast.is_turned_away(&answer) {
        let claim = format!("{call} gets {}, while {} changes its `{object}`", answer.status, cast.owner());
        return Ok(Judged::held(claim, &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("{call} gets {}", answer.status)));
    }
    let after = look(run, &object, &key, &above, a).await?;
    let has_changed = match &after {
        Some(document) if is_marked => canary.is_in(document),
        after => before.is_some() && before != *after,
    };
    if !has_changed {
        let claim = format!("{call} gets {}, and the `{object}` is as it was", answer.status);
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    let claim = format!("{call} changed the `{object}` of {0}, and {0} reads the change", cast.owner());
    // Many objects have something that whoever is signed in may count up: only what the attacker chose is told from that.
    if !is_marked && !cast.is_nobody() {
        return Ok(Judged::new(Verdict::Observed, format!("{claim}; nothing of it is what {call} chose")));
    }
    contrasted(run, endpoint, side, cast, Some(request), claim).await
}

async fn delete<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    gone: &ObjectEffect,
    side: Side,
    cast: &Cast,
) -> Result<Judged, Trouble> {
    let (a, call) = (cast.owner, cast.call());
    let Own { object, key, above, givens } = own(run, endpoint, gone, a).await?;
    let request = run.request(endpoint, &givens, None, None, 0)?;
    if look(run, &object, &key, &above, a).await?.is_none() {
        return Ok(Judged::without_control(format!("{0} does not see the `{object}` that {0} made", cast.owner())));
    }
    let (answer, _) = run.send(side, Role::Attack, &cast.attacker, request.clone()).await?;
    if cast.is_turned_away(&answer) {
        let (own, _) = run.send(side, Role::Control, &Caller::Person(a), request).await?;
        if cast.is_asked_for_more(side, &own) {
            return Ok(without_identification(&answer, &own));
        }
        if !own.is_success() {
            return Ok(Judged::without_control(format!("to the legitimate caller {}", unexpected(endpoint, &own))));
        }
        used_up(run, &object, &key);
        let claim = format!("{call} gets {}, while {} deletes its `{object}`", answer.status, cast.owner());
        return Ok(Judged::held(claim, &answer));
    }
    if !answer.is_success() {
        return Ok(Judged::new(Verdict::Inconclusive, format!("{call} gets {}", answer.status)));
    }
    if look(run, &object, &key, &above, a).await?.is_some() {
        let claim = format!("{call} gets {}, and the `{object}` is still there", answer.status);
        return Ok(Judged::new(Verdict::Inconclusive, claim));
    }
    used_up(run, &object, &key);
    let claim = format!("{call} deleted the `{object}` of {0}: {0} read it before, and it is gone", cast.owner());
    contrasted(run, endpoint, side, cast, Some(request), claim).await
}

/// Proved, if the same API refuses what the contrast is about; observed, if it does not, or there is nothing to compare with.
async fn contrasted<'m>(
    run: &mut Run<'m>,
    endpoint: &'m Endpoint,
    side: Side,
    cast: &Cast,
    request: Option<Request>,
    claim: String,
) -> Result<Judged, Trouble> {
    let (caller, request, id) = match (cast.contrast, request) {
        (Contrast::Sibling, _) => return proved(run, endpoint, side, claim).await,
        (Contrast::Anonymous, Some(request)) => (Caller::Nobody, request, endpoint.id()),
        (Contrast::Anonymous, None) => {
            return Ok(Judged::new(Verdict::Observed, format!("{claim}; that it refuses anybody was not tried")));
        }
        (Contrast::Role, _) => {
            let roles = match &cast.attacker {
                Caller::Person(index) => run.known(*index).map(|person| person.roles.clone()).unwrap_or_default(),
                _ => Vec::new(),
            };
            let Some(sibling) = run.api.sibling_with_role(endpoint, &roles) else {
                let claim = format!("{claim}; no endpoint that asks for a role could be asked");
                return Ok(Judged::new(Verdict::Observed, claim));
            };
            let request = run.request(sibling, &Givens::new(), None, None, 0)?;
            (cast.attacker.clone(), request, sibling.id())
        }
    };
    let (answer, _) = run.send(side, Role::Negative, &caller, request).await?;
    if answer.refuses() {
        let who = if matches!(caller, Caller::Nobody) { "an anonymous call".to_owned() } else { cast.call() };
        return Ok(Judged::new(Verdict::Proved, format!("{claim}; `{id}` refuses {who}")));
    }
    match cast.contrast {
        Contrast::Anonymous if answer.is_success() => {
            let claim = format!("{claim}; so does an anonymous call: that is missing identification, not this");
            Ok(Judged::new(Verdict::Inconclusive, claim))
        }
        _ => Ok(Judged::new(Verdict::Observed, format!("{claim}; `{id}` gets {} and does not refuse", answer.status))),
    }
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
    // Databases give the key of what is gone to what is made next.
    let is_it =
        |one: &&mut crate::fixture::Fixture| one.object == *object && one.key.value == key.value && !one.is_spent;
    let entry = run.fixtures.iter_mut().find(is_it).and_then(|fixture| {
        fixture.is_spent = true;
        fixture.entry
    });
    if let Some(entry) = entry {
        run.settle(entry, None, State::Gone);
    }
}
