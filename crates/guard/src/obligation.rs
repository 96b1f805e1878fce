//! What was promised about an answer when its request was admitted, and the answer that is withheld until it holds.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use policy::Pointer;
use serde_json::Value;

use crate::body::{Body, Read};
use crate::json;
use crate::layers::limits::Place;
use crate::refusal::{Reason, Refusal};

/// What an answer must show: one of these alternatives, and of an alternative everything. None: nothing was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obligations {
    any_of: Vec<Vec<Shown>>,
}

/// A value that an answer must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Where.
    pub(crate) pointer: Pointer,
    /// What must stand there, as text or number.
    pub(crate) equals: String,
}

impl Obligations {
    /// Nothing is promised.
    pub(crate) fn none() -> Self {
        Self { any_of: Vec::new() }
    }

    /// One of these must be shown. An alternative that asks for nothing makes the whole ask for nothing.
    pub(crate) fn any_of(any_of: Vec<Vec<Shown>>) -> Self {
        if any_of.iter().any(Vec::is_empty) { Self::none() } else { Self { any_of } }
    }

    /// Whether nothing is promised.
    pub(crate) fn is_empty(&self) -> bool {
        self.any_of.is_empty()
    }

    /// What must be shown, one alternative each, for a reader.
    pub(crate) fn told(&self) -> Vec<String> {
        let one = |shown: &Shown| format!("`{}` = `{}`", shown.pointer.as_str(), shown.equals.escape_debug());
        let all = |shown: &Vec<Shown>| {
            let values: Vec<String> = shown.iter().map(one).collect();
            format!("the answer, which is withheld otherwise, holds {}", values.join(" and "))
        };
        self.any_of.iter().map(all).collect()
    }

    fn hold(&self, value: &Value) -> bool {
        self.is_empty() || self.any_of.iter().any(|all| all.iter().all(|shown| shown.holds(value)))
    }
}

impl Shown {
    /// A text, or a whole number as it is written: `7` and `"7"` name the same owner.
    fn holds(&self, value: &Value) -> bool {
        match value.pointer(self.pointer.as_str()) {
            Some(Value::String(text)) => *text == self.equals,
            Some(Value::Number(number)) if !number.is_f64() => number.to_string() == self.equals,
            _ => false,
        }
    }
}

/// An answer of the application. Its response cannot be had before what was promised about it holds.
pub struct Withheld {
    response: Response<Body>,
    obligations: Obligations,
    read: Option<Bytes>,
    server: Option<Arc<str>>,
}

impl Withheld {
    pub(crate) fn new(response: Response<Body>, obligations: Obligations) -> Self {
        Self { response, obligations, read: None, server: None }
    }

    /// Of this server.
    pub(crate) fn of(self, server: Arc<str>) -> Self {
        Self { server: Some(server), ..self }
    }

    /// The server that answered.
    pub(crate) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Its fields.
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Its body, where a layer had it read, and it was not too long.
    pub(crate) fn read(&self) -> Option<&Bytes> {
        self.read.as_ref()
    }

    /// Its fields, for layers that add or take away some.
    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        self.response.headers_mut()
    }

    /// Holds places among what is under way until all of its body was sent.
    pub(crate) fn hold(&mut self, places: Vec<Place>) {
        self.response.body_mut().hold_places(places);
    }

    /// The same answer with another body. What was promised about it stays promised.
    pub(crate) fn with_body(mut self, mut body: Body) -> Self {
        body.hold_places(self.response.body_mut().places());
        Self { response: self.response.map(|_| body), read: None, ..self }
    }

    /// Whether something was promised about it that was not checked yet.
    pub(crate) fn is_promised(&self) -> bool {
        !self.obligations.is_empty()
    }

    /// Reads as much of the body as a layer needs. A longer one stays whole, and counts as not read.
    pub(crate) async fn read_up_to(self, limit: usize) -> Result<Self, Refusal> {
        let (parts, body) = self.response.into_parts();
        let (read, body) = match body.read_up_to(limit).await {
            Ok(Read::Whole(bytes)) => (Some(bytes.clone()), Body::from(bytes)),
            Ok(Read::Longer(body)) => (None, body),
            Err(error) => return Err(error.into_refusal(Reason::UpstreamCut)),
        };
        Ok(Self { response: Response::from_parts(parts, body), read, ..self })
    }

    /// Checks what was promised; afterwards nothing is.
    pub(crate) fn discharge(&mut self) -> Result<(), Refusal> {
        let obligations = std::mem::replace(&mut self.obligations, Obligations::none());
        // What the application refuses shows no object. Where it failed, its answer may: traces show values.
        if obligations.is_empty() || self.response.status().is_client_error() {
            return Ok(());
        }
        let uncheckable = |what: &str| Err(Refusal::new(Reason::AnswerNotCheckable, what));
        if self.response.status().is_server_error() {
            return uncheckable("the application failed, and what it says of it may show the object");
        }
        if !self.response.status().is_success() {
            return uncheckable("the answer is neither an object nor an error");
        }
        if self.response.headers().contains_key(CONTENT_ENCODING) {
            return uncheckable("the answer is encoded, although that was not asked for");
        }
        if !self.response.headers().get(CONTENT_TYPE).is_some_and(json::is_named) {
            return uncheckable("the answer is no JSON");
        }
        let Some(bytes) = &self.read else {
            return uncheckable("the answer is longer than the bound");
        };
        let value = match json::read(bytes) {
            Ok(value) => value,
            Err(why) => return uncheckable(&format!("the answer {why}")),
        };
        if obligations.hold(&value) {
            return Ok(());
        }
        Err(Refusal::new(Reason::NotAllowed, "the answer does not show the principal as the owner"))
    }

    /// The response, if nothing is promised any more.
    pub(crate) fn released(self) -> Result<Response<Body>, Refusal> {
        if self.obligations.is_empty() {
            Ok(self.response)
        } else {
            Err(Refusal::new(Reason::AnswerNotCheckable, "no layer checked what was promised about the answer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    /// A pointer, as a policy reads one.
    fn pointer(text: &str) -> Pointer {
        let file = format!(
            "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = {{ env = \"A\" }}\nroles = \"{text}\"\n"
        );
        let policy = Policy::parse(&file).unwrap();
        match &policy.identity[0].1 {
            policy::Identity::Jwt(jwt) => jwt.roles.clone().unwrap(),
            _ => unreachable!(),
        }
    }

    async fn discharged(response: http::response::Builder, body: &'static str, limit: usize) -> Result<(), Reason> {
        let shown = Shown { pointer: pointer("/owner_id"), equals: "7".to_owned() };
        let response = response.body(Body::from(Bytes::from_static(body.as_bytes()))).unwrap();
        let withheld = Withheld::new(response, Obligations::any_of(vec![vec![shown]]));
        let mut withheld = withheld.read_up_to(limit).await.map_err(|refusal| refusal.reason)?;
        withheld.discharge().map_err(|refusal| refusal.reason)?;
        withheld.released().map(drop).map_err(|refusal| refusal.reason)
    }

    fn json() -> http::response::Builder {
        Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8")
    }

    #[tokio::test]
    async fn an_answer_is_given_to_its_owner_alone() {
        assert_eq!(discharged(json(), r#"{"owner_id": 7}"#, 100).await, Ok(()));
        assert_eq!(discharged(json(), r#"{"owner_id": "7"}"#, 100).await, Ok(()));
        for body in
            [r#"{"owner_id": 8}"#, r#"{"owner_id": 7.0}"#, r#"{"owner_id": null}"#, "{}", r#"[{"owner_id": 7}]"#]
        {
            assert_eq!(discharged(json(), body, 100).await, Err(Reason::NotAllowed), "{body}");
        }
        assert_eq!(discharged(json().status(404), "{}", 100).await, Ok(()));
    }

    #[tokio::test]
    async fn what_cannot_be_checked_is_never_passed() {
        let body = r#"{"owner_id": 7}"#;
        assert_eq!(discharged(json(), body, body.len()).await, Ok(()));
        assert_eq!(discharged(json(), body, body.len() - 1).await, Err(Reason::AnswerNotCheckable));
        let others = [json().header(CONTENT_ENCODING, "gzip"), json().status(302), Response::builder()];
        for other in others {
            assert_eq!(discharged(other, body, 100).await, Err(Reason::AnswerNotCheckable));
        }
        for body in [
            r#"{"owner_id": 8, "owner_id": 7}"#,
            r#"{"owner_id": 8, "\u006fwner_id": 7}"#,
            r#"{"owner_id": 7, "lines": [{"a": 1, "a": null}]}"#,
        ] {
            assert_eq!(discharged(json(), body, 100).await, Err(Reason::AnswerNotCheckable), "{body}");
        }
        let once = r#"{"owner_id": 7, "lines": [{"a": 1.5}, {"a": "b"}, -1, null, true]}"#;
        assert_eq!(discharged(json(), once, 100).await, Ok(()));
        assert_eq!(discharged(json().status(500), body, 100).await, Err(Reason::AnswerNotCheckable));
        assert_eq!(discharged(json(), "{\"owner_id\": 7", 100).await, Err(Reason::AnswerNotCheckable));
    }

    #[test]
    fn an_answer_that_nobody_checked_is_not_released() {
        let shown = Shown { pointer: pointer("/owner_id"), equals: "7".to_owned() };
        let withheld = Withheld::new(Response::new(Body::empty()), Obligations::any_of(vec![vec![shown]]));
        assert_eq!(withheld.released().map(drop).unwrap_err().reason, Reason::AnswerNotCheckable);
    }
}
