//! Exchanges as evidence: who sent what in which role, and what came back. What is secret, or not of this run's making, is
//! not shown unless somebody asks for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use model::{EndpointId, REDACTED};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::canary::Canary;
use crate::client::Answer;
use crate::request::Request;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes an identity or an object.
    Setup,
    /// Positive control: the legitimate caller succeeds.
    Control,
    /// The attack.
    Attack,
    /// Negative control: the same way can refuse.
    Negative,
    /// Looks at what the attack did.
    ReRead,
    /// Takes away what was made.
    Undo,
}

/// Which way a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// To the application itself.
    Direct,
    /// Through the gateway in front of it.
    Guard,
}

/// A request and what came back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exchange {
    /// Which one of the run, from 1.
    pub number: usize,
    /// What it is for.
    pub role: Role,
    /// Which way it went.
    pub side: Side,
    /// Who sent it: `A`, `B`, `forged`; null for nobody.
    #[serde(rename = "as")]
    pub caller: Option<Arc<str>>,
    /// What was sent.
    pub request: RequestShown,
    /// What came back; null where nothing did.
    pub response: Option<ResponseShown>,
    /// Why nothing came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How long it took.
    #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    /// The arguments of `curl` that send it again, with variables for what was learned.
    #[serde(skip)]
    pub(crate) shell: String,
    /// What a replay keeps of the answer.
    #[serde(skip)]
    pub(crate) captures: Vec<Capture>,
}

/// A request as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestShown {
    /// The endpoint of the model.
    pub endpoint: EndpointId,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The fields that say who asks.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// An answer as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseShown {
    /// The status (RFC 9110 section 15).
    pub status: u16,
    /// The media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Where it redirects to; nobody went there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The body, if it is JSON. Texts that this run did not send are redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The bytes of the body that were read.
    pub bytes: usize,
}

/// A value of an answer that later requests of a replay need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Capture {
    pub(crate) variable: Arc<str>,
    pub(crate) from: CaptureFrom,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CaptureFrom {
    /// A place in the JSON body (RFC 6901).
    Body(String),
    /// A cookie.
    Cookie(String),
}

/// How many texts of an answer's body are shown; of a longer list the rest is cut.
const ITEMS_SHOWN_MAX: usize = 3;

/// What may be shown.
pub(crate) struct Shown<'s> {
    /// Everything, secrets too.
    pub(crate) everything: bool,
    /// The texts that this run sent, but no secrets.
    pub(crate) own: &'s BTreeSet<String>,
    /// The marks of this run's own objects.
    pub(crate) canaries: &'s [Canary],
}

impl Shown<'_> {
    pub(crate) fn request(&self, request: &Request) -> RequestShown {
        let headers = request.headers.iter();
        RequestShown {
            endpoint: request.endpoint.clone(),
            method: request.method.clone(),
            path: request.path.shown(self.everything),
            headers: headers.map(|(name, value)| (name.clone(), Value::from(value.shown(self.everything)))).collect(),
            body: request.shown_body(self.everything),
        }
    }

    pub(crate) fn response(&self, answer: &Answer) -> ResponseShown {
        ResponseShown {
            status: answer.status,
            content_type: answer.media_type(),
            location: answer.location().map(str::to_owned),
            body: answer.json.as_ref().map(|document| self.document(document)),
            bytes: answer.body.len(),
        }
    }

    fn document(&self, document: &Value) -> Value {
        match document {
            Value::String(text) if !self.everything && !self.is_own(text) => REDACTED.into(),
            Value::Array(items) => items.iter().take(ITEMS_SHOWN_MAX).map(|item| self.document(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), self.document(value))).collect(),
            other => other.clone(),
        }
    }

    /// Whether a text is one that this run put there: what an answer says about others is not for a report.
    fn is_own(&self, text: &str) -> bool {
        text.is_empty() || self.own.contains(text) || self.canaries.iter().any(|canary| text.contains(canary.as_str()))
    }
}

/// The texts in a document that is sent.
pub(crate) fn texts(document: &Value, into: &mut BTreeSet<String>) {
    match document {
        Value::String(text) => _ = into.insert(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, into)),
        _ => {}
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_wrote_is_not_shown_and_what_the_run_sent_is() {
        let mut own = BTreeSet::new();
        texts(&json!({"note": "probe 0123456789", "lines": ["x"]}), &mut own);
        let answer = json!({"id": 7, "note": "probe 0123456789", "card": "4111 1111", "none": "", "on": true,
            "items": ["x", "y", "z", "w"]});
        let shown = |everything| Shown { everything, own: &own, canaries: &[] }.document(&answer);
        assert_eq!(
            shown(false),
            json!({"id": 7, "note": "probe 0123456789", "card": "[redacted]", "none": "", "on": true,
                "items": ["x", "[redacted]", "[redacted]"]})
        );
        assert_eq!(shown(true)["card"], "4111 1111");
    }
}
