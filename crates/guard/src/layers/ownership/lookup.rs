//! Whose an object is, asked of the application before a request may change it: with the credential of the caller, by a `GET`
//! that the policy names. What cannot be told admits nobody.

use std::collections::BTreeMap;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{Request, Response};
use model::{Part, PathPattern};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::{Identity, Owner, OwnerLookup};
use serde_json::Value;

use crate::body::{Body, Read};
use crate::exchange::Exchange;
use crate::json;
use crate::layers::subject::as_caller;
use crate::pipeline::{Resume, Verdict};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::text_of;
use crate::upstream::Relay;

/// The most bytes of an answer in which an owner is looked up. A longer one tells nothing.
const LOOKED_UP_BYTES_MAX: usize = 1024 * 1024;

/// What stands for itself in a segment of a path (RFC 3986 section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What was looked up, by the place of the grant.
pub(super) type LookedUp = BTreeMap<usize, Looked>;

/// What came of a look-up.
pub(super) enum Looked {
    /// The owner, as text.
    Owner(String),
    /// The application shows the caller no such object.
    NotShown(&'static str),
    /// The application did not tell.
    Failed(Refusal),
}

impl Looked {
    /// Whether it is the principal.
    pub(super) fn is(&self, subject: &str) -> Result<(), String> {
        match self {
            Self::Owner(owner) if owner == subject => Ok(()),
            Self::Owner(_) => Err("the object is another principal's".to_owned()),
            Self::NotShown(why) => Err((*why).to_owned()),
            Self::Failed(refusal) => Err(refusal.detail.clone()),
        }
    }

    /// Why it could not be told.
    pub(super) fn failure(&self) -> Option<Refusal> {
        match self {
            Self::Failed(refusal) => Some(refusal.clone()),
            Self::Owner(_) | Self::NotShown(_) => None,
        }
    }
}

/// A question that is about to be asked.
pub(super) struct Question {
    /// The place of the grant.
    grant: usize,
    /// None where no request can be made of it.
    request: Option<Request<Body>>,
    lookup: OwnerLookup,
    /// The key of the object, where the answer is a list.
    key: Option<String>,
}

/// What the open grants have looked up.
pub(super) fn questions(exchange: &Exchange, site: &Site) -> Vec<Question> {
    let mut questions = Vec::new();
    for (index, grant) in exchange.open_grants() {
        let Some(Owner::Lookup(lookup)) = &grant.owner else { continue };
        let carrier = match site.identity(&grant.identity) {
            Some(Identity::Application(_)) | None => continue,
            Some(identity) => identity.header(),
        };
        if !exchange.principals.iter().any(|one| one.identity == grant.identity) {
            continue;
        }
        let path = path(lookup.endpoint.pattern(), exchange);
        let request = path.and_then(|path| as_caller(exchange, carrier, lookup.endpoint.method().as_str(), &path));
        let key = lookup.parameter.as_ref().map(|name| parameter(exchange, name).unwrap_or_default().to_owned());
        questions.push(Question { grant: index, request, lookup: lookup.clone(), key });
    }
    questions
}

/// Asks, one after the other, and goes on with what was found.
pub(super) fn ask(
    exchange: &Exchange,
    questions: Vec<Question>,
    then: impl FnOnce(&mut Exchange, LookedUp) -> Verdict + 'static,
) -> Verdict {
    let (worker, route) = (exchange.worker.clone(), exchange.route);
    Verdict::Wait(Box::pin(async move {
        let mut found = LookedUp::new();
        for Question { grant, request, lookup, key } in questions {
            let relay = worker.relay_of(&lookup.endpoint, route);
            let looked = looked_up(&relay, request, &lookup, key.as_deref()).await;
            found.insert(grant, looked.unwrap_or_else(Looked::Failed));
        }
        let resume: Resume = Box::new(move |exchange| then(exchange, found));
        resume
    }))
}

async fn looked_up(
    relay: &Relay,
    request: Option<Request<Body>>,
    lookup: &OwnerLookup,
    key: Option<&str>,
) -> Result<Looked, Refusal> {
    let unknown = |what: &str| Refusal::new(Reason::OwnerUnknown, what);
    let request = request.ok_or_else(|| unknown("the look-up is no request"))?;
    let response = relay.ask(request).await?;
    match response.status().as_u16() {
        401 | 403 | 404 | 410 => return Ok(Looked::NotShown("the application shows the caller no such object")),
        200 => {}
        _ => return Err(unknown("the application answers the look-up with neither an object nor a refusal")),
    }
    let document = document(response).await.map_err(|why| unknown(&format!("the answer to the look-up {why}")))?;
    let object = match (&lookup.key, key) {
        (Some(pointer), Some(key)) => {
            let items = document.as_array().ok_or_else(|| unknown("the answer to the look-up is no list"))?;
            let is_it = |item: &&Value| item.pointer(pointer.as_str()).and_then(text_of).as_deref() == Some(key);
            let mut found = items.iter().filter(is_it);
            match (found.next(), found.next()) {
                (Some(item), None) => item,
                (None, _) => return Ok(Looked::NotShown("the list of the application does not hold the object")),
                _ => return Err(unknown("the list of the application holds the object twice")),
            }
        }
        _ => &document,
    };
    let owner = object.pointer(lookup.field.as_str()).and_then(text_of);
    owner.map(Looked::Owner).ok_or_else(|| unknown("the answer to the look-up does not hold the owner"))
}

async fn document(response: Response<Body>) -> Result<Value, &'static str> {
    if response.headers().contains_key(CONTENT_ENCODING) {
        return Err("is encoded, although that was not asked for");
    }
    if !response.headers().get(CONTENT_TYPE).is_some_and(json::is_named) {
        return Err("is no JSON");
    }
    match response.into_body().read_up_to(LOOKED_UP_BYTES_MAX).await {
        Ok(Read::Whole(bytes)) => json::read(&bytes),
        Ok(Read::Longer(_)) => Err("is longer than the bound"),
        Err(_) => Err("ended early"),
    }
}

/// The path of a template with the parameters of the request. One that could lead elsewhere is none.
fn path(template: &PathPattern, exchange: &Exchange) -> Option<String> {
    let mut path = String::new();
    for part in template.parts() {
        match part {
            Part::Literal(_) => path.push_str(&std::iter::once(part.clone()).collect::<PathPattern>().to_string()),
            Part::Parameter(one) => {
                let value = parameter(exchange, &one.name)?;
                if value.is_empty() || value.contains('/') || value == "." || value == ".." {
                    return None;
                }
                path.extend(utf8_percent_encode(value, UNRESERVED));
            }
            Part::Regex(_) => return None,
        }
    }
    Some(path)
}

fn parameter<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    exchange.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
