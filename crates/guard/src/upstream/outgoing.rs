//! A request on its way to a server: made of what it was admitted with for the connection that it gets, and once more where it
//! may be sent again. So nothing is copied for the case that it must be.

use http::Request;
use http::header::{CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE};
use http::request::Parts;
use http::uri::PathAndQuery;
use hyper::body::Body as _;

use super::fields;
use super::hold::Hold;
use super::http1::One;
use super::servers::{Pass, authority};
use crate::body::Body;
use crate::exchange::Client;

/// What is sent, as often as it may be.
pub(super) struct Outgoing<'r> {
    parts: &'r Parts,
    /// Gone once it is sent; back where nothing of it was, or where it may be sent again.
    body: Option<Body>,
    /// Who asks; nobody for a question of the gateway itself.
    client: Option<&'r Client>,
    /// What it has in common with those that go to the same server.
    pub(super) affinity: Option<u64>,
    pub(super) is_upgrade: bool,
    pub(super) takes_trailers: bool,
    /// Whether the client waits with its body until it is asked for.
    expects: bool,
}

impl<'r> Outgoing<'r> {
    /// A question of the gateway itself.
    pub(super) fn own(parts: &'r Parts, body: Body) -> Self {
        let body = Some(body);
        Self { parts, body, client: None, affinity: None, is_upgrade: false, takes_trailers: false, expects: false }
    }

    /// The request of a client.
    pub(super) fn of(parts: &'r Parts, body: Body, client: &'r Client, is_upgrade: bool) -> Self {
        Self {
            client: Some(client),
            is_upgrade,
            takes_trailers: fields::takes_trailers(&parts.headers),
            expects: parts.headers.contains_key(EXPECT),
            ..Self::own(parts, body)
        }
    }

    /// Whether it has a body.
    pub(super) fn has_body(&self) -> bool {
        self.body.as_ref().is_some_and(|body| !body.is_end_stream())
    }

    /// Where it goes, without where it stands.
    fn path(&self) -> PathAndQuery {
        fields::path_of(&self.parts.uri)
    }

    /// Gives its fields, one after the other, but for what a version of HTTP says in a way of its own.
    fn fields(&self, pass: &Pass, mut give: impl FnMut(&HeaderName, &HeaderValue)) {
        let headers = &self.parts.headers;
        if !headers.contains_key(HOST)
            && let Ok(host) = HeaderValue::try_from(authority(&pass.server.url))
        {
            give(&HOST, &host);
        }
        match self.client {
            Some(client) => fields::for_application(headers, self.parts.version, client, self.is_upgrade, give),
            None => headers.iter().for_each(|(name, value)| give(name, value)),
        }
    }

    /// Begins to send it on a connection of HTTP/1.1; not where it was sent and may not be sent again.
    pub(super) fn begin(&mut self, pass: &Pass, one: &mut One) -> Option<()> {
        let mut body = self.body.take()?;
        let expects = self.expects && !body.is_end_stream();
        // A client that sends it at once has waited for nothing, and nobody else need.
        if expects && !body.has_begun() {
            body.hold(Hold::new());
        }
        one.begin(self.parts.method.clone(), self.path().as_str(), body, |out| {
            self.fields(pass, |name, value| out.add(name, value));
            if self.takes_trailers && !self.is_upgrade {
                out.add(&TE, &HeaderValue::from_static("trailers"));
                out.add(&CONNECTION, &HeaderValue::from_static("te"));
            }
            if expects {
                out.add(&EXPECT, &HeaderValue::from_static("100-continue"));
            }
        });
        Some(())
    }

    /// The same for one of HTTP/2.
    pub(super) fn request(&mut self, pass: &Pass) -> Option<Request<Body>> {
        let mut request = Request::new(self.body.take()?);
        *request.method_mut() = self.parts.method.clone();
        *request.uri_mut() = self.parts.uri.clone();
        let mut headers = HeaderMap::with_capacity(self.parts.headers.len() + fields::ADDED_FIELDS);
        self.fields(pass, |name, value| _ = headers.append(name, value.clone()));
        *request.headers_mut() = headers;
        fields::for_http2(&mut request, pass.server.url.tls, self.takes_trailers);
        Some(request)
    }

    /// Nothing of it was sent.
    pub(super) fn came_back(&mut self, unsent: Request<Body>) {
        self.body = Some(unsent.into_body());
    }

    /// It is not sent again.
    pub(super) fn give_up(&mut self) {
        self.body = None;
    }

    /// It had no body: it can be made again.
    pub(super) fn make_again(&mut self) {
        self.body = Some(Body::empty());
    }

    /// Whether there is something to send.
    pub(super) fn may_again(&self) -> bool {
        self.body.is_some()
    }

    /// Whether it may be sent twice (RFC 9110 section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        self.parts.method.is_idempotent()
    }
}
