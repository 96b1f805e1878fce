//! Ids that callers were given. Answers of routes with `gives` say which: lists of the caller's own objects, and what the caller
//! made. A grant with `learned` asks for one of them. What is known is bounded and begins with this process, or lasts in a store that
//! gateways share; where it cannot be told, that is said, and the policy decides.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, RANGE};
use model::Method;
use policy::{Gives, Grant, Identity, JwtIdentity, Learned as Asked, Pointer, WhenUnknown};
use serde_json::Value;

use super::ownership::PARTIAL;
use super::roles::keep;
use crate::exchange::{Answer, Exchange, Principal};
use crate::json;
use crate::learned::{Given, Holder, Learned};
use crate::obligation::Withheld;
use crate::pipeline::{BodyNeed, Layer, LayerName, Resume, Verdict, needed};
use crate::record::{Decision, cut};
use crate::refusal::DETAIL_BYTES_MAX;
use crate::site::Site;
use crate::store::Noted;
use crate::store::shared::Shared;
use crate::store::subject::{Of, Subject};
use crate::token::text_of;

/// The most bytes of an answer in which ids are looked for. A longer one gives some that are not known.
const GIVEN_BODY_BYTES_MAX: usize = 1024 * 1024;
/// The most ids that are learned of one answer.
const GIVEN_AT_ONCE_MAX: usize = 1000;
/// How long a store that gateways share knows that an id was given.
const GIVEN_TIME: Duration = Duration::from_hours(24 * 30);

/// Knows who was given what.
struct Ids(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let mut routes = site.policy.iter().flat_map(|policy| &policy.routes).map(|route| &route.settings);
    let is_used = routes.any(|route| !route.gives.is_empty() || route.allow.iter().any(|one| one.learned.is_some()));
    needed(is_used, Ids(site.clone()))
}

/// An id of which a grant asks whether somebody was given it.
struct Question {
    /// The place of the grant, and who.
    grant: usize,
    subject: Who,
    asked: Asked,
    id: String,
    given: Given,
}

/// Somebody, as what was given to them is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Who {
    identity: String,
    subject: String,
}

impl Who {
    /// By the subject that the policy names. Where the application is asked for that, which it is not on every route, by the one of the
    /// credential itself.
    fn of(principal: &Principal, site: &Site) -> Option<Self> {
        let is_looked_up = matches!(
            site.identity(&principal.identity),
            Some(Identity::Jwt(JwtIdentity { subject: Some(policy::Subject::Lookup(_)), .. }))
        );
        let subject = match is_looked_up {
            true => principal.claims.get("sub").and_then(text_of),
            false => principal.subject.clone(),
        };
        Some(Self { identity: principal.identity.clone(), subject: subject? })
    }

    fn holder(&self, learned: &Learned, objects: &str) -> Holder {
        learned.holder(&self.identity, &self.subject, objects)
    }

    /// Under which a store notes that they were given an id, and that they were given some that could not be read.
    fn noted(&self, objects: &str, id: Option<&str>) -> Subject {
        let limit = if id.is_some() { "given id" } else { "given unread" };
        let mut of = vec![Of::Principal(self.identity.clone(), Some(self.subject.clone()))];
        of.extend([Some(objects), id].into_iter().flatten().map(|text| Of::Field(text.to_owned())));
        Subject { limit: Arc::from(limit), of }
    }
}

impl Layer for Ids {
    fn response_body(&self, exchange: &Exchange) -> BodyNeed {
        match &exchange.answer {
            Answer::Withheld(withheld) if withheld.status().is_success() && self.whom(exchange).is_some() => {
                BodyNeed::Buffer(GIVEN_BODY_BYTES_MAX)
            }
            _ => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let Some(learned) = &self.0.learned else { return Verdict::Continue };
        if exchange.route().is_some_and(|route| !route.settings.gives.is_empty()) {
            // A write keeps its conditions.
            let is_read = matches!(exchange.method, Method::Get | Method::Head);
            for name in PARTIAL.iter().filter(|name| is_read || [ACCEPT_ENCODING, RANGE].contains(name)) {
                exchange.parts.headers.remove(name);
            }
        }
        if !exchange.open_grants().iter().any(|(_, grant)| grant.learned.is_some()) {
            return Verdict::Continue;
        }
        let mut questions = questions(exchange, &self.0, learned);
        let unsure = questions.iter().filter(|one| one.given != Given::Yes);
        let under: Vec<Subject> = unsure
            .flat_map(|one| {
                let objects = &one.asked.objects;
                [one.subject.noted(objects, Some(&one.id)), one.subject.noted(objects, None)]
            })
            .collect();
        if under.is_empty() || self.0.store.is_none() {
            return decide(exchange, &questions);
        }
        let (store, _) = exchange.worker.stores();
        let Noted::Later(noted) = store.noted_there(&under.into(), exchange.worker.now()) else {
            return decide(exchange, &questions);
        };
        Verdict::Wait(Box::pin(async move {
            let noted = noted.await;
            let mut told = noted.as_deref().map(|all| all.chunks(2));
            for one in questions.iter_mut().filter(|one| one.given != Given::Yes) {
                one.given = match told.as_mut().and_then(Iterator::next) {
                    Some([Some(_), _]) => Given::Yes,
                    // What this process could not read it may not have noted there.
                    Some([None, None]) => one.given,
                    // A store that does not answer knows what this process does not.
                    _ => Given::Unknown,
                };
            }
            let resume: Resume = Box::new(move |exchange| decide(exchange, &questions));
            resume
        }))
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        let (Some(learned), Some(who)) = (&self.0.learned, self.whom(exchange)) else { return Verdict::Continue };
        let Answer::Withheld(withheld) = &exchange.answer else { return Verdict::Continue };
        // What another layer would have refused, were it not in report mode, was not for the caller.
        if !exchange.went_well() {
            return Verdict::Continue;
        }
        if !withheld.status().is_success() || withheld.read().is_some_and(Bytes::is_empty) {
            return Verdict::Continue;
        }
        let document = document(withheld);
        let gives = exchange.route().map(|route| route.settings.gives.as_slice()).unwrap_or_default();
        for gives in gives {
            let ids = document.as_ref().ok_or(()).and_then(|document| ids(document, gives));
            take(learned, self.0.store.as_deref(), &who, gives, &ids, exchange.worker.now());
            if ids.is_err() {
                let why = format!("which `{}` the caller was given cannot be read in the answer", gives.objects);
                exchange.decided(LayerName::LEARNED, Decision::Admitted, &why);
            }
        }
        Verdict::Continue
    }
}

impl Ids {
    /// To whom an answer gives ids, if it gives any.
    fn whom(&self, exchange: &Exchange) -> Option<Who> {
        let gives = exchange.route().is_some_and(|route| !route.settings.gives.is_empty());
        let has_body = exchange.method != Method::Head;
        let whom = (gives && has_body && self.0.learned.is_some()).then(|| exchange.admitted_as()).flatten();
        whom.and_then(|one| Who::of(one, &self.0))
    }
}

/// What the open grants ask for, with what this process knows of it.
fn questions(exchange: &Exchange, site: &Site, learned: &Learned) -> Vec<Question> {
    let mut questions = Vec::new();
    for (grant, settings) in exchange.open_grants() {
        let Some(asked) = &settings.learned else { continue };
        let parameter = exchange.parameters.iter().find(|(known, _)| *known == asked.parameter);
        let Some((_, id)) = parameter else { continue };
        let principals = exchange.principals.iter().filter(|one| one.identity == settings.identity);
        for subject in principals.filter_map(|one| Who::of(one, site)) {
            let given = learned.was_given(subject.holder(learned, &asked.objects), id);
            questions.push(Question { grant, subject, asked: asked.clone(), id: id.clone(), given });
        }
    }
    questions
}

fn decide(exchange: &mut Exchange, questions: &[Question]) -> Verdict {
    let site = exchange.worker.site.clone();
    let open: Vec<usize> = exchange.open_grants().iter().map(|(index, _)| *index).collect();
    let goes_on = |one: &&Question| one.given == Given::Unknown && one.asked.when_unknown == Some(WhenUnknown::Admit);
    for one in questions.iter().filter(goes_on).filter(|one| open.contains(&one.grant)) {
        let why =
            format!("whether the caller was given `{}` of `{}` cannot be told", shown(&one.id), one.asked.objects);
        exchange.decided(LayerName::LEARNED, Decision::Admitted, &cut(why, DETAIL_BYTES_MAX));
    }
    let before = exchange.grants.clone();
    let verdict = keep(exchange, |grant, principal| missing(questions, &site, grant, principal));
    if !exchange.says(LayerName::LEARNED) {
        // What is only reported takes no grant from who is judged by another layer next.
        exchange.grants = before;
    }
    verdict
}

/// Why a principal has not what a grant asks for.
fn missing(questions: &[Question], site: &Site, grant: &Grant, principal: &Principal) -> Option<String> {
    let asked = grant.learned.as_ref()?;
    let who = Who::of(principal, site);
    let is_it = |one: &&Question| one.asked == *asked && Some(&one.subject) == who.as_ref();
    let Some(question) = questions.iter().find(is_it) else {
        return Some("the principal has no subject, or the path no id".to_owned());
    };
    let (id, objects) = (shown(&question.id), &asked.objects);
    match question.given {
        Given::Never => Some(format!("the application never gave the caller `{id}` of `{objects}`")),
        // A caller can bring that about, by an answer that cannot be read.
        Given::Unknown if asked.when_unknown != Some(WhenUnknown::Admit) => {
            Some(format!("whether the application gave the caller `{id}` of `{objects}` cannot be told"))
        }
        Given::Yes | Given::Unknown => None,
    }
}

/// What the answer holds, where every reader reads it in the same way and it is not too long.
fn document(withheld: &Withheld) -> Option<Value> {
    let headers = withheld.headers();
    let is_json = headers.get(CONTENT_TYPE).is_some_and(json::is_named) && !headers.contains_key(CONTENT_ENCODING);
    json::read(withheld.read().filter(|_| is_json)?).ok()
}

/// The ids that an answer gives; an error where some cannot be told.
fn ids(document: &Value, gives: &Gives) -> Result<Vec<String>, ()> {
    let found = match &gives.at {
        Some(pointer) => document.pointer(pointer.as_str()).ok_or(())?,
        None => document,
    };
    let items = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
    if items.len() > GIVEN_AT_ONCE_MAX {
        return Err(());
    }
    let place = gives.id.as_ref().map_or("", Pointer::as_str);
    items.iter().map(|item| item.pointer(place).and_then(text_of).ok_or(())).collect()
}

/// Remembers what was given, here and in a store that gateways share.
fn take(
    learned: &Learned,
    store: Option<&Shared>,
    who: &Who,
    gives: &Gives,
    ids: &Result<Vec<String>, ()>,
    now: Duration,
) {
    let holder = who.holder(learned, &gives.objects);
    let is_noted = |id: Option<&str>| {
        store.is_none_or(|Shared { link, .. }| {
            link.note_unless_busy(&who.noted(&gives.objects, id).note_name(&link.prefix), 1, GIVEN_TIME)
        })
    };
    match ids {
        Ok(ids) => {
            for id in learned.learn(holder, ids, now) {
                if !is_noted(Some(id)) {
                    // It is noted when it is given again.
                    learned.renew(holder, id);
                }
            }
        }
        Err(()) if learned.lost(holder) => _ = is_noted(None),
        Err(()) => {}
    }
}

/// Text of a request, without what would change what a reader sees.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gives(id: Option<&str>, at: Option<&str>) -> Gives {
        let pointer = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        Gives { objects: "orders".to_owned(), id: pointer(id), at: pointer(at) }
    }

    #[test]
    fn ids_are_read_of_lists_and_of_single_objects() {
        let strings = |all: &[&str]| Ok(all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(ids(&json!([{ "id": 1 }, { "id": "b" }]), &gives(Some("/id"), None)), strings(&["1", "b"]));
        assert_eq!(ids(&json!({ "id": 1 }), &gives(Some("/id"), None)), strings(&["1"]));
        assert_eq!(
            ids(&json!({ "data": { "items": [7, "8"] } }), &gives(None, Some("/data/items"))),
            strings(&["7", "8"])
        );
        assert_eq!(ids(&json!([]), &gives(Some("/id"), None)), strings(&[]));
        for wrong in [json!([{ "id": 1 }, {}]), json!({ "id": 1.5 }), json!("a"), json!([{ "id": [1] }])] {
            assert_eq!(ids(&wrong, &gives(Some("/id"), None)), Err(()), "{wrong}");
        }
        assert_eq!(ids(&json!({}), &gives(Some("/id"), Some("/items"))), Err(()));
    }

    #[test]
    fn so_many_ids_of_an_answer_are_learned() {
        let list = |count: usize| Value::from((0..count).collect::<Vec<_>>());
        assert_eq!(ids(&list(GIVEN_AT_ONCE_MAX), &gives(None, None)).map(|ids| ids.len()), Ok(GIVEN_AT_ONCE_MAX));
        assert_eq!(ids(&list(GIVEN_AT_ONCE_MAX + 1), &gives(None, None)), Err(()));
    }
}
