//! One exchange: a request, what is known about it, and what becomes of it. One that is dropped without an outcome still
//! writes its audit record.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use model::Method;
use policy::{Grant, RoutePolicy};
use serde_json::Value;

use crate::body::Body;
use crate::downstream::head::Head;
use crate::downstream::{Arrival, Connection, Upgrade};
use crate::layers::limits::{Place, Told};
use crate::layers::trace::Trace;
use crate::layers::webhook::Signed;
use crate::obligation::{Obligations, Withheld};
use crate::pipeline::{LayerName, Phase};
use crate::record::{
    About, Audit, Decision, Outcome, PATH_BYTES_MAX, PRINCIPAL_BYTES_MAX, Record, SecurityEvent, Time, cut,
};
use crate::refusal::{Reason, Refusal};
use crate::worker::Worker;

/// A request on its way, and its answer on the way back.
pub(crate) struct Exchange {
    pub(crate) worker: Rc<Worker>,
    pub(crate) connection: Rc<Connection>,
    /// Who it comes from, as far as that can be told.
    pub(crate) client: Client,
    /// Its id, as fields of it carry it.
    id: HeaderValue,
    /// Where it belongs in a trace.
    pub(crate) trace: Option<Trace>,
    began: Duration,
    /// When it was accounted for: what is told of it then is told with one time.
    ended: Option<Duration>,
    /// What the strict reading of the head refused; the layer `normalize` speaks for it.
    pub(crate) wire_refusal: Option<Refusal>,
    /// The method as a policy names it.
    pub(crate) method: Method,
    pub(crate) parts: Parts,
    pub(crate) body: Option<Body>,
    pub(crate) upgrade: Option<Upgrade>,
    /// The index of the route in the policy.
    pub(crate) route: Option<usize>,
    /// Whether everybody is admitted: the route says so, or there is no policy.
    pub(crate) is_open: bool,
    /// The methods of the path, where a browser asks beforehand and the policy says what it is answered.
    pub(crate) preflight: Option<String>,
    /// The parameters of the path that a grant asks for.
    pub(crate) parameters: Vec<(String, String)>,
    /// Who asks: one for each credential that held.
    pub(crate) principals: Vec<Principal>,
    /// What was signed of it as a webhook.
    pub(crate) signed: Option<Box<Signed>>,
    /// Why credentials did not hold.
    pub(crate) tried: Vec<Tried>,
    /// The grants of the route that may still admit it.
    pub(crate) grants: Vec<usize>,
    /// What the limits of the route say of it.
    pub(crate) limits: Vec<Told>,
    /// What the answer must show.
    pub(crate) obligations: Obligations,
    /// What comes back.
    pub(crate) answer: Answer,
    /// What refused it.
    refused: Option<(LayerName, Refusal)>,
    /// What would have refused it in enforce mode; the first of them counts.
    would_refuse: Option<Refusal>,
    is_accounted: bool,
}

/// Who a request comes from: the other end of the connection, or whom a trusted proxy names.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// Its address.
    pub(crate) address: IpAddr,
    /// The same, as records and fields have it.
    pub(crate) address_value: HeaderValue,
    /// Whether it came by TLS.
    pub(crate) is_tls: bool,
    /// The host that it asked for, where a trusted proxy says another one than `Host`.
    pub(crate) host: Option<HeaderValue>,
    /// Whether a trusted proxy speaks for it.
    pub(crate) is_of_proxy: bool,
}

impl Client {
    /// The other end of a connection.
    fn of(connection: &Connection) -> Self {
        let (address, address_value) = (connection.remote.ip().to_canonical(), connection.remote_value.clone());
        Self { address, address_value, is_tls: connection.is_tls, host: None, is_of_proxy: false }
    }

    /// It has this address: a trusted proxy says so.
    pub(crate) fn is_at(&mut self, address: IpAddr) {
        self.address = address;
        self.address_value = value_of(address);
    }
}

/// Why a credential, or the want of one, names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) layer: LayerName,
    pub(crate) reason: Reason,
    /// What a maintainer needs to know.
    pub(crate) why: String,
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Principal {
    /// The identity of the policy.
    pub(crate) identity: String,
    /// What identifies the principal, as owner columns hold it.
    pub(crate) subject: Option<String>,
    /// The claims of the token; nothing where the application verifies the credential.
    pub(crate) claims: Arc<Value>,
    /// The prefix of the API key that was shown.
    pub(crate) key: Option<Arc<str>>,
}

/// What comes back.
pub(crate) enum Answer {
    /// Nothing yet.
    None,
    /// An answer of the gateway.
    Ours(Response<Body>),
    /// An answer of the application, withheld until what was promised about it holds.
    Withheld(Withheld),
}

impl Answer {
    /// The fields of what comes back.
    pub(crate) fn headers_mut(&mut self) -> Option<&mut HeaderMap> {
        match self {
            Self::None => None,
            Self::Ours(response) => Some(response.headers_mut()),
            Self::Withheld(withheld) => Some(withheld.headers_mut()),
        }
    }
}

impl Answer {
    /// Holds places among what is under way until all of it was sent. What is answered here is sent at once.
    pub(crate) fn hold(&mut self, places: Vec<Place>) {
        if let Self::Withheld(withheld) = self {
            withheld.hold(places);
        }
    }
}

impl Exchange {
    pub(crate) fn new(worker: Rc<Worker>, arrival: Arrival) -> Self {
        Self::begun(worker, arrival.connection, arrival.request, arrival.head, arrival.upgrade)
    }

    /// A request of which this is known; its connection may become a WebSocket.
    pub(crate) fn begun(
        worker: Rc<Worker>,
        connection: Rc<Connection>,
        request: Request<Body>,
        head: Result<Head, Refusal>,
        upgrade: Option<Upgrade>,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let (wire_refusal, is_websocket) = match head {
            Ok(head) => (None, head.is_websocket),
            Err(refusal) => (Some(refusal), false),
        };
        let method = if is_websocket { Method::WebSocket } else { method_of(&parts.method) };
        let id = worker.next_id();
        let began = worker.now();
        Self {
            body: Some(body),
            client: Client::of(&connection),
            connection,
            id,
            trace: None,
            began,
            ended: None,
            wire_refusal,
            method,
            parts,
            upgrade: upgrade.filter(|_| is_websocket),
            route: None,
            is_open: false,
            preflight: None,
            parameters: Vec::new(),
            principals: Vec::new(),
            signed: None,
            tried: Vec::new(),
            grants: Vec::new(),
            limits: Vec::new(),
            obligations: Obligations::none(),
            answer: Answer::None,
            refused: None,
            would_refuse: None,
            is_accounted: false,
            worker,
        }
    }

    /// The id that records and problems name.
    pub(crate) fn id(&self) -> &str {
        text_of(&self.id)
    }

    /// The same, as the value of a field.
    pub(crate) fn id_value(&self) -> HeaderValue {
        self.id.clone()
    }

    /// A trusted proxy has given it an id.
    pub(crate) fn known_as(&mut self, id: HeaderValue) {
        self.id = id;
    }

    /// How long it has been under way.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now().saturating_sub(self.began)
    }

    /// When it ended, or now.
    pub(crate) fn now(&self) -> Duration {
        self.ended.unwrap_or_else(|| self.worker.now())
    }

    /// The route of the policy that answers.
    pub(crate) fn route(&self) -> Option<&RoutePolicy> {
        self.worker.site.policy.as_ref()?.routes.get(self.route?)
    }

    /// The name of that route.
    pub(crate) fn route_name(&self) -> Option<&str> {
        self.worker.site.route_names.get(self.route?).map(String::as_str)
    }

    /// The grants of the route that may still admit it, with their places.
    pub(crate) fn open_grants(&self) -> Vec<(usize, &Grant)> {
        let allow = self.route().map(|route| route.settings.allow.as_slice()).unwrap_or_default();
        self.grants.iter().filter_map(|index| Some((*index, allow.get(*index)?))).collect()
    }

    /// The principal by whom a request is admitted: the first that a grant is about which may still admit it.
    pub(crate) fn admitted_as(&self) -> Option<&Principal> {
        let grants = self.open_grants();
        let is_meant = |one: &&Principal| grants.iter().any(|(_, grant)| grant.identity == one.identity);
        self.principals.iter().find(is_meant)
    }

    /// Whether a refusal by a layer is one, or is only said.
    pub(crate) fn enforces(&self, layer: LayerName, phase: Phase) -> bool {
        phase.is_always_enforced() || self.says(layer)
    }

    /// Whether what a layer decides counts, whatever its phase.
    pub(crate) fn says(&self, layer: LayerName) -> bool {
        self.worker.site.enforces(layer, self.route)
    }

    /// Whether the policy does not know the endpoint, and that was only said.
    pub(crate) fn is_unknown(&self) -> bool {
        let reason = self.would_refuse.as_ref().map(|refusal| refusal.reason);
        matches!(reason, Some(Reason::UnknownEndpoint | Reason::MethodNotAllowed))
    }

    /// Whether it went well: nothing refused it, or would have, and the answer is no error.
    pub(crate) fn went_well(&self) -> bool {
        self.refused.is_none() && self.would_refuse.is_none() && (100..400).contains(&self.status())
    }

    /// The value of a cookie; nothing where it stands twice, because nobody knows which one the application takes.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        cookie(&self.parts.headers, name)
    }

    /// Who asks, for records: identity and subject.
    fn principal(&self) -> Option<String> {
        let mut all = String::new();
        for one in &self.principals {
            let comma = if all.is_empty() { "" } else { ", " };
            let (colon, subject) = one.subject.as_ref().map_or(("", ""), |subject| (":", subject.as_str()));
            [comma, &one.identity, colon, subject].iter().for_each(|part| all.push_str(part));
        }
        (!self.principals.is_empty()).then(|| cut(all, PRINCIPAL_BYTES_MAX))
    }

    /// What every record says of this exchange.
    pub(crate) fn about(&self) -> About<'_> {
        let endpoint = match (self.route_name(), &self.wire_refusal) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Some(_)) => Cow::Borrowed("(not read)"),
            (None, None) => {
                let path = self.parts.uri.path();
                let path = path.get(..path.floor_char_boundary(PATH_BYTES_MAX)).unwrap_or_default();
                Cow::Owned([self.method.as_str(), path].join(" "))
            }
        };
        About { time: Time(self.now()), request_id: self.id(), address: text_of(&self.client.address_value), endpoint }
    }

    /// A credential of an identity names nobody.
    pub(crate) fn tried(&mut self, layer: LayerName, identity: &str, why: &str) {
        self.tried_for(layer, Reason::NotIdentified, identity, why);
    }

    /// The same for another reason than what the client has sent.
    pub(crate) fn tried_for(&mut self, layer: LayerName, reason: Reason, identity: &str, why: &str) {
        self.tried.push(Tried { layer, reason, why: format!("`{identity}`: {why}") });
    }

    /// Writes the event of a decision.
    pub(crate) fn decided(&self, layer: LayerName, decision: Decision, reason: &str) {
        if self.worker.records.are_wanted() {
            let event = SecurityEvent {
                about: self.about(),
                layer: layer.as_str(),
                decision,
                principal: self.principal(),
                reason,
            };
            self.worker.records.write(&Record::Security(event));
        }
    }

    /// A layer refuses. In report mode that is only said; else it is what comes back.
    pub(crate) fn refuse(&mut self, placed: LayerName, phase: Phase, refusal: Refusal) -> bool {
        let layer = if refusal.layer == LayerName::RELAY { placed } else { refusal.layer };
        let refusal = refusal.by(layer);
        let is_refused = self.enforces(layer, phase);
        if matches!(phase, Phase::Identify | Phase::Authorize | Phase::Quota | Phase::Route | Phase::Preflight) {
            let decision = if is_refused { Decision::Refused } else { Decision::WouldRefuse };
            self.decided(layer, decision, &refusal.detail);
        }
        self.worker.counters.refused(layer, is_refused);
        if phase == Phase::Relay {
            self.worker.counters.upstream_failed(refusal.reason);
        }
        if is_refused {
            self.refused = Some((layer, refusal.clone()));
            self.answer = Answer::Ours(refusal.into_response(self.id()));
        } else {
            self.would_refuse.get_or_insert(refusal);
        }
        is_refused
    }

    /// The status of what comes back.
    pub(crate) fn status(&self) -> u16 {
        match &self.answer {
            Answer::Ours(response) => response.status().as_u16(),
            Answer::Withheld(withheld) => withheld.status().as_u16(),
            Answer::None => 0,
        }
    }

    /// Why it was refused, as the client is told.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        self.refused.as_ref().map(|(_, refusal)| refusal.reason.name())
    }

    /// The server that answered.
    pub(crate) fn server(&self) -> Option<&str> {
        match &self.answer {
            Answer::Withheld(withheld) => withheld.server(),
            Answer::Ours(_) | Answer::None => None,
        }
    }

    /// The id, when nothing more is written of it here.
    pub(crate) fn ended(&mut self) -> HeaderValue {
        self.account();
        self.id_value()
    }

    /// Writes what became of it, once.
    pub(crate) fn account(&mut self) {
        if std::mem::replace(&mut self.is_accounted, true) {
            return;
        }
        self.ended = Some(self.worker.now());
        let series = match self.wire_refusal {
            Some(_) => self.worker.series.not_read(),
            None => self.worker.series.route(self.route),
        };
        series.count(self.status(), self.elapsed());
        if !self.worker.records.are_wanted() {
            return;
        }
        let (outcome, refusal) = match (&self.refused, &self.would_refuse, &self.answer) {
            (Some((_, refusal)), _, _) => (Outcome::Refused, Some(refusal)),
            (None, _, Answer::None) => (Outcome::Abandoned, None),
            (None, Some(refusal), _) => (Outcome::WouldRefuse, Some(refusal)),
            (None, None, Answer::Ours(_)) => (Outcome::Answered, None),
            (None, None, Answer::Withheld(_)) => (Outcome::Forwarded, None),
        };
        let audit = Audit {
            about: self.about(),
            principal: self.principal(),
            outcome,
            layer: refusal.map(|one| one.layer.as_str()),
            reason: refusal.map(|one| one.reason.name()),
            detail: refusal.map(|one| one.detail.as_str()),
        };
        self.worker.records.write(&Record::Audit(audit));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.account();
    }
}

/// The text of an id or an address: what is taken as one is plain.
pub(crate) fn text_of(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// An address as the value of a field.
pub(crate) fn value_of(address: IpAddr) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(address.to_string())).unwrap_or(HeaderValue::from_static("unknown"))
}

/// What may be shown of an exchange: neither fields nor query nor bodies.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("endpoint", &self.route().map(|route| route.key.to_string()))
            .field("principals", &self.principals)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Claims may hold what nobody else should read.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("identity", &self.identity)
            .field("subject", &self.subject)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// The value of a cookie that stands once. Names are compared as the most lenient of the servers behind do: without what
/// they take for blanks, and whatever else stands in the field.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let fields = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = fields.flat_map(|field| field.split(|byte| *byte == b';'));
    let mut found = pairs.filter_map(|pair| {
        let (known, value) = pair.split_at_checked(pair.iter().position(|byte| *byte == b'=')?)?;
        (without_blanks(known) == name.as_bytes()).then(|| without_blanks(value.get(1..).unwrap_or_default()))
    });
    let value = found.next().filter(|_| found.next().is_none())?;
    str::from_utf8(value).ok()
}

/// Without what `str.strip` of Python takes away at both ends of a text in Latin-1.
fn without_blanks(mut text: &[u8]) -> &[u8] {
    const BLANK: fn(u8) -> bool = |byte| matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ' | 0x85 | 0xa0);
    while let Some((_, rest)) = text.split_first().filter(|(byte, _)| BLANK(**byte)) {
        text = rest;
    }
    while let Some((_, rest)) = text.split_last().filter(|(byte, _)| BLANK(**byte)) {
        text = rest;
    }
    text
}

/// The method as a policy names it. What means something else in a policy is refused before.
fn method_of(method: &http::Method) -> Method {
    match method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        // One that is no token did not pass the strict reading.
        other => other.parse().unwrap_or(Method::Trace),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(fields: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(header::COOKIE, HeaderValue::from_bytes(field).unwrap());
        }
        cookie(&headers, "session").map(str::to_owned)
    }

    #[test]
    fn a_cookie_counts_where_it_stands_once() {
        for once in [
            &b"session=a"[..],
            b"b=c; session=a; d",
            b"b=\xe9;session= a",
            b"\tsession\xa0=a",
            b"xsession=b; session=a",
        ] {
            assert_eq!(found(&[once]).as_deref(), Some("a"), "{once:?}");
        }
        for twice in [
            &b"session=a; session=b"[..],
            b"session=a; session =b",
            b"session=a;session\t=b",
            b"session=a; session\x85=b",
        ] {
            assert_eq!(found(&[twice]), None, "{twice:?}");
        }
        assert_eq!(found(&[b"session=a", b"session=b; c=\xe9"]), None);
        assert_eq!(found(&[b"session=a", b"c=\xe9"]).as_deref(), Some("a"));
        assert_eq!(found(&[b"session=\xe9"]), None);
        assert_eq!(found(&[b"session"]), None);
    }
}
