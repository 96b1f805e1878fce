//! Who a principal is in the objects of the application, where its token does not say so: asked of the application once,
//! with the principal's own credential, and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use policy::{Identity, JwtIdentity, Lookup, RouteKey, Subject};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::identity_headers::Who;
use super::jwt::asked;
use crate::body::{Body, Read};
use crate::exchange::Exchange;
use crate::pipeline::{Layer, Resume, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::token::text_of;
use crate::upstream::Relay;

/// The most bytes of the answer to such a question.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long an answer is kept.
const KEPT_TIME: Duration = Duration::from_mins(1);
/// The most answers that are kept by a worker.
pub(crate) const KEPT_MAX: usize = 4096;

/// Asks the application who a principal is.
struct Looked(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let is_looked_up =
        |one: &Identity| matches!(one, Identity::Jwt(JwtIdentity { subject: Some(Subject::Lookup(_)), .. }));
    needed(site.has_identity(is_looked_up), Looked(site.clone()))
}

/// A question that is about to be asked.
struct Question {
    identity: String,
    asked: RouteKey,
    request: Request<Body>,
    field: String,
    /// What it is kept by: a digest of the credential.
    key: [u8; 32],
}

impl Layer for Looked {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        for name in asked(exchange) {
            let Some(Identity::Jwt(jwt)) = self.0.identity(&name) else {
                continue;
            };
            let Some(Subject::Lookup(lookup)) = &jwt.subject else {
                continue;
            };
            let is_owner_asked =
                exchange.open_grants().iter().any(|(_, one)| one.identity == name && one.owner.is_some());
            let Some(principal) = exchange.principals.iter_mut().find(|one| one.identity == name) else {
                continue;
            };
            // Until the application has said it, nothing identifies the principal in its objects.
            principal.subject = None;
            if !is_owner_asked {
                continue;
            }
            let Some(question) = question(exchange, &name, jwt, lookup) else {
                return Verdict::Refuse(Refusal::new(Reason::SubjectUnknown, "the look-up is no request"));
            };
            let kept = exchange.worker.subjects.borrow_mut().get(&question.key, exchange.worker.now());
            match kept {
                Some(subject) => take(exchange, &name, subject),
                None => return ask(exchange, question),
            }
        }
        Verdict::Continue
    }
}

fn take(exchange: &mut Exchange, identity: &str, subject: String) {
    if let Some(principal) = exchange.principals.iter_mut().find(|one| one.identity == identity) {
        principal.subject = Some(subject);
    }
}

/// The question, with what of the request identifies the principal and nothing else: the field in which this identity has
/// its token, and those that an application looks at beside it. It is kept by all of them, each with its name and length,
/// so that no two requests with other credentials are one question.
fn question(exchange: &Exchange, identity: &str, jwt: &JwtIdentity, lookup: &Lookup) -> Option<Question> {
    let mut digest = Sha256::new();
    let mut add = |text: &[u8]| {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    };
    add(identity.as_bytes());
    let place = exchange.worker.place_of(&lookup.lookup, exchange.route);
    add(&place.map_or(0, |place| place.saturating_add(1)).to_be_bytes());
    for (name, value) in credentials(exchange, jwt.header.as_ref())? {
        add(name.as_str().as_bytes());
        add(value.as_bytes());
    }
    let request = as_caller(
        exchange,
        jwt.header.as_ref(),
        lookup.lookup.method().as_str(),
        &lookup.lookup.pattern().to_string(),
    )?;
    let (field, key) = (lookup.field.as_str().to_owned(), digest.finalize().into());
    let asked = lookup.lookup.clone();
    Some(Question { identity: identity.to_owned(), asked, request, field, key })
}

/// What of a request identifies its principal, field by field.
fn credentials<'e>(
    exchange: &'e Exchange,
    own: Option<&policy::HeaderName>,
) -> Option<Vec<(HeaderName, &'e HeaderValue)>> {
    let mut carriers = vec![AUTHORIZATION, COOKIE, HOST];
    if let Some(own) = own {
        let own = HeaderName::try_from(own.as_str()).ok()?;
        if !carriers.contains(&own) {
            carriers.push(own);
        }
    }
    let headers = &exchange.parts.headers;
    Some(carriers.iter().flat_map(|name| headers.get_all(name).iter().map(|value| (name.clone(), value))).collect())
}

/// A question of the gateway to the application with the credential of a request, and nothing else of it; `own` is the field of
/// the policy that carries it.
pub(super) fn as_caller(
    exchange: &Exchange,
    own: Option<&policy::HeaderName>,
    method: &str,
    path: &str,
) -> Option<Request<Body>> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in credentials(exchange, own)? {
        headers.append(name, value.clone());
    }
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = path.parse().ok()?;
    let site = &exchange.worker.site;
    if let Some(told) = &site.told {
        told.tell(&mut headers, Who::of(exchange, site), exchange.worker.now()).ok()?;
    }
    *request.headers_mut() = headers;
    Some(request)
}

fn ask(exchange: &Exchange, question: Question) -> Verdict {
    let worker = exchange.worker.clone();
    let relay = worker.relay_of(&question.asked, exchange.route);
    Verdict::Wait(Box::pin(async move {
        let Question { identity, request, field, key, .. } = question;
        let answered = answered(&relay, request, &field).await;
        if let Ok(subject) = &answered {
            worker.subjects.borrow_mut().keep(key, subject.clone(), worker.now() + KEPT_TIME);
        }
        let resume: Resume = Box::new(move |exchange| match answered {
            Ok(subject) => {
                take(exchange, &identity, subject);
                Verdict::Continue
            }
            Err(refusal) => Verdict::Refuse(refusal),
        });
        resume
    }))
}

async fn answered(relay: &Relay, request: Request<Body>, field: &str) -> Result<String, Refusal> {
    let unknown = |what: &str| Refusal::new(Reason::SubjectUnknown, what);
    let response = relay.ask(request).await?;
    if !response.status().is_success() {
        return Err(unknown("the application does not know the principal"));
    }
    let Ok(Read::Whole(bytes)) = response.into_body().read_up_to(ANSWER_BYTES_MAX).await else {
        return Err(unknown("the answer is too long, or ended early"));
    };
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| unknown("the answer is no JSON"))?;
    value.pointer(field).and_then(text_of).ok_or_else(|| unknown("the answer does not hold the subject"))
}
