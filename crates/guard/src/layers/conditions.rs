//! Conditions of grants: what must hold of who asks and of the request. What cannot be told does not hold, nor does its opposite.

use std::sync::Arc;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use policy::{ClaimIs, Condition, Grant, Identity, Operand, RoleHierarchy};
use serde_json::Value;

use super::roles::{holds_name, holds_role, keep};
use super::virtual_patch::query_value;
use crate::body::Body;
use crate::exchange::{Exchange, Principal};
use crate::json;
use crate::pipeline::{BodyNeed, Layer, Verdict, needed};
use crate::site::Site;
use crate::token::text_of;

/// The most bytes of a body in which a field is compared. A longer one is refused.
const COMPARED_BODY_BYTES_MAX: usize = 1024 * 1024;

/// Keeps the grants whose conditions hold.
struct Conditions(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.asks_for(|grant| grant.when.is_some()), Conditions(site.clone()))
}

impl Layer for Conditions {
    fn request_body(&self, exchange: &Exchange) -> BodyNeed {
        let grants = exchange.open_grants();
        let conditions = grants.iter().filter_map(|(_, grant)| grant.when.as_ref());
        match conditions.flat_map(Condition::operands).any(|operand| matches!(operand, Operand::Body(_))) {
            true => BodyNeed::Buffer(COMPARED_BODY_BYTES_MAX),
            false => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if !exchange.open_grants().iter().any(|(_, grant)| grant.when.is_some()) {
            return Verdict::Continue;
        }
        let needs_body = self.request_body(exchange) != BodyNeed::None;
        let body = needs_body.then(|| document(exchange)).flatten();
        let asked = Asked::of(exchange, body);
        keep(exchange, |grant, principal| self.missing(&asked, grant, principal))
    }
}

impl Conditions {
    fn missing(&self, asked: &Asked, grant: &Grant, principal: &Principal) -> Option<String> {
        let condition = grant.when.as_ref()?;
        let who = Who { principal, identity: self.0.identity(&grant.identity), roles: self.0.roles() };
        match holds(condition, &who, asked) {
            Some(true) => None,
            Some(false) => Some(format!("{} does not hold", condition.told())),
            None => Some(format!("whether {} holds cannot be told of this request", condition.told())),
        }
    }
}

/// What of a request is compared.
struct Asked {
    parameters: Vec<(String, String)>,
    query: String,
    headers: http::HeaderMap,
    body: Option<Value>,
}

impl Asked {
    fn of(exchange: &Exchange, body: Option<Value>) -> Self {
        Self {
            parameters: exchange.parameters.clone(),
            query: exchange.parts.uri.query().unwrap_or_default().to_owned(),
            headers: exchange.parts.headers.clone(),
            body,
        }
    }

    /// The text of an operand, where it stands there once.
    fn text(&self, operand: &Operand) -> Option<String> {
        match operand {
            Operand::Value(text) => Some(text.clone()),
            Operand::Parameter(name) => {
                self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }
            Operand::Query(name) => query_value(&self.query, name),
            Operand::Header(name) => {
                let mut fields = self.headers.get_all(name.as_str()).iter();
                let one = fields.next().filter(|_| fields.next().is_none())?;
                one.to_str().ok().map(str::to_owned)
            }
            Operand::Body(pointer) => self.body.as_ref()?.pointer(pointer.as_str()).and_then(plain),
        }
    }
}

/// The body as JSON, where every reader reads it in the same way.
fn document(exchange: &Exchange) -> Option<Value> {
    let headers = &exchange.parts.headers;
    let is_json = headers.get(CONTENT_TYPE).is_some_and(json::is_named) && !headers.contains_key(CONTENT_ENCODING);
    let bytes = exchange.body.as_ref().and_then(Body::whole).filter(|_| is_json)?;
    json::read(bytes).ok()
}

/// Who asks.
struct Who<'w> {
    principal: &'w Principal,
    identity: Option<&'w Identity>,
    roles: Option<&'w RoleHierarchy>,
}

impl Who<'_> {
    fn at(&self, place: impl Fn(&Identity) -> Option<&str>) -> Option<&Value> {
        self.principal.claims.pointer(self.identity.and_then(place)?)
    }
}

/// Whether a condition holds; nothing where that cannot be told (three values, as Kleene has them).
fn holds(condition: &Condition, who: &Who<'_>, asked: &Asked) -> Option<bool> {
    match condition {
        Condition::All(inner) => together(inner, false, who, asked),
        Condition::Any(inner) => together(inner, true, who, asked),
        Condition::Not(inner) => holds(inner, who, asked).map(|holds| !holds),
        Condition::Scope(name) => Some(holds_name(who.at(Identity::scopes_at), name, char::is_whitespace)),
        Condition::Role(name) => Some(holds_role(who.at(Identity::roles_at), name, who.roles)),
        Condition::Permission(name) => Some(holds_name(who.at(Identity::permissions_at), name, |_| false)),
        Condition::Claim(ClaimIs { claim, is }) => {
            let text = asked.text(is)?;
            let is_it = |value: &Value| plain(value).is_some_and(|value| value == text);
            Some(match who.principal.claims.pointer(claim.as_str()) {
                Some(Value::Array(items)) => items.iter().any(is_it),
                Some(value) => is_it(value),
                None => false,
            })
        }
    }
}

/// Whether one of several decides; else whether all of them can be told.
fn together(inner: &[Condition], decides: bool, who: &Who<'_>, asked: &Asked) -> Option<bool> {
    let mut result = Some(!decides);
    for one in inner {
        match holds(one, who, asked) {
            Some(holds) if holds == decides => return Some(decides),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

/// A text, a whole number, true or false.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Bool(is_so) => Some(is_so.to_string()),
        other => text_of(other),
    }
}
